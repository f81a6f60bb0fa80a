package main

import (
	"context"
	"errors"
	"net/http"
)

// listing is what a list of all orders of a customer costs.
type listing struct {
	store  string
	orders int
	size   float64 // MB of the answer
	before float64 // MB of the server
	result
}

// list lists the orders of a customer who has many.
func (w *workshop) list(ctx context.Context, kind string, n int) (l listing, err error) {
	s, err := w.start(ctx, kind)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	const groups = 4 // of the six-line cart, an order each
	ids, err := s.makeOrders(ctx, w.bodies.sixLines, max(1, n/groups))
	if err != nil {
		return l, err
	}
	if err := s.forgetPeak(); err != nil {
		return l, err
	}
	l = listing{store: kind, orders: len(ids)}
	if l.before, err = s.memory("VmRSS"); err != nil {
		return l, err
	}
	all := request{http.MethodGet, orders, "", http.StatusOK}
	if l.result, err = s.measure(ctx, 1, each([]request{all}), bound{}); err != nil {
		return l, err
	}
	c, err := dial(ctx, s.address)
	if err != nil {
		return l, err
	}
	err = errors.Join(c.within(runLimit), c.do(all, s.requests.Add(1)), c.Close())
	l.size = float64(c.size) / 1e6
	return l, err
}
