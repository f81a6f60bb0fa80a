package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// endpoint is where tokens are asked for, and as which application.
type endpoint struct {
	url, tenantID, applicationID string
	secret                       string
	signer                       *signer // of client assertions; nil where there is a secret
	pipeline                     runtime.Pipeline
}

// tenantName is what a tenant may be called: its id, or one of its domains.
var tenantName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]*$`)

func newEndpoint(tenantID, applicationID string, o RefreshTokenOptions) (*endpoint, error) {
	if !tenantName.MatchString(tenantID) {
		return nil, fmt.Errorf("tenant id %q is neither a GUID nor a domain", tenantID)
	}
	if applicationID == "" {
		return nil, errors.New("a RefreshTokenCredential needs an application id")
	}
	authority, err := authorityOf(o.Cloud)
	if err != nil {
		return nil, err
	}
	e := &endpoint{url: authority + "/" + tenantID + "/oauth2/v2.0/token", tenantID: tenantID, applicationID: applicationID, secret: o.ClientSecret}
	hasCertificate := len(o.Certificate.Certificate) > 0 || o.Certificate.PrivateKey != nil
	if hasCertificate == (o.ClientSecret != "") {
		return nil, errors.New("a RefreshTokenCredential needs a client secret or a certificate, and not both")
	}
	if hasCertificate {
		if e.signer, err = newSigner(o.Certificate); err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
	}
	e.pipeline = runtime.NewPipeline("cartwright-go", "", runtime.PipelineOptions{}, &policy.ClientOptions{
		Telemetry: policy.TelemetryOptions{Disabled: true}, // it would name this client a Microsoft SDK
		Retry:     o.Retry,
		Transport: &http.Client{
			Transport: o.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse // nobody else gets the secret and the refresh token
			},
		},
	})
	return e, nil
}

// authorityOf gives the URL of a cloud's authority, without a slash at its end.
func authorityOf(c cloud.Configuration) (string, error) {
	host := cmp.Or(c.ActiveDirectoryAuthorityHost, cloud.AzurePublic.ActiveDirectoryAuthorityHost)
	u, err := url.Parse(host)
	switch {
	case err != nil:
		return "", fmt.Errorf("authority: %w", err)
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "":
		return "", fmt.Errorf("authority %q is no URL such as https://login.microsoftonline.com", u.Redacted())
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("authority %s: a refresh token is sent over plain http to a loopback address only, use https", host)
	}
	return strings.TrimRight(host, "/"), nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// maxAnswerBytes is how much of an answer is read. Tokens have some kilobytes.
const maxAnswerBytes = 1 << 20

// trade gives an access token and the next refresh token for a refresh token.
func (e *endpoint) trade(ctx context.Context, refreshToken, scope string) (azcore.AccessToken, string, error) {
	form, err := e.form(refreshToken, scope)
	if err != nil {
		return azcore.AccessToken{}, "", &Error{Err: err}
	}
	begun := now()
	status, body, err := e.post(ctx, form)
	if err != nil {
		return azcore.AccessToken{}, "", &Error{Err: err, Hint: "the token endpoint can't be reached: try again later"}
	}
	if status != http.StatusOK {
		return azcore.AccessToken{}, "", errorOf(status, body, []string{refreshToken, e.secret, form.Get("client_assertion")})
	}
	var answer struct {
		AccessToken  string      `json:"access_token"`
		RefreshToken string      `json:"refresh_token"`
		ExpiresIn    json.Number `json:"expires_in"` // seconds; a string in version 1.0
	}
	err = json.Unmarshal(body, &answer)
	seconds, noNumber := answer.ExpiresIn.Int64()
	if err != nil || noNumber != nil || answer.AccessToken == "" || seconds < 0 {
		return azcore.AccessToken{}, "", &Error{StatusCode: status, Err: errors.New("the answer has no access_token and expires_in: is the authority right?")}
	}
	life := time.Duration(min(seconds, maxLifeSeconds)) * time.Second
	return azcore.AccessToken{
		Token:     answer.AccessToken,
		ExpiresOn: begun.Add(life),
		RefreshOn: begun.Add(life - min(renewBefore, life/2)),
	}, answer.RefreshToken, nil
}

// maxLifeSeconds is a year: no token lives longer, and no sum overflows.
const maxLifeSeconds = 365 * 24 * 60 * 60

// form is what the token endpoint is asked. Microsoft gives a new refresh token where offline_access is among the scopes of
// this request, and .default allows that beside itself ("Refresh the access token", "The .default scope").
func (e *endpoint) form(refreshToken, scope string) (url.Values, error) {
	form := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {e.applicationID}, "refresh_token": {refreshToken},
		"scope": {scope + " offline_access"},
	}
	if e.signer == nil {
		form.Set("client_secret", e.secret)
		return form, nil
	}
	assertion, err := e.signer.assertion(e.applicationID, e.url)
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	return form, err
}

// post sends a form, again where the endpoint can't serve, and reads the answer.
func (e *endpoint) post(ctx context.Context, form url.Values) (status int, body []byte, err error) {
	request, err := runtime.NewRequest(ctx, http.MethodPost, e.url)
	if err != nil {
		return 0, nil, err
	}
	request.Raw().Header.Set("Accept", "application/json")
	request.Raw().Header.Set("User-Agent", "cartwright-go")
	if err := request.SetBody(streaming.NopCloser(strings.NewReader(form.Encode())), "application/x-www-form-urlencoded"); err != nil {
		return 0, nil, err
	}
	response, err := e.pipeline.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	return response.StatusCode, body, err
}
