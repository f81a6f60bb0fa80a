// Package faultdb lets a database fail, for tests: it stands between database/sql and a driver, counts the calls that reach
// the driver, and makes the one that a test chose fail, before or after it took effect. It can also send the engine another
// statement than the one that it was given, which is how a test plants a fault in the SQL. And it notes transactions that could
// be broken off.
//
// It owns no rule about what must come of a fault; that is for the tests of the stores and of the server.
package faultdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// ErrFault is what a call fails with that was chosen to. No engine knows it.
var ErrFault = errors.New("faultdb: this call was chosen to fail")

// When says at which moment a call fails.
type When string

// The moments.
const (
	Before When = "before" // it took effect
	After  When = "after"  // it took effect
)

// Faults chooses the calls of a database that fail. The zero value lets all pass.
type Faults struct {
	// Rewrite, if set, gives the statement that is sent in place of one. Hold, if set, is told of each call before it is made,
	// which waits for it. Engine, if set, is an error of the engine's own that the calls fail with which are chosen to. All must
	// be set before the first call.
	Rewrite func(statement string) string
	Hold    func(call string)
	Engine  error

	mu    sync.Mutex
	armed bool
	calls int // since Arm
	nth   int
	when  When
	fits  func(call string) bool
	fired []string
	ends  map[string]bool // calls that bound a transaction, made with a context that may end
}

// Arm lets the nth call from now on fail that fits, counted from 1, or each of them if nth is 0. A call is named by what it
// does: a method of the driver, and its statement if it has one, as in "exec COMMIT". A nil function fits each call.
func (f *Faults) Arm(nth int, when When, fits func(call string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.calls, f.nth, f.when, f.fits, f.fired = true, 0, nth, when, fits, nil
}

// Fired gives the calls that were chosen since Arm.
func (f *Faults) Fired() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.fired)
}

// Disarm lets all calls pass, and gives those that were chosen since Arm.
func (f *Faults) Disarm() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
	return f.fired
}

// fails counts a call, and tells whether and when it is to fail.
func (f *Faults) fails(call string) (When, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.armed || f.fits != nil && !f.fits(call) {
		return "", nil
	}
	if f.calls++; f.nth != 0 && f.calls != f.nth {
		return "", nil
	}
	f.fired = append(f.fired, call)
	err := fmt.Errorf("%w %s it took effect: %s", ErrFault, f.when, call)
	if f.Engine != nil {
		err = fmt.Errorf("%w: %w", err, f.Engine)
	}
	return f.when, err
}

// Breakable gives the calls that begin or end a transaction, or a part of one, and that were made with a context that may end
// before them: with a deadline, or that can be cancelled. What is broken off there may have happened or not. The context that
// database/sql begins a transaction with is also that of its COMMIT.
func (f *Faults) Breakable() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.ends))
}

// bounds notes with what context a call was made that begins or ends a transaction.
func (f *Faults) bounds(ctx context.Context, call string) {
	if _, limited := ctx.Deadline(); !limited && ctx.Done() == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ends == nil {
		f.ends = make(map[string]bool)
	}
	f.ends[call] = true
}

// boundsIf is bounds for a statement, if it begins or ends a transaction.
func (f *Faults) boundsIf(ctx context.Context, statement string) {
	word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
	if slices.Contains([]string{"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"}, strings.ToUpper(word)) {
		f.bounds(ctx, "exec "+statement)
	}
}

func (f *Faults) rewritten(statement string) string {
	if f.Rewrite == nil {
		return statement
	}
	return f.Rewrite(statement)
}

// attempt makes a call that may be chosen to fail. drop lets go of what the driver gave when the caller won't have it.
func attempt[T any](f *Faults, name string, call func() (T, error), drop func(T)) (T, error) {
	var nothing T
	if f.Hold != nil {
		f.Hold(name)
	}
	when, fault := f.fails(name)
	if when == Before {
		return nothing, fault
	}
	result, err := call()
	if err == nil && when == After {
		if drop != nil {
			drop(result)
		}
		return nothing, fault
	}
	return result, err
}

// do is attempt for a call that gives nothing but an error.
func (f *Faults) do(name string, call func() error) error {
	_, err := attempt(f, name, func() (struct{}, error) { return struct{}{}, call() }, nil)
	return err
}

// Wrap gives a connector whose connections the faults are for.
func (f *Faults) Wrap(c driver.Connector) driver.Connector { return connector{c, f} }

type connector struct {
	driver.Connector
	faults *Faults
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	return attempt(c.faults, "connect", func() (driver.Conn, error) {
		inner, err := c.Connector.Connect(ctx)
		if err != nil {
			return nil, err
		}
		return &conn{inner, c.faults}, nil
	}, func(c driver.Conn) { _ = c.Close() })
}
