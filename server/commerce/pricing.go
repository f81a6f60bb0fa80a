package commerce

import (
	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// price gives what a line costs: the unit prices, and the price of the whole quantity over the whole term
// (CART-PRICING). It is nil where the catalogue has no price.
func price(term *Term, quantity int32) *model.Pricing {
	if term.ListPrice == nil {
		return nil
	}
	unit := *term.ListPrice
	extended := unit.Mul(decimal.NewFromInt32(quantity)).Mul(decimal.NewFromInt(billingPeriods(term)))
	return &model.Pricing{
		ListPrice:       unit.InexactFloat64(),
		DiscountedPrice: unit.InexactFloat64(),
		ProratedPrice:   unit.InexactFloat64(),
		Price:           unit.InexactFloat64(),
		ExtendedPrice:   extended.InexactFloat64(),
	}
}

// billingPeriods is how often a term is billed: a year's term billed monthly 12 times, all that is billed once, once.
func billingPeriods(term *Term) int64 {
	length, _ := months(term.Duration)
	period := map[model.BillingCycle]int64{
		model.BillingCycleMonthly:   1,
		model.BillingCycleAnnual:    12,
		model.BillingCycleBiennial:  24,
		model.BillingCycleTriennial: 36,
	}[term.BillingCycle]
	if period == 0 {
		return 1
	}
	return max(1, length/period)
}

// months is the length of a term, 0 for none. The second result is false for a duration that is no term.
func months(duration string) (int64, bool) {
	switch duration {
	case "":
		return 0, true
	case "P1M":
		return 1, true
	case "P1Y":
		return 12, true
	case "P3Y":
		return 36, true
	}
	return 0, false
}

// totalPrice is the sum of the lines' extended prices, nil where one has no price (ORDER-PRICE).
func totalPrice(lines []model.OrderLineItem) *float64 {
	sum := decimal.Zero
	for _, line := range lines {
		if line.Pricing == nil {
			return nil
		}
		sum = sum.Add(decimal.NewFromFloat(line.Pricing.ExtendedPrice))
	}
	total := sum.InexactFloat64()
	return &total
}
