package main

import (
	"encoding/json"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/gen/recordjson"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

func TestMain(m *testing.M) {
	build.Default.CgoEnabled = false // as main has it
	m.Run()
}

// roots are the types that are written, and those that are read too, as the program has them.
var (
	storedTypes = []reflect.Type{reflect.TypeFor[commerce.CartRecord](), reflect.TypeFor[commerce.OrderRecord]()}
	roots       = append([]reflect.Type{
		reflect.TypeFor[model.Cart](), reflect.TypeFor[model.CartCheckoutResult](), reflect.TypeFor[model.NewOrder](), reflect.TypeFor[model.Order](),
		reflect.TypeFor[model.OrderUpdate](), reflect.TypeFor[model.Subscription](), reflect.TypeFor[model.SubscriptionUpdate](),
	}, storedTypes...)
)

// The types of these tests are all that are generated.
func TestRoots(t *testing.T) {
	t.Parallel()
	var names []string
	for _, root := range roots {
		names = append(names, root.String())
	}
	if !slices.Equal(names, written) {
		t.Errorf("tests have %q, generated are %q", names, written)
	}
}

// Values are written as encoding/json writes them, to the byte.
func TestAppend_AsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, root := range roots {
		t.Run(root.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(3000) {
				value := reflect.New(root)
				fill(rand.New(rand.NewPCG(seed, 0)), value.Elem())
				want, err := json.Marshal(value.Interface())
				if err != nil {
					t.Fatal(err)
				}
				got, err := recordjson.Append([]byte("before "), value.Interface())
				if err != nil || string(got) != "before "+string(want) {
					t.Fatalf("seed %d: %v, Append wrote\n%s\nwant\n%s", seed, err, got, want)
				}
			}
		})
	}
}

// Other values are left to encoding/json.
func TestAppend_Others(t *testing.T) {
	t.Parallel()
	for _, value := range []any{nil, (*model.Cart)(nil), model.Cart{}, new(""), map[string]int{"b": 1, "a": 2}} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := recordjson.Append(nil, value); err != nil || string(got) != string(want) {
			t.Errorf("Append wrote %s, %v for %#v, want %s", got, err, value, want)
		}
	}
}

// What has no JSON is an error, here as there.
func TestAppend_Refuses(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		&model.Order{TotalPrice: new(math.NaN())},
		&model.Order{LineItems: []model.OrderLineItem{{Pricing: &model.Pricing{Price: math.Inf(1)}}}},
		&model.Order{CreationDate: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		&commerce.OrderRecord{Provisioning: []commerce.Provisioning{{ReadyAt: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}}},
		func() {},
	} {
		if _, err := json.Marshal(value); err == nil {
			t.Errorf("encoding/json writes %v", value)
		}
		if out, err := recordjson.Append(nil, value); err == nil {
			t.Errorf("Append wrote %s and gave no error", out)
		}
	}
}

// What the generator does not know it refuses, instead of writing something else for it.
func TestGenerate_Refuses(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	from := importer.ForCompiler(files, "source", nil)
	for declared, want := range map[string]string{
		"struct{ a int }":                         "hidden",
		"struct{ time.Month }":                    "embedded",
		"struct{ A int `json:\"a,string\"` }":     "the option string is not known",
		"struct{ A int `json:\"<a>\"` }":          "a name that is not plain",
		"struct{ A int `json:\"-\"` }":            "a name that is not plain",
		"struct{ A, B int `json:\"a\"` }":         "there is another a",
		"struct{ A, a int }":                      "hidden",
		"struct{ A int; B int `json:\"a\"` }":     "there is another a",
		"struct{ A [2]int `json:\",omitempty\"`}": "left out where it is empty",
		"struct{ A [2]int `json:\",omitzero\"` }": "when a [2]int is zero",
		"struct{ A any }":                         "any is not known",
		"struct{ A []byte }":                      "byte is not known",
		"struct{ A uint8 }":                       "uint8 is not known",
		"struct{ A **string }":                    "*string is not known",
		"struct{ A [][]string }":                  "[]string is not known",
		"struct{ A map[int]string }":              "map[int]string is not known",
		"struct{ A map[string]T }":                "map[string]p.T is not known",
		"struct{ A json.RawMessage }":             "json.RawMessage has MarshalJSON",
		"struct{ A []*json.Number }":              "*json.Number is not known",
		"struct{ A json.Number }":                 "json.Number is not known",
		"struct{ A *M }":                          "p.M has MarshalText",
		"struct{ A Z `json:\",omitzero\"` }":      "p.Z has IsZero",
	} {
		if code, err := generate([]types.Type{typeOf(t, files, from, declared)}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: generate gave %v and\n%s\nwant %q", declared, err, code, want)
		}
	}
}

// typeOf gives a type as it is declared, named T, beside some that have methods.
func typeOf(t *testing.T, files *token.FileSet, from types.Importer, declared string) types.Type {
	t.Helper()
	file, err := parser.ParseFile(files, "p.go", `package p

import ("encoding/json"; "time")

type T `+declared+`
type M string
func (*M) MarshalText() ([]byte, error) { return nil, nil }
type Z struct{}
func (Z) IsZero() bool { return false }
var _, _ = json.Number(""), time.Now
`, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{Importer: from}).Check("p", files, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.Scope().Lookup("T").Type()
}

// A name that the packages do not have is an error.
func TestLoad_Refuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"model.Nothing", "nothing.Cart"} {
		if all, err := load([]string{name}); err == nil {
			t.Errorf("load gave %v for %s", all, name)
		}
	}
}
