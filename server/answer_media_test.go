package server

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

// What answerMedia makes of answers that the handlers of today do not give.
func TestAnswerMedia(t *testing.T) {
	t.Parallel()
	writeJSON := func(c echo.Context) error {
		c.Response().Header().Set("Content-Length", "8")
		return c.JSONBlob(http.StatusTeapot, []byte(`{"a":1}`+"\n"))
	}
	const xml = `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<ErrorResponse><a>1</a></ErrorResponse>`
	for name, tc := range map[string]struct {
		path, accept          string
		handler               echo.HandlerFunc
		status                int
		contentType, vary     string
		body, contentLength   string
		cut                   bool
		contentTypeOfHandlers string
	}{
		"JSON": {
			path: "/v1/x", accept: "*/*", handler: writeJSON, status: 418,
			contentType: "application/json", vary: "Accept", body: `{"a":1}` + "\n", contentLength: "8", contentTypeOfHandlers: "application/json",
		},
		"text/json is the same bytes": {
			path: "/v1/x", accept: "text/json", handler: writeJSON, status: 418,
			contentType: "text/json; charset=utf-8", vary: "Accept", body: `{"a":1}` + "\n", contentLength: "8", contentTypeOfHandlers: "application/json",
		},
		"XML has another length": {
			path: "/V1/x", accept: "text/xml", handler: writeJSON, status: 418,
			contentType: "text/xml; charset=utf-8", vary: "Accept", body: xml, contentTypeOfHandlers: "application/json",
		},
		"outside the API": {
			path: "/v12/x", accept: "text/xml", handler: writeJSON, status: 418,
			contentType: "application/json", body: `{"a":1}` + "\n", contentLength: "8", contentTypeOfHandlers: "application/json",
		},
		"no JSON": {
			path: "/v1", accept: "text/xml", status: 502,
			handler:     func(c echo.Context) error { return c.HTML(http.StatusBadGateway, "<p>{}</p>") },
			contentType: "text/html; charset=UTF-8", vary: "Accept", body: "<p>{}</p>", contentTypeOfHandlers: "text/html; charset=UTF-8",
		},
		"no body": {
			path: "/v1/x", accept: "text/xml", status: 204, vary: "Accept",
			handler: func(c echo.Context) error { return c.NoContent(http.StatusNoContent) },
		},
		"JSON of no bytes": {
			path: "/v1/x", accept: "text/xml", status: 200, vary: "Accept",
			handler:     func(c echo.Context) error { return c.JSONBlob(http.StatusOK, nil) },
			contentType: "text/xml; charset=utf-8", contentTypeOfHandlers: "application/json",
		},
		"nothing is written": {
			path: "/v1/x", accept: "text/xml", status: 200, vary: "Accept", handler: func(echo.Context) error { return nil },
		},
		"half an answer": {
			path: "/v1/x", accept: "text/xml", status: 200, vary: "Accept", cut: true,
			handler:     func(c echo.Context) error { return c.JSONBlob(http.StatusOK, []byte(`{"a":1`)) },
			contentType: "text/xml; charset=utf-8", contentTypeOfHandlers: "application/json",
			body: `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<ErrorResponse>`,
		},
		"two answers": {
			path: "/v1/x", accept: "text/xml", status: 200, vary: "Accept", cut: true,
			handler: func(c echo.Context) error {
				_ = c.JSONBlob(http.StatusOK, []byte(`{"a":1}`))
				if _, err := c.Response().Write([]byte("2 ")); err == nil {
					return errors.New("the second was taken")
				}
				return nil
			},
			contentType: "text/xml; charset=utf-8", contentTypeOfHandlers: "application/json",
			body: xml,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var header http.Header
			w, cut := serve(t, tc.path, tc.accept, func(c echo.Context) error {
				err := tc.handler(c)
				header = c.Response().Header()
				return err
			})
			if w.Code != tc.status || cut != tc.cut {
				t.Errorf("status %d, cut %v, want %d, %v", w.Code, cut, tc.status, tc.cut)
			}
			if diff := cmp.Diff(tc.body, w.Body.String()); diff != "" {
				t.Errorf("body differs (-want +got):\n%s", diff)
			}
			sent := w.Result().Header
			for name, want := range map[string]string{"Content-Type": tc.contentType, "Vary": tc.vary, "Content-Length": tc.contentLength} {
				if got := sent.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if got := header.Get("Content-Type"); got != tc.contentTypeOfHandlers {
				t.Errorf("the steps see the type %q, want %q", got, tc.contentTypeOfHandlers)
			}
		})
	}
}

