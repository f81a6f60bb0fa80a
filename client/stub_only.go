package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// ErrNotStub says that the server is not this project's stub, so that a client made WithStubOnly has sent it nothing.
var ErrNotStub = errors.New("the server is not the stub, and the client talks to no other")

// stubOnly lets a request pass once the server has said that it is the stub.
type stubOnly struct {
	transport *http.Client
	base      *url.URL
	isStub    atomic.Bool
}

// Do implements policy.Policy.
func (p *stubOnly) Do(r *policy.Request) (*http.Response, error) {
	if !p.isStub.Load() {
		if err := p.ask(r.Raw().Context()); err != nil {
			return nil, err
		}
		p.isStub.Store(true)
	}
	return r.Next()
}

// askTimeout is how long the stub may take to say that it is one.
const askTimeout = 10 * time.Second

// ask looks for the header that each answer of the stub has.
func (p *stubOnly) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	u := *p.base
	u.Path = strings.TrimSuffix(u.Path, "/v1") + "/livez"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return err
	}
	answer, err := p.transport.Do(r)
	if err != nil {
		return fmt.Errorf("ask whether it is the stub: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("X-Cartwright") == "" {
		return notStub{fmt.Errorf("GET %s is %s without X-Cartwright", u.String(), answer.Status)}
	}
	return nil
}

// notStub is why a server is not taken for the stub. It is not asked again within the call.
type notStub struct{ cause error }

func (e notStub) Error() string   { return ErrNotStub.Error() + ": " + e.cause.Error() }
func (e notStub) Unwrap() []error { return []error{ErrNotStub, e.cause} }
func (e notStub) NonRetriable()   {}
