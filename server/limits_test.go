package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// What is wrong with the body of a request is said in its turn: after what is wrong with its path, its token and its media type.
func TestTakeBody_InItsTurn(t *testing.T) {
	t.Parallel()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	const carts = "/v1/customers/" + exampleCustomer + "/carts"
	bodies := map[string]struct {
		body   func() io.Reader
		status int
	}{
		"too large":  {func() io.Reader { return strings.NewReader(strings.Repeat(" ", maxBodyBytes+1)) }, 413},
		"broken off": {func() io.Reader { return iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("{}"))) }, 400},
	}
	for name, sent := range bodies {
		for _, c := range []struct {
			method, path, token, media string
			status                     int
		}{
			{"POST", "/v1/nothing", "", "text/plain", 404},
			{"DELETE", carts + "/1", "", "text/plain", 405},
			{"POST", carts, "", "text/plain", 401},
			{"POST", carts, "Bearer any", "text/plain", 415},
			{"POST", carts, "Bearer any", mediaJSON, sent.status},
			{"GET", livezPath, "", "", 200},
		} {
			r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, io.NopCloser(sent.body())) // of a length that is not said
			r.Header.Set("Authorization", c.token)
			r.Header.Set("Content-Type", c.media)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%s: %s %s is answered %d, want %d", name, c.method, c.path, w.Code, c.status)
			}
		}
	}
}

// A body is read to its end, also one of a client's request, for which 0 is a length that is not known. One that breaks off keeps
// no memory for what did not come.
func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, length := range []int64{-1, 0, 4, maxBodyBytes} {
		r := &http.Request{ContentLength: length, Body: io.NopCloser(strings.NewReader("body"))}
		sent, err := readBody(httptest.NewRecorder(), r)
		if string(sent) != "body" || (err != nil) != (length == maxBodyBytes) || cap(sent) > 1024 {
			t.Errorf("of length %d: %q, %v, in %d bytes", length, sent, err, cap(sent))
		}
	}
	if sent, err := readBody(httptest.NewRecorder(), new(http.Request)); len(sent) > 0 || err != nil {
		t.Errorf("of none: %q, %v", sent, err)
	}
}
