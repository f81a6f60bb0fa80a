package main

import (
	"fmt"
	"go/types"
	"reflect"
	"regexp"
	"strings"
)

// member is a member of an object, as encoding/json has it of a field.
type member struct {
	*types.Var
	name                string // plain, so that it is written as it is
	omitEmpty, omitZero bool
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// membersOf gives the members of a struct in the order in which they are written.
func membersOf(t types.Type) ([]member, error) {
	u := t.Underlying().(*types.Struct)
	var all []member
	for i := range u.NumFields() {
		field := u.Field(i)
		m := member{Var: field, name: field.Name()}
		tag, options, _ := strings.Cut(reflect.StructTag(u.Tag(i)).Get("json"), ",")
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
				return nil, fmt.Errorf("%s.%s: the option %s is not known here", text(t), field.Name(), option)
			}
		}
		if field.Embedded() || !field.Exported() || !plainName.MatchString(m.name) || m.name == "-" {
			return nil, fmt.Errorf("%s.%s: embedded, hidden or of a name that is not plain", text(t), field.Name())
		}
		for _, other := range all {
			if strings.EqualFold(other.name, m.name) {
				return nil, fmt.Errorf("%s.%s: there is another %s", text(t), field.Name(), m.name)
			}
		}
		all = append(all, m)
	}
	return all, nil
}

// there gives the condition under which a member is written; empty for always.
func there(v string, m member) (string, error) {
	u := m.Type().Underlying()
	_, isArray := u.(*types.Array)
	pointer, isPointer := u.(*types.Pointer)
	switch {
	case m.omitZero && isTime(m.Type()):
		return "!" + v + ".IsZero()", nil
	case m.omitZero && isPointer && isTime(pointer.Elem()):
		return fmt.Sprintf("%s != nil && !%[1]s.IsZero()", v), nil
	case m.omitEmpty && (is[*types.Slice](u) || is[*types.Map](u)):
		return "len(" + v + ") > 0", nil
	case m.omitEmpty && isArray:
		return "", fmt.Errorf("an array that is left out where it is empty is not known here")
	case m.omitEmpty && !is[*types.Struct](u), m.omitZero:
		zero, err := isZero(v, m.Type())
		return not(zero), err
	}
	return "", nil
}

// is tells whether a type is of a kind.
func is[T types.Type](t types.Type) bool {
	_, ok := t.(T)
	return ok
}

// isZero gives the condition under which a value is zero, as reflect has it.
func isZero(v string, t types.Type) (string, error) {
	if isTime(t) {
		return v + " == (time.Time{})", nil
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if zero, ok := zeros[u.Kind()]; ok {
			return fmt.Sprintf(zero, v), nil
		}
	case *types.Pointer, *types.Slice, *types.Map:
		return v + " == nil", nil
	case *types.Array:
		if text(u.Elem()) == "string" {
			return fmt.Sprintf("%s == (%s{})", v, text(t)), nil
		}
	case *types.Struct:
		return fmt.Sprintf("isZero%s(&%s)", nameOf(t), v), nil
	}
	return "", fmt.Errorf("when a %s is zero is not known here", text(t))
}

var zeros = map[types.BasicKind]string{
	types.Bool: "!%s", types.String: `%s == ""`, types.Int: "%s == 0", types.Int32: "%s == 0", types.Int64: "%s == 0",
	types.Float64: "jsonbytes.IsZero(%s)",
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
