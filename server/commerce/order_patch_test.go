package commerce_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// each kind of product as it is bought by itself.
func linesByKind() map[string]model.CartLineItem {
	commitment := line(savingsPlan, 1, "P1Y", model.BillingCycleOneTime)
	commitment.ProvisioningContext = map[string]string{"scope": "single", "entitlementId": azureSubscription}
	commitment.PurchaseCommitment = &model.PurchaseCommitment{Amount: 0.05, Currency: "usd", Grain: "hourly"}
	return map[string]model.CartLineItem{
		"azure":                 line(azure, 1, "P1Y", model.BillingCycleMonthly),
		"offer":                 line(offer, 3, "", model.BillingCycleMonthly),
		"reservation":           reserved(2),
		"software":              line(software, 2, "", model.BillingCycleOneTime),
		"software_subscription": line(triennial, 2, "P3Y", model.BillingCycleTriennial),
		"saas":                  line(saas, 2, "P1M", model.BillingCycleMonthly),
		"license":               line(license, 2, "P1Y", model.BillingCycleMonthly),
		"savings_plan":          commitment,
		"azure_plan":            line(azurePlan, 1, "", model.BillingCycleOneTime),
	}
}

func cancelled() model.OrderUpdate {
	status := model.OrderStatusCancelled
	return model.OrderUpdate{Status: &status}
}

// requireCode checks what a rule gave; 0 stands for no error.
func requireCode(t *testing.T, err error, want commerce.Code) {
	t.Helper()
	var refused *commerce.Error
	if want == 0 && err != nil || want != 0 && (!errors.As(err, &refused) || refused.Code != want) {
		t.Errorf("the rule gave %v, want %d", err, want)
	}
}

// requirePlace checks which place an error names.
func requirePlace(t *testing.T, err error, want string) {
	t.Helper()
	var refused *commerce.Error
	if !errors.As(err, &refused) || len(refused.Data) != 1 || !strings.HasPrefix(refused.Data[0], want) {
		t.Errorf("the error is %+v, want the place %s", refused, want)
	}
}

// ORDER-PATCH: who may cancel through an order, by product, environment and window.
func TestCancelOrder(t *testing.T) {
	t.Parallel()
	const days = 24 * time.Hour
	for kind, tc := range map[string]struct{ production, sandbox commerce.Code }{
		"azure":                 {800061, 800061},
		"offer":                 {800061, 800061},
		"reservation":           {800019, 0},
		"software":              {0, 0},
		"software_subscription": {0, 0},
		"saas":                  {800077, 800077},
		"license":               {800063, 800063},
		"savings_plan":          {900321, 900322}, // the sandbox does not sell it
		"azure_plan":            {800063, 800063},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for sandbox, want := range map[bool]commerce.Code{false: tc.production, true: tc.sandbox} {
				r := rules(t)
				r.Sandbox = sandbox
				if want == 900322 {
					continue
				}
				order := placed(t, r, linesByKind()[kind])[0].OrderRecord
				window := 30 * days
				if sandbox {
					window = 60 * days
				}
				_, err := r.UpdateOrder(order, cancelled(), "", by(now.Add(window-time.Microsecond)), &counting{})
				requireCode(t, err, want)
				if want == 0 {
					_, err := r.UpdateOrder(order, cancelled(), "", by(now.Add(window)), &counting{})
					requireCode(t, err, 900117)
				}
			}
		})
	}
}

