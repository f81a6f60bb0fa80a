package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cartwright-dev/cartwright/client"
)

// buy goes from the cart file to the subscriptions.
func (p program) buy(ctx context.Context, a arguments) error {
	wanted, digest, err := readCart(a.cartFile)
	if err != nil {
		return usageError{err}
	}
	c, server, err := p.connect(a.real)
	if err != nil {
		return usageError{err}
	}
	b := &purchase{program: p, arguments: a, client: c, wanted: wanted, file: &stateFile{path: a.stateFile}}
	if err := b.begin(state{Server: server, CustomerID: a.customerID, CartDigest: digest, CreateID: client.NewRequestID()}); err != nil {
		return usageError{err}
	}
	if len(b.state.OrderIDs) == 0 {
		if err := b.order(ctx); err != nil {
			return err
		}
	}
	return b.provisioned(ctx)
}

// purchase is a run under way.
type purchase struct {
	program
	arguments

	client *client.Client
	wanted *client.Cart // of the cart file
	file   *stateFile
	state  state
}

// begin goes on with what an earlier run left, or begins anew. What may be ordered is not forgotten.
func (b *purchase) begin(anew state) error {
	earlier, found, err := b.file.read()
	switch {
	case err != nil:
		return err
	case !found:
		b.state = anew
	case earlier.same(anew):
		b.state = earlier
	case earlier.begun():
		return fmt.Errorf("%s is of a purchase that was begun with another cart file, customer or server: "+
			"end that first, or name another file with --state", b.file.path)
	default:
		b.say("The cart file, the customer or the server is another than before: a new cart is made, the old one is left to expire.")
		b.state = anew
	}
	if len(b.state.OrderIDs) > 0 {
		b.say("Bought already, by an earlier run. To buy the same once more, name another file with --state.")
	}
	return nil
}

// order makes or finds the cart, shows it, asks, and buys it.
func (b *purchase) order(ctx context.Context) error {
	cart, err := b.cart(ctx)
	if cart != nil {
		b.showCart(cart, b.names(ctx, cart))
	}
	switch {
	case err != nil:
		return err
	case b.dryRun:
		return errDryRun
	case cart.Status == client.CartStatusOrdered:
		b.say("It is ordered already; its orders are read.") // which the checkout of an ordered cart does
	case !b.yes:
		if err := b.ask(ctx, "Buy for "+total(cart)+"? Orders are final. Type yes: "); err != nil {
			return err
		}
	}
	return b.checkout(ctx)
}

// cart gives the cart of an earlier run, as long as it can be bought or may be ordered, or else a new one.
func (b *purchase) cart(ctx context.Context) (*client.Cart, error) {
	if b.state.CartID == "" {
		return b.create(ctx)
	}
	cart, err := b.client.Carts.Get(ctx, b.customerID, b.state.CartID)
	switch {
	case b.state.begun() && err == nil:
		b.say("An earlier run has begun to buy this cart, and may have ordered it; what is ordered is not ordered again.")
		return cart, nil
	case err == nil && !spoiled(cart):
		b.say("This is the cart of an earlier run.")
		return cart, nil
	case b.state.begun() || err != nil && !errors.Is(err, client.ErrCartNotFound):
		return nil, err
	}
	b.say("The cart of an earlier run has expired or can't be bought any more: a new one is made.")
	b.state.CartID, b.state.CreateID = "", client.NewRequestID()
	return b.create(ctx)
}

// create makes the cart. The id of the call is stored before, so that a run that is killed now leaves one cart at most.
func (b *purchase) create(ctx context.Context) (*client.Cart, error) {
	if err := b.file.write(b.state); err != nil {
		return nil, err
	}
	cart, err := b.client.Carts.Create(ctx, b.customerID, b.wanted, client.RequestID(b.state.CreateID))
	if err != nil {
		return cart, errors.Join(err, b.file.remove()) // nothing is ordered, and the next run asks anew
	}
	b.state.CartID = cart.ID
	return cart, b.file.write(b.state)
}

// spoiled tells whether a cart has a line that can't be bought.
func spoiled(cart *client.Cart) bool {
	for line := range eachLine(cart.LineItems) {
		if line.Error != nil {
			return true
		}
	}
	return false
}

// ask waits for a yes.
func (b *purchase) ask(ctx context.Context, question string) error {
	b.tell("%s", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(b.stdin).ReadString('\n') // no answer is no yes
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		b.tell("\n")
		return errDeclined
	case said := <-answer:
		if said != "yes" {
			return errDeclined
		}
		return nil
	}
}

// checkout buys the cart. The id of the call is stored before: from now on the cart may be ordered.
func (b *purchase) checkout(ctx context.Context) error {
	if !b.state.begun() {
		b.state.CheckoutID = client.NewRequestID()
		if err := b.file.write(b.state); err != nil {
			return err
		}
	}
	result, err := b.client.Carts.CheckoutOnce(ctx, b.customerID, b.state.CartID, client.RequestID(b.state.CheckoutID))
	if err != nil {
		if failed, ok := errors.AsType[*client.CheckoutError](err); ok {
			b.state.settle(failed)
		}
		return errors.Join(err, b.file.write(b.state))
	}
	for _, order := range result.Orders {
		b.state.OrderIDs = append(b.state.OrderIDs, order.ID)
		b.say("Ordered: %s", order.ID)
	}
	return b.file.write(b.state)
}
