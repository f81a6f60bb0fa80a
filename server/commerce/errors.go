package commerce

import "fmt"

// Code is an error code of Partner Center, as in the body of an error, on a cart line or in an order error. Its HTTP
// status stands in package server, in one table.
type Code int32

// The codes of whole requests (HTTP-ERRORS).
const (
	CodeNotFound               Code = 1000   // nothing has this path
	CodeQuantitySuspended      Code = 2001   // quantity of a suspended subscription
	CodeQuantityRange          Code = 2002   // quantity of a subscription is outside the limits
	CodeSubscriptionDeleted    Code = 2011   // a deleted subscription can't be updated
	CodeBillingCycleByOrder    Code = 2054   // billing cycle of a legacy subscription is changed through its order
	CodeEtag                   Code = 2055   // etag is out of date
	CodeOrderNotProcessed      Code = 4018   // order can't be processed
	CodeCycleInactive          Code = 6000   // billing cycle: a subscription isn't active
	CodeCycleNotOffered        Code = 6001   // billing cycle: an offer doesn't support it
	CodeNoAgreement            Code = 13605  // customer has not accepted the Microsoft Customer Agreement
	CodeOrderNotFound          Code = 20000  // order id not found
	CodeSubscriptionNotFound   Code = 20003  // subscription id not found
	CodeOrderPromotion         Code = 27007  // invalid promotion code
	CodeTenantNotFound         Code = 60003  // customer is unknown
	CodeProductNotFound        Code = 400013 // product not found
	CodeSKUNotFound            Code = 400018 // SKU not found
	CodeAvailabilityNotFound   Code = 400019 // availability not found; at checkout: read it again
	CodeTargetSegment          Code = 400030 // targetSegment is not allowed
	CodeTargetView             Code = 400036 // targetView is not allowed
	CodeUnauthorized           Code = 800001 // no bearer token
	CodeInvalidInput           Code = 800002 // invalid request input
	CodeUnexpected             Code = 800003 // unexpected error
	CodeOrderOffer             Code = 800004 // invalid offer id
	CodeCartNotFound           Code = 800008 // cart id cannot be retrieved
	CodeCartItems              Code = 800009 // error in cart item(s)
	CodeOrderAzureSubscription Code = 800011 // no valid Azure subscription
	CodeSandboxLimit           Code = 800018 // the sandbox limit has been met
	CodeSandboxOnly            Code = 800019 // only software can be cancelled outside the sandbox
	CodeNotEligible            Code = 800020 // item isn't eligible for purchase
	CodeAddonParent            Code = 800029 // add-on isn't related to its parent
	CodeNotSupported           Code = 800042 // not supported
	CodeOrderNotCancelled      Code = 800061 // order can't be cancelled
	CodeCancelSubscription     Code = 800063 // order can't be cancelled, its subscription can
	CodeCartBusy               Code = 800064 // another request is at work on the cart
	CodeCartSubmitted          Code = 800065 // an already submitted cart
	CodeLineItemNumber         Code = 800071 // line item numbers must run from 0
	CodeCancelSaaS             Code = 800077 // SaaS is cancelled through its subscription
	CodeOrderSeats             Code = 800088 // more seats than a subscription may have
	CodeQuantityDecrease       Code = 800090 // quantity can't be decreased
	CodeNoRenewal              Code = 800093 // subscription can't be renewed
	CodeQuantityFixed          Code = 800095 // quantity can't be updated
	CodeStatusFixed            Code = 800096 // status can't be updated
	CodeBillingCycleFixed      Code = 800097 // billing cycle can't be updated
	CodeOrderTermDuration      Code = 800121 // term duration is invalid
	CodeWindowDays             Code = 900117 // cancellation window has passed, in days
	CodeInvalidCustomerID      Code = 900118 // customer id is no GUID
	CodeInvalidEnum            Code = 900126 // cannot parse an enum word
	CodeCatalogItemIDMissing   Code = 900142 // catalogue item id not present
	CodeOrderCurrency          Code = 900169 // currency is not supported
	CodeSomethingWrong         Code = 900192 // something went wrong, retry
	CodeOrderAttestation       Code = 900203 // catalogue item requires attestation
	CodeAttestationMissing     Code = 900206 // partner attestation is missing
	CodeWindowHours            Code = 900213 // cancellation window has passed, in hours
	CodeOrderTermEnd           Code = 900242 // custom term end date fits nothing
	CodeOrderBillingCycle      Code = 900269 // billing cycle is invalid
	CodeOrderQuantity          Code = 900275 // quantity is not allowed
	CodeUpdateOver             Code = 900279 // updates are no longer allowed
	CodeSavingsPlan            Code = 900321 // not supported for savings plans
	CodeNotInSandbox           Code = 900322 // not sold in the sandbox
)

// The codes of single cart lines (CART-LINE-ERROR). CodeNotInSandbox is one too.
const (
	CodeLineCurrency       Code = 10000  // currency is not the market's
	CodeLineCatalogItem    Code = 10001  // catalogue item is unknown
	CodeLineParticipants   Code = 10004  // participants are not allowed
	CodeLineSubscription   Code = 10007  // Azure subscription is absent or malformed
	CodeLineSandbox        Code = 10009  // over a limit of the sandbox
	CodeLineInvalidInput   Code = 10010  // quantity is outside the SKU's limits, or other input is wrong
	CodeLineAttestation    Code = 10012  // attestation is missing
	CodeLineBillingCycle   Code = 10013  // billing cycle is not offered
	CodeLinePromotion      Code = 10014  // promotion does not apply
	CodeLineSeats          Code = 10015  // more seats than a subscription may have
	CodeLineTermEndProduct Code = 10016  // product can't have a custom term end date
	CodeLineTermEnd        Code = 10017  // custom term end date fits nothing
	CodeLineBase           Code = 10018  // add-on without its base
	CodeLineTermDuration   Code = 400039 // availability does not support the term
)

// Error is a request that the rules refuse. It is found by errors.As, and compared by its code with errors.Is.
type Error struct {
	Code        Code
	Description string   // for a person
	Data        []string // one entry for each fault, "place: reason" with a JSON pointer as the place; may be empty
}

// Error gives the code and the description.
func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Description) }

// Is reports whether target is an Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// invalidInput refuses a request for what stands at a place in it.
func invalidInput(place, format string, args ...any) *Error {
	reason := place + ": " + fmt.Sprintf(format, args...)
	return &Error{Code: CodeInvalidInput, Description: "Invalid request: " + reason, Data: []string{reason}}
}

// Sentinels for errors.Is.
var (
	ErrCartNotFound         = &Error{Code: CodeCartNotFound, Description: "This customer has no cart of this id, or it has expired."}
	ErrOrderNotFound        = &Error{Code: CodeOrderNotFound, Description: "This customer has no order of this id."}
	ErrSubscriptionNotFound = &Error{Code: CodeSubscriptionNotFound, Description: "This customer has no subscription of this id, or it is not provisioned yet."}
	ErrTenantNotFound       = &Error{Code: CodeTenantNotFound, Description: "Tenant not found: the partner has no customer of this id."}
	ErrNoAgreement          = &Error{Code: CodeNoAgreement, Description: "The customer has not accepted the Microsoft Customer Agreement, which a purchase needs."}
	ErrCartSubmitted        = &Error{Code: CodeCartSubmitted, Description: "The cart has been submitted already."}
	ErrSubscriptionDeleted  = &Error{Code: CodeSubscriptionDeleted, Description: "The subscription is deleted and can't be updated."}
	ErrEtag                 = &Error{Code: CodeEtag, Description: "Etag is no longer valid. Read the resource again."}
)
