package commerce

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// price gives the price of a quantity at now, or nil. Of two that hold at once the one that began earlier counts.
func (t Term) price(quantity int32, now time.Time) *Price {
	var found *Price
	for i := range t.Prices {
		p := &t.Prices[i]
		if within(quantity, p.Min, p.Max) && holds(p.From, p.To, now) && (found == nil || p.From.Before(found.From)) {
			found = p
		}
	}
	return found
}

// within tells whether a quantity lies between two others, both included, where 0 is no limit.
func within(quantity, low, high int32) bool {
	return quantity >= low && (high == 0 || quantity <= high)
}

// applies tells whether a promotion applies to a quantity that is bought in this term now.
func (p *Promotion) applies(term Term, quantity int32, now time.Time) bool {
	return p.Duration == term.Duration && p.BillingCycle == term.BillingCycle &&
		within(quantity, p.MinSeats, p.MaxSeats) && holds(p.From, p.To, now)
}

// pricing gives what a line costs: the unit prices, and the price of the whole quantity over the whole term
// (CART-PRICING). It is nil where the catalogue has no price. Discounts and parts of a term are rounded to cents, and so
// is the extended price.
func (s sale) pricing(line *model.CartLineItem, now time.Time) *model.Pricing {
	if s.price == nil {
		return nil
	}
	list := s.price.Amount
	discounted := list
	if s.promotion != nil && !s.promotion.Discount.IsZero() {
		discounted = list.Mul(decimal.NewFromInt(1).Sub(s.promotion.Discount)).Round(2)
	}
	prorated := discounted
	if part := proration(line.CustomTermEndDate, s.term, now); !part.Equal(decimal.NewFromInt(1)) {
		prorated = discounted.Mul(part).Round(2)
	}
	extended := prorated.Mul(decimal.NewFromInt32(line.Quantity)).Mul(decimal.NewFromInt(BillingPeriods(s.term.Duration, s.term.BillingCycle))).Round(2)
	return &model.Pricing{
		ListPrice:       list.InexactFloat64(),
		DiscountedPrice: discounted.InexactFloat64(),
		ProratedPrice:   prorated.InexactFloat64(),
		Price:           prorated.InexactFloat64(),
		ExtendedPrice:   extended.InexactFloat64(),
	}
}

// commitmentPricing gives what a savings plan costs: its hourly commitment over the whole term, in each of the prices, as
// the savings plan page prints it. A cart does not show it.
func commitmentPricing(line *model.CartLineItem) *model.Pricing {
	length, _ := months(line.TermDuration)
	hours := decimal.NewFromInt(length / 12 * 365 * 24)
	total := decimal.NewFromFloat(line.PurchaseCommitment.Amount).Mul(hours).Mul(decimal.NewFromInt32(line.Quantity)).Round(2).InexactFloat64()
	return &model.Pricing{ListPrice: total, DiscountedPrice: total, ProratedPrice: total, Price: total, ExtendedPrice: total}
}

// BillingPeriods is how often a term is billed: a year's term billed monthly 12 times, what is billed once or has no term
// once. It is 0 for a term that is shorter than its billing period.
func BillingPeriods(duration string, cycle model.BillingCycle) int64 {
	period, recurs := map[model.BillingCycle]int64{
		model.BillingCycleMonthly:   1,
		model.BillingCycleAnnual:    12,
		model.BillingCycleBiennial:  24,
		model.BillingCycleTriennial: 36,
	}[cycle]
	if !recurs || duration == "" {
		return 1
	}
	length, _ := months(duration)
	return length / period
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
