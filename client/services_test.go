package client_test

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// all collects a list.
func all[T any](t *testing.T, list iter.Seq2[*T, error]) (items []*T) {
	t.Helper()
	for item, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	return items
}

// From the catalogue to a cart line, in a country's catalogue and in a customer's.
func TestProducts(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()
	for _, market := range []client.Market{{Country: "US"}, {CustomerID: customer}, {CustomerID: customer, Country: "US"}} {
		products := all(t, c.Products.List(ctx, market, "OnlineServices", client.Segment("commercial")))
		if len(products) == 0 {
			t.Fatalf("no products in %+v", market)
		}
		product, err := c.Products.Get(ctx, market, "CFQ7TTC0LF8S")
		if err != nil || product.ID != "CFQ7TTC0LF8S" {
			t.Fatalf("Get gave %+v, %v", product, err)
		}
		skus := all(t, c.Products.SKUs(ctx, market, product.ID))
		sku, err := c.Products.SKU(ctx, market, product.ID, skus[0].ID)
		if err != nil || sku.ID != skus[0].ID {
			t.Fatalf("SKU gave %+v, %v", sku, err)
		}
		availabilities := all(t, c.Products.Availabilities(ctx, market, product.ID, sku.ID, client.Segment("commercial")))
		availability, err := c.Products.Availability(ctx, market, product.ID, sku.ID, availabilities[0].ID)
		if err != nil || availability.CatalogItemID != availabilities[0].CatalogItemID {
			t.Fatalf("Availability gave %+v, %v", availability, err)
		}
		term := availability.Terms[0]
		cart, err := c.Carts.Create(ctx, customer, &client.Cart{LineItems: []client.CartLineItem{{
			CatalogItemID: availability.CatalogItemID, Quantity: 1, TermDuration: term.Duration, BillingCycle: *term.BillingCycle,
		}}})
		if err != nil || cart.LineItems[0].Pricing == nil {
			t.Errorf("a line of the availability gave %+v, %v", cart, err)
		}
	}
	offer, err := c.Products.Offer(ctx, "US", "MS-AZR-0145P")
	if err != nil || offer.ID != "MS-AZR-0145P" {
		t.Errorf("Offer gave %+v, %v", offer, err)
	}
	_, err = c.Products.Get(ctx, client.Market{CustomerID: customer}, "nothing")
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Op != "getCustomerProduct" || !errors.Is(err, client.ErrNotFound) {
		t.Errorf("Get gave %v", err)
	}
}

// What an order has made, read, changed and cancelled.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()
	saas, licence := placed(t, stub, 3), placed(t, stub, 4)
	stub.Advance(time.Minute)
	if n := len(all(t, c.Subscriptions.List(ctx, customer))); n != 2 {
		t.Errorf("List gives %d subscriptions", n)
	}
	of := all(t, c.Subscriptions.List(ctx, customer, client.OfOrder(licence.ID)))
	if len(of) != 1 || of[0].OrderID != licence.ID || of[0].Quantity != 3 || of[0].Status != client.SubscriptionStatusActive {
		t.Fatalf("List of an order gives %+v", of)
	}
	id := of[0].ID
	changed, err := c.Subscriptions.Update(ctx, customer, id, client.SubscriptionUpdate{Quantity: new(int32(5))})
	if err != nil || changed.Quantity != 5 {
		t.Errorf("Update gave %+v, %v", changed, err)
	}
	got, err := c.Subscriptions.Get(ctx, customer, id)
	if err != nil || got.Quantity != 5 {
		t.Errorf("Get gave %+v, %v", got, err)
	}
	status, err := c.Subscriptions.ProvisioningStatus(ctx, customer, id)
	if err != nil || status.Quantity != 5 || status.Status != "success" {
		t.Errorf("ProvisioningStatus gave %+v, %v", status, err)
	}
	service := all(t, c.Subscriptions.List(ctx, customer, client.OfOrder(saas.ID)))[0]
	activation, err := c.Subscriptions.Activate(ctx, customer, service.ID)
	if err != nil || activation.SubscriptionID != service.ID {
		t.Errorf("Activate gave %+v, %v", activation, err)
	}
	stub.Advance(8 * 24 * time.Hour)
	_, err = c.Subscriptions.Update(ctx, customer, id, client.SubscriptionUpdate{Status: new(client.SubscriptionStatusDeleted)})
	if !errors.Is(err, client.ErrCancellationWindow) {
		t.Errorf("cancelling after eight days gave %v", err)
	}
	if _, err = c.Subscriptions.Get(ctx, customer, client.NewRequestID()); !errors.Is(err, client.ErrSubscriptionNotFound) {
		t.Errorf("Get of nothing gave %v", err)
	}
}

// Orders without a cart, changed with their etag, and how far they are.
func TestOrders(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()
	id := client.NewRequestID()
	create := func() *client.Order {
		t.Helper()
		order, err := c.Orders.Create(ctx, customer, client.NewOrder{LineItems: []client.NewOrderLineItem{{
			OfferID: "MS-AZR-0145P", Quantity: 1,
		}}}, client.RequestID(id))
		if err != nil {
			t.Fatal(err)
		}
		return order
	}
	order := create()
	if again := create(); again.ID != order.ID {
		t.Errorf("the same request id made %s and %s", order.ID, again.ID)
	}
	stub.RequireOrders(t, 1)
	if _, err := c.Orders.Update(ctx, customer, order.ID, client.OrderUpdate{ID: order.ID}, client.IfMatch("b3V0IG9mIGRhdGU=")); !errors.Is(err, client.ErrEtag) {
		t.Errorf("Update with another etag gave %v", err)
	}
	if _, err := c.Orders.Update(ctx, customer, order.ID, client.OrderUpdate{ID: order.ID}, client.IfMatch(order.Attributes.Etag)); err != nil {
		t.Errorf("Update with its etag gave %v", err)
	}
	saas := placed(t, stub, 3)
	stub.Advance(time.Minute)
	if lines := all(t, c.Orders.ProvisioningStatus(ctx, customer, saas.ID)); len(lines) != 1 || lines[0].Status != client.ProvisioningStatusFulfilled {
		t.Errorf("ProvisioningStatus gave %+v", lines)
	}
	links := all(t, c.Orders.ActivationLinks(ctx, customer, saas.ID))
	line := all(t, c.Orders.LineItemActivationLinks(ctx, customer, saas.ID, 0))
	if len(links) != 1 || len(line) != 1 || links[0].LineItemNumber != line[0].LineItemNumber {
		t.Errorf("the links are %+v and %+v", links, line)
	}
	for _, err := range c.Orders.ActivationLinks(ctx, customer, "000000000000") {
		if !errors.Is(err, client.ErrOrderNotFound) {
			t.Errorf("ActivationLinks gave %v", err)
		}
	}
}
