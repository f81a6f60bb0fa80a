package server

import (
	"context"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// GetOrder serves GET /v1/customers/{customer_id}/orders/{order_id}.
func (o *operations) GetOrder(ctx context.Context, r apiserver.GetOrderRequestObject) (apiserver.GetOrderResponseObject, error) {
	record, err := o.readOrder(ctx, r.CustomerID, r.OrderID)
	if err != nil {
		return nil, err
	}
	order, err := encodeAnswer(new(record.At(o.clock.now(), isTrue(r.Params.IncludePrice))))
	return encoded{http.StatusOK, order}, err
}

// CreateOrder serves POST /v1/customers/{customer_id}/orders.
func (o *operations) CreateOrder(ctx context.Context, r apiserver.CreateOrderRequestObject) (apiserver.CreateOrderResponseObject, error) {
	by, err := o.buyer(ctx, r.CustomerID, commerce.CartLines(*r.Body))
	if err != nil {
		return nil, err
	}
	order, err := once(ctx, o, change{r.CustomerID, "", r.Body}, func(tx store.Tx) (order []byte, err error) {
		holdings, err := o.holdings(tx, r.CustomerID)
		if err != nil {
			return order, err
		}
		if by.Now, err = o.clock.in(tx); err != nil { // after the wait for the lock
			return order, err
		}
		record, err := o.rules.CreateOrder(*r.Body, by, o.ids)
		if err != nil {
			return order, err
		}
		if err := o.rules.CheckLimits(holdings, len(record.SubscriptionIDs())); err != nil {
			return order, err
		}
		if err := insertOrders(tx, r.CustomerID, "", []commerce.GroupOrder{{OrderRecord: record}}); err != nil {
			return order, err
		}
		return encodeAnswer(new(record.At(by.Now, true)))
	})
	if err != nil {
		return nil, err
	}
	return encoded{http.StatusCreated, order}, nil
}

// UpdateOrder serves PATCH /v1/customers/{customer_id}/orders/{order_id}.
func (o *operations) UpdateOrder(ctx context.Context, r apiserver.UpdateOrderRequestObject) (apiserver.UpdateOrderResponseObject, error) {
	key := orderKey(r.CustomerID, r.OrderID)
	order, err := once(ctx, o, change{r.CustomerID, r.OrderID, r.Body}, func(tx store.Tx) (order []byte, err error) {
		holdings, err := o.holdings(tx, r.CustomerID)
		if err != nil {
			return order, err
		}
		old, err := lock[commerce.OrderRecord](tx, key, commerce.ErrOrderNotFound)
		if err != nil {
			return order, err
		}
		by, err := o.author(ctx, tx, r.CustomerID) // after the wait for the lock
		if err != nil {
			return order, err
		}
		record, err := o.rules.UpdateOrder(old, *r.Body, valueOf(r.Params.IfMatch), by, o.ids)
		if err != nil {
			return order, err
		}
		added := record.SubscriptionIDs()[len(old.SubscriptionIDs()):]
		if err := o.rules.CheckLimits(holdings, len(added)); err != nil {
			return order, err
		}
		if err := replace(tx, key, &record); err != nil {
			return order, err
		}
		if err := tx.AddSubscriptions(key, added...); err != nil {
			return order, err
		}
		return encodeAnswer(new(record.At(by.Now, false)))
	})
	if err != nil {
		return nil, err
	}
	return encoded{http.StatusOK, order}, nil
}

// GetOrderProvisioningStatus serves GET /v1/customers/{customer_id}/orders/{order_id}/provisioningstatus.
func (o *operations) GetOrderProvisioningStatus(ctx context.Context, r apiserver.GetOrderProvisioningStatusRequestObject) (apiserver.GetOrderProvisioningStatusResponseObject, error) {
	record, err := o.readOrder(ctx, r.CustomerID, r.OrderID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetOrderProvisioningStatus200JSONResponse(record.ProvisioningStatus(o.clock.now())), nil
}

// ListOrderActivationLinks serves GET /v1/customers/{customer_id}/orders/{order_id}/activationlinks.
func (o *operations) ListOrderActivationLinks(ctx context.Context, r apiserver.ListOrderActivationLinksRequestObject) (apiserver.ListOrderActivationLinksResponseObject, error) {
	record, err := o.readOrder(ctx, r.CustomerID, r.OrderID)
	if err != nil {
		return nil, err
	}
	return apiserver.ListOrderActivationLinks200JSONResponse(record.ActivationLinks(o.clock.now())), nil
}

// ListLineItemActivationLinks serves GET /v1/customers/{customer_id}/orders/{order_id}/lineitems/{line_item_number}/activationlinks.
func (o *operations) ListLineItemActivationLinks(ctx context.Context, r apiserver.ListLineItemActivationLinksRequestObject) (apiserver.ListLineItemActivationLinksResponseObject, error) {
	record, err := o.readOrder(ctx, r.CustomerID, r.OrderID)
	if err != nil {
		return nil, err
	}
	links, err := record.LineActivationLinks(r.LineItemNumber, o.clock.now())
	if err != nil {
		return nil, err
	}
	return apiserver.ListLineItemActivationLinks200JSONResponse(links), nil
}

// ListOrders serves GET /v1/customers/{customer_id}/orders.
func (o *operations) ListOrders(ctx context.Context, r apiserver.ListOrdersRequestObject) (apiserver.ListOrdersResponseObject, error) {
	return orderStream{stream[model.Order]{o.listedOrders(ctx, r), commerce.OrdersLink(r.CustomerID)}}, nil
}

// listedOrders goes through the orders that a request asks for, as they are now. An order is listed only when it is as old
// as the list's delay (ORDER-LIST).
func (o *operations) listedOrders(ctx context.Context, r apiserver.ListOrdersRequestObject) iter.Seq2[model.Order, error] {
	now := o.clock.now()
	return func(yield func(model.Order, error) bool) {
		for record, err := range orders(o.store.Orders(ctx, r.CustomerID)) {
			if err != nil {
				yield(model.Order{}, err)
				return
			}
			if cycle := r.Params.BillingType; cycle != nil && *cycle != record.Order.BillingCycle ||
				record.Order.CreationDate.Add(o.listDelay).After(now) {
				continue
			}
			if !yield(record.At(now, isTrue(r.Params.IncludePrice)), nil) {
				return
			}
		}
	}
}

// orderStream is the collection of orders.
type orderStream struct{ stream[model.Order] }

// VisitListOrdersResponse implements apiserver.ListOrdersResponseObject.
func (s orderStream) VisitListOrdersResponse(w http.ResponseWriter) error { return s.write(w) }

func isTrue(b *bool) bool { return b != nil && *b }

// valueOf gives what a parameter says, or nothing where it is missing.
func valueOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
