package proof_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/faultdb"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// openSQLite opens a database through faults, which may be nil.
func openSQLite(t *testing.T, path string, faults *faultdb.Faults) store.Store {
	t.Helper()
	if faults == nil {
		faults = &faultdb.Faults{}
	}
	s, err := sqlite.OpenThrough(t.Context(), path, faults.Wrap)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// Each call of the database fails once, before and after it took effect, while a client buys. It is answered what is right,
// or 500 or 503; nothing is torn; what failed can be repeated; and what was acknowledged is found by the next process.
func TestFaults_EachCall(t *testing.T) {
	t.Parallel()
	for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
		t.Run("SQLite "+string(when), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "test.db")
			open := func(faults *faultdb.Faults) store.Store { return openSQLite(t, path, faults) }
			requireEachCallMayFail(t, open, when)
		})
	}
}

// requireEachCallMayFail lets a shopper buy once for each call of the database that a purchase takes.
func requireEachCallMayFail(t *testing.T, open func(*faultdb.Faults) store.Store, when faultdb.When) {
	t.Helper()
	current := &slot{}
	handler := newHandler(t, current)
	for n, more := 1, true; more && !t.Failed(); n++ {
		faults := &faultdb.Faults{}
		current.Store = open(faults)
		faults.Arm(n, when, nil)
		shopper := newShopper(t, handler, func() string {
			return fmt.Sprintf("call %d fails %s it took effect: %q", n, when, faults.Fired())
		})
		shopper.purchase()
		more = len(faults.Disarm()) > 0
		mustClose(t, current)

		current.Store = open(nil) // as the next process does
		shopper.mustLook()
		mustClose(t, current)
		if !more && n < 50 {
			t.Errorf("a purchase takes %d calls only: too few to be true", n-1)
		}
	}
}

// The same for the writer of SQLite while each of its transactions has several members: three shoppers and one whose request
// is refused take each step at once. In a bubble it is certain that they wait together.
func TestFaults_GroupCommit(t *testing.T) {
	t.Parallel()
	for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
		t.Run(string(when), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "test.db")
			mustClose(t, openSQLite(t, path, nil))
			current := &slot{}
			handler := newHandler(t, current)
			for n, more := 1, true; more && !t.Failed(); n++ {
				synctest.Test(t, func(t *testing.T) { more = buyTogether(t, handler, current, path, n, when) })
			}
		})
	}
}

// ofWriter picks the calls by which the writer runs its transactions.
func ofWriter(call string) bool {
	for _, of := range []string{"BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT"} {
		if strings.HasPrefix(call, "exec "+of) {
			return true
		}
	}
	return false
}

// buyTogether lets three shoppers buy in lock-step while the nth call of the writer fails. It tells whether there was one.
func buyTogether(t *testing.T, handler http.Handler, current *slot, path string, n int, when faultdb.When) bool {
	gate := &gate{}
	faults := &faultdb.Faults{Hold: gate.hold}
	current.Store = openSQLite(t, path, faults)
	var shoppers []*shopper
	for range 3 {
		shoppers = append(shoppers, newShopper(t, handler, func() string {
			return fmt.Sprintf("call %d of the writer fails %s it took effect: %q", n, when, faults.Fired())
		}))
	}
	faults.Arm(n, when, ofWriter)
	gate.members.Store(0)
	gate.commits.Store(0)
	for range steps {
		gate.shut()
		var clients sync.WaitGroup
		for _, shopper := range shoppers {
			clients.Go(func() { shopper.step() })
			synctest.Wait() // it is in the queue
		}
		clients.Go(func() { requireRefused(t, handler) })
		synctest.Wait()
		gate.open()
		clients.Wait()
	}
	fired := len(faults.Disarm()) > 0
	if members, commits := gate.members.Load(), gate.commits.Load(); !fired && members != 4*commits {
		t.Errorf("%d updates shared %d transactions, want 4 in each", members, commits)
	}
	mustClose(t, current)

	current.Store = openSQLite(t, path, nil)
	for _, shopper := range shoppers {
		shopper.mustLook()
	}
	mustClose(t, current)
	return fired
}

// requireRefused puts lines into a cart that is not there.
func requireRefused(t *testing.T, handler http.Handler) {
	r := request{
		"put", http.MethodPut, "/v1/customers/" + uuid.NewString() + "/carts/" + uuid.NewString(), uuid.NewString(),
		cartBody("x", 1, groupLicence),
	}
	if got := handle(t.Context(), handler, r); got.status != http.StatusNotFound && !got.failed() {
		t.Errorf("a cart that is not there is answered %d\n%s", got.status, got.body)
	}
}

// gate keeps the writer from beginning a transaction while it is shut, and counts.
type gate struct {
	closed           atomic.Pointer[chan struct{}]
	members, commits atomic.Int64
}

func (g *gate) shut() {
	c := make(chan struct{})
	g.closed.Store(&c)
}

func (g *gate) open() { close(*g.closed.Load()) }

func (g *gate) hold(call string) {
	switch call {
	case "exec BEGIN IMMEDIATE":
		if c := g.closed.Load(); c != nil {
			<-*c
		}
	case "exec SAVEPOINT member":
		g.members.Add(1)
	case "exec COMMIT":
		g.commits.Add(1)
	}
}
