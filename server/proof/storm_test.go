package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Clients that hang up at once, again and again, keep nobody else from being served: not while they do, and not afterwards,
// when all connections of the store must be usable.
func TestCancellationStorm(t *testing.T) {
	t.Parallel()
	for database := range databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			servers := serversOf(t, database, 1)
			duration, _ := proofTime(t)
			storm, end := context.WithTimeout(t.Context(), duration)
			defer end()
			var impatient sync.WaitGroup
			var sent, gaveUp atomic.Int64
			for range 16 {
				impatient.Go(func() {
					for storm.Err() == nil {
						n, hungUp := hangUp(t, servers[0])
						sent.Add(n)
						gaveUp.Add(hungUp)
					}
				})
			}
			served := 0
			for ; storm.Err() == nil; served++ {
				mustBuy(t, servers[0])
			}
			impatient.Wait()
			t.Logf("%d requests, %d after which the client had hung up; beside them %d whole purchases", sent.Load(), gaveUp.Load(), served)
			if served == 0 || gaveUp.Load() == 0 {
				t.Error("that was no storm")
			}
			var patient sync.WaitGroup
			for range 32 { // more than there are connections
				patient.Go(func() { mustBuy(t, servers[0]) })
			}
			patient.Wait()
		})
	}
}

// hangUp buys with a deadline of 0 to 4 ms for each request. It gives how many were sent, and for how many the deadline came
// before the end. The server finishes a request whose client has hung up, as if it were still there; that is waited for, since
// a client has one connection.
func hangUp(t *testing.T, handler http.Handler) (sent, hungUp int64) {
	send := func(r request) reply {
		deadline, cancel := context.WithTimeout(t.Context(), time.Duration(rand.N(4000))*time.Microsecond)
		defer cancel()
		got := handle(deadline, handler, r)
		if got.failed() {
			t.Errorf("%s, broken off by its client, came to %d\n%s", r.name, got.status, got.body)
		}
		sent++
		if deadline.Err() != nil {
			hungUp++
		}
		return got
	}
	carts := "/v1/customers/" + uuid.NewString() + "/carts"
	got := send(request{"create", http.MethodPost, carts, uuid.NewString(), cartBody("hasty", 1, groupLicence, groupSoftware)})
	if got.status != http.StatusCreated {
		return sent, hungUp
	}
	id := cartID(got)
	send(request{"get", http.MethodGet, carts + "/" + id, "", nil})
	send(request{"checkout", http.MethodPost, carts + "/" + id + "/checkout", "", nil})
	return sent, hungUp
}

// cartID gives the id of the cart that an answer has, "" if it has none.
func cartID(r reply) string {
	var cart model.Cart
	_ = json.Unmarshal(r.body, &cart)
	return cart.ID
}

// mustBuy buys without giving up: each of its requests must be served.
func mustBuy(t *testing.T, handler http.Handler) {
	newPatient(t, handler).purchase()
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
