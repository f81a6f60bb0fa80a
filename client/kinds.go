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
	ErrAssetLimit           = errors.New("asset limit met")                           // 403 / 800089
	ErrSeatLimit            = errors.New("seat limit met")                            // 403 / 800088, in a line 10015
	ErrNoAgreement          = errors.New("no customer agreement")                     // 403 / 13605
	ErrAttestation          = errors.New("attestation missing")                       // 900203, 900206, in a line 10012
	ErrOrderNotFound        = errors.New("order not found")                           // 404 / 20000
	ErrSubscriptionNotFound = errors.New("subscription not found")                    // 404 / 20003
	ErrCustomerNotFound     = errors.New("customer not found")                        // 404 / 60003
	ErrEtag                 = errors.New("etag out of date")                          // 400 / 2055
	ErrCancellationWindow   = errors.New("cancellation window over")                  // 400 / 900117 and 900213
	ErrTryAgain             = errors.New("the service failed and can be asked again") // 500 / 800003 and 900192
)

// kind is what is known about a code or a status.
type kind struct {
	err   error
	hint  string // what to do next
	again bool   // whether an order group that fails with it may succeed without any change
}

const newItem = "read the availability again (Products.Availabilities) and put its CatalogItemID into a new cart"

// kinds are those of Partner Center's codes.
var kinds = map[int]kind{
	2055:   {ErrEtag, "get the resource again and give IfMatch its new etag", false},
	10001:  {ErrAvailabilityGone, "check the CatalogItemID, or " + newItem, false},
	10009:  {ErrSandboxLimit, "a sandbox has 75 customers, 5 subscriptions each, 25 seats each: cancel some, or use another customer", false},
	10012:  {ErrAttestation, "set AttestationAccepted on the line once the customer has attested", false},
	10015:  {ErrSeatLimit, "see AdditionalInformation for how many seats are left", false},
	13605:  {ErrNoAgreement, "have the customer accept the Microsoft Customer Agreement, then check out the same cart again", false},
	20000:  {ErrOrderNotFound, "check the order id and the customer id; a new order may take 15 minutes to be listed", false},
	20003:  {ErrSubscriptionNotFound, "check the subscription id and the customer id", false},
	60003:  {ErrCustomerNotFound, "check the customer id", false},
	400019: {ErrAvailabilityGone, newItem, false},
	800001: {ErrUnauthorized, "get a new token; see package auth", false},
	800002: {ErrInvalidRequest, "correct what Data names", false},
	800003: {ErrTryAgain, "try again with the same request id", true},
	800008: {ErrCartNotFound, "a cart lives 7 days: make a new one, but look at Orders.List first if this one may have been checked out", false},
	800009: {ErrCartItems, "get the cart, correct the lines that have an Error, and update it", false},
	800018: {ErrSandboxLimit, "a sandbox has 75 customers, 5 subscriptions each, 25 seats each: cancel some, or use another customer", false},
	800020: {ErrNotEligible, "this customer can't buy the item: look for another in the customer's own catalogue", false},
	800060: {ErrOrderInProgress, "wait some minutes and check out the same cart again, never a new one", true},
	800064: {ErrCartBusy, "another request is at work on the cart: wait, then check out the same cart again", true},
	800065: {ErrCartSubmitted, "the cart is bought, wholly or in part: look at Orders.List, and put what is missing into a new cart", false},
	800088: {ErrSeatLimit, "buy fewer seats, or a second subscription", false},
	800089: {ErrAssetLimit, "check the CatalogItemID first (a wrong one is answered so too), then how many assets the customer has", false},
	900117: {ErrCancellationWindow, "it can no longer be cancelled: switch off its renewal", false},
	900192: {ErrTryAgain, "ask again: check out the same cart, or repeat the request with its request id", true},
	900203: {ErrAttestation, "set AttestationAccepted on the line once the customer has attested", false},
	900206: {ErrAttestation, "set PartnerOnRecordAttestationAccepted of the cart", false},
	900213: {ErrCancellationWindow, "it can no longer be cancelled: switch off its renewal", false},
	900420: {ErrWrongAudience, "ask for a token of the scope https://api.partnercenter.microsoft.com/.default", false},
	900421: {ErrMFARequired, "sign in again with multi-factor authentication and use the new refresh token", false},
}

// kindsOfStatus are those of HTTP's statuses, for answers with and without a code.
var kindsOfStatus = map[int]kind{
	http.StatusUnauthorized:    {ErrUnauthorized, "get a new token; see package auth", false},
	http.StatusForbidden:       {ErrForbidden, "check the roles of the app or user, and its relation to the customer", false},
	http.StatusNotFound:        {ErrNotFound, "check the ids", false},
	http.StatusTooManyRequests: {ErrThrottled, "ask less often, or raise the retries of WithRetry", true},
}

// hint says what to do about a code, or else about a status.
func hint(code, status int) string {
	if kind, ok := kinds[code]; ok {
		return kind.hint
	}
	return kindsOfStatus[status].hint
}
