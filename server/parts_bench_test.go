package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// BenchmarkParts measures the parts of a cart's creation, each alone, with the documents' six lines. What they cost together, with
// net/http and the store, is measured by package bench; the journal by BenchmarkJournal, the stores by package proof.
func BenchmarkParts(b *testing.B) {
	printed, err := os.ReadFile("../api/examples/createCart.six-lines.request.jsonc")
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, plainJSON(printed)); err != nil {
		b.Fatal(err)
	}
	body := compact.Bytes()
	op := operationNamed(b, "createCart")
	canonicalStep, validateStep := canonical(op, SpellingTolerant, &sure{}), validate(op) // the long way
	sureStep := canonical(op, SpellingTolerant, newSure(op, SpellingTolerant))

	b.Run("a request and no step", func(b *testing.B) { throughSteps(b, body) })
	b.Run("surely valid", func(b *testing.B) { throughSteps(b, body, sureStep, validateStep) })
	b.Run("surely valid, as printed", func(b *testing.B) { throughSteps(b, printed, sureStep, validateStep) })
	b.Run("canonical", func(b *testing.B) { throughSteps(b, body, canonicalStep) })
	b.Run("canonical, as printed", func(b *testing.B) { throughSteps(b, printed, canonicalStep) })
	b.Run("validate", func(b *testing.B) { throughSteps(b, body, validateStep) })
	b.Run("canonical and validate", func(b *testing.B) { throughSteps(b, body, canonicalStep, validateStep) })

	var value any
	var request model.Cart
	if err := json.Unmarshal(body, &value); err != nil {
		b.Fatal(err)
	}
	b.Run("bind", func(b *testing.B) {
		for b.Loop() {
			request = model.Cart{}
			must(b, runtime.BindJSONValue(value, &request))
		}
	})
	sold, err := catalog.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	rules := commerce.Rules{Catalog: sold}
	by := commerce.Author{User: "1824b7fc-2fac-4478-b177-66823c40ab75", Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	var record commerce.CartRecord
	b.Run("rule", func(b *testing.B) {
		for b.Loop() {
			record, err = rules.NewCart("b4c8fdea-cbe4-4d17-9576-13fcacbf9605", request, by)
			must(b, err)
		}
	})
	b.Run("fingerprint", func(b *testing.B) {
		for b.Loop() {
			_, err := fingerprint(&request)
			must(b, err)
		}
	})
	b.Run("encode the record and the answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _, err := encodeCart(&record)
			must(b, err)
		}
	})
	stored, _, err := encodeCart(&record)
	must(b, err)
	b.Run("decode the record", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := decode[commerce.CartRecord](store.Document{Body: stored})
			must(b, err)
		}
	})
	b.Run("read the answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := readCart(stored, by.Now)
			must(b, err)
		}
	})
	_, orders, _, err := rules.Checkout(record, by, randomIDs{})
	must(b, err)
	b.Run("list an order", func(b *testing.B) {
		body, err := encode(&orders[0].OrderRecord)
		must(b, err)
		b.ReportAllocs()
		for b.Loop() {
			order, err := decode[commerce.OrderRecord](store.Document{Body: body})
			must(b, err)
			_, err = encode(new(order.At(by.Now, false)))
			must(b, err)
		}
	})
}

func must(b *testing.B, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

func operationNamed(b *testing.B, id string) operation {
	b.Helper()
	contract, err := loadContract()
	must(b, err)
	for _, op := range operationsOf(contract) {
		if op.OperationID == id {
			return op
		}
	}
	b.Fatalf("there is no operation %s", id)
	return operation{}
}

// throughSteps sends a cart's creation through some steps, behind which nothing comes.
func throughSteps(b *testing.B, body []byte, steps ...echo.MiddlewareFunc) {
	b.ReportAllocs()
	e := echo.New()
	next := func(echo.Context) error { return nil }
	steps = append([]echo.MiddlewareFunc{takeBody}, steps...)
	for i := len(steps) - 1; i >= 0; i-- {
		next = steps[i](next)
	}
	c := e.NewContext(nil, nil)
	for b.Loop() {
		r := httptest.NewRequestWithContext(withExchange(context.Background(), &exchange{}), http.MethodPost,
			"/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts", io.NopCloser(bytes.NewReader(body)))
		r.ContentLength = int64(len(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer any")
		r.Header.Set("MS-RequestId", "4fa6dad6-a89f-4875-8247-8294a10ae1cf")
		c.Reset(r, httptest.NewRecorder())
		c.SetParamNames("customer_id")
		c.SetParamValues("d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d")
		must(b, next(c))
	}
}
