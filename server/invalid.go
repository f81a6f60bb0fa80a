package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// fault is one thing that is wrong with a request.
type fault struct {
	place  string // a JSON pointer into the body, "/" for all of it, or a parameter such as "path customer_id"
	reason string
	code   commerce.Code // 0 stands for 800002
}

// maxText is how much is said of one thing that a client wrote.
const maxText = 200

// invalid makes the error of a request that is not as the contract has it: an entry for each fault, with the code of the
// first one (HTTP-ERRORS).
func invalid(faults ...fault) error {
	err := &commerce.Error{Code: cmp.Or(faults[0].code, commerce.CodeInvalidInput)}
	for _, f := range faults {
		err.Data = append(err.Data, shorten(cmp.Or(f.place, "/"), maxText)+": "+shorten(f.reason, maxText))
	}
	err.Description = "Invalid request: " + err.Data[0]
	if more := len(faults) - 1; more > 0 {
		err.Description += fmt.Sprintf(" (and %d more, see data)", more)
	}
	return err
}

// shorten cuts a text to a length that can be read, between characters.
func shorten(s string, length int) string {
	if len(s) <= length {
		return s
	}
	cut := length
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// faultsOf reads what openapi3filter found, in the order of the document: parameters first, then the body from its
// beginning.
func faultsOf(err error, input *openapi3filter.RequestValidationInput) []fault {
	var faults, inBody []fault
	for _, err := range flatten(err) {
		var request *openapi3filter.RequestError
		switch {
		case !errors.As(err, &request):
			faults = append(faults, fault{place: "/", reason: "is not as the contract has it"})
		case request.Parameter != nil:
			faults = append(faults, parameterFault(request))
		default:
			for _, err := range flatten(request.Err) {
				inBody = append(inBody, bodyFault(err, ""))
			}
		}
	}
	return append(faults, inOrder(inBody, input.Request.Body)...)
}

// inOrder gives the faults of a body from its beginning, one a place.
func inOrder(faults []fault, body io.Reader) []fault {
	if len(faults) < 2 {
		return faults
	}
	position := positions(body, faults)
	slices.SortStableFunc(faults, func(a, b fault) int { return cmp.Compare(position(a.place), position(b.place)) })
	return slices.CompactFunc(faults, func(a, b fault) bool { return a.place == b.place })
}

// flatten gives the single errors of nested openapi3.MultiErrors.
func flatten(err error) []error {
	multi, ok := err.(openapi3.MultiError) //nolint:errorlint // it is the outermost error that is taken apart
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range multi {
		all = append(all, flatten(e)...)
	}
	return all
}

func parameterFault(err *openapi3filter.RequestError) fault {
	p := err.Parameter
	f := fault{place: p.In + " " + p.Name}
	var schema *openapi3.SchemaError
	switch {
	case errors.As(err.Err, &schema):
		f.reason, f.code = explain(schema)
	case errors.Is(err.Err, openapi3filter.ErrInvalidRequired):
		f.reason = "is missing"
	default:
		f.reason = "must be " + typeName(p.Schema.Value)
	}
	if p.In == openapi3.ParameterInPath && p.Name == "customer_id" {
		f.code = commerce.CodeInvalidCustomerID
	}
	return f
}

// bodyFault makes a fault of an error in what is at a place of a body.
func bodyFault(err error, place string) fault {
	var schema *openapi3.SchemaError
	if !errors.As(err, &schema) {
		return fault{place: "/", reason: "is not as the contract has it"}
	}
	path := schema.JSONPointer()
	var inner *openapi3.SchemaError
	if schema.SchemaField == "allOf" && errors.As(schema.Origin, &inner) { // a reference with a description of its own
		schema = inner
	}
	f := fault{place: cmp.Or(place+pointer(path), "/")}
	f.reason, f.code = explain(schema)
	if schema.SchemaField == "required" && strings.HasSuffix(f.place, "/catalogItemId") {
		f.code = commerce.CodeCatalogItemIDMissing
	}
	return f
}

// pointer writes a JSON pointer (RFC 6901).
func pointer(path []string) string {
	var p jsontext.Pointer
	for _, token := range path {
		p = p.AppendToken(token)
	}
	return string(p)
}

// explain says what a schema wants, in words that need no schema beside them.
func explain(err *openapi3.SchemaError) (string, commerce.Code) {
	s := err.Schema
	switch err.SchemaField {
	case "required":
		return "is missing", 0
	case "type":
		return "must be " + typeName(s), 0
	case "nullable":
		return "must not be null", 0
	case "enum":
		return fmt.Sprintf("must be one of %s", words(s.Enum)), commerce.CodeInvalidEnum
	case "format":
		return "must be " + typeName(s), 0
	case "minimum":
		return fmt.Sprintf("must be at least %v", *s.Min), 0
	case "maximum":
		return fmt.Sprintf("must be at most %.0f", *s.Max), 0
	case "minLength":
		return fmt.Sprintf("the number of characters must be at least %d", s.MinLength), 0
	case "maxLength":
		return fmt.Sprintf("the number of characters must be at most %d", *s.MaxLength), 0
	case "pattern":
		return "must match " + s.Pattern, 0
	case "minItems":
		return fmt.Sprintf("the number of entries must be at least %d", s.MinItems), 0
	case "maxItems":
		return fmt.Sprintf("the number of entries must be at most %d", *s.MaxItems), 0
	case "properties": // of a schema that has no others
		return "has a property that is unknown here; there are " + strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", "), 0
	case "maxProperties":
		return fmt.Sprintf("the number of properties must be at most %d", *s.MaxProps), 0
	}
	return "breaks the contract's rule " + err.SchemaField, 0
}

