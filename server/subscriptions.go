package server

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// ListSubscriptions serves GET /v1/customers/{customer_id}/subscriptions.
func (o *operations) ListSubscriptions(ctx context.Context, r apiserver.ListSubscriptionsRequestObject) (apiserver.ListSubscriptionsResponseObject, error) {
	orderID := valueOf(r.Params.OrderID)
	self := commerce.SubscriptionsLink(r.CustomerID, orderID)
	return subscriptionStream{stream[model.Subscription]{o.subscriptionsOf(ctx, r.CustomerID, orderID), self}}, nil
}

// subscriptionsOf goes through the subscriptions of a customer, or of one order of it, as they are now (SUBSCRIPTION).
func (o *operations) subscriptionsOf(ctx context.Context, customerID, orderID string) iter.Seq2[model.Subscription, error] {
	now := o.clock.now()
	records := orders(o.store.Orders(ctx, customerID))
	if orderID != "" {
		records = o.oneOrder(ctx, customerID, orderID)
	}
	return func(yield func(model.Subscription, error) bool) {
		for record, err := range records {
			if err != nil {
				yield(model.Subscription{}, err)
				return
			}
			for _, s := range slices.Backward(record.Subscriptions(now)) {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// oneOrder gives an order as a sequence, an empty one where the customer has no such order.
func (o *operations) oneOrder(ctx context.Context, customerID, orderID string) iter.Seq2[commerce.OrderRecord, error] {
	return func(yield func(commerce.OrderRecord, error) bool) {
		record, err := o.readOrder(ctx, customerID, orderID)
		if !errors.Is(err, commerce.ErrOrderNotFound) {
			yield(record, err)
		}
	}
}

// subscriptionStream is the collection of subscriptions.
type subscriptionStream struct{ stream[model.Subscription] }

// VisitListSubscriptionsResponse implements apiserver.ListSubscriptionsResponseObject.
func (s subscriptionStream) VisitListSubscriptionsResponse(w http.ResponseWriter) error {
	return s.write(w)
}

// GetSubscription serves GET /v1/customers/{customer_id}/subscriptions/{subscription_id}.
func (o *operations) GetSubscription(ctx context.Context, r apiserver.GetSubscriptionRequestObject) (apiserver.GetSubscriptionResponseObject, error) {
	record, err := o.readSubscription(ctx, r.CustomerID, r.SubscriptionID)
	if err != nil {
		return nil, err
	}
	s, err := record.Subscription(r.SubscriptionID, o.clock.now())
	if err != nil {
		return nil, err
	}
	body, err := encodeAnswer(&s)
	return encoded{http.StatusOK, body}, err
}

// UpdateSubscription serves PATCH /v1/customers/{customer_id}/subscriptions/{subscription_id}.
func (o *operations) UpdateSubscription(ctx context.Context, r apiserver.UpdateSubscriptionRequestObject) (apiserver.UpdateSubscriptionResponseObject, error) {
	key, err := o.store.OrderOf(ctx, r.CustomerID, r.SubscriptionID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	of := change{r.CustomerID, r.SubscriptionID, r.Body}
	answer, err := once(ctx, o, of, func(tx store.Tx) ([]byte, error) {
		if key == (store.Key{}) {
			return nil, commerce.ErrSubscriptionNotFound
		}
		old, err := lock[commerce.OrderRecord](tx, key, commerce.ErrSubscriptionNotFound)
		if err != nil {
			return nil, err
		}
		now, err := o.clock.in(tx) // after the wait for the lock
		if err != nil {
			return nil, err
		}
		record, err := o.rules.UpdateSubscription(old, r.SubscriptionID, *r.Body, valueOf(r.Params.IfMatch), now)
		if err != nil {
			return nil, err
		}
		s, err := record.Subscription(r.SubscriptionID, now)
		if err != nil {
			return nil, err
		}
		if err := replace(tx, key, &record); err != nil {
			return nil, err
		}
		return encodeAnswer(&s)
	})
	if err != nil {
		return nil, err
	}
	return encoded{http.StatusOK, answer}, nil
}

// GetSubscriptionProvisioningStatus serves GET /v1/customers/{customer_id}/subscriptions/{subscription_id}/provisioningstatus.
func (o *operations) GetSubscriptionProvisioningStatus(ctx context.Context, r apiserver.GetSubscriptionProvisioningStatusRequestObject) (apiserver.GetSubscriptionProvisioningStatusResponseObject, error) {
	record, err := o.readSubscription(ctx, r.CustomerID, r.SubscriptionID)
	if err != nil {
		return nil, err
	}
	status, err := record.SubscriptionProvisioning(r.SubscriptionID, o.clock.now())
	if err != nil {
		return nil, err
	}
	return apiserver.GetSubscriptionProvisioningStatus200JSONResponse(status), nil
}

// ActivateSubscription serves POST /v1/customers/{customer_id}/subscriptions/{subscription_id}/activate.
func (o *operations) ActivateSubscription(ctx context.Context, r apiserver.ActivateSubscriptionRequestObject) (apiserver.ActivateSubscriptionResponseObject, error) {
	record, err := o.readSubscription(ctx, r.CustomerID, r.SubscriptionID)
	if err != nil {
		return nil, err
	}
	activation, err := record.Activate(r.SubscriptionID, o.clock.now())
	if err != nil {
		return nil, err
	}
	return apiserver.ActivateSubscription200JSONResponse(activation), nil
}
