package server

import "github.com/labstack/echo/v4"

// Version is that of this module.
const Version = "0.1.0"

// versionHeader is on each answer of the stub, so that a program can refuse to spend real money.
const versionHeader = "X-Cartwright"

func sayVersion(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(versionHeader, Version)
		return next(c)
	}
}
