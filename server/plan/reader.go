package plan

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/server/jsonbytes"
)

// reader goes over the bytes of one body. Its methods report false where a value is not what they read, or not surely.
type reader struct {
	text      string
	at        int
	depth     int
	entries   int      // of all arrays so far
	names     []string // of the open objects, where the contract does not know them
	respelled bool
	leftOut   bool // something is not for the handler
	doubtful  bool // the value that was read last is not surely valid
	doubts    []Doubt
}

// peek gives the next byte that is no blank, 0 at the end.
func (r *reader) peek() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

func (r *reader) end() bool { return r.peek() == 0 && r.at == len(r.text) }

// sure notes whether the value that was read last is surely valid, and goes on.
func (r *reader) sure(valid bool) bool {
	r.doubtful = !valid
	return true
}

// doubt notes the value that began at an offset and is over now, in place of what is in it.
func (r *reader) doubt(schema *openapi3.Schema, begin int) {
	for len(r.doubts) > 0 && r.doubts[len(r.doubts)-1].Begin > begin {
		r.doubts = r.doubts[:len(r.doubts)-1]
	}
	r.doubts = append(r.doubts, Doubt{schema, begin, r.at})
	r.doubtful = false
}

// open goes into an object or an array.
func (r *reader) open(bracket byte) bool {
	if r.peek() != bracket || r.depth == maxDepth {
		return false
	}
	r.at++
	r.depth++
	return true
}

// more goes to the next element of what is open, the first or one after a comma, or out of it.
func (r *reader) more(closing byte, first bool) (more, ok bool) {
	switch c := r.peek(); {
	case c == closing:
		r.at++
		r.depth--
		return false, true
	case first:
		return true, true
	case c == ',':
		r.at++
		return true, true
	}
	return false, false
}

// name reads the name of a member and the colon. Only ASCII without escapes is understood.
func (r *reader) name() (string, bool) {
	if r.peek() != '"' {
		return "", false
	}
	begin := r.at + 1
	for i := begin; i < len(r.text) && i-begin <= maxName; i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.at = i + 1
			if r.peek() != ':' {
				return "", false
			}
			r.at++
			return r.text[begin:i], true
		case c < ' ' || c == '\\' || c >= utf8.RuneSelf:
			return "", false
		}
	}
	return "", false
}

// string reads a string. One with a zero byte is not understood.
func (r *reader) string() (string, bool) {
	r.peek()
	s, end, ok := jsonbytes.ScanString(r.text, r.at)
	r.at = end
	return s, ok && strings.IndexByte(s, 0) < 0
}

// other goes over a value of another kind than the schema has, which is doubtful then. Nulls, objects and arrays are not
// understood there.
func (r *reader) other() bool {
	switch r.peek() {
	case 'n', '{', '[', 0:
		return false
	}
	return r.skip() && r.sure(false)
}

// atNumber reports whether a number comes next.
func (r *reader) atNumber() bool {
	c := r.peek()
	return c == '-' || '0' <= c && c <= '9'
}

// number reads a number, and tells whether it is written as an integer.
func (r *reader) number() (text string, integer, ok bool) {
	r.peek()
	begin := r.at
	r.at, integer, ok = jsonbytes.ScanNumber(r.text, begin)
	return r.text[begin:r.at], integer, ok
}

// word goes over a word of JSON.
func (r *reader) word(word string) bool {
	r.peek()
	if !strings.HasPrefix(r.text[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

// skip goes over a value that is left out. It must be JSON as the canonical step has it: no name twice in an object, in any
// case, and no number that is out of range.
func (r *reader) skip() bool {
	switch c := r.peek(); c {
	case '{':
		return r.skipObject()
	case '[':
		return r.skipArray()
	case '"':
		_, ok := r.string()
		return ok
	case 't':
		return r.word("true")
	case 'f':
		return r.word("false")
	case 'n':
		return r.word("null")
	}
	text, _, ok := r.number()
	if !ok {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

func (r *reader) skipObject() bool {
	if !r.open('{') {
		return false
	}
	seen := len(r.names)
	for first := true; ; first = false {
		more, ok := r.more('}', first)
		if !ok || !more {
			r.names = r.names[:seen]
			return ok
		}
		name, ok := r.name()
		if !ok || !r.add(name, seen) || !r.skip() {
			return false
		}
	}
}

func (r *reader) skipArray() bool {
	if !r.open('[') {
		return false
	}
	for first := true; ; first = false {
		more, ok := r.more(']', first)
		if !ok || !more {
			return ok
		}
		if r.entries++; r.entries > maxEntries || !r.skip() {
			return false
		}
	}
}

// add takes a name that the contract does not know and that is not there yet, in any case, among those of its object, which
// begin at an index. They are ASCII.
func (r *reader) add(name string, begin int) bool {
	for _, other := range r.names[begin:] {
		if len(other) == len(name) && strings.EqualFold(other, name) {
			return false
		}
	}
	r.names = append(r.names, name)
	return len(r.names)-begin <= maxNames
}
