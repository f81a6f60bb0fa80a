package client

import "github.com/cartwright-dev/cartwright/gen/model"

// The types of the contract (api/openapi.yaml), under its names.

type (
	// Cart is what a customer is to buy.
	Cart = model.Cart
	// CartLineItem is one catalogue item of a cart. Its Error comes as a *CartLineItemsError too.
	CartLineItem = model.CartLineItem
	// CartError is why a line of a cart can't be bought (CART-LINE-ERROR).
	CartError = model.CartError
	// CartErrorInformation is how many seats are left, in some cart errors.
	CartErrorInformation = model.CartErrorInformation
	// CartStatus says whether a cart can still be changed and bought.
	CartStatus = model.CartStatus
	// CartLinks has the link to a cart.
	CartLinks = model.CartLinks
	// Participant is a partner on record of a cart line (CART-PARTICIPANTS).
	Participant = model.Participant
	// ParticipantKey is the role of a participant.
	ParticipantKey = model.ParticipantKey
	// BillingCycle says how often an item is billed.
	BillingCycle = model.BillingCycle
	// PurchaseCommitment is what a savings plan commits to spend.
	PurchaseCommitment = model.PurchaseCommitment
	// RenewsTo is the term that follows a trial.
	RenewsTo = model.RenewsTo
	// Pricing has the amounts of a line, before tax (CART-PRICING).
	Pricing = model.Pricing
	// CartCheckoutResult is what a checkout did. Its OrderErrors come as a *PartialCheckoutError too (CHECKOUT-RETRY).
	CartCheckoutResult = model.CartCheckoutResult
	// OrderError is why an order group was not bought.
	OrderError = model.OrderError
	// Order is the purchase of one order group.
	Order = model.Order
	// OrderLineItem is one catalogue item of an order.
	OrderLineItem = model.OrderLineItem
	// OrderLineItemLinks has the links of an order's line.
	OrderLineItemLinks = model.OrderLineItemLinks
	// OrderLinks has the links of an order.
	OrderLinks = model.OrderLinks
	// OrderStatus says how far an order is (ORDER-STATUS).
	OrderStatus = model.OrderStatus
	// OrderTransactionType says who placed an order.
	OrderTransactionType = model.OrderTransactionType
	// NewOrder is what is bought without a cart (ORDER-CREATE).
	NewOrder = model.NewOrder
	// NewOrderLineItem is one catalogue item of it.
	NewOrderLineItem = model.NewOrderLineItem
	// OrderUpdate is a change of an order (ORDER-PATCH).
	OrderUpdate = model.OrderUpdate
	// OrderLineUpdate is a line to cancel, or an add-on to buy.
	OrderLineUpdate = model.OrderLineUpdate
	// OrderLineItemProvisioningStatus says how far a line of an order is (ORDER-PROVISIONING).
	OrderLineItemProvisioningStatus = model.OrderLineItemProvisioningStatus
	// ProvisioningStatus says whether units are there.
	ProvisioningStatus = model.ProvisioningStatus
	// ActivationLink is where a SaaS line is activated (ACTIVATION).
	ActivationLink = model.ActivationLink
	// Subscription is what a line of an order has made (SUBSCRIPTION).
	Subscription = model.Subscription
	// SubscriptionUpdate is a change of a subscription (SUBSCRIPTION-PATCH).
	SubscriptionUpdate = model.SubscriptionUpdate
	// SubscriptionStatus says whether a subscription can be used.
	SubscriptionStatus = model.SubscriptionStatus
	// SubscriptionProvisioningStatus says how far a subscription is.
	SubscriptionProvisioningStatus = model.SubscriptionProvisioningStatus
	// SubscriptionActivation is the outcome of an activation.
	SubscriptionActivation = model.SubscriptionActivation
	// Product is what SKUs are of (CATALOG).
	Product = model.Product
	// SKU is a variant of a product.
	SKU = model.SKU
	// Availability is a SKU as it is sold now, with the CatalogItemID for cart lines.
	Availability = model.Availability
	// Term is a way to buy an availability: for how long, and how billed.
	Term = model.Term
	// Offer is a legacy offer.
	Offer = model.Offer
	// ClientContext says where an order came from.
	ClientContext = model.ClientContext //nolint:revive // the contract's name
	// Link is another resource, relative to /v1.
	Link = model.Link
	// KeyValuePair is a header of a link.
	KeyValuePair = model.KeyValuePair
	// ResourceAttributes has the name of a resource's type, and the etag of a legacy order.
	ResourceAttributes = model.ResourceAttributes
)

// The words of a billing cycle.
const (
	BillingCycleMonthly   = model.BillingCycleMonthly
	BillingCycleAnnual    = model.BillingCycleAnnual
	BillingCycleNone      = model.BillingCycleNone
	BillingCycleOneTime   = model.BillingCycleOneTime
	BillingCycleTriennial = model.BillingCycleTriennial
	BillingCycleBiennial  = model.BillingCycleBiennial
	BillingCycleUnknown   = model.BillingCycleUnknown
)

// The words of a cart's status.
const (
	CartStatusActive  = model.CartStatusActive
	CartStatusOrdered = model.CartStatusOrdered
)

// The words of an order's status.
const (
	OrderStatusUnknown          = model.OrderStatusUnknown
	OrderStatusCompleted        = model.OrderStatusCompleted
	OrderStatusPending          = model.OrderStatusPending
	OrderStatusCancelled        = model.OrderStatusCancelled
	OrderStatusSuspended        = model.OrderStatusSuspended
	OrderStatusPendingReview    = model.OrderStatusPendingReview
	OrderStatusPendingPoUpload  = model.OrderStatusPendingPoUpload
	OrderStatusPoUploadComplete = model.OrderStatusPoUploadComplete
	OrderStatusPoReviewRejected = model.OrderStatusPoReviewRejected
	OrderStatusPartialSuccess   = model.OrderStatusPartialSuccess
	OrderStatusError            = model.OrderStatusError
)

// The words of a subscription's status.
const (
	SubscriptionStatusNone      = model.SubscriptionStatusNone
	SubscriptionStatusActive    = model.SubscriptionStatusActive
	SubscriptionStatusPending   = model.SubscriptionStatusPending
	SubscriptionStatusSuspended = model.SubscriptionStatusSuspended
	SubscriptionStatusExpired   = model.SubscriptionStatusExpired
	SubscriptionStatusDisabled  = model.SubscriptionStatusDisabled
	SubscriptionStatusDeleted   = model.SubscriptionStatusDeleted
)

// The words of a line's provisioning status.
const (
	ProvisioningStatusFulfilled             = model.ProvisioningStatusFulfilled
	ProvisioningStatusUnfulfilled           = model.ProvisioningStatusUnfulfilled
	ProvisioningStatusPrefulfillmentpending = model.ProvisioningStatusPrefulfillmentpending
)

// The roles of a participant.
const (
	ParticipantKeyTransactionReseller           = model.ParticipantKeyTransactionReseller
	ParticipantKeyAdditionalTransactionReseller = model.ParticipantKeyAdditionalTransactionReseller
	ParticipantKeyConsumptionReseller           = model.ParticipantKeyConsumptionReseller
	ParticipantKeyUnknown                       = model.ParticipantKeyUnknown
)
