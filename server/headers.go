package server

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// repeatedHeader marks an answer that was given before, and for which nothing was changed now.
const repeatedHeader = "Cartwright-Repeated"

// serverID is what MS-ServerId says of this server.
const serverID = "000001"

// The names of headers of requests, as Go spells them.
const (
	sentRequestID     = "Ms-Requestid"
	sentCorrelationID = "Ms-Correlationid"
	sentVector        = "Ms-Cv"
)

// headers takes the request's ids or makes them, and sets the headers that every answer has (HTTP-HEADERS). An id that is
// no GUID is not echoed; validation refuses it.
func headers(ids commerce.IDs) echo.MiddlewareFunc {
	server, contentType := []string{serverID}, []string{contentTypeJSON} // nobody changes them
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			in, out := c.Request().Header, c.Response().Header()
			x := exchangeOf(c.Request().Context())
			x.requestID = guidOr(in.Get(sentRequestID), ids)
			x.requestIDSent = x.requestID == in.Get(sentRequestID)
			x.correlationID = guidOr(in.Get(sentCorrelationID), ids)
			// As the documents spell them, not as Go would.
			locale := locale(in.Get("X-Locale"))
			values := []string{x.requestID, x.correlationID, correlationVector(in.Get(sentVector)), locale + "," + locale}
			out["MS-RequestId"], out["MS-CorrelationId"], out["MS-CV"] = values[0:1:1], values[1:2:2], values[2:3:3]
			out["MS-ServerId"], out["X-Locale"] = server, values[3:]
			c.Request().Header = withoutEmpty(in, sentRequestID, sentCorrelationID, sentVector, "X-Locale")
			c.Response().Before(func() {
				if x.repeated {
					out.Set(repeatedHeader, "true")
				}
				if out.Get("Content-Type") == mediaJSON {
					out["Content-Type"] = contentType
				}
			})
			return next(c)
		}
	}
}

// withoutEmpty gives headers without those of some names that are there and say nothing, which counts as not sent. The journal
// keeps what was sent.
func withoutEmpty(sent http.Header, names ...string) http.Header {
	isEmpty := func(name string) bool { return len(sent.Values(name)) == 1 && sent.Get(name) == "" }
	if !slices.ContainsFunc(names, isEmpty) {
		return sent
	}
	h := sent.Clone()
	for _, name := range names {
		if isEmpty(name) {
			h.Del(name)
		}
	}
	return h
}

func guidOr(sent string, ids commerce.IDs) string {
	if isGUID(sent) {
		return sent
	}
	return ids.GUID()
}

// isGUID takes the one form that the documents print, without braces or prefix, in any case.
func isGUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// correlationVector is the vector that was sent, or a new one: 16 characters of base64 and a counter.
func correlationVector(sent string) string {
	if sent != "" && len(sent) <= 128 && !strings.ContainsFunc(sent, notVisible) {
		return sent
	}
	var b [12]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.StdEncoding.EncodeToString(b[:]) + ".0"
}

func locale(sent string) string {
	if sent == "" || len(sent) > 128 || strings.ContainsFunc(sent, func(r rune) bool { return r != ' ' && notVisible(r) }) {
		return "en-US"
	}
	return sent
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }
