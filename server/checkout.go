package server

import (
	"context"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// CheckoutCart serves POST /v1/customers/{customer_id}/carts/{cart_id}/checkout.
func (o *operations) CheckoutCart(ctx context.Context, r apiserver.CheckoutCartRequestObject) (apiserver.CheckoutCartResponseObject, error) {
	var result model.CartCheckoutResult
	var repeated bool
	err := o.updateCart(ctx, r.CustomerID, r.CartID, func(old commerce.CartRecord) (commerce.CartRecord, []commerce.GroupOrder, error) {
		repeated = old.Ordered()
		record, orders, answer, err := commerce.Checkout(old, o.purchase(r.CustomerID), o.catalog)
		result = answer
		return record, orders, err
	})
	if err != nil {
		return nil, err
	}
	if repeated {
		exchangeOf(ctx).note("the first answer again, nothing ordered")
	}
	return apiserver.CheckoutCart201JSONResponse(result), nil
}

// purchase is what a checkout at this moment goes by.
func (o *operations) purchase(customerID string) commerce.Purchase {
	return commerce.Purchase{
		CustomerID:     customerID,
		Now:            o.clock(),
		IDs:            o.ids,
		ProvisionDelay: o.provisionDelay,
		RejectRepeat:   o.rejectRepeat,
	}
}
