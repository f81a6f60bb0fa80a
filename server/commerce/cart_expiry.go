package commerce

import "time"

// CartLifetime is how long after its creation a cart can be read, changed and checked out (CART-EXPIRY). The documents
// say seven days; one of their older examples shows fifteen minutes.
const CartLifetime = 7 * 24 * time.Hour

// Expired reports whether a cart is gone at now. An ordered cart never is: it can be read and its checkout repeated.
func (r CartRecord) Expired(now time.Time) bool {
	return !r.Ordered() && !now.Before(r.Cart.ExpirationTimestamp)
}
