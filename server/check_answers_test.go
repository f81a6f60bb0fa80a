package server_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// The check of answers, on which all other tests rely, finds what is not as the contract has it.
func TestInvalidAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ stored, want string }{
		"a status outside the enum": {`{"cart":{"status":"Expired"}}`, "/status"},
		"what must not be answered": {`{"cart":{"status":"Active","partnerOnRecordAttestationAccepted":true}}`, "partnerOnRecordAttestationAccepted"},
		"a list that is null":       {`{"cart":{"status":"Active","lineItems":null}}`, "lineItems"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reported strings.Builder
			handler, err := server.New(server.Options{
				Store:         &cannedStore{memory.New(), tc.stored},
				InvalidAnswer: func(err error) { reported.WriteString(err.Error()) },
			})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/customers/"+customer+"/carts/"+customer, nil)
			r.Header.Set("Authorization", "Bearer any")
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if !strings.Contains(reported.String(), tc.want) {
				t.Errorf("reported is %q, want a word of %s", reported.String(), tc.want)
			}
		})
	}
}

// cannedStore has one document under every key, one that can't expire for a long time.
type cannedStore struct {
	store.Store
	body string
}

func (s *cannedStore) Get(_ context.Context, key store.Key) (store.Document, error) {
	body := strings.Replace(s.body, `{"cart":{`, `{"cart":{"expirationTimestamp":"9999-01-01T00:00:00Z",`, 1)
	return store.Document{Key: key, Body: []byte(body)}, nil
}
