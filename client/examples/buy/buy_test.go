package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/entra"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

const twoGroups = `{"lineItems": [
	{"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", "quantity": 20, "termDuration": "P1Y", "billingCycle": "monthly"},
	{"catalogItemId": "DG7GMGF0DWTL:0001:DG7GMGF0DSFM", "quantity": 2, "billingCycle": "one_time"}
]}`

// shop is a stub, a folder with a cart file, and who types at the terminal.
type shop struct {
	t         *testing.T
	stub      *servertest.Stub
	cartFile  string
	stdin     io.Reader
	transport http.RoundTripper
	env       map[string]string
	bar       bool
	ctx       context.Context //nolint:containedctx // of a test
}

func newShop(t *testing.T, cart string, configure ...func(*server.Options)) *shop {
	t.Helper()
	stub := servertest.New(t, append(configure, func(o *server.Options) { o.IDs = server.SequentialIDs() })...)
	s := &shop{t: t, stub: stub, cartFile: filepath.Join(t.TempDir(), "cart.json"), stdin: strings.NewReader(""), transport: stub.Transport(), ctx: t.Context()}
	s.env = map[string]string{"CARTWRIGHT_BASE_URL": stub.URL}
	s.write(s.cartFile, cart)
	return s
}

func (s *shop) write(file, text string) {
	s.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// run runs the program. What it prints has the folder and the URL cut out.
func (s *shop) run(flags ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	p := program{
		stdin: s.stdin, stdout: &out, stderr: &errs, bar: s.bar, transport: s.transport,
		getenv: func(name string) string { return s.env[name] },
	}
	code = p.run(s.ctx, append(flags, s.cartFile))
	clean := strings.NewReplacer(filepath.Dir(s.cartFile)+string(filepath.Separator), "", s.stub.URL, "URL")
	return code, clean.Replace(out.String()), clean.Replace(errs.String())
}

// expect runs the program, and fails the test where it ends in another way or does not print each text.
func (s *shop) expect(code int, texts []string, flags ...string) string {
	s.t.Helper()
	got, stdout, stderr := s.run(flags...)
	if got != code {
		s.t.Errorf("buy %v ended with %d, want %d\n%s%s", flags, got, code, stdout, stderr)
	}
	for _, text := range texts {
		if !strings.Contains(stdout+stderr, text) {
			s.t.Errorf("buy %v did not print %q, but\n%s%s", flags, text, stdout, stderr)
		}
	}
	return stdout + stderr
}

// in runs a test in a bubble, where waiting takes no time.
func in(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

var yes = []string{"--dry-run=false", "--yes"}

// A dry run, a purchase of the cart that it made, and a run too many.
func TestBuy(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		code, dry, stderr := s.run()
		want := `Cart 00000000-0000-4000-8000-000000000003 of customer d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d, good until 2000-01-08 00:00 UTC:

line  item                            name                                      quantity  term  billing   unit price  for the term
   0  CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5  Office 365 E5 without Audio Conferencing        20  P1Y   monthly        30.40      7,296.00  USD
   1  DG7GMGF0DWTL:0001:DG7GMGF0DSFM  Perpetual software DG7GMGF0DWTL                  2        one_time    no price                USD

Total before tax: 7,296.00 USD and 1 line(s) without a price

`
		if diff := cmp.Diff(want, dry); diff != "" || code != exitNothing {
			t.Errorf("a dry run ended with %d; printed (-want +got):\n%s", code, diff)
		}
		if want := "buy: a dry run: nothing is ordered; --dry-run=false buys this cart\n"; stderr != want {
			t.Errorf("a dry run told %q", stderr)
		}
		s.stub.RequireOrders(t, 0)

		s.stdin = strings.NewReader("yes\n")
		s.expect(exitBought, []string{
			"This is the cart of an earlier run.", "Cart 00000000-0000-4000-8000-000000000003 of",
			"Buy for 7,296.00 USD and 1 line(s) without a price? Orders are final. Type yes: ",
			"is pending, 0 of 1 lines have a subscription, next look in ", "is completed, 1 of 1 lines",
			"subscription ", "Office 365 E5 without Audio Conferencing        20  active  2000-12-31",
		}, "--dry-run=false")
		s.stub.RequireOrders(t, 2)

		s.expect(exitBought, []string{"Bought already, by an earlier run.", "active"}, yes...)
		s.stub.RequireOrders(t, 2)

		s.expect(exitBought, nil, append(yes, "--state", s.cartFile+".once-more")...)
		s.stub.RequireOrders(t, 4)
	})
}

