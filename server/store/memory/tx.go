package memory

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// tx is the update that runs: what is stored, which nobody else changes meanwhile, and what the update has changed so far.
type tx struct {
	stored  *state
	changed *state
	cleared []string  // customers, before what is changed; "" for all
	before  time.Time // from when requests are forgotten,
	forget  int       // and how many of them at most
}

// Recall implements store.Tx.
func (t *tx) Recall(r store.Request, since time.Time) ([]byte, error) {
	if known := t.stored.requests[r]; known != nil && !known.at.Before(since) {
		return bytes.Join(known.answer, nil), nil
	}
	return nil, nil
}

// Remember implements store.Tx.
func (t *tx) Remember(r store.Request, at time.Time, answer ...[]byte) error {
	known := &remembered{r, at, answer}
	put(&t.changed.requests, r, known)
	t.changed.oldest = append(t.changed.oldest, known)
	return nil
}

// Forget implements store.Tx.
func (t *tx) Forget(before time.Time, limit int) error {
	t.before, t.forget = before, limit
	return nil
}

// Lock implements store.Tx. One update runs at a time, so each lock is free.
func (t *tx) Lock(string) error { return nil }

// Get implements store.Tx.
func (t *tx) Get(key store.Key) (*store.Document, error) {
	if d := t.changed.find(key); d != nil {
		return d, nil
	}
	return t.stored.find(key), nil
}

// Read implements store.Tx.
func (t *tx) Read(key store.Key) (*store.Document, error) { return t.Get(key) }

// Put implements store.Tx.
func (t *tx) Put(key store.Key, body []byte) error {
	d, err := t.Get(key)
	if err != nil || d == nil {
		return fmt.Errorf("memory store: put %s %s, which is not there: %w", key.Kind, key.ID, store.ErrNotFound)
	}
	changed := *d
	changed.Body = body
	put(&t.changed.documents, entry{key.Kind, key.ID}, &changed)
	return nil
}

// Insert implements store.Tx.
func (t *tx) Insert(d store.Document) error {
	e, g := entry{d.Kind, d.ID}, group{d.CartID, d.OrderGroup}
	if has(t.stored.documents, e) || has(t.changed.documents, e) {
		return &store.ExistsError{Key: d.Key}
	}
	if g != (group{}) && (t.stored.placed[g] || t.changed.placed[g]) {
		return fmt.Errorf("memory store: cart %s has an order of group %s already", d.CartID, d.OrderGroup)
	}
	subscriptions := d.Subscriptions
	d.Subscriptions = nil
	put(&t.changed.documents, e, &d)
	if d.Kind == store.Order {
		t.changed.list(&d)
	}
	if g != (group{}) {
		put(&t.changed.placed, g, true)
	}
	return t.AddSubscriptions(d.Key, subscriptions...)
}

// AddSubscriptions implements store.Tx.
func (t *tx) AddSubscriptions(order store.Key, ids ...string) error {
	for _, id := range ids {
		if has(t.stored.subscriptions, id) || has(t.changed.subscriptions, id) {
			return &store.ExistsError{Key: order}
		}
		put(&t.changed.subscriptions, id, order)
	}
	return nil
}

// Orders implements store.Tx.
func (t *tx) Orders(customerID string) iter.Seq2[store.Document, error] {
	orders := slices.Concat(t.stored.orders[customerID], t.changed.orders[customerID])
	slices.SortFunc(orders, older)
	return func(yield func(store.Document, error) bool) {
		for _, order := range slices.Backward(orders) {
			d, err := t.Get(order.Key)
			if !yield(*d, err) {
				return
			}
		}
	}
}

// Clear implements store.Tx. It comes first in an update: what is inserted after it counts, what was before is gone.
func (t *tx) Clear(customerID string) error {
	if t.cleared == nil { // from now on the update sees a copy that is its own
		stored := t.stored.clone()
		t.stored = &stored
	}
	t.stored.clear(customerID)
	t.changed.clear(customerID)
	t.cleared = append(t.cleared, customerID)
	return nil
}

// CountCustomers implements store.Tx.
func (t *tx) CountCustomers() (int, error) {
	n := len(t.stored.orders)
	for customerID := range t.changed.orders {
		if !has(t.stored.orders, customerID) {
			n++
		}
	}
	return n, nil
}

func has[K comparable, V any](m map[K]V, key K) bool {
	_, ok := m[key]
	return ok
}
