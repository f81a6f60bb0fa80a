package commerce_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// CART-GROUP: the rows are the documents' carts and their neighbours.
func TestOrderGroups(t *testing.T) {
	t.Parallel()
	azureLine := line(azure, 1, "P1Y", model.BillingCycleMonthly)
	reservedLine := reserved(1)
	perpetual := line(software, 1, "", model.BillingCycleOneTime)
	saasLine := line(saas, 1, "P1M", model.BillingCycleMonthly)
	trialLine := line(trial, 10, "P1M", model.BillingCycleNone)
	monthly := line(license, 1, "P1M", model.BillingCycleMonthly)
	yearly := line(license, 1, "P1Y", model.BillingCycleMonthly)
	annual := line(license, 1, "P1Y", model.BillingCycleAnnual)
	bad := line("unknown", 1, "P1Y", model.BillingCycleAnnual)
	base := line(offer, 1, "", model.BillingCycleMonthly)
	base.AddonItems = []model.CartLineItem{line(offerAddon, 1, "", model.BillingCycleMonthly), bad}
	for name, tc := range map[string]struct {
		lines []model.CartLineItem
		want  []string
	}{
		"the create page's six lines":               {[]model.CartLineItem{azureLine, reservedLine, reservedLine, perpetual, saasLine, trialLine}, []string{"OMS-0", "0", "0", "0", "1", "2"}},
		"the attestation example: terms may differ": {[]model.CartLineItem{monthly, yearly}, []string{"0", "0"}},
		"each currency has its own":                 {[]model.CartLineItem{monthly, line(british, 1, "P1M", model.BillingCycleMonthly), monthly}, []string{"0", "1", "0"}},
		"one line":                                  {[]model.CartLineItem{monthly}, []string{"0"}},
		"only legacy":                               {[]model.CartLineItem{azureLine, azureLine}, []string{"OMS-0", "OMS-0"}},
		"first appearance counts":                   {[]model.CartLineItem{annual, monthly, annual}, []string{"0", "1", "0"}},
		"legacy and modern count apart":             {[]model.CartLineItem{monthly, azureLine, annual}, []string{"0", "OMS-0", "1"}},
		"a line in error opens no group":            {[]model.CartLineItem{bad, monthly, annual}, []string{"", "0", "1"}},
		"add-ons go with their base":                {[]model.CartLineItem{saasLine, base}, []string{"0", "OMS-0", "OMS-0", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range newCart(t, tc.lines...).Cart.LineItems {
				got = append(got, l.OrderGroup)
				for _, addon := range l.AddonItems {
					got = append(got, addon.OrderGroup)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("groups differ (-want +got):\n%s", diff)
			}
		})
	}
}
