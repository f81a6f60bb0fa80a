package servertest_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

func oneLine() *client.Cart {
	return &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5",
		Quantity:      1,
		BillingCycle:  client.BillingCycleMonthly,
		TermDuration:  "P1Y",
	}}}
}

// The clock stands still, moves with Advance, and is the one that the server goes by.
func TestAdvance(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	if !stub.Now().Equal(servertest.Start) {
		t.Errorf("the clock starts at %v", stub.Now())
	}
	c := stub.Client()
	cart, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil || !cart.CreationTimestamp.Equal(servertest.Start) {
		t.Fatalf("Create gave %+v, %v", cart, err)
	}
	stub.Advance(7 * 24 * time.Hour)
	_, err = c.Carts.Get(t.Context(), customer, cart.ID)
	var e *client.Error
	if !errors.As(err, &e) || e.Code != 800008 {
		t.Errorf("Get of an expired cart gave %v", err)
	}
	later, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil || !later.CreationTimestamp.Equal(servertest.Start.Add(7*24*time.Hour)) {
		t.Errorf("Create gave %+v, %v", later, err)
	}
}

// Each stub is a world of its own, with the options that its test wants.
func TestNew_Apart(t *testing.T) {
	t.Parallel()
	one := servertest.New(t, func(o *server.Options) { o.ProvisionDelay = server.ProvisionAtOnce })
	other := servertest.New(t)
	cart, err := one.Client().Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Client().Carts.Get(t.Context(), customer, cart.ID); err == nil {
		t.Error("one stub has the cart of another")
	}
	result, err := one.Client().Carts.Checkout(t.Context(), customer, cart.ID)
	if err != nil || result.Orders[0].LineItems[0].SubscriptionID == "" {
		t.Errorf("Checkout gave %+v, %v; want a subscription at once", result, err)
	}
}

// What a test does without a request: faults, what was asked, what was ordered, what is provisioned.
func TestStub_Commands(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	stub.Fail(servertest.GetCart, faults.Fault{Kind: faults.Status, Status: 503, Count: 2, Operation: "overruled"})
	stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.ProvisioningStuck})
	order := buyOne(t, stub.Client())
	stub.Advance(24 * time.Hour)
	if got := stub.Orders(); len(got) != 1 || got[0].ID != order.ID || got[0].Status != client.OrderStatusPending || got[0].CartID == "" ||
		got[0].OrderGroup != "0" || got[0].TotalPrice == nil {
		t.Errorf("Orders gave %+v", got)
	}
	if of, others := stub.Orders(strings.ToUpper(customer)), stub.Orders("0d256dd5-d4c0-4e6f-b4d7-a9fd5e4b8d10"); len(of) != 1 || len(others) != 0 {
		t.Errorf("Orders gave %d of the customer, %d of another", len(of), len(others))
	}
	if n := stub.Provision(); n != 1 {
		t.Errorf("Provision completed %d orders", n)
	}
	if got := stub.Orders()[0]; got.Status != client.OrderStatusCompleted || got.LineItems[0].SubscriptionID == "" {
		t.Errorf("after Provision the order is %+v", got)
	}
	stub.RequireOrders(t, 1)

	var asked []string
	for _, r := range stub.Requests() {
		asked = append(asked, r.Operation)
	}
	if want := []string{"createCart", "checkoutCart"}; !slices.Equal(asked, want) {
		t.Errorf("Requests gave %q, want %q: commands are none", asked, want)
	}
	if got := stub.Requests(servertest.CheckoutCart, servertest.GetCart); len(got) != 1 || got[0].Fault != "provisioning-stuck" {
		t.Errorf("Requests of some operations gave %+v", got)
	}
}

