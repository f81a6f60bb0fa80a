package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// maxBodyBytes is the largest body of a request.
const maxBodyBytes = 1 << 20

// limitInFlight refuses requests while as many as the limit are under way, as the gateway in front of Partner Center does
// (HTTP-ERRORS). Questions for the server's health pass.
func limitInFlight(limit int) echo.MiddlewareFunc {
	places := make(chan struct{}, limit)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if isHealth(c.Request().URL.Path) {
				return next(c)
			}
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
				return next(c)
			default:
				return errThrottled
			}
		}
	}
}

// errThrottled is answered in the gateway's own body.
var errThrottled = errors.New("too many requests at once")

// throttled answers a request that came too soon.
func throttled(c echo.Context, seconds int) error {
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return c.JSON(http.StatusTooManyRequests, model.GatewayError{
		StatusCode: http.StatusTooManyRequests,
		Message:    fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", seconds),
	})
}

// takeBody reads the whole body of a request, once. One over maxBodyBytes is refused at once where the request says its length.
// Else, and where the body breaks off, the request is refused in its turn: after what is wrong with its path and its token.
func takeBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, x := c.Request(), exchangeOf(c.Request().Context())
		if r.ContentLength > maxBodyBytes {
			return &http.MaxBytesError{Limit: maxBodyBytes}
		}
		x.sent, x.unread = readBody(c.Response(), r)
		r.ContentLength = int64(len(x.sent))
		return next(c)
	}
}

// readBody reads the body of a request; where that fails, up to there.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return nil, nil
	case r.ContentLength <= 0: // it says only at its end how long it is
		return io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	}
	sent := make([]byte, r.ContentLength)
	if n, err := io.ReadFull(r.Body, sent); err != nil {
		return bytes.Clone(sent[:n]), err // the journal keeps it, and must not keep the rest alive
	}
	return sent, nil
}

// unreadable is the error of a body that can't be read: it is too large, or the client broke off.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	return invalid(fault{place: "/", reason: "the body broke off before its end"})
}
