package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/entra"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// mintedToken is what test control answers.
type mintedToken struct{ AccessToken, RefreshToken string }

func judging(o *server.Options) { o.Auth = server.AuthBasic }

// minted makes a token by test control.
func minted(t *testing.T, stub *servertest.Stub, request string) mintedToken {
	t.Helper()
	a := control(t, stub, "POST", "/tokens", request)
	if a.status != http.StatusCreated {
		t.Fatalf("%s: %d\n%s", request, a.status, a.body)
	}
	var token mintedToken
	if err := json.Unmarshal(a.body, &token); err != nil {
		t.Fatal(err)
	}
	return token
}

// HTTP-AUTH: each sort of token that test control makes, what it is answered, and why.
func TestAuthBasic(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, judging)
	for name, tc := range map[string]struct {
		request string
		status  int
		code    float64
		reason  string
	}{
		"App":                  {`{}`, 200, 0, ""},
		"App+User":             {`{"kind":"user"}`, 200, 0, ""},
		"another audience":     {`{"audience":"https://graph.windows.net"}`, 401, 900420, "The token is for the audience https://graph.windows.net"},
		"a user without MFA":   {`{"kind":"user","withoutMfa":true}`, 401, 900421, "multi-factor authentication"},
		"expired":              {`{"expiresIn":"-1h"}`, 401, 800001, "The token expired at "},
		"of a user, expired":   {`{"kind":"user","expiresIn":"-1m30s"}`, 401, 800001, "The token expired at "},
		"for a year":           {`{"expiresIn":"8760h"}`, 200, 0, ""},
		"expiring at once":     {`{"expiresIn":"0s"}`, 401, 800001, "The token expired at "},
		"expired, for another": {`{"expiresIn":"-1h","audience":"x"}`, 401, 800001, "The token expired at "},
	} {
		token := minted(t, stub, tc.request)
		a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Authorization: Bearer "+token.AccessToken)
		if a.status != tc.status {
			t.Errorf("%s: %d\n%s", name, a.status, a.body)
		}
		if tc.status == 200 {
			continue
		}
		body, challenge := a.json(t), a.header.Get("WWW-Authenticate")
		description, _ := body["description"].(string)
		if body["code"] != tc.code || !strings.Contains(description, tc.reason) || challenge != `Bearer error="invalid_token", error_description="`+description+`"` {
			t.Errorf("%s: %s, WWW-Authenticate: %s", name, a.body, challenge)
		}
	}
}

// HTTP-AUTH: what is no token of Entra ID says so, and cannot leave the header that it is told in.
func TestAuthBasic_NoToken(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, judging)
	for authorization, want := range map[string][2]string{
		"":                             {"The request has no bearer token. Send the header Authorization with Bearer and a token of this stub", "Bearer"},
		"Basic YTpi":                   {"The request has no bearer token.", "Bearer"},
		"Bearer any":                   {"The token is no JWT: ", `Bearer error="invalid_token", error_description="The token is no JWT: `},
		"Bearer " + entra.RefreshToken: {"The token is a refresh token.", `Bearer error="invalid_token", error_description="The token is a refresh token.`},
		"Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJcIlxuw6QiLCJleHAiOjQxMDI0NDQ4MDB9.eA": {`The token's issuer "\"\nä" is no tenant`, `error_description="The token's issuer ''''n?' is no tenant`},
	} {
		a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Authorization: "+authorization)
		description, _ := a.json(t)["description"].(string)
		if challenge := a.header.Get("WWW-Authenticate"); a.status != 401 || a.json(t)["code"] != 800001.0 || !strings.HasPrefix(description, want[0]) || !strings.Contains(challenge, want[1]) {
			t.Errorf("%q: %d %s\nWWW-Authenticate: %s", authorization, a.status, a.body, challenge)
		}
	}
}

