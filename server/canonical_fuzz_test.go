package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// FuzzCanonicalBody brings any bytes into the canonical form of each body that the contract has. The form is JSON, and its
// own canonical form; what has none is refused for what stands at a place in it.
func FuzzCanonicalBody(f *testing.F) {
	contract, err := loadContract()
	if err != nil {
		f.Fatal(err)
	}
	bodies := map[folding]map[string]*shape{{tolerant: true}: {}, {tolerant: false}: {}}
	for fold, shapes := range bodies {
		compile := newShapes(fold)
		for _, op := range operationsOf(contract) {
			if schema := op.bodySchema(); schema != nil {
				shapes[op.OperationID] = compile.of(schema)
			}
		}
	}
	examples, err := filepath.Glob(filepath.Join("..", "api", "examples", "*.json*"))
	if err != nil || len(examples) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, path := range examples {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(bytes.TrimSpace(body)) == 0 {
			return // such a body is refused before
		}
		for fold, shapes := range bodies {
			for operation, s := range shapes {
				if err := checkCanonical(body, s, fold); err != "" {
					t.Fatalf("%s, tolerant %v: %s", operation, fold.tolerant, err)
				}
			}
		}
	})
}

// checkCanonical tells what is wrong with the canonical form of a body.
func checkCanonical(body []byte, s *shape, f folding) string {
	first, _, err := canonicalBody(body, s, f)
	if err != nil {
		return checkRefusal(err)
	}
	if !json.Valid(first) {
		return "the canonical form is no JSON: " + string(first)
	}
	again, respelled, err := canonicalBody(first, s, f)
	switch {
	case err != nil:
		return "the canonical form is refused: " + err.Error()
	case !bytes.Equal(first, again):
		return "the canonical form of " + string(first) + " is " + string(again)
	case respelled:
		return "the canonical form counts as spelled otherwise: " + string(first)
	}
	return ""
}

// checkRefusal tells what is wrong with the error for a body.
func checkRefusal(err error) string {
	var refused *commerce.Error
	if !errors.As(err, &refused) || len(refused.Data) == 0 {
		return "the error names no place: " + err.Error()
	}
	for _, entry := range refused.Data {
		if place, reason, ok := strings.Cut(entry, ": "); !ok || !strings.HasPrefix(place, "/") || reason == "" {
			return "the error names no place and reason: " + entry
		}
	}
	return ""
}
