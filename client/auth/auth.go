// Package auth has credentials for package client that azidentity does not have.
package auth

import (
	"context"
	"math"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// StaticToken is a credential that always gives this token. The stub takes any word; for Partner Center the token must be
// valid for as long as the client is used.
func StaticToken(token string) azcore.TokenCredential { return staticToken(token) }

type staticToken string

// GetToken implements azcore.TokenCredential.
func (t staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Unix(math.MaxInt32, 0)}, nil
}
