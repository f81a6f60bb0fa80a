package commerce_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// A cart's document is the record as encoding/json has it, and the cart that is answered is what it has of the cart.
func TestEncode(t *testing.T) {
	t.Parallel()
	active := newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly))
	active.Cart.LineItems[0].FriendlyName = "<Contoso & Söhne> \"a\u2028b\""
	ordered, _, _, err := rules(t).Checkout(active, by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	failed := active
	failed.Failures = map[string]int{"0": 2}
	for name, record := range map[string]commerce.CartRecord{"active": active, "ordered": ordered, "failed": failed, "nothing": {}} {
		document, cart, err := record.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if want := marshal(t, record); string(document) != want {
			t.Errorf("%s: the document is %s, want %s", name, document, want)
		}
		if want := marshal(t, record.Cart); string(cart) != want {
			t.Errorf("%s: the cart is %s, want %s", name, cart, want)
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// What is no document of a cart is refused.
func TestReadCart_Refuses(t *testing.T) {
	t.Parallel()
	for _, document := range []string{``, `{}`, `{"cart":`, `{"cart":[]}`, `{"cart":{"expirationTimestamp":"tomorrow"}}`} {
		if cart, err := commerce.ReadCart([]byte(document), time.Time{}); err == nil {
			t.Errorf("%q: ReadCart gave %s and no error", document, cart)
		}
	}
}
