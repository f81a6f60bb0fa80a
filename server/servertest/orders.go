package servertest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
)

// Orders gives the orders of some customers or of all, the oldest first, with prices, as they are now: also those that code
// under test has not seen because an answer was lost. It is no request.
func (s *Stub) Orders(customerIDs ...string) []server.PlacedOrder {
	s.t.Helper()
	orders, err := s.server.Orders(context.Background(), "")
	if err != nil {
		s.t.Fatalf("servertest: Orders: %v", err)
	}
	if len(customerIDs) == 0 {
		return orders
	}
	return slices.DeleteFunc(orders, func(o server.PlacedOrder) bool {
		return !slices.ContainsFunc(customerIDs, func(id string) bool { return strings.EqualFold(id, o.ReferenceCustomerID) })
	})
}

// RequireOrders ends the test t where the stub has not exactly n orders, of all customers, and logs which it has.
func (s *Stub) RequireOrders(t TB, n int) {
	t.Helper()
	orders := s.Orders()
	if len(orders) == n {
		return
	}
	for _, o := range orders {
		t.Log("servertest: " + orderText(o))
	}
	t.Fatalf("servertest: want %d orders, the stub has %d", n, len(orders)) // without ids: rapid knows a failure by its text
}

// orderText gives a line for an order, and one for each of its lines.
func orderText(o server.PlacedOrder) string {
	from := "created without a cart"
	if o.CartID != "" {
		from = fmt.Sprintf("of cart %s, group %s", o.CartID, o.OrderGroup)
	}
	text := fmt.Sprintf("order %s %s, %s:", o.ID, from, o.Status)
	for _, l := range o.LineItems {
		text += fmt.Sprintf("\n    %d × %s (%s)", l.Quantity, l.OfferID, l.FriendlyName)
	}
	return text
}
