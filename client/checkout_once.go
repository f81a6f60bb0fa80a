package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// purchaseLimit is how long CheckoutOnce goes on.
const purchaseLimit = 15 * time.Minute

// errTooLong is why CheckoutOnce has ended although the context has not.
var errTooLong = fmt.Errorf("it has not ended within %v", purchaseLimit)

// errIncomplete says that an answer does not tell enough to be a success.
var errIncomplete = errors.New("the answer has neither an order nor an error for some order group")

// CheckoutOnce buys the cart, and never buys it twice, whatever happens: answers that are lost or late, throttling, a busy
// cart, order groups that fail for a while, a crash of the program. It ends when each order group is ordered, exactly once,
// or with a *CheckoutError that tells for each group whether it is ordered.
//
// All that has to survive a crash is the cart's id: store it before the call, and call CheckoutOnce with it again, in
// another process too, until it returns nil or an error that you have dealt with. Do not make a new cart while an order
// group is Unknown, or Refused after an earlier call for the same cart: it is the new cart that would be a second purchase.
// If you stored a RequestID too, give it again.
//
// It asks with growing delays, and goes on until ctx ends, the service refuses in a way that asking again can't change, or
// for about 15 minutes; where the service wants a longer wait (Retry-After) it ends at once, and after three failures of the
// credential or answers 401. A *PartialCheckoutError or a *CartLineItemsError that was the reason is found by errors.As.
// Arguments that can't be sent are an *Error.
//
// Two things make it safe. The service orders each group of a cart once, however often the cart is checked out
// (CHECKOUT-REPEAT, CHECKOUT-RETRY). And until an answer comes, be it a refusal, each try has the same MS-RequestId
// (HTTP-IDEMPOTENCY).
func (s *CartService) CheckoutOnce(ctx context.Context, customerID, cartID string, options ...CallOption) (*CartCheckoutResult, error) {
	set := settingsOf(options)
	if err := set.check(); err != nil {
		return nil, &Error{Op: "checkoutCart", Err: err}
	}
	p := &purchase{
		client: s.client, customerID: customerID, cartID: cartID,
		options:   append(slices.Clip(options), CorrelationID(set.ids.correlation)),
		requestID: set.ids.request, stored: set.given,
	}
	limited, cancel := context.WithTimeoutCause(ctx, purchaseLimit, errTooLong)
	defer cancel()
	limit, _ := limited.Deadline()
	delays := backoff{next: time.Second, most: 30 * time.Second}
	var reason error // why it is not done yet; that the time was over says less
	for {
		err := p.try(limited)
		if err == nil {
			return p.result(), nil
		}
		if limited.Err() == nil || reason == nil {
			reason = err
		}
		if limited.Err() == nil {
			wait := delays.delay(retryAfterOf(err))
			if wait > time.Until(limit) || !p.mayChange(err) {
				return p.result(), p.failure(ctx, err)
			}
			if pause(limited, wait) == nil {
				continue
			}
		}
		return p.result(), p.failure(ctx, fmt.Errorf("%w; before that: %w", context.Cause(limited), reason))
	}
}

// purchase is a CheckoutOnce under way, and what the service has said so far.
type purchase struct {
	client             *Client
	customerID, cartID string
	options            []CallOption
	requestID          string // of the checkout; the same until the service has answered
	stored             bool   // whether the caller gave the first one, and may have used it before
	spared             int    // failures of the credential that were taken for passing ones

	cart   *Cart // as it was read; nil before
	groups []GroupOutcome
	orders []Order             // that were told, each once
	last   *CartCheckoutResult // of the last checkout that was answered with one
	unsure bool                // whether a checkout that was sent since that may have ordered
}

