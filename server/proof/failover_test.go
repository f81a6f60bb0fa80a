package proof_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// replicas starts three servers on one store.
func replicas(t *testing.T, stores ...string) []*process {
	t.Helper()
	all := make([]*process, 3)
	for i := range all {
		all[i] = start(t, stores[i%len(stores)])
	}
	return all
}

// at gives targets for processes.
func at(processes []*process) *targets {
	urls := make([]string, len(processes))
	for i, p := range processes {
		urls[i] = p.url
	}
	return newTargets(urls...)
}

// requireStopped ends processes, which must have run until now.
func requireStopped(t *testing.T, processes []*process) {
	t.Helper()
	for _, p := range processes {
		if code := p.stop(); code != 0 {
			t.Errorf("a replica ends with %d", code)
		}
	}
}

// pair gives a primary, its standby, and the URL of a database that leads to whichever of them can be written to.
func pair(t *testing.T) (primary, standby *pgtest.Cluster, url string) {
	t.Helper()
	primary = pgtest.New(t)
	standby = primary.Standby(t)
	alone := fmt.Sprintf("127.0.0.1:%d", primary.Port)
	both := fmt.Sprintf("%s,127.0.0.1:%d", alone, standby.Port)
	return primary, standby, strings.Replace(primary.Database(t), alone, both, 1) + "&target_session_attrs=read-write"
}

// failOver kills the primary, has the standby take its place, and tells how long it took from the kill until a write was
// acknowledged.
func (l *load) failOver(t *testing.T, primary, standby *pgtest.Cluster) time.Duration {
	t.Helper()
	killed := time.Now()
	primary.Kill(t)
	standby.Promote(t)
	l.wait(t, 1)
	return time.Since(killed)
}

// The replicas go on by themselves when the primary is lost and its synchronous standby takes its place: whatever was
// acknowledged is there, and nothing is there twice.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	servers := replicas(t, url)
	l := newLoad(t, at(servers))
	l.requestIDs = true
	end := l.background(t)
	rounds := 0
	l.rounds(t, 1, 10, func() {
		if rounds++; rounds > 1 { // the old primary follows the new one
			primary, standby = standby, primary
			standby.Follow(t, primary)
		}
		primary.WaitForStandby(t)
		l.someWrites(t)
		t.Logf("%v from the kill of the primary to the first write that was acknowledged after it", l.failOver(t, primary, standby))
		l.wait(t, 100)
	})
	end()
	if l.unknown.Load() == 0 {
		t.Error("no failover has hit a request")
	}
	l.requireSound(t)
	requireStopped(t, servers)
	l.requireNoCartTwice(t, "pgx", url)
}

// While a synchronous standby is away nothing is acknowledged that it does not have: commits wait, for as long as it takes, and
// reading goes on. They end by themselves when it is back.
func TestFailover_StandbyAway(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	primary.WaitForStandby(t)
	p := start(t, url)
	l := newLoad(t, newTargets(p.url))
	l.requestIDs = true
	known := l.known(t)
	end := l.background(t)
	l.rounds(t, 1, 10, func() {
		l.someWrites(t)
		standby.Kill(t)
		eventually(t, "commits wait for the standby", func() bool {
			return primary.Exec(t, "SELECT count(*) > 5 FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "t"
		})
		get, err := l.exchange(t.Context(), p.url, request{"get", http.MethodGet, known.path(), "", nil})
		if err != nil || get.status != http.StatusOK || !bytes.Equal(get.body, known.body) {
			t.Errorf("without the standby a cart reads as %d, %v\n%s", get.status, err, get.body)
		}
		if status := p.readiness(); status != http.StatusOK {
			t.Errorf("without the standby /readyz answers %d", status)
		}
		standby.Start(t)
		l.wait(t, 50)
	})
	end()
	l.requireSound(t)
	requireStopped(t, []*process{p})
	l.requireNoCartTwice(t, "pgx", url)
}

// Several machines are worth nothing without synchronous replication: of what an asynchronous standby has not got yet when
// the primary is lost, the acknowledged is lost too. This also shows that the audit finds it.
func TestFailover_Asynchronous(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	servers := replicas(t, url)
	l := newLoad(t, at(servers))
	l.requestIDs = true
	end := l.background(t)
	l.wait(t, 100)
	standby.CutOff(t)
	l.wait(t, 100)
	l.failOver(t, primary, standby)
	end()
	lost := 0
	for _, fault := range l.audit(t.Context()) {
		if strings.Contains(fault, "was acknowledged and is lost") {
			lost++
		}
	}
	if lost == 0 {
		t.Error("nothing is lost")
	}
	t.Logf("%d carts lost of %d acknowledged writes", lost, l.count())
	requireStopped(t, servers)
}
