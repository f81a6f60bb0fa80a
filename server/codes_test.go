package server_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// Where a code stands: in the body of an answer with this status, on a line of a cart, or in an order error of a checkout.
const (
	onLine  = "line"
	inGroup = "group"
)

// provocation is a request to which the stub answers a code.
type provocation struct {
	code         int
	where        string
	world        string // which stub; "" for one as it is by default
	method, path string // $name stands for a resource of the world
	body         string
	header       string
}

const (
	anyOrder  = `{"lineItems":[{"offerId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1}]}`
	reseller  = `"participants":[{"key":"transaction_reseller","value":"1"}]`
	cancelled = `{"status":"cancelled"}`
	deleted   = `{"status":"deleted"}`
)

// oneLineOf is a cart of one line, with more properties of it.
func oneLineOf(item string, quantity int, cycle, term string, more ...string) string {
	line := []string{fmt.Sprintf(`"catalogItemId":%q,"quantity":%d,"billingCycle":%q`, item, quantity, cycle)}
	if term != "" {
		line = append(line, fmt.Sprintf(`"termDuration":%q`, term))
	}
	return `{"lineItems":[{` + strings.Join(append(line, more...), ",") + `}]}`
}

// orderOf is an order of one line.
func orderOf(item string, quantity int, more ...string) string {
	return fmt.Sprintf(`{"lineItems":[{"offerId":%q,"quantity":%d%s}]}`, item, quantity, strings.Join(append([]string{""}, more...), ","))
}

const (
	anyLicense  = "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H" // P1M monthly
	reservation = "DZH318Z0BQ36:004G:DZH318Z08C0S"
	attested    = "CARTWRIGHT:ATTESTATION:US"
	savingsPlan = "DZH318Z09V6F:0001:DZH318Z0BLD3"
	legacyAddon = "C94271D8-B431-4A25-A3C5-A57737A1C909"
	legacyOffer = "91FD106F-4B2C-4938-95AC-F54F74E9A239"
	commitment  = `"provisioningContext":{"scope":"shared","subscriptionId":"0350d130-4d3d-4005-aca0-cf84f0ab0d4a"},"purchaseCommitment":{"amount":1,"grain":"hourly","currency":"usd"}`
)

