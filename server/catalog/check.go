package catalog

import (
	"slices"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// Contents is what one file says, before files are put together.
type Contents struct {
	Name                                  string
	Products, SKUs, Availabilities, Terms int
	Prices, Promotions                    int
	Markets                               []string // country and currency, such as "US USD", in their order
}

// Check reads files as Load does, and tells what is in each.
func Check(o Options) ([]Contents, error) {
	parts, err := o.read()
	if err != nil {
		return nil, err
	}
	all := make([]Contents, len(parts))
	for i, p := range parts {
		all[i] = p.contents() // now: putting them together changes them
	}
	_, err = merge(parts)
	return all, err
}

func (p part) contents() Contents {
	c := Contents{Name: p.name, Products: len(p.products), Promotions: len(p.promotions)}
	for _, product := range p.products {
		c.SKUs += len(product.SKUs)
		for _, sku := range product.SKUs {
			c.Availabilities += len(sku.Availabilities)
			for _, a := range sku.Availabilities {
				c.add(a)
			}
		}
	}
	slices.Sort(c.Markets)
	c.Markets = slices.Compact(c.Markets)
	return c
}

func (c *Contents) add(a commerce.Availability) {
	c.Markets = append(c.Markets, a.Country+" "+a.Currency)
	c.Terms += len(a.Terms)
	for _, t := range a.Terms {
		c.Prices += len(t.Prices)
	}
}
