package server

import (
	"context"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// CreateCart serves POST /v1/customers/{customer_id}/carts.
func (o *operations) CreateCart(ctx context.Context, r apiserver.CreateCartRequestObject) (apiserver.CreateCartResponseObject, error) {
	by, err := o.buyer(ctx, r.CustomerID, r.Body.LineItems)
	if err != nil {
		return nil, err
	}
	cart, err := once(ctx, o, change{r.CustomerID, "", r.Body}, func(tx store.Tx) (cart model.Cart, err error) {
		if by.Now, err = o.clock.in(tx); err != nil {
			return cart, err
		}
		record, err := o.rules.NewCart(o.ids.GUID(), *r.Body, by)
		if err != nil {
			return cart, err
		}
		return record.Cart, insertCart(tx, r.CustomerID, record)
	})
	if err != nil {
		return nil, err
	}
	return apiserver.CreateCart201JSONResponse(cart), nil
}

// GetCart serves GET /v1/customers/{customer_id}/carts/{cart_id}.
func (o *operations) GetCart(ctx context.Context, r apiserver.GetCartRequestObject) (apiserver.GetCartResponseObject, error) {
	record, err := o.readCart(ctx, r.CustomerID, r.CartID)
	if err != nil {
		return nil, err
	}
	cart, err := record.Read(o.clock.now())
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
	key := cartKey(r.CustomerID, r.CartID)
	cart, err := once(ctx, o, change{r.CustomerID, r.CartID, r.Body}, func(tx store.Tx) (cart model.Cart, err error) {
		old, err := lock[commerce.CartRecord](tx, key, commerce.ErrCartNotFound)
		if err != nil {
			return cart, err
		}
		if by.Now, err = o.clock.in(tx); err != nil { // after the wait for the lock
			return cart, err
		}
		record, err := o.rules.ReplaceLines(old, *r.Body, by)
		if err != nil {
			return cart, err
		}
		return record.Cart, replace(tx, key, record)
	})
	if err != nil {
		return nil, cartBusy(err)
	}
	return apiserver.UpdateCart201JSONResponse(cart), nil
}
