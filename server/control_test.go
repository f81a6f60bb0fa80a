package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/journal"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// control calls test control, and holds the answer to its contract.
func control(t *testing.T, stub *servertest.Stub, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, stub.URL+server.ControlPath+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	a := do(t, r)
	requireControlAnswer(t, r, a)
	if a.header.Get("X-Cartwright") != server.Version {
		t.Errorf("X-Cartwright is %q", a.header.Get("X-Cartwright"))
	}
	return a
}

func requireControlAnswer(t *testing.T, r *http.Request, a answer) {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(api.Control)
	if err != nil {
		t.Fatal(err)
	}
	document.Servers = openapi3.Servers{{URL: server.ControlPath}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return // a path that the contract does not have
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header, Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), in.SetBodyBytes(a.body)); err != nil {
		t.Errorf("%s %s answers %d, not as the contract has it: %v\n%s", r.Method, r.URL, a.status, err, a.body)
	}
}

// newControlled starts a stub whose clock nothing but test control moves, with the documents' example carts or without.
func newControlled(t *testing.T, configure ...func(*server.Options)) *servertest.Stub {
	t.Helper()
	still := func(o *server.Options) { o.Clock = func() time.Time { return servertest.Start } }
	return servertest.New(t, append([]func(*server.Options){still}, configure...)...)
}

// CONTROL: time is moved, set, stopped and let go on, and never goes back.
func TestControl_Clock(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	requireClock := func(a answer, now string, frozen bool) {
		t.Helper()
		if v := a.json(t); a.status != 200 || v["now"] != now || v["frozen"] != frozen {
			t.Errorf("the clock is %d %s, want %s, frozen %v", a.status, a.body, now, frozen)
		}
	}
	requireClock(control(t, stub, "GET", "/clock", ""), "2026-01-01T00:00:00Z", false)
	cart := created(t, stub, oneLine)
	requireClock(control(t, stub, "POST", "/clock/advance", `{"by":"6d23h59m59s500ms"}`), "2026-01-07T23:59:59.5Z", false)
	if a := send(t, stub, "GET", cart, ""); a.status != 200 {
		t.Errorf("before the seventh day the cart is %d", a.status)
	}
	requireClock(control(t, stub, "PUT", "/clock", `{"now":"2026-01-08T01:00:00+01:00"}`), "2026-01-08T00:00:00Z", false)
	if a := send(t, stub, "GET", cart, ""); a.status != 404 {
		t.Errorf("after seven days the cart is %d", a.status)
	}
	requireClock(control(t, stub, "POST", "/clock/freeze", ""), "2026-01-08T00:00:00Z", true)
	requireClock(control(t, stub, "POST", "/clock/advance", `{"by":"1h"}`), "2026-01-08T01:00:00Z", true)
	requireClock(control(t, stub, "POST", "/clock/resume", ""), "2026-01-08T01:00:00Z", false)
	for _, body := range []string{`{"by":"-1h"}`, `{"by":"1h2d"}`, `{"by":"1"}`, `{"by":"99999999999d"}`, `{}`, `[]`, `{"by":"1h","x":1}`, ``} {
		if a := control(t, stub, "POST", "/clock/advance", body); a.status != 400 {
			t.Errorf("an advance by %s is %d\n%s", body, a.status, a.body)
		}
	}
	if a := control(t, stub, "PUT", "/clock", `{"now":"2026-01-07T00:00:00Z"}`); a.status != 400 || !strings.Contains(string(a.body), "Time can't go there") {
		t.Errorf("setting it back is %d\n%s", a.status, a.body)
	}
	untouched := newControlled(t)
	if a := control(t, untouched, "PUT", "/clock", `{"now":"2025-12-31T00:00:00Z"}`); a.status != 400 {
		t.Errorf("setting a clock back that nobody has touched is %d", a.status)
	}
	for _, at := range []string{"9999-01-01T00:00:00Z", "2200-01-01T00:00:00Z"} {
		if a := control(t, stub, "PUT", "/clock", `{"now":"`+at+`"}`); a.status != 400 {
			t.Errorf("setting it to %s is %d\n%s", at, a.status, a.body)
		}
	}
	requireClock(control(t, stub, "GET", "/clock", ""), "2026-01-08T01:00:00Z", false)
}

