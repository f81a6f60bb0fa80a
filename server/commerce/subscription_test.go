package commerce_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// SUBSCRIPTION: when a subscription is there, which kinds have one, and what it says of its order.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	for kind, l := range linesByKind() {
		order := placed(t, rules(t), l)[0].OrderRecord
		legacy, makesOne := kind == "azure" || kind == "offer", kind != "reservation" && kind != "software"
		early, ready := order.Subscriptions(now.Add(5*time.Second-time.Microsecond)), order.Subscriptions(now.Add(5*time.Second))
		if (len(early) == 1) != legacy || (len(ready) == 1) != makesOne {
			t.Errorf("%s: %d subscriptions before it is provisioned, %d after", kind, len(early), len(ready))
		}
		for _, s := range ready {
			o := order.At(now.Add(5*time.Second), false).LineItems[0]
			if s.ID != o.SubscriptionID || s.OrderID != order.Order.ID || s.OfferID != o.OfferID || s.FriendlyName != o.FriendlyName || s.Quantity != o.Quantity {
				t.Errorf("%s: the subscription %+v is not what the line %+v says", kind, s, o)
			}
			if (s.Attributes.Etag != "") != legacy || (s.BillingCycle == nil) != legacy {
				t.Errorf("%s: etag %q, billing cycle %v", kind, s.Attributes.Etag, s.BillingCycle)
			}
			if _, err := order.Subscription(s.ID, now); (err == nil) != legacy {
				t.Errorf("%s: before it is provisioned Subscription gives %v", kind, err)
			}
		}
	}
}

// SUBSCRIPTION: the terms follow the clock. The documents' dates first: a term ends with the day before its anniversary.
func TestTerms(t *testing.T) {
	t.Parallel()
	const monthly, none = model.BillingCycleMonthly, model.BillingCycleNone
	trialTo := line(licenseTrial, 1, "P1M", none)
	trialTo.RenewsTo = &model.RenewsTo{TermDuration: "P1Y"}
	no := false
	type state struct {
		start, end time.Time // days
		status     model.SubscriptionStatus
		trial      bool
		term       string
	}
	for name, tc := range map[string]struct {
		line   model.CartLineItem
		bought time.Time
		stop   bool // renewal is switched off at once
		at     time.Time
		want   state
	}{
		"a year, the documents' dates": {
			line(license, 1, "P1Y", monthly), date(2021, 1, 14).Add(17 * time.Hour), false, date(2021, 1, 15),
			state{date(2021, 1, 14), date(2022, 1, 13), "active", false, "P1Y"},
		},
		"its last second": {
			line(license, 1, "P1Y", monthly), date(2021, 1, 14), false, date(2022, 1, 14).Add(-time.Microsecond),
			state{date(2021, 1, 14), date(2022, 1, 13), "active", false, "P1Y"},
		},
		"it renews": {
			line(license, 1, "P1Y", monthly), date(2021, 1, 14), false, date(2022, 1, 14),
			state{date(2022, 1, 14), date(2023, 1, 13), "active", false, "P1Y"},
		},
		"it has renewed three times": {
			line(license, 1, "P1Y", monthly), date(2021, 1, 14), false, date(2024, 6, 1),
			state{date(2024, 1, 14), date(2025, 1, 13), "active", false, "P1Y"},
		},
		"it expires": {
			line(license, 1, "P1Y", monthly), date(2021, 1, 14), true, date(2022, 1, 14),
			state{date(2021, 1, 14), date(2022, 1, 13), "expired", false, "P1Y"},
		},
		"a month from the 31st": {
			line(license, 1, "P1M", monthly), date(2023, 1, 31), false, date(2023, 2, 1),
			state{date(2023, 1, 31), date(2023, 2, 27), "active", false, "P1M"},
		},
		"the month after it goes from the 31st again": {
			line(license, 1, "P1M", monthly), date(2023, 1, 31), false, date(2023, 4, 1),
			state{date(2023, 3, 31), date(2023, 4, 29), "active", false, "P1M"},
		},
		"a leap day": {
			line(license, 1, "P1Y", monthly), date(2024, 2, 29), false, date(2024, 3, 1),
			state{date(2024, 2, 29), date(2025, 2, 27), "active", false, "P1Y"},
		},
		"three years of software": {
			line(triennial, 1, "P3Y", model.BillingCycleTriennial), date(2021, 10, 15).Add(21 * time.Hour), false, date(2021, 10, 16),
			state{date(2021, 10, 15), date(2024, 10, 14), "active", false, "P3Y"},
		},
		"a custom end": {
			ending(line(license, 1, "P1Y", monthly), 2021, 3, 31), date(2021, 1, 14), false, date(2021, 3, 31),
			state{date(2021, 1, 14), date(2021, 3, 31), "active", false, "P1Y"},
		},
		"after a custom end a whole term": {
			ending(line(license, 1, "P1Y", monthly), 2021, 3, 31), date(2021, 1, 14), false, date(2021, 4, 1),
			state{date(2021, 4, 1), date(2022, 3, 31), "active", false, "P1Y"},
		},
		"a trial": {
			trialTo, date(2021, 1, 14), false, date(2021, 2, 13),
			state{date(2021, 1, 14), date(2021, 2, 13), "active", true, "P1M"},
		},
		"a trial becomes a year": {
			trialTo, date(2021, 1, 14), false, date(2021, 2, 14),
			state{date(2021, 2, 14), date(2022, 2, 13), "active", false, "P1Y"},
		},
		"a legacy licence is for a year": {
			line(offer, 1, "", monthly), date(2017, 1, 25), false, date(2017, 1, 26),
			state{date(2017, 1, 25), date(2018, 1, 24), "active", false, ""},
		},
		"legacy Azure has no end": {
			line(azure, 1, "P1Y", monthly), date(2016, 5, 10), false, date(2026, 1, 1),
			state{date(2016, 5, 10), date(9999, 12, 10), "active", false, ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rules(t)
			r.ProvisionDelay = 0
			cart, err := r.NewCart("c", model.Cart{LineItems: []model.CartLineItem{tc.line}}, by(tc.bought))
			if err != nil {
				t.Fatal(err)
			}
			_, orders, _, err := r.Checkout(cart, by(tc.bought), &counting{})
			if err != nil {
				t.Fatal(err)
			}
			order := orders[0].OrderRecord
			if tc.stop {
				if order, err = r.UpdateSubscription(order, order.Provisioning[0].SubscriptionID, model.SubscriptionUpdate{AutoRenewEnabled: &no}, "", tc.bought); err != nil {
					t.Fatal(err)
				}
			}
			s := order.Subscriptions(tc.at)[0]
			day := func(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }
			got := state{day(s.EffectiveStartDate), s.CommitmentEndDate, s.Status, s.IsTrial != nil && *s.IsTrial, s.TermDuration}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(state{})); diff != "" {
				t.Errorf("the term differs (-want +got):\n%s", diff)
			}
			if end := s.CommitmentEndDateTime; end != nil && !end.Equal(s.CommitmentEndDate.Add(24*time.Hour-time.Second)) {
				t.Errorf("commitmentEndDateTime is %v", end)
			}
		})
	}
}

