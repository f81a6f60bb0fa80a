package jsonbytes_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/jsonbytes"
)

// FuzzReader_Skip goes over nothing that is not JSON, and over all that encoding/json writes, unless it is deep or very large.
func FuzzReader_Skip(f *testing.F) {
	for _, s := range []string{
		`null`, `true`, `-0.5e+7`, `"a\u003c\n"`, `[]`, `{}`, `[1,[],{"a":{}}]`, `{"a":[true,null],"b":"c"}`, `[1,]`, `[,1]`, `{"a"}`, `{,}`, `[1 ]`, `01`,
		`"\ud800"`, `"` + "\xff" + `"`, `[1}`, `1x`, strings.Repeat("[", 1000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if skips(text) && !json.Valid([]byte(text)) {
			t.Errorf("Skip goes over %q", text)
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil || strings.Count(text, "[")+strings.Count(text, "{") > 100 {
			return
		}
		if written, err := json.Marshal(value); err != nil || !skips(string(written)) {
			t.Errorf("Skip does not go over %s, %v", written, err)
		}
	})
}

func skips(text string) bool {
	r := jsonbytes.NewReader([]byte(text))
	r.Skip()
	return r.Done()
}

// FuzzScanString reads strings as encoding/json does, or not at all where they are not all UTF-8.
func FuzzScanString(f *testing.F) {
	for _, s := range []string{`""`, `"a" `, `"Größe"`, `"\u00e9\\\"\n\ud83d\uded2"`, `"\ud800"`, `"\x"`, `"\`, `"`, `a"`, "\"\xff\"", "\"\x01\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, end, ok := jsonbytes.ScanString(text, 0)
		var want string
		if err := json.Unmarshal([]byte(text[:end]), &want); ok && (err != nil || got != want) {
			t.Errorf("ScanString reads %q of %q, want %q, %v", got, text, want, err)
		}
		written, _ := json.Marshal(text)
		if err := json.Unmarshal(written, &want); err != nil {
			t.Fatal(err)
		}
		if got, end, ok := jsonbytes.ScanString("x"+string(written)+"x", 1); !ok || end != len(written)+1 || got != want {
			t.Errorf("ScanString reads %q, %d, %t of %s", got, end, ok, written)
		}
	})
}

func TestScanNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		number      string
		integer, ok bool
	}{
		"0": {"0", true, true}, "-0,": {"-0", true, true}, "120}": {"120", true, true}, "01": {"0", true, true},
		"1.5": {"1.5", false, true}, "1e3]": {"1e3", false, true}, "-1.50E-03 ": {"-1.50E-03", false, true},
		"": {}, "-": {}, "+1": {}, ".5": {}, "1.": {}, "1.x": {}, "1e": {}, "1e+": {}, "x": {}, "-x": {},
	} {
		end, integer, ok := jsonbytes.ScanNumber("x"+text, 1)
		if got := ("x" + text)[1:end]; got != want.number || integer != want.integer || ok != want.ok {
			t.Errorf("%q: ScanNumber gave %q, %t, %t", text, got, integer, ok)
		}
	}
}
