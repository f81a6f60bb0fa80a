package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
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
		Transport: wholeAnswers{transport},
		Retry:     s.retry,
	}
	if options.Retry.TryTimeout == 0 {
		options.Retry.TryTimeout = tryTimeout
	}
	if options.Retry.MaxRetryDelay == 0 {
		options.Retry.MaxRetryDelay = maxRetryDelay
	}
	perCall := []policy.Policy{policyFunc(identify(s.application))} //nolint:bodyclose // as answerOf
	if s.stubOnly {
		perCall = append([]policy.Policy{&stubOnly{transport: transport, base: base}}, perCall...)
	}
	bearer := runtime.NewBearerTokenPolicy(credential, []string{scope(s.cloud.Services[ServiceName].Audience)},
		&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: base.Scheme == "http"}) // baseOf has refused any host but loopback
	return runtime.NewPipeline("cartwright-go", Version, runtime.PipelineOptions{
		PerCall:  perCall,
		PerRetry: []policy.Policy{bearer, policyFunc(try)},
	}, options)
}

// maxAnswerBytes is how long an answer may be. A list of orders is not paged, and may be long.
const maxAnswerBytes = 1 << 30

// wholeAnswers takes an answer that breaks off for none at all, which azcore does not: it would not try again, and what became
// of the request is not known.
type wholeAnswers struct{ client *http.Client }

// Do implements policy.Transporter.
func (w wholeAnswers) Do(r *http.Request) (*http.Response, error) {
	response, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err == nil && len(body) > maxAnswerBytes {
		err = fmt.Errorf("it is longer than %d bytes", maxAnswerBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
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
		if r.Body() != nil {
			var err error
			if a.sent, err = io.ReadAll(r.Body()); err != nil {
				return nil, err
			}
		}
		return r.Next()
	}
}

// try begins a try, with a body of its own: the transport may still be reading that of the one before.
func try(r *policy.Request) (*http.Response, error) {
	a := attemptOf(r.Raw().Context())
	a.tries++
	if a.sent != nil {
		r.Raw().Body = io.NopCloser(bytes.NewReader(a.sent))
	}
	return r.Next()
}

// attempt is a call under way.
type attempt struct {
	callSettings

	tries  int    // that were sent
	status int    // of the last answer; 0 when none came back
	answer []byte // its body
	sent   []byte // the body of the request
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

var applicationName = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)

// checkApplication refuses a name that would make another header than is meant.
func checkApplication(name string) error {
	if !applicationName.MatchString(name) {
		return fmt.Errorf("cartwright: application name %q has characters other than letters, digits and -._", name)
	}
	return nil
}
