package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

func oneLine() *client.Cart {
	return &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1M",
	}}}
}

// The whole of the main job: create, get, change, check out, and wait for the subscription.
func TestClient(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()

	cart, err := c.Carts.Create(ctx, customer, oneLine())
	if err != nil {
		t.Fatal(err)
	}
	if *cart.LineItems[0].ID != 0 || cart.LineItems[0].Pricing.ExtendedPrice != 36.48 || cart.Status != client.CartStatusActive {
		t.Errorf("the cart is %+v", cart)
	}
	got, err := c.Carts.Get(ctx, customer, cart.ID)
	if diff := cmp.Diff(cart, got); err != nil || diff != "" {
		t.Errorf("Get: %v, cart differs (-created +got):\n%s", err, diff)
	}
	got.LineItems[0].Quantity = 3
	changed, err := c.Carts.Update(ctx, customer, cart.ID, got)
	if err != nil || changed.LineItems[0].Quantity != 3 || changed.ID != cart.ID || !changed.ExpirationTimestamp.Equal(cart.ExpirationTimestamp) {
		t.Errorf("Update: %v, cart is %+v", err, changed)
	}

	result, err := c.Carts.Checkout(ctx, customer, cart.ID)
	if err != nil || len(result.Orders) != 1 || result.OrderErrors != nil {
		t.Fatalf("Checkout: %v, result %+v", err, result)
	}
	again, err := c.Carts.Checkout(ctx, customer, cart.ID)
	if diff := cmp.Diff(result, again); err != nil || diff != "" {
		t.Errorf("Checkout again: %v, result differs (-first +second):\n%s", err, diff)
	}
	placed := result.Orders[0]
	if placed.Status != client.OrderStatusPending || placed.LineItems[0].SubscriptionID != "" || *placed.TotalPrice != 109.44 {
		t.Errorf("the order is %+v", placed)
	}
	stub.Advance(5 * time.Second)
	order, err := c.Orders.Get(ctx, customer, placed.ID)
	if err != nil || order.Status != client.OrderStatusCompleted || order.LineItems[0].SubscriptionID == "" || order.TotalPrice != nil {
		t.Errorf("Get: %v, order is %+v", err, order)
	}
	for _, tc := range []struct {
		options []client.CallOption
		want    int
	}{
		{nil, 1},
		{[]client.CallOption{client.IncludePrice(), client.BillingType(client.BillingCycleMonthly)}, 1},
		{[]client.CallOption{client.BillingType(client.BillingCycleAnnual)}, 0},
	} {
		n := 0
		for o, err := range c.Orders.List(ctx, customer, tc.options...) {
			n++
			if err != nil || o.ID != placed.ID || (o.TotalPrice != nil) != (len(tc.options) == 2) {
				t.Errorf("List: %v, order is %+v", err, o)
			}
		}
		if n != tc.want {
			t.Errorf("List with %d options gives %d orders, want %d", len(tc.options), n, tc.want)
		}
	}
}

// A refusal of the service, in all its parts.
func TestError(t *testing.T) {
	t.Parallel()
	c := servertest.New(t).Client()
	cart := oneLine()
	cart.LineItems[0].Quantity = 0
	_, err := c.Carts.Create(t.Context(), customer, cart)
	var e *client.Error
	if !errors.As(err, &e) {
		t.Fatalf("Create gave %v, want an *Error", err)
	}
	if e.Op != "createCart" || e.StatusCode != 400 || e.Code != 800002 || e.Source == "" || len(e.Raw) == 0 ||
		!cmp.Equal(e.Data, []string{"/lineItems/0/quantity: must be at least 1"}) {
		t.Errorf("the error is %+v", e)
	}
	want := "cartwright: createCart: 400 800002 Invalid request: /lineItems/0/quantity: must be at least 1; correct what Data names (request id " +
		e.RequestID + ", correlation id " + e.CorrelationID + ")"
	if len(e.RequestID) != 36 || len(e.CorrelationID) != 36 || e.Error() != want {
		t.Errorf("it says\n%s\nwant\n%s", e, want)
	}
	for _, err := range c.Orders.List(t.Context(), "no guid") {
		if !errors.As(err, &e) || e.Op != "listOrders" || e.Code != 900118 {
			t.Errorf("List gave %v", err)
		}
	}
}

