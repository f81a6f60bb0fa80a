package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// operation is a call of one operation of the contract.
type operation[T any] struct {
	name  string
	ids   []string      // of the path
	whole func(*T) bool // tells whether a value has what every answer of the operation has
	send  func(context.Context, callSettings) (*http.Response, error)
}

// changes tells whether the operation changes anything.
func (o operation[T]) changes() bool {
	return !strings.HasPrefix(o.name, "get") && !strings.HasPrefix(o.name, "list")
}

// call sends a request and reads its answer. What fails is an *Error with the operation's name, and so is an answer that
// is none of the operation's.
func call[T any](ctx context.Context, c *Client, o operation[T], options []CallOption) (*T, error) {
	a, begin := &attempt{callSettings: settingsOf(options)}, time.Now()
	if err := errors.Join(checkIDs(o.ids), a.check()); err != nil {
		return nil, &Error{Op: o.name, Err: err}
	}
	value, err := answerOf(withAttempt(ctx, a), o, a)
	c.log(ctx, o.name, a, time.Since(begin), err)
	if err != nil {
		return nil, err
	}
	spell(value)
	return value, nil
}

// checkIDs refuses ids that would make another path than the operation's.
func checkIDs(ids []string) error {
	for _, id := range ids {
		if id == "" || id == "." || id == ".." {
			return fmt.Errorf("%q is no id", id)
		}
	}
	return nil
}

// answerOf sends a request and gives its answer.
func answerOf[T any](ctx context.Context, o operation[T], a *attempt) (*T, error) {
	response, err := o.send(ctx, a.callSettings) //nolint:bodyclose // the pipeline has read it, see wholeAnswers
	if err != nil {
		e := &Error{Op: o.name, Tries: a.tries, RequestID: a.ids.request, CorrelationID: a.ids.correlation, Err: err}
		if a.tries > 0 && o.changes() {
			e.Hint = "what became of it is not known: to find out, repeat the same call with the same RequestID"
		}
		return nil, e
	}
	a.status = response.StatusCode
	if a.answer, err = runtime.Payload(response); err != nil { // which the pipeline has read
		return nil, errorOf(o.name, response, nil, a, fmt.Errorf("read the answer: %w", err))
	}
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		return nil, errorOf(o.name, response, a.answer, a, nil)
	}
	var value T
	err = decode(a.answer, &value)
	if err == nil && !o.whole(&value) {
		err = errors.New("it is no answer of this operation")
	}
	if err != nil {
		return nil, errorOf(o.name, response, a.answer, a, fmt.Errorf("read the answer: %w", err))
	}
	return &value, nil
}

// list goes through the items of a list, which is read when the loop begins. After an error it ends.
func list[T, L any](ctx context.Context, c *Client, o operation[L], items func(*L) []T, options []CallOption) iter.Seq2[*T, error] {
	o.whole = func(l *L) bool { return items(l) != nil }
	return func(yield func(*T, error) bool) {
		answer, err := call(ctx, c, o, options)
		if err != nil {
			yield(nil, err)
			return
		}
		all := items(answer)
		for i := range all {
			if !yield(&all[i], nil) {
				return
			}
		}
	}
}

// log writes the record of a call.
func (c *Client) log(ctx context.Context, op string, a *attempt, took time.Duration, err error) {
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
	}
	if !c.logger.Enabled(ctx, level) {
		return
	}
	attributes := []slog.Attr{
		slog.String("operation", op), slog.Int("status", a.status), slog.Int("tries", a.tries), slog.Duration("duration", took),
		slog.String("request_id", a.ids.request), slog.String("correlation_id", a.ids.correlation),
	}
	if err != nil {
		attributes = append(attributes, slog.Any("error", err))
	}
	c.logger.LogAttrs(ctx, level, "Partner Center call", attributes...)
	if c.logger.Enabled(ctx, slog.LevelDebug) {
		c.logger.LogAttrs(ctx, slog.LevelDebug, "Partner Center bodies", slog.String("operation", op),
			slog.String("request_id", a.ids.request), slog.String("sent", string(a.sent)), slog.String("answer", string(a.answer)))
	}
}
