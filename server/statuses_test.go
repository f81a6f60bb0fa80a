package server_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// notProduced is why no request gets an operation to answer a status that the contract lists. The key is "operation
// status", or a status for all operations that do not produce it here.
var notProduced = map[string]string{
	"403":              "who may see the rest is for tokens to say, which this server takes as they are",
	"409":              "of what is busy only carts have a code of their own (CHECKOUT-BUSY)",
	"listProducts 404": "the partner's own catalogue exists",
	"updateCart 200":   "the REST reference lists it; the server answers 201, as the documents print",
	"checkoutCart 200": "the REST reference lists it; the server answers 201, as the documents print",
}

// request is one that gets an operation to answer a certain status.
type request struct{ method, path, body string }

// Every status that the contract lists is produced here, or has its reason above. servertest checks each answer against
// the contract. Of each operation there is a request that succeeds, from which follow those without a token, for no media
// type of ours, and to a server that is broken.
func TestStatuses(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	broken := servertest.New(t, func(o *server.Options) {
		o.Store = &failingStore{Store: memory.New(), err: errors.New("disk on fire")}
		o.Clock = func() time.Time { panic("the clock is broken") }
	})
	busy := servertest.New(t, func(o *server.Options) { o.Store = busyStore{memory.New()} })
	full := newFull(t)
	closed := servertest.New(t, func(o *server.Options) {
		o.Customers = []commerce.Customer{{ID: customer, NoAgreement: true}}
	})
	mine := "/customers/" + customer
	carts, orders, subscriptions := mine+"/carts", mine+"/orders", mine+"/subscriptions"
	buy := func(item, cycle, term, more string) (order, subscription string) {
		body := fmt.Sprintf(`{"lineItems":[{"catalogItemId":%q,"quantity":1,"billingCycle":%q,"termDuration":%q%s}]}`, item, cycle, term, more)
		answer := send(t, stub, "POST", created(t, stub, body)+"/checkout", "").json(t)
		stub.Advance(time.Minute)
		order = orders + "/" + at(t, answer, "orders", 0, "id").(string)
		id := at(t, send(t, stub, "GET", order, "").json(t), "lineItems", 0, "subscriptionId")
		return order, subscriptions + "/" + id.(string)
	}
	saas, saasSubscription := buy("DZH318Z0BXWC:0002:DZH318Z0BMRV", "monthly", "P1M", "")
	_, plan := buy("DZH318Z09V6F:0001:DZH318Z0BLD3", "one_time", "P1Y",
		`,"provisioningContext":{"scope":"shared","subscriptionId":"0350d130-4d3d-4005-aca0-cf84f0ab0d4a"},"purchaseCommitment":{"amount":0.05,"grain":"hourly","currency":"usd"}`)
	cart, ordered := created(t, stub, oneLine), created(t, stub, oneLine)
	send(t, stub, "POST", ordered+"/checkout", "")
	missing := "/00000000-0000-0000-0000-000000000000"
	const newOrder = `{"lineItems":[{"offerId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1}]}`
	const cancel, remove = `{"status":"cancelled"}`, `{"status":"deleted"}`

	succeeds := map[string]request{
		"createCart":                        {"POST", carts, oneLine},
		"getCart":                           {"GET", cart, ""},
		"updateCart":                        {"PUT", cart, oneLine},
		"checkoutCart":                      {"POST", ordered + "/checkout", ""},
		"listOrders":                        {"GET", orders, ""},
		"createOrder":                       {"POST", orders, newOrder},
		"getOrder":                          {"GET", saas, ""},
		"updateOrder":                       {"PATCH", saas, "{}"},
		"getOrderProvisioningStatus":        {"GET", saas + "/provisioningstatus", ""},
		"listOrderActivationLinks":          {"GET", saas + "/activationlinks", ""},
		"listLineItemActivationLinks":       {"GET", saas + "/lineitems/0/activationlinks", ""},
		"listSubscriptions":                 {"GET", subscriptions, ""},
		"getSubscription":                   {"GET", saasSubscription, ""},
		"updateSubscription":                {"PATCH", saasSubscription, "{}"},
		"getSubscriptionProvisioningStatus": {"GET", saasSubscription + "/provisioningstatus", ""},
		"activateSubscription":              {"POST", saasSubscription + "/activate", ""},
		"getOffer":                          {"GET", "/offers/MS-AZR-0145P?country=US", ""},
	}
	fails := map[string]request{ // with the status in its name
		"createCart 400":                        {"POST", carts, "{}"},
		"getCart 400":                           {"GET", carts + "/x", ""},
		"getCart 404":                           {"GET", carts + missing, ""},
		"updateCart 400":                        {"PUT", ordered, oneLine},
		"updateCart 404":                        {"PUT", carts + missing, oneLine},
		"checkoutCart 400":                      {"POST", created(t, stub, `{"lineItems":[{"catalogItemId":"x","quantity":1,"billingCycle":"none"}]}`) + "/checkout", ""},
		"checkoutCart 404":                      {"POST", carts + missing + "/checkout", ""},
		"listOrders 400":                        {"GET", orders + "?billingType=x", ""},
		"createOrder 400":                       {"POST", orders, `{"lineItems":[{"offerId":"x","quantity":1}]}`},
		"getOrder 400":                          {"GET", saas + "?include_price=x", ""},
		"getOrder 404":                          {"GET", orders + "/a68736758d9c", ""},
		"updateOrder 400":                       {"PATCH", saas, `{"lineItems":{}}`},
		"updateOrder 403":                       {"PATCH", saas, cancel},
		"updateOrder 404":                       {"PATCH", orders + "/a68736758d9c", cancel},
		"getOrderProvisioningStatus 400":        {"GET", orders + "/a%20b/provisioningstatus", ""},
		"getOrderProvisioningStatus 404":        {"GET", orders + "/x/provisioningstatus", ""},
		"listOrderActivationLinks 400":          {"GET", orders + "/a%20b/activationlinks", ""},
		"listOrderActivationLinks 404":          {"GET", orders + "/x/activationlinks", ""},
		"listLineItemActivationLinks 400":       {"GET", saas + "/lineitems/x/activationlinks", ""},
		"listLineItemActivationLinks 404":       {"GET", saas + "/lineitems/1/activationlinks", ""},
		"listSubscriptions 400":                 {"GET", subscriptions + "?order_id=" + strings.Repeat("x", 65), ""},
		"getSubscription 400":                   {"GET", subscriptions + "/x", ""},
		"getSubscription 404":                   {"GET", subscriptions + missing, ""},
		"updateSubscription 400":                {"PATCH", saasSubscription, `{"quantity":0}`},
		"updateSubscription 403":                {"PATCH", plan, remove},
		"updateSubscription 404":                {"PATCH", subscriptions + missing, "{}"},
		"getSubscriptionProvisioningStatus 400": {"GET", subscriptions + "/x/provisioningstatus", ""},
		"getSubscriptionProvisioningStatus 404": {"GET", subscriptions + missing + "/provisioningstatus", ""},
		"activateSubscription 400":              {"POST", plan + "/activate", ""},
		"activateSubscription 404":              {"POST", subscriptions + missing + "/activate", ""},
		"getOffer 400":                          {"GET", "/offers/MS-AZR-0145P", ""},
		"getOffer 404":                          {"GET", "/offers/CFQ7TTC0LF8S:0001:CFQ7TTC0N81H?country=US", ""},
	}
	const sku = "/products/CFQ7TTC0LF8S/skus/0001"
	for prefix, below := range map[string]string{"": "", "Customer": mine} {
		for name, r := range map[string]struct{ operation, path, query string }{
			"Products":       {"list" + prefix + "Products", "/products", "&targetView=OnlineServices"},
			"Product":        {"get" + prefix + "Product", "/products/CFQ7TTC0LF8S", ""},
			"Skus":           {"list" + prefix + "Skus", "/products/CFQ7TTC0LF8S/skus", ""},
			"Sku":            {"get" + prefix + "Sku", sku, ""},
			"Availabilities": {"list" + prefix + "Availabilities", sku + "/availabilities", ""},
			"Availability":   {"get" + prefix + "Availability", sku + "/availabilities/CFQ7TTC0N81H", ""},
		} {
			path := below + r.path + "?country="
			succeeds[r.operation] = request{"GET", path + "US" + r.query, ""}
			fails[r.operation+" 400"] = request{"GET", path + "USA" + r.query, ""}
			if name != "Products" {
				fails[r.operation+" 404"] = request{"GET", path + "ZZ", ""}
			}
			if strings.HasPrefix(r.operation, "list") {
				fails[r.operation+" 403"] = request{"GET", path + "US" + r.query + "&targetSegment=x", ""}
			}
		}
	}
	// Without the customer's agreement nothing is bought, and a customer that is not in the list does not exist.
	unbought := send(t, closed, "POST", carts, oneLine).json(t)["id"].(string)
	fails["checkoutCart 403"] = request{"POST", carts + "/" + unbought + "/checkout", ""}
	fails["createOrder 403"] = request{"POST", orders, newOrder}
	stranger := strings.NewReplacer(customer, missing[1:])
	toClosed := map[string]bool{"checkoutCart 403": true, "createOrder 403": true}
	for _, operation := range []string{"createCart", "listOrders", "createOrder", "listSubscriptions", "listCustomerProducts"} {
		r := succeeds[operation]
		r.path = stranger.Replace(r.path)
		fails[operation+" 404"], toClosed[operation+" 404"] = r, true
	}

	for key, status := range contractStatuses(t) {
		operation := strings.Fields(key)[0]
		r, ok := fails[key]
		delete(fails, key)
		to, want, headers := stub, status, []string(nil)
		switch {
		case toClosed[key]:
			to = closed
		case status[0] == '2' && notProduced[key] == "":
			r, ok = succeeds[operation]
		case status == "401":
			r, ok = succeeds[operation]
			headers = []string{"Authorization: "}
		case status == "429":
			r, ok = succeeds[operation]
			to = full
		case key == "checkoutCart 409" || key == "updateCart 409":
			r, ok = succeeds[operation]
			to = busy
		case status == "500":
			r, ok = succeeds[operation]
			to = broken
		case status == "default":
			r, ok = succeeds[operation]
			want, headers = "406", []string{"Accept: text/html"}
		}
		if reason := notProduced[key] + notProduced[status]; !ok {
			if reason == "" {
				t.Errorf("%s is neither produced nor is there a reason not to", key)
			}
			continue
		}
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			if a := send(t, to, r.method, r.path, r.body, headers...); strconv.Itoa(a.status) != want {
				t.Errorf("%s %s answers %d, want %s\n%s", r.method, r.path, a.status, want, a.body)
			}
		})
	}
	for key := range fails {
		t.Errorf("the contract does not list %s", key)
	}
}

