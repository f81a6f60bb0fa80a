package commerce

import (
	"slices"
	"strconv"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// assignOrderGroups names the order group of each line that can be bought (CART-GROUP). Lines are grouped by purchase
// system and billing cycle, in order of first appearance: OMS-0, OMS-1, … for the legacy system, 0, 1, … for the modern
// one. Lines of several currencies are grouped by these too, since an order has one. An add-on belongs to the group of its
// base.
func assignOrderGroups(lines []model.CartLineItem, catalog *Catalog) {
	var legacy, modern []groupKey
	for i := range lines {
		line := &lines[i]
		item, ok := catalog.Find(line.CatalogItemID)
		if line.Error != nil || !ok {
			continue
		}
		if item.Product.Kind.Legacy() {
			line.OrderGroup = "OMS-" + number(&legacy, groupKey{line.BillingCycle, line.CurrencyCode})
		} else {
			line.OrderGroup = number(&modern, groupKey{line.BillingCycle, line.CurrencyCode})
		}
		for _, addon := range eachLine(line.AddonItems) {
			if addon.Error == nil {
				addon.OrderGroup = line.OrderGroup
			}
		}
	}
}

// groupKey is what all lines of an order have in common, beside the purchase system.
type groupKey struct {
	cycle    model.BillingCycle
	currency string
}

// number gives the position of a key among those seen, and adds it if it is new.
func number(seen *[]groupKey, key groupKey) string {
	i := slices.Index(*seen, key)
	if i < 0 {
		i = len(*seen)
		*seen = append(*seen, key)
	}
	return strconv.Itoa(i)
}

// orderGroup is the lines that become one order, add-ons after their base.
type orderGroup struct {
	name  string
	lines []groupLine
}

// groupLine is a line of an order group, and the line in the same group whose add-on it is, or -1.
type groupLine struct {
	*model.CartLineItem
	base int
}

// orderGroups gives the groups of a cart in order of first appearance.
func orderGroups(lines []model.CartLineItem) []orderGroup {
	var groups []orderGroup
	for i := range lines {
		n := slices.IndexFunc(groups, func(g orderGroup) bool { return g.name == lines[i].OrderGroup })
		if n < 0 {
			n = len(groups)
			groups = append(groups, orderGroup{name: lines[i].OrderGroup})
		}
		groups[n].add(&lines[i], -1)
	}
	return groups
}

// add adds a line and its add-ons.
func (g *orderGroup) add(line *model.CartLineItem, base int) {
	at := len(g.lines)
	g.lines = append(g.lines, groupLine{line, base})
	for i := range line.AddonItems {
		g.add(&line.AddonItems[i], at)
	}
}
