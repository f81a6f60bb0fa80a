package auth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/golang-jwt/jwt/v5"

	"github.com/cartwright-dev/cartwright/client/auth"
)

const (
	tenant      = "7e4a47c0-ffee-4c0d-8a11-000000000001"
	application = "7e4a47c0-ffee-4c0d-8a11-000000000002"
	secret      = "the-secret"
)

// authority is a token endpoint inside the test: each request is answered by what answer gives, at first by the tokens
// access-1 and refresh-1 and so on.
type authority struct {
	requests []url.Values
	urls     []string
	answer   func(n int) (status int, body string)
}

func (a *authority) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	a.requests, a.urls = append(a.requests, form), append(a.urls, r.URL.String())
	n := len(a.requests)
	status, text := http.StatusOK, grant(n)
	if a.answer != nil {
		status, text = a.answer(n)
	}
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://elsewhere.example/"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func grant(n int) string {
	return fmt.Sprintf(`{"token_type":"Bearer","expires_in":3600,"access_token":"access-%d","refresh_token":"refresh-%d"}`, n, n)
}

func newCredential(t *testing.T, a *authority, configure func(*auth.RefreshTokenOptions)) *auth.RefreshTokenCredential {
	t.Helper()
	options := auth.RefreshTokenOptions{
		ClientSecret: secret, Transport: a, Retry: policy.RetryOptions{RetryDelay: time.Millisecond}, Logger: slog.New(slog.DiscardHandler),
	}
	if configure != nil {
		configure(&options)
	}
	c, err := auth.NewRefreshTokenCredential(tenant, application, "refresh-0", options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func requireToken(t *testing.T, c *auth.RefreshTokenCredential, want string) {
	t.Helper()
	if got, err := c.GetToken(t.Context(), policy.TokenRequestOptions{}); err != nil || got.Token != want {
		t.Errorf("GetToken gave %q, %v, want %q", got.Token, err, want)
	}
}

// What is asked is what Microsoft's page on refreshing tokens has, at the cloud's authority.
func TestRefresh_Form(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		cloud        cloud.Configuration
		scopes       []string
		host, scoped string
	}{
		{cloud.Configuration{}, nil, "https://login.microsoftonline.com", "https://api.partnercenter.microsoft.com/.default"},
		{cloud.AzureGovernment, []string{"https://other.example/.default"}, "https://login.microsoftonline.us", "https://other.example/.default"},
		{cloud.AzureChina, nil, "https://login.chinacloudapi.cn", "https://api.partnercenter.microsoft.com/.default"},
		{cloud.Configuration{ActiveDirectoryAuthorityHost: "http://127.0.0.1:8080"}, nil, "http://127.0.0.1:8080", "https://api.partnercenter.microsoft.com/.default"},
	} {
		a := &authority{}
		c := newCredential(t, a, func(o *auth.RefreshTokenOptions) { o.Cloud = tc.cloud })
		if _, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: tc.scopes, TenantID: tenant, EnableCAE: true}); err != nil {
			t.Fatal(err)
		}
		want := url.Values{
			"grant_type": {"refresh_token"}, "client_id": {application}, "client_secret": {secret}, "refresh_token": {"refresh-0"},
			"scope": {tc.scoped + " offline_access"},
		}
		if got := a.requests[0].Encode(); got != want.Encode() || a.urls[0] != tc.host+"/"+tenant+"/oauth2/v2.0/token" {
			t.Errorf("%s was asked\n%s, want\n%s", a.urls[0], got, want.Encode())
		}
	}
}

// A token is kept, renewed five minutes before it expires, by the refresh token that came with it; and OnRotate has each
// refresh token before anybody has the access token.
func TestRefresh_Renews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{}
		var stored []string
		c := newCredential(t, a, func(o *auth.RefreshTokenOptions) {
			o.OnRotate = func(_ context.Context, next string) error { stored = append(stored, next); return nil }
		})
		requireToken(t, c, "access-1")
		time.Sleep(54 * time.Minute)
		requireToken(t, c, "access-1")
		time.Sleep(2 * time.Minute)
		requireToken(t, c, "access-2")
		if got := fmt.Sprint(stored); got != "[refresh-1 refresh-2]" || a.requests[1].Get("refresh_token") != "refresh-1" {
			t.Errorf("stored %s, the second request had %v", got, a.requests[1])
		}
		token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{})
		if left := time.Until(token.ExpiresOn); err != nil || left != time.Hour || time.Until(token.RefreshOn) != 55*time.Minute {
			t.Errorf("it expires in %v, is renewed in %v, %v", left, time.Until(token.RefreshOn), err)
		}
	})
}

