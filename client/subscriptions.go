package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// SubscriptionService has the operations on subscriptions, which the lines of orders make once they are provisioned.
type SubscriptionService struct{ client *Client }

// Get reads a subscription.
//
// It serves GET /customers/{customer_id}/subscriptions/{subscription_id}.
func (s *SubscriptionService) Get(ctx context.Context, customerID, subscriptionID string, options ...CallOption) (*Subscription, error) {
	return call(ctx, s.client, operation[Subscription]{
		name: "getSubscription", ids: []string{customerID, subscriptionID}, whole: wholeSubscription,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.GetSubscription(ctx, customerID, subscriptionID, nil)
		},
	}, options)
}

// List goes through the subscriptions of a customer, newest first; OfOrder is its option.
//
// It serves GET /customers/{customer_id}/subscriptions.
func (s *SubscriptionService) List(ctx context.Context, customerID string, options ...CallOption) iter.Seq2[*Subscription, error] {
	return list(ctx, s.client, operation[model.SubscriptionCollection]{
		name: "listSubscriptions", ids: []string{customerID},
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			return s.client.api.ListSubscriptions(ctx, customerID, &model.ListSubscriptionsParams{OrderID: set.orderID})
		},
	}, func(l *model.SubscriptionCollection) []Subscription { return l.Items }, options)
}

// Update changes what is set in update: quantity, status, renewal, name or billing cycle (SUBSCRIPTION-PATCH). Seats that are
// added cost money. IfMatch is its option.
//
// It serves PATCH /customers/{customer_id}/subscriptions/{subscription_id}.
func (s *SubscriptionService) Update(ctx context.Context, customerID, subscriptionID string, update SubscriptionUpdate, options ...CallOption) (*Subscription, error) {
	return call(ctx, s.client, operation[Subscription]{
		name: "updateSubscription", ids: []string{customerID, subscriptionID}, whole: wholeSubscription,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.UpdateSubscription(ctx, customerID, subscriptionID, nil, update)
		},
	}, options)
}

// ProvisioningStatus tells how far a subscription is, and how many seats it has.
//
// It serves GET /customers/{customer_id}/subscriptions/{subscription_id}/provisioningstatus.
func (s *SubscriptionService) ProvisioningStatus(ctx context.Context, customerID, subscriptionID string, options ...CallOption) (*SubscriptionProvisioningStatus, error) {
	return call(ctx, s.client, operation[SubscriptionProvisioningStatus]{
		name: "getSubscriptionProvisioningStatus", ids: []string{customerID, subscriptionID},
		whole: func(p *SubscriptionProvisioningStatus) bool { return p.Status != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.GetSubscriptionProvisioningStatus(ctx, customerID, subscriptionID, nil)
		},
	}, options)
}

// Activate activates a SaaS subscription, in the integration sandbox only (ACTIVATION).
//
// It serves POST /customers/{customer_id}/subscriptions/{subscription_id}/activate.
func (s *SubscriptionService) Activate(ctx context.Context, customerID, subscriptionID string, options ...CallOption) (*SubscriptionActivation, error) {
	return call(ctx, s.client, operation[SubscriptionActivation]{
		name: "activateSubscription", ids: []string{customerID, subscriptionID},
		whole: func(a *SubscriptionActivation) bool { return a.SubscriptionID != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.ActivateSubscription(ctx, customerID, subscriptionID, nil)
		},
	}, options)
}

func wholeSubscription(s *Subscription) bool { return s.ID != "" }
