package proof_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// shopper is a client that takes all steps of a purchase, and knows which of them were acknowledged. It repeats the one that
// failed until it is, and holds the server to what it knows: at each moment, and at the end.
type shopper struct {
	*testing.T
	about    func() string // what the test does to the server, for its errors
	handler  http.Handler
	customer string
	name     string // of its lines, which no other shopper has
	patient  bool   // nothing that it asks for may fail
	told     bool   // whatever can't be served must be answered so, 503, and when to come again

	done    int    // steps that were acknowledged
	unknown bool   // the next one was tried, and nobody can tell whether it was done
	id      string // of the request, the same for a repetition
	cart    string // its id
	orders  map[string]model.Order
	paid    string // the id of the subscription whose quantity changes

	unserved int // requests that were not
}

// The steps of a purchase, in order.
const (
	stepCreate = iota
	stepPut
	stepCheckout
	stepCancel
	stepQuantity
	steps
)

// The order groups of a cart that was put: a licence, software, and a legacy offer. It is created without the last.
const (
	groupLicence  = "0"
	groupSoftware = "1"
	groupLegacy   = "OMS-0"

	quantityAtFirst, quantityPut, quantityChanged = 2, 5, 7
)

func newShopper(t *testing.T, handler http.Handler, about func() string) *shopper {
	return &shopper{
		T: t, about: about, handler: handler, customer: uuid.NewString(), name: "shopper " + uuid.NewString(),
		id: uuid.NewString(),
	}
}

// fault reports what no server may do.
func (s *shopper) fault(format string, args ...any) {
	s.Helper()
	s.Errorf("%s: after %d steps, unknown %v: %s", s.about(), s.done, s.unknown, fmt.Sprintf(format, args...))
}

// purchase takes all steps. A step that failed, and what is read after it, must be served at the next try.
func (s *shopper) purchase() {
	for s.done < steps {
		s.step()
	}
	s.mustLook()
}

// step tries the next step, and repeats it if it failed.
func (s *shopper) step() {
	if s.try() {
		return
	}
	s.mustLook()
	if !s.try() {
		s.Fatalf("%s: step %d failed twice", s.about(), s.done)
	}
}

// mustLook looks, a second time if the first was not served.
func (s *shopper) mustLook() {
	for range 2 {
		if s.look() {
			return
		}
	}
	s.fault("reading failed twice")
}

// try sends the next step. It tells whether it was acknowledged.
func (s *shopper) try() bool {
	r, status := s.request()
	got := s.ask(r)
	switch {
	case got.failed() && !s.patient:
		s.unknown = true
		return false
	case got.status != status:
		s.fault("%s is answered %d\n%s", r.name, got.status, got.body)
		s.FailNow()
	}
	s.acknowledge(got)
	s.next()
	return true
}

// next goes on after a step that was acknowledged.
func (s *shopper) next() { s.done, s.unknown, s.id = s.done+1, false, uuid.NewString() }

// ask sends a request.
func (s *shopper) ask(r request) reply {
	got := handle(s.Context(), s.handler, r)
	if !got.failed() {
		return got
	}
	s.unserved++
	if s.told && (got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "") {
		s.fault("%s is answered %d, Retry-After %q\n%s", r.name, got.status, got.header.Get("Retry-After"), got.body)
	}
	return got
}

// requireOneCart looks into the database itself, after a whole purchase: its create, whether it was repeated or not, has made one
// cart, and no other of which nobody would ever know.
func (s *shopper) requireOneCart(db database) {
	s.Helper()
	carts := slices.Collect(query(s.T, db.driver, db.name, "SELECT body FROM carts WHERE customer_id = '"+s.customer+"'"))
	if len(carts) != 1 || !strings.Contains(carts[0], s.name) {
		s.fault("%d carts, want one of the shopper's: %q", len(carts), carts)
	}
}

