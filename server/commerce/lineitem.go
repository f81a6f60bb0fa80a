package commerce

import (
	"fmt"
	"iter"
	"slices"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// place is where a line stands in a cart.
type place struct {
	base  *place // whose add-on it is; nil for none
	index int
}

// String gives the JSON pointer.
func (p place) String() string {
	if p.base == nil {
		return fmt.Sprintf("/lineItems/%d", p.index)
	}
	return fmt.Sprintf("%v/addonItems/%d", p.base, p.index)
}

// eachLine goes through the lines in array order, each followed by its add-ons, with the place of each.
func eachLine(lines []model.CartLineItem) iter.Seq2[place, *model.CartLineItem] {
	return func(yield func(place, *model.CartLineItem) bool) { walk(nil, lines, yield) }
}

func walk(base *place, lines []model.CartLineItem, yield func(place, *model.CartLineItem) bool) bool {
	for i := range lines {
		if !yield(place{base, i}, &lines[i]) {
			return false
		}
		if addons := lines[i].AddonItems; len(addons) > 0 && !walk(&place{base, i}, addons, yield) {
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
	owner := make(map[int32]place, len(lines))
	for at, line := range eachLine(lines) {
		line.OrderGroup, line.Pricing, line.Error = "", nil, nil
		if line.ID == nil {
			continue
		}
		if first, taken := owner[*line.ID]; taken {
			return nil, invalidInput(at.String()+"/id", "%d is the id of %s too", *line.ID, first)
		}
		owner[*line.ID] = at
	}
	position, next := int32(0), int32(0)
	for at, line := range eachLine(lines) {
		if line.ID == nil {
			next = max(next, position)
			for isTaken(owner, next) {
				next++
			}
			id := next
			line.ID, owner[id] = &id, at
		}
		position++
	}
	return lines, nil
}

func isTaken(owner map[int32]place, id int32) bool {
	_, taken := owner[id]
	return taken
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
