package client

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	headers      http.Header
	ids          requestIDs
	given        bool // whether the request id is the caller's
	includePrice *bool
	billingType  *BillingCycle
	orderID      *string
	segment      *string
	progress     func(Progress)
}

// RequestID sets the MS-RequestId of a call, a GUID such as NewRequestID makes. Store it before the call, and give it again
// to repeat the very same call after a crash, or when its outcome is Unclear: the service then gives the first answer again
// and does nothing twice (HTTP-IDEMPOTENCY). A call with other arguments, or after an answer, needs another one. What is no
// GUID is refused before anything is sent.
func RequestID(id string) CallOption {
	return func(s *callSettings) { s.ids.request, s.given = id, true }
}

// CorrelationID sets the MS-CorrelationId of a call, a GUID, which ties calls together in logs.
func CorrelationID(id string) CallOption { return func(s *callSettings) { s.ids.correlation = id } }

// Locale asks for texts in a language, such as "de-DE".
func Locale(tag string) CallOption { return header("X-Locale", tag) }

// CustomerUPN names the user of the customer that a checkout is for, by the user principal name.
func CustomerUPN(upn string) CallOption { return header("x-ms-customeruser-upn", upn) }

// IfMatch changes a legacy order or subscription only if it still has this etag, which its Attributes have: otherwise the
// call fails with ErrEtag (ETAG).
func IfMatch(etag string) CallOption {
	if !strings.HasPrefix(etag, "W/") {
		etag = `"` + strings.Trim(etag, `"`) + `"`
	}
	return header("If-Match", etag)
}

// check refuses what can't be sent as it is.
func (s callSettings) check() error {
	for name, id := range map[string]string{"RequestID": s.ids.request, "CorrelationID": s.ids.correlation} {
		if len(id) != len(uuid.Nil.String()) || uuid.Validate(id) != nil {
			return fmt.Errorf("%s %q is no GUID", name, id)
		}
	}
	for name, values := range s.headers {
		if strings.ContainsFunc(values[0], unicode.IsControl) {
			return fmt.Errorf("%s %q has control characters", name, values[0])
		}
	}
	return nil
}

func header(name, value string) CallOption {
	return func(s *callSettings) { s.headers.Set(name, value) }
}

// IncludePrice asks for prices, which orders else come without (ORDER-PRICE).
func IncludePrice() CallOption { return func(s *callSettings) { s.includePrice = new(true) } }

// BillingType asks for the orders of one billing cycle only; for Orders.List.
func BillingType(cycle BillingCycle) CallOption {
	return func(s *callSettings) { s.billingType = &cycle }
}

// OfOrder asks for the subscriptions of one order only; for Subscriptions.List.
func OfOrder(orderID string) CallOption { return func(s *callSettings) { s.orderID = &orderID } }

// Segment asks for what is sold to a target segment only: "commercial", "education", "government" or "nonprofit"; for the
// lists of Products.
func Segment(targetSegment string) CallOption {
	return func(s *callSettings) { s.segment = &targetSegment }
}

// OnProgress is told how far an order is, after each look at it; for Orders.WaitProvisioned.
func OnProgress(tell func(Progress)) CallOption { return func(s *callSettings) { s.progress = tell } }

func settingsOf(options []CallOption) callSettings {
	s := callSettings{headers: make(http.Header), ids: requestIDs{NewRequestID(), NewRequestID()}}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}
