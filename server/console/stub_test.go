package console_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
	"github.com/cartwright-dev/cartwright/server/docs"
)

const (
	customer = "/v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"
	checkout = customer + "/carts/b4c8fdea-cbe4-4d17-9576-13fcacbf9605/checkout"
)

// stub is a stub with its pages, as the command line serves it.
type stub struct {
	t    *testing.T
	url  string
	away *atomic.Bool // nobody can follow what happens
	cut  func()       // all connections
}

func newStub(t *testing.T) *stub {
	t.Helper()
	api, err := server.New(server.Options{Control: true, IDs: server.SequentialIDs(), ProvisionDelay: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.AddExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	command, err := api.Control()
	if err != nil {
		t.Fatal(err)
	}
	page := console.New(command, "")
	apiDocs, err := docs.API()
	if err != nil {
		t.Fatal(err)
	}
	controlDocs, err := docs.Control()
	if err != nil {
		t.Fatal(err)
	}
	away := new(atomic.Bool)
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case away.Load() && path == server.ControlPath+"/events":
			panic(http.ErrAbortHandler)
		case strings.HasPrefix(path, console.Path):
			page.ServeHTTP(w, r)
		case docs.Serves("", path):
			apiDocs.ServeHTTP(w, r)
		case docs.Serves(docs.ControlPath, path):
			controlDocs.ServeHTTP(w, r)
		case strings.HasPrefix(path, server.ControlPath):
			command.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() {
		api.Drain() // ends the streams of events
		listening.Close()
	})
	return &stub{t, listening.URL, away, listening.CloseClientConnections}
}

// send sends a request as a program does, and gives the status; 0 where the connection was cut.
func (s *stub) send(method, path, body string, headers ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true} // net/http repeats what was cut on a used connection
	response, err := transport.RoundTrip(r)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(answer)
}

// press sends a form of the console as a browser does, without script.
func (s *stub) press(path string, form url.Values, headers ...string) (int, string) {
	s.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return s.send(http.MethodPost, console.Path+path, form.Encode(), headers...)
}

// ask asks test control, which is what the page is held to.
func ask[T any](s *stub, path string) T {
	s.t.Helper()
	var out T
	status, body := s.send(http.MethodGet, server.ControlPath+path, "")
	if err := json.NewDecoder(bytes.NewBufferString(body)).Decode(&out); err != nil || status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %v\n%s", path, status, err, body)
	}
	return out
}

func (s *stub) faults() []control.Fault        { return ask[control.FaultList](s, "/faults").Items }
func (s *stub) requests() []control.Request    { return ask[control.RequestList](s, "/requests").Items }
func (s *stub) orders() []control.OrderSummary { return ask[control.OrderList](s, "/orders").Items }

func example(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../api/examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
