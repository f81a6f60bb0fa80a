package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// The stored documents are the rules' own records as JSON; nothing here names a property of them.

// encode gives the body of a document. It is fast for what recordjson knows, behind a pointer.
func encode(value any) ([]byte, error) { return encodeBetween("", value, "") }

// encodeAnswer gives the body of an answer.
func encodeAnswer(value any) ([]byte, error) { return encodeBetween("", value, "\n") }

// encodeBetween gives a value with something before and after it, in no more memory than that needs.
func encodeBetween(before string, value any, after string) ([]byte, error) {
	var longer [4 << 10]byte // than most
	body, err := recordjson.Append(append(longer[:0], before...), value)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", value, err)
	}
	return bytes.Clone(append(body, after...)), nil
}

// lenient has documents read as encoding/json reads them, which takes three times as long.
var lenient = jsonv2.JoinOptions(
	jsonv2.MatchCaseInsensitiveNames(true), jsonv1.MatchCaseSensitiveDelimiter(true),
	jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// decode reads the body of a document, which nobody may change: at once where this version has written it, else in any spelling.
func decode[T any](d store.Document) (record T, err error) {
	if recordjson.Read(d.Body, &record) {
		return record, nil
	}
	if err := jsonv2.Unmarshal(d.Body, &record, lenient); err != nil {
		return record, fmt.Errorf("decode %s %s: %w", d.Kind, d.ID, err)
	}
	return record, nil
}

func cartKey(customerID, id string) store.Key {
	return store.Key{Kind: store.Cart, CustomerID: customerID, ID: id}
}

func orderKey(customerID, id string) store.Key {
	return store.Key{Kind: store.Order, CustomerID: customerID, ID: id}
}

// readOrder reads the record of an order; 20000 if there is none.
func (o *operations) readOrder(ctx context.Context, customerID, orderID string) (commerce.OrderRecord, error) {
	return read[commerce.OrderRecord](ctx, o.store, orderKey(customerID, orderID), commerce.ErrOrderNotFound)
}

func read[T any](ctx context.Context, s store.Store, key store.Key, missing error) (record T, err error) {
	d, err := s.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return record, missing
	}
	if err != nil {
		return record, err
	}
	return decode[T](d)
}

// readSubscription reads the record of the order that a subscription belongs to; 20003 if there is none.
func (o *operations) readSubscription(ctx context.Context, customerID, subscriptionID string) (commerce.OrderRecord, error) {
	key, err := o.store.OrderOf(ctx, customerID, subscriptionID)
	if errors.Is(err, store.ErrNotFound) {
		return commerce.OrderRecord{}, commerce.ErrSubscriptionNotFound
	}
	if err != nil {
		return commerce.OrderRecord{}, err
	}
	return read[commerce.OrderRecord](ctx, o.store, key, commerce.ErrSubscriptionNotFound)
}

// orders goes through the orders of a customer, newest first.
func orders(documents iter.Seq2[store.Document, error]) iter.Seq2[commerce.OrderRecord, error] {
	return func(yield func(commerce.OrderRecord, error) bool) {
		for document, err := range documents {
			var record commerce.OrderRecord
			if err == nil {
				record, err = decode[commerce.OrderRecord](document)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// update runs a change of a thing, such as a cart, in one transaction; empty for what nobody else knows of yet. When an id
// that it drew is taken, it runs again and draws another. What it reads from the clock it reads after it has locked what it
// changes.
func (o *operations) update(ctx context.Context, thing string, change func(store.Tx) error) error {
	if thing != "" {
		if err := o.queue.enter(ctx, thing); err != nil {
			return err
		}
		defer o.queue.leave(thing)
	}
	const tries = 3 // a second collision of random ids is as good as impossible
	var err error
	for range tries {
		if err = o.store.Update(ctx, change); !errors.Is(err, store.ErrExists) {
			break
		}
	}
	return err
}

// lock reads the record of a document that is to be changed; nobody else changes it until the transaction ends.
func lock[T any](tx store.Tx, key store.Key, missing error) (record T, err error) {
	d, err := tx.Get(key)
	if errors.Is(err, store.ErrBusy) {
		return record, fmt.Errorf("%w: %w", errHeld, err)
	}
	if err != nil {
		return record, err
	}
	if d == nil {
		return record, missing
	}
	return decode[T](*d)
}

// replace stores the new record of a document.
func replace(tx store.Tx, key store.Key, record any) error {
	body, err := encode(record)
	if err != nil {
		return err
	}
	return tx.Put(key, body)
}

// replaceCart stores the new record of a cart, and gives the cart as it is answered.
func replaceCart(tx store.Tx, key store.Key, record *commerce.CartRecord) ([]byte, error) {
	body, cart, err := encodeCart(record)
	if err != nil {
		return nil, err
	}
	return cart, tx.Put(key, body)
}

// insertCart stores a new cart, and gives it as it is answered.
func insertCart(tx store.Tx, customerID string, record *commerce.CartRecord) ([]byte, error) {
	body, cart, err := encodeCart(record)
	if err != nil {
		return nil, err
	}
	return cart, tx.Insert(store.Document{
		Key:       cartKey(customerID, record.Cart.ID),
		CreatedAt: record.Cart.CreationTimestamp,
		Body:      body,
	})
}

// insertOrders stores new orders, of a cart or of none.
func insertOrders(tx store.Tx, customerID, cartID string, orders []commerce.GroupOrder) error {
	for _, order := range orders {
		body, err := encode(&order.OrderRecord)
		if err != nil {
			return err
		}
		if err := tx.Insert(store.Document{
			Key:           orderKey(customerID, order.Order.ID),
			CreatedAt:     order.Order.CreationDate,
			CartID:        cartID,
			OrderGroup:    order.OrderGroup,
			Subscriptions: order.SubscriptionIDs(),
			Body:          body,
		}); err != nil {
			return err
		}
	}
	return nil
}
