package entra

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// audiences are the names of Partner Center: of the global and the US Government cloud, of 21Vianet's, and the id of its
// application, which tokens of version 2.0 have.
var audiences = []string{
	"https://api.partnercenter.microsoft.com",
	"https://partner.partnercenterapi.microsoftonline.cn",
	"fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd",
}

// issuer is what a token of Entra ID names as its issuer, in the public and the national clouds, for any tenant.
var issuer = regexp.MustCompile(`^https://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.microsoftonline\.(?:com|us)|` +
	`login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn)/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/(?:v2\.0)?$`)

// Why is a sort of refusal.
type Why int

// The sorts of refusals.
const (
	Invalid       Why = iota // it is no token, not of Entra ID, or not valid now
	WrongAudience            // it is for another service
	NoMFA                    // it speaks for a user who signed in without multi-factor authentication
)

// Refusal is why a token does not pass.
type Refusal struct {
	Why    Why
	Reason string // a sentence, for a person
}

func (r *Refusal) Error() string { return r.Reason }

func refuse(why Why, format string, args ...any) error {
	return &Refusal{why, fmt.Sprintf(format, args...)}
}

// accessClaims are the claims of an access token that are judged.
type accessClaims struct {
	jwt.RegisteredClaims
	TenantID     string `json:"tid"`
	IdentityType string `json:"idtyp"` // app or user; optional in Entra ID
	Scopes       string `json:"scp"`   // only of App+User
	Methods      words  `json:"amr"`   // how the user signed in
}

// words is a claim that has one word or several.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*w = make(words, 1)
		return json.Unmarshal(data, &(*w)[0])
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// Check judges an access token by its form, times, issuer, audience and kind, not by its signature. The error of a token
// that does not pass is a *Refusal.
func Check(token string) error {
	if strings.HasPrefix(token, refreshPrefix) || token == RefreshToken || token == RefreshTokenWithoutMFA {
		return refuse(Invalid, "The token is a refresh token. Ask the token endpoint for an access token, and send that.")
	}
	var c accessClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &c); err != nil {
		return refuse(Invalid, "The token is no JWT: %s.", printable(err))
	}
	if err := c.checkTimes(now()); err != nil {
		return err
	}
	if err := c.checkIssuer(); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Audience, isPartnerCenter) {
		return refuse(WrongAudience, "The token is for the audience %s, not for %s.", listed(c.Audience), audiences[0])
	}
	return c.checkKind()
}

// isPartnerCenter reports whether an audience is a name of Partner Center, with a slash at its end or not.
func isPartnerCenter(audience string) bool {
	return slices.ContainsFunc(audiences, func(a string) bool { return strings.EqualFold(a, strings.TrimSuffix(audience, "/")) })
}

func (c *accessClaims) checkTimes(at time.Time) error {
	const form = "2006-01-02T15:04:05Z"
	at = at.UTC()
	if c.ExpiresAt == nil {
		return refuse(Invalid, "The token does not say when it expires: it has no exp.")
	}
	if expires := c.ExpiresAt.UTC(); !at.Before(expires) {
		return refuse(Invalid, "The token expired at %s; on this machine it is %s.", expires.Format(form), at.Format(form))
	}
	if c.NotBefore != nil && at.Before(c.NotBefore.Time) {
		return refuse(Invalid, "The token is not valid before %s; on this machine it is %s.", c.NotBefore.UTC().Format(form), at.Format(form))
	}
	return nil
}

func (c *accessClaims) checkIssuer() error {
	match := issuer.FindStringSubmatch(c.Issuer)
	if match == nil {
		return refuse(Invalid, "The token's issuer %q is no tenant of Microsoft Entra ID, such as %q.", c.Issuer, "https://sts.windows.net/"+TenantID+"/")
	}
	if c.TenantID != "" && !strings.EqualFold(c.TenantID, match[1]) {
		return refuse(Invalid, "The token's issuer %q and its tenant %q (tid) differ.", c.Issuer, c.TenantID)
	}
	return nil
}

// checkKind refuses users without multi-factor authentication, and what is neither App nor App+User. Without idtyp a token
// with scopes is App+User.
func (c *accessClaims) checkKind() error {
	user := c.IdentityType == "user" || c.IdentityType == "" && c.Scopes != ""
	if !user && c.IdentityType != "" && c.IdentityType != "app" {
		return refuse(Invalid, "The token's idtyp %q is neither app nor user.", c.IdentityType)
	}
	if user && !slices.Contains(c.Methods, "mfa") {
		return refuse(NoMFA, "The token was got without multi-factor authentication: its amr (%s) has no mfa.", listed(c.Methods))
	}
	return nil
}

// listed gives words as they may stand in a sentence.
func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// printable shortens a library's error to one that fits into a sentence.
func printable(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(text, "token is malformed: ")
}
