// Package docs serves the contracts, and a page for each on which one reads it and tries it: Swagger UI, whose files are
// compiled in, so that the page needs no network. The page can send requests to its own server only: it has a copy of the
// contract that names no other one. In that copy Execute works at once: what must be filled in is filled in, with the
// documents' customer and carts.
package docs

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"github.com/cartwright-dev/cartwright/api"
)

// ControlPath is where the pages of test control's contract are.
const ControlPath = "/_cartwright"

//go:embed assets
var assets embed.FS

var index = template.Must(template.ParseFS(assets, "assets/index.html"))

// policy lets the page load nothing but what this server has, and run no script that stands in the page. Swagger UI has its
// icons as data in its style sheet.
const policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// page is what differs between the two pages.
type page struct {
	Title  string
	Base   string // where its files are
	Bearer string // the token that is filled in; empty where none is needed
	Links  []link
}

type link struct{ Path, Text string }

// API serves the contract of the emulated API at /openapi.yaml and /openapi.json, and its page at /docs.
func API() (http.Handler, error) {
	p := page{Title: "Partner Center carts, checkout and orders", Base: "/docs", Bearer: "any", Links: contractLinks("")}
	return newPage(p, "", api.OpenAPI, "/v1")
}

// Control serves the contract of test control and its page in the same way, below ControlPath.
func Control() (http.Handler, error) {
	p := page{Title: "Cartwright, test control", Base: ControlPath + "/docs"}
	p.Links = append([]link{{ControlPath + "/console", "Console"}}, contractLinks(ControlPath)...)
	return newPage(p, ControlPath, api.Control, ControlPath)
}

func contractLinks(below string) []link {
	return []link{{below + "/openapi.yaml", "The contract in YAML"}, {below + "/openapi.json", "in JSON"}}
}

// Serves reports whether a path is one of API, or with below ControlPath one of Control.
func Serves(below, at string) bool {
	switch at {
	case below + "/docs", below + "/openapi.yaml", below + "/openapi.json":
		return true
	}
	return path.Dir(at) == below+"/docs" || at == below+"/docs/"
}

func newPage(p page, below string, contract []byte, server string) (http.Handler, error) {
	asJSON, err := toJSON(contract)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Title, err)
	}
	toTry, err := forTrying(contract, server)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Title, err)
	}
	var html bytes.Buffer
	if err := index.Execute(&html, p); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	serve := func(at, mediaType string, content []byte) {
		mux.HandleFunc("GET "+at, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(content) // whoever asked has gone
		})
	}
	serve(below+"/openapi.yaml", "application/yaml", contract)
	serve(below+"/openapi.json", "application/json", asJSON)
	serve(p.Base, "text/html; charset=utf-8", html.Bytes())
	serve(p.Base+"/contract.json", "application/json", toTry)
	for _, name := range []string{"page.js", "page.css"} {
		mux.HandleFunc("GET "+p.Base+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, assets, "assets/"+name)
		})
	}
	mux.Handle("GET "+p.Base+"/{$}", http.RedirectHandler(p.Base, http.StatusMovedPermanently))
	mux.Handle("GET "+p.Base+"/", v5emb.NewHandlerWithConfig(swgui.Config{BasePath: p.Base})) // its files
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	}), nil
}
