package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
)

// exampleStub is a stub and a client of it.
type exampleStub struct {
	*httptest.Server

	stub   *server.Server
	client *client.Client
}

// startStub starts a stub whose ids count, and that provisions at once. In a test servertest.New does more.
func startStub(configure ...func(*server.Options)) exampleStub {
	options := server.Options{IDs: server.SequentialIDs(), ProvisionDelay: server.ProvisionAtOnce}
	for _, c := range configure {
		c(&options)
	}
	stub, err := server.New(options)
	if err != nil {
		log.Fatal(err)
	}
	listening := httptest.NewServer(stub)
	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(listening.URL))
	if err != nil {
		log.Fatal(err)
	}
	return exampleStub{listening, stub, c}
}

// cartWith makes a cart with lines.
func (s exampleStub) cartWith(lines ...client.CartLineItem) *client.Cart {
	cart, err := s.client.Carts.Create(context.Background(), customer, &client.Cart{LineItems: lines})
	if err != nil {
		log.Fatal(err)
	}
	return cart
}

// order buys a licence.
func (s exampleStub) order() client.Order {
	result, err := s.client.Carts.CheckoutOnce(context.Background(), customer, s.cartWith(licence).ID)
	if err != nil {
		log.Fatal(err)
	}
	return result.Orders[0]
}

