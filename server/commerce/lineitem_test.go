package commerce_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// CART-LINES
func TestLineIDs(t *testing.T) {
	t.Parallel()
	plain := line(software, 1, "", model.BillingCycleOneTime)
	base := plain
	base.AddonItems = []model.CartLineItem{plain, plain}
	for name, tc := range map[string]struct {
		lines []model.CartLineItem
		want  []int32
	}{
		"all given":              {[]model.CartLineItem{withID(0, plain), withID(1, plain)}, []int32{0, 1}},
		"given in any order":     {[]model.CartLineItem{withID(7, plain), withID(0, plain)}, []int32{7, 0}},
		"none given":             {[]model.CartLineItem{plain, plain, plain}, []int32{0, 1, 2}},
		"the place is taken":     {[]model.CartLineItem{plain, withID(0, plain)}, []int32{1, 0}},
		"the next is taken too":  {[]model.CartLineItem{withID(1, plain), plain, withID(2, plain)}, []int32{1, 3, 2}},
		"not below the position": {[]model.CartLineItem{withID(5, plain), withID(6, plain), plain}, []int32{5, 6, 2}},
		"add-ons count":          {[]model.CartLineItem{base, plain}, []int32{0, 1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []int32
			for _, l := range newCart(t, tc.lines...).Cart.LineItems {
				got = append(got, *l.ID)
				for _, addon := range l.AddonItems {
					got = append(got, *addon.ID)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("ids differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLineIDs_Twice(t *testing.T) {
	t.Parallel()
	plain := line(software, 1, "", model.BillingCycleOneTime)
	base := withID(3, plain)
	base.AddonItems = []model.CartLineItem{withID(3, plain)}
	for want, lines := range map[string][]model.CartLineItem{
		"/lineItems/2/id: 0 is the id of /lineItems/0 too":              {withID(0, plain), plain, withID(0, plain)},
		"/lineItems/0/addonItems/0/id: 3 is the id of /lineItems/0 too": {base},
	} {
		_, err := rules(t).NewCart("the-cart", model.Cart{LineItems: lines}, by(now))
		var refused *commerce.Error
		if !errors.As(err, &refused) || refused.Code != commerce.CodeInvalidInput || len(refused.Data) != 1 || refused.Data[0] != want {
			t.Errorf("NewCart gave %+v, want 800002 with %q", err, want)
		}
	}
}

// CART-LINE-ERROR: each limit with its neighbours on both sides.
func TestLineErrors(t *testing.T) {
	t.Parallel()
	in := func(l model.CartLineItem, currency string) model.CartLineItem {
		l.CurrencyCode = currency
		return l
	}
	monthly, annual := model.BillingCycleMonthly, model.BillingCycleAnnual
	for name, tc := range map[string]struct {
		line model.CartLineItem
		want commerce.Code // 0: the line is good
	}{
		"good":                           {line(license, 1, "P1M", monthly), 0},
		"the id in another case":         {line("license:0001:one", 1, "P1M", monthly), 0},
		"unknown item":                   {line("LICENSE:0001:TWO", 1, "P1M", monthly), 10001},
		"product without sku":            {line("LICENSE", 1, "P1M", monthly), 10001},
		"no item":                        {line("", 1, "P1M", monthly), 10001},
		"the market's currency":          {in(line(license, 1, "P1M", monthly), "usd"), 0},
		"another currency":               {in(line(license, 1, "P1M", monthly), "EUR"), 10000},
		"the largest quantity":           {line(license, 25, "P1M", monthly), 0},
		"one more":                       {line(license, 26, "P1M", monthly), 10015},
		"one more that are no seats":     {line(software, 11, "", model.BillingCycleOneTime), 10010},
		"one below the smallest":         {line(license, 0, "P1M", monthly), 10010},
		"a term that is not offered":     {line(license, 1, "P3M", monthly), 400039},
		"no term":                        {line(license, 1, "", monthly), 400039},
		"a term where there is none":     {line(software, 1, "P1Y", model.BillingCycleOneTime), 400039},
		"none where there is none":       {line(software, 1, "", model.BillingCycleOneTime), 0},
		"a cycle of another term":        {line(license, 1, "P1M", annual), 10013},
		"a cycle of the term":            {line(license, 1, "P1Y", annual), 0},
		"a cycle that is never offered":  {line(license, 1, "P1Y", model.BillingCycleUnknown), 10013},
		"term before cycle and quantity": {line(license, 99, "", model.BillingCycleNone), 400039},
		"cycle before quantity":          {line(license, 99, "P1M", model.BillingCycleNone), 10013},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newCart(t, tc.line).Cart.LineItems[0]
			if tc.want == 0 {
				if got.Error != nil || got.OrderGroup == "" || got.CurrencyCode != "USD" {
					t.Errorf("line is %+v, error %+v; want a good one", got, got.Error)
				}
				return
			}
			if got.Error == nil || commerce.Code(got.Error.ErrorCode) != tc.want || got.Error.Attributes.ObjectType != "CartError" {
				t.Fatalf("error is %+v, want %d", got.Error, tc.want)
			}
			if got.OrderGroup != "" || got.Pricing != nil {
				t.Errorf("a line in error has group %q and pricing %v", got.OrderGroup, got.Pricing)
			}
		})
	}
}

// The service's own words, as an issue of its PowerShell module reports them.
func TestLineError_Text(t *testing.T) {
	t.Parallel()
	got := newCart(t, line(license, 1, "", model.BillingCycleMonthly)).Cart.LineItems[0].Error.ErrorDescription
	want := "Availability LICENSE:0001:ONE referenced by line item 0 does not support term ''. " +
		"It supports P1M (monthly), P1Y (monthly), P1Y (annual), P3Y (annual)."
	if got != want {
		t.Errorf("description is %q, want %q", got, want)
	}
}

func TestProvisioningContext(t *testing.T) {
	t.Parallel()
	sent := line(software, 1, "", model.BillingCycleOneTime)
	sent.ProvisioningContext = map[string]string{"scope": "shared"}
	lines := newCart(t,
		line(license, 1, "P1M", model.BillingCycleMonthly),
		line(saas, 1, "P1M", model.BillingCycleMonthly),
		sent,
	).Cart.LineItems
	if c := lines[0].ProvisioningContext; c == nil || len(c) != 0 {
		t.Errorf("a licence has context %v, want an empty one", c)
	}
	if c := lines[1].ProvisioningContext; c != nil {
		t.Errorf("SaaS has context %v, want none", c)
	}
	if c := lines[2].ProvisioningContext; c["scope"] != "shared" {
		t.Errorf("the context that was sent came back as %v", c)
	}
}

// CART-PARTICIPANTS: each limit with its neighbours.
func TestParticipants(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reseller, additional, others int
		want                         commerce.Code
	}{
		"none":                     {0, 0, 0, 0},
		"as many as may be":        {1, 5, 0, 0},
		"two resellers":            {2, 0, 0, 10010},
		"six additional resellers": {1, 6, 0, 10010},
		"others have no limit":     {0, 0, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := line(license, 1, "P1M", model.BillingCycleMonthly)
			for key, n := range map[model.ParticipantKey]int{
				model.ParticipantKeyTransactionReseller:           tc.reseller,
				model.ParticipantKeyAdditionalTransactionReseller: tc.additional,
				model.ParticipantKeyConsumptionReseller:           tc.others,
			} {
				for range n {
					sent.Participants = append(sent.Participants, model.Participant{Key: key, Value: "1"})
				}
			}
			requireLineError(t, newCart(t, sent).Cart.LineItems[0], tc.want)
		})
	}
}

// Add-ons become part of their base's order, so that only such as can are taken.
func TestAddons(t *testing.T) {
	t.Parallel()
	legacy := line(offer, 1, "", model.BillingCycleMonthly)
	addon := line(offerAddon, 1, "", model.BillingCycleMonthly)
	annual := line(offerAddon, 1, "", model.BillingCycleAnnual)
	modern := line(license, 1, "P1M", model.BillingCycleMonthly)
	for name, tc := range map[string]struct {
		base, addon model.CartLineItem
		want        commerce.Code
	}{
		"an add-on of the offer": {legacy, addon, 0},
		"another billing cycle":  {legacy, annual, 10013},
		"no add-on of the offer": {legacy, legacy, 10018},
		"modern below legacy":    {legacy, modern, 10010},
		"modern below modern":    {modern, modern, 10010},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.base.AddonItems = []model.CartLineItem{tc.addon}
			base := newCart(t, tc.base).Cart.LineItems[0]
			requireLineError(t, base, 0)
			requireLineError(t, base.AddonItems[0], tc.want)
			if tc.addon.Error != nil || tc.base.AddonItems[0].ID != nil {
				t.Error("the request was changed")
			}
		})
	}
}

// CART-LINES: 500 lines, add-ons included.
func TestTooManyLines(t *testing.T) {
	t.Parallel()
	plain := line(azure, 1, "P1Y", model.BillingCycleMonthly)
	base := plain
	for range 499 {
		base.AddonItems = append(base.AddonItems, plain)
	}
	newCart(t, base)
	_, err := rules(t).NewCart("the-cart", model.Cart{LineItems: []model.CartLineItem{base, plain}}, by(now))
	var refused *commerce.Error
	if !errors.As(err, &refused) || refused.Data[0] != "/lineItems: the number of lines, add-ons included, must be at most 500, not 501" {
		t.Errorf("NewCart of 501 lines gave %v", err)
	}
}

// requireLineError checks a line's error; 0 stands for none.
func requireLineError(t *testing.T, line model.CartLineItem, want commerce.Code) {
	t.Helper()
	if want == 0 && line.Error != nil || want != 0 && (line.Error == nil || commerce.Code(line.Error.ErrorCode) != want) {
		t.Errorf("the line's error is %+v, want %d", line.Error, want)
	}
}
