package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// HTTP-HEADERS
func TestHeaders(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	orders := "/customers/" + customer + "/orders"
	sent := send(t, stub, "GET", orders, "",
		"MS-RequestId: 4FA6DAD6-a89f-4875-8247-8294a10ae1cf", "MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286",
		"MS-CV: sF/wRa2ih0CzbABc.0", "X-Locale: de-DE")
	made := send(t, stub, "GET", orders, "", "MS-RequestId: ", "X-Locale: ")
	another := send(t, stub, "GET", orders, "")
	for name, want := range map[string]struct{ sent, made string }{
		"MS-RequestId":     {"^4FA6DAD6-a89f-4875-8247-8294a10ae1cf$", "^[0-9a-f-]{36}$"},
		"MS-CorrelationId": {"^0e93c70c-977a-4a88-9580-7cf084c73286$", "^[0-9a-f-]{36}$"},
		"MS-CV":            {"^sF/wRa2ih0CzbABc.0$", `^[0-9A-Za-z+/]{16}\.0$`},
		"MS-ServerId":      {"^000001$", "^000001$"},
		"X-Locale":         {"^de-DE,de-DE$", "^en-US,en-US$"},
	} {
		if got := sent.header.Get(name); !regexp.MustCompile(want.sent).MatchString(got) {
			t.Errorf("%s is %q, want %s", name, got, want.sent)
		}
		if got := made.header.Get(name); !regexp.MustCompile(want.made).MatchString(got) {
			t.Errorf("%s, not sent, is %q, want %s", name, got, want.made)
		}
	}
	for _, name := range []string{"MS-RequestId", "MS-CorrelationId", "MS-CV"} {
		if made.header.Get(name) == another.header.Get(name) {
			t.Errorf("two requests got the same %s", name)
		}
	}
	if a := send(t, stub, "GET", orders, "", "MS-RequestId: 17"); a.status != 400 || a.header.Get("MS-RequestId") == "17" {
		t.Errorf("an id that is no GUID: %d, echoed as %q", a.status, a.header.Get("MS-RequestId"))
	}
}

// The headers go out as the documents spell them.
func TestHeaders_Spelling(t *testing.T) {
	t.Parallel()
	handler, err := server.New(server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/v1/customers/"+customer+"/orders", nil))
	for _, name := range []string{"MS-RequestId", "MS-CorrelationId", "MS-CV", "MS-ServerId", "X-Locale"} {
		if len(w.Header()[name]) != 1 {
			t.Errorf("%s is missing in %v", name, w.Header())
		}
	}
}

// CART-CREATE: who changed the cart last stands in the token.
func TestLastModifiedUser(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	const token = "e30.eyJvaWQiOiJkYTYyYTBkYy0zNWU5LTQ2MDEtYjQ4ZS1hMDQ3YmQzZWM3YzEifQ.x" // {"oid":"da62a0dc-…"}
	a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, "Authorization: bearer "+token)
	if got := a.json(t)["lastModifiedUser"]; got != "da62a0dc-35e9-4601-b48e-a047bd3ec7c1" {
		t.Errorf("lastModifiedUser is %v", got)
	}
}

// HTTP-AUTH
func TestAuthOff(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.Auth = server.AuthOff })
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Authorization: "); a.status != http.StatusOK {
		t.Errorf("status %d", a.status)
	}
}

// HTTP-MEDIA: each spelling of the JSON types.
func TestContentTypes(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	for _, contentType := range []string{"", "application/json", "Application/JSON; charset=UTF-8", "text/json", `text/json; charset="utf-8"`} {
		a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine, "Content-Type: "+contentType)
		if a.status != http.StatusCreated || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%q: status %d, answer is %s", contentType, a.status, a.header.Get("Content-Type"))
		}
	}
}

