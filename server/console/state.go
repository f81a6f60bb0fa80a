package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// state is what customers have: carts with the orders that came of them.
type state struct {
	Groups  []group
	Carts   int
	Orders  int
	Waiting bool // an order is pending
}

// group is a cart with its orders. Of an order without a cart it is the order alone.
type group struct {
	Cart       *control.CartSummary // nil where there is none, or where it is not among the newest
	ID         string               // of the cart, or of the order without one
	CartID     string
	CustomerID string
	Orders     []control.OrderSummary
	Left       time.Duration // until the cart expires
	newest     time.Time
}

// Is reports whether the group has a cart of a status.
func (g group) Is(status control.CartSummaryStatus) bool {
	return g.Cart != nil && g.Cart.Status == status
}

// state gives the newest carts and orders.
func (c *console) state(r *http.Request) (*state, error) {
	var carts control.CartList
	var orders control.OrderList
	var clock control.Clock
	for path, into := range map[string]any{"/carts": &carts, "/orders": &orders, "/clock": &clock} {
		if err := c.control.call(r, http.MethodGet, path, nil, into); err != nil {
			return nil, err
		}
	}
	s := &state{Groups: groups(carts.Items, orders.Items, clock.Now), Carts: len(carts.Items), Orders: len(orders.Items)}
	s.Waiting = slices.ContainsFunc(orders.Items, func(o control.OrderSummary) bool { return waits(o.Status) })
	return s, nil
}

// groups puts orders to their carts, and what has changed last first.
func groups(carts []control.CartSummary, orders []control.OrderSummary, now time.Time) []group {
	var all []*group
	byCart := make(map[string]*group)
	for i := range carts {
		cart := &carts[i]
		g := &group{Cart: cart, ID: cart.ID, CartID: cart.ID, CustomerID: cart.CustomerID, Left: cart.Expires.Sub(now), newest: cart.Created}
		byCart[cart.CustomerID+strings.ToLower(cart.ID)] = g
		all = append(all, g)
	}
	for _, o := range orders {
		key := o.CustomerID + strings.ToLower(o.CartID)
		g := byCart[key]
		if g == nil {
			g = &group{ID: o.ID, CartID: o.CartID, CustomerID: o.CustomerID}
			all = append(all, g)
			if o.CartID != "" {
				byCart[key] = g
			}
		}
		g.Orders = append(g.Orders, o)
		if o.Created.After(g.newest) {
			g.newest = o.Created
		}
	}
	out := make([]group, len(all))
	for i, g := range all {
		slices.SortStableFunc(g.Orders, func(a, b control.OrderSummary) int { return strings.Compare(a.OrderGroup, b.OrderGroup) })
		out[i] = *g
	}
	slices.SortStableFunc(out, func(a, b group) int { return b.newest.Compare(a.newest) })
	return out
}
