// Package storetest holds every store to the contract of package store.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/store"
)

// Run runs the conformance suite. open gives a new, empty store for each test, and closes it at the test's end.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"GetUnknown":                getUnknown,
		"InsertAndGet":              insertAndGet,
		"UpdateSeesAndReplaces":     updateSeesAndReplaces,
		"OtherCustomer":             otherCustomer,
		"FailedUpdateLeavesNothing": failedUpdateLeavesNothing,
		"PanicLeavesNothing":        panicLeavesNothing,
		"ExistingID":                existingID,
		"GroupOrderedTwice":         groupOrderedTwice,
		"OrdersNewestFirst":         ordersNewestFirst,
		"OrdersEndEarly":            ordersEndEarly,
		"OrdersWhileWriting":        ordersWhileWriting,
		"ConcurrentUpdates":         concurrentUpdates,
		"CancelledClient":           cancelledClient,
		"Subscriptions":             subscriptions,
		"OrdersInUpdate":            ordersInUpdate,
		"Locks":                     locks,
		"Ping":                      ping,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

var created = time.Date(2026, 11, 21, 9, 30, 0, 123456000, time.UTC)

func cart(id string) store.Document {
	return store.Document{
		Key:       store.Key{Kind: store.Cart, CustomerID: "contoso", ID: id},
		CreatedAt: created,
		Body:      []byte(`{"name":"Käse \"1\" \u2603 ☃"}`),
	}
}

func order(id, cartID, group string, at time.Time) store.Document {
	return store.Document{
		Key:        store.Key{Kind: store.Order, CustomerID: "contoso", ID: id},
		CreatedAt:  at,
		CartID:     cartID,
		OrderGroup: group,
		Body:       []byte(`{"order":"` + id + `"}`),
	}
}

// insert puts documents into the store with no rule at all.
func insert(t *testing.T, s store.Store, documents ...store.Document) {
	t.Helper()
	if err := tryInsert(t, s, documents...); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func tryInsert(t *testing.T, s store.Store, documents ...store.Document) error {
	t.Helper()
	return s.Update(t.Context(), func(tx store.Tx) error {
		for _, d := range documents {
			if err := tx.Insert(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func requireStored(t *testing.T, s store.Store, want store.Document) {
	t.Helper()
	got, err := s.Get(t.Context(), want.Key)
	if err != nil {
		t.Fatalf("Get %v: %v", want.Key, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document differs (-want +got):\n%s", diff)
	}
}

func requireMissing(t *testing.T, s store.Store, keys ...store.Key) {
	t.Helper()
	for _, key := range keys {
		if d, err := s.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get %v gave %v, %v; want ErrNotFound", key, d, err)
		}
	}
}

func orderIDs(t *testing.T, s store.Store, customerID string) []string {
	t.Helper()
	ids := []string{}
	for d, err := range s.Orders(t.Context(), customerID) {
		if err != nil {
			t.Fatalf("Orders: %v", err)
		}
		ids = append(ids, d.ID)
	}
	return ids
}

func getUnknown(t *testing.T, s store.Store) {
	requireMissing(t, s, cart("a").Key, order("a", "", "", created).Key)
	if got := orderIDs(t, s, "contoso"); len(got) != 0 {
		t.Errorf("an empty store has orders %v", got)
	}
}

func insertAndGet(t *testing.T, s store.Store) {
	insert(t, s, cart("a"), order("o1", "a", "0", created), order("o2", "", "", created))
	requireStored(t, s, cart("a"))
	requireStored(t, s, order("o1", "a", "0", created))
	requireStored(t, s, order("o2", "", "", created))
}

func updateSeesAndReplaces(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	want := cart("a")
	want.Body = []byte(`{"n":2}`)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		requireGiven(t, tx, cart("a"))
		if err := errors.Join(tx.Put(want.Key, want.Body), tx.Insert(order("o", "a", "0", created))); err != nil {
			return err
		}
		requireGiven(t, tx, want) // an update sees what it did
		requireGiven(t, tx, order("o", "a", "0", created))
		return nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	requireStored(t, s, want)
	requireStored(t, s, order("o", "a", "0", created))
}

// requireGiven checks what an update is given.
func requireGiven(t *testing.T, tx store.Tx, want store.Document) {
	t.Helper()
	got, err := tx.Get(want.Key)
	if diff := cmp.Diff(&want, got); err != nil || diff != "" {
		t.Errorf("Get in an update: %v, document differs (-want +got):\n%s", err, diff)
	}
}

func otherCustomer(t *testing.T, s store.Store) {
	sold := order("o", "a", "0", created)
	sold.Subscriptions = []string{"s"}
	insert(t, s, cart("a"), sold)
	foreign := store.Key{Kind: store.Cart, CustomerID: "fabrikam", ID: "a"}
	requireMissing(t, s, foreign, store.Key{Kind: store.Order, CustomerID: "fabrikam", ID: "o"})
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if d, err := tx.Get(foreign); d != nil || err != nil {
			t.Errorf("another customer's update got %v, %v", d, err)
		}
		return tx.Put(foreign, []byte(`{"stolen":true}`))
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another customer's put gave %v", err)
	}
	requireStored(t, s, cart("a"))
	if got := orderIDs(t, s, "fabrikam"); len(got) != 0 {
		t.Errorf("another customer sees orders %v", got)
	}
	if key, err := s.OrderOf(t.Context(), "fabrikam", "s"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another customer's subscription is of %v, %v", key, err)
	}
}

func failedUpdateLeavesNothing(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	refused := errors.New("refused by a rule")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		sold := order("o", "a", "0", created)
		sold.Subscriptions = []string{"s"}
		if err := errors.Join(tx.Lock("x"), tx.Put(cart("a").Key, []byte(`{}`)), tx.Insert(cart("b")), tx.Insert(sold)); err != nil {
			t.Errorf("Update: %v", err)
		}
		return refused
	})
	if err != refused { //nolint:errorlint // the contract is: as it is
		t.Errorf("Update gave %v, want fn's own error", err)
	}
	requireStored(t, s, cart("a"))
	requireMissing(t, s, cart("b").Key, order("o", "", "", created).Key)
	if key, err := s.OrderOf(t.Context(), "contoso", "s"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a subscription is of %v, %v", key, err)
	}
	if got := orderIDs(t, s, "contoso"); len(got) != 0 {
		t.Errorf("orders %v are listed", got)
	}
}

func panicLeavesNothing(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic of fn was swallowed")
			}
		}()
		_ = s.Update(t.Context(), func(tx store.Tx) error {
			_ = tx.Put(cart("a").Key, []byte(`{}`))
			panic("a fault in a rule")
		})
	}()
	insert(t, s, cart("b")) // the store still serves
	requireStored(t, s, cart("a"))
}

