package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/faultdb"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// What the only writer does when something fails while several updates share its transaction. These tests run in a bubble,
// where it is certain that updates wait in the queue: the transaction takes all of them.

// grouped is a store whose database fails when a test says so.
type grouped struct {
	*sqlstore.Store
	path   string
	faults *faultdb.Faults
}

// inBubble runs a test with such a store. A fault of the database means that it can't serve, as for a disk that is full.
func inBubble(t *testing.T, test func(t *testing.T, g grouped)) {
	synctest.Test(t, func(t *testing.T) {
		g := grouped{path: filepath.Join(t.TempDir(), "test.db"), faults: &faultdb.Faults{}}
		g.Store = g.open(t)
		defer func() {
			if err := g.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if _, err := os.Stat(g.path + "-wal"); !errors.Is(err, os.ErrNotExist) { // the last connection removes it
				t.Error("a connection was never closed, and with it the locks that it had")
			}
			if calls := g.faults.Breakable(); len(calls) > 0 {
				t.Errorf("made with a context that may end: %q", calls)
			}
		}()
		test(t, g)
	})
}

func (g grouped) open(t *testing.T) *sqlstore.Store {
	t.Helper()
	engine, err := sqlite.Connect(g.path, g.faults.Wrap)
	if err != nil {
		t.Fatal(err)
	}
	engine.Verdict = func(err error) sqlstore.Verdict {
		if errors.Is(err, faultdb.ErrFault) {
			return sqlstore.Unavailable
		}
		return sqlite.Verdict(err)
	}
	s, err := sqlstore.New(context.WithoutCancel(t.Context()), engine) // which only migrating uses
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// together runs updates in one transaction, in this order, and gives what each returned. The first one holds the writer
// until the others wait for it.
func (g grouped) together(t *testing.T, fns ...func(store.Tx) error) []error {
	t.Helper()
	results := make([]error, len(fns))
	hold := make(chan struct{})
	var calls sync.WaitGroup
	for i, fn := range fns {
		calls.Go(func() {
			results[i] = errGone
			defer func() {
				if r := recover(); r != nil {
					results[i] = fmt.Errorf("%w: %v", errGone, r)
				}
			}()
			results[i] = g.Update(t.Context(), func(tx store.Tx) error {
				if i == 0 {
					<-hold
				}
				return fn(tx)
			})
		})
		synctest.Wait()
	}
	close(hold)
	calls.Wait()
	return results
}

var (
	errGone = errors.New("the function panicked, or ended its goroutine") // of an update that did not return
	errRule = errors.New("a rule says no")
)

func cart(id string) store.Document {
	return store.Document{Key: store.Key{Kind: store.Cart, CustomerID: "contoso", ID: id}, CreatedAt: time.UnixMicro(1).UTC(), Body: []byte(`{}`)}
}

// inserts gives an update that adds a cart, and then does as what says.
func inserts(id string, then func() error) func(store.Tx) error {
	return func(tx store.Tx) error {
		if err := tx.Insert(cart(id)); err != nil {
			return err
		}
		return then()
	}
}

func succeeds() error { return nil }
func refuses() error  { return errRule }
func panics() error   { panic("on purpose") }
func exits() error    { runtime.Goexit(); return nil }

// stored tells which of some carts a new process would find.
func (g grouped) stored(t *testing.T, ids ...string) (found []string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), g.path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range ids {
		switch _, err := s.Get(t.Context(), cart(id).Key); {
		case err == nil:
			found = append(found, id)
		case !errors.Is(err, store.ErrNotFound):
			t.Fatal(err)
		}
	}
	return found
}

func (g grouped) require(t *testing.T, what string, got []error, want ...error) {
	t.Helper()
	for i, err := range got {
		if !errors.Is(err, want[i]) || want[i] == nil && err != nil {
			t.Errorf("%s: update %d returned %v, want %v", what, i, err, want[i])
		}
	}
}

func (g grouped) requireStored(t *testing.T, what string, want string) {
	t.Helper()
	if got := strings.Join(g.stored(t, "a", "b", "c"), " "); got != want {
		t.Errorf("%s: %q is stored, want %q", what, got, want)
	}
}

// exactly picks the calls that run a statement.
func exactly(statement string) func(string) bool {
	return func(call string) bool { return call == "exec "+statement }
}

