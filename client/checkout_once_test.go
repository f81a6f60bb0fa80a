package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// forSale are lines of four order groups and more: legacy, reservation, software, software as a service, licence, trial.
var forSale = []client.CartLineItem{
	{CatalogItemID: "MS-AZR-0145P", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1Y"},
	{
		CatalogItemID: "DZH318Z0BQ36:004G:DZH318Z08C0S", Quantity: 1, BillingCycle: client.BillingCycleOneTime, TermDuration: "P1Y",
		ProvisioningContext: map[string]string{"subscriptionId": "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "scope": "shared"},
	},
	{CatalogItemID: "DG7GMGF0DWTL:0001:DG7GMGF0DSFM", Quantity: 2, BillingCycle: client.BillingCycleOneTime},
	{CatalogItemID: "DZH318Z0BXWC:0002:DZH318Z0BMRV", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1M"},
	{CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", Quantity: 3, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1M"},
	{
		CatalogItemID: "DZH318Z0C0WF:0001:DZH318Z0BP69", Quantity: 10, BillingCycle: client.BillingCycleNone, TermDuration: "P1M",
		RenewsTo: &client.RenewsTo{TermDuration: "P1Y"},
	},
	{CatalogItemID: "CARTWRIGHT:FAILS-ONCE:US", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1M"},
}

func cartOf(indexes ...int) *client.Cart {
	cart := &client.Cart{}
	for _, i := range indexes {
		cart.LineItems = append(cart.LineItems, forSale[i])
	}
	return cart
}

// bought gives what was really ordered of a cart: order ids by order group. It fails the test where a group was ordered twice.
func bought(t servertest.TB, stub *servertest.Stub, cartID string) map[string]string {
	t.Helper()
	orders := make(map[string]string)
	for _, o := range stub.Orders() {
		if o.CartID != cartID {
			continue
		}
		if orders[o.OrderGroup] != "" {
			t.Fatalf("order group %s was ordered twice", o.OrderGroup)
		}
		orders[o.OrderGroup] = o.ID
	}
	return orders
}

func groups(cart *client.Cart) (names []string) {
	for _, line := range cart.LineItems {
		if !slices.Contains(names, line.OrderGroup) {
			names = append(names, line.OrderGroup)
		}
	}
	return names
}

// checkOutcome fails the test where CheckoutOnce has told anything that is not so.
func checkOutcome(t servertest.TB, stub *servertest.Stub, cart *client.Cart, result *client.CartCheckoutResult, err error) {
	t.Helper()
	truth := bought(t, stub, cart.ID)
	if err == nil {
		for i, group := range groups(cart) {
			if len(result.Orders) != len(groups(cart)) || result.Orders[i].ID != truth[group] {
				t.Fatalf("it succeeded with the orders %v, and ordered are %v", ids(result.Orders), truth)
			}
		}
		return
	}
	failed, ok := errors.AsType[*client.CheckoutError](err)
	if !ok || failed.Err == nil || failed.CartID != cart.ID {
		t.Fatalf("it failed with %T: %v", err, err)
	}
	for _, g := range failed.Groups {
		switch id := truth[g.OrderGroup]; {
		case g.State == client.Ordered && id == "", g.State == client.NotOrdered && id != "":
			t.Fatalf("it says that group %s is %v, and its order is %q: %v", g.OrderGroup, g.State, id, err)
		case g.Order != nil && g.Order.ID != id:
			t.Fatalf("it says that group %s is order %s, and it is %q", g.OrderGroup, g.Order.ID, id)
		case len(g.Lines) == 0:
			t.Fatalf("group %s has no lines", g.OrderGroup)
		}
	}
}

func ids(orders []client.Order) (ids []string) {
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}

// Each fault alone, at each request of a purchase, a few times and for a long time: never a second order, and exactly one for
// each group once the fault has ended.
func TestCheckoutOnce_EachFault(t *testing.T) {
	t.Parallel()
	for _, kind := range faults.Kinds {
		for _, operation := range []servertest.Operation{servertest.GetCart, servertest.CheckoutCart, servertest.ListOrders} {
			for _, count := range []int{1, 3, 200} {
				fault := faults.Fault{Kind: kind, Count: count}
				if _, err := (faults.Fault{Kind: kind, Operation: string(operation)}).Complete(); err != nil {
					continue // the fault is none of this operation
				}
				t.Run(fmt.Sprintf("%s %s %d", kind, operation, count), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { buyUnder(t, operation, fault) })
				})
			}
		}
	}
}

func buyUnder(t *testing.T, operation servertest.Operation, fault faults.Fault) {
	lists := operation == servertest.ListOrders
	stub := servertest.New(t, func(o *server.Options) {
		if lists {
			o.Repeat = server.RepeatReject // so that orders are looked for when an answer was lost
		}
	})
	c := stub.Client()
	cart, err := c.Carts.Create(t.Context(), customer, cartOf(0, 1, 3, 5))
	if err != nil {
		t.Fatal(err)
	}
	if lists {
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})
	}
	stub.Fail(operation, fault)
	result, err := c.Carts.CheckoutOnce(t.Context(), customer, cart.ID)
	checkOutcome(t, stub, cart, result, err)
	fails := lists || fault.Count == 200 && fails(fault.Kind) || fault.Kind == faults.AvailabilityGone ||
		fault.Kind == faults.Partial || fault.Kind == faults.Auth && fault.Count == 3
	if (err != nil) != fails {
		t.Errorf("CheckoutOnce gave %v", err)
	}
	if met := stub.Requests(operation); len(met) == 0 || met[len(met)-1].Fault == "" && met[0].Fault == "" {
		t.Errorf("the fault was not met")
	}
	stub.DisarmFaults()
	result, err = c.Carts.CheckoutOnce(t.Context(), customer, cart.ID)
	checkOutcome(t, stub, cart, result, err)
	if failed, ok := errors.AsType[*client.CheckoutError](err); err != nil && (!lists || !ok || !failed.Bought()) {
		t.Fatalf("after the fault CheckoutOnce gave %v", err)
	}
	stub.RequireOrders(t, 4)
}

