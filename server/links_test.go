package server_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server/servertest"
)

// linkTo is a link as an answer prints it, with the etag of the resource that it stands in.
type linkTo struct{ method, uri, etag string }

// linksIn gives all links of a value, in the order of the document's names.
func linksIn(value any, etag string) []linkTo {
	var links []linkTo
	switch v := value.(type) {
	case map[string]any:
		if attributes, ok := v["attributes"].(map[string]any); ok {
			etag, _ = attributes["etag"].(string)
		}
		if uri, ok := v["uri"].(string); ok {
			return []linkTo{{v["method"].(string), uri, etag}}
		}
		for _, member := range v {
			links = append(links, linksIn(member, etag)...)
		}
	case []any:
		for _, item := range v {
			links = append(links, linksIn(item, etag)...)
		}
	}
	return links
}

// crawler follows links, each once, with the method that it names.
type crawler struct {
	t       *testing.T
	stub    *servertest.Stub
	visited map[linkTo]bool
	led     map[string]bool // "method path" of all that were ever visited
}

// follow follows a link, and all links of its answer. servertest holds each answer to the contract.
func (c *crawler) follow(l linkTo) {
	c.t.Helper()
	if c.visited[l] {
		return
	}
	c.visited[l] = true
	path, _, _ := strings.Cut(l.uri, "?")
	c.led[l.method+" "+path] = true
	body, headers := "", []string(nil)
	if l.method == http.MethodPatch {
		id := l.uri[strings.LastIndex(l.uri, "/")+1:]
		body, headers = `{"id":"`+id+`"}`, []string{`If-Match: "` + l.etag + `"`}
		if l.etag == "" {
			headers = nil
		}
	}
	got := send(c.t, c.stub, l.method, l.uri, body, headers...)
	if got.status/100 != 2 {
		c.t.Errorf("%s %s answers %d:\n%s", l.method, l.uri, got.status, got.body)
		return
	}
	if l.method == http.MethodPatch {
		if diff := cmp.Diff(send(c.t, c.stub, http.MethodGet, l.uri, "").json(c.t), got.json(c.t)); diff != "" {
			c.t.Errorf("following %s %s changed it (-get +patch):\n%s", l.method, l.uri, diff)
		}
	}
	c.all(got)
}

// all follows all links of an answer.
func (c *crawler) all(a answer) {
	c.t.Helper()
	if a.status/100 != 2 {
		c.t.Errorf("the answer is %d:\n%s", a.status, a.body)
	}
	for _, l := range linksIn(a.json(c.t), "") {
		c.follow(l)
	}
}

// bodies are requests that buy every kind of product, beside those of the documents.
var bodies = map[string]string{
	"a legacy licence and its add-on": `{"lineItems":[{"catalogItemId":"91FD106F-4B2C-4938-95AC-F54F74E9A239","quantity":3,"billingCycle":"monthly",
		"addonItems":[{"catalogItemId":"C94271D8-B431-4A25-A3C5-A57737A1C909","quantity":2,"billingCycle":"monthly"}]}]}`,
	"a software subscription": `{"lineItems":[{"catalogItemId":"DG7GMGF0FKZV:0003:DG7GMGF0DQLM","quantity":1,"billingCycle":"triennial","termDuration":"P3Y"}]}`,
	"a licence and its add-on": `{"lineItems":[{"catalogItemId":"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30","quantity":20,"billingCycle":"monthly","termDuration":"P1M"},
		{"catalogItemId":"CFQ7TTC0HDJX:0001:CFQ7TTC0K806","quantity":20,"billingCycle":"monthly","termDuration":"P1M"}]}`,
	"for charities": `{"lineItems":[{"catalogItemId":"CFQ7TTC0HDK0:000B:R6RUKM7BJJC8","quantity":1,"billingCycle":"annual","termDuration":"P1Y"}]}`,
	"a savings plan": `{"lineItems":[{"catalogItemId":"DZH318Z09V6F:0001:DZH318Z0BLD3","quantity":1,"billingCycle":"one_time","termDuration":"P1Y",
		"provisioningContext":{"scope":"shared","subscriptionId":"0350d130-4d3d-4005-aca0-cf84f0ab0d4a"},"purchaseCommitment":{"amount":0.05,"grain":"hourly","currency":"usd"}}]}`,
	"the Azure plan": `{"lineItems":[{"catalogItemId":"DZH318Z0BPS6:0001:DZH318Z0BML6","quantity":1,"billingCycle":"one_time"}]}`,
	"half of it fails": `{"lineItems":[{"catalogItemId":"CARTWRIGHT:FAILS-ALWAYS:US","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
		{"catalogItemId":"DG7GMGF0DWM3:0002:DG7GMGF0DT1M","quantity":1,"billingCycle":"one_time"}]}`,
	"an error": `{"lineItems":[{"catalogItemId":"unknown","quantity":1,"billingCycle":"monthly"}]}`,
}

