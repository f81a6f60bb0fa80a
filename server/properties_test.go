package server_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// What holds for all carts, whatever their customer does with them, with the orders and subscriptions that come of them,
// and however much time goes by.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &shop{
			harness: newHarness(t), ids: map[string]bool{},
			orders: map[string]model.Order{}, subscriptions: map[string]model.Subscription{},
		}
		s.now = time.Date(2021, time.October, 12, 12, 0, 0, 0, time.UTC) // two days before promotions end
		s.create(t)
		t.Repeat(map[string]func(*rapid.T){
			"create a cart":         s.create,
			"replace the lines":     s.replace,
			"put what get gave":     s.putBack,
			"check out":             s.checkout,
			"check out more":        s.checkout, // what most of the rest needs
			"let time pass":         s.wait,
			"cancel an order":       s.cancel,
			"change a subscription": s.change,
			"":                      s.check,
		})
	})
}

// shop is a customer with carts, orders and subscriptions, as they were when they were last seen.
type shop struct {
	*harness
	ids           map[string]bool // of all kinds
	carts         []*cart
	orders        map[string]model.Order
	subscriptions map[string]model.Subscription
	changed       string // the id of the order that was changed last
}

// cart is a cart as it was last answered.
type cart struct {
	model.Cart
	body   []byte
	placed map[string]string // the order of each order group that is bought, as it was answered
	last   []byte            // the answer of the checkout that bought what was missing; nil until then
	judged string            // what the lines were judged by
}

func (c *cart) path() string { return "/carts/" + c.ID }

// create makes a cart, which its answer and every GET show as it is.
func (s *shop) create(t *rapid.T) {
	c := &cart{placed: map[string]string{}}
	c.read(s, s.call("POST", "/carts", s.drawCart(t)))
	s.claim(c.ID)
	s.carts = append(s.carts, c)
}

// replace puts other lines into a cart. It is refused once the cart is gone or has an order.
func (s *shop) replace(t *rapid.T) {
	c := s.drawn(t)
	s.put(c, s.drawCart(t))
}

// putBack puts what GET gave. Nothing changes by it but what tells of the change, as long as what the lines are judged by
// is the same.
func (s *shop) putBack(t *rapid.T) {
	c := s.drawn(t)
	before, judged := c.body, c.judged
	if !s.put(c, string(before)) || judged != c.judged {
		return
	}
	was, is := value[map[string]any](s, answer{body: before}, 0), value[map[string]any](s, answer{body: c.body}, 0)
	for _, name := range []string{"lastModifiedTimestamp", "lastModifiedUser"} {
		delete(was, name)
		delete(is, name)
	}
	if diff := cmp.Diff(was, is); diff != "" {
		t.Fatalf("a put of what get gave changed the cart (-before +after):\n%s", diff)
	}
}

// put replaces the lines of a cart, and tells whether that was accepted, as it must be unless the cart is gone or sold.
func (s *shop) put(c *cart, body string) bool {
	a := s.call("PUT", c.path(), body)
	switch {
	case s.gone(c):
		s.refused(a, http.StatusNotFound, 800008)
		return false
	case len(c.placed) > 0:
		s.refused(a, http.StatusBadRequest, 800065)
		return false
	}
	before := *c
	c.read(s, a)
	if c.ID != before.ID || c.CreationTimestamp != before.CreationTimestamp || c.ExpirationTimestamp != before.ExpirationTimestamp {
		s.Fatalf("a put changed the cart itself, from\n%s\nto\n%s", before.body, c.body)
	}
	return true
}

// checkout checks a cart out, for the first time or again.
func (s *shop) checkout(t *rapid.T) {
	c := s.drawn(t)
	a := s.call("POST", c.path()+"/checkout", "")
	switch {
	case c.last != nil:
		if string(a.body) != string(c.last) {
			s.Fatalf("the repeated checkout answers %d with\n%s\nnot\n%s", a.status, a.body, c.last)
		}
	case s.gone(c):
		s.refused(a, http.StatusNotFound, 800008)
	case c.wrong():
		s.refused(a, http.StatusBadRequest, 800009)
	default:
		c.bought(s, a)
	}
}

