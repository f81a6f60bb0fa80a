package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// CheckoutError is a CheckoutOnce that did not end with an order for each order group in hand. It tells for each what the
// service has said of it.
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
	Order      *Order           // that the group was bought with, if the service has said so
	Err        *OrderGroupError // what the last answer has against the group; nil if nothing

	// Candidates are the customer's orders since the cart was made that have just these lines, where no Order is known. Another
	// cart with the same lines has such orders too, and a new order may take 15 minutes to be listed (ORDER-LIST).
	Candidates []*Order
}

// GroupState says whether an order group is ordered.
type GroupState int

// The states of an order group.
const (
	Unknown    GroupState = iota // it may be ordered: call CheckoutOnce again with the cart, and make no new one
	Ordered                      // it is ordered
	NotOrdered                   // it is not ordered, as the last answer says
	Refused                      // this call has not ordered it; an earlier call for the cart may have: then it is as Unknown
)

// String gives the state's name.
func (s GroupState) String() string {
	switch s {
	case Ordered:
		return "ordered"
	case NotOrdered:
		return "not ordered"
	case Refused:
		return "not ordered by this call"
	}
	return "unknown"
}

// Bought tells whether the whole cart is ordered, although it is not known with which orders: the service does not repeat its
// answer, and the first one was lost.
func (e *CheckoutError) Bought() bool {
	return len(e.Groups) > 0 && !slices.ContainsFunc(e.Groups, func(g GroupOutcome) bool { return g.State != Ordered })
}

// Error names the state of each group, and why it ended.
func (e *CheckoutError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "cartwright: cart %s: ", e.CartID)
	if len(e.Groups) == 0 {
		text.WriteString("nothing is known of its order groups")
	}
	again := ""
	for i, g := range e.Groups {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "group %q is %s", g.OrderGroup, g.State)
		if g.Order != nil {
			text.WriteString(" (" + g.Order.ID + ")")
		}
		if g.State == Unknown {
			again = "; call CheckoutOnce again with this cart"
		}
	}
	fmt.Fprintf(&text, ": %v%s", e.Err, again)
	return text.String()
}

// Unwrap gives why it ended.
func (e *CheckoutError) Unwrap() error { return e.Err }

// failure says what became of the groups when a purchase ends with err.
func (p *purchase) failure(ctx context.Context, err error) error {
	e := &CheckoutError{CartID: p.cartID, Groups: slices.Clone(p.groups), Err: err}
	for i := range e.Groups {
		g := &e.Groups[i]
		g.State = p.stateOf(*g)
	}
	unsettled := func(g GroupOutcome) bool { return g.Order == nil && g.State != NotOrdered }
	if ctx.Err() != nil || !slices.ContainsFunc(e.Groups, unsettled) {
		return e
	}
	candidates, listErr := p.candidates(ctx)
	if listErr != nil {
		return e // what matters is why it ended
	}
	for i := range e.Groups {
		if g := &e.Groups[i]; unsettled(*g) {
			g.Candidates = candidates[g.OrderGroup]
		}
	}
	return e
}

// stateOf gives the state of a group at the end.
func (p *purchase) stateOf(g GroupOutcome) GroupState {
	switch {
	case g.State == Ordered || p.cart.Status == CartStatusOrdered:
		return Ordered
	case p.unsure:
		return Unknown
	case g.State == NotOrdered || len(lineErrors(g.Lines)) > 0:
		return NotOrdered
	case p.last == nil:
		return Refused
	}
	return Unknown
}

// candidates gives the customer's orders since the cart was made that have just the lines of one of its groups.
func (p *purchase) candidates(ctx context.Context) (map[string][]*Order, error) {
	ctx, cancel := oneLook(ctx)
	defer cancel()
	found := make(map[string][]*Order)
	since := p.cart.CreationTimestamp.Add(-clockSkew)
	for order, err := range p.client.Orders.List(ctx, p.customerID, append(p.options, RequestID(NewRequestID()), IncludePrice())...) {
		if err != nil {
			return nil, err
		}
		for _, g := range p.groups {
			if !order.CreationDate.Before(since) && buys(order, g.Lines) {
				found[g.OrderGroup] = append(found[g.OrderGroup], order)
			}
		}
	}
	return found, nil
}
