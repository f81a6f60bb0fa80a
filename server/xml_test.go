package server_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
)

func TestWriteXML(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`{}`:                              `<Root></Root>`,
		`[]`:                              `<Root></Root>`,
		`""`:                              `<Root></Root>`,
		`null`:                            `<Root nil="true"></Root>`,
		`true`:                            `<Root>true</Root>`,
		`-0.10e+5`:                        `<Root>-0.10e+5</Root>`,
		`12345678901234567890.10`:         `<Root>12345678901234567890.10</Root>`,
		`{"a":null,"b":[],"c":{},"d":""}`: `<Root><a nil="true"></a><b></b><c></c><d></d></Root>`,
		`{"a":[1,[false],{"b":null}],"c":{"item":"x"}}`: `<Root><a><item>1</item><item><item>false</item></item><item><b nil="true"></b></item></a>` +
			`<c><item>x</item></c></Root>`,
		`"<a href=\"&amp;\"> ' ]]>\t\r\n"`:       `<Root>&lt;a href=&#34;&amp;amp;&#34;&gt; &#39; ]]&gt;&#x9;&#xD;&#xA;</Root>`,
		`"\u0000\u0001\u001f\ufffe\ud800\u007f"`: "<Root>\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\u007f</Root>",
		`"\ud83d\ude00 Straße"`:                  "<Root>😀 Straße</Root>",
		`{"a b":1,"a b":2}`:                      `<Root><a_x0020_b>1</a_x0020_b><a_x0020_b>2</a_x0020_b></Root>`,
	} {
		got, err := server.WriteXML("Root", []byte(source))
		if diff := cmp.Diff(declaration+want, string(got)); diff != "" || err != nil {
			t.Errorf("%s: %v, differs (-want +got):\n%s", source, err, diff)
		}
	}
	if got, err := server.WriteXML("Root"); len(got) != 0 || err != nil {
		t.Errorf("no JSON gives %q, %v", got, err)
	}
	for _, source := range []string{`{"a":1`, `{"a" 1}`, `1 2`, `[1]]`, `nul`} {
		if got, err := server.WriteXML("Root", []byte(source)); err == nil {
			t.Errorf("%s gives %s", source, got)
		}
	}
}

const declaration = `<?xml version="1.0" encoding="utf-8"?>` + "\n"

// The names that clients choose, in provisioningContext, are escaped as .NET does.
func TestXMLName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"subscriptionId":   "subscriptionId",
		"a-b.c_d9":         "a-b.c_d9",
		"_":                "_",
		"":                 "_x_",
		"a b":              "a_x0020_b",
		"9a9":              "_x0039_a9",
		"-a-":              "_x002D_a-",
		".a.":              "_x002E_a.",
		"a:b":              "a_x003A_b",
		"<a/>":             "_x003C_a_x002F__x003E_",
		"é":                "_x00E9_",
		"a😀":               "a_x0001F600_",
		"\x00\ufffe":       "_x0000__xFFFE_",
		"_x0041_":          "_x005F_x0041_",
		"_X0041_":          "_x005F_X0041_",
		"_x0041_x0042_":    "_x005F_x0041_x005F_x0042_",
		"_x0041 ":          "_x005F_x0041_x0020_",
		" x0041_":          "_x0020_x0041_",
		"_x_":              "_x005F_x_",
		"__x":              "__x005F_x",
		"a_xylophone_item": "a_x005F_xylophone_item",
	} {
		got := server.XMLName(name)
		if got != want || decodeName(got) != name {
			t.Errorf("XMLName(%q) = %q, want %q; it is read back as %q", name, got, want, decodeName(got))
		}
	}
}

