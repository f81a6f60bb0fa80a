package main

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// generator writes values as expressions of Go.
type generator struct {
	prefix    string
	functions bytes.Buffer // that make parts: the compiler is slow with long expressions
	count     int
}

// longest is how many bytes an expression may have before it becomes a function.
const longest = 2000

func (g *generator) value(v reflect.Value) (string, error) {
	switch v.Kind() {
	case reflect.Interface:
		return g.value(v.Elem())
	case reflect.Pointer:
		return g.pointer(v)
	case reflect.Struct:
		return g.structure(v)
	case reflect.Map:
		return g.mapping(v)
	case reflect.Slice:
		items, err := g.items(v)
		return v.Type().String() + "{" + items + "}", err
	case reflect.String:
		return strconv.Quote(v.String()), nil
	case reflect.Bool, reflect.Float64, reflect.Uint64:
		return fmt.Sprintf("%s(%v)", v.Type(), v), nil
	}
	return "", fmt.Errorf("%v is of a type that is not known here, %s", v, v.Type())
}

func (g *generator) pointer(v reflect.Value) (string, error) {
	switch p := v.Interface().(type) {
	case *openapi3.Responses:
		return g.call("responses", p.Map(), p.Extensions)
	case *openapi3.Paths:
		return g.call("paths", p.Map(), p.Extensions)
	}
	text, err := g.value(v.Elem())
	switch v.Elem().Kind() {
	case reflect.Struct, reflect.Slice:
		return g.short("&"+text, v.Type()), err
	}
	return "new(" + text + ")", err
}

// call writes the call of a function for what has a map that is not exported.
func (g *generator) call(function string, all any, extensions map[string]any) (string, error) {
	if len(extensions) > 0 {
		return "", fmt.Errorf("extensions of %s are not known here", function)
	}
	text, err := g.value(reflect.ValueOf(all))
	return function + "(" + text + ")", err
}

// structure writes the members that are set; of a reference, not what it refers to.
func (g *generator) structure(v reflect.Value) (string, error) {
	ref := v.FieldByName("Ref")
	refers := ref.IsValid() && !ref.IsZero()
	var set []string
	for field, member := range v.Fields() {
		switch {
		case member.IsZero(), field.Name == "refPath", refers && field.Name == "Value":
			continue
		case !field.IsExported():
			return "", fmt.Errorf("%s.%s is set, and can't be by others", v.Type(), field.Name)
		}
		text, err := g.value(member)
		if err != nil {
			return "", err
		}
		set = append(set, field.Name+": "+text)
	}
	return v.Type().String() + "{" + strings.Join(set, ", ") + "}", nil
}

func (g *generator) mapping(v reflect.Value) (string, error) {
	byName := make(map[string]reflect.Value, v.Len())
	for key, value := range v.Seq2() {
		byName[key.String()] = value
	}
	var set []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		text, err := g.value(byName[name])
		if err != nil {
			return "", err
		}
		set = append(set, strconv.Quote(name)+": "+text)
	}
	return g.short(v.Type().String()+"{"+strings.Join(set, ",\n")+"}", v.Type()), nil
}

func (g *generator) items(v reflect.Value) (string, error) {
	var all []string
	for _, item := range v.Seq2() {
		text, err := g.value(item)
		if err != nil {
			return "", err
		}
		all = append(all, text)
	}
	return strings.Join(all, ", "), nil
}

// short gives an expression, or the call of a function for it where it is long.
func (g *generator) short(text string, t reflect.Type) string {
	if len(text) <= longest {
		return text
	}
	g.count++
	name := g.prefix + strconv.Itoa(g.count)
	fmt.Fprintf(&g.functions, "\nfunc %s() %s {\nreturn %s\n}\n", name, t, text)
	return name + "()"
}
