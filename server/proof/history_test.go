package proof_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// The size of a history: many clients, and so few actions of each customer that it is judged in a moment.
const (
	clientsOfHistory   = 12
	customersOfHistory = 3
	actionsOfClient    = 5
)

// history is what clients asked of servers of one store in a short while, and what they saw.
type history struct {
	*testing.T
	servers []http.Handler
	begun   time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	faults     []string // answers that no server may give
	customers  []*customer
}

// customer is whom clients act for.
type customer struct {
	id       string
	mu       sync.Mutex
	made     int      // carts of which the create was sent
	twice    int      // requests that are sent twice
	versions int      // of lines
	carts    []string // ids of those that are known, by number; "" for others
}

// record lets clients act at once for customers that nobody knows yet, each of whom has one cart at first. At the end all that
// the customers have is read.
func record(t *testing.T, servers ...http.Handler) *history {
	t.Helper()
	h := &history{T: t, servers: servers, begun: time.Now()}
	for range customersOfHistory {
		c := &customer{id: uuid.NewString(), carts: make([]string, maxCarts)}
		h.customers = append(h.customers, c)
		h.create(c, false)
	}
	var clients, late sync.WaitGroup
	for i := range clientsOfHistory {
		clients.Go(func() {
			again := func() {}
			for range actionsOfClient {
				next := h.act(h.customers[rand.N(len(h.customers))], i%3 == 0, &late)
				again() // what the client did before, so that there is something between
				again = next
			}
			again()
		})
	}
	clients.Wait()
	late.Wait()
	for _, c := range h.customers {
		h.list(t.Context(), c, &late)
		for n, id := range c.carts {
			if id != "" {
				h.read(t.Context(), c, n, &late)
			}
		}
	}
	return h
}

// act does something for a customer. One time of three the client does not wait for the answer longer than a moment. One that
// sends what it writes twice is given what to do for that.
func (h *history) act(c *customer, twice bool, late *sync.WaitGroup) (again func()) {
	ctx, cancel := h.Context(), context.CancelFunc(func() {})
	if rand.N(3) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.N(4000))*time.Microsecond)
	}
	defer cancel()
	n := c.anyCart()
	switch dice := rand.N(20); {
	case n < 0 || dice < 2:
		return h.create(c, twice)
	case dice < 7:
		return h.put(ctx, c, n, twice, late)
	case dice < 12:
		h.read(ctx, c, n, late)
	case dice < 16:
		h.checkout(ctx, c, n, late)
	default:
		h.list(ctx, c, late)
	}
	return func() {}
}

// anyCart gives the number of one of the carts that are known, -1 if there is none.
func (c *customer) anyCart() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := []int{-1}
	for n, id := range c.carts {
		if id != "" {
			known = append(known, n)
		}
	}
	return known[len(known)-1-rand.N(max(1, len(known)-1))]
}

// lines gives new lines for a cart: those of one, two, or three order groups.
func (c *customer) lines(n int) (content, []byte) {
	c.mu.Lock()
	c.versions++
	name := fmt.Sprintf("cart %d version %d", n, c.versions)
	c.mu.Unlock()
	groups := []string{groupLicence, groupSoftware, groupLegacy}[:1+rand.N(3)]
	var names []string
	for _, group := range groups {
		names = append(names, name+" group "+group)
	}
	return joined[content](names), cartBody(name, 1, groups...)
}

// create makes a cart, if the customer can have another. One that nobody knows the id of is of no further interest, so the
// client waits for the answer.
func (h *history) create(c *customer, twice bool) (again func()) {
	c.mu.Lock()
	n := c.made
	c.made++
	c.mu.Unlock()
	if n >= maxCarts {
		return func() {}
	}
	lines, body := c.lines(n)
	a := action{create, c.id, n, lines, c.number(twice)}
	return h.write(h.Context(), nil, a, request{"create", http.MethodPost, "/v1/customers/" + c.id + "/carts", uuid.NewString(), body},
		func(got reply) (o outcome, fault bool) {
			if got.status != http.StatusCreated {
				return o, true
			}
			cart := decoded[model.Cart](h.T, got)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.carts[n] = cart.ID
			return o, contentOf(cart) != lines
		})
}

