package server

import (
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/journal"
)

// keepJournal notes each request to the API with its answer, as they are sent. It comes before all other steps.
func (s *Server) keepJournal(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isAPI(c.Request().URL.Path) {
			return next(c)
		}
		begun := time.Now()                                 //nolint:forbidigo // how long a request takes is measured by the real clock
		r := c.Request().WithContext(c.Request().Context()) // a copy: net/http looks at the body of its own
		entry := &journal.Entry{Method: r.Method, Path: r.URL.RequestURI(), Request: journal.Message{Header: withoutTokens(r.Header)}}
		sent := &keptBody{ReadCloser: r.Body}
		r.Body = sent
		c.SetRequest(r)
		answered := &keptAnswer{ResponseWriter: c.Response().Writer}
		c.Response().Writer = answered
		defer func() { // where the connection is cut, too
			x := exchangeOf(c.Request().Context())
			entry.Time, entry.Duration = x.time, time.Since(begun)
			entry.Operation, entry.Customer = x.operation, c.Param("customer_id")
			entry.RequestID, entry.CorrelationID = x.requestID, x.correlationID
			entry.Notes, entry.Repeated = slices.Clone(x.notes), x.repeated
			if x.fault != nil {
				entry.Fault = string(x.fault.Kind)
			}
			entry.Request.Body, entry.Request.Size = sent.kept.bytes, sent.kept.size
			if entry.Status = answered.status; entry.Status != 0 {
				entry.Response = journal.Message{Header: answered.Header().Clone(), Body: answered.kept.bytes, Size: answered.kept.size}
			}
			s.journal.Add(entry)
			s.changes.happened(false)
		}()
		return next(c)
	}
}

// withoutTokens copies headers without what lets somebody in.
func withoutTokens(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if h.Get(name) != "" {
			h.Set(name, "(left out)")
		}
	}
	return h
}

// kept is the beginning of a body.
type kept struct {
	bytes []byte
	size  int64
}

func (k *kept) add(p []byte) {
	k.size += int64(len(p))
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
