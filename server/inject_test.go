package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// try sends a request as send does, whose connection may be cut.
func try(t *testing.T, stub *servertest.Stub, method, path, body string, headers ...string) (a answer, cut bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, stub.URL+"/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s %s: %v", method, path, err)
		}
		return answer{}, true
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, data}, err != nil
}

// arm arms a fault by test control.
func arm(t *testing.T, stub *servertest.Stub, fault string) {
	t.Helper()
	if a := control(t, stub, "POST", "/faults", fault); a.status != 201 {
		t.Fatalf("arming %s is %d\n%s", fault, a.status, a.body)
	}
}

// ways are how a fault fires: by test control, and by the header of a request.
func ways(t *testing.T, fault string, test func(t *testing.T, stub *servertest.Stub, header string)) {
	t.Helper()
	t.Run("by control", func(t *testing.T) {
		t.Parallel()
		stub := newControlled(t)
		arm(t, stub, asJSON(fault))
		test(t, stub, "X-Other: nothing")
	})
	t.Run("by header", func(t *testing.T) {
		t.Parallel()
		test(t, newControlled(t), "Cartwright-Fault: "+fault)
	})
}

// asJSON writes a fault of a header as test control takes it.
func asJSON(header string) string {
	kind, rest, _ := strings.Cut(header, ";")
	out := fmt.Sprintf(`{"kind":%q`, kind)
	for property := range strings.SplitSeq(rest, ";") {
		name, value, found := strings.Cut(property, "=")
		switch {
		case name == "":
			continue
		case !found:
			value = "true"
		case name == "latency" || name == "orderGroup" || name == "operation":
			value = fmt.Sprintf("%q", value)
		}
		out += fmt.Sprintf(`,%q:%s`, name, value)
	}
	return out + "}"
}

// CONTROL-FAULTS: the faults that are answered in the place of the API do nothing, fire once, and the repetition with the
// same request id succeeds.
func TestFaults_Answers(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]struct {
		status     int
		code       any
		retryAfter string
	}{
		"status":                      {500, 800003.0, ""},
		"status;status=502":           {502, 800003.0, ""},
		"status;status=503":           {503, 800003.0, "1"},
		"status;status=504":           {504, 800003.0, ""},
		"html-502":                    {502, nil, ""},
		"throttle":                    {429, nil, "1"},
		"throttle;retryAfter=57":      {429, nil, "57"},
		"busy":                        {409, 800064.0, "1"},
		"busy;retryAfter=3":           {409, 800064.0, "3"},
		"in-progress":                 {409, 800060.0, "1"},
		"already-submitted":           {400, 800065.0, ""},
		"auth":                        {401, 800001.0, ""},
		"auth;code=900420":            {401, 900420.0, ""},
		"auth;code=900421":            {401, 900421.0, ""},
		"status;operation=createCart": {500, 800003.0, ""},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			ways(t, fault, func(t *testing.T, stub *servertest.Stub, header string) {
				t.Helper()
				carts := "/customers/" + customer + "/carts"
				a := send(t, stub, "POST", carts, oneLine, withID(1), header)
				if a.status != want.status || a.header.Get("Retry-After") != want.retryAfter {
					t.Errorf("the answer is %d, Retry-After %q, want %d, %q\n%s", a.status, a.header.Get("Retry-After"), want.status, want.retryAfter, a.body)
				}
				switch {
				case want.code != nil:
					if code := a.json(t)["code"]; code != want.code {
						t.Errorf("the code is %v, want %v", code, want.code)
					}
				case want.status == 429:
					if v := a.json(t); v["statusCode"] != 429.0 || !strings.Contains(fmt.Sprint(v["message"]), a.header.Get("Retry-After")+" seconds") {
						t.Errorf("the gateway says %s", a.body)
					}
				default:
					if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(string(a.body), "502 Bad Gateway") {
						t.Errorf("the gateway says %v %s", a.header, a.body)
					}
				}
				again := send(t, stub, "POST", carts, oneLine, withID(1), header)
				if again.status != 201 || again.header.Get("Cartwright-Repeated") != "" {
					t.Errorf("the repetition is %d, %v\n%s", again.status, again.header, again.body)
				}
				if v := control(t, stub, "GET", "/requests/1", "").json(t); !strings.HasPrefix(fault, fmt.Sprint(v["fault"])) || v["fault"] == nil {
					t.Errorf("the journal has the fault %v", v["fault"])
				}
			})
		})
	}
}

