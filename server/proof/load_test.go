package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// targets are the servers of one store, which come and go.
type targets struct {
	mu   sync.Mutex
	urls map[int]string
}

// newTargets gives targets with these URLs, numbered from 0.
func newTargets(urls ...string) *targets {
	s := &targets{urls: make(map[int]string)}
	for i, url := range urls {
		s.urls[i] = url
	}
	return s
}

// set says where a server is now; "" takes it out of use.
func (s *targets) set(i int, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.urls[i] = url
}

// pick gives one of the servers that are in use, "" if there is none.
func (s *targets) pick() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := slices.DeleteFunc(slices.Collect(maps.Values(s.urls)), func(url string) bool { return url == "" })
	if len(used) == 0 {
		return ""
	}
	return used[rand.N(len(used))]
}

// load is a number of clients that buy: each creates a cart with two order groups, changes it now and then, and checks it
// out. They repeat whatever was not acknowledged, at any of the servers, and remember what was. Now and then one gives up after
// it got no answer, so that there are carts and checkouts of which nobody knows.
type load struct {
	targets *targets
	clients int
	// requestIDs has the clients send a request id of their own with each create and update, the same when they repeat it. Then
	// a create that is repeated makes no second cart (HTTP-IDEMPOTENCY); without, it may.
	requestIDs bool
	http       *http.Client

	unknown   atomic.Int64 // writes that got no answer, or that of a server which can't tell
	broken    atomic.Int64 // of these, connections that broke after they were made
	truncated atomic.Int64 // of these, answers that had begun
	dark      atomic.Bool  // while the power is being cut

	mu           sync.Mutex
	purchases    []*purchase
	acknowledged int            // writes
	mark         int            // of acknowledged, at which somebody waits
	reached      chan struct{}  // is closed then
	answers      map[string]int // by operation and status, such as "checkout 503"
	faults       []string       // answers that no server may give
}

// purchase is a cart and what its client knows of it. Its lines have names that no other purchase has, which come back in its
// orders.
type purchase struct {
	customer  string
	name      string
	requestID string // of the create and of the update; empty for none

	sent     int    // quantity that the create asks for
	cart     string // id; empty until the create is acknowledged
	created  []byte // the create's answer
	body     []byte // the cart as it was last acknowledged
	put      int    // quantity that the update asks for; 0 before it
	unsure   bool   // nobody knows whether the update was made
	repeated bool   // the update was sent again without a request id: it may have been made again after it was acknowledged

	asked  bool   // a checkout was sent
	answer []byte // of the checkout, once it is acknowledged
}

// purchaseName finds the name of a purchase in its cart.
var purchaseName = regexp.MustCompile("purchase [0-9a-f-]{36}")

// line gives the name of the line of an order group.
func (p *purchase) line(group string) string { return p.name + " group " + group }

// groups are the order groups of each purchase's cart: a licence for new commerce, and software, which is of its own group.
var groups = []string{"0", "1"}

func newLoad(t *testing.T, at *targets) *load {
	t.Helper()
	const clients = 8
	transport := &http.Transport{MaxIdleConnsPerHost: auditorCount}
	t.Cleanup(transport.CloseIdleConnections)
	return &load{
		targets: at, clients: clients, answers: make(map[string]int),
		http: &http.Client{Transport: transport, Timeout: 30 * time.Second},
	}
}

// run buys until ctx ends, and returns when nothing is under way any more.
func (l *load) run(ctx context.Context) {
	var clients sync.WaitGroup
	for range l.clients {
		clients.Go(func() {
			for ctx.Err() == nil {
				customer := uuid.NewString()
				for n := 0; n < 50 && ctx.Err() == nil; n++ { // so that no customer's list of orders gets long
					l.buy(ctx, customer)
				}
			}
		})
	}
	clients.Wait()
}

// background runs the load. What it gives ends the load, and returns when nothing is under way any more.
func (l *load) background(t *testing.T) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { l.run(ctx); close(ended) }()
	end = func() { cancel(); <-ended }
	t.Cleanup(end)
	return end
}

