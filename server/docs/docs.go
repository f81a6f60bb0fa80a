// Package docs serves the contracts, and a page for each on which one reads it and tries it: Swagger UI, whose files are
// compiled in, so that the page needs no network. The page can send requests to its own server only: it has a copy of the
// contract that names no other one. In that copy Execute works at once: what must be filled in is filled in, with the
// documents' customer and carts.
package docs

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"sync"

	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"

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
	var html bytes.Buffer
	if err := index.Execute(&html, p); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+below+"/openapi.yaml", serve("application/yaml", made(contract)))
	mux.Handle("GET "+below+"/openapi.json", serve("application/json", func() ([]byte, error) { return toJSON(contract) }))
	mux.Handle("GET "+p.Base, serve("text/html; charset=utf-8", made(html.Bytes())))
	mux.Handle("GET "+p.Base+"/contract.json", serve("application/json", func() ([]byte, error) { return forTrying(contract, server) }))
	for _, name := range []string{"page.js", "page.css"} {
		mux.HandleFunc("GET "+p.Base+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, assets, "assets/"+name)
		})
	}
	mux.Handle("GET "+p.Base+"/{$}", http.RedirectHandler(p.Base, http.StatusMovedPermanently))
	mux.Handle("GET "+p.Base+"/", http.StripPrefix(p.Base, swaggerUI()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	}), nil
}

// serve serves something that is made when somebody first asks for it: a stub in CI is started often, and seldom read.
func serve(mediaType string, content func() ([]byte, error)) http.Handler {
	content = sync.OnceValues(content)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		data, err := content()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(data) // whoever asked has gone
	})
}

// made is content that is there already.
func made(content []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return content, nil }
}

// swaggerUI serves the files of Swagger UI, which are hashed for their ETags when one is first asked for.
func swaggerUI() http.Handler {
	files := sync.OnceValue(func() http.Handler { return statigz.FileServer(static.FS) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { files().ServeHTTP(w, r) })
}
