package server

import (
	"bytes"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/jsonbytes"
)

// encodeCart gives the body of a cart's document, and the part of it that is answered: a cart that was not checked out yet is
// encoded once for both, with the line break that ends an answer.
func encodeCart(r *commerce.CartRecord) (document, cart []byte, err error) {
	if len(r.Placed) > 0 || len(r.Failures) > 0 {
		if cart, err = encodeAnswer(&r.Cart); err == nil {
			document, err = encode(r)
		}
		return document, cart, err
	}
	const before, after = `{"cart":`, "}"
	if document, err = encodeBetween(before, &r.Cart, "\n"+after); err != nil {
		return nil, nil, err
	}
	end := len(document) - len(after)
	return document, document[len(before):end:end], nil
}

// readCart gives the cart of a document as it is answered at now, without decoding all of it. It fails with 800008 when the
// cart has expired.
func readCart(document []byte, now time.Time) ([]byte, error) {
	cart, life, ok := cartWritten(document)
	if !ok {
		var err error
		if cart, life, err = cartIn(document); err != nil {
			return nil, err
		}
	}
	record := commerce.CartRecord{Cart: model.Cart{Status: life.Status, ExpirationTimestamp: life.Expires}}
	if record.Expired(now) {
		return nil, commerce.ErrCartNotFound
	}
	return cart, nil
}

// cartLife is what of a cart tells whether it has expired.
type cartLife struct {
	Status  model.CartStatus `json:"status"`
	Expires time.Time        `json:"expirationTimestamp"`
}

// cartWritten finds the cart in a document that encodeCart has written. It reports false for what is written in another way.
func cartWritten(document []byte) (cart []byte, life cartLife, ok bool) {
	r := jsonbytes.NewReader(document)
	if r.Object(); !r.Name(`"cart":`) {
		return nil, life, false
	}
	begin, last := r.At(), ""
	r.Object()
	for name, more := r.Key(); more; name, more = r.Key() {
		switch {
		case name <= last: // the members are in this order, so none is there twice
			r.Fail()
		case name == "status":
			life.Status = model.CartStatus(r.String())
		case name == "expirationTimestamp":
			life.Expires = r.Time()
		default:
			r.Skip()
		}
		last = name
	}
	end := r.At()
	if bytes.HasPrefix(document[end:], []byte("\n")) {
		end++ // which ends the answer
	}
	cart = document[begin:end:end]
	for _, name := range []string{`"placed":`, `"failures":`} {
		if r.Name(name) {
			r.Skip()
		}
	}
	r.End()
	return cart, life, r.Done()
}

// cartIn finds the cart in a document, in any spelling.
func cartIn(document []byte) (cart []byte, life cartLife, err error) {
	var encoded struct {
		Cart jsontext.Value `json:"cart"`
	}
	if err := jsonv2.Unmarshal(document, &encoded); err != nil {
		return nil, life, fmt.Errorf("decode a cart's document: %w", err)
	}
	if err := jsonv2.Unmarshal(encoded.Cart, &life); err != nil {
		return nil, life, fmt.Errorf("decode a cart: %w", err)
	}
	return encoded.Cart, life, nil
}