// request gives the next step, and the status that acknowledges it.
func (s *shopper) request() (request, int) {
	carts := "/v1/customers/" + s.customer + "/carts"
	switch s.done {
	case stepCreate:
		return request{"create", http.MethodPost, carts, s.id, s.body(quantityAtFirst, groupLicence, groupSoftware)}, http.StatusCreated
	case stepPut:
		return request{"put", http.MethodPut, carts + "/" + s.cart, s.id, s.body(quantityPut, groupLicence, groupSoftware, groupLegacy)}, http.StatusCreated
	case stepCheckout:
		return request{"checkout", http.MethodPost, carts + "/" + s.cart + "/checkout", "", nil}, http.StatusCreated
	case stepCancel:
		order := s.orders[groupSoftware].ID
		body := fmt.Appendf(nil, `{"id": %q, "status": "cancelled", "lineItems": [{"lineItemNumber": 0}]}`, order)
		return request{"cancel a line", http.MethodPatch, "/v1/customers/" + s.customer + "/orders/" + order, s.id, body}, http.StatusOK
	}
	body := fmt.Appendf(nil, `{"quantity": %d}`, quantityChanged)
	return request{"change the quantity", http.MethodPatch, "/v1/customers/" + s.customer + "/subscriptions/" + s.paid, s.id, body}, http.StatusOK
}

// items are what is bought, by order group.
var items = map[string]string{
	groupLicence:  `"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", "billingCycle": "monthly", "termDuration": "P1M"`,
	groupSoftware: `"catalogItemId": "DG7GMGF0DWM3:0002:DG7GMGF0DT1M", "billingCycle": "one_time"`,
	groupLegacy:   `"catalogItemId": "031C9E47-4802-4248-838E-778FB1D2CC05", "billingCycle": "monthly"`,
}

// cartBody is a cart with a line for each order group. The lines have a name that their orders take over.
func cartBody(name string, quantity int, groups ...string) []byte {
	var lines []string
	for _, group := range groups {
		lines = append(lines, fmt.Sprintf(`{%s, "friendlyName": %q, "quantity": %d}`, items[group], name+" group "+group, quantity))
	}
	return fmt.Appendf(nil, `{"lineItems": [%s]}`, strings.Join(lines, ", "))
}

func (s *shopper) body(quantity int, groups ...string) []byte {
	return cartBody(s.name, quantity, groups...)
}

// acknowledge takes in what a step was answered.
func (s *shopper) acknowledge(got reply) {
	switch s.done {
	case stepCreate, stepPut:
		cart := decoded[model.Cart](s.T, got)
		if s.cart != "" && s.cart != cart.ID {
			s.fault("cart %s is answered as %s", s.cart, cart.ID)
		}
		s.cart = cart.ID
		s.requireLines(cart, s.done == stepPut)
	case stepCheckout:
		result := decoded[model.CartCheckoutResult](s.T, got)
		if len(result.OrderErrors) > 0 {
			s.fault("order errors: %v", result.OrderErrors)
		}
		s.orders = s.byGroup(result.Orders)
		if len(s.orders) != len(items) {
			s.fault("the checkout gives orders of %d groups", len(s.orders))
			s.FailNow()
		}
		s.paid = s.orders[groupLicence].LineItems[0].SubscriptionID
	case stepCancel:
		if order := decoded[model.Order](s.T, got); !cancelled(order) {
			s.fault("the cancelled order is %s", got.body)
		}
	case stepQuantity:
		if sub := decoded[model.Subscription](s.T, got); sub.ID != s.paid || sub.Quantity != quantityChanged {
			s.fault("the changed subscription is %s", got.body)
		}
	}
}

func cancelled(o model.Order) bool {
	return o.Status == model.OrderStatusCancelled && o.LineItems[0].Quantity == 0
}

// fits tells whether a step may be found done, or not done.
func (s *shopper) fits(step int, found bool) bool {
	switch {
	case step < s.done:
		return found
	case step == s.done && s.unknown:
		return true
	}
	return !found
}

// requireLines requires that a cart is as it was created, or as it was put; nothing between.
func (s *shopper) requireLines(cart model.Cart, put bool) {
	quantity, groups := quantityAtFirst, []string{groupLicence, groupSoftware}
	if put {
		quantity, groups = quantityPut, append(groups, groupLegacy)
	}
	right := len(cart.LineItems) == len(groups)
	for i, line := range cart.LineItems {
		right = right && line.FriendlyName == s.name+" group "+groups[i] && line.OrderGroup == groups[i] && int(line.Quantity) == quantity
	}
	if !right {
		s.fault("the cart, put %v, has the lines %+v", put, cart.LineItems)
	}
}