// try reads the cart, once, and checks it out.
func (p *purchase) try(ctx context.Context) error {
	if p.cart == nil {
		if err := p.read(ctx); err != nil {
			return err
		}
	}
	if failed := lineErrors(p.cart.LineItems); len(failed) > 0 && p.cart.Status != CartStatusOrdered {
		return &CartLineItemsError{CartID: p.cart.ID, Lines: failed}
	}
	result, err := p.client.Carts.checkout(ctx, p.customerID, p.cartID, append(p.options, RequestID(p.requestID)))
	if err == nil {
		return p.learn(result)
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Tries > 0 {
		// Before a refusal a try without an answer may have ordered; who makes a cart busy may do so now; and who has
		// submitted it, before.
		if e.refused() {
			p.requestID = NewRequestID()
		}
		p.unsure = p.unsure || !e.refused() || e.Tries > 1 || e.StatusCode == http.StatusConflict || e.Is(ErrCartSubmitted)
	}
	if !errors.Is(err, ErrCartSubmitted) {
		return err
	}
	if again := p.read(ctx); again != nil { // a service that does not repeat its answer; is the whole cart ordered?
		return fmt.Errorf("%w; before that: %w", again, err)
	}
	return err
}

// read reads the cart.
func (p *purchase) read(ctx context.Context) error {
	cart, err := p.client.Carts.Get(ctx, p.customerID, p.cartID, append(p.options, RequestID(NewRequestID()))...)
	if err != nil {
		return err
	}
	if p.cart = cart; p.groups == nil {
		for _, name := range groupsOf(cart) {
			p.groups = append(p.groups, GroupOutcome{OrderGroup: name, Lines: linesOf(cart.LineItems, name)})
		}
	}
	return nil
}

// learn takes in what a checkout was answered. What was ordered stays so, whatever later answers have.
func (p *purchase) learn(result *CartCheckoutResult) error {
	p.last, p.unsure, p.requestID, p.stored = result, false, NewRequestID(), false
	p.groups = slices.DeleteFunc(p.groups, func(g GroupOutcome) bool { return g.Order == nil && len(g.Lines) == 0 })
	for i := range p.groups {
		if g := &p.groups[i]; g.State != Ordered {
			g.State, g.Err = Unknown, nil
		}
	}
	for _, failed := range result.OrderErrors {
		g := p.group(failed.OrderGroupID)
		if g.State == Ordered || g.Err != nil && g.State == Unknown {
			continue // of several errors one that is not final counts
		}
		g.Err, g.State = orderGroupError(p.cart, failed), Unknown
		if isFinal(g.Err.Code) {
			g.State = NotOrdered
		}
	}
	for _, order := range result.Orders {
		if i := slices.IndexFunc(p.orders, func(o Order) bool { return o.ID == order.ID }); i >= 0 {
			p.orders[i] = order
		} else {
			p.orders = append(p.orders, order)
		}
	}
	for _, order := range p.orders {
		p.assign(order)
	}
	p.assignRest()
	if err := partialCheckout(p.cart, p.result()); err != nil {
		return err
	}
	if len(p.groups) == 0 || slices.ContainsFunc(p.groups, func(g GroupOutcome) bool { return g.State != Ordered }) {
		return errIncomplete
	}
	return nil
}

// group gives what is known of a group, also of one that the cart did not have when it was read.
func (p *purchase) group(name string) *GroupOutcome {
	i := slices.IndexFunc(p.groups, func(g GroupOutcome) bool { return g.OrderGroup == name })
	if i < 0 {
		i = len(p.groups)
		p.groups = append(p.groups, GroupOutcome{OrderGroup: name})
	}
	return &p.groups[i]
}

// assign finds the group that an order is of: the one that has it already, or one that has just the order's lines, if there
// is a choice one that is not answered with an error. What is ordered is ordered, whatever else is said of it.
func (p *purchase) assign(order Order) {
	for _, is := range []func(*GroupOutcome) bool{
		func(g *GroupOutcome) bool { return g.Order != nil && g.Order.ID == order.ID },
		func(g *GroupOutcome) bool { return g.Order == nil && g.Err == nil && buys(&order, g.Lines) },
		func(g *GroupOutcome) bool { return g.Order == nil && buys(&order, g.Lines) },
	} {
		if i := slices.IndexFunc(p.groups, func(g GroupOutcome) bool { return is(&g) }); i >= 0 {
			p.groups[i].State, p.groups[i].Order = Ordered, &order
			return
		}
	}
}

// assignRest takes the orders that are left for the groups that are left, in their order, if there are as many
// (CHECKOUT-RESULT).
func (p *purchase) assignRest() {
	var groups []*GroupOutcome
	for i := range p.groups {
		if g := &p.groups[i]; g.Order == nil && g.Err == nil {
			groups = append(groups, g)
		}
	}
	orders := slices.DeleteFunc(slices.Clone(p.orders), func(o Order) bool {
		return slices.ContainsFunc(p.groups, func(g GroupOutcome) bool { return g.Order != nil && g.Order.ID == o.ID })
	})
	if len(orders) != len(groups) {
		return
	}
	for i, g := range groups {
		g.State, g.Order = Ordered, &orders[i]
	}
}

// result gives all orders that were told, in the order of their groups, and the last answer's errors; nil if there was none.
func (p *purchase) result() *CartCheckoutResult {
	if p.last == nil {
		return nil
	}
	result := *p.last
	result.Orders = slices.Clone(p.orders)
	place := func(o Order) int {
		i := slices.IndexFunc(p.groups, func(g GroupOutcome) bool { return g.Order != nil && g.Order.ID == o.ID })
		if i < 0 {
			return len(p.groups) // after those of the groups
		}
		return i
	}
	slices.SortStableFunc(result.Orders, func(a, b Order) int { return cmp.Compare(place(a), place(b)) })
	return &result
}

// maxSpared is how many failures of the credential are taken for passing ones.
const maxSpared = 2

// mayChange tells whether asking again, without any change, may have another outcome.
func (p *purchase) mayChange(err error) bool {
	if partial, ok := errors.AsType[*PartialCheckoutError](err); ok {
		return slices.ContainsFunc(partial.Failed, func(g *OrderGroupError) bool { return kinds[g.Code].again }) ||
			slices.ContainsFunc(p.groups, func(g GroupOutcome) bool { return g.State == Unknown && g.Err == nil })
	}
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return errors.Is(err, errIncomplete)
	case e.RequestID == "" || errors.Is(err, ErrNotStub):
		return false // it can't be sent, or must not
	case e.Tries == 0 || e.StatusCode == http.StatusUnauthorized || isNonRetriable(err):
		p.spared++
		return p.spared <= maxSpared // a new token may be better
	case e.Is(ErrCartSubmitted):
		return p.cart == nil || p.cart.Status != CartStatusOrdered
	case e.StatusCode == http.StatusConflict:
		return true
	case e.refused() && p.stored && e.Op == "checkoutCart":
		p.stored = false // the service may have repeated what it answered to this id before
		return true
	}
	return !e.refused() && !isFinal(e.Code)
}

// isNonRetriable tells whether azcore or the credential says that a request can't succeed: no token is to be had, say.
func isNonRetriable(err error) bool {
	_, ok := errors.AsType[interface {
		error
		NonRetriable()
	}](err)
	return ok
}

func retryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
