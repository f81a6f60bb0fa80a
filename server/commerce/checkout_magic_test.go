package commerce_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// CHECKOUT-MAGIC, CHECKOUT-RETRY: an item that fails once is bought by the second checkout, one that fails always by none,
// and no other group is ordered again.
func TestCheckout_Magic(t *testing.T) {
	t.Parallel()
	r, ids := rules(t), &counting{}
	once := line(failsOnce, 1, "P1M", model.BillingCycleMonthly)
	annual := line(license, 1, "P1Y", model.BillingCycleAnnual)
	always := line(failsAlways, 1, "P1M", model.BillingCycleMonthly)

	cart := newCart(t, once, annual)
	first, orders, result, err := r.Checkout(cart, by(now), ids)
	if err != nil || len(orders) != 1 || len(result.Orders) != 1 || len(result.OrderErrors) != 1 || first.Ordered() {
		t.Fatalf("the first checkout placed %d orders and answered %+v, error %v", len(orders), result, err)
	}
	if e := result.OrderErrors[0]; e.OrderGroupID != "0" || e.Code != 900192 {
		t.Errorf("the order error is %+v", e)
	}
	if cart.Failures != nil || len(cart.Placed) != 0 {
		t.Error("the record that was given was changed")
	}
	second, orders, result, err := r.Checkout(first, by(now), ids)
	if err != nil || len(orders) != 1 || len(result.Orders) != 2 || len(result.OrderErrors) != 0 || !second.Ordered() {
		t.Errorf("the second checkout placed %d orders and answered %+v, error %v", len(orders), result, err)
	}

	cart = newCart(t, always, annual)
	for i, placed := range []int{1, 0, 0} {
		cart, orders, result, err = r.Checkout(cart, by(now), ids)
		if err != nil || len(orders) != placed || len(result.Orders) != 1 || result.OrderErrors[0].Code != 800020 || cart.Ordered() {
			t.Errorf("checkout %d placed %d orders and answered %+v, error %v", i+1, len(orders), result, err)
		}
	}
}

// CHECKOUT-RETRY: an add-on is not bought without the base that is in the same cart.
func TestCheckout_BaseFails(t *testing.T) {
	t.Parallel()
	r, ids := rules(t), &counting{}
	r.Catalog = newCatalog(t, append(products(), with(product("LICENSE", "", 0), func(s *commerce.SKU) {
		s.Behavior, s.Availabilities = commerce.FailsOnce, nil
	})))
	cart, err := r.NewCart("c", model.Cart{LineItems: []model.CartLineItem{
		line(licenseAddon, 1, "P1M", model.BillingCycleMonthly),
		line(license, 1, "P1Y", model.BillingCycleAnnual),
		line(software, 1, "", model.BillingCycleOneTime),
	}}, by(now))
	if err != nil {
		t.Fatal(err)
	}
	cart, orders, result, err := r.Checkout(cart, by(now), ids)
	if err != nil || len(orders) != 1 || orders[0].OrderGroup != "2" || len(result.OrderErrors) != 2 || result.OrderErrors[0].Code != 800029 {
		t.Fatalf("the first checkout placed %d orders and answered %+v, error %v", len(orders), result, err)
	}
	cart, orders, _, err = r.Checkout(cart, by(now), ids)
	if err != nil || len(orders) != 2 || !cart.Ordered() {
		t.Errorf("the second checkout placed %d orders, error %v", len(orders), err)
	}
}

// CHECKOUT-MAGIC: items that are provisioned late or never, and orders that wait for somebody.
func TestProvisioning_Magic(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for behavior, tc := range map[commerce.Behavior]struct {
		first model.OrderStatus
		ready time.Duration // 0: never
	}{
		"":                            {model.OrderStatusPending, 5 * time.Second},
		commerce.ProvisionedAfterADay: {model.OrderStatusPending, 24 * time.Hour},
		commerce.NeverProvisioned:     {model.OrderStatusPending, 0},
		commerce.PendingReview:        {model.OrderStatusPendingReview, 0},
		commerce.PendingPOUpload:      {model.OrderStatusPendingPoUpload, 0},
	} {
		r := rules(t)
		r.Catalog = newCatalog(t, append(products(), with(product("LICENSE", commerce.KindLicense, 25), func(s *commerce.SKU) {
			s.Behavior, s.Availabilities = behavior, nil
		})))
		order := placed(t, r, line(license, 1, "P1M", model.BillingCycleMonthly))[0]
		for at, provisioned := range map[time.Duration]bool{0: false, max(tc.ready, time.Microsecond) - time.Microsecond: false, tc.ready: tc.ready != 0, year: tc.ready != 0} {
			o := order.At(now.Add(at), false)
			want := tc.first
			if provisioned {
				want = model.OrderStatusCompleted
			}
			if o.Status != want || (o.LineItems[0].SubscriptionID != "") != provisioned {
				t.Errorf("%q after %v: status %s, subscription %q", behavior, at, o.Status, o.LineItems[0].SubscriptionID)
			}
		}
	}
}

// The limits of the sandbox, each with its neighbours.
func TestCheckLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		holdings commerce.Holdings
		added    int
		want     commerce.Code
	}{
		"the fifth subscription":                   {commerce.Holdings{HasOrders: true, Subscriptions: 4}, 1, 0},
		"the sixth":                                {commerce.Holdings{HasOrders: true, Subscriptions: 5}, 1, 800018},
		"five at once":                             {commerce.Holdings{}, 5, 0},
		"six at once":                              {commerce.Holdings{}, 6, 800018},
		"none more, with too many":                 {commerce.Holdings{HasOrders: true, Subscriptions: 9}, 0, 0},
		"the customer number 75":                   {commerce.Holdings{Customers: 74}, 1, 0},
		"the customer number 76":                   {commerce.Holdings{Customers: 75}, 1, 800018},
		"one of 75 customers":                      {commerce.Holdings{Customers: 75, HasOrders: true}, 1, 0},
		"a reservation for customer number 76 too": {commerce.Holdings{Customers: 75}, 0, 800018},
	} {
		r := rules(t)
		if err := r.CheckLimits(tc.holdings, tc.added); err != nil {
			t.Errorf("%s: in production the limit gives %v", name, err)
		}
		r.Sandbox = true
		t.Log(name)
		requireCode(t, r.CheckLimits(tc.holdings, tc.added), tc.want)
	}
}

// A customer without the agreement can fill a cart, and not buy it.
func TestCheckout_NoAgreement(t *testing.T) {
	t.Parallel()
	author := by(now)
	author.Customer.NoAgreement = true
	_, orders, _, err := rules(t).Checkout(newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly)), author, &counting{})
	requireCode(t, err, 13605)
	if len(orders) != 0 {
		t.Errorf("%d orders were placed", len(orders))
	}
}
