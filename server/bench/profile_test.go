package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The parts name packages that there are: the time of others would count for who calls them.
func TestParts(t *testing.T) {
	t.Parallel()
	for _, p := range parts {
		for _, function := range p.functions {
			if inside, ok := strings.CutPrefix(function, module); ok {
				folder, _, _ := strings.Cut(inside, ".")
				if _, err := os.Stat(filepath.Join("..", "..", folder)); err != nil {
					t.Errorf("%s: %v", p.name, err)
				}
			}
		}
	}
}

// A sample counts for the innermost function that a part names.
func TestSharesOf(t *testing.T) {
	t.Parallel()
	const traces = `File: stub
Type: cpu
Time: 2026-11-21 22:20:50 UTC
Duration: 8.01s, Total samples = 0.10s (1.25%)
-----------+-------------------------------------------------------
      10ms   internal/runtime/syscall/linux.Syscall6
             syscall.write
             net.(*conn).Write
             net/http.(*conn).serve
-----------+-------------------------------------------------------
      20ms   internal/runtime/syscall/linux.Syscall6
             net.(*conn).Write
             github.com/jackc/pgx/v5/pgconn.(*PgConn).Exec (inline)
             github.com/cartwright-dev/cartwright/server.once
             net/http.(*conn).serve
-----------+-------------------------------------------------------
      40ms   runtime.memmove
             runtime.mallocgc
             github.com/cartwright-dev/cartwright/server/commerce.judge.sell
-----------+-------------------------------------------------------
      30ms   runtime.nobody
-----------+-------------------------------------------------------
`
	want := map[string]float64{network: 0.1, driver: 0.2, "allocating and collecting garbage": 0.4, elsewhere: 0.3}
	got := sharesOf(traces)
	if len(got) != len(want) {
		t.Errorf("the shares are %v, want %v", got, want)
	}
	for part, share := range want {
		if math.Abs(got[part]-share) > 1e-9 {
			t.Errorf("%s has %v, want %v", part, got[part], share)
		}
	}
}
