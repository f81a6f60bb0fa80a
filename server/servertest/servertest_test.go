package servertest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

func oneLine() *client.Cart {
	return &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5",
		Quantity:      1,
		BillingCycle:  client.BillingCycleMonthly,
		TermDuration:  "P1Y",
	}}}
}

// The README's test: a subscription id comes later, and a cart expires.
func TestBuy(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c := stub.Client()

	cart, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Carts.Checkout(t.Context(), customer, cart.ID)
	if err != nil {
		t.Fatal(err)
	}
	stub.Advance(time.Minute) // the subscription is provisioned
	order, err := c.Orders.Get(t.Context(), customer, result.Orders[0].ID)
	if err != nil || order.LineItems[0].SubscriptionID == "" {
		t.Errorf("Get gave %+v, %v; want a subscription", order, err)
	}
}

// The clock stands still, moves with Advance, and is the one that the server goes by.
func TestAdvance(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	if !stub.Now().Equal(servertest.Start) {
		t.Errorf("the clock starts at %v", stub.Now())
	}
	c := stub.Client()
	cart, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil || !cart.CreationTimestamp.Equal(servertest.Start) {
		t.Fatalf("Create gave %+v, %v", cart, err)
	}
	stub.Advance(7 * 24 * time.Hour)
	_, err = c.Carts.Get(t.Context(), customer, cart.ID)
	var e *client.Error
	if !errors.As(err, &e) || e.Code != 800008 {
		t.Errorf("Get of an expired cart gave %v", err)
	}
	later, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil || !later.CreationTimestamp.Equal(servertest.Start.Add(7*24*time.Hour)) {
		t.Errorf("Create gave %+v, %v", later, err)
	}
}

// Each stub is a world of its own, with the options that its test wants.
func TestNew_Apart(t *testing.T) {
	t.Parallel()
	one := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = server.ProvisionAtOnce })
	other := servertest.New(t)
	cart, err := one.Client().Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Client().Carts.Get(t.Context(), customer, cart.ID); err == nil {
		t.Error("one stub has the cart of another")
	}
	result, err := one.Client().Carts.Checkout(t.Context(), customer, cart.ID)
	if err != nil || result.Orders[0].LineItems[0].SubscriptionID == "" {
		t.Errorf("Checkout gave %+v, %v; want a subscription at once", result, err)
	}
}

// How long a test waits for its stub.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		servertest.New(b)
	}
}

// buy buys one licence.
func buy(t *testing.T, c *client.Client) *client.Order {
	t.Helper()
	cart, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Error(err)
		return &client.Order{}
	}
	result, err := c.Carts.Checkout(t.Context(), customer, cart.ID)
	if err != nil || len(result.Orders) != 1 {
		t.Errorf("Checkout gave %+v, %v", result, err)
		return &client.Order{}
	}
	return &result.Orders[0]
}
