package server_test

import (
	"bufio"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// The request examples of the create page, as printed, give the answers that the page prints. Where the page's answer is
// not one to its request (api/sources.md, "Examples"), edit makes it one.
func TestDocuments_CreateCart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		request, response string
		edit              func(t *testing.T, want map[string]any)
	}{
		"six lines, with their comments": {
			request: "createCart.six-lines.request", response: "createCart.six-lines.response",
			edit: func(t *testing.T, want map[string]any) {
				at(t, want, "lineItems", 2, "provisioningContext").(map[string]any)["scope"] = "single"
				at(t, want, "lineItems", 3).(map[string]any)["catalogItemId"] = "DG7GMGF0DWTL:0001:DG7GMGF0DSFM"
			},
		},
		"attestation, resellers and a custom term end": {
			request: "createCart.attestation.request", response: "createCart.attestation.response",
		},
		"new commerce, in PascalCase": {
			request: "createCart.new-commerce.request", response: "createCart.new-commerce.response",
			edit: func(t *testing.T, want map[string]any) {
				line := at(t, want, "lineItems", 0).(map[string]any)
				line["catalogItemId"], line["termDuration"] = "CFQ7TTC0LFLZ:0002:CFQ7TTC0K4TS", "P1M"
				delete(line, "pricing") // the documents print none for this item
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := servertest.New(t)
			a := send(t, stub, "POST", "/customers/"+customer+"/carts", example(t, tc.request))
			if a.status != http.StatusCreated {
				t.Fatalf("status %d\n%s", a.status, a.body)
			}
			want := exampleJSON(t, tc.response)
			if tc.edit != nil {
				tc.edit(t, want)
			}
			if diff := cmp.Diff(scrub(want), scrub(a.json(t))); diff != "" {
				t.Errorf("cart differs from the page's (-want +got):\n%s", diff)
			}
		})
	}
}

// The page's answer for a new-commerce licence, to the request that it must have been for: with prices.
func TestDocuments_CreateCart_Pricing(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	want := exampleJSON(t, "createCart.new-commerce.response")
	a := send(t, stub, "POST", "/customers/"+customer+"/carts", marshal(t, want)) // sent back whole, as clients do
	if diff := cmp.Diff(scrub(want), scrub(a.json(t))); diff != "" || a.status != http.StatusCreated {
		t.Errorf("status %d, cart differs from the page's (-want +got):\n%s", a.status, diff)
	}
}

// The update page's request with its braces repaired, to its path with a slash at the end.
func TestDocuments_UpdateCart(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart := created(t, stub, strings.Replace(example(t, "updateCart.request"), `"Quantity":2`, `"Quantity":1`, 1))
	before := send(t, stub, "GET", cart, "").json(t)
	stub.Advance(time.Hour)

	a := send(t, stub, "PUT", cart+"/", example(t, "updateCart.request"))
	if a.status != http.StatusCreated {
		t.Fatalf("status %d\n%s", a.status, a.body)
	}
	after := a.json(t)
	if diff := cmp.Diff(scrub(exampleJSON(t, "updateCart.response")), scrub(after)); diff != "" {
		t.Errorf("cart differs from the page's (-want +got):\n%s", diff)
	}
	if at(t, before, "lineItems", 0, "quantity") != 1.0 || at(t, after, "lineItems", 0, "quantity") != 2.0 {
		t.Error("the quantity did not go from 1 to 2")
	}
	for _, name := range []string{"id", "creationTimestamp", "expirationTimestamp"} {
		if before[name] != after[name] {
			t.Errorf("%s went from %v to %v", name, before[name], after[name])
		}
	}
	if before["lastModifiedTimestamp"] == after["lastModifiedTimestamp"] {
		t.Error("lastModifiedTimestamp stayed")
	}
	if again := send(t, stub, "GET", cart, "").json(t); !cmp.Equal(after, again) {
		t.Errorf("get gives another cart than put:\n%s", cmp.Diff(after, again))
	}
}

// The same request as printed, with its doubled braces.
func TestDocuments_UpdateCart_AsPrinted(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	a := send(t, stub, "PUT", created(t, stub, oneLine)+"/", example(t, "updateCart.as-printed.request"))
	want := map[string]any{
		"code": 800002.0, "source": "PartnerApiServiceControllers",
		"description": "Invalid request: /: this is not JSON: object member name must be a string (line 2, column 5)",
		"data":        []any{"/: this is not JSON: object member name must be a string (line 2, column 5)"},
	}
	if diff := cmp.Diff(want, a.json(t)); diff != "" || a.status != http.StatusBadRequest {
		t.Errorf("status %d, body differs (-want +got):\n%s", a.status, diff)
	}
}

