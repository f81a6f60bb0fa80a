package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/servertest"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// answer is what came back for a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// json reads the body.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("status %d, body is no JSON object: %v\n%s", a.status, err, a.body)
	}
	return v
}

// send sends a request below /v1 as a program without our client would. Headers are "Name: value"; one without a value is
// taken away from those that every request has.
func send(t *testing.T, stub *servertest.Stub, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, stub.URL+"/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer any")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Del(name)
		if value != "" {
			r.Header.Add(name, value)
		}
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) answer {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, body}
}

// example reads a body of api/examples as it is printed.
func example(t testing.TB, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "api", "examples", name+".json*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("example %s: %v, %v", name, files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func exampleJSON(t *testing.T, name string) map[string]any {
	t.Helper()
	return answer{body: []byte(example(t, name))}.json(t)
}

// created creates a cart and gives its path below /v1.
func created(t *testing.T, stub *servertest.Stub, body string) string {
	t.Helper()
	a := send(t, stub, "POST", "/customers/"+customer+"/carts", body)
	if a.status != http.StatusCreated {
		t.Fatalf("create cart: %d\n%s", a.status, a.body)
	}
	return "/customers/" + customer + "/carts/" + a.json(t)["id"].(string)
}

// oneLine is a cart of one licence.
const oneLine = `{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0N81H","quantity":1,"billingCycle":"monthly","termDuration":"P1M"}]}`

// at walks into a JSON value by names and positions.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
