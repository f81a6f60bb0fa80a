package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
)

const (
	maxFaults    = 5  // that a failed proof shows
	auditorCount = 32 // who repeat writes, and so share commits
)

// requireSound audits the store through its servers, and fails with what is wrong. Nothing else may use the store meanwhile.
func (l *load) requireSound(t *testing.T) {
	t.Helper()
	faults := l.audit(t.Context())
	for _, fault := range faults[:min(len(faults), maxFaults)] {
		t.Error(fault)
	}
	t.Logf("%d purchases, %d writes acknowledged, %d repeated or given up, %d connections broken, %d faults; answers: %v",
		len(l.purchases), l.count(), l.unknown.Load(), l.broken.Load(), len(faults), l.counts())
}

// audit compares what the store has with what the clients remember, and gives the differences, after what they have seen
// themselves. First whatever was acknowledged is asked for again, then all that the store has is counted, so that what the
// audit's own repetitions made twice is found too. It may run again, and the load may go on after it.
func (l *load) audit(ctx context.Context) []string {
	byCustomer := make(map[string][]*purchase)
	for _, p := range l.purchases {
		byCustomer[p.customer] = append(byCustomer[p.customer], p)
	}
	customers := make(chan []*purchase, len(byCustomer))
	for _, purchases := range byCustomer {
		customers <- purchases
	}
	close(customers)
	var auditors sync.WaitGroup
	for range auditorCount {
		auditors.Go(func() {
			for purchases := range customers {
				l.auditCustomer(ctx, purchases)
			}
		})
	}
	auditors.Wait()
	return slices.Clone(l.faults)
}

func (l *load) auditCustomer(ctx context.Context, purchases []*purchase) {
	carts := make(map[string]model.Cart, len(purchases)) // by the purchase's name
	for _, p := range purchases {
		if p.requestID != "" && p.cart != "" {
			l.auditRepetition(ctx, p, p.create(), p.created)
		}
		if p.requestID != "" && p.put != 0 && !p.unsure {
			l.auditRepetition(ctx, p, p.update(), p.body)
		}
		if p.cart != "" {
			carts[p.name] = l.auditCart(ctx, p)
		}
		if p.answer != nil {
			l.auditCheckout(ctx, p)
		}
	}
	listed := l.list(ctx, purchases[0].customer)
	for _, p := range purchases {
		l.auditOrders(ctx, p, listed, carts[p.name])
		for _, group := range groups {
			delete(listed, p.line(group))
		}
	}
	for name, orders := range listed {
		l.fault("customer %s has %d orders for %q, which nobody asked for", purchases[0].customer, len(orders), name)
	}
}

// auditRepetition repeats a write with its request id.
func (l *load) auditRepetition(ctx context.Context, p *purchase, r request, answer []byte) {
	if got := l.ask(ctx, r); got.status != http.StatusCreated || !bytes.Equal(got.body, answer) {
		l.fault("the %s of cart %s, repeated with its request id, is answered %d\n%s\nwant\n%s", r.name, p.cart, got.status, got.body, answer)
	}
}

// auditCart compares a cart with what was acknowledged, and gives it as it is.
func (l *load) auditCart(ctx context.Context, p *purchase) model.Cart {
	got := l.ask(ctx, request{"get", http.MethodGet, p.path(), "", nil})
	var is, was model.Cart
	if err := errors.Join(json.Unmarshal(got.body, &is), json.Unmarshal(p.body, &was)); got.status != http.StatusOK || err != nil {
		l.fault("cart %s was acknowledged and is lost: %d, %v\n%s", p.cart, got.status, err, got.body)
		return is
	}
	if is.Status != model.CartStatusActive && !p.asked || is.Status != model.CartStatusOrdered && p.answer != nil {
		l.fault("cart %s is %s; checkout asked for: %t, acknowledged: %t", p.cart, is.Status, p.asked, p.answer != nil)
	}
	was.Status = is.Status
	if p.unsure && len(is.LineItems) > 0 && int(is.LineItems[0].Quantity) == p.put {
		was = p.updated(was, is) // the update that nobody knew of was made
	}
	if p.repeated {
		was.LastModifiedTimestamp = is.LastModifiedTimestamp
	}
	if diff := cmp.Diff(was, is); diff != "" {
		l.fault("cart %s is not as it was acknowledged (-acknowledged +is):\n%s", p.cart, diff)
	}
	return is
}

