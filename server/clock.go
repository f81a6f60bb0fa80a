package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/store"
)

// clock is the stub's time: that of Options.Clock, moved ahead. How far it was moved lies in the store, so that servers on
// one store agree, and is known here for a moment: not every request asks the store. Whoever moves the clock returns when
// that moment is over for all servers.
type clock struct {
	base   func() time.Time
	store  store.Store
	offset atomic.Int64 // a time.Duration
	read   atomic.Int64 // when the offset was read: the time since started
}

// clockMemory is how long a server goes by an offset that it has read.
const clockMemory = 100 * time.Millisecond

var clockKey = store.Key{Kind: store.Setting, ID: "clock"}

// clockState is the document of the clock.
type clockState struct {
	Offset time.Duration `json:"offset"`
}

var started = time.Now() //nolint:forbidigo // how long ago something was read is measured by the real clock

func newClock(base func() time.Time, documents store.Store) *clock {
	c := &clock{base: base, store: documents}
	c.read.Store(int64(-clockMemory))
	return c
}

// now tells the time, as of the moment at which the request came or later.
func (c *clock) now() time.Time { return c.base().Add(time.Duration(c.offset.Load())) }

// in tells the time inside an update, as of this moment: an update that has waited for others is not behind them. What it
// reads is not learned, since a transaction may see what was when it began.
func (c *clock) in(tx store.Tx) (time.Time, error) {
	if !c.stale() {
		return c.now(), nil
	}
	d, err := tx.Read(clockKey)
	if err != nil {
		return time.Time{}, err
	}
	var state clockState
	if d != nil {
		if err := json.Unmarshal(d.Body, &state); err != nil {
			return time.Time{}, fmt.Errorf("decode the clock: %w", err)
		}
	}
	return c.base().Add(max(state.Offset, time.Duration(c.offset.Load()))), nil
}

// fresh lets a request pass with an offset that no move of the clock is ahead of.
func (c *clock) fresh(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		if c.stale() {
			if err := c.ask(e.Request().Context()); err != nil {
				return err
			}
		}
		return next(e)
	}
}

func (c *clock) stale() bool {
	return time.Since(started)-time.Duration(c.read.Load()) >= clockMemory
}

// ask reads the offset.
func (c *clock) ask(ctx context.Context) error {
	asked := time.Since(started)
	d, err := c.store.Get(ctx, clockKey)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return c.learn(nil, asked)
	case err != nil:
		return err
	}
	return c.learn(&d, asked)
}

// learn takes an offset over that was read at a time. It never goes back, and several may learn at once.
func (c *clock) learn(d *store.Document, asked time.Duration) error {
	var state clockState
	if d != nil {
		if err := json.Unmarshal(d.Body, &state); err != nil {
			return fmt.Errorf("decode the clock: %w", err)
		}
	}
	raise(&c.offset, int64(state.Offset))
	raise(&c.read, int64(asked))
	return nil
}

// raise sets v to at least n.
func raise(v *atomic.Int64, n int64) {
	for old := v.Load(); old < n && !v.CompareAndSwap(old, n); old = v.Load() {
	}
}

// Advance moves the stub's time ahead, for all servers on its store. When it returns, each request that is sent from then on
// sees the new time, whichever of the servers it is sent to.
func (s *Server) Advance(ctx context.Context, by time.Duration) error {
	if by < 0 {
		return fmt.Errorf("time can't go back by %v", -by)
	}
	c := s.operations.clock
	asked := time.Since(started)
	var moved store.Document
	err := s.operations.update(ctx, "", func(tx store.Tx) error {
		d, err := tx.Get(clockKey)
		if err != nil {
			return err
		}
		var state clockState
		if d != nil {
			if err := json.Unmarshal(d.Body, &state); err != nil {
				return fmt.Errorf("decode the clock: %w", err)
			}
		}
		state.Offset += by
		body, err := encode(state)
		if err != nil {
			return err
		}
		moved = store.Document{Key: clockKey, CreatedAt: c.base().UTC().Truncate(time.Microsecond), Body: body}
		if d == nil {
			return tx.Insert(moved)
		}
		return tx.Put(clockKey, body)
	})
	if err != nil {
		return err
	}
	if err := c.learn(&moved, asked); err != nil {
		return err
	}
	select {
	case <-time.After(clockMemory): // until no server goes by the offset of before
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
