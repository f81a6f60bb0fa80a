// Package auth has credentials for package client that azidentity does not have. Any azcore.TokenCredential is one, so an
// application that acts for itself (App) takes azidentity's:
//
//	credential, err := azidentity.NewClientSecretCredential(tenantID, applicationID, secret, nil)
//	c, err := client.New(credential)
//
// # An application and a user
//
// Some of Partner Center wants an application and a user (App+User). The user signs in once, with multi-factor
// authentication, and consents; what is left of it is a refresh token, which [RefreshTokenCredential] trades for access
// tokens:
//
//	credential, err := auth.NewRefreshTokenCredential(tenantID, applicationID, stored, auth.RefreshTokenOptions{
//		ClientSecret: secret, // or Certificate
//		OnRotate:     func(ctx context.Context, next string) error { return vault.Store(ctx, next) },
//	})
//
// A refresh token dies when it has not been used for 90 days, and each use gives a new one. OnRotate is where you store it.
// Without it everything works for 90 days after the day of the sign-in, and then nothing does until somebody signs in again.
// A refresh token that is refused is an [*Error] that errors.Is [ErrSignInAgain].
//
// # Against the stub
//
// The stub has a token endpoint of its own, with well-known credentials that it prints when it is started so:
//
//	cartwright --auth basic --tls --tls-ca-out ca.pem
//
// Point the client and the credential there by one cloud, client.Custom(url, url), and let RefreshTokenOptions.Transport trust
// the certificate. azidentity takes the same, as the example of App shows. [StaticToken] is enough where the stub takes any
// token.
//
// Nothing in this package prints a token, a secret or a key: not in errors, not in logs, and not by %+v.
package auth

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// never is when a token expires that does not.
var never = time.Unix(math.MaxInt32, 0)

// StaticToken is a credential that always gives this token. The stub takes any word unless it was told otherwise; for
// Partner Center the token must be valid for as long as the client is used.
func StaticToken(token string) azcore.TokenCredential { return staticToken{token} }

type staticToken struct{ token string }

// GetToken implements azcore.TokenCredential.
func (t staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: t.token, ExpiresOn: never}, nil
}

// Format implements fmt.Formatter: however it is printed, the token is not.
func (t staticToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "auth.StaticToken(…)") }
