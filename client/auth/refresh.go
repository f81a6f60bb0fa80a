package auth

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/sync/singleflight"
)

// RefreshTokenOptions are settings of a RefreshTokenCredential. One of ClientSecret and Certificate is needed.
type RefreshTokenOptions struct {
	// ClientSecret is the value of a secret of the application.
	ClientSecret string

	// Certificate is registered with the application, as tls.LoadX509KeyPair reads it, with an RSA key.
	Certificate tls.Certificate

	// OnRotate stores the refresh token that is to be used from now on, before the access token that came with it is given
	// to anybody. It is never called twice at once. Where it fails, the new refresh token is kept in memory and the access
	// token is held back: the error is GetToken's, unless an earlier access token is still good; the next GetToken calls
	// OnRotate again. So a store that is gone for some minutes disturbs nobody, and one that never works is seen within the
	// hour, not after 90 days. The context is no caller's; it ends after two minutes. OnRotate can't ask this credential for a
	// token.
	OnRotate func(ctx context.Context, next string) error

	// Cloud has the authority: client.Global and its like, or one of azcore's. By default that of cloud.AzurePublic; plain
	// http is taken of a loopback address only.
	Cloud cloud.Configuration

	// Transport sends the requests. By default http.DefaultTransport.
	Transport http.RoundTripper

	// Retry says how the token endpoint is asked again after a connection fault, 408, 429 and 5xx. By default as azcore does.
	Retry policy.RetryOptions

	// Logger gets warnings. By default slog.Default().
	Logger *slog.Logger
}

// Format implements fmt.Formatter: however the options are printed, their secrets are not.
func (o RefreshTokenOptions) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "auth.RefreshTokenOptions{…}")
}

// RefreshTokenCredential gets access tokens for an application and a user (App+User) by a refresh token. An access token is
// kept and renewed five minutes before it expires; a renewal that fails is tried again every half minute while the token is
// still good. Those who need a token at once share one request. It may be used by many goroutines at once.
type RefreshTokenCredential struct {
	endpoint *endpoint
	onRotate func(context.Context, string) error
	log      *slog.Logger
	flights  singleflight.Group // by scope

	turn         sync.Mutex // held by the one that renews; guards the two below
	refreshToken string     // the newest
	unsaved      bool       // OnRotate has not taken it yet

	mu     sync.Mutex // guards tokens
	tokens map[string]azcore.AccessToken
}

const (
	defaultScope   = "https://api.partnercenter.microsoft.com/.default"
	renewBefore    = 5 * time.Minute  // it expires
	renewAgain     = 30 * time.Second // after a failure
	renewalTimeout = 2 * time.Minute
)

// NewRefreshTokenCredential makes a credential of a refresh token that a user's sign-in gave to an application. It sends
// nothing yet.
func NewRefreshTokenCredential(tenantID, applicationID, refreshToken string, options RefreshTokenOptions) (*RefreshTokenCredential, error) {
	if refreshToken == "" {
		return nil, errors.New("cartwright: a RefreshTokenCredential needs a refresh token")
	}
	e, err := newEndpoint(tenantID, applicationID, options)
	if err != nil {
		return nil, fmt.Errorf("cartwright: %w", err)
	}
	c := &RefreshTokenCredential{
		endpoint: e, refreshToken: refreshToken, onRotate: options.OnRotate,
		log: cmp.Or(options.Logger, slog.Default()), tokens: make(map[string]azcore.AccessToken),
	}
	if c.onRotate == nil {
		c.log.Warn("cartwright: a RefreshTokenCredential has no OnRotate: new refresh tokens are lost when the program ends, " +
			"and the stored one dies 90 days after it was issued")
	}
	return c, nil
}

