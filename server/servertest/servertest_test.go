package servertest_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		servertest.New(b)
	}
}

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

func TestCheckout(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c := stub.Client()
	cart, err := c.Carts.Create(t.Context(), customer, &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1Y",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	stub.Advance(8 * 24 * time.Hour)
	_, err = c.Carts.Get(t.Context(), customer, cart.ID)
	t.Log(err)
}
