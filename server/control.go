package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/journal"
)

// ControlPath is where test control is, beside the API.
const ControlPath = "/_cartwright"

// Control gives the handler of test control (CONTROL), below ControlPath. Options.Control must be on.
func (s *Server) Control() (http.Handler, error) {
	contract, err := loadControl()
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = answerControlError
	e.Pre(sayVersion, refuseOtherOrigins, limitState)
	steps := make(map[string][]echo.MiddlewareFunc)
	for _, op := range operationsOf(contract) {
		steps[op.OperationID] = []echo.MiddlewareFunc{validate(op)}
		if op.bodySchema() != nil {
			steps[op.OperationID] = []echo.MiddlewareFunc{requireJSON, validate(op)}
		}
	}
	handlers := control.NewStrictHandler(&controls{s, contract}, nil)
	control.RegisterHandlersWithOptions(e, handlers, control.RegisterHandlersOptions{BaseURL: ControlPath, OperationMiddlewares: steps})
	return e, nil
}

// maxStateBytes is the largest state that can be imported.
const maxStateBytes = 256 << 20

// limitState bounds the body of a call: that of a state is large.
func limitState(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		limit := int64(maxBodyBytes)
		if strings.HasSuffix(c.Request().URL.Path, "/state") {
			limit = maxStateBytes
		}
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
		return next(c)
	}
}

// refuseOtherOrigins keeps the pages of other sites away: no one of them may reset the stub. A browser says which page asks;
// and one that was led here by a foreign name for this machine says that name.
func refuseOtherOrigins(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
		browser := origin != "" || site != "" || strings.HasPrefix(r.UserAgent(), "Mozilla/") // it may say no more of a page
		if !browser {
			return next(c)
		}
		u, err := url.Parse(origin)
		foreign := origin != "" && (err != nil || u.Host != r.Host) || site == "cross-site" || site == "same-site"
		if foreign || !isMachine(r.Host) {
			return &refusal{http.StatusForbidden, commerce.CodeInvalidInput, "Test control does not take calls from pages of other sites."}
		}
		return next(c)
	}
}

// isMachine reports whether a host is an address or localhost, which no foreign name server can give out.
func isMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	return net.ParseIP(host) != nil || strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}

// answerControlError answers a call that failed.
func answerControlError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r, data := refusalOf(err)
	if errors.Is(err, ErrTimeGoesBack) {
		r, data = refusal{http.StatusBadRequest, 0, "Time can't go there."}, []string{err.Error()}
	}
	body := control.Error{Description: shorten(r.description, 5*maxText), Data: append([]string{}, firstOf(data)...)}
	_ = c.JSON(r.status, body) // whoever asked has gone
}

// controls are the handlers of test control.
type controls struct {
	*Server
	document *openapi3.T
}

var _ control.StrictServerInterface = (*controls)(nil)

// changed tells those who watch, where a call has succeeded.
func (s *controls) changed(err error) error {
	if err == nil {
		s.changes.happened(true)
	}
	return err
}

// GetVersion implements control.StrictServerInterface.
func (s *controls) GetVersion(context.Context, control.GetVersionRequestObject) (control.GetVersionResponseObject, error) {
	return control.GetVersion200JSONResponse{Version: Version, Contract: s.contract.Info.Version}, nil
}

// GetState implements control.StrictServerInterface.
func (s *controls) GetState(ctx context.Context, r control.GetStateRequestObject) (control.GetStateResponseObject, error) {
	state, err := s.state(ctx, valueOf(r.Params.CustomerID))
	return control.GetState200JSONResponse(state), err
}

// PutState implements control.StrictServerInterface.
func (s *controls) PutState(ctx context.Context, r control.PutStateRequestObject) (control.PutStateResponseObject, error) {
	return control.PutState204Response{}, s.changed(s.setState(ctx, valueOf(r.Params.CustomerID), *r.Body))
}

// ResetState implements control.StrictServerInterface.
func (s *controls) ResetState(ctx context.Context, r control.ResetStateRequestObject) (control.ResetStateResponseObject, error) {
	return control.ResetState204Response{}, s.changed(s.Reset(ctx, valueOf(r.Params.CustomerID)))
}

