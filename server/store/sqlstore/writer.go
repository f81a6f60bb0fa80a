package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// maxMembers is how many updates share a transaction at most.
const maxMembers = 64

// writer is the only connection that writes, and the queue for it (group commit). An update that has it opens a transaction,
// runs its function, and hands it on to whoever waits by then. The last one commits for all of them: one sync of the disk.
// Nobody waits for company, beyond what is about to come anyway, and nobody is answered before the commit.
//
// What an update writes is kept until it reads or its function has returned. So one that fails has nothing to undo, as a rule.
// Where it has, or where the engine drops the transaction, all is rolled back and none of the members is answered: each is run
// again, alone.
type writer struct {
	store *Store
	calls sync.WaitGroup
	free  chan struct{} // has one while nobody has the writer
	queue chan *member  // without a buffer: who is taken from it will have a turn

	conn *sql.Conn // of whoever has the writer; nil until it is needed, and after a fault
}

// member is an update in the queue or in a transaction. All of it is done in the goroutine of its caller, where a panic of its
// function belongs.
type member struct {
	fn     func(store.Tx) error
	turn   chan *group // it has the writer, whose transaction is open,
	result chan error  // and is told what came of it
	err    error       // of its function, or of what it wrote
	gone   bool        // its function panicked or ended its goroutine: nobody would take another turn
}

// group is a transaction and its members.
type group struct {
	members []*member
	limit   int
	torn    bool      // it has something that must not stay
	again   []*member // to be run after it, each alone
}

func newWriter(s *Store) *writer {
	w := &writer{store: s, free: make(chan struct{}, 1), queue: make(chan *member)}
	w.free <- struct{}{}
	return w
}

// update runs fn when its turn comes, and returns when it is committed.
func (w *writer) update(fn func(store.Tx) error) error {
	w.calls.Add(1)
	defer w.calls.Done()
	m := &member{fn: fn, turn: make(chan *group, 1), result: make(chan error, 1)}
	select {
	case <-w.free:
		w.start(m, &group{limit: maxMembers})
	default:
		if err := w.wait(m); err != nil {
			return err
		}
	}
	for {
		select {
		case g := <-m.turn:
			w.run(m, g)
		case err := <-m.result:
			return err
		}
	}
}

// wait waits for the writer, or for a turn.
func (w *writer) wait(m *member) error {
	limit := time.NewTimer(w.store.engine.Wait)
	defer limit.Stop()
	select {
	case <-w.free:
		w.start(m, &group{limit: maxMembers})
	case w.queue <- m:
	case <-limit.C:
		return fmt.Errorf("%w: waited %v for the writer", store.ErrUnavailable, w.store.engine.Wait)
	}
	return nil
}

// start opens a transaction, of which a member has the first turn.
func (w *writer) start(m *member, g *group) {
	err := w.begin()
	if err == nil {
		m.turn <- g
		return
	}
	w.disconnect()
	err = w.store.failed("begin", err)
	m.result <- err
	w.goOn(err, g.again)
}

// run runs the function of a member, and hands the writer on: also when the function panics.
func (w *writer) run(m *member, g *group) {
	g.members = append(g.members, m)
	t := &tx{}
	defer func() {
		if g.torn = m.err != nil && t.undo; !g.torn && len(g.members) < g.limit {
			if next := w.next(); next != nil {
				next.turn <- g
				return
			}
		}
		w.end(g)
	}()
	for _, presume := range []bool{true, false} {
		*t = tx{store: w.store, conn: w.conn, begun: true, presume: presume}
		m.err, m.gone = errBrokeOff, true // unless the function returns
		m.err, m.gone = t.update(m.fn), false
		if !t.mistaken(m.err) {
			return
		}
	}
}

var errBrokeOff = errors.New("the update broke off")

// next takes an update that waits already, or does as soon as those goroutines have run that can: of 16 clients that create
// carts at once 10 share a transaction so, else 7 or 8.
func (w *writer) next() *member {
	if m := w.waiting(); m != nil {
		return m
	}
	runtime.Gosched()
	return w.waiting()
}

func (w *writer) waiting() *member {
	select {
	case m := <-w.queue:
		return m
	default:
		return nil
	}
}

// end ends a transaction, and tells its members what came of it: those that are to be run again learn it later, since nothing
// of them was committed.
func (w *writer) end(g *group) {
	var err error
	if !g.torn {
		if err = w.exec("COMMIT"); err == nil {
			for _, m := range g.members {
				m.result <- m.err
			}
			w.goOn(nil, g.again)
			return
		}
		err = w.store.failed("commit", err)
	}
	undone := w.exec("ROLLBACK") == nil
	w.disconnect()
	if undone || g.torn {
		if len(g.members) > 1 {
			w.goOn(nil, slices.DeleteFunc(g.members, func(m *member) bool { return m.gone }))
			return
		}
		err = cmp.Or(err, g.members[0].err)
	} else {
		err = fmt.Errorf("%w: nobody can tell whether it was committed: %w", store.ErrUnavailable, err)
	}
	answer(g.members, err)
	w.goOn(err, g.again)
}

// goOn runs updates again, each alone, and lets go of the writer. What kept the last one from being served would be the same
// for all.
func (w *writer) goOn(last error, again []*member) {
	if errors.Is(last, store.ErrUnavailable) || errors.Is(last, store.ErrBusy) {
		answer(again, last)
		again = nil
	}
	if len(again) == 0 {
		w.free <- struct{}{}
		return
	}
	w.start(again[0], &group{limit: 1, again: again[1:]})
}

// answer tells members that they failed.
func answer(members []*member, err error) {
	for _, m := range members {
		m.result <- err
	}
}

// close ends the writer, when no calls are under way.
func (w *writer) close() { w.disconnect() }

// begin opens a transaction.
func (w *writer) begin() error {
	if w.conn == nil {
		conn, err := w.store.engine.Writer.Conn(context.Background())
		if err != nil {
			return err
		}
		w.conn = conn
	}
	return w.exec("BEGIN IMMEDIATE")
}

func (w *writer) exec(statement string) error {
	_, err := batch(w.conn, []Statement{{Text: statement}}, nil)
	return err
}

// disconnect gives up the connection, whatever state it is in; the next transaction has a new one.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // which makes the pool close it
	_ = w.conn.Close()
	w.conn = nil
}