// GetToken implements azcore.TokenCredential. By default the token is for Partner Center. What the token endpoint refuses is
// an *Error.
func (c *RefreshTokenCredential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	scope, err := c.scopeOf(options)
	if err != nil {
		return azcore.AccessToken{}, &Error{Err: err}
	}
	if t, ok := c.kept(scope); ok {
		return t, nil
	}
	flight := c.flights.DoChan(scope, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), renewalTimeout) // of no caller: one that leaves leaves the others alone
		defer cancel()
		return c.renewed(ctx, scope)
	})
	select {
	case <-ctx.Done():
		return azcore.AccessToken{}, ctx.Err()
	case r := <-flight:
		t, _ := r.Val.(azcore.AccessToken) // none with an error
		return t, r.Err
	}
}

// scopeOf gives what a token is to be for, and refuses what this credential can't do.
func (c *RefreshTokenCredential) scopeOf(options policy.TokenRequestOptions) (string, error) {
	if options.TenantID != "" && !strings.EqualFold(options.TenantID, c.endpoint.tenantID) {
		return "", fmt.Errorf("the credential is for the tenant %s, not for %s", c.endpoint.tenantID, options.TenantID)
	}
	if options.Claims != "" {
		return "", errors.New("the service wants a token with other claims, which only a new sign-in can give")
	}
	if len(options.Scopes) == 0 {
		return defaultScope, nil
	}
	return strings.Join(options.Scopes, " "), nil
}

// kept gives the access token that there is, unless it is time to renew it.
func (c *RefreshTokenCredential) kept(scope string) (azcore.AccessToken, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.tokens[scope]
	return t, ok && now().Before(t.RefreshOn)
}

func (c *RefreshTokenCredential) keep(scope string, t azcore.AccessToken) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[scope] = t
}

// renewed gives a new access token, or the one that there is where that is still good and no new one can be had.
func (c *RefreshTokenCredential) renewed(ctx context.Context, scope string) (azcore.AccessToken, error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	old, fresh := c.kept(scope)
	if fresh {
		return old, nil // another was faster
	}
	t, err := c.renew(ctx, scope)
	if err != nil && now().Before(old.ExpiresOn) {
		c.log.Warn("cartwright: an access token could not be renewed, the old one is still good", "expires", old.ExpiresOn, "error", err)
		t, err = old, nil
		t.RefreshOn = now().Add(renewAgain)
	}
	if err == nil {
		c.keep(scope, t)
	}
	return t, err
}

// renew trades the refresh token for an access token and the next refresh token. That one is kept first of all, and stored
// before the access token is given to anybody.
func (c *RefreshTokenCredential) renew(ctx context.Context, scope string) (azcore.AccessToken, error) {
	if err := c.save(ctx); err != nil { // what could not be stored before
		return azcore.AccessToken{}, err
	}
	t, next, err := c.endpoint.trade(ctx, c.refreshToken, scope)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	switch next {
	case "":
		c.log.Warn("cartwright: the token endpoint gave no new refresh token; was offline_access consented to?")
	case c.refreshToken:
	default:
		c.refreshToken, c.unsaved = next, c.onRotate != nil
	}
	if err := c.save(ctx); err != nil {
		return azcore.AccessToken{}, err
	}
	return t, nil
}

// save stores the newest refresh token where that has not been done.
func (c *RefreshTokenCredential) save(ctx context.Context) error {
	if !c.unsaved {
		return nil
	}
	if err := c.onRotate(ctx, c.refreshToken); err != nil {
		return &Error{Err: fmt.Errorf("store the new refresh token (OnRotate): %w", err), Hint: "it is kept in memory, and OnRotate is called again with the next request"}
	}
	c.unsaved = false
	return nil
}

// Format implements fmt.Formatter: however the credential is printed, its tokens and secrets are not.
func (c *RefreshTokenCredential) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "auth.RefreshTokenCredential(application %s, tenant %s)", c.endpoint.applicationID, c.endpoint.tenantID)
}

// now tells the time, by which tokens expire.
func now() time.Time {
	return time.Now()
}
