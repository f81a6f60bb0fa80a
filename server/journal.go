package server

import (
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/journal"
)

// keepJournal notes each request to the API with its answer, as they are sent. It comes before all other steps. Nothing is
// copied but bodies: once a request is over nobody changes its headers, nor those of its answer, of which net/http has sent a
// copy.
func (s *Server) keepJournal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isAPI(c.Request().URL.Path) {
			return next(c)
		}
		begun := time.Now() //nolint:forbidigo // how long a request takes is measured by the real clock
		x := &exchange{}
		r := c.Request().WithContext(withExchange(c.Request().Context(), x)) // a copy: net/http looks at the body of its own
		entry := &journal.Entry{Method: r.Method, Path: r.URL.RequestURI()}
		sent := &keptBody{ReadCloser: r.Body}
		sent.kept.expect(r.ContentLength)
		r.Body = sent
		c.SetRequest(r)
		answered := &keptAnswer{ResponseWriter: c.Response().Writer}
		c.Response().Writer = answered
		defer func() { // where the connection is cut, too
			entry.Time, entry.Duration = x.time, time.Since(begun)
			entry.Operation, entry.Customer = x.operation, c.Param("customer_id")
			entry.RequestID, entry.CorrelationID = x.requestID, x.correlationID
			entry.Notes, entry.Repeated = x.notes, x.repeated
			if x.fault != nil {
				entry.Fault = string(x.fault.Kind)
			}
			leaveOutTokens(r.Header)
			entry.Request = journal.Message{Header: r.Header, Body: sent.kept.bytes, Size: sent.kept.size}
			if entry.Status = answered.status; entry.Status != 0 {
				entry.Response = journal.Message{Header: answered.Header(), Body: answered.kept.bytes, Size: answered.kept.size}
			}
			s.journal.Add(entry)
			s.changes.happened(false)
		}()
		return next(c)
	}
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

// kept is the beginning of a body.
type kept struct {
	bytes    []byte
	size     int64
	expected int64 // by who sends it; 0 where it is not known
}

// expect says how large the body is to be; -1 where it is not known.
func (k *kept) expect(size int64) {
	k.expected = max(0, size)
}

func (k *kept) add(p []byte) {
	k.size += int64(len(p))
	if k.bytes == nil && len(p) > 0 {
		k.bytes = make([]byte, 0, min(max(k.expected, int64(len(p))+1), journal.MaxBody)) // and a line break
	}
	if room := journal.MaxBody - len(k.bytes); room > 0 {
		k.bytes = append(k.bytes, p[:min(len(p), room)]...)
	}
}

// keptBody keeps the beginning of a request's body as it is read.
type keptBody struct {
	io.ReadCloser
	kept kept
}

func (b *keptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept.add(p[:n])
	return n, err
}

// keptAnswer keeps the beginning of an answer as it is sent.
type keptAnswer struct {
	http.ResponseWriter
	status int
	kept   kept
}

func (w *keptAnswer) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *keptAnswer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.kept.add(p)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *keptAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
