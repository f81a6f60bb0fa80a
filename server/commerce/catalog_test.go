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
		"no id":                       product("", commerce.KindSaaS, 1, good),
		`kind "toaster" is unknown`:   product("P", "toaster", 1, good),
		"no range from 1":             product("P", commerce.KindSaaS, 0, good),
		"no terms":                    product("P", commerce.KindSaaS, 1),
		`"P2W" is none of`:            product("P", commerce.KindSaaS, 1, term("P2W", model.BillingCycleMonthly, "")),
		`billing cycle "" is unknown`: product("P", commerce.KindSaaS, 1, term("P1M", "", "")),
	} {
		if _, err := commerce.NewCatalog([]commerce.Product{p}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewCatalog gave %v, want %q", err, want)
		}
	}
}

func TestNewCatalog_LaterHolds(t *testing.T) {
	t.Parallel()
	c, err := commerce.NewCatalog(append(products(), product("SAAS", commerce.KindSaaS, 99, term("P1Y", model.BillingCycleAnnual, ""))))
	if err != nil {
		t.Fatal(err)
	}
	if item, ok := c.Find(saas); !ok || item.SKU.MaximumQuantity != 99 {
		t.Errorf("Find gave %+v, %v; want the later product", item, ok)
	}
}
