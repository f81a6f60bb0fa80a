package commerce_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

const azureSubscription = "1C461A25-F729-4FA5-AADB-280947DD05E8"

// CART-LINE-ERROR, CART-PRICING: what the rules ask of single lines, each row with its neighbours.
func TestJudge(t *testing.T) {
	t.Parallel()
	const monthly, once, none = model.BillingCycleMonthly, model.BillingCycleOneTime, model.BillingCycleNone
	yes, no := true, false
	context := func(l model.CartLineItem, pairs ...string) model.CartLineItem {
		l.ProvisioningContext = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			l.ProvisioningContext[pairs[i]] = pairs[i+1]
		}
		return l
	}
	reservedWith := func(pairs ...string) model.CartLineItem { return context(line(reservation, 1, "P1Y", once), pairs...) }
	savings := func(amount float64, currency, grain string, pairs ...string) model.CartLineItem {
		l := context(line(savingsPlan, 1, "P1Y", once), pairs...)
		l.PurchaseCommitment = &model.PurchaseCommitment{Amount: amount, Currency: currency, Grain: grain}
		return l
	}
	attesting := func(accepted *bool) model.CartLineItem {
		l := line(attested, 1, "P1M", monthly)
		l.AttestationAccepted = accepted
		return l
	}
	renewing := func(l model.CartLineItem, to string) model.CartLineItem {
		l.RenewsTo = &model.RenewsTo{TermDuration: to}
		return l
	}
	promoted := func(quantity int32, term, id string) model.CartLineItem {
		l := line(seasonal, quantity, term, monthly)
		l.PromotionID = id
		return l
	}
	shared := []string{"scope", "shared", "subscriptionId", azureSubscription}
	for name, tc := range map[string]struct {
		line model.CartLineItem
		want commerce.Code // 0: the line is good
	}{
		"a reservation as the create page prints it": {reservedWith(shared...), 0},
		"of a single subscription":                   {reservedWith("scope", "single", "subscriptionId", azureSubscription), 0},
		"the scope in another case":                  {reservedWith("scope", "Shared", "subscriptionId", azureSubscription), 0},
		"without a context":                          {line(reservation, 1, "P1Y", once), 10010},
		"without a subscription":                     {reservedWith("scope", "shared"), 10007},
		"a subscription that is no GUID":             {reservedWith("scope", "shared", "subscriptionId", azureSubscription[1:]), 10007},
		"without a scope":                            {reservedWith("subscriptionId", azureSubscription), 10010},
		"another scope":                              {reservedWith("scope", "mine", "subscriptionId", azureSubscription), 10010},

		"the savings plan page's line":        {savings(0.05, "usd", "hourly", shared...), 0},
		"of a single subscription's plan":     {savings(0.05, "usd", "hourly", "scope", "single", "entitlementId", azureSubscription), 0},
		"single, with a plan's id":            {savings(0.05, "usd", "hourly", "scope", "single", "subscriptionId", azureSubscription), 10007},
		"the least commitment":                {savings(0.001, "usd", "hourly", shared...), 0},
		"a little less":                       {savings(0.0009, "usd", "hourly", shared...), 10010},
		"another currency":                    {savings(0.05, "eur", "hourly", shared...), 10010},
		"another grain":                       {savings(0.05, "usd", "daily", shared...), 10010},
		"a savings plan without a commitment": {context(line(savingsPlan, 1, "P1Y", once), shared...), 10010},

		"the attestation is accepted":      {attesting(&yes), 0},
		"the attestation is refused":       {attesting(&no), 10012},
		"the attestation is missing":       {attesting(nil), 10012},
		"a trial without a next term":      {line(trial, 10, "P1M", none), 0},
		"the create page's trial":          {renewing(line(trial, 10, "P1M", none), "P1Y"), 0},
		"a trial that renews to a month":   {renewing(line(licenseTrial, 10, "P1M", none), "P1M"), 0},
		"a trial that renews to P3Y":       {renewing(line(trial, 10, "P1M", none), "P3Y"), 10010},
		"what is no trial renews to P1Y":   {renewing(line(license, 1, "P1M", monthly), "P1Y"), 10010},
		"an empty renewsTo says nothing":   {renewing(line(license, 1, "P1M", monthly), ""), 0},
		"the Azure plan has no term":       {line(azurePlan, 1, "", once), 0},
		"two Azure plans":                  {line(azurePlan, 2, "", once), 10010},
		"a promotion that one can ask for": {promoted(2, "P1Y", "promo:opt-in"), 0},
		"too few seats for it":             {promoted(1, "P1Y", "PROMO:OPT-IN"), 10014},
		"as many seats as may be":          {promoted(100, "P1Y", "PROMO:OPT-IN"), 0},
		"too many seats for it":            {promoted(101, "P1Y", "PROMO:OPT-IN"), 10014},
		"a promotion of another term":      {promoted(2, "P1M", "PROMO:OPT-IN"), 10014},
		"an unknown promotion":             {promoted(2, "P1Y", "PROMO:UNKNOWN"), 10014},
		"a quantity of the second tier":    {line(tiered, 10, "P1M", monthly), 0},
		"the last of the last tier":        {line(tiered, 99, "P1M", monthly), 0},
		"a quantity of no tier":            {line(tiered, 100, "P1M", monthly), 10010},
		"an add-on whose base is nowhere":  {line(licenseAddon, 1, "P1M", monthly), 10018},
		"a legacy add-on without parent":   {line(offerAddon, 1, "", monthly), 10018},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireLineError(t, newCart(t, tc.line).Cart.LineItems[0], tc.want)
		})
	}
}

