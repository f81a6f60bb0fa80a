package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/store"
)

// clock is the stub's time: that of Options.Clock until somebody moves it or stops it. What was done to it lies in the
// store, so that servers on one store agree, and is known here for a moment: not every request asks the store. Whoever
// changes the clock returns when that moment is over for all servers. It never goes back.
type clock struct {
	base  func() time.Time
	store store.Store
	known atomic.Pointer[knownClock]
	mu    sync.Mutex // held while known is replaced
	begin *time.Time // what it shows at first; nil where that is the base
}

// clockMemory is how long a server goes by what it has read of the clock.
const clockMemory = 100 * time.Millisecond

var clockKey = store.Key{Kind: store.Setting, ID: "clock"}

// clockState is the document of the clock.
type clockState struct {
	Version int           `json:"version"` // raised by each change
	Offset  time.Duration `json:"offset"`  // how far it is ahead of the base while it runs, or behind
	Frozen  *time.Time    `json:"frozen,omitempty"`

	anew bool // the stub begins anew, and time may go back
}

// at tells the time of a clock in this state.
func (s clockState) at(base time.Time) time.Time {
	if s.Frozen != nil {
		return *s.Frozen
	}
	return base.Add(s.Offset)
}

type knownClock struct {
	clockState
	asked time.Duration // when it was read, since started
}

var started = time.Now() //nolint:forbidigo // how long ago something was read is measured by the real clock

func newClock(base func() time.Time, documents store.Store) *clock {
	c := &clock{base: base, store: documents}
	c.known.Store(&knownClock{asked: -clockMemory})
	return c
}

// now tells the time, as of the moment at which the request came or later.
func (c *clock) now() time.Time { return c.known.Load().at(c.base()) }

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
	state, err := readClock(d)
	if known := c.known.Load(); state.Version < known.Version {
		state = known.clockState
	}
	return state.at(c.base()), err
}

// stamp notes when a request came.
func (c *clock) stamp(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		exchangeOf(e.Request().Context()).time = c.now()
		return next(e)
	}
}

// fresh lets a request pass with a clock that no change is ahead of.
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

func (c *clock) stale() bool { return time.Since(started)-c.known.Load().asked >= clockMemory }