// The checkout page's request, head and all, to the cart whose orders the page prints; then again.
func TestDocuments_Checkout(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	lines := exampleJSON(t, "createCart.six-lines.response")
	lines["lineItems"] = lines["lineItems"].([]any)[:5] // the page has no order of the trial
	cart := created(t, stub, marshal(t, lines))

	first := sendRaw(t, stub, "POST /v1"+cart+"/checkout HTTP/1.1\r\n"+
		"Authorization: Bearer <token>\r\n"+
		"Accept: application/json\r\n"+
		"MS-RequestId: 4fa6dad6-a89f-4875-8247-8294a10ae1cf\r\n"+
		"MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286\r\n"+
		"X-Locale: en-US\r\n"+
		"MS-PartnerCenter-Client: Partner Center .NET SDK\r\n"+
		"Content-Type: application/json\r\n"+
		"Host: api.partnercenter.microsoft.com\r\n"+
		"Content-Length: 0\r\n"+
		"Expect: 100-continue\r\n\r\n")
	if first.status != http.StatusCreated {
		t.Fatalf("status %d\n%s", first.status, first.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "X-Locale": "en-US,en-US", "Ms-Serverid": "000001",
		"Ms-Requestid": "4fa6dad6-a89f-4875-8247-8294a10ae1cf", "Ms-Correlationid": "0e93c70c-977a-4a88-9580-7cf084c73286",
	} {
		if got := first.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	want := exampleJSON(t, "checkoutCart.three-orders.response")
	for _, order := range want["orders"].([]any)[1:] {
		order.(map[string]any)["currencySymbol"] = "US$" // since 2023
	}
	for _, n := range []int{0, 1} { // the page's lines have none; the REST reference has
		at(t, want, "orders", 1, "lineItems", n).(map[string]any)["provisioningContext"] = at(t, lines, "lineItems", n+1, "provisioningContext")
	}
	if diff := cmp.Diff(scrub(want), scrub(first.json(t))); diff != "" {
		t.Errorf("result differs from the page's (-want +got):\n%s", diff)
	}

	stub.Advance(24 * time.Hour)
	if second := send(t, stub, "POST", cart+"/checkout", ""); second.status != http.StatusCreated || string(second.body) != string(first.body) {
		t.Errorf("the second checkout answers %d with other bytes:\n%s\n%s", second.status, first.body, second.body)
	}
}

// The checkout page's new-commerce order, before and after it is provisioned.
func TestDocuments_GetOrder(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart := created(t, stub, oneLine)
	order := at(t, send(t, stub, "POST", cart+"/checkout", "").json(t), "orders", 0)
	if _, there := at(t, order, "lineItems", 0).(map[string]any)["subscriptionId"]; there {
		t.Error("the checkout's answer has a subscriptionId")
	}
	path := "/customers/" + customer + "/orders/" + order.(map[string]any)["id"].(string) + "?include_price=true"

	stub.Advance(server.DefaultProvisionDelay - time.Microsecond)
	before := send(t, stub, "GET", path, "").json(t)
	want := exampleJSON(t, "getOrder.response")
	line := at(t, want, "lineItems", 0).(map[string]any)
	delete(line, "subscriptionId")
	if diff := cmp.Diff(scrub(want), scrub(before)); diff != "" {
		t.Errorf("the pending order differs from the page's (-want +got):\n%s", diff)
	}

	stub.Advance(time.Microsecond)
	after := send(t, stub, "GET", path, "").json(t)
	line["subscriptionId"] = "any"
	line["links"].(map[string]any)["subscription"] = map[string]any{
		"uri": "/customers/*/subscriptions/*", "method": "GET", "headers": []any{},
	}
	want["status"] = "completed"
	if diff := cmp.Diff(scrub(want), scrub(after)); diff != "" {
		t.Errorf("the completed order differs from the page's (-want +got):\n%s", diff)
	}
}

// CHECKOUT-BODY: whatever clients send with a checkout is ignored.
func TestDocuments_CheckoutBodies(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	for name, tc := range map[string]struct{ body, contentType string }{
		"the page's words":       {"No-Content-Body", "application/json"},
		"the SDKs' JSON string":  {`"success"`, "application/json"},
		"a cart":                 {example(t, "createCart.six-lines.request"), "application/json"},
		"not JSON, not its type": {"\x00\xff<a>", "application/octet-stream"},
		"packed":                 {"\x1f\x8b", "application/json\nContent-Encoding: gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := strings.Split("Content-Type: "+tc.contentType, "\n")
			a := send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", tc.body, headers...)
			if a.status != http.StatusCreated {
				t.Errorf("status %d\n%s", a.status, a.body)
			}
		})
	}
}

// sendRaw writes a request as it is, and reads the answer that follows the interim ones.
func sendRaw(t *testing.T, stub *servertest.Stub, request string) answer {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(stub.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode == http.StatusContinue {
			continue
		}
		var b strings.Builder
		if _, err := bufio.NewReader(response.Body).WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return answer{response.StatusCode, response.Header, []byte(b.String())}
	}
}

// scrub takes out of a JSON value what the server makes anew each time: ids, times, users.
func scrub(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = scrub(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			text, isText := value.(string)
			switch {
			case isText && made[name]:
				out[name] = "*"
			case isText && name == "uri":
				out[name] = idInPath.ReplaceAllString(text, "/$1/*")
			default:
				out[name] = scrub(value)
			}
		}
		return out
	}
	return v
}

var (
	made = map[string]bool{
		"id": true, "alternateId": true, "creationTimestamp": true, "lastModifiedTimestamp": true, "expirationTimestamp": true,
		"lastModifiedUser": true, "creationDate": true, "referenceCustomerId": true, "subscriptionId": true, "etag": true,
	}
	idInPath = regexp.MustCompile(`/(customers|carts|orders|subscriptions)/[^/?]+`)
)