// CONTROL: an export can be imported, by another stub too, which then is as the first was.
func TestControl_State(t *testing.T) {
	t.Parallel()
	one, other := newControlled(t), newControlled(t)
	control(t, one, "POST", "/clock/advance", `{"by":"1d"}`)
	control(t, one, "POST", "/clock/freeze", "")
	cart := created(t, one, allKinds)
	checkout := send(t, one, "POST", cart+"/checkout", "")
	control(t, one, "POST", "/clock/advance", `{"by":"1m"}`)
	const elsewhere = "/customers/00000000-0000-0000-0000-000000000001"
	foreign := at(t, send(t, one, "POST", elsewhere+"/carts", oneLine).json(t), "links", "self", "uri").(string)
	state := control(t, one, "GET", "/state", "")
	created(t, other, oneLine) // which goes

	if a := control(t, other, "PUT", "/state", string(state.body)); a.status != 204 {
		t.Fatalf("the import is %d\n%s", a.status, a.body)
	}
	for _, path := range []string{
		cart, foreign, "/customers/" + customer + "/orders?include_price=true", "/customers/" + customer + "/subscriptions",
	} {
		if was, is := send(t, one, "GET", path, ""), send(t, other, "GET", path, ""); string(was.body) != string(is.body) || is.status != 200 {
			t.Errorf("%s was %d\n%s\nand is %d\n%s", path, was.status, was.body, is.status, is.body)
		}
	}
	if diff := cmp.Diff(state.json(t), control(t, other, "GET", "/state", "").json(t)); diff != "" {
		t.Errorf("the export of the import is another one (-want +got):\n%s", diff)
	}
	if a := send(t, other, "POST", cart+"/checkout", ""); string(a.body) != string(checkout.body) {
		t.Errorf("the checkout is not repeated:\n%s", a.body)
	}

	// Of one customer alone.
	control(t, other, "DELETE", "/state?customerId="+customer, "")
	if a, b := send(t, other, "GET", cart, ""), send(t, other, "GET", foreign, ""); a.status != 404 || b.status != 200 {
		t.Errorf("after the reset of a customer its cart is %d, that of another %d", a.status, b.status)
	}
	mine := control(t, one, "GET", "/state?customerId="+strings.ToUpper(customer), "")
	if a := control(t, other, "PUT", "/state?customerId="+customer, string(mine.body)); a.status != 204 {
		t.Errorf("the import of a customer is %d\n%s", a.status, a.body)
	}
	for name, body := range map[string]string{
		"another customer":    string(state.body),
		"no form":             `{"documents":[]}`,
		"another form":        `{"format":2,"documents":[]}`,
		"a wrong kind":        `{"format":1,"documents":[{"kind":"x","customerId":"` + customer + `","id":"a","createdAt":"2026-01-01T00:00:00Z","body":{}}]}`,
		"a body of nothing":   `{"format":1,"documents":[{"kind":"cart","customerId":"` + customer + `","id":"a","createdAt":"2026-01-01T00:00:00Z","body":{"cart":1}}]}`,
		"an order of no cart": `{"format":1,"documents":[` + orderDocument(t, mine) + `]}`,
		"a time long ago":     `{"format":1,"now":"1000-01-01T00:00:00Z","documents":[]}`,
		"an empty body":       `{"format":1,"documents":[{"kind":"cart","customerId":"` + customer + `","id":"a","createdAt":"2026-01-01T00:00:00Z","body":{}}]}`,
		"the same id twice":   strings.Replace(string(mine.body), `"documents":[`, `"documents":[`+firstDocument(t, mine)+",", 1),
	} {
		if a := control(t, other, "PUT", "/state?customerId="+customer, body); a.status != 400 || len(a.json(t)["data"].([]any)) == 0 {
			t.Errorf("%s: the import is %d\n%s", name, a.status, a.body)
		}
	}
	if a := send(t, other, "GET", cart, ""); a.status != 200 {
		t.Errorf("after imports that were refused the cart is %d", a.status)
	}
}

