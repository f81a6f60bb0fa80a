package client_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// asked is a credential that remembers which scopes it was asked for.
type asked struct{ scopes []string }

func (a *asked) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	a.scopes = append(a.scopes, o.Scopes...)
	return azcore.AccessToken{Token: "secret-token"}, nil
}

// Each cloud has its Partner Center, and the scope and the authority of its tokens.
func TestWithCloud(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cloud                 cloud.Configuration
		url, scope, authority string
	}{
		"global": {client.Global(), "https://api.partnercenter.microsoft.com", "https://api.partnercenter.microsoft.com/.default", "https://login.microsoftonline.com/"},
		"US":     {client.USGovernment(), "https://api.partnercenter.microsoft.com", "https://api.partnercenter.microsoft.com/.default", "https://login.microsoftonline.us/"},
		"China":  {client.China21Vianet(), "https://partner.partnercenterapi.microsoftonline.cn", "https://partner.partnercenterapi.microsoftonline.cn/.default", "https://login.chinacloudapi.cn/"},
		"custom": {client.Custom("https://partner.example/", "https://login.example/"), "https://partner.example", "https://partner.example/.default", "https://login.example/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			credential, to := &asked{}, ""
			c, err := client.New(credential, client.WithCloud(tc.cloud), client.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				to = r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
				return status(404, "")(r)
			})))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Carts.Get(t.Context(), customer, "a")
			if !errors.Is(err, client.ErrNotFound) || to != tc.url+"/v1/customers/"+customer+"/carts/a" {
				t.Errorf("Get gave %v from %s", err, to)
			}
			if len(credential.scopes) != 1 || credential.scopes[0] != tc.scope || tc.cloud.ActiveDirectoryAuthorityHost != tc.authority {
				t.Errorf("scopes are %v, the authority %s", credential.scopes, tc.cloud.ActiveDirectoryAuthorityHost)
			}
		})
	}
}

func TestNew_RefusesSettings(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]client.Option{
		"no audience": client.WithCloud(cloud.AzurePublic), "a space in the name": client.WithApplicationName("acme shop"),
		"a line break in the name": client.WithApplicationName("acme\r\nX-Evil: 1"),
	} {
		if _, err := client.New(&asked{}, option); err == nil || !strings.HasPrefix(err.Error(), "cartwright: ") {
			t.Errorf("New with %s gave %v", name, err)
		}
	}
}

// The options of a call, and the name of the program, are headers.
func TestCallOptions(t *testing.T) {
	t.Parallel()
	var got http.Header
	c := clientOf(t, transport(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return status(404, "")(r)
	}), client.WithApplicationName("acme-shop"))
	id, correlation := client.NewRequestID(), client.NewRequestID()
	_, err := c.Orders.Update(t.Context(), customer, "a", client.OrderUpdate{}, nil, client.RequestID(id), client.CorrelationID(correlation),
		client.Locale("de-DE"), client.CustomerUPN("anna@fabrikam.example"), client.IfMatch("abc"))
	e, ok := errors.AsType[*client.Error](err)
	if !ok || e.RequestID != id || e.CorrelationID != correlation {
		t.Errorf("Update gave %v", err)
	}
	for name, want := range map[string]string{
		"MS-RequestId": id, "MS-CorrelationId": correlation, "X-Locale": "de-DE", "X-Ms-Customeruser-Upn": "anna@fabrikam.example",
		"If-Match": `"abc"`, "MS-PartnerCenter-Application": "acme-shop", "User-Agent": "cartwright-go/" + client.Version + " acme-shop",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if _, err = c.Orders.Update(t.Context(), customer, "a", client.OrderUpdate{}, client.IfMatch(`"abc"`)); got.Get("If-Match") != `"abc"` {
		t.Errorf("an etag in quotation marks is sent as %s (%v)", got.Get("If-Match"), err)
	}
}