// answering is a client of a server that gives the same answer to everything, and remembers what it was sent.
func answering(t *testing.T, status int, body string, headers ...string) (c *client.Client, sent *http.Request) {
	t.Helper()
	sent = &http.Request{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		*sent = *r.Clone(context.Background())
		sent.Body = io.NopCloser(strings.NewReader(string(data)))
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := client.New(auth.StaticToken("secret-token"), client.WithBaseURL(s.URL), client.WithRetry(policy.RetryOptions{MaxRetries: -1}))
	if err != nil {
		t.Fatal(err)
	}
	return c, sent
}

func example(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "api", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What the real service really sends: a byte-order mark, PascalCase, other words, codes as strings, 200 or 201.
func TestReading(t *testing.T) {
	t.Parallel()
	const line = `{"id":0,"catalogItemId":"x","quantity":1,"billingCycle":"monthly","error":{"errorCode":10001,"errorDescription":"\"code\": \"7\"","attributes":{"objectType":"CartError"}}}`
	want := &client.Cart{ID: "3655b1a0-b1c9-4268-9824-577fdbc4d0be", Status: client.CartStatusActive, LineItems: []client.CartLineItem{{
		ID: new(int32), CatalogItemID: "x", Quantity: 1, BillingCycle: client.BillingCycleMonthly,
		Error: &client.CartError{ErrorCode: 10001, ErrorDescription: `"code": "7"`, Attributes: client.ResourceAttributes{ObjectType: "CartError"}},
	}}}
	plain := `{"id":"3655b1a0-b1c9-4268-9824-577fdbc4d0be","status":"Active","lineItems":[` + line + `]}`
	for name, tc := range map[string]struct {
		status int
		body   string
	}{
		"as the contract has it":    {201, plain},
		"200 for 201":               {200, plain},
		"byte-order mark":           {201, "\xef\xbb\xbf" + plain},
		"PascalCase":                {201, strings.NewReplacer(`"id"`, `"Id"`, `"status"`, `"Status"`, `"lineItems"`, `"LineItems"`, `"billingCycle"`, `"BillingCycle"`).Replace(plain)},
		"other words":               {201, strings.Replace(plain, `"monthly"`, `"Monthly"`, 1)},
		"code as a string":          {201, strings.Replace(plain, `:10001`, `:"10001"`, 1)},
		"the line's id as a string": {201, strings.Replace(plain, `"id":0`, `"id":"0"`, 1)},
		"unknown properties":        {201, strings.Replace(plain, `{`, `{"new":{"a":[1]},`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, tc.status, tc.body)
			got, err := c.Carts.Get(t.Context(), customer, want.ID)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Get: %v, cart differs (-want +got):\n%s", err, diff)
			}
		})
	}
}

// The words of orders in another spelling, and one that the contract does not know.
func TestReading_Orders(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer(`"status": "pending"`, `"status": "PendingReview"`, `"billingCycle": "monthly"`, `"billingCycle": "OneTime"`).
		Replace("\xef\xbb\xbf" + example(t, "checkoutCart.new-commerce.response.json"))
	c, _ := answering(t, 200, body)
	result, err := c.Carts.Checkout(t.Context(), customer, customer)
	if err != nil || result.Orders[0].Status != client.OrderStatusPendingReview || result.Orders[0].BillingCycle != client.BillingCycleOneTime {
		t.Errorf("Checkout: %v, orders %+v", err, result)
	}
	c, _ = answering(t, 200, strings.Replace(example(t, "getOrder.response.json"), `"pending"`, `"Teleported"`, 1))
	order, err := c.Orders.Get(t.Context(), customer, "a68736758d9c")
	if err != nil || order.Status != "Teleported" || order.CreationDate.Nanosecond() != 450513600 {
		t.Errorf("Get: %v, order %+v", err, order)
	}
	c, _ = answering(t, 201, strings.NewReplacer("2019-01-16T00:48:44.76+00:00", "2019-01-15T16:48:44.7612345-08:00", `"lineItemNumber": 0`, `"lineItemNumber": "0"`).
		Replace(example(t, "checkoutCart.three-orders.response.json")))
	result, err = c.Carts.Checkout(t.Context(), customer, customer)
	if at := time.Date(2019, 1, 16, 0, 48, 44, 761234500, time.UTC); err != nil || !result.Orders[0].CreationDate.Equal(at) {
		t.Errorf("Checkout: %v, orders %+v", err, result)
	}
	c, _ = answering(t, 201, `{"Orders":[],"OrderErrors":[{"OrderGroupId":"0","Code":"400019","Description":"gone"}]}`)
	if _, err = c.Carts.Checkout(t.Context(), customer, customer); !errors.Is(err, client.ErrAvailabilityGone) {
		t.Errorf("Checkout: %v", err)
	}
	c, _ = answering(t, 200, `{"id":"a","lineItems":[],"expirationTimestamp":"0001-01-01T00:00:00"}`)
	if cart, err := c.Carts.Get(t.Context(), customer, customer); err != nil || !cart.ExpirationTimestamp.IsZero() {
		t.Errorf("Get: %v, cart %+v", err, cart)
	}
}