// SUBSCRIPTION-PATCH: each change of each kind, with the windows' neighbours.
func TestUpdateSubscription(t *testing.T) {
	t.Parallel()
	status := func(s model.SubscriptionStatus) model.SubscriptionUpdate { return model.SubscriptionUpdate{Status: &s} }
	quantity := func(n int32) model.SubscriptionUpdate { return model.SubscriptionUpdate{Quantity: &n} }
	renewal := func(b bool) model.SubscriptionUpdate { return model.SubscriptionUpdate{AutoRenewEnabled: &b} }
	cycle := func(c model.BillingCycle) model.SubscriptionUpdate { return model.SubscriptionUpdate{BillingCycle: &c} }
	const (
		day       = 24 * time.Hour
		almost    = -time.Microsecond
		active    = model.SubscriptionStatusActive
		suspended = model.SubscriptionStatusSuspended
		deleted   = model.SubscriptionStatusDeleted
	)
	for name, tc := range map[string]struct {
		kind   string
		after  time.Duration // since the order
		update model.SubscriptionUpdate
		want   commerce.Code
	}{
		"cancel a licence in time":           {"license", 7*day + almost, status(deleted), 0},
		"cancel a licence too late":          {"license", 7 * day, status(deleted), 900117},
		"cancel a licence after its renewal": {"license", 367 * day, status(deleted), 0},
		"cancel SaaS in time":                {"saas", day + 5*time.Second + almost, status(deleted), 0},
		"cancel SaaS too late":               {"saas", day + 5*time.Second, status(deleted), 900213},
		"cancel software in time":            {"software_subscription", 30*day + almost, status(deleted), 0},
		"cancel software too late":           {"software_subscription", 30 * day, status(deleted), 900117},
		"cancel the Azure plan":              {"azure_plan", 99 * day, status(deleted), 0},
		"cancel a savings plan":              {"savings_plan", day, status(deleted), 900321},
		"cancel legacy Azure":                {"azure", day, status(deleted), 800096},
		"cancel a legacy licence":            {"offer", day, status(deleted), 800096},
		"suspend a legacy licence":           {"offer", 99 * day, status(suspended), 0},
		"suspend a licence":                  {"license", 99 * day, status(suspended), 0},
		"suspend software":                   {"software_subscription", day, status(suspended), 800096},
		"let a licence be what it is":        {"license", day, status(active), 0},
		"a status that nobody can set":       {"license", day, status(model.SubscriptionStatusPending), 800096},
		"more licences":                      {"license", 99 * day, quantity(25), 0},
		"more licences than may be":          {"license", 99 * day, quantity(26), 2002},
		"fewer licences in time":             {"license", 7*day + almost, quantity(1), 0},
		"fewer licences too late":            {"license", 7 * day, quantity(1), 800090},
		"fewer legacy licences at any time":  {"offer", 99 * day, quantity(1), 0},
		"more of what has no seats":          {"azure", day, quantity(2), 800095},
		"more of a savings plan":             {"savings_plan", day, quantity(2), 800095},
		"as many as there are":               {"azure", day, quantity(1), 0},
		"stop a licence's renewal":           {"license", 99 * day, renewal(false), 0},
		"stop software's renewal":            {"software_subscription", 99 * day, renewal(false), 0},
		"stop a savings plan's renewal":      {"savings_plan", day, renewal(false), 900321},
		"renew what has no end":              {"azure", day, renewal(true), 800093},
		"another cycle of a licence":         {"license", day, cycle(model.BillingCycleAnnual), 800097},
		"another cycle of a legacy licence":  {"offer", day, cycle(model.BillingCycleAnnual), 2054},
		"the cycle that it has":              {"license", day, cycle(model.BillingCycleMonthly), 0},
		"nothing":                            {"license", day, model.SubscriptionUpdate{}, 0},
		"a name":                             {"saas", day, model.SubscriptionUpdate{FriendlyName: "mine"}, 0},
		"before there is a subscription":     {"license", 0, model.SubscriptionUpdate{}, 20003},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rules(t)
			order := placed(t, r, linesByKind()[tc.kind])[0].OrderRecord
			id, at := order.Provisioning[0].SubscriptionID, now.Add(tc.after)
			got, err := r.UpdateSubscription(order, id, tc.update, "", at)
			requireCode(t, err, tc.want)
			if err != nil {
				if diff := cmp.Diff(order, got); diff != "" {
					t.Errorf("a refused update changed the record:\n%s", diff)
				}
				return
			}
			s, err := got.Subscription(id, at)
			if err != nil {
				t.Fatal(err)
			}
			u := tc.update
			if u.Status != nil && s.Status != *u.Status || u.Quantity != nil && s.Quantity != *u.Quantity ||
				u.AutoRenewEnabled != nil && s.AutoRenewEnabled != *u.AutoRenewEnabled || u.FriendlyName != "" && s.FriendlyName != u.FriendlyName {
				t.Errorf("the subscription is %+v", s)
			}
		})
	}
}

