package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cartwright-dev/cartwright/server/store"
)

// queue lets those through one after the other who change the same thing (CHECKOUT-BUSY): waiting here they take nothing
// that others need, where in the store each would hold a connection of the database. It is no lock: servers that share a
// store have a queue each, and what keeps changes apart is the store.
type queue struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // who waits, the first first, by what somebody changes now
}

// queueWait is how long a request waits for its turn.
const queueWait = 8 * time.Second

// errHeld says that others are at work on what a request changes.
var errHeld = errors.New("others are at work on this")

// enter waits for the turn to change a thing, which leave ends.
func (q *queue) enter(ctx context.Context, thing string) error {
	turn := q.wait(thing)
	if turn == nil {
		return nil
	}
	limit := time.NewTimer(queueWait)
	defer limit.Stop()
	var err error
	select {
	case <-turn:
		return nil
	case <-limit.C:
		err = fmt.Errorf("%w: waited %v", errHeld, queueWait)
	case <-ctx.Done(): // nothing was begun, and nobody would hear of it
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
	}
	q.giveUp(thing, turn)
	return err
}

// wait gives what is closed when the turn has come; nil where that is now.
func (q *queue) wait(thing string) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	others, busy := q.waiting[thing]
	if !busy {
		put(&q.waiting, thing, nil)
		return nil
	}
	turn := make(chan struct{})
	q.waiting[thing] = append(others, turn)
	return turn
}

// leave gives the turn to who waits longest.
func (q *queue) leave(thing string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	others := q.waiting[thing]
	if len(others) == 0 {
		delete(q.waiting, thing)
		return
	}
	close(others[0])
	q.waiting[thing] = others[1:]
}

// giveUp takes back who waits; the turn goes on to others where it came just now.
func (q *queue) giveUp(thing string, turn chan struct{}) {
	q.mu.Lock()
	i := slices.Index(q.waiting[thing], turn)
	if i >= 0 {
		q.waiting[thing] = slices.Delete(q.waiting[thing], i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		q.leave(thing)
	}
}
