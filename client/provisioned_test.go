package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// placed buys lines of forSale and gives the last of the orders.
func placed(t *testing.T, stub *servertest.Stub, lines ...int) *client.Order {
	t.Helper()
	cart, err := stub.Client().Carts.Create(t.Context(), customer, cartOf(lines...))
	if err != nil {
		t.Fatal(err)
	}
	result, err := stub.Client().Carts.CheckoutOnce(t.Context(), customer, cart.ID)
	if err != nil {
		t.Fatal(err)
	}
	return &result.Orders[len(result.Orders)-1]
}

// It looks at growing distances, tells of each look, and gives the order with its subscriptions.
func TestWaitProvisioned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = 10 * time.Minute })
		order := placed(t, stub, 3, 4)
		var looks []client.Progress
		got, err := stub.Client().Orders.WaitProvisioned(t.Context(), customer, order.ID, client.IncludePrice(),
			client.OnProgress(func(p client.Progress) { looks = append(looks, p) }))
		if err != nil || got.Status != client.OrderStatusCompleted || got.LineItems[1].SubscriptionID == "" || got.LineItems[1].Pricing == nil {
			t.Fatalf("WaitProvisioned gave %+v, %v", got, err)
		}
		first, last := looks[0], looks[len(looks)-1]
		if first.Provisioned != 0 || first.Next < 4*time.Second || first.Next > 6*time.Second || first.Order.Status != client.OrderStatusPending {
			t.Errorf("the first look told %+v", first)
		}
		if last.Provisioned != 2 || last.Next != 0 || last.Waited < 10*time.Minute || last.Waited > 12*time.Minute || last.Order != got {
			t.Errorf("the last look told %+v", last)
		}
		for i, p := range looks[:len(looks)-1] {
			if p.Next > 72*time.Second || i > 0 && i < 4 && p.Next < looks[i-1].Next*8/10 {
				t.Errorf("look %d is followed after %v, the one before after %v", i, p.Next, looks[i-1].Next)
			}
		}
		if n := len(stub.Requests(servertest.GetOrder)); n != len(looks) || n > 25 {
			t.Errorf("%d requests for %d looks", n, len(looks))
		}
	})
}

// What fails for a while is waited out, and a Retry-After is kept to.
func TestWaitProvisioned_Faults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t)
		order := placed(t, stub, 4)
		stub.Fail(servertest.GetOrder, faults.Fault{Kind: faults.Status, Status: 503, Count: 9})
		stub.Fail(servertest.GetOrder, faults.Fault{Kind: faults.Throttle, RetryAfter: new(400), Count: 1})
		begin := time.Now()
		got, err := stub.Client().Orders.WaitProvisioned(t.Context(), customer, order.ID)
		if err != nil || got.LineItems[0].SubscriptionID == "" || time.Since(begin) < 400*time.Second {
			t.Errorf("WaitProvisioned gave %+v, %v after %v", got, err, time.Since(begin))
		}
	})
}

// Orders that end otherwise, that do not end, or that are not there.
func TestWaitProvisioned_Fails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault  faults.Kind
		lines  []int
		status client.OrderStatus
		is     error
	}{
		"failed": {faults.ProvisioningFailed, []int{4}, client.OrderStatusError, nil},
		"stuck":  {faults.ProvisioningStuck, []int{4}, client.OrderStatusPending, context.DeadlineExceeded},
		"legacy": {"", []int{0}, client.OrderStatusCompleted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stub := servertest.New(t)
				if tc.fault != "" {
					stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: tc.fault})
				}
				order := placed(t, stub, tc.lines...)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				got, err := stub.Client().Orders.WaitProvisioned(ctx, customer, order.ID)
				ended, ok := errors.AsType[*client.ProvisioningError](err)
				if got == nil || got.Status != tc.status || ok != (tc.status != client.OrderStatusCompleted) {
					t.Fatalf("WaitProvisioned gave %+v, %v", got, err)
				}
				if ok && (ended.Order.ID != order.ID || tc.is != nil && !errors.Is(err, tc.is)) {
					t.Errorf("WaitProvisioned gave %v", err)
				}
			})
		})
	}
	stub := servertest.New(t)
	got, err := stub.Client().Orders.WaitProvisioned(t.Context(), customer, "000000000000")
	if got != nil || !errors.Is(err, client.ErrOrderNotFound) {
		t.Errorf("of an order that is not there WaitProvisioned gave %+v, %v", got, err)
	}
}
