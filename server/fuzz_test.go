package server_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// FuzzCreateCart sends any body, as any media type, to where carts are made. A cart that is made can be read as it was
// answered and checked out, and all that it gives rise to can be read.
func FuzzCreateCart(f *testing.F) {
	for _, body := range requestExamples(f, "createCart.*", "updateCart.*") {
		f.Add(body, "application/json", "application/json")
		f.Add(body, "text/json; charset=utf-8", "text/xml")
	}
	f.Add([]byte(allKinds), "", "*/*")
	f.Fuzz(func(t *testing.T, body []byte, contentType, accept string) {
		h := newHarness(t)
		made := h.call("POST", "/carts", string(body), "Content-Type: "+contentType, "Accept: "+accept)
		if made.status != http.StatusCreated {
			return
		}
		cart := "/carts/" + string(cartID.FindSubmatch(made.body)[1])
		if got := h.call("GET", cart, "", "Accept: "+accept); got.status != http.StatusOK || !bytes.Equal(got.body, made.body) {
			t.Errorf("the cart was made as\n%s\nand is read, %d, as\n%s", made.body, got.status, got.body)
		}
		h.call("POST", cart+"/checkout", "", "Accept: "+accept)
		h.now = h.now.AddDate(0, 0, 1)
		h.readAll()
	})
}

// cartID finds the id of a cart as JSON or XML.
var cartID = regexp.MustCompile(`(?:"id":"|<id>)([0-9a-f-]{36})["<]`)

// FuzzCreateOrder sends any body to where orders are made without a cart.
func FuzzCreateOrder(f *testing.F) {
	for _, body := range requestExamples(f, "createOrder.*") {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := newHarness(t)
		h.call("POST", "/orders", string(body))
		h.now = h.now.AddDate(0, 0, 1)
		h.readAll()
	})
}

// FuzzUpdates sends any body to change orders and subscriptions of all kinds, a number of days after they were bought.
func FuzzUpdates(f *testing.F) {
	for _, body := range requestExamples(f, "updateOrder.*", "updateSubscription.*", "getOrder.*", "getSubscription.*") {
		f.Add(body, "", uint16(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, ifMatch string, days uint16) {
		h := newHarness(t)
		made := value[model.Cart](t, h.call("POST", "/carts", allKinds), http.StatusCreated)
		h.call("POST", "/carts/"+made.ID+"/checkout", "")
		h.now = h.now.Add(time.Duration(days) * 24 * time.Hour)
		for _, s := range get[model.SubscriptionCollection](h, "/subscriptions").Items {
			h.call("PATCH", "/subscriptions/"+s.ID, string(body), "If-Match: "+ifMatch)
		}
		for _, o := range get[model.OrderCollection](h, "/orders").Items {
			h.call("PATCH", "/orders/"+o.ID, string(body), "If-Match: "+ifMatch)
		}
		h.readAll()
	})
}

// allKinds is a cart of a legacy licence with its add-on, a new-commerce licence, a trial, software, a software
// subscription, SaaS, a savings plan and an Azure plan.
const allKinds = `{"lineItems":[
	{"catalogItemId":"91FD106F-4B2C-4938-95AC-F54F74E9A239","quantity":2,"billingCycle":"annual","addonItems":[
		{"catalogItemId":"C94271D8-B431-4A25-A3C5-A57737A1C909","quantity":2,"billingCycle":"annual"}]},
	{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":5,"billingCycle":"monthly","termDuration":"P1M"},
	{"catalogItemId":"CFQ7TTC0MBMD:002V:3KUMIUA6AS21","quantity":5,"billingCycle":"none","termDuration":"P1M"},
	{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"},
	{"catalogItemId":"DG7GMGF0FKZV:0003:DG7GMGF0DQLM","quantity":2,"billingCycle":"triennial","termDuration":"P3Y"},
	{"catalogItemId":"DZH318Z0BXWC:0001:DZH318Z0BMJX","quantity":3,"billingCycle":"monthly","termDuration":"P1M"},
	{"catalogItemId":"DZH318Z09V6F:0001:DZH318Z0BLD3","quantity":1,"billingCycle":"one_time","termDuration":"P1Y",
		"provisioningContext":{"scope":"shared","subscriptionId":"d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"},
		"purchaseCommitment":{"amount":0.05,"currency":"usd","grain":"hourly"}},
	{"catalogItemId":"DZH318Z0BPS6:0001:DZH318Z0BML6","quantity":1,"billingCycle":"none"}]}`

// requestExamples reads the bodies of api/examples whose names match.
func requestExamples(f *testing.F, patterns ...string) [][]byte {
	f.Helper()
	var bodies [][]byte
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join("..", "api", "examples", pattern+".json*"))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no example %s: %v", pattern, err)
		}
		for _, path := range paths {
			body, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// readAll reads all orders and subscriptions that there are.
func (h *harness) readAll() {
	h.Helper()
	get[model.OrderCollection](h, "/orders?include_price=true")
	get[model.SubscriptionCollection](h, "/subscriptions")
}
