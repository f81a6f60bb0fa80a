package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

func locks(t *testing.T, s store.Store) {
	const clients, each = 16, 10
	held, n := false, 0 // guarded by the lock alone, which -race checks
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for j := range each {
				err := s.Update(t.Context(), func(tx store.Tx) error {
					if err := tx.Lock("the lock"); err != nil {
						return err
					}
					if held {
						t.Error("two updates hold one lock")
					}
					held = true
					n++
					err := tx.Insert(cart(fmt.Sprintf("%d-%d", i, j)))
					held = false
					return err
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if n < clients*each {
		t.Errorf("%d updates ran, want %d", n, clients*each)
	}
}

// Updates that fail harm none of those that run beside them, not even in the same transaction of the engine.
func failuresBesideOthers(t *testing.T, s store.Store) {
	refused := errors.New("refused by a rule")
	const clients, each = 24, 8
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for j := range each {
				id, fails := fmt.Sprintf("%d-%d", i, j), (i+j)%3 == 0
				err := s.Update(t.Context(), func(tx store.Tx) error {
					if err := tx.Insert(cart(id)); err != nil {
						return err
					}
					if fails {
						return refused
					}
					return nil
				})
				if fails != (err == refused) || !fails && err != nil { //nolint:errorlint // the contract is: as it is
					t.Errorf("Update gave %v, fails %v", err, fails)
				}
				if d, err := s.Get(t.Context(), cart(id).Key); fails != errors.Is(err, store.ErrNotFound) || !fails && err != nil {
					t.Errorf("Get gave %v, %v; fails %v", d.ID, err, fails)
				}
			}
		})
	}
	wg.Wait()
}

func ordersWhileWriting(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	for i := range 5 {
		insert(t, s, order(strconv.Itoa(i), "a", strconv.Itoa(i), created))
	}
	seen := map[string]int{}
	for d, err := range s.Orders(t.Context(), "contoso") {
		if err != nil {
			t.Fatalf("Orders: %v", err)
		}
		seen[d.ID]++
		insert(t, s, order("new"+d.ID, "a", "new"+d.ID, created.Add(time.Hour)))
	}
	for i := range 5 {
		if seen[strconv.Itoa(i)] != 1 {
			t.Errorf("order %d was given %d times, want once", i, seen[strconv.Itoa(i)])
		}
	}
}

func concurrentUpdates(t *testing.T, s store.Store) {
	counter := cart("a")
	counter.Body = []byte("0")
	insert(t, s, counter)
	const clients, each = 16, 25
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx store.Tx) error {
					old, err := tx.Get(counter.Key)
					if err != nil {
						return err
					}
					n, err := strconv.Atoi(string(old.Body))
					if err != nil {
						return err
					}
					return tx.Put(counter.Key, strconv.AppendInt(nil, int64(n+1), 10))
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	counter.Body = strconv.AppendInt(nil, clients*each, 10)
	requireStored(t, s, counter)
}

func cancelledClient(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx store.Tx) error {
		cancel()
		return tx.Insert(cart("a"))
	})
	if err != nil {
		t.Errorf("Update: %v", err)
	}
	requireStored(t, s, cart("a"))
}
