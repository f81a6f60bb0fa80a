package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// Copies have ids of their own, in their bodies too, and are all there.
func TestCopies(t *testing.T) {
	t.Parallel()
	model := store.Document{
		Key:       store.Key{Kind: store.Cart, CustomerID: customer, ID: "model"},
		CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Body:      []byte(`{"id":"model","self":"/carts/model"}`),
	}
	var ids []string
	for i := range 5_000 {
		ids = append(ids, fmt.Sprint("copy", i))
	}
	documents := memory.New()
	if err := copies(t.Context(), documents, model, slices.Clone(ids)); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		d, err := documents.Get(t.Context(), store.Key{Kind: store.Cart, CustomerID: customer, ID: id})
		if want := fmt.Sprintf(`{"id":"%s","self":"/carts/%s"}`, id, id); err != nil || string(d.Body) != want {
			t.Fatalf("%s is %s, %v", id, d.Body, err)
		}
	}
	if err := copies(t.Context(), documents, model, ids[:1]); err == nil {
		t.Error("a copy whose id is taken gives no error")
	}
}

// The requests to a full store are to different carts, those of two rounds too, and end where the next round begins.
func TestToMany(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 100 {
		ids = append(ids, fmt.Sprint(i))
	}
	seen := make(map[string]bool)
	for round := range 4 {
		next := (bodies{}).toMany("checkout", ids, round*25, 25)
		for i := range 25 {
			r, ok := next(i)
			if !ok || seen[r.path] {
				t.Errorf("round %d, %d: %v, %s was there before: %v", round, i, ok, r.path, seen[r.path])
			}
			seen[r.path] = true
		}
		if _, more := next(25); more {
			t.Errorf("round %d goes on in the next one's carts", round)
		}
	}
}