// HTTP-CASE: paths, and GUIDs in them.
func TestPaths(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	strict := servertest.New(t, func(o *server.Options) { o.Spelling = server.SpellingStrict })
	cart := strings.TrimPrefix(created(t, stub, oneLine), "/customers/"+customer)
	for path, want := range map[string]int{
		"/customers/" + customer + cart:                                   200,
		"/Customers/" + customer + cart:                                   200,
		"/customers/" + customer + cart + "/":                             200,
		"/CUSTOMERS/" + customer + strings.Replace(cart, "c", "C", 1):     200,
		"/customers/" + strings.ToUpper(customer) + strings.ToUpper(cart): 200,
		"/customers/" + customer + cart + "//":                            404,
		"/customer/" + customer + cart:                                    404,
	} {
		if a := send(t, stub, "GET", path, ""); a.status != want {
			t.Errorf("tolerant %s answers %d, want %d", path, a.status, want)
		}
	}
	for path, want := range map[string]int{"/customers/": 200, "/Customers/": 404} {
		if a := send(t, strict, "GET", path+customer+"/orders", ""); a.status != want {
			t.Errorf("strict %s answers %d, want %d", path, a.status, want)
		}
	}
	if a := send(t, strict, "GET", "/customers/"+customer+"/orders/", ""); a.status != 404 {
		t.Errorf("strict, with a slash at the end, answers %d, want 404", a.status)
	}
}

// HTTP-CASE: with strict spelling only the contract's own passes.
func TestSpellingStrict(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.Spelling = server.SpellingStrict })
	carts := "/customers/" + customer + "/carts"
	for name, tc := range map[string]struct {
		body   string
		status int
		data   string
	}{
		"the contract's spelling":         {oneLine, 201, ""},
		"what the server sets, and nulls": {`{"id":"x","status":"Active",` + oneLine[1:len(oneLine)-3] + `,"renewsTo":null}]}`, 201, ""},
		"PascalCase":                      {example(t, "createCart.new-commerce.request"), 400, "/lineItems: is missing"},
		"comments":                        {example(t, "createCart.six-lines.request"), 400, "/lineItems/0: this is not JSON"},
		"words":                           {strings.Replace(oneLine, "monthly", "Monthly", 1), 400, "/lineItems/0/billingCycle: must be one of"},
		"a second spelling":               {strings.Replace(oneLine, "{", `{"LINEITEMS":[{"quantity":-5}],`, 1), 201, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := send(t, stub, "POST", carts, tc.body)
			if a.status != tc.status || !strings.Contains(string(a.body), tc.data) {
				t.Errorf("answer is %d, want %d with %q\n%s", a.status, tc.status, tc.data, a.body)
			}
			if a.status == 201 && at(t, a.json(t), "lineItems", 0, "quantity") != 1.0 {
				t.Errorf("the line that was validated is not the one that was stored:\n%s", a.body)
			}
		})
	}
}

// CART-EXPIRY over HTTP, CART-PUT and CHECKOUT-REPEAT after the expiry.
func TestExpiry(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart, ordered := created(t, stub, oneLine), created(t, stub, oneLine)
	first := send(t, stub, "POST", ordered+"/checkout", "")
	stub.Advance(7*24*time.Hour - time.Microsecond)
	if a := send(t, stub, "PUT", cart, oneLine); a.status != 201 {
		t.Errorf("put, a microsecond before the expiry: %d", a.status)
	}
	stub.Advance(time.Microsecond)
	for _, r := range [][2]string{{"GET", cart}, {"PUT", cart}, {"POST", cart + "/checkout"}} {
		body := ""
		if r[0] == "PUT" {
			body = oneLine
		}
		if a := send(t, stub, r[0], r[1], body); a.status != 404 || a.json(t)["code"] != 800008.0 {
			t.Errorf("%s of an expired cart: %d\n%s", r[0], a.status, a.body)
		}
	}
	if a := send(t, stub, "GET", ordered, ""); a.status != 200 || a.json(t)["status"] != "Ordered" {
		t.Errorf("get of an ordered cart: %d\n%s", a.status, a.body)
	}
	if a := send(t, stub, "POST", ordered+"/checkout", ""); string(a.body) != string(first.body) {
		t.Errorf("the repeated checkout answers %d with other bytes", a.status)
	}
	if a := send(t, stub, "PUT", ordered, oneLine); a.status != 400 || a.json(t)["code"] != 800065.0 {
		t.Errorf("put of an ordered cart: %d\n%s", a.status, a.body)
	}
}

