package commerce

import (
	"fmt"
	"slices"
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
	failures := r.failures(&record, groups, by.Faults)
	for _, group := range groups {
		switch err := failures[group.name]; {
		case record.placed(group.name) != nil:
		case err != nil:
			failed = append(failed, model.OrderError{
				OrderGroupID: group.name,
				Code:         int32(err.Code),
				Description:  err.Description,
				Attributes:   &model.ResourceAttributes{ObjectType: "OrderError"},
			})
		default:
			order := r.newOrder(group, r.itemsOf(group), by, ids)
			placed = append(placed, GroupOrder{group.name, order})
			record.Placed = append(record.Placed, PlacedOrder{group.name, order.At(by.Now, true)})
		}
	}
	if len(failed) == 0 {
		record.Cart.Status = model.CartStatusOrdered
	}
	return record, placed, checkoutResult(record, groups, failed), nil
}

// failures tells which groups can't be ordered now: those with an item that has left the catalogue since the cart was made
// (400019) or that is there to fail, whose failures are counted (CHECKOUT-MAGIC), one for which a fault is armed, and those
// with an add-on whose base in the cart fails (800029).
func (r Rules) failures(record *CartRecord, groups []orderGroup, faults Faults) map[string]*Error {
	failing := make(map[string]*Error)
	for _, group := range groups {
		if record.placed(group.name) != nil {
			continue
		}
		err := r.failure(group, record.Failures[group.name])
		if err == nil {
			err = faults.fails(group, record, groups)
		}
		if err != nil {
			failing[group.name] = err
			if record.Failures == nil {
				record.Failures = make(map[string]int)
			}
			record.Failures[group.name]++
		}
	}
	bases := make([][]string, len(groups))
	for i, group := range groups {
		bases[i] = r.basesOf(group, groups)
	}
	for range groups { // an add-on may be the base of another
		for i, group := range groups {
			lacks := len(bases[i]) > 0 && !slices.ContainsFunc(bases[i], func(name string) bool { return failing[name] == nil })
			if lacks && failing[group.name] == nil && record.placed(group.name) == nil {
				failing[group.name] = &Error{
					Code:        CodeAddonParent,
					Description: "An add-on of this order group needs its base, which is in order group " + strings.Join(bases[i], ", ") + " and is not ordered.",
				}
			}
		}
	}
	return failing
}

// failure is why a group can't be ordered by itself, after it has failed so many times; nil if it can.
func (r Rules) failure(group orderGroup, failures int) *Error {
	for _, line := range group.lines {
		item, ok := r.Catalog.Find(line.CatalogItemID)
		if !ok {
			return &Error{
				Code:        CodeAvailabilityNotFound,
				Description: fmt.Sprintf("Availability not found: %s. Read it again and put it into a new cart.", line.CatalogItemID),
			}
		}
		if err := item.SKU.Behavior.fails(line.CatalogItemID, failures); err != nil {
			return err
		}
	}
	return nil
}

// itemsOf gives what the lines of a group buy. All of it is in the catalogue.
func (r Rules) itemsOf(group orderGroup) []Item {
	items := make([]Item, len(group.lines))
	for i, line := range group.lines {
		items[i], _ = r.Catalog.Find(line.CatalogItemID)
	}
	return items
}

// basesOf names the other groups that have a base of an add-on of new commerce in this one, unless it has the base itself.
func (r Rules) basesOf(group orderGroup, all []orderGroup) []string {
	var names []string
	for _, line := range group.lines {
		item, ok := r.Catalog.Find(line.CatalogItemID)
		if !ok || item.Product.Kind.Legacy() || len(item.SKU.Prerequisites) == 0 || r.hasBaseOf(item, group) {
			continue
		}
		for _, other := range all {
			if other.name != group.name && r.hasBaseOf(item, other) && !slices.Contains(names, other.name) {
				names = append(names, other.name)
			}
		}
	}
	return names
}

func (r Rules) hasBaseOf(addon Item, group orderGroup) bool {
	return slices.ContainsFunc(group.lines, func(line groupLine) bool {
		item, ok := r.Catalog.Find(line.CatalogItemID)
		return ok && containsFold(addon.SKU.Prerequisites, item.base())
	})
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
	for at, line := range eachLine(lines) {
		if line.Error != nil {
			ids = append(ids, fmt.Sprint(*line.ID))
			data = append(data, fmt.Sprintf("%v: %d %s", at, line.Error.ErrorCode, line.Error.ErrorDescription))
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