const typeNameInteger = "an integer of 32 bits"

// typeName says what sort of value a schema takes.
func typeName(s *openapi3.Schema) string {
	switch {
	case s.Format == "uuid":
		return "a GUID, such as 4fa6dad6-a89f-4875-8247-8294a10ae1cf"
	case s.Format == "date-time":
		return "a time with its zone, such as 2026-11-21T00:00:00Z"
	case s.Type.Is("integer"):
		return typeNameInteger
	case s.Type.Is("boolean"):
		return "true or false"
	case s.Type.Is("array"):
		return "an array"
	case s.Type.Is("object"):
		return "an object"
	case s.Type.Is("number"):
		return "a number"
	}
	return "a string"
}

func words(enum []any) string {
	out := make([]string, len(enum))
	for i, word := range enum {
		out[i] = fmt.Sprint(word)
	}
	return strings.Join(out, ", ")
}

// positions tells where in a body the places of faults are. What is missing counts as being at the end of what it is
// missing from. Only those places are looked for: a body may have many others, with long names.
func positions(body io.Reader, faults []fault) func(place string) int64 {
	var all places
	for _, f := range faults {
		all.add(f.place)
	}
	all.find(jsontext.NewDecoder(body))
	return func(place string) int64 {
		at := int64(math.MaxInt64)
		p := &all
		for token := range jsontext.Pointer(place).Tokens() {
			if p = p.below[token]; p == nil || p.end == 0 {
				break
			}
			at = p.end
		}
		return at
	}
}

// places is a place in a body, with those in it that are looked for, by name or index.
type places struct {
	below map[string]*places
	end   int64 // offset; 0 where the body does not have it
}

func (p *places) add(place string) {
	for token := range jsontext.Pointer(place).Tokens() {
		if p.below[token] == nil {
			put(&p.below, token, &places{})
		}
		p = p.below[token]
	}
}

// find finds the places in the next value. Where that can't be read they have no end.
func (p *places) find(dec *jsontext.Decoder) {
	kind := dec.PeekKind()
	if len(p.below) == 0 || kind != '{' && kind != '[' {
		if dec.SkipValue() == nil {
			p.end = dec.InputOffset()
		}
		return
	}
	_, _ = dec.ReadToken()
	for i := 0; dec.PeekKind() != '}' && dec.PeekKind() != ']'; i++ {
		key := strconv.Itoa(i)
		if kind == '{' {
			name, err := dec.ReadToken()
			if err != nil {
				return
			}
			key = name.String()
		}
		below := cmp.Or(p.below[key], &places{})
		if below.find(dec); below.end == 0 {
			return
		}
	}
	_, _ = dec.ReadToken()
	p.end = dec.InputOffset()
}

// parent gives the pointer to what a pointer's value is in.
func parent(pointer string) string { return pointer[:max(0, strings.LastIndexByte(pointer, '/'))] }