// CHECKOUT-REPEAT, the switch.
func TestRepeatReject(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.Repeat = server.RepeatReject })
	cart := created(t, stub, oneLine)
	if a := send(t, stub, "POST", cart+"/checkout", ""); a.status != 201 {
		t.Fatalf("checkout: %d", a.status)
	}
	if a := send(t, stub, "POST", cart+"/checkout", ""); a.status != 400 || a.json(t)["code"] != 800065.0 {
		t.Errorf("repeated checkout: %d\n%s", a.status, a.body)
	}
}

// ORDER-LIST, ORDER-PRICE, HTTP-TENANT
func TestListOrders(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	list := func(query string) map[string]any {
		a := send(t, stub, "GET", "/customers/"+customer+"/orders"+query, "")
		if a.status != 200 {
			t.Fatalf("%s: %d\n%s", query, a.status, a.body)
		}
		return a.json(t)
	}
	ids := func(list map[string]any) (ids []string) {
		for _, o := range list["items"].([]any) {
			ids = append(ids, o.(map[string]any)["id"].(string))
		}
		return ids
	}
	empty := map[string]any{
		"totalCount": 0.0, "items": []any{}, "attributes": map[string]any{"objectType": "Collection"},
		"links": map[string]any{"self": map[string]any{"uri": "/customers/" + customer + "/orders", "method": "GET", "headers": []any{}}},
	}
	if diff := cmp.Diff(empty, list("")); diff != "" {
		t.Errorf("the list of no orders differs (-want +got):\n%s", diff)
	}

	var newestFirst []string
	for range 3 {
		order := at(t, send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", "").json(t), "orders", 0, "id").(string)
		newestFirst = append([]string{order}, newestFirst...)
		stub.Advance(time.Second)
	}
	one := created(t, stub, `{"lineItems":[{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"}]}`)
	software := at(t, send(t, stub, "POST", one+"/checkout", "").json(t), "orders", 0, "id").(string)

	all := list("")
	if diff := cmp.Diff(append([]string{software}, newestFirst...), ids(all)); diff != "" || all["totalCount"] != 4.0 {
		t.Errorf("totalCount %v, orders differ (-want +got):\n%s", all["totalCount"], diff)
	}
	if o := at(t, all, "items", 1).(map[string]any); o["totalPrice"] != nil || at(t, o, "lineItems", 0, "pricing") != nil {
		t.Errorf("an order has prices that nobody asked for: %v", o)
	}
	if o := at(t, list("?include_price=TRUE"), "items", 1).(map[string]any); o["totalPrice"] != 36.48 {
		t.Errorf("with include_price the total is %v", o["totalPrice"])
	}
	for _, word := range []string{"one_time", "onetime", "OneTime"} {
		if got := ids(list("?billingType=" + word)); !cmp.Equal(got, []string{software}) {
			t.Errorf("billingType=%s gives %v", word, got)
		}
	}
	other := send(t, stub, "GET", "/customers/"+strings.Replace(customer, "d6", "00", 1)+"/orders", "").json(t)
	if other["totalCount"] != 0.0 {
		t.Errorf("another customer sees %v", other)
	}
}

// The reading and writing of one cart by many at once: one order, one answer.
func TestCheckout_Concurrent(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart := created(t, stub, oneLine)
	answers := make(chan answer)
	const clients = 20
	for range clients {
		go func() { answers <- send(t, stub, "POST", cart+"/checkout", "") }()
	}
	first := <-answers
	for range clients - 1 {
		if a := <-answers; a.status != 201 || string(a.body) != string(first.body) {
			t.Errorf("answers differ: %d\n%s\n%s", a.status, a.body, first.body)
		}
	}
	if list := send(t, stub, "GET", "/customers/"+customer+"/orders", "").json(t); list["totalCount"] != 1.0 {
		t.Errorf("%v orders were placed", list["totalCount"])
	}
}

// ORDER-ID: an id that is taken is drawn again.
func TestOrderID_DrawnAgain(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.IDs = &repeatingIDs{} })
	var ids []string
	for range 2 {
		a := send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", "")
		if a.status != 201 {
			t.Fatalf("checkout: %d\n%s", a.status, a.body)
		}
		ids = append(ids, at(t, a.json(t), "orders", 0, "id").(string))
	}
	if diff := cmp.Diff([]string{"000000000001", "000000000002"}, ids); diff != "" {
		t.Errorf("ids differ (-want +got):\n%s", diff)
	}
}

