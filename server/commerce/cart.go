package commerce

import (
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// CartRecord is the stored document of a cart: the cart as it is answered, and the orders that its checkouts placed.
type CartRecord struct {
	Cart model.Cart `json:"cart"`
	// Placed has one entry for each order group that is bought, in the order in which they were bought.
	Placed []PlacedOrder `json:"placed,omitempty"`
}

// PlacedOrder is an order group that is bought, with the order as it was answered then (CHECKOUT-REPEAT).
type PlacedOrder struct {
	OrderGroup string      `json:"orderGroup"`
	Order      model.Order `json:"order"`
}

// Author is who makes or changes a cart, for whom, and when.
type Author struct {
	CustomerID string
	User       string // object id of the user or application
	Now        time.Time
}

// NewCart makes a cart with this id out of a request (CART-CREATE). Only what a client may set is taken from the
// request (CART-READ-ONLY). It fails with 800002 when two lines have the same id.
func NewCart(id string, request model.Cart, by Author, catalog *Catalog) (CartRecord, error) {
	now := instant(by.Now)
	cart := model.Cart{
		ID:                  id,
		CreationTimestamp:   now,
		ExpirationTimestamp: now.Add(CartLifetime),
		Status:              model.CartStatusActive,
		Links:               model.CartLinks{Self: link("GET", "customers", by.CustomerID, "carts", id)},
		Attributes:          model.ResourceAttributes{ObjectType: "Cart"},
	}
	return CartRecord{Cart: cart}.fill(request, by, catalog)
}

// Replace gives the record with all line items replaced by those of a request; id, creation and expiry stay (CART-PUT).
// It fails with 800008 when the cart has expired, and with 800065 when it has any order.
func (r CartRecord) Replace(request model.Cart, by Author, catalog *Catalog) (CartRecord, error) {
	switch {
	case r.Expired(by.Now):
		return r, ErrCartNotFound
	case len(r.Placed) > 0:
		return r, &Error{
			Code:        CodeCartSubmitted,
			Description: "The cart has an order already and cannot be changed. Put what remains into a new cart.",
		}
	}
	return r.fill(request, by, catalog)
}

// Read gives the cart as it is at now. It fails with 800008 when the cart has expired.
func (r CartRecord) Read(now time.Time) (model.Cart, error) {
	if r.Expired(now) {
		return model.Cart{}, ErrCartNotFound
	}
	return r.Cart, nil
}

// Ordered reports whether all of the cart is bought.
func (r CartRecord) Ordered() bool { return r.Cart.Status == model.CartStatusOrdered }

// fill takes from the request what a client may set, and derives the rest. The attestation is accepted and not kept
// (CART-ATTESTATION).
func (r CartRecord) fill(request model.Cart, by Author, catalog *Catalog) (CartRecord, error) {
	lines, err := newLineItems(request.LineItems)
	if err != nil {
		return r, err
	}
	assess(lines, nil, catalog)
	assignOrderGroups(lines, catalog)
	r.Cart.LineItems = lines
	r.Cart.LastModifiedTimestamp = instant(by.Now)
	r.Cart.LastModifiedUser = by.User
	return r, nil
}

// instant is a time as documents carry it: UTC, at most microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
