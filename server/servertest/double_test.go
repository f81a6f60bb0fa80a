package servertest_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// double stands for a test that may fail, and keeps what it says.
type double struct {
	mu       sync.Mutex
	failed   bool
	said     []string
	cleanups []func()
}

// runs runs a test to its end.
func runs(test func(*double)) *double {
	d := &double{}
	var over sync.WaitGroup
	over.Go(func() { // which Fatalf can end
		defer func() {
			for _, f := range slices.Backward(d.cleanups) {
				f()
			}
		}()
		test(d)
	})
	over.Wait()
	return d
}

func (d *double) Helper()                   {}
func (d *double) Cleanup(f func())          { d.cleanups = append(d.cleanups, f) }
func (d *double) Log(args ...any)           { d.say(false, fmt.Sprint(args...)) }
func (d *double) Errorf(f string, a ...any) { d.say(true, fmt.Sprintf(f, a...)) }

func (d *double) Fatalf(f string, a ...any) {
	d.Errorf(f, a...)
	runtime.Goexit()
}

func (d *double) say(failed bool, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = d.failed || failed
	d.said = append(d.said, text)
}

func (d *double) Failed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

func (d *double) text() string { return strings.Join(d.said, "\n") }

// rapidDouble is a double that rapid takes.
type rapidDouble struct{ *double }

func (d rapidDouble) Name() string             { return "double" }
func (d rapidDouble) Logf(f string, a ...any)  { d.Log(fmt.Sprintf(f, a...)) }
func (d rapidDouble) Skipf(f string, a ...any) { d.Fatalf("skipped: "+f, a...) }
func (d rapidDouble) Skip(a ...any)            { d.Fatalf("skipped: %s", fmt.Sprint(a...)) }
func (d rapidDouble) SkipNow()                 { d.Fatalf("skipped") }
func (d rapidDouble) Error(a ...any)           { d.Errorf("%s", fmt.Sprint(a...)) }
func (d rapidDouble) Fatal(a ...any)           { d.Fatalf("%s", fmt.Sprint(a...)) }
func (d rapidDouble) FailNow()                 { d.Fatalf("failed") }
func (d rapidDouble) Fail()                    { d.Errorf("failed") }
