package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

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
	return &conn{c.(*stdlib.Conn), make(map[string]*pgconn.StatementDescription)}, nil
}

type driverConn = stdlib.Conn

// conn is a sqlstore.Batcher. It speaks to the lower half of pgx, since all values are text: nothing has to be found out of
// their types, nor to be watched by a goroutine.
type conn struct {
	*driverConn
	known map[string]*pgconn.StatementDescription // prepared
}

// Batch implements sqlstore.Batcher.
func (c *conn) Batch(statements []sqlstore.Statement, each func(sqlstore.Scan) error) (changed []int64, err error) {
	pg := c.Conn().PgConn()
	batch := &pgconn.Batch{}
	for _, s := range statements {
		prepared, err := c.prepare(s.Text)
		if err != nil {
			return nil, err
		}
		batch.ExecStatement(prepared, texts(s.Args), nil, nil)
	}
	if statements[len(statements)-1].Text != "COMMIT" {
		defer c.limit()()
	}
	results := pg.ExecBatch(context.Background(), batch)
	for results.NextResult() {
		tag, err := read(results.ResultReader(), each)
		switch {
		case err != nil:
			_ = results.Close()
			return changed, err
		case tag.String() == "ROLLBACK" && statements[len(changed)].Text == "COMMIT": // since a statement has failed before
			_ = results.Close()
			return changed, pgx.ErrTxCommitRollback
		}
		changed = append(changed, tag.RowsAffected())
	}
	return changed, results.Close()
}

// limit limits how long the server may take to answer, until the function that it gives is called. COMMIT has no limit: it
// waits for a synchronous standby, and nobody could tell what came of it.
func (c *conn) limit() func() {
	socket := c.Conn().PgConn().Conn()
	_ = socket.SetDeadline(time.Now().Add(statementLimit)) //nolint:forbidigo // a network has the real clock; errors come back
	return func() { _ = socket.SetDeadline(time.Time{}) }
}

// prepare gives a statement that the server knows.
func (c *conn) prepare(text string) (*pgconn.StatementDescription, error) {
	if s, ok := c.known[text]; ok {
		return s, nil
	}
	defer c.limit()()
	s, err := c.Conn().PgConn().Prepare(context.Background(), "cartwright"+strconv.Itoa(len(c.known)), text, nil)
	if err != nil {
		return nil, err
	}
	c.known[text] = s
	return s, nil
}

// texts gives arguments as PostgreSQL reads them.
func texts(args []any) [][]byte {
	values := make([][]byte, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			values[i] = []byte(arg)
		case int64:
			values[i] = strconv.AppendInt(nil, arg, 10)
		}
	}
	return values
}

// read gives the rows of a result, and what it says at its end.
func read(result *pgconn.ResultReader, each func(sqlstore.Scan) error) (pgconn.CommandTag, error) {
	scan := func(into ...any) error { return assign(result.Values(), into) }
	for result.NextRow() {
		if each == nil {
			continue
		}
		if err := each(scan); err != nil {
			return pgconn.CommandTag{}, err
		}
	}
	return result.Close()
}

// assign gives the columns of a row.
func assign(values [][]byte, into []any) (err error) {
	for i, value := range values {
		switch into := into[i].(type) {
		case *string:
			*into = string(value)
		case *[]byte:
			*into = append([]byte(nil), value...)
		case *int64:
			*into, err = strconv.ParseInt(string(value), 10, 64)
		case *int:
			*into, err = strconv.Atoi(string(value))
		default:
			err = fmt.Errorf("a %T can't be read", into)
		}
		if err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}