// buy makes one purchase, as far as it gets.
func (l *load) buy(ctx context.Context, customer string) {
	p := &purchase{customer: customer, name: "purchase " + uuid.NewString(), sent: 1 + rand.N(5)}
	if l.requestIDs {
		p.requestID = uuid.NewString()
	}
	l.mu.Lock()
	l.purchases = append(l.purchases, p)
	l.mu.Unlock()

	if !l.create(ctx, p) {
		return
	}
	if rand.N(4) == 0 && !l.update(ctx, p) {
		return
	}
	if rand.N(10) > 0 {
		l.checkout(ctx, p)
	}
}

// known makes a cart that is never changed.
func (l *load) known(t *testing.T) *purchase {
	t.Helper()
	p := &purchase{customer: uuid.NewString(), name: "purchase " + uuid.NewString(), requestID: uuid.NewString(), sent: 2}
	l.purchases = append(l.purchases, p)
	if !l.create(t.Context(), p) {
		t.Fatal("no cart")
	}
	return p
}

func (l *load) create(ctx context.Context, p *purchase) bool {
	answer, _ := l.persist(ctx, p.create())
	if answer == nil {
		return false
	}
	var cart model.Cart
	if err := json.Unmarshal(answer, &cart); err != nil || cart.ID == "" {
		l.fault("create answered %q, %v", answer, err)
		return false
	}
	p.cart, p.created, p.body = cart.ID, answer, answer
	return true
}

// update changes the quantities of a cart, to what it has never had.
func (l *load) update(ctx context.Context, p *purchase) bool {
	p.put, p.unsure = p.sent+5, true
	answer, tries := l.persist(ctx, p.update())
	if answer == nil {
		return rand.N(2) == 0 // half of those who do not know check out nevertheless
	}
	p.body, p.unsure, p.repeated = answer, false, tries > 1 && p.requestID == ""
	return true
}

// checkout checks a cart out, now and then twice at the same time.
func (l *load) checkout(ctx context.Context, p *purchase) {
	p.asked = true
	answers := make([][]byte, 1+rand.N(8)/7)
	var clients sync.WaitGroup
	for i := range answers {
		clients.Go(func() {
			answers[i], _ = l.persist(ctx, p.checkout())
		})
	}
	clients.Wait()
	for _, answer := range answers {
		if answer == nil {
			continue
		}
		if p.answer != nil && !bytes.Equal(p.answer, answer) {
			l.fault("two checkouts of cart %s at once are answered differently:\n%s\n%s", p.cart, p.answer, answer)
		}
		p.answer = answer
	}
}

// request is what a client sends.
type request struct {
	name, method, path, requestID string
	body                          []byte
}

func (p *purchase) create() request {
	return request{"create", http.MethodPost, "/v1/customers/" + p.customer + "/carts", p.requestID, p.lines(p.sent)}
}

func (p *purchase) update() request {
	return request{"update", http.MethodPut, p.path(), p.requestID, p.lines(p.put)}
}

func (p *purchase) checkout() request {
	return request{"checkout", http.MethodPost, p.path() + "/checkout", "", nil}
}

func (p *purchase) path() string { return "/v1/customers/" + p.customer + "/carts/" + p.cart }

