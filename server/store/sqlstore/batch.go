package sqlstore

import (
	"database/sql"
	"errors"
	"slices"
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

// batch runs statements on a connection, of which an error is that of the last one that it counts.
func batch(conn *sql.Conn, statements []Statement, each func(Scan) error) (changed []int64, err error) {
	var failed error // not that of Raw, which would close the connection where it is driver.ErrBadConn
	err = conn.Raw(func(c any) error {
		changed, failed = c.(Batcher).Batch(statements, each)
		return nil
	})
	return changed, errors.Join(err, failed)
}

// one scans a row, and tells whether there was one.
func one(found *bool, into []any) func(Scan) error {
	return func(scan Scan) error {
		*found = true
		return scan(into...)
	}
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

// commit ends the transaction, if it has begun or has to. COMMIT goes with the steps that are pending, unless one of them may
// have to be undone that the engine does not take for a failure.
func (t *tx) commit() error {
	if slices.ContainsFunc(t.pending, func(s step) bool { return s.none != nil }) {
		if err := t.flush(); err != nil {
			return err
		}
	}
	if !t.begun && len(t.pending) == 0 {
		return nil
	}
	return t.run(append(t.pending, commit), nil)
}

// row runs a statement that gives one row or none, after the steps that are pending.
func (t *tx) row(doing, statement string, args []any, into ...any) (found bool, err error) {
	err = t.rows(doing, statement, args, one(&found, into))
	return found, err
}

// rows runs a statement that gives rows, after the steps that are pending.
func (t *tx) rows(doing, statement string, args []any, each func(Scan) error) error {
	return t.run(append(t.pending, step{Statement: Statement{statement, args}, doing: doing}), each)
}

// run runs steps, the first ones of a transaction with its begin.
func (t *tx) run(steps []step, each func(Scan) error) error {
	t.wrote = t.wrote || len(t.pending) > 0
	t.pending = nil
	if !t.begun {
		t.begun, steps = true, slices.Insert(steps, 0, begin)
	}
	statements := make([]Statement, len(steps))
	for i, s := range steps {
		statements[i] = s.Statement
	}
	changed, err := batch(t.conn, statements, each)
	for i, n := range changed {
		if n == 0 && steps[i].none != nil {
			return steps[i].none
		}
	}
	if err == nil {
		return nil
	}
	failed := steps[min(len(changed), len(steps)-1)]
	if failed.exists != nil && t.store.engine.Exists(err) {
		return failed.exists
	}
	return t.store.failed(failed.doing, err)
}
