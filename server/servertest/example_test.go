package servertest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// The answer to a checkout is lost after the order was placed, and the code under test begins anew: it has bought twice. The
// test fails, and says what the stub was asked.
func Example_boughtTwice() {
	aTest(func(t servertest.TB) { // in your code: func TestBuy(t *testing.T)
		stub := servertest.New(t, func(o *server.Options) { o.IDs = server.SequentialIDs() })
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit})

		underTest := shop{url: stub.URL, http: &http.Client{Transport: stub.Transport()}}
		if err := underTest.Buy(context.Background(), customer); err != nil {
			t.Fatalf("Buy: %v", err)
		}
		stub.RequireOrders(t, 1)
	})
	// Output:
	// servertest: order 000000000006 of cart 00000000-0000-4000-8000-000000000003, group 0, pending:
	//     1 × CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5 (Office 365 E5 without Audio Conferencing)
	// servertest: order 00000000000d of cart 00000000-0000-4000-8000-000000000010, group 0, pending:
	//     1 × CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5 (Office 365 E5 without Audio Conferencing)
	// servertest: want 1 orders, the stub has 2
	// servertest: what the stub was asked, by its clock:
	// 2026-01-01 00:00:00.000  201  POST   /v1/customers/d6bf25b7…/carts                   …000001
	// 2026-01-01 00:00:00.000  cut  POST   /v1/customers/d6bf25b7…/carts/…000003/checkout  …000004    fault: drop-after-commit
	// 2026-01-01 00:00:00.000  201  POST   /v1/customers/d6bf25b7…/carts                   …000008
	// 2026-01-01 00:00:00.000  201  POST   /v1/customers/d6bf25b7…/carts/…000010/checkout  …000011
	// --- FAIL
}

// aTest runs a test and prints what it says.
func aTest(test func(servertest.TB)) {
	told := runs(func(d *double) { test(d) })
	fmt.Println(told.text())
	if told.failed {
		fmt.Println("--- FAIL")
	}
}
