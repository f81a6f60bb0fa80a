package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/cartwright-dev/cartwright/gen/apiclient"
)

// Version is the version of this client, as it names itself to the service.
const Version = "v0.1.0"

// Client talks to one Partner Center. It may be used by many goroutines at once.
type Client struct {
	Carts  *CartService  // carts and their checkout
	Orders *OrderService // orders

	api *apiclient.Client
}

// New makes a client that authenticates with the credential: App only or App+User, as the operations need. It sends
// nothing yet.
func New(credential azcore.TokenCredential, options ...Option) (*Client, error) {
	if credential == nil {
		return nil, errors.New("cartwright: a client needs a credential, see package auth")
	}
	s := settings{baseURL: globalBaseURL}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	base, err := s.base()
	if err != nil {
		return nil, err
	}
	api, err := apiclient.NewClient(base.String(), apiclient.WithHTTPClient(pipelineDoer{newPipeline(credential, base, s)}))
	if err != nil {
		return nil, fmt.Errorf("cartwright: %w", err)
	}
	c := &Client{api: api}
	c.Carts = &CartService{c}
	c.Orders = &OrderService{c}
	return c, nil
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

// maxAnswerBytes is how much of an answer is read. A list of orders is not paged, and may be long.
const maxAnswerBytes = 1 << 30

// call sends a request and reads its answer. What fails is an *Error with the operation's name, and so is an answer that
// is none of the operation's: whole tells whether the value has what every such answer has.
func call[T any](ctx context.Context, op string, whole func(*T) bool, send func(context.Context) (*http.Response, error)) (*T, error) {
	ids := newRequestIDs()
	response, err := send(withRequestIDs(ctx, ids))
	if err != nil {
		return nil, &Error{Op: op, RequestID: ids.request, CorrelationID: ids.correlation, Err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return nil, &Error{Op: op, StatusCode: response.StatusCode, RequestID: ids.request, CorrelationID: ids.correlation, Err: err}
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		return nil, errorOf(op, response, body, ids)
	}
	var value T
	err = decode(body, &value)
	if err == nil && !whole(&value) {
		err = errors.New("it is no answer of this operation")
	}
	if err != nil {
		e := errorOf(op, response, body, ids)
		e.Err = fmt.Errorf("read the answer: %w", err)
		return nil, e
	}
	return &value, nil
}

// checkArguments refuses ids that would make another path than the operation's, before anything is sent.
func checkArguments(op string, ids ...string) error {
	for _, id := range ids {
		if id == "" || id == "." || id == ".." {
			return &Error{Op: op, Err: fmt.Errorf("%q is no id", id)}
		}
	}
	return nil
}
