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
	"math"
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
	if _, err := provider.Up(ctx); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	return &Store{engine}, nil
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key store.Key) (store.Document, error) {
	row := s.engine.Reader.QueryRowContext(detach(ctx), statements[key.Kind].get, key.CustomerID, key.ID)
	d, err := scan(row, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return d, s.failed("read a document", err)
	}
	return d, err
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, key store.Key, fn func(*store.Document) (store.Change, error)) error {
	ctx = detach(ctx)
	tx, err := s.engine.Writer.BeginTx(ctx, nil)
	if err != nil {
		return s.failed("begin", err)
	}
	defer tx.Rollback() // does nothing after a commit

	var old *store.Document
	if key != (store.Key{}) {
		d, err := scan(tx.QueryRowContext(ctx, statements[key.Kind].lock, key.CustomerID, key.ID), key)
		switch {
		case err == nil:
			old = &d
		case !errors.Is(err, store.ErrNotFound):
			return s.failed("lock a document", err)
		}
	}
	change, err := fn(old)
	if err != nil {
		return err
	}
	if old != nil && change.Body != nil {
		if _, err := tx.ExecContext(ctx, statements[key.Kind].update, key.CustomerID, key.ID, string(change.Body)); err != nil {
			return s.failed("update a document", err)
		}
	}
	for _, d := range change.Insert {
		if err := insert(ctx, tx, d); err != nil {
			return s.failed("insert a document", err)
		}
	}
	return s.failed("commit", tx.Commit())
}

// insert adds a document. An id that exists adds nothing and is ErrExists; a second order of one group is the engine's
// own error.
func insert(ctx context.Context, tx *sql.Tx, d store.Document) error {
	args := []any{d.ID, d.CustomerID, d.CreatedAt.UnixMicro(), string(d.Body)}
	if d.Kind == store.Order {
		args = append(args, orNull(d.CartID), orNull(d.OrderGroup))
	}
	result, err := tx.ExecContext(ctx, statements[d.Kind].insert, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return store.ErrExists
}

func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// pageSize is how many orders are read at a time: the rows of a page are in memory, and no connection is held while the
// caller works.
const pageSize = 200

// Orders implements store.Store.
func (s *Store) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		before, id := int64(math.MaxInt64), ""
		for {
			page, err := s.orders(ctx, customerID, before, id)
			if err != nil {
				yield(store.Document{}, s.failed("list orders", err))
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			last := page[len(page)-1]
			before, id = last.CreatedAt.UnixMicro(), last.ID
		}
	}
}

// orders reads the page of orders that were created before an instant, or at it with a smaller id.
func (s *Store) orders(ctx context.Context, customerID string, before int64, id string) ([]store.Document, error) {
	rows, err := s.engine.Reader.QueryContext(detach(ctx), listOrders, customerID, before, id, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []store.Document
	for rows.Next() {
		key := store.Key{Kind: store.Order, CustomerID: customerID}
		d, err := scan(rows, key)
		if err != nil {
			return nil, err
		}
		page = append(page, d)
	}
	return page, rows.Err()
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
	case err == nil || errors.Is(err, store.ErrExists):
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
