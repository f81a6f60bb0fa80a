package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/store"
)

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
