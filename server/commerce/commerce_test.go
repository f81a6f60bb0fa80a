package commerce_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// The catalogue of these tests: items of each kind, with neighbours on every side.
const (
	azure        = "MS-AZR-0145P"
	offer        = "91FD106F-4B2C-4938-95AC-F54F74E9A239" // a legacy licence, monthly or annual, 1 to 300
	offerAddon   = "C94271D8-B431-4A25-A3C5-A57737A1C909" // an add-on of it
	reservation  = "RESERVED:0001:ONE"                    // needs scope and subscriptionId
	software     = "SOFTWARE:0001:ONE"
	triennial    = "TRIENNIAL:0001:ONE" // a software subscription
	saas         = "SAAS:0001:ONE"
	trial        = "TRIAL:0001:ONE"
	licenseTrial = "LICENSE-TRIAL:0001:ONE"
	license      = "LICENSE:0001:ONE"  // 1 to 25 seats; P1M monthly 36.48, P1Y monthly 30.4, P1Y annual 350.25, P3Y annual 0
	licenseAddon = "ADDON:0001:ONE"    // needs LICENSE:0001
	seasonal     = "SEASONAL:0001:ONE" // P1Y monthly 10, P1M monthly 10; promotions of 16.7 % on P1Y if asked, of 5 % on P1M
	tiered       = "TIERED:0001:ONE"   // 10 up to 9 seats, 8 up to 99; from 2027 on, 7; nothing before 2026
	attested     = "ATTESTED:0001:ONE" // enforces the attestation
	british      = "BRITISH:0001:ONE"  // sold in GB
	european     = "EUROPEAN:0001:ONE" // sold in DE
	savingsPlan  = "SAVINGS:0001:ONE"  // at least 0.001 USD hourly
	azurePlan    = "AZURE-PLAN:0001:ONE"
	failsAlways  = "FAILS-ALWAYS:0001:ONE"
	failsOnce    = "FAILS-ONCE:0001:ONE"
)

func product(id string, kind commerce.Kind, maximum int32, terms ...commerce.Term) commerce.Product {
	return commerce.Product{ID: id, Title: id, Kind: kind, SKUs: []commerce.SKU{{
		ID: "0001", Title: id + " title", MaximumQuantity: maximum,
		Availabilities: []commerce.Availability{{ID: "ONE", Country: "US", Currency: "USD", CurrencySymbol: "US$", Terms: terms}},
	}}}
}

// with changes the SKU of a product.
func with(p commerce.Product, change func(*commerce.SKU)) commerce.Product {
	change(&p.SKUs[0])
	return p
}

// legacyOffer makes a product whose SKU has the id of a legacy offer.
func legacyOffer(id string, kind commerce.Kind, maximum int32, terms ...commerce.Term) commerce.Product {
	return with(product("of "+id, kind, maximum, terms...), func(s *commerce.SKU) { s.ID, s.Availabilities[0].ID = id, "" })
}

func soldIn(country, currency string, p commerce.Product) commerce.Product {
	return with(p, func(s *commerce.SKU) {
		s.Availabilities[0].Country, s.Availabilities[0].Currency, s.Availabilities[0].CurrencySymbol = country, currency, currency
	})
}

func term(duration string, cycle model.BillingCycle, price string) commerce.Term {
	t := commerce.Term{Duration: duration, BillingCycle: cycle}
	if price != "" {
		t.Prices = []commerce.Price{{Amount: decimal.RequireFromString(price)}}
	}
	return t
}