// provocations has a request for each code and place that the stub can send.
func provocations() []provocation {
	const carts, orders = "$mine/carts", "$mine/orders"
	post := func(code int, where, world, path, body string) provocation {
		return provocation{code, where, world, "POST", path, body, ""}
	}
	patch := func(code int, where, path, body string) provocation {
		return provocation{code, where, "", "PATCH", path, body, ""}
	}
	get := func(code int, where, path string) provocation {
		return provocation{code, where, "", "GET", path, "", ""}
	}
	return []provocation{
		get(1000, "404", "/nothing"),
		patch(2001, "400", "$suspended", `{"quantity":2}`),
		patch(2002, "400", "$license", `{"quantity":20000}`),
		patch(2011, "400", "$removed", `{"quantity":2}`),
		patch(2054, "400", "$offer", `{"billingCycle":"annual"}`),
		{2055, "400", "", "PATCH", "$offerOrder", "{}", `If-Match: "old"`},
		post(4018, "400", "", orders, `{"lineItems":[{"offerId":"MS-AZR-0145P","quantity":1},{"offerId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1}]}`),
		patch(6000, "400", "$suspendedOrder", `{"billingCycle":"annual"}`),
		patch(6001, "400", "$offerOrder", `{"billingCycle":"triennial"}`),
		post(13605, "403", "closed", orders, anyOrder),
		get(20000, "404", orders+"/x"),
		get(20003, "404", "$mine/subscriptions/00000000-0000-0000-0000-000000000000"),
		post(27007, "400", "", orders, orderOf(anyLicense, 1, `"promotionId":"x"`)),
		{60003, "404", "closed", "GET", "/customers/00000000-0000-0000-0000-000000000000/orders", "", ""},
		get(400013, "404", "/products/x?country=US"),
		get(400018, "404", "/products/CFQ7TTC0LF8S/skus/x?country=US"),
		get(400019, "404", "/products/CFQ7TTC0LF8S/skus/0001/availabilities/x?country=US"),
		get(400030, "403", "/products?country=US&targetView=OnlineServices&targetSegment=x"),
		get(400036, "403", "/products?country=US&targetView=x"),
		{800001, "401", "", "GET", orders, "", "Authorization: "},
		post(800002, "400", "", carts, "{}"),
		{800002, "405", "", "DELETE", "$cart", "", ""},
		{800002, "406", "", "GET", orders, "", "Accept: text/html"},
		post(800002, "413", "", carts, strings.Repeat(" ", 1<<20+1)),
		{800002, "415", "", "POST", carts, oneLine, "Content-Type: text/plain"},
		{800003, "500", "broken", "GET", orders, "", ""},
		{800003, "503", "down", "GET", orders, "", ""},
		post(800004, "400", "", orders, orderOf("x", 1)),
		get(800008, "404", carts+"/00000000-0000-0000-0000-000000000000"),
		post(800009, "400", "", "$badCart/checkout", ""),
		post(800011, "400", "", orders, orderOf(reservation, 1, `"provisioningContext":{"scope":"shared"}`)),
		post(800018, "400", "sandbox", "$sixCart/checkout", ""),
		patch(800019, "403", "$reservationOrder", cancelled),
		post(800020, "403", "", orders, orderOf("CARTWRIGHT:FAILS-ALWAYS:US", 1)),
		post(800029, "400", "", orders, orderOf(legacyAddon, 1)),
		patch(800042, "400", "$licenseOrder", `{"billingCycle":"annual"}`),
		patch(800061, "400", "$offerOrder", cancelled),
		patch(800063, "400", "$licenseOrder", cancelled),
		{800060, "409", "", "GET", orders, "", "Cartwright-Fault: in-progress"},
		post(800064, "409", "busy", carts+"/c1695089-51b3-48c8-9c7a-f5ba60208bc7/checkout", ""),
		{800065, "400", "", "PUT", "$ordered", oneLine, ""},
		post(800071, "400", "", orders, orderOf(anyLicense, 1, `"lineItemNumber":1`)),
		patch(800077, "403", "$saasOrder", cancelled),
		post(800088, "403", "", orders, orderOf(anyLicense, 2_000_000_000)),
		{800090, "400", "later", "PATCH", "$license", `{"quantity":1}`, ""},
		patch(800093, "400", "$azure", `{"autoRenewEnabled":true}`),
		patch(800095, "400", "$azure", `{"quantity":2}`),
		patch(800096, "400", "$azure", deleted),
		patch(800097, "400", "$license", `{"billingCycle":"annual"}`),
		post(800121, "400", "", orders, orderOf(anyLicense, 1, `"termDuration":"P2M"`)),
		{900117, "400", "later", "PATCH", "$license", deleted, ""},
		get(900118, "400", "/customers/x/orders"),
		{900420, "401", "", "GET", orders, "", "Cartwright-Fault: auth;code=900420"},
		{900421, "401", "", "GET", orders, "", "Cartwright-Fault: auth;code=900421"},
		post(900126, "400", "", carts, oneLineOf(anyLicense, 1, "weekly", "P1M")),
		post(900142, "400", "", carts, `{"lineItems":[{"quantity":1,"billingCycle":"monthly"}]}`),
		post(900169, "400", "", orders, `{"currencyCode":"EUR",`+anyOrder[1:]),
		post(900203, "400", "", orders, orderOf(attested, 1)),
		post(900206, "400", "strict", carts, oneLineOf(anyLicense, 1, "monthly", "P1M", reseller)),
		{900213, "400", "later", "PATCH", "$saas", deleted, ""},
		post(900242, "400", "strict", orders, orderOf(anyLicense, 1, `"customTermEndDate":"2020-01-01T00:00:00Z"`)),
		post(900269, "400", "", orders, `{"billingCycle":"annual",`+orderOf(anyLicense, 1, `"termDuration":"P1M"`)[1:]),
		post(900275, "400", "", orders, orderOf("DG7GMGF0DWM3:0002:DG7GMGF0DT1M", 2_000_000_000)),
		{900279, "400", "later", "PATCH", "$expiring", `{"autoRenewEnabled":true}`, ""},
		patch(900321, "403", "$plan", deleted),
		post(900322, "403", "sandbox", orders, `{"billingCycle":"one_time",`+orderOf(savingsPlan, 1, commitment)[1:]),

		post(10000, onLine, "", carts, oneLineOf(anyLicense, 1, "monthly", "P1M", `"currencyCode":"EUR"`)),
		post(10001, onLine, "", carts, oneLineOf("x", 1, "monthly", "P1M")),
		post(10004, onLine, "direct", carts, oneLineOf(anyLicense, 1, "monthly", "P1M", reseller)),
		post(10007, onLine, "", carts, oneLineOf(reservation, 1, "one_time", "P1Y", `"provisioningContext":{"scope":"shared"}`)),
		post(10009, onLine, "sandbox", carts, oneLineOf(anyLicense, 26, "monthly", "P1M")),
		post(10010, onLine, "", carts, oneLineOf("DG7GMGF0DWM3:0002:DG7GMGF0DT1M", 2_000_000_000, "one_time", "")),
		post(10012, onLine, "", carts, oneLineOf(attested, 1, "monthly", "P1M")),
		post(10013, onLine, "", carts, oneLineOf(anyLicense, 1, "annual", "P1M")),
		post(10014, onLine, "", carts, oneLineOf(anyLicense, 1, "monthly", "P1M", `"promotionId":"x"`)),
		post(10015, onLine, "", carts, oneLineOf(anyLicense, 2_000_000_000, "monthly", "P1M")),
		post(10016, onLine, "strict", carts, oneLineOf("DZH318Z0BXWC:0002:DZH318Z0BMRV", 1, "monthly", "P1M", `"customTermEndDate":"2026-01-31T00:00:00Z"`)),
		post(10017, onLine, "strict", carts, oneLineOf(anyLicense, 1, "monthly", "P1M", `"customTermEndDate":"2020-01-01T00:00:00Z"`)),
		post(10018, onLine, "", carts, oneLineOf(legacyAddon, 1, "monthly", "")),
		post(400039, onLine, "", carts, oneLineOf(anyLicense, 1, "monthly", "P2M")),
		post(900322, onLine, "sandbox", carts, oneLineOf(savingsPlan, 1, "one_time", "P1Y", commitment)),
		post(400019, inGroup, "empty", "$cart/checkout", ""),
		post(800020, inGroup, "", "$failsAlways/checkout", ""),
		post(800029, inGroup, "base fails", "$addon/checkout", ""),
		post(900192, inGroup, "", "$failsOnce/checkout", ""),
	}
}

