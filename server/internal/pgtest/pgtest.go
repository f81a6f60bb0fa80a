// Package pgtest starts throwaway PostgreSQL clusters for tests: of one server, or of a primary and a standby. It needs the
// binaries of PostgreSQL, on the PATH or where Debian has them, and no server that runs already.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// Cluster is a PostgreSQL server with a folder of its own. It takes connections on the loopback and on a Unix socket,
// without a password.
type Cluster struct {
	Port int // on 127.0.0.1

	bin, dir  string
	owner     *syscall.SysProcAttr
	databases atomic.Int64

	server *exec.Cmd
	ended  chan struct{} // closed when the server has ended
}

// startLimit is how long a server may take to start or to stop on a machine that has other work too.
const startLimit = time.Minute

// New starts a cluster, which ends with the test. Settings like "fsync=off" go to its postgresql.conf; without them it is as
// durable as PostgreSQL is by itself. Without PostgreSQL the test is skipped, or fails where CARTWRIGHT_REQUIRE_ALL is set.
func New(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c := newCluster(t)
	c.run(t, "initdb", "--pgdata", c.data(), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	c.configure(t, append([]string{
		"max_connections=100", // as PostgreSQL has it by itself, since stores have to live with that
		"shared_buffers=64MB",
		"unix_socket_directories=" + c.dir,
		"listen_addresses=127.0.0.1",
	}, settings...)...)
	c.Start(t)
	return c
}

// Standby starts a server that follows this one.
func (c *Cluster) Standby(t testing.TB) *Cluster {
	t.Helper()
	s := newCluster(t)
	s.Follow(t, c)
	return s
}

// Follow makes a server that was killed, or has not been started yet, the standby of a primary, with nothing but what that one
// has. The primary waits for it once WaitForStandby has told it to.
func (c *Cluster) Follow(t testing.TB, primary *Cluster) {
	t.Helper()
	if err := c.remove(c.data()); err != nil {
		t.Fatal(err)
	}
	c.run(t, "pg_basebackup", "--pgdata", c.data(), "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync",
		"--dbname", fmt.Sprintf("host=%s port=%d user=postgres application_name=standby", primary.dir, primary.Port))
	c.configure(t, "unix_socket_directories="+c.dir, "wal_retrieve_retry_interval=100ms")
	c.Start(t)
}

// WaitForStandby has a primary acknowledge nothing that its standby does not have (synchronous replication).
func (c *Cluster) WaitForStandby(t testing.TB) {
	t.Helper()
	c.Exec(t, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
	c.Exec(t, "SELECT pg_reload_conf()")
	c.await(t, "SELECT sync_state FROM pg_stat_replication", "sync")
}

// CutOff ends what a standby receives.
func (c *Cluster) CutOff(t testing.TB) {
	t.Helper()
	c.Exec(t, "ALTER SYSTEM SET primary_conninfo = ''")
	c.Exec(t, "SELECT pg_reload_conf()")
	c.await(t, "SELECT count(*) FROM pg_stat_wal_receiver", "0")
}

func newCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{bin: binaries(t), owner: attributes(t)}
	dir, err := os.MkdirTemp("", "cartwright-pg-*") // one of the test's would be closed to another user, and its name too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	c.dir = dir
	t.Cleanup(func() { c.end(t) })
	if err := giveToUser(c.owner, dir); err != nil {
		t.Fatal(err)
	}
	return c
}

// binaries gives the folder that has the programs of PostgreSQL.
func binaries(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		lacking.Skip(t, "PostgreSQL is not installed: there is no initdb on the PATH")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest)
}

// version gives the number in a path like /usr/lib/postgresql/15/bin/initdb.
func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// attributes says how PostgreSQL's programs are started. They refuse root, and another user does as well.
func attributes(t testing.TB) *syscall.SysProcAttr {
	t.Helper()
	attributes := endWithTest()
	if os.Getuid() != 0 {
		return attributes
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		asUser(attributes, uint32(uid), uint32(gid))
		return attributes
	}
	lacking.Skip(t, "PostgreSQL refuses to be run by root, and there is no user postgres or nobody")
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(c.bin, program), args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, c.owner
	return cmd
}

// run runs a program of PostgreSQL to its end and gives what it prints.
func (c *Cluster) run(t testing.TB, program string, args ...string) string {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd := c.command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, complaints.String())
	}
	return out.String()
}

