package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
	"github.com/cartwright-dev/cartwright/server/docs"
)

// listening is where what is served.
type listening struct {
	scheme   string
	handler  http.Handler // of the API, and of test control where it is beside it
	listener net.Listener
	control  http.Handler // of test control; nil where it is off
	apart    net.Listener // of test control, where it has an address of its own
}

// listen listens where it is to be served, and puts test control with its pages beside the API or apart. The docs page of the
// API is always beside it.
func (c *config) listen(ctx context.Context, handler *server.Server, counts *metrics) (l *listening, err error) {
	l = &listening{scheme: c.scheme(), handler: handler}
	if counts != nil {
		l.handler = counts.around(l.handler)
	}
	if l.handler, err = withDocs(l.handler, "", docs.API); err != nil {
		return nil, err
	}
	if l.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr); err != nil {
		return nil, err
	}
	if c.Control != "off" {
		err = l.addControl(ctx, c.Control, handler, counts)
	}
	if err == nil {
		err = l.addTLS(c)
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// addTLS has all that listens speak TLS, where it is to be spoken.
func (l *listening) addTLS(c *config) error {
	secure, err := c.tlsConfig(c.Addr, l.listener.Addr().String(), c.Control)
	if err != nil || secure == nil {
		return err
	}
	l.listener = tls.NewListener(l.listener, secure)
	if l.apart != nil {
		l.apart = tls.NewListener(l.apart, secure)
	}
	return nil
}

// addControl puts test control beside the API, where the word is on, or at the address that it is.
func (l *listening) addControl(ctx context.Context, word string, handler *server.Server, counts *metrics) error {
	apiURL := l.url()
	if word == "on" {
		apiURL = "" // that of whoever looks at the console
	}
	control, err := controlPages(handler, apiURL)
	if err != nil {
		return err
	}
	l.control = withMetrics(control, counts)
	if word == "on" {
		l.handler = beside(l.handler, l.control)
		return nil
	}
	if l.apart, err = (&net.ListenConfig{}).Listen(ctx, "tcp", word); err != nil {
		return fmt.Errorf("--control %q is neither on, off nor an address that can be listened on: %w", word, err)
	}
	return nil
}

// beside serves what is below the path of test control by one handler, and all else by another.
func beside(api, control http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isBelow(server.ControlPath, r.URL.Path) {
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

// controlPages gives test control, with the console and the docs page beside it.
func controlPages(handler *server.Server, apiURL string) (http.Handler, error) {
	control, err := handler.Control()
	if err != nil {
		return nil, err
	}
	withPages, err := withDocs(control, server.ControlPath, docs.Control)
	if err != nil {
		return nil, err
	}
	page := console.New(control, apiURL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isBelow(console.Path, r.URL.Path) {
			w.Header().Set("X-Cartwright", server.Version)
			page.ServeHTTP(w, r)
			return
		}
		withPages.ServeHTTP(w, r)
	}), nil
}

// withDocs puts a docs page, below a path, before a handler.
func withDocs(handler http.Handler, below string, makeDocs func() (http.Handler, error)) (http.Handler, error) {
	pages, err := makeDocs()
	if err != nil {
		return nil, fmt.Errorf("make the docs page: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if docs.Serves(below, r.URL.Path) {
			w.Header().Set("X-Cartwright", server.Version)
			pages.ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	}), nil
}

// isBelow tells whether a path is another one or below it.
func isBelow(path, at string) bool { return at == path || strings.HasPrefix(at, path+"/") }

// url gives the base URL of the API.
func (l *listening) url() string { return baseURL(l.scheme, l.listener.Addr()) }

// consoleURL gives the URL of the console, or says that it is off.
func (l *listening) consoleURL() string {
	if l.control == nil {
		return "off"
	}
	return strings.TrimSuffix(l.controlURL(), server.ControlPath) + console.Path
}

// controlURL gives the URL of test control; empty where it is off.
func (l *listening) controlURL() string {
	switch {
	case l.apart != nil:
		return baseURL(l.scheme, l.apart.Addr()) + server.ControlPath
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
