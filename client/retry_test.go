package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
)

// scripted answers each request with the next of its answers, and the last one for ever.
type scripted struct {
	answers []func(*http.Request) (*http.Response, error)
	sent    []sent
}

type sent struct {
	at                     time.Time
	path, id, other, token string
	body                   string
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.sent = append(s.sent, sent{
		time.Now(), r.URL.Path, r.Header.Get("MS-RequestId"), r.Header.Get("MS-CorrelationId"), r.Header.Get("Authorization"), string(body),
	})
	answer := s.answers[min(len(s.sent), len(s.answers))-1]
	return answer(r)
}

func status(code int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return answered(r, code, io.NopCloser(strings.NewReader(body)), headers...), nil
	}
}

func answered(r *http.Request, code int, body io.ReadCloser, headers ...string) *http.Response {
	h := make(http.Header)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	return &http.Response{StatusCode: code, Status: http.StatusText(code), Header: h, Body: body, Request: r}
}

var errCut = errors.New("connection reset by peer")

func cut(*http.Request) (*http.Response, error) { return nil, errCut }

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// brokenOff breaks off within the body.
func brokenOff(r *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"id":"`), failing{})
	return answered(r, 201, io.NopCloser(body)), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

const created = `{"id":"3655b1a0-b1c9-4268-9824-577fdbc4d0be","lineItems":[],"status":"Active"}`

func clientOf(t *testing.T, transport http.RoundTripper, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(auth.StaticToken("secret-token"), append([]client.Option{client.WithTransport(transport)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What fails for a while is sent again, with the same ids and the same body.
func TestRetry(t *testing.T) {
	t.Parallel()
	ok := status(201, created)
	for name, tc := range map[string]struct {
		first    func(*http.Request) (*http.Response, error)
		min, max time.Duration // between the tries
	}{
		"no connection":           {cut, 640 * time.Millisecond, 1040 * time.Millisecond},
		"an answer that breaks":   {brokenOff, 640 * time.Millisecond, 1040 * time.Millisecond},
		"no answer":               {silent, 100 * time.Second, 102 * time.Second},
		"408":                     {status(408, ""), 640 * time.Millisecond, 1040 * time.Millisecond},
		"500":                     {status(500, ""), 640 * time.Millisecond, 1040 * time.Millisecond},
		"502":                     {status(502, "<html>"), 640 * time.Millisecond, 1040 * time.Millisecond},
		"503":                     {status(503, ""), 640 * time.Millisecond, 1040 * time.Millisecond},
		"504":                     {status(504, ""), 640 * time.Millisecond, 1040 * time.Millisecond},
		"429":                     {status(429, "", "Retry-After: 57"), 57 * time.Second, 57 * time.Second},
		"429 for over a minute":   {status(429, "", "Retry-After: 200"), 200 * time.Second, 200 * time.Second},
		"503 with a Retry-After":  {status(503, "", "Retry-After: 3"), 3 * time.Second, 3 * time.Second},
		"429 without Retry-After": {status(429, ""), 640 * time.Millisecond, 1040 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answers: []func(*http.Request) (*http.Response, error){tc.first, ok}}
				cart, err := clientOf(t, s).Carts.Create(t.Context(), customer, oneLine())
				if err != nil || cart.ID == "" || len(s.sent) != 2 {
					t.Fatalf("Create gave %+v, %v after %d requests", cart, err, len(s.sent))
				}
				one, two := s.sent[0], s.sent[1]
				if waited := two.at.Sub(one.at); waited < tc.min || waited > tc.max {
					t.Errorf("the second try came after %v, want %v to %v", waited, tc.min, tc.max)
				}
				one.at = two.at
				if one != two || len(one.id) != 36 || one.body == "" || one.token == "" {
					t.Errorf("the tries differ:\n%+v\n%+v", one, two)
				}
			})
		})
	}
}

// Refusals are not asked again, and what goes on failing ends.
func TestRetry_Ends(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer  func(*http.Request) (*http.Response, error)
		options []client.Option
		want    int
		is      error
	}{
		"400":                  {status(400, `{"code":800065}`), nil, 1, client.ErrCartSubmitted},
		"401":                  {status(401, ""), nil, 1, client.ErrUnauthorized},
		"403":                  {status(403, ""), nil, 1, client.ErrForbidden},
		"404":                  {status(404, ""), nil, 1, client.ErrNotFound},
		"409":                  {status(409, `{"code":800064}`), nil, 1, client.ErrCartBusy},
		"429 for ever":         {status(429, "", "Retry-After: 1"), nil, 4, client.ErrThrottled},
		"429 for an hour":      {status(429, "", "Retry-After: 3600"), nil, 1, client.ErrThrottled},
		"no connection":        {cut, nil, 4, errCut},
		"retries as asked":     {status(503, ""), []client.Option{client.WithRetry(policy.RetryOptions{MaxRetries: 7})}, 8, nil},
		"retries switched off": {cut, []client.Option{client.WithRetry(policy.RetryOptions{MaxRetries: -1})}, 1, errCut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answers: []func(*http.Request) (*http.Response, error){tc.answer}}
				_, err := clientOf(t, s, tc.options...).Carts.Checkout(t.Context(), customer, customer)
				e, ok := errors.AsType[*client.Error](err)
				if !ok || len(s.sent) != tc.want || tc.is != nil && !errors.Is(err, tc.is) {
					t.Errorf("Checkout gave %v after %d requests, want %v after %d", err, len(s.sent), tc.is, tc.want)
				}
				if name == "429 for an hour" && e.RetryAfter != time.Hour {
					t.Errorf("RetryAfter is %v", e.RetryAfter)
				}
			})
		})
	}
}

// A context that ends is the end, within a wait too.
func TestRetry_Context(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []func(*http.Request) (*http.Response, error){status(429, "", "Retry-After: 60")}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := clientOf(t, s).Carts.Get(ctx, customer, customer)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 10*time.Second || len(s.sent) != 1 {
			t.Errorf("Get gave %v after %v and %d requests", err, time.Since(begin), len(s.sent))
		}
	})
}
