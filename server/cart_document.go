package server

import (
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// encodeCart gives the body of a cart's document, and the part of it that is answered: a cart that was not checked out yet is
// encoded once for both.
func encodeCart(r *commerce.CartRecord) (document, cart []byte, err error) {
	if document, err = encode(r); err != nil {
		return nil, nil, err
	}
	if len(r.Placed) > 0 || len(r.Failures) > 0 {
		cart, err = encode(&r.Cart)
		return document, cart, err
	}
	begin, end := len(`{"cart":`), len(document)-len(`}`)
	return document, document[begin:end:end], nil
}

// readCart gives the cart of a document as it is answered at now, without decoding all of it. It fails with 800008 when the
// cart has expired.
func readCart(document []byte, now time.Time) ([]byte, error) {
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
	record := commerce.CartRecord{Cart: model.Cart{Status: life.Status, ExpirationTimestamp: life.Expires}}
	if record.Expired(now) {
		return nil, commerce.ErrCartNotFound
	}
	return encoded.Cart, nil
}
