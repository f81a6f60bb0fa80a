package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// appendAny writes the function that appends a value of any type.
func appendAny(out *bytes.Buffer, types []reflect.Type) {
	out.WriteString("\n// Append appends a value as encoding/json writes it: what is no pointer to one of these types, with its help.\n")
	out.WriteString("func Append(b []byte, v any) ([]byte, error) {\nswitch v := v.(type) {\n")
	for _, t := range types {
		fmt.Fprintf(out, "case *%s:\nreturn Append%s(b, v)\n", t, t.Name())
	}
	out.WriteString("}\nencoded, err := json.Marshal(v)\nreturn append(b, encoded...), err\n}\n")
}

// appender writes the function that appends a value of a type.
func appender(out *bytes.Buffer, t reflect.Type) {
	fmt.Fprintf(out, "\n// Append%s appends a value as encoding/json writes it.\n", t.Name())
	fmt.Fprintf(out, "func Append%s(b []byte, v *%s) ([]byte, error) {\n", t.Name(), t)
	fmt.Fprintf(out, "var err error\nb = write%s(b, v, &err)\nreturn b, err\n}\n", nameOf(t))
}

// writer writes the function that writes a struct.
func writer(out *bytes.Buffer, t reflect.Type, members []member) error {
	fmt.Fprintf(out, "\nfunc write%s(b []byte, v *%s, err *error) []byte {\nbegin := len(b)\n", nameOf(t), t)
	for _, m := range members {
		condition, err := there("v."+m.Name, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		value, err := written("v."+m.Name, m.Type, condition != "", 0)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		text := fmt.Sprintf("b = append(b, `,%q:`...)\n%s", m.name, value)
		if condition != "" {
			text = fmt.Sprintf("if %s {\n%s}\n", condition, text)
		}
		out.WriteString(text)
	}
	out.WriteString("return jsonbytes.End(b, begin, '{', '}')\n}\n")
	return nil
}

// zeroTest writes the function that tells whether a struct is zero.
func zeroTest(out *bytes.Buffer, t reflect.Type, members []member) error {
	var conditions []string
	for _, m := range members {
		condition, err := isZero("v."+m.Name, m.Type)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		conditions = append(conditions, condition)
	}
	fmt.Fprintf(out, "\nfunc isZero%s(v *%s) bool {\nreturn %s\n}\n", nameOf(t), t, strings.Join(conditions, " &&\n"))
	return nil
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
