package client

import "github.com/cartwright-dev/cartwright/gen/model"

// The resources of the API, as the contract (api/openapi.yaml) describes them.
type (
	Cart                 = model.Cart
	CartLineItem         = model.CartLineItem
	CartError            = model.CartError
	CartErrorInformation = model.CartErrorInformation
	CartStatus           = model.CartStatus
	CartLinks            = model.CartLinks
	Participant          = model.Participant
	ParticipantKey       = model.ParticipantKey
	BillingCycle         = model.BillingCycle
	PurchaseCommitment   = model.PurchaseCommitment
	RenewsTo             = model.RenewsTo
	Pricing              = model.Pricing
	CartCheckoutResult   = model.CartCheckoutResult
	OrderError           = model.OrderError
	Order                = model.Order
	OrderLineItem        = model.OrderLineItem
	OrderLineItemLinks   = model.OrderLineItemLinks
	OrderLinks           = model.OrderLinks
	OrderStatus          = model.OrderStatus
	OrderTransactionType = model.OrderTransactionType
	ClientContext        = model.ClientContext
	Link                 = model.Link
	KeyValuePair         = model.KeyValuePair
	ResourceAttributes   = model.ResourceAttributes
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

// The roles of a participant.
const (
	ParticipantKeyTransactionReseller           = model.ParticipantKeyTransactionReseller
	ParticipantKeyAdditionalTransactionReseller = model.ParticipantKeyAdditionalTransactionReseller
	ParticipantKeyConsumptionReseller           = model.ParticipantKeyConsumptionReseller
	ParticipantKeyUnknown                       = model.ParticipantKeyUnknown
)