// A client for the stub only sends nothing to any other server, no token either, and asks for none.
func TestWithStubOnly(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	var lives atomic.Int32
	c := stub.Client(client.WithStubOnly(), client.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/livez" {
			lives.Add(1)
		}
		return stub.Transport().RoundTrip(r)
	})))
	for range 3 {
		if _, err := c.Carts.Create(t.Context(), customer, oneLine()); err != nil {
			t.Errorf("Create at the stub gave %v", err)
		}
	}
	if lives.Load() != 1 {
		t.Errorf("the stub was asked %d times whether it is one", lives.Load())
	}
	for name, handler := range map[string]http.HandlerFunc{
		"another server": func(http.ResponseWriter, *http.Request) {},
		"a failing one":  func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Cartwright", "x"); w.WriteHeader(503) },
		"one that sends away": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stub.URL+r.URL.Path, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if r.URL.Path != "/livez" || r.Header.Get("Authorization") != "" {
					t.Errorf("sent was %s %s with %v", r.Method, r.URL, r.Header)
				}
				handler(w, r)
			}))
			t.Cleanup(s.Close)
			credential := &asked{}
			c, err := client.New(credential, client.WithBaseURL(s.URL), client.WithStubOnly())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, err = c.Carts.Checkout(t.Context(), customer, customer)
				if e, ok := errors.AsType[*client.Error](err); !ok || e.Op != "checkoutCart" || !errors.Is(err, client.ErrNotStub) {
					t.Errorf("Checkout gave %v", err)
				}
			}
			if _, err := c.Carts.CheckoutOnce(t.Context(), customer, customer); !errors.Is(err, client.ErrNotStub) {
				t.Errorf("CheckoutOnce gave %v", err)
			}
			if requests.Load() != 3 || credential.scopes != nil {
				t.Errorf("%d requests were sent, and tokens asked for %v", requests.Load(), credential.scopes)
			}
		})
	}
}

// One record a call, with its ids and without the token; bodies for Debug only.
func TestWithLogger(t *testing.T) {
	t.Parallel()
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug, slog.LevelError} {
		var out bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))
		s := &scripted{answers: []func(*http.Request) (*http.Response, error){status(201, created), status(404, `{"code":800008,"description":"gone"}`)}}
		c := clientOf(t, s, client.WithLogger(logger))
		_, _ = c.Carts.Create(t.Context(), customer, oneLine())
		_, _ = c.Carts.Get(t.Context(), customer, customer)
		text := out.String()
		calls := strings.Count(text, `msg="Partner Center call"`)
		bodies := strings.Count(text, `CFQ7TTC0LF8S`)
		want := map[slog.Level][2]int{slog.LevelInfo: {2, 0}, slog.LevelDebug: {2, 1}, slog.LevelError: {0, 0}}[level]
		if calls != want[0] || bodies != want[1] || strings.Contains(text, "secret") {
			t.Errorf("for %v is logged\n%s", level, text)
		}
		if calls > 0 && (!strings.Contains(text, "operation=createCart status=201 tries=1") || !strings.Contains(text, "request_id="+s.sent[0].id) ||
			!strings.Contains(text, "level=WARN") || !strings.Contains(text, "800008 gone")) {
			t.Errorf("for %v is logged\n%s", level, text)
		}
	}
}

// A credential without a token is the end of a call: nothing is sent, and nothing tried again.
func TestCredentialFails(t *testing.T) {
	t.Parallel()
	refused := errors.New("sign in again")
	c, err := client.New(credentialFunc(func() (azcore.AccessToken, error) { return azcore.AccessToken{}, refused }),
		client.WithTransport(transport(func(r *http.Request) (*http.Response, error) { t.Error("sent was " + r.URL.Path); return cut(r) })))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Carts.CheckoutOnce(t.Context(), customer, customer); !errors.Is(err, refused) {
		t.Errorf("CheckoutOnce gave %v", err)
	}
}

type credentialFunc func() (azcore.AccessToken, error)

func (f credentialFunc) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return f()
}