// SUBSCRIPTION-PATCH, ETAG: one change after the other.
func TestUpdateSubscription_Sequence(t *testing.T) {
	t.Parallel()
	r := rules(t)
	order := placed(t, r, line(offer, 3, "", model.BillingCycleMonthly))[0].OrderRecord
	id := order.Provisioning[0].SubscriptionID
	suspended, active, two := model.SubscriptionStatusSuspended, model.SubscriptionStatusActive, int32(2)
	first := order.Subscriptions(now)[0].Attributes.Etag
	order, err := r.UpdateSubscription(order, id, model.SubscriptionUpdate{Status: &suspended}, `"`+first+`"`, now)
	requireCode(t, err, 0)
	_, err = r.UpdateSubscription(order, id, model.SubscriptionUpdate{Status: &active}, `"`+first+`"`, now)
	requireCode(t, err, 2055)
	_, err = r.UpdateSubscription(order, id, model.SubscriptionUpdate{Quantity: &two}, "", now)
	requireCode(t, err, 2001)
	order, err = r.UpdateSubscription(order, id, model.SubscriptionUpdate{Status: &active, Quantity: &two}, "*", now)
	requireCode(t, err, 0)
	if s := order.Subscriptions(now)[0]; s.Status != active || s.Quantity != 2 || s.Attributes.Etag == first {
		t.Errorf("the subscription is %+v", s)
	}

	license := placed(t, r, linesByKind()["license"])[0].OrderRecord
	id, deleted, later := license.Provisioning[0].SubscriptionID, model.SubscriptionStatusDeleted, now.Add(time.Hour)
	license, err = r.UpdateSubscription(license, id, model.SubscriptionUpdate{Status: &deleted}, "any, since it has no etag", later)
	requireCode(t, err, 0)
	for _, update := range []model.SubscriptionUpdate{{Status: &active}, {Quantity: &two}, {FriendlyName: "mine"}} {
		_, err = r.UpdateSubscription(license, id, update, "", later)
		requireCode(t, err, 2011)
	}
	if s := license.ProvisioningStatus(later).Items[0].Status; s != model.ProvisioningStatusUnfulfilled {
		t.Errorf("the line of a cancelled subscription is %s", s)
	}

	expiring := placed(t, r, linesByKind()["license"])[0].OrderRecord
	no, yes, three := false, true, int32(3)
	expiring, err = r.UpdateSubscription(expiring, expiring.Provisioning[0].SubscriptionID, model.SubscriptionUpdate{AutoRenewEnabled: &no}, "", later)
	requireCode(t, err, 0)
	for _, update := range []model.SubscriptionUpdate{{AutoRenewEnabled: &yes}, {Status: &suspended}, {Quantity: &three}} {
		_, err = r.UpdateSubscription(expiring, expiring.Provisioning[0].SubscriptionID, update, "", now.AddDate(2, 0, 0))
		requireCode(t, err, 900279)
	}
}

