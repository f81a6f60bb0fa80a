package server

import (
	"maps"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// answerMedia sends the answers of the API in the media type that the request asks for (HTTP-MEDIA). It comes before
// all other steps: they make JSON and see JSON, and what is sent is made from it. Where nothing of ours is accepted the
// answer is JSON; negotiate refuses those requests.
func answerMedia(contract *openapi3.T) echo.MiddlewareFunc {
	operations := make(map[string]*openapi3.Operation)
	for _, op := range operationsOf(contract) {
		operations[op.OperationID] = op.Operation
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !isAPI(c.Request().URL.Path) {
				return next(c)
			}
			c.Response().Header().Add("Vary", "Accept")
			media, _ := answerType(c.Request().Header)
			if media == mediaJSON {
				return next(c)
			}
			w := &mediaWriter{
				ResponseWriter: c.Response().Writer,
				header:         c.Response().Header().Clone(),
				media:          media,
				root: func(status int) string {
					return rootOf(operations[exchangeOf(c.Request().Context()).operation], status)
				},
			}
			c.Response().Writer = w
			if err := next(c); err != nil {
				return err
			}
			w.end()
			return nil
		}
	}
}

// isAPI reports whether a path is the API's own, in any case: it was not brought into the contract's spelling yet.
func isAPI(path string) bool {
	return len(path) >= len(basePath) && strings.EqualFold(path[:len(basePath)], basePath) &&
		(len(path) == len(basePath) || path[len(basePath)] == '/')
}

// The root elements of errors, also of those outside any operation.
const (
	errorRoot   = "ErrorResponse"
	gatewayRoot = "GatewayError"
)

// rootOf gives the root element of an answer as XML: the name of its schema in the contract.
func rootOf(op *openapi3.Operation, status int) string {
	if status == http.StatusTooManyRequests {
		return gatewayRoot
	}
	if op == nil {
		return errorRoot
	}
	response := op.Responses.Status(status)
	if response == nil {
		response = op.Responses.Default()
	}
	if response != nil {
		if content := response.Value.Content.Get(mediaJSON); content != nil && content.Schema != nil && content.Schema.Ref != "" {
			return path.Base(content.Schema.Ref)
		}
	}
	return errorRoot
}

// mediaWriter sends an answer that is written to it as JSON in another media type. What is not JSON it leaves as it is.
type mediaWriter struct {
	http.ResponseWriter
	header http.Header // what the steps set; what is sent differs from it
	media  string
	root   func(status int) string
	begun  bool
	xml    *xmlWriter // nil where the bytes are sent as they are
}

// Header gives the headers of the answer as JSON.
func (w *mediaWriter) Header() http.Header { return w.header }

// WriteHeader sends the status, and the headers as they are in the media type.
func (w *mediaWriter) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *mediaWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	if w.xml != nil {
		return w.xml.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// FlushError sends what was written so far. It is what http.ResponseController calls.
func (w *mediaWriter) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *mediaWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin hands the headers on, once, and decides whether the body is to become XML.
func (w *mediaWriter) begin(status int) {
	if w.begun {
		return
	}
	w.begun = true
	out := w.ResponseWriter.Header()
	clear(out)
	maps.Copy(out, w.header)
	if sent, _, err := mime.ParseMediaType(w.header.Get("Content-Type")); err != nil || sent != mediaJSON {
		return
	}
	out.Set("Content-Type", w.media+"; charset=utf-8")
	if strings.HasSuffix(w.media, "/xml") {
		out.Del("Content-Length") // it was that of the JSON
		w.xml = newXMLWriter(w.ResponseWriter, w.root(status))
	}
}

// end ends an answer. One that stops in the middle of its JSON is cut, so that nobody takes it for whole.
func (w *mediaWriter) end() {
	w.begin(http.StatusOK)
	if w.xml != nil && w.xml.Close() != nil {
		panic(http.ErrAbortHandler)
	}
}
