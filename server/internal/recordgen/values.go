package main

import (
	"fmt"
	"reflect"
	"strings"
)

// scalars are the expressions that append values without parts to b and that read them, of one type for each kind.
var scalars = map[reflect.Kind]struct{ of, append, read string }{
	reflect.String:  {"string", "jsonbytes.AppendString(b, %s)", "r.String()"},
	reflect.Bool:    {"bool", "strconv.AppendBool(b, %s)", "r.Bool()"},
	reflect.Int:     {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(64)"},
	reflect.Int32:   {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(32)"},
	reflect.Int64:   {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(64)"},
	reflect.Float64: {"float64", "jsonbytes.AppendFloat(b, %s, err)", "r.Float()"},
}

// as converts an expression from a type to another.
func as(to, from, expression string) string {
	if to == from {
		return expression
	}
	return to + "(" + expression + ")"
}

// address gives the expression for the address of a variable.
func address(v string) string {
	if pointer, ok := strings.CutPrefix(v, "*"); ok {
		return pointer
	}
	return "&" + v
}

// isStruct tells whether a type has functions of its own.
func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != timeType }

// write gives the statements that append a value of a type; there where it is not nil.
func write(v string, t reflect.Type, there bool) (string, error) {
	text, err := "", check(t)
	if err != nil {
		return "", err
	}
	switch t.Kind() {
	default:
		return writePart(v, t)
	case reflect.Array:
		text, err = writeElements(v, t)
		return "{\n" + text + "}\n", err
	case reflect.Slice:
		text, err = writeElements(v, t)
	case reflect.Map:
		text, err = writeMap(v, t)
	case reflect.Pointer:
		text, err = writePart("*"+v, t.Elem())
	}
	if !there {
		text = fmt.Sprintf("if %s == nil {\nb = append(b, `null`...)\n} else {\n%s}\n", v, text)
	}
	return text, err
}

// writePart gives the statements that append a value that is a struct or has no parts.
func writePart(v string, t reflect.Type) (string, error) {
	scalar, ok := scalars[t.Kind()]
	switch {
	case t == timeType:
		return "b = jsonbytes.AppendTime(b, " + v + ", err)\n", nil
	case check(t) != nil:
		return "", check(t)
	case isStruct(t):
		return fmt.Sprintf("b = write%s(b, %s, err)\n", nameOf(t), address(v)), nil
	case !ok:
		return "", fmt.Errorf("%s is not known here", t)
	}
	return fmt.Sprintf("b = "+scalar.append+"\n", as(scalar.of, t.String(), v)), nil
}

func writeElements(v string, t reflect.Type) (string, error) {
	element, err := writePart(v+"[i]", t.Elem())
	return fmt.Sprintf("begin := len(b)\nfor i := range %s {\nb = append(b, ',')\n%s}\nb = jsonbytes.End(b, begin, '[', ']')\n", v, element), err
}

func writeMap(v string, t reflect.Type) (string, error) {
	if t.Key() != reflect.TypeFor[string]() || isStruct(t.Elem()) {
		return "", fmt.Errorf("%s is not known here", t)
	}
	element, err := writePart(v+"[key]", t.Elem())
	return fmt.Sprintf("begin := len(b)\nvar keys [8]string // more are rare\nfor _, key := range jsonbytes.Keys(keys[:0], %s) {\n"+
		"b = append(jsonbytes.AppendString(append(b, ','), key), ':')\n%s}\nb = jsonbytes.End(b, begin, '{', '}')\n", v, element), err
}

// read gives the statements that read a value of a type that write knows into what is zero.
func read(v string, t reflect.Type) string {
	switch t.Kind() {
	default:
		if isStruct(t) {
			return fmt.Sprintf("read%s(r, &%s)\n", nameOf(t), v)
		}
		return fmt.Sprintf("%s = %s\n", v, readScalar(t))
	case reflect.Pointer:
		if isStruct(t.Elem()) {
			return fmt.Sprintf("%s = new(%s)\nread%s(r, %[1]s)\n", v, t.Elem(), nameOf(t.Elem()))
		}
		return fmt.Sprintf("%s = new(%s)\n", v, readScalar(t.Elem()))
	case reflect.Slice:
		element := fmt.Sprintf("%s = append(%[1]s, %s)\n", v, readScalar(t.Elem()))
		if isStruct(t.Elem()) {
			element = fmt.Sprintf("%s = append(%[1]s, %s{})\nread%s(r, &%[1]s[len(%[1]s)-1])\n", v, t.Elem(), nameOf(t.Elem()))
		}
		return fmt.Sprintf("if r.Array() {\n%s = %s{}\nfor r.Next() {\n%s}\n}\n", v, t, element)
	case reflect.Array:
		return fmt.Sprintf("if r.Array() {\nfor i := range %s {\nif r.Next() {\n%s} else {\nr.Fail()\n}\n}\nif r.Next() {\nr.Fail()\n}\n}\n",
			v, read(v+"[i]", t.Elem()))
	case reflect.Map:
		return fmt.Sprintf("if r.Map() {\n%s = %s{}\nfor key, ok := r.Key(); ok; key, ok = r.Key() {\n%[1]s[key] = %[3]s\n}\n}\n",
			v, t, readScalar(t.Elem()))
	}
}

// readScalar gives the expression that reads a value without parts.
func readScalar(t reflect.Type) string {
	if t == timeType {
		return "r.Time()"
	}
	scalar := scalars[t.Kind()]
	return as(t.String(), scalar.of, scalar.read)
}
