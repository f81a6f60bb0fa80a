package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
)

const live = "document.querySelector('#live.on')"

// What another program does is on the page at once, nobody presses anything.
func TestLive(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	b := s.open(console.Path)
	b.see(live)
	b.shows("#journal", "No request yet")

	s.send(http.MethodPost, customer+"/carts", example(t, "createCart.new-commerce.request.json"))
	b.shows("#request-1", "createCart")
	b.shows("#request-1 .badge.good", "201")
	b.see("document.querySelectorAll('#state .badge.active').length === 3")
	b.shows("#state", "6 d 23 h left")

	s.send(http.MethodPost, checkout, "")
	b.shows("#journal tbody .request", "checkoutCart") // the newest is on top
	b.shows("#group-b4c8fdea-cbe4-4d17-9576-13fcacbf9605 .cart", "Ordered")
	b.shows("#group-b4c8fdea-cbe4-4d17-9576-13fcacbf9605 .orders", "subscription: not yet")

	s.send(http.MethodPost, customer+"/carts", `{"lineItems":[{"catalogItemId":"x","quantity":-1,"billingCycle":"monthly"}]}`)
	b.shows("#journal tbody .request", "/lineItems/0/quantity")
	s.send(http.MethodPost, server.ControlPath+"/clock/advance", `{"by":"8d"}`)
	b.shows("#state .badge.expired", "Expired")

	const id = "4fa6dad6-a89f-4875-8247-8294a10ae1cf"
	for range 2 {
		s.send(http.MethodPost, customer+"/carts", example(t, "createCart.new-commerce.request.json"), "MS-RequestId", id)
	}
	b.shows("#request-5", "repeated")
	b.shows("#request-4 .same", "1 of 2")
	b.click("#request-5 .same", "2 of 2")
	b.see("document.querySelectorAll('#journal .request').length === 2")
	b.shows("#journal .only", id[:8])
	s.send(http.MethodGet, customer+"/orders", "", "MS-RequestId", id)
	b.see("document.querySelectorAll('#journal .request').length === 3") // what is asked for stays so
	s.send(http.MethodGet, customer+"/subscriptions", "")
	b.click("#journal .only a", "Show all")
	b.see("document.querySelectorAll('#journal .request').length === 7")
	b.choose("#filter [name=status]", "400")
	b.see("document.querySelectorAll('#journal .request').length === 1")
	b.choose("#filter [name=status]", "")
	b.choose("#filter [name=operation]", "createCart")
	b.see("document.querySelectorAll('#journal .request').length === 4")
}

