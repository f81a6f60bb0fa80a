package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"

	"github.com/cartwright-dev/cartwright/server/store"
)

// tx is an update under way, in a transaction of the engine.
type tx struct {
	ctx   context.Context // of the one call of Update in which the tx lives
	tx    *sql.Tx
	store *Store
}

// Lock implements store.Tx.
func (t *tx) Lock(name string) error {
	_, err := t.tx.ExecContext(t.ctx, lockName, name)
	return t.store.failed("lock", err)
}

// Get implements store.Tx.
func (t *tx) Get(key store.Key) (*store.Document, error) {
	d, err := scan(t.tx.QueryRowContext(t.ctx, statements[key.Kind].lock, key.CustomerID, key.ID), key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &d, t.store.failed("lock a document", err)
}

// Put implements store.Tx.
func (t *tx) Put(key store.Key, body []byte) error {
	n, err := t.exec(statements[key.Kind].put, key.CustomerID, key.ID, string(body))
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return t.store.failed("put a document", err)
}

// Insert implements store.Tx. An id that exists adds nothing; a second order of one group is the engine's own error.
func (t *tx) Insert(d store.Document) error {
	args := []any{d.ID, d.CustomerID, d.CreatedAt.UnixMicro(), string(d.Body)}
	if d.Kind == store.Order {
		args = append(args, orNull(d.CartID), orNull(d.OrderGroup))
	}
	n, err := t.exec(statements[d.Kind].insert, args...)
	if err == nil && n == 0 {
		err = store.ErrExists
	}
	if err != nil {
		return t.store.failed("insert a document", err)
	}
	return t.AddSubscriptions(d.Key, d.Subscriptions...)
}

// AddSubscriptions implements store.Tx.
func (t *tx) AddSubscriptions(order store.Key, ids ...string) error {
	for _, id := range ids {
		n, err := t.exec(addSubscription, id, order.CustomerID, order.ID)
		if err == nil && n == 0 {
			err = store.ErrExists
		}
		if err != nil {
			return t.store.failed("add a subscription", err)
		}
	}
	return nil
}

// Orders implements store.Tx.
func (t *tx) Orders(customerID string) iter.Seq2[store.Document, error] {
	return t.store.pages(t.ctx, t.tx, customerID)
}

// CountCustomers implements store.Tx.
func (t *tx) CountCustomers() (n int, err error) {
	err = t.tx.QueryRowContext(t.ctx, countCustomers).Scan(&n)
	return n, t.store.failed("count customers", err)
}

func (t *tx) exec(statement string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(t.ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// pageSize is how many orders are read at a time: the rows of a page are in memory, and no connection is held while the
// caller works.
const pageSize = 200

// querier is a pool, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// pages goes through the orders of a customer, newest first, page by page.
func (s *Store) pages(ctx context.Context, q querier, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		before, id := int64(math.MaxInt64), ""
		for {
			page, err := readPage(ctx, q, customerID, before, id)
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

// readPage reads the orders that were created before an instant, or at it with a smaller id.
func readPage(ctx context.Context, q querier, customerID string, before int64, id string) ([]store.Document, error) {
	rows, err := q.QueryContext(ctx, listOrders, customerID, before, id, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []store.Document
	for rows.Next() {
		d, err := scan(rows, store.Key{Kind: store.Order, CustomerID: customerID})
		if err != nil {
			return nil, err
		}
		page = append(page, d)
	}
	return page, rows.Err()
}
