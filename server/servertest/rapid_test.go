package servertest_test

import (
	"flag"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// A property is checked with a stub for each try and in no time, however long each try waits.
func TestRapid(t *testing.T) {
	t.Parallel()
	kinds := []faults.Kind{faults.Throttle, faults.Status, faults.HTML502, faults.Busy}
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			stub := servertest.New(t)
			begun := stub.Now()
			for _, kind := range rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 8).Draw(t, "faults") {
				stub.Fail(servertest.AnyOperation, faults.Fault{Kind: kind})
			}
			if err := stubborn(stub, 24*time.Hour).Buy(t.Context(), customer); err != nil {
				t.Fatalf("it gave up: %v", err)
			}
			stub.RequireOrders(t, 1)
			if begun.Year() != 2000 {
				t.Errorf("the time of a try goes on from that of the one before: %v", begun)
			}
		})
	})
}

// A property that does not hold is made small, and told with what the stub was asked. It is not parallel, for the flag.
func TestRapid_Fails(t *testing.T) {
	const flagName = "rapid.nofailfile"
	before := flag.Lookup(flagName).Value.String()
	if err := flag.Set(flagName, "true"); err != nil {
		t.Fatal(err)
	}
	defer flag.Set(flagName, before)
	told := runs(func(tb *double) {
		rapid.Check(rapidDouble{tb}, func(t *rapid.T) {
			stub := servertest.New(t)
			for range rapid.IntRange(0, 4).Draw(t, "answers lost") {
				stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})
			}
			if err := stubborn(stub, 0).Buy(t.Context(), customer); err != nil {
				t.Fatalf("it gave up: %v", err)
			}
			stub.RequireOrders(t, 1)
		})
	})
	for _, want := range []string{"draw answers lost: 1\n", "want 1 orders, the stub has 2\n", "/checkout", "fault: drop-after-commit"} {
		if !told.failed || !strings.Contains(told.text(), want) {
			t.Errorf("a property that does not hold was told without %q:\n%s", want, told.text())
		}
	}
}

func stubborn(stub *servertest.Stub, wait time.Duration) shop {
	return shop{&http.Client{Transport: stub.Transport()}, stub.URL, wait}
}