func TestBuy_Declined(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		for _, said := range []string{"", "\n", "no\n", "Yes\n", "yes please\n"} {
			s.stdin = strings.NewReader(said)
			s.expect(exitNothing, []string{"nothing is ordered: the answer was not yes"}, "--dry-run=false")
		}
		silent, end := io.Pipe()
		defer end.Close()
		s.stdin = silent
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		s.ctx = ctx
		s.expect(exitNothing, []string{"the answer was not yes"}, "--dry-run=false")
		s.stub.RequireOrders(t, 0)
		if n := len(s.stub.Requests(servertest.CreateCart)); n != 1 {
			t.Errorf("%d carts were made, want one", n)
		}
	})
}

// killer ends the goroutine that sends the n-th request: before it is sent, or when its answer has come.
type killer struct {
	http.RoundTripper

	n     int
	after bool
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	k.n--
	if k.n == 0 && !k.after {
		runtime.Goexit()
	}
	answer, err := k.RoundTripper.RoundTrip(r)
	if k.n == 0 {
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		runtime.Goexit()
	}
	return answer, err
}

// killed runs the program until it is killed, and tells whether it was.
func (s *shop) killed(n int, after bool) bool {
	k := &killer{s.stub.Transport(), n, after}
	s.transport = k
	defer func() { s.transport = s.stub.Transport() }()
	var over sync.WaitGroup
	over.Go(func() { s.run(yes...) })
	over.Wait()
	return k.n <= 0
}

// Killed at each request, before it is sent and when its answer has come, and run again: everything is ordered once.
func TestBuy_Killed(t *testing.T) {
	in(t, func(t *testing.T) {
		after, goneOn := false, 0
		for n := 1; ; n++ {
			for _, after = range []bool{false, true} {
				s := newShop(t, twoGroups)
				if !s.killed(n, after) {
					if n < 8 || goneOn == 0 {
						t.Errorf("it was killed %d times, and went on with a cart that may be ordered %d times", n-1, goneOn)
					}
					return
				}
				told := s.expect(exitBought, nil, yes...)
				s.stub.RequireOrders(t, 2)
				if strings.Contains(told, "may have ordered it; what is ordered is not ordered again") {
					goneOn++
				}
			}
		}
	})
}

// The answer is lost after the orders were placed.
func TestBuy_AnswerLost(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit, Count: 3})
		s.expect(exitBought, nil, yes...)
		s.stub.RequireOrders(t, 2)
	})
}

// The network is gone for longer than anybody waits: it is told that nothing is known, and the next run buys nothing twice.
func TestBuy_NothingKnown(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit, Always: true})
		s.expect(exitFailed, []string{
			"group 0: it is not known whether it is ordered", "group 0 may be order", "buy: run the same command again: it goes on with this cart",
		}, yes...)
		s.expect(exitNothing, []string{"An earlier run has begun to buy this cart"}) // dry
		s.stub.DisarmFaults()
		s.expect(exitBought, []string{"An earlier run has begun to buy this cart", "It is ordered already"}, "--dry-run=false") // asks nothing
		s.stub.RequireOrders(t, 2)
	})
}

