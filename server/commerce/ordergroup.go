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
		if item.Product.Legacy() {
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
	lines []*model.CartLineItem
}

// orderGroups gives the groups of a cart in order of first appearance.
func orderGroups(lines []model.CartLineItem) []orderGroup {
	var groups []orderGroup
	for _, line := range eachLine(lines) {
		i := slices.IndexFunc(groups, func(g orderGroup) bool { return g.name == line.OrderGroup })
		if i < 0 {
			i = len(groups)
			groups = append(groups, orderGroup{name: line.OrderGroup})
		}
		groups[i].lines = append(groups[i].lines, line)
	}
	return groups
}
