package proof_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// serverCount is how many servers share a database of PostgreSQL. SQLite and memory have one.
const serverCount = 3

// Whatever many clients see of a server at once is what one after the other would have seen, also where some of them give up
// and nobody knows what came of their requests.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	for name, servers := range map[string]func(*testing.T) []http.Handler{
		"memory":     func(t *testing.T) []http.Handler { return []http.Handler{newHandler(t, memory.New())} },
		"SQLite":     func(t *testing.T) []http.Handler { return serversOf(t, "SQLite", 1) },
		"PostgreSQL": func(t *testing.T) []http.Handler { return serversOf(t, "PostgreSQL", serverCount) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := servers(t)
			duration, _ := proofTime(t)
			histories, operations, unknown := 0, 0, 0
			for begun := time.Now(); histories == 0 || time.Since(begun) < duration; histories++ {
				h := record(t, servers...)
				if wrong := h.judge(); wrong != "" {
					t.Fatalf("history %d: %s\n%s", histories, wrong, h)
				}
				operations += len(h.operations)
				unknown += h.unknown()
			}
			t.Logf("%d histories, %d operations, %d of unknown outcome", histories, operations, unknown)
		})
	}
}

// serversOf makes servers of one empty database.
func serversOf(t *testing.T, database string, n int) (servers []http.Handler) {
	t.Helper()
	return serversOn(t, databases[database](t), n)
}

// serversOn makes servers of a database.
func serversOn(t *testing.T, db database, n int) (servers []http.Handler) {
	t.Helper()
	for _, s := range storesOn(t, db, n) {
		servers = append(servers, newHandler(t, s))
	}
	return servers
}

// storesOn opens a database several times.
func storesOn(t *testing.T, db database, n int) (stores []store.Store) {
	t.Helper()
	for range n {
		s := db.open(t, nil)
		t.Cleanup(func() { mustClose(t, s) })
		stores = append(stores, s)
	}
	return stores
}

// unknown counts the actions of which nobody knows what came.
func (h *history) unknown() (n int) {
	for _, o := range h.operations {
		if o.Return == never {
			n++
		}
	}
	return n
}

// String gives a history that is wrong, customer by customer.
func (h *history) String() string {
	var out strings.Builder
	for _, part := range rightAnswers.Partition(h.operations) {
		verdict := porcupine.CheckOperationsTimeout(rightAnswers, part, time.Minute)
		if verdict == porcupine.Ok {
			continue
		}
		fmt.Fprintf(&out, "%s: %s\n", part[0].Input.(action).customer, verdict)
		for _, o := range part {
			fmt.Fprintf(&out, "  %9d–%-19d %+v → %+v\n", o.Call, o.Return, o.Input, o.Output)
		}
	}
	return out.String()
}
