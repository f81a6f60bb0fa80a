package entra

import (
	"encoding/base64"
	"math/big"
	"net/http"
)

// keyID names the key that signs tokens.
const keyID = "cartwright"

// configuration is what a library reads of a tenant before it asks for a token.
func configuration(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := requireTenant(r); err != nil {
		return nil, err
	}
	at := func(path string) string { return baseOf(r) + "/" + TenantID + "/" + path }
	return map[string]any{
		"issuer":                                           at("v2.0"),
		"authorization_endpoint":                           at("oauth2/v2.0/authorize"),
		"token_endpoint":                                   at(tokenPath),
		"jwks_uri":                                         at(keysPath),
		"grant_types_supported":                            []string{"client_credentials", "refresh_token"},
		"response_types_supported":                         []string{"code"},
		"subject_types_supported":                          []string{"pairwise"},
		"id_token_signing_alg_values_supported":            []string{"RS256"},
		"scopes_supported":                                 openID,
		"token_endpoint_auth_methods_supported":            []string{"client_secret_post", "client_secret_basic", "private_key_jwt"},
		"token_endpoint_auth_signing_alg_values_supported": []string{"PS256", "RS256"},
	}, nil
}

// keys gives the key that signs tokens, for programs that check it.
func (a *Authority) keys(http.ResponseWriter, *http.Request) (any, error) {
	key, err := a.key()
	if err != nil {
		return nil, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID, "x5t": keyID,
		"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
	}}}, nil
}

// baseOf gives the URL by which the caller reaches this server.
func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