// Each button does what test control shows.
func TestButtons(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	s.send(http.MethodPost, checkout, "")
	b := s.open(console.Path)
	b.see(live)
	now := func() time.Time { return ask[control.Clock](s, "/clock").Now }
	for text, by := range map[string]time.Duration{"+1 h": time.Hour, "+1 day": 24 * time.Hour, "+7 days": 7 * 24 * time.Hour} {
		before := now()
		b.click("#clock button", text)
		s.until(func() bool { return now().Sub(before) >= by })
		if ahead := now().Sub(before); ahead > by+10*time.Minute {
			t.Errorf("%s moves the clock by %v", text, ahead)
		}
		b.shows("#clock .now", now().Format("2 Jan 2006"))
	}
	b.click("#clock button", "Freeze")
	b.shows("#clock", "stands still")
	if !ask[control.Clock](s, "/clock").Frozen {
		t.Error("the clock is not frozen")
	}
	b.click("#clock button", "Resume")
	b.see("!document.querySelector('#clock').innerText.includes('stands still')")
	if ask[control.Clock](s, "/clock").Frozen {
		t.Error("the clock is frozen")
	}

	s.send(http.MethodPost, customer+"/carts", example(t, "createCart.new-commerce.request.json"))
	s.send(http.MethodPost, customer+"/orders", example(t, "createOrder.request.json"))
	b.shows("#state", "subscription: not yet")
	b.click("#state button", "Provision now")
	b.shows("#said", "One order was pending")
	b.see("!document.querySelector('#state').innerText.includes('not yet')")
	for _, o := range s.orders() {
		if o.Status != "completed" {
			t.Errorf("order %s is %s", o.ID, o.Status)
		}
	}

	for _, fault := range []string{`{"kind":"bom","operation":"getOffer"}`, `{"kind":"busy","operation":"getOffer"}`, `{"kind":"auth","operation":"getOffer"}`} {
		s.send(http.MethodPost, server.ControlPath+"/faults", fault)
	}
	b.shows("#faults", "3 armed")
	b.click("#fault-2 button", "Disarm")
	b.shows("#faults", "2 armed")
	if armed := s.faults(); len(armed) != 2 || armed[0].ID != 1 || armed[1].ID != 3 {
		t.Errorf("armed are %+v", armed)
	}
	b.click("#faults button", "Disarm all")
	b.shows("#faults", "None is armed")
	if armed := s.faults(); len(armed) != 0 {
		t.Errorf("armed are %+v", armed)
	}

	b.click("#requests button", "Clear")
	b.shows("#journal", "No request yet")
	if found := s.requests(); len(found) != 0 {
		t.Errorf("the journal has %+v", found)
	}

	b.click(".top button", "Reset")
	b.click("#reset button", "Cancel")
	b.see("!document.querySelector('dialog[open]')")
	if len(s.orders()) == 0 {
		t.Error("it was reset though it was cancelled")
	}
	b.click(".top button", "Reset")
	b.click("#reset button", "Reset")
	b.shows("#said", "as at the start")
	b.shows("#state", "2 and 0")
	if orders := s.orders(); len(orders) != 0 {
		t.Errorf("after the reset there are %+v", orders)
	}
}

// until waits until something is so.
func (s *stub) until(is func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for range time.Tick(20 * time.Millisecond) {
		if is() {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("it does not come true")
		}
	}
}

// A person arms a fault by the form, and sees it fire: the answer of the next checkout is lost, the order is there, and its
// repetition has the first answer.
func TestArm(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	b := s.open(console.Path)
	b.see(live)
	b.click("#arm > summary", "Arm a fault")
	b.choose("#arm [name=kind]", "status")
	b.see("document.querySelector('#arm [name=status]').checkVisibility()")
	b.choose("#arm [name=kind]", "latency")
	b.choose("#arm [name=latency]", "soon")
	b.click("#arm button", "Arm")
	b.shows("#said .failed", "/latency")
	b.expect("400 (Bad Request)")

	b.choose("#arm [name=kind]", "drop-after-commit")
	b.see("!document.querySelector('#arm [name=status]').checkVisibility() && !document.querySelector('#arm [name=latency]').checkVisibility()")
	b.choose("#arm [name=operation]", "checkoutCart")
	b.click("#arm button", "Arm")
	b.shows("#faults", "drop-after-commit")
	armed := s.faults()
	if len(armed) != 1 || armed[0].Kind != control.FaultKindDropAfterCommit || armed[0].Operation != "checkoutCart" || armed[0].Count != 1 {
		t.Fatalf("armed are %+v", armed)
	}

	const id = "4fa6dad6-a89f-4875-8247-8294a10ae1cf"
	if status, _ := s.send(http.MethodPost, checkout, "", "MS-RequestId", id); status != 0 {
		t.Errorf("the checkout answers %d", status)
	}
	b.shows("#request-1 .status", "cut")
	b.shows("#request-1 .note", "drop-after-commit")
	b.shows("#faults", "None is armed")
	b.shows("#state .orders", "group")
	if status, _ := s.send(http.MethodPost, checkout, "", "MS-RequestId", id); status != http.StatusCreated {
		t.Errorf("the repetition answers %d", status)
	}
	b.shows("#request-2 .note", "repeated")
	b.shows("#request-1 .same", "1 of 2")
	b.see("document.querySelector('#arm').open") // the form stays as it was
}

