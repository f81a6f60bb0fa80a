package server

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
)

// customers are those that the partner has, by lower-case id; nil for any.
type customers map[string]commerce.Customer

func newCustomers(list []commerce.Customer) customers {
	if list == nil {
		return nil
	}
	known := make(customers, len(list))
	for _, c := range list {
		c.ID = strings.ToLower(c.ID)
		known[c.ID] = c
	}
	return known
}

// require refuses customers that the partner does not have, with 60003.
func (k customers) require(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Param("customer_id")
		if _, ok := k[id]; k != nil && id != "" && !ok {
			return commerce.ErrTenantNotFound
		}
		return next(c)
	}
}

// customer gives what is known of a customer.
func (o *operations) customer(id string) commerce.Customer {
	c := o.customers[id]
	c.ID = id
	return c
}

// author is who sent the request that is served, at this moment of an update.
func (o *operations) author(ctx context.Context, tx store.Tx, customerID string) (commerce.Author, error) {
	now, err := o.clock.in(tx)
	return commerce.Author{Customer: o.customer(customerID), User: exchangeOf(ctx).user, Now: now}, err
}

// buyer is the author of lines that are to be bought, with what the customer owns already where the lines ask for it.
func (o *operations) buyer(ctx context.Context, customerID string, lines []model.CartLineItem) (commerce.Author, error) {
	by := commerce.Author{Customer: o.customer(customerID), User: exchangeOf(ctx).user, Now: o.clock.now()}
	if !o.rules.NeedsOwned(lines) {
		return by, nil
	}
	for record, err := range orders(o.store.Orders(ctx, customerID)) {
		if err != nil {
			return by, err
		}
		by.Customer.Owned = append(by.Customer.Owned, record.Owned(by.Now)...)
	}
	return by, nil
}
