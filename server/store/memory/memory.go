// Package memory keeps documents in this process: as fast as it gets, and gone at its end. It is what tests use.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// Store is a store.Store in memory. One update runs at a time.
type Store struct {
	update  chan struct{} // has one place, taken by the update that runs
	changed state         // by that update; between updates it is empty
	mu      sync.RWMutex  // held while state is read or changed
	state   state
}

// wait is how long an update waits for others.
const wait = 10 * time.Second

// state is all that is stored.
type state struct {
	documents     map[entry]*store.Document
	placed        map[group]bool
	subscriptions map[string]store.Key        // of their orders, by subscription id
	orders        map[string][]store.Document // by customer, oldest first; only key and time are looked at
	requests      map[store.Request]*remembered
	oldest        []*remembered // as they were remembered; some were forgotten since, or remembered anew
}

// remembered is what was answered to a request, in parts.
type remembered struct {
	request store.Request
	at      time.Time
	answer  [][]byte
}

// entry is what must be unique: an id among the documents of its kind.
type entry struct {
	kind store.Kind
	id   string
}

type group struct{ cartID, orderGroup string }

// New gives an empty store.
func New() *Store { return &Store{update: make(chan struct{}, 1)} }

// Get implements store.Store.
func (s *Store) Get(_ context.Context, key store.Key) (store.Document, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if d := s.state.find(key); d != nil {
		return *d, nil
	}
	return store.Document{}, store.ErrNotFound
}

// OrderOf implements store.Store.
func (s *Store) OrderOf(_ context.Context, customerID, subscriptionID string) (store.Key, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if key, ok := s.state.subscriptions[subscriptionID]; ok && key.CustomerID == customerID {
		return key, nil
	}
	return store.Key{}, store.ErrNotFound
}

// begin waits until no other update runs.
func (s *Store) begin() error {
	select {
	case s.update <- struct{}{}:
		return nil
	default:
	}
	limit := time.NewTimer(wait)
	defer limit.Stop()
	select {
	case s.update <- struct{}{}:
		return nil
	case <-limit.C:
		return fmt.Errorf("%w: another update took %v", store.ErrBusy, wait)
	}
}

// Update implements store.Store: fn's changes are kept apart, and made at its end.
func (s *Store) Update(_ context.Context, fn func(store.Tx) error) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer func() { <-s.update }()
	defer s.changed.empty()
	t := &tx{stored: &s.state, changed: &s.changed}
	if err := fn(t); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, customerID := range t.cleared {
		s.state.clear(customerID)
	}
	add(&s.state.documents, t.changed.documents)
	add(&s.state.placed, t.changed.placed)
	add(&s.state.subscriptions, t.changed.subscriptions)
	for _, orders := range t.changed.orders {
		for _, d := range orders {
			s.state.list(&d)
		}
	}
	add(&s.state.requests, t.changed.requests)
	s.state.oldest = append(s.state.oldest, t.changed.oldest...)
	if t.forget > 0 {
		s.state.forget(t.before, t.forget)
	}
	return nil
}

// Orders implements store.Store.
func (s *Store) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		s.mu.RLock()
		orders := s.state.orders[customerID]
		s.mu.RUnlock()
		for _, order := range slices.Backward(orders) {
			if !yield(s.Get(ctx, order.Key)) {
				return
			}
		}
	}
}

// All implements store.Store.
func (s *Store) All(_ context.Context, kind store.Kind, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		s.mu.RLock()
		var all []store.Document
		for _, d := range s.state.documents {
			if d.Kind == kind && (customerID == "" || d.CustomerID == customerID) {
				all = append(all, *d)
			}
		}
		s.mu.RUnlock()
		slices.SortFunc(all, older)
		for _, d := range slices.Backward(all) {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Ping implements store.Store.
func (s *Store) Ping(context.Context) error { return nil }

// Close implements store.Store.
func (s *Store) Close() error { return nil }

// find gives a document, or nil. Nobody changes it: another takes its place.
func (s *state) find(key store.Key) *store.Document {
	if d := s.documents[entry{key.Kind, key.ID}]; d != nil && d.CustomerID == key.CustomerID {
		return d
	}
	return nil
}

// forget lets go of up to limit requests that were remembered before an instant.
func (s *state) forget(before time.Time, limit int) {
	for ; limit > 0 && len(s.oldest) > 0; limit-- {
		r := s.oldest[0]
		if !r.at.Before(before) {
			return
		}
		if s.requests[r.request] == r {
			delete(s.requests, r.request)
		}
		s.oldest[0], s.oldest = nil, s.oldest[1:]
	}
}

// empty removes everything, and keeps the memory for the next update unless it is large.
func (s *state) empty() {
	const large = 100
	if len(s.documents)+len(s.subscriptions)+len(s.oldest) > large {
		*s = state{}
		return
	}
	clear(s.documents)
	clear(s.placed)
	clear(s.subscriptions)
	clear(s.orders)
	clear(s.requests)
	clear(s.oldest)
	s.oldest = s.oldest[:0]
}

// clone copies what clear changes.
func (s *state) clone() state {
	c := *s
	c.documents, c.placed, c.subscriptions = maps.Clone(s.documents), maps.Clone(s.placed), maps.Clone(s.subscriptions)
	c.orders, c.requests = maps.Clone(s.orders), maps.Clone(s.requests)
	return c
}

// clear removes all of a customer, or of all where it is empty. Settings stay.
func (s *state) clear(customerID string) {
	of := func(owner string) bool { return owner != "" && (customerID == "" || owner == customerID) }
	for e, d := range s.documents {
		if of(d.CustomerID) {
			delete(s.documents, e)
			delete(s.placed, group{d.CartID, d.OrderGroup})
		}
	}
	maps.DeleteFunc(s.subscriptions, func(_ string, key store.Key) bool { return of(key.CustomerID) })
	maps.DeleteFunc(s.orders, func(owner string, _ []store.Document) bool { return of(owner) })
	maps.DeleteFunc(s.requests, func(r store.Request, _ *remembered) bool { return of(r.CustomerID) })
	var oldest []*remembered // a new one: copies of the state share the one before
	for _, r := range s.oldest {
		if !of(r.request.CustomerID) {
			oldest = append(oldest, r)
		}
	}
	s.oldest = oldest
}

// list puts an order into its customer's list.
func (s *state) list(order *store.Document) {
	d := *order
	d.Body = nil
	orders := s.orders[d.CustomerID]
	at, _ := slices.BinarySearchFunc(orders, d, older)
	if at < len(orders) {
		orders = slices.Clone(orders) // whoever goes through the orders keeps the slice it has
	}
	put(&s.orders, d.CustomerID, slices.Insert(orders, at, d))
}

// put sets an entry of a map, which is made where there is none: few updates need all of them.
func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[key] = value
}

// add sets entries of a map.
func add[K comparable, V any](m *map[K]V, entries map[K]V) {
	for key, value := range entries {
		put(m, key, value)
	}
}

func older(a, b store.Document) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}
