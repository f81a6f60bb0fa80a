package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
)

// besides is what is served at an address of its own.
type besides struct {
	http.Handler
	listener net.Listener
}

// withControl puts test control beside the API, or gives it apart, to be served at its own address; nil where there is none.
func (c *config) withControl(ctx context.Context, handler *server.Server) (all http.Handler, apart *besides, err error) {
	if c.Control == "off" {
		return handler, nil, nil
	}
	control, err := handler.Control()
	if err != nil {
		return nil, nil, err
	}
	if c.Control == "on" {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isControl(r.URL.Path) {
				control.ServeHTTP(w, r)
				return
			}
			handler.ServeHTTP(w, r)
		}), nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Control)
	if err != nil {
		return nil, nil, fmt.Errorf("--control %q is neither on, off nor an address that can be listened on: %w", c.Control, err)
	}
	return handler, &besides{control, listener}, nil
}

// isControl tells whether a path is that of test control.
func isControl(path string) bool {
	return path == server.ControlPath || strings.HasPrefix(path, server.ControlPath+"/")
}
