package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/faults"
)

// faultHeader asks for a fault at its own request.
const faultHeader = "Cartwright-Fault"

// inject lets a fault fire: the one that the request asks for, or else the first that is armed for it (CONTROL-FAULTS).
func (s *Server) inject(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		x := exchangeOf(c.Request().Context())
		f, err := s.fires(c, x)
		if err != nil {
			return err
		}
		if f == nil {
			return next(c)
		}
		x.fault = f
		x.note("fault: %s", f.Kind)
		return act(f, x, next, c)
	}
}

// fires gives the fault that fires at a request, or nil.
func (s *Server) fires(c echo.Context, x *exchange) (*faults.Fault, error) {
	of := faults.Request{Operation: x.operation, CustomerID: c.Param("customer_id"), CartID: c.Param("cart_id")}
	if header := c.Request().Header.Get(faultHeader); header != "" {
		key := x.operation + " " + c.Request().URL.Path + " " + x.requestID
		f, err := s.faults.FireHeader(header, key, of)
		if asked, _ := faults.Parse(header); err == nil && !s.isOperation(asked.Operation) {
			err = &faults.Error{Name: "operation", Reason: "is none of the contract's operations"}
		}
		var wrong *faults.Error
		if errors.As(err, &wrong) {
			return nil, invalid(asFault("header "+faultHeader, wrong))
		}
		if f != nil {
			return f, nil
		}
	}
	return s.faults.Fire(of), nil
}

// act does what a fault says: it answers in the place of the steps that follow, or changes what they do.
func act(f *faults.Fault, x *exchange, next echo.HandlerFunc, c echo.Context) error {
	if f.RetryAfter != nil {
		c.Response().Header().Set("Retry-After", strconv.Itoa(*f.RetryAfter))
	}
	const ask = " A fault was armed for this request."
	switch f.Kind {
	case faults.Status:
		return &refusal{f.Status, commerce.CodeUnexpected, "An unexpected error occurred." + ask}
	case faults.HTML502:
		return c.HTML(http.StatusBadGateway, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>")
	case faults.Throttle:
		return throttled(c, *f.RetryAfter)
	case faults.Busy:
		return &refusal{http.StatusConflict, commerce.CodeCartBusy, "The cart is being processed by another request." + ask}
	case faults.InProgress:
		return &refusal{http.StatusConflict, commerce.CodeOrderInProgress, "The order is in progress. Look at the order history in some minutes." + ask}
	case faults.AlreadySubmitted:
		return &commerce.Error{Code: commerce.CodeCartSubmitted, Description: "The cart has been submitted already." + ask}
	case faults.Auth:
		return &refusal{http.StatusUnauthorized, commerce.Code(f.Code), unauthorized[f.Code] + ask}
	case faults.Latency:
		extend(c.Response().Writer, f.Delay)
		if err := pause(c.Request().Context(), f.Delay); err != nil {
			return errCut
		}
	case faults.BOM:
		c.Response().Writer = &markedWriter{ResponseWriter: c.Response().Writer}
	case faults.DropAfterCommit:
		c.Response().Writer = discarding{make(http.Header)}
		if err := next(c); err != nil {
			x.note("%v", err)
		}
		return errCut
	case faults.LineItemError:
		x.faults.LineError = commerce.Code(f.Code)
	case faults.Partial:
		x.faults.GroupError, x.faults.OrderGroup = commerce.Code(f.Code), f.OrderGroup
	case faults.AvailabilityGone:
		x.faults.GroupError, x.faults.OrderGroup = commerce.CodeAvailabilityNotFound, f.OrderGroup
	case faults.ProvisioningStuck:
		x.faults.Stuck, x.faults.OrderGroup = true, f.OrderGroup
	case faults.ProvisioningFailed:
		x.faults.Failed, x.faults.OrderGroup = true, f.OrderGroup
	}
	return next(c)
}

// errCut says that the connection is to be cut without an answer.
var errCut = errors.New("the connection was cut before the answer")

// unauthorized is why a token is refused.
var unauthorized = map[int]string{
	int(commerce.CodeUnauthorized):  "The request is unauthorized.",
	int(commerce.CodeWrongAudience): "The token is for another audience.",
	int(commerce.CodeMFARequired):   "The token was got without multi-factor authentication.",
}

// pause waits by the machine's clock: the client feels it.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// extend gives a connection time for a delay, beside what its requests and answers take.
func extend(w http.ResponseWriter, delay time.Duration) {
	const usual = time.Minute
	until := time.Now().Add(delay + usual) //nolint:forbidigo // the limits of connections go by the machine's clock
	controller := http.NewResponseController(w)
	_, _ = controller.SetReadDeadline(until), controller.SetWriteDeadline(until) // what has no limits needs none
}

// markedWriter puts a byte-order mark before the body.
type markedWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *markedWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.begun = true
		if _, err := w.ResponseWriter.Write([]byte("\ufeff")); err != nil {
			return 0, err
		}
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *markedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discarding takes an answer that nobody gets.
type discarding struct{ header http.Header }

func (d discarding) Header() http.Header         { return d.header }
func (d discarding) Write(p []byte) (int, error) { return len(p), nil }
func (d discarding) WriteHeader(int)             {}

// asFault tells at which place of a request a fault is described wrongly.
func asFault(place string, e *faults.Error) fault {
	return fault{place: place, reason: e.Name + " " + e.Reason}
}
