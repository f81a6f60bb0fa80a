package server_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
	"github.com/cartwright-dev/cartwright/server/store/sqlite"
)

// CHECKOUT-RETRY, CHECKOUT-MAGIC: a checkout that fails in part is a 201; the next buys what is missing and nothing twice;
// from then on the answer stays as it is.
func TestCheckout_Partly(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	cart := created(t, stub, `{"lineItems":[
		{"catalogItemId":"CARTWRIGHT:FAILS-ONCE:US","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
		{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"}]}`)
	first := send(t, stub, "POST", cart+"/checkout", "")
	if e := at(t, first.json(t), "orderErrors", 0); first.status != 201 || at(t, e, "orderGroupId") != "0" || len(at(t, first.json(t), "orders").([]any)) != 1 {
		t.Fatalf("the first checkout answers %d\n%s", first.status, first.body)
	}
	if status := at(t, send(t, stub, "GET", cart, "").json(t), "status"); status != "Active" {
		t.Errorf("the cart is %s, want Active", status)
	}
	second := send(t, stub, "POST", cart+"/checkout", "")
	orders := at(t, second.json(t), "orders").([]any)
	if second.status != 201 || second.json(t)["orderErrors"] != nil || len(orders) != 2 {
		t.Fatalf("the second checkout answers %d\n%s", second.status, second.body)
	}
	if diff := cmp.Diff(at(t, first.json(t), "orders", 0), orders[1]); diff != "" {
		t.Errorf("the order of the first checkout changed (-first +second):\n%s", diff)
	}
	if third := send(t, stub, "POST", cart+"/checkout", ""); string(third.body) != string(second.body) {
		t.Errorf("the third checkout answers other bytes:\n%s\n%s", second.body, third.body)
	}
	if n := at(t, send(t, stub, "GET", "/customers/"+customer+"/orders", "").json(t), "totalCount"); n != 2.0 {
		t.Errorf("the customer has %v orders, want 2", n)
	}
}

// The sandbox's limit of subscriptions holds against checkouts that come all at once.
func TestSandbox_Concurrent(t *testing.T) {
	t.Parallel()
	durable, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = durable.Close() })
	for name, s := range map[string]store.Store{"memory": memory.New(), "sqlite": durable} {
		t.Run(name, func(t *testing.T) {
			stub := servertest.New(t, func(o *server.Options) { o.Environment, o.Store = server.EnvironmentSandbox, s })
			var carts []string
			for range 12 {
				carts = append(carts, created(t, stub, oneLine))
			}
			statuses := make([]int, len(carts))
			var all sync.WaitGroup
			for i, cart := range carts {
				all.Go(func() {
					a := send(t, stub, "POST", cart+"/checkout", "")
					statuses[i] = a.status
					if a.status != 201 && a.json(t)["code"] != 800018.0 {
						t.Errorf("checkout answers %d\n%s", a.status, a.body)
					}
				})
			}
			all.Wait()
			count := map[int]int{}
			for _, status := range statuses {
				count[status]++
			}
			if diff := cmp.Diff(map[int]int{http.StatusCreated: 5, http.StatusBadRequest: 7}, count); diff != "" {
				t.Errorf("statuses differ (-want +got):\n%s", diff)
			}
		})
	}
}

// 75 customers may order in the sandbox, and a customer that has orders may go on.
func TestSandbox_Customers(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.Environment = server.EnvironmentSandbox })
	buy := func(n int) answer {
		return send(t, stub, "POST", fmt.Sprintf("/customers/00000000-0000-0000-0000-%012d/orders", n), anyOrder)
	}
	for n := range 75 {
		if a := buy(n); a.status != 201 {
			t.Fatalf("customer %d: %d\n%s", n+1, a.status, a.body)
		}
	}
	if a := buy(75); a.status != 400 || a.json(t)["code"] != 800018.0 {
		t.Errorf("customer 76: %d\n%s", a.status, a.body)
	}
	if a := buy(74); a.status != 201 {
		t.Errorf("customer 75 again: %d\n%s", a.status, a.body)
	}
}

// ORDER-LIST: with a delay an order is found by its id at once, and listed later.
func TestListDelay(t *testing.T) {
	t.Parallel()
	const orders = "/customers/" + customer + "/orders"
	for after, want := range map[time.Duration]float64{0: 0, 15*time.Minute - time.Microsecond: 0, 15 * time.Minute: 1} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			stub := servertest.New(t, func(o *server.Options) { o.ListDelay = 15 * time.Minute })
			made := send(t, stub, "POST", orders, anyOrder).json(t)["id"].(string)
			stub.Advance(after)
			if n := send(t, stub, "GET", orders, "").json(t)["totalCount"]; n != want {
				t.Errorf("%v orders are listed, want %v", n, want)
			}
			if a := send(t, stub, "GET", orders+"/"+made, ""); a.status != 200 {
				t.Errorf("the order is %d", a.status)
			}
		})
	}
}

// SUBSCRIPTION, ETAG: what a PATCH changed is there for the next GET, in the order too where it shows.
func TestUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(*server.Options) {})
	w.buy("license", oneLineOf("CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", 2, "monthly", "P1Y"))
	w.buy("software", oneLineOf("DG7GMGF0FKZV:0003:DG7GMGF0DQLM", 1, "triennial", "P3Y"))
	license, software, order := w.resolve("$license"), w.resolve("$software"), w.resolve("$softwareOrder")

	// As SDKs send a subscription back: whole, in their spelling, with the one change.
	whole := string(send(t, w.stub, "GET", license, "").body)
	sent := strings.NewReplacer(`"quantity":2`, `"Quantity":5`, `"status":"active"`, `"Status":"Active"`).Replace(whole)
	changed := send(t, w.stub, "PATCH", license, sent)
	if changed.status != 200 || changed.json(t)["quantity"] != 5.0 {
		t.Errorf("PATCH of the whole subscription: %d\n%s", changed.status, changed.body)
	}
	if got := send(t, w.stub, "GET", license, ""); string(got.body) != string(changed.body) {
		t.Errorf("GET gives another subscription than PATCH answered:\n%s\n%s", got.body, changed.body)
	}

	if a := send(t, w.stub, "PATCH", order, `{"Id":"x","Status":"Cancelled"}`); a.status != 200 || a.json(t)["status"] != "cancelled" {
		t.Fatalf("PATCH of the order: %d\n%s", a.status, a.body)
	}
	if s := send(t, w.stub, "GET", software, "").json(t); s["status"] != "deleted" {
		t.Errorf("the cancelled order's subscription is %v", s["status"])
	}
	if s := at(t, send(t, w.stub, "GET", order+"/provisioningstatus", "").json(t), "items", 0, "status"); s != "unfulfilled" {
		t.Errorf("the cancelled order's line is %v", s)
	}
	another := strings.Replace(license, customer, "00000000-0000-0000-0000-000000000000", 1)
	if a := send(t, w.stub, "PATCH", another, `{"quantity":9}`); a.status != 404 || a.json(t)["code"] != 20003.0 {
		t.Errorf("another customer's PATCH: %d\n%s", a.status, a.body) // HTTP-TENANT
	}
}
