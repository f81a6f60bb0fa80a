package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// queue lets those through one after the other who change the same thing (CHECKOUT-BUSY): waiting here they take nothing
// that others need, where in the store each would hold a connection of the database. It is no lock: servers that share a
// store have a queue each, and what keeps changes apart is the store.
type queue struct {
	mu      sync.Mutex
	waiting map[string]*turn // by what is changed
}

// turn is who changes a thing now, and who waits for it.
type turn struct {
	place chan struct{} // has one place, taken by who changes it
	users int           // who changes it and who waits; at none the turn is forgotten
}

// queueWait is how long a request waits for its turn.
const queueWait = 8 * time.Second

// errHeld says that others are at work on what a request changes.
var errHeld = errors.New("others are at work on this")

// enter waits for the turn to change a thing, and gives what ends it.
func (q *queue) enter(ctx context.Context, thing string) (leave func(), err error) {
	q.mu.Lock()
	t := q.waiting[thing]
	if t == nil {
		t = &turn{place: make(chan struct{}, 1)}
		if q.waiting == nil {
			q.waiting = make(map[string]*turn)
		}
		q.waiting[thing] = t
	}
	t.users++
	q.mu.Unlock()
	forget := func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(q.waiting, thing)
		}
	}
	leave = func() { <-t.place; forget() }
	select {
	case t.place <- struct{}{}:
		return leave, nil
	default: // others are before
	}
	limit := time.NewTimer(queueWait)
	defer limit.Stop()
	select {
	case t.place <- struct{}{}:
		return leave, nil
	case <-limit.C:
		err = fmt.Errorf("%w: waited %v", errHeld, queueWait)
	case <-ctx.Done(): // nothing was begun, and nobody would hear of it
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
	}
	forget()
	return nil, err
}
