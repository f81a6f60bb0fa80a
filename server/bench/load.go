package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// source gives the requests of a load: the i-th of all, or false where there is none any more.
type source func(i int) (request, bool)

// always gives the same request without end.
func always(r request) source { return func(int) (request, bool) { return r, true } }

// each gives one request after the other, once.
func each(requests []request) source {
	return func(i int) (request, bool) {
		if i >= len(requests) {
			return request{}, false
		}
		return requests[i], true
	}
}

// bound is when a load ends at the latest.
type bound struct {
	requests int           // no limit where 0
	time     time.Duration // no limit where 0
}

// runLimit is how long any load may take, lest a server that hangs keeps the benchmark for ever.
const runLimit = 15 * time.Minute

// load sends the requests of a source over some connections, each of which sends the next one when it has its answer. It gives
// how long each took. Where seen is set it is shown each answer. The first one that is not as expected ends the load.
func (s *process) load(ctx context.Context, connections int, next source, until bound, seen func(i int, body []byte) error) ([]time.Duration, error) {
	var sent atomic.Int64
	var failed atomic.Bool
	begun := time.Now()
	times, errs := make([][]time.Duration, connections), make([]error, connections)
	one := func(w int) error {
		c, err := dial(ctx, s.address)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		if err := c.within(runLimit); err != nil {
			return err
		}
		for at := time.Now(); !failed.Load() && ctx.Err() == nil && (until.time == 0 || at.Sub(begun) < until.time); {
			i := int(sent.Add(1)) - 1
			r, ok := next(i)
			if !ok || until.requests > 0 && i >= until.requests {
				return nil
			}
			if err := c.do(r, s.requests.Add(1)); err != nil {
				return err
			}
			now := time.Now()
			times[w] = append(times[w], now.Sub(at))
			if seen != nil {
				if err := seen(i, c.body); err != nil {
					return err
				}
				now = time.Now()
			}
			at = now
		}
		return ctx.Err()
	}
	var wg sync.WaitGroup
	for w := range connections {
		wg.Go(func() {
			if errs[w] = one(w); errs[w] != nil {
				failed.Store(true)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", s.name, err, s.tail())
	}
	return slices.Concat(times...), nil
}

// result is what a load has cost.
type result struct {
	requests int
	cpu      float64 // µs of the server's processor time a request
	rate     float64 // requests a second
	p50, p99 float64 // ms
	peak     float64 // MB, the most that the server's process had since it began
}

// measure is load with its cost to the server's process; of the database's own, and of this program, nothing is counted.
func (s *process) measure(ctx context.Context, connections int, next source, until bound) (result, error) {
	before, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	begun := time.Now()
	times, err := s.load(ctx, connections, next, until, nil)
	if err != nil {
		return result{}, err
	}
	elapsed := time.Since(begun)
	after, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	if len(times) == 0 {
		return result{}, fmt.Errorf("%s: no request was sent", s.name)
	}
	peak, err := s.memory("VmHWM")
	if err != nil {
		return result{}, err
	}
	ms := make([]float64, len(times))
	for i, t := range times {
		ms[i] = t.Seconds() * 1e3
	}
	slices.Sort(ms)
	n := float64(len(times))
	return result{
		requests: len(times),
		cpu:      (after - before).Seconds() * 1e6 / n,
		rate:     n / elapsed.Seconds(),
		p50:      percentile(ms, 50),
		p99:      percentile(ms, 99),
		peak:     peak,
	}, nil
}