// fails tells whether a checkout can't succeed as long as there is a fault of this kind.
func fails(kind faults.Kind) bool {
	switch kind {
	case faults.Latency, faults.BOM, faults.ProvisioningStuck, faults.ProvisioningFailed:
		return false
	}
	return true
}

// buyer is a program that buys a cart; it is begun again when it is killed.
type buyer interface {
	// buy runs until the purchase is done, or ctx ends. What it stores survives it.
	buy(ctx context.Context, c *client.Client) (*client.CartCheckoutResult, error)
	cartID() string
}

// careful uses CheckoutOnce. It has stored the cart's id and the request id.
type careful struct {
	cart      *client.Cart
	requestID string
}

func (b *careful) buy(ctx context.Context, c *client.Client) (*client.CartCheckoutResult, error) {
	return c.Carts.CheckoutOnce(ctx, customer, b.cart.ID, client.RequestID(b.requestID))
}
func (b *careful) cartID() string { return b.cart.ID }

// naive begins from the start when something fails, as one finds it in programs.
type naive struct {
	cart *client.Cart
	id   string
}

func (b *naive) buy(ctx context.Context, c *client.Client) (result *client.CartCheckoutResult, err error) {
	for range 5 {
		var cart *client.Cart
		if cart, err = c.Carts.Create(ctx, customer, b.cart); err == nil {
			b.id = cart.ID
			if result, err = c.Carts.Checkout(ctx, customer, cart.ID); err == nil {
				return result, nil
			}
		}
		time.Sleep(time.Second)
	}
	return nil, err
}
func (b *naive) cartID() string { return b.id }

// killing is the transport of a program that is killed at one of its requests: before it is sent, or when the service has dealt
// with it and the answer has not been read.
type killing struct {
	http.RoundTripper
	left  atomic.Int32
	after bool
	kill  context.CancelFunc
}

var errKilled = errors.New("the program was killed")

func (k *killing) RoundTrip(r *http.Request) (*http.Response, error) {
	switch left := k.left.Add(-1); {
	case left > 0:
		return k.RoundTripper.RoundTrip(r)
	case left < 0:
		return nil, errKilled
	}
	if k.after {
		if answer, err := k.RoundTripper.RoundTrip(r.Clone(context.WithoutCancel(r.Context()))); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
	}
	k.kill()
	return nil, errKilled
}

// storm is a random course of things: faults, and kills of the program.
type storm struct {
	lines   []int
	options server.Options
	before  bool // whether the customer has bought the same before
	faults  []armed
	kills   []kill
}

type armed struct {
	operation servertest.Operation
	faults.Fault
}

type kill struct {
	request int // at which it is killed
	after   bool
	timeout time.Duration // after which it is killed anyway
}