// repeatingIDs draws each order id twice.
type repeatingIDs struct{ guids, orders int }

func (r *repeatingIDs) GUID() string {
	r.guids++
	return fmt.Sprintf("00000000-0000-0000-0000-%012d", r.guids)
}

func (r *repeatingIDs) OrderID() string {
	r.orders++
	return fmt.Sprintf("%012d", (r.orders+1)/2)
}

// A store that can't serve is 503 with Retry-After, and the server is not ready.
func TestStoreUnavailable(t *testing.T) {
	t.Parallel()
	broken := &failingStore{Store: memory.New(), err: fmt.Errorf("%w: /secret/path is full", store.ErrUnavailable)}
	stub := servertest.New(t, func(o *server.Options) { o.Store = broken })
	a := send(t, stub, "POST", "/customers/"+customer+"/carts", oneLine)
	if a.status != 503 || a.json(t)["code"] != 800003.0 || a.header.Get("Retry-After") == "" || strings.Contains(string(a.body), "secret") {
		t.Errorf("answer is %d, Retry-After %q\n%s", a.status, a.header.Get("Retry-After"), a.body)
	}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 503} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", stub.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := do(t, r); a.status != want || strings.Contains(string(a.body), "secret") {
			t.Errorf("%s answers %d, want %d\n%s", path, a.status, want, a.body)
		}
	}
	good := servertest.New(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", good.URL+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := do(t, r); a.status != 200 {
		t.Errorf("/readyz of a good store answers %d", a.status)
	}
}

// An unexpected error is 500 / 800003 with the correlation id, and nothing of its cause.
func TestUnexpectedError(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]store.Store{
		"error": &failingStore{Store: memory.New(), err: errors.New("secret")},
		"panic": &panickingStore{memory.New()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			stub := servertest.New(t, func(o *server.Options) {
				o.Store = s
				o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
			})
			a := send(t, stub, "GET", "/customers/"+customer+"/orders/a68736758d9c", "", "MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286")
			want := map[string]any{
				"code": 800003.0, "source": "PartnerFD", "data": []any{},
				"description": "An unexpected error occurred. Its correlation id is 0e93c70c-977a-4a88-9580-7cf084c73286.",
			}
			if diff := cmp.Diff(want, a.json(t)); diff != "" || a.status != 500 {
				t.Errorf("status %d, body differs (-want +got):\n%s", a.status, diff)
			}
			if !strings.Contains(log.String(), "secret") {
				t.Errorf("the log does not say why:\n%s", log.String())
			}
		})
	}
}

type panickingStore struct{ store.Store }

func (panickingStore) Get(context.Context, store.Key) (store.Document, error) { panic("secret") }

