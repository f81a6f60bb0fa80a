//go:build linux

package proof_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the binary has acknowledged is there after the power was cut, at any moment, and nothing is there twice.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	onOwnDisk(t, func(t *testing.T) {
		d := newDisk(t)
		path := filepath.Join(d.dir, "test.db")
		p := start(t, "sqlite:"+path)
		l := newLoad(t, newTargets(p.url))
		l.requestIDs = true
		end := l.background(t)
		l.rounds(t, 2, 10, func() {
			p = l.powerCut(t, d, p, func() *process { return start(t, "sqlite:"+path) })
		})
		end()
		l.requireSound(t)
		if code := p.stop(); code != 0 {
			t.Errorf("the last server ends with %d", code)
		}
		requireIntegrity(t, path)
		l.requireNoCartTwice(t, "sqlite", "file:"+path)
	})
}

// powerCut cuts the power under load, and gives the server that runs when it is back.
func (l *load) powerCut(t *testing.T, d *disk, p *process, again func() *process) *process {
	t.Helper()
	l.someWrites(t)
	l.dark.Store(true)
	d.cut()
	p.kill()
	l.dark.Store(false)
	d.restore()
	p = again()
	l.targets.set(0, p.url)
	return p
}

// Power cuts are worth the name: a server that does not wait for the disk loses what it has acknowledged.
func TestPowerCut_Careless(t *testing.T) {
	t.Parallel()
	onOwnDisk(t, func(t *testing.T) {
		d := newDisk(t)
		path := filepath.Join(d.dir, "test.db")
		p := startCareless(t, path)
		l := newLoad(t, newTargets(p.url))
		const most = 10
		for n := 1; n <= most; n++ {
			end := l.background(t)
			p = l.powerCut(t, d, p, func() *process { return startCareless(t, path) })
			end()
			for _, fault := range l.audit(t.Context()) {
				if strings.Contains(fault, "was acknowledged and is lost") {
					t.Logf("with synchronous=NORMAL cut %d has lost: %s", n, fault)
					return
				}
			}
		}
		t.Errorf("%d power cuts have lost nothing of a server that does not wait for the disk", most)
	})
}
