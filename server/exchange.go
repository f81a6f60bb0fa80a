package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/faults"
)

// exchange is what is known of a request while it is served, beside what the handler sees.
type exchange struct {
	time          time.Time // of the stub, when the request came
	requestID     string
	requestIDSent bool // by the client
	correlationID string
	operation     string          // operationId of the contract; empty before the request is routed
	user          string          // object id of the caller, for lastModifiedUser
	sent          []byte          // the body of the request; nobody changes it
	unread        error           // why that is not all of it
	verdict       verdict         // what is sure of it
	body          any             // a pointer to what was read of it, where it is valid; nil where it has none
	lasting       []byte          // the body of the answer, where nobody will change it: keep knows it by its place in memory
	repeated      bool            // the answer was given before, and nothing was changed for this one
	fault         *faults.Fault   // that fired at this request
	faults        commerce.Faults // what of it is for the rules
	notes         []string
}

// note adds what a person who reads the log should know of this request.
func (x *exchange) note(format string, args ...any) {
	x.notes = append(x.notes, fmt.Sprintf(format, args...))
}

func (x *exchange) summary() string { return strings.Join(x.notes, "; ") }

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf gives the exchange of a request's context. Every request has one.
func exchangeOf(ctx context.Context) *exchange {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return &exchange{}
	}
	return x
}
