package sqlstore

import (
	"database/sql"
	"iter"
	"slices"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// tx is an update under way, in a transaction of the engine.
type tx struct {
	store   *Store
	conn    *sql.Conn
	begun   bool        // the transaction, or else the first statements begin it
	pending []step      // in the order in which they are to be run
	wrote   bool        // something that was pending is in the transaction, or may be
	given   []store.Key // of documents that Get gave: they stay until the transaction ends
}

// Recall implements store.Tx.
func (t *tx) Recall(r store.Request, since time.Time) ([]byte, error) {
	var at int64
	var answer []byte
	statement := claimRequest
	if t.store.engine.OneWriter {
		statement = readRequest
	}
	_, err := t.row("recall a request", statement, keyOf(r), &at, &answer)
	if err != nil || len(answer) == 0 || at < since.UnixMicro() {
		return nil, err
	}
	return answer, nil
}

// Remember implements store.Tx.
func (t *tx) Remember(r store.Request, at time.Time, answer []byte) error {
	return t.write(step{
		Statement: Statement{answerRequest, append(keyOf(r), at.UnixMicro(), string(answer))}, doing: "remember a request",
	})
}

func keyOf(r store.Request) []any { return []any{r.CustomerID, r.Operation, r.Resource, r.ID} }

// Forget implements store.Tx.
func (t *tx) Forget(before time.Time, limit int) error {
	return t.write(step{Statement: Statement{forgetRequests, []any{before.UnixMicro(), int64(limit)}}, doing: "forget requests"})
}

// Lock implements store.Tx.
func (t *tx) Lock(name string) error {
	if t.store.engine.OneWriter {
		return nil
	}
	if err := t.write(step{Statement: Statement{lockName, []any{name}}, doing: "lock"}); err != nil {
		return err
	}
	return t.flush() // which waits for the lock
}

// Get implements store.Tx.
func (t *tx) Get(key store.Key) (*store.Document, error) {
	statement := text[key.Kind].lock
	if t.store.engine.OneWriter {
		statement = text[key.Kind].get
	}
	d, err := t.document(statement, key)
	if d != nil {
		t.given = append(t.given, key)
	}
	return d, err
}

// Read implements store.Tx.
func (t *tx) Read(key store.Key) (*store.Document, error) { return t.document(text[key.Kind].get, key) }

func (t *tx) document(statement string, key store.Key) (*store.Document, error) {
	d, found, err := readDocument(t.row, statement, key)
	if err != nil || !found {
		return nil, err
	}
	return &d, nil
}

// Put implements store.Tx.
func (t *tx) Put(key store.Key, body []byte) error {
	put := step{Statement: Statement{text[key.Kind].put, []any{key.CustomerID, key.ID, string(body)}}, doing: "put a document"}
	if !slices.Contains(t.given, key) {
		put.none = store.ErrNotFound
	}
	return t.write(put)
}

// Insert implements store.Tx. A second order of one group is the engine's own error.
func (t *tx) Insert(d store.Document) error {
	args := []any{d.ID, d.CustomerID, d.CreatedAt.UnixMicro(), string(d.Body)}
	if d.Kind == store.Order {
		args = append(args, orNull(d.CartID), orNull(d.OrderGroup))
	}
	insert := step{Statement: Statement{text[d.Kind].insert, args}, doing: "insert a document", exists: &store.ExistsError{Key: d.Key}}
	if err := t.write(insert); err != nil {
		return err
	}
	return t.AddSubscriptions(d.Key, d.Subscriptions...)
}

// AddSubscriptions implements store.Tx.
func (t *tx) AddSubscriptions(order store.Key, ids ...string) error {
	for _, id := range ids {
		add := Statement{addSubscription, []any{id, order.CustomerID, order.ID}}
		if err := t.write(step{Statement: add, doing: "add a subscription", exists: &store.ExistsError{Key: order}}); err != nil {
			return err
		}
	}
	return nil
}

// Orders implements store.Tx.
func (t *tx) Orders(customerID string) iter.Seq2[store.Document, error] {
	return orders(t.rows, customerID)
}

// Clear implements store.Tx.
func (t *tx) Clear(customerID string) error {
	t.given = nil
	for _, statement := range clearing {
		if err := t.write(step{Statement: Statement{statement, []any{customerID}}, doing: "clear"}); err != nil {
			return err
		}
	}
	return nil
}

// CountCustomers implements store.Tx.
func (t *tx) CountCustomers() (n int, err error) {
	_, err = t.row("count customers", countCustomers, nil, &n)
	return n, err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
