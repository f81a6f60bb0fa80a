package jsonbytes

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Enclose ends an object or an array that began where at bytes were. Each member of it and each element begins with a comma until
// then; the first of these becomes the bracket.
func Enclose(b []byte, at int, opening, closing byte) []byte {
	if at == len(b) {
		return append(b, opening, closing)
	}
	b[at] = opening
	return append(b, closing)
}

// AppendFloat appends a number as ECMAScript writes it, with an exponent where it is very small or very large. One that is
// not finite has no JSON: err says so, if it says nothing yet.
func AppendFloat(b []byte, v float64, err *error) []byte {
	abs := math.Abs(v)
	switch {
	case math.IsInf(v, 0) || math.IsNaN(v):
		fail(err, fmt.Errorf("%v is no number of JSON", v))
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		b = strconv.AppendFloat(b, v, 'e', -1, 64)
		if n := len(b); string(b[n-4:n-1]) == "e-0" { // one digit is enough
			b = append(b[:n-2], b[n-1])
		}
	default:
		b = strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return b
}

// AppendTime appends a time as RFC 3339 has it. One whose year has not four digits has no JSON: err says so, if it says nothing
// yet.
func AppendTime(b []byte, v time.Time, err *error) []byte {
	text, wrong := v.AppendText(append(b, '"'))
	if wrong != nil {
		fail(err, wrong)
		return b
	}
	return append(text, '"')
}

func fail(err *error, wrong error) {
	if *err == nil {
		*err = wrong
	}
}

// plain are the characters of ASCII that are written as they are. What HTML gives a meaning is not.
var plain = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return set
}()

// AppendString appends a string. What is no UTF-8 becomes the replacement character.
func AppendString(b []byte, v string) []byte {
	b = append(b, '"')
	begin := 0
	for i := 0; i < len(v); {
		if plain[v[i]] {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(v[i:])
		if escaped := escapeOf(c, size); escaped != "" {
			b = append(append(b, v[begin:i]...), escaped...)
			begin = i + size
		}
		i += size
	}
	return append(append(b, v[begin:]...), '"')
}

// escapeOf gives what stands for a character; empty for itself. A wrong byte is a replacement character of size 1.
func escapeOf(c rune, size int) string {
	switch c {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\b':
		return `\b`
	case '\f':
		return `\f`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	case '<':
		return `\u003c`
	case '>':
		return `\u003e`
	case '&':
		return `\u0026`
	case '\u2028', '\u2029': // ends of lines to JavaScript
	case utf8.RuneError:
		if size > 1 {
			return ""
		}
	default:
		if c >= utf8.RuneSelf || plain[c] {
			return ""
		}
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// Keys adds the keys of a map to some, in the order in which they are written.
func Keys[V any](keys []string, m map[string]V) []string {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// IsZero reports whether a number is left out where it is zero: minus zero is not.
func IsZero(v float64) bool { return math.Float64bits(v) == 0 }