func drawStorm(t *rapid.T) (s storm) {
	s.lines = rapid.SliceOfNDistinct(rapid.IntRange(0, len(forSale)-1), 1, len(forSale), rapid.ID).Draw(t, "lines")
	s.options.Repeat = rapid.SampledFrom([]server.Repeat{server.RepeatAnswer, server.RepeatReject}).Draw(t, "repeat")
	s.options.ListDelay = rapid.SampledFrom([]time.Duration{0, 15 * time.Minute}).Draw(t, "list delay")
	s.before = rapid.Bool().Draw(t, "bought before")
	s.faults = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) armed {
		kind := rapid.SampledFrom(faults.Kinds).Draw(t, "kind")
		a := armed{
			rapid.SampledFrom([]servertest.Operation{servertest.CheckoutCart, servertest.CheckoutCart, servertest.GetCart, servertest.ListOrders}).Draw(t, "operation"),
			faults.Fault{Kind: kind, Count: rapid.SampledFrom([]int{1, 2, 5, 100}).Draw(t, "count")},
		}
		switch kind {
		case faults.LineItemError:
			a.operation = servertest.CreateCart
		case faults.Partial:
			a.operation, a.Code = servertest.CheckoutCart, rapid.SampledFrom([]int{800020, 900192}).Draw(t, "code")
		case faults.AvailabilityGone, faults.ProvisioningFailed, faults.ProvisioningStuck:
			a.operation = servertest.CheckoutCart
		case faults.Latency:
			a.Delay = time.Duration(rapid.IntRange(1, 120).Draw(t, "delay")) * time.Second
		case faults.Throttle:
			a.RetryAfter = new(rapid.IntRange(1, 400).Draw(t, "retry after"))
		}
		return a
	}), 0, 6).Draw(t, "faults")
	s.kills = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) kill {
		return kill{
			rapid.IntRange(1, 12).Draw(t, "request"), rapid.Bool().Draw(t, "after"),
			time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second,
		}
	}), 0, 5).Draw(t, "kills")
	return s
}

// play lets a program buy in a storm: it is begun again after each kill, and once more when the faults have ended.
func (s storm) play(t *rapid.T, of func(*servertest.Stub, *client.Cart) buyer) (*servertest.Stub, buyer) {
	stub := servertest.New(t, func(o *server.Options) { o.Repeat, o.ListDelay = s.options.Repeat, s.options.ListDelay })
	if s.before {
		cart, err := stub.Client().Carts.Create(t.Context(), customer, cartOf(s.lines...))
		if err == nil {
			_, _ = stub.Client().Carts.Checkout(t.Context(), customer, cart.ID)
		}
	}
	b := of(stub, cartOf(s.lines...))
	for _, f := range s.faults {
		stub.Fail(f.operation, f.Fault)
	}
	for _, k := range s.kills {
		ctx, cancel := context.WithTimeout(t.Context(), k.timeout)
		transport := &killing{RoundTripper: stub.Transport(), after: k.after, kill: cancel}
		transport.left.Store(int32(k.request))
		result, err := b.buy(ctx, stub.Client(client.WithTransport(transport)))
		cancel()
		if c, ok := b.(*careful); ok {
			checkOutcome(t, stub, c.cart, result, err)
		}
		if err == nil {
			break
		}
	}
	stub.DisarmFaults()
	time.Sleep(20 * time.Minute) // new orders are listed
	result, err := b.buy(t.Context(), stub.Client())
	if c, ok := b.(*careful); ok {
		checkOutcome(t, stub, c.cart, result, err)
		s.checkEnd(t, stub, c.cart, err)
	}
	return stub, b
}

// checkEnd fails the test unless each group is ordered, and the program knows it.
func (s storm) checkEnd(t servertest.TB, stub *servertest.Stub, cart *client.Cart, err error) {
	if orders := bought(t, stub, cart.ID); len(orders) != len(groups(cart)) {
		t.Fatalf("in the end are ordered %v of %v: %v", orders, groups(cart), err)
	}
	if err == nil {
		return
	}
	// Where the service does not repeat its answer, nobody can tell for certain which orders they are, but that they are.
	failed, ok := errors.AsType[*client.CheckoutError](err)
	if !ok || s.options.Repeat != server.RepeatReject || !errors.Is(err, client.ErrCartSubmitted) || !failed.Bought() {
		t.Fatalf("in the end it failed: %v", err)
	}
	for _, g := range failed.Groups {
		if g.State != client.Ordered {
			t.Fatalf("in the end group %s is %v: %v", g.OrderGroup, g.State, err)
		}
	}
}

// CheckoutOnce in random storms, killed at each of its steps: never more than one order for a group, exactly one in the end,
// and nothing is ever told that is not so.
func TestCheckoutOnce_Storms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawStorm(t)
		rapid.SyncTest(t, func(t *rapid.T) {
			s.play(t, func(stub *servertest.Stub, lines *client.Cart) buyer {
				cart, err := stub.Client().Carts.Create(t.Context(), customer, lines)
				if err != nil {
					t.Fatal(err)
				}
				return &careful{cart, client.NewRequestID()}
			})
		})
	})
}