func TestBuy_Partial(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.AvailabilityGone, OrderGroup: "1", Always: true})
		s.expect(exitFailed, []string{
			"buy: group 0 is ordered: ", "buy: not ordered: group 1 (lines 1): 400019", "read the availability again", "run the same command again",
		}, yes...)
		s.stub.RequireOrders(t, 1)
		s.write(s.cartFile, twoGroups+"\n")
		s.expect(exitUsage, []string{"cart.json.state is of a purchase that was begun with another cart file"}, yes...)
		s.write(s.cartFile, twoGroups)
		s.stub.DisarmFaults()
		s.expect(exitBought, []string{"what is ordered is not ordered again"}, yes...)
		s.stub.RequireOrders(t, 2)
	})
}

// Nothing of the cart could be ordered: it is known, and the cart file may be changed.
func TestBuy_NothingOrdered(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, `{"lineItems": [{"catalogItemId": "CARTWRIGHT:FAILS-ALWAYS:US", "quantity": 1, "termDuration": "P1M", "billingCycle": "monthly"}]}`)
		s.expect(exitFailed, []string{"buy: not ordered: group 0 (lines 0): 800020"}, yes...)
		s.write(s.cartFile, twoGroups)
		s.expect(exitBought, []string{"a new cart is made, the old one is left to expire"}, yes...)
		s.stub.RequireOrders(t, 2)
	})
}

func TestBuy_LineError(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, strings.Replace(twoGroups, "DSFM", "GONE", 1))
		told := s.expect(exitFailed, []string{
			"can't be bought", "buy: line 1 (DG7GMGF0DWTL:0001:DG7GMGF0GONE): 10001", "check the CatalogItemID", "buy: nothing is ordered: correct the cart file and run again",
		}, yes...)
		if strings.Contains(told, "Total") {
			t.Errorf("a cart that can't be bought has a total:\n%s", told)
		}
		s.stub.RequireOrders(t, 0)
		s.write(s.cartFile, twoGroups)
		s.expect(exitBought, nil, yes...)
		s.stub.RequireOrders(t, 2)
	})
}

// A cart that has expired is made anew, unless it may be ordered.
func TestBuy_Expired(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.expect(exitNothing, nil)
		s.stub.Advance(8 * 24 * time.Hour)
		s.stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Status, Status: 503, Always: true})
		s.expect(exitFailed, []string{"has expired or can't be bought any more: a new one is made", "503", "group 0: it is not known"}, yes...)
		s.stub.Advance(8 * 24 * time.Hour)
		s.stub.DisarmFaults()
		s.expect(exitFailed, []string{"getCart: 404 800008", "first see in Orders.List"}, yes...)
		s.stub.RequireOrders(t, 0)
	})
}

// Two runs at once with one state file: the one that comes second does not buy.
func TestBuy_Together(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.expect(exitNothing, nil)
		answer, typing := io.Pipe()
		slow := *s
		slow.stdin = answer
		var over sync.WaitGroup
		over.Go(func() {
			slow.expect(exitFailed, []string{"cart.json.state: another run has changed it meanwhile"}, "--dry-run=false")
		})
		synctest.Wait() // for the question
		s.expect(exitBought, nil, yes...)
		_, _ = io.WriteString(typing, "yes\n")
		typing.Close()
		over.Wait()
		s.stub.RequireOrders(t, 2)
	})
}

// A cart that can't be made does not make forget what another run has bought meanwhile.
func TestBuy_TogetherRefused(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		late := *s
		late.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost { // its cart is being made
				s.expect(exitBought, nil, yes...)
				return &http.Response{StatusCode: http.StatusForbidden, Body: http.NoBody, Request: r}, nil
			}
			return s.transport.RoundTrip(r)
		})
		late.expect(exitFailed, []string{"createCart: 403", "cart.json.state: another run has changed it meanwhile"}, yes...)
		s.expect(exitBought, []string{"Bought already"}, yes...)
		s.stub.RequireOrders(t, 2)
	})
}