// What the examples buy. The third fails at the first checkout of a cart, on purpose.
var (
	licence   = client.CartLineItem{CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", Quantity: 1, TermDuration: "P1M", BillingCycle: client.BillingCycleMonthly}
	software  = client.CartLineItem{CatalogItemID: "DG7GMGF0DWTL:0001:DG7GMGF0DSFM", Quantity: 1, BillingCycle: client.BillingCycleOneTime}
	failsOnce = client.CartLineItem{CatalogItemID: "CARTWRIGHT:FAILS-ONCE:US", Quantity: 1, TermDuration: "P1M", BillingCycle: client.BillingCycleMonthly}
)

// A line that can't be bought does not keep the service from making the cart.
func ExampleCartService_Create() {
	stub := startStub()
	defer stub.Close()
	c, ctx := stub.client, context.Background()

	line := client.CartLineItem{CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", Quantity: 5, TermDuration: "P2M", BillingCycle: client.BillingCycleMonthly}
	cart, err := c.Carts.Create(ctx, customer, &client.Cart{LineItems: []client.CartLineItem{line}})
	if failed, ok := errors.AsType[*client.CartLineItemsError](err); ok {
		for _, line := range failed.Lines {
			fmt.Println("line", *line.Line.ID, "has error", line.Code)
		}
		cart.LineItems[0].TermDuration = "P1M" // so the cart is corrected
		cart, err = c.Carts.Update(ctx, customer, cart.ID, cart)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f %s\n", cart.LineItems[0].Pricing.ExtendedPrice, cart.LineItems[0].CurrencyCode)
	// Output:
	// line 0 has error 400039
	// 182.40 USD
}

// A checkout that succeeds may leave order groups out. CheckoutOnce would have asked again by itself.
func ExampleCartService_Checkout() {
	stub := startStub()
	defer stub.Close()
	c, ctx := stub.client, context.Background()
	cart := stub.cartWith(software, failsOnce) // two order groups

	result, err := c.Carts.Checkout(ctx, customer, cart.ID)
	if partial, ok := errors.AsType[*client.PartialCheckoutError](err); ok {
		fmt.Println("ordered:", len(result.Orders)) // and stays so
		for _, group := range partial.Failed {
			fmt.Printf("group %s failed with %d: %s\n", group.OrderGroup, group.Code, group.Hint)
		}
		result, err = c.Carts.Checkout(ctx, customer, cart.ID) // tries what failed, and nothing else
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ordered:", len(result.Orders))
	// Output:
	// ordered: 1
	// group 1 failed with 900192: ask again: check out the same cart, or repeat the request with its request id
	// ordered: 2
}

// dying is the network of a process that dies when an answer is lost.
type dying struct {
	http.RoundTripper

	die func()
}

func (d dying) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.RoundTripper.RoundTrip(r)
	if err != nil {
		d.die()
	}
	return answer, err
}

// The cart is ordered, the answer is lost, and the program dies before it can ask again. What it has stored is enough.
func ExampleCartService_CheckoutOnce() {
	stub := startStub(func(o *server.Options) { o.Control = true })
	defer stub.Close()
	if _, err := stub.stub.Arm(faults.Fault{Kind: faults.DropAfterCommit, Operation: "checkoutCart"}); err != nil {
		log.Fatal(err)
	}
	stored := struct{ cartID, requestID string }{stub.cartWith(licence).ID, client.NewRequestID()} // before the checkout

	ctx, die := context.WithCancel(context.Background())
	first, err := client.New(auth.StaticToken("any"), client.WithBaseURL(stub.URL), client.WithTransport(dying{http.DefaultTransport, die}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = first.Carts.CheckoutOnce(ctx, customer, stored.cartID, client.RequestID(stored.requestID))
	if failed, ok := errors.AsType[*client.CheckoutError](err); ok {
		fmt.Println("group", failed.Groups[0].OrderGroup, "is", failed.Groups[0].State)
	}

	// In the next process:
	result, err := stub.client.Carts.CheckoutOnce(context.Background(), customer, stored.cartID, client.RequestID(stored.requestID))
	if err != nil {
		log.Fatal(err)
	}
	orders, err := stub.stub.Orders(context.Background(), "") // all that the stub has
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(orders), "order:", result.Orders[0].ID)
	// Output:
	// group 0 is unknown
	// 1 order: 000000000002
}

func ExampleOrderService_WaitProvisioned() {
	stub := startStub()
	defer stub.Close()
	placed := stub.order()

	ctx, cancel := context.WithTimeout(context.Background(), time.Hour) // an order may wait for people
	defer cancel()
	order, err := stub.client.Orders.WaitProvisioned(ctx, customer, placed.ID, client.OnProgress(func(p client.Progress) {
		fmt.Printf("%s: %d of %d lines, next look in %v\n", p.Order.Status, p.Provisioned, len(p.Order.LineItems), p.Next)
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("subscription", order.LineItems[0].SubscriptionID)
	// Output:
	// completed: 1 of 1 lines, next look in 0s
	// subscription 00000000-0000-4000-8000-000000000003
}

func ExampleOrderService_List() {
	stub := startStub()
	defer stub.Close()
	stub.order()
	stub.order()

	for order, err := range stub.client.Orders.List(context.Background(), customer, client.IncludePrice()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s %.2f %s\n", order.ID, order.Status, *order.TotalPrice, order.CurrencyCode)
	}
	// Output:
	// 000000000005 completed 36.48 USD
	// 000000000002 completed 36.48 USD
}

// Five more seats, and no renewal.
func ExampleSubscriptionService_Update() {
	stub := startStub()
	defer stub.Close()
	c, ctx := stub.client, context.Background()
	id := stub.order().LineItems[0].SubscriptionID

	s, err := c.Subscriptions.Get(ctx, customer, id)
	if err != nil {
		log.Fatal(err)
	}
	s, err = c.Subscriptions.Update(ctx, customer, id, client.SubscriptionUpdate{
		Quantity: new(s.Quantity + 5), AutoRenewEnabled: new(false),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Quantity, "seats, renews:", s.AutoRenewEnabled)
	// Output: 6 seats, renews: false
}

func ExampleProductService_List() {
	stub := startStub()
	defer stub.Close()

	market := client.Market{CustomerID: customer} // what this customer can buy
	for product, err := range stub.client.Products.List(context.Background(), market, "OnlineServices", client.Segment("education")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(product.ID, product.Title)
	}
	// Output: CFQ7TTC0HDK0 Advanced Communications
}

// From a SKU to the line of a cart. Availabilities change: read them before each purchase.
func ExampleProductService_Availabilities() {
	stub := startStub()
	defer stub.Close()
	c, ctx := stub.client, context.Background()

	var line client.CartLineItem
	for a, err := range c.Products.Availabilities(ctx, client.Market{CustomerID: customer}, "CFQ7TTC0LF8S", "0001") {
		if err != nil {
			log.Fatal(err)
		}
		for _, term := range a.Terms {
			if term.Duration == "P1Y" && term.BillingCycle != nil && *term.BillingCycle == client.BillingCycleMonthly {
				line = client.CartLineItem{CatalogItemID: a.CatalogItemID, Quantity: 1, TermDuration: "P1Y", BillingCycle: *term.BillingCycle}
			}
		}
	}
	cart, err := c.Carts.Create(ctx, customer, &client.Cart{LineItems: []client.CartLineItem{line}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s for %.2f %s\n", line.CatalogItemID, cart.LineItems[0].Pricing.ExtendedPrice, cart.LineItems[0].CurrencyCode)
	// Output: CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5 for 364.80 USD
}

// What kind of failure it is, and what to do about it.
func ExampleError() {
	stub := startStub()
	defer stub.Close()

	_, err := stub.client.Carts.Get(context.Background(), customer, "b4c8fdea-cbe4-4d17-9576-13fcacbf9699")
	if errors.Is(err, client.ErrCartNotFound) {
		fmt.Println("it has expired, or never was")
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(e.Op, e.StatusCode, e.Code) // and e.CorrelationID for a support case
		fmt.Println(e.Hint)
	}
	// Output:
	// it has expired, or never was
	// getCart 404 800008
	// a cart lives 7 days. If this one was never checked out, make a new one; else first see in Orders.List what it has ordered, which may take 15 minutes to be listed
}
