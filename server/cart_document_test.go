package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
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
		if got, err := readCart(document, c.at); !errors.Is(err, c.want) || err == nil && !bytes.Equal(got, cart) {
			t.Errorf("%s: readCart gave %s, %v, want %v", name, got, err, c.want)
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

// What is no document of a cart is refused.
func TestReadCart_Refuses(t *testing.T) {
	t.Parallel()
	for _, document := range []string{``, `{}`, `{"cart":`, `{"cart":[]}`, `{"cart":{"expirationTimestamp":"tomorrow"}}`} {
		if cart, err := readCart([]byte(document), time.Time{}); err == nil {
			t.Errorf("%q: readCart gave %s and no error", document, cart)
		}
	}
}
