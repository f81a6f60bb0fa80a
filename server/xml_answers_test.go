package server_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// HTTP-MEDIA: each answer has the same values in XML as in JSON. Two stubs that draw the same ids are asked the same, one
// for JSON and one for XML.
func TestXML(t *testing.T) {
	t.Parallel()
	same := func(o *server.Options) { o.IDs = &repeatingIDs{} }
	inJSON, inXML := servertest.New(t, same), servertest.New(t, same)
	both := func(t *testing.T, media, method, path, body string, headers ...string) (j, x answer) {
		t.Helper()
		x = send(t, inXML, method, path, body, append(headers, "Accept: "+media)...)
		return send(t, inJSON, method, path, body, headers...), x
	}
	awkward := strings.Replace(oneLine, `"quantity"`, `"friendlyName":"a\u0001<b>\r\n&","provisioningContext":{"":"nothing","9 lives":"<cat/>","a:b":"\ufffe","_x0041_":" ","ü😀":"]]>"},"quantity"`, 1)
	customerPath := "/customers/" + customer
	carts, orders := customerPath+"/carts", customerPath+"/orders"
	cart, _ := both(t, "text/xml", "POST", carts, awkward)
	cartPath := carts + "/" + cart.json(t)["id"].(string)
	checkout, _ := both(t, "text/xml", "POST", cartPath+"/checkout", "")
	orderPath := orders + "/" + at(t, checkout.json(t), "orders", 0, "id").(string)

	for _, tc := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		root                     string
	}{
		{"create a cart", "POST", carts, awkward, nil, 201, "Cart"},
		{"a cart of six lines", "POST", carts, example(t, "createCart.six-lines.request"), nil, 201, "Cart"},
		{"get a cart", "GET", cartPath, "", nil, 200, "Cart"},
		{"update a cart", "PUT", carts + "/00000000-0000-0000-0000-000000000000", oneLine, nil, 404, "ErrorResponse"},
		{"check out", "POST", cartPath + "/checkout", "", nil, 201, "CartCheckoutResult"},
		{"get an order", "GET", orderPath + "?include_price=true", "", nil, 200, "Order"},
		{"list orders", "GET", orders, "", nil, 200, "OrderCollection"},
		{"list no orders", "GET", orders + "?billingType=annual", "", nil, 200, "OrderCollection"},
		{"400 with data", "POST", carts, `{"lineItems":[{},{"quantity":-1}]}`, nil, 400, "ErrorResponse"},
		{"400 with the name of the client", "POST", carts, `{"<\u0001>":}`, nil, 400, "ErrorResponse"},
		{"401", "GET", orders, "", []string{"Authorization: "}, 401, "ErrorResponse"},
		{"404", "GET", orders + "/x", "", nil, 404, "ErrorResponse"},
		{"404 outside any operation", "GET", "/nothing", "", nil, 404, "ErrorResponse"},
		{"405", "DELETE", cartPath, "", nil, 405, "ErrorResponse"},
		{"413", "POST", carts, strings.Repeat(" ", 1<<20+1), nil, 413, "ErrorResponse"},
		{"415", "POST", carts, "<cart/>", []string{"Content-Type: text/xml"}, 415, "ErrorResponse"},
	} {
		for _, media := range []string{"application/xml", "text/xml"} {
			j, x := both(t, media, tc.method, tc.path, tc.body, tc.headers...)
			if j.status != tc.status || x.status != tc.status {
				t.Errorf("%s: status %d in JSON, %d in XML, want %d", tc.name, j.status, x.status, tc.status)
			}
			if diff := cmp.Diff(treeOfJSON(t, tc.root, j.body), treeOfXML(t, x.body)); diff != "" {
				t.Errorf("%s differs (-json +xml):\n%s", tc.name, diff)
			}
			if got := x.header.Get("Content-Type"); got != media+"; charset=utf-8" {
				t.Errorf("%s: Content-Type is %q", tc.name, got)
			}
			for _, name := range []string{"Vary", "Allow", "WWW-Authenticate", "MS-RequestId", "MS-ServerId", "X-Locale"} {
				if name != "MS-RequestId" && j.header.Get(name) != x.header.Get(name) || (j.header.Get(name) == "") != (x.header.Get(name) == "") {
					t.Errorf("%s: %s is %q in JSON, %q in XML", tc.name, name, j.header.Get(name), x.header.Get(name))
				}
			}
			if got := x.header.Values("Vary"); !cmp.Equal(got, []string{"Accept"}) {
				t.Errorf("%s: Vary is %q", tc.name, got)
			}
		}
	}
}

// What can't be served is told in XML too.
func TestXML_ServerErrors(t *testing.T) {
	t.Parallel()
	for status, s := range map[int]store.Store{
		500: &panickingStore{memory.New()},
		503: &failingStore{Store: memory.New(), err: store.ErrUnavailable},
	} {
		stub := servertest.New(t, func(o *server.Options) { o.Store = s })
		path, correlation := "/customers/"+customer+"/orders/x", "MS-CorrelationId: 0e93c70c-977a-4a88-9580-7cf084c73286"
		j, x := send(t, stub, "GET", path, "", correlation), send(t, stub, "GET", path, "", correlation, "Accept: text/xml")
		if j.status != status || x.status != status || x.header.Get("Retry-After") != j.header.Get("Retry-After") {
			t.Errorf("status %d in JSON, %d in XML, want %d", j.status, x.status, status)
		}
		if diff := cmp.Diff(treeOfJSON(t, "ErrorResponse", j.body), treeOfXML(t, x.body)); diff != "" {
			t.Errorf("%d differs (-json +xml):\n%s", status, diff)
		}
	}
}

