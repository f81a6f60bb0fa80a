// Package sqlite keeps documents in one SQLite file: durable, embedded, without cgo. It is the default of the binary.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"runtime"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// settings make the file durable and quick. synchronous=FULL is not negotiable: with NORMAL, acknowledged carts are lost
// at a power cut.
const settings = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_dqs=0&_txlock=immediate"

// Open opens the database at path, a file on a local disk, and creates it if it is not there.
func Open(ctx context.Context, path string) (*sqlstore.Store, error) {
	return OpenThrough(ctx, path, func(c driver.Connector) driver.Connector { return c })
}

// OpenThrough is Open with something around the driver: for tests in which the database fails.
func OpenThrough(ctx context.Context, path string, wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
	if path == ":memory:" {
		return nil, errors.New("open :memory:: use the memory store")
	}
	engine, err := connect(path, wrap)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s, err := migrated(ctx, engine)
	if err == nil {
		err = writable(ctx, engine.Writer)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), engine.Reader.Close(), engine.Writer.Close())
	}
	return s, nil
}

// migrated makes the store. Migrations wait for no disk: each commits, a new file has five, and what a power cut takes from the
// log is consistent without and migrated again. The first commit that is told to anybody syncs the log, and with it all that
// is before.
func migrated(ctx context.Context, engine sqlstore.Engine) (*sqlstore.Store, error) {
	if _, err := engine.Writer.ExecContext(ctx, "PRAGMA synchronous=NORMAL"); err != nil {
		return nil, err
	}
	s, err := sqlstore.New(ctx, engine)
	if err != nil {
		return nil, err
	}
	_, err = engine.Writer.ExecContext(ctx, "PRAGMA synchronous=FULL")
	return s, err
}

// writable finds out now whether the file can be written to, and not at the first cart.
func writable(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO locks (name, version) VALUES ('writable', 1)")
	return errors.Join(err, tx.Rollback())
}

// connect makes the two pools of a database. One connection writes: a fair queue, where several would fight for SQLite's
// only write lock.
func connect(path string, wrap func(driver.Connector) driver.Connector) (sqlstore.Engine, error) {
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + settings
	writing, err := sqlite.NewConnector(name)
	if err != nil {
		return sqlstore.Engine{}, err
	}
	reading, err := sqlite.NewConnector(name + "&_pragma=query_only(1)")
	if err != nil {
		return sqlstore.Engine{}, err
	}
	writer, reader := sql.OpenDB(batching{wrap(writing)}), sql.OpenDB(batching{wrap(reading)})
	writer.SetMaxOpenConns(1)
	reader.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reader.SetMaxIdleConns(max(4, runtime.NumCPU()))
	return sqlstore.Engine{
		Writer: writer, Reader: reader, OneWriter: true, Verdict: verdict, Exists: exists, Dialect: goose.DialectSQLite3,
		Migrations: []goose.ProviderOption{goose.WithExcludeNames([]string{"00004_text_order.sql"})},
	}, nil
}

// verdict tells what an error means: another process has the lock, the disk is full or broken. A disk that can't be written
// may give back anything when it is read.
func verdict(err error) sqlstore.Verdict {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return sqlstore.Fault
	}
	switch e.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return sqlstore.Busy
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return sqlstore.Unavailable
	}
	return sqlstore.Fault
}

// exists tells whether an error says that the primary key of a row to insert exists already.
func exists(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}
