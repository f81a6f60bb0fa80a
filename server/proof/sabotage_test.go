package proof_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/server"
)

// sabotage stands between clients and a server, and changes what it answers to the requests that a pattern of method and path
// matches.
type sabotage struct {
	next   http.Handler
	active atomic.Bool
	match  *regexp.Regexp
	change func(status int, body string) (int, string)
}

// ServeHTTP implements http.Handler.
func (s *sabotage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.active.Load() || !s.match.MatchString(r.Method+" "+r.URL.Path) {
		s.next.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	s.next.ServeHTTP(answer, r)
	status, body := s.change(answer.Code, answer.Body.String())
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// replaced gives a change of the first match of a pattern.
func replaced(pattern, by string) func(int, string) (int, string) {
	find := regexp.MustCompile(pattern)
	return func(status int, body string) (int, string) {
		if at := find.FindStringSubmatchIndex(body); at != nil {
			body = body[:at[0]] + string(find.ExpandString(nil, by, body, at)) + body[at[1]:]
		}
		return status, body
	}
}

// bought gives a server in memory where two purchases were made: one checked out, the other not.
func bought(t *testing.T) (*sabotage, *load) {
	t.Helper()
	handler, err := server.New(server.Options{ProvisionDelay: server.ProvisionAtOnce})
	if err != nil {
		t.Fatal(err)
	}
	s := &sabotage{next: handler}
	stub := httptest.NewServer(s)
	t.Cleanup(stub.Close)
	l := newLoad(t, newTargets(stub.URL))
	for _, name := range []string{"checked out", "active"} {
		p := &purchase{customer: "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", name: name, sent: 2}
		l.purchases = append(l.purchases, p)
		if !l.create(t.Context(), p) {
			t.Fatalf("no cart: %v", l.faults)
		}
	}
	l.checkout(t.Context(), l.purchases[0])
	return s, l
}

// An audit that finds nothing where there is something would prove nothing.
func TestAudit(t *testing.T) {
	t.Parallel()
	const cart, order = `GET .*/carts/.*`, `\{"alternateId"((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}`
	for name, tc := range map[string]struct {
		match  string
		change func(int, string) (int, string)
		want   string // of a fault; none where it is empty
	}{
		"nothing is wrong":      {`^$`, nil, ""},
		"a lost cart":           {cart, func(int, string) (int, string) { return 404, "{}" }, "was acknowledged and is lost: 404"},
		"an older cart":         {cart, replaced(`"quantity":2`, `"quantity":1`), "is not as it was acknowledged"},
		"another line's name":   {cart, replaced(`"friendlyName":"active`, `"friendlyName":"other`), "is not as it was acknowledged"},
		"a checkout undone":     {cart, replaced(`"Ordered"`, `"Active"`), "is Active; checkout asked for: true"},
		"a checkout of nobody":  {cart, replaced(`"Active"`, `"Ordered"`), "is Ordered; checkout asked for: false"},
		"another checkout":      {`POST .*/checkout$`, replaced(`"id":"`, `"id":"0`), "checked out again, is answered 201"},
		"a refused checkout":    {`POST .*/checkout$`, func(int, string) (int, string) { return 400, "{}" }, "checked out again, is answered 400"},
		"an order twice":        {`GET .*/orders$`, replaced(order, `$0,$0`), "has 2 orders for group"},
		"an order lost":         {`GET .*/orders$`, replaced(order+`,`, ``), "is Ordered and has 1 orders"},
		"all orders lost":       {`GET .*/orders$`, replaced(`"items":.*,"totalCount"`, `"items":[],"totalCount"`), "is Ordered and has 0 orders"},
		"an order of nobody":    {`GET .*/orders$`, replaced(`"friendlyName":"checked out group 1"`, `"friendlyName":"who"`), `orders for "who", which nobody asked for`},
		"an order not asked":    {`GET .*/orders$`, replaced(`"friendlyName":"checked out group 1"`, `"friendlyName":"active group 1"`), "has 1 orders and nobody asked for them"},
		"another quantity":      {`GET .*/orders$`, replaced(`"quantity":2`, `"quantity":3`), "has quantity 3, its cart"},
		"another order listed":  {`GET .*/orders$`, replaced(`"id":"`, `"id":"0`), "are not listed as they were acknowledged"},
		"an order by id lost":   {`GET .*/orders/.*`, func(int, string) (int, string) { return 404, "{}" }, "was acknowledged; now: 404"},
		"an order by id of old": {`GET .*/orders/.*`, replaced(`"totalPrice":`, `"totalPrice":1`), "was acknowledged; now: 200"},
		"lists that can't be":   {`GET .*/orders$`, func(int, string) (int, string) { return 200, "" }, "unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, l := bought(t)
			s.match, s.change = regexp.MustCompile(tc.match), tc.change
			s.active.Store(true)
			requireFault(t, l.audit(t.Context()), tc.want)
		})
	}
}

func requireFault(t *testing.T, faults []string, want string) {
	t.Helper()
	if all := strings.Join(faults, "\n"); want == "" && len(faults) > 0 || !strings.Contains(all, want) || want != "" && len(faults) == 0 {
		t.Errorf("the audit found %d faults, want %q:\n%s", len(faults), want, all)
	}
}

// What nobody knows of may have happened or not, and nothing between.
func TestAudit_Unknown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		do   func(context.Context, *load, *purchase) // with the purchase that is not checked out
		want string
	}{
		"an update that was made": {func(ctx context.Context, l *load, p *purchase) {
			p.put, p.unsure = 7, true
			l.ask(ctx, p.update())
		}, ""},
		"an update that was not made": {func(_ context.Context, _ *load, p *purchase) {
			p.put, p.unsure = 7, true
		}, ""},
		"an update of another quantity": {func(ctx context.Context, l *load, p *purchase) {
			p.put, p.unsure = 7, true
			l.ask(ctx, p.update())
			p.put = 6
		}, "is not as it was acknowledged"},
		"an update that was repeated": {func(ctx context.Context, l *load, p *purchase) {
			p.put, p.repeated = 7, true
			p.body = l.ask(ctx, p.update()).body
			l.ask(ctx, p.update())
		}, ""},
		"an update that was made twice": {func(ctx context.Context, l *load, p *purchase) {
			p.put = 7
			p.body = l.ask(ctx, p.update()).body
			l.ask(ctx, p.update())
		}, "is not as it was acknowledged"},
		"a checkout that was made": {func(ctx context.Context, l *load, p *purchase) {
			p.asked = true
			l.ask(ctx, p.checkout())
		}, ""},
		"a checkout that was not made": {func(_ context.Context, _ *load, p *purchase) {
			p.asked = true
		}, ""},
		"a checkout that nobody asked for": {func(ctx context.Context, l *load, p *purchase) {
			l.ask(ctx, p.checkout())
		}, "has 2 orders and nobody asked for them"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, l := bought(t)
			tc.do(t.Context(), l, l.purchases[1])
			requireFault(t, l.audit(t.Context()), tc.want)
		})
	}
}

