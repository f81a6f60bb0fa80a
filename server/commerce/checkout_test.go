package commerce_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

func sixLines() []model.CartLineItem {
	named := reserved(1)
	named.FriendlyName = "our reservation"
	return []model.CartLineItem{
		line(azure, 1, "P1Y", model.BillingCycleMonthly),
		named,
		reserved(2),
		line(software, 1, "", model.BillingCycleOneTime),
		line(saas, 1, "P1M", model.BillingCycleMonthly),
		line(trial, 10, "P1M", model.BillingCycleNone),
	}
}

// CHECKOUT-RESULT, ORDER-ID, ORDER-STATUS
func TestCheckout(t *testing.T) {
	t.Parallel()
	record, orders, result, err := rules(t).Checkout(newCart(t, sixLines()...), by(now), &counting{})
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
			Cycle: o.Order.BillingCycle, Status: result.Orders[i].Status, Etag: result.Orders[i].Attributes.Etag != "",
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
		{"0", "000000000004", "000000000004", "US$", model.BillingCycleOneTime, model.OrderStatusPending, false, []string{reservation, reservation, software}},
		{"1", "000000000005", "000000000005", "US$", model.BillingCycleMonthly, model.OrderStatusPending, false, []string{saas}},
		{"2", "000000000007", "000000000007", "US$", model.BillingCycleNone, model.OrderStatusPending, false, []string{trial}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders differ (-want +got):\n%s", diff)
	}
}

// CHECKOUT-REPEAT
func TestCheckout_Repeat(t *testing.T) {
	t.Parallel()
	record, _, first, err := rules(t).Checkout(newCart(t, sixLines()...), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	long := by(now.Add(30 * 24 * time.Hour))
	again, orders, second, err := rules(t).Checkout(record, long, &counting{})
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
	rejecting := rules(t)
	rejecting.RejectRepeat = true
	if _, _, _, err := rejecting.Checkout(record, long, &counting{}); !errors.Is(err, commerce.ErrCartSubmitted) {
		t.Errorf("with RejectRepeat the checkout gave %v", err)
	}
}

// CHECKOUT-LINE-ERROR
func TestCheckout_LineErrors(t *testing.T) {
	t.Parallel()
	base := line(azure, 1, "P1Y", model.BillingCycleMonthly)
	base.AddonItems = []model.CartLineItem{line("unknown", 1, "", model.BillingCycleMonthly)}
	record := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly), line(license, 99, "P1M", model.BillingCycleMonthly), base)
	after, orders, _, err := rules(t).Checkout(record, by(now), &counting{})
	var refused *commerce.Error
	if !errors.As(err, &refused) || len(orders) != 0 {
		t.Fatalf("Checkout placed %d orders, error %v", len(orders), err)
	}
	want := &commerce.Error{
		Code:        commerce.CodeCartItems,
		Description: "Error in cart item(s): line item 1, 3.",
		Data: []string{
			"/lineItems/1: 10015 The requested number of 99 seats of line item 1 exceeds the limit of 25 seats allowed per subscription for the catalog item LICENSE:0001:ONE.",
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
	smaller := rules(t)
	smaller.Catalog = newCatalog(t, slices.DeleteFunc(products(), func(p commerce.Product) bool { return p.ID == "SOFTWARE" }))
	record, placed, result, err := smaller.Checkout(cart, by(now), &counting{})
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
	if _, err := rules(t).ReplaceLines(record, cart.Cart, by(now)); !errors.Is(err, commerce.ErrCartSubmitted) {
		t.Errorf("Replace of a cart with one order gave %v", err)
	}

	partly := record
	record, placed, result, err = rules(t).Checkout(record, by(now.Add(time.Minute)), &counting{})
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
	yes, end := true, now.AddDate(10, 0, 0)
	sent := line(seasonal, 2, "P1Y", model.BillingCycleMonthly)
	sent.PromotionID = "PROMO:OPT-IN"
	sent.AttestationAccepted = &yes
	sent.CustomTermEndDate = &end
	sent.PurchaseCommitment = &model.PurchaseCommitment{Amount: 0.05, Currency: "usd", Grain: "hourly"}
	sent.Participants = []model.Participant{
		{Key: model.ParticipantKeyTransactionReseller, Value: "5357564"},
		{Key: model.ParticipantKeyAdditionalTransactionReseller, Value: "517285"},
		{Key: model.ParticipantKeyConsumptionReseller, Value: "1"},
		{Key: model.ParticipantKeyAdditionalTransactionReseller, Value: "5357563"},
	}
	_, orders, _, err := rules(t).Checkout(newCart(t, sent), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	want := model.OrderLineItem{
		OfferID: seasonal, TermDuration: "P1Y", TransactionType: "New", FriendlyName: "SEASONAL title", Quantity: 2,
		PartnerIDOnRecord: "5357564", AdditionalPartnerIdsOnRecord: []string{"517285", "5357563"},
		PromotionID: "PROMO:OPT-IN", AttestationAccepted: &yes, CustomTermEndDate: &end,
		PurchaseCommitment: sent.PurchaseCommitment,
		Pricing:            &model.Pricing{ListPrice: 10, DiscountedPrice: 8.33, ProratedPrice: 8.33, Price: 8.33, ExtendedPrice: 199.92},
	}
	got := orders[0].Order.LineItems[0]
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(model.OrderLineItem{}, "Links")); diff != "" {
		t.Errorf("line differs (-want +got):\n%s", diff)
	}
	for uri, l := range map[string]*model.Link{
		"/products/SEASONAL?country=US":                              got.Links.Product,
		"/products/SEASONAL/skus/0001?country=US":                    got.Links.SKU,
		"/products/SEASONAL/skus/0001/availabilities/ONE?country=US": got.Links.Availability,
	} {
		if l == nil || l.URI != uri || l.Method != "GET" {
			t.Errorf("link is %+v, want GET %s", l, uri)
		}
	}
}
