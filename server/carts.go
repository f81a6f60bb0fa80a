package server

import (
	"context"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// CreateCart serves POST /v1/customers/{customer_id}/carts.
func (o *operations) CreateCart(ctx context.Context, r apiserver.CreateCartRequestObject) (apiserver.CreateCartResponseObject, error) {
	by, err := o.buyer(ctx, r.CustomerID, r.Body.LineItems)
	if err != nil {
		return nil, err
	}
	var record commerce.CartRecord
	err = o.update(ctx, func(tx store.Tx) error {
		by.Now = o.clock()
		if record, err = o.rules.NewCart(o.ids.GUID(), *r.Body, by); err != nil {
			return err
		}
		return insertCart(tx, r.CustomerID, record)
	})
	if err != nil {
		return nil, err
	}
	return apiserver.CreateCart201JSONResponse(record.Cart), nil
}

// GetCart serves GET /v1/customers/{customer_id}/carts/{cart_id}.
func (o *operations) GetCart(ctx context.Context, r apiserver.GetCartRequestObject) (apiserver.GetCartResponseObject, error) {
	record, err := o.readCart(ctx, r.CustomerID, r.CartID)
	if err != nil {
		return nil, err
	}
	cart, err := record.Read(o.clock())
	if err != nil {
		return nil, err
	}
	return apiserver.GetCart200JSONResponse(cart), nil
}

// UpdateCart serves PUT /v1/customers/{customer_id}/carts/{cart_id}.
func (o *operations) UpdateCart(ctx context.Context, r apiserver.UpdateCartRequestObject) (apiserver.UpdateCartResponseObject, error) {
	by, err := o.buyer(ctx, r.CustomerID, r.Body.LineItems)
	if err != nil {
		return nil, err
	}
	var record commerce.CartRecord
	key := cartKey(r.CustomerID, r.CartID)
	err = o.update(ctx, func(tx store.Tx) error {
		old, err := lock[commerce.CartRecord](tx, key, commerce.ErrCartNotFound)
		if err != nil {
			return err
		}
		by.Now = o.clock() // after the wait for the lock
		if record, err = o.rules.ReplaceLines(old, *r.Body, by); err != nil {
			return err
		}
		return replace(tx, key, record)
	})
	if err != nil {
		return nil, err
	}
	return apiserver.UpdateCart201JSONResponse(record.Cart), nil
}
