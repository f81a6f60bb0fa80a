// Package servertest starts the stub inside a Go test: in milliseconds, each with a world of its own, with a clock that
// the test moves, and with every answer checked against the contract.
//
//	stub := servertest.New(t)
//	c := stub.Client()
//	cart, err := c.Carts.Create(ctx, customerID, &client.Cart{…})
//	stub.Advance(8 * 24 * time.Hour) // the cart has expired
//
// Code under test that makes its own client is given stub.URL as the base URL.
package servertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server"
)

// Start is what a stub's clock shows at first.
var Start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Stub is a stub server that runs until its test ends.
type Stub struct {
	URL string // of the server, without /v1

	t     testing.TB
	clock clock
}

// New starts a stub. Options can be changed before the start: each of configure gets them, with a clock and in memory.
func New(t testing.TB, configure ...func(*server.Options)) *Stub {
	t.Helper()
	s := &Stub{t: t, clock: clock{now: Start}}
	options := server.Options{
		Clock:         s.Now,
		Control:       true,
		InvalidAnswer: func(err error) { t.Errorf("cartwright: %v", err) },
	}
	for _, c := range configure {
		c(&options)
	}
	handler, err := server.New(options)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	listening := httptest.NewServer(withControl(handler))
	t.Cleanup(listening.Close)
	s.URL = listening.URL
	return s
}

// withControl puts test control beside the API, made for the first that asks for it.
func withControl(handler *server.Server) http.Handler {
	control := sync.OnceValues(handler.Control)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, server.ControlPath+"/") {
			handler.ServeHTTP(w, r)
			return
		}
		c, err := control()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		c.ServeHTTP(w, r)
	})
}

// Client gives a client of the stub.
func (s *Stub) Client() *client.Client {
	s.t.Helper()
	c, err := client.New(auth.StaticToken("servertest"), client.WithBaseURL(s.URL))
	if err != nil {
		s.t.Fatalf("servertest: %v", err)
	}
	return c
}

// Now tells the stub's time. It stands still but for Advance.
func (s *Stub) Now() time.Time { return s.clock.read() }

// Advance moves the stub's time ahead; it can't go back.
func (s *Stub) Advance(d time.Duration) {
	s.t.Helper()
	if d < 0 {
		s.t.Fatalf("servertest: time can't go back by %v", -d)
	}
	s.clock.advance(d)
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