// What the contract does not know is not lost: the whole body is to be had.
func TestReading_Unknown(t *testing.T) {
	t.Parallel()
	const body = `{"id":"a","lineItems":[],"status":"Teleported","novelty":{"a":[1]}}`
	c, _ := answering(t, 200, body)
	var raw *http.Response
	cart, err := c.Carts.Get(policy.WithCaptureResponse(t.Context(), &raw), customer, customer)
	if err != nil || cart.Status != "Teleported" {
		t.Fatalf("Get: %v, cart %+v", err, cart)
	}
	if got, err := runtime.Payload(raw); err != nil || string(got) != body {
		t.Errorf("the body is %s, %v", got, err)
	}
}

// Errors of every form that comes: the service's with its code in either type, the gateway's, a proxy's page, nothing.
func TestReading_Errors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status  int
		body    string
		headers []string
		want    client.Error
	}{
		"code as a number": {
			404, `{"code":800008,"description":"Cart not found","data":["x"],"source":"PartnerFD"}`, nil,
			client.Error{Code: 800008, Description: "Cart not found", Data: []string{"x"}, Source: "PartnerFD"},
		},
		"code as a string, after a byte-order mark": {
			404, "\xef\xbb\xbf" + `{"Code":"800008","Description":"Cart not found"}`, nil,
			client.Error{Code: 800008, Description: "Cart not found"},
		},
		"the gateway's": {
			429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}`,
			[]string{"Retry-After: 57"},
			client.Error{Description: "Rate limit is exceeded. Try again in 57 seconds.", RetryAfter: 57 * time.Second},
		},
		"a proxy's page": {502, "<html>Bad Gateway</html>", nil, client.Error{Description: "Bad Gateway"}},
		"an empty 401":   {401, "", []string{"WWW-Authenticate: Bearer"}, client.Error{Description: "Unauthorized"}},
		"data of another form": {
			400, `{"code":2000,"description":"Tenant Id must be a GUID.","data":"x"}`, nil,
			client.Error{Code: 2000, Description: "Tenant Id must be a GUID."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, tc.status, tc.body, tc.headers...)
			_, err := c.Carts.Get(t.Context(), customer, customer)
			var got *client.Error
			if !errors.As(err, &got) {
				t.Fatalf("Get gave %v", err)
			}
			tc.want.Op, tc.want.StatusCode, tc.want.Raw = "getCart", tc.status, []byte(tc.body)
			tc.want.Tries = 1
			tc.want.RequestID, tc.want.CorrelationID = got.RequestID, got.CorrelationID
			if tc.want.Hint = got.Hint; (got.Hint == "") != (tc.status == 400) {
				t.Errorf("the hint is %q", got.Hint)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
		})
	}
}

// An answer that can't be read is an error that says so, and keeps what came.
func TestReading_NotJSON(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, 200, "<html>Log in</html>")
	_, err := c.Carts.Get(t.Context(), customer, customer)
	var e *client.Error
	if !errors.As(err, &e) || e.StatusCode != 200 || string(e.Raw) != "<html>Log in</html>" || !strings.Contains(e.Error(), "read the answer") {
		t.Errorf("Get gave %+v", err)
	}
}

// What is no answer of the operation is never taken for one: above all, no checkout that did not happen for one that did.
func TestReading_NotTheOperation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
	}{
		"another object":  {200, `{"code":5}`},
		"null":            {201, `null`},
		"no orders":       {201, `{"orders":null}`},
		"accepted":        {202, `{"orders":[]}`},
		"no content":      {204, ``},
		"a redirect away": {302, `{"orders":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, sent := answering(t, tc.status, tc.body, "Location: /elsewhere")
			var e *client.Error
			if result, err := c.Carts.Checkout(t.Context(), customer, customer); !errors.As(err, &e) || e.StatusCode != tc.status {
				t.Errorf("Checkout gave %+v, %v", result, err)
			}
			if sent.Method != http.MethodPost || strings.HasSuffix(sent.URL.Path, "elsewhere") {
				t.Errorf("the redirect was followed: %s %s", sent.Method, sent.URL)
			}
			if cart, err := c.Carts.Get(t.Context(), customer, customer); !errors.As(err, &e) {
				t.Errorf("Get gave %+v, %v", cart, err)
			}
			if order, err := c.Orders.Get(t.Context(), customer, "a68736758d9c"); !errors.As(err, &e) {
				t.Errorf("Get gave %+v, %v", order, err)
			}
		})
	}
}