// newFull starts a stub that serves one request at a time, and has one until the test ends.
func newFull(t *testing.T) *servertest.Stub {
	t.Helper()
	held := &heldStore{Store: memory.New(), entered: make(chan struct{}, 2), release: make(chan struct{})}
	full := servertest.New(t, func(o *server.Options) { o.Store, o.MaxInFlight = held, 1 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, full.URL+"/v1/customers/"+customer+"/orders/x", http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer any")
		do(t, r)
	}()
	<-held.entered // for the clock; the order is read later
	t.Cleanup(func() {
		close(held.release)
		<-done
	})
	return full
}

// busyStore has documents that are held by others for too long.
type busyStore struct{ store.Store }

func (s busyStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return fn(busyTx{tx}) })
}

type busyTx struct{ store.Tx }

func (busyTx) Get(store.Key) (*store.Document, error) { return nil, store.ErrBusy }

// heldStore holds who reads from it.
type heldStore struct {
	store.Store
	entered, release chan struct{}
}

func (s *heldStore) Get(ctx context.Context, key store.Key) (store.Document, error) {
	s.entered <- struct{}{}
	<-s.release
	return s.Store.Get(ctx, key)
}

// contractStatuses gives "operation status" → status for all that the contract lists.
func contractStatuses(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, item := range contract(t).Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				all[op.OperationID+" "+status] = status
			}
		}
	}
	return all
}

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// failingStore fails with err.
type failingStore struct {
	store.Store
	err error
}

func (s *failingStore) Get(context.Context, store.Key) (store.Document, error) {
	return store.Document{}, s.err
}

func (s *failingStore) OrderOf(context.Context, string, string) (store.Key, error) {
	return store.Key{}, s.err
}

func (s *failingStore) Update(context.Context, func(store.Tx) error) error { return s.err }

func (s *failingStore) Orders(context.Context, string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) { yield(store.Document{}, s.err) }
}

func (s *failingStore) Ping(context.Context) error { return s.err }
