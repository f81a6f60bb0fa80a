package client

import (
	"errors"
	"fmt"
	"strings"
)

// CartLineItemsError says that the service has taken a cart, and that lines of it can't be bought (CART-LINE-ERROR). The cart
// is there; correct the lines and update it.
type CartLineItemsError struct {
	CartID string
	Lines  []*LineItemError
}

// Error names each line.
func (e *CartLineItemsError) Error() string {
	return fmt.Sprintf("cartwright: cart %s has lines that can't be bought: %s", e.CartID, joined(e.Lines))
}

// Unwrap gives the lines' errors.
func (e *CartLineItemsError) Unwrap() []error { return asErrors(e.Lines) }

// LineItemError is why a line of a cart can't be bought.
type LineItemError struct {
	Line        CartLineItem
	Code        int    // 10000 to 10019, or another code of the service
	Description string // in the service's words
	Hint        string // what to do next, for codes that are known
}

// Error gives the line, its item and what is wrong with it.
func (e *LineItemError) Error() string {
	return fmt.Sprintf("line %s (%s): %d %s%s", lineID(e.Line), e.Line.CatalogItemID, e.Code, e.Description, then(e.Hint))
}

// Is tells whether the error is of the kind that a sentinel of this package names.
func (e *LineItemError) Is(target error) bool { return isKind(e.Code, target) }

// withLineErrors adds the error of a cart whose lines have errors.
func withLineErrors(cart *Cart, err error) (*Cart, error) {
	if err != nil {
		return nil, err
	}
	if failed := lineErrors(cart.LineItems); len(failed) > 0 {
		return cart, &CartLineItemsError{CartID: cart.ID, Lines: failed}
	}
	return cart, nil
}

// lineErrors gives the errors of lines and their add-ons.
func lineErrors(lines []CartLineItem) (failed []*LineItemError) {
	for _, line := range lines {
		if e := line.Error; e != nil {
			failed = append(failed, &LineItemError{line, int(e.ErrorCode), e.ErrorDescription, hint(int(e.ErrorCode), 0)})
		}
		failed = append(failed, lineErrors(line.AddonItems)...)
	}
	return failed
}

// PartialCheckoutError says that a checkout has orders for some order groups only, or for none, although the service answered
// 201 (CHECKOUT-RETRY). What is in Result is ordered and stays so; a group that fails because its order is in progress may be. Another checkout of the same cart tries the
// failed groups again and no others.
type PartialCheckoutError struct {
	CartID string
	Result *CartCheckoutResult // what was ordered, and what the service says of the rest
	Failed []*OrderGroupError
}

// Error names each group in error.
func (e *PartialCheckoutError) Error() string {
	return fmt.Sprintf("cartwright: cart %s: %d order(s) placed, %d order group(s) in error: %s",
		e.CartID, len(e.Result.Orders), len(e.Failed), joined(e.Failed))
}

// Unwrap gives the groups' errors.
func (e *PartialCheckoutError) Unwrap() []error { return asErrors(e.Failed) }

// OrderGroupError is what the service has against an order group.
type OrderGroupError struct {
	OrderGroup  string
	Lines       []CartLineItem // of the cart in this group; none if the cart could not be read
	Code        int
	Description string // in the service's words
	Hint        string // what to do next, for codes that are known
}

// Error gives the group, its lines and what is wrong.
func (e *OrderGroupError) Error() string {
	ids := make([]string, len(e.Lines))
	for i, line := range e.Lines {
		ids[i] = lineID(line)
	}
	return fmt.Sprintf("group %s (lines %s): %d %s%s", e.OrderGroup, strings.Join(ids, ", "), e.Code, e.Description, then(e.Hint))
}

// Is tells whether the error is of the kind that a sentinel of this package names.
func (e *OrderGroupError) Is(target error) bool { return isKind(e.Code, target) }

// partialCheckout tells which groups of a cart a checkout has left out; nil if none.
func partialCheckout(cart *Cart, result *CartCheckoutResult) error {
	if len(result.OrderErrors) == 0 {
		return nil
	}
	e := &PartialCheckoutError{CartID: cart.ID, Result: result}
	for _, failed := range result.OrderErrors {
		e.Failed = append(e.Failed, orderGroupError(cart, failed))
	}
	return e
}

// orderGroupError tells which lines of a cart an error of the service is about.
func orderGroupError(cart *Cart, failed OrderError) *OrderGroupError {
	code := int(failed.Code)
	return &OrderGroupError{failed.OrderGroupID, linesOf(cart.LineItems, failed.OrderGroupID), code, failed.Description, hint(code, 0)}
}

func isKind(code int, target error) bool {
	kind, ok := kinds[code]
	return ok && errors.Is(kind.err, target)
}

func lineID(line CartLineItem) string {
	if line.ID == nil {
		return "without id"
	}
	return fmt.Sprint(*line.ID)
}

func then(hint string) string {
	if hint == "" {
		return ""
	}
	return "; " + hint
}

func asErrors[E error](list []E) []error {
	errs := make([]error, len(list))
	for i, e := range list {
		errs[i] = e
	}
	return errs
}

func joined[E error](list []E) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}
