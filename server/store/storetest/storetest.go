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
		"UpdateWithoutBody":         updateWithoutBody,
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
	return s.Update(t.Context(), store.Key{}, func(old *store.Document) (store.Change, error) {
		if old != nil {
			t.Errorf("the zero key gave %v", old)
		}
		return store.Change{Insert: documents}, nil
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
	err := s.Update(t.Context(), cart("a").Key, func(old *store.Document) (store.Change, error) {
		if diff := cmp.Diff(cart("a"), *old); diff != "" {
			t.Errorf("fn's document differs (-want +got):\n%s", diff)
		}
		return store.Change{Body: []byte(`{"n":2}`), Insert: []store.Document{order("o", "a", "0", created)}}, nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	want := cart("a")
	want.Body = []byte(`{"n":2}`)
	requireStored(t, s, want)
	requireStored(t, s, order("o", "a", "0", created))
}

func updateWithoutBody(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	if err := s.Update(t.Context(), cart("a").Key, func(*store.Document) (store.Change, error) {
		return store.Change{}, nil
	}); err != nil {
		t.Fatalf("Update: %v", err)
	}
	requireStored(t, s, cart("a"))
}

func otherCustomer(t *testing.T, s store.Store) {
	insert(t, s, cart("a"), order("o", "a", "0", created))
	foreign := store.Key{Kind: store.Cart, CustomerID: "fabrikam", ID: "a"}
	requireMissing(t, s, foreign, store.Key{Kind: store.Order, CustomerID: "fabrikam", ID: "o"})
	err := s.Update(t.Context(), foreign, func(old *store.Document) (store.Change, error) {
		if old != nil {
			t.Errorf("another customer's update got %v", old)
		}
		return store.Change{Body: []byte(`{"stolen":true}`)}, nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	requireStored(t, s, cart("a"))
	if got := orderIDs(t, s, "fabrikam"); len(got) != 0 {
		t.Errorf("another customer sees orders %v", got)
	}
}

func failedUpdateLeavesNothing(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	refused := errors.New("refused by a rule")
	err := s.Update(t.Context(), cart("a").Key, func(*store.Document) (store.Change, error) {
		return store.Change{Body: []byte(`{}`), Insert: []store.Document{cart("b")}}, refused
	})
	if err != refused { //nolint:errorlint // the contract is: as it is
		t.Errorf("Update gave %v, want fn's own error", err)
	}
	requireStored(t, s, cart("a"))
	requireMissing(t, s, cart("b").Key)
}

func panicLeavesNothing(t *testing.T, s store.Store) {
	insert(t, s, cart("a"))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic of fn was swallowed")
			}
		}()
		_ = s.Update(t.Context(), cart("a").Key, func(*store.Document) (store.Change, error) { panic("a fault in a rule") })
	}()
	insert(t, s, cart("b")) // the store still serves
	requireStored(t, s, cart("a"))
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
				err := s.Update(t.Context(), counter.Key, func(old *store.Document) (store.Change, error) {
					n, err := strconv.Atoi(string(old.Body))
					return store.Change{Body: strconv.AppendInt(nil, int64(n+1), 10)}, err
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
	err := s.Update(ctx, store.Key{}, func(*store.Document) (store.Change, error) {
		cancel()
		return store.Change{Insert: []store.Document{cart("a")}}, nil
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
