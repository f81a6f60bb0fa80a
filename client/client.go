package client

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/cartwright-dev/cartwright/gen/apiclient"
)

// Version is the version of this client, as it names itself to the service.
const Version = "v0.1.0"

// Client talks to one Partner Center. It may be used by many goroutines at once.
type Client struct {
	Carts         *CartService         // carts and their checkout
	Orders        *OrderService        // orders and how far they are
	Subscriptions *SubscriptionService // what orders have made
	Products      *ProductService      // what can be bought

	api    *apiclient.Client
	logger *slog.Logger
}

// New makes a client that authenticates with the credential: any of azidentity, or one of package auth. It sends nothing
// yet.
func New(credential azcore.TokenCredential, options ...Option) (*Client, error) {
	if credential == nil {
		return nil, errors.New("cartwright: a client needs a credential, see package auth")
	}
	s := settings{cloud: Global(), logger: slog.New(slog.DiscardHandler)}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	base, err := baseOf(*s.baseURL)
	if err != nil {
		return nil, err
	}
	api, err := apiclient.NewClient(base.String(), apiclient.WithHTTPClient(pipelineDoer{newPipeline(credential, base, s)}))
	if err != nil {
		return nil, fmt.Errorf("cartwright: %w", err)
	}
	c := &Client{api: api, logger: s.logger}
	c.Carts, c.Orders = &CartService{c}, &OrderService{c}
	c.Subscriptions, c.Products = &SubscriptionService{c}, &ProductService{c}
	return c, nil
}

// complete fills in what the cloud says, and refuses what no client can be made of.
func (s *settings) complete() error {
	service := s.cloud.Services[ServiceName]
	if service.Audience == "" {
		return fmt.Errorf("cartwright: the cloud has no audience for the service %q, see Custom", ServiceName)
	}
	if s.baseURL == nil {
		s.baseURL = &service.Endpoint
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	return checkApplication(s.application)
}
