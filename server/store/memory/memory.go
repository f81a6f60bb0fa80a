// Package memory keeps documents in this process: as fast as it gets, and gone at its end. It is what tests use.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/cartwright-dev/cartwright/server/store"
)

// Store is a store.Store in memory.
type Store struct {
	mu        sync.Mutex
	documents map[entry]store.Document
	placed    map[group]bool
	orders    map[string][]store.Document // by customer, oldest first; only key and time are looked at
}

// entry is what must be unique: an id among the documents of its kind.
type entry struct {
	kind store.Kind
	id   string
}

type group struct{ cartID, orderGroup string }

// New gives an empty store.
func New() *Store {
	return &Store{
		documents: make(map[entry]store.Document),
		placed:    make(map[group]bool),
		orders:    make(map[string][]store.Document),
	}
}

// Get implements store.Store.
func (s *Store) Get(_ context.Context, key store.Key) (store.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.find(key); d != nil {
		return *d, nil
	}
	return store.Document{}, store.ErrNotFound
}

// Update implements store.Store. One update runs at a time.
func (s *Store) Update(_ context.Context, key store.Key, fn func(*store.Document) (store.Change, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.find(key)
	change, err := fn(old)
	if err != nil {
		return err
	}
	if err := s.check(change.Insert); err != nil {
		return err
	}
	if old != nil && change.Body != nil {
		changed := *old
		changed.Body = change.Body
		s.documents[entry{key.Kind, key.ID}] = changed
	}
	for _, d := range change.Insert {
		s.insert(d)
	}
	return nil
}

// Orders implements store.Store.
func (s *Store) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		s.mu.Lock()
		orders := s.orders[customerID]
		s.mu.Unlock()
		for _, order := range slices.Backward(orders) {
			if !yield(s.Get(ctx, order.Key)) {
				return
			}
		}
	}
}

// Ping implements store.Store.
func (s *Store) Ping(context.Context) error { return nil }

// Close implements store.Store.
func (s *Store) Close() error { return nil }

func (s *Store) find(key store.Key) *store.Document {
	d, ok := s.documents[entry{key.Kind, key.ID}]
	if !ok || d.CustomerID != key.CustomerID {
		return nil
	}
	return &d
}

// check refuses what must be unique and is not, before anything is changed.
func (s *Store) check(insert []store.Document) error {
	ids, groups := map[entry]bool{}, map[group]bool{}
	for _, d := range insert {
		e, g := entry{d.Kind, d.ID}, group{d.CartID, d.OrderGroup}
		if _, exists := s.documents[e]; exists || ids[e] {
			return store.ErrExists
		}
		if g != (group{}) && (s.placed[g] || groups[g]) {
			return fmt.Errorf("memory store: cart %s has an order of group %s already", d.CartID, d.OrderGroup)
		}
		ids[e], groups[g] = true, true
	}
	return nil
}

func (s *Store) insert(d store.Document) {
	s.documents[entry{d.Kind, d.ID}] = d
	if d.Kind != store.Order {
		return
	}
	if g := (group{d.CartID, d.OrderGroup}); g != (group{}) {
		s.placed[g] = true
	}
	d.Body = nil
	orders := s.orders[d.CustomerID]
	at, _ := slices.BinarySearchFunc(orders, d, older)
	if at < len(orders) {
		orders = slices.Clone(orders) // whoever goes through the orders keeps the slice it has
	}
	s.orders[d.CustomerID] = slices.Insert(orders, at, d)
}

func older(a, b store.Document) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}
