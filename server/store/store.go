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
package store

import (
	"context"
	"errors"
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
)

// Kind says what a document is.
type Kind string

// The kinds of documents.
const (
	Cart  Kind = "cart"
	Order Kind = "order"
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
	Body       []byte // valid UTF-8 without NUL; nobody may modify it once it was passed on
}

// Change is what an update does to the store, all of it or nothing.
type Change struct {
	Body   []byte     // the new body of the document that is updated; nil leaves it as it is
	Insert []Document // new documents, of the same customer; carts before their orders
}

// Store keeps documents. All methods MAY be called by many goroutines at once.
type Store interface {
	// Get gives a document, or ErrNotFound. It MUST see every change whose Update has returned.
	Get(ctx context.Context, key Key) (Document, error)

	// Update runs fn with the document of this key and makes the change that fn returns. It MUST be one transaction:
	//
	//   - fn gets nil where there is no such document, and for the zero Key, which locks nothing;
	//   - from before fn reads the document until the end no other Update of the same key may run its fn;
	//   - when fn fails, Update MUST return its error as it is and change nothing;
	//   - when Update returns nil, the change MUST be as durable as the store can make it;
	//   - it MUST NOT be cut short by the cancellation of ctx once it has begun: a client that hangs up does not tear
	//     what it asked for.
	//
	// fn MAY run more than once, and only what its last run returned counts. It must not call the store.
	Update(ctx context.Context, key Key, fn func(old *Document) (Change, error)) error

	// Orders goes through the orders of a customer, newest first, those of one instant by descending id. It MUST give
	// each order that was stored before the call once, and MUST need no more memory for many than for few. It MAY give
	// orders that are stored meanwhile. After an error it ends.
	Orders(ctx context.Context, customerID string) iter.Seq2[Document, error]

	// Ping tells whether the store can serve now.
	Ping(ctx context.Context) error

	// Close ends the store, after the calls that are under way. No method may be called after it.
	Close() error
}
