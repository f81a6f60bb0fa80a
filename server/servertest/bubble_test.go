package servertest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// Who waits for the minutes of a 429, and for a subscription, is tested in no time.
func TestBubble_Waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = time.Hour })
		stub.Fail(servertest.CreateCart, faults.Fault{Kind: faults.Throttle, RetryAfter: new(60), Count: 3})
		c := stub.Client()
		begun := time.Now()
		order := buyOne(t, c)
		if waited := time.Since(begun); waited < 3*time.Minute || waited > 4*time.Minute {
			t.Errorf("three times 60 s took %v", waited)
		}
		for order.LineItems[0].SubscriptionID == "" {
			time.Sleep(time.Minute)
			var err error
			if order, err = c.Orders.Get(t.Context(), customer, order.ID); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(begun); waited < time.Hour || waited > time.Hour+5*time.Minute {
			t.Errorf("the subscription came after %v", waited)
		}
		if n := len(stub.Requests(servertest.CreateCart)); n != 4 {
			t.Errorf("the cart took %d requests, want 4", n)
		}
	})
}

// The stub's clock is the bubble's, and Advance moves both.
func TestBubble_Clock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.Throttle = 2 })
		begun := time.Now()
		c := stub.Client()
		cart, err := c.Carts.Create(t.Context(), customer, oneLine())
		if err != nil || !cart.CreationTimestamp.Equal(begun) || !stub.Now().Equal(begun) {
			t.Fatalf("at %v the stub shows %v, and Create gave %+v, %v", begun, stub.Now(), cart, err)
		}
		for range 3 {
			if _, err := c.Carts.Get(t.Context(), customer, cart.ID); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(begun); waited < 30*time.Second || waited > 2*time.Minute {
			t.Errorf("four requests with two a minute took %v", waited)
		}
		before := time.Now()
		stub.Advance(7 * 24 * time.Hour) // connections are idle, and stay
		if got := time.Since(before); got != 7*24*time.Hour || !stub.Now().Equal(time.Now()) {
			t.Errorf("Advance moved the bubble by %v", got)
		}
		_, err = c.Carts.Get(t.Context(), customer, cart.ID)
		var e *client.Error
		if !errors.As(err, &e) || e.Code != 800008 {
			t.Errorf("Get of an expired cart gave %v", err)
		}
	})
}

// Connections break as those of a network do.
func TestBubble_Breaks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t)
		c := stub.Client()
		cart, err := c.Carts.Create(t.Context(), customer, oneLine())
		if err != nil {
			t.Fatal(err)
		}

		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit, Always: true})
		if _, err := checkoutRaw(t.Context(), stub, cart.ID); !errors.Is(err, io.EOF) {
			t.Errorf("a lost answer was %v", err)
		}
		stub.RequireOrders(t, 1)

		stub.Fail(servertest.GetCart, faults.Fault{Kind: faults.Latency, Delay: 5 * time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		_, err = c.Carts.Get(ctx, customer, cart.ID)
		if waited := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || waited != time.Minute {
			t.Errorf("a late answer was %v after %v", err, waited)
		}

		half, theirs := io.Pipe()
		go func() {
			_, _ = theirs.Write([]byte(`{"lineItems":[`))
			theirs.CloseWithError(errors.New("the power failed"))
		}()
		r := request(t.Context(), stub, "/carts", half)
		r.ContentLength = 1000
		if answer, err := stub.Transport().RoundTrip(r); err == nil {
			t.Errorf("half a body was answered with %d", answer.StatusCode)
		}
		if _, err := c.Carts.Get(t.Context(), customer, cart.ID); err != nil {
			t.Errorf("after all this Get gave %v", err)
		}
	})
}

func request(ctx context.Context, stub *servertest.Stub, path string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, stub.URL+"/v1/customers/"+customer+path, body)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	return r
}

func checkoutRaw(ctx context.Context, stub *servertest.Stub, cartID string) (*http.Response, error) {
	return stub.Transport().RoundTrip(request(ctx, stub, "/carts/"+cartID+"/checkout", nil))
}

// Many at once, each with a connection; none of them, and no goroutine of the stub, is left when the bubble ends: synctest
// would fail the test.
func TestBubble_Together(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 50
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				stub := servertest.New(t) // several find out at once that they are in a bubble
				buyOne(t, stub.Client())
				if stub.URL != "http://127.0.0.1:0" {
					t.Errorf("a stub in a bubble listens at %s", stub.URL)
				}
			})
		}
		all.Wait()
		stub := servertest.New(t)
		for range many {
			all.Go(func() { buyOne(t, stub.Client()) })
		}
		all.Wait()
		stub.RequireOrders(t, many)
	})
}

// Code under test that outlives its test finds nobody.
func TestBubble_Over(t *testing.T) {
	t.Parallel()
	var stub *servertest.Stub
	synctest.Test(t, func(t *testing.T) {
		runs(func(tb *double) {
			stub = servertest.New(tb)
			buyOne(t, stub.Client())
		})
		_, err := checkoutRaw(t.Context(), stub, "b4c8fdea-cbe4-4d17-9576-13fcacbf9605")
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("a stub that is over gave %v", err)
		}
	})
}

// A stub outside would keep the bubble from ever coming to rest.
func TestBubble_StubOutside(t *testing.T) {
	t.Parallel()
	told := runs(func(d *double) {
		stub := servertest.New(d)
		synctest.Test(t, func(*testing.T) {
			runs(func(*double) { stub.Client() })
		})
	})
	if !strings.Contains(told.text(), "start the stub in the bubble") {
		t.Errorf("a stub outside the bubble told %q", told.text())
	}
}

// Whoever goes to a bubble's URL by another way finds no other server there.
func TestBubble_URL(t *testing.T) {
	t.Parallel()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", "127.0.0.1:0")
	if err == nil {
		c.Close()
		t.Error("somebody listens at port 0")
	}
}