func products() []commerce.Product {
	monthly, annual, once := model.BillingCycleMonthly, model.BillingCycleAnnual, model.BillingCycleOneTime
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	return []commerce.Product{
		legacyOffer(azure, commerce.KindAzure, 1, term("P1Y", monthly, "")),
		legacyOffer(offer, commerce.KindOffer, 300, term("", monthly, ""), term("", annual, "")),
		with(legacyOffer(offerAddon, commerce.KindOffer, 300, term("", monthly, ""), term("", annual, "")),
			func(s *commerce.SKU) { s.Prerequisites = []string{offer} }),
		with(product("RESERVED", commerce.KindReservation, 10, term("P1Y", once, "")),
			func(s *commerce.SKU) { s.ProvisioningVariables = []string{"Scope", "SubscriptionId"} }),
		product("SOFTWARE", commerce.KindSoftware, 10, term("", once, "100")),
		product("TRIENNIAL", commerce.KindSoftwareSubscription, 10, term("P3Y", model.BillingCycleTriennial, "")),
		product("SAAS", commerce.KindSaaS, 10, term("P1M", monthly, "")),
		with(product("TRIAL", commerce.KindSaaS, 25, term("P1M", model.BillingCycleNone, "")), func(s *commerce.SKU) { s.Trial = yes() }),
		with(product("LICENSE-TRIAL", commerce.KindLicense, 25, term("P1M", model.BillingCycleNone, "")), func(s *commerce.SKU) { s.Trial = yes() }),
		product("LICENSE", commerce.KindLicense, 25,
			term("P1M", monthly, "36.48"), term("P1Y", monthly, "30.4"), term("P1Y", annual, "350.25"), term("P3Y", annual, "0")),
		with(product("ADDON", commerce.KindLicense, 25, term("P1M", monthly, "")), func(s *commerce.SKU) { s.Prerequisites = []string{"license:0001"} }),
		product("SEASONAL", commerce.KindLicense, 300, term("P1Y", monthly, "10"), term("P1M", monthly, "10")),
		product("TIERED", commerce.KindLicense, 1000, commerce.Term{Duration: "P1M", BillingCycle: monthly, Prices: []commerce.Price{
			{Amount: decimal.RequireFromString("10"), Min: 1, Max: 9, From: year(2026), To: year(2027)},
			{Amount: decimal.RequireFromString("8"), Min: 10, Max: 99, From: year(2026), To: year(2027)},
			{Amount: decimal.RequireFromString("7"), Max: 99, From: year(2026).AddDate(0, 11, 0)},
		}}),
		with(product("ATTESTED", commerce.KindLicense, 25, term("P1M", monthly, "")), func(s *commerce.SKU) { s.EnforceAttestation = yes() }),
		soldIn("GB", "GBP", product("BRITISH", commerce.KindLicense, 25, term("P1M", monthly, ""))),
		soldIn("DE", "EUR", product("EUROPEAN", commerce.KindLicense, 25, term("P1M", monthly, ""))),
		with(product("SAVINGS", commerce.KindSavingsPlan, 1, term("P1Y", once, ""), term("P1Y", monthly, ""), term("P3Y", once, "")),
			func(s *commerce.SKU) { s.MinimumCommitment = decimal.RequireFromString("0.001") }),
		product("AZURE-PLAN", commerce.KindAzurePlan, 1, term("", once, "")),
		with(product("FAILS-ALWAYS", commerce.KindLicense, 25, term("P1M", monthly, "")), func(s *commerce.SKU) { s.Behavior = commerce.FailsAlways }),
		with(product("FAILS-ONCE", commerce.KindLicense, 25, term("P1M", monthly, "")), func(s *commerce.SKU) { s.Behavior = commerce.FailsOnce }),
	}
}

func yes() *bool { return new(true) }

func promotions() []commerce.Promotion {
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	return []commerce.Promotion{
		{
			ID: "PROMO:OPT-IN", Product: "SEASONAL", SKU: "0001", Duration: "P1Y", BillingCycle: model.BillingCycleMonthly,
			Discount: decimal.RequireFromString("0.167"), MinSeats: 2, MaxSeats: 100, From: year(2026), To: year(2027),
		},
		{
			ID: "PROMO:AUTO", Product: "SEASONAL", SKU: "0001", Duration: "P1M", BillingCycle: model.BillingCycleMonthly,
			Discount: decimal.RequireFromString("0.05"), Automatic: true,
		},
	}
}

func newCatalog(t *testing.T, products []commerce.Product) *commerce.Catalog {
	t.Helper()
	c, err := commerce.NewCatalog(products, promotions())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rules(t *testing.T) commerce.Rules {
	t.Helper()
	return commerce.Rules{Catalog: newCatalog(t, products()), ProvisionDelay: 5 * time.Second}
}

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

var now = time.Date(2026, 11, 21, 9, 30, 0, 123456789, time.FixedZone("", 3600))

func by(at time.Time) commerce.Author {
	return commerce.Author{Customer: commerce.Customer{ID: customer}, User: "the-user", Now: at}
}

// line is a cart line as a client sends it.
func line(item string, quantity int32, term string, cycle model.BillingCycle) model.CartLineItem {
	return model.CartLineItem{CatalogItemID: item, Quantity: quantity, TermDuration: term, BillingCycle: cycle}
}

func withID(id int32, l model.CartLineItem) model.CartLineItem {
	l.ID = &id
	return l
}

func newCart(t *testing.T, lines ...model.CartLineItem) commerce.CartRecord {
	t.Helper()
	r, err := rules(t).NewCart("the-cart", model.Cart{LineItems: lines}, by(now))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counting ids are 1, 2, 3, …
type counting struct{ n int }

func (c *counting) GUID() string    { c.n++; return fmt.Sprintf("guid-%d", c.n) }
func (c *counting) OrderID() string { c.n++; return fmt.Sprintf("%012x", c.n) }

// reserved is a line of the reservation, with what it needs.
func reserved(quantity int32) model.CartLineItem {
	l := line(reservation, quantity, "P1Y", model.BillingCycleOneTime)
	l.ProvisioningContext = map[string]string{"scope": "shared", "subscriptionId": "3d5eced6-1151-44c7-aee6-70a4bb725666"}
	return l
}

// placed checks out a cart of these lines, and gives the orders.
func placed(t *testing.T, r commerce.Rules, lines ...model.CartLineItem) []commerce.GroupOrder {
	t.Helper()
	_, orders, _, err := r.Checkout(newCart(t, lines...), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	return orders
}