// HTTP-MEDIA: text/json is JSON by another name; who takes nothing of ours is told so in JSON; health is JSON always.
func TestAccept(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	orders := "/customers/" + customer + "/orders"
	plain, text := send(t, stub, "GET", orders, ""), send(t, stub, "GET", orders, "", "Accept: text/json")
	if text.header.Get("Content-Type") != "text/json; charset=utf-8" || !bytes.Equal(plain.body, text.body) {
		t.Errorf("text/json is %s\n%s\nwant\n%s", text.header.Get("Content-Type"), text.body, plain.body)
	}
	none := send(t, stub, "GET", orders, "", "Accept: text/html, text/xml;q=0")
	if none.status != 406 || none.header.Get("Content-Type") != "application/json; charset=utf-8" || none.header.Get("Vary") != "Accept" || none.json(t)["code"] != 800002.0 {
		t.Errorf("nothing accepted: %d, %v\n%s", none.status, none.header, none.body)
	}
	for _, path := range []string{"/livez", "/readyz", "/v2"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", stub.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/xml")
		if a := do(t, r); !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") || a.header.Get("Vary") != "" || len(a.json(t)) == 0 {
			t.Errorf("%s is answered with %v\n%s", path, a.header, a.body)
		}
	}
}

// Where there is no body there is no XML.
func TestXML_NoBody(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	path := "/customers/" + customer + "/carts"
	if a := send(t, stub, "OPTIONS", path, "", "Accept: text/xml"); a.status != 204 || len(a.body) > 0 || a.header.Get("Content-Type") != "" {
		t.Errorf("OPTIONS answers %d, %v\n%s", a.status, a.header, a.body)
	}
	get, head := send(t, stub, "GET", path, "", "Accept: text/xml"), send(t, stub, "HEAD", path, "", "Accept: text/xml")
	if head.status != get.status || len(head.body) > 0 || head.header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("HEAD answers %d, %v\n%s", head.status, head.header, head.body)
	}
	if got, want := head.header.Get("Content-Length"), fmt.Sprint(len(get.body)); got != want {
		t.Errorf("HEAD says that the body has %s bytes, GET sends %s", got, want)
	}
}

// A list of orders is written as XML while it is read: of 5,000 orders, each is sent before the next is asked for.
func TestXML_Streaming(t *testing.T) {
	t.Parallel()
	const n = 5000
	orders := &manyOrders{Store: memory.New(), n: n}
	handler, err := server.New(server.Options{Store: orders})
	if err != nil {
		t.Fatal(err)
	}
	request := func(method, path, body string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), method, "/v1/customers/"+customer+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer any")
		r.Header.Set("Accept", "application/xml")
		return r
	}
	created := httptest.NewRecorder()
	handler.ServeHTTP(created, request("POST", "/carts", oneLine))
	cart := struct {
		ID string `xml:"id"`
	}{}
	if err := xml.Unmarshal(created.Body.Bytes(), &cart); err != nil {
		t.Fatal(err)
	}
	handler.ServeHTTP(httptest.NewRecorder(), request("POST", "/carts/"+cart.ID+"/checkout", ""))

	sent := &countingWriter{header: http.Header{}}
	const each, most = 1000, 100 << 10 // bytes of an order at least, and of what is sent at once
	before := 0
	orders.asked = func(i int) {
		if sent.n-before > most || sent.n < i*each-most {
			t.Fatalf("before order %d was asked for, %d bytes were sent, %d of them since the one before", i, sent.n, sent.n-before)
		}
		before = sent.n
	}
	handler.ServeHTTP(sent, request("GET", "/orders", ""))
	if sent.status != 200 || sent.n < n*each {
		t.Errorf("status %d, %d bytes", sent.status, sent.n)
	}
	if !bytes.HasSuffix(sent.last, []byte("</OrderCollection>")) {
		t.Errorf("the list ends with %s", sent.last)
	}
}

// manyOrders has its one order n times.
type manyOrders struct {
	store.Store
	n     int
	asked func(i int)
}

func (s *manyOrders) Orders(ctx context.Context, customerID string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for d, err := range s.Store.Orders(ctx, customerID) {
			for i := range s.n {
				s.asked(i)
				if !yield(d, err) {
					return
				}
			}
		}
	}
}

// countingWriter keeps nothing of an answer but its status, its length, and what was written last.
type countingWriter struct {
	header http.Header
	status int
	n      int
	last   []byte
}

func (w *countingWriter) Header() http.Header    { return w.header }
func (w *countingWriter) WriteHeader(status int) { w.status = status }
func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	w.last = append(w.last[:0], p...)
	return len(p), nil
}

// A list that breaks off must not look whole in XML either.
func TestXML_BrokenOff(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) {
		o.Store = &breakingStore{memory.New()}
		o.InvalidAnswer = func(error) { t.Error("what broke off was checked as an answer") }
	})
	send(t, stub, "POST", created(t, stub, oneLine)+"/checkout", "")
	r, err := http.NewRequestWithContext(t.Context(), "GET", stub.URL+"/v1/customers/"+customer+"/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Accept", "text/xml")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return // cut before the head was sent
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("the client got a whole answer: %d\n%s", response.StatusCode, body)
	}
}
