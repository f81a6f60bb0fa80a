package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// maxMembers is how many updates share a transaction at most.
const maxMembers = 64

// writer is the queue for the only connection that writes (group commit). It takes an update that waits, opens a
// transaction, takes whoever else waits by then, and commits once: one sync of the disk for all of them. Nobody waits for
// company, and nobody is answered before the commit.
//
// What an update writes is kept until it reads or its function has returned. So one that fails has nothing to undo, as a rule.
// Where it has, or where the engine drops the transaction, all is rolled back and none of the members is answered: each is run
// again, alone.
type writer struct {
	store *Store
	queue chan *member // without a buffer: who is taken from it has the writer
	calls sync.WaitGroup
	stop  chan struct{}
	ended chan struct{}

	// Of the goroutine of run.
	conn *sql.Conn // nil until it is needed, and after a fault
}

// member is an update in the queue or in a transaction. Its function runs in the goroutine of its caller, where a panic of it
// belongs.
type member struct {
	turn   chan *tx   // the writer gives it the transaction,
	done   chan error // it gives the transaction back with what its function returned,
	result chan error // and is told what came of it
	err    error      // of its function, or of what it wrote
	gone   bool       // its function panicked or ended its goroutine: nobody would take another turn
}

func newWriter(s *Store) *writer {
	w := &writer{store: s, queue: make(chan *member), stop: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// update runs fn when its turn comes, and returns when it is committed.
func (w *writer) update(fn func(store.Tx) error) error {
	w.calls.Add(1)
	defer w.calls.Done()
	m := &member{turn: make(chan *tx), done: make(chan error), result: make(chan error, 1)}
	limit := time.NewTimer(w.store.engine.Wait)
	defer limit.Stop()
	select {
	case w.queue <- m:
	case <-limit.C:
		return fmt.Errorf("%w: waited %v for the writer", store.ErrUnavailable, w.store.engine.Wait)
	}
	for {
		select {
		case t := <-m.turn:
			m.take(t, fn)
		case err := <-m.result:
			return err
		}
	}
}

var errBrokeOff = errors.New("the update broke off")

// take runs fn in its turn. A panic goes on to the caller, after the writer has the transaction back.
func (m *member) take(t *tx, fn func(store.Tx) error) {
	err := errBrokeOff
	defer func() { m.done <- err }()
	err = fn(t)
}

// close ends the writer, when no calls are under way.
func (w *writer) close() {
	close(w.stop)
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.disconnect()
	for {
		select {
		case first := <-w.queue:
			again := w.transaction(first, maxMembers)
			for i, m := range again {
				w.transaction(m, 1)
				if errors.Is(m.err, store.ErrUnavailable) || errors.Is(m.err, store.ErrBusy) {
					answer(again[i+1:], m.err) // it would be the same for all
					break
				}
			}
		case <-w.stop:
			return
		}
	}
}

// transaction runs an update, and others that wait, in one transaction, and tells them what came of it. It gives back those
// that are to be run again, since nothing of them was committed.
func (w *writer) transaction(first *member, limit int) (again []*member) {
	if err := w.begin(); err != nil {
		w.disconnect()
		first.err = w.store.failed("begin", err)
		answer([]*member{first}, first.err)
		return nil
	}
	var members []*member
	whole := true
	for m := first; m != nil; {
		members = append(members, m)
		if whole = w.member(m); !whole || len(members) == limit {
			break
		}
		m = w.next()
	}
	var err error
	if whole {
		if err = w.exec("COMMIT"); err == nil {
			for _, m := range members {
				m.result <- m.err
			}
			return nil
		}
	}
	undone := w.exec("ROLLBACK") == nil
	w.disconnect()
	switch {
	case whole && !undone: // nobody can tell whether it was committed
		err = fmt.Errorf("%w: commit: %w", store.ErrUnavailable, err)
		first.err = err
		answer(members, err)
		return nil
	case len(members) == 1:
		if whole {
			first.err = w.store.failed("commit", err)
		}
		answer(members, first.err)
		return nil
	}
	return slices.DeleteFunc(members, func(m *member) bool { return m.gone })
}

// next takes an update that waits already, if there is one.
func (w *writer) next() *member {
	select {
	case m := <-w.queue:
		return m
	default:
		return nil
	}
}

// member gives a member its turn; false where the transaction has something of it that must not stay.
func (w *writer) member(m *member) bool {
	t := &tx{store: w.store, conn: w.conn, begun: true}
	m.turn <- t
	m.err = <-m.done
	m.gone = errors.Is(m.err, errBrokeOff)
	if m.err == nil {
		m.err = t.flush()
	}
	return m.err == nil || !t.wrote
}

// answer tells members that they failed.
func answer(members []*member, err error) {
	for _, m := range members {
		m.result <- err
	}
}

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
