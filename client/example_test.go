package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
)

// A whole purchase; here at the stub, which takes any word as token.
func Example() {
	stub := startStub()
	defer stub.Close()
	ctx, customerID := context.Background(), "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(stub.URL), client.WithStubOnly())
	if err != nil {
		log.Fatal(err)
	}
	cart, err := c.Carts.Create(ctx, customerID, &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", // of an availability, see Products
		Quantity:      2,
		TermDuration:  "P1Y",
		BillingCycle:  client.BillingCycleMonthly,
	}}})
	if err != nil { // a *CartLineItemsError where a line can't be bought
		log.Fatal(err)
	}
	fmt.Printf("for %.2f %s\n", cart.LineItems[0].Pricing.ExtendedPrice, cart.LineItems[0].CurrencyCode)

	// Store cart.ID here: it is all that has to survive a crash.

	result, err := c.Carts.CheckoutOnce(ctx, customerID, cart.ID)
	if err != nil { // a *CheckoutError, which tells what is ordered
		log.Fatal(err)
	}
	for _, placed := range result.Orders {
		order, err := c.Orders.WaitProvisioned(ctx, customerID, placed.ID)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(order.LineItems[0].FriendlyName, "is", order.Status)
	}
	// Output:
	// for 729.60 USD
	// Office 365 E5 without Audio Conferencing is completed
}
