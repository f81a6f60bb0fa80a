package server

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// canonical brings the requests of one operation into the contract's spelling, before they are validated (HTTP-CASE,
// HTTP-JSON, CART-READ-ONLY). Those that are surely valid need no more than that.
func canonical(op operation, spelling Spelling, sure *sure) echo.MiddlewareFunc {
	compile := newShapes(folding{tolerant: spelling == SpellingTolerant})
	query := map[string]parameter{}
	var headers []string
	for _, p := range op.parameters() {
		switch p.In {
		case openapi3.ParameterInQuery:
			query[compile.name(p.Name)] = parameter{p.Name, compile.of(p.Schema.Value), p.Schema.Value.Type.Is("boolean")}
		case openapi3.ParameterInHeader:
			headers = append(headers, p.Name)
		}
	}
	var body *shape
	if schema := op.bodySchema(); schema != nil {
		body = compile.of(schema)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			lowerGUIDs(c)
			if err := singleHeaders(c.Request().Header, headers); err != nil {
				return err
			}
			if err := canonicalQuery(c.Request(), query, compile.folding); err != nil {
				return err
			}
			x := exchangeOf(c.Request().Context())
			if x.unread != nil {
				return unreadable(x.unread)
			}
			var err error
			if x.verdict, err = sure.judge(c, x.sent); err != nil {
				return err
			}
			if body != nil {
				if err := canonicalise(c.Request(), x, body, compile.folding); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}

// lowerGUIDs spells GUIDs in the path in lower case, which is how they are stored.
func lowerGUIDs(c echo.Context) {
	values := c.ParamValues()
	for i, v := range values {
		if isGUID(v) && strings.ToLower(v) != v {
			values = slices.Clone(values)
			values[i] = strings.ToLower(v)
		}
	}
	c.SetParamValues(values...)
}

// singleHeaders refuses a header that is given more than once.
func singleHeaders(h http.Header, names []string) error {
	for _, values := range h {
		if len(values) > 1 {
			return firstTwice(h, names)
		}
	}
	return nil
}

// firstTwice refuses the first of these headers that is given more than once.
func firstTwice(h http.Header, names []string) error {
	for _, name := range names {
		if len(h.Values(name)) > 1 {
			return invalid(fault{place: "header " + name, reason: "is given more than once"})
		}
	}
	return nil
}

// parameter is a query parameter of an operation.
type parameter struct {
	name    string
	shape   *shape
	boolean bool
}

// canonicalQuery spells the parameters that the operation has, and their enum words and truth values, as the contract
// does. Others are ignored.
func canonicalQuery(r *http.Request, known map[string]parameter, f folding) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	out := url.Values{}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		p, ok := known[f.name(name)]
		if err != nil || !ok {
			continue
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return invalid(fault{place: "query " + p.name, reason: "is not percent-encoded as it should be"})
		}
		if out.Has(p.name) {
			return invalid(fault{place: "query " + p.name, reason: "is given more than once"})
		}
		if word, ok := p.shape.words[f.name(value)]; ok {
			value = word
		}
		if p.boolean {
			value = f.name(value)
		}
		out.Set(p.name, value)
	}
	r.URL.RawQuery = out.Encode()
	return nil
}

// noteRespelled says of a request that its body was spelled otherwise than the contract does.
const noteRespelled = "read in the contract's spelling"

// canonicalise makes the body of a request the one that the steps that follow read: in the contract's spelling. One that is
// valid was read already. That of an operation without one is ignored (CHECKOUT-BODY).
func canonicalise(r *http.Request, x *exchange, s *shape, f folding) error {
	if r.Header.Get("Content-Type") != mediaJSON {
		r.Header = r.Header.Clone() // the journal keeps what was sent
		r.Header.Set("Content-Type", mediaJSON)
	}
	switch x.verdict {
	case isValid:
		return nil
	case isCanonical:
		setBody(r, x.sent)
		return nil
	}
	if len(bytes.TrimSpace(x.sent)) == 0 {
		return invalid(fault{place: "/", reason: "the request has no body, where JSON is expected"})
	}
	body, respelled, err := canonicalBody(x.sent, s, f)
	if err != nil {
		return err
	}
	if respelled {
		x.note(noteRespelled)
	}
	setBody(r, body)
	return nil
}

// setBody makes a body the one of a request.
func setBody(r *http.Request, body []byte) {
	r.Body, r.GetBody = io.NopCloser(bytes.NewReader(body)), nil
	r.ContentLength = int64(len(body))
}