// What was flushed is on its way, with its headers, while the handler is still at work.
func TestAnswerMedia_Flush(t *testing.T) {
	t.Parallel()
	var before, after string
	flushed := make(http.Header)
	w := httptest.NewRecorder()
	serveTo(t, w, "/v1/x", "text/xml", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "application/json")
		c.Response().Header().Set("MS-CV", "x")
		c.Response().Flush()
		flushed = w.Result().Header.Clone()
		before = w.Body.String()
		_, err := io.WriteString(c.Response(), `{"a":[1,`)
		after = w.Body.String()
		_, _ = io.WriteString(c.Response(), `2]}`)
		return err
	})
	if !w.Flushed || flushed.Get("MS-CV") != "x" || flushed.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("flushed: %v, headers %v", w.Flushed, flushed)
	}
	const begun = `<?xml version="1.0" encoding="utf-8"?>` + "\n<ErrorResponse><a><item>1</item>"
	if before != "" || after != begun || w.Body.String() != begun+"<item>2</item></a></ErrorResponse>" {
		t.Errorf("sent is %q, then %q, then %q", before, after, w.Body.String())
	}
}

// An error of the connection reaches who writes.
func TestAnswerMedia_BrokenConnection(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var got error
	cut := serveTo(t, brokenWriter{httptest.NewRecorder(), broken}, "/v1/x", "text/xml", func(c echo.Context) error {
		got = c.JSONBlob(http.StatusOK, []byte(`{"a":1}`))
		return nil
	})
	if !errors.Is(got, broken) || !cut {
		t.Errorf("the handler got %v, cut %v", got, cut)
	}
}

type brokenWriter struct {
	http.ResponseWriter
	err error
}

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

// Every answer of the contract has a name for its root element.
func TestRootOf(t *testing.T) {
	t.Parallel()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	roots := map[string]bool{}
	for _, op := range operationsOf(contract) {
		for status, response := range op.Responses.Map() {
			content := response.Value.Content.Get("application/json")
			if content == nil || content.Schema.Ref == "" {
				t.Errorf("%s %s has no schema of its own name", op.OperationID, status)
			}
		}
		for _, status := range []int{200, 201, 400, 429, 503} {
			roots[rootOf(op.Operation, status)] = true
		}
	}
	want := map[string]bool{
		"Cart": true, "CartCheckoutResult": true,
		"Order": true, "OrderCollection": true, "OrderLineItemProvisioningStatusCollection": true, "ActivationLinkCollection": true,
		"Subscription": true, "SubscriptionCollection": true, "SubscriptionProvisioningStatus": true, "SubscriptionActivation": true,
		"Product": true, "ProductCollection": true, "Sku": true, "SkuCollection": true, "Availability": true, "AvailabilityCollection": true, "Offer": true,
		"ErrorResponse": true, "GatewayError": true,
	}
	if diff := cmp.Diff(want, roots); diff != "" {
		t.Errorf("roots differ (-want +got):\n%s", diff)
	}
}

// serve answers one request by a handler behind answerMedia, and reports whether the connection was cut.
func serve(t *testing.T, path, accept string, handler echo.HandlerFunc) (w *httptest.ResponseRecorder, cut bool) {
	t.Helper()
	w = httptest.NewRecorder()
	return w, serveTo(t, w, path, accept, handler)
}

func serveTo(t *testing.T, w http.ResponseWriter, path, accept string, handler echo.HandlerFunc) (cut bool) {
	t.Helper()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.Pre(answerMedia(contract))
	e.GET(path, handler)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept", accept)
	defer func() {
		if p := recover(); p != nil {
			cut = p == http.ErrAbortHandler //nolint:errorlint // it is a value to panic with, never wrapped
		}
	}()
	e.ServeHTTP(w, r)
	return false
}
