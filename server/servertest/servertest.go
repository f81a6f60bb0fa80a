// Package servertest starts the stub inside a Go test: in about a millisecond, each with a world of its own, with a clock
// that the test moves, and with every answer checked against the contract.
//
//	stub := servertest.New(t)
//	stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit}) // the order is placed, its answer is lost
//	err := shop.Buy(ctx, stub.Client(), customerID, lines)                         // the code under test
//	stub.RequireOrders(t, 1)                                                       // it did not buy twice
//
// Code under test that makes its own client is given stub.URL as the base URL, and stub.Transport() where it takes one.
// When a test fails, the stub logs what it was asked and what it answered.
//
// # Time
//
// The stub's clock stands still until Advance moves it; what code under test sleeps is real time. Code that waits, for the
// Retry-After of a 429 or for a subscription, is best tested in a bubble of testing/synctest, where waiting takes no time:
//
//	synctest.Test(t, func(t *testing.T) {
//		stub := servertest.New(t)
//		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Throttle, RetryAfter: new(60)})
//		err := shop.Buy(t.Context(), stub.Client(), customerID, lines) // waits for a minute, at once
//	})
//
// In a bubble the stub's clock is the bubble's, time.Now, which Advance moves by sleeping. There are no sockets, which would
// keep a bubble's time from passing: the stub is reached by stub.Client and stub.Transport only, over connections in memory
// that break as those of a network do.
//
// # Property tests
//
// New takes a *rapid.T of pgregory.net/rapid as well, for a stub that each try of a property has for itself, in a bubble too:
//
//	rapid.Check(t, func(t *rapid.T) {
//		rapid.SyncTest(t, func(t *rapid.T) {
//			stub := servertest.New(t)
//			for _, kind := range rapid.SliceOf(rapid.SampledFrom(faults.Kinds)).Draw(t, "faults") {
//				stub.Fail(servertest.AnyOperation, faults.Fault{Kind: kind})
//			}
//			…
//			stub.RequireOrders(t, 1)
//		})
//	})
//
// A failed try is made smaller only while its message stays the same: leave ids that are drawn at random out of it, or set
// Options.IDs to server.SequentialIDs().
package servertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server"
)

// Start is what a stub's clock shows at first, outside a bubble.
var Start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// TB is the part of a test that a stub needs. Every testing.TB has it, and so has *rapid.T.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Log(...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Stub is a stub server that runs until its test ends. It may be used by many goroutines at once.
type Stub struct {
	// URL is that of the server, without /v1. In a bubble only Transport leads there.
	URL string

	t         TB
	server    *server.Server
	control   bool // is on
	bubble    bool
	transport http.RoundTripper
	clock     clock
}

// New starts a stub. Options can be changed before the start: each of configure gets them, in memory, with a clock, and
// with test control on.
func New(t TB, configure ...func(*server.Options)) *Stub {
	t.Helper()
	s := &Stub{t: t, bubble: inBubble(), clock: &movedClock{now: Start}}
	if s.bubble {
		s.clock = bubbleClock{}
	}
	options := server.Options{
		Clock:         s.Now,
		Control:       true,
		InvalidAnswer: func(err error) { t.Errorf("cartwright: %v", err) },
	}
	for _, c := range configure {
		c(&options)
	}
	var err error
	if s.server, err = server.New(options); err != nil {
		t.Fatalf("servertest: %v", err)
	}
	s.control = options.Control
	if s.bubble {
		s.listenInBubble()
	} else {
		listening := httptest.NewServer(withControl(s.server))
		t.Cleanup(listening.Close)
		s.URL, s.transport = listening.URL, listening.Client().Transport
	}
	if s.control {
		t.Cleanup(s.logFailed)
	}
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

// Client gives a client of the stub. Options come after the stub's own, and win.
func (s *Stub) Client(options ...client.Option) *client.Client {
	s.t.Helper()
	own := []client.Option{client.WithBaseURL(s.URL), client.WithTransport(s.Transport())}
	c, err := client.New(auth.StaticToken("servertest"), append(own, options...)...)
	if err != nil {
		s.t.Fatalf("servertest: %v", err)
	}
	return c
}

// Transport leads to the stub, for clients that code under test makes: client.WithTransport takes it, and http.Client has a
// field for it.
func (s *Stub) Transport() http.RoundTripper {
	s.t.Helper()
	if !s.bubble && inBubble() {
		s.t.Fatalf("servertest: a stub outside this bubble would keep its time from passing: start the stub in the bubble")
	}
	return s.transport
}

// Now tells the stub's time. Outside a bubble it stands still but for Advance.
func (s *Stub) Now() time.Time { return s.clock.read() }

// Advance lets time pass for the stub; it can't go back. In a bubble it passes for all who are in it: Advance sleeps.
func (s *Stub) Advance(d time.Duration) {
	s.t.Helper()
	if d < 0 {
		s.t.Fatalf("servertest: time can't go back by %v", -d)
	}
	s.clock.advance(d)
}

type clock interface {
	read() time.Time
	advance(time.Duration)
}

// movedClock stands still until it is moved.
type movedClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *movedClock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *movedClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
