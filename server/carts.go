package server

import (
	"context"
	"errors"
	"net/http"

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
	cart, err := once(ctx, o, change{r.CustomerID, "", r.Body}, func(tx store.Tx) (cart []byte, err error) {
		if by.Now, err = o.clock.in(tx); err != nil {
			return cart, err
		}
		record, err := o.rules.NewCart(o.ids.GUID(), *r.Body, by)
		if err != nil {
			return cart, err
		}
		return insertCart(tx, r.CustomerID, &record)
	})
	if err != nil {
		return nil, err
	}
	return encoded{http.StatusCreated, cart}, nil
}

// GetCart serves GET /v1/customers/{customer_id}/carts/{cart_id}.
func (o *operations) GetCart(ctx context.Context, r apiserver.GetCartRequestObject) (apiserver.GetCartResponseObject, error) {
	d, err := o.store.Get(ctx, cartKey(r.CustomerID, r.CartID))
	if errors.Is(err, store.ErrNotFound) {
		return nil, commerce.ErrCartNotFound
	}
	if err != nil {
		return nil, err
	}
	cart, err := readCart(d.Body, o.clock.now())
	if err != nil {
		return nil, err
	}
	return encoded{http.StatusOK, cart}, nil
}

// UpdateCart serves PUT /v1/customers/{customer_id}/carts/{cart_id}.
func (o *operations) UpdateCart(ctx context.Context, r apiserver.UpdateCartRequestObject) (apiserver.UpdateCartResponseObject, error) {
	by, err := o.buyer(ctx, r.CustomerID, r.Body.LineItems)
	if err != nil {
		return nil, err
	}
	key := cartKey(r.CustomerID, r.CartID)
	cart, err := once(ctx, o, change{r.CustomerID, r.CartID, r.Body}, func(tx store.Tx) (cart []byte, err error) {
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
		return replaceCart(tx, key, &record)
	})
	if err != nil {
		return nil, cartBusy(err)
	}
	return encoded{http.StatusCreated, cart}, nil
}
