package commerce

import "fmt"

// What the integration sandbox allows.
const (
	sandboxCustomers     = 75
	sandboxSubscriptions = 5 // a customer
)

// Holdings is what counts against the limits of the sandbox, before an order.
type Holdings struct {
	Customers     int  // that have orders; counted only where this one has none
	HasOrders     bool // this customer has
	Subscriptions int  // of this customer, those that are not cancelled
}

// CheckLimits refuses a purchase that adds so many subscriptions and would pass the limits of the sandbox, with 800018.
// Whoever asks must hold the lock on the customer until the purchase is stored.
func (r Rules) CheckLimits(h Holdings, added int) error {
	switch {
	case !r.Sandbox:
		return nil
	case added > 0 && h.Subscriptions+added > sandboxSubscriptions:
		return &Error{Code: CodeSandboxLimit, Description: fmt.Sprintf(
			"The sandbox limit has been met: the customer has %d subscriptions of at most %d, and this would add %d.",
			h.Subscriptions, sandboxSubscriptions, added)}
	case !h.HasOrders && h.Customers >= sandboxCustomers:
		return &Error{Code: CodeSandboxLimit, Description: fmt.Sprintf(
			"The sandbox limit has been met: %d of at most %d customers have orders.", h.Customers, sandboxCustomers)}
	}
	return nil
}

// CountSubscriptions counts the order's subscriptions that are not cancelled, provisioned or not.
func (r OrderRecord) CountSubscriptions() int {
	n := 0
	for _, p := range r.Provisioning {
		if p.SubscriptionID != "" && !p.Cancelled {
			n++
		}
	}
	return n
}

// SubscriptionIDs gives the ids of all subscriptions that the order makes, provisioned or not.
func (r OrderRecord) SubscriptionIDs() []string {
	var ids []string
	for _, p := range r.Provisioning {
		if p.SubscriptionID != "" {
			ids = append(ids, p.SubscriptionID)
		}
	}
	return ids
}
