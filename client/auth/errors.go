package auth

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// ErrSignInAgain says that a refresh token is of no use any more: the user has to sign in again, and the refresh token that
// comes of it has to be stored.
var ErrSignInAgain = errors.New("the user must sign in again")

// Error is why there is no token.
type Error struct {
	StatusCode    int    // of the token endpoint's answer; 0 where there was none
	Code          string // as OAuth 2.0 calls it, such as invalid_grant
	AADSTS        int    // Microsoft's number, such as 700082; 0 where there is none
	Description   string // Microsoft's words
	CorrelationID string // for Microsoft's support
	Hint          string // what to do next; empty where there is nothing to say
	Err           error  // what failed where there was no answer, or none that can be read
}

// Error tells all of it in one line, without any token or secret.
func (e *Error) Error() string {
	text := "cartwright: no token"
	if e.StatusCode != 0 {
		text += fmt.Sprintf(": %d %s", e.StatusCode, cmp.Or(e.Code, http.StatusText(e.StatusCode)))
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.CorrelationID != "" {
		text += " (correlation id " + e.CorrelationID + ")"
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap gives what failed.
func (e *Error) Unwrap() error { return e.Err }

// Is tells ErrSignInAgain.
func (e *Error) Is(target error) bool {
	return target == ErrSignInAgain && (e.Code == "invalid_grant" || e.Code == "interaction_required")
}

// NonRetriable tells azcore that the request that wanted the token is not to be tried again: the credential has done so.
func (e *Error) NonRetriable() {}

// hints says what to do about Microsoft's codes.
var hints = map[int]string{
	50076:   "sign in again with multi-factor authentication, and store the new refresh token",
	50079:   "sign in again with multi-factor authentication, and store the new refresh token",
	50173:   "the password was changed or the refresh token revoked: sign in again, and store the new refresh token",
	65001:   "the user or an administrator must consent to the application",
	70043:   "a sign-in frequency of Conditional Access has ended the refresh token: sign in again, and store the new one",
	90002:   "the tenant id is wrong, or of another cloud than the authority",
	700016:  "the application id is wrong, or its application is in another tenant",
	700027:  "the certificate is not one that is registered with the application, or has expired",
	700082:  "the refresh token was not used for 90 days: sign in again, store the new refresh token, and set OnRotate",
	7000215: "the client secret is wrong: it is the secret's value, not its id",
	7000222: "the client secret has expired: make a new one",
	9002313: "is the refresh token whole, or was it cut off where it is stored?",
}

// hintOf says what to do about an error.
func hintOf(e *Error) string {
	switch hint := hints[e.AADSTS]; {
	case hint != "":
		return hint
	case e.Is(ErrSignInAgain):
		return "sign in again, and store the new refresh token"
	case e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= http.StatusInternalServerError:
		return "the token endpoint can't serve now: try again later"
	}
	return ""
}

var (
	aadsts = regexp.MustCompile(`AADSTS(\d+)`)
	traces = regexp.MustCompile(`\s*Trace ID:[\s\S]*`) // what follows stands in members of its own
)

// errorOf reads an answer that has no token. What is secret is not repeated, should the answer do so.
func errorOf(status int, body []byte, secrets []string) *Error {
	var answer struct {
		Error         string `json:"error"`
		Description   string `json:"error_description"`
		CorrelationID string `json:"correlation_id"`
	}
	e := &Error{StatusCode: status}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Error == "" {
		e.Err = errors.New("the answer is not that of a token endpoint: is the authority right?")
	}
	clean := func(text string) string {
		for _, s := range secrets {
			if s != "" {
				text = strings.ReplaceAll(text, s, "(left out)")
			}
		}
		return text
	}
	e.Code, e.CorrelationID = clean(answer.Error), clean(answer.CorrelationID)
	e.Description = clean(strings.TrimSpace(traces.ReplaceAllString(answer.Description, "")))
	if match := aadsts.FindStringSubmatch(e.Description); match != nil {
		e.AADSTS, _ = strconv.Atoi(match[1]) // too long a number is none
	}
	e.Hint = hintOf(e)
	return e
}
