package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each rule that sources.md decides is found by its id in the contract, in the code and in a test, as the README promises.
func TestRules_AreFound(t *testing.T) {
	t.Parallel()
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	code, tests := "", ""
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		switch {
		case err != nil || path == "rules_test.go":
			return err
		case strings.HasSuffix(path, "_test.go"):
			tests += read(path)
		case strings.HasSuffix(path, ".go"):
			code += read(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	contract, sources := read("../api/openapi.yaml"), read("../api/sources.md")
	rules := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([A-Z]+(?:-[A-Z]+)+) \|`).FindAllStringSubmatch(sources, -1) {
		rules[m[1]] = true
	}
	if len(rules) < 25 {
		t.Errorf("sources.md decides only %d rules", len(rules))
	}
	for rule := range rules {
		for place, text := range map[string]string{"the contract": contract, "the code": code, "the tests": tests} {
			if !strings.Contains(text, rule) {
				t.Errorf("%s is not in %s", rule, place)
			}
		}
	}
	for _, m := range regexp.MustCompile(`\b(?:CART|CHECKOUT|ORDER|HTTP)-[A-Z]+(?:-[A-Z]+)*\b`).FindAllString(contract+code, -1) {
		if !rules[m] {
			t.Errorf("%s is not in sources.md", m)
		}
	}
}
