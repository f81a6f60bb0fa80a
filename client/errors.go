package client

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is a call that failed: the service refused it, or no answer came back that can be read. What kind of failure it is
// errors.Is tells, with the sentinels of this package: errors.Is(err, client.ErrThrottled).
type Error struct {
	Op            string        // the operation, as the contract names it: "checkoutCart"
	StatusCode    int           // of HTTP; 0 when no answer came back
	Code          int           // of Partner Center; 0 when the answer has none
	Description   string        // what is wrong, in the service's words
	Data          []string      // more of it; this project's stub names each fault with its place
	Source        string        // the part of the service that answered
	RequestID     string        // MS-RequestId; send it again only to repeat the very same request; empty when the arguments were refused
	CorrelationID string        // MS-CorrelationId, for a support case
	RetryAfter    time.Duration // how long to wait before the request is repeated; 0 when the answer does not say
	Hint          string        // what to do next, for codes and statuses that are known
	Raw           []byte        // the body of the answer
	Err           error         // why there is no answer, or why it can't be read; else nil
}

// Error gives one line with all that a log needs.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cartwright: %s:", e.Op)
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, " %d", e.StatusCode)
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, " %d", e.Code)
	}
	if e.Description != "" {
		b.WriteString(" " + e.Description)
	}
	if more := strings.Join(e.Data, "; "); more != "" && !strings.HasSuffix(e.Description, more) {
		b.WriteString(" [" + more + "]")
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " %v", e.Err)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request id %s, correlation id %s)", e.RequestID, e.CorrelationID)
	}
	return b.String()
}

// Unwrap gives why there is no answer, such as context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.Err }

// Is tells whether the error is of the kind that a sentinel of this package names.
func (e *Error) Is(target error) bool {
	if kind, ok := kinds[e.Code]; ok && errors.Is(kind.err, target) {
		return true
	}
	kind, ok := kindsOfStatus[e.StatusCode]
	return ok && errors.Is(kind.err, target)
}

// answered tells whether the service has dealt with the request, and refused it; otherwise it may have done the work.
func (e *Error) answered() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return e.StatusCode >= http.StatusBadRequest && e.StatusCode < http.StatusInternalServerError && e.Err == nil
}

// errorOf reads an answer that is an error, of whatever form: the service's own, the gateway's (429), a proxy's page, or
// nothing at all.
func errorOf(op string, response *http.Response, body []byte, ids requestIDs, cause error) *Error {
	e := &Error{
		Op:            op,
		StatusCode:    response.StatusCode,
		RequestID:     ids.request,
		CorrelationID: ids.correlation,
		RetryAfter:    retryAfter(response.Header),
		Raw:           body,
		Err:           cause,
	}
	var fault struct {
		Code                         int
		Description, Message, Source string
		Data                         []string
	}
	_ = decode(body, &fault) // what of it can be read
	e.Code, e.Description, e.Data, e.Source = fault.Code, firstOf(fault.Description, fault.Message), fault.Data, fault.Source
	if cause == nil {
		e.Description = firstOf(e.Description, http.StatusText(response.StatusCode))
	}
	e.Hint = hint(e.Code, e.StatusCode)
	return e
}

// retryAfter reads the header, in seconds or as a date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
