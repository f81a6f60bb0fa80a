package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server/entra"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// secured is a stub that judges tokens and speaks TLS, with a transport that trusts it and nobody else.
type secured struct {
	*process
	transport http.RoundTripper
	cloud     cloud.Configuration
}

func startSecured(t *testing.T, args ...string) *secured {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, t.TempDir(), append(args, "--store", "memory", "--auth", "basic", "--tls", "--tls-ca-out", ca)...)
	return &secured{p, trusting(t, ca), cloud.Configuration{ActiveDirectoryAuthorityHost: p.url}}
}

// trusting is a transport for what a file of certificates has signed.
func trusting(t *testing.T, file string) *http.Transport {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(read(t, file))) {
		t.Fatalf("%s has no certificate", file)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func (s *secured) options() azcore.ClientOptions {
	return azcore.ClientOptions{Cloud: s.cloud, Transport: &http.Client{Transport: s.transport}}
}

// buy makes a cart and checks it out, as a program of a partner's would with this credential.
func (s *secured) buy(credential azcore.TokenCredential) error {
	s.t.Helper()
	c, err := client.New(credential, client.WithBaseURL(s.url), client.WithTransport(s.transport))
	if err != nil {
		return err
	}
	cart, err := c.Carts.Create(s.t.Context(), customer, &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1Y",
	}}})
	if err != nil {
		return err
	}
	result, err := c.Carts.Checkout(s.t.Context(), customer, cart.ID)
	if err == nil && len(result.Orders) != 1 {
		err = fmt.Errorf("the checkout gave %+v", result)
	}
	return err
}

