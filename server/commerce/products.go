package commerce

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Window is the catalogue as one looks at it: in a country, for a segment, at an instant, and maybe for a customer
// (CATALOG).
type Window struct {
	CustomerID string // whose links a collection has; empty for the partner's own catalogue
	Country    string // ISO 3166, in any case
	Segment    string // in any case; empty for all but nonprofit
	Now        time.Time
	listing    bool // only lists look at segments: who knows an id can read what it names
}

// sells tells whether an availability can be seen.
func (w Window) sells(a Availability) bool {
	if !w.listing {
		return strings.EqualFold(w.Country, a.Country)
	}
	segment := a.Segment != "nonprofit"
	if w.Segment != "" {
		segment = strings.EqualFold(w.Segment, a.Segment)
	}
	return segment && strings.EqualFold(w.Country, a.Country)
}

// check refuses a segment that does not exist, with 400030.
func (w Window) check() error {
	if w.Segment != "" && !containsFold(Segments, w.Segment) {
		return &Error{Code: CodeTargetSegment, Description: fmt.Sprintf("Access to the requested targetSegment is not allowed: it is none of %s.", strings.Join(Segments, ", "))}
	}
	return nil
}

// self is the link of a collection.
func (w Window) self(view string, path ...string) model.CollectionLinks {
	if w.CustomerID != "" {
		path = append([]string{"customers", w.CustomerID}, path...)
	}
	l := inCountry(strings.ToUpper(w.Country), path...)
	if view != "" {
		l.URI += "&targetView=" + url.QueryEscape(view)
	}
	if w.Segment != "" {
		l.URI += "&targetSegment=" + url.QueryEscape(w.Segment)
	}
	return model.CollectionLinks{Self: l}
}

// emptyViews are the target views, lower case, under which no kind of product here falls.
var emptyViews = []string{"azurereservationssql", "azurereservationscosmosdb", "softwaresuselinux", "specializedoffers"}

// knowsView tells whether a target view exists.
func knowsView(view string) bool {
	return containsFold(emptyViews, view) ||
		slices.ContainsFunc(slices.Collect(maps.Values(kinds)), func(t traits) bool { return containsFold(t.targetViews, view) })
}

// Country is where the catalogue sells: the country of its first item. It is what a customer's is taken for who says none.
func (c *Catalog) Country() string {
	for _, p := range c.products {
		for _, s := range p.SKUs {
			for _, a := range s.Availabilities {
				return a.Country
			}
		}
	}
	return ""
}

// Products lists the products that can be seen and are of the kind that a target view is for; 400036 for one that does not
// exist, 400030 for such a segment.
func (c *Catalog) Products(w Window, view string) (model.ProductCollection, error) {
	if err := w.check(); err != nil {
		return model.ProductCollection{}, err
	}
	if !knowsView(view) {
		return model.ProductCollection{}, &Error{Code: CodeTargetView, Description: fmt.Sprintf("Access to the requested targetView is not allowed: %q does not exist.", view)}
	}
	w.listing = true
	items := []model.Product{}
	for _, p := range c.products {
		if containsFold(kinds[p.Kind].targetViews, view) && len(w.skus(p)) > 0 {
			items = append(items, w.product(p))
		}
	}
	return model.ProductCollection{
		TotalCount: int32(len(items)), Items: items, Links: w.self(view, "products"), Attributes: collection,
	}, nil
}

var collection = model.ResourceAttributes{ObjectType: "Collection"}

// Product gives a product; 400013 if it is not sold there.
func (c *Catalog) Product(w Window, id string) (model.Product, error) {
	p, err := c.product(w, id)
	if err != nil {
		return model.Product{}, err
	}
	return w.product(p), nil
}

func (c *Catalog) product(w Window, id string) (*Product, error) {
	p := c.byProduct[strings.ToLower(id)]
	if p == nil || len(w.skus(p)) == 0 {
		return nil, &Error{Code: CodeProductNotFound, Description: "Product was not found."}
	}
	return p, nil
}

// SKUs lists the SKUs of a product; 400013 and 400030.
func (c *Catalog) SKUs(w Window, productID string) (model.SKUCollection, error) {
	if err := w.check(); err != nil {
		return model.SKUCollection{}, err
	}
	p, err := c.product(w, productID)
	if err != nil {
		return model.SKUCollection{}, err
	}
	w.listing = true
	items := []model.SKU{}
	for _, s := range w.skus(p) {
		items = append(items, w.sku(p, s))
	}
	return model.SKUCollection{
		TotalCount: int32(len(items)), Items: items, Links: w.self("", "products", p.ID, "skus"), Attributes: collection,
	}, nil
}