// world is a stub with resources by name.
type world struct {
	t         *testing.T
	stub      *servertest.Stub
	resources []string // pairs of $name and path
}

func (w *world) name(name, path string) { w.resources = append(w.resources, "$"+name, path) }

func (w *world) cart(name, body string) string {
	w.t.Helper()
	cart := created(w.t, w.stub, body)
	w.name(name, cart)
	return cart
}

// buy buys one thing, and names its order and its subscription, if it has one.
func (w *world) buy(name, body string) {
	w.t.Helper()
	answer := send(w.t, w.stub, "POST", created(w.t, w.stub, body)+"/checkout", "").json(w.t)
	uri := at(w.t, answer, "orders", 0, "links", "self", "uri").(string)
	w.stub.Advance(time.Minute)
	w.name(name+"Order", uri)
	line := at(w.t, send(w.t, w.stub, "GET", uri, "").json(w.t), "lineItems", 0).(map[string]any)
	if id, ok := line["subscriptionId"].(string); ok {
		w.name(name, "/customers/"+customer+"/subscriptions/"+id)
	}
}

// patch changes a resource.
func (w *world) patch(name, body string) {
	w.t.Helper()
	if a := send(w.t, w.stub, "PATCH", w.resolve("$"+name), body); a.status != 200 {
		w.t.Fatalf("PATCH %s: %d\n%s", name, a.status, a.body)
	}
}

