package catalog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/catalog"
)

// A price list, whatever it has, gives a catalogue or an error that says of which file, and never both.
func FuzzPriceList(f *testing.F) {
	f.Add([]byte(list(row())))
	f.Fuzz(func(t *testing.T, data []byte) {
		parses(t, "prices.csv", data)
	})
}

// The same of a file in our own form, as YAML and as JSON.
func FuzzParse(f *testing.F) {
	f.Add([]byte(file))
	sample, err := os.ReadFile(filepath.Join("testdata", "sample.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Fuzz(func(t *testing.T, data []byte) {
		parses(t, "a.yaml", data)
		parses(t, "a.json", data)
	})
}

func parses(t *testing.T, name string, data []byte) {
	t.Helper()
	c, err := catalog.Parse(name, bytes.NewReader(data))
	if (c == nil) != (err != nil) {
		t.Errorf("Parse gave %v and %v", c, err)
	}
	if err != nil && !strings.HasPrefix(err.Error(), name+":") {
		t.Errorf("the error does not begin with the name of the file: %v", err)
	}
}
