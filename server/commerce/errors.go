package commerce

import "fmt"

// Code is an error code of Partner Center, as in the body of an error, on a cart line or in an order error. Its HTTP
// status stands in package server, in one table.
type Code int32

// The codes of whole requests (HTTP-ERRORS).
const (
	CodeNotFound             Code = 1000   // nothing has this path
	CodeOrderNotFound        Code = 20000  // order id not found
	CodeAvailabilityNotFound Code = 400019 // availability not found, at checkout: read it again
	CodeUnauthorized         Code = 800001 // no bearer token
	CodeInvalidInput         Code = 800002 // invalid request input
	CodeUnexpected           Code = 800003 // unexpected error
	CodeCartNotFound         Code = 800008 // cart id cannot be retrieved
	CodeCartItems            Code = 800009 // error in cart item(s)
	CodeCartSubmitted        Code = 800065 // an already submitted cart
	CodeInvalidCustomerID    Code = 900118 // customer id is no GUID
	CodeInvalidEnum          Code = 900126 // cannot parse an enum word
	CodeCatalogItemIDMissing Code = 900142 // catalogue item id not present
)

// The codes of single cart lines (CART-LINE-ERROR).
const (
	CodeLineCurrency     Code = 10000  // currency is not the market's
	CodeLineCatalogItem  Code = 10001  // catalogue item is unknown
	CodeLineInvalidInput Code = 10010  // quantity is outside the SKU's limits
	CodeLineBillingCycle Code = 10013  // billing cycle is not offered
	CodeLineTermDuration Code = 400039 // availability does not support the term
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
	ErrCartNotFound  = &Error{Code: CodeCartNotFound, Description: "This customer has no cart of this id, or it has expired."}
	ErrOrderNotFound = &Error{Code: CodeOrderNotFound, Description: "This customer has no order of this id."}
	ErrCartSubmitted = &Error{Code: CodeCartSubmitted, Description: "The cart has been submitted already."}
)
