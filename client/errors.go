package client

import (
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
	Tries         int           // how often the request was sent
	RequestID     string        // MS-RequestId; send it again only to repeat the very same request
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
	return isKind(e.Code, target) || target != nil && kindsOfStatus[e.StatusCode].err == target
}

// Unclear tells whether the service may have done what it was asked, although the call failed: it was asked, and has not
// refused. To find out, repeat the same call with the same RequestID; for a cart that is CheckoutOnce.
func (e *Error) Unclear() bool { return e.Tries > 0 && !e.refused() }

// refused tells whether the service has answered that it does not do it.
func (e *Error) refused() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return e.StatusCode >= http.StatusBadRequest && e.StatusCode < http.StatusInternalServerError
}

// errorOf reads an answer that is an error, of whatever form: the service's own, the gateway's (429), a proxy's page, or
// nothing at all.
func errorOf(op string, response *http.Response, body []byte, a *attempt, cause error) *Error {
	e := &Error{
		Op:            op,
		StatusCode:    response.StatusCode,
		Tries:         a.tries,
		RequestID:     a.ids.request,
		CorrelationID: a.ids.correlation,
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

// maxRetryAfter is the longest that is told.
const maxRetryAfter = 365 * 24 * time.Hour

// retryAfter reads the header, in seconds or as a date, which is by the clock of the service.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(0, seconds), int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = time.Now()
	}
	return min(max(0, at.Sub(date)), maxRetryAfter)
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