// number gives a number to a request that is sent twice.
func (c *customer) number(twice bool) int {
	if !twice {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.twice++
	return c.twice
}

// write sends a request that changes something. One that is sent twice goes to another server at once, or else is given as what
// to do later.
func (h *history) write(ctx context.Context, late *sync.WaitGroup, a action, r request, see func(reply) (outcome, bool)) (again func()) {
	n := rand.N(len(h.servers))
	if a.request == 0 {
		h.do(ctx, late, h.servers[n], a, r, see)
		return func() {}
	}
	again = func() { h.do(h.Context(), nil, h.servers[(n+1)%len(h.servers)], a, r, see) }
	if rand.N(2) == 0 {
		var second sync.WaitGroup
		second.Go(again)
		defer second.Wait()
		again = func() {}
	}
	h.do(ctx, late, h.servers[n], a, r, see)
	return again
}

func (c *customer) path(n int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return "/v1/customers/" + c.id + "/carts/" + c.carts[n]
}

func (h *history) put(ctx context.Context, c *customer, n int, twice bool, late *sync.WaitGroup) (again func()) {
	lines, body := c.lines(n)
	a := action{put, c.id, n, lines, c.number(twice)}
	return h.write(ctx, late, a, request{"put", http.MethodPut, c.path(n), uuid.NewString(), body},
		func(got reply) (o outcome, fault bool) {
			if got.status == http.StatusBadRequest && bytes.Contains(got.body, []byte(`"code":800065,`)) {
				return outcome{refused: true}, false
			}
			return o, got.status != http.StatusCreated || contentOf(decoded[model.Cart](h.T, got)) != lines
		})
}

func (h *history) read(ctx context.Context, c *customer, n int, late *sync.WaitGroup) {
	h.do(ctx, late, h.anyServer(), action{verb: read, customer: c.id, cart: n}, request{"get", http.MethodGet, c.path(n), "", nil},
		func(got reply) (o outcome, fault bool) {
			if got.status == http.StatusNotFound {
				return o, false // which no cart that was made can be
			}
			cart := decoded[model.Cart](h.T, got)
			return outcome{content: contentOf(cart), ordered: cart.Status == model.CartStatusOrdered}, got.status != http.StatusOK
		})
}

func (h *history) checkout(ctx context.Context, c *customer, n int, late *sync.WaitGroup) {
	h.do(ctx, late, h.anyServer(), action{verb: checkout, customer: c.id, cart: n}, request{"checkout", http.MethodPost, c.path(n) + "/checkout", "", nil},
		func(got reply) (outcome, bool) {
			result := decoded[model.CartCheckoutResult](h.T, got)
			return ordersOf(result.Orders), got.status != http.StatusCreated || len(result.OrderErrors) > 0
		})
}

func (h *history) list(ctx context.Context, c *customer, late *sync.WaitGroup) {
	h.do(ctx, late, h.anyServer(), action{verb: list, customer: c.id}, request{"list", http.MethodGet, "/v1/customers/" + c.id + "/orders", "", nil},
		func(got reply) (outcome, bool) {
			return ordersOf(decoded[model.OrderCollection](h.T, got).Items), got.status != http.StatusOK
		})
}

func contentOf(cart model.Cart) content {
	var names []string
	for _, line := range cart.LineItems {
		names = append(names, line.FriendlyName)
	}
	return joined[content](names)
}

// ordersOf sorts orders by the cart that they are for.
func ordersOf(orders []model.Order) (o outcome) {
	var pairs [maxCarts][]string
	for _, order := range orders {
		var n int
		if _, err := fmt.Sscanf(order.LineItems[0].FriendlyName, "cart %d", &n); err != nil || n < 0 || n >= maxCarts {
			o.strange = order.ID
			continue
		}
		pairs[n] = append(pairs[n], order.LineItems[0].FriendlyName+"="+order.ID)
	}
	for n := range pairs {
		o.orders[n] = joined[placed](pairs[n])
	}
	return o
}

// anyServer gives one of the servers.
func (h *history) anyServer() http.Handler { return h.servers[rand.N(len(h.servers))] }

// do sends a request to a server, and records what the client saw. A client whose ctx ends sees nothing more.
func (h *history) do(ctx context.Context, late *sync.WaitGroup, server http.Handler, a action, r request, see func(reply) (outcome, bool)) {
	begun := time.Since(h.begun).Nanoseconds()
	var got reply
	if ctx.Done() == nil || late == nil {
		got = handle(ctx, server, r)
	} else {
		answered := make(chan reply, 1)
		late.Go(func() { answered <- handle(ctx, server, r) })
		select {
		case got = <-answered:
		case <-ctx.Done():
		}
	}
	ended := time.Since(h.begun).Nanoseconds()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case got.status == http.StatusConflict, got.status == http.StatusTooManyRequests: // nothing was changed
		return
	case got.failed():
		if got.status == http.StatusInternalServerError {
			h.faults = append(h.faults, fmt.Sprintf("%s %s is answered 500", r.method, r.path))
		}
		if a.verb == put || a.verb == checkout || a.request > 0 {
			h.operations = append(h.operations, porcupine.Operation{Input: a, Call: begun, Output: outcome{unknown: true}, Return: never})
		}
		return
	}
	o, fault := see(got)
	if a.request > 0 {
		o.answer, o.again = fmt.Sprintf("%d %s", got.status, got.body), got.header.Get("Cartwright-Repeated") != ""
	}
	if fault {
		h.faults = append(h.faults, fmt.Sprintf("%s %s is answered %d\n%s", r.method, r.path, got.status, got.body))
	}
	h.operations = append(h.operations, porcupine.Operation{Input: a, Call: begun, Output: o, Return: ended})
}

// judge tells what is wrong with a history, "" if nothing is: answers that are wrong by themselves, and answers that no
// sequence of all actions could give.
func (h *history) judge() string {
	var wrong []string
	const limit = time.Minute
	switch verdict := porcupine.CheckOperationsTimeout(rightAnswers, h.operations, limit); verdict {
	case porcupine.Illegal:
		wrong = append(wrong, notLinearizable)
	case porcupine.Unknown:
		wrong = append(wrong, fmt.Sprintf("not judged in %v", limit))
	}
	return strings.Join(append(wrong, h.faults...), "\n")
}

const notLinearizable = "not linearizable"
