package entra_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/cartwright-dev/cartwright/server/entra"
)

const scope = "https://api.partnercenter.microsoft.com/.default"

var start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// tenant is an authority with a clock that the test moves.
type tenant struct {
	t *testing.T
	*entra.Authority
	url string
	now time.Time
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	n := &tenant{t: t, now: start}
	n.Authority = entra.New(func() time.Time { return n.now }, slog.New(slog.DiscardHandler))
	s := httptest.NewServer(n)
	t.Cleanup(s.Close)
	n.url = s.URL
	return n
}

// answer is what the token endpoint answers, whichever way it goes.
type answer struct {
	status       int
	header       http.Header
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string
	Error        string
	Description  string `json:"error_description"`
	Codes        []int  `json:"error_codes"`
	Timestamp    string
	Correlation  string `json:"correlation_id"`
	Trace        string `json:"trace_id"`
}

func (n *tenant) send(r *http.Request) (a answer) {
	n.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &a); err != nil {
		n.t.Fatalf("%v\n%s", err, body)
	}
	a.status, a.header = response.StatusCode, response.Header
	return a
}

func (n *tenant) request(method, path, body string) *http.Request {
	n.t.Helper()
	r, err := http.NewRequestWithContext(n.t.Context(), method, n.url+path, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

const tokenPath = "/" + entra.TenantID + "/oauth2/v2.0/token"

// post sends a form: names and values in turn.
func (n *tenant) post(pairs ...string) answer {
	n.t.Helper()
	return n.send(n.request("POST", tokenPath, form(pairs...)))
}

func form(pairs ...string) string {
	values := make(url.Values)
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// client are the parameters that say who asks.
func client(more ...string) []string {
	return append([]string{"client_id", entra.ApplicationID, "client_secret", entra.ClientSecret}, more...)
}

// An application's token is one that passes, signed by the key that is published, and has no refresh token.
func TestToken_App(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	for name, wanted := range map[string]string{"as the pages have it": scope, "as MSAL asks": scope + " openid offline_access profile", "for the stub": n.url + "/.default"} {
		a := n.post(client("grant_type", "client_credentials", "scope", wanted)...)
		if a.status != 200 || a.TokenType != "Bearer" || a.ExpiresIn != 3600 || a.RefreshToken != "" || a.header.Get("Cache-Control") != "no-store, no-cache" {
			t.Errorf("%s: %+v", name, a)
		}
		if err := entra.Check(a.AccessToken); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var claims jwt.MapClaims
		if _, err := jwt.ParseWithClaims(a.AccessToken, &claims, n.key, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuedAt(),
			jwt.WithAudience("https://api.partnercenter.microsoft.com"), jwt.WithIssuer("https://sts.windows.net/"+entra.TenantID+"/")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if claims["appid"] != entra.ApplicationID || claims["idtyp"] != "app" || claims["scp"] != nil || claims["amr"] != nil {
			t.Errorf("%s: %v", name, claims)
		}
	}
}

// key is the one that the authority publishes.
func (n *tenant) key(token *jwt.Token) (any, error) {
	n.t.Helper()
	configuration := n.get("/" + entra.TenantID + "/v2.0/.well-known/openid-configuration")
	path := strings.TrimPrefix(configuration["jwks_uri"].(string), n.url)
	key := n.get(path)["keys"].([]any)[0].(map[string]any)
	if key["kid"] != token.Header["kid"] {
		n.t.Errorf("the token is signed by %v, %v is published", token.Header["kid"], key["kid"])
	}
	number := func(name string) *big.Int {
		data, err := base64.RawURLEncoding.DecodeString(key[name].(string))
		if err != nil {
			n.t.Error(err)
		}
		return new(big.Int).SetBytes(data)
	}
	return &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}, nil
}

func (n *tenant) get(path string) (body map[string]any) {
	n.t.Helper()
	response, err := http.DefaultClient.Do(n.request("GET", path, ""))
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || response.StatusCode != 200 {
		n.t.Fatalf("%s: %d, %v", path, response.StatusCode, err)
	}
	return body
}

// A library finds all by the tenant's document.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	c := n.get("/" + strings.ToUpper(entra.TenantID) + "/v2.0/.well-known/openid-configuration")
	if c["token_endpoint"] != n.url+tokenPath || c["issuer"] != n.url+"/"+entra.TenantID+"/v2.0" {
		t.Errorf("it is %v", c)
	}
	if a := n.send(n.request("GET", "/common/v2.0/.well-known/openid-configuration", "")); a.status != 400 || a.Codes[0] != 90002 {
		t.Errorf("of another tenant: %+v", a)
	}
}

// A refresh token gives an access token of the user, and, where it is asked for, the next refresh token. As with Microsoft,
// the old one is not revoked by that: it dies 90 days after it was made, by the stub's clock.
func TestToken_Refresh(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	refresh := func(token string) answer {
		return n.post(client("grant_type", "refresh_token", "refresh_token", token, "scope", scope+" offline_access")...)
	}
	first := refresh(entra.RefreshToken)
	if first.status != 200 || entra.Check(first.AccessToken) != nil || first.RefreshToken == "" || first.Scope != "https://api.partnercenter.microsoft.com/user_impersonation" {
		t.Fatalf("%+v", first)
	}
	if err := entra.Check(first.RefreshToken); err == nil || !strings.Contains(err.Error(), "The token is a refresh token") {
		t.Errorf("as an access token: %v", err)
	}
	n.now = start.Add(60 * 24 * time.Hour)
	second := refresh(first.RefreshToken)
	if second.status != 200 || second.RefreshToken == first.RefreshToken {
		t.Fatalf("%+v", second)
	}
	n.now = start.Add(90*24*time.Hour - time.Second)
	if a := refresh(first.RefreshToken); a.status != 200 {
		t.Errorf("in the last second: %+v", a)
	}
	n.now = start.Add(90 * 24 * time.Hour)
	if a := refresh(first.RefreshToken); a.status != 400 || a.Error != "invalid_grant" || a.Codes[0] != 700082 || !strings.Contains(a.Description, "issued on 2026-01-01T00:00:00") {
		t.Errorf("after 90 days: %+v", a)
	}
	for _, token := range []string{second.RefreshToken, entra.RefreshToken} {
		if a := refresh(token); a.status != 200 {
			t.Errorf("a younger one, or the well-known one: %+v", a)
		}
	}
	if a := n.post(client("grant_type", "refresh_token", "refresh_token", entra.RefreshToken)...); a.status != 200 || a.RefreshToken != "" {
		t.Errorf("without offline_access: %+v", a)
	}
	another := newTenant(t) // a refresh token outlives the stub
	if a := another.post(client("grant_type", "refresh_token", "refresh_token", second.RefreshToken)...); a.status != 200 {
		t.Errorf("at another stub: %+v", a)
	}
}

// Whether the user has used a second factor stays with his refresh tokens.
func TestToken_WithoutMFA(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	token := entra.RefreshTokenWithoutMFA
	for range 2 {
		a := n.post(client("grant_type", "refresh_token", "refresh_token", token, "scope", "offline_access")...)
		var refused *entra.Refusal
		if !errors.As(entra.Check(a.AccessToken), &refused) || refused.Why != entra.NoMFA {
			t.Errorf("the token is refused by %v", refused)
		}
		token = a.RefreshToken
	}
}

// What is revoked is refused, what is made afterwards is not, and Restore undoes it.
func TestRevoke(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	mint := func() string {
		token, err := n.MintRefreshToken(true)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	status := func(token string) (int, string) {
		a := n.post(client("grant_type", "refresh_token", "refresh_token", token)...)
		return a.status, a.Description[:min(len(a.Description), 12)]
	}
	before := mint()
	n.Revoke()
	after := mint()
	for token, want := range map[string]string{before: "AADSTS50173:", entra.RefreshToken: "AADSTS50173:", after: ""} {
		if _, got := status(token); got != want {
			t.Errorf("%s: %q, want %q", token, got, want)
		}
	}
	n.Restore()
	for _, token := range []string{before, after, entra.RefreshToken} {
		if got, _ := status(token); got != 200 {
			t.Errorf("%s: %d after Restore", token, got)
		}
	}
}

// Each thing that can be wrong with a form is answered in Entra ID's form, and says what.
func TestToken_Refuses(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	whole := client("grant_type", "client_credentials", "scope", scope)
	with := func(pairs ...string) string { return form(append(append([]string{}, whole...), pairs...)...) }
	without := func(name string) string {
		values, _ := url.ParseQuery(form(whole...))
		values.Del(name)
		return values.Encode()
	}
	refresh := func(token, scope string) string {
		return form(client("grant_type", "refresh_token", "refresh_token", token, "scope", scope)...)
	}
	issued, err := n.MintRefreshToken(true)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body   string
		status int
		oauth  string
		want   string
	}{
		"no grant":             {without("grant_type"), 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'grant_type'."},
		"another grant":        {with("grant_type", "password"), 400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type 'password'."},
		"no application":       {without("client_id"), 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'client_id'."},
		"another application":  {with("client_id", entra.TenantID), 400, "unauthorized_client", "AADSTS700016: Application with identifier"},
		"no secret":            {without("client_secret"), 401, "invalid_client", "AADSTS7000218: "},
		"a wrong secret":       {with("client_secret", "x"), 401, "invalid_client", "AADSTS7000215: Invalid client secret provided."},
		"no scope":             {without("scope"), 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'scope'."},
		"only OpenID":          {with("scope", "openid"), 400, "invalid_request", "AADSTS900144: "},
		"a user's scope":       {with("scope", "https://api.partnercenter.microsoft.com/user_impersonation"), 400, "invalid_scope", "AADSTS1002012: "},
		"two scopes":           {with("scope", scope+" "+scope), 400, "invalid_scope", "AADSTS1002012: "},
		"an unknown resource":  {with("scope", "https://example.com/.default"), 400, "invalid_resource", "AADSTS500011: The resource principal named https://example.com was not found"},
		"twice":                {form(whole...) + "&scope=x", 400, "invalid_request", "AADSTS9000411: The request is not properly formatted. The parameter 'scope' is duplicated."},
		"no form":              {"%zz", 400, "invalid_request", "AADSTS9002313: Invalid request. Request is malformed or invalid. The body is no form."},
		"too long":             {with("x", strings.Repeat("x", 64<<10)), 413, "invalid_request", "The form is larger than 65536 bytes."},
		"no refresh token":     {refresh("", scope), 400, "invalid_request", "AADSTS900144: The request body must contain the following parameter: 'refresh_token'."},
		"a strange one":        {refresh("0.AXoA", scope), 400, "invalid_grant", "AADSTS9002313: "},
		"one that was cut off": {refresh(issued[:len(issued)-1], scope), 400, "invalid_grant", "not a whole one"},
		"two resources":        {refresh(issued, scope+" https://graph.microsoft.com/.default"), 400, "invalid_scope", "AADSTS28000: "},
		"a scope of none":      {refresh(issued, "x"), 400, "invalid_resource", "AADSTS500011: The resource principal named x was not found"},
	} {
		a := n.send(n.request("POST", tokenPath, tc.body))
		if a.status != tc.status || a.Error != tc.oauth || !strings.Contains(a.Description, tc.want) {
			t.Errorf("%s: %d %s %s, want %d %s %s", name, a.status, a.Error, a.Description, tc.status, tc.oauth, tc.want)
		}
		if len(a.Codes) != 1 || a.Trace == "" || !strings.HasSuffix(a.Description, " Trace ID: "+a.Trace+" Correlation ID: "+a.Correlation+" Timestamp: "+a.Timestamp) {
			t.Errorf("%s: not in Entra ID's form: %+v", name, a)
		}
	}

	const other = "/6a9e0c2e-7a1b-4d2f-9d0f-000000000000/oauth2/v2.0/token"
	if a := n.send(n.request("POST", other, form(whole...))); a.status != 400 || a.Codes[0] != 90002 {
		t.Errorf("another tenant: %+v", a)
	}
	if a := n.send(n.request("GET", tokenPath, "")); a.status != 405 || a.header.Get("Allow") != "POST" || a.Codes[0] != 900561 {
		t.Errorf("another method: %+v", a)
	}
	asJSON := n.request("POST", tokenPath, `{"grant_type":"client_credentials"}`)
	asJSON.Header.Set("Content-Type", "application/json")
	asJSON.Header.Set("client-request-id", "6a9e0c2e-7a1b-4d2f-9d0f-0a0b0c0d0e0f")
	if a := n.send(asJSON); a.status != 400 || a.Correlation != "6a9e0c2e-7a1b-4d2f-9d0f-0a0b0c0d0e0f" ||
		!strings.Contains(a.Description, `It is read as application/x-www-form-urlencoded; the request's Content-Type is "application/json".`) {
		t.Errorf("JSON: %+v", a)
	}
}

// The secret may come by basic authentication, with both parts escaped.
func TestToken_BasicAuthentication(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	for secret, want := range map[string]int{entra.ClientSecret: 200, "cartwright%2Dsecret": 200, "x": 401} {
		r := n.request("POST", tokenPath, form("grant_type", "client_credentials", "scope", scope))
		r.SetBasicAuth(entra.ApplicationID, secret)
		if a := n.send(r); a.status != want {
			t.Errorf("%s: %+v", secret, a)
		}
	}
}

// A client assertion is judged by all but its signature.
func TestToken_Assertion(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	for name, tc := range map[string]struct {
		change func(header map[string]any, claims jwt.MapClaims)
		want   string
	}{
		"whole":                {func(map[string]any, jwt.MapClaims) {}, ""},
		"for the issuer":       {func(_ map[string]any, c jwt.MapClaims) { c["aud"] = n.url + "/" + entra.TenantID + "/v2.0" }, ""},
		"for another":          {func(_ map[string]any, c jwt.MapClaims) { c["aud"] = "https://example.com/" }, "AADSTS700023: "},
		"of another":           {func(_ map[string]any, c jwt.MapClaims) { c["sub"] = "x" }, "AADSTS700021: "},
		"expired":              {func(_ map[string]any, c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Second).Unix() }, "AADSTS700024: "},
		"without an end":       {func(_ map[string]any, c jwt.MapClaims) { delete(c, "exp") }, "AADSTS700024: "},
		"of tomorrow":          {func(_ map[string]any, c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }, "AADSTS700024: "},
		"without a thumbprint": {func(h map[string]any, _ jwt.MapClaims) { delete(h, "x5t#S256") }, "AADSTS700027: "},
		"by another algorithm": {func(h map[string]any, _ jwt.MapClaims) { h["alg"] = "HS256" }, "AADSTS700027: "},
	} {
		header := map[string]any{"alg": "PS256", "typ": "JWT", "x5t#S256": "x"}
		claims := jwt.MapClaims{"aud": n.url + tokenPath, "iss": entra.ApplicationID, "sub": entra.ApplicationID, "exp": time.Now().Add(time.Minute).Unix()}
		tc.change(header, claims)
		a := n.post("grant_type", "client_credentials", "scope", scope, "client_id", entra.ApplicationID, "client_assertion", unsigned(t, header, claims),
			"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		if (a.status == 200) != (tc.want == "") || !strings.HasPrefix(a.Description, tc.want) {
			t.Errorf("%s: %d %s, want %q", name, a.status, a.Description, tc.want)
		}
	}
	for want, pairs := range map[string][]string{
		"AADSTS900144: ": {"client_assertion", "x.y.z"},
		"AADSTS50027: ":  {"client_assertion", "x.y.z", "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	} {
		if a := n.post(append(pairs, "grant_type", "client_credentials", "client_id", entra.ApplicationID)...); !strings.HasPrefix(a.Description, want) {
			t.Errorf("%+v, want %q", a, want)
		}
	}
}

// unsigned makes a JWT whose signature is none.
func unsigned(t *testing.T, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(h) + "." + encode(c) + "." + encode([]byte("no signature"))
}

// HTTP-AUTH: who passes, and why another does not.
func TestCheck(t *testing.T) {
	t.Parallel()
	const guid = "6a9e0c2e-7a1b-4d2f-9d0f-000000000000"
	for name, tc := range map[string]struct {
		change func(jwt.MapClaims)
		why    entra.Why
		want   string // empty where it passes
	}{
		"as Entra ID's version 1.0": {func(jwt.MapClaims) {}, 0, ""},
		"as version 2.0": {func(c jwt.MapClaims) {
			c["iss"], c["aud"] = "https://login.microsoftonline.com/"+guid+"/v2.0", "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
		}, 0, ""},
		"of 21Vianet": {func(c jwt.MapClaims) {
			c["iss"], c["aud"] = "https://sts.chinacloudapi.cn/"+guid+"/", "https://partner.partnercenterapi.microsoftonline.cn"
		}, 0, ""},
		"an audience with a slash":    {func(c jwt.MapClaims) { c["aud"] = "https://API.partnercenter.microsoft.com/" }, 0, ""},
		"several audiences":           {func(c jwt.MapClaims) { c["aud"] = []string{"x", "https://api.partnercenter.microsoft.com"} }, 0, ""},
		"a user by a scope":           {func(c jwt.MapClaims) { c["scp"], c["amr"] = "user_impersonation", []string{"pwd", "mfa"} }, 0, ""},
		"a user by idtyp":             {func(c jwt.MapClaims) { c["idtyp"], c["amr"] = "user", "mfa" }, 0, ""},
		"a user without a method":     {func(c jwt.MapClaims) { c["scp"] = "user_impersonation" }, entra.NoMFA, "its amr (none) has no mfa"},
		"a user by a password":        {func(c jwt.MapClaims) { c["idtyp"], c["amr"] = "user", []string{"pwd"} }, entra.NoMFA, "its amr (pwd) has no mfa"},
		"neither":                     {func(c jwt.MapClaims) { c["idtyp"] = "device" }, entra.Invalid, `idtyp "device" is neither app nor user`},
		"for Graph":                   {func(c jwt.MapClaims) { c["aud"] = "https://graph.windows.net" }, entra.WrongAudience, "for the audience https://graph.windows.net, not for https://api.partnercenter.microsoft.com"},
		"for nobody":                  {func(c jwt.MapClaims) { delete(c, "aud") }, entra.WrongAudience, "for the audience none,"},
		"expired":                     {func(c jwt.MapClaims) { c["exp"] = 1767225600 }, entra.Invalid, "expired at 2026-01-01T00:00:00Z; on this machine it is 20"},
		"without an end":              {func(c jwt.MapClaims) { delete(c, "exp") }, entra.Invalid, "has no exp"},
		"not yet":                     {func(c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }, entra.Invalid, "not valid before 20"},
		"without an issuer":           {func(c jwt.MapClaims) { delete(c, "iss") }, entra.Invalid, `issuer "" is no tenant`},
		"of another issuer":           {func(c jwt.MapClaims) { c["iss"] = "https://sts.windows.net.example/" + guid + "/" }, entra.Invalid, "is no tenant of Microsoft Entra ID"},
		"of no tenant":                {func(c jwt.MapClaims) { c["iss"] = "https://sts.windows.net/common/" }, entra.Invalid, "is no tenant of Microsoft Entra ID"},
		"of two tenants":              {func(c jwt.MapClaims) { c["tid"] = entra.TenantID }, entra.Invalid, "its tenant \"" + entra.TenantID + "\" (tid) differ"},
		"of its tenant in upper case": {func(c jwt.MapClaims) { c["tid"] = strings.ToUpper(guid) }, 0, ""},
		"with strange times":          {func(c jwt.MapClaims) { c["exp"] = "soon" }, entra.Invalid, "no JWT"},
	} {
		claims := jwt.MapClaims{"iss": "https://sts.windows.net/" + guid + "/", "aud": "https://api.partnercenter.microsoft.com", "exp": time.Now().Add(time.Hour).Unix()}
		tc.change(claims)
		err := entra.Check(unsigned(t, map[string]any{"alg": "RS256", "typ": "JWT"}, claims))
		var refused *entra.Refusal
		if errors.As(err, &refused) != (tc.want != "") || refused != nil && (refused.Why != tc.why || !strings.Contains(refused.Reason, tc.want)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	for _, token := range []string{"any", "a.b", "a.b.c", "e30.e30.", "..", entra.RefreshToken, strings.Repeat(".", 5)} {
		var refused *entra.Refusal
		if err := entra.Check(token); !errors.As(err, &refused) || refused.Why != entra.Invalid {
			t.Errorf("%q: %v", token, err)
		}
	}
}
