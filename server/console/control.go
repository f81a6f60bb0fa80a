package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// controlPath is where test control is.
const controlPath = "/_cartwright"

// caller calls test control in this process, in the name of the browser whose request it serves.
type caller struct{ http.Client }

func newCaller(handler http.Handler) *caller {
	return &caller{http.Client{Transport: inProcess{handler}}}
}

// call makes one call for a request r of a browser. What the browser says of the page that asks goes along, so that test
// control refuses for the console what it refuses for itself. Body and into may be nil.
func (c *caller) call(r *http.Request, method, path string, body, into any) error {
	var sent io.Reader = http.NoBody
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(r.Context(), method, "http://stub"+controlPath+path, sent)
	if err != nil {
		return err
	}
	request.Host = r.Host
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if value := r.Header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	if opensPage(r) {
		request.Header.Set("Sec-Fetch-Site", "none")
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		wrong := &refused{status: response.StatusCode}
		if err := json.NewDecoder(response.Body).Decode(&wrong.because); err != nil {
			return fmt.Errorf("test control answered %s", response.Status)
		}
		return wrong
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// opensPage reports whether a person opens a page, be it by a link on another site, which is welcome: that site sees nothing
// of the answer, and may not frame it.
func opensPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// refused is a call that test control did not carry out.
type refused struct {
	status  int
	because control.Error
}

// Error gives all that is wrong, in one line.
func (e *refused) Error() string {
	return strings.TrimSpace(e.because.Description + " " + strings.Join(e.because.Data, "; "))
}

// inProcess is a round tripper that calls a handler.
type inProcess struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answer{header: make(http.Header), status: http.StatusOK}
	p.ServeHTTP(w, r)
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Header:     w.header,
		Body:       io.NopCloser(&w.body),
		Request:    r,
	}, nil
}

// answer keeps what a handler answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