// CONTROL-FAULTS, the story of the duplicate order: the answer is lost after the commit. Who begins anew buys twice; who
// repeats the request with its id buys once.
func TestFaults_DropAfterCommit(t *testing.T) {
	t.Parallel()
	ways(t, "drop-after-commit;operation=checkoutCart", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		orders := func() any {
			return at(t, send(t, stub, "GET", "/customers/"+customer+"/orders", "").json(t), "totalCount")
		}
		cart := created(t, stub, oneLine)
		if a, cut := try(t, stub, "POST", cart+"/checkout", "", withID(1), header); !cut {
			t.Fatalf("the connection was not cut: %d", a.status)
		}
		if n := orders(); n != 1.0 {
			t.Errorf("the order was not placed: there are %v", n)
		}
		// The careful client repeats the request.
		a := send(t, stub, "POST", cart+"/checkout", "", withID(1), header)
		if n := orders(); a.status != 201 || n != 1.0 || a.header.Get("Cartwright-Repeated") != "true" {
			t.Errorf("the repetition is %d, there are %v orders", a.status, n)
		}
		if v := control(t, stub, "GET", "/requests?status=0", "").json(t); v["totalCount"] != 1.0 {
			t.Errorf("the journal has %v cut connections", v["totalCount"])
		}
		// The careless one begins anew.
		send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", "", withID(2))
		if n := orders(); n != 2.0 {
			t.Errorf("the careless client has %v orders, want the double one", n)
		}
	})
	ways(t, "drop-after-commit;operation=createCart", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		carts := "/customers/" + customer + "/carts"
		if _, cut := try(t, stub, "POST", carts, oneLine, withID(1), header); !cut {
			t.Error("the connection was not cut")
		}
		a := send(t, stub, "POST", carts, oneLine, withID(1), header)
		made := control(t, stub, "GET", "/carts", "").json(t)["items"].([]any)
		if a.status != 201 || len(made) != 1 || made[0].(map[string]any)["id"] != a.json(t)["id"] {
			t.Errorf("the repetition is %d\n%s\nand there are carts %v", a.status, a.body, made)
		}
	})
}

// CONTROL-FAULTS, CHECKOUT-RETRY: one group fails, and the retry buys what is missing.
func TestFaults_Partial(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]struct {
		group string
		code  float64
	}{
		"partial":                          {"0", 800020},
		"partial;orderGroup=1;code=900192": {"1", 900192},
		"availability-gone;orderGroup=1":   {"1", 400019},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			ways(t, fault, func(t *testing.T, stub *servertest.Stub, header string) {
				t.Helper()
				cart := created(t, stub, `{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
					{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"}]}`)
				first := send(t, stub, "POST", cart+"/checkout", "", withID(1), header).json(t)
				if len(first["orders"].([]any)) != 1 || at(t, first, "orderErrors", 0, "orderGroupId") != want.group || at(t, first, "orderErrors", 0, "code") != want.code {
					t.Errorf("the checkout is %v", first)
				}
				if status := send(t, stub, "GET", cart, "").json(t)["status"]; status != "Active" {
					t.Errorf("the cart is %v", status)
				}
				second := send(t, stub, "POST", cart+"/checkout", "", withID(1), header).json(t)
				if len(second["orders"].([]any)) != 2 || second["orderErrors"] != nil {
					t.Errorf("the retry is %v", second)
				}
				if n := at(t, send(t, stub, "GET", "/customers/"+customer+"/orders", "").json(t), "totalCount"); n != 2.0 {
					t.Errorf("there are %v orders", n)
				}
			})
		})
	}
}

// CONTROL-FAULTS: a line in error hides in the 201, and is not repeated for the same request id.
func TestFaults_LineItemError(t *testing.T) {
	t.Parallel()
	ways(t, "line-item-error;code=500600", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		carts := "/customers/" + customer + "/carts"
		a := send(t, stub, "POST", carts, oneLine, withID(1), header)
		if v := a.json(t); a.status != 201 || at(t, v, "lineItems", 0, "error", "errorCode") != 500600.0 {
			t.Errorf("the cart is %d %s", a.status, a.body)
		}
		if c := send(t, stub, "POST", carts+"/"+a.json(t)["id"].(string)+"/checkout", ""); c.status != 400 {
			t.Errorf("it can be checked out: %d", c.status)
		}
		again := send(t, stub, "POST", carts, oneLine, withID(1), header).json(t)
		if again["id"] == a.json(t)["id"] || at(t, again, "lineItems", 0).(map[string]any)["error"] != nil {
			t.Errorf("the repetition is %v", again)
		}
	})
}

