package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
	"github.com/cartwright-dev/cartwright/server/docs"
)

// besides is what is served at an address of its own.
type besides struct {
	http.Handler
	listener net.Listener
}

// withControl puts test control with the console beside the API, or gives them apart, to be served at their own address; nil
// where there are none. The docs page of the API, which is at url, is always beside it.
func (c *config) withControl(ctx context.Context, handler *server.Server, url string) (all http.Handler, apart *besides, err error) {
	all, err = withDocs(handler, "", docs.API)
	if err != nil || c.Control == "off" {
		return all, nil, err
	}
	apiURL := url
	if c.Control == "on" {
		apiURL = "" // that of whoever looks at the console
	}
	control, err := controlPages(handler, apiURL)
	if err != nil {
		return nil, nil, err
	}
	if c.Control == "on" {
		api := all
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isBelow(server.ControlPath, r.URL.Path) {
				control.ServeHTTP(w, r)
				return
			}
			api.ServeHTTP(w, r)
		}), nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Control)
	if err != nil {
		return nil, nil, fmt.Errorf("--control %q is neither on, off nor an address that can be listened on: %w", c.Control, err)
	}
	return all, &besides{control, listener}, nil
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
