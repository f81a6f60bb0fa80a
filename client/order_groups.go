package client

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// clockSkew is how much the clocks of the service may differ.
const clockSkew = time.Minute

// groupsOf gives the order groups of a cart in their order (CART-GROUP).
func groupsOf(cart *Cart) (groups []string) {
	for _, line := range cart.LineItems {
		if !slices.Contains(groups, line.OrderGroup) {
			groups = append(groups, line.OrderGroup)
		}
	}
	return groups
}

// linesOf gives the lines of an order group.
func linesOf(lines []CartLineItem, group string) (of []CartLineItem) {
	for _, line := range lines {
		if line.OrderGroup == group {
			of = append(of, line)
		}
	}
	return of
}

// buys tells whether an order has just these lines.
func buys(order *Order, lines []CartLineItem) bool {
	if len(lines) == 0 || order.BillingCycle != lines[0].BillingCycle {
		return false
	}
	bought := make([]string, len(order.LineItems))
	for i, line := range order.LineItems {
		bought[i] = fmt.Sprintf("%s %d", strings.ToLower(line.OfferID), line.Quantity)
	}
	wanted := wants(lines)
	slices.Sort(bought)
	slices.Sort(wanted)
	return slices.Equal(bought, wanted)
}

// wants gives what lines and their add-ons are to buy.
func wants(lines []CartLineItem) (items []string) {
	for _, line := range lines {
		items = append(items, fmt.Sprintf("%s %d", strings.ToLower(line.CatalogItemID), line.Quantity))
		items = append(items, wants(line.AddonItems)...)
	}
	return items
}
