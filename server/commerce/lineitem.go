package commerce

import (
	"fmt"
	"iter"
	"slices"

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
