package commerce

import (
	"slices"
	"strconv"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// assignOrderGroups names the order group of each line that can be bought (CART-GROUP). Lines are grouped by purchase
// system and billing cycle, in order of first appearance: OMS-0, OMS-1, … for the legacy system, 0, 1, … for the modern
// one. An add-on belongs to the group of its base.
func assignOrderGroups(lines []model.CartLineItem, catalog *Catalog) {
	var legacy, modern []model.BillingCycle
	for i := range lines {
		line := &lines[i]
		item, ok := catalog.Find(line.CatalogItemID)
		if line.Error != nil || !ok {
			continue
		}
		if item.Product.Kind.Legacy() {
			line.OrderGroup = "OMS-" + number(&legacy, line.BillingCycle)
		} else {
			line.OrderGroup = number(&modern, line.BillingCycle)
		}
		for _, addon := range eachLine(line.AddonItems) {
			if addon.Error == nil {
				addon.OrderGroup = line.OrderGroup
			}
		}
	}
}

// number gives the position of a billing cycle among those seen, and adds it if it is new.
func number(seen *[]model.BillingCycle, cycle model.BillingCycle) string {
	i := slices.Index(*seen, cycle)
	if i < 0 {
		i = len(*seen)
		*seen = append(*seen, cycle)
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
