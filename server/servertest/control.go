package servertest

import (
	"context"
	"slices"

	"github.com/cartwright-dev/cartwright/server/faults"
	"github.com/cartwright-dev/cartwright/server/journal"
)

// Operation is an operation of the contract, by its operationId.
type Operation string

// The operations of the contract.
const (
	CreateCart                        Operation = "createCart"
	GetCart                           Operation = "getCart"
	UpdateCart                        Operation = "updateCart"
	CheckoutCart                      Operation = "checkoutCart"
	ListOrders                        Operation = "listOrders"
	CreateOrder                       Operation = "createOrder"
	GetOrder                          Operation = "getOrder"
	UpdateOrder                       Operation = "updateOrder"
	GetOrderProvisioningStatus        Operation = "getOrderProvisioningStatus"
	ListOrderActivationLinks          Operation = "listOrderActivationLinks"
	ListLineItemActivationLinks       Operation = "listLineItemActivationLinks"
	ListSubscriptions                 Operation = "listSubscriptions"
	GetSubscription                   Operation = "getSubscription"
	UpdateSubscription                Operation = "updateSubscription"
	GetSubscriptionProvisioningStatus Operation = "getSubscriptionProvisioningStatus"
	ActivateSubscription              Operation = "activateSubscription"
	ListProducts                      Operation = "listProducts"
	GetProduct                        Operation = "getProduct"
	ListSkus                          Operation = "listSkus"
	GetSku                            Operation = "getSku"
	ListAvailabilities                Operation = "listAvailabilities"
	GetAvailability                   Operation = "getAvailability"
	ListCustomerProducts              Operation = "listCustomerProducts"
	GetCustomerProduct                Operation = "getCustomerProduct"
	ListCustomerSkus                  Operation = "listCustomerSkus"
	GetCustomerSku                    Operation = "getCustomerSku"
	ListCustomerAvailabilities        Operation = "listCustomerAvailabilities"
	GetCustomerAvailability           Operation = "getCustomerAvailability"
	GetOffer                          Operation = "getOffer"

	AnyOperation Operation = ""
)

// Fail makes the next request of an operation fail, or as many as the fault's Count says; faults that are armed for the same
// requests fire one after the other. The operation stands for the fault's own.
func (s *Stub) Fail(operation Operation, fault faults.Fault) {
	s.t.Helper()
	s.needControl("Fail")
	fault.Operation = string(operation)
	if _, err := s.server.Arm(fault); err != nil {
		s.t.Fatalf("servertest: Fail(%q, %q): %v", operation, fault.Kind, err)
	}
}

// DisarmFaults ends all faults: from now on nothing fails that would not.
func (s *Stub) DisarmFaults() { s.server.DisarmFaults() }

// Requests gives what the stub was asked, and what it answered, of some operations or of all: the oldest first, the last
// journal.MaxEntries at most.
func (s *Stub) Requests(operations ...Operation) []*journal.Entry {
	s.t.Helper()
	s.needControl("Requests")
	entries := s.server.Requests(journal.Filter{})
	slices.Reverse(entries)
	if len(operations) == 0 {
		return entries
	}
	return slices.DeleteFunc(entries, func(e *journal.Entry) bool { return !slices.Contains(operations, Operation(e.Operation)) })
}

// needControl fails the test where it has switched off what a call needs.
func (s *Stub) needControl(call string) {
	s.t.Helper()
	if !s.control {
		s.t.Fatalf("servertest: %s needs Options.Control, which the test has switched off", call)
	}
}

// Provision completes all orders that are pending, whatever they wait for, and tells how many there were.
func (s *Stub) Provision() int {
	s.t.Helper()
	n, err := s.server.Provision(context.Background(), "", "")
	if err != nil {
		s.t.Fatalf("servertest: Provision: %v", err)
	}
	return n
}
