package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// The stored documents are the rules' own records as JSON; nothing here names a property of them.

// encode gives the body of a document.
func encode(record any) ([]byte, error) {
	body, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	return body, nil
}

// decode reads the body of a document.
func decode[T any](d store.Document) (record T, err error) {
	if err := json.Unmarshal(d.Body, &record); err != nil {
		return record, fmt.Errorf("decode %s %s: %w", d.Kind, d.ID, err)
	}
	return record, nil
}

// readCart reads the record of a cart; 800008 if there is none.
func (o *operations) readCart(ctx context.Context, customerID, cartID string) (commerce.CartRecord, error) {
	return read[commerce.CartRecord](ctx, o.store, store.Key{Kind: store.Cart, CustomerID: customerID, ID: cartID}, commerce.ErrCartNotFound)
}

// readOrder reads the record of an order; 20000 if there is none.
func (o *operations) readOrder(ctx context.Context, customerID, orderID string) (commerce.OrderRecord, error) {
	return read[commerce.OrderRecord](ctx, o.store, store.Key{Kind: store.Order, CustomerID: customerID, ID: orderID}, commerce.ErrOrderNotFound)
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

// createCart stores a new cart.
func (o *operations) createCart(ctx context.Context, customerID string, record commerce.CartRecord) error {
	body, err := encode(record)
	if err != nil {
		return err
	}
	return o.store.Update(ctx, store.Key{}, func(*store.Document) (store.Change, error) {
		return store.Change{Insert: []store.Document{{
			Key:       store.Key{Kind: store.Cart, CustomerID: customerID, ID: record.Cart.ID},
			CreatedAt: record.Cart.CreationTimestamp,
			Body:      body,
		}}}, nil
	})
}

// updateCart changes a cart by a rule, and stores the orders that the rule places; 800008 if there is no such cart. When
// an order's id is taken, the rule runs again and draws another.
func (o *operations) updateCart(ctx context.Context, customerID, cartID string,
	rule func(commerce.CartRecord) (commerce.CartRecord, []commerce.GroupOrder, error),
) error {
	key := store.Key{Kind: store.Cart, CustomerID: customerID, ID: cartID}
	change := func(old *store.Document) (store.Change, error) {
		if old == nil {
			return store.Change{}, commerce.ErrCartNotFound
		}
		record, err := decode[commerce.CartRecord](*old)
		if err != nil {
			return store.Change{}, err
		}
		record, orders, err := rule(record)
		if err != nil {
			return store.Change{}, err
		}
		return cartChange(key, record, orders)
	}
	const tries = 3 // a second collision of random ids is as good as impossible
	var err error
	for range tries {
		if err = o.store.Update(ctx, key, change); !errors.Is(err, store.ErrExists) {
			break
		}
	}
	return err
}

// cartChange is the change of a cart and of the orders that its checkout placed.
func cartChange(key store.Key, record commerce.CartRecord, orders []commerce.GroupOrder) (change store.Change, err error) {
	if change.Body, err = encode(record); err != nil {
		return change, err
	}
	for _, order := range orders {
		body, err := encode(order.OrderRecord)
		if err != nil {
			return change, err
		}
		change.Insert = append(change.Insert, store.Document{
			Key:        store.Key{Kind: store.Order, CustomerID: key.CustomerID, ID: order.Order.ID},
			CreatedAt:  order.Order.CreationDate,
			CartID:     key.ID,
			OrderGroup: order.OrderGroup,
			Body:       body,
		})
	}
	return change, nil
}
