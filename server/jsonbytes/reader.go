package jsonbytes

import (
	"strconv"
	"strings"
	"time"
)

// maxDepth is how many objects and arrays may be open: more than any record has, few enough for the stack.
const maxDepth = 200

// Reader goes over JSON as this package writes it: without blanks, each member at its place. Where something else comes it has
// failed, and gives nothing more; it is for a reader of all JSON then.
type Reader struct {
	text   string
	at     int
	depth  int
	first  bool // nothing of what was opened last was read yet
	failed bool
}

// NewReader reads data, which nobody may change afterwards: the strings that the reader gives are parts of it.
func NewReader(data []byte) Reader { return Reader{text: TextOf(data)} }

// Done reports whether the text is over and nothing was wrong with it.
func (r *Reader) Done() bool { return !r.failed && r.at == len(r.text) }

// At gives the place that was read up to.
func (r *Reader) At() int { return r.at }

// Fail gives up.
func (r *Reader) Fail() { r.failed, r.at = true, len(r.text) }

// Object goes into an object, of which Name and Key read the members.
func (r *Reader) Object() { r.open('{') }

// Array goes into an array, of which Next finds the elements. It reports false for null.
func (r *Reader) Array() bool { return !r.null() && r.open('[') }

// Map is Object for one that may be null, which it reports as false.
func (r *Reader) Map() bool { return !r.null() && r.open('{') }

func (r *Reader) open(bracket byte) bool {
	if r.peek() != bracket || r.depth == maxDepth {
		r.Fail()
		return false
	}
	r.at++
	r.depth++
	r.first = true
	return true
}

// End goes out of an object, over a line break that may be before its end: it ends an answer that is a part of a document.
func (r *Reader) End() {
	if r.peek() == '\n' {
		r.at++
	}
	if r.peek() != '}' {
		r.Fail()
		return
	}
	r.close()
}

func (r *Reader) close() {
	r.at++
	r.depth--
	r.first = false
}

// Name goes over a comma, where one belongs, and the name of a member with its quotes and the colon, if these come next.
func (r *Reader) Name(name string) bool {
	at := r.at
	if !r.first {
		if r.peek() != ',' {
			return false
		}
		at++
	}
	if !strings.HasPrefix(r.text[at:], name) {
		return false
	}
	r.at, r.first = at+len(name), false
	return true
}

// Key reads the name of the next member, whatever it is. It reports false at the end of the object, and goes out of it.
func (r *Reader) Key() (name string, ok bool) {
	if !r.next('}') {
		return "", false
	}
	name = r.String()
	if r.peek() != ':' {
		r.Fail()
		return "", false
	}
	r.at++
	return name, true
}

// Next goes to the next element of an array. It reports false at the end, and goes out of it.
func (r *Reader) Next() bool { return r.next(']') }

func (r *Reader) next(closing byte) bool {
	switch c := r.peek(); {
	case c == closing:
		r.close()
		return false
	case r.first:
		r.first = false
		return !r.failed
	case c == ',':
		r.at++
		return true
	}
	r.Fail()
	return false
}

// peek gives the next byte, 0 at the end.
func (r *Reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *Reader) null() bool { return r.word("null") }

func (r *Reader) word(word string) bool {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	if r.word("true") {
		return true
	}
	if !r.word("false") {
		r.Fail()
	}
	return false
}

// Int reads an integer of so many bits, written without an exponent.
func (r *Reader) Int(bits int) int64 {
	v, err := strconv.ParseInt(r.number(), 10, bits)
	if err != nil {
		r.Fail()
		return 0
	}
	return v
}

// Float reads a number.
func (r *Reader) Float() float64 {
	v, err := strconv.ParseFloat(r.number(), 64)
	if err != nil {
		r.Fail()
		return 0
	}
	return v
}

func (r *Reader) number() string {
	begin := r.at
	end, _, ok := ScanNumber(r.text, begin)
	if !ok {
		return ""
	}
	r.at = end
	return r.text[begin:end]
}

// Time reads a time that is written as AppendTime writes it: package time reads others that RFC 3339 does not have.
func (r *Reader) Time() (v time.Time) {
	text := r.String()
	err := v.UnmarshalText([]byte(text))
	var longest [len(time.RFC3339Nano)]byte
	if again, _ := v.AppendText(longest[:0]); err != nil || string(again) != text {
		r.Fail()
	}
	return v
}

// String reads a string.
func (r *Reader) String() string {
	s, end, ok := ScanString(r.text, r.at)
	if !ok {
		r.Fail()
		return ""
	}
	r.at = end
	return s
}

// Skip goes over a value of any kind.
func (r *Reader) Skip() {
	switch c := r.peek(); c {
	case '{':
		r.Object()
		for _, ok := r.Key(); ok; _, ok = r.Key() {
			r.Skip()
		}
	case '[':
		r.Array()
		for r.Next() {
			r.Skip()
		}
	case '"':
		_ = r.String()
	case 't', 'f':
		r.Bool()
	default:
		if !r.null() {
			r.Float()
		}
	}
}
