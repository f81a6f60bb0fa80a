package sqlstore

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"

	"github.com/cartwright-dev/cartwright/server/store"
)

// Batcher is what a connection of an engine's driver is: it runs statements below database/sql, in their order, up to the
// first that fails, and in one round trip where the engine is elsewhere. Arguments are strings, int64s and nil. It tells how
// many rows each has changed. Where each is set, it is given the rows of the last one, to be scanned into *string, *[]byte,
// *int64 and *int.
type Batcher interface {
	Batch(statements []Statement, each func(Scan) error) (changed []int64, err error)
}

// Statement is SQL and what stands for its $1, $2 and so on.
type Statement = struct {
	Text string
	Args []any
}

// Scan gives the columns of a row.
type Scan = func(into ...any) error

// batch runs statements on a connection. An error is of the one after those that it counts.
func batch(conn *sql.Conn, statements []Statement, each func(Scan) error) (changed []int64, err error) {
	var failed error // not that of Raw, which would close the connection where it is driver.ErrBadConn
	err = conn.Raw(func(c any) error {
		changed, failed = c.(Batcher).Batch(statements, each)
		return nil
	})
	return changed, errors.Join(err, failed)
}

// maxPending is how many writes are pending at most: there are that many where a state is imported.
const maxPending = 100

// step is a statement of an update.
type step struct {
	Statement
	doing  string
	none   error // what it means that no row was changed; nil where that is as good
	exists error // what it means that its primary key exists; nil where that is for others to say
}

var (
	begin  = step{Statement: Statement{Text: "BEGIN"}, doing: "begin"}
	commit = step{Statement: Statement{Text: "COMMIT"}, doing: "commit"}
)

// write adds a step to those that are pending: they are run together, as late as they can.
func (t *tx) write(s step) error {
	if t.pending = append(t.pending, s); len(t.pending) < maxPending {
		return nil
	}
	return t.flush()
}

// flush runs the steps that are pending.
func (t *tx) flush() error {
	if len(t.pending) == 0 {
		return nil
	}
	return t.run(t.pending, nil)
}

// update runs fn, and then the steps that are pending. What the engine has refused stays so, whatever fn makes of it.
func (t *tx) update(fn func(store.Tx) error) error {
	if err := fn(t); err != nil {
		return err
	}
	if t.claim != nil {
		t.claim, t.pending = nil, slices.Insert(t.pending, 0, *t.claim)
	}
	if t.err == nil && !t.store.engine.OneWriter {
		return t.commit()
	}
	return cmp.Or(t.flush(), t.err)
}

// commit ends the transaction, if there is one. COMMIT goes with the last steps, unless one of them may change no row where
// that is a failure: the engine does not take it for one.
func (t *tx) commit() error {
	if slices.ContainsFunc(t.pending, func(s step) bool { return s.none != nil }) {
		if err := t.flush(); err != nil {
			return err
		}
	}
	if !t.begun && len(t.pending) == 0 {
		return nil
	}
	t.pending = append(t.pending, commit)
	err := t.flush()
	t.begun = err != nil
	return err
}

// query is a query after the steps that are pending.
func (t *tx) query(doing, statement string, args []any, each func(Scan) error) error {
	return t.run(append(t.pending, step{Statement: Statement{statement, args}, doing: doing}), each)
}

// row is that of the query.
func (t *tx) row(doing, statement string, args []any, into ...any) (found bool, err error) {
	return query(t.query).row(doing, statement, args, into...)
}

// run runs steps, the first ones of a transaction with its begin, and a claim that is still to be made before all that others
// could wait for.
func (t *tx) run(steps []step, each func(Scan) error) error {
	if t.err != nil {
		return t.err
	}
	if t.claim != nil && (len(t.pending) > 0 || !t.store.engine.OneWriter) {
		t.claim, steps = nil, slices.Insert(steps, 0, *t.claim)
	}
	if !t.begun {
		t.begun, steps = true, slices.Insert(steps, 0, begin)
	}
	before := t.undo
	t.undo = t.undo || len(t.pending) > 0
	t.pending = nil
	at, err := t.batch(steps, each)
	if err == nil {
		return nil
	}
	t.err = t.store.failed(steps[at].doing, err)
	if exists := steps[at].exists; exists != nil && t.store.engine.Exists(err) {
		t.err = exists
		t.undo = before || at > 0
		return t.err
	}
	t.undo = true
	return t.err
}

// batch runs steps in one round trip. It tells which of them an error is of.
func (t *tx) batch(steps []step, each func(Scan) error) (at int, err error) {
	statements := make([]Statement, len(steps))
	for i, s := range steps {
		statements[i] = s.Statement
	}
	changed, err := batch(t.conn, statements, each)
	for i, n := range changed {
		if n == 0 && steps[i].none != nil {
			return i, steps[i].none
		}
	}
	return min(len(changed), len(steps)-1), err
}