// What a test can't mean ends it, with the reason.
func TestStub_Misused(t *testing.T) {
	t.Parallel()
	off := func(o *server.Options) { o.Control = false }
	for _, tc := range []struct {
		want string
		do   func(servertest.TB)
	}{
		{`options: Auth "none"`, func(t servertest.TB) { servertest.New(t, func(o *server.Options) { o.Auth = "none" }) }},
		{"time can't go back by 1s", func(t servertest.TB) { servertest.New(t).Advance(-time.Second) }},
		{`Fail("buyCart", "bom"): operation: is none of the contract's operations`, func(t servertest.TB) {
			servertest.New(t).Fail("buyCart", faults.Fault{Kind: faults.BOM})
		}},
		{`Fail("getCart", "explode"): kind: must be one of drop-after-commit, throttle,`, func(t servertest.TB) {
			servertest.New(t).Fail(servertest.GetCart, faults.Fault{Kind: "explode"})
		}},
		{`Fail("getCart", "partial"): operation: partial is of checkoutCart`, func(t servertest.TB) {
			servertest.New(t).Fail(servertest.GetCart, faults.Fault{Kind: faults.Partial})
		}},
		{"Fail needs Options.Control", func(t servertest.TB) { servertest.New(t, off).Fail("", faults.Fault{Kind: faults.BOM}) }},
		{"Requests needs Options.Control", func(t servertest.TB) { servertest.New(t, off).Requests() }},
		{"want 1 orders, the stub has 0", func(t servertest.TB) { servertest.New(t).RequireOrders(t, 1) }},
		{"base URL", func(t servertest.TB) { servertest.New(t).Client(client.WithBaseURL("ftp://x")) }},
	} {
		told := runs(func(d *double) {
			tc.do(d)
			t.Errorf("a test went on that misuses its stub: want %q", tc.want)
		})
		if !told.failed || !strings.Contains(told.text(), tc.want) {
			t.Errorf("told %q, want %q", told.text(), tc.want)
		}
	}
}

// A failed test logs what the stub was asked, with the bodies of what failed; one that passes logs nothing.
func TestNew_LogsJournal(t *testing.T) {
	t.Parallel()
	test := func(d *double) {
		stub := servertest.New(d)
		c := stub.Client()
		buyOne(t, c)
		stub.Advance(36 * time.Hour)
		_, err := c.Carts.Create(t.Context(), customer, &client.Cart{LineItems: []client.CartLineItem{{
			CatalogItemID: strings.Repeat("\x1b[31mé", 200), Quantity: 1, BillingCycle: "weekly",
		}}})
		if err == nil {
			t.Error("a cart with a billing cycle that does not exist was created")
		}
	}
	if told := runs(test); told.text() != "" {
		t.Errorf("a test that passes told %q", told.text())
	}
	told := runs(func(d *double) {
		test(d)
		d.Errorf("it failed")
	})
	line := regexp.MustCompile(`(?m)^2026-01-02 12:00:00\.000  400  POST   /v1/customers/d6bf25b7…/carts {17}  [0-9a-f]{8}…  `)
	sent := regexp.MustCompile(`(?m)^    sent: (.*)…$`)
	got := sent.FindStringSubmatch(told.text())
	if !line.MatchString(told.text()) || got == nil || utf8.RuneCountInString(got[1]) != 300 || !strings.Contains(told.text(), "    answered: {") {
		t.Errorf("a failed test told:\n%s", told.text())
	}
	if strings.Contains(told.text(), "\x1b") {
		t.Error("a body commands the terminal")
	}
	quiet := runs(func(d *double) {
		servertest.New(d)
		d.Errorf("it failed")
	})
	if !strings.Contains(quiet.text(), "got no request") {
		t.Errorf("a test without a request told %q", quiet.text())
	}
}

// The operations are those of the contract.
func TestOperations(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("control.go")
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, found := range regexp.MustCompile(`(\w+) +Operation = "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		have = append(have, found[2])
		if strings.ToLower(found[2][:1])+found[1][1:] != found[2] {
			t.Errorf("%s is %q", found[1], found[2])
		}
	}
	for _, found := range regexp.MustCompile(`operationId: (\w+)`).FindAllStringSubmatch(string(api.OpenAPI), -1) {
		want = append(want, found[1])
	}
	if !slices.Equal(have, want) {
		t.Errorf("the operations are %q, in the contract %q", have, want)
	}
}

// How long a test waits for its stub.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		servertest.New(b)
	}
}

// buyOne buys one licence.
func buyOne(t *testing.T, c *client.Client) *client.Order {
	t.Helper()
	cart, err := c.Carts.Create(t.Context(), customer, oneLine())
	if err != nil {
		t.Error(err)
		return &client.Order{}
	}
	result, err := c.Carts.Checkout(t.Context(), customer, cart.ID)
	if err != nil || len(result.Orders) != 1 {
		t.Errorf("Checkout gave %+v, %v", result, err)
		return &client.Order{}
	}
	return &result.Orders[0]
}