// resolve puts the resources in the place of their names; of two the longer name counts.
func (w *world) resolve(path string) string {
	return regexp.MustCompile(`\$\w+`).ReplaceAllStringFunc(path, func(name string) string {
		if i := slices.Index(w.resources, name); i >= 0 {
			return w.resources[i+1]
		}
		w.t.Fatalf("this world has no %s", name)
		return ""
	})
}

func newWorld(t *testing.T, configure func(*server.Options)) *world {
	t.Helper()
	w := &world{t: t, stub: servertest.New(t, configure)}
	w.name("mine", "/customers/"+customer)
	return w
}

// newWorlds makes all stubs that the provocations ask for.
func newWorlds(t *testing.T) map[string]*world {
	t.Helper()
	worlds := map[string]*world{}
	for name, configure := range map[string]func(*server.Options){
		"":        func(*server.Options) {},
		"later":   func(*server.Options) {},
		"strict":  func(o *server.Options) { o.Rules = server.RulesStrict },
		"sandbox": func(o *server.Options) { o.Environment = server.EnvironmentSandbox },
		"direct":  func(o *server.Options) { o.Partner = server.PartnerDirectBill },
		"closed":  func(o *server.Options) { o.Customers = []commerce.Customer{{ID: customer, NoAgreement: true}} },
		"broken":  func(o *server.Options) { o.Store = &failingStore{Store: memory.New(), err: errors.New("secret")} },
		"busy":    func(o *server.Options) { o.Store = busyStore{memory.New()} },
		"down":    func(o *server.Options) { o.Store = &failingStore{Store: memory.New(), err: store.ErrUnavailable} },
	} {
		worlds[name] = newWorld(t, configure)
	}
	for _, name := range []string{"", "later"} {
		w := worlds[name]
		w.cart("cart", oneLine)
		w.buy("offer", oneLineOf(legacyOffer, 3, "monthly", ""))
		w.buy("suspended", oneLineOf(legacyOffer, 3, "monthly", ""))
		w.patch("suspended", `{"status":"suspended"}`)
		w.buy("azure", oneLineOf("MS-AZR-0145P", 1, "monthly", "P1Y"))
		w.buy("license", oneLineOf("CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", 2, "monthly", "P1Y"))
		w.buy("removed", oneLineOf(anyLicense, 2, "monthly", "P1M"))
		w.patch("removed", deleted)
		w.buy("expiring", oneLineOf(anyLicense, 2, "monthly", "P1M"))
		w.patch("expiring", `{"autoRenewEnabled":false}`)
		w.buy("saas", oneLineOf("DZH318Z0BXWC:0002:DZH318Z0BMRV", 1, "monthly", "P1M"))
		w.buy("reservation", oneLineOf(reservation, 1, "one_time", "P1Y", `"provisioningContext":{"scope":"shared","subscriptionId":"0350d130-4d3d-4005-aca0-cf84f0ab0d4a"}`))
		w.buy("plan", oneLineOf(savingsPlan, 1, "one_time", "P1Y", commitment))
		send(t, w.stub, "POST", w.cart("ordered", oneLine)+"/checkout", "")
		w.cart("badCart", oneLineOf("x", 1, "monthly", "P1M"))
		w.cart("failsAlways", oneLineOf("CARTWRIGHT:FAILS-ALWAYS:US", 1, "monthly", "P1M"))
		w.cart("failsOnce", oneLineOf("CARTWRIGHT:FAILS-ONCE:US", 1, "monthly", "P1M"))
	}
	worlds["later"].stub.Advance(70 * 24 * time.Hour)
	line := strings.TrimSuffix(strings.TrimPrefix(oneLineOf(anyLicense, 1, "monthly", "P1M"), `{"lineItems":[`), `]}`)
	worlds["sandbox"].cart("sixCart", `{"lineItems":[`+strings.Repeat(line+",", 5)+line+`]}`)

	failing := newWorld(t, func(o *server.Options) { o.Catalog = failingBase(t) })
	failing.cart("addon", `{"lineItems":[{"catalogItemId":"CFQ7TTC0HDJX:0001:CFQ7TTC0K806","quantity":1,"billingCycle":"monthly","termDuration":"P1M"},
		{"catalogItemId":"CFQ7TTC0LFLX:0001:CFQ7TTC0LB30","quantity":1,"billingCycle":"annual","termDuration":"P1Y"}]}`)
	worlds["base fails"] = failing

	shared := memory.New() // a cart of one server, checked out at another with a smaller catalogue
	full := newWorld(t, func(o *server.Options) { o.Store = shared })
	empty := newWorld(t, func(o *server.Options) {
		o.Store = shared
		o.Catalog = smallCatalog(t)
	})
	empty.name("cart", full.cart("cart", oneLine))
	worlds["empty"] = empty
	return worlds
}

