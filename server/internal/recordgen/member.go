package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// member is a member of an object, as encoding/json has it of a field.
type member struct {
	reflect.StructField
	name                string // plain, so that it is written as it is
	omitEmpty, omitZero bool
}

// nameOf gives what functions for a struct are named by: its package and its name, such as ModelCart.
func nameOf(t reflect.Type) string {
	name := strings.Replace(t.String(), ".", "", 1)
	return strings.ToUpper(name[:1]) + name[1:]
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// membersOf gives the members of a struct in the order in which they are written.
func membersOf(t reflect.Type) ([]member, error) {
	var all []member
	for field := range t.Fields() {
		m := member{StructField: field, name: field.Name}
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag != "" {
			m.name = tag
		}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				m.omitEmpty = true
			case "omitzero":
				m.omitZero = true
			default:
				return nil, fmt.Errorf("%s.%s: the option %s is not known here", t, field.Name, option)
			}
		}
		if field.Anonymous || !field.IsExported() || !plainName.MatchString(m.name) || m.name == "-" {
			return nil, fmt.Errorf("%s.%s: embedded, hidden or of a name that is not plain", t, field.Name)
		}
		for _, other := range all {
			if strings.EqualFold(other.name, m.name) {
				return nil, fmt.Errorf("%s.%s: there is another %s", t, field.Name, m.name)
			}
		}
		all = append(all, m)
	}
	return all, nil
}

var (
	timeType = reflect.TypeFor[time.Time]()
	methods  = []reflect.Type{
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
		reflect.TypeFor[interface{ IsZero() bool }](),
	}
)

// check fails for a type that has a JSON of its own.
func check(t reflect.Type) error {
	if t == timeType || t.Kind() == reflect.Pointer {
		return nil
	}
	if t == reflect.TypeFor[json.Number]() {
		return fmt.Errorf("%s is not known here", t)
	}
	for _, m := range methods {
		if t.Implements(m) || reflect.PointerTo(t).Implements(m) {
			return fmt.Errorf("%s is a %s, which is not known here", t, m)
		}
	}
	return nil
}