func TestBuy_NotProvisioned(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, `{"lineItems": [{"catalogItemId": "CARTWRIGHT:NEVER-PROVISIONED:US", "quantity": 1, "termDuration": "P1M", "billingCycle": "monthly"}]}`)
		s.expect(exitNotProvisioned, []string{
			"is pending, not completed: context deadline exceeded", "buy: all is ordered; run the same command again", "No subscriptions",
		}, append(yes, "--wait", "1h")...)
		s.stub.Provision()
		s.expect(exitBought, []string{"Bought already", "is completed, 1 of 1"}, yes...)
		s.stub.RequireOrders(t, 1)
	})
}

func TestBuy_Bar(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.bar = true
		s.expect(exitBought, []string{"\rorder 000000000004 is pending   0% |", "(0/1)", "order 000000000004 is completed, 1 of 1 lines have a subscription\n"}, yes...)
	})
}

func TestBuy_CustomerUnknown(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups, func(o *server.Options) {
			o.Customers = []commerce.Customer{{ID: exampleCustomer, Country: "US"}}
		})
		s.expect(exitFailed, []string{"buy: createCart: 404 60003", "check the customer id"}, "--customer", "28045616-f6b9-462f-9701-0d89b5e65c44")
		s.expect(exitFailed, []string{"buy: createCart: 400 900118"}, "--customer", "me")
		s.expect(exitBought, nil, yes...)
	})
}

// No other server than the stub is sent anything but the question whether it is the stub.
func TestBuy_NoStub(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		var asked []string
		s.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		})
		s.expect(exitFailed, []string{"is not the stub", "start the stub (cartwright serve)"}, yes...)
		if !cmp.Equal(asked, []string{"GET /livez "}) {
			t.Errorf("it asked %v", asked)
		}
	})
}

// With --real it goes to Partner Center, as an application and a user; here that is a stub which judges tokens. What is kept of
// the sign-in is the newest refresh token.
func TestBuy_Real(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups, func(o *server.Options) { o.Auth = server.AuthBasic })
		asked := make(map[string]bool)
		s.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			asked[r.URL.Scheme+"://"+r.URL.Host] = true
			there := r.Clone(r.Context())
			there.URL.Scheme, there.URL.Host = "http", strings.TrimPrefix(s.stub.URL, "http://")
			return s.stub.Transport().RoundTrip(there)
		})
		tokenFile := filepath.Join(t.TempDir(), "refresh-token")
		s.write(tokenFile, entra.RefreshToken+"\n")
		s.env = map[string]string{
			"AZURE_TENANT_ID": entra.TenantID, "AZURE_CLIENT_ID": entra.ApplicationID, "AZURE_CLIENT_SECRET": entra.ClientSecret,
			"PARTNER_CENTER_REFRESH_TOKEN_FILE": tokenFile,
		}
		s.expect(exitBought, nil, append(yes, "--real", "--customer", exampleCustomer)...)
		s.stub.RequireOrders(t, 2)
		want := map[string]bool{"https://login.microsoftonline.com": true, "https://api.partnercenter.microsoft.com": true}
		if !cmp.Equal(asked, want) {
			t.Errorf("it went to %v", asked)
		}
		if next, err := os.ReadFile(tokenFile); err != nil || strings.TrimSpace(string(next)) == entra.RefreshToken || len(next) < 10 {
			t.Errorf("the refresh token that is kept is %q, %v", next, err)
		}
		s.expect(exitUsage, []string{"begun with another cart file, customer or server"}, "--real", "--customer", "28045616-f6b9-462f-9701-0d89b5e65c44")

		s.env["PARTNER_CENTER_REFRESH_TOKEN_FILE"] = filepath.Join(t.TempDir(), "none")
		s.expect(exitUsage, []string{"no such file"}, "--real", "--customer", exampleCustomer)
		delete(s.env, "AZURE_CLIENT_SECRET")
		s.expect(exitUsage, []string{"--real needs the environment variable AZURE_CLIENT_SECRET"}, "--real", "--customer", exampleCustomer)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
