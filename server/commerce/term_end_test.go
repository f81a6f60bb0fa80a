package commerce_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func ending(l model.CartLineItem, year int, month time.Month, day int) model.CartLineItem {
	end := date(year, month, day)
	l.CustomTermEndDate = &end
	return l
}

// CART-LINE-ERROR: custom term end dates under strict rules. The carts are made on 2026-11-21: a month's term ends on
// 2026-12-20, a year's on 2027-11-20. The customer owns a year's licence that ends on 2027-03-10, one that ends on
// 2026-11-28, one of a month that ends on 2026-12-05, and a trial that ends on 2026-12-07.
func TestTermEnd(t *testing.T) {
	t.Parallel()
	const monthly, none = model.BillingCycleMonthly, model.BillingCycleNone
	var owned []commerce.Owned
	for _, l := range []struct {
		line model.CartLineItem
		at   time.Time
	}{
		{line(license, 1, "P1Y", monthly), date(2026, 3, 11)},
		{line(license, 1, "P1Y", monthly), date(2025, 11, 29)},
		{line(license, 1, "P1M", monthly), date(2026, 11, 6)},
		{line(licenseTrial, 1, "P1M", none), date(2026, 11, 8)},
	} {
		cart, err := rules(t).NewCart("c", model.Cart{LineItems: []model.CartLineItem{l.line}}, by(l.at))
		if err != nil {
			t.Fatal(err)
		}
		_, orders, _, err := rules(t).Checkout(cart, by(l.at), &counting{})
		if err != nil {
			t.Fatal(err)
		}
		owned = append(owned, orders[0].Owned(now)...)
	}
	month, year := line(license, 1, "P1M", monthly), line(license, 1, "P1Y", monthly)
	for name, tc := range map[string]struct {
		line model.CartLineItem
		want commerce.Code
	}{
		"none":                                      {year, 0},
		"the end of a month":                        {ending(year, 2027, 2, 28), 0},
		"the day before the end of a month":         {ending(year, 2027, 2, 27), 10017},
		"the first of a month":                      {ending(year, 2027, 3, 1), 10017},
		"the natural end":                           {ending(year, 2027, 11, 20), 0},
		"the day after the natural end":             {ending(year, 2027, 11, 21), 10017},
		"a month's end after the natural end":       {ending(year, 2027, 11, 30), 10017},
		"today":                                     {ending(year, 2026, 11, 21), 10017},
		"yesterday":                                 {ending(year, 2026, 11, 20), 10017},
		"the end of a year's licence":               {ending(year, 2027, 3, 10), 0},
		"the day after it":                          {ending(year, 2027, 3, 11), 10017},
		"a year with the end of a month's licence":  {ending(year, 2026, 12, 5), 10017},
		"a month with the end of a month's licence": {ending(month, 2026, 12, 5), 0},
		"with the end of a trial":                   {ending(month, 2026, 12, 7), 10017},
		"a month with an end on the 28th":           {ending(month, 2026, 11, 28), 10017},
		"a year with an end on the 28th":            {ending(year, 2026, 11, 28), 0},
		"a month with the 30th, the month's last":   {ending(month, 2026, 11, 30), 0},
		"a product that can't have one":             {ending(line(saas, 1, "P1M", monthly), 2026, 11, 30), 10016},
		"a trial":                                   {ending(line(licenseTrial, 1, "P1M", none), 2026, 11, 30), 10016},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, author := rules(t), by(now)
			request := model.Cart{LineItems: []model.CartLineItem{tc.line}}
			lenient, err := r.NewCart("c", request, author)
			if err != nil {
				t.Fatal(err)
			}
			requireLineError(t, lenient.Cart.LineItems[0], 0)
			r.Strict, author.Customer.Owned = true, owned
			strict, err := r.NewCart("c", request, author)
			if err != nil {
				t.Fatal(err)
			}
			requireLineError(t, strict.Cart.LineItems[0], tc.want)
			if needs := r.NeedsOwned(request.LineItems); needs != (tc.line.CustomTermEndDate != nil) {
				t.Errorf("NeedsOwned is %v", needs)
			}
		})
	}
}

