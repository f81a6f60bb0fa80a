//go:build linux

package proof_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that is full for a moment makes writes 503 and loses nothing: what was stored can be read meanwhile, and when there is
// space again, the binary goes on by itself.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	onOwnDisk(t, func(t *testing.T) {
		d := newDisk(t)
		path := filepath.Join(d.dir, "test.db")
		p := start(t, "sqlite:"+path)
		l := newLoad(t, newTargets(p.url))
		l.requestIDs = true
		known := l.known(t)
		end := l.background(t)
		l.rounds(t, 2, 10, func() {
			l.someWrites(t)
			space := d.fill(l)
			get, err := l.exchange(t.Context(), p.url, request{"get", http.MethodGet, known.path(), "", nil})
			if err != nil || get.status != http.StatusOK || !bytes.Equal(get.body, known.body) {
				t.Errorf("on a full disk a cart reads as %d, %v\n%s", get.status, err, get.body)
			}
			if status := p.readiness(); status != http.StatusOK && status != http.StatusServiceUnavailable {
				t.Errorf("on a full disk /readyz answers %d", status)
			}
			space()
		})
		l.wait(t, 100) // after the last round too
		end()
		if n := l.broken.Load(); n > 0 {
			t.Errorf("%d connections broke off", n)
		}
		l.requireSound(t)
		if code := p.stop(); code != 0 {
			t.Errorf("the server ends with %d", code)
		}
		requireIntegrity(t, path)
		l.requireNoCartTwice(t, "sqlite", "file:"+path)
	})
}

// fill takes all space of a disk, until many writes of the load were answered 503. What it gives makes room again.
func (d *disk) fill(l *load) (space func()) {
	d.t.Helper()
	path := filepath.Join(d.dir, "full")
	file, err := os.Create(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	taken, until := int64(0), l.unavailable()+50
	eventually(d.t, "writes are answered 503 on a full disk", func() bool {
		for size := int64(diskSize); size >= 4096; { // again each time: the server's own files may give space back
			switch err := syscall.Fallocate(int(file.Fd()), 0, taken, size); {
			case errors.Is(err, syscall.ENOSPC):
				size /= 2
			case err != nil:
				d.t.Fatalf("fill the disk: %v", err)
			default:
				taken += size
			}
		}
		return l.unavailable() >= until
	})
	return func() {
		if err := os.Remove(path); err != nil {
			d.t.Error(err)
		}
	}
}

// unavailable tells how many writes were answered 503.
func (l *load) unavailable() (n int) {
	for answer, times := range l.counts() {
		if answer == "create 503" || answer == "update 503" || answer == "checkout 503" {
			n += times
		}
	}
	return n
}