// LINKS-RESOLVE: whoever buys what the documents buy, and one of each kind, can follow every link of every answer, before
// and after it is provisioned.
func TestLinks(t *testing.T) {
	t.Parallel()
	c := &crawler{t, servertest.New(t), make(map[linkTo]bool), make(map[string]bool)}
	mine := "/customers/" + customer
	files, err := os.ReadDir("../api/examples")
	if err != nil {
		t.Fatal(err)
	}
	carts := make(map[string]string, len(bodies))
	for name, body := range bodies {
		carts[name] = body
	}
	for _, f := range files {
		name, _, _ := strings.Cut(f.Name(), ".json")
		if strings.HasSuffix(name, "Cart.request") || strings.HasPrefix(name, "createCart.") && strings.HasSuffix(name, ".request") {
			carts[name] = example(t, name)
		}
	}
	if len(carts) != len(bodies)+4 {
		t.Errorf("api/examples has %d requests for carts, want 4", len(carts)-len(bodies))
	}
	var answers []answer
	for _, body := range carts {
		made := send(t, c.stub, "POST", mine+"/carts", body)
		answers = append(answers, made)
		if !strings.Contains(string(made.body), `"error":`) {
			answers = append(answers, send(t, c.stub, "POST", at(t, made.json(t), "links", "self", "uri").(string)+"/checkout", ""))
		}
	}
	answers = append(answers, send(t, c.stub, "POST", mine+"/orders", example(t, "createOrder.request")))
	for range 2 {
		for _, a := range answers {
			c.all(a)
		}
		c.follow(linkTo{"GET", mine + "/orders?include_price=true", ""})
		c.follow(linkTo{"GET", mine + "/subscriptions", ""})
		c.stub.Advance(time.Hour)
		clear(c.visited)
	}
	for _, below := range []string{"", mine} {
		for _, view := range []string{"Azure", "AzureReservations", "MicrosoftAzure", "OnlineServices", "Software", "MarketplaceSaaS"} {
			c.follow(linkTo{"GET", below + "/products?country=US&targetView=" + view, ""})
			c.follow(linkTo{"GET", below + "/products?country=GB&targetView=" + view + "&targetSegment=commercial", ""})
		}
	}
	c.requireOperations("getCart", "getOrder", "updateOrder", "listOrders", "getOrderProvisioningStatus", "listLineItemActivationLinks",
		"getSubscription", "listSubscriptions", "activateSubscription", "getOffer",
		"listProducts", "listCustomerProducts", "getProduct", "listSkus", "getSku", "listAvailabilities", "getAvailability")
}

// requireOperations checks which operations of the contract links have led to, so that no kind of link is missing.
func (c *crawler) requireOperations(want ...string) {
	c.t.Helper()
	var got []string
	for template, item := range contract(c.t).Paths.Map() {
		for method, op := range item.Operations() {
			for led := range c.led {
				if by, path, _ := strings.Cut(led, " "); by == method && matches(path, template) {
					got = append(got, op.OperationID)
					break
				}
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("the operations that links led to differ (-want +got):\n%s", diff)
	}
}

// matches tells whether a path is one of a template's.
func matches(path, template string) bool {
	words, parts := strings.Split(template, "/"), strings.Split(path, "/")
	if len(words) != len(parts) {
		return false
	}
	for i, word := range words {
		if !strings.HasPrefix(word, "{") && word != parts[i] {
			return false
		}
	}
	return true
}
