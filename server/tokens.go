package server

import (
	"context"
	"time"

	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server/entra"
)

// MintToken implements control.StrictServerInterface.
func (s *controls) MintToken(_ context.Context, r control.MintTokenRequestObject) (control.MintTokenResponseObject, error) {
	asked := entra.Access{
		User:     r.Body.Kind == control.TokenRequestKindUser,
		NoMFA:    r.Body.WithoutMfa,
		Audience: r.Body.Audience,
		Lifetime: entra.DefaultLifetime,
	}
	if asked.NoMFA && !asked.User {
		return nil, invalid(fault{place: "/withoutMfa", reason: "is for the kind user only"})
	}
	if r.Body.ExpiresIn != "" {
		var err error
		if asked.Lifetime, err = time.ParseDuration(r.Body.ExpiresIn); err != nil {
			return nil, invalid(fault{place: "/expiresIn", reason: "must be a time such as 1h or -5m"})
		}
	}
	token, expires, err := s.authority.Mint(asked)
	out := control.MintToken201JSONResponse{AccessToken: token, ExpiresOn: expires.UTC()}
	if err == nil && asked.User {
		out.RefreshToken, err = s.authority.MintRefreshToken(!asked.NoMFA)
	}
	return out, err
}

// RevokeTokens implements control.StrictServerInterface.
func (s *controls) RevokeTokens(context.Context, control.RevokeTokensRequestObject) (control.RevokeTokensResponseObject, error) {
	s.authority.Revoke()
	return control.RevokeTokens204Response{}, s.changed(nil)
}
