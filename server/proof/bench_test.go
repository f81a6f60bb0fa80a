package proof_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// BenchmarkDurable makes carts and checks them out, each answered once it is on the disk, for 1, 16 and 64 clients at once.
// The figure to look at is ×single: how many times as many a second as SQLite does with a commit for each.
func BenchmarkDurable(b *testing.B) {
	stores := []struct {
		name string
		open func(b *testing.B) store.Store
	}{
		{"sqlite-single", func(b *testing.B) store.Store { return &oneAtATime{Store: openSQLite(b)} }},
		{"sqlite", openSQLite},
		{"postgres", openPostgres},
		{"memory", func(*testing.B) store.Store { return memory.New() }}, // durable in nothing, for comparison
	}
	single := map[string]float64{}
	for _, clients := range []int{1, 16, 64} {
		for _, s := range stores {
			for _, operation := range []string{"create", "checkout"} {
				key := fmt.Sprintf("%s/clients=%d", operation, clients)
				b.Run(key+"/"+s.name, func(b *testing.B) {
					handler, err := server.New(server.Options{Store: s.open(b)})
					if err != nil {
						b.Fatal(err)
					}
					drive(b, handler, clients, operation)
					rate := float64(b.N) / b.Elapsed().Seconds()
					if s.name == "sqlite-single" {
						single[key] = rate
					}
					b.ReportMetric(rate, "req/s")
					if single[key] > 0 {
						b.ReportMetric(rate/single[key], "×single")
					}
					b.ReportMetric(0, "ns/op") // that of all clients together says little
				})
			}
		}
	}
}

// BenchmarkUpdate inserts carts of six lines, 16 at once, each with the answer that is kept for a repetition: what a store needs
// of a cart's creation.
func BenchmarkUpdate(b *testing.B) {
	body := []byte(`{"lines":"` + strings.Repeat("x", 1600) + `"}`)
	for name, open := range map[string]func(b *testing.B) store.Store{
		"memory":   func(*testing.B) store.Store { return memory.New() },
		"sqlite":   openSQLite,
		"postgres": openPostgres,
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			b.ReportAllocs()
			b.ResetTimer()
			together(16, b.N, func(int) {
				id, at := uuid.NewString(), time.Now().UTC().Truncate(time.Microsecond)
				err := s.Update(b.Context(), func(tx store.Tx) error {
					request := store.Request{CustomerID: "customer", Operation: "createCart", ID: id}
					if _, err := tx.Recall(request, at.Add(-time.Hour)); err != nil {
						return err
					}
					if err := tx.Insert(store.Document{Key: store.Key{Kind: store.Cart, CustomerID: "customer", ID: id}, CreatedAt: at, Body: body}); err != nil {
						return err
					}
					return tx.Remember(request, at, body)
				})
				if err != nil {
					b.Error(err)
				}
			})
		})
	}
}

// drive sends b.N requests of an operation, by a number of clients at once.
func drive(b *testing.B, handler http.Handler, clients int, operation string) {
	b.Helper()
	paths := make([]string, b.N)
	for i := range paths {
		paths[i] = "/v1/customers/" + uuid.NewString() + "/carts"
	}
	if operation == "checkout" {
		together(clients, len(paths), func(i int) {
			var cart struct{ ID string }
			if err := json.Unmarshal(post(b, handler, paths[i], sixLines), &cart); err != nil {
				b.Error(err)
			}
			paths[i] += "/" + cart.ID + "/checkout"
		})
	}
	b.ResetTimer()
	together(clients, len(paths), func(i int) {
		body := sixLines
		if operation == "checkout" {
			body = ""
		}
		post(b, handler, paths[i], body)
	})
	b.StopTimer()
}

// together does n things, several at once.
func together(clients, n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func post(b *testing.B, handler http.Handler, path, body string) []byte {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("MS-RequestId", uuid.NewString())
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		b.Errorf("POST %s answers %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// sixLines are two order groups of new commerce in six lines.
var sixLines = `{"lineItems":[` + strings.Repeat(`{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":5,"billingCycle":"monthly","termDuration":"P1M"},`, 4) +
	`{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"},` +
	`{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":2,"billingCycle":"one_time"}]}`

func openSQLite(b *testing.B) store.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
	return closing(b, s, err)
}

func openPostgres(b *testing.B) store.Store {
	b.Helper()
	s, err := postgres.Open(b.Context(), pgtest.New(b).Database(b))
	return closing(b, s, err)
}

func closing(b *testing.B, s store.Store, err error) store.Store {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// oneAtATime is a store in which no update shares its commit with another.
type oneAtATime struct {
	store.Store
	mu sync.Mutex
}

func (s *oneAtATime) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Store.Update(ctx, fn)
}