// refreshing makes the credential of a program that starts with a stored refresh token.
func (s *secured) refreshing(stored string, configure func(*auth.RefreshTokenOptions)) *auth.RefreshTokenCredential {
	s.t.Helper()
	options := auth.RefreshTokenOptions{ClientSecret: entra.ClientSecret, Cloud: s.cloud, Transport: s.transport, Logger: slog.New(slog.DiscardHandler)}
	if configure != nil {
		configure(&options)
	}
	c, err := auth.NewRefreshTokenCredential(entra.TenantID, entra.ApplicationID, stored, options)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// Credentials as they are buy at the stub as they would at Partner Center: HTTP-AUTH, end to end.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	certificate, key := newCertificate(t)
	oauth := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: s.transport})
	application := clientcredentials.Config{
		ClientID: entra.ApplicationID, ClientSecret: entra.ClientSecret, TokenURL: s.url + "/" + entra.TenantID + "/oauth2/v2.0/token",
		Scopes: []string{"https://api.partnercenter.microsoft.com/.default"},
	}
	for name, make := range map[string]func() (azcore.TokenCredential, error){
		"azidentity, a secret": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(entra.TenantID, entra.ApplicationID, entra.ClientSecret,
				&azidentity.ClientSecretCredentialOptions{ClientOptions: s.options(), DisableInstanceDiscovery: true})
		},
		"azidentity, a certificate": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(entra.TenantID, entra.ApplicationID, []*x509.Certificate{certificate}, key,
				&azidentity.ClientCertificateCredentialOptions{ClientOptions: s.options(), DisableInstanceDiscovery: true})
		},
		"a refresh token, a secret": func() (azcore.TokenCredential, error) { return s.refreshing(entra.RefreshToken, nil), nil },
		"a refresh token, a certificate": func() (azcore.TokenCredential, error) {
			return s.refreshing(entra.RefreshToken, func(o *auth.RefreshTokenOptions) {
				o.ClientSecret, o.Certificate = "", tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}
			}), nil
		},
		"x/oauth2": func() (azcore.TokenCredential, error) {
			return auth.FromOAuth2(application.TokenSource(oauth)), nil
		},
		"a token that was printed": func() (azcore.TokenCredential, error) {
			return auth.StaticToken(strings.TrimSpace(execute(t, "", nil, "token").stdout)), nil
		},
	} {
		credential, err := make()
		if err == nil {
			err = s.buy(credential)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func newCertificate(t *testing.T) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// A refresh token that is stored by OnRotate is what the program goes on with when it is started again, also when the stub
// was; after a revocation the program is told that somebody has to sign in.
func TestCredentials_RefreshTokenIsStored(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	stored := filepath.Join(t.TempDir(), "refresh-token")
	write(t, filepath.Dir(stored), filepath.Base(stored), entra.RefreshToken)
	seen := make(map[string]bool)
	for range 3 { // lives of the program
		token := read(t, stored)
		if seen[token] {
			t.Errorf("the program begins with a token that it has used before")
		}
		seen[token] = true
		program := s.refreshing(token, func(o *auth.RefreshTokenOptions) {
			o.OnRotate = func(_ context.Context, next string) error { return os.WriteFile(stored, []byte(next), 0o600) }
		})
		if err := s.buy(program); err != nil {
			t.Error(err)
		}
	}
	if err := startSecured(t).buyWith(read(t, stored)); err != nil {
		t.Errorf("at a stub that was started again: %v", err)
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.url+"/_cartwright/tokens", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.transport.RoundTrip(r)
	if err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatalf("revoke: %v, %v", response, err)
	}
	err = s.buyWith(read(t, stored))
	var failed *auth.Error
	if !errors.As(err, &failed) || !errors.Is(err, auth.ErrSignInAgain) || failed.AADSTS != 50173 || !strings.Contains(err.Error(), "sign in again") {
		t.Errorf("a revoked one: %v", err)
	}
}

func (s *secured) buyWith(refreshToken string) error {
	s.t.Helper()
	return s.buy(s.refreshing(refreshToken, nil))
}

// forGraph asks for tokens of another audience.
type forGraph struct{ azcore.TokenCredential }

func (c forGraph) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	o.Scopes = []string{"https://graph.windows.net/.default"}
	return c.TokenCredential.GetToken(ctx, o)
}

// What partners trip over is refused with the code that Partner Center has for it.
func TestCredentials_Refused(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	for code, credential := range map[int]azcore.TokenCredential{
		900421: s.refreshing(entra.RefreshTokenWithoutMFA, nil),
		900420: forGraph{s.refreshing(entra.RefreshToken, nil)},
		800001: auth.StaticToken("any"),
	} {
		var refused *client.Error
		if err := s.buy(credential); !errors.As(err, &refused) || refused.StatusCode != http.StatusUnauthorized || refused.Code != code {
			t.Errorf("%d: %v", code, err)
		}
	}
	err := s.buy(s.refreshing(entra.RefreshToken, func(o *auth.RefreshTokenOptions) { o.ClientSecret = "wrong" }))
	var failed *auth.Error
	if !errors.As(err, &failed) || failed.AADSTS != 7000215 || errors.Is(err, auth.ErrSignInAgain) {
		t.Errorf("a wrong secret: %v", err)
	}
}

// The command prints one token, of the sort that is asked for.
func TestToken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string // how it is judged
	}{
		"App":              {nil, ""},
		"App+User":         {[]string{"--user", "--expires", "24h"}, ""},
		"without MFA":      {[]string{"--user", "--no-mfa"}, "multi-factor authentication"},
		"another audience": {[]string{"--audience", "https://graph.windows.net"}, "for the audience https://graph.windows.net"},
		"expired":          {[]string{"--expires=-1h"}, "The token expired at"},
	} {
		got := execute(t, "", []string{"CARTWRIGHT_USER=x", "CARTWRIGHT_EXPIRES=x"}, append([]string{"token"}, tc.args...)...)
		err := entra.Check(strings.TrimSuffix(got.stdout, "\n"))
		if got.code != 0 || got.stderr != "" || (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %+v, judged %v", name, got, err)
		}
	}
	for want, args := range map[string][]string{
		"--no-mfa is for --user only":          {"--no-mfa"},
		`--expires: expected duration but got`: {"--expires", "soon"},
	} {
		if got := execute(t, "", nil, append([]string{"token"}, args...)...); got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: %+v, want %q", args, got, want)
		}
	}
}