// 10015 says how many seats there are.
func TestSeats(t *testing.T) {
	t.Parallel()
	err := newCart(t, line(license, 26, "P1M", model.BillingCycleMonthly)).Cart.LineItems[0].Error
	if err.AdditionalInformation == nil || *err.AdditionalInformation.AvailableQuantity != 25 || *err.AdditionalInformation.PurchasedQuantity != 0 {
		t.Errorf("the error has %+v, want 25 seats available", err.AdditionalInformation)
	}
}

// A term whose prices are all over or not yet there is not offered.
func TestPriceTimes(t *testing.T) {
	t.Parallel()
	at := func(year int, month time.Month, day int, quantity int32) model.CartLineItem {
		when := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		r, err := rules(t).NewCart("c", model.Cart{LineItems: []model.CartLineItem{line(tiered, quantity, "P1M", model.BillingCycleMonthly)}}, by(when))
		if err != nil {
			t.Fatal(err)
		}
		return r.Cart.LineItems[0]
	}
	requireLineError(t, at(2025, 12, 31, 1), 400039)
	for name, tc := range map[string]struct {
		line model.CartLineItem
		want float64
	}{
		"the first day":                        {at(2026, 1, 1, 9), 10},
		"the second tier":                      {at(2026, 1, 1, 10), 8},
		"of two that hold the earlier counts":  {at(2026, 12, 31, 1), 10},
		"the later, once the earlier is over":  {at(2027, 1, 1, 1), 7},
		"the later, for as many as it is said": {at(2027, 1, 1, 99), 7},
	} {
		if tc.line.Pricing == nil || tc.line.Pricing.ListPrice != tc.want {
			t.Errorf("%s: pricing is %+v, want %v", name, tc.line.Pricing, tc.want)
		}
	}
}

// CART-LINE-ERROR: the base of an add-on is in the cart, or the customer owns it.
func TestBase(t *testing.T) {
	t.Parallel()
	addon, base := line(licenseAddon, 1, "P1M", model.BillingCycleMonthly), line(license, 1, "P1Y", model.BillingCycleAnnual)
	for _, lines := range [][]model.CartLineItem{{addon, base}, {base, addon}} {
		for _, l := range newCart(t, lines...).Cart.LineItems {
			requireLineError(t, l, 0)
		}
	}

	licenses := placed(t, rules(t), base)[0]
	offers := placed(t, rules(t), line(offer, 3, "", model.BillingCycleMonthly))[0]
	child := line(offerAddon, 1, "", model.BillingCycleAnnual)
	child.ProvisioningContext = map[string]string{"parentSubscriptionId": offers.Provisioning[0].SubscriptionID}
	stranger := child
	stranger.ProvisioningContext = map[string]string{"parentSubscriptionId": "another"}
	for name, tc := range map[string]struct {
		line  model.CartLineItem
		after time.Duration
		want  commerce.Code
	}{
		"the base is provisioned":           {addon, time.Minute, 0},
		"the base is not yet":               {addon, 0, 10018},
		"the base has expired":              {addon, 4 * 365 * 24 * time.Hour, 10018},
		"a legacy base by its subscription": {child, 0, 0},
		"another subscription":              {stranger, time.Minute, 10018},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rules(t)
			if !r.NeedsOwned([]model.CartLineItem{tc.line}) || r.NeedsOwned([]model.CartLineItem{base}) {
				t.Error("NeedsOwned is true of add-ons, and only of these")
			}
			end := licenses.OrderRecord
			if tc.want != 0 { // else it would renew
				no := false
				var err error
				if end, err = r.UpdateSubscription(end, end.Provisioning[0].SubscriptionID, model.SubscriptionUpdate{AutoRenewEnabled: &no}, "", now.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			author := by(now.Add(tc.after))
			author.Customer.Owned = append(end.Owned(author.Now), offers.Owned(author.Now)...)
			got, err := r.NewCart("c", model.Cart{LineItems: []model.CartLineItem{tc.line}}, author)
			if err != nil {
				t.Fatal(err)
			}
			requireLineError(t, got.Cart.LineItems[0], tc.want)
		})
	}
}