// Where the renewal fails while the token is good, the token is given, and the endpoint asked again half a minute later, not
// at each call; when the token has expired the error is the caller's.
func TestRefresh_RenewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{}
		var log bytes.Buffer
		c := newCredential(t, a, func(o *auth.RefreshTokenOptions) {
			o.Retry.MaxRetries, o.Logger = -1, slog.New(slog.NewTextHandler(&log, nil))
		})
		requireToken(t, c, "access-1")
		a.answer = func(int) (int, string) { return 503, "" }
		time.Sleep(56 * time.Minute)
		for range 10 {
			requireToken(t, c, "access-1")
		}
		if len(a.requests) != 2 || !strings.Contains(log.String(), "could not be renewed") {
			t.Errorf("%d requests, log:\n%s", len(a.requests), &log)
		}
		time.Sleep(31 * time.Second)
		requireToken(t, c, "access-1")
		if len(a.requests) != 3 {
			t.Errorf("%d requests after half a minute", len(a.requests))
		}
		time.Sleep(4 * time.Minute)
		var failed *auth.Error
		if _, err := c.GetToken(t.Context(), policy.TokenRequestOptions{}); !errors.As(err, &failed) || failed.StatusCode != 503 {
			t.Errorf("of an expired token: %v", err)
		}
		a.answer = nil
		requireToken(t, c, "access-5")
	})
}

// A new refresh token that can't be stored is not lost: OnRotate gets it again, before anybody gets an access token, and it
// is what the next one is asked for with.
func TestRefresh_OnRotateFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{}
		away := errors.New("the vault is away")
		var given []string
		fail := true
		c := newCredential(t, a, func(o *auth.RefreshTokenOptions) {
			o.OnRotate = func(_ context.Context, next string) error {
				given = append(given, next)
				if fail {
					return away
				}
				return nil
			}
		})
		for range 2 {
			token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{})
			if !errors.Is(err, away) || token.Token != "" || errors.Is(err, auth.ErrSignInAgain) {
				t.Errorf("GetToken gave %q, %v", token.Token, err)
			}
		}
		if fmt.Sprint(given) != "[refresh-1 refresh-1]" || len(a.requests) != 1 {
			t.Errorf("OnRotate got %v by %d requests", given, len(a.requests))
		}
		fail = false
		requireToken(t, c, "access-2")
		if fmt.Sprint(given) != "[refresh-1 refresh-1 refresh-1 refresh-2]" || a.requests[1].Get("refresh_token") != "refresh-1" {
			t.Errorf("OnRotate got %v, the last request had %v", given, a.requests[1])
		}
		fail = true // at an early renewal the old token is good for a while
		time.Sleep(56 * time.Minute)
		requireToken(t, c, "access-2")
	})
}

// All that wait for a token share one request, and one that leaves leaves the others alone.
func TestRefresh_OneRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &authority{}
		hold := make(chan struct{})
		a.answer = func(n int) (int, string) { <-hold; return 200, grant(n) }
		c := newCredential(t, a, nil)
		impatient, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := c.GetToken(impatient, policy.TokenRequestOptions{})
			left <- err
		}()
		synctest.Wait() // it has asked
		var got atomic.Int32
		for range 20 {
			go func() {
				if token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{}); err == nil && token.Token == "access-1" {
					got.Add(1)
				}
			}()
		}
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		close(hold)
		synctest.Wait()
		if got.Load() != 20 || len(a.requests) != 1 {
			t.Errorf("%d got the token by %d requests", got.Load(), len(a.requests))
		}
	})
}