// A request opens by a click and by the keyboard, with its headers and bodies; the command for a terminal can be copied.
func TestRequest(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	s.send(http.MethodPost, customer+"/carts", example(t, "createCart.new-commerce.request.json"), "MS-CorrelationId", "0e93c70c-977a-4a88-9580-7cf084c73286")
	s.send(http.MethodGet, customer+"/orders", "")
	b := s.open(console.Path)
	b.see(live)
	b.click("#request-1 .status", "201") // anywhere in the row
	b.shows("#detail h2", "createCart")
	b.shows("#detail", "0e93c70c-977a-4a88-9580-7cf084c73286")
	b.shows("#detail .body .k", `"`)
	b.click("#detail summary", "")
	b.shows("#detail .headers", "(left out)")
	b.click("#detail button", "Copy as curl")
	b.shows("#detail .code button", "Copied")
	b.see("document.querySelector('#request-1.open')")

	b.do(chromedp.KeyEvent(kb.Escape))
	b.see("!document.querySelector('#detail').firstElementChild && document.activeElement.closest('#request-1')")
	b.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	b.shows("#detail h2", "listOrders")
	b.click("#detail a", "Close")
	b.see("!document.querySelector('#detail').firstElementChild")
}

// All that can be pressed is reached by the keyboard, in the order of the page, and shows that it is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	s.send(http.MethodGet, customer+"/orders", "")
	b := s.open(console.Path)
	b.see(live)
	b.see("document.hasFocus()")
	var reached []string
	for range 24 {
		b.do(chromedp.KeyEvent(kb.Tab))
		at := get[struct {
			Name string
			Ring bool
		}](b, `(() => {
			const e = document.activeElement, after = getComputedStyle(e, '::after');
			return {
				Name: e === document.body ? 'BODY' : (e.innerText || e.name || e.id || e.tagName).trim().split('\n')[0],
				Ring: getComputedStyle(e).outlineStyle !== 'none' || after.outlineStyle !== 'none',
			};
		})()`)
		if !at.Ring && at.Name != "BODY" {
			t.Errorf("%q has the focus and does not show it", at.Name)
		}
		reached = append(reached, at.Name)
	}
	all := strings.Join(reached, "|")
	for _, want := range []string{
		"Skip to the requests|Cartwright", "Reset…|all operations", "requestId|Clear", "listOrders", "+1 h|+1 day|+7 days|Freeze|Arm a fault|Provision now",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("Tab reaches %s; %s is not among it", all, want)
		}
	}
}

// When the stub is away the page says so, and it catches up when the stub is back.
func TestReconnect(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	b := s.open(console.Path)
	b.see(live)
	s.away.Store(true)
	s.cut()
	b.shows("#live", "not connected")
	s.send(http.MethodGet, customer+"/orders", "")
	s.away.Store(false)
	b.shows("#journal", "listOrders")
	b.see(live)
	b.expect("net::")
	b.expect("network error")
	b.expect("Failed to fetch")
}

// The docs page sends what is filled in already, and the stub makes a cart of it.
func TestDocs(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	b := s.open("/docs#/Carts/createCart")
	b.see("document.querySelector('.opblock.is-open textarea')?.value.includes('MS-AZR-0145P')")
	b.press(".opblock-post.is-open button", "Execute")
	b.shows(".live-responses-table tbody .response-col_status", "201")
	carts := ask[control.CartList](s, "/carts").Items
	if len(carts) != 3 || carts[0].Lines != 6 {
		t.Errorf("the stub has the carts %+v", carts)
	}
	if servers := get[[]string](b, "[...document.querySelectorAll('.servers option')].map(o => o.value)"); fmt.Sprint(servers) != "[/v1]" {
		t.Errorf("the page can send to %v", servers)
	}
	b.press("button.authorize", "Authorize")
	b.shows(".dialog-ux", "Logout") // the token is there
	b.do(chromedp.Navigate(s.url + "/_cartwright/docs#/Clock/advanceClock"))
	before := ask[control.Clock](s, "/clock").Now
	b.see("document.querySelector('.opblock.is-open textarea')?.value.includes('7d12h')")
	b.press(".opblock-post.is-open button", "Execute")
	b.shows(".live-responses-table tbody .response-col_status", "200")
	if by := ask[control.Clock](s, "/clock").Now.Sub(before); by < 7*24*time.Hour {
		t.Errorf("the clock moved by %v", by)
	}
}
