package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/plan"
)

// sure finds the requests of one operation that are surely valid: for these the canonical step changes nothing but what a
// plan does on its way, and openapi3filter finds no fault. For all others it does nothing, and those have the say.
type sure struct {
	known      bool // whether all that the contract says of the operation is understood
	tolerant   bool
	parameters []sureParameter
	defaults   url.Values // of parameters of the query, which openapi3filter sets, too
	body       *plan.Plan
	into       reflect.Type // of the body
	route      *routers.Route
	options    *openapi3filter.Options           // for the parameters
	ofParts    []openapi3.SchemaValidationOption // for parts of the body
}

type sureParameter struct {
	name, in string // a header's as Go spells it
	required bool
	plan     *plan.Plan
}

// bodies are the types that the generated code binds bodies to. A body without one goes the long way.
func bodies() map[string]reflect.Type {
	return map[string]reflect.Type{
		"createCart":         reflect.TypeFor[model.CreateCartJSONRequestBody](),
		"updateCart":         reflect.TypeFor[model.UpdateCartJSONRequestBody](),
		"createOrder":        reflect.TypeFor[model.CreateOrderJSONRequestBody](),
		"updateOrder":        reflect.TypeFor[model.UpdateOrderJSONRequestBody](),
		"updateSubscription": reflect.TypeFor[model.UpdateSubscriptionJSONRequestBody](),
	}
}

func newSure(op operation, spelling Spelling) *sure {
	s := &sure{
		known: !op.document.IsOpenAPI31OrLater(), tolerant: spelling == SpellingTolerant, defaults: url.Values{},
		options: validationOptions(), route: op.route(),
	}
	s.options.ExcludeRequestBody = true
	s.ofParts = append([]openapi3.SchemaValidationOption{openapi3.VisitAsRequest(), openapi3.MultiErrors()}, s.options.SchemaValidationOptions...)
	rules := plan.Rules{Formats: formats(), Tolerant: s.tolerant}
	named := map[string]bool{}
	for _, p := range op.parameters() {
		s.known = s.known && !named[p.In+p.Name] && s.add(p, rules)
		named[p.In+p.Name] = true
	}
	if schema := op.bodySchema(); schema != nil {
		s.into = bodies()[op.OperationID]
		if s.known = s.known && s.into != nil; s.known {
			s.body = plan.Compile(schema, s.into, rules)
		}
	}
	return s
}

// add takes in a parameter, and reports whether it is understood.
func (s *sure) add(p *openapi3.Parameter, rules plan.Rules) bool {
	switch p.In {
	case openapi3.ParameterInPath, openapi3.ParameterInQuery, openapi3.ParameterInHeader:
	default:
		return false
	}
	if !isPlain(*p) {
		return false
	}
	schema := *p.Schema.Value
	if value := schema.Default; value != nil {
		if p.In != openapi3.ParameterInQuery || schema.VisitJSON(value, s.options.SchemaValidationOptions...) != nil {
			return false
		}
		s.defaults.Set(p.Name, fmt.Sprint(value))
		schema.Default = nil
	}
	name := p.Name
	if p.In == openapi3.ParameterInHeader {
		name = http.CanonicalHeaderKey(name)
	}
	s.parameters = append(s.parameters, sureParameter{name, p.In, p.Required, plan.Compile(&schema, nil, rules)})
	return true
}

// isPlain reports whether a parameter is a value with a schema, written in the usual way.
func isPlain(p openapi3.Parameter) bool {
	if p.Schema == nil {
		return false
	}
	p.Name, p.In, p.Required, p.Schema = "", "", false, nil
	p.Description, p.Example, p.Examples, p.Deprecated, p.Origin = "", nil, nil, false, nil
	return reflect.ValueOf(p).IsZero()
}

// verdict is what is sure of a request.
type verdict int

// The verdicts.
const (
	isUnsure    verdict = iota
	isCanonical         // its body is spelled as the contract does; what of it is not surely valid openapi3filter judges
	isValid
)

// judge judges a request whose parameters are in the contract's spelling. One that is valid it makes what the handler is to
// see. Of one that is canonical it gives what openapi3filter has against it, if anything.
func (s *sure) judge(c echo.Context, sent []byte) (verdict, error) {
	if !s.known {
		return isUnsure, nil
	}
	query, good := s.checked(c)
	var body any
	result := plan.Result{Valid: true}
	if s.into != nil {
		body, result = s.read(sent)
	}
	switch {
	case good && result.Valid:
	case result.Canonical:
		return isCanonical, s.refuse(c, sent, good, result.Doubts)
	default:
		return isUnsure, nil
	}
	x := exchangeOf(c.Request().Context())
	if x.body = body; result.Respelled {
		x.note(noteRespelled)
	}
	c.Request().URL.RawQuery = query
	return isValid, nil
}

// checked checks the parameters, and gives the query with what openapi3filter adds to it.
func (s *sure) checked(c echo.Context) (query string, ok bool) {
	r := c.Request()
	var values url.Values
	if r.URL.RawQuery != "" {
		values = r.URL.Query()
	}
	for _, p := range s.parameters {
		var value string
		var sent bool
		switch p.in {
		case openapi3.ParameterInPath:
			value, sent = c.Param(p.name), true
		case openapi3.ParameterInQuery:
			value, sent = values.Get(p.name), values.Has(p.name)
		default:
			var values []string
			if values, sent = r.Header[p.name]; len(values) > 0 {
				value = values[0]
			}
		}
		if sent && !p.plan.Parameter(value) || !sent && p.required {
			return "", false
		}
	}
	if len(s.defaults) == 0 {
		return r.URL.RawQuery, true
	}
	if values == nil {
		values = url.Values{}
	}
	for name := range s.defaults {
		if !values.Has(name) {
			values.Set(name, s.defaults.Get(name))
		}
	}
	return values.Encode(), true
}

// read reads a body into a new value of the handler's type.
func (s *sure) read(sent []byte) (body any, result plan.Result) {
	body = reflect.New(s.into).Interface()
	result = s.body.Read(sent, body)
	if result.Valid || result.Canonical || !s.tolerant {
		return body, result
	}
	plain := plainJSON(sent) // without comments
	if bytes.Equal(plain, sent) {
		return body, result
	}
	body = reflect.New(s.into).Interface()
	result = s.body.Read(plain, body)
	return body, plan.Result{Valid: result.Valid, Respelled: true}
}

// serializer gives the generated code the body that was read already.
type serializer struct{ echo.DefaultJSONSerializer }

// Deserialize reads the body of a request.
func (s serializer) Deserialize(c echo.Context, into any) error {
	if body := exchangeOf(c.Request().Context()).body; body != nil {
		reflect.ValueOf(into).Elem().Set(reflect.ValueOf(body).Elem())
		return nil
	}
	return s.DefaultJSONSerializer.Deserialize(c, into)
}