// bought reads the answer of a checkout: each order group of the cart has one order, of just its lines, or failed now.
func (c *cart) bought(s *shop, a answer) {
	result := value[struct {
		Orders      []json.RawMessage
		OrderErrors []model.OrderError
	}](s, a, http.StatusCreated)
	failed := map[string]bool{}
	for _, e := range result.OrderErrors {
		failed[e.OrderGroupID] = true
	}
	names, groups := c.groups()
	if len(failed) != len(result.OrderErrors) || len(names) != len(failed)+len(result.Orders) {
		s.Fatalf("of the %d groups %q there are %d orders and %d errors:\n%s", len(names), names, len(result.Orders), len(failed), a.body)
	}
	for _, name := range names {
		if failed[name] {
			if !fails(groups[name]) || c.placed[name] != "" {
				s.Fatalf("group %s of\n%s\nfailed:\n%s", name, c.body, a.body)
			}
			continue
		}
		body := string(result.Orders[0])
		result.Orders = result.Orders[1:]
		order := value[model.Order](s, answer{body: []byte(body)}, 0)
		if before, ok := c.placed[name]; ok {
			if body != before {
				s.Fatalf("a retry changed the order of group %s from\n%s\nto\n%s", name, before, body)
			}
			continue
		}
		s.sameLines(groups[name], order)
		s.claim(order.ID)
		c.placed[name], s.orders[order.ID] = body, order
	}
	if len(failed) == 0 {
		c.last = a.body
	}
	after := get[model.Cart](s.harness, c.path())
	if want := map[bool]model.CartStatus{true: model.CartStatusOrdered, false: model.CartStatusActive}[len(failed) == 0]; after.Status != want {
		s.Fatalf("after the checkout the cart is %s, not %s", after.Status, want)
	}
	c.Status = after.Status
	if diff := cmp.Diff(c.Cart, after); diff != "" {
		s.Fatalf("the checkout changed the cart (-before +after):\n%s", diff)
	}
}

