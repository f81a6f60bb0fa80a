package entra

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// jwtBearer is the only sort of client assertion.
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// checkClient refuses a form that is not the well-known application's: by its secret, in the form or as HTTP's basic
// authentication, or by a client assertion.
func checkClient(r *http.Request) error {
	form := r.PostForm
	if id, secret, ok := r.BasicAuth(); ok && form.Get("client_id") == "" && form.Get("client_secret") == "" {
		form.Set("client_id", unescaped(id))
		form.Set("client_secret", unescaped(secret))
	}
	id, err := required(r, "client_id")
	if err != nil {
		return err
	}
	if !strings.EqualFold(id, ApplicationID) {
		return failure(unauthorizedClient, 700016, "Application with identifier '%s' was not found in the directory '%s'. This stub has the application %s.", id, TenantID, ApplicationID)
	}
	switch assertion, secret := form.Get("client_assertion"), form.Get("client_secret"); {
	case assertion != "" && form.Get("client_assertion_type") != jwtBearer:
		return failure(invalidRequest, 900144, "The request body must contain the following parameter: 'client_assertion_type', which is '%s'.", jwtBearer)
	case assertion != "":
		return checkAssertion(r, assertion)
	case secret == "":
		return failure(invalidClient, 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	case secret != ClientSecret:
		return failure(invalidClient, 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", ApplicationID)
	}
	return nil
}

// unescaped undoes what RFC 6749 (2.3.1) asks of names and passwords in basic authentication.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// checkAssertion judges a client assertion by its form and claims. Which certificates are registered is nobody's concern
// here, so that its signature is not checked.
func checkAssertion(r *http.Request, assertion string) error {
	var c jwt.RegisteredClaims
	token, _, err := jwt.NewParser().ParseUnverified(assertion, &c)
	if err != nil {
		return failure(invalidClient, 50027, "JWT token is invalid or malformed: %s.", printable(err))
	}
	if !slices.Contains([]string{"RS256", "PS256"}, token.Method.Alg()) {
		return failure(invalidClient, 700027, "Client assertion failed signature validation. Its alg is %s; it must be PS256 or RS256.", token.Method.Alg())
	}
	if token.Header["x5t#S256"] == nil && token.Header["x5t"] == nil {
		return failure(invalidClient, 700027, "Client assertion failed signature validation. Its header has no thumbprint of the certificate, x5t#S256 or x5t.")
	}
	if !strings.EqualFold(c.Issuer, ApplicationID) || !strings.EqualFold(c.Subject, ApplicationID) {
		return failure(invalidClient, 700021, "Client assertion application identifier doesn't match 'client_id' parameter. Its iss is %q and its sub %q.", c.Issuer, c.Subject)
	}
	if !slices.ContainsFunc(c.Audience, isOwn(r)) {
		return failure(invalidClient, 700023, "Client assertion audience claim does not match Realm issuer. Its aud is %s.", listed(c.Audience))
	}
	at := now()
	if c.ExpiresAt == nil || !at.Before(c.ExpiresAt.Time) || c.NotBefore != nil && at.Add(skew).Before(c.NotBefore.Time) {
		return failure(invalidClient, 700024, "Client assertion is not within its valid time range.")
	}
	return nil
}

// isOwn reports whether an audience is this endpoint or the issuer of its tenant, by whatever name of this machine.
func isOwn(r *http.Request) func(string) bool {
	tenant, _ := split(r)
	return func(audience string) bool {
		u, err := url.Parse(audience)
		return err == nil && u.Host != "" && (strings.EqualFold(u.Path, r.URL.Path) || strings.EqualFold(u.Path, "/"+tenant+"/v2.0"))
	}
}
