package commerce

import (
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// Provisioning is what becomes of one order line: when it is provisioned, fixed when the order is placed, and its
// subscription.
type Provisioning struct {
	SubscriptionID       string       `json:"subscriptionId,omitempty"` // empty for what makes no subscription
	ParentSubscriptionID string       `json:"parentSubscriptionId,omitempty"`
	EntitlementID        string       `json:"entitlementId,omitempty"` // in Azure: of legacy Azure, or the benefit of a savings plan
	ReadyAt              time.Time    `json:"readyAt,omitzero"`        // zero: never
	Cancelled            bool         `json:"cancelled,omitempty"`
	Failed               bool         `json:"failed,omitempty"` // when it should be ready it fails instead
	Sold                 Sold         `json:"sold"`
	Subscription         Subscription `json:"subscription,omitzero"` // as it was when it was last changed
}

// Sold is what the catalogue said of an item when it was sold, as far as its order and subscription ask for it later.
type Sold struct {
	Kind      Kind   `json:"kind"`
	ProductID string `json:"productId"`
	Title     string `json:"title"`
	Publisher string `json:"publisher"`
	Country   string `json:"country"`
	Minimum   int32  `json:"minimum"`
	Maximum   int32  `json:"maximum"`
}

// newProvisioning fixes when a line is provisioned: legacy items at once, all others after the delay, some later or never
// (CHECKOUT-MAGIC).
func (r Rules) newProvisioning(line model.OrderLineItem, cycle model.BillingCycle, item Item, now time.Time, ids IDs) Provisioning {
	p := Provisioning{ReadyAt: now, Sold: Sold{
		Kind:      item.Product.Kind,
		ProductID: item.Product.ID,
		Title:     item.SKU.Title,
		Publisher: item.Product.Publisher,
		Country:   item.Availability.Country,
		Minimum:   item.SKU.MinimumQuantity,
		Maximum:   item.SKU.MaximumQuantity,
	}}
	if !item.Product.Kind.Legacy() {
		p.ReadyAt = now.Add(r.ProvisionDelay)
	}
	switch item.SKU.Behavior {
	case ProvisionedAfterADay:
		p.ReadyAt = now.Add(24 * time.Hour)
	case NeverProvisioned, PendingReview, PendingPOUpload:
		p.ReadyAt = time.Time{}
	}
	if kinds[item.Product.Kind].subscription != nil {
		p.SubscriptionID = ids.GUID()
		if item.Product.Kind == KindAzure || item.Product.Kind == KindSavingsPlan {
			p.EntitlementID = ids.GUID()
		}
		p.Subscription = newSubscription(line, cycle, item, p.ReadyAt, now)
	}
	return p
}

// Ready reports whether the line is provisioned at now.
func (p Provisioning) Ready(now time.Time) bool { return !p.ReadyAt.IsZero() && !now.Before(p.ReadyAt) }

// subscribed reports whether the line has a subscription at now (ORDER-SUBSCRIPTION).
func (p Provisioning) subscribed(now time.Time) bool {
	return p.SubscriptionID != "" && p.Ready(now) && !p.Failed
}

// line adds to an order line what it has once it is provisioned: the id of its subscription, and the links to it and to
// its activation (ORDER-SUBSCRIPTION, ACTIVATION).
func (p Provisioning) line(now time.Time, order model.Order, line model.OrderLineItem) model.OrderLineItem {
	if !p.subscribed(now) {
		return line
	}
	line.SubscriptionID = p.SubscriptionID
	line.Links.Subscription = linkTo("GET", "customers", order.ReferenceCustomerID, "subscriptions", p.SubscriptionID)
	if p.Sold.Kind == KindSaaS && !p.Cancelled {
		line.Links.ActivationLinks = activationLinksOf(order, line.LineItemNumber)
	}
	return line
}

// statusAt is the order's status at now: a pending order is completed once all of its lines that are not cancelled are
// provisioned (ORDER-STATUS). Where provisioning failed it is in error then, or a partial success.
func (r OrderRecord) statusAt(now time.Time) model.OrderStatus {
	if r.Order.Status != model.OrderStatusPending {
		return r.Order.Status
	}
	failed, lines := 0, 0
	for _, p := range r.Provisioning {
		switch {
		case p.Cancelled:
			continue
		case !p.Ready(now):
			return model.OrderStatusPending
		case p.Failed:
			failed++
		}
		lines++
	}
	switch {
	case failed == 0:
		return model.OrderStatusCompleted
	case failed < lines:
		return model.OrderStatusPartialSuccess
	}
	return model.OrderStatusError
}

// ProvisioningStatus tells how far each line is at now (ORDER-PROVISIONING).
func (r OrderRecord) ProvisioningStatus(now time.Time) model.OrderLineItemProvisioningStatusCollection {
	out := model.OrderLineItemProvisioningStatusCollection{
		TotalCount: int32(len(r.Order.LineItems)),
		Items:      make([]model.OrderLineItemProvisioningStatus, len(r.Order.LineItems)),
		Attributes: model.ResourceAttributes{ObjectType: "Collection"},
	}
	for i, p := range r.Provisioning {
		line := r.Order.LineItems[i]
		status := model.ProvisioningStatusPrefulfillmentpending
		switch {
		case p.Cancelled || p.Failed && p.Ready(now):
			status = model.ProvisioningStatusUnfulfilled
		case p.Ready(now):
			status = model.ProvisioningStatusFulfilled
		}
		out.Items[i] = model.OrderLineItemProvisioningStatus{
			OrderLineItemID:                 line.LineItemNumber,
			LineItemNumber:                  line.LineItemNumber,
			Status:                          status,
			QuantityProvisioningInformation: []model.QuantityProvisioningStatus{{Quantity: line.Quantity, Status: status}},
		}
	}
	return out
}

// ActivationLinks lists where the order's SaaS subscriptions are activated at now (ACTIVATION). The stub has no publisher's
// page to send anybody to: a link leads to what the sandbox has instead of it.
func (r OrderRecord) ActivationLinks(now time.Time) model.ActivationLinkCollection {
	self := link("GET", "customers", r.Order.ReferenceCustomerID, "orders", r.Order.ID, "activationlinks")
	return r.activationLinks(now, self, func(int32) bool { return true })
}

// LineActivationLinks is ActivationLinks of one line; 20000 where the order has no such line.
func (r OrderRecord) LineActivationLinks(number int32, now time.Time) (model.ActivationLinkCollection, error) {
	if int(number) >= len(r.Order.LineItems) {
		return model.ActivationLinkCollection{}, &Error{Code: CodeOrderNotFound, Description: "The order has no line of this number."}
	}
	return r.activationLinks(now, *activationLinksOf(r.Order, number), func(n int32) bool { return n == number }), nil
}

func (r OrderRecord) activationLinks(now time.Time, self model.Link, wanted func(number int32) bool) model.ActivationLinkCollection {
	out := model.ActivationLinkCollection{
		Items:      []model.ActivationLink{},
		Links:      model.CollectionLinks{Self: self},
		Attributes: model.ResourceAttributes{ObjectType: "Collection"},
	}
	for i, p := range r.Provisioning {
		if number := r.Order.LineItems[i].LineItemNumber; wanted(number) && p.Sold.Kind == KindSaaS && !p.Cancelled && p.subscribed(now) {
			out.Items = append(out.Items, model.ActivationLink{
				LineItemNumber: number,
				Link:           link("POST", "customers", r.Order.ReferenceCustomerID, "subscriptions", p.SubscriptionID, "activate"),
			})
		}
	}
	out.TotalCount = int32(len(out.Items))
	return out
}
