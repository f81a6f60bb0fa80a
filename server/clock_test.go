package server_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// Who moves the clock of one server moves it for all on its store, and for those that start later.
func TestAdvance(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	options := server.Options{Store: shared, Clock: func() time.Time { return servertest.Start }}
	one, err := server.New(options)
	if err != nil {
		t.Fatal(err)
	}
	other := servertest.New(t, func(o *server.Options) { o.Store, o.Clock = shared, options.Clock })
	cart := created(t, other, oneLine)
	const day = 24 * time.Hour
	for range 7 {
		if a := send(t, other, "GET", cart, ""); a.status != 200 {
			t.Errorf("before the seventh day the cart is %d", a.status)
		}
		if err := one.Advance(t.Context(), day); err != nil {
			t.Fatal(err)
		}
	}
	if a := send(t, other, "GET", cart, ""); a.status != 404 {
		t.Errorf("after seven days the cart is %d", a.status)
	}
	third := servertest.New(t, func(o *server.Options) { o.Store, o.Clock = shared, options.Clock })
	want := servertest.Start.Add(7 * day).Format("2006-01-02T15:04:05Z")
	if got := send(t, third, "GET", created(t, third, oneLine), "").json(t)["creationTimestamp"]; got != want {
		t.Errorf("a server that starts later makes a cart at %v, want %v", got, want)
	}
	if err := one.Advance(t.Context(), -time.Second); err == nil {
		t.Error("time went back")
	}
}
