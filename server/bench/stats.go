package main

import (
	"math"
	"slices"
)

// percentile gives the smallest of sorted values that at least p of a hundred are not above (nearest rank).
func percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// median gives the middle one of some values, or the mean of the middle two; NaN of none.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	switch n := len(s); {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return s[n/2]
	default:
		return (s[n/2-1] + s[n/2]) / 2
	}
}

// ratio gives the median of the ratios of values that were measured in pairs, round by round: what slows the machine down for a
// while slows both.
func ratio(values, floor []float64) float64 {
	var ratios []float64
	for i := range min(len(values), len(floor)) {
		ratios = append(ratios, values[i]/floor[i])
	}
	return median(ratios)
}
