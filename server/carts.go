package server

import (
	"context"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// CreateCart serves POST /v1/customers/{customer_id}/carts.
func (o *operations) CreateCart(ctx context.Context, r apiserver.CreateCartRequestObject) (apiserver.CreateCartResponseObject, error) {
	record, err := commerce.NewCart(o.ids.GUID(), *r.Body, o.author(ctx, r.CustomerID), o.catalog)
	if err != nil {
		return nil, err
	}
	if err := o.createCart(ctx, r.CustomerID, record); err != nil {
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
	var cart model.Cart
	err := o.updateCart(ctx, r.CustomerID, r.CartID, func(old commerce.CartRecord) (commerce.CartRecord, []commerce.GroupOrder, error) {
		record, err := old.Replace(*r.Body, o.author(ctx, r.CustomerID), o.catalog)
		cart = record.Cart
		return record, nil, err
	})
	if err != nil {
		return nil, err
	}
	return apiserver.UpdateCart201JSONResponse(cart), nil
}

// author is who sent the request that is served, at this moment.
func (o *operations) author(ctx context.Context, customerID string) commerce.Author {
	return commerce.Author{CustomerID: customerID, User: exchangeOf(ctx).user, Now: o.clock()}
}
