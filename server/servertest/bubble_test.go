package servertest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// Code that waits is tested in no time: here for the minute of a 429, then until the subscription is there.
func TestBubble_Waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = time.Hour })
		stub.Fail(servertest.CreateCart, faults.Fault{Kind: faults.Throttle, RetryAfter: new(60), Count: 3})
		begun := time.Now()
		cart := mustCreate(t, stub)
		if waited := time.Since(begun); waited < 3*time.Minute {
			t.Errorf("three times 60 s were %v", waited)
		}
		result, err := stub.Client().Carts.Checkout(t.Context(), customer, cart.ID)
		if err != nil {
			t.Fatal(err)
		}
		for try := 0; ; try++ {
			order, err := stub.Client().Orders.Get(t.Context(), customer, result.Orders[0].ID)
			if err != nil || try > 60 {
				t.Fatal(try, err)
			}
			if order.LineItems[0].SubscriptionID != "" {
				break
			}
			time.Sleep(time.Minute)
		}
		if len(stub.Requests(servertest.CreateCart)) != 4 {
			t.Errorf("the stub got %d requests", len(stub.Requests()))
		}
	})
}

// mustCreate creates a cart, and waits as it is told.
func mustCreate(t *testing.T, stub *servertest.Stub) *client.Cart {
	t.Helper()
	for range 100 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, stub.URL+"/v1/customers/"+customer+"/carts", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer any")
		request.Header.Set("Content-Type", "application/json")
		answer, err := stub.Transport().RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusTooManyRequests {
			break
		}
		wait, err := time.ParseDuration(answer.Header.Get("Retry-After") + "s")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
	}
	cart, err := stub.Client().Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Fatal(err)
	}
	return cart
}
