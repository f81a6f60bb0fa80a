package commerce

import (
	"encoding/json"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Encode gives the document of a cart as JSON, and the part of it that is answered: the cart is encoded once for both.
func (r CartRecord) Encode() (document, cart []byte, err error) {
	if cart, err = json.Marshal(r.Cart); err != nil {
		return nil, nil, fmt.Errorf("encode a cart: %w", err)
	}
	const before = `{"cart":`
	document = append(append(make([]byte, 0, len(before)+len(cart)+1), before...), cart...)
	cart = document[len(before):len(document):len(document)]
	if len(r.Placed) == 0 && len(r.Failures) == 0 {
		return append(document, '}'), cart, nil
	}
	rest, err := json.Marshal(struct {
		Placed   []PlacedOrder  `json:"placed,omitempty"`
		Failures map[string]int `json:"failures,omitempty"`
	}{r.Placed, r.Failures})
	if err != nil {
		return nil, nil, fmt.Errorf("encode what a cart's checkouts did: %w", err)
	}
	rest[0] = ','
	return append(document, rest...), cart, nil
}

// ReadCart gives the cart of a document as it is answered at now, without decoding all of it. It fails with 800008 when the
// cart has expired.
func ReadCart(document []byte, now time.Time) ([]byte, error) {
	var encoded struct {
		Cart jsontext.Value `json:"cart"`
	}
	if err := jsonv2.Unmarshal(document, &encoded); err != nil {
		return nil, fmt.Errorf("decode a cart's document: %w", err)
	}
	var life struct {
		Status  model.CartStatus `json:"status"`
		Expires time.Time        `json:"expirationTimestamp"`
	}
	if err := jsonv2.Unmarshal(encoded.Cart, &life); err != nil {
		return nil, fmt.Errorf("decode a cart: %w", err)
	}
	record := CartRecord{Cart: model.Cart{Status: life.Status, ExpirationTimestamp: life.Expires}}
	if record.Expired(now) {
		return nil, ErrCartNotFound
	}
	return encoded.Cart, nil
}
