package proof_test

import (
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// minWrites is how many writes must be acknowledged in a long proof.
const minWrites = 10_000

// rounds runs a round again and again, until the proof's time is over and there were enough of them: few in a short proof.
func (l *load) rounds(t *testing.T, few, many int, round func()) {
	t.Helper()
	d, long := proofTime(t)
	minimum := few
	if long {
		minimum = many
	}
	n := 0
	for end := time.Now().Add(d); n < minimum || time.Now().Before(end) || long && l.acknowledged.Load() < minWrites; n++ {
		round()
	}
	t.Logf("%d rounds", n)
}

// someWrites lets the load go on until some moment.
func (l *load) someWrites(t *testing.T) {
	t.Helper()
	l.acknowledge(t, 1+rand.N[int64](600))
}

// Whatever the binary has acknowledged is there after it was killed, at any moment, and nothing is there twice.
func TestKill_SQLite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	p := start(t, "sqlite:"+path)
	l := newLoad(t, newTargets(p.url))
	end := l.background(t)
	l.rounds(t, 4, 25, func() {
		l.someWrites(t)
		p.kill()
		p = start(t, "sqlite:"+path)
		l.targets.set(0, p.url)
	})
	end()
	if l.broken.Load() == 0 {
		t.Error("no kill has hit a request")
	}
	l.requireSound(t)
	if code := p.stop(); code != 0 {
		t.Errorf("the last server ends with %d", code)
	}
	requireIntegrity(t, path)
}

// requireIntegrity has SQLite check a file.
func requireIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the integrity check of %s says %s, %v", filepath.Base(path), verdict, err)
	}
}
