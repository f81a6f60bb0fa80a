package proof_test

import (
	"database/sql/driver"
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
	"github.com/cartwright-dev/cartwright/server/store/pgtest"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// opener opens a store through faults, again and again; nil stands for none.
type opener func(t *testing.T, faults *faultdb.Faults) store.Store

// databases are the stores that can fail. Each gives an empty database.
var databases = map[string]func(*testing.T) opener{
	"SQLite": func(t *testing.T) opener {
		path := filepath.Join(t.TempDir(), "test.db")
		return func(t *testing.T, faults *faultdb.Faults) store.Store {
			return opened(t, faults, func(wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
				return sqlite.OpenThrough(t.Context(), path, wrap)
			})
		}
	},
	"PostgreSQL": func(t *testing.T) opener {
		url := pgtest.Shared(t).Database(t)
		return func(t *testing.T, faults *faultdb.Faults) store.Store {
			return opened(t, faults, func(wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
				return postgres.OpenThrough(t.Context(), url, wrap)
			})
		}
	},
}

func opened(t *testing.T, faults *faultdb.Faults, open func(func(driver.Connector) driver.Connector) (*sqlstore.Store, error)) store.Store {
	t.Helper()
	if faults == nil {
		faults = &faultdb.Faults{}
	}
	s, err := open(faults.Wrap)
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
	for name, database := range databases {
		for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
			t.Run(name+" "+string(when), func(t *testing.T) {
				t.Parallel()
				requireEachCallMayFail(t, database(t), when)
			})
		}
	}
}

// requireEachCallMayFail lets a shopper buy once for each call of the database that a purchase takes. Another server, which
// has no faults, is asked for all of it at the end.
func requireEachCallMayFail(t *testing.T, open opener, when faultdb.When) {
	t.Helper()
	witness := open(t, nil)
	defer mustClose(t, witness)
	sound, current := newHandler(t, witness), &slot{}
	failing := newHandler(t, current)
	for n, more := 1, true; more && !t.Failed(); n++ {
		faults := &faultdb.Faults{}
		current.Store = open(t, faults)
		faults.Arm(n, when, nil)
		shopper := newShopper(t, failing, func() string {
			return fmt.Sprintf("call %d fails %s it took effect: %q", n, when, faults.Fired())
		})
		shopper.purchase()
		more = len(faults.Disarm()) > 0
		mustClose(t, current)

		shopper.handler = sound
		shopper.mustLook()
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
			open := databases["SQLite"](t)
			mustClose(t, open(t, nil))
			current := &slot{}
			handler := newHandler(t, current)
			for n, more := 1, true; more && !t.Failed(); n++ {
				synctest.Test(t, func(t *testing.T) { more = buyTogether(t, handler, current, open, n, when) })
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
func buyTogether(t *testing.T, handler http.Handler, current *slot, open opener, n int, when faultdb.When) bool {
	gate := &gate{}
	faults := &faultdb.Faults{Hold: gate.hold}
	current.Store = open(t, faults)
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

	current.Store = open(t, nil)
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
