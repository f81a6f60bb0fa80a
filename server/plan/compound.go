package plan

import (
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// object is an object whose members have names in the contract.
type object struct {
	members  []member
	exact    map[string]int // of a member, by its name
	folded   map[string]int // by its name in lower case; nil where only the name itself will do
	required uint64         // a bit for each member
	answers  bool
}

type member struct {
	value
	name    string
	field   int  // of the Go type; -1 where it has none
	leftOut bool // the server sets it: in a request it is left out
}

func (n *object) read(r *reader, into reflect.Value) bool {
	if !r.open('{') {
		return false
	}
	into = target(into)
	next := 0 // member, if they come in order
	var seen uint64
	unknown := len(r.names)
	for first := true; ; first = false {
		more, ok := r.more('}', first)
		if !ok {
			return false
		}
		if !more {
			r.names = r.names[:unknown]
			return r.sure(seen&n.required == n.required)
		}
		name, ok := r.name()
		if !ok {
			return false
		}
		i, known := n.find(name, next)
		if known {
			next = i + 1
		}
		switch {
		case known && seen&(1<<i) != 0, !known && !r.add(name, unknown):
			return false // it comes twice
		case known && !n.members[i].leftOut && r.peek() != 'n':
			seen |= 1 << i
			m := &n.members[i]
			if !m.read(r, fieldOf(into, m.field)) {
				return false
			}
			r.respelled = r.respelled || name != m.name
		case n.answers || known && n.required&(1<<i) != 0: // null
			return false
		default:
			if known {
				seen |= 1 << i
			}
			if r.leftOut = true; !r.skip() {
				return false
			}
		}
	}
}

// find gives the member that a name stands for. It is looked for first where it is if members come in order.
func (n *object) find(name string, next int) (i int, known bool) {
	const near = 8
	for i := next; i < min(next+near, len(n.members)); i++ {
		if n.members[i].name == name {
			return i, true
		}
	}
	if i, known = n.exact[name]; !known && n.folded != nil {
		i, known = n.folded[strings.ToLower(name)]
	}
	return i, known
}

func fieldOf(into reflect.Value, field int) reflect.Value {
	if !into.IsValid() || field < 0 {
		return reflect.Value{}
	}
	return into.Field(field)
}

// dictionary is an object whose members have any names.
type dictionary struct {
	value   *text
	schema  *openapi3.Schema // of the values
	max     int
	answers bool
}

func (n *dictionary) read(r *reader, into reflect.Value) bool {
	if !r.open('{') {
		return false
	}
	var filled map[string]string
	if into = target(into); into.IsValid() {
		filled = make(map[string]string)
	}
	seen := len(r.names)
	for first := true; ; first = false {
		more, ok := r.more('}', first)
		if !ok {
			return false
		}
		if !more {
			if into.IsValid() {
				into.Set(reflect.ValueOf(filled))
			}
			size := len(r.names) - seen
			r.names = r.names[:seen]
			return r.sure(size <= n.max)
		}
		name, ok := r.name()
		if !ok || !r.add(name, seen) {
			return false
		}
		r.peek()
		begin := r.at
		value, ok := r.string()
		if !ok {
			return false
		}
		if !n.value.valid(value) {
			r.doubt(n.schema, begin)
		}
		if !n.answers && name != "" && 'A' <= name[0] && name[0] <= 'Z' {
			name, r.respelled = strings.ToLower(name[:1])+name[1:], true
		}
		if into.IsValid() {
			filled[name] = value
		}
	}
}

// list is an array.
type list struct {
	item     value
	min, max int
}

func (n *list) read(r *reader, into reflect.Value) bool {
	if !r.open('[') {
		return false
	}
	if into = target(into); into.IsValid() {
		into.Set(reflect.MakeSlice(into.Type(), 0, min(n.max, firstItems)))
	}
	for i := 0; ; i++ {
		more, ok := r.more(']', i == 0)
		if !ok {
			return false
		}
		if !more {
			return r.sure(n.min <= i && i <= n.max)
		}
		if r.entries++; r.entries > maxEntries || !n.item.read(r, itemOf(into, i)) {
			return false
		}
	}
}

// firstItems is how many items an array has room for at first.
const firstItems = 8

// itemOf makes room for another item of a slice.
func itemOf(into reflect.Value, i int) reflect.Value {
	if !into.IsValid() {
		return into
	}
	if i == into.Cap() {
		into.Grow(1)
	}
	into.SetLen(i + 1)
	return into.Index(i)
}
