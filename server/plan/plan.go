// Package plan reads what is surely as the contract has it, at once. A plan is compiled from a schema of kin-openapi's model:
// in one pass over the bytes of a value it decides "surely valid", and fills the generated type on the way, or it decides
// nothing. It refuses nothing: what it does not understand, in a value or in a schema, is for kin-openapi to judge, so that a
// change of the contract can make a plan useless, but not wrong.
//
// What a plan takes, kin-openapi takes, and what it fills in is what would be bound the long way: that of the canonical step
// and of kin-openapi. Both are what the tests of this package's users prove.
package plan

import (
	"reflect"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/server/jsonbytes"
)

// Rules say for what plans are.
type Rules struct {
	// Formats are the checks of formats that kin-openapi is given. A format that is not among them is not understood, but for
	// those of numbers.
	Formats map[string]func(string) error

	// Answers has answers of the server read as kin-openapi sees them. Else requests are read as they are brought into the
	// contract's spelling: without nulls, and without members that are readOnly or unknown (CART-READ-ONLY, HTTP-JSON).
	Answers bool

	// Tolerant takes names and enum words of requests in any case (HTTP-CASE).
	Tolerant bool
}

// The limits of a value, none above those of the canonical step.
const (
	maxDepth   = 32
	maxEntries = 10_000 // of all arrays
	maxName    = 256    // bytes
	maxNames   = 64     // in one object
)

// Plan reads the values of one schema. A nil Plan takes none. It may be used by many at once.
type Plan struct{ value value }

// Compile makes the plan of a schema, whose values are read into values of a type; a nil type has them checked only. It gives
// nil where nothing of the schema is understood.
func Compile(schema *openapi3.Schema, into reflect.Type, rules Rules) *Plan {
	c := compiler{rules: rules, known: make(map[key]*later)}
	n := c.node(schema, into)
	if n == nil {
		return nil
	}
	return &Plan{value{n, schema}}
}

// Result is what came of reading a value. Where nothing in it is true, nothing is known of the value.
type Result struct {
	Valid     bool // surely
	Canonical bool // nothing in it is left out, or spelled otherwise than the contract does, be it valid or not
	Respelled bool // it has names or words in another spelling than the contract's
	Doubts    []Doubt
}

// Doubt is a part of a body that is perhaps not valid. All else in the body is, but for what is in it.
type Doubt struct {
	Schema     *openapi3.Schema // what it must be valid by
	Begin, End int              // offsets in the body
}

// Read reads a body into what a pointer of the plan's type points to, which must be zero. Where the result is not valid, it
// holds anything. Strings of what is read are parts of the body, which nobody may change any more.
func (p *Plan) Read(body []byte, into any) Result {
	return p.read(jsonbytes.TextOf(body), reflect.ValueOf(into).Elem())
}

// Check reports whether a body is surely valid.
func (p *Plan) Check(body []byte) bool { return p.read(jsonbytes.TextOf(body), reflect.Value{}).Valid }

func (p *Plan) read(body string, into reflect.Value) Result {
	if p == nil {
		return Result{}
	}
	r := reader{text: body}
	if !p.value.read(&r, into) || !r.end() {
		return Result{}
	}
	return Result{len(r.doubts) == 0, !r.respelled && !r.leftOut, r.respelled, r.doubts}
}

// Parameter reports whether the value of a parameter or a header, as it stands in a request or an answer, is surely valid.
func (p *Plan) Parameter(value string) bool {
	if p == nil || value == "" {
		return false
	}
	if s, ok := p.value.node.(scalar); ok {
		return s.valid(value)
	}
	return false
}

// node is what is compiled of one schema.
type node interface {
	// read reads the next value, and sets into to it, if that is valid. It reports false where the value is not understood,
	// and makes the reader doubtful where it is, but not surely valid.
	read(r *reader, into reflect.Value) bool
}

// value is what a schema says of a value.
type value struct {
	node   node // nil where that is not understood
	schema *openapi3.Schema
}

// read reads the next value. Where it is doubtful, it is noted as a whole.
func (v value) read(r *reader, into reflect.Value) bool {
	r.peek()
	begin := r.at
	if v.node == nil || !v.node.read(r, into) {
		return false
	}
	if r.doubtful {
		r.doubt(v.schema, begin)
	}
	return true
}

// scalar is the node of values that parameters may have, too.
type scalar interface {
	node
	valid(value string) bool
}

// target gives what a value is to be set in: what a pointer, which is made, points to.
func target(into reflect.Value) reflect.Value {
	if into.IsValid() && into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		return into.Elem()
	}
	return into
}
