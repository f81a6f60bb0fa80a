// Package storetest holds every store to the contract of package store.
//
//	storetest.go  the suite, and what an update does to documents
//	lists.go      what goes through many documents, or removes them
//	requests.go   what is remembered of requests
//	together.go   updates that run beside each other
package storetest

import (
	"errors"
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
		"Requests":                  requests,
		"ForgottenRequests":         forgottenRequests,
		"RequestInFlight":           requestInFlight,
		"Settings":                  settings,
		"All":                       all,
		"Clear":                     clearing,
		"FailuresBesideOthers":      failuresBesideOthers,
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

func settings(t *testing.T, s store.Store) {
	clock := store.Document{Key: store.Key{Kind: store.Setting, ID: "clock"}, CreatedAt: created, Body: []byte(`{"offset":1}`)}
	requireRead := func(want *store.Document) {
		t.Helper()
		err := s.Update(t.Context(), func(tx store.Tx) error {
			got, err := tx.Read(clock.Key)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("document differs (-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil {
			t.Fatalf("Update: %v", err)
		}
	}
	requireRead(nil)
	insert(t, s, clock)
	requireRead(&clock)
	requireStored(t, s, clock)
	clock.Body = []byte(`{"offset":2}`)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Get(clock.Key); err != nil {
			return err
		}
		return tx.Put(clock.Key, clock.Body)
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	requireRead(&clock)
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

func ping(t *testing.T, s store.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}
