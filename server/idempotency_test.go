package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// withID is the header of a request id, of which there are as many as n.
func withID(n int) string { return fmt.Sprintf("MS-RequestId: 4fa6dad6-a89f-4875-8247-%012d", n) }

// requireRepeated checks that an answer is the first one again, and says so.
func requireRepeated(t *testing.T, first, second answer) {
	t.Helper()
	if second.status != first.status || !bytes.Equal(second.body, first.body) {
		t.Errorf("the first answer is %d\n%s\nthe second %d\n%s", first.status, first.body, second.status, second.body)
	}
	if first.header.Get("Cartwright-Repeated") != "" || second.header.Get("Cartwright-Repeated") != "true" {
		t.Errorf("Cartwright-Repeated is %q, then %q", first.header.Get("Cartwright-Repeated"), second.header.Get("Cartwright-Repeated"))
	}
}

// HTTP-IDEMPOTENCY: each operation that changes something does so once for a request id, whatever came of it.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	mine := "/customers/" + customer
	cart, ordered := created(t, stub, oneLine), created(t, stub, oneLine)
	bought := send(t, stub, "POST", ordered+"/checkout", "").json(t)
	stub.Advance(time.Minute)
	order := at(t, bought, "orders", 0, "links", "self", "uri").(string)
	subscription := mine + "/subscriptions/" + at(t, send(t, stub, "GET", order, "").json(t), "lineItems", 0, "subscriptionId").(string)
	software := at(t, send(t, stub, "POST", mine+"/orders", orderOf("DG7GMGF0DWM3:0002:DG7GMGF0DT1M", 1)).json(t), "links", "self", "uri").(string)

	id := 0
	for name, r := range map[string]struct {
		method, path, body string
		status             int
	}{
		"a cart":                   {"POST", mine + "/carts", oneLine, 201},
		"a cart's lines":           {"PUT", cart, oneLine, 201},
		"an order":                 {"POST", mine + "/orders", anyOrder, 201},
		"an order's cancellation":  {"PATCH", software, cancelled, 200},
		"a subscription's change":  {"PATCH", subscription, `{"friendlyName":"other"}`, 200},
		"lines of an ordered cart": {"PUT", ordered, oneLine, 400},
		"no cart":                  {"PUT", mine + "/carts/00000000-0000-0000-0000-000000000000", oneLine, 404},
		"no subscription":          {"PATCH", mine + "/subscriptions/00000000-0000-0000-0000-000000000000", deleted, 404},
		"an unknown offer":         {"POST", mine + "/orders", orderOf("x", 1), 400},
	} {
		id++
		first := send(t, stub, r.method, r.path, r.body, withID(id))
		if first.status != r.status {
			t.Errorf("%s: %s %s answers %d\n%s", name, r.method, r.path, first.status, first.body)
		}
		stub.Advance(time.Second)
		requireRepeated(t, first, send(t, stub, r.method, r.path, r.body, withID(id)))
		again := send(t, stub, r.method, r.path, r.body)
		if again.header.Get("Cartwright-Repeated") != "" {
			t.Errorf("%s: a request with an id of its own is a repetition", name)
		}
		if r.status == 201 && bytes.Equal(again.body, first.body) {
			t.Errorf("%s: a request with an id of its own changes nothing", name)
		}
		requireRepeated(t, first, send(t, stub, r.method, r.path, r.body, withID(id)))
	}
	if n := at(t, send(t, stub, "GET", mine+"/orders", "").json(t), "totalCount"); n != float64(4) {
		t.Errorf("there are %v orders, want the 2 of before and 2 new", n)
	}
}

// HTTP-IDEMPOTENCY: an id counts for a customer, an operation and a resource, in any case; a body in any spelling.
func TestIdempotency_Keys(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	carts := "/customers/" + customer + "/carts"
	first := send(t, stub, "POST", carts, oneLine, withID(7))
	requireRepeated(t, first, send(t, stub, "POST", carts, oneLine, strings.ToUpper(withID(7))))
	for name, body := range map[string]string{
		"another order": `{"lineItems":[{"termDuration":"P1Y","billingCycle":"monthly","quantity":1,"catalogItemId":"MS-AZR-0145P"}]}`,
		"PascalCase":    `{"LineItems":[{"CatalogItemId":"MS-AZR-0145P","Quantity":1,"BillingCycle":"Monthly","TermDuration":"P1Y"}]}`,
		"what is the server's": `{"id":"x","lineItems":[{"catalogItemId":"MS-AZR-0145P","quantity":1.0,"billingCycle":"monthly",
			"termDuration":"P1Y","error":null}]} // a comment`,
	} {
		one := send(t, stub, "POST", carts, `{"lineItems":[{"catalogItemId":"MS-AZR-0145P","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}`, withID(8))
		got := send(t, stub, "POST", carts, body, withID(8))
		if !bytes.Equal(got.body, one.body) {
			t.Errorf("%s: the answer is another one:\n%s", name, got.body)
		}
	}
	for name, other := range map[string]answer{
		"customer": send(t, stub, "POST", "/customers/00000000-0000-0000-0000-000000000001/carts", oneLine, withID(7)),
		"id":       send(t, stub, "POST", carts, oneLine, withID(9)),
		"resource": send(t, stub, "PUT", created(t, stub, oneLine), oneLine, withID(7)),
	} {
		if other.status != 201 || other.header.Get("Cartwright-Repeated") != "" {
			t.Errorf("another %s: %d, repeated %q", name, other.status, other.header.Get("Cartwright-Repeated"))
		}
	}

	refused := send(t, stub, "POST", carts, oneLineOf(anyLicense, 2, "monthly", "P1M"), withID(7))
	if v := refused.json(t); refused.status != 400 || v["code"] != float64(800002) || refused.header.Get("Cartwright-Repeated") != "" ||
		fmt.Sprint(v["data"]) != "[header MS-RequestId: a request of this id had another body; a new request needs an id of its own]" {
		t.Errorf("another body: %d\n%s", refused.status, refused.body)
	}
	requireRepeated(t, first, send(t, stub, "POST", carts, oneLine, withID(7)))
	requireXML(t, send(t, stub, "POST", carts, oneLine, withID(7), "Accept: application/xml"))
}

