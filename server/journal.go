package server

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/journal"
)

// keepJournal notes each request to the API with its answer, as they are sent. It comes before all other steps. Nothing is
// copied that lasts: once a request is over nobody changes its body and headers, nor the headers of its answer, of which
// net/http has sent a copy.
func (s *Server) keepJournal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isAPI(c.Request().URL.Path) {
			return next(c)
		}
		begun := time.Now() //nolint:forbidigo // how long a request takes is measured by the real clock
		x, header := &exchange{}, c.Request().Header
		c.SetRequest(c.Request().WithContext(withExchange(c.Request().Context(), x)))
		entry := &journal.Entry{Method: c.Request().Method, Path: c.Request().URL.RequestURI()}
		answered := &keptAnswer{ResponseWriter: c.Response().Writer, lasting: &x.lasting}
		c.Response().Writer = answered
		defer func() { // where the connection is cut, too
			entry.Time, entry.Duration = x.time, time.Since(begun)
			entry.Operation, entry.Customer = x.operation, c.Param("customer_id")
			entry.RequestID, entry.CorrelationID = x.requestID, x.correlationID
			entry.Notes, entry.Repeated = x.notes, x.repeated
			if x.fault != nil {
				entry.Fault = string(x.fault.Kind)
			}
			leaveOutTokens(header)
			entry.Request = journal.Message{Header: header, Body: beginning(x.sent), Size: int64(len(x.sent))}
			if entry.Status = answered.status; entry.Status != 0 {
				entry.Response = journal.Message{Header: answered.Header(), Body: answered.body, Size: answered.size}
			}
			s.journal.Add(entry)
			s.changes.happened(false)
		}()
		return next(c)
	}
}

// beginning is what the journal keeps of a body that lasts.
func beginning(body []byte) []byte {
	if len(body) <= journal.MaxBody {
		return body
	}
	return bytes.Clone(body[:journal.MaxBody])
}

var leftOut = []string{"(left out)"}

// leaveOutTokens takes what lets somebody in out of the headers of a request that is over: they are kept as they are.
func leaveOutTokens(h http.Header) {
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if _, ok := h[name]; ok {
			h[name] = leftOut
		}
	}
}

// keptAnswer keeps the beginning of an answer as it is sent.
type keptAnswer struct {
	http.ResponseWriter
	status  int
	body    []byte
	size    int64
	lasting *[]byte // what of the answer nobody will change, so that it needs no copy
}

func (w *keptAnswer) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *keptAnswer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.keep(p)
	return w.ResponseWriter.Write(p)
}

func (w *keptAnswer) keep(p []byte) {
	w.size += int64(len(p))
	w.body = keep(w.body, p[:min(len(p), journal.MaxBody-len(w.body))], *w.lasting)
}

// keep adds a part of an answer to those before it: without a copy where it is all of what lasts.
func keep(before, part, lasting []byte) []byte {
	if len(before) == 0 && len(part) > 0 && len(part) == len(lasting) && &part[0] == &lasting[0] {
		return slices.Clip(part)
	}
	return append(before, part...)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *keptAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
