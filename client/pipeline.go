package client

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/uuid"
)

// scope is what a token for Partner Center is asked for.
const scope = "https://api.partnercenter.microsoft.com/.default"

// newPipeline makes the way of a request: the ids of the call and who sends it, then the token, then the transport. A
// failed request is not sent again; retries have their place between the ids and the token, which azcore's own policy
// fills when it is switched on.
func newPipeline(credential azcore.TokenCredential, base *url.URL, s settings) runtime.Pipeline {
	loopback := base.Scheme == "http" // base has refused any other host
	options := &policy.ClientOptions{
		Telemetry: policy.TelemetryOptions{Disabled: true}, // it would name this client a Microsoft SDK
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}
	options.Transport = &http.Client{
		Transport: s.transport, // nil stands for http.DefaultTransport
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a POST that is redirected becomes a GET: a checkout that does nothing
		},
	}
	return runtime.NewPipeline("cartwright-go", Version, runtime.PipelineOptions{
		PerCall: []policy.Policy{policyFunc(identify)},
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(credential, []string{scope},
			&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: loopback})},
	}, options)
}

type policyFunc func(*policy.Request) (*http.Response, error)

// Do implements policy.Policy.
func (f policyFunc) Do(r *policy.Request) (*http.Response, error) { return f(r) }

// identify sets the headers that name the call and its sender (HTTP-HEADERS). They stay the same however often the
// request is sent, so that the service can tell a repetition.
func identify(r *policy.Request) (*http.Response, error) {
	h := r.Raw().Header
	ids := requestIDsOf(r.Raw().Context())
	h.Set("MS-RequestId", ids.request)
	h.Set("MS-CorrelationId", ids.correlation)
	h.Set("MS-PartnerCenter-Client", "cartwright-go/"+Version)
	h.Set("User-Agent", "cartwright-go/"+Version)
	h.Set("Accept", "application/json")
	return r.Next()
}

// requestIDs are the ids of one call.
type requestIDs struct{ request, correlation string }

func newRequestIDs() requestIDs { return requestIDs{uuid.NewString(), uuid.NewString()} }

type requestIDsKey struct{}

func withRequestIDs(ctx context.Context, ids requestIDs) context.Context {
	return context.WithValue(ctx, requestIDsKey{}, ids)
}

func requestIDsOf(ctx context.Context) requestIDs {
	ids, ok := ctx.Value(requestIDsKey{}).(requestIDs)
	if !ok {
		return newRequestIDs()
	}
	return ids
}

func isLoopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
