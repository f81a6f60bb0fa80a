package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// database is what statements are run on: a pool, a connection or a transaction of database/sql.
type database interface {
	ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, statement string, args ...any) *sql.Row
}

// tx is an update under way, in a transaction of the engine.
type tx struct {
	ctx   context.Context // of the one call of Update in which the tx lives
	db    database
	store *Store

	conn    *sql.Conn // that db is of, where it is a Batcher; else nil, and nothing is pending
	pending []write   // in the order in which they are to be run
}

// Recall implements store.Tx.
func (t *tx) Recall(r store.Request, since time.Time) ([]byte, error) {
	var at int64
	var answer []byte
	statement := claimRequest
	if t.store.engine.OneWriter {
		statement = readRequest
	}
	err := t.row(statement, []any{r.CustomerID, r.Operation, r.Resource, r.ID}, &at, &answer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil || len(answer) == 0 || at < since.UnixMicro() {
		return nil, t.store.failed("recall a request", err)
	}
	return answer, nil
}

// Remember implements store.Tx.
func (t *tx) Remember(r store.Request, at time.Time, answer ...[]byte) error {
	var whole strings.Builder
	for _, part := range answer {
		whole.Write(part)
	}
	return t.write("remember a request", nil,
		answerRequest, r.CustomerID, r.Operation, r.Resource, r.ID, at.UnixMicro(), whole.String())
}

// Forget implements store.Tx.
func (t *tx) Forget(before time.Time, limit int) error {
	return t.write("forget requests", nil, forgetRequests, before.UnixMicro(), limit)
}

// Lock implements store.Tx.
func (t *tx) Lock(name string) error {
	if t.store.engine.OneWriter {
		return nil
	}
	if err := t.write("lock", nil, lockName, name); err != nil {
		return err
	}
	return t.flush() // which waits for the lock
}

// Get implements store.Tx.
func (t *tx) Get(key store.Key) (*store.Document, error) {
	if t.store.engine.OneWriter {
		return t.Read(key)
	}
	return t.document(text[key.Kind].lock, key)
}

// Read implements store.Tx.
func (t *tx) Read(key store.Key) (*store.Document, error) {
	return t.document(text[key.Kind].get, key)
}

func (t *tx) document(statement string, key store.Key) (*store.Document, error) {
	d, err := t.store.document(t.row, statement, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d, nil
}

// Put implements store.Tx.
func (t *tx) Put(key store.Key, body []byte) error {
	return t.write("put a document", store.ErrNotFound, text[key.Kind].put, key.CustomerID, key.ID, string(body))
}

// Insert implements store.Tx. An id that exists adds nothing; a second order of one group is the engine's own error.
func (t *tx) Insert(d store.Document) error {
	args := []any{d.ID, d.CustomerID, d.CreatedAt.UnixMicro(), string(d.Body)}
	if d.Kind == store.Order {
		args = append(args, orNull(d.CartID), orNull(d.OrderGroup))
	}
	if err := t.write("insert a document", &store.ExistsError{Key: d.Key}, text[d.Kind].insert, args...); err != nil {
		return err
	}
	return t.AddSubscriptions(d.Key, d.Subscriptions...)
}

// AddSubscriptions implements store.Tx.
func (t *tx) AddSubscriptions(order store.Key, ids ...string) error {
	for _, id := range ids {
		if err := t.write("add a subscription", &store.ExistsError{Key: order}, addSubscription, id, order.CustomerID, order.ID); err != nil {
			return err
		}
	}
	return nil
}

// Orders implements store.Tx.
func (t *tx) Orders(customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		if err := t.flush(); err != nil {
			yield(store.Document{}, err)
			return
		}
		t.store.pages(t.ctx, t.db, customerID)(yield)
	}
}

// Clear implements store.Tx.
func (t *tx) Clear(customerID string) error {
	for _, statement := range clearing {
		if err := t.write("clear", nil, statement, customerID); err != nil {
			return err
		}
	}
	return nil
}

// CountCustomers implements store.Tx.
func (t *tx) CountCustomers() (n int, err error) {
	err = t.row(countCustomers, nil, &n)
	return n, t.store.failed("count customers", err)
}

func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// document reads the one document that a statement gives for a key; ErrNotFound where it gives none.
func (s *Store) document(row func(statement string, args []any, into ...any) error, statement string, key store.Key) (store.Document, error) {
	d := store.Document{Key: key}
	var created int64
	err := row(statement, []any{key.CustomerID, key.ID}, &d.ID, &created, &d.CartID, &d.OrderGroup, &d.Body)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	d.CreatedAt = time.UnixMicro(created).UTC()
	return d, s.failed("read a document", err)
}

// row runs a statement that gives one row.
func (s *Store) row(ctx context.Context, db database, statement string, args []any, into ...any) error {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	return db.QueryRowContext(ctx, statement, args...).Scan(into...)
}

// pageSize is how many orders are read at a time: the rows of a page are in memory, and no connection is held while the
// caller works.
const pageSize = 200

// pages goes through the orders of a customer, newest first, page by page.
func (s *Store) pages(ctx context.Context, db database, customerID string) iter.Seq2[store.Document, error] {
	return s.through(func(before int64, id string) ([]store.Document, error) {
		return s.page(ctx, db, listOrders, store.Key{Kind: store.Order, CustomerID: customerID}, customerID, before, id, pageSize)
	})
}

// All implements store.Store.
func (s *Store) All(ctx context.Context, kind store.Kind, customerID string) iter.Seq2[store.Document, error] {
	statement := listAllOrders
	if kind == store.Cart {
		statement = listAllCarts
	}
	return s.through(func(before int64, id string) ([]store.Document, error) {
		return s.page(detach(ctx), s.reader, statement, store.Key{Kind: kind}, before, id, pageSize, customerID)
	})
}

// through goes through documents page by page. read gives those that were created before an instant, or at it with a
// smaller id.
func (s *Store) through(read func(before int64, id string) ([]store.Document, error)) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		before, id := int64(math.MaxInt64), ""
		for {
			page, err := read(before, id)
			if err != nil {
				yield(store.Document{}, s.failed("list documents", err))
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

// page reads a page. Where the key has no customer, the statement gives it.
func (s *Store) page(ctx context.Context, db database, statement string, key store.Key, args ...any) ([]store.Document, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []store.Document
	for rows.Next() {
		d := store.Document{Key: key}
		var created int64
		into := []any{&d.ID, &created, &d.CartID, &d.OrderGroup, &d.Body}
		if key.CustomerID == "" {
			into = append(into, &d.CustomerID)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		d.CreatedAt = time.UnixMicro(created).UTC()
		page = append(page, d)
	}
	return page, rows.Err()
}
