package commerce_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

func sixLines() []model.CartLineItem {
	named := line(reservation, 1, "P1Y", model.BillingCycleOneTime)
	named.FriendlyName = "our reservation"
	named.ProvisioningContext = map[string]string{"scope": "shared"}
	return []model.CartLineItem{
		line(azure, 1, "P1Y", model.BillingCycleMonthly),
		named,
		line(reservation, 2, "P1Y", model.BillingCycleOneTime),
		line(software, 1, "", model.BillingCycleOneTime),
		line(saas, 1, "P1M", model.BillingCycleMonthly),
		line(trial, 10, "P1M", model.BillingCycleNone),
	}
}

// CHECKOUT-RESULT, ORDER-ID, ORDER-STATUS
func TestCheckout(t *testing.T) {
	t.Parallel()
	record, orders, result, err := commerce.Checkout(newCart(t, sixLines()...), purchase(now), catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	if !record.Ordered() || result.OrderErrors != nil || result.Attributes.ObjectType != "CartCheckoutResult" {
		t.Errorf("cart is %s, answer %+v", record.Cart.Status, result)
	}
	type summary struct {
		Group, ID, Alternate, Symbol string
		Cycle                        model.BillingCycle
		Status                       model.OrderStatus
		Etag                         bool
		Items                        []string
	}
	var got []summary
	for i, o := range orders {
		s := summary{
			Group: o.OrderGroup, ID: o.Order.ID, Alternate: o.Order.AlternateID, Symbol: o.Order.CurrencySymbol,
			Cycle: o.Order.BillingCycle, Status: result.Orders[i].Status, Etag: o.Order.Attributes.Etag != "",
		}
		for n, l := range o.Order.LineItems {
			if int(l.LineItemNumber) != n || l.TransactionType != "New" {
				t.Errorf("line %d of order %s is %+v", n, o.Order.ID, l)
			}
			s.Items = append(s.Items, l.OfferID)
		}
		got = append(got, s)
	}
	want := []summary{
		{"OMS-0", "guid-1", "guid-1", "", model.BillingCycleMonthly, model.OrderStatusCompleted, true, []string{azure}},
		{"0", "000000000003", "000000000003", "US$", model.BillingCycleOneTime, model.OrderStatusPending, false, []string{reservation, reservation, software}},
		{"1", "000000000004", "000000000004", "US$", model.BillingCycleMonthly, model.OrderStatusPending, false, []string{saas}},
		{"2", "000000000006", "000000000006", "US$", model.BillingCycleNone, model.OrderStatusPending, false, []string{trial}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders differ (-want +got):\n%s", diff)
	}
}

// CHECKOUT-REPEAT
func TestCheckout_Repeat(t *testing.T) {
	t.Parallel()
	record, _, first, err := commerce.Checkout(newCart(t, sixLines()...), purchase(now), catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	long := purchase(now.Add(30 * 24 * time.Hour))
	again, orders, second, err := commerce.Checkout(record, long, catalog(t))
	if err != nil || len(orders) != 0 {
		t.Fatalf("a repeated checkout placed %d orders, error %v", len(orders), err)
	}
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(second)
	if string(a) != string(b) {
		t.Errorf("the repeated answer differs:\n%s\n%s", a, b)
	}
	if diff := cmp.Diff(record, again); diff != "" {
		t.Errorf("the record changed (-want +got):\n%s", diff)
	}
	long.RejectRepeat = true
	if _, _, _, err := commerce.Checkout(record, long, catalog(t)); !errors.Is(err, commerce.ErrCartSubmitted) {
		t.Errorf("with RejectRepeat the checkout gave %v", err)
	}
}

// CHECKOUT-LINE-ERROR
func TestCheckout_LineErrors(t *testing.T) {
	t.Parallel()
	base := line(azure, 1, "P1Y", model.BillingCycleMonthly)
	base.AddonItems = []model.CartLineItem{line("unknown", 1, "", model.BillingCycleMonthly)}
	record := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly), line(license, 99, "P1M", model.BillingCycleMonthly), base)
	after, orders, _, err := commerce.Checkout(record, purchase(now), catalog(t))
	var refused *commerce.Error
	if !errors.As(err, &refused) || len(orders) != 0 {
		t.Fatalf("Checkout placed %d orders, error %v", len(orders), err)
	}
	want := &commerce.Error{
		Code:        commerce.CodeCartItems,
		Description: "Error in cart item(s): line item 1, 3.",
		Data: []string{
			"/lineItems/1: 10010 Quantity 99 of line item 1 is not between 1 and 25.",
			`/lineItems/2/addonItems/0: 10001 Catalog item "unknown" of line item 3 is not in the catalogue.`,
		},
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("error differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(record, after); diff != "" {
		t.Errorf("the cart changed (-want +got):\n%s", diff)
	}
}

// CHECKOUT-RETRY: an item that has left the catalogue fails its group, and only its group.
func TestCheckout_ItemLeftTheCatalogue(t *testing.T) {
	t.Parallel()
	cart := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly), line(software, 1, "", model.BillingCycleOneTime))
	smaller, err := commerce.NewCatalog(products()[4:]) // from SaaS on
	if err != nil {
		t.Fatal(err)
	}
	record, placed, result, err := commerce.Checkout(cart, purchase(now), smaller)
	if err != nil {
		t.Fatal(err)
	}
	want := []model.OrderError{{
		OrderGroupID: "1", Code: 400019,
		Description: "Availability not found: SOFTWARE:0001:ONE. Read it again and put it into a new cart.",
		Attributes:  &model.ResourceAttributes{ObjectType: "OrderError"},
	}}
	if diff := cmp.Diff(want, result.OrderErrors); diff != "" {
		t.Errorf("order errors differ (-want +got):\n%s", diff)
	}
	if len(placed) != 1 || len(result.Orders) != 1 || record.Cart.Status != model.CartStatusActive {
		t.Errorf("%d orders placed, %d answered, cart %s; want 1, 1, Active", len(placed), len(result.Orders), record.Cart.Status)
	}
	if _, err := record.Replace(cart.Cart, by(now), catalog(t)); !errors.Is(err, commerce.ErrCartSubmitted) {
		t.Errorf("Replace of a cart with one order gave %v", err)
	}

	partly := record
	record, placed, result, err = commerce.Checkout(record, purchase(now.Add(time.Minute)), catalog(t))
	if len(partly.Placed) != 1 || cap(partly.Placed) > 1 && partly.Placed[:2][1].OrderGroup != "" {
		t.Error("the retry changed the record that it was given")
	}
	if err != nil || len(placed) != 1 || placed[0].OrderGroup != "1" || len(result.Orders) != 2 || !record.Ordered() {
		t.Errorf("the retry placed %d orders and answered %d, cart %s, error %v", len(placed), len(result.Orders), record.Cart.Status, err)
	}
}

