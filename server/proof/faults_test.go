package proof_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server/internal/faultdb"
	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/postgres"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// opener opens a store through faults, again and again; nil stands for none.
type opener func(t *testing.T, faults *faultdb.Faults) store.Store

// database is an empty one, of a store that can fail.
type database struct {
	open         opener
	driver, name string // for a look at what it has
}

// databases make a database of each kind.
var databases = map[string]func(*testing.T) database{
	"SQLite": func(t *testing.T) database {
		path := filepath.Join(t.TempDir(), "test.db")
		return database{func(t *testing.T, faults *faultdb.Faults) store.Store {
			return opened(t, faults, func(ctx context.Context, wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
				return sqlite.OpenThrough(ctx, path, wrap)
			})
		}, "sqlite", "file:" + path}
	},
	"PostgreSQL": func(t *testing.T) database { return postgresAt(pgtest.Shared(t).Database(t)) },
}

// postgresAt is the database of a URL.
func postgresAt(url string) database {
	return database{func(t *testing.T, faults *faultdb.Faults) store.Store {
		return opened(t, faults, func(ctx context.Context, wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
			return postgres.OpenThrough(ctx, url, wrap)
		})
	}, "pgx", url}
}

// opened opens a store. Until the end of the test none of its transactions may be made so that it could be broken off: not by
// a client that hangs up, and COMMIT not by a deadline either. Migrating, which ends with the context of opening, is not meant.
func opened(
	t *testing.T, faults *faultdb.Faults, open func(context.Context, func(driver.Connector) driver.Connector) (*sqlstore.Store, error),
) store.Store {
	t.Helper()
	if faults == nil {
		faults = &faultdb.Faults{}
	}
	s, err := open(context.WithoutCancel(t.Context()), faults.Wrap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if calls := faults.Breakable(); len(calls) > 0 {
			t.Errorf("made with a context that may end: %q", calls)
		}
	})
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
				requireEachCallMayFail(t, database(t), when, nil)
			})
		}
	}
}

// The same where the engine says of the call that it can't serve: whoever is not served is told so, 503, and when to come again.
func TestFaults_Unavailable(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for _, tc := range []struct {
		database string
		when     faultdb.When
		name     string
		engine   error
	}{
		{"PostgreSQL", faultdb.Before, "a bad connection", driver.ErrBadConn}, // which no driver says after it has sent something
		{"PostgreSQL", faultdb.Before, "a reset", reset},
		{"PostgreSQL", faultdb.After, "an end", io.ErrUnexpectedEOF},
		{"SQLite", faultdb.Before, "a full disk", sqliteFull(t)},
		{"SQLite", faultdb.After, "a full disk", sqliteFull(t)},
	} {
		t.Run(fmt.Sprintf("%s %s %s", tc.database, tc.name, tc.when), func(t *testing.T) {
			t.Parallel()
			if requireEachCallMayFail(t, databases[tc.database](t), tc.when, tc.engine) == 0 {
				t.Error("all requests were served")
			}
		})
	}
}

// sqliteFull gives the error with which SQLite says that the disk is full, from a database that may have one page only.
func sqliteFull(t *testing.T) error {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "full.db")+"?_pragma=max_page_count(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "CREATE TABLE big (body TEXT)")
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("the full database says %v", err)
	}
	return err
}

// requireEachCallMayFail lets a shopper buy once for each call of the database that a purchase takes. Another server, which
// has no faults, is asked for all of it at the end. It tells how many requests were not served.
func requireEachCallMayFail(t *testing.T, db database, when faultdb.When, engine error) (unserved int) {
	t.Helper()
	witness := db.open(t, nil)
	defer mustClose(t, witness)
	sound, current := newHandler(t, witness), &slot{}
	failing := newHandler(t, current)
	for n, more := 1, true; more && !t.Failed(); n++ {
		faults := &faultdb.Faults{Engine: engine}
		current.Store = db.open(t, faults)
		faults.Arm(n, when, nil)
		shopper := newShopper(t, failing, func() string {
			return fmt.Sprintf("call %d fails %s it took effect: %q", n, when, faults.Fired())
		})
		shopper.told = engine != nil
		shopper.purchase()
		more = len(faults.Disarm()) > 0
		mustClose(t, current)
		unserved += shopper.unserved

		shopper.handler = sound
		shopper.mustLook()
		shopper.requireOneCart(db)
		if !more && n < 20 {
			t.Errorf("a purchase takes %d calls only: too few to be true", n-1)
		}
	}
	return unserved
}

// The same for the writer of SQLite while each of its transactions has several members: three shoppers and one whose request
// is refused take each step at once. In a bubble it is certain that they wait together.
func TestFaults_GroupCommit(t *testing.T) {
	t.Parallel()
	for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
		t.Run(string(when), func(t *testing.T) {
			t.Parallel()
			db := databases["SQLite"](t)
			mustClose(t, db.open(t, nil))
			current := &slot{}
			handler := newHandler(t, current)
			for n, more := 1, true; more && !t.Failed(); n++ {
				synctest.Test(t, func(t *testing.T) { more = buyTogether(t, handler, current, db, n, when) })
			}
		})
	}
}

// ofWriter picks the calls by which the writer runs its transactions.
func ofWriter(call string) bool {
	for _, of := range []string{"BEGIN", "INSERT", "UPDATE", "ROLLBACK", "COMMIT"} {
		if strings.HasPrefix(call, "exec "+of) {
			return true
		}
	}
	return false
}

// buyTogether lets three shoppers buy in lock-step while the nth call of the writer fails. It tells whether there was one.
func buyTogether(t *testing.T, handler http.Handler, current *slot, db database, n int, when faultdb.When) bool {
	gate := &gate{}
	faults := &faultdb.Faults{Hold: gate.hold}
	current.Store = ofUpdates{db.open(t, faults), &gate.members}
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

	current.Store = db.open(t, nil)
	for _, shopper := range shoppers {
		shopper.mustLook()
		shopper.requireOneCart(db)
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

// ofUpdates is a store whose updates are counted.
type ofUpdates struct {
	store.Store
	updates *atomic.Int64
}

func (c ofUpdates) Update(ctx context.Context, fn func(store.Tx) error) error {
	c.updates.Add(1)
	return c.Store.Update(ctx, fn)
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
	case "exec COMMIT":
		g.commits.Add(1)
	}
}
