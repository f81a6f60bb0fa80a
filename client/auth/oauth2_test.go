package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/oauth2"

	"github.com/cartwright-dev/cartwright/client/auth"
)

type source struct {
	token *oauth2.Token
	err   error
}

func (s source) Token() (*oauth2.Token, error) { return s.token, s.err }

func TestFromOAuth2(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Hour)
	for name, tc := range map[string]struct {
		source source
		want   string // the token, or what the error has
	}{
		"a token":             {source{token: &oauth2.Token{AccessToken: "x", Expiry: soon}}, "x"},
		"one without an end":  {source{token: &oauth2.Token{AccessToken: "y", TokenType: "bearer"}}, "y"},
		"no token":            {source{}, "the source gave no token"},
		"an empty token":      {source{token: &oauth2.Token{}}, "the source gave no token"},
		"a token of elsewise": {source{token: &oauth2.Token{AccessToken: "x", TokenType: "MAC"}}, `the token's type is "MAC", not Bearer`},
		"an error":            {source{err: errors.New("no network")}, "no network"},
		"a refusal": {source{err: &oauth2.RetrieveError{
			Response: &http.Response{StatusCode: 400}, Body: []byte(`{"error":"invalid_grant","error_description":"AADSTS700082: Expired.","correlation_id":"c"}`),
		}}, "400 invalid_grant: AADSTS700082: Expired. (correlation id c); the refresh token was not used for 90 days"},
	} {
		got, err := auth.FromOAuth2(tc.source).GetToken(t.Context(), policy.TokenRequestOptions{})
		if err == nil && (got.Token != tc.want || time.Until(got.ExpiresOn) < time.Minute) || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, %v, want %q", name, got, err, tc.want)
		}
		var failed *auth.Error
		if err != nil && !errors.As(err, &failed) {
			t.Errorf("%s: the error is a %T", name, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := auth.FromOAuth2(source{}).GetToken(ended, policy.TokenRequestOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}

// What can only be mended by a sign-in says so; what is wrong with the application does not.
func TestError_SignInAgain(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"invalid_grant": true, "interaction_required": true, "invalid_client": false, "": false} {
		err := error(&auth.Error{Code: code})
		if errors.Is(err, auth.ErrSignInAgain) != want {
			t.Errorf("%q: %v", code, !want)
		}
	}
}
