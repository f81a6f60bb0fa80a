package server

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// xmlWriter writes the JSON value that is written to it as an XML document, since no document shows the XML of this API
// (HTTP-MEDIA):
//
//   - An element has the name of the JSON member; an entry of an array is an element item.
//   - Numbers, true and false are as in JSON. null is an empty element with nil="true". Empty arrays, objects and strings
//     are empty elements.
//   - A name that can't be an element's is escaped, see xmlName.
//   - A character that XML can't carry, such as U+0001, becomes U+FFFD.
//
// It sends on what it can with each Write, and keeps no more than a token of the JSON that is not complete.
type xmlWriter struct {
	in     *jsontext.Decoder
	json   chunk
	out    *bufio.Writer
	root   string
	open   []xmlElement // the outermost first
	values int          // that are complete; a document has one
}

// xmlElement is an element of an object or array that has no end yet.
type xmlElement struct {
	name    string
	isArray bool
	member  string // in an object: the name of the value that comes next; empty when the name is what comes next
}

func newXMLWriter(w io.Writer, root string) *xmlWriter {
	x := &xmlWriter{out: bufio.NewWriter(w), root: root}
	// Names that come twice and broken UTF-8 do no harm here, so that looking for them isn't worth its cost.
	x.in = jsontext.NewDecoder(&x.json, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return x
}

// Write takes the next part of the JSON, cut anywhere.
func (x *xmlWriter) Write(p []byte) (int, error) {
	x.json.rest = p
	if err := x.writeTokens(); !errors.Is(err, errNoMore) {
		return 0, err
	}
	if err := x.out.Flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close fails if the JSON is not complete. If there was none at all, there is no document either.
func (x *xmlWriter) Close() error {
	x.json.ended = true
	if err := x.writeTokens(); !errors.Is(err, io.EOF) {
		return err
	}
	return x.out.Flush()
}

// writeTokens writes all tokens that are there, and gives the error that says why there are no more.
func (x *xmlWriter) writeTokens() error {
	for x.values < 2 {
		token, err := x.in.ReadToken()
		if err != nil {
			return fmt.Errorf("JSON to be written as XML: %w", err)
		}
		if x.values == 0 {
			x.writeToken(token)
		}
		if x.in.StackDepth() == 0 {
			x.values++
		}
	}
	return errors.New("JSON to be written as XML: there is more than one value")
}

// writeToken writes what one token adds. Errors of the writer come out when it is flushed.
func (x *xmlWriter) writeToken(token jsontext.Token) {
	kind := token.Kind()
	if kind == '}' || kind == ']' {
		last := len(x.open) - 1
		x.print("</", x.open[last].name, ">")
		x.open = x.open[:last]
		return
	}
	name, ok := x.nextName(token)
	if !ok {
		return
	}
	switch kind {
	case '{', '[':
		x.print("<", name, ">")
		x.open = append(x.open, xmlElement{name: name, isArray: kind == '['})
	case 'n':
		x.print("<", name, ` nil="true"></`, name, ">")
	default:
		x.print("<", name, ">")
		_ = xml.EscapeText(x.out, []byte(token.String()))
		x.print("</", name, ">")
	}
}

// nextName gives the name of the element that a token begins. It reports false for a token that is a name itself.
func (x *xmlWriter) nextName(token jsontext.Token) (name string, ok bool) {
	if len(x.open) == 0 {
		x.print(`<?xml version="1.0" encoding="utf-8"?>`, "\n")
		return x.root, true
	}
	parent := &x.open[len(x.open)-1]
	if parent.isArray {
		return "item", true
	}
	if parent.member == "" {
		parent.member = xmlName(token.String())
		return "", false
	}
	name, parent.member = parent.member, ""
	return name, true
}

func (x *xmlWriter) print(parts ...string) {
	for _, part := range parts {
		_, _ = x.out.WriteString(part)
	}
}

// xmlName makes an element's name of a JSON name. All but ASCII letters, digits, "_", "-" and "." is escaped as
// _xHHHH_, or _xHHHHHHHH_ beyond the first plane; so is what can't begin a name, and a "_" that would begin an escape.
// .NET's XmlConvert.DecodeName reads that back. An empty name, which it does not know, is _x_.
func xmlName(name string) string {
	if name == "" {
		return "_x_"
	}
	var b strings.Builder
	for i, r := range name {
		next := strings.TrimPrefix(name[i:], "_")
		switch {
		case r > 0xFFFF:
			fmt.Fprintf(&b, "_x%08X_", r)
		case !isXMLNameRune(r, i == 0), r == '_' && (strings.HasPrefix(next, "x") || strings.HasPrefix(next, "X")):
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isXMLNameRune(r rune, first bool) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || !first && (r >= '0' && r <= '9' || r == '-' || r == '.')
}

// chunk is what a decoder reads when its input comes in parts. At the end of a part it gives errNoMore, after which the
// decoder can go on where it stopped, as after any error of a reader that passes.
type chunk struct {
	rest  []byte
	ended bool
}

// errNoMore says that more is to come later.
var errNoMore = errors.New("no more for now")

func (c *chunk) Read(p []byte) (int, error) {
	switch {
	case len(c.rest) > 0:
		n := copy(p, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	case c.ended:
		return 0, io.EOF
	}
	return 0, errNoMore
}