// Arguments of which no request can be made are refused before one is sent.
func TestArguments(t *testing.T) {
	t.Parallel()
	c, sent := answering(t, 201, example(t, "createCart.attestation.response.json"))
	for _, id := range []string{"", ".", ".."} {
		_, create := c.Carts.Create(t.Context(), id, oneLine())
		_, get := c.Carts.Get(t.Context(), customer, id)
		_, update := c.Carts.Update(t.Context(), customer, id, oneLine())
		_, checkout := c.Carts.Checkout(t.Context(), customer, id)
		_, order := c.Orders.Get(t.Context(), customer, id)
		for i, err := range []error{create, get, update, checkout, order} {
			var e *client.Error
			if !errors.As(err, &e) || e.Op == "" || !strings.HasSuffix(e.Error(), "is no id") {
				t.Errorf("call %d with id %q gave %v", i, id, err)
			}
		}
		for _, err := range c.Orders.List(t.Context(), id) {
			if err == nil {
				t.Errorf("List with id %q gave no error", id)
			}
		}
	}
	if _, err := c.Carts.Create(t.Context(), customer, nil); err == nil {
		t.Error("Create without a cart gave no error")
	}
	if sent.Method != "" {
		t.Errorf("sent was %s %s", sent.Method, sent.URL)
	}
}

// What goes out: a token, the ids, who asks; and a cart without anything that only the service sets.
func TestSending(t *testing.T) {
	t.Parallel()
	c, sent := answering(t, 201, example(t, "createCart.attestation.response.json"))
	cart := oneLine()
	zero := int32(0)
	cart.LineItems[0].ID = &zero
	if _, err := c.Carts.Create(t.Context(), customer, cart); err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(sent.Body)
	const want = `{"lineItems":[{"billingCycle":"monthly","catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","id":0,"quantity":1,"termDuration":"P1M"}]}`
	if strings.TrimSpace(string(body)) != want {
		t.Errorf("body is %s\nwant    %s", body, want)
	}
	if sent.URL.Path != "/v1/customers/"+customer+"/carts" || sent.Method != "POST" {
		t.Errorf("sent is %s %s", sent.Method, sent.URL.Path)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer secret-token", "Accept": "application/json", "Content-Type": "application/json",
		"User-Agent": "cartwright-go/" + client.Version, "MS-PartnerCenter-Client": "cartwright-go/" + client.Version,
	} {
		if got := sent.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	first := sent.Header.Get("MS-RequestId")
	if len(first) != 36 || len(sent.Header.Get("MS-CorrelationId")) != 36 {
		t.Errorf("the ids are %q and %q", first, sent.Header.Get("MS-CorrelationId"))
	}
	if _, err := c.Carts.Create(t.Context(), customer, cart); err != nil || sent.Header.Get("MS-RequestId") == first {
		t.Errorf("the second call: %v, it has the first one's request id: %v", err, sent.Header.Get("MS-RequestId") == first)
	}
}

// A call that gets no answer is an *Error that keeps the cause and the request's id, and no token.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, 200, "{}")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Carts.Checkout(ctx, customer, customer)
	var e *client.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.StatusCode != 0 || e.RequestID == "" || strings.Contains(err.Error(), "secret") {
		t.Errorf("Checkout gave %v", err)
	}
}

func TestNew_Refuses(t *testing.T) {
	t.Parallel()
	token := auth.StaticToken("x")
	if _, err := client.New(nil); err == nil {
		t.Error("New without a credential gave no error")
	}
	for _, bad := range []string{"", "api.partnercenter.microsoft.com", "ftp://x", "http://api.partnercenter.microsoft.com", "http://[::1", "https://"} {
		if _, err := client.New(token, client.WithBaseURL(bad)); err == nil {
			t.Errorf("New with base URL %q gave no error", bad)
		}
	}
	for _, good := range []string{"https://api.partnercenter.microsoft.com", "http://127.0.0.1:8080/", "http://localhost:8080/v1", "http://[::1]:8080/v1/"} {
		if _, err := client.New(token, client.WithBaseURL(good)); err != nil {
			t.Errorf("New with base URL %q: %v", good, err)
		}
	}
}

// WithTransport sends through the transport that it is given.
func TestWithTransport(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused by the transport")
	c, err := client.New(auth.StaticToken("x"), client.WithRetry(policy.RetryOptions{MaxRetries: -1}),
		client.WithTransport(transport(func(*http.Request) (*http.Response, error) { return nil, refused })))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Carts.Get(t.Context(), customer, customer); !errors.Is(err, refused) {
		t.Errorf("Get gave %v", err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
