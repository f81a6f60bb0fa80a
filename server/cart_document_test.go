package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// A cart's document is the record as encoding/json has it, and the cart that is answered is what it has of the cart, until the
// cart expires (CART-EXPIRY).
func TestCartDocument(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC)
	active := commerce.CartRecord{Cart: model.Cart{
		Status: model.CartStatusActive, ExpirationTimestamp: end,
		LineItems: []model.CartLineItem{{FriendlyName: "<Contoso & Söhne> \"a\u2028b\" {[", AddonItems: []model.CartLineItem{{}}}},
	}}
	failed, ordered := active, active
	failed.Failures = map[string]int{"0": 2}
	ordered.Cart.Status, ordered.Placed = model.CartStatusOrdered, []commerce.PlacedOrder{{OrderGroup: "0"}}
	for name, c := range map[string]struct {
		record commerce.CartRecord
		at     time.Time
		want   error
	}{
		"a microsecond before": {active, end.Add(-time.Microsecond), nil},
		"failed, before":       {failed, end.Add(-time.Microsecond), nil},
		"seven days":           {active, end, commerce.ErrCartNotFound},
		"failed, seven days":   {failed, end, commerce.ErrCartNotFound},
		"a microsecond after":  {active, end.Add(time.Microsecond), commerce.ErrCartNotFound},
		"ordered, long after":  {ordered, end.AddDate(1, 0, 0), nil},
		"nothing":              {commerce.CartRecord{}, end, commerce.ErrCartNotFound},
	} {
		document, cart, err := encodeCart(&c.record)
		if err != nil {
			t.Fatal(err)
		}
		if want := asJSON(t, c.record); !bytes.Equal(bytes.ReplaceAll(document, []byte("\n"), nil), want) {
			t.Errorf("%s: the document is %s, want %s", name, document, want)
		}
		cart = bytes.TrimSuffix(cart, []byte("\n"))
		if want := asJSON(t, c.record.Cart); !bytes.Equal(cart, want) {
			t.Errorf("%s: the cart is %s, want %s", name, cart, want)
		}
		if got, err := readCart(document, c.at); !errors.Is(err, c.want) || err == nil && !bytes.Equal(bytes.TrimSuffix(got, []byte("\n")), cart) {
			t.Errorf("%s: readCart gave %s, %v, want %v", name, got, err, c.want)
		}
		if _, _, ok := cartWritten(document); !ok {
			t.Errorf("%s: %s is not read at once", name, document)
		}
		if !recordjson.Read(document, new(commerce.CartRecord)) {
			t.Errorf("%s: %s is not decoded at once", name, document)
		}
	}
}

// After a checkout the document and the answer are as encoding/json has them, whether they have the same orders or not.
func TestCheckoutDocument(t *testing.T) {
	t.Parallel()
	sold, err := catalog.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rules := commerce.Rules{Catalog: sold}
	by := commerce.Author{Customer: commerce.Customer{ID: exampleCustomer}, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range []string{"createCart.six-lines.request", "createCart.new-commerce.request"} {
		var request model.Cart
		if err := readExample(contract, example, &request); err != nil {
			t.Fatal(err)
		}
		cart, err := rules.NewCart("1", request, by)
		if err != nil {
			t.Fatal(err)
		}
		record, _, result, err := rules.Checkout(cart, by, randomIDs{})
		if err != nil || len(record.Placed) == 0 {
			t.Fatal(record.Placed, err)
		}
		wrong := []model.OrderError{{Code: 1, OrderGroupID: "<1>"}}
		for name, c := range map[string]struct {
			record commerce.CartRecord
			result model.CartCheckoutResult
		}{
			"all":           {record, result},
			"a failure":     {commerce.CartRecord{Cart: cart.Cart, Placed: record.Placed, Failures: map[string]int{"1": 1}}, result},
			"an error":      {record, model.CartCheckoutResult{Orders: result.Orders, OrderErrors: wrong}},
			"nothing":       {cart, model.CartCheckoutResult{OrderErrors: wrong}},
			"one, not all":  {record, model.CartCheckoutResult{Orders: result.Orders[:1], Attributes: result.Attributes}},
			"another order": {record, model.CartCheckoutResult{Orders: make([]model.Order, len(result.Orders))}},
		} {
			document, answer, err := encodeCheckout(&c.record, &c.result)
			if want := asJSON(t, c.record); err != nil || !bytes.Equal(document, want) {
				t.Errorf("%s, %s: %v, the document is\n%s\nwant\n%s", example, name, err, document, want)
			}
			if want := asJSON(t, c.result); !bytes.Equal(answer, want) {
				t.Errorf("%s, %s: the answer is\n%s\nwant\n%s", example, name, answer, want)
			}
		}
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A document that was written in another way is read as any JSON is, or as well as that.
func TestCartWritten_AsCartIn(t *testing.T) {
	t.Parallel()
	document := `{"cart":{"attributes":{"objectType":"Cart"},"expirationTimestamp":"2026-01-08T00:00:00Z","id":"1","lineItems":[{"id":0},{}],` +
		`"status":"Active"},"placed":[{"orderGroup":"0"}],"failures":{"0":1}}`
	same := 0
	for i := range len(document) {
		for _, token := range []string{"", " ", "\n", "x", `"`, "0", ",", "{", "}", "]", `"links":1,`, `"status":"Ordered",`, `\`, "\xff", "\x00"} {
			for _, changed := range []string{document[:i] + token + document[i:], document[:i] + token + document[i+1:], document[:i] + token} {
				cart, life, ok := cartWritten([]byte(changed))
				if !ok {
					continue
				}
				same++
				if want, wantLife, err := cartIn([]byte(changed)); err != nil || !bytes.Equal(bytes.TrimSuffix(cart, []byte("\n")), want) || life != wantLife {
					t.Errorf("cartWritten gave %s, %v, want %s, %v, %v of\n%s", cart, life, want, wantLife, err, changed)
				}
			}
		}
	}
	if same == 0 {
		t.Error("none was read")
	}
}

// What is no document of a cart is refused.
func TestReadCart_Refuses(t *testing.T) {
	t.Parallel()
	for _, document := range []string{``, `{}`, `{"cart":`, `{"cart":[]}`, `{"cart":{"expirationTimestamp":"tomorrow"}}`} {
		if cart, err := readCart([]byte(document), time.Time{}); err == nil {
			t.Errorf("%q: readCart gave %s and no error", document, cart)
		}
	}
}
