package entra

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// RefreshLifetime is how long a refresh token lives, by the stub's clock. Whoever uses it gets a new one, and the old one
// lives on until its own end, as Microsoft's page on refresh tokens has it. The well-known ones don't expire.
const RefreshLifetime = 90 * 24 * time.Hour

// refreshPrefix makes a refresh token look unlike an access token. All that is known of it stands in it, so that it
// outlives the stub, and is as good at another one.
const refreshPrefix = "1."

// refreshKey lets a refresh token be known from one that was cut off or mistyped. It protects nothing.
const refreshKey = "cartwright"

// refreshClaims are what is known of a refresh token.
type refreshClaims struct {
	jwt.RegisteredClaims       // when it was made, by the stub's clock
	MFA                  bool  `json:"mfa"`
	Revocations          int64 `json:"rev"` // how many there had been
}

// MintRefreshToken makes the refresh token of a user who signs in now.
func (a *Authority) MintRefreshToken(mfa bool) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, refreshClaims{
		RegisteredClaims: jwt.RegisteredClaims{ID: rand.Text(), IssuedAt: jwt.NewNumericDate(a.clock())},
		MFA:              mfa,
		Revocations:      a.revocations.Load(),
	}).SignedString([]byte(refreshKey))
	return refreshPrefix + token, err
}

// Revoke ends all refresh tokens that there are, the well-known ones too: as when the user's password is changed.
func (a *Authority) Revoke() { a.revocations.Add(1) }

// Restore takes all revocations back.
func (a *Authority) Restore() { a.revocations.Store(0) }

// readRefreshToken gives what a refresh token says, if it is one that can be used now.
func (a *Authority) readRefreshToken(token string) (c refreshClaims, err error) {
	switch token {
	case RefreshToken:
		c.MFA = true
	case RefreshTokenWithoutMFA:
	default:
		body, found := strings.CutPrefix(token, refreshPrefix)
		parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
		key := func(*jwt.Token) (any, error) { return []byte(refreshKey), nil }
		if _, err := parser.ParseWithClaims(body, &c, key); err != nil || !found || c.IssuedAt == nil {
			return c, failure(invalidGrant, 9002313, "Invalid request. Request is malformed or invalid. The refresh token is none that this stub has issued, or not a whole one.")
		}
		if made, at := c.IssuedAt.UTC(), a.clock().UTC(); at.Sub(made) >= RefreshLifetime {
			return c, failure(invalidGrant, 700082, "The refresh token has expired due to inactivity. The token was issued on %s and was inactive for 90.00:00:00. The stub's clock shows %s.",
				made.Format(entraTime), at.Format(entraTime))
		}
	}
	if c.Revocations < a.revocations.Load() {
		return c, failure(invalidGrant, 50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.")
	}
	return c, nil
}