// FuzzXML writes any JSON, in parts of any length, as XML: what can be read of it is the value. What is no JSON must not
// become a whole document. What it begins with is in testdata.
func FuzzXML(f *testing.F) {
	f.Fuzz(func(t *testing.T, source []byte, length uint8) {
		got, err := server.WriteXML("Root", slices.Collect(slices.Chunk(source, int(length)+1))...)
		if len(bytes.Trim(source, " \t\r\n")) == 0 {
			if len(got) > 0 || err != nil {
				t.Errorf("no JSON gives %q, %v", got, err)
			}
			return
		}
		if valid := json.Valid(source); valid != (err == nil) {
			t.Fatalf("valid: %v, error: %v", valid, err)
		} else if !valid {
			return
		}
		if diff := cmp.Diff(treeOfJSON(t, "Root", source), treeOfXML(t, got)); diff != "" {
			t.Errorf("differs (-json +xml):\n%s\n%s", diff, got)
		}
	})
}

// tree is a value as XML tells it.
type tree struct {
	Name     string
	Nil      bool
	Text     string
	Children []tree
}

// treeOfJSON says what tree a JSON value must become.
func treeOfJSON(t *testing.T, name string, source []byte) tree {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(source))
	d.UseNumber()
	root, err := readJSON(d, name)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return root
}

func readJSON(d *json.Decoder, name string) (tree, error) {
	token, err := d.Token()
	if err != nil {
		return tree{}, err
	}
	out := tree{Name: name}
	switch v := token.(type) {
	case nil:
		out.Nil = true
	case bool, json.Number:
		out.Text = fmt.Sprint(v)
	case string:
		out.Text = strings.Map(xmlRune, v)
	case json.Delim:
		for d.More() {
			name := "item"
			if v == '{' {
				token, err := d.Token()
				if err != nil {
					return tree{}, err
				}
				name = token.(string)
			}
			child, err := readJSON(d, name)
			if err != nil {
				return tree{}, err
			}
			out.Children = append(out.Children, child)
		}
		_, err = d.Token()
	}
	return out, err
}

// xmlRune is what becomes of a character: XML 1.0, production 2.
func xmlRune(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 {
		return r
	}
	return '\uFFFD'
}

// treeOfXML reads a document: its declaration, one root element, and nothing else.
func treeOfXML(t *testing.T, document []byte) tree {
	t.Helper()
	body, ok := bytes.CutPrefix(document, []byte(declaration))
	if !ok {
		t.Fatalf("the document has no declaration:\n%s", document)
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	first, err := d.Token()
	begin, ok := first.(xml.StartElement)
	if err != nil || !ok {
		t.Fatalf("the document begins with %v, %v\n%s", first, err, document)
	}
	root, err := readXML(d, begin)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	if after, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("after the root comes %v, %v\n%s", after, err, document)
	}
	return root
}

func readXML(d *xml.Decoder, begin xml.StartElement) (tree, error) {
	out := tree{Name: decodeName(begin.Name.Local)}
	for _, a := range begin.Attr {
		if out.Nil = a.Name.Local == "nil" && a.Value == "true"; !out.Nil {
			return tree{}, fmt.Errorf("attribute %v", a)
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return tree{}, err
		}
		switch v := token.(type) {
		case xml.StartElement:
			child, err := readXML(d, v)
			if err != nil {
				return tree{}, err
			}
			out.Children = append(out.Children, child)
		case xml.CharData:
			out.Text += string(v)
		case xml.EndElement:
			return out, nil
		default:
			return tree{}, fmt.Errorf("token %T", token)
		}
	}
}

var escapedRune = regexp.MustCompile(`_[xX]([0-9a-fA-F]{4}|[0-9a-fA-F]{8})_`)

// decodeName reads a name as .NET's XmlConvert.DecodeName does, and the empty one.
func decodeName(name string) string {
	if name == "_x_" {
		return ""
	}
	return escapedRune.ReplaceAllStringFunc(name, func(escape string) string {
		n, err := strconv.ParseInt(escape[2:len(escape)-1], 16, 32)
		if err != nil {
			return escape
		}
		return string(rune(n))
	})
}