// With --tls all is served by HTTP/2 and HTTP/1.1, test control at an address of its own too; and the health check finds it.
func TestTLS(t *testing.T) {
	t.Parallel()
	s := startSecured(t, "--control", "localhost:0")
	banner := read(t, s.stdout)
	for _, want := range []string{"URL       " + s.url, "control   https://127.0.0.1:", "curl -i --cacert ", `"Authorization: Bearer $(cartwright token)"`, entra.TenantID, entra.ApplicationID, entra.ClientSecret, entra.RefreshToken} {
		if !strings.HasPrefix(s.url, "https://127.0.0.1:") || !strings.Contains(banner, want) {
			t.Errorf("the banner has no %q:\n%s", want, banner)
		}
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	control := "https://" + strings.Fields(strings.SplitAfter(banner, "control   https://")[1])[0]
	for url, proto := range map[string]int{s.url + "/livez": 2, "https://localhost:" + port + "/livez": 2, control + "/version": 2} {
		response, err := (&http.Client{Transport: s.transport}).Get(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != 200 || response.ProtoMajor != proto {
			t.Errorf("%s: %d by %s", url, response.StatusCode, response.Proto)
		}
	}
	for _, args := range [][]string{{s.url}, {"--tls", "--addr", "127.0.0.1:" + port}} {
		if got := execute(t, "", nil, append([]string{"healthcheck"}, args...)...); got != (done{}) {
			t.Errorf("healthcheck %v: %+v", args, got)
		}
	}
	if got := execute(t, "", []string{"CARTWRIGHT_TLS=true", "CARTWRIGHT_ADDR=:" + port}, "healthcheck"); got != (done{}) {
		t.Errorf("healthcheck by the environment: %+v", got)
	}
}

// A connection that a fault cuts is cut with HTTP/2, too, and what was done is done.
func TestTLS_Cut(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/customers/"+customer+"/carts/b4c8fdea-cbe4-4d17-9576-13fcacbf9605/checkout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(execute(t, "", nil, "token").stdout))
	r.Header.Set("Cartwright-Fault", "drop-after-commit")
	if response, err := s.transport.RoundTrip(r); err == nil {
		t.Errorf("it is answered %d", response.StatusCode)
	}
	r.Header.Del("Cartwright-Fault")
	r.Method, r.URL.Path = http.MethodGet, "/v1/customers/"+customer+"/orders"
	response, err := s.transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if orders, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(orders), `"totalCount":3`) {
		t.Errorf("the orders are answered %d %s, %v", response.StatusCode, orders, err)
	}
}

// Files of one's own do as well; and what is wrong with them is said before anything is served.
func TestTLS_OwnCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate, key := newCertificate(t)
	write(t, dir, "own.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})))
	write(t, dir, "own.key", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	p := start(t, dir, "--store", "memory", "--tls-cert", "own.crt", "--tls-key", "own.key")
	response, err := (&http.Client{Transport: trusting(t, filepath.Join(dir, "own.crt"))}).Get(p.url + "/livez")
	if err != nil || response.StatusCode != 200 {
		t.Errorf("%v, %v", response, err)
	} else {
		response.Body.Close()
	}
	for want, args := range map[string][]string{
		"--tls-cert and --tls-key need each other":                               {"--tls-cert", "own.crt"},
		"--tls-ca-out is for the certificate that --tls makes":                   {"--tls-ca-out", "ca.pem"},
		"that --tls makes, without --tls-cert":                                   {"--tls", "--tls-ca-out", "ca.pem", "--tls-cert", "own.crt", "--tls-key", "own.key"},
		"--tls-cert own.crt, --tls-key missing.key: open missing.key":            {"--tls-cert", "own.crt", "--tls-key", "missing.key"},
		"--tls-cert own.key, --tls-key own.key: tls: failed to find certificate": {"--tls-cert", "own.key", "--tls-key", "own.key"},
		"write the certificate (--tls-ca-out): open none/":                       {"--tls", "--tls-ca-out", "none/ca.pem"},
	} {
		got := execute(t, dir, []string{"CARTWRIGHT_ADDR=127.0.0.1:0"}, append([]string{"--store", "memory"}, args...)...)
		if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: %+v, want %q", args, got, want)
		}
	}
}

// One cloud is enough to point the client and its credential at the stub.
func TestCredentials_Cloud(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	own := client.Custom(s.url, s.url)
	credential := s.refreshing(entra.RefreshToken, func(o *auth.RefreshTokenOptions) { o.Cloud = own })
	c, err := client.New(credential, client.WithCloud(own), client.WithTransport(s.transport), client.WithStubOnly())
	if err != nil {
		t.Fatal(err)
	}
	for o, err := range c.Orders.List(t.Context(), customer) {
		if o != nil || err != nil {
			t.Errorf("%v, %v", o, err)
		}
	}
}
