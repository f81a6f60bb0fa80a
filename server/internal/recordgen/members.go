package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// member is a member of an object, as encoding/json has it of a field.
type member struct {
	reflect.StructField
	name                string // plain, so that it is written as it is
	omitEmpty, omitZero bool
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
