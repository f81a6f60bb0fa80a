package sqlstore

import (
	"context"
	"errors"
)

// Batcher is a connection of a driver that runs several statements in one round trip to its engine. It tells how many rows
// each changed, up to the first that fails. The last one gives a row where there is something to read it into; sql.ErrNoRows
// if it does not.
type Batcher interface {
	Batch(ctx context.Context, statements []string, args [][]any, into ...any) (changed []int64, err error)
}

// maxPending is how many writes are pending at most: there are that many where a state is imported.
const maxPending = 100

// write is a statement that changes something.
type write struct {
	doing string
	none  error // what it means that no row was changed; nil where that is as good
	text  string
	args  []any
}

// write runs a statement; later, and then with others, where the driver can.
func (t *tx) write(doing string, none error, text string, args ...any) error {
	w := write{doing, none, text, args}
	if t.conn == nil {
		return t.run(w)
	}
	if t.pending = append(t.pending, w); len(t.pending) < maxPending {
		return nil
	}
	return t.flush()
}

// run runs a write.
func (t *tx) run(w write) error {
	ctx, cancel := t.store.limited(t.ctx)
	defer cancel()
	result, err := t.db.ExecContext(ctx, w.text, w.args...)
	if err != nil {
		return t.store.failed(w.doing, err)
	}
	if w.none == nil {
		return nil
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = w.none
	}
	return t.store.failed(w.doing, err)
}

// flush runs the writes that are pending.
func (t *tx) flush() error {
	pending := t.pending
	if t.pending = nil; len(pending) == 0 {
		return nil
	}
	at, err := t.batch(pending)
	return t.store.failed(pending[at].doing, err)
}

// row runs a statement that gives one row, after the writes that are pending.
func (t *tx) row(statement string, args []any, into ...any) error {
	if t.conn == nil {
		return t.store.row(t.ctx, t.db, statement, args, into...)
	}
	writes := t.pending
	t.pending = nil
	writes = append(writes, write{text: statement, args: args})
	at, err := t.batch(writes, into...)
	if at < len(writes)-1 {
		return t.store.failed(writes[at].doing, err)
	}
	return err
}

// batch runs writes in one round trip. It tells which of them an error is of.
func (t *tx) batch(writes []write, into ...any) (at int, err error) {
	statements, args := make([]string, len(writes)), make([][]any, len(writes))
	for i, w := range writes {
		statements[i], args[i] = w.text, w.args
	}
	ctx, cancel := t.store.limited(t.ctx)
	defer cancel()
	var changed []int64
	var failed error // not that of Raw, which waits for the transaction to end where it is driver.ErrBadConn
	err = t.conn.Raw(func(conn any) error {
		changed, failed = conn.(Batcher).Batch(ctx, statements, args, into...)
		return nil
	})
	for i, n := range changed {
		if n == 0 && writes[i].none != nil {
			return i, writes[i].none
		}
	}
	return min(len(changed), len(writes)-1), errors.Join(err, failed)
}