// lines is the body of a cart whose lines have this quantity.
func (p *purchase) lines(quantity int) []byte {
	return fmt.Appendf(nil, `{"lineItems": [
		{"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", "friendlyName": %q, "quantity": %d, "billingCycle": "monthly", "termDuration": "P1M"},
		{"catalogItemId": "DG7GMGF0DWM3:0002:DG7GMGF0DT1M", "friendlyName": %q, "quantity": %d, "billingCycle": "one_time"}]}`,
		p.line(groups[0]), quantity, p.line(groups[1]), quantity)
}

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// persist repeats a write until it is acknowledged, or ctx ends, or the client gives up. It gives the answer, nil where there
// was none, and how often the write was sent.
func (l *load) persist(ctx context.Context, r request) (answer []byte, tries int) {
	for {
		got, err := l.send(context.WithoutCancel(ctx), r) // what was sent is waited for
		if !errors.Is(err, errNotSent) {
			tries++
		}
		if err == nil && got.status == http.StatusCreated {
			l.acknowledge()
			return got.body, tries
		}
		if err == nil && !repeatable(got.status) {
			return nil, tries // send has recorded it as a fault
		}
		if !errors.Is(err, errNotSent) {
			l.unknown.Add(1)
			if rand.N(20) == 0 {
				return nil, tries
			}
		}
		select {
		case <-ctx.Done():
			return nil, tries
		case <-time.After(time.Duration(5+rand.N(20)) * time.Millisecond): // no client repeats without a pause
		}
	}
}

// repeatable tells whether a client that gets this status sends its request again.
func repeatable(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusConflict
}

// errDark is of an answer that came while the power was being cut. A machine without power would not have sent it: only here,
// where the disk loses it a moment before the processor does, can an fsync return that has met the end of the disk.
var errDark = errors.New("answered without power")

// errNotSent is of a request that no server got to see.
var errNotSent = errors.New("not sent")

// send sends a request to one of the servers and takes the answer to its end.
func (l *load) send(ctx context.Context, r request) (reply, error) {
	url := l.targets.pick()
	if url == "" {
		return reply{}, errNotSent
	}
	got, err := l.exchange(ctx, url, r)
	var refused *net.OpError
	switch {
	case err == nil && l.dark.Load():
		l.broken.Add(1)
		return reply{}, errDark
	case err == nil:
		l.judge(r, got)
	case errors.As(err, &refused) && refused.Op == "dial":
		return reply{}, fmt.Errorf("%w: %w", errNotSent, err)
	default:
		l.broken.Add(1)
		if got.status != 0 {
			l.truncated.Add(1)
		}
	}
	return got, err
}

func (l *load) exchange(ctx context.Context, url string, r request) (reply, error) {
	sent, err := http.NewRequestWithContext(ctx, r.method, url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return reply{}, err
	}
	sent.Header.Set("Authorization", "Bearer any")
	if r.body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.requestID != "" {
		sent.Header.Set("MS-RequestId", r.requestID)
	}
	got, err := l.http.Do(sent)
	if err != nil {
		return reply{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return reply{got.StatusCode, got.Header, body}, err
}

// judge counts an answer, and remembers one that the server may not give: whatever else it can't do now, it may not forget a
// cart or refuse what is right, and one that can't serve says when to come again.
func (l *load) judge(r request, got reply) {
	l.mu.Lock()
	l.answers[fmt.Sprint(r.name, " ", got.status)]++
	l.mu.Unlock()
	switch {
	case got.status < 300:
	case !repeatable(got.status) || got.status == http.StatusInternalServerError:
		l.fault("%s %s is answered %d\n%s", r.method, r.path, got.status, got.body)
	case got.header.Get("Retry-After") == "":
		l.fault("%s %s is answered %d without Retry-After\n%s", r.method, r.path, got.status, got.body)
	}
}

func (l *load) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// acknowledge counts a write that is acknowledged, and tells who waits for it.
func (l *load) acknowledge() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged++
	if l.reached != nil && l.acknowledged >= l.mark {
		close(l.reached)
		l.reached = nil
	}
}

// wait returns at the moment at which n writes more are acknowledged.
func (l *load) wait(t *testing.T, n int) {
	t.Helper()
	l.mu.Lock()
	reached := make(chan struct{})
	l.mark, l.reached = l.acknowledged+n, reached
	l.mu.Unlock()
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Fatalf("in a minute not even %d writes were acknowledged; answers: %v", n, l.counts())
	}
}

// count gives how many writes were acknowledged.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acknowledged
}

// counts gives how often which answer was given.
func (l *load) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.answers)
}
