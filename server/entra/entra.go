// Package entra plays Microsoft Entra ID for the stub (HTTP-AUTH): it issues tokens as Entra ID does, to whoever has the
// well-known credentials below, and judges the tokens that requests carry. It checks no signature of anybody: what it lets
// pass is worth nothing elsewhere, and it keeps no secret.
//
// Two clocks: an access token lives by the machine's, as its holder counts its life by his own, so that it outlives a stub
// that is moved ahead by a week. A refresh token lives by the stub's, so that a test can let 90 days pass.
//
//	entra.go      the credentials, and what is known of an Authority
//	access.go     makes access tokens
//	check.go      judges access tokens
//	refresh.go    makes and judges refresh tokens
//	endpoint.go   the token endpoint; client.go and scope.go read its form
//	discovery.go  what libraries read before they ask for a token
//	errors.go     errors in Entra ID's form
package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The well-known credentials: a partner's tenant, an application of it, and a user of it who has consented. They are no
// secrets, and good for stubs only.
const (
	TenantID      = "7e4a47c0-ffee-4c0d-8a11-000000000001"
	ApplicationID = "7e4a47c0-ffee-4c0d-8a11-000000000002"
	ClientSecret  = "cartwright-secret"

	RefreshToken           = "cartwright-refresh-token"             // of the user, who signed in with multi-factor authentication
	RefreshTokenWithoutMFA = "cartwright-refresh-token-without-mfa" // of the same user, who signed in without
)

// The objects that tokens speak for.
const (
	servicePrincipalID = "7e4a47c0-ffee-4c0d-8a11-000000000003"
	userID             = "7e4a47c0-ffee-4c0d-8a11-000000000004"
)

// Authority issues tokens. It may be used by many at once.
type Authority struct {
	routes      map[string]http.HandlerFunc // by the path below a tenant
	clock       func() time.Time            // the stub's
	log         *slog.Logger
	key         func() (*rsa.PrivateKey, error) // made for the first token
	revocations atomic.Int64
}

// New makes an authority whose refresh tokens live by this clock. It logs one line for each request.
func New(clock func() time.Time, log *slog.Logger) *Authority {
	a := &Authority{clock: clock, log: log}
	a.key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	a.routes = map[string]http.HandlerFunc{
		tokenPath:         a.answer("token", a.token),
		configurationPath: a.answer("openid-configuration", configuration),
		keysPath:          a.answer("keys", a.keys),
	}
	return a
}

// Serves reports whether a request is for the authority. It is asked of each request.
func (a *Authority) Serves(r *http.Request) bool {
	_, path := split(r)
	return a.routes[path] != nil
}

// ServeHTTP answers a request.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, path := split(r)
	serve := a.routes[path]
	if serve == nil {
		serve = http.NotFound
	}
	serve(w, r)
}

// split gives the tenant that a request's path begins with, and the path below it.
func split(r *http.Request) (tenant, path string) {
	tenant, path, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return tenant, path
}

// now tells the machine's time, by which access tokens live.
func now() time.Time {
	return time.Now() //nolint:forbidigo // whoever holds an access token counts its life by his own clock
}
