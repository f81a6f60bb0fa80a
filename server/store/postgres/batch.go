package postgres

import (
	"cmp"
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
type batching struct {
	driver.Connector
	limit time.Duration // of statements that are sent together
}

// Connect implements driver.Connector.
func (b batching) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c.(*stdlib.Conn), b.limit, make(map[string]*pgconn.StatementDescription)}, nil
}

// driverConn is embedded under this name, since stdlib.Conn has a method Conn.
type driverConn = stdlib.Conn

// conn is a sqlstore.Batcher. It speaks to the lower half of pgx, since all values are text: nothing has to be found out of
// their types, nor to be watched by a goroutine.
type conn struct {
	*driverConn
	within time.Duration                           // the server answers
	known  map[string]*pgconn.StatementDescription // prepared
}

// Batch implements sqlstore.Batcher.
func (c *conn) Batch(statements []sqlstore.Statement, each func(sqlstore.Scan) error) (changed []int64, err error) {
	pipeline, err := c.send(statements)
	if err != nil {
		return nil, err
	}
	defer c.unlimit()
	for _, s := range statements {
		n, err := c.receive(pipeline, s.Text == commit, each)
		if err != nil {
			_ = pipeline.Close() // which knows no more
			return changed, err
		}
		changed = append(changed, n)
	}
	return changed, pipeline.Close()
}

const commit = "COMMIT"

// send sends statements, whose answers have a limit of time from then on. COMMIT has none: it waits for a synchronous standby,
// and nobody could tell what came of it. So what is before it is answered before it.
func (c *conn) send(statements []sqlstore.Statement) (*pgconn.Pipeline, error) {
	prepared, args := make([]*pgconn.StatementDescription, len(statements)), make([][][]byte, len(statements))
	for i, s := range statements {
		var err error
		if prepared[i], err = c.prepare(s.Text); err != nil {
			return nil, err
		}
		if args[i], err = texts(s.Args); err != nil {
			return nil, err
		}
	}
	pipeline := c.Conn().PgConn().StartPipeline(context.Background())
	for i, s := range statements {
		if s.Text == commit {
			pipeline.SendFlushRequest()
		}
		pipeline.SendQueryStatement(prepared[i], args[i], nil, nil)
	}
	c.limit()
	if err := pipeline.Sync(); err != nil {
		_ = pipeline.Close()
		return nil, err
	}
	return pipeline, nil
}

// limit limits how long the server may take to answer.
func (c *conn) limit() {
	_ = c.Conn().PgConn().Conn().SetDeadline(time.Now().Add(c.within)) //nolint:forbidigo // a network has the real clock; errors come back
}

// unlimit takes the limit off, unless pgx is closing the connection with one of its own.
func (c *conn) unlimit() {
	if pg := c.Conn().PgConn(); !pg.IsClosed() {
		_ = pg.Conn().SetDeadline(time.Time{})
	}
}

// prepare gives a statement that the server knows.
func (c *conn) prepare(text string) (*pgconn.StatementDescription, error) {
	if s, ok := c.known[text]; ok {
		return s, nil
	}
	c.limit()
	defer c.unlimit()
	s, err := c.Conn().PgConn().Prepare(context.Background(), "cartwright"+strconv.Itoa(len(c.known)), text, nil)
	if err != nil {
		return nil, err
	}
	c.known[text] = s
	return s, nil
}

// texts gives arguments as PostgreSQL reads them.
func texts(args []any) ([][]byte, error) {
	values := make([][]byte, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			values[i] = []byte(arg)
		case int64:
			values[i] = strconv.AppendInt(nil, arg, 10)
		case nil:
		default:
			return nil, fmt.Errorf("argument %d is a %T", i+1, arg)
		}
	}
	return values, nil
}

// receive gives the rows of a result, and tells how many its statement changed.
func (c *conn) receive(pipeline *pgconn.Pipeline, commits bool, each func(sqlstore.Scan) error) (changed int64, err error) {
	if commits {
		c.unlimit()
	}
	got, err := pipeline.GetResults()
	if err != nil {
		return 0, err
	}
	rows, ok := got.(*pgconn.ResultReader)
	if !ok {
		return 0, fmt.Errorf("PostgreSQL gave a %T for a result", got)
	}
	scan := func(into ...any) error { return assign(rows.Values(), into) }
	for rows.NextRow() {
		if each != nil && err == nil {
			err = each(scan)
		}
	}
	tag, closed := rows.Close()
	if commits && tag.String() == "ROLLBACK" { // since a statement has failed before
		closed = pgx.ErrTxCommitRollback
	}
	return tag.RowsAffected(), cmp.Or(err, closed)
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
