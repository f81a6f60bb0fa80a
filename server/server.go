package server

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/entra"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/journal"
	"github.com/cartwright-dev/cartwright/server/store"
)

// Server is the stub: an http.Handler that may be used by many at once.
type Server struct {
	echo       *echo.Echo
	contract   *openapi3.T
	operations *operations
	draining   atomic.Bool
	examples   bool // of the documents were added
	journal    journal.Journal
	faults     faults.Armed
	authority  *entra.Authority
	changes    changes
	throttle   throttle
}

// New makes a server. It fails when an option has a value that it can't have.
func New(options Options) (*Server, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	contract, err := loadContract()
	if err != nil {
		return nil, err
	}
	ops := &operations{
		store:     o.Store,
		customers: newCustomers(o.Customers),
		clock:     newClock(o.Clock, o.Store),
		ids:       o.IDs,
		listDelay: o.ListDelay,
		rules: commerce.Rules{
			Catalog:        o.Catalog,
			Strict:         o.Rules == RulesStrict,
			Sandbox:        o.Environment == EnvironmentSandbox,
			DirectBill:     o.Partner == PartnerDirectBill,
			ProvisionDelay: o.ProvisionDelay,
			RejectRepeat:   o.Repeat == RepeatReject,
		},
	}

	e := echo.New()
	e.HTTPErrorHandler = answerError
	e.JSONSerializer = serializer{}
	s := &Server{echo: e, contract: contract, operations: ops, authority: entra.New(ops.clock.now, o.Logger)}
	s.throttle.perMinute, s.throttle.clock = o.Throttle, ops.clock

	// The way of a request: these come before it is routed,
	e.Pre(sayVersion)
	if o.Control {
		e.Pre(s.keepJournal)
	}
	e.Pre(answerMedia(contract))
	if o.InvalidAnswer != nil {
		e.Pre(checkAnswers(contract, o.InvalidAnswer))
	}
	e.Pre(observe(o.Logger), ops.clock.stamp, headers(o.IDs), limitInFlight(o.MaxInFlight), takeBody)
	if o.Spelling == SpellingTolerant {
		e.Pre(canonicalPath(contract.Paths))
	}
	// these after it is,
	steps := make(map[string][]echo.MiddlewareFunc)
	for _, op := range operationsOf(contract) {
		steps[op.OperationID] = s.stepsOf(op, o)
	}
	// and then the generated code binds what was validated, and calls the handler.
	handlers := apiserver.NewStrictHandler(ops, []apiserver.StrictMiddlewareFunc{mustAnswer})
	apiserver.RegisterHandlersWithOptions(e, handlers, apiserver.RegisterHandlersOptions{
		BaseURL:              basePath,
		OperationMiddlewares: steps,
	})

	e.GET(livezPath, livez)
	e.GET(readyzPath, s.readyz)
	return s, nil
}

// stepsOf is the way of a request of one operation, from the route to its handler.
func (s *Server) stepsOf(op operation, o Options) []echo.MiddlewareFunc {
	steps := []echo.MiddlewareFunc{named(op.OperationID), authenticate(o.Auth)}
	if o.Throttle > 0 {
		steps = append(steps, s.throttle.step)
	}
	if o.Control {
		steps = append(steps, s.inject)
	}
	steps = append(steps, negotiate)
	if op.bodySchema() != nil {
		steps = append(steps, requireJSON)
	}
	return append(steps, canonical(op, o.Spelling, newSure(op, o.Spelling)), validate(op), s.operations.customers.require, s.operations.clock.fresh)
}

// ServeHTTP answers a request: to the API, or for a token as to Microsoft Entra ID (HTTP-AUTH).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.authority.Serves(r) {
		w.Header().Set(versionHeader, Version)
		_ = s.operations.clock.ask(r.Context()) // without the store it goes by what it knows
		s.authority.ServeHTTP(w, r)
		return
	}
	s.echo.ServeHTTP(w, r)
}

// operations are the handlers of the contract's operations: they translate, call a rule, and translate back.
type operations struct {
	store     store.Store
	rules     commerce.Rules
	customers customers
	clock     *clock
	queue     queue
	ids       commerce.IDs
	listDelay time.Duration
}

var _ apiserver.StrictServerInterface = (*operations)(nil)

// named notes which operation a request is for.
func named(operationID string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			exchangeOf(c.Request().Context()).operation = operationID
			return next(c)
		}
	}
}

// mustAnswer turns a handler that gives neither an answer nor an error, which the generated code would send as an empty
// 200, into an error. It notes which bytes of an answer last.
func mustAnswer(next apiserver.StrictHandlerFunc, operationID string) apiserver.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		response, err := next(c, request)
		if response == nil && err == nil {
			return nil, fmt.Errorf("operation %s gave no answer", operationID)
		}
		if e, ok := response.(encoded); ok {
			exchangeOf(c.Request().Context()).lasting = e.body
		}
		return response, err
	}
}
