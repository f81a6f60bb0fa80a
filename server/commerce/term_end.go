package commerce

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// checkTermEnd holds a custom term end date to licences and to the days that it may have, if the rules are strict; the
// create page's own example breaks them (CART-LINE-ERROR).
func (j judge) checkTermEnd(line *model.CartLineItem, s *sale) *fault {
	switch {
	case line.CustomTermEndDate == nil || !j.Strict:
		return nil
	case s.Product.Kind != KindLicense || isTrue(s.SKU.Trial):
		return refuse(CodeLineTermEndProduct, "customTermEndDate", "Line item %d has a custom term end date, which only new-commerce licences may have, and no trials.", *line.ID)
	case !j.endsWell(day(*line.CustomTermEndDate), s.term):
		return refuse(CodeLineTermEnd, "customTermEndDate", "The custom term end date of line item %d must lie in its first term and be the end of a month or of another subscription.", *line.ID)
	}
	return nil
}

// endsWell tells whether a first term may end on a day: its natural last one, the end of a month, or the end of another
// licence of the customer. A term of a month can't follow one that ends on the 28th to 30th, a longer one none of a month.
func (j judge) endsWell(end time.Time, term Term) bool {
	first, last := firstTerm(term, j.by.Now)
	switch {
	case end.Before(first) || end.After(last):
		return false
	case end.Equal(last) || end.AddDate(0, 0, 1).Day() == 1:
		return true
	case term.Duration == "P1M" && end.Day() >= 28 && end.Day() <= 30:
		return false
	}
	return slices.ContainsFunc(j.by.Customer.Owned, func(o Owned) bool {
		return o.kind == KindLicense && !o.trial && o.lastDay.Equal(end) && (term.Duration == "P1M" || o.termDuration != "P1M")
	})
}

// proration is the part of the first term that a custom term end date leaves, by days. It is 1 without such a date, and
// where the date lies outside the first term (CART-PRICING).
func proration(end *time.Time, term Term, now time.Time) decimal.Decimal {
	whole := decimal.NewFromInt(1)
	if end == nil || term.Duration == "" {
		return whole
	}
	first, last := firstTerm(term, now)
	if d := day(*end); d.Before(first) || d.After(last) {
		return whole
	}
	return decimal.NewFromInt(days(first, day(*end))).Div(decimal.NewFromInt(days(first, last)))
}

// firstTerm gives the first and the last day of a term that begins now.
func firstTerm(term Term, now time.Time) (first, last time.Time) {
	first = day(now)
	length, _ := months(term.Duration)
	return first, addMonths(first, int(length)).AddDate(0, 0, -1)
}

// day is the day of an instant, at its midnight in UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// days counts the days from one to another, both included.
func days(from, to time.Time) int64 { return int64(to.Sub(from)/(24*time.Hour)) + 1 }

// addMonths goes on by months, to the last day of the month where it has no such day.
func addMonths(t time.Time, n int) time.Time {
	first := t.AddDate(0, n, 1-t.Day())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
