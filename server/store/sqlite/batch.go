package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// batching gives connections that are sqlstore.Batchers.
type batching struct{ driver.Connector }

// Connect implements driver.Connector.
func (b batching) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c.(driverConn), make(map[string]statement)}, nil
}

// driverConn is what database/sql uses of a connection of the driver.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// conn is a sqlstore.Batcher. It keeps its statements prepared: SQLite would compile them each time.
type conn struct {
	driverConn
	known map[string]statement
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// Close implements driver.Conn. SQLite keeps a connection with its locks while it has a statement.
func (c *conn) Close() error {
	for _, s := range c.known {
		_ = s.Close()
	}
	return c.driverConn.Close()
}

// Batch implements sqlstore.Batcher. Nothing can break off a statement: it is short, and what is broken off leaves a
// transaction in doubt.
func (c *conn) Batch(statements []sqlstore.Statement, each func(sqlstore.Scan) error) (changed []int64, err error) {
	for i, s := range statements {
		prepared, err := c.prepare(s.Text)
		if err != nil {
			return changed, err
		}
		args := make([]driver.NamedValue, len(s.Args))
		for i, v := range s.Args {
			args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		}
		if each != nil && i == len(statements)-1 {
			return changed, query(prepared, args, each)
		}
		result, err := prepared.ExecContext(context.Background(), args)
		if err != nil {
			return changed, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}

func (c *conn) prepare(text string) (statement, error) {
	if s, ok := c.known[text]; ok {
		return s, nil
	}
	s, err := c.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	c.known[text] = s.(statement)
	return c.known[text], nil
}

// query runs a statement that gives rows.
func query(s statement, args []driver.NamedValue, each func(sqlstore.Scan) error) error {
	rows, err := s.QueryContext(context.Background(), args)
	if err != nil {
		return err
	}
	values := make([]driver.Value, len(rows.Columns()))
	scan := func(into ...any) error { return assign(values, into) }
	for {
		err = rows.Next(values)
		if err == nil {
			err = each(scan)
		}
		if err != nil {
			break
		}
	}
	if closed := rows.Close(); errors.Is(err, io.EOF) {
		return closed
	}
	return err
}

// assign gives the columns of a row.
func assign(values []driver.Value, into []any) error {
	for i, v := range values {
		var ok bool
		switch into := into[i].(type) {
		case *string:
			*into, ok = v.(string)
		case *[]byte:
			var text string
			text, ok = v.(string)
			*into = []byte(text)
		case *int64:
			*into, ok = v.(int64)
		case *int:
			var n int64
			n, ok = v.(int64)
			*into = int(n)
		}
		if !ok {
			return fmt.Errorf("column %d: a %T can't be read into a %T", i, v, into[i])
		}
	}
	return nil
}
