package console_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
)

// tooWide lists the elements that make the page wider than its window.
const tooWide = `[...document.body.querySelectorAll('*')]
	.filter(e => document.documentElement.scrollWidth > innerWidth && e.getBoundingClientRect().right > innerWidth + 1)
	.map(e => e.tagName + '.' + e.className).slice(0, 9)`

// Pictures of each page, for people to look at: go test -run TestPictures -artifacts -outputdir DIR.
func TestPictures(t *testing.T) {
	t.Parallel()
	empty, busy := newStub(t), newStub(t)
	busy.bustle()
	arm := func(b *tab) {
		b.click("#arm > summary", "Arm a fault")
		b.choose("#arm select[name=kind]", "partial")
	}
	dir := t.ArtifactDir()
	for _, p := range []struct {
		name string
		stub *stub
		path string
		wait string
		do   func(*tab)
		part string // that is to be in view
	}{
		{"empty", empty, console.Path, "document.querySelector('#live.on')", nil, ""},
		{"console", busy, console.Path, "document.querySelector('#live.on')", nil, ""},
		{"arm", busy, console.Path, "document.querySelector('#live.on')", arm, "#arm"},
		{"state", busy, console.Path, "document.querySelector('#live.on')", nil, "#state"},
		{"same", busy, console.Path + "?requestId=4fa6dad6-a89f-4875-8247-8294a10ae1cf", "document.querySelector('#live.on')", nil, ""},
		{"request", busy, console.Path + "/requests/4", "document.querySelector('#detail .body')", nil, ""},
		{"docs", busy, "/docs#/Carts/createCart", "document.querySelector('.opblock .execute')", nil, ""},
		{"control-docs", busy, "/_cartwright/docs", "document.querySelector('.opblock')", nil, ""},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			stub := *p.stub
			stub.t = t
			b := stub.open(p.path)
			b.see(p.wait)
			if p.do != nil {
				p.do(b)
			}
			for _, scheme := range []string{"light", "dark"} {
				for _, size := range [][2]int64{{1440, 900}, {380, 800}} {
					b.look(size[0], size[1], scheme)
					b.see(fmt.Sprintf("innerWidth === %d", size[0]))
					if p.part != "" {
						get[bool](b, fmt.Sprintf("document.querySelector(%q).scrollIntoView() === undefined", p.part))
					}
					if wide := get[[]string](b, tooWide); len(wide) > 0 {
						t.Errorf("%s at %d: these are wider than the page: %q", p.name, size[0], wide)
					}
					b.picture(dir, fmt.Sprintf("%s-%s-%d", p.name, scheme, size[0]))
				}
			}
		})
	}
	t.Log("pictures:", dir)
}

// bustle sends what programs send.
func (s *stub) bustle() {
	const id = "4fa6dad6-a89f-4875-8247-8294a10ae1cf"
	s.send(http.MethodPost, customer+"/carts", example(s.t, "createCart.six-lines.request.jsonc"))
	s.send(http.MethodGet, customer+"/carts/b4c8fdea-cbe4-4d17-9576-13fcacbf9605", "")
	s.send(http.MethodPost, checkout, "", "MS-RequestId", id, "Cartwright-Fault", "drop-after-commit")
	s.send(http.MethodPost, checkout, "", "MS-RequestId", id)
	s.send(http.MethodPost, server.ControlPath+"/provision", "")
	s.send(http.MethodPost, server.ControlPath+"/clock/advance", `{"by":"1d2h"}`)
	s.send(http.MethodPost, customer+"/carts", `{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":0,"billingCycle":"monthly"}]}`)
	s.send(http.MethodPost, "/v1/Customers/d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d/carts/", `{"LineItems":[{"CatalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","Quantity":3,"BillingCycle":"Monthly","TermDuration":"P1Y"}]}`)
	s.send(http.MethodPost, "/v1/customers/2ca60e1c-ecf7-4a0c-8f3c-ea6c3a5d2d39/orders", example(s.t, "createOrder.request.json"))
	s.send(http.MethodGet, customer+"/orders?include_price=true", "")
	s.send(http.MethodGet, customer+"/carts/0e93c70c-977a-4a88-9580-7cf084c73286", "")
	s.send(http.MethodPost, customer+"/carts", "{}", "Cartwright-Fault", "throttle;retryAfter=2")
	s.send(http.MethodGet, customer+"/subscriptions", "", "Cartwright-Fault", "status;status=503")
	s.send(http.MethodPost, server.ControlPath+"/faults", `{"kind":"partial","operation":"checkoutCart","orderGroup":"1","code":900192}`)
	s.send(http.MethodPost, server.ControlPath+"/faults", `{"kind":"latency","latency":"2s","always":true,"customerId":"2ca60e1c-ecf7-4a0c-8f3c-ea6c3a5d2d39","rate":0.5}`)
}
