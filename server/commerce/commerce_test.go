package commerce_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// The catalogue of these tests: one item of each kind, with neighbours on every side.
const (
	azure       = "MS-AZR-0145P"
	yearly      = "MS-AZR-0146P" // as azure, billed annually
	reservation = "RESERVED:0001:ONE"
	software    = "SOFTWARE:0001:ONE"
	saas        = "SAAS:0001:ONE"
	trial       = "TRIAL:0001:ONE"
	license     = "LICENSE:0001:ONE" // 1 to 25 seats; P1M monthly 36.48, P1Y monthly 30.4, P1Y annual 350.25, P3Y annual 0
)

func product(id string, kind commerce.Kind, maximum int32, terms ...commerce.Term) commerce.Product {
	sku := commerce.SKU{ID: "0001", Title: id + " title", MinimumQuantity: 1, MaximumQuantity: maximum}
	availability := commerce.Availability{ID: "ONE", Country: "US", Currency: "USD", CurrencySymbol: "US$", Terms: terms}
	if kind == commerce.KindAzure {
		sku.ID, availability.ID = "", ""
	}
	sku.Availabilities = []commerce.Availability{availability}
	p := commerce.Product{
		ID: id, Title: id, Kind: kind, PurchaseSystem: commerce.Modern, SKUs: []commerce.SKU{sku},
		Subscription: kind != commerce.KindReservation && kind != commerce.KindSoftware,
	}
	if kind == commerce.KindAzure {
		p.PurchaseSystem = commerce.Legacy
	}
	return p
}

func term(duration string, cycle model.BillingCycle, price string) commerce.Term {
	t := commerce.Term{Duration: duration, BillingCycle: cycle}
	if price != "" {
		amount := decimal.RequireFromString(price)
		t.ListPrice = &amount
	}
	return t
}

func products() []commerce.Product {
	return []commerce.Product{
		product(azure, commerce.KindAzure, 1, term("P1Y", model.BillingCycleMonthly, "")),
		product(yearly, commerce.KindAzure, 1, term("P1Y", model.BillingCycleAnnual, "")),
		product("RESERVED", commerce.KindReservation, 10, term("P1Y", model.BillingCycleOneTime, "")),
		product("SOFTWARE", commerce.KindSoftware, 10, term("", model.BillingCycleOneTime, "100")),
		product("SAAS", commerce.KindSaaS, 10, term("P1M", model.BillingCycleMonthly, "")),
		product("TRIAL", commerce.KindSaaS, 25, term("P1M", model.BillingCycleNone, "")),
		product("LICENSE", commerce.KindLicense, 25,
			term("P1M", model.BillingCycleMonthly, "36.48"),
			term("P1Y", model.BillingCycleMonthly, "30.4"),
			term("P1Y", model.BillingCycleAnnual, "350.25"),
			term("P3Y", model.BillingCycleAnnual, "0")),
	}
}

func catalog(t *testing.T) *commerce.Catalog {
	t.Helper()
	c, err := commerce.NewCatalog(products())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

var now = time.Date(2026, 11, 21, 9, 30, 0, 123456789, time.FixedZone("", 3600))

func by(at time.Time) commerce.Author {
	return commerce.Author{CustomerID: customer, User: "the-user", Now: at}
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
	r, err := commerce.NewCart("the-cart", model.Cart{LineItems: lines}, by(now), catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counting ids are 1, 2, 3, …
type counting struct{ n int }

func (c *counting) GUID() string    { c.n++; return fmt.Sprintf("guid-%d", c.n) }
func (c *counting) OrderID() string { c.n++; return fmt.Sprintf("%012x", c.n) }

func purchase(at time.Time) commerce.Purchase {
	return commerce.Purchase{CustomerID: customer, Now: at, IDs: &counting{}, ProvisionDelay: 5 * time.Second}
}