// sameLines holds an order to the lines of its group.
func (s *shop) sameLines(lines []*model.CartLineItem, order model.Order) {
	type sold struct {
		Item, Term, Name string
		Quantity         int32
		Pricing          *model.Pricing
	}
	var want, got []sold
	for _, l := range lines {
		want = append(want, sold{offerOf(l.CatalogItemID).item, l.TermDuration, l.FriendlyName, l.Quantity, l.Pricing})
	}
	for i, l := range order.LineItems {
		got = append(got, sold{l.OfferID, l.TermDuration, l.FriendlyName, l.Quantity, l.Pricing})
		if i < len(want) && offerOf(l.OfferID).kind == "savings_plan" {
			got[i].Pricing = want[i].Pricing // only the order has it
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("order %s has other lines than its group (-group +order):\n%s", order.ID, diff)
	}
}

// wait lets time pass.
func (s *shop) wait(t *rapid.T) {
	const day = 24 * time.Hour
	steps := []time.Duration{time.Second, 5 * time.Second, time.Minute, 6 * time.Hour, day, 7 * day, 31 * day, 366 * day}
	s.now = s.now.Add(rapid.SampledFrom(steps).Draw(t, "time"))
}

// cancel cancels an order or a line of it, if the order allows that.
func (s *shop) cancel(t *rapid.T) {
	id, ok := oneOf(t, s.orders)
	if !ok {
		s.refused(s.call("PATCH", "/orders/000000000000", `{"status":"cancelled"}`), http.StatusNotFound, 20000)
		return
	}
	body := `{"status":"cancelled"}`
	if n := rapid.IntRange(-1, len(s.orders[id].LineItems)-1).Draw(t, "line"); n >= 0 {
		body = fmt.Sprintf(`{"status":"cancelled","lineItems":[{"lineItemNumber":%d}]}`, n)
	}
	if a := s.call("PATCH", "/orders/"+id, body); a.status == http.StatusOK {
		s.changed = id
	}
}

// change changes a subscription, if it allows that.
func (s *shop) change(t *rapid.T) {
	id, ok := oneOf(t, s.subscriptions)
	if !ok {
		s.refused(s.call("PATCH", "/subscriptions/"+uuid.NewString(), `{"autoRenewEnabled":false}`), http.StatusNotFound, 20003)
		return
	}
	body := rapid.OneOf(
		rapid.SampledFrom([]string{`{"autoRenewEnabled":false}`, `{"autoRenewEnabled":true}`, `{"friendlyName":"Other"}`}),
		rapid.Map(rapid.SampledFrom([]string{"deleted", "suspended", "active"}), func(s string) string { return fmt.Sprintf(`{"status":%q}`, s) }),
		rapid.Map(rapid.IntRange(0, 400), func(n int) string { return fmt.Sprintf(`{"quantity":%d}`, n) }),
	).Draw(t, "change")
	s.call("PATCH", "/subscriptions/"+id, body)
}

// check holds all carts, orders and subscriptions to what was seen of them before.
func (s *shop) check(*rapid.T) {
	for _, c := range s.carts {
		switch a := s.call("GET", c.path(), ""); {
		case s.gone(c):
			s.refused(a, http.StatusNotFound, 800008)
		case c.Status == model.CartStatusActive && string(a.body) != string(c.body):
			s.Fatalf("get gives the cart as\n%s\nnot\n%s", a.body, c.body)
		}
	}
	owned := map[string]string{} // subscription to order
	list := get[model.OrderCollection](s.harness, "/orders?include_price=true")
	for _, order := range list.Items {
		s.checkOrder(order)
		for _, l := range order.LineItems {
			if l.SubscriptionID != "" {
				owned[l.SubscriptionID] = order.ID
			}
		}
	}
	if len(list.Items) != len(s.orders) {
		s.Fatalf("%d orders are listed, %d were placed", len(list.Items), len(s.orders))
	}
	s.checkSubscriptions(owned)
	s.changed = ""
}

// checkOrder holds an order to what it was: it goes on from pending to completed, gains subscriptions, and keeps the rest.
func (s *shop) checkOrder(is model.Order) {
	was, placed := s.orders[is.ID]
	if !placed {
		s.Fatalf("nobody placed the order %s", is.ID)
	}
	s.checkTotal(is)
	forward := was.Status == is.Status || was.Status == model.OrderStatusPending && is.Status == model.OrderStatusCompleted ||
		is.ID == s.changed && is.Status != model.OrderStatusPending
	if !forward {
		s.Fatalf("order %s went from %s to %s", is.ID, was.Status, is.Status)
	}
	s.orders[is.ID] = is
	for i, l := range was.LineItems {
		if id := is.LineItems[i].SubscriptionID; l.SubscriptionID != "" && id != l.SubscriptionID {
			s.Fatalf("subscription %s of order %s became %q", l.SubscriptionID, is.ID, id)
		}
	}
	if is.ID == s.changed {
		return
	}
	if diff := cmp.Diff(settled(was), settled(is)); diff != "" {
		s.Fatalf("an order changed (-before +after):\n%s", diff)
	}
}

// settled is an order without what time adds to it.
func settled(o model.Order) model.Order {
	o.Status = ""
	o.LineItems = slices.Clone(o.LineItems)
	for i := range o.LineItems {
		l := &o.LineItems[i]
		l.SubscriptionID, l.Links.Subscription, l.Links.ActivationLinks = "", nil, nil
	}
	return o
}

// checkTotal sums the prices of an order's lines.
func (s *shop) checkTotal(o model.Order) {
	sum, known := decimal.Zero, true
	for _, l := range o.LineItems {
		if known = known && l.Pricing != nil; known {
			sum = sum.Add(decimal.NewFromFloat(l.Pricing.ExtendedPrice))
		}
	}
	if known != (o.TotalPrice != nil) || known && !sum.Equal(decimal.NewFromFloat(*o.TotalPrice)) {
		s.Fatalf("the total is not the sum %v of the extended prices:\n%s", sum, text(o))
	}
}

// checkSubscriptions holds the list of subscriptions to the orders that name them, and each to what it was.
func (s *shop) checkSubscriptions(owned map[string]string) {
	is := map[string]model.Subscription{}
	for _, sub := range get[model.SubscriptionCollection](s.harness, "/subscriptions").Items {
		if _, twice := is[sub.ID]; twice || owned[sub.ID] != sub.OrderID {
			s.Fatalf("the orders do not have just this subscription:\n%s", text(sub))
		}
		is[sub.ID] = sub
	}
	if len(is) != len(owned) {
		s.Fatalf("%d subscriptions are listed, the orders have %d", len(is), len(owned))
	}
	for id, sub := range is {
		was, known := s.subscriptions[id]
		if !known {
			s.claim(id)
			continue
		}
		over := was.Status == model.SubscriptionStatusDeleted || was.Status == model.SubscriptionStatusExpired
		if over && was.Status != sub.Status || sub.CommitmentEndDate.Before(was.CommitmentEndDate) || sub.OfferID != was.OfferID || sub.OrderID != was.OrderID {
			s.Fatalf("a subscription went from\n%s\nto\n%s", text(was), text(sub))
		}
	}
	for id := range s.subscriptions {
		if _, there := is[id]; !there {
			s.Fatalf("subscription %s is no longer there", id)
		}
	}
	s.subscriptions = is
}

// read takes over a cart as it is answered. Each line has an error or an order group, never both, where an add-on of a line
// in error waits for its base; lines are in the same group where they have the same purchase system, billing cycle and
// currency; and prices are right.
func (c *cart) read(s *shop, a answer) {
	c.Cart, c.body, c.judged = value[model.Cart](s, a, http.StatusCreated), a.body, s.judgement()
	ways := map[string]string{}
	for l, base := range allLines(c.LineItems) {
		if good := l.Error == nil && (base == nil || base.OrderGroup != ""); good != (l.OrderGroup != "") {
			s.Fatalf("a line has an error, or none, and the order group %q:\n%s\nin\n%s", l.OrderGroup, text(l), a.body)
		}
		if l.Error != nil && l.Pricing != nil {
			s.Fatalf("a line in error has a price:\n%s", a.body)
		}
		s.checkPrice(l)
		if l.OrderGroup == "" {
			continue
		}
		way := fmt.Sprintf("%s in %s (legacy %v)", l.BillingCycle, l.CurrencyCode, offerOf(l.CatalogItemID).legacy())
		if base != nil {
			way = ways[base.OrderGroup]
		}
		if other, ok := ways[l.OrderGroup]; ok && other != way {
			s.Fatalf("group %s has lines of %s and %s:\n%s", l.OrderGroup, other, way, a.body)
		}
		ways[l.OrderGroup] = way
	}
	if distinct := slices.Compact(slices.Sorted(maps.Values(ways))); len(distinct) != len(ways) {
		s.Fatalf("lines of the same purchase system, billing cycle and currency are in different groups %v:\n%s", ways, a.body)
	}
}

// checkPrice multiplies.
func (s *shop) checkPrice(l *model.CartLineItem) {
	if l.Pricing == nil {
		return
	}
	periods := map[string]int64{
		"P1Y monthly": 12, "P3Y monthly": 36, "P3Y annual": 3,
	}[l.TermDuration+" "+string(l.BillingCycle)]
	want := decimal.NewFromFloat(l.Pricing.Price).Mul(decimal.NewFromInt32(l.Quantity)).Mul(decimal.NewFromInt(max(periods, 1)))
	if !want.Equal(decimal.NewFromFloat(l.Pricing.ExtendedPrice)) {
		s.Fatalf("the extended price of %d × %s is not %v: %+v", l.Quantity, l.CatalogItemID, want, l.Pricing)
	}
	if p := l.Pricing; p.Price != p.ProratedPrice || p.ProratedPrice > p.DiscountedPrice || p.DiscountedPrice > p.ListPrice {
		s.Fatalf("the prices of %s do not fall: %+v", l.CatalogItemID, p)
	}
}

// judgement is what lines are judged by besides themselves: the day, since prices are by the day and promotions end at its
// last second, and the subscriptions that the customer has.
func (s *shop) judgement() string {
	const day = 24 * time.Hour
	owned := s.call("GET", "/subscriptions", "").body
	return fmt.Sprint(s.now.Truncate(day), s.now.Add(time.Second).Truncate(day), string(owned))
}

// drawCart draws the body of a cart.
func (s *shop) drawCart(t *rapid.T) string {
	lines := drawLines(t, s.now, slices.Sorted(maps.Keys(s.subscriptions)))
	return text(map[string]any{"lineItems": lines})
}

// drawn draws one of the carts.
func (s *shop) drawn(t *rapid.T) *cart {
	last := len(s.carts) - 1
	return s.carts[last-rapid.IntRange(0, last).Draw(t, "carts ago")]
}

// oneOf draws the id of one of several, if there is any.
func oneOf[V any](t *rapid.T, m map[string]V) (id string, ok bool) {
	if len(m) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m))).Draw(t, "id"), true
}

