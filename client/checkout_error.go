package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// CheckoutError is a CheckoutOnce that did not buy the whole cart. It tells for each order group what the service has said
// of it. Calling CheckoutOnce again with the same cart is always safe.
type CheckoutError struct {
	CartID string
	Groups []GroupOutcome // in the cart's order; none if the cart could not be read
	Err    error          // why it ended
}

// GroupOutcome is what is known of an order group.
type GroupOutcome struct {
	OrderGroup string
	Lines      []CartLineItem // of the cart in this group
	State      GroupState
	Order      *Order   // that the group was bought with, if it is Ordered and the service has said so
	Candidates []*Order // if it is Unknown: the customer's orders since the cart was made with just these lines, as far as listed
}

// GroupState says whether an order group is ordered.
type GroupState int

// The states of an order group.
const (
	Unknown    GroupState = iota // no answer has told; it may be ordered
	Ordered                      // the service has said so
	NotOrdered                   // the last answer says why not
)

// String gives the state's name.
func (s GroupState) String() string { return [...]string{"unknown", "ordered", "not ordered"}[s] }

// Error names the state of each group, and why it ended.
func (e *CheckoutError) Error() string {
	groups := make([]string, len(e.Groups))
	for i, g := range e.Groups {
		groups[i] = fmt.Sprintf("group %s is %s", g.OrderGroup, g.State)
		if g.Order != nil {
			groups[i] += " (" + g.Order.ID + ")"
		}
	}
	if len(groups) == 0 {
		groups = append(groups, "nothing is known of its order groups")
	}
	return fmt.Sprintf("cartwright: cart %s is not bought as a whole: %s; CheckoutOnce can be called again with it: %v",
		e.CartID, strings.Join(groups, ", "), e.Err)
}

// Unwrap gives why it ended.
func (e *CheckoutError) Unwrap() error { return e.Err }

// failure says what became of the groups when a purchase ends with err.
func (p *purchase) failure(ctx context.Context, err error) error {
	e := &CheckoutError{CartID: p.cartID, Err: err}
	if p.cart == nil {
		return e
	}
	unknown := false
	for _, group := range groupsOf(p.cart) {
		outcome := p.outcome(group)
		unknown = unknown || outcome.State == Unknown
		e.Groups = append(e.Groups, outcome)
	}
	if !unknown || ctx.Err() != nil {
		return e
	}
	candidates, listErr := p.candidates(ctx)
	if listErr != nil {
		return e // what matters is why it ended
	}
	for i := range e.Groups {
		if g := &e.Groups[i]; g.State == Unknown {
			g.Candidates = candidates[g.OrderGroup]
		}
	}
	return e
}

// outcome tells what the service has said of a group.
func (p *purchase) outcome(group string) GroupOutcome {
	lines := linesOf(p.cart.LineItems, group)
	outcome := GroupOutcome{OrderGroup: group, Lines: lines}
	switch {
	case p.cart.Status == CartStatusOrdered:
		outcome.State = Ordered
	case len(lineErrors(p.cart.LineItems)) > 0:
		outcome.State = NotOrdered // none of the cart is, CHECKOUT-LINE-ERROR
	case p.result != nil && !p.unclear && slices.ContainsFunc(p.result.OrderErrors, func(e OrderError) bool { return e.OrderGroupID == group }):
		outcome.State = NotOrdered
	}
	if p.result == nil {
		return outcome
	}
	for i := range p.result.Orders {
		if order := &p.result.Orders[i]; buys(order, lines) {
			outcome.State, outcome.Order = Ordered, order
		}
	}
	return outcome
}
