package entra

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// DefaultLifetime is how long an access token of the token endpoint lives.
const DefaultLifetime = time.Hour

// skew is how far before its making a token is valid, for machines whose clocks differ.
const skew = 5 * time.Minute

// Access is what an access token is to say.
type Access struct {
	User     bool          // App+User instead of App
	NoMFA    bool          // the user signed in without multi-factor authentication
	Audience string        // by default Partner Center
	Lifetime time.Duration // of the token; with 0 or less it has expired
}

// Mint makes an access token, and tells when it expires.
func (a *Authority) Mint(t Access) (token string, expires time.Time, err error) {
	key, err := a.key()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("make a key: %w", err)
	}
	if t.Audience == "" {
		t.Audience = audiences[0]
	}
	begins := now().Add(min(t.Lifetime, 0)).Truncate(time.Second)
	expires = begins.Add(max(t.Lifetime, 0))
	unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, t.claims(begins, expires))
	unsigned.Header["kid"] = keyID
	unsigned.Header["x5t"] = keyID
	token, err = unsigned.SignedString(key)
	return token, expires, err
}

// claims are those of Entra ID's version 1.0, which is what Partner Center is sent.
func (t Access) claims(begins, expires time.Time) jwt.MapClaims {
	c := jwt.MapClaims{
		"aud": t.Audience, "iss": "https://sts.windows.net/" + TenantID + "/", "ver": "1.0",
		"iat": begins.Add(-skew).Unix(), "nbf": begins.Add(-skew).Unix(), "exp": expires.Unix(),
		"tid": TenantID, "appid": ApplicationID, "uti": rand.Text(),
	}
	if !t.User {
		c["idtyp"], c["oid"], c["sub"], c["appidacr"] = "app", servicePrincipalID, servicePrincipalID, "1"
		return c
	}
	c["idtyp"], c["oid"], c["sub"], c["scp"] = "user", userID, userID, "user_impersonation"
	c["upn"], c["name"] = "buyer@cartwright.example", "Buyer"
	c["amr"] = []string{"pwd", "mfa"}
	if t.NoMFA {
		c["amr"] = []string{"pwd"}
	}
	return c
}
