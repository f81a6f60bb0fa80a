package client

import (
	"net/http"
	"strings"
)

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	headers      http.Header
	ids          requestIDs
	includePrice *bool
	billingType  *BillingCycle
	orderID      *string
	segment      *string
	progress     func(Progress)
}

// RequestID sets the MS-RequestId of a call, a GUID such as NewRequestID makes. Store it before the call, and give it again
// to repeat the very same call after a crash: the service then gives the first answer again and does nothing twice
// (HTTP-IDEMPOTENCY). A call with other arguments needs another one.
func RequestID(id string) CallOption { return func(s *callSettings) { s.ids.request = id } }

// CorrelationID sets the MS-CorrelationId of a call, a GUID, which ties calls together in logs.
func CorrelationID(id string) CallOption { return func(s *callSettings) { s.ids.correlation = id } }

// Locale asks for texts in a language, such as "de-DE".
func Locale(tag string) CallOption { return header("X-Locale", tag) }

// CustomerUPN names the user of the customer that a checkout is for, by the user principal name.
func CustomerUPN(upn string) CallOption { return header("x-ms-customeruser-upn", upn) }

// IfMatch changes a legacy order or subscription only if it still has this etag, which its Attributes have: otherwise the
// call fails with ErrEtag (ETAG).
func IfMatch(etag string) CallOption {
	return header("If-Match", `"`+strings.Trim(etag, `"`)+`"`)
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
