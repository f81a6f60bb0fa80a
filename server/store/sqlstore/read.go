package sqlstore

import (
	"context"
	"iter"
	"math"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// query runs a statement and gives each row: on a connection of its own, or in an update.
type query func(doing, statement string, args []any, each func(Scan) error) error

// reading gives the query with connections of its own.
func (s *Store) reading(ctx context.Context) query {
	return func(doing, statement string, args []any, each func(Scan) error) error {
		conn, err := s.connect(ctx, s.engine.Reader)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // gives it back
		_, err = batch(conn, []Statement{{statement, args}}, each)
		return s.failed(doing, err)
	}
}

// row runs a statement that gives one row or none.
func (q query) row(doing, statement string, args []any, into ...any) (found bool, err error) {
	err = q(doing, statement, args, func(scan Scan) error {
		found = true
		return scan(into...)
	})
	return found, err
}

// document reads the document of a key.
func (q query) document(statement string, key store.Key) (d store.Document, found bool, err error) {
	d.Key = key
	var created int64
	into := []any{&created, &d.Body}
	if key.Kind == store.Order {
		into = append(into, &d.CartID, &d.OrderGroup)
	}
	found, err = q.row("read a document", statement, []any{key.CustomerID, key.ID}, into...)
	d.CreatedAt = time.UnixMicro(created).UTC()
	return d, found, err
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key store.Key) (store.Document, error) {
	d, found, err := s.reading(ctx).document(text[key.Kind].get, key)
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return d, err
}

// OrderOf implements store.Store.
func (s *Store) OrderOf(ctx context.Context, customerID, subscriptionID string) (store.Key, error) {
	key := store.Key{Kind: store.Order, CustomerID: customerID}
	found, err := s.reading(ctx).row("find an order", orderOf, []any{customerID, subscriptionID}, &key.ID)
	if err == nil && !found {
		return store.Key{}, store.ErrNotFound
	}
	return key, err
}

// Orders implements store.Store.
func (s *Store) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return s.reading(ctx).orders(customerID)
}

// orders goes through the orders of a customer, newest first, page by page.
func (q query) orders(customerID string) iter.Seq2[store.Document, error] {
	return through(func(before int64, id string) ([]store.Document, error) {
		return q.page(listOrders, store.Key{Kind: store.Order, CustomerID: customerID}, customerID, before, id, pageSize)
	})
}

// All implements store.Store.
func (s *Store) All(ctx context.Context, kind store.Kind, customerID string) iter.Seq2[store.Document, error] {
	statement := listAllOrders
	if kind == store.Cart {
		statement = listAllCarts
	}
	return through(func(before int64, id string) ([]store.Document, error) {
		return s.reading(ctx).page(statement, store.Key{Kind: kind}, before, id, pageSize, customerID)
	})
}

// pageSize is how many documents are read at a time: the rows of a page are in memory, and no connection is held while the
// caller works.
const pageSize = int64(200)

// through goes through documents page by page. read gives those that were created before an instant, or at it with a
// smaller id.
func through(read func(before int64, id string) ([]store.Document, error)) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		before, id := int64(math.MaxInt64), ""
		for {
			page, err := read(before, id)
			if err != nil {
				yield(store.Document{}, err)
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
			if len(page) < int(pageSize) {
				return
			}
			last := page[len(page)-1]
			before, id = last.CreatedAt.UnixMicro(), last.ID
		}
	}
}

// page reads a page. Where the key has no customer, the statement gives it.
func (q query) page(statement string, key store.Key, args ...any) (page []store.Document, err error) {
	err = q("list documents", statement, args, func(scan Scan) error {
		d := store.Document{Key: key}
		var created int64
		into := []any{&d.ID, &created, &d.CartID, &d.OrderGroup, &d.Body}
		if key.CustomerID == "" {
			into = append(into, &d.CustomerID)
		}
		if err := scan(into...); err != nil {
			return err
		}
		d.CreatedAt = time.UnixMicro(created).UTC()
		page = append(page, d)
		return nil
	})
	return page, err
}
