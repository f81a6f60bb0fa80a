package entra

import (
	"fmt"
	"net/http"
)

// entraTime is how Entra ID writes times in sentences.
const entraTime = "2006-01-02T15:04:05.0000000Z"

// kind is how OAuth 2.0 calls an error, and the status with which it is answered.
type kind struct {
	oauth  string
	status int
}

var (
	invalidRequest     = kind{"invalid_request", http.StatusBadRequest}
	invalidScope       = kind{"invalid_scope", http.StatusBadRequest}
	invalidResource    = kind{"invalid_resource", http.StatusBadRequest}
	invalidGrant       = kind{"invalid_grant", http.StatusBadRequest}
	invalidClient      = kind{"invalid_client", http.StatusUnauthorized}
	unauthorizedClient = kind{"unauthorized_client", http.StatusBadRequest}
	unsupportedGrant   = kind{"unsupported_grant_type", http.StatusBadRequest}
	wrongMethod        = kind{"invalid_request", http.StatusMethodNotAllowed}
	tooLarge           = kind{"invalid_request", http.StatusRequestEntityTooLarge}
)

// failed is an error of the token endpoint, with its code and words in Microsoft's list of AADSTS codes.
type failed struct {
	kind   kind
	code   int
	reason string
}

func (f *failed) Error() string { return fmt.Sprintf("AADSTS%d: %s", f.code, f.reason) }

func failure(k kind, code int, format string, args ...any) error {
	return &failed{k, code, fmt.Sprintf(format, args...)}
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
