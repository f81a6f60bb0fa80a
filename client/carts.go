package client

import (
	"context"
	"errors"
	"net/http"
)

// CartService has the operations on carts.
type CartService struct{ client *Client }

// Create creates a cart for a customer out of the line items of cart; what only the service sets is ignored. A line that
// cannot be bought does not fail the call: look at the Error of each line of the answer (CART-LINE-ERROR).
//
// It serves POST /customers/{customer_id}/carts.
func (s *CartService) Create(ctx context.Context, customerID string, cart *Cart) (*Cart, error) {
	if err := checkCart("createCart", cart, customerID); err != nil {
		return nil, err
	}
	return cartOf(call(ctx, "createCart", wholeCart, func(ctx context.Context) (*http.Response, error) {
		return s.client.api.CreateCart(ctx, customerID, nil, *cart)
	}))
}

// Get reads a cart. One that has expired is 404 / 800008 (CART-EXPIRY).
//
// It serves GET /customers/{customer_id}/carts/{cart_id}.
func (s *CartService) Get(ctx context.Context, customerID, cartID string) (*Cart, error) {
	if err := checkArguments("getCart", customerID, cartID); err != nil {
		return nil, err
	}
	return cartOf(call(ctx, "getCart", wholeCart, func(ctx context.Context) (*http.Response, error) {
		return s.client.api.GetCart(ctx, customerID, cartID, nil)
	}))
}

// Update replaces all line items of the cart with this id by those of cart (CART-PUT): get it, change it, update it. One
// that has an order already is 400 / 800065.
//
// It serves PUT /customers/{customer_id}/carts/{cart_id}.
func (s *CartService) Update(ctx context.Context, customerID, cartID string, cart *Cart) (*Cart, error) {
	if err := checkCart("updateCart", cart, customerID, cartID); err != nil {
		return nil, err
	}
	return cartOf(call(ctx, "updateCart", wholeCart, func(ctx context.Context) (*http.Response, error) {
		return s.client.api.UpdateCart(ctx, customerID, cartID, nil, *cart)
	}))
}

// Checkout buys the cart: one order for each order group. It may be called again, after a time-out too: what is ordered is
// not ordered again (CHECKOUT-REPEAT). Look at the OrderErrors of the answer: groups in it are not ordered
// (CHECKOUT-RETRY). A line's SubscriptionID may come later, with Orders.Get (ORDER-SUBSCRIPTION).
//
// It serves POST /customers/{customer_id}/carts/{cart_id}/checkout.
func (s *CartService) Checkout(ctx context.Context, customerID, cartID string) (*CartCheckoutResult, error) {
	if err := checkArguments("checkoutCart", customerID, cartID); err != nil {
		return nil, err
	}
	whole := func(r *CartCheckoutResult) bool { return r.Orders != nil || r.OrderErrors != nil }
	result, err := call(ctx, "checkoutCart", whole, func(ctx context.Context) (*http.Response, error) {
		return s.client.api.CheckoutCart(ctx, customerID, cartID, nil)
	})
	if err != nil {
		return nil, err
	}
	for i := range result.Orders {
		spellOrder(&result.Orders[i])
	}
	return result, nil
}

// checkCart refuses arguments of which no request can be made.
func checkCart(op string, cart *Cart, ids ...string) error {
	if cart == nil {
		return &Error{Op: op, Err: errors.New("there is no cart")}
	}
	return checkArguments(op, ids...)
}

func wholeCart(c *Cart) bool { return c.ID != "" }

func cartOf(cart *Cart, err error) (*Cart, error) {
	if err != nil {
		return nil, err
	}
	spellLines(cart.LineItems)
	return cart, nil
}
