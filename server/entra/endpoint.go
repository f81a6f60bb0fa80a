package entra

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The paths of the authority below a tenant, as in Entra ID.
const (
	tokenPath         = "oauth2/v2.0/token"
	configurationPath = "v2.0/.well-known/openid-configuration"
	keysPath          = "discovery/v2.0/keys"
)

// maxFormBytes is the largest form that is read. A client assertion with a chain of certificates has some kilobytes.
const maxFormBytes = 64 << 10

// answer serves a request by what a function gives, or in Entra ID's form of errors, and logs one line.
func (a *Authority) answer(operation string, serve func(http.ResponseWriter, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begun := now()
		correlation := r.Header.Get("client-request-id")
		if uuid.Validate(correlation) != nil {
			correlation = uuid.NewString()
		}
		body, err := serve(w, r)
		status, note := http.StatusOK, ""
		if err != nil {
			status, body = errorAnswer(err, correlation)
			note = err.Error()
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Cache-Control", "no-store, no-cache")
		h.Set("client-request-id", correlation)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // whoever asked has gone
		a.log.LogAttrs(context.Background(), slog.LevelInfo, r.Method+" "+r.URL.EscapedPath(),
			slog.Int("status", status),
			slog.String("operation", operation),
			slog.Float64("ms", float64(now().Sub(begun).Microseconds())/1000),
			slog.String("requestId", correlation),
			slog.String("correlationId", correlation),
			slog.String("note", note))
	}
}

// errorAnswer is how an error is answered. What is no failure of the caller's says nothing.
func errorAnswer(err error, correlation string) (int, errorBody) {
	var f *failed
	if !errors.As(err, &f) {
		f = &failed{kind{"server_error", http.StatusInternalServerError}, 90033, "A transient error has occurred. Please try again."}
	}
	trace, at := uuid.NewString(), now().UTC().Format("2006-01-02 15:04:05Z")
	return f.kind.status, errorBody{
		Error:         f.kind.oauth,
		Description:   fmt.Sprintf("%v Trace ID: %s Correlation ID: %s Timestamp: %s", f, trace, correlation, at),
		Codes:         []int{f.code},
		Timestamp:     at,
		TraceID:       trace,
		CorrelationID: correlation,
		URI:           fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", f.code),
	}
}

// granted is how the token endpoint answers.
type granted struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	ExtExpiresIn int    `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

// token serves the grants client_credentials and refresh_token.
func (a *Authority) token(w http.ResponseWriter, r *http.Request) (any, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, failure(wrongMethod, 900561, "The endpoint only accepts POST requests. Received a %s request.", r.Method)
	}
	if err := readForm(w, r); err != nil {
		return nil, err
	}
	if err := requireTenant(r); err != nil {
		return nil, err
	}
	grant, err := required(r, "grant_type")
	if err != nil {
		return nil, err
	}
	if grant != "client_credentials" && grant != "refresh_token" {
		return nil, failure(unsupportedGrant, 70003, "The app requested an unsupported grant type '%s'. This stub has client_credentials and refresh_token.", grant)
	}
	if err := checkClient(r); err != nil {
		return nil, err
	}
	if grant == "refresh_token" {
		return a.refresh(r)
	}
	audience, err := scopes{baseOf(r)}.app(r.PostForm.Get("scope"))
	if err != nil {
		return nil, err
	}
	return a.grant(Access{Audience: audience})
}

// refresh gives a new access token for a refresh token, and a new refresh token where the form asks for offline_access.
func (a *Authority) refresh(r *http.Request) (any, error) {
	old, err := required(r, "refresh_token")
	if err != nil {
		return nil, err
	}
	known, err := a.readRefreshToken(old)
	if err != nil {
		return nil, err
	}
	wanted := strings.Fields(r.PostForm.Get("scope"))
	audience, err := scopes{baseOf(r)}.user(wanted)
	if err != nil {
		return nil, err
	}
	g, err := a.grant(Access{User: true, NoMFA: !known.MFA, Audience: audience})
	if err != nil {
		return nil, err
	}
	g.Scope = cmp.Or(audience, audiences[0]) + "/user_impersonation"
	if slices.Contains(wanted, "offline_access") {
		g.RefreshToken, err = a.MintRefreshToken(known.MFA)
	}
	return g, err
}

func (a *Authority) grant(t Access) (*granted, error) {
	t.Lifetime = DefaultLifetime
	token, _, err := a.Mint(t)
	seconds := int(DefaultLifetime / time.Second)
	return &granted{TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: token}, err
}

// readForm reads a form that has each parameter once.
func readForm(w http.ResponseWriter, r *http.Request) error {
	const form = "application/x-www-form-urlencoded"
	if sent, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || sent != form {
		return failure(invalidRequest, 900144, "The request body must contain the following parameter: 'grant_type'. It is read as %s; the request's Content-Type is %q.", form, r.Header.Get("Content-Type"))
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	err := r.ParseForm()
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failure(tooLarge, 9002313, "Invalid request. Request is malformed or invalid. The form is larger than %d bytes.", large.Limit)
	}
	if err != nil {
		return failure(invalidRequest, 9002313, "Invalid request. Request is malformed or invalid. The body is no form.")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return failure(invalidRequest, 9000411, "The request is not properly formatted. The parameter '%s' is duplicated.", name)
		}
	}
	return nil
}

// required gives a parameter that the form must have.
func required(r *http.Request, name string) (string, error) {
	if value := r.PostForm.Get(name); value != "" {
		return value, nil
	}
	return "", failure(invalidRequest, 900144, "The request body must contain the following parameter: '%s'.", name)
}

func requireTenant(r *http.Request) error {
	if tenant, _ := split(r); !strings.EqualFold(tenant, TenantID) {
		return failure(invalidRequest, 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. This stub has the tenant %s.", tenant, TenantID)
	}
	return nil
}