// ListCarts implements control.StrictServerInterface.
func (s *controls) ListCarts(ctx context.Context, r control.ListCartsRequestObject) (control.ListCartsResponseObject, error) {
	clock, err := s.Clock(ctx)
	if err != nil {
		return nil, err
	}
	list := control.ListCarts200JSONResponse{Items: []control.CartSummary{}}
	for c, err := range s.cartsOf(ctx, valueOf(r.Params.CustomerID)) {
		if err != nil {
			return nil, err
		}
		lines, wrong := linesOf(c.record.Cart.LineItems)
		list.Items = append(list.Items, control.CartSummary{
			ID: c.ID, CustomerID: c.CustomerID, Status: control.CartSummaryStatus(cartStatus(c.record, clock.Now)),
			Lines: lines, LinesInError: wrong, Created: c.record.Cart.CreationTimestamp, Expires: c.record.Cart.ExpirationTimestamp,
		})
		if len(list.Items) == limitOf(r.Params.Limit) {
			break
		}
	}
	return list, nil
}

// ListOrders implements control.StrictServerInterface.
func (s *controls) ListOrders(ctx context.Context, r control.ListOrdersRequestObject) (control.ListOrdersResponseObject, error) {
	clock, err := s.Clock(ctx)
	if err != nil {
		return nil, err
	}
	list := control.ListOrders200JSONResponse{Items: []control.OrderSummary{}}
	for o, err := range s.ordersOf(ctx, valueOf(r.Params.CustomerID)) {
		if err != nil {
			return nil, err
		}
		order := o.record.At(clock.Now, false)
		out := control.OrderSummary{
			ID: o.ID, CustomerID: o.CustomerID, CartID: o.CartID, OrderGroup: o.OrderGroup, Status: string(order.Status),
			Created: order.CreationDate, Lines: make([]control.OrderLineSummary, len(order.LineItems)),
		}
		for i, l := range order.LineItems {
			out.Lines[i] = control.OrderLineSummary{OfferID: l.OfferID, Name: l.FriendlyName, Quantity: l.Quantity, SubscriptionID: l.SubscriptionID}
		}
		list.Items = append(list.Items, out)
		if len(list.Items) == limitOf(r.Params.Limit) {
			break
		}
	}
	return list, nil
}

const defaultLimit = 100

func limitOf(limit *int32) int {
	if limit == nil {
		return defaultLimit
	}
	return int(*limit)
}

// Provision implements control.StrictServerInterface.
func (s *controls) Provision(ctx context.Context, r control.ProvisionRequestObject) (control.ProvisionResponseObject, error) {
	n, err := s.Server.Provision(ctx, valueOf(r.Params.CustomerID), valueOf(r.Params.OrderID))
	return control.Provision200JSONResponse{Orders: int32(n)}, s.changed(err)
}

// GetClock implements control.StrictServerInterface.
func (s *controls) GetClock(ctx context.Context, _ control.GetClockRequestObject) (control.GetClockResponseObject, error) {
	clock, err := s.clock(ctx, nil)
	return control.GetClock200JSONResponse{ClockJSONResponse: clock}, err
}

// SetClock implements control.StrictServerInterface.
func (s *controls) SetClock(ctx context.Context, r control.SetClockRequestObject) (control.SetClockResponseObject, error) {
	clock, err := s.clock(ctx, func() error { return s.Server.SetClock(ctx, r.Body.Now) })
	return control.SetClock200JSONResponse{ClockJSONResponse: clock}, err
}

// AdvanceClock implements control.StrictServerInterface.
func (s *controls) AdvanceClock(ctx context.Context, r control.AdvanceClockRequestObject) (control.AdvanceClockResponseObject, error) {
	by, err := parseDays(r.Body.By)
	if err != nil {
		return nil, invalid(fault{place: "/by", reason: "must be a time such as 7d12h"})
	}
	clock, err := s.clock(ctx, func() error { return s.Advance(ctx, by) })
	return control.AdvanceClock200JSONResponse{ClockJSONResponse: clock}, err
}

