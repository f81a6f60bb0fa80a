//go:build unix

package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server"
)

// BenchmarkCreate makes the documents' six-line cart in several ways, in turns, so that all have the same machine: the
// handler alone, without net/http. The figures are the processor's time a request, garbage collection included, and, after ×,
// that to bare Echo, which reads the body and answers 1.6 kB.
func BenchmarkCreate(b *testing.B) {
	printed := example(b, "createCart.six-lines.request") // with comments
	good := regexp.MustCompile(`/\*.*?\*/`).ReplaceAllString(printed, "")
	ways := []struct {
		name, body string
		handler    http.Handler
		status     int
		spent      time.Duration
	}{
		{name: "bare", body: good, handler: bareEcho(), status: http.StatusCreated},
		{name: "canonical", body: good, handler: newServer(b, server.Options{}), status: http.StatusCreated},
		{name: "printed", body: printed, handler: newServer(b, server.Options{}), status: http.StatusCreated},
		{name: "long-way", body: strings.Replace(good, `"quantity": 10`, `"quantity": 10.0`, 1), handler: newServer(b, server.Options{}), status: http.StatusCreated},
		{name: "rejected", body: regexp.MustCompile(`"quantity": \d+`).ReplaceAllString(good, `"quantity": 0`), handler: newServer(b, server.Options{}), status: http.StatusBadRequest},
		{name: "checked", body: good, handler: newServer(b, server.Options{InvalidAnswer: func(err error) { b.Error(err) }}), status: http.StatusCreated},
	}
	const batch = 50
	for b.Loop() {
		for i := range ways {
			way := &ways[i]
			begun := processorTime(b)
			for range batch {
				r := httptest.NewRequest(http.MethodPost, "/v1/customers/"+customer+"/carts", strings.NewReader(way.body))
				r.Header.Set("Authorization", "Bearer any")
				r.Header.Set("Content-Type", "application/json")
				w := &nothing{header: http.Header{}}
				if way.handler.ServeHTTP(w, r); w.status != way.status {
					b.Fatalf("%s: %d", way.name, w.status)
				}
			}
			way.spent += processorTime(b) - begun
		}
	}
	for _, way := range ways {
		b.ReportMetric(float64(way.spent.Nanoseconds())/1000/float64(b.N*batch), way.name+"-cpu-µs/req")
		b.ReportMetric(float64(way.spent)/float64(ways[0].spent), way.name+"-×bare")
	}
	b.ReportMetric(0, "ns/op") // that of all together says nothing
}

func newServer(b *testing.B, o server.Options) http.Handler {
	b.Helper()
	s, err := server.New(o)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// bareEcho reads a body and answers 1.6 kB.
func bareEcho() http.Handler {
	e := echo.New()
	answer := json.RawMessage(`"` + strings.Repeat("x", 1600) + `"`)
	e.POST("/v1/customers/:id/carts", func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
			return err
		}
		return c.JSONBlob(http.StatusCreated, answer)
	})
	return e
}

// nothing is where answers go that nobody reads.
type nothing struct {
	header http.Header
	status int
}

func (w *nothing) Header() http.Header         { return w.header }
func (w *nothing) Write(p []byte) (int, error) { return len(p), nil }
func (w *nothing) WriteHeader(status int)      { w.status = status }
