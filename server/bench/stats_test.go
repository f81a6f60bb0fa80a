package main

import (
	"math"
	"testing"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for name, tc := range map[string]struct {
		sorted  []float64
		p, want float64
	}{
		"the middle of a hundred":       {hundred, 50, 50},
		"the 99th of a hundred":         {hundred, 99, 99},
		"a part more is the next":       {hundred, 99.1, 100},
		"the least":                     {hundred, 0, 1},
		"the 99th of few is the last":   {[]float64{1, 2, 3}, 99, 3},
		"the middle of two is the less": {[]float64{1, 2}, 50, 1},
	} {
		if got := percentile(tc.sorted, tc.p); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if got := percentile(nil, 50); !math.IsNaN(got) {
		t.Errorf("of nothing it is %v", got)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		values []float64
		want   float64
	}{
		"one":               {[]float64{7}, 7},
		"an odd number":     {[]float64{9, 1, 5}, 5},
		"an even number":    {[]float64{8, 1, 2, 4}, 3},
		"one that runs off": {[]float64{1, 1000, 2}, 2},
	} {
		before := tc.values[0]
		if got := median(tc.values); got != tc.want || tc.values[0] != before {
			t.Errorf("%s: %v of %v, want %v", name, got, tc.values, tc.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("of nothing it is %v", got)
	}
}

// A ratio is taken in each round: a machine that is slow in one of them changes nothing.
func TestRatio(t *testing.T) {
	t.Parallel()
	if got := ratio([]float64{20, 220, 30}, []float64{10, 100, 15}); got != 2 {
		t.Errorf("it is %v, want 2", got)
	}
	if got := ratio(nil, []float64{1}); !math.IsNaN(got) {
		t.Errorf("of nothing it is %v", got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0.123: "0.12", 1: "1", 9.876: "9.88", 12.34: "12.3", 123.4: "123", 24000: "24000", math.Inf(1): "+Inf"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := number(math.NaN()); got != "–" {
		t.Errorf("what was not measured is written %s", got)
	}
}
