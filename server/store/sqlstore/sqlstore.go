// Package sqlstore keeps documents in a SQL database, with one text of SQL for every engine (statements.go) and one set
// of migrations. It knows no driver: packages like sqlite open their engine and hand it over.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/cartwright-dev/cartwright/server/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Engine is an opened database and what differs between engines.
type Engine struct {
	Writer *sql.DB // for transactions that write; its connections are Batchers
	Reader *sql.DB // for single statements that read, as Writer; it may be the same pool
	// OneWriter says that the engine writes for one at a time. Updates that wait for it share a transaction (group commit).
	OneWriter bool
	// Wait is how long a call waits for a connection, or for its turn with the only writer, before it is
	// store.ErrUnavailable. 0 stands for DefaultWait.
	Wait time.Duration
	// Verdict says what an error of the driver means.
	Verdict func(error) Verdict
	// Exists tells whether an error says that the primary key of a row to insert exists already.
	Exists func(error) bool

	Dialect    goose.Dialect
	Migrations []goose.ProviderOption // how to migrate, beside the files
}

// DefaultWait is how long a call waits to begin.
const DefaultWait = 10 * time.Second

// Verdict is what an error of an engine means.
type Verdict int

// The verdicts.
const (
	Fault       Verdict = iota // of the program: it would fail again
	Unavailable                // the engine can't serve now, or nobody can tell what came of the call
	Busy                       // others held what the call needs for too long; nothing was changed
	Repeat                     // nothing was changed, and the transaction may succeed when it is run again
)

// Store is a store.Store on a SQL database.
type Store struct {
	engine   Engine
	requests *requests
	writer   *writer // of an engine that has one; else nil
}

// New brings the database up to date and gives a store on it, which closes the engine at its end.
func New(ctx context.Context, engine Engine) (*Store, error) {
	if engine.Wait == 0 {
		engine.Wait = DefaultWait
	}
	if err := migrate(ctx, engine); err != nil {
		return nil, err
	}
	s := &Store{engine: engine, requests: &requests{seed: maphash.MakeSeed()}}
	if engine.OneWriter {
		s.writer = newWriter(s)
	}
	return s, nil
}

func migrate(ctx context.Context, engine Engine) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(engine.Dialect, engine.Writer, files, engine.Migrations...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if err := refuseUnreleased(ctx, provider, engine); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// refuseUnreleased refuses orders from before the second migration: nothing in them says which subscriptions they gave rise
// to. No release wrote such.
func refuseUnreleased(ctx context.Context, provider *goose.Provider, engine Engine) error {
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	if version != 1 {
		return nil
	}
	var orders int
	if err := engine.Writer.QueryRowContext(ctx, "SELECT count(*) FROM orders").Scan(&orders); err != nil {
		return fmt.Errorf("count the orders: %w", err)
	}
	if orders > 0 {
		return errors.New("it has orders of a version before the first release, without subscriptions: remove it, or name another")
	}
	return nil
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.writer != nil {
		return s.writer.update(fn)
	}
	presume := true
	var until <-chan time.Time
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		mistaken, err := s.transaction(ctx, fn, presume)
		if mistaken {
			presume = false
			continue
		}
		if err == nil || s.engine.Verdict(err) != Repeat {
			return err
		}
		if until == nil {
			until = time.After(s.engine.Wait)
		}
		select {
		case <-until:
			return fmt.Errorf("%w: %w", store.ErrBusy, err)
		case <-time.After(rand.N(pause) + pause/2):
		}
	}
}

// transaction runs fn in a transaction of its own. Where it was mistaken in what it presumed, nothing was committed.
func (s *Store) transaction(ctx context.Context, fn func(store.Tx) error, presume bool) (mistaken bool, err error) {
	conn, err := s.connect(ctx, s.engine.Writer)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }() // gives it back
	t := &tx{store: s, conn: conn, presume: presume}
	defer func() {
		if t.begun { // and was not committed
			_, _ = batch(conn, []Statement{{Text: "ROLLBACK"}}, nil) // else the connection is given up
		}
	}()
	err = t.update(fn)
	return t.mistaken(err), err
}

// connect gives a connection of a pool.
func (s *Store) connect(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(detach(ctx), s.engine.Wait)
	defer cancel()
	conn, err := pool.Conn(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: no connection is free: %w", store.ErrUnavailable, err)
	}
	return conn, s.failed("connect", err)
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(detach(ctx), s.engine.Wait)
	defer cancel()
	return s.failed("ping", s.engine.Reader.PingContext(ctx))
}

// Pools gives the connections to the database by what they are for, so that they can be counted.
func (s *Store) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"writer": s.engine.Writer, "reader": s.engine.Reader}
}

// Close implements store.Store.
func (s *Store) Close() error {
	if s.writer == nil {
		return errors.Join(s.engine.Reader.Close(), s.engine.Writer.Close()) // of one pool, the second does nothing
	}
	s.writer.calls.Wait()
	err := s.engine.Reader.Close() // first: SQLite tidies up when the last connection ends, and a reader can't
	s.writer.close()
	return errors.Join(err, s.engine.Writer.Close())
}

// failed says what was being done, and marks errors which mean that the engine can't serve now.
func (s *Store) failed(doing string, err error) error {
	if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	switch s.engine.Verdict(err) {
	case Unavailable, Repeat: // whoever can repeat asks for the verdict again; else a client does
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case Busy:
		return fmt.Errorf("%w: %w", store.ErrBusy, err)
	}
	return err
}

// detach keeps a client that hangs up from cutting a statement short: a cancelled write may or may not have happened,
// and a cancelled connection has to be opened anew.
func detach(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