// FreezeClock implements control.StrictServerInterface.
func (s *controls) FreezeClock(ctx context.Context, _ control.FreezeClockRequestObject) (control.FreezeClockResponseObject, error) {
	clock, err := s.clock(ctx, func() error { return s.Freeze(ctx) })
	return control.FreezeClock200JSONResponse{ClockJSONResponse: clock}, err
}

// ResumeClock implements control.StrictServerInterface.
func (s *controls) ResumeClock(ctx context.Context, _ control.ResumeClockRequestObject) (control.ResumeClockResponseObject, error) {
	clock, err := s.clock(ctx, func() error { return s.Resume(ctx) })
	return control.ResumeClock200JSONResponse{ClockJSONResponse: clock}, err
}

// clock changes the clock, if there is something to change, and tells the time.
func (s *controls) clock(ctx context.Context, change func() error) (control.ClockJSONResponse, error) {
	if change != nil {
		if err := s.changed(change()); err != nil {
			return control.ClockJSONResponse{}, err
		}
	}
	clock, err := s.Clock(ctx)
	return control.ClockJSONResponse{Now: clock.Now.UTC(), Frozen: clock.Frozen}, err
}

// parseDays reads a time that may have days.
func parseDays(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	by, err := time.ParseDuration(days + "h")
	if err != nil || by > 1<<62/24 {
		return 0, fmt.Errorf("%q is too long: %w", text, err)
	}
	if rest == "" {
		return 24 * by, nil
	}
	more, err := time.ParseDuration(rest)
	return 24*by + more, err
}

// ListFaults implements control.StrictServerInterface.
func (s *controls) ListFaults(context.Context, control.ListFaultsRequestObject) (control.ListFaultsResponseObject, error) {
	list := control.ListFaults200JSONResponse{Items: []control.Fault{}}
	for _, f := range s.faults.List() {
		list.Items = append(list.Items, faultOut(f))
	}
	return list, nil
}

// ArmFault implements control.StrictServerInterface.
func (s *controls) ArmFault(_ context.Context, r control.ArmFaultRequestObject) (control.ArmFaultResponseObject, error) {
	f, err := faultIn(*r.Body)
	if err == nil {
		f, err = s.Arm(f)
	}
	var wrong *faults.Error
	if errors.As(err, &wrong) {
		return nil, invalid(fault{place: "/" + wrong.Name, reason: wrong.Reason})
	}
	return control.ArmFault201JSONResponse(faultOut(f)), err
}

// DisarmFaults implements control.StrictServerInterface.
func (s *controls) DisarmFaults(context.Context, control.DisarmFaultsRequestObject) (control.DisarmFaultsResponseObject, error) {
	s.Server.DisarmFaults()
	return control.DisarmFaults204Response{}, nil
}

// DisarmFault implements control.StrictServerInterface.
func (s *controls) DisarmFault(_ context.Context, r control.DisarmFaultRequestObject) (control.DisarmFaultResponseObject, error) {
	if !s.faults.Disarm(r.FaultID) {
		return control.DisarmFault404JSONResponse(notThere("No fault of this id is armed.")), nil
	}
	return control.DisarmFault204Response{}, s.changed(nil)
}

func notThere(description string) control.Error {
	return control.Error{Description: description, Data: []string{}}
}

// Arm arms a fault behind those that are armed (CONTROL-FAULTS). Options.Control must be on.
func (s *Server) Arm(f faults.Fault) (faults.Fault, error) {
	if !s.isOperation(f.Operation) {
		return f, &faults.Error{Name: "operation", Reason: "is none of the contract's operations"}
	}
	f, err := s.faults.Arm(f)
	if err == nil {
		s.changes.happened(true)
	}
	return f, err
}

// isOperation reports whether the contract has an operation; none stands for any.
func (s *Server) isOperation(id string) bool {
	return id == "" || slices.ContainsFunc(operationsOf(s.contract), func(op operation) bool { return op.OperationID == id })
}

// DisarmFaults lets go of all faults that are armed.
func (s *Server) DisarmFaults() {
	s.faults.Clear()
	s.changes.happened(true)
}

// Faults gives the faults that are armed.
func (s *Server) Faults() []faults.Fault { return s.faults.List() }

// Requests gives the requests of the journal that match, the newest first. Options.Control must be on.
func (s *Server) Requests(f journal.Filter) []*journal.Entry {
	found, _ := s.journal.List(f)
	return found
}

