package client

import (
	"errors"
	"net/http"
)

// The kinds of failure that a program may want to tell apart, for errors.Is. They match an *Error, and the codes within a
// *PartialCheckoutError and a *CartLineItemsError too.
var (
	ErrThrottled            = errors.New("throttled")                                 // 429, after all retries
	ErrUnauthorized         = errors.New("unauthorized")                              // 401, of every kind
	ErrMFARequired          = errors.New("multi-factor authentication required")      // 401 / 900421
	ErrWrongAudience        = errors.New("token of a wrong audience")                 // 401 / 900420
	ErrForbidden            = errors.New("forbidden")                                 // 403, of every kind
	ErrNotFound             = errors.New("not found")                                 // 404, of every kind
	ErrInvalidRequest       = errors.New("invalid request")                           // 400 / 800002
	ErrCartBusy             = errors.New("cart busy")                                 // 409 / 800064
	ErrOrderInProgress      = errors.New("order in progress")                         // 409 / 800060
	ErrCartSubmitted        = errors.New("cart submitted already")                    // 400 / 800065
	ErrCartNotFound         = errors.New("cart not found")                            // 404 / 800008
	ErrCartItems            = errors.New("cart lines in error")                       // 400 / 800009
	ErrAvailabilityGone     = errors.New("availability gone")                         // 400019, in a line or an order group 10001 too
	ErrNotEligible          = errors.New("not eligible")                              // 800020
	ErrSandboxLimit         = errors.New("sandbox limit met")                         // 400 / 800018, in a line 10009
	ErrAssetLimit           = errors.New("asset limit met")                           // 403 / 800066, 800068, 800089
	ErrSeatLimit            = errors.New("seat limit met")                            // 403 / 800067, 800088, in a line 10015
	ErrNoAgreement          = errors.New("no customer agreement")                     // 403 / 13605, 900123, 900124
	ErrAttestation          = errors.New("attestation missing")                       // 900203, 900206, in a line 10012
	ErrOrderNotFound        = errors.New("order not found")                           // 404 / 20000
	ErrSubscriptionNotFound = errors.New("subscription not found")                    // 404 / 20003
	ErrCustomerNotFound     = errors.New("customer not found")                        // 404 / 60003
	ErrEtag                 = errors.New("etag out of date")                          // 400 / 2055
	ErrCancellationWindow   = errors.New("cancellation window over")                  // 400 / 900117 and 900213
	ErrConflict             = errors.New("conflict")                                  // 409, of every kind
	ErrNoRelation           = errors.New("no relation to the customer")               // 403 / 20002
	ErrTryAgain             = errors.New("the service failed and can be asked again") // 408, 5xx, of every kind
)

// kind is what is known about a code or a status.
type kind struct {
	err   error
	hint  string // what to do next
	again bool   // whether the same may succeed later, without any change
}

const (
	newItem      = "read the availability again (Products.Availabilities) and put its CatalogItemID into a new cart"
	sandboxLimit = "a sandbox has 75 customers, 5 subscriptions each, 25 seats each: cancel some, or use another customer"
	attest       = "set AttestationAccepted on the line once the customer has attested"
	windowOver   = "it can no longer be cancelled: switch off its renewal"
	tooMany      = "the customer has as many as it may have: cancel some, or ask Microsoft's support"
	underReview  = "the customer's account is under review: wait for Microsoft's decision"
	sameCart     = "wait some minutes and check out the same cart again, as CheckoutOnce does; never make a new one meanwhile"
)

