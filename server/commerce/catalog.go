package commerce

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Kind says what sort of product an item is; some rules ask for it.
type Kind string

// The kinds of products that the documents sell.
const (
	KindAzure       Kind = "azure"       // a legacy Azure subscription (MS-AZR-…)
	KindReservation Kind = "reservation" // an Azure reservation
	KindSoftware    Kind = "software"    // perpetual software, which has no term
	KindSaaS        Kind = "saas"        // a marketplace SaaS subscription, trials too
	KindLicense     Kind = "license"     // a new-commerce licence-based service
)

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool {
	switch k {
	case KindAzure, KindReservation, KindSoftware, KindSaaS, KindLicense:
		return true
	}
	return false
}

// PurchaseSystem is what sells a product (CART-GROUP, ORDER-ID).
type PurchaseSystem string

// The purchase systems.
const (
	Legacy PurchaseSystem = "legacy" // MS-AZR-… and GUID offers
	Modern PurchaseSystem = "modern" // all else
)

// Product is one product of the catalogue with its SKUs. A legacy offer is a product whose only SKU and availability
// have no id: its product id alone is the catalogue item id.
type Product struct {
	ID             string
	Title          string
	Kind           Kind
	PurchaseSystem PurchaseSystem
	Subscription   bool // whether buying it makes a subscription (ORDER-SUBSCRIPTION)
	SKUs           []SKU
}

// Legacy reports whether the legacy purchase system sells the product.
func (p *Product) Legacy() bool { return p.PurchaseSystem == Legacy }

// SKU is one variant of a product.
type SKU struct {
	ID              string
	Title           string
	MinimumQuantity int32
	MaximumQuantity int32
	Availabilities  []Availability
}

// Availability is a SKU as it is sold in one market.
type Availability struct {
	ID             string
	Country        string // ISO 3166, two letters
	Currency       string // ISO 4217
	CurrencySymbol string
	Terms          []Term
}

// Term is one way to buy an availability.
type Term struct {
	Duration     string // ISO 8601; empty where the item has no term
	BillingCycle model.BillingCycle
	ListPrice    *decimal.Decimal // of one unit and billing period; nil where the documents print none
}

// Item is a catalogue item: an availability with its SKU and product.
type Item struct {
	Product      *Product
	SKU          *SKU
	Availability *Availability
}

// CatalogItemID gives the id by which a cart line names the item, product:sku:availability.
func (i Item) CatalogItemID() string {
	if i.SKU.ID == "" {
		return i.Product.ID
	}
	return i.Product.ID + ":" + i.SKU.ID + ":" + i.Availability.ID
}

// term gives the way to buy the item for this duration and billing cycle. The second result tells whether any way has
// the duration at all.
func (i Item) term(duration string, cycle model.BillingCycle) (term *Term, hasDuration bool) {
	for n := range i.Availability.Terms {
		if t := &i.Availability.Terms[n]; t.Duration == duration {
			if t.BillingCycle == cycle {
				return t, true
			}
			hasDuration = true
		}
	}
	return nil, hasDuration
}

// Catalog is what can be bought. It does not change once it is made and may be used by many at once.
type Catalog struct {
	items map[string]Item // by lower-case catalogue item id
}

// NewCatalog makes a catalogue of these products. Where two name the same item, the later one holds. It refuses
// products that no rule could work with.
func NewCatalog(products []Product) (*Catalog, error) {
	c := &Catalog{items: make(map[string]Item)}
	for p := range products {
		for s := range products[p].SKUs {
			for a := range products[p].SKUs[s].Availabilities {
				item := Item{&products[p], &products[p].SKUs[s], &products[p].SKUs[s].Availabilities[a]}
				if err := item.check(); err != nil {
					return nil, fmt.Errorf("catalogue item %s: %w", item.CatalogItemID(), err)
				}
				c.items[strings.ToLower(item.CatalogItemID())] = item
			}
		}
	}
	return c, nil
}

// Find gives the item of this catalogue item id, read in any case.
func (c *Catalog) Find(catalogItemID string) (Item, bool) {
	item, ok := c.items[strings.ToLower(catalogItemID)]
	return item, ok
}

// check tells what is wrong with an item, if anything.
func (i Item) check() error {
	switch {
	case i.Product.ID == "":
		return fmt.Errorf("the product has no id")
	case !i.Product.Kind.Valid():
		return fmt.Errorf("kind %q is unknown", i.Product.Kind)
	case i.Product.PurchaseSystem != Legacy && i.Product.PurchaseSystem != Modern:
		return fmt.Errorf("purchase system %q is neither legacy nor modern", i.Product.PurchaseSystem)
	case i.SKU.MinimumQuantity < 1 || i.SKU.MaximumQuantity < i.SKU.MinimumQuantity:
		return fmt.Errorf("quantities %d to %d are no range from 1", i.SKU.MinimumQuantity, i.SKU.MaximumQuantity)
	case len(i.Availability.Terms) == 0:
		return fmt.Errorf("it has no terms")
	}
	for _, t := range i.Availability.Terms {
		if _, ok := months(t.Duration); !ok {
			return fmt.Errorf("term duration %q is none of P1M, P1Y, P3Y", t.Duration)
		}
		if !t.BillingCycle.Valid() {
			return fmt.Errorf("billing cycle %q is unknown", t.BillingCycle)
		}
	}
	return nil
}