// smallCatalog sells one thing that nobody here buys.
func smallCatalog(t *testing.T) *commerce.Catalog {
	t.Helper()
	small, err := catalog.Parse("small.yaml", strings.NewReader(`
market: {country: US, currency: USD}
products: [{id: P, title: P, kind: saas, skus: [{id: S, availabilities: [{id: A, terms: [{duration: P1M, billingCycle: monthly}]}]}]}]
`))
	if err != nil {
		t.Fatal(err)
	}
	return small
}

// failingBase is the built-in catalogue in which Microsoft 365 E3, the base of an add-on, can't be bought.
func failingBase(t *testing.T) *commerce.Catalog {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e3.yaml")
	const file = "products: [{id: CFQ7TTC0LFLX, skus: [{id: '0001', behavior: fails_always}]}]"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Load(catalog.Options{Builtin: true, Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// HTTP-ERRORS, CART-LINE-ERROR, CHECKOUT-RETRY: each code that the code has is provoked, and the README's table has exactly
// what was provoked.
func TestCodes(t *testing.T) {
	t.Parallel()
	worlds := newWorlds(t)
	provoked := map[string]bool{}
	for _, p := range provocations() {
		key := fmt.Sprintf("%d %s", p.code, p.where)
		provoked[key] = true
		w := worlds[p.world]
		var headers []string
		if p.header != "" {
			headers = append(headers, p.header)
		}
		a := send(t, w.stub, p.method, w.resolve(p.path), p.body, headers...)
		var code any
		want := p.where
		switch p.where {
		case onLine:
			want, code = "201", at(t, a.json(t), "lineItems", 0, "error", "errorCode")
		case inGroup:
			want, code = "201", at(t, a.json(t), "orderErrors", 0, "code")
		default:
			code = a.json(t)["code"]
		}
		if fmt.Sprint(a.status) != want || code != float64(p.code) {
			t.Errorf("%s: %s %s answers %d, code %v\n%s", key, p.method, p.path, a.status, code, a.body)
		}
	}
	source, err := os.ReadFile("commerce/errors.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`Code = (\d+)`).FindAllStringSubmatch(string(source), -1)
	if len(constants) < 50 {
		t.Errorf("errors.go has %d codes", len(constants))
	}
	for _, c := range constants {
		if !slices.ContainsFunc(provocations(), func(p provocation) bool { return fmt.Sprint(p.code) == c[1] }) {
			t.Errorf("code %s is in errors.go and provoked by nothing here", c[1])
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| ([\w, ]+) \|`).FindAllStringSubmatch(string(readme), -1) {
		for where := range strings.SplitSeq(row[2], ", ") {
			listed[row[1]+" "+where] = true
		}
	}
	if diff := cmp.Diff(provoked, listed); diff != "" {
		t.Errorf("the README's table of errors differs (-provoked +listed):\n%s", diff)
	}
}
