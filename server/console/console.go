package console

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// Path is where the console is.
const Path = controlPath + "/console"

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// policy lets the page load nothing but what this server has, and run no script that stands in the page.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// console serves the page and its parts.
type console struct {
	*http.ServeMux
	control    *caller
	api        string
	operations func() []string           // found when somebody first looks
	templates  func() *template.Template // parsed when somebody first looks
}

// New makes the console of a stub from the handler of its test control. Api is the base URL of the emulated API, without
// /v1, where that is not beside test control; else it is empty. The handler serves Path and all below it.
func New(handler http.Handler, api string) http.Handler {
	c := &console{ServeMux: http.NewServeMux(), control: newCaller(handler), api: api, operations: sync.OnceValue(operations)}
	c.templates = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("").Funcs(functions).ParseFS(templateFiles, "templates/*.html"))
	})
	assets, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err) // it is compiled in
	}
	c.Handle("GET "+Path+"/assets/", http.StripPrefix(Path+"/assets/", http.FileServerFS(assets)))
	c.Handle("GET "+Path+"/{$}", http.RedirectHandler(Path, http.StatusMovedPermanently))

	// The page, and its parts, each of which is loaded anew when something has happened.
	c.HandleFunc("GET "+Path, c.page)
	c.HandleFunc("GET "+Path+"/requests/{id}", c.request)
	c.part("/journal", func(r *http.Request) (any, error) { return c.journal(r) })
	c.part("/clock", func(r *http.Request) (any, error) { return c.clock(r) })
	c.part("/faults", func(r *http.Request) (any, error) { return c.faults(r) })
	c.part("/state", func(r *http.Request) (any, error) { return c.state(r) })

	// The buttons.
	c.button("/clock/advance", c.advance)
	c.button("/clock/freeze", c.calls(http.MethodPost, "/clock/freeze", "The clock stands still."))
	c.button("/clock/resume", c.calls(http.MethodPost, "/clock/resume", "The clock goes on."))
	c.button("/provision", c.provision)
	c.button("/reset", c.calls(http.MethodDelete, "/state", "The stub is as at the start."))
	c.button("/faults", c.arm)
	c.button("/faults/disarm", c.calls(http.MethodDelete, "/faults", "No fault is armed any more."))
	c.button("/faults/{id}/disarm", c.disarm)
	c.button("/requests/clear", c.calls(http.MethodDelete, "/requests", "The journal is empty."))
	return c
}

// ServeHTTP answers a request.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	c.ServeMux.ServeHTTP(w, r)
}

// page is all that the page shows.
type page struct {
	Version    string
	Docs       string // where the docs page of the emulated API is
	Journal    *journal
	Clock      *control.Clock
	Faults     *control.FaultList
	State      *state
	Detail     *detail // nil where no request is open
	Kinds      []kind
	Operations []string
}

func (c *console) page(w http.ResponseWriter, r *http.Request) { c.showPage(w, r, nil) }

func (c *console) showPage(w http.ResponseWriter, r *http.Request, opened *detail) {
	var version control.Version
	p := page{Docs: c.api + "/docs", Detail: opened, Kinds: kinds, Operations: c.operations()}
	err := c.control.call(r, http.MethodGet, "/version", nil, &version)
	p.Version = version.Version
	for _, load := range []func() error{
		func() (err error) { p.Journal, err = c.journal(r); return err },
		func() (err error) { p.Clock, err = c.clock(r); return err },
		func() (err error) { p.Faults, err = c.faults(r); return err },
		func() (err error) { p.State, err = c.state(r); return err },
	} {
		if err == nil {
			err = load()
		}
	}
	c.show(w, r, "page", p, err)
}

// request shows one request of the journal: its part, or the page with it.
func (c *console) request(w http.ResponseWriter, r *http.Request) {
	d, err := c.detail(r)
	if err != nil || byScript(r) {
		c.show(w, r, "detail", d, err)
		return
	}
	c.showPage(w, r, d)
}

// part serves a part of the page by the template of its name.
func (c *console) part(path string, load func(*http.Request) (any, error)) {
	c.HandleFunc("GET "+Path+path, func(w http.ResponseWriter, r *http.Request) {
		data, err := load(r)
		c.show(w, r, strings.TrimPrefix(path, "/"), data, err)
	})
}

// show answers with a template, or with what went wrong.
func (c *console) show(w http.ResponseWriter, r *http.Request, name string, data any, err error) {
	var out bytes.Buffer
	if err == nil {
		err = c.templates().ExecuteTemplate(&out, name, data)
	}
	if err != nil {
		out.Reset()
		name := "failed"
		if !byScript(r) {
			name = "failed-page"
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(statusOf(err))
		_ = c.templates().ExecuteTemplate(w, name, err.Error()) // whoever asked has gone
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // as above
}

// said is what a button has to say.
type said struct {
	Text   string
	Failed bool
	Where  string // the element that shows it
}

// button serves a button: do carries it out, and gives what there is to say. All parts of the page are loaded anew, whether
// the stream of events is there or not.
func (c *console) button(path string, do func(*http.Request) (string, error)) {
	c.HandleFunc("POST "+Path+path, func(w http.ResponseWriter, r *http.Request) {
		text, err := do(r)
		if !byScript(r) && err == nil {
			http.Redirect(w, r, Path, http.StatusSeeOther)
			return
		}
		if !byScript(r) {
			c.show(w, r, "", nil, err)
			return
		}
		out := said{Text: text, Where: "#said"}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err != nil {
			out.Text, out.Failed = err.Error(), true
			w.WriteHeader(statusOf(err))
		} else {
			w.Header().Set("HX-Trigger", "changed")
		}
		_ = c.templates().ExecuteTemplate(w, "said", out) // whoever asked has gone
	})
}

// calls is a button that makes one call, always the same.
func (c *console) calls(method, path, done string) func(*http.Request) (string, error) {
	return func(r *http.Request) (string, error) { return done, c.control.call(r, method, path, nil, nil) }
}

// byScript reports whether htmx asks, which puts the answer into the page.
func byScript(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

func statusOf(err error) int {
	var wrong *refused
	switch {
	case errors.As(err, &wrong):
		return wrong.status
	case errors.Is(err, errForm):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// query gives a path with those of the parameters that are not empty.
func query(path string, parameters url.Values, names ...string) string {
	kept := make(url.Values)
	for _, name := range names {
		if value := strings.TrimSpace(parameters.Get(name)); value != "" {
			kept.Set(name, value)
		}
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + kept.Encode()
}
