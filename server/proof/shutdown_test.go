package proof_test

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A server that is told to stop under load says first that it is not ready, and serves on; a load balancer that sends it no
// more requests then has none broken off, and the process ends with 0. So a server is replaced and no client notices.
func TestShutdown(t *testing.T) {
	t.Parallel()
	const delay = 4 * time.Second
	path := filepath.Join(t.TempDir(), "test.db")
	serve := func() *process { return start(t, "sqlite:"+path, "--drain-delay", delay.String()) }
	p := serve()
	l := newLoad(t, newTargets(p.url))
	l.requestIDs = true
	end := l.background(t)
	l.rounds(t, 1, 10, func() {
		l.someWrites(t)
		broken := l.broken.Load()
		told := time.Now()
		p.signal(syscall.SIGTERM)
		p.wait("/readyz is 503", func() bool { return p.readiness() == http.StatusServiceUnavailable })
		l.wait(t, 5) // it serves who does not know yet
		l.targets.set(0, "")
		late := time.Since(told) > delay/2
		if code := p.exit(); code != 0 {
			t.Errorf("SIGTERM ends the server with %d", code)
		}
		switch n := l.broken.Load() - broken; {
		case late:
			t.Log("this machine is too slow: the load balancer came too late")
		case n > 0:
			t.Errorf("%d requests were broken off", n)
		}
		p = serve()
		l.targets.set(0, p.url)
	})
	end()
	l.requireSound(t)
}

// Clients that go on sending to a server which stops get whole answers or none, and what it acknowledged to its last moment is
// there.
func TestShutdown_Unnoticed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	p := start(t, "sqlite:"+path)
	l := newLoad(t, newTargets(p.url))
	end := l.background(t)
	l.rounds(t, 2, 10, func() {
		l.someWrites(t)
		if code := p.stop(); code != 0 {
			t.Errorf("SIGTERM ends the server with %d", code)
		}
		p = start(t, "sqlite:"+path)
		l.targets.set(0, p.url)
	})
	end()
	if n := l.truncated.Load(); n > 0 {
		t.Errorf("%d answers broke off", n)
	}
	l.requireSound(t)
}

// A second signal ends the server at once, however long it would have served on, and loses nothing either.
func TestShutdown_SecondSignal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	p := start(t, "sqlite:"+path, "--drain-delay", "1h")
	l := newLoad(t, newTargets(p.url))
	end := l.background(t)
	l.someWrites(t)
	p.signal(syscall.SIGTERM)
	p.wait("/readyz is 503", func() bool { return p.readiness() == http.StatusServiceUnavailable })
	eventually(t, "a second signal ends it", func() bool { // again each time: one may come while the first is still looked at
		p.signal(syscall.SIGTERM)
		return p.over()
	})
	if code := p.exit(); code == 0 {
		t.Error("the second signal ends the server as if it had finished")
	}
	p = start(t, "sqlite:"+path)
	l.targets.set(0, p.url)
	l.wait(t, 10)
	end()
	l.requireSound(t)
}
