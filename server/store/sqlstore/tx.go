package sqlstore

import (
	"database/sql"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// tx is an update under way, in a transaction of the engine.
type tx struct {
	store   *Store
	conn    *sql.Conn
	begun   bool        // the transaction, or else the first statements begin it
	pending []step      // in the order in which they are to be run
	given   []store.Key // of documents that Get gave: they are there until the transaction ends
	undo    bool        // the transaction may have something of it
	err     error       // of the engine, the first one: nothing is run after it

	presume bool  // that a request is new, until the engine says that it is not
	claim   *step // still to be run: it makes the row of a request that is presumed to be new, and fails where there is one
}

// errKnown says that a request is not as new as was presumed.
var errKnown = errors.New("sqlstore: the request is known")

// mistaken tells whether an update that gave an error has to be run again without presuming anything. There is nothing to undo
// of it then: what fails is its first write.
func (t *tx) mistaken(err error) bool {
	return errors.Is(t.err, errKnown) || err != nil && t.err == nil && t.claim != nil
}

// Recall implements store.Tx. A request of which this process has not heard is presumed to be new: the row that it is given
// with the first writes fails where there is one already, and then the update is run again.
func (t *tx) Recall(r store.Request, since time.Time) ([]byte, error) {
	if t.presume && !t.undo && !t.store.requests.heard(r) {
		t.claim = &step{Statement: Statement{claimNewRequest, append(keyOf(r), int64(0), "")}, doing: "recall a request", exists: errKnown}
		return nil, nil
	}
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
func (t *tx) Remember(r store.Request, at time.Time, answer ...[]byte) error {
	var whole strings.Builder
	for _, part := range answer {
		whole.Write(part)
	}
	args := append(keyOf(r), at.UnixMicro(), whole.String())
	if t.claim != nil {
		t.claim.Args = args
		return nil
	}
	return t.write(step{Statement: Statement{answerRequest, args}, doing: "remember a request"})
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
	d, found, err := query(t.query).document(statement, key)
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
	return query(t.query).orders(customerID)
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
