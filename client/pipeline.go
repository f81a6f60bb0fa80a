package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/uuid"
)

// How long a try may take, and how long a Retry-After may be that is waited for; azcore's own limit of a minute is below
// what the throttling page shows.
const (
	tryTimeout    = 100 * time.Second
	maxRetryDelay = 5 * time.Minute
)

// newPipeline makes the way of a request: whether it may be sent at all, the ids of the call and who sends it, then for
// each try the token and the transport.
func newPipeline(credential azcore.TokenCredential, base *url.URL, s settings) runtime.Pipeline {
	transport := &http.Client{
		Transport: s.transport, // nil stands for http.DefaultTransport
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a POST that is redirected becomes a GET: a checkout that does nothing
		},
	}
	options := &policy.ClientOptions{
		Telemetry: policy.TelemetryOptions{Disabled: true}, // it would name this client a Microsoft SDK
		Transport: transport,
		Retry:     s.retry,
	}
	if options.Retry.TryTimeout == 0 {
		options.Retry.TryTimeout = tryTimeout
	}
	if options.Retry.MaxRetryDelay == 0 {
		options.Retry.MaxRetryDelay = maxRetryDelay
	}
	perCall := []policy.Policy{policyFunc(identify(s.application))}
	if s.stubOnly {
		perCall = append([]policy.Policy{&stubOnly{transport: transport, base: base}}, perCall...)
	}
	bearer := runtime.NewBearerTokenPolicy(credential, []string{scope(s.cloud.Services[ServiceName].Audience)},
		&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: base.Scheme == "http"}) // baseOf has refused any host but loopback
	return runtime.NewPipeline("cartwright-go", Version, runtime.PipelineOptions{
		PerCall:  perCall,
		PerRetry: []policy.Policy{policyFunc(count), bearer},
	}, options)
}

// pipelineDoer lets the generated client send through a pipeline.
type pipelineDoer struct{ pipeline runtime.Pipeline }

// Do implements apiclient.HttpRequestDoer.
func (d pipelineDoer) Do(r *http.Request) (*http.Response, error) {
	request, err := runtime.NewRequestFromRequest(r)
	if err != nil {
		return nil, err
	}
	return d.pipeline.Do(request)
}

type policyFunc func(*policy.Request) (*http.Response, error)

// Do implements policy.Policy.
func (f policyFunc) Do(r *policy.Request) (*http.Response, error) { return f(r) }

// identify sets the headers of the call, and those that name it and its sender (HTTP-HEADERS). They stay the same however
// often the request is sent, so that the service can tell a repetition.
func identify(application string) func(*policy.Request) (*http.Response, error) {
	agent := "cartwright-go/" + Version
	return func(r *policy.Request) (*http.Response, error) {
		h, a := r.Raw().Header, attemptOf(r.Raw().Context())
		for name, values := range a.headers {
			h[name] = values
		}
		h.Set("MS-RequestId", a.ids.request)
		h.Set("MS-CorrelationId", a.ids.correlation)
		h.Set("MS-PartnerCenter-Client", agent)
		h.Set("User-Agent", agent)
		if application != "" {
			h.Set("MS-PartnerCenter-Application", application)
			h.Set("User-Agent", agent+" "+application)
		}
		h.Set("Accept", "application/json")
		if a.keep && r.Body() != nil {
			var err error
			if a.sent, err = io.ReadAll(r.Body()); err != nil {
				return nil, err
			}
		}
		return r.Next() // each try rewinds the body
	}
}

// count counts the tries of a call.
func count(r *policy.Request) (*http.Response, error) {
	attemptOf(r.Raw().Context()).tries++
	return r.Next()
}

// attempt is a call under way.
type attempt struct {
	callSettings

	tries  int
	status int    // of the last answer; 0 when none came back
	answer []byte // its body
	keep   bool   // whether the body that is sent is wanted
	sent   []byte // that body
}

type attemptKey struct{}

func withAttempt(ctx context.Context, a *attempt) context.Context {
	return context.WithValue(ctx, attemptKey{}, a)
}

func attemptOf(ctx context.Context) *attempt { return ctx.Value(attemptKey{}).(*attempt) }

// requestIDs are the ids of one call.
type requestIDs struct{ request, correlation string }

// NewRequestID makes a GUID for RequestID.
func NewRequestID() string { return uuid.NewString() }

// checkApplication refuses a name that would make another header than is meant.
func checkApplication(name string) error {
	for _, r := range name {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_') {
			return fmt.Errorf("cartwright: application name %q has characters other than letters, digits and -._", name)
		}
	}
	return nil
}