// A list that breaks off must not look whole.
func TestListOrders_BrokenOff(t *testing.T) {
	t.Parallel()
	breaking := &breakingStore{memory.New()}
	stub := servertest.New(t, func(o *server.Options) {
		o.Store = breaking
		o.InvalidAnswer = func(error) { t.Error("what broke off was checked as an answer") }
	})
	send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", "")
	r, err := http.NewRequestWithContext(t.Context(), "GET", stub.URL+"/v1/customers/"+customer+"/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return // cut before the head was sent
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("the client got a whole answer: %d\n%s", response.StatusCode, body)
	}
}

// breakingStore gives the first order of a list many times, so that some of them are sent, and then fails.
type breakingStore struct{ store.Store }

func (s breakingStore) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for d, err := range s.Store.Orders(ctx, customerID) {
			for range 100 {
				if !yield(d, err) {
					return
				}
			}
			break
		}
		yield(store.Document{}, errors.New("the disk broke"))
	}
}

func TestNew_RefusesOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]server.Options{
		`Auth "maybe" is none of`:     {Auth: "maybe"},
		`Spelling "loose" is none of`: {Spelling: "loose"},
		`Repeat "never" is none of`:   {Repeat: "never"},
		"ProvisionDelay -5s":          {ProvisionDelay: -5 * time.Second},
	} {
		if _, err := server.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New gave %v, want %q", err, want)
		}
	}
}

// The log has one line a request, with what a person looks for.
func TestLog(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	stub := servertest.New(t, func(o *server.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "ms" {
				return slog.Attr{}
			}
			return a
		}}))
	})
	ids := []string{"MS-RequestId: 4fa6dad6-a89f-4875-8247-8294a10ae1cf", "MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286"}
	send(t, stub, "POST", "/Customers/"+customer+"/carts", example(t, "createCart.new-commerce.request"), ids...)
	send(t, stub, "POST", "/customers/"+customer+"/carts", `{"lineItems":[]}`, ids...)
	const end = " requestId=4fa6dad6-a89f-4875-8247-8294a10ae1cf correlationId=0e93c70c-977a-4a88-9580-7cf084c73286 note="
	want := `level=INFO msg="POST /v1/Customers/` + customer + `/carts" status=201 operation=createCart` + end +
		`"path read in the contract's spelling; read in the contract's spelling"` + "\n" +
		`level=INFO msg="POST /v1/customers/` + customer + `/carts" status=400 operation=createCart` + end +
		`"800002: Invalid request: /lineItems: the number of entries must be at least 1"` + "\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("log differs (-want +got):\n%s", diff)
	}
}

// A line of the JSON log is an object without a name twice, and a path can't forge a line of the text log.
func TestLog_Forms(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	stub := servertest.New(t, func(o *server.Options) { o.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	send(t, stub, "GET", "/x%0aINFO%20forged%1b[31m", "")
	var line struct {
		Time                     time.Time
		Msg, Level, Note         string
		Operation                string
		RequestID, CorrelationID string
		Status                   int
		MS                       float64
	}
	if err := jsonv2.Unmarshal([]byte(log.String()), &line, jsonv2.RejectUnknownMembers(true), jsonv2.MatchCaseInsensitiveNames(true)); err != nil {
		t.Errorf("%v\n%s", err, log.String())
	}
	if line.Msg != "GET /v1/x%0aINFO%20forged%1b[31m" || line.Status != 404 || line.Time.IsZero() {
		t.Errorf("the line is %+v", line)
	}
}

// OPTIONS is answered by HTTP itself, with the methods that the path has.
func TestOptions(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	a := send(t, stub, "OPTIONS", "/customers/"+customer+"/carts", "", "Authorization: ")
	if a.status != http.StatusNoContent || a.header.Get("Allow") != "OPTIONS, POST" {
		t.Errorf("OPTIONS answers %d, Allow %q", a.status, a.header.Get("Allow"))
	}
}

// A body that says it is too long is refused before it is sent.
func TestContentLength(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	a := sendRaw(t, stub, "POST /v1/customers/"+customer+"/carts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 1048577\r\n\r\n")
	if a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d\n%s", a.status, a.body)
	}
}
