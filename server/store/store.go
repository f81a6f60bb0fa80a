// Package store is the contract between the server and whatever keeps its documents: carts, and orders with their
// subscriptions.
//
// A store keeps opaque JSON under a key and changes it by function: the caller's rule runs inside the store's
// transaction, so no rule lives in a store and none can be torn. The words MUST and MAY in the comments below are the
// contract; package storetest holds every implementation to it:
//
//	memory    in this process, for tests
//	sqlstore  the SQL text that all engines share; knows no driver
//	sqlite    one durable file, the binary's default
//	postgres  a database that several servers share
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Errors of a store; found with errors.Is.
var (
	// ErrNotFound says that the customer has no document of this key.
	ErrNotFound = errors.New("store: no such document")
	// ErrExists says that a document to insert has the id of another one of its kind, of whatever customer.
	ErrExists = errors.New("store: id exists already")
	// ErrUnavailable says that the store can't serve now, and that nothing was changed by this call or nobody can tell.
	ErrUnavailable = errors.New("store: not available")
	// ErrBusy says that other updates held what an update needs for longer than the store waits. Nothing was changed.
	ErrBusy = errors.New("store: busy")
)

// ExistsError is ErrExists, with the key of the document that was to be inserted, or whose subscriptions were.
type ExistsError struct{ Key Key }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%v: %s %s", ErrExists, e.Key.Kind, e.Key.ID)
}

// Is reports whether the error is another one: it is ErrExists.
func (e *ExistsError) Is(target error) bool { return target == ErrExists }

// Kind says what a document is.
type Kind string

// The kinds of documents.
const (
	Cart    Kind = "cart"
	Order   Kind = "order"
	Setting Kind = "setting" // of the server, of no customer
)

// Key names a document. A document belongs to its customer and does not exist for any other (HTTP-TENANT).
type Key struct {
	Kind       Kind
	CustomerID string
	ID         string
}

// Document is what a store keeps under a key.
type Document struct {
	Key
	CreatedAt time.Time // UTC, whole microseconds
	// CartID and OrderGroup say which cart and group an order was placed for. They are empty for a cart, and for an
	// order that was not placed by a checkout. A store MUST refuse a second order of one cart and group, with an error
	// that is none of the above: only a fault of the program can get that far.
	CartID     string
	OrderGroup string
	// Subscriptions are the ids of an order's subscriptions, by which the order is found too. An order and its
	// subscriptions are one document. They are given to Insert and AddSubscriptions; a document that is read has none.
	Subscriptions []string
	Body          []byte // valid UTF-8 without NUL; nobody may modify it once it was passed on
}

// Request names a request that has an id of its client's (HTTP-IDEMPOTENCY).
type Request struct {
	CustomerID string
	Operation  string
	Resource   string // what the operation changes; empty for what it makes
	ID         string
}

// Store keeps documents. All methods MAY be called by many goroutines at once.
type Store interface {
	// Get gives a document, or ErrNotFound. It MUST see every change whose Update has returned.
	Get(ctx context.Context, key Key) (Document, error)

	// OrderOf gives the key of the order that has this subscription, or ErrNotFound.
	OrderOf(ctx context.Context, customerID, subscriptionID string) (Key, error)

	// Update runs fn and makes the changes that fn makes through its Tx. It MUST be one transaction:
	//
	//   - when fn fails, Update MUST return its error as it is and change nothing;
	//   - when Update returns nil, the changes MUST be as durable as the store can make them;
	//   - it MUST NOT be cut short by the cancellation of ctx once it has begun: a client that hangs up does not tear
	//     what it asked for;
	//   - it MUST NOT wait for ever: ErrBusy where other updates hold a document or lock that it needs, ErrUnavailable where
	//     the store has no room for it.
	//
	// fn MAY run more than once, and only what its last run did counts. It must not call the store, and must pass on the
	// errors that the Tx gives it.
	Update(ctx context.Context, fn func(Tx) error) error

	// Orders goes through the orders of a customer, newest first, those of one instant by descending id. It MUST give
	// each order that was stored before the call once, and MUST need no more memory for many than for few. It MAY give
	// orders that are stored meanwhile. After an error it ends.
	Orders(ctx context.Context, customerID string) iter.Seq2[Document, error]

	// All goes through the carts or orders of a customer, or of all customers where customerID is empty, as Orders does.
	All(ctx context.Context, kind Kind, customerID string) iter.Seq2[Document, error]

	// Ping tells whether the store can serve now.
	Ping(ctx context.Context) error

	// Close ends the store, after the calls that are under way. No method may be called after it.
	Close() error
}

// Tx is an update under way. It sees its own changes. It is for one goroutine, and of no use after fn has returned.
//
// What changes something MAY be done later: then a later call, or Update, tells of its error.
//
// Recall, Lock and Get wait for other updates. Where an update needs several of them, all updates MUST take them in the
// same order: a request, then locks, then carts, then orders, then settings.
type Tx interface {
	// Recall gives what an earlier update remembered of a request at this instant or later, or nil. Of updates that recall a
	// request at once, one ends after the other: each sees what those before it remembered, if only when fn is run again. An
	// update recalls one request at most.
	Recall(r Request, since time.Time) ([]byte, error)

	// Remember keeps an answer to a request that Recall was asked for: opaque, not empty, and given in parts, which follow
	// each other. Nobody may modify them once they were passed on.
	Remember(r Request, at time.Time, answer ...[]byte) error

	// Forget lets go of some of the requests that were remembered before an instant, the oldest first. It comes last.
	Forget(before time.Time, limit int) error

	// Lock waits until no other update holds the lock of this name, and holds it until this one ends.
	Lock(name string) error

	// Get gives a document, or nil where the customer has none of this key. From then on until this update ends no other
	// Get of an update gives the document.
	Get(key Key) (*Document, error)

	// Read gives a document as it is now, or nil, and keeps nobody from changing it.
	Read(key Key) (*Document, error)

	// Put replaces the body of a document that Get gave.
	Put(key Key, body []byte) error

	// Insert adds a document; an ExistsError where the id is taken. A cart comes before its orders.
	Insert(d Document) error

	// AddSubscriptions adds ids by which an order that Get gave is found too.
	AddSubscriptions(order Key, ids ...string) error

	// Orders goes through the orders of a customer, as Store.Orders does.
	Orders(customerID string) iter.Seq2[Document, error]

	// Clear removes all carts, orders, subscriptions and remembered requests of a customer, or of all customers where
	// customerID is empty.
	Clear(customerID string) error

	// CountCustomers tells how many customers have orders.
	CountCustomers() (int, error)
}
