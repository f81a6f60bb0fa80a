package faultdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
)

// conn passes on whatever a modern driver has. Close never fails: no driver keeps a connection that was closed.
type conn struct {
	driver.Conn
	faults *Faults
}

var errOld = errors.New("faultdb: the driver is too old for this")

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, statement string) (driver.Stmt, error) {
	inner, ok := c.Conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, errOld
	}
	statement = c.faults.rewritten(statement)
	return attempt(c.faults, "prepare "+statement, func() (driver.Stmt, error) {
		s, err := inner.PrepareContext(ctx, statement)
		if err != nil {
			return nil, err
		}
		return &stmt{s, statement, c.faults}, nil
	}, func(s driver.Stmt) { _ = s.Close() })
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	inner, ok := c.Conn.(driver.ConnBeginTx)
	if !ok {
		return nil, errOld
	}
	c.faults.bounds(ctx, "begin")
	return attempt(c.faults, "begin", func() (driver.Tx, error) {
		t, err := inner.BeginTx(ctx, options)
		if err != nil {
			return nil, err
		}
		return &tx{t, c.faults}, nil
	}, nil) // what was begun ends with the connection
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	inner, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	statement = c.faults.rewritten(statement)
	c.faults.boundsIf(ctx, statement)
	return attempt(c.faults, "exec "+statement, func() (driver.Result, error) {
		return inner.ExecContext(ctx, statement, args)
	}, nil)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	inner, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	statement = c.faults.rewritten(statement)
	return c.faults.query(statement, func() (driver.Rows, error) { return inner.QueryContext(ctx, statement, args) })
}

// Batch passes on several statements at once, each of which is a call: it makes a sqlstore.Batcher of one. Where one is to
// fail, those before it take effect, and none after it.
func (c *conn) Batch(statements []statement, each func(func(into ...any) error) error) ([]int64, error) {
	inner, ok := c.Conn.(interface {
		Batch(statements []statement, each func(func(into ...any) error) error) ([]int64, error)
	})
	if !ok {
		return nil, errOld
	}
	sent := slices.Clone(statements)
	for i := range sent {
		sent[i].Text = c.faults.rewritten(sent[i].Text)
		name := "exec " + sent[i].Text
		if c.faults.Hold != nil {
			c.faults.Hold(name)
		}
		when, fault := c.faults.fails(name)
		if fault == nil {
			continue
		}
		effective := sent[:i]
		if when == After {
			effective = sent[:i+1]
		}
		changed, err := inner.Batch(effective, nil)
		if err == nil {
			err = fault
		}
		return changed[:min(i, len(changed))], err
	}
	return inner.Batch(sent, each)
}

type statement = struct {
	Text string
	Args []any
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	inner, ok := c.Conn.(driver.Pinger)
	if !ok {
		return nil
	}
	return c.faults.do("ping", func() error { return inner.Ping(ctx) })
}

// ResetSession implements driver.SessionResetter. It is no call of the store's, and never fails on purpose.
func (c *conn) ResetSession(ctx context.Context) error {
	if inner, ok := c.Conn.(driver.SessionResetter); ok {
		return inner.ResetSession(ctx)
	}
	return nil
}

// IsValid implements driver.Validator.
func (c *conn) IsValid() bool {
	inner, ok := c.Conn.(driver.Validator)
	return !ok || inner.IsValid()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error { return check(c.Conn, v) }

func check(inner any, v *driver.NamedValue) error {
	if checker, ok := inner.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip // as database/sql does without one
}

// stmt is a prepared statement.
type stmt struct {
	driver.Stmt
	text   string
	faults *Faults
}

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	inner, ok := s.Stmt.(driver.StmtExecContext)
	if !ok {
		return nil, errOld
	}
	s.faults.boundsIf(ctx, s.text)
	return attempt(s.faults, "exec "+s.text, func() (driver.Result, error) { return inner.ExecContext(ctx, args) }, nil)
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	inner, ok := s.Stmt.(driver.StmtQueryContext)
	if !ok {
		return nil, errOld
	}
	return s.faults.query(s.text, func() (driver.Rows, error) { return inner.QueryContext(ctx, args) })
}

// CheckNamedValue implements driver.NamedValueChecker.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error { return check(s.Stmt, v) }

// query makes a call that gives rows. One that is to fail after it took effect is read to its end first: some drivers run
// a statement only as far as its rows are read.
func (f *Faults) query(statement string, call func() (driver.Rows, error)) (driver.Rows, error) {
	return attempt(f, "query "+statement, func() (driver.Rows, error) {
		r, err := call()
		if err != nil {
			return nil, err
		}
		return &rows{r, statement, f}, nil
	}, func(r driver.Rows) {
		for into := make([]driver.Value, len(r.Columns())); r.(*rows).Rows.Next(into) == nil; {
			clear(into)
		}
		_ = r.Close()
	})
}

// rows are what a query gave.
type rows struct {
	driver.Rows
	statement string
	faults    *Faults
}

// Next implements driver.Rows.
func (r *rows) Next(into []driver.Value) error {
	end := false
	err := r.faults.do("row of "+r.statement, func() error {
		err := r.Rows.Next(into)
		if end = errors.Is(err, io.EOF); end {
			return nil
		}
		return err
	})
	if err == nil && end {
		return io.EOF
	}
	return err
}

// tx is a transaction that database/sql began.
type tx struct {
	driver.Tx
	faults *Faults
}

// Commit implements driver.Tx.
func (t *tx) Commit() error { return t.faults.do("commit", t.Tx.Commit) }

// Rollback implements driver.Tx.
func (t *tx) Rollback() error { return t.faults.do("rollback", t.Tx.Rollback) }
