package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// OrderService has the operations on orders.
type OrderService struct{ client *Client }

// Get reads an order, with its status of now and the subscriptions that are provisioned by now (ORDER-SUBSCRIPTION); prices
// come with IncludePrice.
//
// It serves GET /customers/{customer_id}/orders/{order_id}.
func (s *OrderService) Get(ctx context.Context, customerID, orderID string, options ...CallOption) (*Order, error) {
	return call(ctx, s.client, operation[Order]{
		name: "getOrder", ids: []string{customerID, orderID}, whole: wholeOrder,
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			return s.client.api.GetOrder(ctx, customerID, orderID, &model.GetOrderParams{IncludePrice: set.includePrice})
		},
	}, options)
}

// List goes through all orders of a customer, newest first. The real service may take up to 15 minutes to list a new
// order (ORDER-LIST). IncludePrice and BillingType are its options.
//
// It serves GET /customers/{customer_id}/orders.
func (s *OrderService) List(ctx context.Context, customerID string, options ...CallOption) iter.Seq2[*Order, error] {
	return list(ctx, s.client, operation[model.OrderCollection]{
		name: "listOrders", ids: []string{customerID},
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			return s.client.api.ListOrders(ctx, customerID, &model.ListOrdersParams{IncludePrice: set.includePrice, BillingType: set.billingType})
		},
	}, func(l *model.OrderCollection) []Order { return l.Items }, options)
}

// Create buys without a cart, the legacy way (ORDER-CREATE). Unlike a checkout it is tied to no cart that keeps it from
// being done twice: only its RequestID does, and only for a time (24 hours with the stub), so store one before the call, and
// while the outcome is Unclear give the same one again.
//
// It serves POST /customers/{customer_id}/orders.
func (s *OrderService) Create(ctx context.Context, customerID string, order NewOrder, options ...CallOption) (*Order, error) {
	return call(ctx, s.client, operation[Order]{
		name: "createOrder", ids: []string{customerID}, whole: wholeOrder,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.CreateOrder(ctx, customerID, nil, order)
		},
	}, options)
}

// Update cancels an order or some of its lines, or changes a legacy one, or buys an add-on to it, which is final and costs
// money as every purchase does (ORDER-PATCH): repeat it with the same RequestID only. IfMatch is its option.
//
// It serves PATCH /customers/{customer_id}/orders/{order_id}.
func (s *OrderService) Update(ctx context.Context, customerID, orderID string, update OrderUpdate, options ...CallOption) (*Order, error) {
	return call(ctx, s.client, operation[Order]{
		name: "updateOrder", ids: []string{customerID, orderID}, whole: wholeOrder,
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.UpdateOrder(ctx, customerID, orderID, nil, update)
		},
	}, options)
}

// ProvisioningStatus tells for each line of an order how many of its units are there (ORDER-PROVISIONING).
//
// It serves GET /customers/{customer_id}/orders/{order_id}/provisioningstatus.
func (s *OrderService) ProvisioningStatus(ctx context.Context, customerID, orderID string, options ...CallOption) iter.Seq2[*OrderLineItemProvisioningStatus, error] {
	return list(ctx, s.client, operation[model.OrderLineItemProvisioningStatusCollection]{
		name: "getOrderProvisioningStatus", ids: []string{customerID, orderID},
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.GetOrderProvisioningStatus(ctx, customerID, orderID, nil)
		},
	}, func(l *model.OrderLineItemProvisioningStatusCollection) []OrderLineItemProvisioningStatus {
		return l.Items
	}, options)
}

// ActivationLinks goes through the links by which SaaS lines of an order are activated (ACTIVATION).
//
// It serves GET /customers/{customer_id}/orders/{order_id}/activationlinks.
func (s *OrderService) ActivationLinks(ctx context.Context, customerID, orderID string, options ...CallOption) iter.Seq2[*ActivationLink, error] {
	return list(ctx, s.client, operation[model.ActivationLinkCollection]{
		name: "listOrderActivationLinks", ids: []string{customerID, orderID},
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.ListOrderActivationLinks(ctx, customerID, orderID, nil)
		},
	}, activationLinks, options)
}

// LineItemActivationLinks goes through the links of one line.
//
// It serves GET /customers/{customer_id}/orders/{order_id}/lineitems/{line_item_number}/activationlinks.
func (s *OrderService) LineItemActivationLinks(ctx context.Context, customerID, orderID string, lineItemNumber int32, options ...CallOption) iter.Seq2[*ActivationLink, error] {
	return list(ctx, s.client, operation[model.ActivationLinkCollection]{
		name: "listLineItemActivationLinks", ids: []string{customerID, orderID},
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.ListLineItemActivationLinks(ctx, customerID, orderID, lineItemNumber, nil)
		},
	}, activationLinks, options)
}

func wholeOrder(o *Order) bool { return o.ID != "" }

func activationLinks(l *model.ActivationLinkCollection) []ActivationLink { return l.Items }