// ORDER-PATCH, ORDER-PROVISIONING: what the two samples of the documents show, and what becomes of the subscription.
func TestCancelOrder_Result(t *testing.T) {
	t.Parallel()
	r := rules(t)
	two := line(triennial, 1, "P3Y", model.BillingCycleTriennial)
	order := placed(t, r, two, two)[0].OrderRecord
	number := int32(0)
	update := cancelled()
	update.LineItems = []model.OrderLineUpdate{{LineItemNumber: &number, OfferID: "triennial:0001:ONE"}}
	later := by(now.Add(time.Hour))

	one, err := r.UpdateOrder(order, update, "", later, &counting{})
	if err != nil {
		t.Fatal(err)
	}
	if o := one.At(later.Now, false); o.Status != model.OrderStatusCompleted || o.LineItems[0].Quantity != 0 || o.LineItems[1].Quantity != 1 {
		t.Errorf("one of two lines is cancelled, and the order is %s with the quantities %d and %d", o.Status, o.LineItems[0].Quantity, o.LineItems[1].Quantity)
	}
	if o := order.At(later.Now, false); o.LineItems[0].Quantity != 1 {
		t.Error("the record that was given was changed")
	}
	subscriptions := one.Subscriptions(later.Now)
	if subscriptions[0].Status != model.SubscriptionStatusDeleted || subscriptions[1].Status != model.SubscriptionStatusActive {
		t.Errorf("the subscriptions are %s and %s", subscriptions[0].Status, subscriptions[1].Status)
	}
	if s := one.ProvisioningStatus(later.Now).Items; s[0].Status != model.ProvisioningStatusUnfulfilled || s[1].Status != model.ProvisioningStatusFulfilled {
		t.Errorf("the lines are %s and %s", s[0].Status, s[1].Status)
	}
	again, err := r.UpdateOrder(one, update, "", later, &counting{})
	if diff := cmp.Diff(one.Provisioning, again.Provisioning); err != nil || diff != "" {
		t.Errorf("cancelling a cancelled line gave %v and changed the order:\n%s", err, diff)
	}

	all, err := r.UpdateOrder(order, cancelled(), "", by(now), &counting{}) // before it is provisioned
	if err != nil {
		t.Fatal(err)
	}
	if o := all.At(later.Now, false); o.Status != model.OrderStatusCancelled || o.LineItems[0].Quantity != 1 {
		t.Errorf("the whole order is cancelled, and it is %s with the quantity %d", o.Status, o.LineItems[0].Quantity)
	}
	again, err = r.UpdateOrder(all, cancelled(), "", later, &counting{})
	if diff := cmp.Diff(all, again); err != nil || diff != "" {
		t.Errorf("cancelling a cancelled order gave %v and changed it:\n%s", err, diff)
	}
}

// ORDER-PATCH: bad input names its place.
func TestUpdateOrder_Refuses(t *testing.T) {
	t.Parallel()
	r := rules(t)
	order := placed(t, r, linesByKind()["software"])[0].OrderRecord
	zero, one := int32(0), int32(1)
	pending := model.OrderStatusError
	for want, update := range map[string]model.OrderUpdate{
		"/status: an order's status can only be set to cancelled, not error":                   {Status: &pending},
		"/lineItems/0/lineItemNumber: is no line of the order, and there is no offerId to buy": {LineItems: []model.OrderLineUpdate{{LineItemNumber: &one}}},
		"/lineItems/0/parentSubscriptionId: is missing: this is no line of the order, and an add-on needs its base": {
			LineItems: []model.OrderLineUpdate{{LineItemNumber: &zero, OfferID: license}},
		},
		"/lineItems/0/lineItemNumber: the order has no line 1": {Status: cancelled().Status, LineItems: []model.OrderLineUpdate{{LineItemNumber: &one}}},
		"/lineItems/0/lineItemNumber: is missing: which line is to be cancelled?": {
			Status: cancelled().Status, LineItems: []model.OrderLineUpdate{{OfferID: software}},
		},
		"/lineItems/1/offerId: line 0 of the order is SOFTWARE:0001:ONE": {
			Status:    cancelled().Status,
			LineItems: []model.OrderLineUpdate{{LineItemNumber: &zero}, {LineItemNumber: &zero, OfferID: license}},
		},
	} {
		_, err := r.UpdateOrder(order, update, "", by(now), &counting{})
		var refused *commerce.Error
		if !errors.As(err, &refused) || refused.Code != commerce.CodeInvalidInput || refused.Data[0] != want {
			t.Errorf("UpdateOrder gave %v, want %q", err, want)
		}
	}
}

// ORDER-PATCH, LINKS-RESOLVE: a body with nothing to change changes nothing.
func TestUpdateOrder_Nothing(t *testing.T) {
	t.Parallel()
	r := rules(t)
	for kind, l := range linesByKind() {
		order := placed(t, r, l)[0].OrderRecord
		status, cycle := order.Order.Status, order.Order.BillingCycle
		for _, update := range []model.OrderUpdate{{}, {ID: order.Order.ID}, {Status: &status}, {BillingCycle: &cycle}} {
			got, err := r.UpdateOrder(order, update, "", by(now), &counting{})
			if diff := cmp.Diff(order, got); err != nil || diff != "" {
				t.Errorf("%s: an update of nothing gave %v and changed the order:\n%s", kind, err, diff)
			}
		}
	}
}

