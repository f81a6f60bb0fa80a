package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

// operation is something that the servers are measured at. Its preparation makes what it needs, which isn't measured, and gives
// the requests that are.
type operation struct {
	name    string
	prepare func(ctx context.Context, s *process, connections int, length time.Duration) (source, error)
}

// preparing is how many connections prepare, however many measure.
const preparing = 16

// carts is where carts and their orders are.
const (
	carts  = "/v1/customers/" + customer + "/carts"
	orders = "/v1/customers/" + customer + "/orders"
)

// bodies are what is sent.
type bodies struct {
	sixLines string // the create page's cart, as a program writes it: no comments, no spaces
	printed  string // the same as the page prints it
	twoLines string // a cart that becomes one order
	rejected string // the six lines with a fault in each
}

// readBodies reads the documents' examples from the module's folder.
func readBodies(root string) (bodies, error) {
	var b bodies
	printed, err := os.ReadFile(filepath.Join(root, "api/examples/createCart.six-lines.request.jsonc"))
	if err != nil {
		return b, err
	}
	b.printed = string(printed)
	if b.sixLines, err = compact(regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAll(printed, nil)); err != nil {
		return b, err
	}
	attestation, err := os.ReadFile(filepath.Join(root, "api/examples/createCart.attestation.request.json"))
	if err != nil {
		return b, err
	}
	if b.twoLines, err = compact(attestation); err != nil {
		return b, err
	}
	b.rejected, err = spoil(b.sixLines)
	return b, err
}

func compact(text []byte) (string, error) {
	var out bytes.Buffer
	err := json.Compact(&out, text)
	return out.String(), err
}

// spoil puts a fault into each line of a cart: a number below its limit, a word that is none, a value of another type, and a
// property that is missing.
func spoil(cart string) (string, error) {
	var c struct {
		LineItems []map[string]any `json:"lineItems"`
	}
	if err := json.Unmarshal([]byte(cart), &c); err != nil {
		return "", err
	}
	for i, line := range c.LineItems {
		switch i % 4 {
		case 0:
			line["quantity"] = 0
		case 1:
			line["billingCycle"] = "weekly"
		case 2:
			line["termDuration"] = 7
		case 3:
			delete(line, "catalogItemId")
		}
	}
	out, err := json.Marshal(c)
	return string(out), err
}

func (b bodies) create() request {
	return request{http.MethodPost, carts, b.sixLines, http.StatusCreated}
}

// operations gives all that can be measured, in the order in which it is shown.
func (b bodies) operations() []operation {
	simple := func(r request) func(context.Context, *process, int, time.Duration) (source, error) {
		return func(context.Context, *process, int, time.Duration) (source, error) { return always(r), nil }
	}
	return []operation{
		{"create", simple(b.create())},
		{"get", b.ofCarts(http.MethodGet, "", http.StatusOK)},
		{"put", b.ofCarts(http.MethodPut, b.sixLines, http.StatusCreated)},
		{"checkout", b.checkout},
		{"get order", b.getOrder},
		{"list 50 orders", b.listOrders},
		{"rejected create", simple(request{http.MethodPost, carts, b.rejected, http.StatusBadRequest})},
		{"create as printed", simple(request{http.MethodPost, carts, b.printed, http.StatusCreated})},
	}
}

// ofCarts gives requests to some carts in turn, more than there are connections, so that none waits for another.
func (b bodies) ofCarts(method, body string, status int) func(context.Context, *process, int, time.Duration) (source, error) {
	return func(ctx context.Context, s *process, connections int, _ time.Duration) (source, error) {
		ids, err := s.makeCarts(ctx, b.sixLines, bound{requests: 4 * connections})
		return func(i int) (request, bool) {
			return request{method, carts + "/" + ids[i%len(ids)], body, status}, true
		}, err
	}
}

// checkout checks carts out, each once: a thousand, and those that can be made in the time that is measured.
func (b bodies) checkout(ctx context.Context, s *process, _ int, length time.Duration) (source, error) {
	first, err := s.makeCarts(ctx, b.sixLines, bound{requests: 2 * warmUp})
	if err != nil {
		return nil, err
	}
	more, err := s.makeCarts(ctx, b.sixLines, bound{time: length})
	return each(checkouts(append(first, more...))), err
}

func checkouts(ids []string) []request {
	out := make([]request, len(ids))
	for i, id := range ids {
		out[i] = request{http.MethodPost, carts + "/" + id + "/checkout", "", http.StatusCreated}
	}
	return out
}

// getOrder reads the orders of some carts in turn.
func (b bodies) getOrder(ctx context.Context, s *process, connections int, _ time.Duration) (source, error) {
	ids, err := s.makeOrders(ctx, b.sixLines, connections)
	return func(i int) (request, bool) {
		return request{http.MethodGet, orders + "/" + ids[i%len(ids)], "", http.StatusOK}, true
	}, err
}

// listOrders lists the 50 orders, of two lines each, of a customer.
func (b bodies) listOrders(ctx context.Context, s *process, _ int, _ time.Duration) (source, error) {
	ids, err := s.makeOrders(ctx, b.twoLines, 50)
	if err == nil && len(ids) != 50 {
		err = fmt.Errorf("there are %d orders, want 50", len(ids))
	}
	return always(request{http.MethodGet, orders, "", http.StatusOK}), err
}

// makeCarts makes carts and gives their ids.
func (s *process) makeCarts(ctx context.Context, body string, until bound) ([]string, error) {
	var mu sync.Mutex
	var ids []string
	_, err := s.load(ctx, preparing, always(request{http.MethodPost, carts, body, http.StatusCreated}), until, func(_ int, answer []byte) error {
		var cart struct{ ID string }
		if err := json.Unmarshal(answer, &cart); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, cart.ID)
		return nil
	})
	return ids, err
}

// makeOrders makes carts, checks them out, and gives the ids of the orders.
func (s *process) makeOrders(ctx context.Context, body string, n int) ([]string, error) {
	made, err := s.makeCarts(ctx, body, bound{requests: n})
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var ids []string
	_, err = s.load(ctx, preparing, each(checkouts(made)), bound{}, func(_ int, answer []byte) error {
		var result struct {
			Orders []struct{ ID string }
		}
		if err := json.Unmarshal(answer, &result); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, o := range result.Orders {
			ids = append(ids, o.ID)
		}
		return nil
	})
	return ids, err
}
