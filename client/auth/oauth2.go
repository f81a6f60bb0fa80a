package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/oauth2"
)

// FromOAuth2 makes a credential of a source of tokens, such as golang.org/x/oauth2/clientcredentials has. What the tokens
// are for is up to the source: give it the scope https://api.partnercenter.microsoft.com/.default. The source must renew
// its tokens by itself, and may be asked by many at once; oauth2.ReuseTokenSource does both. That the token endpoint has
// refused is an *Error.
func FromOAuth2(source oauth2.TokenSource) azcore.TokenCredential { return fromOAuth2{source} }

type fromOAuth2 struct{ source oauth2.TokenSource }

// GetToken implements azcore.TokenCredential.
func (c fromOAuth2) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if err := ctx.Err(); err != nil { // the source takes no context
		return azcore.AccessToken{}, err
	}
	token, err := c.source.Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		return azcore.AccessToken{}, errorOf(refused.Response.StatusCode, refused.Body, nil)
	case err != nil:
		return azcore.AccessToken{}, &Error{Err: err}
	case token == nil || token.AccessToken == "":
		return azcore.AccessToken{}, &Error{Err: errors.New("the source gave no token")}
	case !strings.EqualFold(token.Type(), "Bearer"):
		return azcore.AccessToken{}, &Error{Err: fmt.Errorf("the token's type is %q, not Bearer", token.Type())}
	}
	expires := token.Expiry
	if expires.IsZero() {
		expires = never
	}
	return azcore.AccessToken{Token: token.AccessToken, ExpiresOn: expires}, nil
}

// Format implements fmt.Formatter: whatever the source has is not printed.
func (c fromOAuth2) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "auth.FromOAuth2(…)") }
