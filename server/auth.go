package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// unnamedUser is the lastModifiedUser of a caller whose token names nobody; the create page prints this one.
const unnamedUser = "1824b7fc-2fac-4478-b177-66823c40ab75"

// authenticate lets requests pass that have a bearer token (HTTP-AUTH).
func authenticate(mode Auth) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			token := bearerToken(c.Request().Header.Get("Authorization"))
			if token == "" && mode != AuthOff {
				c.Response().Header().Set("WWW-Authenticate", "Bearer")
				return &refusal{
					http.StatusUnauthorized, commerce.CodeUnauthorized,
					"The request has no bearer token. Send the header Authorization with Bearer and a token; this stub takes any that is not empty.",
				}
			}
			exchangeOf(c.Request().Context()).user = userOf(token)
			return next(c)
		}
	}
}

func bearerToken(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// userOf gives the object id, else the application id, that a token carries (CART-CREATE). The token's signature is
// nobody's concern here.
func userOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return unnamedUser
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Oid, AppID, Azp string }
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return unnamedUser
	}
	for _, id := range []string{claims.Oid, claims.AppID, claims.Azp} {
		if isGUID(id) {
			return id
		}
	}
	return unnamedUser
}