// ORDER-PATCH, ETAG: an add-on for a legacy order.
func TestUpdateOrder_Addon(t *testing.T) {
	t.Parallel()
	r := rules(t)
	order := placed(t, r, line(offer, 5, "", model.BillingCycleMonthly))[0].OrderRecord
	base, ids := order.Provisioning[0].SubscriptionID, &counting{n: 10}
	two := int32(2)
	update := model.OrderUpdate{LineItems: []model.OrderLineUpdate{{OfferID: offerAddon, ParentSubscriptionID: base, Quantity: &two, FriendlyName: "mine", PartnerIDOnRecord: "42"}}}
	got, err := r.UpdateOrder(order, update, order.At(now, false).Attributes.Etag, by(now), ids)
	if err != nil {
		t.Fatal(err)
	}
	o := got.At(now, false)
	added := o.LineItems[1]
	if len(o.LineItems) != 2 || added.LineItemNumber != 1 || added.OfferID != offerAddon || added.Quantity != 2 || added.FriendlyName != "mine" ||
		added.ParentSubscriptionID != "" || added.SubscriptionID == "" || added.PartnerIDOnRecord != "42" {
		t.Errorf("the line that was added is %+v", added)
	}
	if s := got.Subscriptions(now)[1]; s.ParentSubscriptionID != base || s.Links.ParentSubscription == nil {
		t.Errorf("its subscription has the parent %q", s.ParentSubscriptionID)
	}
	if before := order.At(now, false).Attributes.Etag; o.Attributes.Etag == before {
		t.Error("the etag did not change")
	}
	_, err = r.UpdateOrder(got, update, order.At(now, false).Attributes.Etag, by(now), ids)
	requireCode(t, err, 2055)

	none := int32(0)
	for name, tc := range map[string]struct {
		line model.OrderLineUpdate
		want commerce.Code
	}{
		"unknown parent":     {model.OrderLineUpdate{OfferID: offerAddon, ParentSubscriptionID: "unknown", Quantity: &two}, 800029},
		"no base":            {model.OrderLineUpdate{OfferID: offerAddon, Quantity: &two}, 800002},
		"no add-on":          {model.OrderLineUpdate{OfferID: offer, ParentSubscriptionID: base, Quantity: &two}, 800029},
		"unknown offer":      {model.OrderLineUpdate{OfferID: "unknown", ParentSubscriptionID: base, Quantity: &two}, 800004},
		"no quantity at all": {model.OrderLineUpdate{OfferID: offerAddon, ParentSubscriptionID: base, Quantity: &none}, 900275},
	} {
		got, err := r.UpdateOrder(order, model.OrderUpdate{LineItems: []model.OrderLineUpdate{tc.line}}, "", by(now), ids)
		t.Log(name)
		requireCode(t, err, tc.want)
		if diff := cmp.Diff(order, got); diff != "" {
			t.Errorf("%s: the order was changed:\n%s", name, diff)
		}
	}
}

// ORDER-PATCH: an order that is sent back as it was read buys nothing, whatever its lines are.
func TestUpdateOrder_SentBack(t *testing.T) {
	t.Parallel()
	r := rules(t)
	order := placed(t, r, line(offer, 5, "", model.BillingCycleMonthly))[0].OrderRecord
	add := model.OrderUpdate{LineItems: []model.OrderLineUpdate{{OfferID: offerAddon, ParentSubscriptionID: order.Provisioning[0].SubscriptionID}}}
	order, err := r.UpdateOrder(order, add, "", by(now), &counting{n: 10})
	if err != nil {
		t.Fatal(err)
	}
	update := model.OrderUpdate{ID: order.Order.ID}
	for _, l := range order.At(now, false).LineItems {
		update.LineItems = append(update.LineItems, model.OrderLineUpdate{LineItemNumber: &l.LineItemNumber, OfferID: l.OfferID, Quantity: &l.Quantity})
	}
	got, err := r.UpdateOrder(order, update, "", by(now), &counting{n: 20})
	if diff := cmp.Diff(order, got); err != nil || diff != "" {
		t.Errorf("sending it back gave %v and changed it:\n%s", err, diff)
	}
	author := by(now)
	author.Customer.NoAgreement = true
	_, err = r.UpdateOrder(order, add, "", author, &counting{n: 20})
	requireCode(t, err, 13605)
}

