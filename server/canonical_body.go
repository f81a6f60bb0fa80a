package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// What a body may have at most, so that no body costs much to validate. The contract's own values are less than ten deep,
// and a cart of 500 lines with ten participants each has less than 6,000 entries in its arrays.
const (
	maxDepth   = 64
	maxEntries = 10_000
	maxName    = 256 // bytes
)

// canonicalizer brings one body into the contract's spelling (HTTP-CASE, HTTP-JSON): it passes the tokens of the body
// from dec to enc and, on the way, spells names and words as the contract does, leaves out what only the server sets
// (CART-READ-ONLY), nulls, and members that the contract does not know. What is ambiguous or not JSON is refused.
type canonicalizer struct {
	folding
	body      []byte
	dec       *jsontext.Decoder
	enc       *jsontext.Encoder
	respelled bool
	entries   int // of all arrays so far
}

// canonicalBody gives the body in canonical form, and whether anything was spelled otherwise.
func canonicalBody(body []byte, s *shape, f folding) (canonical []byte, respelled bool, err error) {
	source := body
	if f.tolerant {
		source = plainJSON(body)
	}
	var out bytes.Buffer
	c := &canonicalizer{
		folding: f,
		body:    body,
		dec:     jsontext.NewDecoder(bytes.NewBuffer(source)),
		enc:     jsontext.NewEncoder(&out),
	}
	if err := c.value(s); err != nil {
		return nil, false, c.refuse(err)
	}
	end := c.dec.InputOffset()
	if _, err := c.dec.ReadToken(); err == nil {
		return nil, false, invalid(fault{place: "/", reason: "a second value follows the first" + c.position(end)})
	} else if !errors.Is(err, io.EOF) {
		return nil, false, c.refuse(err)
	}
	return out.Bytes(), c.respelled || !bytes.Equal(source, body), nil
}

// value passes on the next value.
func (c *canonicalizer) value(s *shape) error {
	if c.dec.StackDepth() > maxDepth {
		return c.fault(fmt.Sprintf("nested more than %d levels deep", maxDepth))
	}
	switch c.dec.PeekKind() {
	case '{':
		return c.object(s)
	case '[':
		return c.array(s)
	}
	token, err := c.dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case '"':
		return c.text(token.String(), s)
	case '0':
		return c.number(token.String(), s)
	}
	return c.enc.WriteToken(token)
}

// object passes on an object without the members that have no place in a request.
func (c *canonicalizer) object(s *shape) error {
	if err := c.copyToken(); err != nil { // {
		return err
	}
	seen := map[string]string{}
	for c.dec.PeekKind() != '}' {
		token, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if len(name) > maxName {
			return c.tooLong(name)
		}
		m, known := c.lookup(s, name)
		if known {
			if first, twice := seen[c.name(m.name)]; twice {
				return c.fault(fmt.Sprintf("repeats the property %q", first))
			}
			seen[c.name(m.name)] = name
		}
		if !known || m.readOnly || c.dec.PeekKind() == 'n' {
			if err := c.skip(); err != nil {
				return err
			}
			continue
		}
		c.respelled = c.respelled || name != m.name
		if err := c.enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := c.value(m.shape); err != nil {
			return err
		}
	}
	return c.copyToken() // }
}

// lookup finds the member that a name stands for. In a map every name is one, from a lower-case letter on; where the
// contract says nothing of what is in an object, every name as it is.
func (c *canonicalizer) lookup(s *shape, name string) (member, bool) {
	if m, ok := s.members[c.name(name)]; ok {
		return m, true
	}
	switch {
	case s.free != nil:
		_, size := utf8.DecodeRuneInString(name)
		return member{name: strings.ToLower(name[:size]) + name[size:], shape: s.free}, true
	case s.anything:
		return member{name: name, shape: s}, true
	}
	return member{}, false
}

func (c *canonicalizer) array(s *shape) error {
	items := s.items
	if items == nil {
		items = &shape{anything: s.anything}
	}
	if err := c.copyToken(); err != nil { // [
		return err
	}
	for c.dec.PeekKind() != ']' {
		if c.entries++; c.entries > maxEntries {
			return c.fault(fmt.Sprintf("the body has more than %d entries in its arrays", maxEntries))
		}
		if err := c.value(items); err != nil {
			return err
		}
	}
	return c.copyToken() // ]
}

// skip reads over a value that is left out, which must be good JSON within the limits all the same.
func (c *canonicalizer) skip() error {
	quiet := *c
	quiet.enc = jsontext.NewEncoder(io.Discard)
	err := quiet.value(&shape{anything: true})
	c.entries = quiet.entries
	return err
}

// text passes on a string: an enum word as the contract spells it, an integer that was sent in quotation marks as a
// number, a time without a zone as UTC.
func (c *canonicalizer) text(value string, s *shape) error {
	if strings.ContainsRune(value, 0) {
		return c.fault("contains the character NUL")
	}
	canonical := value
	if word, ok := s.words[c.name(value)]; ok {
		canonical = word
	}
	if c.tolerant && s.integer {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && value[0] != '+' {
			c.respelled = true
			return c.enc.WriteToken(jsontext.Int(n))
		}
	}
	if c.tolerant && s.dateTime {
		if _, err := time.Parse("2006-01-02T15:04:05", value); err == nil {
			canonical += "Z"
		}
	}
	c.respelled = c.respelled || canonical != value
	return c.enc.WriteToken(jsontext.String(canonical))
}

// number passes on a number; an integer that was written as 1.0 or 1e0 as 1. One that only rounds to an integer is refused
// here: validation reads numbers in binary and would take it for one.
func (c *canonicalizer) number(text string, s *shape) error {
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return c.fault("is out of range")
	}
	if s.integer && strings.ContainsAny(text, ".eE") {
		exact, ok := new(big.Rat).SetString(text)
		if !ok || !exact.IsInt() {
			return c.fault("must be " + typeNameInteger)
		}
		text = exact.Num().String()
	}
	return c.enc.WriteValue(jsontext.Value(text))
}

func (c *canonicalizer) copyToken() error {
	token, err := c.dec.ReadToken()
	if err != nil {
		return err
	}
	return c.enc.WriteToken(token)
}

// tooLong refuses the object that has a name of that length, without the name.
func (c *canonicalizer) tooLong(name string) error {
	place := parent(string(c.dec.StackPointer()))
	return invalid(fault{place: place, reason: fmt.Sprintf("has a name of more than %d bytes, %q", maxName, shorten(name, 32))})
}

// fault refuses the value that was read last.
func (c *canonicalizer) fault(reason string) error {
	return invalid(fault{place: string(c.dec.StackPointer()), reason: reason})
}

// refuse turns an error of the decoder into one that names the place.
func (c *canonicalizer) refuse(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF) && !errors.As(err, &syntax): // nothing but comments, or a byte order mark
		return invalid(fault{place: "/", reason: "the request has no body, where JSON is expected"})
	case !errors.As(err, &syntax):
		return err
	}
	reason := ""
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return invalid(fault{place: string(syntax.JSONPointer), reason: "repeats a property"})
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = "the JSON ends too early"
	case syntax.Err != nil:
		reason = "this is not JSON: " + syntax.Err.Error()
	}
	return invalid(fault{place: string(syntax.JSONPointer), reason: reason + c.position(syntax.ByteOffset)})
}

// position names a byte of the body as people count: by line and column.
func (c *canonicalizer) position(offset int64) string {
	before := c.body[:min(int(offset), len(c.body))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf(" (line %d, column %d)", line, column)
}
