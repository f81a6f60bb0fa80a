package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// What the generated code binds is the very value that was validated: the validator leaves it on the body, and no second
// decoder has a say.
func TestValidate_KeepsTheValue(t *testing.T) {
	t.Parallel()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	item := contract.Paths.Value("/customers/{customer_id}/carts")
	op := operation{item.Post, contract, "/customers/{customer_id}/carts", item, http.MethodPost}
	const body = `{"lineItems":[{"catalogItemId":"x","quantity":1,"billingCycle":"monthly"}]}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	c := echo.New().NewContext(r, httptest.NewRecorder())
	c.SetParamNames("customer_id")
	c.SetParamValues("d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d")
	var kept any
	err = validate(op)(func(c echo.Context) error {
		if body, ok := c.Request().Body.(interface{ ValidatedValue() any }); ok {
			kept = body.ValidatedValue()
		}
		return nil
	})(c)
	if lines, ok := kept.(map[string]any)["lineItems"].([]any); err != nil || !ok || len(lines) != 1 {
		t.Errorf("the validated value is %v, error %v", kept, err)
	}
}

// A handler that gives neither an answer nor an error must not become an empty 200.
func TestMustAnswer(t *testing.T) {
	t.Parallel()
	nothing := func(echo.Context, any) (any, error) { return nil, nil }
	if _, err := mustAnswer(nothing, "getCart")(nil, nil); err == nil || !strings.Contains(err.Error(), "getCart gave no answer") {
		t.Errorf("the error is %v", err)
	}
	something := func(echo.Context, any) (any, error) { return "x", nil }
	if got, err := mustAnswer(something, "getCart")(nil, nil); got != "x" || err != nil {
		t.Errorf("an answer became %v, %v", got, err)
	}
}

// The documents' carts are there from the start; what became of them stays, and only an expired one is made anew.
func TestAddExamples(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, err := New(Options{Store: memory.New(), Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	add := func() (carts []commerce.CartRecord) {
		if err := s.AddExamples(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, e := range exampleCarts {
			record, err := read[commerce.CartRecord](t.Context(), s.operations.store, cartKey(exampleCustomer, e.cartID), commerce.ErrCartNotFound)
			if err != nil {
				t.Fatal(err)
			}
			carts = append(carts, record)
		}
		return carts
	}
	first := add()
	for _, record := range first {
		for _, line := range record.Cart.LineItems {
			if line.Error != nil {
				t.Errorf("line %s of cart %s: %v", line.CatalogItemID, record.Cart.ID, line.Error.ErrorDescription)
			}
		}
	}
	update, checkout := exampleCarts[0].cartID, exampleCarts[1].cartID
	ctx := t.Context()
	if _, err := s.operations.UpdateCart(ctx, apiserver.UpdateCartRequestObject{
		CustomerID: exampleCustomer, CartID: update, Body: &model.Cart{LineItems: first[1].Cart.LineItems[:1]},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.operations.CheckoutCart(ctx, apiserver.CheckoutCartRequestObject{CustomerID: exampleCustomer, CartID: checkout}); err != nil {
		t.Fatal(err)
	}

	now = now.Add(7*24*time.Hour - time.Second)
	used := add()
	if len(used[0].Cart.LineItems) != 1 || used[0].Cart.LineItems[0].CatalogItemID != "MS-AZR-0145P" || !used[1].Ordered() {
		t.Errorf("what became of the carts is lost: %+v", used)
	}
	now = now.Add(time.Second)
	anew := add()
	want := first[0]
	want.Cart.CreationTimestamp, want.Cart.LastModifiedTimestamp, want.Cart.ExpirationTimestamp = now, now, now.Add(commerce.CartLifetime)
	if diff := cmp.Diff(want, anew[0]); diff != "" {
		t.Errorf("the expired cart was not made anew (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(used[1], anew[1]); diff != "" {
		t.Errorf("the ordered cart changed (-want +got):\n%s", diff)
	}
}