func firstDocument(t *testing.T, state answer) string {
	t.Helper()
	return documentAs(t, at(t, state.json(t), "documents", 0))
}

// orderDocument gives an order that a cart was checked out for.
func orderDocument(t *testing.T, state answer) string {
	t.Helper()
	for _, d := range state.json(t)["documents"].([]any) {
		if d := d.(map[string]any); d["kind"] == "order" && d["cartId"] != nil {
			return documentAs(t, d)
		}
	}
	t.Fatal("the state has no such order")
	return ""
}

func documentAs(t *testing.T, document any) string {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// CONTROL: a reset leaves nothing, of time and of faults too.
func TestControl_Reset(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	cart := created(t, stub, oneLine)
	first := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(1))
	control(t, stub, "POST", "/clock/advance", `{"by":"1d"}`)
	control(t, stub, "POST", "/faults", `{"kind":"throttle"}`)
	if a := control(t, stub, "DELETE", "/state", ""); a.status != 204 {
		t.Fatalf("the reset is %d", a.status)
	}
	if a := send(t, stub, "GET", cart, ""); a.status != 404 {
		t.Errorf("after a reset the cart is %d", a.status)
	}
	if a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(1)); a.header.Get("Cartwright-Repeated") != "" || string(a.body) == string(first.body) {
		t.Errorf("after a reset a request is repeated: %v\n%s", a.header, a.body)
	}
	if v := control(t, stub, "GET", "/clock", "").json(t); v["now"] != "2026-01-01T00:00:00Z" {
		t.Errorf("after a reset it is %v", v["now"])
	}
	if v := control(t, stub, "GET", "/requests", "").json(t); v["totalCount"] != float64(2) {
		t.Errorf("after a reset and two requests the journal has %v", v["totalCount"])
	}
}

// CONTROL: after a reset a run is the same once more: ids, time and throttles begin anew.
func TestControl_ResetIsABeginning(t *testing.T) {
	t.Parallel()
	stub := newControlled(t, func(o *server.Options) { o.IDs, o.Throttle = server.SequentialIDs(), 1 })
	run := func() string {
		first := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(1), "MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286")
		second := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, withID(2))
		return fmt.Sprint(first.status, string(first.body), second.status)
	}
	one := run()
	control(t, stub, "POST", "/clock/advance", `{"by":"1d"}`)
	control(t, stub, "DELETE", "/state", "")
	if again := run(); again != one || !strings.HasSuffix(one, "429") {
		t.Errorf("the first run is\n%s\nand after a reset\n%s", one, again)
	}
}

