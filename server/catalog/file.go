package catalog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// The words of our own form. catalog.schema.json has the same, which a test compares.
var (
	kinds = []string{
		string(commerce.KindAzure), string(commerce.KindOffer), string(commerce.KindReservation),
		string(commerce.KindSoftware), string(commerce.KindSoftwareSubscription), string(commerce.KindSaaS),
		string(commerce.KindLicense), string(commerce.KindSavingsPlan), string(commerce.KindAzurePlan),
	}
	behaviors = []string{
		string(commerce.Usual), string(commerce.FailsAlways), string(commerce.FailsOnce), string(commerce.NeverProvisioned),
		string(commerce.ProvisionedAfterADay), string(commerce.PendingReview), string(commerce.PendingPOUpload),
	}
	cycles = []string{
		string(model.BillingCycleMonthly), string(model.BillingCycleAnnual), string(model.BillingCycleBiennial),
		string(model.BillingCycleTriennial), string(model.BillingCycleOneTime), string(model.BillingCycleNone),
	}
	durations             = []string{"P1M", "P1Y", "P3Y"}
	provisioningVariables = []string{"Scope", "SubscriptionId", "Duration"}
)

// readFile reads a file in our own form.
func readFile(name string, root *yaml.Node) (part, error) {
	f := &form{name: name}
	p := part{name: name}
	top := f.object(root, "")
	m := readMarket(top.child("market"), market{})
	seen := make(map[string]bool)
	for _, o := range top.children("products") {
		product := readProduct(o, m)
		o.once(seen, product.ID)
		p.products = append(p.products, product)
		p.places = append(p.places, fmt.Sprintf("%s:%d:%d", name, o.node.Line, o.node.Column))
	}
	seen = make(map[string]bool)
	for _, o := range top.children("promotions") {
		promotion := readPromotion(o)
		o.once(seen, promotion.ID)
		p.promotions = append(p.promotions, promotion)
	}
	top.done()
	if f.err != nil {
		return part{}, f.err
	}
	return p, nil
}

// market is where and to whom something is sold.
type market struct {
	country, currency, symbol, segment string
}

// readMarket reads a market, of which the default says what is left out. A symbol goes with its currency.
func readMarket(o *object, otherwise market) market {
	m := market{
		country:  cmp.Or(o.code("country", 2), otherwise.country),
		currency: o.code("currency", 3),
		symbol:   o.text("currencySymbol"),
		segment:  cmp.Or(o.word("segment", commerce.Segments...), otherwise.segment),
	}
	if m.currency == "" {
		m.currency, m.symbol = otherwise.currency, cmp.Or(m.symbol, otherwise.symbol)
	}
	o.done()
	return m
}

func readProduct(o *object, m market) commerce.Product {
	p := commerce.Product{
		ID:          o.id("id"),
		Title:       o.text("title"),
		Description: o.text("description"),
		Publisher:   o.text("publisher"),
		Kind:        commerce.Kind(o.word("kind", kinds...)),
	}
	seen := make(map[string]bool)
	for _, child := range o.children("skus") {
		sku := readSKU(child, p.Kind, m)
		child.once(seen, sku.ID)
		p.SKUs = append(p.SKUs, sku)
	}
	o.done("id")
	return p
}

var baseText = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}(:[0-9A-Za-z._-]{1,64})?$`)

func readSKU(o *object, kind commerce.Kind, m market) commerce.SKU {
	s := commerce.SKU{
		ID:                    o.id("id"),
		Title:                 o.text("title"),
		Description:           o.text("description"),
		Trial:                 o.flag("trial"),
		Prerequisites:         o.texts("prerequisites"),
		ProvisioningVariables: o.texts("provisioningVariables"),
		EnforceAttestation:    o.flag("enforceAttestation"),
		MinimumCommitment:     o.amount("minimumCommitment"),
		Behavior:              commerce.Behavior(o.word("behavior", behaviors...)),
	}
	s.MinimumQuantity, s.MaximumQuantity = o.limits("minimumQuantity", "maximumQuantity")
	for _, base := range s.Prerequisites {
		if !baseText.MatchString(base) {
			o.refuse("prerequisites", "%q is neither product:sku nor the id of a legacy offer", base)
		}
	}
	for _, variable := range s.ProvisioningVariables {
		if !slices.Contains(provisioningVariables, variable) {
			o.refuse("provisioningVariables", "%q is none of %s", variable, strings.Join(provisioningVariables, ", "))
		}
	}
	seen := make(map[string]bool)
	for _, child := range o.children("availabilities") {
		a := readAvailability(child, kind, m)
		child.once(seen, a.ID+" in "+a.Country)
		s.Availabilities = append(s.Availabilities, a)
	}
	o.done("id")
	return s
}

func readAvailability(o *object, kind commerce.Kind, otherwise market) commerce.Availability {
	a := commerce.Availability{ID: o.id("id")}
	m := readMarket(o.child("market"), otherwise)
	a.Country, a.Currency, a.CurrencySymbol, a.Segment = m.country, m.currency, m.symbol, m.segment
	if a.Country == "" || a.Currency == "" {
		o.refuse("market", "neither it nor the market at the top of the file says country and currency")
	}
	if kind.Legacy() && a.ID != "" {
		o.refuse("id", "an availability of a legacy offer has no id")
	}
	seen := make(map[string]bool)
	for _, child := range o.children("terms") {
		t := readTerm(child)
		child.once(seen, t.Duration+" "+string(t.BillingCycle))
		a.Terms = append(a.Terms, t)
	}
	required := []string{"terms", "id"}
	if kind == "" || kind.Legacy() {
		required = required[:1]
	}
	o.done(required...)
	return a
}

func readTerm(o *object) commerce.Term {
	t := commerce.Term{
		Duration:     o.word("duration", durations...),
		BillingCycle: model.BillingCycle(o.word("billingCycle", cycles...)),
	}
	listPrice := o.amount("listPrice")
	for _, child := range o.children("prices") {
		t.Prices = append(t.Prices, readPrice(child))
	}
	if o.value("listPrice") != nil {
		if len(t.Prices) > 0 {
			o.refuse("listPrice", "it cannot stand beside prices")
		}
		t.Prices = []commerce.Price{{Amount: listPrice}}
	}
	o.done("billingCycle")
	return t
}

func readPrice(o *object) commerce.Price {
	p := commerce.Price{Amount: o.amount("amount")}
	p.Min, p.Max = o.limits("minimumQuantity", "maximumQuantity")
	p.From, p.To = o.period("from", "to")
	o.done("amount")
	return p
}

func readPromotion(o *object) commerce.Promotion {
	p := commerce.Promotion{
		ID:           o.text("id"),
		Name:         o.text("name"),
		Product:      o.id("product"),
		SKU:          o.id("sku"),
		Duration:     o.word("duration", durations...),
		BillingCycle: model.BillingCycle(o.word("billingCycle", cycles...)),
		Discount:     o.amount("discount"),
	}
	if automatic := o.flag("automatic"); automatic != nil {
		p.Automatic = *automatic
	}
	p.MinSeats, p.MaxSeats = o.limits("minimumSeats", "maximumSeats")
	p.From, p.To = o.period("from", "to")
	if p.Discount.GreaterThan(decimal.NewFromInt(1)) {
		o.refuse("discount", "%s is above 1", p.Discount)
	}
	o.done("id", "product", "sku", "billingCycle", "discount")
	return p
}
