package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// The size of a storm: how many clients hang up, and how much work there is at the server at most before they are sent away.
const (
	impatientCount = 16
	crowded        = 2 * impatientCount
)

// Clients that hang up at once, again and again, and leave their requests behind, keep nobody else from being served: not while
// they do, and not afterwards, when all connections of the store must be usable.
func TestCancellationStorm(t *testing.T) {
	t.Parallel()
	for database := range databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, serversOf(t, database, 1)[0])
			storm, end := context.WithCancel(t.Context())
			defer end()
			var clients sync.WaitGroup
			for range impatientCount {
				clients.Go(func() { s.rage(storm) })
			}
			clients.Go(func() {
				for storm.Err() == nil {
					newPatient(t, counted{s.line(nil), &s.served}).purchase()
				}
			})
			duration, _ := proofTime(t)
			const parts = 6
			for range parts { // whoever is patient is served in each
				part, served := time.After(duration/parts), s.served.Load()
				<-part
				eventually(t, "the patient client is served", func() bool { return s.served.Load() > served || t.Failed() })
			}
			end()
			clients.Wait()
			t.Logf("%d requests, %d after which the client had hung up, at most %d at once; beside them %d were served to the patient client",
				s.sent.Load(), s.hungUp.Load(), s.most.Load(), s.served.Load())
			if s.hungUp.Load() == 0 || s.most.Load() <= impatientCount+1 {
				t.Error("that was no storm: nothing was left behind")
			}
			eventually(t, "what was left behind is through", func() bool { return s.inside.Load() == 0 })
			var patient sync.WaitGroup
			for range 32 { // more than there are connections
				patient.Go(func() { newPatient(t, s.line(nil)).purchase() })
			}
			patient.Wait()
		})
	}
}

// storm is a server that clients reach over the network, and what they do to it.
type storm struct {
	*testing.T
	url    *url.URL
	next   http.Handler
	inside atomic.Int64 // requests that the server is at work on, whether their clients are still there or not
	most   atomic.Int64 // of them at once

	sent, hungUp atomic.Int64 // of the impatient clients
	served       atomic.Int64 // to the patient one
	wrong        atomic.Int64 // answers
}

func newStorm(t *testing.T, handler http.Handler) *storm {
	t.Helper()
	s := &storm{T: t, next: handler}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close) // which waits for what is under way
	var err error
	if s.url, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	return s
}

// impatient is a header of the clients that hang up.
const impatient = "Impatient"

// ServeHTTP implements http.Handler. For one who is not there any more nothing may go wrong either; there is only so much that
// the server can do in time.
func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.inside.Add(1)
	defer s.inside.Add(-1)
	if n > crowded && r.Header.Get(impatient) != "" {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	for most := s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); {
		most = s.most.Load()
	}
	answer := &statusWriter{ResponseWriter: w}
	s.next.ServeHTTP(answer, r)
	if answer.status >= http.StatusInternalServerError && answer.status != http.StatusServiceUnavailable && s.wrong.Add(1) <= maxFaults {
		s.Errorf("%s %s is answered %d", r.Method, r.URL.Path, answer.status)
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// line gives a way to the server over the network. A client that hangs up closes its connection, and has another one next time;
// with a reset, since a port that waits for the end of a connection is of no use for a minute.
func (s *storm) line(header http.Header) http.Handler {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetLinger(0)
		}
		return conn, err
	}}
	s.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Transport:    transport,
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(s.url); maps.Copy(r.Out.Header, header) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
}

// counted counts the requests that were answered.
type counted struct {
	http.Handler
	n *atomic.Int64
}

// ServeHTTP implements http.Handler.
func (c counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Handler.ServeHTTP(w, r)
	c.n.Add(1)
}

