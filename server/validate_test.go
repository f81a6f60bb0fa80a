package server

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

// The form of RFC 3339 is that of this expression, which is slower.
func TestIsDateTime(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	times := []string{"2026-01-31T23:59:59Z", "2026-01-31T23:59:59.123456Z", "2026-01-31T23:59:59+01:00", "2026-01-31T23:59:59.5-23:59", ""}
	r := rand.New(rand.NewPCG(1, 1))
	good := 0
	const count = 200_000
	for range count {
		s := []byte(times[r.IntN(len(times))])
		for range r.IntN(3) {
			const letters = "0123456789.:+-TZ tz\n\x00é"
			at, letter := r.IntN(len(s)+1), letters[r.IntN(len(letters))]
			switch {
			case r.IntN(3) == 0:
				s = append(s[:at:at], append([]byte{letter}, s[at:]...)...)
			case at < len(s) && r.IntN(2) == 0:
				s = append(s[:at:at], s[at+1:]...)
			case at < len(s):
				s[at] = letter
			}
		}
		want := form.Match(s)
		if want {
			good++
		}
		if got := isDateTime(string(s)); got != want {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
	}
	if good < count/10 {
		t.Errorf("only %d of %d have the form", good, count)
	}
}