func faultIn(f control.Fault) (faults.Fault, error) {
	out := faults.Fault{
		Kind: faults.Kind(f.Kind), Count: int(f.Count), Always: f.Always, Rate: f.Rate, Seed: f.Seed,
		Operation: f.Operation, CustomerID: f.CustomerID, CartID: f.CartID, OrderGroup: f.OrderGroup,
		Status: int(f.Status), Code: int(f.Code),
	}
	if f.RetryAfter != nil {
		out.RetryAfter = new(int(*f.RetryAfter))
	}
	if f.Latency != "" {
		delay, err := time.ParseDuration(f.Latency)
		if err != nil {
			return out, &faults.Error{Name: "latency", Reason: "must be a time such as 2s"}
		}
		out.Delay = delay
	}
	return out, nil
}

func faultOut(f faults.Fault) control.Fault {
	out := control.Fault{
		ID: f.ID, Fired: int32(f.Fired), Kind: control.FaultKind(f.Kind), Count: int32(f.Count), Always: f.Always, Rate: f.Rate, Seed: f.Seed,
		Operation: f.Operation, CustomerID: f.CustomerID, CartID: f.CartID, OrderGroup: f.OrderGroup,
		Status: control.FaultStatus(f.Status), Code: int32(f.Code),
	}
	if f.RetryAfter != nil {
		out.RetryAfter = new(int32(*f.RetryAfter))
	}
	if f.Delay != 0 {
		out.Latency = f.Delay.String()
	}
	return out
}

// ListRequests implements control.StrictServerInterface.
func (s *controls) ListRequests(_ context.Context, r control.ListRequestsRequestObject) (control.ListRequestsResponseObject, error) {
	f := journal.Filter{
		Operation: valueOf(r.Params.Operation), Customer: valueOf(r.Params.CustomerID), RequestID: valueOf(r.Params.RequestID),
		Limit: limitOf(r.Params.Limit),
	}
	if r.Params.Status != nil {
		f.Status = new(int(*r.Params.Status))
	}
	if r.Params.After != nil {
		f.After = *r.Params.After
	}
	found, total := s.journal.List(f)
	list := control.ListRequests200JSONResponse{TotalCount: int32(total), Items: make([]control.Request, len(found))}
	for i, e := range found {
		list.Items[i] = entryOut(e)
	}
	return list, nil
}

func entryOut(e *journal.Entry) control.Request {
	return control.Request{
		ID: e.ID, Time: e.Time.UTC(), Method: e.Method, Path: e.Path, Operation: e.Operation, CustomerID: e.Customer,
		Status: int32(e.Status), Milliseconds: float64(e.Duration.Microseconds()) / 1000, RequestID: e.RequestID,
		CorrelationID: e.CorrelationID, Fault: e.Fault, Repeated: e.Repeated, Notes: append([]string{}, e.Notes...),
	}
}

// GetRequest implements control.StrictServerInterface.
func (s *controls) GetRequest(_ context.Context, r control.GetRequestRequestObject) (control.GetRequestResponseObject, error) {
	e := s.journal.Get(r.RequestNumber)
	if e == nil {
		return control.GetRequest404JSONResponse(notThere("The journal has no request of this number (any more).")), nil
	}
	data, err := json.Marshal(entryOut(e))
	if err != nil {
		return nil, err
	}
	var out control.RequestDetail // which has all that a Request has
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	out.Request, out.Response = messageOut(e.Request), messageOut(e.Response)
	return control.GetRequest200JSONResponse(out), nil
}

func messageOut(m journal.Message) control.Message {
	out := control.Message{Body: strings.ToValidUTF8(string(m.Body), "\ufffd"), Size: m.Size, Headers: []control.Header{}}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		for _, value := range m.Header[name] {
			out.Headers = append(out.Headers, control.Header{Name: name, Value: value})
		}
	}
	return out
}

// ClearRequests implements control.StrictServerInterface.
func (s *controls) ClearRequests(context.Context, control.ClearRequestsRequestObject) (control.ClearRequestsResponseObject, error) {
	s.journal.Clear()
	return control.ClearRequests204Response{}, s.changed(nil)
}