// ORDER-PRICE: an order that changes costs what it has then.
func TestUpdateOrder_Prices(t *testing.T) {
	t.Parallel()
	r := rules(t)
	priced := products()
	for i := range priced {
		for _, sold := range []struct{ id, monthly, annual string }{{offer, "10", "110"}, {offerAddon, "3", "30"}} {
			if priced[i].SKUs[0].ID == sold.id {
				priced[i].SKUs[0].Availabilities[0].Terms = []commerce.Term{
					term("", model.BillingCycleMonthly, sold.monthly), term("", model.BillingCycleAnnual, sold.annual),
				}
			}
		}
	}
	r.Catalog = newCatalog(t, priced)
	cart, err := r.NewCart("c", model.Cart{LineItems: []model.CartLineItem{line(offer, 2, "", model.BillingCycleMonthly)}}, by(now))
	if err != nil {
		t.Fatal(err)
	}
	_, orders, _, err := r.Checkout(cart, by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	order, five, annual := orders[0].OrderRecord, int32(5), model.BillingCycleAnnual
	for _, step := range []struct {
		update model.OrderUpdate
		want   float64
	}{
		{model.OrderUpdate{}, 20},
		{model.OrderUpdate{LineItems: []model.OrderLineUpdate{{OfferID: offerAddon, ParentSubscriptionID: order.Provisioning[0].SubscriptionID, Quantity: &five}}}, 35},
		{model.OrderUpdate{BillingCycle: &annual}, 370},
	} {
		if order, err = r.UpdateOrder(order, step.update, "", by(now), &counting{n: 10}); err != nil {
			t.Fatal(err)
		}
		if total := order.At(now, true).TotalPrice; total == nil || *total != step.want {
			t.Errorf("after %+v the total is %v, want %v", step.update, total, step.want)
		}
	}
}

// ORDER-PATCH: the billing cycle of legacy orders.
func TestUpdateOrder_BillingCycle(t *testing.T) {
	t.Parallel()
	r := rules(t)
	annual, triennially := model.BillingCycleAnnual, model.BillingCycleTriennial
	order := placed(t, r, line(offer, 5, "", model.BillingCycleMonthly))[0].OrderRecord
	got, err := r.UpdateOrder(order, model.OrderUpdate{BillingCycle: &annual}, "", by(now), &counting{})
	if err != nil || got.Order.BillingCycle != annual || got.Version != 2 || order.Order.BillingCycle != model.BillingCycleMonthly {
		t.Errorf("the billing cycle is %s, the version %d, error %v", got.Order.BillingCycle, got.Version, err)
	}
	_, err = r.UpdateOrder(order, model.OrderUpdate{BillingCycle: &triennially}, "", by(now), &counting{})
	requireCode(t, err, 6001)
	suspended := model.SubscriptionStatusSuspended
	order, err = r.UpdateSubscription(order, order.Provisioning[0].SubscriptionID, model.SubscriptionUpdate{Status: &suspended}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.UpdateOrder(order, model.OrderUpdate{BillingCycle: &annual}, "", by(now), &counting{})
	requireCode(t, err, 6000)
	modern := placed(t, r, linesByKind()["license"])[0].OrderRecord
	_, err = r.UpdateOrder(modern, model.OrderUpdate{BillingCycle: &annual}, "", by(now), &counting{})
	requireCode(t, err, 800042)
}

// ORDER-CREATE: the lines' errors become the order's, and what the request leaves open is filled in.
func TestCreateOrder(t *testing.T) {
	t.Parallel()
	monthly, annual, unknown := model.BillingCycleMonthly, model.BillingCycleAnnual, model.BillingCycleUnknown
	one := func(offerID string, change ...func(*model.NewOrderLineItem)) []model.NewOrderLineItem {
		l := model.NewOrderLineItem{OfferID: offerID, Quantity: 1}
		for _, c := range change {
			c(&l)
		}
		return []model.NewOrderLineItem{l}
	}
	five := int32(5)
	end := date(2020, 1, 1)
	for name, tc := range map[string]struct {
		request model.NewOrder
		want    commerce.Code
		cycle   model.BillingCycle
		term    string
	}{
		"cycle and term filled in":        {model.NewOrder{LineItems: one(license)}, 0, monthly, "P1M"},
		"the cycle unknown":               {model.NewOrder{BillingCycle: &unknown, LineItems: one(offer)}, 0, monthly, ""},
		"the term filled in":              {model.NewOrder{BillingCycle: &annual, LineItems: one(license)}, 0, annual, "P1Y"},
		"the term given":                  {model.NewOrder{BillingCycle: &monthly, LineItems: one(license, func(l *model.NewOrderLineItem) { l.TermDuration = "P1Y" })}, 0, monthly, "P1Y"},
		"an unknown offer":                {model.NewOrder{LineItems: one("unknown")}, 800004, "", ""},
		"another currency":                {model.NewOrder{CurrencyCode: "EUR", LineItems: one(license)}, 900169, "", ""},
		"another cycle":                   {model.NewOrder{BillingCycle: &annual, LineItems: one(saas, func(l *model.NewOrderLineItem) { l.TermDuration = "P1M" })}, 900269, "", ""},
		"another term":                    {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.TermDuration = "P2M" })}, 800121, "", ""},
		"too many seats":                  {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.Quantity = 26 })}, 800088, "", ""},
		"too many of software":            {model.NewOrder{LineItems: one(software, func(l *model.NewOrderLineItem) { l.Quantity = 11 })}, 900275, "", ""},
		"no Azure subscription":           {model.NewOrder{LineItems: one(reservation, func(l *model.NewOrderLineItem) { l.ProvisioningContext = map[string]string{"scope": "shared"} })}, 800011, "", ""},
		"no attestation":                  {model.NewOrder{LineItems: one(attested)}, 900203, "", ""},
		"an unknown promotion":            {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.PromotionID = "x" })}, 27007, "", ""},
		"an add-on without its base":      {model.NewOrder{LineItems: one(licenseAddon)}, 800029, "", ""},
		"the cycle of the term given":     {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.TermDuration = "P3Y" })}, 0, annual, "P3Y"},
		"two currencies":                  {model.NewOrder{LineItems: append(one(license, func(l *model.NewOrderLineItem) { l.TermDuration = "P1M" }), one(british)...)}, 900169, "", ""},
		"a scope that is none":            {model.NewOrder{LineItems: one(reservation, func(l *model.NewOrderLineItem) { l.ProvisioningContext = map[string]string{"scope": "x"} })}, 800002, "", ""},
		"a line number that is not next":  {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.LineItemNumber = &five })}, 800071, "", ""},
		"two purchase systems":            {model.NewOrder{LineItems: append(one(offer), one(license, func(l *model.NewOrderLineItem) { l.TermDuration = "P1M" })...)}, 4018, "", ""},
		"an item that fails":              {model.NewOrder{LineItems: one(failsAlways)}, 800020, "", ""},
		"a date that is wrong, leniently": {model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.CustomTermEndDate = &end })}, 0, monthly, "P1M"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rules(t).CreateOrder(tc.request, by(now), &counting{})
			requireCode(t, err, tc.want)
			if err == nil && (got.Order.BillingCycle != tc.cycle || got.Order.LineItems[0].TermDuration != tc.term) {
				t.Errorf("the order is billed %s with the term %q, want %s, %q", got.Order.BillingCycle, got.Order.LineItems[0].TermDuration, tc.cycle, tc.term)
			}
		})
	}
	strict, author := rules(t), by(now)
	strict.Strict = true
	_, err := strict.CreateOrder(model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.CustomTermEndDate = &end })}, author, &counting{})
	requireCode(t, err, 900242)
	requirePlace(t, err, "/lineItems/0/customTermEndDate: ")
	_, err = strict.CreateOrder(model.NewOrder{LineItems: one("unknown")}, author, &counting{})
	requirePlace(t, err, "/lineItems/0/offerId: ")
	_, err = strict.CreateOrder(model.NewOrder{CurrencyCode: "EUR", LineItems: one(license)}, author, &counting{})
	requirePlace(t, err, "/currencyCode: ")
	_, err = strict.CreateOrder(model.NewOrder{LineItems: one(license, func(l *model.NewOrderLineItem) { l.PartnerIDOnRecord = "1" })}, author, &counting{})
	requireCode(t, err, 900206)
	requirePlace(t, err, "/lineItems/0/partnerIdOnRecord: ")
	author.Customer.NoAgreement = true
	_, err = strict.CreateOrder(model.NewOrder{LineItems: one(license)}, author, &counting{})
	requireCode(t, err, 13605)
}
