package server_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// A customer who asks too often is told when to come again, and then is served; others are not kept waiting.
func TestThrottle(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, func(o *server.Options) { o.Throttle = 3 })
	list := func(customer string) answer { return send(t, stub, "GET", "/customers/"+customer+"/orders", "") }
	const other = "00000000-0000-0000-0000-000000000001"
	for range 3 {
		if a := list(customer); a.status != 200 {
			t.Errorf("the answer is %d", a.status)
		}
	}
	for range 2 { // to ask in vain costs nothing
		if a := list(customer); a.status != 429 || a.header.Get("Retry-After") != "20" || a.json(t)["statusCode"] != 429.0 {
			t.Errorf("the fourth is %d, Retry-After %s\n%s", a.status, a.header.Get("Retry-After"), a.body)
		}
	}
	if a := list(other); a.status != 200 {
		t.Errorf("another customer gets %d", a.status)
	}
	stub.Advance(20 * time.Second)
	if a, b := list(customer), list(customer); a.status != 200 || b.status != 429 {
		t.Errorf("after the wait it is %d, and then %d", a.status, b.status)
	}
}
