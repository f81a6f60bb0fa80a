package docs_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/docs"
)

func get(t *testing.T, handler http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// The contracts are served as they are, in YAML byte for byte, and in JSON with the same meaning.
func TestContracts(t *testing.T) {
	t.Parallel()
	for below, tc := range map[string]struct {
		make     func() (http.Handler, error)
		contract []byte
	}{"": {docs.API, api.OpenAPI}, docs.ControlPath: {docs.Control, api.Control}} {
		handler, err := tc.make()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/docs", "/openapi.yaml", "/openapi.json", "/docs/swagger-ui-bundle.js", "/docs/page.css", "/docs/contract.json"} {
			if w := get(t, handler, below+path); w.Code != http.StatusOK || !docs.Serves(below, below+path) {
				t.Errorf("%s answers %d", below+path, w.Code)
			}
		}
		if w := get(t, handler, below+"/openapi.yaml"); !bytes.Equal(w.Body.Bytes(), tc.contract) {
			t.Errorf("%s/openapi.yaml is not the contract", below)
		}
		want, err := openapi3.NewLoader().LoadFromData(tc.contract)
		if err != nil {
			t.Fatal(err)
		}
		got, err := openapi3.NewLoader().LoadFromData(get(t, handler, below+"/openapi.json").Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(t, got), encoded(t, want)) {
			t.Errorf("%s/openapi.json says something else than the contract", below)
		}
		for _, path := range []string{"/", "/v1/docs", "/docs2", "/docs/a/b", "/openapi.yml"} {
			if docs.Serves(below, below+path) {
				t.Errorf("%s is taken away from others", below+path)
			}
		}
	}
}

func encoded(t *testing.T, document *openapi3.T) []byte {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The copy that is tried is a contract too. It names no server but this one, and everything that reads the catalogue or
// works on a cart succeeds with what is filled in.
func TestTrying(t *testing.T) {
	t.Parallel()
	handler, err := docs.API()
	if err != nil {
		t.Fatal(err)
	}
	body := get(t, handler, "/docs/contract.json").Body.Bytes()
	contract, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if len(contract.Servers) != 1 || contract.Servers[0].URL != "/v1" || bytes.Contains(body, []byte("api.partnercenter.microsoft.com/v1")) {
		t.Errorf("the servers are %+v", contract.Servers[0])
	}
	stub, err := server.New(server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := stub.AddExamples(t.Context()); err != nil {
		t.Fatal(err)
	}
	later := []string{"/orders/", "/subscriptions/"} // what an order or a subscription must be there for
	tried := 0
	for path, item := range contract.Paths.Map() {
		for method, op := range item.Operations() {
			if strings.Contains(path, later[0]) || strings.Contains(path, later[1]) {
				continue
			}
			r := filledIn(t, method, path, item, op)
			w := httptest.NewRecorder()
			stub.ServeHTTP(w, r)
			if w.Code >= 300 {
				t.Errorf("%s: %s %s answers %d\n%s", op.OperationID, r.Method, r.URL, w.Code, w.Body)
			}
			tried++
		}
	}
	if tried < 15 {
		t.Errorf("only %d operations were tried", tried)
	}
}

// filledIn is the request that the page sends when nobody changes anything.
func filledIn(t *testing.T, method, path string, item *openapi3.PathItem, op *openapi3.Operation) *http.Request {
	t.Helper()
	query := ""
	for _, parameters := range []openapi3.Parameters{op.Parameters, item.Parameters} {
		for _, p := range parameters {
			example, _ := p.Value.Example.(string)
			switch p.Value.In {
			case "path":
				path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", example)
			case "query":
				if example != "" {
					query += "&" + p.Value.Name + "=" + example
				}
			case "header":
				if example != "" {
					t.Errorf("%s: the header %s is filled in", op.OperationID, p.Value.Name)
				}
			}
		}
	}
	var body bytes.Buffer
	if op.RequestBody != nil {
		for _, example := range op.RequestBody.Value.Content.Get("application/json").Examples {
			body.Reset()
			if err := json.NewEncoder(&body).Encode(example.Value.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "/v1"+path+"?"+strings.TrimPrefix(query, "&"), &body)
	r.Header.Set("Authorization", "Bearer any")
	if op.RequestBody != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}
