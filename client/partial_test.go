package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// A 201 that hides order groups which were not bought is an error that names their lines, beside what was bought.
func TestCheckout_Partial(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()
	cart, err := c.Carts.Create(ctx, customer, cartOf(0, 3, 4))
	if err != nil {
		t.Fatal(err)
	}
	stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Partial, OrderGroup: "0", Code: 400019})
	result, err := c.Carts.Checkout(ctx, customer, cart.ID)
	partial, ok := errors.AsType[*client.PartialCheckoutError](err)
	if !ok || len(result.Orders) != 1 || partial.Result != result || partial.CartID != cart.ID || len(partial.Failed) != 1 {
		t.Fatalf("Checkout gave %+v, %v", result, err)
	}
	failed := partial.Failed[0]
	if failed.OrderGroup != "0" || len(failed.Lines) != 2 || *failed.Lines[1].ID != 2 || failed.Code != 400019 || failed.Hint == "" ||
		!errors.Is(err, client.ErrAvailabilityGone) || errors.Is(err, client.ErrCartBusy) {
		t.Errorf("failed is %+v", failed)
	}
	if text := err.Error(); !strings.Contains(text, "1 order(s) placed, 1 order group(s) in error: group 0 (lines 1, 2): 400019") {
		t.Errorf("it says %s", text)
	}
	if result, err := c.Carts.Checkout(ctx, customer, cart.ID); err != nil || len(result.Orders) != 2 {
		t.Errorf("the next checkout gave %+v, %v", result, err)
	}

	// The cart can't be read: the error is there all the same.
	cart, _ = c.Carts.Create(ctx, customer, cartOf(0, 3))
	stub.Fail(servertest.CheckoutCart, faults.Fault{Kind: faults.Partial})
	stub.Fail(servertest.GetCart, faults.Fault{Kind: faults.Busy})
	_, err = c.Carts.Checkout(ctx, customer, cart.ID)
	if partial, ok := errors.AsType[*client.PartialCheckoutError](err); !ok || partial.Failed[0].Lines != nil || partial.CartID != cart.ID {
		t.Errorf("Checkout gave %v", err)
	}
}

// A cart with lines that can't be bought is there, with an error that names them; corrected, it can be bought.
func TestCart_LineErrors(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	c, ctx := stub.Client(), t.Context()
	wrong := cartOf(3, 4)
	wrong.LineItems[1].Quantity = 1_000_000
	cart, err := c.Carts.Create(ctx, customer, wrong)
	lines, ok := errors.AsType[*client.CartLineItemsError](err)
	if !ok || cart.ID == "" || lines.CartID != cart.ID || len(lines.Lines) != 1 || *lines.Lines[0].Line.ID != 1 || lines.Lines[0].Code != 10015 ||
		!errors.Is(err, client.ErrSeatLimit) || !strings.Contains(err.Error(), "line 1 (CFQ7TTC0LF8S:0001:CFQ7TTC0N81H): 10015") {
		t.Fatalf("Create gave %+v, %v", cart, err)
	}
	if _, err := c.Carts.Checkout(ctx, customer, cart.ID); !errors.Is(err, client.ErrCartItems) {
		t.Errorf("Checkout gave %v", err)
	}
	if got, err := c.Carts.Get(ctx, customer, cart.ID); err != nil || got.LineItems[1].Error == nil {
		t.Errorf("Get gave %+v, %v", got, err)
	}
	if _, err := c.Carts.Update(ctx, customer, cart.ID, wrong); !errors.As(err, &lines) {
		t.Errorf("Update gave %v", err)
	}
	if _, err := c.Carts.Update(ctx, customer, cart.ID, cartOf(3, 4)); err != nil {
		t.Errorf("Update with correct lines gave %v", err)
	}
	if result, err := c.Carts.CheckoutOnce(ctx, customer, cart.ID); err != nil || len(result.Orders) != 1 {
		t.Errorf("CheckoutOnce gave %+v, %v", result, err)
	}
}
