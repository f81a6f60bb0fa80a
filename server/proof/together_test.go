package proof_test

import (
	"bytes"
	"database/sql"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// Who finds a cart held by another for too long is told so, 409, and when to come again; nothing was done. Nobody else has to
// wait meanwhile, and when the cart is free it can be checked out (CHECKOUT-BUSY).
func TestCheckoutBusy(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	handler := serversOn(t, postgresAt(url+"&lock_timeout=1s"), 1)[0]
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := newPatient(t, handler)
	for s.done < stepCheckout {
		s.step()
	}
	free := hold(t, db, s.cart)

	checkout, _ := s.request()
	answers := make([]reply, 3)
	var clients sync.WaitGroup
	for i := range answers {
		clients.Go(func() { answers[i] = handle(t.Context(), handler, checkout) })
	}
	eventually(t, "a checkout waits for the cart, and the others for their turn", func() bool {
		var waiting int
		const text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
		if err := db.QueryRowContext(t.Context(), text).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		return waiting == 1
	})
	for range 10 {
		newPatient(t, handler).step() // which makes another cart
	}
	s.mustLook()
	clients.Wait()
	for _, got := range answers {
		refusal := decoded[model.ErrorResponse](t, got)
		if got.status != http.StatusConflict || refusal.Code != int32(commerce.CodeCartBusy) || got.header.Get("Retry-After") == "" {
			t.Errorf("a checkout of a cart that is held is answered %d, Retry-After %q\n%s", got.status, got.header.Get("Retry-After"), got.body)
		}
	}
	s.mustLook()
	free()
	s.purchase()
}

// hold locks a cart as a server does that is at work on it. What it gives lets go of it.
func hold(t *testing.T, db *sql.DB, cart string) (free func()) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := tx.ExecContext(t.Context(), "UPDATE carts SET version = version + 1 WHERE id = $1", cart)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		t.Fatalf("there are %d carts %s, %v", n, cart, err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// Each step of a purchase is sent to two servers of one database at once, with one request id: it is done once, both give the same
// answer, byte for byte, and one of them says that it was given before (HTTP-IDEMPOTENCY, CHECKOUT-REPEAT).
func TestRequestTwice(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]int{"SQLite": 1, "PostgreSQL": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := databases[name](t)
			servers := serversOn(t, db, of)
			duration, _ := proofTime(t)
			rounds := 0
			for begun := time.Now(); (rounds < 10 || time.Since(begun) < duration) && !t.Failed(); rounds++ {
				s := newPatient(t, servers[0])
				for s.done < steps {
					s.twice(servers[0], servers[of-1])
				}
				s.mustLook()
				s.requireOneCart(db)
			}
			t.Logf("%d purchases", rounds)
		})
	}
}

// twice sends the next step to two servers at once.
func (s *shopper) twice(servers ...http.Handler) {
	s.Helper()
	r, status := s.request()
	answers := make([]reply, len(servers))
	start := make(chan struct{})
	var clients sync.WaitGroup
	for i, server := range servers {
		clients.Go(func() {
			<-start
			answers[i] = handle(s.Context(), server, r)
		})
	}
	close(start)
	clients.Wait()
	repeated := 0
	for _, got := range answers {
		if got.status != status || !bytes.Equal(got.body, answers[0].body) {
			s.Fatalf("%s is answered %d\n%s\nand %d\n%s", r.name, answers[0].status, answers[0].body, got.status, got.body)
		}
		if got.header.Get("Cartwright-Repeated") == "true" {
			repeated++
		}
	}
	if repeated != 1 {
		s.fault("%d answers to %s, sent twice, say that they were given before", repeated, r.name)
	}
	s.acknowledge(answers[0])
	s.next()
}