// The journal is bounded, however much is sent. It does not run beside other tests, whose memory it would count.
func TestControl_JournalUnderLoad(t *testing.T) {
	handler, err := server.New(server.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	body := `{"lineItems":[` + strings.Repeat(" ", 32<<10) // refused, so that nothing but the journal grows
	for range 10_000 {
		r := httptest.NewRequest(http.MethodPost, "/v1/customers/"+customer+"/carts", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer any")
		r.Header.Set("Content-Type", "application/json")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	found := handler.Requests(journal.Filter{})
	if len(found) == 0 || found[0].ID != 10_000 || len(found) > journal.MaxBytes/(32<<10) {
		t.Errorf("the journal has %d entries", len(found))
	}
	const most = 2 * journal.MaxBytes
	if after := heap(); after > before+most {
		t.Errorf("the heap has grown by %d bytes, want at most %d", after-before, most)
	}
	runtime.KeepAlive(handler)
}

// CONTROL: what is pending is completed, whatever it waits for.
func TestControl_Provision(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	send(t, stub, "POST", created(t, stub, `{"lineItems":[
		{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
		{"catalogItemId":"DG7GMGF0D7FV:0001:42IS800HUNMB","quantity":1,"billingCycle":"one_time"}]}`)+"/checkout", "")
	send(t, stub, "POST", created(t, stub, oneLineOf("CARTWRIGHT:PENDING-REVIEW:US", 1, "monthly", "P1M"))+"/checkout", "")
	send(t, stub, "POST", created(t, stub, oneLineOf("CARTWRIGHT:NEVER-PROVISIONED:US", 1, "monthly", "P1M"))+"/checkout", "")
	orders := control(t, stub, "GET", "/orders", "").json(t)["items"].([]any)
	waiting := 0
	for _, o := range orders {
		if o.(map[string]any)["status"] != "completed" {
			waiting++
		}
	}
	id := at(t, control(t, stub, "GET", "/orders?limit=1", "").json(t), "items", 0, "id").(string)
	if v := control(t, stub, "POST", "/provision?orderId="+id, "").json(t); v["orders"] != float64(1) {
		t.Errorf("one order: %v", v)
	}
	if v := control(t, stub, "POST", "/provision?customerId="+customer, "").json(t); v["orders"] != float64(waiting-1) || waiting < 3 {
		t.Errorf("the others: %v of %d", v, waiting)
	}
	for _, o := range control(t, stub, "GET", "/orders", "").json(t)["items"].([]any) {
		if o := o.(map[string]any); o["status"] != "completed" {
			t.Errorf("an order is still %v", o)
		}
	}
	if a := control(t, stub, "POST", "/provision?orderId=unknown", ""); a.status != 404 {
		t.Errorf("an order that is not there is %d", a.status)
	}
	if v := control(t, stub, "POST", "/provision", "").json(t); v["orders"] != float64(0) {
		t.Errorf("nothing is pending, and %v were provisioned", v)
	}
}

// CONTROL: the journal has what was sent and answered, without tokens, and finds it.
func TestControl_Requests(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	cart := created(t, stub, oneLine)
	send(t, stub, "POST", "/customers/"+customer+"/carts", `{"LineItems":[]}`, withID(3), "Authorization: Bearer secret")
	send(t, stub, "POST", cart+"/checkout", "", withID(4), "Accept: text/xml")
	send(t, stub, "POST", cart+"/checkout", "", withID(4))
	send(t, stub, "GET", "/nothing", "")

	all := control(t, stub, "GET", "/requests", "").json(t)
	if all["totalCount"] != float64(5) || at(t, all, "items", 0, "status") != float64(404) || at(t, all, "items", 4, "operation") != "createCart" {
		t.Errorf("the journal is %v", all)
	}
	for query, want := range map[string]int{
		"operation=checkoutCart": 2, "status=400": 1, "requestId=4FA6DAD6-a89f-4875-8247-000000000004": 2, "customerId=" + customer: 4,
		"after=4": 1, "limit=2": 2, "operation=checkoutCart&status=404": 0,
	} {
		v := control(t, stub, "GET", "/requests?"+query, "").json(t)
		if n := len(v["items"].([]any)); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	refused := control(t, stub, "GET", "/requests/2", "")
	v := refused.json(t)
	if strings.Contains(string(refused.body), "secret") || at(t, v, "request", "body") != `{"LineItems":[]}` ||
		!strings.Contains(at(t, v, "response", "body").(string), "800002") || !strings.Contains(fmt.Sprint(v["notes"]), "/lineItems") {
		t.Errorf("the refused request is\n%s", refused.body)
	}
	if v := control(t, stub, "GET", "/requests/3", "").json(t); !strings.HasPrefix(at(t, v, "response", "body").(string), "<?xml") || v["repeated"] != false {
		t.Errorf("the checkout in XML is %v", v)
	}
	if v := control(t, stub, "GET", "/requests/4", "").json(t); v["repeated"] != true {
		t.Errorf("the repeated checkout is %v", v)
	}
	if a := control(t, stub, "GET", "/requests/99", ""); a.status != 404 {
		t.Errorf("a request that is not there is %d", a.status)
	}
	control(t, stub, "DELETE", "/requests", "")
	if v := control(t, stub, "GET", "/requests", "").json(t); v["totalCount"] != float64(0) {
		t.Errorf("the journal still has %v", v["totalCount"])
	}
}

// The journal has the headers as they were sent, whatever the steps make of them.
func TestControl_RequestHeaders(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, "Content-Type: text/json; charset=UTF-8", "X-Locale:   ")
	headers := fmt.Sprint(at(t, control(t, stub, "GET", "/requests/1", "").json(t), "request", "headers"))
	for _, want := range []string{"map[name:Content-Type value:text/json; charset=UTF-8]", "map[name:X-Locale value:]"} {
		if !strings.Contains(headers, want) {
			t.Errorf("the headers are %s, without %s", headers, want)
		}
	}
}

// CONTROL: whoever listens hears of each request, and of each change by control.
func TestControl_Events(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	next := listen(t, stub, "")
	created(t, stub, oneLine)
	first, data := next()
	if first.name != "request" || !strings.Contains(data, `"operation":"createCart"`) {
		t.Errorf("%v: %s", first, data)
	}
	control(t, stub, "POST", "/clock/advance", `{"by":"1h"}`)
	if event, _ := next(); event.name != "changed" {
		t.Errorf("after a change came %v", event)
	}

	// Whoever comes back gets what was missed, and whoever comes for the first time what comes from now on.
	control(t, stub, "POST", "/clock/advance", `{"by":"1h"}`)
	created(t, stub, oneLine)
	next = listen(t, stub, first.id)
	if second, data := next(); second.name != "request" || second.id == first.id || !strings.Contains(data, `"operation":"createCart"`) {
		t.Errorf("after %v was missed %v: %s", first, second, data)
	}
	if event, _ := next(); event.name != "changed" {
		t.Errorf("a change was missed, and %v told", event)
	}
	next = listen(t, stub, "")
	control(t, stub, "POST", "/clock/advance", `{"by":"1h"}`)
	if event, _ := next(); event.name != "changed" {
		t.Errorf("who came for the first time was told of %v", event)
	}
	next = listen(t, stub, "1000000") // of a stub that has been started again since
	if event, _ := next(); event.name != "request" {
		t.Errorf("who knew another journal was told of %v", event)
	}
}

// sentEvent is an event that was sent, without its data.
type sentEvent struct{ name, id string }

// listen opens the stream of events and gives the function that waits for the next one.
func listen(t *testing.T, stub *servertest.Stub, lastID string) (next func() (sentEvent, string)) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stub.URL+server.ControlPath+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	listening, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listening.Body.Close() })
	if listening.StatusCode != http.StatusOK || listening.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream is %s %v", listening.Status, listening.Header)
	}
	in := bufio.NewReader(listening.Body)
	return func() (event sentEvent, data string) {
		t.Helper()
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch {
			case name == "event":
				event.name = value
			case name == "id":
				event.id = value
			case name == "data":
				data = value
			case line == "\n" && event.name != "":
				return event, data
			}
		}
	}
}

