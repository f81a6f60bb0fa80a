package commerce

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Product is one product of the catalogue with its SKUs.
type Product struct {
	ID          string
	Title       string
	Description string
	Publisher   string // where it is left out, Microsoft Corporation
	Kind        Kind
	SKUs        []SKU
}

// SKU is one variant of a product. A legacy offer is a SKU whose id is that of the offer.
type SKU struct {
	ID              string
	Title           string
	Description     string
	MinimumQuantity int32 // where it is 0, 1
	MaximumQuantity int32 // where it is 0, DefaultMaximumQuantity
	Trial           *bool // whether it is one; where it is nil, not
	// Prerequisites are the bases of an add-on, of which the customer must have one or buy one with it: product:sku of a
	// licence, the id of a legacy offer. Empty for what is no add-on.
	Prerequisites []string
	// ProvisioningVariables are what a line's provisioningContext must have: Scope, SubscriptionId, Duration.
	ProvisioningVariables []string
	EnforceAttestation    *bool           // whether a line must say attestationAccepted; where it is nil, not
	MinimumCommitment     decimal.Decimal // of a savings plan, per hour
	Behavior              Behavior
	Availabilities        []Availability
}

// DefaultMaximumQuantity is how many of a SKU can be bought at once where the catalogue does not say. Price lists do not.
const DefaultMaximumQuantity = 10_000

// Availability is a SKU as it is sold in one market to one segment.
type Availability struct {
	ID             string // empty for a legacy offer
	Country        string // ISO 3166, two letters
	Currency       string // ISO 4217
	CurrencySymbol string // where it is empty, the currency
	Segment        string // commercial, education, government or nonprofit; where it is empty, commercial
	Terms          []Term
}

// Term is one way to buy an availability.
type Term struct {
	Duration     string // ISO 8601; empty where the item has no term
	BillingCycle model.BillingCycle
	// Prices are those of one unit and billing period. None where the documents print none: the item can be bought and its
	// price is not known. With prices, the term is offered while one of them holds.
	Prices []Price
}

// Price is what a unit costs in a tier of quantities and for some time.
type Price struct {
	Amount   decimal.Decimal
	Min, Max int32     // the tier, both included; 0 for no limit
	From, To time.Time // from the one until before the other; zero for no limit
}

// Promotion is a discount on one SKU, bought in one way.
type Promotion struct {
	ID                 string
	Name               string
	Product, SKU       string
	Duration           string
	BillingCycle       model.BillingCycle
	Discount           decimal.Decimal // the part that is taken off, 0.05 for five percent
	Automatic          bool            // applied without being asked for
	MinSeats, MaxSeats int32           // 0 for no limit
	From, To           time.Time       // zero for no limit
}

// Behavior is what an item does instead of being bought and provisioned as usual (CHECKOUT-MAGIC).
type Behavior string

// The behaviors of items.
const (
	Usual                Behavior = "usual"                   // what an item does that has none; for a file that takes one back
	FailsAlways          Behavior = "fails_always"            // its order group fails at every checkout
	FailsOnce            Behavior = "fails_once"              // its order group fails at the first checkout of a cart
	NeverProvisioned     Behavior = "never_provisioned"       // its order stays pending
	ProvisionedAfterADay Behavior = "provisioned_after_a_day" // 24 hours after the order
	PendingReview        Behavior = "pending_review"          // its order goes into review and stays there
	PendingPOUpload      Behavior = "pending_po_upload"       // its order waits for a purchase order
)

var behaviors = []Behavior{"", Usual, FailsAlways, FailsOnce, NeverProvisioned, ProvisionedAfterADay, PendingReview, PendingPOUpload}

// Item is a catalogue item: an availability with its SKU and product.
type Item struct {
	Product      *Product
	SKU          *SKU
	Availability *Availability
}

// CatalogItemID gives the id by which a cart line names the item: product:sku:availability, or the id of a legacy offer.
func (i Item) CatalogItemID() string {
	if i.Product.Kind.Legacy() {
		return i.SKU.ID
	}
	return i.Product.ID + ":" + i.SKU.ID + ":" + i.Availability.ID
}

// offered gives the terms in which the item is sold at now.
func (i Item) offered(now time.Time) []Term {
	over := func(t Term) bool {
		return len(t.Prices) > 0 && !slices.ContainsFunc(t.Prices, func(p Price) bool { return holds(p.From, p.To, now) })
	}
	if !slices.ContainsFunc(i.Availability.Terms, over) {
		return i.Availability.Terms
	}
	return slices.DeleteFunc(slices.Clone(i.Availability.Terms), over)
}

