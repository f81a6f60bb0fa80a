package server

import (
	"context"
	"errors"
	"sync"
)

// changes tells those who watch the stub that something has happened.
type changes struct {
	mu   sync.Mutex
	seen happenings
	wake chan struct{} // closed when something happens; nil while nobody waits
	over bool          // the server stops, and nobody is to watch any more
}

// happenings counts what has happened.
type happenings struct {
	all     int64 // requests that were answered, and calls of test control
	control int64 // calls of test control that changed something
}

// happened notes that a request was answered, or that test control has changed something.
func (c *changes) happened(byControl bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.all++
	if byControl {
		c.seen.control++
	}
	if c.wake != nil {
		close(c.wake)
		c.wake = nil
	}
}

// end sends away those who watch.
func (c *changes) end() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.happened(false)
}

var errOver = errors.New("the server stops")

// wait returns when more has happened than what is known already.
func (c *changes) wait(ctx context.Context, known happenings) (happenings, error) {
	c.mu.Lock()
	seen := c.seen
	if c.over {
		c.mu.Unlock()
		return seen, errOver
	}
	if c.wake == nil {
		c.wake = make(chan struct{})
	}
	wake := c.wake
	c.mu.Unlock()
	if seen != known {
		return seen, nil
	}
	select {
	case <-wake:
		return c.wait(ctx, known)
	case <-ctx.Done():
		return known, ctx.Err()
	}
}

// now gives what has happened so far.
func (c *changes) now() happenings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}
