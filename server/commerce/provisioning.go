package commerce

import (
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// OrderRecord is the stored document of an order: the order as it was placed, with prices, and what becomes of its lines.
// An order and its subscriptions are one document.
type OrderRecord struct {
	Order        model.Order    `json:"order"`
	Provisioning []Provisioning `json:"provisioning"` // one for each line, in the same order
}

// Provisioning is what becomes of one order line, fixed when the order is placed.
type Provisioning struct {
	SubscriptionID string    `json:"subscriptionId,omitempty"` // empty for what makes no subscription
	ReadyAt        time.Time `json:"readyAt"`
}

// newProvisioning fixes when a line is provisioned: legacy items at once, all others after the delay.
func newProvisioning(item Item, now time.Time, purchase Purchase) Provisioning {
	p := Provisioning{ReadyAt: now}
	if !item.Product.Legacy() {
		p.ReadyAt = now.Add(purchase.ProvisionDelay)
	}
	if item.Product.Subscription {
		p.SubscriptionID = purchase.IDs.GUID()
	}
	return p
}

// Ready reports whether the line is provisioned at now.
func (p Provisioning) Ready(now time.Time) bool { return !now.Before(p.ReadyAt) }

// at adds to a line what it has once it is provisioned: the id of its subscription, and the link to it
// (ORDER-SUBSCRIPTION).
func (p Provisioning) at(now time.Time, customerID string, line model.OrderLineItem) model.OrderLineItem {
	if p.SubscriptionID != "" && p.Ready(now) {
		line.SubscriptionID = p.SubscriptionID
		line.Links.Subscription = linkTo("GET", "customers", customerID, "subscriptions", p.SubscriptionID)
	}
	return line
}

// statusAt is the order's status at now: a pending order is completed once all of its lines are provisioned
// (ORDER-STATUS).
func (r OrderRecord) statusAt(now time.Time) model.OrderStatus {
	if r.Order.Status != model.OrderStatusPending {
		return r.Order.Status
	}
	for _, p := range r.Provisioning {
		if !p.Ready(now) {
			return model.OrderStatusPending
		}
	}
	return model.OrderStatusCompleted
}
