package plan

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text is a string.
type text struct {
	minLength, maxLength int // characters
	pattern              *regexp.Regexp
	format               func(string) error
	time                 bool // it is read into a time.Time
}

func (n *text) read(r *reader, into reflect.Value) bool {
	if r.peek() != '"' {
		return r.other()
	}
	s, ok := r.string()
	if !ok {
		return false
	}
	valid := n.valid(s)
	if !valid && n.format != nil {
		return false // there may be other spellings, such as a time without a zone
	}
	if !valid || !into.IsValid() {
		return r.sure(valid)
	}
	if into = target(into); n.time {
		t, ok := into.Addr().Interface().(*time.Time)
		return ok && t.UnmarshalText([]byte(s)) == nil
	}
	into.SetString(s)
	return true
}

func (n *text) valid(s string) bool {
	if len(s) < n.minLength || len(s) > n.maxLength { // the length in bytes is not less than in characters
		if length := utf8.RuneCountInString(s); length < n.minLength || length > n.maxLength {
			return false
		}
	} else if n.minLength > 1 && utf8.RuneCountInString(s) < n.minLength {
		return false
	}
	if n.pattern != nil && !n.pattern.MatchString(s) {
		return false
	}
	return n.format == nil || n.format(s) == nil
}

// words is a string that is one of some words.
type words struct {
	words  []string
	folded map[string]string // the ways to write them; nil where only the words themselves will do
}

func (n *words) read(r *reader, into reflect.Value) bool {
	if r.peek() != '"' {
		return r.other()
	}
	s, ok := r.string()
	if !ok {
		return false
	}
	word, ok := n.find(s)
	if !ok {
		return r.sure(false)
	}
	r.respelled = r.respelled || word != s
	if into.IsValid() {
		target(into).SetString(word)
	}
	return true
}

// find gives the word that a string stands for.
func (n *words) find(s string) (word string, ok bool) {
	for _, word := range n.words {
		if word == s {
			return word, true // not s, which is part of a body
		}
	}
	if n.folded != nil {
		word, ok = n.folded[strings.ToLower(s)]
	}
	return word, ok
}

func (n *words) valid(s string) bool { return slices.Contains(n.words, s) }

// integer is an integer of 32 bits.
type integer struct{ min, max int64 }

func (n *integer) read(r *reader, into reflect.Value) bool {
	if !r.atNumber() {
		return r.other()
	}
	text, whole, ok := r.number()
	if !ok || !whole {
		return false
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false
	}
	if i < n.min || i > n.max {
		return r.sure(false)
	}
	if into.IsValid() {
		target(into).SetInt(i)
	}
	return true
}

func (n *integer) valid(s string) bool {
	r := reader{text: s}
	return s[0] >= '0' && n.read(&r, reflect.Value{}) && !r.doubtful && r.at == len(s)
}

// number is a number of any kind.
type number struct{ min, max float64 }

func (n *number) read(r *reader, into reflect.Value) bool {
	if !r.atNumber() {
		return r.other()
	}
	text, _, ok := r.number()
	if !ok {
		return false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	if f < n.min || f > n.max {
		return r.sure(false)
	}
	if into.IsValid() {
		target(into).SetFloat(f)
	}
	return true
}

// boolean is true or false.
type boolean struct{}

func (n boolean) read(r *reader, into reflect.Value) bool {
	yes := r.peek() == 't'
	if !yes && r.peek() != 'f' {
		return r.other()
	}
	if !yes && !r.word("false") || yes && !r.word("true") {
		return false
	}
	if into.IsValid() {
		target(into).SetBool(yes)
	}
	return true
}

func (n boolean) valid(s string) bool { return s == "true" || s == "false" }
