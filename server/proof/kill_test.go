package proof_test

import (
	"database/sql"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
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
	for end := time.Now().Add(d); n < minimum || time.Now().Before(end) || long && l.count() < minWrites; n++ {
		round()
	}
	t.Logf("%d rounds", n)
}

// someWrites lets the load go on until some moment: right after a write was acknowledged, or between.
func (l *load) someWrites(t *testing.T) {
	t.Helper()
	l.wait(t, 1+rand.N(400))
	if rand.N(2) == 0 {
		<-time.After(rand.N(5 * time.Millisecond))
	}
}

// Whatever the binary has acknowledged is there after it was killed, at any moment, and nothing is there twice.
func TestKill_SQLite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	p := start(t, "sqlite:"+path)
	l := newLoad(t, newTargets(p.url))
	l.requestIDs = true
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
	l.requireNoCartTwice(t, "sqlite", "file:"+path)
}

// requireIntegrity has SQLite check a file.
func requireIntegrity(t *testing.T, path string) {
	t.Helper()
	for verdict := range query(t, "sqlite", "file:"+path, "PRAGMA integrity_check") {
		if verdict != "ok" {
			t.Errorf("the integrity check of %s says %s", filepath.Base(path), verdict)
		}
	}
}

// requireNoCartTwice looks into the database itself: no create with a request id of its own has made a second cart, of which
// nobody would ever know.
func (l *load) requireNoCartTwice(t *testing.T, driver, name string) {
	t.Helper()
	carts := make(map[string]int)
	for body := range query(t, driver, name, "SELECT body FROM carts") {
		carts[purchaseName.FindString(body)]++
	}
	for _, p := range l.purchases {
		if n := carts[p.name]; n > 1 {
			t.Errorf("%s of customer %s has made %d carts", p.name, p.customer, n)
		} else if n == 0 && p.cart != "" {
			t.Errorf("%s of customer %s has no cart in the database", p.name, p.customer)
		}
	}
}

// query goes through the texts that a query of a database gives.
func query(t *testing.T, driver, name, text string) iter.Seq[string] {
	t.Helper()
	return func(yield func(string) bool) {
		db, err := sql.Open(driver, name)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.QueryContext(t.Context(), text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		defer rows.Close()
		for rows.Next() {
			var value string
			if err := rows.Scan(&value); err != nil {
				t.Fatal(err)
			}
			if !yield(value) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Three servers on one PostgreSQL database, of which one or two are killed at any moment, lose nothing that any of them has
// acknowledged, and order nothing twice. The others go on meanwhile.
func TestKill_PostgreSQL(t *testing.T) {
	t.Parallel()
	const replicas = 3
	database := pgtest.New(t).Database(t)
	at := newTargets()
	servers := make([]*process, replicas)
	serve := func(i int) {
		servers[i] = start(t, database)
		at.set(i, servers[i].url)
	}
	for i := range servers {
		serve(i)
	}
	l := newLoad(t, at)
	l.requestIDs = true
	end := l.background(t)
	l.rounds(t, 4, 15, func() {
		l.someWrites(t)
		killed := rand.Perm(replicas)[:1+rand.N(2)]
		for _, i := range killed {
			servers[i].kill()
		}
		l.wait(t, 20) // of the others, while clients still try the killed ones
		for _, i := range killed {
			serve(i)
		}
	})
	end()
	if l.broken.Load() == 0 {
		t.Error("no kill has hit a request")
	}
	l.requireSound(t)
	for _, p := range servers {
		if code := p.stop(); code != 0 {
			t.Errorf("a server ends with %d", code)
		}
	}
	l.requireNoCartTwice(t, "pgx", database)
}