func (c *Cluster) configure(t testing.TB, settings ...string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		if _, err := fmt.Fprintf(f, "\n%s = '%s'\n", name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server, at first or after Kill, and returns when it takes connections. It keeps its port.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	const attempts = 20
	again := c.Port != 0
	for range attempts {
		if !again {
			c.Port = freePort(t) // which another process may take just before the server does
		}
		if c.try(t) {
			return
		}
		<-time.After(100 * time.Millisecond) // processes of a server that was killed may not have ended yet
	}
	t.Fatalf("PostgreSQL does not start:\n%s", c.Log(t))
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens on the loopback, which takes no time
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// try starts the server; false where it has ended before it took connections.
func (c *Cluster) try(t testing.TB) bool {
	t.Helper()
	log, err := os.OpenFile(c.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the server has its own
	c.server = c.command("postgres", "-D", c.data(), "-p", strconv.Itoa(c.Port))
	c.server.Stdout, c.server.Stderr = log, log
	c.ended = make(chan struct{})
	if err := startAndWait(c.server, c.ended); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(startLimit); ; {
		select {
		case <-c.ended:
			return false
		case <-limit:
			t.Fatalf("PostgreSQL takes no connections after %v:\n%s", startLimit, c.Log(t))
		case <-ticker.C:
			if c.command("pg_isready", "--quiet", "--host", c.dir, "--port", strconv.Itoa(c.Port)).Run() == nil {
				return true
			}
		}
	}
}

// Kill ends the server's main process by kill -9. Its other processes end when they see it.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	c.signal(t, syscall.SIGKILL)
}

func (c *Cluster) signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := c.server.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-c.ended
}

// end stops the server at once and removes its folder.
func (c *Cluster) end(t testing.TB) {
	if c.server != nil {
		c.signal(t, syscall.SIGQUIT)
	}
	if err := c.remove(c.dir); err != nil {
		t.Error(err)
	}
}

// remove removes a folder, into which processes of a server that was killed may still write for a moment.
func (c *Cluster) remove(dir string) error {
	err := os.RemoveAll(dir)
	for limit := time.Now().Add(startLimit); err != nil && time.Now().Before(limit); err = os.RemoveAll(dir) { //nolint:forbidigo // of processes
		<-time.After(100 * time.Millisecond)
	}
	return err
}

// await waits until a query gives what is wanted.
func (c *Cluster) await(t testing.TB, query, want string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(startLimit); c.Exec(t, query) != want; {
		select {
		case <-limit:
			t.Fatalf("%s does not give %s:\n%s", query, want, c.Log(t))
		case <-ticker.C:
		}
	}
}

// Promote makes a standby a primary.
func (c *Cluster) Promote(t testing.TB) {
	t.Helper()
	c.run(t, "pg_ctl", "promote", "--pgdata", c.data(), "--wait", "--timeout", strconv.Itoa(int(startLimit.Seconds())))
}

// Exec runs a statement as the superuser, and gives what it returns: columns divided by |, rows by newlines.
func (c *Cluster) Exec(t testing.TB, statement string) string {
	t.Helper()
	return strings.TrimSpace(c.run(t, "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
		"--host", c.dir, "--port", strconv.Itoa(c.Port), "--username=postgres", "--dbname=postgres", "--command", statement))
}

// Database makes an empty database and gives its URL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	return c.DatabaseWith(t, "")
}

// DatabaseWith makes an empty database with options of CREATE DATABASE, and gives its URL.
func (c *Cluster) DatabaseWith(t testing.TB, options string) string {
	t.Helper()
	name := fmt.Sprintf("test%d", c.databases.Add(1))
	c.Exec(t, "CREATE DATABASE "+name+" "+options)
	return c.URL(name)
}

// URL is where a database of the cluster is.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.Port, database)
}

func (c *Cluster) log() string { return filepath.Join(c.dir, "log") }

// Log is what the server has written so far.
func (c *Cluster) Log(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(c.log())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// shared is the cluster that the tests of a package have together, since one takes a second to start.
var shared struct {
	sync.Mutex
	cluster *Cluster
	keeper  *keeper
	users   int
}

// Shared gives a cluster that other tests of the package use too; it ends with the last of them that runs. It does not wait for
// the disk, so it is not for tests that kill it.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	shared.users++
	t.Cleanup(func() { leave(t) })
	if shared.cluster == nil {
		shared.keeper = &keeper{TB: t}
		shared.cluster = New(shared.keeper, "fsync=off")
	}
	return shared.cluster
}

// leave ends the shared cluster with its last user.
func leave(t testing.TB) {
	shared.Lock()
	defer shared.Unlock()
	if shared.users--; shared.users > 0 {
		return
	}
	shared.keeper.TB = t
	for _, end := range slices.Backward(shared.keeper.ends) {
		end()
	}
	shared.cluster, shared.keeper = nil, nil
}

// keeper is a test that leaves what is to be cleaned up to the last user of the shared cluster.
type keeper struct {
	testing.TB
	ends []func()
}

// Cleanup implements testing.TB.
func (k *keeper) Cleanup(end func()) { k.ends = append(k.ends, end) }
