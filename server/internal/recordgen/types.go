package main

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// load gives the types of these names, such as model.Cart. They are read from the source, of which the bodies of functions do not
// matter: a change of the contract can be generated before the rules follow it.
func load(names []string) ([]types.Type, error) {
	from := importer.ForCompiler(token.NewFileSet(), "source", nil)
	var all []types.Type
	for _, name := range names {
		folder, name, _ := strings.Cut(name, ".")
		p, err := from.Import(module + folders[folder])
		if err != nil {
			return nil, err
		}
		object := p.Scope().Lookup(name)
		if object == nil {
			return nil, fmt.Errorf("%s has no %s", p.Path(), name)
		}
		all = append(all, object.Type())
	}
	return all, nil
}

const module = "github.com/cartwright-dev/cartwright/"

// folders are where the packages are.
var folders = map[string]string{"model": "gen/model", "commerce": "server/commerce"}

// text gives a type as it is written in Go.
func text(t types.Type) string { return types.TypeString(t, (*types.Package).Name) }

// nameOf gives what functions for a struct are named by: its package and its name, such as ModelCart.
func nameOf(t types.Type) string {
	name := strings.Replace(text(t), ".", "", 1)
	return strings.ToUpper(name[:1]) + name[1:]
}

func isTime(t types.Type) bool { return text(t) == "time.Time" }

// isStruct tells whether a type has functions of its own.
func isStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok && !isTime(t)
}

// check fails for a type that has a JSON of its own.
func check(t types.Type) error {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || isTime(t) {
		return nil
	}
	if text(t) == "json.Number" {
		return fmt.Errorf("%s is not known here", text(t))
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	for _, name := range []string{"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "IsZero"} {
		if methods.Lookup(named.Obj().Pkg(), name) != nil {
			return fmt.Errorf("%s has %s, which is not known here", text(t), name)
		}
	}
	return nil
}

// structsIn adds the structs that a type is made of to some, itself first.
func structsIn(t types.Type, all []types.Type) []types.Type {
	t = types.Unalias(t)
	switch u := t.Underlying().(type) {
	case interface{ Elem() types.Type }: // a pointer, a slice, an array or a map
		return structsIn(u.Elem(), all)
	case *types.Struct:
		if isTime(t) || slices.Contains(all, t) {
			return all
		}
		all = append(all, t)
		for field := range u.Fields() {
			all = structsIn(field.Type(), all)
		}
	}
	return all
}

// zeroTested gives the structs that are left out where they are zero, and those in them.
func zeroTested(structs []types.Type) (all []types.Type) {
	for _, t := range structs {
		u := t.Underlying().(*types.Struct)
		for i := range u.NumFields() {
			if strings.Contains(u.Tag(i), ",omitzero") {
				all = structsByValue(u.Field(i).Type(), all)
			}
		}
	}
	return all
}

func structsByValue(t types.Type, all []types.Type) []types.Type {
	t = types.Unalias(t)
	if !isStruct(t) || slices.Contains(all, t) {
		return all
	}
	all = append(all, t)
	for field := range t.Underlying().(*types.Struct).Fields() {
		all = structsByValue(field.Type(), all)
	}
	return all
}
