package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// CheckoutCart serves POST /v1/customers/{customer_id}/carts/{cart_id}/checkout.
func (o *operations) CheckoutCart(ctx context.Context, r apiserver.CheckoutCartRequestObject) (apiserver.CheckoutCartResponseObject, error) {
	var answer []byte
	var repeated bool
	key := cartKey(r.CustomerID, r.CartID)
	err := o.update(ctx, r.CartID, func(tx store.Tx) error {
		holdings, err := o.holdings(tx, r.CustomerID)
		if err != nil {
			return err
		}
		old, err := lock[commerce.CartRecord](tx, key, commerce.ErrCartNotFound)
		if err != nil {
			return err
		}
		by, err := o.author(ctx, tx, r.CustomerID) // after the wait for the lock
		if err != nil {
			return err
		}
		record, placed, result, err := o.rules.Checkout(old, by, o.ids)
		if err != nil {
			return err
		}
		if answer, err = encodeAnswer(&result); err != nil {
			return err
		}
		if repeated = old.Ordered(); repeated {
			return nil
		}
		added := 0
		for _, order := range placed {
			added += len(order.SubscriptionIDs())
		}
		if err := o.rules.CheckLimits(holdings, added); err != nil {
			return err
		}
		if err := replace(tx, key, &record); err != nil {
			return err
		}
		return insertOrders(tx, r.CustomerID, r.CartID, placed)
	})
	if err != nil {
		return nil, cartBusy(err)
	}
	if x := exchangeOf(ctx); repeated {
		x.repeated = true
		x.note("the first answer again, nothing ordered")
	}
	return encoded{http.StatusCreated, answer}, nil
}

// cartBusy says that another request is at work on the cart, where a change of it has waited for too long (CHECKOUT-BUSY).
func cartBusy(err error) error {
	if !errors.Is(err, errHeld) {
		return err
	}
	return errors.Join(&refusal{
		http.StatusConflict, commerce.CodeCartBusy, "The cart is being processed by another request. Try again.",
	}, err)
}

// holdings counts what the limits of the sandbox are for, under locks that keep others from adding to it until the
// transaction ends. Outside the sandbox there is nothing to count.
func (o *operations) holdings(tx store.Tx, customerID string) (h commerce.Holdings, err error) {
	if !o.rules.Sandbox {
		return h, nil
	}
	if err := tx.Lock("customer " + customerID); err != nil {
		return h, err
	}
	for record, err := range orders(tx.Orders(customerID)) {
		if err != nil {
			return h, err
		}
		h.HasOrders = true
		h.Subscriptions += record.CountSubscriptions()
	}
	if h.HasOrders {
		return h, nil
	}
	if err := tx.Lock("customers"); err != nil {
		return h, err
	}
	h.Customers, err = tx.CountCustomers()
	return h, err
}
