package server

import (
	"bytes"
	"io"
	"net/http"
)

// encoded is an answer whose body was encoded before: the same bytes are stored too, or the generated code would do it more
// slowly. Nobody changes it.
type encoded struct {
	status int
	body   []byte // JSON
}

// write writes the answer as the generated code does, which ends it with a line break.
func (e encoded) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", contentTypeJSON)
	w.WriteHeader(e.status)
	if _, err := w.Write(e.body); err != nil || bytes.HasSuffix(e.body, []byte("\n")) {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// VisitCreateCartResponse implements apiserver.CreateCartResponseObject, and what follows those of other operations.
func (e encoded) VisitCreateCartResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitGetCartResponse implements apiserver.GetCartResponseObject.
func (e encoded) VisitGetCartResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitUpdateCartResponse implements apiserver.UpdateCartResponseObject.
func (e encoded) VisitUpdateCartResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitCheckoutCartResponse implements apiserver.CheckoutCartResponseObject.
func (e encoded) VisitCheckoutCartResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitGetOrderResponse implements apiserver.GetOrderResponseObject.
func (e encoded) VisitGetOrderResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitCreateOrderResponse implements apiserver.CreateOrderResponseObject.
func (e encoded) VisitCreateOrderResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitUpdateOrderResponse implements apiserver.UpdateOrderResponseObject.
func (e encoded) VisitUpdateOrderResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitGetSubscriptionResponse implements apiserver.GetSubscriptionResponseObject.
func (e encoded) VisitGetSubscriptionResponse(w http.ResponseWriter) error { return e.write(w) }

// VisitUpdateSubscriptionResponse implements apiserver.UpdateSubscriptionResponseObject.
func (e encoded) VisitUpdateSubscriptionResponse(w http.ResponseWriter) error { return e.write(w) }
