package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// exampleCarts are the carts that the documents' update and checkout examples name in their paths, with the example of
// the contract from which their lines are taken. They are all of one customer.
var exampleCarts = []struct {
	cartID, example string
	change          func(*model.Cart)
}{
	// The update page's request raises the quantity to 2.
	{"65faf57b-0205-47ee-92b3-08dcf233ea73", "updateCart.response", func(c *model.Cart) { c.LineItems[0].Quantity = 1 }},
	// The checkout page's answer has no order of the trial, the last line.
	{"b4c8fdea-cbe4-4d17-9576-13fcacbf9605", "createCart.six-lines.response", func(c *model.Cart) { c.LineItems = c.LineItems[:5] }},
}

// exampleCustomer is the customer of the documents' examples.
const exampleCustomer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// AddExamples stores the carts that the documents' update and checkout requests name, so that these can be sent as
// printed, in one transaction. A cart that is there stays as it is, unless it has expired.
func (s *Server) AddExamples(ctx context.Context) error {
	s.examples = true
	o := s.operations
	if err := o.clock.ask(ctx); err != nil {
		return err
	}
	by := commerce.Author{Customer: o.customer(exampleCustomer), User: unnamedUser, Now: o.clock.now()}
	var records []commerce.CartRecord
	for _, example := range exampleCarts {
		var request model.Cart
		if err := readExample(s.contract, example.example, &request); err != nil {
			return err
		}
		example.change(&request)
		record, err := o.rules.NewCart(example.cartID, request, by)
		if err != nil {
			return fmt.Errorf("cart %s: %w", example.cartID, err)
		}
		records = append(records, record)
	}
	return o.update(ctx, "", func(tx store.Tx) error {
		for _, record := range records {
			if err := addCart(tx, exampleCustomer, &record, by.Now); err != nil {
				return fmt.Errorf("cart %s: %w", record.Cart.ID, err)
			}
		}
		return nil
	})
}

// addCart stores a cart under a given id, where there is none that can still be used.
func addCart(tx store.Tx, customerID string, record *commerce.CartRecord, now time.Time) error {
	key := cartKey(customerID, record.Cart.ID)
	old, err := lock[commerce.CartRecord](tx, key, commerce.ErrCartNotFound)
	switch {
	case errors.Is(err, commerce.ErrCartNotFound):
		_, err = insertCart(tx, customerID, record)
		return err
	case err != nil || !old.Expired(now):
		return err
	}
	return replace(tx, key, record)
}

// readExample reads an example of the contract.
func readExample(contract *openapi3.T, name string, into any) error {
	example, ok := contract.Components.Examples[name]
	if !ok {
		return fmt.Errorf("the contract has no example %q", name)
	}
	data, err := json.Marshal(example.Value.Value)
	if err != nil {
		return fmt.Errorf("example %q: %w", name, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("example %q: %w", name, err)
	}
	return nil
}
