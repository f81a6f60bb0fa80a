package commerce

import (
	"fmt"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// GroupOrder is an order to be stored, and the order group of the cart that it came from; none for an order without a cart.
type GroupOrder struct {
	OrderGroup string
	OrderRecord
}

// Checkout places one order for each order group of the cart that has none yet (CHECKOUT-RESULT, CHECKOUT-RETRY). It
// gives the cart's new record, the orders to store with it, and the answer. Once every group is ordered the cart is
// Ordered, and Checkout gives the same answer again and no orders (CHECKOUT-REPEAT).
//
// It fails with 800008 when the cart has expired, with 800009 when a line carries an error (CHECKOUT-LINE-ERROR), with
// 13605 when the customer has not accepted the agreement, and, if the rules say so, with 800065 when the cart is Ordered.
func (r Rules) Checkout(record CartRecord, by Author, ids IDs) (CartRecord, []GroupOrder, model.CartCheckoutResult, error) {
	groups := orderGroups(record.Cart.LineItems)
	switch {
	case record.Ordered() && r.RejectRepeat:
		return record, nil, model.CartCheckoutResult{}, ErrCartSubmitted
	case record.Ordered():
		return record, nil, checkoutResult(record, groups, nil), nil
	case record.Expired(by.Now):
		return record, nil, model.CartCheckoutResult{}, ErrCartNotFound
	case by.Customer.NoAgreement:
		return record, nil, model.CartCheckoutResult{}, ErrNoAgreement
	}
	if err := lineErrors(record.Cart.LineItems); err != nil {
		return record, nil, model.CartCheckoutResult{}, err
	}
	record = record.clone()
	var placed []GroupOrder
	var failed []model.OrderError
	for _, group := range groups {
		if record.placed(group.name) != nil {
			continue
		}
		order, err := r.placeGroup(&record, group, by, ids)
		if err != nil {
			failed = append(failed, model.OrderError{
				OrderGroupID: group.name,
				Code:         int32(err.Code),
				Description:  err.Description,
				Attributes:   &model.ResourceAttributes{ObjectType: "OrderError"},
			})
			continue
		}
		placed = append(placed, GroupOrder{group.name, order})
		record.Placed = append(record.Placed, PlacedOrder{group.name, order.At(by.Now, true)})
	}
	if len(failed) == 0 {
		record.Cart.Status = model.CartStatusOrdered
	}
	return record, placed, checkoutResult(record, groups, failed), nil
}

// placeGroup places the order of one group. It fails with 400019 when an item has left the catalogue since the cart was
// made, and in the ways of items that are there to fail, which count their failures (CHECKOUT-MAGIC).
func (r Rules) placeGroup(record *CartRecord, group orderGroup, by Author, ids IDs) (OrderRecord, *Error) {
	items := make([]Item, len(group.lines))
	for i, line := range group.lines {
		item, ok := r.Catalog.Find(line.CatalogItemID)
		if !ok {
			return OrderRecord{}, &Error{
				Code:        CodeAvailabilityNotFound,
				Description: fmt.Sprintf("Availability not found: %s. Read it again and put it into a new cart.", line.CatalogItemID),
			}
		}
		if err := item.SKU.Behavior.fails(line.CatalogItemID, record.Failures[group.name]); err != nil {
			if record.Failures == nil {
				record.Failures = make(map[string]int)
			}
			record.Failures[group.name]++
			return OrderRecord{}, err
		}
		items[i] = item
	}
	return r.newOrder(group, items, by, ids), nil
}

// fails is how an item fails that is there to fail, after its group has failed so many times.
func (b Behavior) fails(catalogItemID string, failures int) *Error {
	switch {
	case b == FailsAlways:
		return &Error{Code: CodeNotEligible, Description: "The catalog item isn't eligible for purchase: " + catalogItemID + " fails always."}
	case b == FailsOnce && failures == 0:
		return &Error{Code: CodeSomethingWrong, Description: "Something went wrong, please retry: " + catalogItemID + " fails once."}
	}
	return nil
}

// placed gives the order of a group as it was answered when it was placed, or nil.
func (r CartRecord) placed(group string) *model.Order {
	for i := range r.Placed {
		if r.Placed[i].OrderGroup == group {
			return &r.Placed[i].Order
		}
	}
	return nil
}

// checkoutResult gives the orders that the cart has, in the order of its groups, and the groups that failed just now.
func checkoutResult(record CartRecord, groups []orderGroup, failed []model.OrderError) model.CartCheckoutResult {
	result := model.CartCheckoutResult{
		Orders:      []model.Order{},
		OrderErrors: failed,
		Attributes:  model.ResourceAttributes{ObjectType: "CartCheckoutResult"},
	}
	for _, group := range groups {
		if order := record.placed(group.name); order != nil {
			result.Orders = append(result.Orders, *order)
		}
	}
	return result
}

// lineErrors refuses a cart that has a line in error, and names each such line (CHECKOUT-LINE-ERROR).
func lineErrors(lines []model.CartLineItem) error {
	var ids, data []string
	for pointer, line := range eachLine(lines) {
		if line.Error != nil {
			ids = append(ids, fmt.Sprint(*line.ID))
			data = append(data, fmt.Sprintf("%s: %d %s", pointer, line.Error.ErrorCode, line.Error.ErrorDescription))
		}
	}
	if len(data) == 0 {
		return nil
	}
	return &Error{
		Code:        CodeCartItems,
		Description: "Error in cart item(s): line item " + strings.Join(ids, ", ") + ".",
		Data:        data,
	}
}
