package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// How long an answer is remembered, and how those that are older are let go of: by one write in forgetEvery, a few at a
// time.
const (
	requestLifetime = 24 * time.Hour
	forgetEvery     = 16
	forgetAtOnce    = 4 * forgetEvery
)

// change is what a request changes.
type change struct {
	customerID string
	resource   string // its id; empty for what the request makes
	body       any
}

// remembered is what a store keeps of a request: what its body was, and the result or the refusal of the rules.
type remembered struct {
	Body    string          `json:"body"`
	Result  json.RawMessage `json:"result,omitempty"`
	Refused *commerce.Error `json:"refused,omitempty"`
}

// once makes a change in one transaction, and gives its result: the answer, as JSON. Where the client gave the request an id,
// what came of it is remembered in that transaction, and a repetition gives it again and changes nothing: while the first is
// under way it waits (HTTP-IDEMPOTENCY). Refusals of the rules are remembered too; what else goes wrong is not, so that it can
// be tried again.
func once(ctx context.Context, o *operations, of change, do func(store.Tx) ([]byte, error)) (result []byte, err error) {
	x := exchangeOf(ctx)
	if !x.requestIDSent {
		err = o.update(ctx, of.resource, func(tx store.Tx) error {
			result, err = do(tx)
			return err
		})
		return result, err
	}
	body, err := fingerprint(of.body)
	if err != nil {
		return result, err
	}
	request := store.Request{
		CustomerID: of.customerID, Operation: x.operation, Resource: of.resource, ID: strings.ToLower(x.requestID),
	}
	thing := of.resource
	if thing == "" {
		thing = request.Operation + " " + request.ID
	}
	var refused error
	var repeated bool
	err = o.update(ctx, thing, func(tx store.Tx) error {
		repeated, refused = false, nil
		now, err := o.clock.in(tx)
		if err != nil {
			return err
		}
		answer, err := tx.Recall(request, now.Add(-requestLifetime))
		if err != nil {
			return err
		}
		if answer != nil {
			result, refused, err = repeat(answer, body)
			repeated = err == nil
			return err
		}
		changing := &watched{Tx: tx}
		if result, err = do(changing); err != nil {
			if refused = changing.refusal(err); refused == nil {
				return err
			}
		}
		if x.faults.LineError != 0 {
			return nil // an answer that a fault made is not repeated
		}
		return remember(tx, request, now, body, result, refused)
	})
	if err != nil {
		return result, err
	}
	if x.repeated = repeated; repeated {
		x.note("the first answer to this request id again, nothing changed")
	}
	return result, refused
}

// repeat gives what came of a request before, if it had this body.
func repeat(answer []byte, body string) (result []byte, refused, err error) {
	var first remembered
	if err := json.Unmarshal(answer, &first); err != nil {
		return result, nil, fmt.Errorf("decode a remembered answer: %w", err)
	}
	switch {
	case first.Body != body:
		return result, nil, invalid(fault{
			place:  "header MS-RequestId",
			reason: "a request of this id had another body; a new request needs an id of its own",
		})
	case first.Refused != nil:
		return result, first.Refused, nil
	}
	return first.Result, nil, nil
}

// remember keeps what came of a request, and now and then lets go of what is old.
func remember(tx store.Tx, request store.Request, now time.Time, body string, result []byte, refused error) error {
	answer := [][]byte{[]byte(`{"body":"` + body + `","result":`), result, {'}'}} // a remembered; the result is in the document too
	var rule *commerce.Error
	if errors.As(refused, &rule) {
		whole, err := encode(remembered{Body: body, Refused: rule})
		if err != nil {
			return err
		}
		answer = [][]byte{whole}
	}
	if err := tx.Remember(request, now, answer...); err != nil || rand.N(forgetEvery) > 0 {
		return err
	}
	return tx.Forget(now.Add(-requestLifetime), forgetAtOnce)
}

// fingerprint tells bodies apart as the handlers see them: in the contract's spelling, whatever the order of properties.
func fingerprint(body any) (string, error) {
	var longer [4 << 10]byte // than most
	canonical, err := recordjson.Append(longer[:0], body)
	if err != nil {
		return "", fmt.Errorf("encode a request's body: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:16]), nil
}

// watched is an update of which is noted whether it has changed something.
type watched struct {
	store.Tx
	changed bool
}

func (w *watched) Put(key store.Key, body []byte) error {
	w.changed = true
	return w.Tx.Put(key, body)
}

func (w *watched) Insert(d store.Document) error {
	w.changed = true
	return w.Tx.Insert(d)
}

func (w *watched) AddSubscriptions(order store.Key, ids ...string) error {
	w.changed = true
	return w.Tx.AddSubscriptions(order, ids...)
}

// refusal gives err where it is a rule's refusal that can be remembered: one before anything was changed.
func (w *watched) refusal(err error) error {
	var rule *commerce.Error
	if w.changed || !errors.As(err, &rule) {
		return nil
	}
	if status := statuses[rule.Code]; status == 0 || status >= http.StatusInternalServerError {
		return nil
	}
	return err
}
