package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// OrderService has the operations on orders.
type OrderService struct{ client *Client }

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	includePrice *bool
	billingType  *BillingCycle
}

// IncludePrice asks for prices, which orders else come without (ORDER-PRICE).
func IncludePrice() CallOption {
	yes := true
	return func(s *callSettings) { s.includePrice = &yes }
}

// BillingType asks for the orders of one billing cycle only; for Orders.List.
func BillingType(cycle BillingCycle) CallOption {
	return func(s *callSettings) { s.billingType = &cycle }
}

func settingsOf(options []CallOption) (s callSettings) {
	for _, option := range options {
		option(&s)
	}
	return s
}

// Get reads an order, with its status of now and the subscriptions that are provisioned by now (ORDER-SUBSCRIPTION).
//
// It serves GET /customers/{customer_id}/orders/{order_id}.
func (s *OrderService) Get(ctx context.Context, customerID, orderID string, options ...CallOption) (*Order, error) {
	if err := checkArguments("getOrder", customerID, orderID); err != nil {
		return nil, err
	}
	set := settingsOf(options)
	whole := func(o *Order) bool { return o.ID != "" }
	order, err := call(ctx, "getOrder", whole, func(ctx context.Context) (*http.Response, error) {
		return s.client.api.GetOrder(ctx, customerID, orderID, &model.GetOrderParams{IncludePrice: set.includePrice})
	})
	if err != nil {
		return nil, err
	}
	spellOrder(order)
	return order, nil
}

// List goes through all orders of a customer, newest first. The real service may take up to 15 minutes to list a new
// order (ORDER-LIST). After an error it ends.
//
// It serves GET /customers/{customer_id}/orders.
func (s *OrderService) List(ctx context.Context, customerID string, options ...CallOption) iter.Seq2[*Order, error] {
	set := settingsOf(options)
	return func(yield func(*Order, error) bool) {
		if err := checkArguments("listOrders", customerID); err != nil {
			yield(nil, err)
			return
		}
		whole := func(l *model.OrderCollection) bool { return l.Items != nil }
		list, err := call(ctx, "listOrders", whole, func(ctx context.Context) (*http.Response, error) {
			return s.client.api.ListOrders(ctx, customerID, &model.ListOrdersParams{IncludePrice: set.includePrice, BillingType: set.billingType})
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range list.Items {
			spellOrder(&list.Items[i])
			if !yield(&list.Items[i], nil) {
				return
			}
		}
	}
}
