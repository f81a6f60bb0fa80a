package main

import (
	"fmt"
	"reflect"
	"strings"
)

// scalars are the expressions that append values that have no parts, of one type for each kind.
var scalars = map[reflect.Kind]struct{ append, of string }{
	reflect.String:  {"jsonbytes.AppendString(b, %s)", "string"},
	reflect.Bool:    {"strconv.AppendBool(b, %s)", "bool"},
	reflect.Int:     {"strconv.AppendInt(b, %s, 10)", "int64"},
	reflect.Int32:   {"strconv.AppendInt(b, %s, 10)", "int64"},
	reflect.Int64:   {"strconv.AppendInt(b, %s, 10)", "int64"},
	reflect.Float64: {"jsonbytes.AppendFloat(b, %s, err)", "float64"},
}

// as converts an expression from a type to another.
func as(to, from, expression string) string {
	if to == from {
		return expression
	}
	return to + "(" + expression + ")"
}

// written gives the statements that write a value of a type; sure where it is not nil. Structs are left to functions, which
// need names for others that are open.
func written(v string, t reflect.Type, sure bool, depth int) (string, error) {
	if err := check(t); err != nil {
		return "", err
	}
	text, err := "", error(nil)
	switch kind := t.Kind(); {
	case t == timeType:
		return fmt.Sprintf("b = jsonbytes.AppendTime(b, %s, err)\n", v), nil
	case kind == reflect.Struct:
		return fmt.Sprintf("b = write%s(b, &%s, err)\n", nameOf(t), v), nil
	case kind == reflect.Array:
		return writtenElements(v, t, depth)
	case kind == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		text, err = writtenElements(v, t, depth)
	case kind == reflect.Map && t.Key() == reflect.TypeFor[string]():
		text, err = writtenMap(v, t, depth)
	case kind == reflect.Pointer && t.Elem().Kind() == reflect.Struct && t.Elem() != timeType:
		text = fmt.Sprintf("b = write%s(b, %s, err)\n", nameOf(t.Elem()), v)
	case kind == reflect.Pointer:
		text, err = written("*"+v, t.Elem(), false, depth)
	default:
		scalar, ok := scalars[kind]
		if !ok {
			return "", fmt.Errorf("%s is not known here", t)
		}
		return fmt.Sprintf("b = "+scalar.append+"\n", as(scalar.of, t.String(), v)), nil
	}
	if !sure {
		text = fmt.Sprintf("if %s == nil {\nb = append(b, `null`...)\n} else {\n%s}\n", v, text)
	}
	return text, err
}

func writtenElements(v string, t reflect.Type, depth int) (string, error) {
	begin, i := fmt.Sprint("begin", depth), fmt.Sprint("i", depth)
	element, err := written(v+"["+i+"]", t.Elem(), false, depth+1)
	return fmt.Sprintf("%s := len(b)\nfor %s := range %s {\nb = append(b, ',')\n%s}\nb = jsonbytes.End(b, %[1]s, '[', ']')\n", begin, i, v, element), err
}

func writtenMap(v string, t reflect.Type, depth int) (string, error) {
	begin, keys, key := fmt.Sprint("begin", depth), fmt.Sprint("keys", depth), fmt.Sprint("key", depth)
	if t.Elem().Kind() == reflect.Struct && t.Elem() != timeType {
		return "", fmt.Errorf("%s is not known here: its values have no addresses", t)
	}
	element, err := written(v+"["+key+"]", t.Elem(), false, depth+1)
	return fmt.Sprintf("var %s [8]string\n%s := len(b)\nfor _, %s := range jsonbytes.Keys(%[1]s[:0], %[4]s) {\n"+
		"b = append(jsonbytes.AppendString(append(b, ','), %[3]s), ':')\n%[5]s}\nb = jsonbytes.End(b, %[2]s, '{', '}')\n", keys, begin, key, v, element), err
}

// there gives the condition under which a member is written; empty for always.
func there(v string, m member) (string, error) {
	kind := m.Type.Kind()
	switch {
	case m.omitZero && m.Type == timeType:
		return "!" + v + ".IsZero()", nil
	case m.omitZero && kind == reflect.Pointer && m.Type.Elem() == timeType:
		return fmt.Sprintf("%s != nil && !%[1]s.IsZero()", v), nil
	case m.omitEmpty && (kind == reflect.Slice || kind == reflect.Map):
		return "len(" + v + ") > 0", nil
	case m.omitEmpty && kind == reflect.Array:
		return "", fmt.Errorf("an array that is left out where it is empty is not known here")
	case m.omitEmpty && kind != reflect.Struct, m.omitZero:
		zero, err := isZero(v, m.Type)
		return not(zero), err
	}
	return "", nil
}

// isZero gives the condition under which a value is zero, as reflect has it.
func isZero(v string, t reflect.Type) (string, error) {
	switch kind := t.Kind(); {
	case kind == reflect.Bool:
		return "!" + v, nil
	case kind == reflect.String:
		return v + ` == ""`, nil
	case kind == reflect.Float64:
		return "jsonbytes.IsZero(" + v + ")", nil
	case kind == reflect.Pointer, kind == reflect.Slice, kind == reflect.Map:
		return v + " == nil", nil
	case t == timeType, kind == reflect.Array && t.Elem().Kind() == reflect.String:
		return fmt.Sprintf("%s == (%s{})", v, t), nil
	case kind == reflect.Struct:
		return fmt.Sprintf("isZero%s(&%s)", nameOf(t), v), nil
	case scalars[kind].of == "int64":
		return v + " == 0", nil
	}
	return "", fmt.Errorf("when a %s is zero is not known here", t)
}

// not gives the opposite of a condition that isZero gives.
func not(condition string) string {
	if strings.Contains(condition, " == ") {
		return strings.Replace(condition, " == ", " != ", 1)
	}
	if opposite, ok := strings.CutPrefix(condition, "!"); ok {
		return opposite
	}
	return "!" + condition
}
