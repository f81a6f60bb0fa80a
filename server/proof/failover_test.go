package proof_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/store/pgtest"
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
	l.acknowledge(t, 1)
	return time.Since(killed)
}

// The replicas go on by themselves when the primary is lost and its synchronous standby takes its place: whatever was
// acknowledged is there, and nothing is there twice.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	servers := replicas(t, url)
	l := newLoad(t, at(servers))
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
		l.acknowledge(t, 100)
	})
	end()
	if l.unknown.Load() == 0 {
		t.Error("no failover has hit a request")
	}
	l.requireSound(t)
	requireStopped(t, servers)
}

// Several machines are worth nothing without synchronous replication: of what an asynchronous standby has not got yet when
// the primary is lost, the acknowledged is lost too. This also shows that the audit finds it.
func TestFailover_Asynchronous(t *testing.T) {
	t.Parallel()
	primary, standby, url := pair(t)
	servers := replicas(t, url)
	l := newLoad(t, at(servers))
	end := l.background(t)
	l.acknowledge(t, 100)
	standby.CutOff(t)
	l.acknowledge(t, 100)
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
	t.Logf("%d carts lost of %d acknowledged writes", lost, l.acknowledged.Load())
	requireStopped(t, servers)
}