func subscriptions(t *testing.T, s store.Store) {
	first, second := order("o", "a", "0", created), order("p", "a", "1", created)
	first.Subscriptions = []string{"s1", "s2"}
	insert(t, s, cart("a"), first, second)
	if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.AddSubscriptions(second.Key, "s3") }); err != nil {
		t.Fatalf("Update: %v", err)
	}
	for id, want := range map[string]store.Key{"s1": first.Key, "s2": first.Key, "s3": second.Key} {
		if got, err := s.OrderOf(t.Context(), "contoso", id); err != nil || got != want {
			t.Errorf("subscription %s is of %v, %v; want %v", id, got, err, want)
		}
	}
	if _, err := s.OrderOf(t.Context(), "contoso", "s4"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown subscription gave %v", err)
	}
	taken := order("q", "a", "2", created)
	taken.Subscriptions = []string{"s4", "s1"}
	if err := tryInsert(t, s, taken); !errors.Is(err, store.ErrExists) {
		t.Errorf("a subscription id that is taken gave %v, want ErrExists", err)
	}
	requireMissing(t, s, taken.Key)
	first.Subscriptions = nil
	requireStored(t, s, first)
}

func ordersInUpdate(t *testing.T, s store.Store) {
	other := order("x", "", "", created)
	other.CustomerID = "fabrikam"
	insert(t, s, cart("a"), order("p", "a", "1", created.Add(time.Second)), other)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if err := tx.Insert(order("o", "a", "0", created)); err != nil {
			return err
		}
		ids := []string{}
		for d, err := range tx.Orders("contoso") {
			if err != nil {
				return err
			}
			ids = append(ids, d.ID+string(d.Body))
		}
		if diff := cmp.Diff([]string{`p{"order":"p"}`, `o{"order":"o"}`}, ids); diff != "" {
			t.Errorf("orders differ (-want +got):\n%s", diff)
		}
		n, err := tx.CountCustomers()
		if n != 2 {
			t.Errorf("%d customers have orders, want 2", n)
		}
		return err
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
}

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

func existingID(t *testing.T, s store.Store) {
	insert(t, s, cart("a"), order("o", "a", "0", created))
	for name, documents := range map[string][]store.Document{
		"cart":                {cart("new"), cart("a")},
		"order":               {cart("new"), order("o", "a", "1", created)},
		"twice in one change": {cart("new"), order("p", "a", "1", created), order("p", "a", "2", created)},
	} {
		if err := tryInsert(t, s, documents...); !errors.Is(err, store.ErrExists) {
			t.Errorf("%s: Update gave %v, want ErrExists", name, err)
		}
	}
	requireMissing(t, s, cart("new").Key, order("p", "", "", created).Key)
}

func groupOrderedTwice(t *testing.T, s store.Store) {
	insert(t, s, cart("a"), cart("b"), order("o", "a", "0", created))
	err := tryInsert(t, s, cart("new"), order("p", "a", "0", created))
	if err == nil || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a second order of one group gave %v, want an error of its own", err)
	}
	requireMissing(t, s, cart("new").Key, order("p", "", "", created).Key)
	insert(t, s, order("q", "b", "0", created)) // the same group of another cart is another group
}

func ordersNewestFirst(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	const n = 450 // more than two pages, three orders an instant
	documents, want := make([]store.Document, n), make([]string, n)
	for i := range n {
		id := fmt.Sprintf("%04d", i)
		documents[i] = order(id, "a", id, created.Add(time.Duration(i/3)*time.Microsecond))
		want[n-1-i] = id
	}
	// Stored in another order than they were created.
	insert(t, s, documents[n/2:]...)
	insert(t, s, documents[:n/2]...)
	if diff := cmp.Diff(want, orderIDs(t, s, "contoso")); diff != "" {
		t.Errorf("orders differ (-want +got):\n%s", diff)
	}
}

func ordersEndEarly(t *testing.T, s store.Store) {
	insert(t, s, cart("a"), order("o", "a", "0", created), order("p", "a", "1", created))
	for d, err := range s.Orders(t.Context(), "contoso") {
		if err != nil || d.ID != "p" {
			t.Errorf("the first order is %v, %v; want p", d.ID, err)
		}
		break
	}
	insert(t, s, order("q", "a", "2", created)) // nothing is left locked
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

func ping(t *testing.T, s store.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}