// HTTP-AUTH: an access token lives by the machine's clock, so that a stub whose time is moved by a week still takes it; a
// refresh token lives by the stub's, so that it dies when a test lets 90 days pass.
func TestAuthBasic_MovedClock(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t, judging)
	token := minted(t, stub, `{"kind":"user"}`)
	refresh := func() int {
		a := post(t, stub.URL+"/"+entra.TenantID+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken},
			"client_id": {entra.ApplicationID}, "client_secret": {entra.ClientSecret},
		})
		if a.header.Get("X-Cartwright") != server.Version {
			t.Errorf("X-Cartwright is %q", a.header.Get("X-Cartwright"))
		}
		return a.status
	}
	stub.Advance(8 * 24 * time.Hour)
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Authorization: Bearer "+token.AccessToken); a.status != 200 {
		t.Errorf("after 8 days: %d\n%s", a.status, a.body)
	}
	if status := refresh(); status != 200 {
		t.Errorf("after 8 days the refresh token is answered %d", status)
	}
	stub.Advance(82 * 24 * time.Hour)
	if a := send(t, stub, "GET", "/customers/"+customer+"/orders", "", "Authorization: Bearer "+token.AccessToken); a.status != 200 {
		t.Errorf("after 90 days: %d\n%s", a.status, a.body)
	}
	if status := refresh(); status != 400 {
		t.Errorf("after 90 days the refresh token is answered %d", status)
	}
}

func post(t *testing.T, to string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, r)
}

// CONTROL: refresh tokens are revoked all at once, until the state is reset.
func TestControl_RevokeTokens(t *testing.T) {
	t.Parallel()
	stub := newControlled(t, judging)
	refresh := func(token string) int {
		return post(t, stub.URL+"/"+entra.TenantID+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {entra.ApplicationID}, "client_secret": {entra.ClientSecret},
		}).status
	}
	if a := control(t, stub, "DELETE", "/tokens", ""); a.status != http.StatusNoContent {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	again := minted(t, stub, `{"kind":"user"}`).RefreshToken
	if old, fresh := refresh(entra.RefreshToken), refresh(again); old != 400 || fresh != 200 {
		t.Errorf("the revoked one is answered %d, the new one %d", old, fresh)
	}
	if a := control(t, stub, "DELETE", "/state", ""); a.status != http.StatusNoContent {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	if status := refresh(entra.RefreshToken); status != 200 {
		t.Errorf("after a reset it is answered %d", status)
	}
}

// CONTROL: what is wrong with a call for a token.
func TestControl_MintToken_Refuses(t *testing.T) {
	t.Parallel()
	stub := newControlled(t)
	for request, want := range map[string]string{
		`{"kind":"robot"}`:                                `/kind: must be one of`,
		`{"withoutMfa":true}`:                             `/withoutMfa: is for the kind user only`,
		`{"expiresIn":"1d"}`:                              `/expiresIn: must match`,
		`{"expiresIn":"999999999999h"}`:                   `/expiresIn: must be a time such as 1h or -5m`,
		`{"audience":""}`:                                 `/audience: `,
		`{"colour":"red"}`:                                `/: has a property that is unknown here`,
		`{"kind":"user","withoutMfa":"perhaps"}`:          `/withoutMfa: `,
		`{"audience":"` + strings.Repeat("x", 257) + `"}`: `/audience: `,
	} {
		if a := control(t, stub, "POST", "/tokens", request); a.status != http.StatusBadRequest || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %d %s, want %s", request, a.status, a.body, want)
		}
	}
}

// What is no path of Entra ID is the API's to answer.
func TestTokenEndpoint_Paths(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	for path, want := range map[string]string{
		"/" + entra.TenantID + "/oauth2/v2.0/token": `"error":"invalid_request"`,
		"/" + entra.TenantID + "/oauth2/token":      `"code":1000`,
		"/oauth2/v2.0/token":                        `"code":1000`,
		"/v1/" + entra.TenantID:                     `"code":1000`,
	} {
		if a := post(t, stub.URL+path, nil); !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %d %s, want %s", path, a.status, a.body, want)
		}
	}
}
