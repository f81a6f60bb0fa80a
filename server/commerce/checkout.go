package commerce

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Purchase is what a checkout needs to know beside the cart and the catalogue.
type Purchase struct {
	CustomerID     string
	Now            time.Time
	IDs            IDs
	ProvisionDelay time.Duration // from the order to its subscriptions, for modern items; 0 provisions at once
	RejectRepeat   bool          // refuse the checkout of an ordered cart instead of repeating its answer
}

// GroupOrder is an order to be stored, and the order group of the cart that it came from.
type GroupOrder struct {
	OrderGroup string
	OrderRecord
}

// Checkout places one order for each order group of the cart that has none yet (CHECKOUT-RESULT, CHECKOUT-RETRY). It
// gives the cart's new record, the orders to store with it, and the answer. Once every group is ordered the cart is
// Ordered, and Checkout gives the same answer again and no orders (CHECKOUT-REPEAT).
//
// It fails with 800008 when the cart has expired, with 800009 when a line carries an error (CHECKOUT-LINE-ERROR), and,
// if the purchase says so, with 800065 when the cart is Ordered.
func Checkout(record CartRecord, purchase Purchase, catalog *Catalog) (CartRecord, []GroupOrder, model.CartCheckoutResult, error) {
	groups := orderGroups(record.Cart.LineItems)
	switch {
	case record.Ordered() && purchase.RejectRepeat:
		return record, nil, model.CartCheckoutResult{}, ErrCartSubmitted
	case record.Ordered():
		return record, nil, checkoutResult(record, groups, nil), nil
	case record.Expired(purchase.Now):
		return record, nil, model.CartCheckoutResult{}, ErrCartNotFound
	}
	if err := lineErrors(record.Cart.LineItems); err != nil {
		return record, nil, model.CartCheckoutResult{}, err
	}
	record.Placed = slices.Clone(record.Placed)
	var placed []GroupOrder
	var failed []model.OrderError
	for _, group := range groups {
		if record.placed(group.name) != nil {
			continue
		}
		order, orderError := newOrder(group, purchase, catalog)
		if orderError != nil {
			failed = append(failed, *orderError)
			continue
		}
		placed = append(placed, GroupOrder{group.name, order})
		record.Placed = append(record.Placed, PlacedOrder{group.name, order.At(purchase.Now, true)})
	}
	if len(failed) == 0 {
		record.Cart.Status = model.CartStatusOrdered
	}
	return record, placed, checkoutResult(record, groups, failed), nil
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