// ask reads the clock.
func (c *clock) ask(ctx context.Context) error {
	asked := time.Since(started)
	var found *store.Document
	d, err := c.store.Get(ctx, clockKey)
	switch {
	case err == nil:
		found = &d
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	state, err := readClock(found)
	if err != nil {
		return err
	}
	c.learn(state, asked)
	return nil
}

func readClock(d *store.Document) (state clockState, err error) {
	if d != nil {
		if err := json.Unmarshal(d.Body, &state); err != nil {
			return state, fmt.Errorf("decode the clock: %w", err)
		}
	}
	return state, nil
}

// learn takes over what was read of the clock at a time, unless something newer is known.
func (c *clock) learn(state clockState, asked time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.known.Load()
	if state.Version < known.Version {
		state = known.clockState
	}
	c.known.Store(&knownClock{state, max(asked, known.asked)})
}

// change changes the clock for all servers on the store. When it returns, each request that is sent from then on sees the
// change, whichever of the servers it is sent to.
func (c *clock) change(ctx context.Context, do func(clockState, time.Time) (clockState, error)) error {
	asked := time.Since(started)
	var state clockState
	change := func(tx store.Tx) error {
		d, err := tx.Get(clockKey)
		if err != nil {
			return err
		}
		old, err := readClock(d)
		if err != nil {
			return err
		}
		base := c.base()
		if state, err = do(old, base); err != nil {
			return err
		}
		if year := state.at(base).Year(); year < minYear || year > maxYear {
			return fmt.Errorf("%w: the year %d is not from %d to %d", ErrTimeGoesBack, year, minYear, maxYear)
		}
		if state.at(base).Before(old.at(base)) && !state.anew {
			return fmt.Errorf("%w: it is %s", ErrTimeGoesBack, old.at(base).UTC().Format(time.RFC3339Nano))
		}
		state.Version = old.Version + 1
		body, err := encode(state)
		if err != nil {
			return err
		}
		if d == nil {
			return tx.Insert(store.Document{Key: clockKey, CreatedAt: base.UTC().Truncate(time.Microsecond), Body: body})
		}
		return tx.Put(clockKey, body)
	}
	err := c.store.Update(ctx, change)
	if errors.Is(err, store.ErrExists) { // another server was the first to change it
		err = c.store.Update(ctx, change)
	}
	if err != nil {
		return err
	}
	c.learn(state, asked)
	select {
	case <-time.After(clockMemory): // until no server goes by what was before
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// reset makes the clock show what it did at first.
func (c *clock) reset(ctx context.Context) error {
	return c.change(ctx, func(_ clockState, base time.Time) (clockState, error) {
		state := clockState{anew: true}
		if c.begin != nil {
			state.Offset = c.begin.Sub(base)
		}
		return state, nil
	})
}

// restore sets the clock to an instant of another life of the stub.
func (c *clock) restore(ctx context.Context, to time.Time, frozen bool) error {
	return c.change(ctx, func(_ clockState, base time.Time) (clockState, error) {
		state := clockState{Offset: to.Sub(base), anew: true}
		if frozen {
			state.Frozen = &to
		}
		return state, nil
	})
}

// ErrTimeGoesBack says that the clock can't be set to an instant: it is over, or too far away.
var ErrTimeGoesBack = errors.New("time can't go there")

// A clock shows these years; a time.Duration leads 292 years away.
const (
	minYear = 1900
	maxYear = 2199
)

// Clock is the stub's time.
type Clock struct {
	Now    time.Time
	Frozen bool
}

// Clock tells the stub's time.
func (s *Server) Clock(ctx context.Context) (Clock, error) {
	c := s.operations.clock
	if err := c.ask(ctx); err != nil {
		return Clock{}, err
	}
	return Clock{c.now(), c.known.Load().Frozen != nil}, nil
}

// Advance moves the stub's time ahead.
func (s *Server) Advance(ctx context.Context, by time.Duration) error {
	if by < 0 {
		return fmt.Errorf("%w by %v", ErrTimeGoesBack, -by)
	}
	return s.operations.clock.change(ctx, func(state clockState, base time.Time) (clockState, error) {
		return state.set(state.at(base).Add(by), base), nil
	})
}

// SetClock sets the stub's time to an instant that is not over.
func (s *Server) SetClock(ctx context.Context, to time.Time) error {
	return s.operations.clock.change(ctx, func(state clockState, base time.Time) (clockState, error) {
		return state.set(to, base), nil
	})
}

// BeginClock sets the stub's time where nobody has set or moved it yet: the time of a store that has one stays.
// It is that time again after a Reset.
func (s *Server) BeginClock(ctx context.Context, at time.Time) error {
	s.operations.clock.begin = &at
	return s.operations.clock.change(ctx, func(state clockState, base time.Time) (clockState, error) {
		if state.Version > 0 {
			return state, nil
		}
		state = state.set(at, base)
		state.anew = true
		return state, nil
	})
}

// set gives the state in which it is an instant at this base, standing still as before or not.
func (s clockState) set(to, base time.Time) clockState {
	if s.Frozen != nil {
		s.Frozen = &to
		return s
	}
	s.Offset = to.Sub(base)
	if !base.Add(s.Offset).Equal(to) { // too far for a time.Duration
		s.Frozen = &to
	}
	return s
}

// Freeze stops the stub's time; Resume lets it go on from there.
func (s *Server) Freeze(ctx context.Context) error {
	return s.operations.clock.change(ctx, func(state clockState, base time.Time) (clockState, error) {
		at := state.at(base).UTC()
		state.Frozen = &at
		return state, nil
	})
}

// Resume lets the stub's time go on from where Freeze stopped it.
func (s *Server) Resume(ctx context.Context) error {
	return s.operations.clock.change(ctx, func(state clockState, base time.Time) (clockState, error) {
		if state.Frozen != nil {
			state.Offset, state.Frozen = state.Frozen.Sub(base), nil
		}
		return state, nil
	})
}