// rage buys again and again, and hangs up after 0 to 4 ms each time. Then the client comes at once with the same request, but
// not for ever.
func (s *storm) rage(ctx context.Context) {
	line := s.line(http.Header{impatient: {"true"}})
	for ctx.Err() == nil {
		carts := "/v1/customers/" + uuid.NewString() + "/carts"
		got := s.nag(ctx, line, request{"create", http.MethodPost, carts, uuid.NewString(), cartBody("hasty", 1, groupLicence, groupSoftware)})
		if got.status != http.StatusCreated {
			continue
		}
		id := cartID(got)
		s.nag(ctx, line, request{"get", http.MethodGet, carts + "/" + id, "", nil})
		s.nag(ctx, line, request{"checkout", http.MethodPost, carts + "/" + id + "/checkout", "", nil})
	}
}

// nag sends a request until it is answered within its deadline, a few times. It gives the answer, if there was one.
func (s *storm) nag(ctx context.Context, line http.Handler, r request) reply {
	for range 5 {
		if ctx.Err() != nil {
			break
		}
		deadline, cancel := context.WithTimeout(ctx, time.Duration(rand.N(4000))*time.Microsecond)
		got := handle(deadline, line, r)
		gone := deadline.Err() != nil
		cancel()
		s.sent.Add(1)
		switch {
		case gone:
			s.hungUp.Add(1)
		case got.failed() && got.status != http.StatusServiceUnavailable:
			s.Errorf("%s is answered %d\n%s", r.name, got.status, got.body)
		case !repeatable(got.status):
			return got
		}
	}
	return reply{}
}

// cartID gives the id of the cart that an answer has, "" if it has none.
func cartID(r reply) string {
	var cart model.Cart
	_ = json.Unmarshal(r.body, &cart)
	return cart.ID
}

// newPatient gives a shopper to whom nothing may fail.
func newPatient(t *testing.T, handler http.Handler) *shopper {
	s := newShopper(t, handler, func() string { return "a patient client" })
	s.patient = true
	return s
}

// 200 clients check the same cart out at once, and each repeats until it has the answer: there is one order for each of its
// groups, and all have the same answer, byte for byte.
func TestRetryStorm(t *testing.T) {
	t.Parallel()
	for database, n := range map[string]int{"SQLite": 1, "PostgreSQL": serverCount} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			servers := serversOf(t, database, n)
			duration, _ := proofTime(t)
			rounds := 0
			for begun := time.Now(); (rounds == 0 || time.Since(begun) < duration) && !t.Failed(); rounds++ {
				checkOutAtOnce(t, servers)
			}
			t.Logf("%d carts", rounds)
		})
	}
}

// checkOutAtOnce has 200 clients check one cart out, at servers of one database.
func checkOutAtOnce(t *testing.T, servers []http.Handler) {
	t.Helper()
	s := newPatient(t, servers[0])
	for s.done < stepCheckout {
		s.step()
	}
	r, _ := s.request()
	answers := make([]reply, 200)
	start := make(chan struct{})
	var clients, late sync.WaitGroup
	for i := range answers {
		clients.Go(func() {
			<-start
			answers[i] = insist(t, servers, r, &late)
		})
	}
	close(start)
	clients.Wait()
	late.Wait()
	for i, got := range answers {
		if got.status != http.StatusCreated || !bytes.Equal(got.body, answers[0].body) {
			t.Fatalf("client %d is answered %d\n%s\nclient 0 is answered %d\n%s", i, got.status, got.body, answers[0].status, answers[0].body)
		}
	}
	s.acknowledge(answers[0])
	s.done++
	for _, s.handler = range servers {
		s.mustLook()
	}
}

// insist repeats a request at any of the servers until it is acknowledged. The first tries have deadlines of a few
// milliseconds, and what came of these nobody knows.
func insist(t *testing.T, servers []http.Handler, r request, late *sync.WaitGroup) reply {
	for try := 1; try <= 20; try++ {
		server := servers[rand.N(len(servers))]
		answered := make(chan reply, 1)
		late.Go(func() { answered <- handle(t.Context(), server, r) })
		var deadline <-chan time.Time // none
		if try <= 3 {
			deadline = time.After(time.Duration(rand.N(20_000)) * time.Microsecond)
		}
		select {
		case got := <-answered:
			if !repeatable(got.status) && got.status != brokenOff {
				return got
			}
		case <-deadline:
		}
	}
	return reply{body: fmt.Appendf(nil, "%d tries were not enough", 20)}
}
