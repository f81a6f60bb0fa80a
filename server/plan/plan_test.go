package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/plan"
)

// formats take any value.
var formats = map[string]func(string) error{
	"uuid":      func(string) error { return nil },
	"date-time": func(string) error { return nil },
}

func schemaOf(t testing.TB, name string) *openapi3.Schema {
	t.Helper()
	contract, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Components.Schemas[name].Value
}

// sixLines is the documents' cart of six lines, without their comments.
func sixLines(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../../api/examples/createCart.six-lines.request.jsonc")
	if err != nil {
		t.Fatal(err)
	}
	for {
		before, rest, found := bytes.Cut(data, []byte("/*"))
		if !found {
			return data
		}
		_, after, _ := bytes.Cut(rest, []byte("*/"))
		data = append(bytes.Clone(before), after...)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	body := sixLines(t)
	var want, got model.Cart
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	p := plan.Compile(schemaOf(t, "Cart"), reflect.TypeFor[model.Cart](), plan.Rules{Formats: formats})
	if result := p.Read(body, &got); !result.Valid || !result.Canonical || result.Respelled {
		t.Errorf("the result is %+v", result)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it reads (-want +got):\n%s", diff)
	}
}

// What is doubtful is named by its outermost part, in the order of the body; what is not understood is named by nothing.
func TestDoubts(t *testing.T) {
	t.Parallel()
	cart := schemaOf(t, "Cart")
	p := plan.Compile(cart, reflect.TypeFor[model.Cart](), plan.Rules{Formats: formats, Tolerant: true})
	for name, tc := range map[string]struct {
		body      string
		doubts    []string
		canonical bool
	}{
		"two values":                 {`{"lineItems":[{"catalogItemId":"a","quantity":0,"billingCycle":"weekly"}]}`, []string{`0`, `"weekly"`}, true},
		"a line with something else": {`{"lineItems":[{"quantity":0,"billingCycle":"none"}]}`, []string{`{"quantity":0,"billingCycle":"none"}`}, true},
		"the whole":                  {` {} `, []string{`{}`}, true},
		"in another spelling":        {`{"LineItems":[]}`, []string{`[]`}, false},
		"with what is left out":      {`{"id":"x","lineItems":[]}`, []string{`[]`}, false},
		"other types": {
			`{"lineItems":[{"catalogItemId":7,"quantity":"1","billingCycle":true,"attestationAccepted":"yes"}]}`, []string{`7`, `"1"`, `true`, `"yes"`}, true,
		},
		"null, where a value must be": {`{"lineItems":[{"catalogItemId":"a","quantity":null,"billingCycle":"none"}]}`, nil, false},
		"an object for a word":        {`{"lineItems":[{"catalogItemId":"a","quantity":1,"billingCycle":{}}]}`, nil, false},
		"a name twice":                {`{"lineItems":[],"lineItems":[]}`, nil, false},
		"no JSON":                     {`{"lineItems":[}`, nil, false},
		"too deep":                    {strings.Repeat(`{"lineItems":[`, 40), nil, false},
	} {
		result := p.Read([]byte(tc.body), new(model.Cart))
		var doubts []string
		for _, d := range result.Doubts {
			doubts = append(doubts, tc.body[d.Begin:d.End])
		}
		if result.Valid || result.Canonical != tc.canonical || !slices.Equal(doubts, tc.doubts) {
			t.Errorf("%s: %+v, doubts %q", name, result, doubts)
		}
	}
	if p := plan.Compile(&openapi3.Schema{Not: cart.NewRef()}, nil, plan.Rules{}); p != nil || p.Check([]byte(`1`)) || p.Parameter("1") {
		t.Error("what is not understood has a plan")
	}
}

// BenchmarkRead reads the documents' six-line cart: validated, and by libraries that validate nothing.
func BenchmarkRead(b *testing.B) {
	body := sixLines(b)
	schema := schemaOf(b, "Cart")
	for _, way := range []struct {
		name string
		read func(into *model.Cart) bool
	}{
		{"plan", func() func(*model.Cart) bool {
			p := plan.Compile(schema, reflect.TypeFor[model.Cart](), plan.Rules{Formats: formats, Tolerant: true})
			return func(into *model.Cart) bool { return p.Read(body, into).Valid }
		}()},
		{"plan, checking only", func() func(*model.Cart) bool {
			p := plan.Compile(schema, nil, plan.Rules{Formats: formats, Tolerant: true})
			return func(*model.Cart) bool { return p.Check(body) }
		}()},
		{"encoding/json, unvalidated", func(into *model.Cart) bool { return json.Unmarshal(body, into) == nil }},
		{"json v2, unvalidated", func(into *model.Cart) bool { return jsonv2.Unmarshal(body, into) == nil }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !way.read(new(model.Cart)) {
					b.Fatal("it is not valid")
				}
			}
		})
	}
}
