package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// cluster is a temporary PostgreSQL server, durable as PostgreSQL is by itself. It is started as the tests start theirs, and
// its test is this program.
type cluster struct {
	test    test
	cluster *pgtest.Cluster
}

// errLacking says that there is no PostgreSQL on this machine.
var errLacking = errors.New("left out")

func newCluster() (*cluster, error) {
	c := &cluster{}
	err := c.test.try(func() { c.cluster = pgtest.New(&c.test) })
	return c, err
}

// database makes an empty database and gives its URL.
func (c *cluster) database() (url string, err error) {
	err = c.test.try(func() { url = c.cluster.Database(&c.test) })
	return url, err
}

// test is what pgtest takes for its test.
type test struct {
	testing.TB
	ends []func()
	errs []error
}

// try runs what may end its goroutine where it fails, as tests do.
func (t *test) try(do func()) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		do()
	}()
	<-ended
	err := errors.Join(t.errs...)
	t.errs = nil
	return err
}

// end cleans up.
func (t *test) end() error {
	return t.try(func() {
		for _, end := range slices.Backward(t.ends) {
			end()
		}
	})
}

// Helper implements testing.TB, as what follows does as far as it is needed here.
func (t *test) Helper() {}

// Cleanup keeps what is to be done at the end.
func (t *test) Cleanup(end func()) { t.ends = append(t.ends, end) }

func (t *test) Error(args ...any) {
	t.errs = append(t.errs, errors.New(strings.TrimSpace(fmt.Sprintln(args...))))
}

func (t *test) Fatal(args ...any) {
	t.Error(args...)
	runtime.Goexit()
}

func (t *test) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }

func (t *test) Skipf(format string, args ...any) {
	t.errs = append(t.errs, fmt.Errorf("%w: "+format, append([]any{errLacking}, args...)...))
	runtime.Goexit()
}
