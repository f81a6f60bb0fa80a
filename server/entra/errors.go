package entra

import (
	"fmt"
	"net/http"
)

// entraTime is how Entra ID writes times in sentences.
const entraTime = "2006-01-02T15:04:05.0000000Z"

// sort is how OAuth 2.0 calls an error, and the status with which it is answered.
type sort struct {
	oauth  string
	status int
}

var (
	invalidRequest     = sort{"invalid_request", http.StatusBadRequest}
	invalidScope       = sort{"invalid_scope", http.StatusBadRequest}
	invalidResource    = sort{"invalid_resource", http.StatusBadRequest}
	invalidGrant       = sort{"invalid_grant", http.StatusBadRequest}
	invalidClient      = sort{"invalid_client", http.StatusUnauthorized}
	unauthorizedClient = sort{"unauthorized_client", http.StatusBadRequest}
	unsupportedGrant   = sort{"unsupported_grant_type", http.StatusBadRequest}
	wrongMethod        = sort{"invalid_request", http.StatusMethodNotAllowed}
	tooLarge           = sort{"invalid_request", http.StatusRequestEntityTooLarge}
)

// failed is an error of the token endpoint, with its code and words in Microsoft's list of AADSTS codes.
type failed struct {
	sort   sort
	code   int
	reason string
}

func (f *failed) Error() string { return fmt.Sprintf("AADSTS%d: %s", f.code, f.reason) }

func failure(s sort, code int, format string, args ...any) error {
	return &failed{s, code, fmt.Sprintf(format, args...)}
}

// errorBody is how Entra ID answers a request that failed.
type errorBody struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri"`
}
