package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
)

// One record for each call, however often it was tried.
func ExampleWithLogger() {
	stub := startStub()
	defer stub.Close()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // what is another each time; leave this out
			if slices.Contains([]string{"time", "duration", "request_id", "correlation_id"}, a.Key) {
				return slog.Attr{}
			}
			return a
		},
	}))

	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(stub.URL), client.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Orders.Get(context.Background(), customer, stub.order().ID)
	if err != nil {
		log.Fatal(err)
	}
	// Output: level=INFO msg="Partner Center call" operation=getOrder status=200 tries=1
}

// traced is a transport around another: the place for otelhttp.NewTransport, for a proxy, or for a count of requests.
type traced struct{ http.RoundTripper }

func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		fmt.Println(r.Method, r.URL.Path, answer.StatusCode)
	}
	return answer, err
}

// It sees each try of each call.
func ExampleWithTransport() {
	stub := startStub()
	defer stub.Close()

	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(stub.URL), client.WithTransport(traced{http.DefaultTransport}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Carts.Get(context.Background(), customer, stub.cartWith(licence).ID)
	if err != nil {
		log.Fatal(err)
	}
	// Output: GET /v1/customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts/00000000-0000-4000-8000-000000000001 200
}

// A test that was pointed at a server that is not the stub buys nothing, and shows it no token.
func ExampleWithStubOnly() {
	another := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Printf("%s %s, token: %t\n", r.Method, r.URL.Path, r.Header.Get("Authorization") != "")
	}))
	defer another.Close()

	c, err := client.New(auth.StaticToken("precious"), client.WithBaseURL(another.URL), client.WithStubOnly())
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Carts.Checkout(context.Background(), customer, "b4c8fdea-cbe4-4d17-9576-13fcacbf9605")
	fmt.Println(errors.Is(err, client.ErrNotStub))
	// Output:
	// GET /livez, token: false
	// true
}

// What the service sends and the contract does not know is in the answer that azcore captures.
func Example_unknownProperties() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id": "000000000001", "status": "on_hold", "newSince2027": true}`)
	}))
	defer service.Close()
	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(service.URL))
	if err != nil {
		log.Fatal(err)
	}

	var answer *http.Response
	ctx := policy.WithCaptureResponse(context.Background(), &answer)
	order, err := c.Orders.Get(ctx, customer, "000000000001")
	if err != nil {
		log.Fatal(err)
	}
	body, err := runtime.Payload(answer) // the client has read it; it is kept
	if err != nil {
		log.Fatal(err)
	}
	var more struct{ NewSince2027 bool }
	if err := json.Unmarshal(body, &more); err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Status, order.Status.Valid()) // an unknown word stays as it is
	fmt.Println(more.NewSince2027)
	// Output:
	// on_hold false
	// true
}
