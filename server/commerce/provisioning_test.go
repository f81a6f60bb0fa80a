package commerce_test

import (
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// ORDER-STATUS, ORDER-SUBSCRIPTION
func TestProvisioning(t *testing.T) {
	t.Parallel()
	_, orders, _, err := rules(t).Checkout(newCart(t, sixLines()...), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	const azureOrder, oneTime, saasOrder = 0, 1, 2
	for name, tc := range map[string]struct {
		order        int
		after        time.Duration
		status       model.OrderStatus
		subscription bool
	}{
		"legacy at once":                    {azureOrder, 0, model.OrderStatusCompleted, true},
		"SaaS at once":                      {saasOrder, 0, model.OrderStatusPending, false},
		"SaaS a microsecond before":         {saasOrder, 5*time.Second - time.Microsecond, model.OrderStatusPending, false},
		"SaaS after the delay":              {saasOrder, 5 * time.Second, model.OrderStatusCompleted, true},
		"SaaS a year later":                 {saasOrder, 365 * 24 * time.Hour, model.OrderStatusCompleted, true},
		"reservations and software at once": {oneTime, 0, model.OrderStatusPending, false},
		"reservations never get one":        {oneTime, time.Hour, model.OrderStatusCompleted, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := orders[tc.order].At(orders[0].Order.CreationDate.Add(tc.after), true)
			if got.Status != tc.status {
				t.Errorf("status is %s, want %s", got.Status, tc.status)
			}
			for _, l := range got.LineItems {
				if (l.SubscriptionID != "") != tc.subscription || (l.Links.Subscription != nil) != tc.subscription {
					t.Errorf("subscription is %q with link %v, want one: %v", l.SubscriptionID, l.Links.Subscription, tc.subscription)
				}
			}
		})
	}
}

func TestProvisioning_AtOnce(t *testing.T) {
	t.Parallel()
	r := rules(t)
	r.ProvisionDelay = 0
	_, _, result, err := r.Checkout(newCart(t, line(saas, 1, "P1M", model.BillingCycleMonthly)), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	if o := result.Orders[0]; o.Status != model.OrderStatusCompleted || o.LineItems[0].SubscriptionID == "" {
		t.Errorf("with no delay the checkout answers status %s and subscription %q", o.Status, o.LineItems[0].SubscriptionID)
	}
}

// ORDER-PRICE
func TestAt_Price(t *testing.T) {
	t.Parallel()
	_, orders, _, err := rules(t).Checkout(newCart(t, line(license, 1, "P1M", model.BillingCycleMonthly)), by(now), &counting{})
	if err != nil {
		t.Fatal(err)
	}
	if o := orders[0].At(now, false); o.TotalPrice != nil || o.LineItems[0].Pricing != nil {
		t.Errorf("without prices: total %v, pricing %v", o.TotalPrice, o.LineItems[0].Pricing)
	}
	if o := orders[0].At(now, true); o.TotalPrice == nil || *o.TotalPrice != 36.48 || o.LineItems[0].Pricing == nil {
		t.Errorf("with prices: total %v, pricing %v", o.TotalPrice, o.LineItems[0].Pricing)
	}
}
