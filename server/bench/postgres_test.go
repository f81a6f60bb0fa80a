package main

import (
	"errors"
	"slices"
	"testing"
)

// What pgtest does with its test becomes an error here, and what it leaves to clean up is done at the end, the last first.
func TestTest(t *testing.T) {
	t.Parallel()
	var c test
	var done []string
	err := c.try(func() {
		c.Cleanup(func() { done = append(done, "first") })
		c.Cleanup(func() { done = append(done, "last") })
		c.Fatalf("no %s", "disk")
		done = append(done, "after a failure")
	})
	if err == nil || err.Error() != "no disk" || errors.Is(err, errLacking) {
		t.Errorf("a failure gives %v", err)
	}
	if err := c.try(func() { c.Skipf("no %s", "initdb") }); !errors.Is(err, errLacking) || err.Error() != "left out: no initdb" {
		t.Errorf("what is lacking gives %v", err)
	}
	if err := c.try(func() {}); err != nil {
		t.Errorf("what succeeds after a failure gives %v", err)
	}
	if err := c.end(); err != nil || !slices.Equal(done, []string{"last", "first"}) {
		t.Errorf("at the end %q was done, %v", done, err)
	}
}