// kinds are those of Partner Center's codes.
var kinds = map[int]kind{
	2055:   {err: ErrEtag, hint: "get the resource again and give IfMatch its new etag"},
	10001:  {err: ErrAvailabilityGone, hint: "check the CatalogItemID, or " + newItem},
	10009:  {err: ErrSandboxLimit, hint: sandboxLimit},
	10012:  {err: ErrAttestation, hint: attest},
	10015:  {err: ErrSeatLimit, hint: "see AdditionalInformation for how many seats are left"},
	13605:  {err: ErrNoAgreement, hint: "have the customer accept the Microsoft Customer Agreement, then check out the same cart again"},
	20000:  {err: ErrOrderNotFound, hint: "check the order id and the customer id; a new order may take 15 minutes to be listed"},
	20002:  {err: ErrNoRelation, hint: "have the customer accept the reseller relationship, or check the customer id"},
	20003:  {err: ErrSubscriptionNotFound, hint: "check the subscription id and the customer id"},
	60003:  {err: ErrCustomerNotFound, hint: "check the customer id"},
	400019: {err: ErrAvailabilityGone, hint: newItem},
	400072: {err: ErrNotEligible, hint: "the item is not available: look for another"},
	800001: {err: ErrUnauthorized, hint: "get a new token; see package auth"},
	800002: {err: ErrInvalidRequest, hint: "correct what Data names"},
	800003: {err: ErrTryAgain, hint: "try again with the same request id", again: true},
	800005: {err: ErrTryAgain, hint: sameCart, again: true},
	800008: {
		err: ErrCartNotFound,
		hint: "a cart lives 7 days. If this one was never checked out, make a new one; else first see in Orders.List what it has ordered, " +
			"which may take 15 minutes to be listed",
	},
	800009: {err: ErrCartItems, hint: "get the cart, correct the lines that have an Error, and update it"},
	800010: {err: ErrNotEligible, hint: "there is no inventory left: buy fewer, or another item"},
	800017: {err: ErrNotEligible, hint: "this quantity is not available: buy fewer"},
	800018: {err: ErrSandboxLimit, hint: sandboxLimit},
	800020: {err: ErrNotEligible, hint: "this customer can't buy the item: look for another in the customer's own catalogue"},
	800029: {err: ErrNotEligible, hint: "an add-on needs its base, in the same cart or bought before"},
	800060: {err: ErrOrderInProgress, hint: sameCart, again: true},
	800064: {err: ErrCartBusy, hint: "another request is at work on the cart: " + sameCart, again: true},
	800065: {
		err:  ErrCartSubmitted,
		hint: "the cart is bought: its orders are in Orders.List, where new ones may take 15 minutes to be listed. Do not buy it again",
	},
	800066: {err: ErrAssetLimit, hint: tooMany},
	800067: {err: ErrSeatLimit, hint: "buy fewer seats, or a second subscription"},
	800068: {err: ErrAssetLimit, hint: tooMany},
	800073: {err: ErrNotEligible, hint: underReview},
	800074: {err: ErrNotEligible, hint: underReview},
	800075: {err: ErrNotEligible, hint: underReview},
	800088: {err: ErrSeatLimit, hint: "buy fewer seats, or a second subscription"},
	800089: {err: ErrAssetLimit, hint: "check the CatalogItemID first (a wrong one is answered so too), then how many assets the customer has"},
	900117: {err: ErrCancellationWindow, hint: windowOver},
	900121: {err: ErrNotEligible, hint: "the credit limit is met: ask Microsoft's support"},
	900123: {err: ErrNoAgreement, hint: "have the reseller accept the Microsoft Partner Agreement"},
	900124: {err: ErrNoAgreement, hint: "accept the Microsoft Partner Agreement for your own company"},
	900192: {err: ErrTryAgain, hint: "ask again: check out the same cart, or repeat the request with its request id", again: true},
	900203: {err: ErrAttestation, hint: attest},
	900206: {err: ErrAttestation, hint: "set PartnerOnRecordAttestationAccepted of the cart"},
	900213: {err: ErrCancellationWindow, hint: windowOver},
	900329: {err: ErrForbidden, hint: "this needs a token of an application and a user (App+User); see package auth"},
	900420: {err: ErrWrongAudience, hint: "ask for a token of the scope https://api.partnercenter.microsoft.com/.default"},
	900421: {err: ErrMFARequired, hint: "sign in again with multi-factor authentication and use the new refresh token"},
}

// kindsOfStatus are those of HTTP's statuses, for answers with and without a code.
var kindsOfStatus = map[int]kind{
	http.StatusUnauthorized:        {err: ErrUnauthorized, hint: "get a new token; see package auth"},
	http.StatusForbidden:           {err: ErrForbidden, hint: "check the roles of the app or user, and its relation to the customer"},
	http.StatusNotFound:            {err: ErrNotFound, hint: "check the ids"},
	http.StatusRequestTimeout:      {err: ErrTryAgain, hint: "try again with the same request id"},
	http.StatusConflict:            {err: ErrConflict, hint: "wait, and try again"},
	http.StatusTooManyRequests:     {err: ErrThrottled, hint: "ask less often, or raise the retries of WithRetry"},
	http.StatusInternalServerError: {err: ErrTryAgain, hint: "try again with the same request id"},
	http.StatusBadGateway:          {err: ErrTryAgain, hint: "try again with the same request id"},
	http.StatusServiceUnavailable:  {err: ErrTryAgain, hint: "try again with the same request id"},
	http.StatusGatewayTimeout:      {err: ErrTryAgain, hint: "try again with the same request id"},
}

// hint says what to do about a code, or else about a status.
func hint(code, status int) string {
	if kind, ok := kinds[code]; ok {
		return kind.hint
	}
	return kindsOfStatus[status].hint
}

// isFinal tells whether a code says for certain that something was not done, and will not be without a change.
func isFinal(code int) bool {
	kind, known := kinds[code]
	return known && !kind.again && !errors.Is(kind.err, ErrCartSubmitted)
}
