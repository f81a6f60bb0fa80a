package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parseYAML reads the one document of a YAML file.
func parseYAML(name string, data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := dec.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s:1:1: the file is empty", name)
	case err != nil:
		return nil, yamlFailure(name, err)
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("%s:%d:%d: a second document begins; a catalogue file has one", name, second.Line, second.Column)
	case !errors.Is(err, io.EOF):
		return nil, yamlFailure(name, err)
	}
	return document.Content[0], nil
}

// yamlFailure says what the YAML library says, with our sort of place. The library knows no columns.
func yamlFailure(name string, err error) error {
	m := yamlError.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		return fmt.Errorf("%s: %w", name, err)
	case m[1] == "":
		return fmt.Errorf("%s: %s", name, m[2])
	}
	return fmt.Errorf("%s:%s: %s", name, m[1], m[2])
}

// parseJSON reads a JSON file into the same nodes. The YAML library could not: it refuses tabs and surrogate pairs.
func parseJSON(name string, data []byte) (*yaml.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: the file is not UTF-8", name)
	}
	j := jsonFile{name: name, data: data, lines: []int{0}, dec: json.NewDecoder(bytes.NewReader(data))}
	j.dec.UseNumber()
	for at, c := range data {
		if c == '\n' {
			j.lines = append(j.lines, at+1)
		}
	}
	root, err := j.node(0)
	if err != nil {
		return nil, err
	}
	rest := bytes.TrimLeft(data[j.dec.InputOffset():], " \t\r\n")
	if len(rest) > 0 {
		return nil, j.fail(len(data)-len(rest), "something follows the JSON value")
	}
	return root, nil
}

// jsonFile is a JSON file that is being read.
type jsonFile struct {
	name  string
	data  []byte
	lines []int // the offsets at which lines begin
	dec   *json.Decoder
}

// maximumDepth is how deep objects and arrays of JSON may lie in each other. A catalogue needs nine levels.
const maximumDepth = 100

// node reads the next value.
func (j *jsonFile) node(depth int) (*yaml.Node, error) {
	at := j.next()
	token, err := j.dec.Token()
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, j.fail(len(j.data), "the JSON ends early")
	case err != nil:
		return nil, j.fail(at, err.Error())
	case depth > maximumDepth:
		return nil, j.fail(at, "the JSON is nested too deeply")
	}
	n := &yaml.Node{Kind: yaml.ScalarNode}
	n.Line, n.Column = j.place(at)
	switch v := token.(type) {
	case json.Delim:
		n.Kind = yaml.MappingNode
		if v == '[' {
			n.Kind = yaml.SequenceNode
		}
		return n, j.children(n, depth)
	case string:
		n.Tag, n.Value = "!!str", v
	case json.Number:
		n.Tag, n.Value = "!!float", v.String()
		if _, err := v.Int64(); err == nil {
			n.Tag = "!!int"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	default:
		n.Tag = "!!null"
	}
	return n, nil
}

// children reads the values of an object or array, names of members among them, up to its end.
func (j *jsonFile) children(n *yaml.Node, depth int) error {
	for j.dec.More() {
		child, err := j.node(depth + 1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	at := j.next()
	if _, err := j.dec.Token(); err != nil {
		return j.fail(at, "the JSON ends early, or its brackets do not match")
	}
	return nil
}

// next gives the offset at which the next token begins.
func (j *jsonFile) next() int {
	at := int(j.dec.InputOffset())
	for at < len(j.data) && bytes.IndexByte([]byte(" \t\r\n,:"), j.data[at]) >= 0 {
		at++
	}
	return at
}

// place gives the line and column of an offset.
func (j *jsonFile) place(at int) (line, column int) {
	line = sort.SearchInts(j.lines, at+1)
	return line, at - j.lines[line-1] + 1
}

func (j *jsonFile) fail(at int, reason string) error {
	line, column := j.place(at)
	return fmt.Errorf("%s:%d:%d: %s", j.name, line, column, reason)
}
