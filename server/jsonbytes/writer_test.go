package jsonbytes_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/cartwright-dev/cartwright/server/jsonbytes"
)

// FuzzAppendString writes strings as encoding/json does.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "Größe 行 🛒", "<&>\"\\/", "\u2028\u2029\ufffd", "\xff\xed\xa0\x80é\xc3", "\x00\b\f\n\r\t\x1f\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := jsonbytes.AppendString(nil, s)
		if want, err := json.Marshal(s); err != nil || string(got) != string(want) {
			t.Errorf("%q: %s, want %s, %v", s, got, want, err)
		}
	})
}

// FuzzAppendFloat writes numbers as encoding/json does.
func FuzzAppendFloat(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 0.1, 1e-6, 9.99e-7, 1e-10, 1e20, 1e21, math.MaxFloat64, math.Inf(1), math.NaN()} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		var err error
		got := jsonbytes.AppendFloat(nil, v, &err)
		want, wantErr := json.Marshal(v)
		if (err == nil) != (wantErr == nil) || string(got) != string(want) {
			t.Errorf("%v: %v, %s, want %v, %s", v, err, got, wantErr, want)
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	keys := jsonbytes.Keys([]string{}, map[string]int{"b": 1, "a": 2, "B": 3})
	if !slices.Equal(keys, []string{"B", "a", "b"}) {
		t.Errorf("Keys gave %q", keys)
	}
}