func requireXML(t *testing.T, a answer) {
	t.Helper()
	if a.status != 201 || !bytes.HasPrefix(a.body, []byte("<?xml")) || a.header.Get("Cartwright-Repeated") != "true" {
		t.Errorf("as XML: %d, %v\n%s", a.status, a.header, a.body)
	}
}

// HTTP-IDEMPOTENCY: an answer is repeated for 24 hours, by each server on the store.
func TestIdempotency_Lifetime(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	one := servertest.New(t, func(o *server.Options) { o.Store = shared })
	other := servertest.New(t, func(o *server.Options) { o.Store = shared })
	carts := "/customers/" + customer + "/carts"
	first := send(t, one, "POST", carts, oneLine, withID(1))
	requireRepeated(t, first, send(t, other, "POST", carts, oneLine, withID(1)))
	one.Advance(24 * time.Hour)
	requireRepeated(t, first, send(t, one, "POST", carts, oneLine, withID(1)))
	one.Advance(time.Second)
	second := send(t, one, "POST", carts, oneLine, withID(1))
	if second.header.Get("Cartwright-Repeated") != "" || bytes.Equal(second.body, first.body) {
		t.Errorf("after more than 24 hours the answer is repeated:\n%s", second.body)
	}
	requireRepeated(t, second, send(t, one, "POST", carts, oneLine, withID(1)))
}

// HTTP-IDEMPOTENCY: what was not decided is decided anew: bad requests, and those that the store could not serve.
func TestIdempotency_NotRemembered(t *testing.T) {
	t.Parallel()
	sick := &sickStore{Store: memory.New()}
	stub := servertest.New(t, func(o *server.Options) { o.Store = sick })
	carts := "/customers/" + customer + "/carts"
	if a := send(t, stub, "POST", carts, `{"lineItems":[]}`, withID(1)); a.status != 400 {
		t.Errorf("a bad request answers %d", a.status)
	}
	for _, err := range []error{store.ErrUnavailable, store.ErrBusy, errors.New("disk on fire")} {
		sick.fail(err)
		if a := send(t, stub, "POST", carts, oneLine, withID(1)); a.status < 500 {
			t.Errorf("with %v the answer is %d", err, a.status)
		}
	}
	sick.fail(nil)
	if a := send(t, stub, "POST", carts, oneLine, withID(1)); a.status != 201 || a.header.Get("Cartwright-Repeated") != "" {
		t.Errorf("then the answer is %d, repeated %q", a.status, a.header.Get("Cartwright-Repeated"))
	}
}

// sickStore is a store whose commits fail with an error, after the update was run.
type sickStore struct {
	store.Store
	mu  sync.Mutex
	err error
}

func (s *sickStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *sickStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.mu.Lock()
	failing := s.err
	s.mu.Unlock()
	return s.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return failing
	})
}

// HTTP-IDEMPOTENCY: of several at once one does the work, and all have its answer.
func TestIdempotency_AtOnce(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	const clients = 20
	answers := make([]answer, clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { answers[i] = send(t, stub, "POST", "/customers/"+customer+"/orders", anyOrder, withID(1)) })
	}
	wg.Wait()
	first := slices.IndexFunc(answers, func(a answer) bool { return a.header.Get("Cartwright-Repeated") == "" })
	if first < 0 {
		t.Fatal("nobody did the work")
	}
	for i, a := range answers {
		if i != first {
			requireRepeated(t, answers[first], a)
		}
	}
	if n := at(t, send(t, stub, "GET", "/customers/"+customer+"/orders", "").json(t), "totalCount"); n != float64(1) {
		t.Errorf("there are %v orders, want 1", n)
	}
	if answers[first].status != http.StatusCreated {
		t.Errorf("the answer is %d", answers[first].status)
	}
}