// CONTROL-FAULTS: an order that is stuck, until it is provisioned by hand; and one whose provisioning fails.
func TestFaults_Provisioning(t *testing.T) {
	t.Parallel()
	buy := func(t *testing.T, stub *servertest.Stub, header string) (uri string) {
		t.Helper()
		v := send(t, stub, "POST", created(t, stub, oneLineOf(anyLicense, 1, "monthly", "P1M"))+"/checkout", "", header).json(t)
		control(t, stub, "POST", "/clock/advance", `{"by":"300d"}`)
		return at(t, v, "orders", 0, "links", "self", "uri").(string)
	}
	ways(t, "provisioning-stuck", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		order := buy(t, stub, header)
		if v := send(t, stub, "GET", order, "").json(t); v["status"] != "pending" {
			t.Errorf("the order is %v", v["status"])
		}
		control(t, stub, "POST", "/provision", "")
		if v := send(t, stub, "GET", order, "").json(t); v["status"] != "completed" || at(t, v, "lineItems", 0, "subscriptionId") == nil {
			t.Errorf("the order is %v", v)
		}
	})
	ways(t, "provisioning-stuck;orderGroup=1", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		v := send(t, stub, "POST", created(t, stub, `{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
			{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"}]}`)+"/checkout", "", header).json(t)
		control(t, stub, "POST", "/clock/advance", `{"by":"1h"}`)
		for i, want := range []string{"completed", "pending"} {
			if o := send(t, stub, "GET", at(t, v, "orders", i, "links", "self", "uri").(string), "").json(t); o["status"] != want {
				t.Errorf("order %d is %v, want %s", i, o["status"], want)
			}
		}
	})
	ways(t, "provisioning-failed", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		order := buy(t, stub, header)
		v := send(t, stub, "GET", order, "").json(t)
		if v["status"] != "error" || at(t, v, "lineItems", 0).(map[string]any)["subscriptionId"] != nil {
			t.Errorf("the order is %v", v)
		}
		if s := at(t, send(t, stub, "GET", order+"/provisioningstatus", "").json(t), "items", 0, "status"); s != "unfulfilled" {
			t.Errorf("its line is %v", s)
		}
		if n := at(t, send(t, stub, "GET", "/customers/"+customer+"/subscriptions", "").json(t), "totalCount"); n != 0.0 {
			t.Errorf("there are %v subscriptions", n)
		}
	})
}

// CONTROL-FAULTS: an answer that is late, and one that begins with a byte-order mark.
func TestFaults_OfTheAnswer(t *testing.T) {
	t.Parallel()
	ways(t, "latency;latency=50ms", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		begun := time.Now()
		if a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, header); a.status != 201 || time.Since(begun) < 50*time.Millisecond {
			t.Errorf("after %v the answer is %d", time.Since(begun), a.status)
		}
	})
	ways(t, "bom", func(t *testing.T, stub *servertest.Stub, header string) {
		t.Helper()
		a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(1), header)
		if a.status != 201 || !strings.HasPrefix(string(a.body), "\ufeff{") {
			t.Errorf("the answer is %d %q", a.status, a.body)
		}
		if again := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(1), header); "\ufeff"+string(again.body) != string(a.body) {
			t.Errorf("the repetition is %q", again.body)
		}
	})
}

