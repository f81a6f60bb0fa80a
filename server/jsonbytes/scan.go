package jsonbytes

import (
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// TextOf is data as a string, without a copy. Nobody may change it afterwards.
func TextOf(data []byte) string {
	return unsafe.String(unsafe.SliceData(data), len(data)) //nolint:gosec // nobody changes it
}

// ScanString reads the string of JSON that begins at a place of a text, and tells where it ends. It reports false where there is
// none, or one that is not all UTF-8. A string without escapes is a part of the text.
func ScanString(text string, at int) (s string, end int, ok bool) {
	if at >= len(text) || text[at] != '"' {
		return "", at, false
	}
	ascii := true
	for i := at + 1; i < len(text); i++ {
		c := text[i]
		if plain[c] {
			continue
		}
		switch {
		case c == '"':
			s = text[at+1 : i]
			return s, i + 1, ascii || utf8.ValidString(s)
		case c == '\\':
			return unquoted(text, at, i)
		case c < ' ':
			return "", at, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", at, false
}

// unquoted reads a string that begins at a place, and whose first escape is at i.
func unquoted(text string, at, i int) (s string, end int, ok bool) {
	for ; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	if i >= len(text) {
		return "", at, false
	}
	b, err := jsontext.AppendUnquote(nil, text[at:i+1])
	return string(b), i + 1, err == nil
}

// ScanNumber goes over the number of JSON that begins at a place of a text, and tells where it ends and whether it is written as
// an integer. It reports false where there is none.
func ScanNumber(text string, at int) (end int, integer, ok bool) {
	end = accept(text, at, '-', '-')
	if first := end; first < len(text) && text[first] == '0' {
		end++
	} else if end = digits(text, first); end == first {
		return at, false, false
	}
	integer = true
	if fraction := accept(text, end, '.', '.'); fraction > end {
		if end = digits(text, fraction); end == fraction {
			return at, false, false
		}
		integer = false
	}
	if exponent := accept(text, end, 'e', 'E'); exponent > end {
		exponent = accept(text, exponent, '+', '-')
		if end = digits(text, exponent); end == exponent {
			return at, false, false
		}
		integer = false
	}
	return end, integer, true
}

// accept goes over one of two bytes, if it is there.
func accept(text string, at int, a, b byte) int {
	if at < len(text) && (text[at] == a || text[at] == b) {
		return at + 1
	}
	return at
}

func digits(text string, at int) int {
	for at < len(text) && '0' <= text[at] && text[at] <= '9' {
		at++
	}
	return at
}
