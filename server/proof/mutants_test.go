package proof_test

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/faultdb"
	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
)

// The proof must be able to fail: each of these servers has a fault that was planted, and is found out.
func TestLinearizable_Mutants(t *testing.T) {
	t.Parallel()
	for name, mutant := range map[string]struct {
		servers func(*testing.T) []http.Handler
		found   string // what the proof must say
	}{
		"PostgreSQL, the cart is not locked": {
			func(t *testing.T) []http.Handler { return unlocked(t, pgtest.Shared(t).Database(t)) },
			"is answered 500", // the constraint refuses the second order
		},
		"PostgreSQL, the cart is not locked, and a group may be ordered twice": {
			func(t *testing.T) []http.Handler {
				cluster := pgtest.Shared(t)
				url := cluster.Database(t)
				servers := unlocked(t, url)
				execute(t, url, "ALTER TABLE orders DROP CONSTRAINT orders_cart_id_order_group_key")
				return servers
			},
			notLinearizable,
		},
		"memory, reads are stale": {
			func(t *testing.T) []http.Handler { return []http.Handler{newHandler(t, &stale{Store: memory.New()})} },
			notLinearizable,
		},
		"SQLite, reads are stale": {
			func(t *testing.T) []http.Handler { return []http.Handler{newHandler(t, &stale{Store: sqliteOf(t)})} },
			notLinearizable,
		},
		"memory, acknowledged before the commit": {
			func(t *testing.T) []http.Handler { return []http.Handler{newHandler(t, hastyOf(t, memory.New()))} },
			notLinearizable,
		},
		"SQLite, acknowledged before the commit": {
			func(t *testing.T) []http.Handler { return []http.Handler{newHandler(t, hastyOf(t, sqliteOf(t)))} },
			notLinearizable,
		},
		"memory, requests are forgotten": {
			func(t *testing.T) []http.Handler {
				return []http.Handler{newHandler(t, forgetful{memory.New(), func(context.Context, []note) error { return nil }})}
			},
			notLinearizable,
		},
		// With one server those that are sent at once take turns, so this is seen with several alone.
		"PostgreSQL, requests are remembered after their effect": {func(t *testing.T) []http.Handler {
			return belated(t, storesOn(t, databases["PostgreSQL"](t), serverCount)...)
		}, notLinearizable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := mutant.servers(t)
			limit := time.After(time.Minute)
			for n := 1; ; n++ {
				if wrong := record(t, servers...).judge(); strings.Contains(wrong, mutant.found) {
					t.Logf("found in history %d", n)
					return
				}
				select {
				case <-limit:
					t.Fatalf("not found in %d histories", n)
				default:
				}
			}
		})
	}
}

// unlocked makes servers whose updates read a cart without locking it.
func unlocked(t *testing.T, url string) (servers []http.Handler) {
	t.Helper()
	faults := &faultdb.Faults{Rewrite: func(statement string) string {
		if !strings.HasPrefix(statement, "UPDATE carts SET version") {
			return statement
		}
		_, columns, _ := strings.Cut(statement, "RETURNING ")
		return "SELECT " + columns + " FROM carts WHERE customer_id = $1 AND id = $2"
	}}
	for range serverCount {
		s, err := postgres.OpenThrough(t.Context(), url, faults.Wrap)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { mustClose(t, s) })
		servers = append(servers, newHandler(t, s))
	}
	return servers
}

// execute runs a statement on a database.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func sqliteOf(t *testing.T) store.Store {
	t.Helper()
	s := databases["SQLite"](t).open(t, nil)
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

// stale is a store that gives a document as it was when it was first asked for, every other time.
type stale struct {
	store.Store
	first sync.Map
	asked atomic.Int64
}

// Get implements store.Store, badly.
func (s *stale) Get(ctx context.Context, key store.Key) (store.Document, error) {
	if d, ok := s.first.Load(key); ok && s.asked.Add(1)%2 == 0 {
		return d.(store.Document), nil
	}
	d, err := s.Store.Get(ctx, key)
	if err == nil {
		s.first.LoadOrStore(key, d)
	}
	return d, err
}

// hasty is a store that acknowledges an update a moment before it is committed.
type hasty struct {
	store.Store
	late sync.WaitGroup
}

func hastyOf(t *testing.T, s store.Store) *hasty {
	h := &hasty{Store: s}
	t.Cleanup(h.late.Wait)
	return h
}

// Update implements store.Store, badly.
func (s *hasty) Update(ctx context.Context, fn func(store.Tx) error) error {
	done := make(chan error, 3) // an update may run twice
	s.late.Go(func() {
		err := s.Store.Update(ctx, func(tx store.Tx) error {
			err := fn(tx)
			if err == nil {
				done <- nil
				<-time.After(time.Millisecond) // of another update's time
			}
			return err
		})
		if err != nil {
			done <- err
		}
	})
	return <-done
}

// note is what an update wants to be remembered.
type note struct {
	request store.Request
	at      time.Time
	answer  [][]byte
}

// forgetful is a store that does not remember requests with their effect: when that is committed it does with them what later
// says.
type forgetful struct {
	store.Store
	later func(context.Context, []note) error
}

// Update implements store.Store, badly.
func (s forgetful) Update(ctx context.Context, fn func(store.Tx) error) error {
	var notes []note
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		notes = nil
		return fn(&absent{tx, &notes})
	})
	if err != nil {
		return err
	}
	return s.later(ctx, notes)
}

// absent is an update that remembers nothing.
type absent struct {
	store.Tx
	notes *[]note
}

// Remember implements store.Tx, badly.
func (t *absent) Remember(r store.Request, at time.Time, answer ...[]byte) error {
	*t.notes = append(*t.notes, note{r, at, answer})
	return nil
}

// belated makes servers of stores that remember requests in a transaction of its own, after that of the effect.
func belated(t *testing.T, stores ...store.Store) (servers []http.Handler) {
	t.Helper()
	for _, s := range stores {
		servers = append(servers, newHandler(t, forgetful{s, func(ctx context.Context, notes []note) error {
			return s.Update(ctx, func(tx store.Tx) error {
				for _, n := range notes {
					if _, err := tx.Recall(n.request, time.Time{}); err != nil {
						return err
					}
					if err := tx.Remember(n.request, n.at, n.answer...); err != nil {
						return err
					}
				}
				return nil
			})
		}}))
	}
	return servers
}
