package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/cartwright-dev/cartwright/client"
)

// readCart reads a cart file, and gives its digest too, by which a later run knows it again.
func readCart(file string) (cart *client.Cart, digest string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	cart = &client.Cart{}
	if err := decode(file, data, cart); err != nil {
		return nil, "", err
	}
	if len(cart.LineItems) == 0 {
		return nil, "", fmt.Errorf("%s: /lineItems: there must be one at least", file)
	}
	if err := checkLines(cart.LineItems, file+": /lineItems"); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(data)
	return cart, hex.EncodeToString(sum[:]), nil
}

// checkLines looks for what no service would take. What can be bought, and how, the service says.
func checkLines(lines []client.CartLineItem, place string) error {
	for i, line := range lines {
		place := fmt.Sprintf("%s/%d", place, i)
		switch {
		case line.CatalogItemID == "":
			return fmt.Errorf("%s/catalogItemId: is missing", place)
		case line.Quantity < 1:
			return fmt.Errorf("%s/quantity: must be at least 1", place)
		case line.BillingCycle == "":
			return fmt.Errorf("%s/billingCycle: is missing", place)
		case !line.BillingCycle.Valid():
			return fmt.Errorf("%s/billingCycle: %q is none of monthly, annual, biennial, triennial, one_time and none", place, line.BillingCycle)
		}
		if err := checkLines(line.AddonItems, place+"/addonItems"); err != nil {
			return err
		}
	}
	return nil
}
