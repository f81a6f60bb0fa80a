package servertest_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// buy buys as it should be: what has failed is repeated, with the same cart, when the service says so.
func buy(ctx context.Context, c *client.Client, customerID string) error {
	cart, err := c.Carts.Create(ctx, customerID, oneLine())
	if err != nil {
		return err
	}
	for range 10 {
		_, err = c.Carts.Checkout(ctx, customerID, cart.ID)
		var e *client.Error
		if !errors.As(err, &e) {
			break
		}
		time.Sleep(e.RetryAfter)
	}
	return err
}

func TestBuy_AnswerLost(t *testing.T) {
	stub := servertest.New(t)
	stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.DropAfterCommit}) // the order is placed, its answer is lost

	if err := buy(t.Context(), stub.Client(), customer); err != nil { // or give stub.URL to code that makes its own client
		t.Fatal(err)
	}
	stub.RequireOrders(t, 1)
	stub.Advance(time.Minute) // or stub.Provision()
	if id := stub.Orders()[0].LineItems[0].SubscriptionID; id == "" {
		t.Error("no subscription after a minute")
	}
}

func TestBuy_Throttled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stub := servertest.New(t)
		stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Throttle, RetryAfter: new(60), Count: 3})
		begun := time.Now()
		if err := buy(t.Context(), stub.Client(), customer); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited < 3*time.Minute {
			t.Errorf("it was told to wait three times a minute, and waited %v", waited)
		}
		stub.RequireOrders(t, 1)
	})
}

// The README's tests are those above.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1) {
		if text := string(block[1]); strings.Contains(text, "servertest.New") {
			found++
			if !strings.Contains(string(tests), text) {
				t.Errorf("the README has a test that is not here:\n%s", text)
			}
		}
	}
	if found == 0 {
		t.Error("the README has no test")
	}
}