// CART-PRICING: the first term is counted in days, both ends included; outside it nothing is prorated.
func TestProration(t *testing.T) {
	t.Parallel()
	month, year := line(license, 2, "P1M", model.BillingCycleMonthly), line(license, 1, "P1Y", model.BillingCycleMonthly)
	for name, tc := range map[string]struct {
		line                     model.CartLineItem
		list, prorated, extended float64
	}{
		"ten of thirty days":               {ending(month, 2026, 11, 30), 36.48, 12.16, 24.32},
		"one of thirty days":               {ending(month, 2026, 11, 21), 36.48, 1.22, 2.44},
		"the day before the natural end":   {ending(month, 2026, 12, 19), 36.48, 35.26, 70.52},
		"the natural end":                  {ending(month, 2026, 12, 20), 36.48, 36.48, 72.96},
		"a day after the natural end":      {ending(month, 2026, 12, 21), 36.48, 36.48, 72.96},
		"before the beginning":             {ending(month, 2026, 11, 20), 36.48, 36.48, 72.96},
		"the create page's, long ago":      {ending(month, 2022, 2, 19), 36.48, 36.48, 72.96},
		"73 of 365 days, in 12 parts each": {ending(year, 2027, 2, 1), 30.4, 6.08, 72.96},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newCart(t, tc.line).Cart.LineItems[0].Pricing
			want := model.Pricing{ListPrice: tc.list, DiscountedPrice: tc.list, ProratedPrice: tc.prorated, Price: tc.prorated, ExtendedPrice: tc.extended}
			if got == nil || *got != want {
				t.Errorf("pricing is %+v, want %+v", got, want)
			}
		})
	}
}

// A promotion that came with an answer is chosen anew when the line changes: clients send a cart back with it.
func TestPromotions_SentBack(t *testing.T) {
	t.Parallel()
	sent := line(seasonal, 2, "P1Y", model.BillingCycleMonthly)
	sent.PromotionID = "PROMO:AUTO" // of P1M
	got := newCart(t, sent).Cart.LineItems[0]
	requireLineError(t, got, 0)
	if got.PromotionID != "" || got.Pricing.DiscountedPrice != 10 {
		t.Errorf("the line has promotion %q at %v, want none", got.PromotionID, got.Pricing.DiscountedPrice)
	}
}

// CART-PRICING: promotions are applied by themselves or when they are asked for, and both come before proration.
func TestPromotions(t *testing.T) {
	t.Parallel()
	asked := line(seasonal, 2, "P1Y", model.BillingCycleMonthly)
	asked.PromotionID = "promo:OPT-in"
	for name, tc := range map[string]struct {
		line                           model.CartLineItem
		id                             string
		discounted, prorated, extended float64
	}{
		"automatic":              {line(seasonal, 1, "P1M", model.BillingCycleMonthly), "PROMO:AUTO", 9.5, 9.5, 9.5},
		"automatic and prorated": {ending(line(seasonal, 3, "P1M", model.BillingCycleMonthly), 2026, 11, 30), "PROMO:AUTO", 9.5, 3.17, 9.51},
		"not asked for":          {line(seasonal, 2, "P1Y", model.BillingCycleMonthly), "", 10, 10, 240},
		"asked for":              {asked, "PROMO:OPT-IN", 8.33, 8.33, 199.92},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newCart(t, tc.line).Cart.LineItems[0]
			want := model.Pricing{ListPrice: 10, DiscountedPrice: tc.discounted, ProratedPrice: tc.prorated, Price: tc.prorated, ExtendedPrice: tc.extended}
			if got.Pricing == nil || *got.Pricing != want || got.PromotionID != tc.id {
				t.Errorf("promotion %q, pricing %+v; want %q, %+v", got.PromotionID, got.Pricing, tc.id, want)
			}
		})
	}
}
