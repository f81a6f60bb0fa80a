package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
)

// listening is where what is served.
type listening struct {
	handler  http.Handler // of the API, and of test control where it is beside it
	listener net.Listener
	control  http.Handler // of test control; nil where it is off
	apart    net.Listener // of test control, where it has an address of its own
}

// listen listens where it is to be served, and puts test control beside the API or apart.
func (c *config) listen(ctx context.Context, handler *server.Server, counts *metrics) (*listening, error) {
	l := &listening{handler: handler}
	if counts != nil {
		l.handler = counts.around(l.handler)
	}
	if c.Control != "off" {
		control, err := handler.Control()
		if err != nil {
			return nil, err
		}
		l.control = withMetrics(control, counts)
	}
	var err error
	if l.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr); err != nil {
		return nil, err
	}
	switch c.Control {
	case "off":
	case "on":
		l.handler = beside(l.handler, l.control)
	default:
		if l.apart, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Control); err != nil {
			err = fmt.Errorf("--control %q is neither on, off nor an address that can be listened on: %w", c.Control, err)
			return nil, errors.Join(err, l.listener.Close())
		}
	}
	return l, nil
}

// beside serves what is below the path of test control by one handler, and all else by another.
func beside(api, control http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isControl(r.URL.Path) {
			control.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// withMetrics puts the counts among test control, where there are any.
func withMetrics(control http.Handler, counts *metrics) http.Handler {
	if counts == nil {
		return control
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+metricsPath, counts.handler())
	mux.Handle("/", control)
	return mux
}

// isControl tells whether a path is that of test control.
func isControl(path string) bool {
	return path == server.ControlPath || strings.HasPrefix(path, server.ControlPath+"/")
}

// url gives the base URL of the API.
func (l *listening) url() string { return baseURL(l.listener.Addr()) }

// controlURL gives the URL of test control; empty where it is off.
func (l *listening) controlURL() string {
	switch {
	case l.apart != nil:
		return baseURL(l.apart.Addr()) + server.ControlPath
	case l.control != nil:
		return l.url() + server.ControlPath
	}
	return ""
}

// close gives the addresses back, where nothing is served after all.
func (l *listening) close() error {
	if l.apart == nil {
		return l.listener.Close()
	}
	return errors.Join(l.listener.Close(), l.apart.Close())
}
