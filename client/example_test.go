package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server"
)

// A cart is created and checked out; here with the stub, which needs no more than a word as token.
func Example() {
	stub, err := server.New(server.Options{ProvisionDelay: server.ProvisionAtOnce})
	if err != nil {
		log.Fatal(err)
	}
	listening := httptest.NewServer(stub)
	defer listening.Close()

	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(listening.URL))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cart, err := c.Carts.Create(ctx, "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", &client.Cart{
		LineItems: []client.CartLineItem{{
			CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5",
			Quantity:      2,
			BillingCycle:  client.BillingCycleMonthly,
			TermDuration:  "P1Y",
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range cart.LineItems {
		if line.Error != nil { // the call succeeded, the line did not
			log.Fatal(line.Error.ErrorDescription)
		}
	}
	result, err := c.Carts.Checkout(ctx, "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", cart.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, failed := range result.OrderErrors { // the call succeeded, the order group did not
		log.Fatal(failed.Description)
	}
	for _, order := range result.Orders {
		fmt.Printf("%s: %s, %.2f %s\n", order.LineItems[0].FriendlyName, order.Status, *order.TotalPrice, order.CurrencyCode)
	}
	// Output: Office 365 E5 without Audio Conferencing: completed, 729.60 USD
}
