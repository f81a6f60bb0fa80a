package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// CartService has the operations on carts.
type CartService struct{ client *Client }

// Create creates a cart for a customer out of the line items of cart; what only the service sets is ignored.
//
// A line that can't be bought does not keep the service from creating the cart (CART-LINE-ERROR): then Create gives the cart
// and a *CartLineItemsError. Such a cart can't be checked out, but be updated.
//
// It serves POST /customers/{customer_id}/carts.
func (s *CartService) Create(ctx context.Context, customerID string, cart *Cart, options ...CallOption) (*Cart, error) {
	if cart == nil {
		return nil, noCart("createCart")
	}
	return withLineErrors(call(ctx, s.client, operation[Cart]{
		name: "createCart", ids: []string{customerID}, whole: wholeCart,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.CreateCart(ctx, customerID, nil, *cart)
		},
	}, options))
}

// Get reads a cart. One that has expired, seven days after it was created, is ErrCartNotFound (CART-EXPIRY). Lines that can't
// be bought carry an Error.
//
// It serves GET /customers/{customer_id}/carts/{cart_id}.
func (s *CartService) Get(ctx context.Context, customerID, cartID string, options ...CallOption) (*Cart, error) {
	return call(ctx, s.client, operation[Cart]{
		name: "getCart", ids: []string{customerID, cartID}, whole: wholeCart,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.GetCart(ctx, customerID, cartID, nil)
		},
	}, options)
}

// Update replaces all line items of the cart with this id by those of cart (CART-PUT): get it, change it, update it. One
// that has an order already is ErrCartSubmitted. Lines that can't be bought make it fail as they do Create.
//
// It serves PUT /customers/{customer_id}/carts/{cart_id}.
func (s *CartService) Update(ctx context.Context, customerID, cartID string, cart *Cart, options ...CallOption) (*Cart, error) {
	if cart == nil {
		return nil, noCart("updateCart")
	}
	return withLineErrors(call(ctx, s.client, operation[Cart]{
		name: "updateCart", ids: []string{customerID, cartID}, whole: wholeCart,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.UpdateCart(ctx, customerID, cartID, nil, *cart)
		},
	}, options))
}

// Checkout buys the cart: one order for each order group. Orders are final and cost money. It may be called again, after a
// time-out too: what is ordered is not ordered again (CHECKOUT-REPEAT); CheckoutOnce does so for as long as it takes.
//
// An order group that can't be bought does not keep the others from it (CHECKOUT-RETRY): then Checkout gives what was ordered
// and a *PartialCheckoutError. A line's SubscriptionID may come later, see Orders.WaitProvisioned (ORDER-SUBSCRIPTION).
//
// It serves POST /customers/{customer_id}/carts/{cart_id}/checkout.
func (s *CartService) Checkout(ctx context.Context, customerID, cartID string, options ...CallOption) (*CartCheckoutResult, error) {
	set := settingsOf(options)
	options = append(slices.Clip(options), RequestID(set.ids.request), CorrelationID(set.ids.correlation))
	result, err := s.checkout(ctx, customerID, cartID, options)
	if err != nil || len(result.OrderErrors) == 0 {
		return result, err
	}
	look, cancel := oneLook(ctx)
	defer cancel()
	cart, err := s.Get(look, customerID, cartID, append(options, RequestID(NewRequestID()))...) // for the lines of the groups
	if err != nil {
		cart = &Cart{ID: cartID}
	}
	return result, partialCheckout(cart, result)
}

func (s *CartService) checkout(ctx context.Context, customerID, cartID string, options []CallOption) (*CartCheckoutResult, error) {
	return call(ctx, s.client, operation[CartCheckoutResult]{
		name: "checkoutCart", ids: []string{customerID, cartID},
		whole: func(r *CartCheckoutResult) bool {
			return (r.Orders != nil || r.OrderErrors != nil) && !slices.ContainsFunc(r.Orders, func(o Order) bool { return o.ID == "" })
		},
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.CheckoutCart(ctx, customerID, cartID, nil)
		},
	}, options)
}

func wholeCart(c *Cart) bool { return c.ID != "" }

func noCart(op string) error { return &Error{Op: op, Err: errors.New("there is no cart")} }
