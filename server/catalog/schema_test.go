package catalog_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/server/catalog"
)

const schemaFile = "catalog.schema.json"

// schema compiles the schema of catalogue files.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(readFile(t, schemaFile)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate validates a document in YAML, of which JSON is a part, against the schema.
func validate(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	untimed(&root)
	var v any
	if err := root.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// untimed makes strings of dates without quotes, which in JSON are none of their own.
func untimed(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, child := range n.Content {
		untimed(child)
	}
}

func TestSchema_Accepts(t *testing.T) {
	t.Parallel()
	s := schema(t)
	if err := validate(t, s, readFile(t, "builtin.yaml")); err != nil {
		t.Errorf("builtin.yaml: %v", err)
	}
	if err := validate(t, s, []byte(file)); err != nil {
		t.Errorf("the file that the refused ones are made from: %v", err)
	}
	sample, err := jsonschema.UnmarshalJSON(bytes.NewReader(readFile(t, filepath.Join("testdata", "sample.json"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(sample); err != nil {
		t.Errorf("sample.json: %v", err)
	}
}

// The schema refuses what the reader refuses, as far as a schema can say it.
func TestSchema_Refuses(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, row := range refused {
		if !row.schema {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if validate(t, s, []byte(change(t, row.old, row.new))) == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}

// The reader and the schema know the same keys, in each sort of object.
func TestSchema_Keys(t *testing.T) {
	t.Parallel()
	var doc struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(readFile(t, schemaFile), &doc); err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`unknown key "colour", the keys here are (.*)$`)
	for object, text := range map[string]string{
		"":             "{colour: red}",
		"market":       "{market: {colour: red}}",
		"product":      "{products: [{id: P, colour: red}]}",
		"sku":          "{products: [{id: P, skus: [{id: S, colour: red}]}]}",
		"availability": "{market: {country: US, currency: USD}, products: [{id: P, skus: [{id: S, availabilities: [{colour: red}]}]}]}",
		"term": "{market: {country: US, currency: USD}, products: [{id: P, skus: [{id: S, availabilities: " +
			"[{terms: [{colour: red}]}]}]}]}",
		"price": "{market: {country: US, currency: USD}, products: [{id: P, skus: [{id: S, availabilities: " +
			"[{terms: [{prices: [{colour: red}]}]}]}]}]}",
		"promotion": "{promotions: [{colour: red}]}",
	} {
		properties := doc.Properties
		if object != "" {
			properties = doc.Defs[object].Properties
		}
		_, _, err := catalog.Read("a.yaml", strings.NewReader(text))
		if err == nil || known.FindStringSubmatch(err.Error()) == nil {
			t.Errorf("%s: the reader gave %v, want the keys that it knows", object, err)
			continue
		}
		keys := strings.Split(known.FindStringSubmatch(err.Error())[1], ", ")
		slices.Sort(keys)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), keys); diff != "" {
			t.Errorf("keys of %q (-schema +reader):\n%s", object, diff)
		}
	}
}

// The reader and the schema know the same words.
func TestSchema_Words(t *testing.T) {
	t.Parallel()
	var doc struct {
		Defs map[string]struct {
			Enum       []string
			Properties map[string]struct {
				Enum  []string
				Items struct{ Enum []string }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(readFile(t, schemaFile), &doc); err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`"toast" is none of (.*)$`)
	for what, row := range map[string]struct {
		enum []string
		text string
	}{
		"segment":  {doc.Defs["market"].Properties["segment"].Enum, "market: {segment: toast}"},
		"kind":     {doc.Defs["product"].Properties["kind"].Enum, "products: [{id: P, kind: toast}]"},
		"behavior": {doc.Defs["sku"].Properties["behavior"].Enum, "products: [{id: P, skus: [{id: S, behavior: toast}]}]"},
		"variable": {
			doc.Defs["sku"].Properties["provisioningVariables"].Items.Enum,
			"products: [{id: P, skus: [{id: S, provisioningVariables: [toast]}]}]",
		},
		"cycle":    {doc.Defs["billingCycle"].Enum, "promotions: [{billingCycle: toast}]"},
		"duration": {doc.Defs["duration"].Enum, "promotions: [{duration: toast}]"},
	} {
		_, _, err := catalog.Read("a.yaml", strings.NewReader(row.text))
		if err == nil || known.FindStringSubmatch(err.Error()) == nil {
			t.Errorf("%s: the reader gave %v, want the words that it knows", what, err)
			continue
		}
		if words := strings.Split(known.FindStringSubmatch(err.Error())[1], ", "); !slices.Equal(words, row.enum) {
			t.Errorf("%s: the reader knows %q, the schema %q", what, words, row.enum)
		}
	}
}
