package catalog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
)

// form is a file in our own form that is being read. It keeps the first error, so that readers ask for it once, at the
// end; what is read after an error is of no use.
type form struct {
	name string
	err  error
}

// fail keeps an error about a node, which is at this path within the file, unless there is one already.
func (f *form) fail(n *yaml.Node, path, reason string, args ...any) {
	if f.err != nil {
		return
	}
	if path != "" {
		path += ": "
	}
	f.err = fmt.Errorf("%s:%d:%d: %s%s", f.name, n.Line, n.Column, path, fmt.Sprintf(reason, args...))
}

// object is a mapping of keys to values of which the values are asked for key by key. A value of a wrong type is an
// error, one that is not there is zero, and done refuses the keys that nobody asked for.
type object struct {
	*form
	node   *yaml.Node
	path   string
	keys   []*yaml.Node
	values map[string]*yaml.Node
	asked  []string
}

// object takes a node for a mapping.
func (f *form) object(n *yaml.Node, path string) *object {
	o := &object{form: f, node: n, path: path, values: make(map[string]*yaml.Node)}
	if n.Kind != yaml.MappingNode {
		f.fail(n, path, "keys with values are wanted")
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if _, ok := o.values[key.Value]; ok {
			f.fail(key, path, "the key %q stands here twice", key.Value)
		}
		o.keys = append(o.keys, key)
		o.values[key.Value] = n.Content[i+1]
	}
	return o
}

// done refuses a mapping without one of the required keys, or with a key that was not asked for.
func (o *object) done(required ...string) {
	for _, key := range o.keys {
		if key.Kind != yaml.ScalarNode || !slices.Contains(o.asked, key.Value) {
			o.fail(key, o.path, "unknown key %q, the keys here are %s", key.Value, strings.Join(o.asked, ", "))
		}
	}
	for _, key := range required {
		if o.values[key] == nil {
			o.fail(o.node, o.path, "%s is missing", key)
		}
	}
}

// at gives the path of what lies under a key.
func (o *object) at(key string) string {
	return strings.TrimPrefix(o.path+"."+key, ".")
}

// value gives the node under a key, or nil.
func (o *object) value(key string) *yaml.Node {
	if !slices.Contains(o.asked, key) {
		o.asked = append(o.asked, key)
	}
	return o.values[key]
}

// refuse keeps an error about what lies under a key.
func (o *object) refuse(key, reason string, args ...any) {
	o.fail(cmp.Or(o.values[key], o.node), o.at(key), reason, args...)
}

// scalar gives the text of the value under a key, which must have one of these YAML types. It is empty where there is
// no value.
func (o *object) scalar(key, wanted string, types ...string) string {
	n := o.value(key)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(types, n.ShortTag()) {
		o.refuse(key, "%s is wanted", wanted)
		return ""
	}
	return n.Value
}

// text gives a string that is not blank.
func (o *object) text(key string) string {
	s := o.scalar(key, "a string (in quotes, if it looks like a number)", "!!str")
	if strings.TrimSpace(s) == "" && o.values[key] != nil {
		o.refuse(key, "it is blank")
	}
	return s
}

// id gives the id of a product, SKU or availability.
func (o *object) id(key string) string {
	s := o.text(key)
	if s != "" && !isID(s) {
		o.refuse(key, "%q is no id: letters, digits, dots, hyphens and underscores, at most 64", s)
	}
	return s
}

// word gives one of these words.
func (o *object) word(key string, words ...string) string {
	s := o.text(key)
	if s != "" && !slices.Contains(words, s) {
		o.refuse(key, "%q is none of %s", s, strings.Join(words, ", "))
	}
	return s
}

// code gives a code of so many upper-case letters.
func (o *object) code(key string, letters int) string {
	s := o.text(key)
	if s != "" && !isCode(s, letters) {
		o.refuse(key, "%q is no code of %d upper-case letters", s, letters)
	}
	return s
}

func isCode(s string, letters int) bool {
	return len(s) == letters && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// flag gives true or false, or nil where the file does not say.
func (o *object) flag(key string) *bool {
	text := o.scalar(key, "true or false", "!!bool")
	if text == "" {
		return nil
	}
	is := strings.EqualFold(text, "true")
	return &is
}

// count gives an integer from 1 that fits 32 bits.
func (o *object) count(key string) int32 {
	s := o.scalar(key, "an integer", "!!int")
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		o.refuse(key, "%s is no integer from 1 to 2147483647", s)
	}
	return int32(n)
}

// limits gives two counts, of which the first may not be above the second.
func (o *object) limits(lowest, highest string) (low, high int32) {
	low, high = o.count(lowest), o.count(highest)
	if high != 0 && low > high {
		o.refuse(lowest, "%d is above %s %d", low, highest, high)
	}
	return low, high
}

var amountText = regexp.MustCompile(`^[0-9]{1,24}(\.[0-9]{1,24})?$`)

// amount gives a number that is not negative, digit by digit as the file has it.
func (o *object) amount(key string) decimal.Decimal {
	s := o.scalar(key, "a number", "!!int", "!!float")
	if s == "" {
		return decimal.Decimal{}
	}
	d, err := parseAmount(s)
	if err != nil {
		o.refuse(key, "%v", err)
	}
	return d
}

// parseAmount reads digits with a decimal point, at most 24 on each side of it.
func parseAmount(s string) (decimal.Decimal, error) {
	if !amountText.MatchString(s) {
		return decimal.Decimal{}, fmt.Errorf("%q is no amount: digits with a decimal point, no sign, no exponent", s)
	}
	return decimal.NewFromString(s)
}

// period gives two instants, the first before the second, each zero where it is left out.
func (o *object) period(from, to string) (start, end time.Time) {
	start, end = o.instant(from), o.instant(to)
	if !start.IsZero() && !end.IsZero() && !start.Before(end) {
		o.refuse(to, "it is not after %s", from)
	}
	return start, end
}

// instant gives a date, which is its first instant in UTC, or a date with time and zone.
func (o *object) instant(key string) time.Time {
	s := o.scalar(key, "a date", "!!str", "!!timestamp")
	if s == "" && o.values[key] == nil {
		return time.Time{}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	o.refuse(key, "%q is no date like 2025-04-01 or 2025-04-01T00:00:00Z", s)
	return time.Time{}
}

// child gives the mapping under a key. It is empty where there is none.
func (o *object) child(key string) *object {
	if n := o.value(key); n != nil {
		return o.object(n, o.at(key))
	}
	return &object{form: o.form, node: o.node, path: o.at(key)}
}

// children gives the mappings of the list under a key. A list, where there is one, is not empty.
func (o *object) children(key string) []*object {
	var all []*object
	for i, n := range o.list(key) {
		all = append(all, o.object(n, fmt.Sprintf("%s[%d]", o.at(key), i)))
	}
	return all
}

// texts gives the strings of the list under a key.
func (o *object) texts(key string) []string {
	var all []string
	for i, n := range o.list(key) {
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || strings.TrimSpace(n.Value) == "" {
			o.fail(n, fmt.Sprintf("%s[%d]", o.at(key), i), "a string is wanted")
		}
		all = append(all, n.Value)
	}
	return all
}

func (o *object) list(key string) []*yaml.Node {
	n := o.value(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		o.refuse(key, "a list that is not empty is wanted")
		return nil
	}
	return n.Content
}

// once refuses a mapping that names the same as one before it; seen has what those named, in lower case.
func (o *object) once(seen map[string]bool, name string) {
	name = strings.ToLower(name)
	if seen[name] {
		o.fail(o.node, o.path, "%s stands in this list twice", name)
	}
	seen[name] = true
}
