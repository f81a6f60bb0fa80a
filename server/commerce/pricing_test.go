package commerce_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// CART-PRICING: the documents' two worked examples first.
func TestPricing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		line           model.CartLineItem
		unit, extended float64
	}{
		"30.4 monthly on P1Y is billed 12 times": {line(license, 1, "P1Y", model.BillingCycleMonthly), 30.4, 364.8},
		"36.48 on P1M is billed once":            {line(license, 1, "P1M", model.BillingCycleMonthly), 36.48, 36.48},
		"three seats":                            {line(license, 3, "P1M", model.BillingCycleMonthly), 36.48, 109.44},
		"annual on P1Y is billed once":           {line(license, 2, "P1Y", model.BillingCycleAnnual), 350.25, 700.5},
		"a price of zero is a price":             {line(license, 1, "P3Y", model.BillingCycleAnnual), 0, 0},
		"one time":                               {line(software, 7, "", model.BillingCycleOneTime), 100, 700},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &model.Pricing{ListPrice: tc.unit, DiscountedPrice: tc.unit, ProratedPrice: tc.unit, Price: tc.unit, ExtendedPrice: tc.extended}
			if diff := cmp.Diff(want, newCart(t, tc.line).Cart.LineItems[0].Pricing); diff != "" {
				t.Errorf("pricing differs (-want +got):\n%s", diff)
			}
		})
	}
	if p := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly)).Cart.LineItems[0].Pricing; p != nil {
		t.Errorf("an item without a price has pricing %+v", p)
	}
}

// ORDER-PRICE: sums are decimal; in binary 36.48 + 36.48 + 109.44 is 182.39999999999998.
func TestTotalPrice(t *testing.T) {
	t.Parallel()
	total := func(lines ...model.CartLineItem) *float64 {
		_, _, result, err := rules(t).Checkout(newCart(t, lines...), by(now), &counting{})
		if err != nil {
			t.Fatal(err)
		}
		return result.Orders[0].TotalPrice
	}
	three := line(license, 3, "P1M", model.BillingCycleMonthly)
	one := line(license, 1, "P1M", model.BillingCycleMonthly)
	if got := total(one, one, three); got == nil || *got != 182.4 {
		t.Errorf("total is %v, want 182.4", got)
	}
	if got := total(one, line(saas, 1, "P1M", model.BillingCycleMonthly)); got != nil {
		t.Errorf("total is %v where a line has no price, want none", *got)
	}
}
