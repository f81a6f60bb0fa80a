package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Where to ask for the server's health; outside the contract.
const (
	livezPath  = "/livez"
	readyzPath = "/readyz"
)

func isHealth(path string) bool { return path == livezPath || path == readyzPath }

// livez answers as long as the process does.
func livez(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// Drain makes the server say that it is not ready, so that no more requests are sent to it; those that are it serves.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.changes.end()
}

// readyz answers 200 while the store can serve and the server does not drain, else 503.
func (s *Server) readyz(c echo.Context) error {
	if s.draining.Load() {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "the server is stopping"})
	}
	if err := s.operations.store.Ping(c.Request().Context()); err != nil {
		exchangeOf(c.Request().Context()).note("%v", err)
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "the store is not available"})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
