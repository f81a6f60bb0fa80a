package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// growth compares an operation in a full store with the same in one that is almost empty.
type growth struct {
	store, op    string
	full         int // carts
	few, many    []result
	before, peak float64 // MB of the server with the full store, before all rounds and at most
}

// ratio gives how many times as much processor time a request needs in the full store, as the median over the rounds.
func (g growth) ratio() float64 { return ratio(column(g.many, cpu), column(g.few, cpu)) }

// almostEmpty is how many carts the other store has.
const almostEmpty = 10

// measureGrowth measures on all stores.
func (s settings) measureGrowth(ctx context.Context, w *workshop, r *report, progress io.Writer) error {
	for _, kind := range s.stores {
		n := s.carts
		if kind == inMemory {
			n = s.memoryCarts
		}
		say(progress, "growth: %s, fill it with %d carts", kind, n)
		if err := s.growthOf(ctx, w, r, kind, n, progress); err != nil {
			return fmt.Errorf("growth of %s: %w", kind, err)
		}
		say(progress, "growth: %s, list %d orders", kind, s.orders)
		l, err := w.list(ctx, kind, s.orders)
		if err != nil {
			return fmt.Errorf("orders of %s: %w", kind, err)
		}
		r.listing = append(r.listing, l)
	}
	cart, err := measureCart(ctx, w.bodies.sixLines)
	r.cart = &cart
	return err
}

// growthOf measures on one store. The server with the full store lives through all rounds.
func (s settings) growthOf(ctx context.Context, w *workshop, r *report, kind string, n int, progress io.Writer) (err error) {
	full, ids, err := w.fill(ctx, kind, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, full.stop()) }()
	filled, err := full.memory("VmRSS")
	if err != nil {
		return err
	}
	ops := []growth{{store: kind, op: creation, full: n}, {store: kind, op: "get", full: n}, {store: kind, op: "checkout", full: n}}
	for round := range s.rounds {
		say(progress, "growth: %s, round %d of %d", kind, round+1, s.rounds)
		for i := range ops {
			few, err := s.inAlmostEmpty(ctx, w, kind, ops[i].op)
			if err != nil {
				return err
			}
			many, err := full.warmAndMeasure(ctx, usual, w.bodies.toMany(ops[i].op, ids, round*n/s.rounds, n/s.rounds), s.length)
			if err != nil {
				return err
			}
			ops[i].few, ops[i].many = append(ops[i].few, few), append(ops[i].many, many)
		}
	}
	peak, err := full.memory("VmHWM")
	for i := range ops {
		ops[i].before, ops[i].peak = filled, peak
	}
	r.growth = append(r.growth, ops...)
	return err
}

// inAlmostEmpty measures in a new store.
func (s settings) inAlmostEmpty(ctx context.Context, w *workshop, kind, op string) (r result, err error) {
	server, err := w.start(ctx, kind)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	ids, err := server.makeCarts(ctx, w.bodies.sixLines, bound{requests: almostEmpty})
	if err != nil {
		return r, err
	}
	next := w.bodies.toMany(op, ids, 0, len(ids))
	if op == "checkout" { // it needs carts that are not checked out yet, so there are some thousand in the end
		if next, err = w.bodies.checkout(ctx, server, usual, s.length); err != nil {
			return r, err
		}
	}
	return server.warmAndMeasure(ctx, usual, next, s.length)
}

// toMany gives requests to up to n carts all over a store: a part of all, begun at another place each round, in an order that
// has nothing to do with that in which they were made.
func (b bodies) toMany(op string, ids []string, begin, n int) source {
	const stride = 7919 // a prime
	return func(i int) (request, bool) {
		cart := carts + "/" + ids[(begin+i)*stride%len(ids)]
		switch op {
		case creation:
			return b.create(), true
		case "get":
			return request{http.MethodGet, cart, "", http.StatusOK}, true
		}
		return request{http.MethodPost, cart + "/checkout", "", http.StatusCreated}, i < n
	}
}
