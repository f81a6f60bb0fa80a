// Package sqlstore keeps documents in a SQL database, with one text of SQL for every engine (statements.go) and one set
// of migrations. It knows no driver: packages like sqlite open their engine and hand it over.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/cartwright-dev/cartwright/server/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Engine is an opened database and what differs between engines.
type Engine struct {
	Writer  *sql.DB // for transactions that write
	Reader  *sql.DB // for single statements that read
	Dialect goose.Dialect
	// Unavailable tells whether an error means that the engine can't serve now.
	Unavailable func(error) bool
}

// Store is a store.Store on a SQL database.
type Store struct{ engine Engine }

// New brings the database up to date and gives a store on it, which closes the engine at its end.
func New(ctx context.Context, engine Engine) (*Store, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(engine.Dialect, engine.Writer, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	if err := refuseUnreleased(ctx, provider, engine); err != nil {
		return nil, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	return &Store{engine}, nil
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

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key store.Key) (store.Document, error) {
	row := s.engine.Reader.QueryRowContext(detach(ctx), statements[key.Kind].get, key.CustomerID, key.ID)
	d, err := scan(row, key)
	return d, s.failed("read a document", err)
}

// OrderOf implements store.Store.
func (s *Store) OrderOf(ctx context.Context, customerID, subscriptionID string) (store.Key, error) {
	key := store.Key{Kind: store.Order, CustomerID: customerID}
	err := s.engine.Reader.QueryRowContext(detach(ctx), orderOf, customerID, subscriptionID).Scan(&key.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Key{}, store.ErrNotFound
	}
	return key, s.failed("find an order", err)
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	ctx = detach(ctx)
	begun, err := s.engine.Writer.BeginTx(ctx, nil)
	if err != nil {
		return s.failed("begin", err)
	}
	defer begun.Rollback() // does nothing after a commit
	if err := fn(&tx{ctx, begun, s}); err != nil {
		return err
	}
	return s.failed("commit", begun.Commit())
}

// Orders implements store.Store.
func (s *Store) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return s.pages(detach(ctx), s.engine.Reader, customerID)
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	return s.failed("ping", s.engine.Reader.PingContext(ctx))
}

// Close implements store.Store.
func (s *Store) Close() error { return errors.Join(s.engine.Reader.Close(), s.engine.Writer.Close()) }

// failed says what was being done, and marks errors which mean that the engine can't serve now.
func (s *Store) failed(doing string, err error) error {
	switch {
	case err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists):
		return err
	case s.engine.Unavailable(err):
		return fmt.Errorf("%w: %s: %w", store.ErrUnavailable, doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// scan reads a row of a statement: id, creation, cart, group, body.
func scan(row interface{ Scan(...any) error }, key store.Key) (store.Document, error) {
	d := store.Document{Key: key}
	var created int64
	err := row.Scan(&d.ID, &created, &d.CartID, &d.OrderGroup, &d.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Document{}, store.ErrNotFound
	}
	d.CreatedAt = time.UnixMicro(created).UTC()
	return d, err
}

// detach keeps a client that hangs up from cutting a statement short: a cancelled write may or may not have happened,
// and a cancelled connection has to be opened anew.
func detach(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