// CONTROL: pages of other sites get nothing, and nobody gets anything where control is off.
func TestControl_Origins(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	cart := created(t, stub, oneLine)
	host := strings.TrimPrefix(stub.URL, "http://")
	for _, headers := range [][]string{
		{"Origin: https://evil.example"},
		{"Origin: null"},
		{"Origin: http://127.0.0.1:1"},
		{"Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: same-site"},
		{"Origin: http://" + host, "Sec-Fetch-Site: cross-site"},
	} {
		for _, r := range []struct{ method, path string }{{"DELETE", "/state"}, {"GET", "/requests"}, {"GET", "/events"}, {"POST", "/clock/freeze"}} {
			if a := control(t, stub, r.method, r.path, "", headers...); a.status != 403 {
				t.Errorf("%s %s with %v is %d", r.method, r.path, headers, a.status)
			}
		}
	}
	// A page that reached this machine by a foreign name.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, stub.URL+server.ControlPath+"/state", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "rebound.example"
	r.Header.Set("Origin", "http://rebound.example")
	if a := do(t, r); a.status != 403 {
		t.Errorf("a page under a foreign name gets %d", a.status)
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, stub.URL+server.ControlPath+"/state", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "rebound.example" // where a browser says no more of the page
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)")
	if a := do(t, r); a.status != 403 {
		t.Errorf("a browser under a foreign name gets %d", a.status)
	}
	if a := control(t, stub, "GET", "/requests", "", "Origin: http://"+host, "Sec-Fetch-Site: same-origin"); a.status != 200 {
		t.Errorf("the own page gets %d", a.status)
	}
	if a := send(t, stub, "GET", cart, ""); a.status != 200 {
		t.Errorf("the cart is %d", a.status)
	}
}
