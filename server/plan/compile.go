package plan

import (
	"encoding"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// compiler makes nodes out of schemas, each once for a Go type, since they may contain themselves. Its methods give nil for
// what is not understood.
type compiler struct {
	rules Rules
	known map[key]*later
}

type key struct {
	schema *openapi3.Schema
	into   reflect.Type
}

// later is the node of a schema that is just being compiled.
type later struct{ node node }

func (n *later) read(r *reader, into reflect.Value) bool {
	return n.node != nil && n.node.read(r, into)
}

// node compiles a schema, whose values go into a type or, where that is nil, nowhere.
func (c *compiler) node(schema *openapi3.Schema, into reflect.Type) node {
	if into != nil && into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	k := key{schema, into}
	if known, ok := c.known[k]; ok {
		if known.node != nil {
			return known.node
		}
		return known
	}
	known := &later{}
	c.known[k] = known
	known.node = c.compile(*schema, into)
	return known.node
}

// compile compiles a schema by its type. Each way of it takes out of the schema what it takes care of, and nothing but words
// for people may be left.
func (c *compiler) compile(s openapi3.Schema, into reflect.Type) node {
	if s.Type == nil && len(s.AllOf) == 1 { // a reference with a description of its own
		part := s.AllOf[0].Value
		if s.AllOf = nil; !understood(s) {
			return nil
		}
		if n := c.node(part, into); n != nil && !isLater(n) {
			return n
		}
		return nil
	}
	kind := s.Type
	s.Type = nil
	switch {
	case kind.Is("string") && s.Enum != nil:
		return c.words(s, into)
	case kind.Is("string"):
		return c.text(s, into)
	case kind.Is("integer"):
		return c.integer(s, into)
	case kind.Is("number"):
		return c.number(s, into)
	case kind.Is("boolean"):
		if understood(s) && fits(into, reflect.Bool) {
			return boolean{}
		}
	case kind.Is("array"):
		return c.list(s, into)
	case kind.Is("object") && s.AdditionalProperties.Schema != nil:
		return c.dictionary(s, into)
	case kind.Is("object"):
		return c.object(s, into)
	}
	return nil
}

func isLater(n node) bool {
	_, ok := n.(*later)
	return ok
}

// understood reports whether nothing is left of a schema but what says nothing of its values. A keyword that this package has
// never heard of is left.
func understood(s openapi3.Schema) bool {
	for name := range s.Extensions {
		if !strings.HasPrefix(name, "x-") {
			return false
		}
	}
	s.Extensions, s.Origin = nil, nil
	s.Title, s.Description, s.Example, s.ExternalDocs, s.XML, s.Deprecated = "", "", nil, nil, nil, false
	s.ReadOnly, s.WriteOnly = false, false // the object that it is a member of takes care of them
	return reflect.ValueOf(s).IsZero()
}

// fits reports whether values of a kind can be put into a type as they are.
func fits(into reflect.Type, kind reflect.Kind) bool {
	return into == nil || into.Kind() == kind && !unmarshals(into)
}

// unmarshals reports whether a type has its own way to be read.
func unmarshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func (c *compiler) text(s openapi3.Schema, into reflect.Type) node {
	n := &text{minLength: limit(&s.MinLength), maxLength: limit(s.MaxLength)}
	if s.Format != "" {
		n.format = c.rules.Formats[s.Format]
		if n.format == nil {
			return nil
		}
	}
	if s.Pattern != "" {
		pattern, err := regexp.Compile(s.Pattern)
		if err != nil || strings.Contains(s.Pattern, `\u`) { // which kin-openapi reads as its own
			return nil
		}
		n.pattern = pattern
	}
	n.time = into == reflect.TypeFor[time.Time]()
	s.MinLength, s.MaxLength, s.Format, s.Pattern = 0, nil, "", ""
	if !understood(s) || !n.time && !fits(into, reflect.String) {
		return nil
	}
	return n
}

func limit(of *uint64) int {
	if of == nil || *of > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(*of)
}

func (c *compiler) words(s openapi3.Schema, into reflect.Type) node {
	n := &words{}
	if c.rules.Tolerant {
		n.folded = make(map[string]string)
	}
	for _, value := range s.Enum {
		word, ok := value.(string)
		if !ok {
			return nil
		}
		n.words = append(n.words, word)
		for _, way := range []string{strings.ToLower(word), strings.ToLower(strings.ReplaceAll(word, "_", ""))} {
			if other, taken := n.folded[way]; taken && other != word {
				return nil
			} else if n.folded != nil {
				n.folded[way] = word
			}
		}
	}
	if s.Enum = nil; !understood(s) || !fits(into, reflect.String) {
		return nil
	}
	return n
}

func (c *compiler) integer(s openapi3.Schema, into reflect.Type) node {
	if s.Format != "int32" {
		return nil
	}
	n := &integer{math.MinInt32, math.MaxInt32}
	if s.Min != nil {
		n.min = int64(math.Ceil(max(*s.Min, math.MinInt32)))
	}
	if s.Max != nil {
		n.max = int64(math.Floor(min(*s.Max, math.MaxInt32)))
	}
	s.Format, s.Min, s.Max = "", nil, nil
	if !understood(s) || !fits(into, reflect.Int32) {
		return nil
	}
	return n
}

func (c *compiler) number(s openapi3.Schema, into reflect.Type) node {
	n := &number{math.Inf(-1), math.Inf(1)}
	if s.Min != nil {
		n.min = *s.Min
	}
	if s.Max != nil {
		n.max = *s.Max
	}
	if _, checked := openapi3.SchemaNumberFormats[s.Format]; checked {
		return nil
	}
	s.Format, s.Min, s.Max = "", nil, nil
	if !understood(s) || !fits(into, reflect.Float64) {
		return nil
	}
	return n
}

func (c *compiler) list(s openapi3.Schema, into reflect.Type) node {
	n := &list{min: limit(&s.MinItems), max: limit(s.MaxItems)}
	items := s.Items
	if s.MinItems, s.MaxItems, s.Items = 0, nil, nil; !understood(s) || !fits(into, reflect.Slice) || items == nil {
		return nil
	}
	var of reflect.Type
	if into != nil {
		of = into.Elem()
	}
	if n.item = (value{c.node(items.Value, of), items.Value}); n.item.node == nil {
		return nil
	}
	return n
}

func (c *compiler) dictionary(s openapi3.Schema, into reflect.Type) node {
	n := &dictionary{schema: s.AdditionalProperties.Schema.Value, max: limit(s.MaxProps), answers: c.rules.Answers}
	n.value, _ = c.node(n.schema, nil).(*text)
	s.MaxProps, s.AdditionalProperties = nil, openapi3.AdditionalProperties{}
	if !understood(s) || n.value == nil || into != nil && into != reflect.TypeFor[map[string]string]() {
		return nil
	}
	return n
}

func (c *compiler) object(s openapi3.Schema, into reflect.Type) node {
	properties, required := s.Properties, s.Required
	s.Properties, s.Required = nil, nil
	s.AdditionalProperties = openapi3.AdditionalProperties{} // a request has none in the contract's spelling, an answer is not taken with one
	fields, ok := fieldsOf(into)
	if !ok || !understood(s) || len(properties) == 0 || len(properties) > 64 {
		return nil
	}
	n := &object{exact: make(map[string]int), answers: c.rules.Answers}
	folds := make(map[string]int)
	for i, name := range slices.Sorted(maps.Keys(properties)) {
		property := properties[name].Value
		if property.Default != nil || hasKey(folds, strings.ToLower(name)) { // kin-openapi sets a default
			return nil
		}
		n.exact[name], folds[strings.ToLower(name)] = i, i
		n.members = append(n.members, c.member(name, property, into, fields))
	}
	if c.rules.Tolerant {
		n.folded = folds
	}
	for _, name := range required {
		i, ok := n.exact[name]
		if !ok {
			return nil
		}
		if !n.members[i].leftOut {
			n.required |= 1 << i
		}
	}
	return n
}

// member compiles a member of an object. What the server sets is left out of requests; what only clients send is in no answer.
func (c *compiler) member(name string, property *openapi3.Schema, into reflect.Type, fields map[string]int) member {
	m := member{name: name, field: -1, leftOut: c.rules.Answers && property.WriteOnly || !c.rules.Answers && property.ReadOnly}
	if m.leftOut {
		return m
	}
	var of reflect.Type
	if field, ok := fields[name]; ok {
		m.field, of = field, into.Field(field).Type
	}
	m.value = value{c.node(property, of), property}
	return m
}

// fieldsOf gives the fields of a struct by the names that they have in JSON. It reports false for a type that is read in
// other ways.
func fieldsOf(t reflect.Type) (map[string]int, bool) {
	fields := make(map[string]int)
	if t == nil {
		return fields, true
	}
	if !fits(t, reflect.Struct) {
		return nil, false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, tagged := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || !tagged && name == "" || name == "-" || strings.Contains(options, "string") {
			return nil, false
		}
		fields[name] = i
	}
	return fields, true
}

func hasKey(m map[string]int, key string) bool {
	_, ok := m[key]
	return ok
}