// Whatever the function of one member does, the others are committed: also where the transaction fails afterwards, and is
// run again for those who are still there.
func TestWriter_FunctionBreaksOff(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{"panic": panics, "Goexit": exits} {
		for _, failing := range []string{"", "COMMIT"} {
			t.Run(name+" "+failing, func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T, g grouped) {
					g.faults.Arm(1, faultdb.Before, exactly(failing))
					got := g.together(t, inserts("a", succeeds), inserts("b", end), inserts("c", succeeds))
					if fired := g.faults.Disarm(); len(fired) == 0 && failing != "" {
						t.Fatalf("%s was never run", failing)
					}
					g.require(t, "members", got, nil, errGone, nil)
					g.requireStored(t, "members", "a c")
					if err := g.Update(t.Context(), inserts("later", succeeds)); err != nil {
						t.Errorf("the next update: %v", err)
					}
				})
			})
		}
	}
}

// The engine drops the whole transaction for what one member does: no other member is harmed, and none is told that it is
// stored before it is.
func TestWriter_TransactionDropped(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, g grouped) {
		db, err := sql.Open("sqlite", g.path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(`CREATE TRIGGER drops BEFORE INSERT ON carts WHEN NEW.id = 'b' BEGIN SELECT RAISE(ROLLBACK, 'dropped'); END`); err != nil {
			t.Fatal(err)
		}
		got := g.together(t, inserts("a", succeeds), inserts("b", succeeds), inserts("c", succeeds))
		if got[1] == nil || !strings.Contains(got[1].Error(), "dropped") {
			t.Errorf("the update that was refused returned %v", got[1])
		}
		g.require(t, "members", got, nil, got[1], nil)
		g.requireStored(t, "members", "a c")

		// One that hides the error is not told that it is stored.
		hides := func(tx store.Tx) error { _ = tx.Insert(cart("b")); return nil }
		if err := g.Update(t.Context(), hides); err == nil {
			t.Error("an update whose transaction was dropped returned nil")
		}
		g.requireStored(t, "after the one that hides", "a c")
	})
}

// An update that reads what it wrote has something to undo when it fails: no other is harmed.
func TestWriter_FailsAfterItWrote(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{"refusal": refuses, "panic": panics, "Goexit": exits} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, g grouped) {
				reads := func(tx store.Tx) error {
					if err := tx.Insert(cart("b")); err != nil {
						return err
					}
					if d, err := tx.Get(cart("b").Key); d == nil || err != nil {
						t.Errorf("what was inserted is read as %v, %v", d, err)
					}
					return end()
				}
				want := errGone
				if name == "refusal" {
					want = errRule
				}
				got := g.together(t, inserts("a", succeeds), reads, inserts("c", succeeds))
				g.require(t, "members", got, nil, want, nil)
				g.requireStored(t, "members", "a c")
			})
		})
	}
}

// COMMIT fails: where it can be rolled back, each member is run again; else nobody can tell, and all are told so.
func TestWriter_CommitFails(t *testing.T) {
	t.Parallel()
	for when, want := range map[faultdb.When]error{faultdb.Before: nil, faultdb.After: store.ErrUnavailable} {
		t.Run(string(when), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, g grouped) {
				g.faults.Arm(1, when, exactly("COMMIT"))
				got := g.together(t, inserts("a", succeeds), inserts("b", succeeds), inserts("c", succeeds))
				if len(g.faults.Disarm()) == 0 {
					t.Fatal("there was no COMMIT")
				}
				g.require(t, "members", got, want, want, want)
				g.requireStored(t, "members", "a b c")
				if err := g.Update(t.Context(), inserts("later", succeeds)); err != nil {
					t.Errorf("the next update: %v", err)
				}
			})
		})
	}
}

// COMMIT and then ROLLBACK fail, and nothing is stored: nobody is told that it is, and nobody that it is not.
func TestWriter_RollbackFails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, g grouped) {
		g.faults.Arm(0, faultdb.Before, func(call string) bool { return call == "exec COMMIT" || call == "exec ROLLBACK" })
		got := g.together(t, inserts("a", succeeds), inserts("b", refuses), inserts("c", succeeds))
		if fired := g.faults.Disarm(); len(fired) != 2 {
			t.Errorf("the calls that failed are %q: want one COMMIT and one ROLLBACK", fired)
		}
		g.require(t, "members", got, store.ErrUnavailable, store.ErrUnavailable, store.ErrUnavailable)
		g.requireStored(t, "members", "")
		if err := g.Update(t.Context(), inserts("later", succeeds)); err != nil {
			t.Errorf("the next update: %v", err)
		}
	})
}

// Each statement of the writer fails once, before and after it took effect, for an update alone and for several: each is
// told the truth, and the next one is served.
func TestWriter_EachStatementFails(t *testing.T) {
	t.Parallel()
	members := []func(store.Tx) error{inserts("a", succeeds), inserts("b", refuses), inserts("c", succeeds)}
	for _, size := range []int{1, len(members)} {
		for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
			t.Run(fmt.Sprint(size, " ", when), func(t *testing.T) {
				t.Parallel()
				for n, more := 1, true; more; n++ {
					inBubble(t, func(t *testing.T, g grouped) {
						g.faults.Arm(n, when, nil)
						got := g.together(t, members[:size]...)
						fired := g.faults.Disarm()
						more = len(fired) > 0
						g.audit(t, fmt.Sprintf("call %d, %q, fails %s it took effect", n, fired, when), got)
					})
					if n == 1 && !more {
						t.Fatal("no call was counted")
					}
				}
			})
		}
	}
}

