package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxRounds is how often CheckoutOnce asks, each time with the retries of the client, before it gives up.
const maxRounds = 12

// CheckoutOnce buys the cart, and never buys it twice, whatever happens: answers that are lost or late, throttling, a busy
// cart, order groups that fail for a while, a crash of the program. It ends when each order group is ordered, exactly once,
// or with a *CheckoutError that tells for each group whether it is ordered.
//
// All that has to survive a crash is the cart's id: store it before the call, and call CheckoutOnce with it again, in
// another process too, until it returns nil or an error that you have dealt with. Do not make a new cart while an order
// group is Unknown: it is the new cart that would be a second purchase. If you stored a RequestID too, give it again.
//
// It asks with growing delays, and goes on until ctx ends, the service refuses in a way that asking again can't change, or
// after some minutes of trying. A *PartialCheckoutError or a *CartLineItemsError that was the reason is found by errors.As.
//
// Two things make it safe. The service orders each group of a cart once, however often the cart is checked out
// (CHECKOUT-REPEAT, CHECKOUT-RETRY). And while it is not known what became of a request, the next try has the same
// MS-RequestId (HTTP-IDEMPOTENCY).
func (s *CartService) CheckoutOnce(ctx context.Context, customerID, cartID string, options ...CallOption) (*CartCheckoutResult, error) {
	set := settingsOf(options)
	p := &purchase{
		client: s.client, customerID: customerID, cartID: cartID,
		options: append(slices.Clip(options), CorrelationID(set.ids.correlation)), requestID: set.ids.request,
	}
	delays := backoff{next: time.Second, most: 30 * time.Second}
	for round := 1; ; round++ {
		result, err := p.try(ctx)
		if err == nil {
			return result, nil
		}
		if round == maxRounds || !mayChange(err) {
			return p.result, p.failure(ctx, err)
		}
		if ended := pause(ctx, delays.delay(retryAfterOf(err))); ended != nil {
			return p.result, p.failure(ctx, fmt.Errorf("%w; before that: %w", ended, err))
		}
	}
}

// purchase is a CheckoutOnce under way.
type purchase struct {
	client             *Client
	customerID, cartID string
	options            []CallOption
	requestID          string              // of the checkout; the same until the service has answered
	cart               *Cart               // as it was read
	result             *CartCheckoutResult // of the last checkout that was answered with one
	unclear            bool                // whether a checkout was sent after that
}

// try reads the cart, once, and checks it out.
func (p *purchase) try(ctx context.Context) (*CartCheckoutResult, error) {
	if p.cart == nil {
		cart, err := p.read(ctx)
		if err != nil {
			return nil, err
		}
		p.cart = cart
	}
	if failed := lineErrors(p.cart.LineItems); len(failed) > 0 {
		return nil, &CartLineItemsError{CartID: p.cart.ID, Lines: failed}
	}
	p.unclear = true // until it has a result: before a refusal, a try without an answer may have ordered
	result, err := p.client.Carts.checkout(ctx, p.customerID, p.cartID, append(p.options, RequestID(p.requestID)))
	if err == nil {
		p.result, p.unclear, p.requestID = result, false, NewRequestID()
		return result, partialCheckout(p.cart, result)
	}
	if refused, ok := errors.AsType[*Error](err); ok && refused.answered() {
		p.requestID = NewRequestID()
	}
	if errors.Is(err, ErrCartSubmitted) {
		return p.submitted(ctx, err)
	}
	return nil, err
}

func (p *purchase) read(ctx context.Context) (*Cart, error) {
	return p.client.Carts.Get(ctx, p.customerID, p.cartID, append(p.options, RequestID(NewRequestID()))...)
}

// submitted deals with a service that does not repeat the answer to a checkout (400 / 800065): what was ordered stands in the
// customer's orders then.
func (p *purchase) submitted(ctx context.Context, refused error) (*CartCheckoutResult, error) {
	cart, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	p.cart = cart
	if cart.Status != CartStatusOrdered {
		return nil, refused
	}
	found, err := p.candidates(ctx)
	if err != nil {
		return nil, err
	}
	result := &CartCheckoutResult{Attributes: ResourceAttributes{ObjectType: "CartCheckoutResult"}}
	for _, group := range groupsOf(cart) {
		if orders := found[group]; len(orders) == 1 {
			result.Orders = append(result.Orders, *orders[0])
			continue
		}
		return nil, refused // which of several it is, only the customer's orders can tell
	}
	return result, nil
}

// candidates gives the customer's orders since the cart was made that have just the lines of one of its groups.
func (p *purchase) candidates(ctx context.Context) (map[string][]*Order, error) {
	found := make(map[string][]*Order)
	since := p.cart.CreationTimestamp.Add(-time.Minute) // clocks differ
	for order, err := range p.client.Orders.List(ctx, p.customerID, append(p.options, RequestID(NewRequestID()), IncludePrice())...) {
		if err != nil {
			return nil, err
		}
		for _, group := range groupsOf(p.cart) {
			if !order.CreationDate.Before(since) && buys(order, linesOf(p.cart.LineItems, group)) {
				found[group] = append(found[group], order)
			}
		}
	}
	return found, nil
}

// buys tells whether an order has just these lines.
func buys(order *Order, lines []CartLineItem) bool {
	if len(lines) == 0 || order.BillingCycle != lines[0].BillingCycle {
		return false
	}
	bought := make([]string, len(order.LineItems))
	for i, line := range order.LineItems {
		bought[i] = fmt.Sprintf("%s %d", strings.ToLower(line.OfferID), line.Quantity)
	}
	wanted := wants(lines)
	slices.Sort(bought)
	slices.Sort(wanted)
	return slices.Equal(bought, wanted)
}

// wants gives what lines and their add-ons are to buy.
func wants(lines []CartLineItem) (items []string) {
	for _, line := range lines {
		items = append(items, fmt.Sprintf("%s %d", strings.ToLower(line.CatalogItemID), line.Quantity))
		items = append(items, wants(line.AddonItems)...)
	}
	return items
}

// groupsOf gives the order groups of a cart in their order (CART-GROUP).
func groupsOf(cart *Cart) (groups []string) {
	for _, line := range cart.LineItems {
		if !slices.Contains(groups, line.OrderGroup) {
			groups = append(groups, line.OrderGroup)
		}
	}
	return groups
}

// mayChange tells whether asking again, without any change, may have another outcome.
func mayChange(err error) bool {
	if partial, ok := errors.AsType[*PartialCheckoutError](err); ok {
		return slices.ContainsFunc(partial.Failed, func(g *OrderGroupError) bool { return kinds[g.Code].again })
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.RequestID == "" || isNonRetriable(err) {
		return false
	}
	return !e.answered() || e.StatusCode == http.StatusConflict || e.Is(ErrCartSubmitted)
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