// holds reports whether now lies from one instant until before another, where a zero time is no limit.
func holds(from, to, now time.Time) bool {
	return !now.Before(from) && (to.IsZero() || now.Before(to))
}

// Catalog is what can be bought. It does not change once it is made and may be used by many at once.
type Catalog struct {
	products   []*Product
	byProduct  map[string]*Product    // by lower-case id
	items      map[string]Item        // by lower-case catalogue item id
	promotions map[string][]Promotion // by lower-case product:sku
}

// NewCatalog makes a catalogue of these products and promotions. Where two name the same product, SKU, availability or
// promotion, what the later one says holds. It refuses items that no rule could work with.
func NewCatalog(products []Product, promotions []Promotion) (*Catalog, error) {
	c := &Catalog{
		byProduct:  make(map[string]*Product, len(products)),
		items:      make(map[string]Item, len(products)),
		promotions: make(map[string][]Promotion, len(promotions)),
	}
	for _, p := range products {
		c.addProduct(p)
	}
	for _, p := range c.products {
		if err := c.addItems(p); err != nil {
			return nil, err
		}
	}
	for _, p := range promotions {
		if err := c.addPromotion(p); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// addProduct adds a product, or what it says to the product of the same id.
func (c *Catalog) addProduct(p Product) {
	key := strings.ToLower(p.ID)
	known, ok := c.byProduct[key]
	if !ok {
		skus := p.SKUs
		p.SKUs = nil
		known = &p
		c.byProduct[key] = known
		c.products = append(c.products, known)
		known.SKUs = mergeSKUs(nil, skus)
		return
	}
	known.Title = cmp.Or(p.Title, known.Title)
	known.Description = cmp.Or(p.Description, known.Description)
	known.Publisher = cmp.Or(p.Publisher, known.Publisher)
	known.Kind = cmp.Or(p.Kind, known.Kind)
	known.SKUs = mergeSKUs(known.SKUs, p.SKUs)
}

func mergeSKUs(known, more []SKU) []SKU {
	position := make(map[string]int, len(known)+len(more))
	for i, s := range known {
		position[strings.ToLower(s.ID)] = i
	}
	for _, s := range more {
		i, ok := position[strings.ToLower(s.ID)]
		if !ok {
			position[strings.ToLower(s.ID)] = len(known)
			known = append(known, s)
			continue
		}
		known[i] = mergeSKU(known[i], s)
	}
	return known
}

func mergeSKU(a, b SKU) SKU {
	a.Title = cmp.Or(b.Title, a.Title)
	a.Description = cmp.Or(b.Description, a.Description)
	a.MinimumQuantity = cmp.Or(b.MinimumQuantity, a.MinimumQuantity)
	a.MaximumQuantity = cmp.Or(b.MaximumQuantity, a.MaximumQuantity)
	a.Trial = cmp.Or(b.Trial, a.Trial)
	a.EnforceAttestation = cmp.Or(b.EnforceAttestation, a.EnforceAttestation)
	a.Behavior = cmp.Or(b.Behavior, a.Behavior)
	if b.Prerequisites != nil {
		a.Prerequisites = b.Prerequisites
	}
	if b.ProvisioningVariables != nil {
		a.ProvisioningVariables = b.ProvisioningVariables
	}
	if !b.MinimumCommitment.IsZero() {
		a.MinimumCommitment = b.MinimumCommitment
	}
	for _, availability := range b.Availabilities {
		same := func(x Availability) bool {
			return strings.EqualFold(x.ID, availability.ID) && strings.EqualFold(x.Country, availability.Country)
		}
		if i := slices.IndexFunc(a.Availabilities, same); i >= 0 {
			a.Availabilities[i] = availability
			continue
		}
		a.Availabilities = append(a.Availabilities, availability)
	}
	return a
}

// addItems completes a product and makes its items known by their ids.
func (c *Catalog) addItems(p *Product) error {
	p.Publisher = cmp.Or(p.Publisher, "Microsoft Corporation")
	p.Description = cmp.Or(p.Description, p.Title)
	for s := range p.SKUs {
		sku := &p.SKUs[s]
		sku.Title = cmp.Or(sku.Title, p.Title)
		sku.Description = cmp.Or(sku.Description, sku.Title)
		sku.MinimumQuantity = cmp.Or(sku.MinimumQuantity, 1)
		sku.MaximumQuantity = cmp.Or(sku.MaximumQuantity, max(DefaultMaximumQuantity, sku.MinimumQuantity))
		for a := range sku.Availabilities {
			availability := &sku.Availabilities[a]
			availability.CurrencySymbol = cmp.Or(availability.CurrencySymbol, availability.Currency)
			availability.Segment = cmp.Or(availability.Segment, "commercial")
			item := Item{p, sku, availability}
			if err := item.check(); err != nil {
				return fmt.Errorf("catalogue item %s: %w", item.CatalogItemID(), err)
			}
			c.items[strings.ToLower(item.CatalogItemID())] = item
		}
	}
	return nil
}

func (c *Catalog) addPromotion(p Promotion) error {
	if p.ID == "" || p.Discount.IsNegative() || p.Discount.GreaterThan(decimal.NewFromInt(1)) {
		return fmt.Errorf("promotion %q: it needs an id and a discount from 0 to 1", p.ID)
	}
	key := strings.ToLower(p.Product + ":" + p.SKU)
	known := slices.DeleteFunc(c.promotions[key], func(x Promotion) bool { return strings.EqualFold(x.ID, p.ID) })
	c.promotions[key] = append(known, p)
	return nil
}

// Find gives the item of this catalogue item id, read in any case.
func (c *Catalog) Find(catalogItemID string) (Item, bool) {
	var lower [64]byte // where it has room no string is made
	item, ok := c.items[string(appendLower(lower[:0], catalogItemID))]
	return item, ok
}

// promotionsOf gives the promotions on a SKU.
func (c *Catalog) promotionsOf(i Item) []Promotion {
	var lower [64]byte
	key := append(appendLower(lower[:0], i.Product.ID), ':')
	return c.promotions[string(appendLower(key, i.SKU.ID))]
}

// appendLower appends a text in lower case.
func appendLower(to []byte, text string) []byte {
	for i := range len(text) {
		b := text[i]
		if b >= utf8.RuneSelf {
			return append(to, strings.ToLower(text[i:])...)
		}
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		to = append(to, b)
	}
	return to
}

// check tells what is wrong with an item, if anything.
func (i Item) check() error {
	switch {
	case i.Product.ID == "":
		return errors.New("the product has no id")
	case i.SKU.ID == "":
		return errors.New("the SKU has no id")
	case i.Availability.ID == "" && !i.Product.Kind.Legacy():
		return errors.New("the availability has no id")
	case !i.Product.Kind.Valid():
		return fmt.Errorf("kind %q is unknown", i.Product.Kind)
	case !slices.Contains(behaviors, i.SKU.Behavior):
		return fmt.Errorf("behavior %q is unknown", i.SKU.Behavior)
	case i.SKU.MinimumQuantity < 1 || i.SKU.MaximumQuantity < i.SKU.MinimumQuantity:
		return fmt.Errorf("quantities %d to %d are no range from 1", i.SKU.MinimumQuantity, i.SKU.MaximumQuantity)
	case len(i.Availability.Country) != 2 || len(i.Availability.Currency) != 3:
		return fmt.Errorf("country %q and currency %q are not ISO 3166 and ISO 4217", i.Availability.Country, i.Availability.Currency)
	case !slices.Contains(Segments, i.Availability.Segment):
		return fmt.Errorf("segment %q is none of %q", i.Availability.Segment, Segments)
	case len(i.Availability.Terms) == 0:
		return errors.New("it has no terms")
	}
	for _, t := range i.Availability.Terms {
		_, ok := months(t.Duration)
		switch {
		case !ok:
			return fmt.Errorf("term duration %q is none of P1M, P1Y, P3Y", t.Duration)
		case !t.BillingCycle.Valid():
			return fmt.Errorf("billing cycle %q is unknown", t.BillingCycle)
		case t.Duration != "" && BillingPeriods(t.Duration, t.BillingCycle) == 0:
			return fmt.Errorf("a term of %s is not billed %s", t.Duration, t.BillingCycle)
		case t.Duration != "" && !kinds[i.Product.Kind].hasTerm || t.Duration == "" && !kinds[i.Product.Kind].hasNoTerm:
			return fmt.Errorf("what is of kind %s is not sold with the term %q", i.Product.Kind, t.Duration)
		}
	}
	return nil
}