// SKU gives a SKU; 400013 and 400018.
func (c *Catalog) SKU(w Window, productID, id string) (model.SKU, error) {
	p, s, err := c.sku(w, productID, id)
	if err != nil {
		return model.SKU{}, err
	}
	return w.sku(p, s), nil
}

func (c *Catalog) sku(w Window, productID, id string) (*Product, *SKU, error) {
	p, err := c.product(w, productID)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range w.skus(p) {
		if strings.EqualFold(s.ID, id) {
			return p, s, nil
		}
	}
	return nil, nil, &Error{Code: CodeSKUNotFound, Description: "SKU was not found."}
}

// Availabilities lists the availabilities of a SKU; 400013, 400018 and 400030.
func (c *Catalog) Availabilities(w Window, productID, skuID string) (model.AvailabilityCollection, error) {
	if err := w.check(); err != nil {
		return model.AvailabilityCollection{}, err
	}
	p, s, err := c.sku(w, productID, skuID)
	if err != nil {
		return model.AvailabilityCollection{}, err
	}
	w.listing = true
	items := []model.Availability{}
	for a := range s.Availabilities {
		if w.sells(s.Availabilities[a]) {
			items = append(items, w.availability(Item{p, s, &s.Availabilities[a]}))
		}
	}
	return model.AvailabilityCollection{
		TotalCount: int32(len(items)), Items: items,
		Links: w.self("", "products", p.ID, "skus", s.ID, "availabilities"), Attributes: collection,
	}, nil
}

// Availability gives an availability; 400013, 400018 and 400019.
func (c *Catalog) Availability(w Window, productID, skuID, id string) (model.Availability, error) {
	p, s, err := c.sku(w, productID, skuID)
	if err != nil {
		return model.Availability{}, err
	}
	for a := range s.Availabilities {
		item := Item{p, s, &s.Availabilities[a]}
		if w.sells(*item.Availability) && strings.EqualFold(item.availabilityID(), id) {
			return w.availability(item), nil
		}
	}
	return model.Availability{}, &Error{Code: CodeAvailabilityNotFound, Description: "Availability was not found."}
}

// Offer gives what the legacy purchase system sells under an id; 400013 if it sells nothing.
func (c *Catalog) Offer(w Window, id string) (model.Offer, error) {
	item, ok := c.Find(id)
	if !ok || !item.Product.Kind.Legacy() || !w.sells(*item.Availability) {
		return model.Offer{}, &Error{Code: CodeProductNotFound, Description: "Offer was not found."}
	}
	self := inCountry(item.Availability.Country, "offers", item.SKU.ID)
	subscription := kinds[item.Product.Kind].subscription
	return model.Offer{
		ID: item.SKU.ID, Name: item.SKU.Title, Description: item.SKU.Description,
		MinimumQuantity: item.SKU.MinimumQuantity, MaximumQuantity: item.SKU.MaximumQuantity,
		Country:            item.Availability.Country,
		PrerequisiteOffers: item.SKU.Prerequisites, IsAddOn: len(item.SKU.Prerequisites) > 0,
		IsAvailableForPurchase: len(item.offered(w.Now)) > 0,
		Billing:                subscription.billingType, IsAutoRenewable: subscription.autoRenew, UnitType: subscription.unitType,
		Product:    model.OfferProduct{ID: item.Product.ID, Name: item.Product.Title, Unit: subscription.unitType},
		Links:      model.OfferLinks{Self: &self},
		Attributes: model.ResourceAttributes{ObjectType: "Offer"},
	}, nil
}

// skus gives the SKUs of a product that can be seen.
func (w Window) skus(p *Product) []*SKU {
	var out []*SKU
	for s := range p.SKUs {
		if slices.ContainsFunc(p.SKUs[s].Availabilities, w.sells) {
			out = append(out, &p.SKUs[s])
		}
	}
	return out
}

func (w Window) product(p *Product) model.Product {
	country := strings.ToUpper(w.Country)
	return model.Product{
		ID: p.ID, Title: p.Title, Description: p.Description, ProductType: *p.Kind.itemType(),
		IsMicrosoftProduct: p.Kind != KindSaaS, PublisherName: p.Publisher,
		Links: model.ProductLinks{
			Skus: inCountry(country, "products", p.ID, "skus"),
			Self: inCountry(country, "products", p.ID),
		},
	}
}

func (k Kind) itemType() *model.ItemType {
	t := kinds[k]
	out := model.ItemType{ID: t.productType, DisplayName: t.productType}
	if t.subType != "" {
		out.SubType = &model.ItemSubType{ID: t.subType, DisplayName: t.subType}
	}
	return &out
}

