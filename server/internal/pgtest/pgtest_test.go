package pgtest_test

import (
	"os"
	"testing"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// A server that was killed has what was committed when it is started again, on the same port.
func TestCluster_Restart(t *testing.T) {
	t.Parallel()
	c := pgtest.New(t)
	port := c.Port
	c.Exec(t, "CREATE TABLE x AS SELECT 1 AS y")
	c.Kill(t)
	c.Start(t)
	if got := c.Exec(t, "SELECT y, current_setting('fsync'), current_setting('synchronous_commit') FROM x"); got != "1|on|on" || c.Port != port {
		t.Errorf("after a restart it is %q on port %d, want 1|on|on on %d", got, c.Port, port)
	}
}

// A standby has what a primary that waits for it has committed, and takes its place.
func TestCluster_Standby(t *testing.T) {
	t.Parallel()
	primary := pgtest.New(t)
	standby := primary.Standby(t)
	primary.WaitForStandby(t)
	primary.Exec(t, "CREATE TABLE x AS SELECT 1 AS y")
	if got := standby.Exec(t, "SELECT pg_is_in_recovery()"); got != "t" {
		t.Errorf("the standby is in recovery: %s", got)
	}
	primary.Kill(t)
	standby.Promote(t)
	if got := standby.Exec(t, "INSERT INTO x VALUES (2); SELECT count(*) FROM x"); got != "2" {
		t.Errorf("the promoted standby has %s rows, want 2", got)
	}
	port := primary.Port
	primary.Follow(t, standby)
	standby.WaitForStandby(t)
	standby.Exec(t, "INSERT INTO x VALUES (3)")
	primary.CutOff(t)
	standby.Exec(t, "ALTER SYSTEM RESET synchronous_standby_names")
	standby.Exec(t, "SELECT pg_reload_conf()")
	standby.Exec(t, "INSERT INTO x VALUES (4)")
	if got := primary.Exec(t, "SELECT max(y) FROM x"); got != "3" || primary.Port != port {
		t.Errorf("the standby has %s on port %d, want 3 on %d", got, primary.Port, port)
	}
}

// The last user ends the shared cluster; the next one has another.
func TestShared(t *testing.T) {
	var first, second *pgtest.Cluster
	t.Run("users", func(t *testing.T) {
		first, second = pgtest.Shared(t), pgtest.Shared(t)
		t.Run("one more", func(t *testing.T) { pgtest.Shared(t) })
		if a, b := first.Database(t), first.Database(t); a == b {
			t.Errorf("two databases have the URL %s", a)
		}
	})
	if first != second {
		t.Error("two users have two clusters")
	}
	if _, err := os.Stat(first.Folder()); !os.IsNotExist(err) {
		t.Errorf("the folder of the cluster is still there: %v", err)
	}
	if pgtest.Shared(t) == first {
		t.Error("a cluster that has ended is given out")
	}
}
