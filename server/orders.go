package server

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// GetOrder serves GET /v1/customers/{customer_id}/orders/{order_id}.
func (o *operations) GetOrder(ctx context.Context, r apiserver.GetOrderRequestObject) (apiserver.GetOrderResponseObject, error) {
	record, err := o.readOrder(ctx, r.CustomerID, r.OrderID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetOrder200JSONResponse(record.At(o.clock(), isTrue(r.Params.IncludePrice))), nil
}

// ListOrders serves GET /v1/customers/{customer_id}/orders.
func (o *operations) ListOrders(ctx context.Context, r apiserver.ListOrdersRequestObject) (apiserver.ListOrdersResponseObject, error) {
	return orderStream{r.CustomerID, o.ordersOf(ctx, r)}, nil
}

// ordersOf goes through the orders that a request asks for, as they are now.
func (o *operations) ordersOf(ctx context.Context, r apiserver.ListOrdersRequestObject) iter.Seq2[model.Order, error] {
	now := o.clock()
	return func(yield func(model.Order, error) bool) {
		for document, err := range o.store.Orders(ctx, r.CustomerID) {
			var record commerce.OrderRecord
			if err == nil {
				record, err = decode[commerce.OrderRecord](document)
			}
			if err != nil {
				yield(model.Order{}, err)
				return
			}
			if cycle := r.Params.BillingType; cycle != nil && *cycle != record.Order.BillingCycle {
				continue
			}
			if !yield(record.At(now, isTrue(r.Params.IncludePrice)), nil) {
				return
			}
		}
	}
}

// orderStream writes an order collection while it is read, since the list is not paged and may be long (ORDER-LIST). The
// count comes last: it is not known before.
type orderStream struct {
	customerID string
	orders     iter.Seq2[model.Order, error]
}

// VisitListOrdersResponse implements apiserver.ListOrdersResponseObject. Nothing is written before the first order was
// read, so that a store that can't serve is an error with a status.
func (s orderStream) VisitListOrdersResponse(w http.ResponseWriter) error {
	count := 0
	for order, err := range s.orders {
		if err != nil {
			return err
		}
		body, err := json.Marshal(order)
		if err != nil {
			return fmt.Errorf("encode an order: %w", err)
		}
		separator := ","
		if count == 0 {
			separator = s.begin(w)
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, body); err != nil {
			return err
		}
		count++
	}
	opening := ""
	if count == 0 {
		opening = s.begin(w)
	}
	links, err := json.Marshal(model.CollectionLinks{Self: commerce.OrdersLink(s.customerID)})
	if err != nil {
		return fmt.Errorf("encode links: %w", err)
	}
	_, err = fmt.Fprintf(w, `%s],"totalCount":%d,"links":%s,"attributes":{"objectType":"Collection"}}`+"\n", opening, count, links)
	return err
}

// begin sends the status, and gives what the body begins with.
func (s orderStream) begin(w http.ResponseWriter) string {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	return `{"items":[`
}

func isTrue(b *bool) bool { return b != nil && *b }
