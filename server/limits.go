package server

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxBodyBytes is the largest body of a request.
const maxBodyBytes = 1 << 20

// limitBody refuses a body over maxBodyBytes: at once where the request says its length, else when that much was read.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > maxBodyBytes {
			return &http.MaxBytesError{Limit: maxBodyBytes}
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBodyBytes)
		return next(c)
	}
}

// ignoreBody reads away a body that the operation does not have (CHECKOUT-BODY).
func ignoreBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return unreadable(err)
		}
		return next(c)
	}
}

// unreadable is the error of a body that can't be read: it is too large, or the client broke off.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	return invalid(fault{place: "/", reason: "the body broke off before its end"})
}