// claim takes an id that nothing else may have.
func (s *shop) claim(id string) {
	if s.ids[id] {
		s.Fatalf("the id %s is there twice", id)
	}
	s.ids[id] = true
}

// refused holds an answer to an error.
func (s *shop) refused(a answer, status int, code int32) {
	if e := value[model.ErrorResponse](s, a, status); e.Code != code {
		s.Fatalf("the error is %d, not %d: %s", e.Code, code, a.body)
	}
}

// gone tells whether a cart has expired.
func (s *shop) gone(c *cart) bool { return c.last == nil && !s.now.Before(c.ExpirationTimestamp) }

// wrong tells whether a line of the cart is in error.
func (c *cart) wrong() bool {
	for l := range allLines(c.LineItems) {
		if l.Error != nil {
			return true
		}
	}
	return false
}

// groups gives the names of the order groups in order, and the lines of each.
func (c *cart) groups() ([]string, map[string][]*model.CartLineItem) {
	var names []string
	lines := map[string][]*model.CartLineItem{}
	for l := range allLines(c.LineItems) {
		if lines[l.OrderGroup] == nil {
			names = append(names, l.OrderGroup)
		}
		lines[l.OrderGroup] = append(lines[l.OrderGroup], l)
	}
	return names, lines
}

// fails tells whether lines have one that is there to fail.
func fails(lines []*model.CartLineItem) bool {
	return slices.ContainsFunc(lines, func(l *model.CartLineItem) bool { return strings.Contains(l.CatalogItemID, ":FAILS-") })
}

// text writes a value for a person, and the same each time: rapid makes a failure smaller as long as it can be repeated.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// allLines goes through lines, each with its base, nil for none, and followed by its add-ons.
func allLines(lines []model.CartLineItem) iter.Seq2[*model.CartLineItem, *model.CartLineItem] {
	return func(yield func(line, base *model.CartLineItem) bool) { eachBelow(lines, nil, yield) }
}

func eachBelow(lines []model.CartLineItem, base *model.CartLineItem, yield func(line, base *model.CartLineItem) bool) bool {
	for i := range lines {
		if !yield(&lines[i], base) || !eachBelow(lines[i].AddonItems, &lines[i], yield) {
			return false
		}
	}
	return true
}
