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

// request is one of three that differ in one thing, or the same once more.
func request(change func(*store.Request)) store.Request {
	r := store.Request{CustomerID: "contoso", Operation: "createCart", ID: "8e0e3b5e-2c56-4b4c-9b56-6b9d4b9a1f01"}
	change(&r)
	return r
}

func remember(t *testing.T, s store.Store, r store.Request, at time.Time, answer string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Recall(r, at); err != nil {
			return err
		}
		return tx.Remember(r, at, []byte(answer))
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// requireRecalled checks what an update is given for a request; an empty answer stands for none.
func requireRecalled(t *testing.T, s store.Store, r store.Request, since time.Time, want string) {
	t.Helper()
	var got []byte
	err := s.Update(t.Context(), func(tx store.Tx) (err error) {
		got, err = tx.Recall(r, since)
		return err
	})
	if err != nil || string(got) != want {
		t.Errorf("Recall of %+v gave %q, %v; want %q", r, got, err, want)
	}
}

func requests(t *testing.T, s store.Store) {
	same := func(*store.Request) {}
	requireRecalled(t, s, request(same), created, "")
	remember(t, s, request(same), created, `{"status":201}`)
	requireRecalled(t, s, request(same), created, `{"status":201}`)
	for name, change := range map[string]func(*store.Request){
		"customer":  func(r *store.Request) { r.CustomerID = "fabrikam" },
		"operation": func(r *store.Request) { r.Operation = "updateCart" },
		"resource":  func(r *store.Request) { r.Resource = "a" },
		"id":        func(r *store.Request) { r.ID = "b" },
	} {
		t.Log("another " + name)
		requireRecalled(t, s, request(change), created, "")
	}
	// What was remembered before is not given, and can be remembered anew.
	later := created.Add(time.Microsecond)
	requireRecalled(t, s, request(same), later, "")
	remember(t, s, request(same), later, `{"status":400}`)
	requireRecalled(t, s, request(same), later, `{"status":400}`)
	// An update that fails remembers nothing.
	failed := request(func(r *store.Request) { r.ID = "failed" })
	err := s.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Recall(failed, created); err != nil {
			return err
		}
		return errors.Join(tx.Remember(failed, created, []byte("x")), errors.New("refused by a rule"))
	})
	if err == nil {
		t.Error("the update did not fail")
	}
	requireRecalled(t, s, failed, created, "")
}

func forgottenRequests(t *testing.T, s store.Store) {
	at := func(i int) time.Time { return created.Add(time.Duration(i) * time.Second) }
	of := func(i int) store.Request { return request(func(r *store.Request) { r.Resource = strconv.Itoa(i) }) }
	const n = 10
	for i := range n {
		remember(t, s, of(i), at(i), "x")
	}
	remember(t, s, of(0), at(n), "y") // again, so it is no longer the oldest
	forget := func(before time.Time, limit int) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.Forget(before, limit) }); err != nil {
			t.Fatalf("Forget: %v", err)
		}
	}
	kept := func() (n int) {
		for i := range 10 {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(of(i), created)
				if answer != nil {
					n++
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	forget(at(5), 2)
	if got := kept(); got < n-2 {
		t.Errorf("%d are kept, want no fewer than %d", got, n-2)
	}
	for range n {
		forget(at(5), 2)
	}
	for i := range n {
		want := "x"
		switch {
		case i == 0:
			want = "y"
		case i < 5:
			want = ""
		}
		requireRecalled(t, s, of(i), created, want)
	}
}

// A repetition waits for the first, and then has its answer.
func requestInFlight(t *testing.T, s store.Store) {
	r := request(func(*store.Request) {})
	const clients = 16
	made := 0 // guarded by the request alone, which -race checks
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				answer, err := tx.Recall(r, created)
				if answer != nil || err != nil {
					return err
				}
				made++
				if err := tx.Insert(cart(strconv.Itoa(made))); err != nil {
					return err
				}
				return tx.Remember(r, created, []byte("x"))
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wg.Wait()
	requireStored(t, s, cart("1"))
	requireMissing(t, s, cart("2").Key)
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

func all(t *testing.T, s store.Store) {
	other := cart("c")
	other.CustomerID, other.CreatedAt = "fabrikam", created.Add(time.Second)
	insert(t, s, cart("a"), cart("b"), other, order("o", "a", "0", created))
	requireAll := func(kind store.Kind, customerID string, want ...store.Document) {
		t.Helper()
		got := []store.Document{}
		for d, err := range s.All(t.Context(), kind, customerID) {
			if err != nil {
				t.Fatalf("All: %v", err)
			}
			got = append(got, d)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("documents differ (-want +got):\n%s", diff)
		}
	}
	requireAll(store.Cart, "", other, cart("b"), cart("a"))
	requireAll(store.Cart, "contoso", cart("b"), cart("a"))
	requireAll(store.Order, "", order("o", "a", "0", created))
	requireAll(store.Order, "fabrikam", []store.Document{}...)
}

func clearing(t *testing.T, s store.Store) {
	other, sold := cart("c"), order("o", "a", "0", created)
	other.CustomerID = "fabrikam"
	sold.Subscriptions = []string{"s"}
	clock := store.Document{Key: store.Key{Kind: store.Setting, ID: "clock"}, CreatedAt: created, Body: []byte(`{}`)}
	insert(t, s, cart("a"), other, sold, clock)
	r := request(func(*store.Request) {})
	remember(t, s, r, created, "x")

	failed := errors.New("refused by a rule")
	clearAnd := func(customerID string, err error, insert ...store.Document) {
		t.Helper()
		got := s.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.Clear(customerID); err != nil {
				return err
			}
			for _, d := range insert {
				if err := tx.Insert(d); err != nil {
					return err
				}
			}
			return err
		})
		if !errors.Is(got, err) {
			t.Fatalf("Update gave %v, want %v", got, err)
		}
	}
	clearAnd("", failed)
	requireStored(t, s, cart("a"))
	requireRecalled(t, s, r, created, "x")

	clearAnd("contoso", nil, cart("a"), order("o", "a", "0", created.Add(time.Second))) // again, in one update
	requireStored(t, s, order("o", "a", "0", created.Add(time.Second)))
	if got := orderIDs(t, s, "contoso"); len(got) != 1 {
		t.Errorf("the orders are %v, want the new one", got)
	}
	if key, err := s.OrderOf(t.Context(), "contoso", "s"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a subscription is of %v, %v", key, err)
	}
	requireRecalled(t, s, r, created, "")
	requireStored(t, s, other)

	clearAnd("", nil)
	requireMissing(t, s, cart("a").Key, other.Key, sold.Key)
	requireStored(t, s, clock)
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
