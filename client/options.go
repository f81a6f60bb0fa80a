package client

import (
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Option is a setting of New.
type Option func(*settings)

type settings struct {
	cloud       cloud.Configuration
	baseURL     *string // nil for the cloud's
	transport   http.RoundTripper
	retry       policy.RetryOptions
	logger      *slog.Logger
	application string
	stubOnly    bool
}

// WithCloud talks to the Partner Center of another cloud than Global: China21Vianet, USGovernment, or a Custom one.
func WithCloud(c cloud.Configuration) Option { return func(s *settings) { s.cloud = c } }

// WithBaseURL sends requests to another server than the cloud's Partner Center, such as the stub at
// "http://127.0.0.1:8080". Tokens are those of the cloud. A token is sent over plain http to a loopback address only.
func WithBaseURL(baseURL string) Option { return func(s *settings) { s.baseURL = &baseURL } }

// WithTransport sends requests through this transport instead of http.DefaultTransport, which nil stands for: a place for
// traces, a proxy, or a test's stub. It sees each try of a call, and tokens.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *settings) { s.transport = transport }
}

// WithRetry says how often and after what delays a request is sent again that got no answer, or 408, 429, 500, 502, 503 or
// 504. What is zero has its default: 3 retries, a delay that grows from 0.8 s with jitter, a Retry-After of up to 5 minutes,
// which has precedence, and 100 s for each try. Each try has the MS-RequestId and the body of the first, so that the
// service does the work once (HTTP-IDEMPOTENCY). To switch retries off set MaxRetries to -1.
func WithRetry(retry policy.RetryOptions) Option { return func(s *settings) { s.retry = retry } }

// WithLogger writes one record for each call: Info when it succeeds, Warn when it fails, with its operation, status, tries,
// duration and ids; for Debug there are also the bodies, which name customers and prices. Tokens are never written.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithApplicationName names the program that uses the client, to the service and in its User-Agent: letters, digits and
// "-._", as in "acme-shop".
func WithApplicationName(name string) Option { return func(s *settings) { s.application = name } }

// WithStubOnly makes sure that no order is real: before anything else is sent, the server must say on GET /livez, which is
// asked without a token, that it is this project's stub. Else calls fail with ErrNotStub, and nothing is sent and no token
// is asked for.
func WithStubOnly() Option { return func(s *settings) { s.stubOnly = true } }
