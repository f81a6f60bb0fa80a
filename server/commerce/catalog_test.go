package commerce_test

import (
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

func TestNewCatalog_Refuses(t *testing.T) {
	t.Parallel()
	good := term("P1M", model.BillingCycleMonthly, "")
	for want, p := range map[string]commerce.Product{
		"the product has no id":                           product("", commerce.KindSaaS, 1, good),
		`kind "toaster" is unknown`:                       product("P", "toaster", 1, good),
		"no range from 1":                                 with(product("P", commerce.KindSaaS, 1, good), func(s *commerce.SKU) { s.MinimumQuantity = 2 }),
		"no terms":                                        product("P", commerce.KindSaaS, 1),
		`"P2W" is none of`:                                product("P", commerce.KindSaaS, 1, term("P2W", model.BillingCycleMonthly, "")),
		`billing cycle "" is unknown`:                     product("P", commerce.KindSaaS, 1, term("P1M", "", "")),
		"a term of P1M is not billed annual":              product("P", commerce.KindSaaS, 1, term("P1M", model.BillingCycleAnnual, "")),
		"a term of P1Y is not billed triennial":           product("P", commerce.KindLicense, 1, term("P1Y", model.BillingCycleTriennial, "")),
		`kind saas is not sold with the term ""`:          product("P", commerce.KindSaaS, 1, term("", model.BillingCycleMonthly, "")),
		`kind software is not sold with the term "P1Y"`:   product("P", commerce.KindSoftware, 1, term("P1Y", model.BillingCycleAnnual, "")),
		`kind azure_plan is not sold with the term "P1M"`: product("P", commerce.KindAzurePlan, 1, term("P1M", model.BillingCycleMonthly, "")),
	} {
		if _, err := commerce.NewCatalog([]commerce.Product{p}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewCatalog gave %v, want %q", err, want)
		}
	}
}

// The later of two products says what holds, and what it does not say stays.
func TestNewCatalog_LaterHolds(t *testing.T) {
	t.Parallel()
	later := product("saas", "", 99, term("P1Y", model.BillingCycleAnnual, ""))
	more := product("SAAS", "", 0, term("P1Y", model.BillingCycleMonthly, ""))
	more.Title, more.SKUs[0].Availabilities[0].ID = "", "TWO"
	c := newCatalog(t, append(products(), later, more))
	item, ok := c.Find(saas)
	if !ok || item.SKU.MaximumQuantity != 99 || item.Product.Kind != commerce.KindSaaS || len(item.Availability.Terms) != 1 ||
		item.Availability.Terms[0].Duration != "P1Y" || item.Product.Title != "saas" {
		t.Errorf("Find gave %+v of %+v; want the later product's", item.Availability, item.Product)
	}
	if _, ok := c.Find("SAAS:0001:TWO"); !ok || len(item.SKU.Availabilities) != 2 {
		t.Errorf("the SKU has %d availabilities, want both", len(item.SKU.Availabilities))
	}
}
