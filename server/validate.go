package server

import (
	"errors"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"
)

// validate holds the requests of one operation to the contract. The value that was validated is the one that the
// generated server binds, so nothing can slip in between (openapi3filter's KeepValidatedValue). What is surely valid passes at
// once.
func validate(op operation) echo.MiddlewareFunc {
	route := op.route()
	options := validationOptions()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if exchangeOf(c.Request().Context()).verdict == isValid {
				return next(c)
			}
			input := validationInput(c, route, options)
			if err := openapi3filter.ValidateRequest(c.Request().Context(), input); err != nil {
				return invalid(faultsOf(err, input)...)
			}
			return next(c)
		}
	}
}

// validationInput is a request as openapi3filter wants it.
func validationInput(c echo.Context, route *routers.Route, o *openapi3filter.Options) *openapi3filter.RequestValidationInput {
	input := &openapi3filter.RequestValidationInput{
		Request:    c.Request(),
		PathParams: make(map[string]string, len(c.ParamNames())),
		Route:      route,
		Options:    o,
	}
	for i, name := range c.ParamNames() {
		input.PathParams[name] = c.ParamValues()[i]
	}
	return input
}

// validationOptions gives how requests are validated: every fault is wanted, authentication is done already, and what the
// server sets was left out by the canonical step.
func validationOptions() *openapi3filter.Options {
	options := &openapi3filter.Options{
		MultiError:         true,
		KeepValidatedValue: true,
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}
	for format, check := range formats() {
		options.SchemaValidationOptions = append(options.SchemaValidationOptions,
			openapi3.WithStringFormatValidator(format, openapi3.NewCallbackValidator(check)))
	}
	return options
}

// formats are the checks of the contract's formats of strings.
func formats() map[string]func(string) error {
	return map[string]func(string) error{"uuid": checkGUID, "date-time": checkDateTime}
}

func checkGUID(s string) error {
	if !isGUID(s) {
		return errors.New("no GUID")
	}
	return nil
}

func checkDateTime(s string) error {
	if !isDateTime(s) {
		return errors.New("not the form of RFC 3339")
	}
	_, err := time.Parse(time.RFC3339, s) // the month has that day, the day that hour
	return err
}

// isDateTime reports whether a text has the form of RFC 3339, to which package time is too lenient: 2026-01-31T23:59:59.5+01:00.
func isDateTime(s string) bool {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || !hasForm(s[:len(form)], form) {
		return false
	}
	zone := s[len(form):]
	if zone[0] == '.' {
		fraction := zone[1:]
		zone = strings.TrimLeft(fraction, "0123456789")
		if len(zone) == len(fraction) {
			return false
		}
	}
	return zone == "Z" || (hasForm(zone, "+00:00") || hasForm(zone, "-00:00")) && zone[1:3] <= "23" && zone[4] <= '5'
}

// hasForm reports whether a text is like another, with any digits.
func hasForm(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		if digit := '0' <= s[i] && s[i] <= '9'; form[i] == '0' && !digit || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	return true
}
