package server

import (
	"encoding/json"
	"reflect"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/jsonbytes"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// Documents are read as encoding/json reads them, also those that a person or another program has written.
func TestDecode_AsEncodingJSON(t *testing.T) {
	t.Parallel()
	documents := memory.New()
	s, err := New(Options{Store: documents})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, e := range exampleCarts {
		r := apiserver.CheckoutCartRequestObject{CustomerID: exampleCustomer, CartID: e.cartID}
		if _, err := s.operations.CheckoutCart(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	read := 0
	for d, err := range documents.All(t.Context(), store.Cart, "") {
		read += readsAlike[commerce.CartRecord](t, d, err)
	}
	for d, err := range documents.All(t.Context(), store.Order, "") {
		read += readsAlike[commerce.OrderRecord](t, d, err)
	}
	if read == 0 {
		t.Error("no document was read")
	}
}

// readsAlike reads a document, and what becomes of it, both ways. It tells how many of these could be read.
func readsAlike[T any](t *testing.T, d store.Document, err error) (read int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ old, with string }{
		{`^`, ``},
		{`"(\w)(\w*)":`, `"${1}_${2}":`},
		{`"id":`, `"ID":`},
		{`"(id|quantity)":`, `"$1":null,"$1":`},
		{`"status":"`, `"status":"` + "\xff"},
		{`"title":"`, `"title":"\ud800`},
		{`:(true|\d+)`, `:null`},
		{`\[.*?\]`, `[]`},
		{`:(\d+)`, `:"$1"`},
		{`,`, ` , `},
		{`"[^"]*Z"`, `"yesterday"`},
		{`\}$`, ``},
		{`$`, ` x`},
	} {
		body := regexp.MustCompile(change.old).ReplaceAll(d.Body, []byte(change.with))
		var want T
		wantErr := json.Unmarshal(body, &want)
		got, err := decode[T](store.Document{Body: body})
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s with %s for %s: it is read with %v, want %v, as\n%s", d.Kind, d.ID, change.with, change.old, err, wantErr, cmp.Diff(want, got))
		}
		if err == nil {
			read++
		}
	}
	return read
}

// What is stored of an order shares no bytes with the cart's document, which would stay in memory as long as the order.
func TestInsertOrders_Copies(t *testing.T) {
	t.Parallel()
	document := []byte("0 and the rest of it")
	var tx keepingTx
	if err := insertOrders(&tx, exampleCustomer, "", []commerce.GroupOrder{{OrderGroup: jsonbytes.TextOf(document)[:1]}}); err != nil {
		t.Fatal(err)
	}
	document[0] = '1'
	if got := tx.inserted.OrderGroup; got != "0" {
		t.Errorf("the order group is %q, a part of what it was read from", got)
	}
}

// keepingTx keeps what is inserted.
type keepingTx struct {
	store.Tx
	inserted store.Document
}

func (tx *keepingTx) Insert(d store.Document) error {
	tx.inserted = d
	return nil
}