// byGroup sorts orders by the group that they were placed for, and requires one for each.
func (s *shopper) byGroup(orders []model.Order) map[string]model.Order {
	sorted := make(map[string]model.Order)
	for _, order := range orders {
		if len(order.LineItems) != 1 {
			s.fault("an order has %d lines", len(order.LineItems))
			continue
		}
		group, own := strings.CutPrefix(order.LineItems[0].FriendlyName, s.name+" group ")
		if _, twice := sorted[group]; twice || !own {
			s.fault("order %s is for %q, for which there is another or should be none", order.ID, order.LineItems[0].FriendlyName)
		}
		sorted[group] = order
	}
	return sorted
}

// look reads all that the shopper can see and requires that it is whole, and what is known. It tells whether all was served.
func (s *shopper) look() bool {
	orders, served := get[model.OrderCollection](s, "/orders")
	if !served {
		return false
	}
	found := s.byGroup(orders.Items)
	ordered := len(found) == len(items)
	if !ordered && len(found) > 0 || !s.fits(stepCheckout, ordered) {
		s.fault("there are orders for %d of %d groups", len(found), len(items))
	}
	return s.lookAtCart(ordered) && s.lookAtOrders(found) && s.lookAtSubscriptions(found)
}

func (s *shopper) lookAtCart(ordered bool) bool {
	if s.cart == "" {
		return true
	}
	cart, served := get[model.Cart](s, "/carts/"+s.cart)
	if !served {
		return false
	}
	put := len(cart.LineItems) > 2
	s.requireLines(cart, put)
	if !s.fits(stepPut, put) || (cart.Status == model.CartStatusOrdered) != ordered {
		s.fault("the cart is put %v, %s, and has orders: %v", put, cart.Status, ordered)
	}
	return true
}

func (s *shopper) lookAtOrders(found map[string]model.Order) bool {
	for group, listed := range found {
		order, served := get[model.Order](s, "/orders/"+listed.ID)
		if !served {
			return false
		}
		if diff := cmp.Diff(listed, order); diff != "" {
			s.fault("order %s differs (-listed +read):\n%s", listed.ID, diff)
		}
		if s.orders != nil && s.orders[group].ID != order.ID {
			s.fault("the order of group %s is %s, and was acknowledged as %s", group, order.ID, s.orders[group].ID)
		}
	}
	if order, ok := found[groupSoftware]; ok && !s.fits(stepCancel, cancelled(order)) {
		s.fault("the order whose line is cancelled is %+v", order)
	}
	return true
}

// lookAtSubscriptions requires that orders and subscriptions name each other.
func (s *shopper) lookAtSubscriptions(found map[string]model.Order) bool {
	subscriptions, served := get[model.SubscriptionCollection](s, "/subscriptions")
	if !served {
		return false
	}
	of := make(map[string]model.Subscription)
	for _, sub := range subscriptions.Items {
		of[sub.OrderID] = sub
		if read, served := get[model.Subscription](s, "/subscriptions/"+sub.ID); !served {
			return false
		} else if diff := cmp.Diff(sub, read); diff != "" {
			s.fault("subscription %s differs (-listed +read):\n%s", sub.ID, diff)
		}
	}
	for group, order := range found {
		sub, ok := of[order.ID]
		if ok != (group != groupSoftware) || sub.ID != order.LineItems[0].SubscriptionID {
			s.fault("order %s of group %s names the subscription %q, there is %q", order.ID, group, order.LineItems[0].SubscriptionID, sub.ID)
		}
		if group == groupLicence && !s.fits(stepQuantity, sub.Quantity == quantityChanged) {
			s.fault("the quantity of subscription %s is %d", sub.ID, sub.Quantity)
		}
	}
	if len(found) == 0 && len(of) > 0 {
		s.fault("there are %d subscriptions without orders", len(of))
	}
	return true
}

// get reads what the customer has. It tells whether the server could serve; anything but 200 is wrong if it could.
func get[T any](s *shopper, path string) (v T, served bool) {
	s.Helper()
	got := s.ask(request{"read", http.MethodGet, "/v1/customers/" + s.customer + path, "", nil})
	switch {
	case got.failed() && !s.patient:
		return v, false
	case got.status != http.StatusOK:
		s.fault("GET %s is answered %d\n%s", path, got.status, got.body)
		return v, true
	}
	return decoded[T](s.T, got), true
}
