package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// usual is the number of connections of the goals, at which everything is measured.
const usual = 16

// creation is the operation of the goals, and all that peers can do.
const creation = "create"

// group is what is measured one after the other, to be compared: an operation of all targets.
type group struct {
	op          operation
	connections int
	targets     []string
}

// groups gives what is measured in each round.
func (s settings) groups(b bodies) []group {
	var out []group
	for _, n := range s.connections {
		for _, op := range b.operations() {
			if s.ops != nil && !slices.Contains(s.ops, op.name) || s.ops == nil && n != usual && op.name != creation && op.name != "checkout" {
				continue
			}
			g := group{op, n, append([]string{floor}, s.stores...)}
			if op.name == creation && n == usual {
				g.targets = append(g.targets, s.variants()...)
			}
			out = append(out, g)
		}
	}
	return out
}

// variants gives what is measured only where the goals are.
func (s settings) variants() []string {
	var out []string
	for _, name := range []string{inMemory, onSQLite} {
		if slices.Contains(s.stores, name) {
			out = append(out, name+checked)
		}
	}
	if s.peers {
		out = append(out, prism)
	}
	return out
}

// key names a row of the report.
type key struct {
	op          string
	connections int
	target      string
}

// measureLoad measures all groups, round by round. The targets of a group take turns in who is first.
func (s settings) measureLoad(ctx context.Context, w *workshop, r *report, progress io.Writer) error {
	groups := s.groups(w.bodies)
	for round := range s.rounds {
		for i, g := range groups {
			say(progress, "round %d of %d, %d of %d: %s, %s", round+1, s.rounds, i+1, len(groups), g.op.name, connections(g.connections))
			for j := range g.targets {
				target := g.targets[(round+j)%len(g.targets)]
				op := g.op
				if target == floor {
					op = w.bodies.operations()[0] // it can do nothing else
				}
				measured, server, err := w.run(ctx, target, op, g.connections, s.length)
				if err != nil {
					return fmt.Errorf("%s of %s: %w", g.op.name, target, err)
				}
				k := key{g.op.name, g.connections, target}
				r.results[k] = append(r.results[k], measured)
				r.starts[target] = append(r.starts[target], server.first)
			}
		}
	}
	r.groups = groups
	return nil
}

func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}

// say tells how far it is.
func say(progress io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(progress, format+"\n", args...) // whoever doesn't read it misses nothing
}

// run starts a target, prepares an operation, warms up, and measures.
func (w *workshop) run(ctx context.Context, target string, op operation, connections int, length time.Duration) (r result, s *process, err error) {
	if s, err = w.start(ctx, target); err != nil {
		return r, s, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	next, err := op.prepare(ctx, s, connections, length)
	if err != nil {
		return r, s, err
	}
	if target == prism {
		create, _ := next(0)
		next = always(create.belowRoot())
	}
	if target == prism { // Node compiles what runs often, and goes on doing so for some seconds
		if _, err := s.load(ctx, connections, next, bound{time: 5 * length}, nil); err != nil {
			return r, s, err
		}
	}
	r, err = s.warmAndMeasure(ctx, connections, next, length)
	return r, s, err
}

// warmUp is how many requests come before those that are measured.
const warmUp = 500

// warmAndMeasure sends the first requests of a source without measuring, and then measures the others.
func (s *process) warmAndMeasure(ctx context.Context, connections int, next source, length time.Duration) (result, error) {
	if _, err := s.load(ctx, connections, next, bound{requests: warmUp, time: length}, nil); err != nil {
		return result{}, err
	}
	rest := func(i int) (request, bool) { return next(i + warmUp) }
	return s.measure(ctx, connections, rest, bound{time: length})
}
