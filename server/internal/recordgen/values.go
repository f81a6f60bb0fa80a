package main

import (
	"fmt"
	"go/types"
	"strings"
)

// scalars are the expressions that append values without parts to b and that read them, of one type for each kind.
var scalars = map[types.BasicKind]struct{ of, append, read string }{
	types.String:  {"string", "jsonbytes.AppendString(b, %s)", "r.String()"},
	types.Bool:    {"bool", "strconv.AppendBool(b, %s)", "r.Bool()"},
	types.Int:     {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(64)"},
	types.Int32:   {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(32)"},
	types.Int64:   {"int64", "strconv.AppendInt(b, %s, 10)", "r.Int(64)"},
	types.Float64: {"float64", "jsonbytes.AppendFloat(b, %s, err)", "r.Float()"},
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

// write gives the statements that append a value of a type; there where it is not nil.
func write(v string, t types.Type, there bool) (string, error) {
	statements, err := "", check(t)
	if err != nil {
		return "", err
	}
	switch u := t.Underlying().(type) {
	default:
		return writePart(v, t)
	case *types.Array:
		statements, err = writeElements(v, u.Elem())
		return "{\n" + statements + "}\n", err
	case *types.Slice:
		statements, err = writeElements(v, u.Elem())
	case *types.Map:
		statements, err = writeMap(v, u)
	case *types.Pointer:
		statements, err = writePart("*"+v, u.Elem())
	}
	if !there {
		statements = fmt.Sprintf("if %s == nil {\nb = append(b, `null`...)\n} else {\n%s}\n", v, statements)
	}
	return statements, err
}

// writePart gives the statements that append a value that is a struct or has no parts.
func writePart(v string, t types.Type) (string, error) {
	if isTime(t) {
		return "b = jsonbytes.AppendTime(b, " + v + ", err)\n", nil
	}
	if err := check(t); err != nil {
		return "", err
	}
	if isStruct(t) {
		return fmt.Sprintf("b = write%s(b, %s, err)\n", nameOf(t), address(v)), nil
	}
	if basic, ok := t.Underlying().(*types.Basic); ok && scalars[basic.Kind()].of != "" {
		scalar := scalars[basic.Kind()]
		return fmt.Sprintf("b = "+scalar.append+"\n", as(scalar.of, text(t), v)), nil
	}
	return "", fmt.Errorf("%s is not known here", text(t))
}

func writeElements(v string, of types.Type) (string, error) {
	element, err := writePart(v+"[i]", of)
	return fmt.Sprintf("begin := len(b)\nfor i := range %s {\nb = append(b, ',')\n%s}\nb = jsonbytes.Enclose(b, begin, '[', ']')\n", v, element), err
}

func writeMap(v string, t *types.Map) (string, error) {
	if text(t.Key()) != "string" || isStruct(t.Elem()) {
		return "", fmt.Errorf("%s is not known here", text(t))
	}
	element, err := writePart(v+"[key]", t.Elem())
	return fmt.Sprintf("begin := len(b)\nvar keys [8]string // more are rare\nfor _, key := range jsonbytes.Keys(keys[:0], %s) {\n"+
		"b = append(jsonbytes.AppendString(append(b, ','), key), ':')\n%s}\nb = jsonbytes.Enclose(b, begin, '{', '}')\n", v, element), err
}

// read gives the statements that read a value of a type that write knows into what is zero.
func read(v string, t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if isStruct(u.Elem()) {
			return fmt.Sprintf("%s = new(%s)\nread%s(r, %[1]s)\n", v, text(u.Elem()), nameOf(u.Elem()))
		}
		return fmt.Sprintf("%s = new(%s)\n", v, readScalar(u.Elem()))
	case *types.Slice:
		element := fmt.Sprintf("%s = append(%[1]s, %s)\n", v, readScalar(u.Elem()))
		if isStruct(u.Elem()) {
			element = fmt.Sprintf("%s = append(%[1]s, %s{})\nread%s(r, &%[1]s[len(%[1]s)-1])\n", v, text(u.Elem()), nameOf(u.Elem()))
		}
		return fmt.Sprintf("if r.Array() {\n%s = %s{}\nfor r.Next() {\n%s}\n}\n", v, text(t), element)
	case *types.Array:
		return fmt.Sprintf("if r.Array() {\nfor i := range %s {\nif r.Next() {\n%s} else {\nr.Fail()\n}\n}\nif r.Next() {\nr.Fail()\n}\n}\n",
			v, read(v+"[i]", u.Elem()))
	case *types.Map:
		return fmt.Sprintf("if r.Map() {\n%s = %s{}\nfor key, ok := r.Key(); ok; key, ok = r.Key() {\n%[1]s[key] = %[3]s\n}\n}\n",
			v, text(t), readScalar(u.Elem()))
	}
	if isStruct(t) {
		return fmt.Sprintf("read%s(r, &%s)\n", nameOf(t), v)
	}
	return fmt.Sprintf("%s = %s\n", v, readScalar(t))
}

// readScalar gives the expression that reads a value without parts; none for another.
func readScalar(t types.Type) string {
	if isTime(t) {
		return "r.Time()"
	}
	basic, ok := t.Underlying().(*types.Basic)
	if !ok {
		return ""
	}
	scalar := scalars[basic.Kind()]
	return as(text(t), scalar.of, scalar.read)
}
