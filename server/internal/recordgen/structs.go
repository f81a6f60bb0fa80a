package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

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

// nameOf gives what functions for a struct are named by: its package and its name, such as ModelCart.
func nameOf(t reflect.Type) string {
	name := strings.Replace(t.String(), ".", "", 1)
	return strings.ToUpper(name[:1]) + name[1:]
}

// structsIn adds the structs that a type is made of to some, itself first.
func structsIn(t reflect.Type, all []reflect.Type) []reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return structsIn(t.Elem(), all)
	case reflect.Struct:
		if t == timeType || slices.Contains(all, t) {
			return all
		}
		all = append(all, t)
		for field := range t.Fields() {
			all = structsIn(field.Type, all)
		}
	}
	return all
}

// zeroTested gives the structs that are left out where they are zero, and those in them.
func zeroTested(structs []reflect.Type) (all []reflect.Type) {
	for _, t := range structs {
		for field := range t.Fields() {
			if strings.Contains(field.Tag.Get("json"), ",omitzero") && field.Type.Kind() == reflect.Struct {
				all = structsByValue(field.Type, all)
			}
		}
	}
	return all
}

func structsByValue(t reflect.Type, all []reflect.Type) []reflect.Type {
	if t.Kind() != reflect.Struct || t == timeType || slices.Contains(all, t) {
		return all
	}
	all = append(all, t)
	for field := range t.Fields() {
		all = structsByValue(field.Type, all)
	}
	return all
}
