package server_test

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/api"
	compiled "github.com/cartwright-dev/cartwright/gen/contract"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/servertest"
)

// The contract is a valid document, and its examples fit its schemas.
func TestContract(t *testing.T) {
	t.Parallel()
	if err := contract(t).Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
}

// The contracts that are compiled in as Go are what openapi3 reads in api/, to the last property.
func TestContract_AsRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		document []byte
		made     func() (*openapi3.T, error)
	}{"openapi.yaml": {api.OpenAPI, compiled.API}, "control.yaml": {api.Control, compiled.Control}} {
		want, err := openapi3.NewLoader().LoadFromData(tc.document)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tc.made(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is not as it is compiled in: run go generate ./... (%v)", name, err)
		}
	}
}

// Every operation is validated: a customer that is no GUID, or a country that is missing, is refused in the contract's way,
// which only validation does.
func TestContract_EveryOperationIsValidated(t *testing.T) {
	t.Parallel()
	stub := servertest.New(t)
	n := 0
	for path, item := range contract(t).Paths.Map() {
		for method, op := range item.Operations() {
			n++
			body := ""
			if op.RequestBody != nil {
				body = oneLine
			}
			a := send(t, stub, method, strings.NewReplacer("{", "", "}", "").Replace(path), body)
			code := 900118.0
			if !strings.Contains(path, "{customer_id}") {
				code = 800002
			}
			if a.status != http.StatusBadRequest || a.json(t)["code"] != code {
				t.Errorf("%s lets a bad request pass: %d\n%s", op.OperationID, a.status, a.body)
			}
		}
	}
	if n == 0 {
		t.Error("the contract has no operations")
	}
}

// The examples of the contract are those of api/examples; the requests among them in the contract's spelling.
func TestContract_Examples(t *testing.T) {
	t.Parallel()
	document := contract(t)
	for name, e := range document.Components.Examples {
		printed := []byte(example(t, name))
		if strings.HasSuffix(name, ".request") {
			operation, _, _ := strings.Cut(name, ".")
			canonical, err := server.CanonicalBody(document, operation, printed)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			printed = canonical
		}
		var want any
		if err := json.Unmarshal(printed, &want); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, roundTrip(t, e.Value.Value)); diff != "" {
			t.Errorf("%s: the contract differs from api/examples (-file +contract):\n%s", name, diff)
		}
	}
	files, err := os.ReadDir("../api/examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, _, _ := strings.Cut(f.Name(), ".json")
		if document.Components.Examples[name] == nil && !strings.Contains(name, "as-printed") {
			t.Errorf("the contract does not have the example %s", f.Name())
		}
	}
}

// Every property of a line item that a client may set comes back as it was sent, with no code for any of them. Those that
// the server sets or judges are listed here.
func TestContract_EveryPropertySurvives(t *testing.T) {
	t.Parallel()
	judged := map[string]any{ // what the catalogue lets pass
		"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H",
		"billingCycle":  "monthly",
		"termDuration":  "P1M",
		"currencyCode":  "USD",
		"quantity":      7,
		"addonItems":    []any{map[string]any{"id": 9, "catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0N81H", "billingCycle": "monthly", "termDuration": "P1M", "quantity": 1}},
	}
	line := map[string]any{}
	for name, p := range contract(t).Components.Schemas["CartLineItem"].Value.Properties {
		switch {
		case p.Value.ReadOnly:
		case judged[name] != nil:
			line[name] = judged[name]
		default:
			line[name] = sample(p.Value)
		}
	}
	stub := servertest.New(t)
	cart := created(t, stub, marshal(t, map[string]any{"lineItems": []any{line}}))
	got := at(t, send(t, stub, "GET", cart, "").json(t), "lineItems", 0).(map[string]any)
	for name, want := range roundTrip(t, line).(map[string]any) {
		if name == "addonItems" { // the server adds to it as to any line
			want, got[name] = at(t, want, 0, "id"), at(t, got[name], 0, "id")
		}
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s did not survive (-sent +stored):\n%s", name, diff)
		}
	}
}

// sample makes a value that a schema takes; a zero where it can, since a zero is a value.
func sample(s *openapi3.Schema) any {
	switch {
	case len(s.AllOf) > 0:
		return sample(s.AllOf[0].Value)
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date-time":
		return "2022-02-19T00:00:00Z"
	case s.Type.Is("boolean"):
		return false
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 0
	case s.Type.Is("array"):
		return []any{sample(s.Items.Value)}
	case s.Type.Is("object"):
		object := map[string]any{}
		for name, p := range s.Properties {
			object[name] = sample(p.Value)
		}
		if values := s.AdditionalProperties.Schema; values != nil {
			object["any"] = sample(values.Value)
		}
		return object
	}
	return "1"
}

func roundTrip(t *testing.T, v any) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(marshal(t, v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
