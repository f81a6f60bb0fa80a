package commerce_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// CART-CREATE, CART-READ-ONLY, CART-ATTESTATION
func TestNewCart(t *testing.T) {
	t.Parallel()
	yes, id := true, int32(0)
	request := model.Cart{
		ID:                                 "the client's",
		CreationTimestamp:                  time.Unix(0, 0),
		ExpirationTimestamp:                time.Unix(0, 0),
		LastModifiedTimestamp:              time.Unix(0, 0),
		LastModifiedUser:                   "the client's",
		Status:                             model.CartStatusOrdered,
		PartnerOnRecordAttestationAccepted: &yes,
		LineItems: []model.CartLineItem{{
			ID: &id, CatalogItemID: azure, Quantity: 1, TermDuration: "P1Y", BillingCycle: model.BillingCycleMonthly,
			FriendlyName: "mine", OrderGroup: "the client's", Pricing: &model.Pricing{Price: 1}, Error: &model.CartError{ErrorCode: 1},
		}},
	}
	got, err := rules(t).NewCart("the-cart", request, by(now))
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2026, 11, 21, 8, 30, 0, 123456000, time.UTC)
	want := commerce.CartRecord{Cart: model.Cart{
		ID:                    "the-cart",
		CreationTimestamp:     created,
		LastModifiedTimestamp: created,
		ExpirationTimestamp:   created.Add(7 * 24 * time.Hour),
		LastModifiedUser:      "the-user",
		Status:                model.CartStatusActive,
		LineItems: []model.CartLineItem{{
			ID: &id, CatalogItemID: azure, Quantity: 1, TermDuration: "P1Y", BillingCycle: model.BillingCycleMonthly,
			FriendlyName: "mine", CurrencyCode: "USD", OrderGroup: "OMS-0",
		}},
		Links: model.CartLinks{Self: model.Link{
			URI: "/customers/" + customer + "/carts/the-cart", Method: "GET", Headers: []model.KeyValuePair{},
		}},
		Attributes: model.ResourceAttributes{ObjectType: "Cart"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cart differs (-want +got):\n%s", diff)
	}
	if request.LineItems[0].OrderGroup != "the client's" {
		t.Error("the request was changed")
	}
}

// CART-EXPIRY
func TestExpiry(t *testing.T) {
	t.Parallel()
	record := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly))
	ordered, _, _, err := rules(t).Checkout(record, by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	end := record.Cart.ExpirationTimestamp
	for name, tc := range map[string]struct {
		record commerce.CartRecord
		at     time.Time
		want   error
	}{
		"new":                  {record, now, nil},
		"a microsecond before": {record, end.Add(-time.Microsecond), nil},
		"seven days":           {record, end, commerce.ErrCartNotFound},
		"a microsecond after":  {record, end.Add(time.Microsecond), commerce.ErrCartNotFound},
		"ordered, long after":  {ordered, end.Add(365 * 24 * time.Hour), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.record.Expired(tc.at); got != (tc.want != nil) {
				t.Errorf("Expired gave %t", got)
			}
			if _, _, _, err := rules(t).Checkout(tc.record, by(tc.at), &counting{}); !errors.Is(err, tc.want) {
				t.Errorf("Checkout gave %v, want %v", err, tc.want)
			}
			want := tc.want
			if tc.record.Ordered() {
				want = commerce.ErrCartSubmitted
			}
			if _, err := rules(t).ReplaceLines(tc.record, model.Cart{}, by(tc.at)); !errors.Is(err, want) {
				t.Errorf("Replace gave %v, want %v", err, want)
			}
		})
	}
}

// CART-PUT
func TestReplace(t *testing.T) {
	t.Parallel()
	old := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly), line(software, 1, "", model.BillingCycleOneTime))
	later := now.Add(time.Hour)
	got, err := rules(t).ReplaceLines(old, model.Cart{ID: "another", LineItems: []model.CartLineItem{
		line(license, 3, "P1Y", model.BillingCycleMonthly),
	}}, commerce.Author{Customer: commerce.Customer{ID: customer}, User: "another-user", Now: later})
	if err != nil {
		t.Fatal(err)
	}
	want := newCart(t, line(license, 3, "P1Y", model.BillingCycleMonthly))
	want.Cart.LastModifiedTimestamp = want.Cart.LastModifiedTimestamp.Add(time.Hour)
	want.Cart.LastModifiedUser = "another-user"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cart differs (-want +got):\n%s", diff)
	}
}