// The endpoint is asked again while it can't serve, with the same form; not when it has refused, and not elsewhere.
func TestRefresh_Retries(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer   func(n int) (int, string)
		requests int
		err      string
	}{
		"503 and a fault, then a token": {func(n int) (int, string) { return []int{503, 0, 200}[n-1], grant(n) }, 3, ""},
		"429":                           {func(int) (int, string) { return 429, "{}" }, 4, "429 Too Many Requests: the answer is not that of a token endpoint: is the authority right?; the token endpoint can't serve now: try again later"},
		"nobody there":                  {func(int) (int, string) { return 0, "" }, 4, "connection refused; the token endpoint can't be reached: try again later"},
		"refused": {func(int) (int, string) {
			return 401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid."}`
		}, 1, "401 invalid_client: AADSTS7000215: Invalid."},
		"a redirect":             {func(int) (int, string) { return 307, "" }, 1, "307 Temporary Redirect: the answer is not"},
		"HTML":                   {func(int) (int, string) { return 200, "<html>" }, 1, "200 OK: the answer has no access_token"},
		"no token":               {func(int) (int, string) { return 200, `{"expires_in":3600}` }, 1, "200 OK: the answer has no access_token"},
		"expires_in as a string": {func(int) (int, string) { return 200, `{"expires_in":"3600","access_token":"x"}` }, 1, ""},
		"an endless life":        {func(int) (int, string) { return 200, `{"expires_in":9223372036854775807,"access_token":"x"}` }, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &authority{answer: tc.answer}
				c := newCredential(t, a, nil)
				token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{})
				if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
					t.Errorf("GetToken gave %v, want %q", err, tc.err)
				}
				if err == nil && !token.ExpiresOn.After(time.Now()) {
					t.Errorf("it expires at %v", token.ExpiresOn)
				}
				if len(a.requests) != tc.requests {
					t.Errorf("%d requests, want %d", len(a.requests), tc.requests)
				}
				for _, form := range a.requests {
					if form.Get("refresh_token") != "refresh-0" {
						t.Errorf("a request has %v", form)
					}
				}
			})
		})
	}
}

// A certificate signs what proves its key, as Microsoft's page on certificate credentials has it.
func TestRefresh_Certificate(t *testing.T) {
	t.Parallel()
	key, certificate := newCertificate(t)
	a := &authority{}
	c := newCredential(t, a, func(o *auth.RefreshTokenOptions) { o.ClientSecret, o.Certificate = "", certificate })
	requireToken(t, c, "access-1")
	form := a.requests[0]
	if form.Has("client_secret") || form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		t.Errorf("the form is %v", form)
	}
	var claims jwt.RegisteredClaims
	assertion, err := jwt.ParseWithClaims(form.Get("client_assertion"), &claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"PS256"}), jwt.WithAudience(a.urls[0]), jwt.WithIssuer(application), jwt.WithSubject(application),
		jwt.WithIssuedAt(), jwt.WithExpirationRequired())
	if err != nil {
		t.Fatal(err)
	}
	thumbprint := sha256.Sum256(certificate.Certificate[0])
	if assertion.Header["x5t#S256"] != base64.RawURLEncoding.EncodeToString(thumbprint[:]) || claims.ID == "" || claims.ExpiresAt.Sub(claims.NotBefore.Time) > 10*time.Minute {
		t.Errorf("header %v, claims %+v", assertion.Header, claims)
	}
}