// CONTROL-FAULTS: counts, filters and draws; what is armed is listed and can be disarmed.
func TestFaults_Armed(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	carts := func(customer string) string { return "/customers/" + customer + "/carts" }
	const other = "00000000-0000-0000-0000-000000000001"
	statuses := func(n int, customer string) (out string) {
		for range n {
			out += fmt.Sprint(send(t, stub, "POST", carts(customer), oneLine).status, " ")
		}
		return out
	}
	arm(t, stub, `{"kind":"throttle","count":2,"customerId":"`+strings.ToUpper(other)+`"}`)
	arm(t, stub, `{"kind":"status","status":503,"always":true,"operation":"createCart","customerId":"`+other+`"}`)
	if got := statuses(2, customer); got != "201 201 " {
		t.Errorf("another customer gets %s", got)
	}
	if got := statuses(4, other); got != "429 429 503 503 " {
		t.Errorf("the customer gets %s", got)
	}
	list := control(t, stub, "GET", "/faults", "").json(t)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["fired"] != 2.0 {
		t.Errorf("armed is %v", list)
	}
	if a := control(t, stub, "DELETE", fmt.Sprintf("/faults/%v", list[0].(map[string]any)["id"]), ""); a.status != 204 {
		t.Errorf("disarming is %d", a.status)
	}
	if a := control(t, stub, "DELETE", "/faults/99", ""); a.status != 404 {
		t.Errorf("disarming what is not armed is %d", a.status)
	}
	if got := statuses(1, other); got != "201 " {
		t.Errorf("after disarming the customer gets %s", got)
	}
	cart := created(t, stub, oneLine)
	arm(t, stub, `{"kind":"busy","cartId":"`+cart[strings.LastIndex(cart, "/")+1:]+`","always":true}`)
	if a, b := send(t, stub, "GET", cart, ""), send(t, stub, "GET", created(t, stub, oneLine), ""); a.status != 409 || b.status != 200 {
		t.Errorf("the cart is %d, another %d", a.status, b.status)
	}
	control(t, stub, "DELETE", "/faults", "")
	if a := send(t, stub, "GET", cart, ""); a.status != 200 {
		t.Errorf("after disarming all the cart is %d", a.status)
	}

	// The same seed gives the same draws.
	draws := func(seed int) string {
		control(t, stub, "DELETE", "/faults", "")
		arm(t, stub, fmt.Sprintf(`{"kind":"status","rate":0.5,"seed":%d,"always":true}`, seed))
		return statuses(20, customer)
	}
	one, again, another := draws(1), draws(1), draws(2)
	if one != again || one == another || !strings.Contains(one, "500") || !strings.Contains(one, "201") {
		t.Errorf("the draws of seed 1 are\n%s\nand\n%s\nof seed 2\n%s", one, again, another)
	}
}

// CONTROL-FAULTS: a fault that can't be is refused, with its place.
func TestFaults_Refused(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	for body, want := range map[string]string{
		`{"kind":"sulks"}`: "/kind: ",
		`{}`:               "/kind: is missing",
		`{"kind":"throttle","count":2,"always":true}`: "/count: has no meaning beside always",
		`{"kind":"throttle","operation":"checkout"}`:  "/operation: is none of the contract's operations",
		`{"kind":"throttle","count":0}`:               "/count: ",
		`{"kind":"throttle","rate":1.5}`:              "/rate: ",
		`{"kind":"status","status":404}`:              "/status: ",
		`{"kind":"throttle","status":500}`:            "/status: is of status",
		`{"kind":"auth","code":10001}`:                "/code: must be one of 800001, 900420, 900421",
		`{"kind":"partial","operation":"createCart"}`: "/operation: partial is of checkoutCart",
		`{"kind":"latency","latency":"1h"}`:           "/latency: ",
		`{"kind":"latency","latency":"11m"}`:          "/latency: must be at most 10m0s",
		`{"kind":"busy","retryAfter":-1}`:             "/retryAfter: ",
		`{"kind":"throttle","colour":"red"}`:          "/: has a property that is unknown here; there are always, ",
		`{"kind":"bom","customerId":"x"}`:             "/customerId: ",
	} {
		a := control(t, stub, "POST", "/faults", body)
		if a.status != 400 || !strings.HasPrefix(fmt.Sprint(at(t, a.json(t), "data", 0)), want) {
			t.Errorf("%s is %d\n%s", body, a.status, a.body)
		}
	}
	for header, want := range map[string]string{
		"sulks":                       "header Cartwright-Fault: kind must be one of ",
		"throttle;operation=checkout": "header Cartwright-Fault: operation is none of the contract's operations",
		"throttle;x=1":                "header Cartwright-Fault: x is unknown",
		"throttle;retryAfter":         "header Cartwright-Fault: retryAfter must be an integer",
		"partial;code=1":              "header Cartwright-Fault: code must be one of ",
	} {
		a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Cartwright-Fault: "+header)
		if a.status != 400 || !strings.HasPrefix(fmt.Sprint(at(t, a.json(t), "data", 0)), want) {
			t.Errorf("%s is %d\n%s", header, a.status, a.body)
		}
	}
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Cartwright-Fault: busy;always", withID(1)); a.status != 409 {
		t.Errorf("busy;always is %d", a.status)
	}
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Cartwright-Fault: busy;always", withID(1)); a.status != 409 {
		t.Errorf("busy;always is %d the second time", a.status)
	}
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Cartwright-Fault: partial"); a.status != 200 {
		t.Errorf("a fault of checkouts is %d at the list of orders", a.status)
	}

	off := servertest.New(t, func(o *server.Options) { o.Control = false })
	if a := send(t, off, "GET", "/customers/"+customer+"/orders", "", "Cartwright-Fault: busy"); a.status != 200 {
		t.Errorf("where control is off a fault is %d", a.status)
	}
}
