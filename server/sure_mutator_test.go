package server

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// mutator draws values of schemas that are nearly valid, and edits them.
type mutator struct {
	rand     *rand.Rand
	goodness float64 // 1 for nothing but what is valid; 0 for as it comes
	answers  bool    // it is for answers, not for requests
}

// bad says now and then that something is to be wrong, or unusual.
func (m *mutator) bad() bool { return m.goodness < 1 && m.rand.IntN(60) == 0 }

func pick[T any](m *mutator, from ...T) T { return from[m.rand.IntN(len(from))] }

// oddities are what is put where it may not belong.
var oddities = []string{
	`null`, `0`, `-0`, `1.0`, `1e0`, `2147483647`, `2147483648`, `-1`, `00`, `1e999`, `true`, `False`, `""`, `{}`, `[]`, `[{}]`, `"x"`,
	`"\u0000"`, `"\ud800"`, `"\ud83d\ude00"`, `"\n\"\\"`, `"größer"`, `"日本"`, "\"\xff\"", "\"\t\"", `{"a":1,"A":2}`, `{"a":{"a":null}}`,
	`,`, `:`, `"`, `{`, `}`, `[`, `]`, ` `, "\n", `/* c */`, "// c\n", `\`, "\x00", "\xef\xbb\xbf", `_`, `K`, "\u212a", "ſ",
}

// edit changes a text at one place.
func (m *mutator) edit(s string) string {
	at := m.rand.IntN(len(s) + 1)
	end := min(len(s), at+m.rand.IntN(4))
	switch m.rand.IntN(5) {
	case 0:
		return s[:at] + s[end:]
	case 1:
		return s[:at] + string(rune(m.rand.IntN(256))) + s[at:]
	case 2:
		return s[:at] + s[at:end] + s[at:]
	case 3:
		return s[:at] + pick(m, strings.ToUpper(s[at:end]), strings.ToLower(s[at:end])) + s[end:]
	}
	return s[:at] + pick(m, oddities...) + s[end:]
}

// name spells a name, sometimes in another way.
func (m *mutator) name(s string) string {
	if m.bad() {
		return pick(m, strings.ToUpper(s), strings.ToLower(s), strings.ToUpper(s[:1])+s[1:], m.edit(s))
	}
	return s
}

// value draws a value of a schema, as JSON.
func (m *mutator) value(s *openapi3.Schema, depth int) string {
	switch {
	case m.bad():
		return pick(m, oddities...)
	case len(s.AllOf) > 0:
		return m.value(s.AllOf[0].Value, depth)
	case s.Type.Is("object"):
		return m.object(s, depth)
	case s.Type.Is("array"):
		var items []string
		for range m.length(int(s.MinItems), 3) {
			items = append(items, m.value(s.Items.Value, depth+1))
		}
		return "[" + m.blank() + strings.Join(items, ","+m.blank()) + "]"
	case s.Type.Is("string"):
		return m.quoted(m.text(s))
	}
	return m.scalar(s)
}

// length draws how many there are of something, more than there may be at times.
func (m *mutator) length(least, usual int) int {
	if m.goodness < 1 && m.rand.IntN(20) == 0 {
		return m.rand.IntN(pick(m, 14, 60))
	}
	return least + m.rand.IntN(usual)
}

func (m *mutator) blank() string {
	if m.rand.IntN(8) == 0 {
		return pick(m, " ", "\n\t", "\r\n  ")
	}
	return ""
}

func (m *mutator) object(s *openapi3.Schema, depth int) string {
	var members []string
	add := func(name, value string) {
		members = append(members, m.blank()+m.quoted(name)+m.blank()+":"+m.blank()+value+m.blank())
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	m.rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		property := s.Properties[name].Value
		needed := slices.Contains(s.Required, name) && (m.answers || !property.ReadOnly)
		if needed && !m.bad() || !needed && depth < 6 && m.rand.IntN(3) == 0 {
			add(m.name(name), m.value(property, depth+1))
		}
		if m.bad() {
			add(name, pick(m, oddities...))
		}
	}
	if values := s.AdditionalProperties.Schema; values != nil {
		for i := range m.length(0, 4) {
			add(m.name("key"+strconv.Itoa(i)), m.value(values.Value, depth+1))
		}
	}
	if m.bad() {
		add(pick(m, "unknown", "größe", `a\u0062`, strings.Repeat("n", 250+m.rand.IntN(10))), pick(m, oddities...))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// quoted writes a string as JSON, some characters escaped.
func (m *mutator) quoted(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r < ' ' || r < 0x10000 && m.rand.IntN(200) == 0:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return `"` + out.String() + `"`
}

// parameter draws a value of a parameter.
func (m *mutator) parameter(p *openapi3.Parameter) string {
	s := p.Schema.Value
	if m.goodness == 1 || m.rand.IntN(3) == 0 {
		return fmt.Sprint(p.Example)
	}
	if m.bad() {
		return pick(m, oddities...)
	}
	if s.Type.Is("string") {
		return m.text(s)
	}
	return m.scalar(s)
}

func (m *mutator) scalar(s *openapi3.Schema) string {
	switch {
	case s.Type.Is("boolean"):
		return pick(m, "true", "false")
	case s.Type.Is("number"):
		return pick(m, "0", "0.05", "12.5e1", "1E-7", "1000000000", "1000000000.5", "-0.5", "1e300", strconv.FormatFloat(m.rand.ExpFloat64(), 'g', -1, 64))
	}
	return strconv.Itoa(int(m.rand.Int32()) >> m.rand.IntN(31))
}

// text draws the text of a string.
func (m *mutator) text(s *openapi3.Schema) string {
	switch {
	case m.bad():
		return strings.Repeat(pick(m, "x", "ü", "𝄞", "\\"), m.rand.IntN(300))
	case s.Enum != nil:
		word := fmt.Sprint(pick(m, s.Enum...))
		return m.name(pick(m, word, word, word, word, strings.ReplaceAll(word, "_", "")))
	case s.Format == "uuid":
		return pick(m, "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d", "D6BF25B7-E0A8-4F2D-A31B-97B55CFC774D")
	case s.Format == "date-time":
		return pick(m, "2026-11-21T00:00:00Z", "2024-02-29T23:59:59.1234567+05:30", "0001-01-01T00:00:00", "2026-11-21T00:00:00-23:59", "2026-02-30T00:00:00Z")
	case s.Pattern != "":
		return pick(m, "usd", "EUR", "US", "de", "1", "12345678901234567890", "000001", "en-US", "abc.0", "4fa6dad6")
	}
	return pick(m, "", "x", "P1M", "MS-AZR-0145P", "DZH318Z0BQ36:004G:DZH318Z08C0S", "größer", "日本", "a\"b", "tab\t", "𝄞")
}