// CART-PARTICIPANTS, and what else an order line takes over.
func TestOrderLineItem(t *testing.T) {
	t.Parallel()
	yes, end := true, now
	sent := line(license, 2, "P1Y", model.BillingCycleMonthly)
	sent.PromotionID = "promotion"
	sent.AttestationAccepted = &yes
	sent.CustomTermEndDate = &end
	sent.RenewsTo = &model.RenewsTo{TermDuration: "P1Y"}
	sent.PurchaseCommitment = &model.PurchaseCommitment{Amount: 0.05, Currency: "usd", Grain: "hourly"}
	sent.Participants = []model.Participant{
		{Key: model.ParticipantKeyTransactionReseller, Value: "5357564"},
		{Key: model.ParticipantKeyAdditionalTransactionReseller, Value: "517285"},
		{Key: model.ParticipantKeyConsumptionReseller, Value: "1"},
		{Key: model.ParticipantKeyAdditionalTransactionReseller, Value: "5357563"},
	}
	_, orders, _, err := commerce.Checkout(newCart(t, sent), purchase(now), catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	want := model.OrderLineItem{
		OfferID: license, TermDuration: "P1Y", TransactionType: "New", FriendlyName: "LICENSE title", Quantity: 2,
		PartnerIDOnRecord: "5357564", AdditionalPartnerIdsOnRecord: []string{"517285", "5357563"},
		PromotionID: "promotion", AttestationAccepted: &yes, CustomTermEndDate: &end, RenewsTo: sent.RenewsTo,
		PurchaseCommitment: sent.PurchaseCommitment,
		Pricing:            &model.Pricing{ListPrice: 30.4, DiscountedPrice: 30.4, ProratedPrice: 30.4, Price: 30.4, ExtendedPrice: 729.6},
	}
	got := orders[0].Order.LineItems[0]
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(model.OrderLineItem{}, "Links")); diff != "" {
		t.Errorf("line differs (-want +got):\n%s", diff)
	}
	for uri, l := range map[string]*model.Link{
		"/products/LICENSE?country=US":                              got.Links.Product,
		"/products/LICENSE/skus/0001?country=US":                    got.Links.SKU,
		"/products/LICENSE/skus/0001/availabilities/ONE?country=US": got.Links.Availability,
	} {
		if l == nil || l.URI != uri || l.Method != "GET" {
			t.Errorf("link is %+v, want GET %s", l, uri)
		}
	}
}
