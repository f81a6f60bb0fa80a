package server

import (
	"bytes"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// encodeCart gives the body of a cart's document, and the part of it that is answered: a cart that was not checked out yet is
// encoded once for both, with the line break that ends an answer.
func encodeCart(r *commerce.CartRecord) (document, cart []byte, err error) {
	if len(r.Placed) > 0 || len(r.Failures) > 0 {
		if cart, err = encode(&r.Cart); err == nil {
			document, err = encode(r)
		}
		return document, cart, err
	}
	const before, after = `{"cart":`, "\n}"
	var longer [4 << 10]byte // than most
	body, err := recordjson.AppendCart(append(longer[:0], before...), &r.Cart)
	if err != nil {
		return nil, nil, fmt.Errorf("encode a cart: %w", err)
	}
	document = bytes.Clone(append(body, after...))
	end := len(document) - len("}")
	return document, document[len(before):end:end], nil
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
