package commerce

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// eachLine goes through the lines in array order, each followed by its add-ons, with the JSON pointer of each.
func eachLine(lines []model.CartLineItem) iter.Seq2[string, *model.CartLineItem] {
	return func(yield func(string, *model.CartLineItem) bool) { walk("/lineItems", lines, yield) }
}

func walk(at string, lines []model.CartLineItem, yield func(string, *model.CartLineItem) bool) bool {
	for i := range lines {
		pointer := fmt.Sprintf("%s/%d", at, i)
		if !yield(pointer, &lines[i]) || !walk(pointer+"/addonItems", lines[i].AddonItems, yield) {
			return false
		}
	}
	return true
}

// newLineItems gives the lines of a request without what only the server sets, each with an id (CART-LINES): ids given
// must differ; a line without one gets the smallest free number not below its position, add-ons counted in place.
func newLineItems(request []model.CartLineItem) ([]model.CartLineItem, error) {
	lines := cloneLines(request)
	if n := countLines(lines); n > maxLines {
		return nil, invalidInput("/lineItems", "the number of lines, add-ons included, must be at most %d, not %d", maxLines, n)
	}
	owner := map[int32]string{}
	for pointer, line := range eachLine(lines) {
		line.OrderGroup, line.Pricing, line.Error = "", nil, nil
		if line.ID == nil {
			continue
		}
		if first, taken := owner[*line.ID]; taken {
			return nil, invalidInput(pointer+"/id", "%d is the id of %s too", *line.ID, first)
		}
		owner[*line.ID] = pointer
	}
	position, next := int32(0), int32(0)
	for pointer, line := range eachLine(lines) {
		if line.ID == nil {
			next = max(next, position)
			for owner[next] != "" {
				next++
			}
			id := next
			line.ID, owner[id] = &id, pointer
		}
		position++
	}
	return lines, nil
}

// maxLines is how many lines a cart may have, add-ons included. The documents say nothing of a limit.
const maxLines = 500

func countLines(lines []model.CartLineItem) int {
	n := 0
	for range eachLine(lines) {
		n++
	}
	return n
}

// cloneLines copies the lines and their add-ons, so that a rule never changes its argument.
func cloneLines(lines []model.CartLineItem) []model.CartLineItem {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].AddonItems = cloneLines(lines[i].AddonItems)
	}
	return lines
}

// assess judges each line by the catalogue, and each add-on by its base too: one that can't be bought gets an error, the
// others their currency and price.
func assess(lines []model.CartLineItem, base *model.CartLineItem, catalog *Catalog) {
	for i := range lines {
		line := &lines[i]
		item, term, err := judge(line, catalog)
		if err == nil && base != nil {
			err = judgeAddon(line, item, base)
		}
		if err == nil {
			err = judgeParticipants(line)
		}
		if err == nil {
			line.CurrencyCode = item.Availability.Currency
			line.Pricing = price(term, line.Quantity)
			if item.Product.Kind == KindLicense && line.ProvisioningContext == nil {
				line.ProvisioningContext = map[string]string{}
			}
		}
		line.Error = err
		assess(line.AddonItems, line, catalog)
	}
}

// judgeAddon refuses an add-on that can't become part of its base's order: only legacy offers have add-ons below them, of
// their own billing cycle.
func judgeAddon(line *model.CartLineItem, item Item, base *model.CartLineItem) *model.CartError {
	switch {
	case !item.Product.Legacy():
		return lineError(CodeLineInvalidInput, "Line item %d is an add-on of line item %d; only legacy offers are bought so. Make it a line of its own.",
			*line.ID, *base.ID)
	case line.BillingCycle != base.BillingCycle:
		return lineError(CodeLineBillingCycle, "Line item %d is an add-on of line item %d and must have its billing cycle '%s'.",
			*line.ID, *base.ID, base.BillingCycle)
	}
	return nil
}

// judgeParticipants refuses more partners on record than an order line can name (CART-PARTICIPANTS).
func judgeParticipants(line *model.CartLineItem) *model.CartError {
	count := map[model.ParticipantKey]int{}
	for _, p := range line.Participants {
		count[p.Key]++
	}
	for _, limit := range []struct {
		key model.ParticipantKey
		max int
	}{{model.ParticipantKeyTransactionReseller, 1}, {model.ParticipantKeyAdditionalTransactionReseller, 5}} {
		if n := count[limit.key]; n > limit.max {
			return lineError(CodeLineInvalidInput, "Line item %d has %d participants with the key %s; at most %d may have it.",
				*line.ID, n, limit.key, limit.max)
		}
	}
	return nil
}

// judge finds what a line buys, or the first reason why it can't (CART-LINE-ERROR).
func judge(line *model.CartLineItem, catalog *Catalog) (Item, *Term, *model.CartError) {
	item, ok := catalog.Find(line.CatalogItemID)
	if !ok {
		return item, nil, lineError(CodeLineCatalogItem,
			"Catalog item %q of line item %d is not in the catalogue.", line.CatalogItemID, *line.ID)
	}
	if line.CurrencyCode != "" && !strings.EqualFold(line.CurrencyCode, item.Availability.Currency) {
		return item, nil, lineError(CodeLineCurrency, "Line item %d asks for currency %s; this market's is %s.",
			*line.ID, line.CurrencyCode, item.Availability.Currency)
	}
	term, hasDuration := item.term(line.TermDuration, line.BillingCycle)
	switch limits := item.SKU; {
	case !hasDuration:
		return item, nil, lineError(CodeLineTermDuration, "Availability %s referenced by line item %d does not support term '%s'. It supports %s.",
			line.CatalogItemID, *line.ID, line.TermDuration, item.offers())
	case term == nil:
		return item, nil, lineError(CodeLineBillingCycle, "Availability %s referenced by line item %d does not support billing cycle '%s' for term '%s'. It supports %s.",
			line.CatalogItemID, *line.ID, line.BillingCycle, line.TermDuration, item.offers())
	case line.Quantity < limits.MinimumQuantity || line.Quantity > limits.MaximumQuantity:
		return item, nil, lineError(CodeLineInvalidInput, "Quantity %d of line item %d is not between %d and %d.",
			line.Quantity, *line.ID, limits.MinimumQuantity, limits.MaximumQuantity)
	}
	return item, term, nil
}

// offers lists the ways to buy an item, for an error's text.
func (i Item) offers() string {
	ways := make([]string, 0, len(i.Availability.Terms))
	for _, t := range i.Availability.Terms {
		if t.Duration == "" {
			ways = append(ways, fmt.Sprintf("no term (%s)", t.BillingCycle))
			continue
		}
		ways = append(ways, fmt.Sprintf("%s (%s)", t.Duration, t.BillingCycle))
	}
	return strings.Join(ways, ", ")
}

func lineError(code Code, format string, args ...any) *model.CartError {
	return &model.CartError{
		ErrorCode:        int32(code),
		ErrorDescription: fmt.Sprintf(format, args...),
		Attributes:       model.ResourceAttributes{ObjectType: "CartError"},
	}
}