func newCertificate(t *testing.T) (*rsa.PrivateKey, tls.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return key, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestNewRefreshTokenCredential_Refuses(t *testing.T) {
	t.Parallel()
	_, certificate := newCertificate(t)
	other, _ := newCertificate(t)
	host := func(host string) auth.RefreshTokenOptions {
		return auth.RefreshTokenOptions{ClientSecret: secret, Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: host}}
	}
	for want, tc := range map[string]struct {
		tenant, application, token string
		options                    auth.RefreshTokenOptions
	}{
		"tenant id \"a/../b\" is neither a GUID nor a domain":               {"a/../b", application, "r", auth.RefreshTokenOptions{ClientSecret: secret}},
		"needs an application id":                                           {tenant, "", "r", auth.RefreshTokenOptions{ClientSecret: secret}},
		"needs a refresh token":                                             {tenant, application, "", auth.RefreshTokenOptions{ClientSecret: secret}},
		"needs a client secret or a certificate, and not both":              {tenant, application, "r", auth.RefreshTokenOptions{}},
		"a client secret or a certificate, and not both":                    {tenant, application, "r", auth.RefreshTokenOptions{ClientSecret: secret, Certificate: certificate}},
		"there is a key, and no certificate":                                {tenant, application, "r", auth.RefreshTokenOptions{Certificate: tls.Certificate{PrivateKey: other}}},
		"the private key is a <nil>; Microsoft Entra ID takes RSA keys":     {tenant, application, "r", auth.RefreshTokenOptions{Certificate: tls.Certificate{Certificate: certificate.Certificate}}},
		"the private key is not that of the certificate":                    {tenant, application, "r", auth.RefreshTokenOptions{Certificate: tls.Certificate{Certificate: certificate.Certificate, PrivateKey: other}}},
		"http://192.0.2.1: a refresh token is sent over plain http to a lo": {tenant, application, "r", host("http://192.0.2.1")},
		"\"login.example\" is no URL such as":                               {tenant, application, "r", host("login.example")},
		"\"https://u:xxxxx@login.example\" is no URL such as":               {tenant, application, "r", host("https://u:p@login.example")},
	} {
		c, err := auth.NewRefreshTokenCredential(tc.tenant, tc.application, tc.token, tc.options)
		if c != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it gave %v, want %q", err, want)
		}
	}
}

// A token of another tenant, and one with the claims that a service asks for in a challenge, are not to be had.
func TestGetToken_Refuses(t *testing.T) {
	t.Parallel()
	a := &authority{}
	c := newCredential(t, a, nil)
	for want, options := range map[string]policy.TokenRequestOptions{
		"is for the tenant " + tenant + ", not for other": {TenantID: "other"},
		"with other claims": {Claims: "{}"},
	} {
		if _, err := c.GetToken(t.Context(), options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it gave %v, want %q", err, want)
		}
	}
	if len(a.requests) != 0 {
		t.Errorf("%d requests", len(a.requests))
	}
}

// Who has no OnRotate is told what will happen, once.
func TestRefresh_WarnsWithoutOnRotate(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	newCredential(t, &authority{}, func(o *auth.RefreshTokenOptions) {
		o.Logger, o.OnRotate = logger, func(context.Context, string) error { return nil }
	})
	if log.Len() > 0 {
		t.Errorf("with OnRotate: %s", &log)
	}
	c := newCredential(t, &authority{}, func(o *auth.RefreshTokenOptions) { o.Logger = logger })
	requireToken(t, c, "access-1")
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, "OnRotate") {
		t.Errorf("without: %s", got)
	}
}

// However things are printed, no token and no secret is; not even where the endpoint repeats them.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	const access, refresh = "access-1", "refresh-"
	a := &authority{}
	options := auth.RefreshTokenOptions{ClientSecret: secret, Transport: a, Logger: slog.New(slog.DiscardHandler)}
	c, err := auth.NewRefreshTokenCredential(tenant, application, "refresh-0", options)
	if err != nil {
		t.Fatal(err)
	}
	requireToken(t, c, access)
	a.answer = func(int) (int, string) {
		return 400, `{"error":"invalid_grant","error_description":"AADSTS1: of refresh-1 and ` + secret + `"}`
	}
	_, failed := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"other"}})
	var out bytes.Buffer
	for _, value := range []any{c, options, &options, auth.StaticToken(access), struct{ C any }{c}, []any{options}, failed} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("", "value", value)
	}
	for _, hidden := range []string{access, refresh, secret, fmt.Sprintf("%x", secret)} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%s is printed:\n%s", hidden, &out)
		}
	}
	if !strings.Contains(out.String(), "AADSTS1: of (left out) and (left out)") {
		t.Errorf("the error is not there:\n%s", &out)
	}
}
