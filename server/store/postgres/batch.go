package postgres

import (
	"context"
	"database/sql/driver"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// batching gives connections that run several statements in one round trip.
type batching struct{ driver.Connector }

// Connect implements driver.Connector.
func (b batching) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{driverConn: c.(*stdlib.Conn)}, nil
}

type driverConn = stdlib.Conn

// conn is a sqlstore.Batcher. It sends BEGIN with the first statements of a transaction.
type conn struct {
	*driverConn
	begin bool // is still to be sent
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options != (driver.TxOptions{}) || c.Conn().IsClosed() { // which says so
		return c.driverConn.BeginTx(ctx, options)
	}
	c.begin = true
	return &transaction{ctx, c}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, statement string) (driver.Stmt, error) {
	if err := c.begun(ctx); err != nil {
		return nil, err
	}
	return c.driverConn.PrepareContext(ctx, statement)
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.begun(ctx); err != nil {
		return nil, err
	}
	return c.driverConn.ExecContext(ctx, statement, args)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.begun(ctx); err != nil {
		return nil, err
	}
	return c.driverConn.QueryContext(ctx, statement, args)
}

// begun sends BEGIN where that is still to be done.
func (c *conn) begun(ctx context.Context) error {
	if !c.begin {
		return nil
	}
	c.begin = false
	_, err := c.Conn().Exec(ctx, "BEGIN")
	return err
}

// Batch implements sqlstore.Batcher.
func (c *conn) Batch(ctx context.Context, statements []string, args [][]any, into ...any) (changed []int64, err error) {
	batch := &pgx.Batch{}
	begin := c.begin
	if c.begin = false; begin {
		batch.Queue("BEGIN")
	}
	for i, statement := range statements {
		batch.Queue(statement, args[i]...)
	}
	results := c.Conn().SendBatch(ctx, batch)
	defer func() {
		if closed := results.Close(); err == nil {
			err = closed
		}
	}()
	if begin {
		if _, err := results.Exec(); err != nil {
			return nil, err
		}
	}
	for i := range statements {
		if i == len(statements)-1 && len(into) > 0 {
			return changed, results.QueryRow().Scan(into...)
		}
		tag, err := results.Exec()
		if err != nil {
			return changed, err
		}
		changed = append(changed, tag.RowsAffected())
	}
	return changed, nil
}

// transaction is one of a conn. As with database/sql, the context that it began with is that of its end.
type transaction struct {
	ctx  context.Context
	conn *conn
}

// Commit implements driver.Tx. PostgreSQL takes COMMIT for ROLLBACK where a statement has failed.
func (t *transaction) Commit() error {
	if t.conn.begin {
		t.conn.begin = false
		return nil
	}
	tag, err := t.conn.Conn().Exec(t.ctx, "COMMIT")
	if err == nil && tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	if t.conn.begin {
		t.conn.begin = false
		return nil
	}
	_, err := t.conn.Conn().Exec(t.ctx, "ROLLBACK")
	return err
}