func (w Window) sku(p *Product, s *SKU) model.SKU {
	country := strings.ToUpper(w.Country)
	out := model.SKU{
		ID: s.ID, ProductID: p.ID, Title: s.Title, Description: s.Description,
		MinimumQuantity: s.MinimumQuantity, MaximumQuantity: s.MaximumQuantity, IsTrial: isTrue(s.Trial),
		SupportedBillingCycles: w.cycles(p, s),
		PurchasePrerequisites:  []string{"MicrosoftCloudAgreement"},
		InventoryVariables:     []string{},
		ProvisioningVariables:  append([]string{}, s.ProvisioningVariables...),
		DynamicAttributes:      model.SKUDynamicAttributes{IsMicrosoftProduct: p.Kind != KindSaaS},
		Links: model.SKULinks{
			Availabilities: inCountry(country, "products", p.ID, "skus", s.ID, "availabilities"),
			Self:           inCountry(country, "products", p.ID, "skus", s.ID),
		},
	}
	switch p.Kind {
	case KindReservation:
		out.PurchasePrerequisites = []string{"AzureSubscriptionRegistration", "InventoryCheck"}
		out.InventoryVariables = []string{"CustomerId", "AzureSubscriptionId"}
	case KindAzurePlan:
		out.PurchasePrerequisites = []string{"MicrosoftCustomerAgreement"}
	case KindLicense, KindOffer:
		addon := len(s.Prerequisites) > 0
		out.DynamicAttributes.IsAddon, out.DynamicAttributes.PrerequisiteSkus = &addon, s.Prerequisites
	}
	if !s.MinimumCommitment.IsZero() {
		currency := s.Availabilities[slices.IndexFunc(s.Availabilities, w.sells)]
		out.MinimumPurchaseCommitment = &model.MinimumPurchaseCommitment{
			Grain: "Hourly", Amount: s.MinimumCommitment.String(),
			CurrencyCode: model.Currency{Code: currency.Currency, Symbol: currency.CurrencySymbol},
		}
	}
	if isTrue(s.EnforceAttestation) {
		out.AttestationProperties = &model.AttestationProperties{AttestationType: s.Title, EnforceAttestation: true}
	}
	return out
}

// cycles gives the billing cycles in which a SKU is sold, each once.
func (w Window) cycles(p *Product, s *SKU) []model.BillingCycle {
	out := []model.BillingCycle{}
	for a := range s.Availabilities {
		if !w.sells(s.Availabilities[a]) {
			continue
		}
		for _, t := range (Item{p, s, &s.Availabilities[a]}).offered(w.Now) {
			if !slices.Contains(out, t.BillingCycle) {
				out = append(out, t.BillingCycle)
			}
		}
	}
	return out
}

// availabilityID is the id under which an availability is found; that of a legacy offer, which has none, is the offer's.
func (i Item) availabilityID() string {
	if i.Availability.ID == "" {
		return i.SKU.ID
	}
	return i.Availability.ID
}

func (w Window) availability(i Item) model.Availability {
	terms := i.offered(w.Now)
	product, sku, subscription := w.product(i.Product), w.sku(i.Product, i.SKU), kinds[i.Product.Kind].subscription
	out := model.Availability{
		ID: i.availabilityID(), ProductID: i.Product.ID, SKUID: i.SKU.ID, CatalogItemID: i.CatalogItemID(),
		DefaultCurrency: model.Currency{Code: i.Availability.Currency, Symbol: i.Availability.CurrencySymbol},
		Segment:         i.Availability.Segment,
		Country:         i.Availability.Country,
		IsPurchasable:   len(terms) > 0,
		IsRenewable:     subscription != nil && !subscription.endless,
		Terms:           []model.Term{},
		Links: model.AvailabilityLinks{Self: inCountry(strings.ToUpper(w.Country),
			"products", i.Product.ID, "skus", i.SKU.ID, "availabilities", i.availabilityID())},
		Product: &product, SKU: &sku,
	}
	for _, t := range terms {
		out.Terms = append(out.Terms, model.Term{Duration: t.Duration, Description: t.describe(), BillingCycle: &t.BillingCycle})
	}
	return out
}

func (t Term) describe() string {
	length := map[string]string{"P1M": "1 month", "P1Y": "1 year", "P3Y": "3 years"}[t.Duration]
	if length == "" {
		length = "no term"
	}
	return length + ", billed " + strings.ReplaceAll(string(t.BillingCycle), "_", " ")
}