// The same storms make programs that begin from the start buy twice: the test before this one can fail.
func TestCheckoutOnce_StormsNaive(t *testing.T) {
	t.Parallel()
	var storms, doubled atomic.Int32
	rapid.Check(t, func(t *rapid.T) {
		s := drawStorm(t)
		s.before = false
		rapid.SyncTest(t, func(t *rapid.T) {
			stub, b := s.play(t, func(_ *servertest.Stub, lines *client.Cart) buyer { return &naive{cart: lines} })
			cart, err := stub.Client().Carts.Get(t.Context(), customer, b.cartID())
			if err != nil {
				return
			}
			storms.Add(1)
			if len(stub.Orders()) > len(groups(cart)) {
				doubled.Add(1)
			}
		})
	})
	t.Logf("%d of %d storms made the naive program buy something twice", doubled.Load(), storms.Load())
	if doubled.Load() == 0 && storms.Load() >= 20 {
		t.Error("no storm makes a naive program buy twice: the storms prove nothing")
	}
}

// A cart that can't be bought is told without a checkout; one that is gone too.
func TestCheckoutOnce_Refused(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c := stub.Client()
	wrong := oneLine()
	wrong.LineItems[0].CatalogItemID = "no:such:item"
	cart, err := c.Carts.Create(t.Context(), customer, wrong)
	var lines *client.CartLineItemsError
	if !errors.As(err, &lines) || cart.ID == "" || len(lines.Lines) != 1 || !errors.Is(err, client.ErrAvailabilityGone) {
		t.Fatalf("Create gave %+v, %v", cart, err)
	}
	_, err = c.Carts.CheckoutOnce(t.Context(), customer, cart.ID)
	checkOutcome(t, stub, cart, nil, err)
	if failed, ok := errors.AsType[*client.CheckoutError](err); !ok || failed.Groups[0].State != client.NotOrdered || !errors.As(err, &lines) {
		t.Errorf("CheckoutOnce gave %v", err)
	}
	_, err = c.Carts.CheckoutOnce(t.Context(), customer, client.NewRequestID())
	if failed, ok := errors.AsType[*client.CheckoutError](err); !ok || failed.Groups != nil || !errors.Is(err, client.ErrCartNotFound) {
		t.Errorf("CheckoutOnce of no cart gave %v", err)
	}
	if n := len(stub.Requests(servertest.CheckoutCart)); n != 0 {
		t.Errorf("%d checkouts were sent", n)
	}
}

// While the outcome is not known each request has the id that the caller has stored; after an answer a new one.
func TestCheckoutOnce_RequestIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t)
		c, stored := stub.Client(), client.NewRequestID()
		cart, err := c.Carts.Create(t.Context(), customer, cartOf(4))
		if err != nil {
			t.Fatal(err)
		}
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit, Count: 5})
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Busy, RetryAfter: new(90)})
		begin := time.Now()
		if _, err := c.Carts.CheckoutOnce(t.Context(), customer, cart.ID, client.RequestID(stored)); err != nil {
			t.Fatal(err)
		}
		if time.Since(begin) < 90*time.Second {
			t.Errorf("it did not wait for the Retry-After of a busy cart, but %v", time.Since(begin))
		}
		requests := stub.Requests(servertest.CheckoutCart)
		if len(requests) != 7 {
			t.Fatalf("%d checkouts were sent", len(requests))
		}
		for i, r := range requests {
			if same := strings.EqualFold(r.RequestID, stored); same != (i < 6) {
				t.Errorf("checkout %d has the id %s, stored is %s", i+1, r.RequestID, stored)
			}
			if r.CorrelationID != requests[0].CorrelationID {
				t.Errorf("checkout %d has a correlation id of its own", i+1)
			}
		}
		stub.RequireOrders(t, 1)
	})
}

// A refusal may follow a try whose answer was lost, and which has ordered: the refusal does not make it undone.
func TestCheckoutOnce_RefusedAfterLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.Repeat = server.RepeatReject })
		c := stub.Client()
		cart, err := c.Carts.Create(t.Context(), customer, cartOf(0, 6))
		if err != nil {
			t.Fatal(err)
		}
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.ProvisioningStuck}) // the first checkout: group 0 fails once
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})
		_, err = c.Carts.CheckoutOnce(t.Context(), customer, cart.ID)
		checkOutcome(t, stub, cart, nil, err)
		if failed, ok := errors.AsType[*client.CheckoutError](err); !ok || !errors.Is(err, client.ErrCartSubmitted) || !failed.Bought() {
			t.Errorf("CheckoutOnce gave %v", err)
		}
	})
}
