package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Progress is how far an order is.
type Progress struct {
	Order       *Order
	Provisioned int           // lines that have a subscription by now
	Waited      time.Duration // since the first look
	Next        time.Duration // until the next look; 0 if this was the last
}

// ProvisioningError is an order that ended in another status than completed, or none that ended within the context's time.
type ProvisioningError struct {
	Order *Order // as it was seen last; nil if it was never seen
	Err   error  // why the wait ended early; nil if the order itself ended
}

// Error names the order, its status and why the wait ended.
func (e *ProvisioningError) Error() string {
	switch {
	case e.Order == nil:
		return fmt.Sprintf("cartwright: the order was not seen: %v", e.Err)
	case e.Err != nil:
		return fmt.Sprintf("cartwright: order %s is %s, not completed: %v", e.Order.ID, e.Order.Status, e.Err)
	}
	return fmt.Sprintf("cartwright: order %s ended as %s", e.Order.ID, e.Order.Status)
}

// Unwrap gives why the wait ended early, such as context.DeadlineExceeded.
func (e *ProvisioningError) Unwrap() error { return e.Err }

// WaitProvisioned waits until an order is completed, and gives it with the subscriptions of its lines (ORDER-SUBSCRIPTION).
// It looks at once, then after 5 seconds and at growing distances of up to a minute, later if the service asks for it
// (Retry-After), since polling is what Partner Center throttles first. OnProgress tells of each look.
//
// An order may wait for people (pending_review, pending_po_upload): give ctx an end. An order that ends in another status
// than completed, or has not ended with ctx, is a *ProvisioningError. Reservations and perpetual software never have a
// subscription.
func (s *OrderService) WaitProvisioned(ctx context.Context, customerID, orderID string, options ...CallOption) (*Order, error) {
	set, begin := settingsOf(options), time.Now()
	if err := set.check(); err != nil {
		return nil, &Error{Op: "getOrder", Err: err}
	}
	options = append(slices.Clip(options), CorrelationID(set.ids.correlation))
	delays := backoff{next: 5 * time.Second, most: time.Minute}
	var last *Order
	var p Progress
	for {
		order, err := s.Get(ctx, customerID, orderID, append(options, RequestID(NewRequestID()))...)
		if err != nil && (!isPassing(err) || ctx.Err() != nil) {
			return last, &ProvisioningError{Order: last, Err: err}
		}
		p.Waited, p.Next = time.Since(begin), delays.delay(retryAfterOf(err))
		if err == nil {
			last, p.Order, p.Provisioned = order, order, provisioned(order)
		}
		ended := err == nil && isEnd(order.Status)
		if ended {
			p.Next = 0
		}
		if set.progress != nil && p.Order != nil {
			set.progress(p)
		}
		if ended {
			return order, endOf(order)
		}
		if over := pause(ctx, p.Next); over != nil {
			if err != nil {
				over = fmt.Errorf("%w; before that: %w", over, err)
			}
			return last, &ProvisioningError{Order: last, Err: over}
		}
	}
}

// provisioned counts the lines that have a subscription.
func provisioned(order *Order) (n int) {
	for _, line := range order.LineItems {
		if line.SubscriptionID != "" {
			n++
		}
	}
	return n
}

// maxPatience is the longest Retry-After that is waited for.
const maxPatience = time.Hour

// isPassing tells whether reading an order may succeed later.
func isPassing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Unclear() && e.RetryAfter <= maxPatience && !isNonRetriable(err)
}

// isEnd tells whether an order will not get further by itself.
func isEnd(status OrderStatus) bool {
	switch status {
	case OrderStatusCompleted, OrderStatusCancelled, OrderStatusSuspended, OrderStatusError, OrderStatusPartialSuccess, OrderStatusPoReviewRejected:
		return true
	}
	return false
}

func endOf(order *Order) error {
	if order.Status == OrderStatusCompleted {
		return nil
	}
	return &ProvisioningError{Order: order}
}
