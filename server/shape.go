package server

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// shape is what the canonical step must know of a schema of the contract: how its names and words are spelled, and what
// only the server sets. It says nothing of limits; those are for validation.
type shape struct {
	members  map[string]member // by folded name; nil for what is no object with named members
	free     *shape            // of a map's values, which have any name
	items    *shape            // of an array's elements
	words    map[string]string // of an enum, by folded word
	integer  bool
	dateTime bool
	anything bool // the contract says nothing of what is in it
}

// member is a named member of an object.
type member struct {
	name     string
	shape    *shape
	readOnly bool
}

// folding is how names and words are compared: as they are, or without regard to case.
type folding struct{ tolerant bool }

func (f folding) name(s string) string {
	if f.tolerant {
		return strings.ToLower(s)
	}
	return s
}

// words gives the ways in which a word of the contract may be written, folded: one_time as onetime too.
func (f folding) words(s string) []string {
	if f.tolerant {
		return []string{f.name(s), f.name(strings.ReplaceAll(s, "_", ""))}
	}
	return []string{s}
}

// shapes compiles schemas, each once, since they may contain themselves.
type shapes struct {
	folding
	known map[*openapi3.Schema]*shape
}

func newShapes(f folding) *shapes { return &shapes{f, make(map[*openapi3.Schema]*shape)} }

// of compiles a schema. Schemas joined by allOf count as one; what the contract does not use (oneOf, anyOf, not) is passed
// on as it is.
func (c *shapes) of(schema *openapi3.Schema) *shape {
	if s, ok := c.known[schema]; ok {
		return s
	}
	s := &shape{}
	c.known[schema] = s
	for _, part := range schema.AllOf {
		p := c.of(part.Value)
		s.add(p)
	}
	s.anything = schema.Type == nil && len(schema.AllOf) == 0 ||
		schema.Type.Is("object") && len(schema.Properties) == 0 && schema.AdditionalProperties.Schema == nil
	s.integer = s.integer || schema.Type.Is("integer")
	s.dateTime = s.dateTime || schema.Format == "date-time"
	for _, word := range schema.Enum {
		if text, ok := word.(string); ok {
			for _, way := range c.words(text) {
				put(&s.words, way, text)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name].Value
		put(&s.members, c.name(name), member{name, c.of(property), property.ReadOnly})
	}
	if schema.Items != nil {
		s.items = c.of(schema.Items.Value)
	}
	if values := schema.AdditionalProperties.Schema; values != nil {
		s.free = c.of(values.Value)
	}
	return s
}

// add takes over what another shape knows.
func (s *shape) add(other *shape) {
	for folded, m := range other.members {
		put(&s.members, folded, m)
	}
	for folded, w := range other.words {
		put(&s.words, folded, w)
	}
	s.integer = s.integer || other.integer
	s.dateTime = s.dateTime || other.dateTime
	s.anything = s.anything || other.anything
	if other.items != nil {
		s.items = other.items
	}
	if other.free != nil {
		s.free = other.free
	}
}

func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = value
}