// updated gives a cart as the update of it that nobody knew of has made it; how much it costs then and when it was made is as
// the server says.
func (p *purchase) updated(was, is model.Cart) model.Cart {
	was.LastModifiedTimestamp = is.LastModifiedTimestamp
	was.LineItems = slices.Clone(was.LineItems)
	for i := range min(len(was.LineItems), len(is.LineItems)) {
		was.LineItems[i].Quantity = int32(p.put)
		was.LineItems[i].Pricing = is.LineItems[i].Pricing
	}
	return was
}

// auditCheckout checks a cart out again that is checked out.
func (l *load) auditCheckout(ctx context.Context, p *purchase) {
	if got := l.ask(ctx, p.checkout()); got.status != http.StatusCreated || !bytes.Equal(got.body, p.answer) {
		l.fault("cart %s, checked out again, is answered %d\n%s\nwant\n%s", p.cart, got.status, got.body, p.answer)
	}
}

// list gives a customer's orders by the name of their line.
func (l *load) list(ctx context.Context, customer string) map[string][]model.Order {
	got := l.ask(ctx, request{"list", http.MethodGet, "/v1/customers/" + customer + "/orders?include_price=true", "", nil})
	var listed struct{ Items []model.Order }
	if err := json.Unmarshal(got.body, &listed); got.status != http.StatusOK || err != nil {
		l.fault("the orders of customer %s: %d, %v\n%s", customer, got.status, err, got.body)
	}
	byName := make(map[string][]model.Order)
	for _, order := range listed.Items {
		if len(order.LineItems) != 1 {
			l.fault("order %s has %d lines, want 1", order.ID, len(order.LineItems))
			continue
		}
		name := order.LineItems[0].FriendlyName
		byName[name] = append(byName[name], order)
	}
	return byName
}

// auditOrders compares a purchase's orders with its cart and with what was acknowledged: each group has one, or none has.
func (l *load) auditOrders(ctx context.Context, p *purchase, listed map[string][]model.Order, cart model.Cart) {
	var placed []model.Order
	for _, group := range groups {
		orders := listed[p.line(group)]
		if len(orders) > 1 {
			l.fault("cart %s of customer %s has %d orders for group %s", p.cart, p.customer, len(orders), group)
		}
		placed = append(placed, orders...)
	}
	switch {
	case !p.asked && len(placed) > 0:
		l.fault("cart %q of customer %s, %s, has %d orders and nobody asked for them", p.cart, p.customer, p.name, len(placed))
	case cart.Status == model.CartStatusOrdered && len(placed) != len(groups), cart.Status != model.CartStatusOrdered && len(placed) != 0:
		l.fault("cart %s is %s and has %d orders", p.cart, cart.Status, len(placed))
	}
	for i, order := range placed[:min(len(placed), len(cart.LineItems))] {
		if order.LineItems[0].Quantity != cart.LineItems[i].Quantity {
			l.fault("order %s has quantity %d, its cart %s has %d", order.ID, order.LineItems[0].Quantity, p.cart, cart.LineItems[i].Quantity)
		}
	}
	if p.answer == nil {
		return
	}
	var acknowledged model.CartCheckoutResult
	if err := json.Unmarshal(p.answer, &acknowledged); err != nil || len(acknowledged.Orders) != len(groups) {
		l.fault("the checkout of cart %s was answered %s, %v", p.cart, p.answer, err)
	}
	if diff := cmp.Diff(acknowledged.Orders, placed); diff != "" {
		l.fault("the orders of cart %s are not listed as they were acknowledged (-acknowledged +listed):\n%s", p.cart, diff)
	}
	for _, order := range acknowledged.Orders {
		l.auditOrder(ctx, p, order)
	}
}

// auditOrder reads an order by its id.
func (l *load) auditOrder(ctx context.Context, p *purchase, want model.Order) {
	got := l.ask(ctx, request{"get order", http.MethodGet, "/v1/customers/" + p.customer + "/orders/" + want.ID + "?include_price=true", "", nil})
	var order model.Order
	err := json.Unmarshal(got.body, &order)
	if diff := cmp.Diff(want, order); got.status != http.StatusOK || err != nil || diff != "" {
		l.fault("order %s of cart %s was acknowledged; now: %d, %v (-acknowledged +is)\n%s", want.ID, p.cart, got.status, err, diff)
	}
}

// ask sends a request until it is answered, for half a minute.
func (l *load) ask(ctx context.Context, r request) reply {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		url := l.targets.pick()
		got, err := l.exchange(ctx, url, r)
		if err == nil && !repeatable(got.status) {
			return got
		}
		select {
		case <-ctx.Done():
			return reply{body: fmt.Append(got.body, " ", err)}
		case <-time.After(20 * time.Millisecond):
		}
	}
}
