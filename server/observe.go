package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
)

// observe is the outermost step: it gives the request its exchange, unless the journal has, answers errors and panics, and writes one log line.
func observe(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			begun := time.Now() //nolint:forbidigo // how long a request takes is measured by the real clock
			x, journaled := c.Request().Context().Value(exchangeKey{}).(*exchange)
			if !journaled {
				x = &exchange{}
				c.SetRequest(c.Request().WithContext(withExchange(c.Request().Context(), x)))
			}
			method, path := c.Request().Method, c.Request().URL.EscapedPath() // as sent; escaped: it can't forge a line of its own
			err := recovered(next, c, log)
			committed, cut := c.Response().Committed, errors.Is(err, errCut)
			status := 0
			if err != nil && !cut {
				c.Error(err)
			}
			if !cut {
				status = c.Response().Status
			}
			level := slog.LevelInfo
			if err != nil && status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			if log.Enabled(context.Background(), level) {
				log.LogAttrs(context.Background(), level, method+" "+path,
					slog.Int("status", status),
					slog.String("operation", x.operation),
					slog.Float64("ms", float64(time.Since(begun).Microseconds())/1000),
					slog.String("requestId", x.requestID),
					slog.String("correlationId", x.correlationID),
					slog.String("note", x.summary()))
			}
			if cut || err != nil && committed {
				panic(http.ErrAbortHandler) // a client must not take what it has for the whole answer
			}
			return nil
		}
	}
}

// recovered runs the steps that follow, and turns a panic into an error whose stack only the log shows.
func recovered(next echo.HandlerFunc, c echo.Context, log *slog.Logger) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler { //nolint:errorlint // it is a value to panic with, never wrapped
				panic(r)
			}
			err = fmt.Errorf("panic: %v", r)
			log.Error("panic", "value", fmt.Sprint(r), "stack", string(debug.Stack()))
		}
	}()
	return next(c)
}