// SUBSCRIPTION-PATCH: licences that were added later can be taken back later, and no others.
func TestUpdateSubscription_Seats(t *testing.T) {
	t.Parallel()
	r := rules(t)
	order := placed(t, r, linesByKind()["license"])[0].OrderRecord // 2 seats
	id := order.Provisioning[0].SubscriptionID
	const day = 24 * time.Hour
	for _, step := range []struct {
		after    time.Duration
		to       int32
		want     commerce.Code
		left     int32 // that can be taken back then
		packages int
	}{
		{1 * day, 5, 0, 5, 2},
		{6 * day, 20, 0, 20, 3},
		{7 * day, 17, 0, 15, 2}, // the first two are fixed, 3 of the 15 are taken back
		{8 * day, 4, 800090, 12, 1},
		{8 * day, 5, 0, 0, 0},
		{8 * day, 25, 0, 20, 1},
		{15 * day, 24, 800090, 0, 0},
		{366 * day, 1, 0, 1, 1}, // it has renewed
	} {
		at := now.Add(step.after)
		n := step.to
		changed, err := r.UpdateSubscription(order, id, model.SubscriptionUpdate{Quantity: &n}, "", at)
		requireCode(t, err, step.want)
		order = changed
		s, err := order.Subscription(id, at)
		if err != nil {
			t.Fatal(err)
		}
		if q := s.RefundableQuantity; q.TotalQuantity != step.left || len(q.Details) != step.packages {
			t.Errorf("after %v to %d: %+v can be taken back, want %d in %d", step.after, step.to, q, step.left, step.packages)
		}
	}
}

// What is cancelled is consistent with its order: it can't be activated, and has no licences.
func TestCancelled(t *testing.T) {
	t.Parallel()
	r, later, deleted := rules(t), now.Add(time.Minute), model.SubscriptionStatusDeleted
	order := placed(t, r, linesByKind()["saas"])[0].OrderRecord
	id := order.Provisioning[0].SubscriptionID
	order, err := r.UpdateSubscription(order, id, model.SubscriptionUpdate{Status: &deleted}, "", later)
	if err != nil {
		t.Fatal(err)
	}
	_, err = order.Activate(id, later)
	requireCode(t, err, 2011)
	if p, err := order.SubscriptionProvisioning(id, later); err != nil || p.Quantity != 0 {
		t.Errorf("its provisioning is %+v, %v", p, err)
	}
	if s, _ := order.Subscription(id, later); s.Links.ActivationLinks != nil || order.ActivationLinks(later).TotalCount != 0 {
		t.Error("it still has activation links")
	}
}

// ACTIVATION
func TestActivation(t *testing.T) {
	t.Parallel()
	later := now.Add(time.Minute)
	orders := placed(t, rules(t), linesByKind()["saas"], linesByKind()["license"])
	order := orders[0].OrderRecord
	if links := order.ActivationLinks(now); links.TotalCount != 0 {
		t.Errorf("before it is provisioned there are %d links", links.TotalCount)
	}
	all := order.ActivationLinks(later)
	if all.TotalCount != 1 || all.Items[0].LineItemNumber != 0 || all.Items[0].Link.Method != "POST" {
		t.Errorf("the links are %+v, want one of the SaaS line", all)
	}
	if one, err := order.LineActivationLinks(1, later); err != nil || one.TotalCount != 0 {
		t.Errorf("the licence has links %+v, error %v", one, err)
	}
	_, err := order.LineActivationLinks(2, later)
	requireCode(t, err, 20000)
	for range 2 {
		a, err := order.Activate(order.Provisioning[0].SubscriptionID, later)
		if err != nil || a.Status != "Success" {
			t.Errorf("Activate gave %+v, %v", a, err)
		}
	}
	_, err = order.Activate(order.Provisioning[1].SubscriptionID, later)
	requireCode(t, err, 800042)
}
