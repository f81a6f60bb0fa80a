package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// globalBaseURL is the Partner Center of the global cloud, and of the US Government's.
const globalBaseURL = "https://api.partnercenter.microsoft.com"

// Option is a setting of New.
type Option func(*settings)

type settings struct {
	baseURL   string
	transport http.RoundTripper
}

// WithBaseURL sends requests to another server than the global Partner Center, such as the stub at
// "http://127.0.0.1:8080". A token is sent over plain http to a loopback address only.
func WithBaseURL(baseURL string) Option { return func(s *settings) { s.baseURL = baseURL } }

// WithTransport sends requests through this transport instead of http.DefaultTransport.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *settings) { s.transport = transport }
}

// base gives the URL that the contract's paths are relative to.
func (s settings) base() (*url.URL, error) {
	base, err := url.Parse(s.baseURL)
	if err != nil {
		return nil, fmt.Errorf("cartwright: base URL: %w", err)
	}
	if base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("cartwright: base URL %q has no http scheme or no host", s.baseURL)
	}
	if base.Scheme == "http" && !isLoopback(base) {
		return nil, errors.New("cartwright: base URL " + s.baseURL + ": a token is sent over plain http to a loopback address only, use https")
	}
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/v1") + "/v1"
	return base, nil
}