// audit holds what updates of a, b and c returned against what is stored.
func (g grouped) audit(t *testing.T, what string, got []error) {
	t.Helper()
	found := map[string]bool{}
	for _, id := range g.stored(t, "a", "b", "c") {
		found[id] = true
	}
	for i, err := range got {
		id := string(rune('a' + i))
		switch {
		case err == nil && found[id] && id != "b":
		case errors.Is(err, errRule) && !found[id] && id == "b":
		case errors.Is(err, store.ErrUnavailable) && (id != "b" || !found[id]):
		default:
			t.Errorf("%s: the update of %s returned %v; stored: %v", what, id, err, found[id])
		}
	}
	if err := g.Update(t.Context(), inserts("later", succeeds)); err != nil {
		t.Errorf("%s: the next update: %v", what, err)
	}
}

// Waiting for the writer has a limit, and an update that waited too long was never run.
func TestWriter_Busy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, g grouped) {
		hold := make(chan struct{})
		held := make(chan error, 1)
		go func() {
			held <- g.Update(t.Context(), func(tx store.Tx) error {
				<-hold
				return tx.Insert(cart("a"))
			})
		}()
		synctest.Wait()
		begun := time.Now()
		err := g.Update(t.Context(), func(store.Tx) error {
			t.Error("an update ran that had waited too long")
			return nil
		})
		if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrBusy) {
			t.Errorf("Update returned %v, want ErrUnavailable", err)
		}
		if waited := time.Since(begun); waited != sqlstore.DefaultWait { // of the bubble's clock, which is exact
			t.Errorf("it waited %v, want %v", waited, sqlstore.DefaultWait)
		}
		close(hold)
		if err := <-held; err != nil {
			t.Errorf("the update that held the writer: %v", err)
		}
		if err := g.Update(t.Context(), inserts("b", succeeds)); err != nil {
			t.Errorf("the next update: %v", err)
		}
		g.requireStored(t, "all", "a b")
	})
}

// Close waits for the updates under way, those in the queue too.
func TestWriter_CloseWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := grouped{path: filepath.Join(t.TempDir(), "test.db"), faults: &faultdb.Faults{}}
		g.Store = g.open(t)
		hold := make(chan struct{})
		results := make(chan error, 2)
		for _, id := range []string{"a", "b"} {
			go func() {
				results <- g.Update(t.Context(), func(tx store.Tx) error {
					<-hold
					return tx.Insert(cart(id))
				})
			}()
			synctest.Wait()
		}
		closed := make(chan error, 1)
		go func() { closed <- g.Close() }()
		synctest.Wait()
		select {
		case err := <-closed:
			t.Fatalf("Close returned %v while updates were under way", err)
		default:
		}
		close(hold)
		for range 2 {
			if err := <-results; err != nil {
				t.Errorf("an update that was under way: %v", err)
			}
		}
		if err := <-closed; err != nil {
			t.Errorf("Close: %v", err)
		}
		g.requireStored(t, "after Close", "a b")
	})
}

// Each call fails once while a new database is opened: Open says so, or it went well, and the next one finds nothing torn.
func TestOpen_EachCallFails(t *testing.T) {
	t.Parallel()
	for _, when := range []faultdb.When{faultdb.Before, faultdb.After} {
		t.Run(string(when), func(t *testing.T) {
			t.Parallel()
			for n, more := 1, true; more; n++ {
				path := filepath.Join(t.TempDir(), "test.db")
				faults := &faultdb.Faults{}
				faults.Arm(n, when, nil)
				s, err := sqlite.OpenThrough(t.Context(), path, faults.Wrap)
				fired := faults.Disarm()
				if more = len(fired) > 0; err == nil {
					err = s.Close()
				}
				if err != nil && !more {
					t.Errorf("Open gives %v, and nothing failed", err)
				}
				s, err = sqlite.Open(t.Context(), path)
				if err != nil {
					t.Fatalf("call %d, %q, failed %s it took effect: the next Open gives %v", n, fired, when, err)
				}
				if err := errors.Join(s.Update(t.Context(), inserts("a", succeeds)), s.Close()); err != nil {
					t.Errorf("call %d, %q, failed %s it took effect: %v", n, fired, when, err)
				}
			}
		})
	}
}
