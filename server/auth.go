package server

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/entra"
)

// unnamedUser is the lastModifiedUser of a caller whose token names nobody; the create page prints this one.
const unnamedUser = "1824b7fc-2fac-4478-b177-66823c40ab75"

// authenticate lets requests pass that have a bearer token (HTTP-AUTH): any, or one that Microsoft Entra ID could have issued
// for Partner Center.
func authenticate(mode Auth) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			token := bearerToken(c.Request().Header.Get("Authorization"))
			if token == "" && mode != AuthOff {
				c.Response().Header().Set("WWW-Authenticate", "Bearer") // without an error: RFC 6750, 3.1
				return &refusal{http.StatusUnauthorized, commerce.CodeUnauthorized, noToken[mode]}
			}
			if mode == AuthBasic {
				if refused := checkToken(token); refused != nil {
					c.Response().Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="invalid_token", error_description="%s"`, quotable(refused.description)))
					return refused
				}
			}
			exchangeOf(c.Request().Context()).user = userOf(token)
			return next(c)
		}
	}
}

// noToken is what to do about a request without a token.
var noToken = map[Auth]string{
	AuthAny:   "The request has no bearer token. Send the header Authorization with Bearer and a token; this stub takes any that is not empty.",
	AuthBasic: "The request has no bearer token. Send the header Authorization with Bearer and a token of this stub: of its token endpoint, or of POST " + ControlPath + "/tokens.",
}

// refusedTokens has the code for each reason why a token is refused.
var refusedTokens = map[entra.Why]commerce.Code{
	entra.Invalid:       commerce.CodeUnauthorized,
	entra.WrongAudience: commerce.CodeWrongAudience,
	entra.NoMFA:         commerce.CodeMFARequired,
}

// checkToken gives why a token is refused, or nil.
func checkToken(token string) *refusal {
	err := entra.Check(token)
	if err == nil {
		return nil
	}
	refused := &entra.Refusal{Why: entra.Invalid, Reason: err.Error()}
	errors.As(err, &refused)
	return &refusal{http.StatusUnauthorized, refusedTokens[refused.Why], shorten(refused.Reason, 5*maxText)}
}

// quotable gives a text as it may stand between the quotation marks of a header.
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, text)
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