// A checkout of which nobody knows, and that is half there.
func TestAudit_HalfDone(t *testing.T) {
	t.Parallel()
	s, l := bought(t)
	l.purchases[0].answer = nil
	requireFault(t, l.audit(t.Context()), "")
	s.match, s.change = regexp.MustCompile(`GET .*/orders$`), replaced(`"friendlyName":"checked out group 1"`, `"friendlyName":"active group 1"`)
	s.active.Store(true)
	requireFault(t, l.audit(t.Context()), "is Ordered and has 1 orders")
}

// What has a request id is answered as it was at first; a create that makes a second cart, or an update that is made again, is
// a fault.
func TestAudit_RequestIDs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		match  string
		change func(int, string) (int, string)
		want   string
	}{
		"repeated":      {`^$`, nil, ""},
		"a second cart": {`POST .*/carts$`, replaced(`"id":"`, `"id":"0`), "the create of cart"},
		"made again":    {`PUT `, replaced(`"lastModifiedTimestamp":"2`, `"lastModifiedTimestamp":"3`), "the update of cart"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, l := bought(t)
			p := &purchase{customer: uuid.NewString(), name: "repeated", requestID: uuid.NewString(), sent: 2}
			l.purchases = append(l.purchases, p)
			if !l.create(t.Context(), p) || !l.update(t.Context(), p) {
				t.Fatalf("no cart: %v", l.faults)
			}
			s.match, s.change = regexp.MustCompile(tc.match), tc.change
			s.active.Store(true)
			requireFault(t, l.audit(t.Context()), tc.want)
		})
	}
}

// A load that runs against a sound server has no fault; one that meets answers which no server may give remembers them.
func TestLoad(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		want   string
	}{
		"sound": {0, ""}, "refuses what is right": {404, "is answered 404"}, "fails": {500, "is answered 500"}, "does not say when": {503, "without Retry-After"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := bought(t)
			stub := httptest.NewServer(s)
			defer stub.Close()
			l := newLoad(t, newTargets(stub.URL))
			end := l.background(t)
			l.wait(t, 50)
			s.match, s.change = regexp.MustCompile(`.`), func(int, string) (int, string) { return tc.status, "{}" }
			if tc.status != 0 {
				s.active.Store(true)
				eventually(t, "a client has seen a fault", func() bool {
					l.mu.Lock()
					defer l.mu.Unlock()
					return len(l.faults) > 0
				})
				s.active.Store(false)
			}
			end()
			if got := l.count(); got < 50 {
				t.Errorf("%d writes were acknowledged", got)
			}
			requireFault(t, l.audit(t.Context()), tc.want)
		})
	}
}

// A client repeats a request whose answer broke off, and takes what it gets then.
func TestLoad_Repeats(t *testing.T) {
	t.Parallel()
	s, _ := bought(t)
	var calls atomic.Int64
	stub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%3 != 0 {
			s.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(httptest.NewRecorder(), r) // it is done, and the answer breaks off
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 50))
	}))
	defer stub.Close()
	l := newLoad(t, newTargets("", stub.URL))
	end := l.background(t)
	l.wait(t, 100)
	end()
	if l.broken.Load() == 0 {
		t.Error("no answer broke off")
	}
	requireFault(t, l.audit(t.Context()), "")
}
