package server_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/servertest"
)

// HTTP-ERRORS: each bad input gets a status, a code, and a reason that names the place, and no word of Go or of schemas.
func TestBadInput(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	const carts = "/customers/" + customer + "/carts"
	line := func(members string) string { return `{"lineItems":[{` + members + `}]}` }
	const good = `"catalogItemId":"MS-AZR-0145P","billingCycle":"monthly","termDuration":"P1Y"`
	cart := created(t, stub, oneLine)
	const orders = "/customers/" + customer + "/orders"
	order := orders + "/" + send(t, stub, "POST", orders, anyOrder).json(t)["id"].(string)

	for name, tc := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code               float64
		data               []string // of the answer; nil where none is expected
		description        string   // a part of it, where there is no data
	}{
		"an order without lines": {
			method: "POST", path: orders, body: `{"billingCycle":"monthly"}`,
			status: 400, code: 800002, data: []string{"/lineItems: is missing"},
		},
		"an order of no lines": {
			method: "POST", path: orders, body: `{"lineItems":[]}`,
			status: 400, code: 800002, data: []string{"/lineItems: the number of entries must be at least 1"},
		},
		"an order of nothing": {
			method: "POST", path: orders, body: `{"lineItems":[{"offerId":"MS-AZR-0145P","quantity":0}]}`,
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: must be at least 1"},
		},
		"a cycle that an order does not know": {
			method: "POST", path: orders, body: `{"billingCycle":"weekly","lineItems":[{"offerId":"MS-AZR-0145P","quantity":1}]}`,
			status: 400, code: 900126, data: []string{"/billingCycle: must be one of unknown, monthly, annual, none, one_time, triennial, biennial"},
		},
		"a status that orders don't have": {
			method: "PATCH", path: order, body: `{"status":"gone"}`,
			status: 400, code: 900126, data: []string{"/status: must be one of unknown, completed, pending, cancelled, suspended, pending_review, pending_po_upload, po_upload_complete, po_review_rejected, partial_success, error"},
		},
		"a status that nobody can set": {
			method: "PATCH", path: order, body: `{"status":"suspended"}`,
			status: 400, code: 800002, data: []string{"/status: an order's status can only be set to cancelled, not suspended"},
		},
		"a line that an order does not have": {
			method: "PATCH", path: order, body: `{"status":"cancelled","lineItems":[{"lineItemNumber":7}]}`,
			status: 400, code: 800002, data: []string{"/lineItems/0/lineItemNumber: the order has no line 7"},
		},
		"a line number below zero": {
			method: "PATCH", path: order, body: `{"lineItems":[{"lineItemNumber":-1}]}`,
			status: 400, code: 800002, data: []string{"/lineItems/0/lineItemNumber: must be at least 0"},
		},
		"an order's update that is no object": {
			method: "PATCH", path: order, body: `[]`,
			status: 400, code: 800002, data: []string{"/: must be an object"},
		},
		"an order's update without a body": {
			method: "PATCH", path: order, body: ``,
			status: 400, code: 800002, data: []string{"/: the request has no body, where JSON is expected"},
		},
		"a commitment that no price can be made of": {
			method: "POST", path: carts, body: line(good + `,"quantity":1,"purchaseCommitment":{"amount":1e308,"currency":"usd","grain":"hourly"}`),
			status: 400, code: 800002, data: []string{"/lineItems/0/purchaseCommitment/amount: must be at most 1000000000"},
		},
		"subscriptions of an order that can't be": {
			method: "GET", path: "/customers/" + customer + "/subscriptions?order_id=%00", body: ``,
			status: 400, code: 800002, data: []string{"query order_id: must match ^[0-9A-Za-z_-]*$"},
		},
		"a product without a country": {
			method: "GET", path: "/products/CFQ7TTC0LF8S", body: ``,
			status: 400, code: 800002, data: []string{"query country: is missing"},
		},
		"a country of three letters": {
			method: "GET", path: "/products/CFQ7TTC0LF8S?country=USA", body: ``,
			status: 400, code: 800002, data: []string{"query country: must match ^[A-Za-z]{2}$"},
		},
		"products without a view": {
			method: "GET", path: "/products?country=US", body: ``,
			status: 400, code: 800002, data: []string{"query targetView: is missing"},
		},
		"a line item number that is none": {
			method: "GET", path: order + "/lineitems/x/activationlinks", body: ``,
			status: 400, code: 800002, data: []string{"path line_item_number: must be an integer of 32 bits"},
		},
		"a subscription id that is no GUID": {
			method: "GET", path: "/customers/" + customer + "/subscriptions/x", body: ``,
			status: 400, code: 800002, data: []string{"path subscription_id: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf"},
		},
		"a subscription's quantity of zero": {
			method: "PATCH", path: "/customers/" + customer + "/subscriptions/" + customer, body: `{"quantity":0}`,
			status: 400, code: 800002, data: []string{"/quantity: must be at least 1"},
		},
		"a subscription's unknown status": {
			method: "PATCH", path: "/customers/" + customer + "/subscriptions/" + customer, body: `{"status":"gone"}`,
			status: 400, code: 900126, data: []string{"/status: must be one of none, active, pending, suspended, expired, disabled, deleted"},
		},
		"the same property in two spellings": {
			method: "POST", path: carts, body: `{"lineItems":[{` + good + `,"quantity":1}],"LINEITEMS":[{"quantity":-5}]}`,
			status: 400, code: 800002, data: []string{`/LINEITEMS: repeats the property "lineItems"`},
		},
		"a key twice": {
			method: "POST", path: carts, body: line(`"quantity":1,"quantity":2,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: repeats a property"},
		},
		"two documents": {
			method: "POST", path: carts, body: oneLine + oneLine,
			status: 400, code: 800002, data: []string{"/: a second value follows the first (line 1, column 126)"},
		},
		"invalid UTF-8": {
			method: "POST", path: carts, body: line(`"quantity":1,"friendlyName":"` + "\xc3\x28" + `",` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/friendlyName: this is not JSON: invalid UTF-8 (line 1, column 45)"},
		},
		"NUL in a string": {
			method: "POST", path: carts, body: line(`"quantity":1,"friendlyName":"a\u0000b",` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/friendlyName: contains the character NUL"},
		},
		"100,000 levels of nesting": {
			method: "POST", path: carts, body: strings.Repeat(`{"lineItems":[`, 100_000),
			status: 413, code: 800002, description: "larger than 1048576 bytes",
		},
		"100,000 levels of nesting in less than a megabyte": {
			method: "POST", path: carts, body: `{"x":` + strings.Repeat("[", 100_000),
			status: 400, code: 800002, data: []string{"/x" + strings.Repeat("/0", 63) + ": nested more than 64 levels deep"},
		},
		"a body of 20 MB": {
			method: "POST", path: carts, body: strings.Repeat(" ", 20_000_000),
			status: 413, code: 800002, description: "larger than 1048576 bytes",
		},
		"a body of 20 MB for a checkout": {
			method: "POST", path: cart + "/checkout", body: strings.Repeat(" ", 20_000_000),
			status: 413, code: 800002, description: "larger than 1048576 bytes",
		},
		"a number out of range": {
			method: "POST", path: carts, body: line(`"quantity":1e400,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: is out of range"},
		},
		"a quantity over 32 bits": {
			method: "POST", path: carts, body: line(`"quantity":2147483648,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: must be an integer of 32 bits"},
		},
		"a quantity of zero": {
			method: "POST", path: carts, body: line(`"quantity":0,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: must be at least 1"},
		},
		"half a licence": {
			method: "POST", path: carts, body: line(`"quantity":0.5,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: must be an integer of 32 bits"},
		},
		"an unknown word": {
			method: "POST", path: carts, body: line(`"catalogItemId":"a","quantity":1,"billingCycle":"weekly"`),
			status: 400, code: 900126,
			data: []string{"/lineItems/0/billingCycle: must be one of unknown, monthly, annual, none, one_time, triennial, biennial"},
		},
		"no catalogue item": {
			method: "POST", path: carts, body: line(`"quantity":1,"billingCycle":"monthly"`),
			status: 400, code: 900142, data: []string{"/lineItems/0/catalogItemId: is missing"},
		},
		"catalogId, as one table of the documents calls it": {
			method: "POST", path: carts, body: line(`"catalogId":"MS-AZR-0145P","quantity":1,"billingCycle":"monthly"`),
			status: 400, code: 900142, data: []string{"/lineItems/0/catalogItemId: is missing"},
		},
		"null for what must be there": {
			method: "POST", path: carts, body: line(`"quantity":null,` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/quantity: is missing"},
		},
		"several faults, in the order of the document": {
			method: "POST", path: carts, body: line(`"billingCycle":"weekly","participants":[{"value":"abc","key":"boss"}],"quantity":"many","friendlyName":7,` +
				`"customTermEndDate":"2022-02-30T00:00:00Z","id":-1`),
			status: 400, code: 900126,
			data: []string{
				"/lineItems/0/billingCycle: must be one of unknown, monthly, annual, none, one_time, triennial, biennial",
				"/lineItems/0/participants/0/value: must match ^[0-9]{1,20}$",
				"/lineItems/0/participants/0/key: must be one of transaction_reseller, additional_transaction_reseller, consumption_reseller, unknown",
				"/lineItems/0/quantity: must be an integer of 32 bits",
				"/lineItems/0/friendlyName: must be a string",
				"/lineItems/0/customTermEndDate: must be a time with its zone, such as 2026-11-21T00:00:00Z",
				"/lineItems/0/id: must be at least 0",
				"/lineItems/0/catalogItemId: is missing",
			},
		},
		"parameters come before the body": {
			method: "POST", path: "/customers/x/carts", body: `{}`, headers: []string{"MS-RequestId: 17"},
			status: 400, code: 900118,
			data: []string{
				"path customer_id: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf",
				"header MS-RequestId: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf",
				"/lineItems: is missing",
			},
		},
		"no lines": {
			method: "POST", path: carts, body: `{"lineItems":[]}`,
			status: 400, code: 800002, data: []string{"/lineItems: the number of entries must be at least 1"},
		},
		"501 lines": {
			method: "POST", path: carts, body: `{"lineItems":[` + strings.Repeat(`{"quantity":1,`+good+`},`, 500) + `{"quantity":1,` + good + `}]}`,
			status: 400, code: 800002, data: []string{"/lineItems: the number of entries must be at most 500"},
		},
		"ids twice": {
			method: "POST", path: carts, body: `{"lineItems":[{"id":0,"quantity":1,` + good + `},{"id":0,"quantity":1,` + good + `}]}`,
			status: 400, code: 800002, data: []string{"/lineItems/1/id: 0 is the id of /lineItems/0 too"},
		},
		"lines that are no array": {
			method: "POST", path: carts, body: `{"lineItems":{"quantity":1}}`,
			status: 400, code: 800002, data: []string{"/lineItems: must be an array"},
		},
		"an array":    {method: "POST", path: carts, body: `[]`, status: 400, code: 800002, data: []string{"/: must be an object"}},
		"null":        {method: "POST", path: carts, body: `null`, status: 400, code: 800002, data: []string{"/: must not be null"}},
		"only blanks": {method: "PUT", path: cart, body: "\n", status: 400, code: 800002, data: []string{"/: the request has no body, where JSON is expected"}},
		"a uuid in braces": {
			method: "GET", path: "/customers/%7B" + customer + "%7D/orders",
			status: 400, code: 900118, data: []string{"path customer_id: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf"},
		},
		"a urn": {
			method: "GET", path: carts + "/urn:uuid:b4c8fdea-cbe4-4d17-9576-13fcacbf9605",
			status: 400, code: 800002, data: []string{"path cart_id: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf"},
		},
		"a strange order id": {
			method: "GET", path: "/customers/" + customer + "/orders/%00%2F",
			status: 400, code: 800002, data: []string{"path order_id: must match ^[0-9A-Za-z_-]+$"},
		},
		"include_price=maybe": {
			method: "GET", path: "/customers/" + customer + "/orders?include_price=maybe&other=1",
			status: 400, code: 800002, data: []string{"query include_price: must be true or false"},
		},
		"a parameter twice": {
			method: "GET", path: "/customers/" + customer + "/orders?include_price=true&Include_Price=false",
			status: 400, code: 800002, data: []string{"query include_price: is given more than once"},
		},
		"an unknown billing type": {
			method: "GET", path: "/customers/" + customer + "/orders?billingType=weekly",
			status: 400, code: 900126, data: []string{"query billingType: must be one of unknown, monthly, annual, none, one_time, triennial, biennial"},
		},
		"a parameter that can't be decoded": {
			method: "GET", path: "/customers/" + customer + "/orders?a=%zz&b=1;c&include_price=%zz",
			status: 400, code: 800002, data: []string{"query include_price: is not percent-encoded as it should be"},
		},
		"a zone that is none": {
			method: "POST", path: carts, body: line(`"quantity":1,"customTermEndDate":"2022-02-19T00:00:00+10:60",` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/customTermEndDate: must be a time with its zone, such as 2026-11-21T00:00:00Z"},
		},
		"a zone a day away": {
			method: "POST", path: carts, body: line(`"quantity":1,"customTermEndDate":"2022-02-19T00:00:00+24:00",` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/customTermEndDate: must be a time with its zone, such as 2026-11-21T00:00:00Z"},
		},
		"an hour of one digit": {
			method: "POST", path: carts, body: line(`"quantity":1,"customTermEndDate":"2022-02-19T0:00:00Z",` + good),
			status: 400, code: 800002, data: []string{"/lineItems/0/customTermEndDate: must be a time with its zone, such as 2026-11-21T00:00:00Z"},
		},
		"too many lines with their add-ons": {
			method: "POST", path: carts, body: `{"lineItems":[` + strings.Repeat(`{"quantity":1,`+good+`,"addonItems":[{"quantity":1,`+good+`}]},`, 250) + `{"quantity":1,` + good + `}]}`,
			status: 400, code: 800002, data: []string{"/lineItems: the number of lines, add-ons included, must be at most 500, not 501"},
		},
		"an encoded slash in a path that is spelled otherwise": {
			method: "GET", path: "/Customers/a%2Fb/orders", status: 400, code: 900118,
			data: []string{"path customer_id: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf"},
		},
		"a header twice": {
			method: "GET", path: cart, headers: []string{"MS-CorrelationId: " + customer, "Ms-CorrelationID: x", "ms-cv: a b"},
			status: 400, code: 800002,
			data: []string{"header MS-CorrelationId: must be a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf", "header MS-CV: must match ^[\\x21-\\x7E]*$"},
		},
		"wrong media type": {
			method: "POST", path: carts, body: "<cart/>", headers: []string{"Content-Type: application/xml"},
			status: 415, code: 800002, description: `Content-Type "application/xml" is not supported. Send application/json in UTF-8.`,
		},
		"wrong charset": {
			method: "POST", path: carts, body: oneLine, headers: []string{"Content-Type: application/json; charset=utf-16"},
			status: 415, code: 800002, description: `charset "utf-16" is not supported`,
		},
		"a packed body": {
			method: "POST", path: carts, body: oneLine, headers: []string{"Content-Encoding: gzip"},
			status: 415, code: 800002, description: `Content-Encoding "gzip" is not supported`,
		},
		"nothing that we answer is accepted": {
			method: "GET", path: cart, headers: []string{"Accept: text/html"},
			status: 406, code: 800002, description: "The Accept header takes nothing that this server answers",
		},
		"no token":       {method: "GET", path: cart, headers: []string{"Authorization: "}, status: 401, code: 800001, description: "no bearer token"},
		"an empty token": {method: "GET", path: cart, headers: []string{"Authorization: Bearer "}, status: 401, code: 800001, description: "no bearer token"},
		"another scheme": {method: "GET", path: cart, headers: []string{"Authorization: Basic YTpi"}, status: 401, code: 800001, description: "no bearer token"},
		"no token comes before all that is wrong": {
			method: "POST", path: "/customers/x/carts", body: "{", headers: []string{"Authorization: "}, status: 401, code: 800001, description: "no bearer token",
		},
		// CART-NO-DELETE
		"a wrong method":            {method: "DELETE", path: cart, status: 405, code: 800002, description: "does not have this method"},
		"no list of carts":          {method: "GET", path: carts, status: 405, code: 800002, description: "does not have this method"},
		"an unknown path":           {method: "GET", path: "/customers/" + customer + "/baskets", status: 404, code: 1000, description: "no operation with this path"},
		"an unknown path, no token": {method: "GET", path: "/nothing", headers: []string{"Authorization: "}, status: 404, code: 1000, description: "no operation with this path"},
		"an unknown cart": {
			method: "GET", path: carts + "/00000000-0000-0000-0000-000000000000", status: 404, code: 800008, description: "no cart of this id",
		},
		"another customer's cart": {
			method: "GET", path: strings.Replace(cart, "d6bf25b7", "00000000", 1), status: 404, code: 800008, description: "no cart of this id",
		},
		"another customer's checkout": {
			method: "POST", path: strings.Replace(cart, "d6bf25b7", "00000000", 1) + "/checkout", status: 404, code: 800008, description: "no cart of this id",
		},
		"another customer's put": {
			method: "PUT", path: strings.Replace(cart, "d6bf25b7", "00000000", 1), body: oneLine, status: 404, code: 800008, description: "no cart of this id",
		},
		"an unknown order": {
			method: "GET", path: "/customers/" + customer + "/orders/a68736758d9c", status: 404, code: 20000, description: "no order of this id",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := send(t, stub, tc.method, tc.path, tc.body, tc.headers...)
			body := a.json(t)
			if a.status != tc.status || body["code"] != tc.code {
				t.Fatalf("answer is %d / %v, want %d / %v\n%s", a.status, body["code"], tc.status, tc.code, a.body)
			}
			data := []string{}
			for _, entry := range body["data"].([]any) {
				data = append(data, entry.(string))
			}
			if diff := cmp.Diff(append([]string{}, tc.data...), data); diff != "" {
				t.Errorf("data differs (-want +got):\n%s", diff)
			}
			if tc.data != nil {
				tc.description = "Invalid request: " + tc.data[0]
			}
			if !strings.Contains(body["description"].(string), tc.description) {
				t.Errorf("description is %q, want %q", body["description"], tc.description)
			}
			for _, word := range []string{"schema", "unmarshal", "*", "openapi", "strconv", "runtime", "uuid."} {
				if strings.Contains(strings.ReplaceAll(string(a.body), "]*$", ""), word) {
					t.Errorf("the answer shows its inside, %q:\n%s", word, a.body)
				}
			}
			if tc.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if tc.status == http.StatusUnauthorized && a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("401 with WWW-Authenticate %q", a.header.Get("WWW-Authenticate"))
			}
		})
	}
}

// At most 50 faults are named, however many there are.
func TestBadInput_ManyFaults(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	a := send(t, stub, "POST", "/customers/"+customer+"/carts", `{"lineItems":[`+strings.Repeat("{},", 499)+`{}]}`)
	data := a.json(t)["data"].([]any)
	if len(data) != 51 || data[50] != "and 1450 more" {
		t.Errorf("data has %d entries, the last is %v", len(data), data[len(data)-1])
	}
}

// Two values of a header that may only have one.
func TestBadInput_HeaderTwice(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	a := sendRaw(t, stub, "GET /v1/customers/"+customer+"/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"+
		"MS-RequestId: 4fa6dad6-a89f-4875-8247-8294a10ae1cf\r\nms-requestid: 4fa6dad6-a89f-4875-8247-8294a10ae1cf\r\n\r\n")
	if data := a.json(t)["data"].([]any); a.status != http.StatusBadRequest || data[0] != "header MS-RequestId: is given more than once" {
		t.Errorf("status %d, data %v", a.status, data)
	}
}

// What a cart's lines have wrong is named at its checkout, but not without end.
func TestBadInput_ManyLineErrors(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart := created(t, stub, `{"lineItems":[`+strings.Repeat(`{"catalogItemId":"x","quantity":1,"billingCycle":"none"},`, 499)+`{"catalogItemId":"x","quantity":1,"billingCycle":"none"}]}`)
	body := send(t, stub, "POST", cart+"/checkout", "").json(t)
	if data := body["data"].([]any); body["code"] != 800009.0 || len(data) != 51 || data[50] != "and 450 more" {
		t.Errorf("code %v, data has %d entries", body["code"], len(data))
	}
}

// Small bodies that were made to cost much: long names over long lists, and lists of nothing but faults. None may need
// more than a few seconds and a few hundred megabytes, all of them together.
func TestBadInput_CostsLittle(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	long, zeros := strings.Repeat("a", 50_000), strings.Repeat("0,", 20_000)+"0"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, body := range []string{
		`{"lineItems":[{"provisioningContext":{"` + long + `":[` + zeros + `]}}]}`,
		`{"lineItems":[{"friendlyName":{"` + long + `":[` + zeros + `]}}]}`,
		`{"lineItems":[{"friendlyName":7,"provisioningContext":{"` + long[:200] + `":[` + zeros[:15_000] + `0]}}]}`,
		`{"lineItems":[` + strings.Repeat("{},", 300_000) + `{}]}`,
		`{"lineItems":[` + strings.Repeat("{},", 9_000) + `{}]}`,
		`{"lineItems":[` + strings.Repeat("0,", 500_000) + `0]}`,
	} {
		if a := send(t, stub, "POST", "/customers/"+customer+"/carts", body); a.status != http.StatusBadRequest {
			t.Errorf("a body of %d bytes answers %d", len(body), a.status)
		}
	}
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 500 {
		t.Errorf("the bodies cost %d MB", mb)
	}
}