// CART-PARTICIPANTS, CART-ATTESTATION and the sandbox's limit of 25 licences: the switches.
func TestSwitches(t *testing.T) {
	t.Parallel()
	sold := func(item string, quantity int32, keys ...model.ParticipantKey) model.CartLineItem {
		l := line(item, quantity, "P1M", model.BillingCycleMonthly)
		for _, key := range keys {
			l.Participants = append(l.Participants, model.Participant{Key: key, Value: "5357564"})
		}
		return l
	}
	commitment := line(savingsPlan, 1, "P1Y", model.BillingCycleOneTime)
	commitment.ProvisioningContext = map[string]string{"scope": "shared", "subscriptionId": azureSubscription}
	commitment.PurchaseCommitment = &model.PurchaseCommitment{Amount: 1, Currency: "usd", Grain: "hourly"}
	const reseller, additional = model.ParticipantKeyTransactionReseller, model.ParticipantKeyAdditionalTransactionReseller
	for name, tc := range map[string]struct {
		set  func(*commerce.Rules)
		line model.CartLineItem
		want commerce.Code
	}{
		"direct bill, no reseller":              {func(r *commerce.Rules) { r.DirectBill = true }, sold(license, 1), 0},
		"direct bill, a reseller":               {func(r *commerce.Rules) { r.DirectBill = true }, sold(license, 1, reseller), 10004},
		"strict, an additional reseller in DE":  {func(r *commerce.Rules) { r.Strict = true }, sold(european, 1, additional), 0},
		"strict, an additional reseller in US":  {func(r *commerce.Rules) { r.Strict = true }, sold(license, 1, additional), 10004},
		"strict, an additional reseller in GB":  {func(r *commerce.Rules) { r.Strict = true }, sold(british, 1, additional), 10004},
		"lenient, an additional reseller in US": {func(*commerce.Rules) {}, sold(license, 1, additional), 0},
		"sandbox, 25 licences":                  {func(r *commerce.Rules) { r.Sandbox = true }, sold(seasonal, 25), 0},
		"sandbox, 26 licences":                  {func(r *commerce.Rules) { r.Sandbox = true }, sold(seasonal, 26), 10009},
		"production, 26 licences":               {func(*commerce.Rules) {}, sold(seasonal, 26), 0},
		"sandbox, a savings plan":               {func(r *commerce.Rules) { r.Sandbox = true }, commitment, 900322},
		"production, a savings plan":            {func(*commerce.Rules) {}, commitment, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, yes := rules(t), true
			tc.set(&r)
			got, err := r.NewCart("c", model.Cart{LineItems: []model.CartLineItem{tc.line}, PartnerOnRecordAttestationAccepted: &yes}, by(now))
			if err != nil {
				t.Fatal(err)
			}
			requireLineError(t, got.Cart.LineItems[0], tc.want)
		})
	}
}

// A parent subscription is said of legacy add-ons only.
func TestParentSubscription(t *testing.T) {
	t.Parallel()
	l := line(license, 1, "P1M", model.BillingCycleMonthly)
	l.ProvisioningContext = map[string]string{"parentSubscriptionId": "garbage"}
	if s := placed(t, rules(t), l)[0].Subscriptions(now.Add(time.Minute))[0]; s.ParentSubscriptionID != "" || s.Links.ParentSubscription != nil {
		t.Errorf("the subscription has the parent %q", s.ParentSubscriptionID)
	}
}

// A customer buys what is sold in its country; of one whose country is not known nothing is asked.
func TestCountry(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		country, item string
		want          commerce.Code
	}{
		"not known, US": {"", license, 0},
		"not known, GB": {"", british, 0},
		"GB, GB":        {"gb", british, 0},
		"GB, US":        {"GB", license, 10001},
	} {
		author := by(now)
		author.Customer.Country = tc.country
		got, err := rules(t).NewCart("c", model.Cart{LineItems: []model.CartLineItem{line(tc.item, 1, "P1M", model.BillingCycleMonthly)}}, author)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		requireLineError(t, got.Cart.LineItems[0], tc.want)
	}
}

// CART-ATTESTATION: 900206 under strict rules only.
func TestAttestation(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	with := line(license, 1, "P1M", model.BillingCycleMonthly)
	with.Participants = []model.Participant{{Key: model.ParticipantKeyTransactionReseller, Value: "1"}}
	without := line(license, 1, "P1M", model.BillingCycleMonthly)
	for name, tc := range map[string]struct {
		strict   bool
		line     model.CartLineItem
		accepted *bool
		refused  bool
	}{
		"strict, for a reseller, missing":  {true, with, nil, true},
		"strict, for a reseller, refused":  {true, with, &no, true},
		"strict, for a reseller, accepted": {true, with, &yes, false},
		"strict, without a reseller":       {true, without, nil, false},
		"lenient, for a reseller, missing": {false, with, nil, false},
	} {
		r := rules(t)
		r.Strict = tc.strict
		request := model.Cart{LineItems: []model.CartLineItem{tc.line}, PartnerOnRecordAttestationAccepted: tc.accepted}
		_, err := r.NewCart("c", request, by(now))
		if want := (&commerce.Error{Code: 900206}); errors.Is(err, want) != tc.refused || err != nil && !tc.refused {
			t.Errorf("%s: NewCart gave %v, want it refused: %v", name, err, tc.refused)
		}
	}
}
