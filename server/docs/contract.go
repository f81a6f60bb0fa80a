package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// toJSON gives a YAML document as JSON, with its properties in their order.
func toJSON(document []byte) ([]byte, error) {
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := writeJSON(&out, root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func parse(document []byte) (*yaml.Node, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(document, &node); err != nil {
		return nil, err
	}
	if len(node.Content) != 1 {
		return nil, errors.New("the document is empty")
	}
	return node.Content[0], nil
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.AliasNode:
		return writeJSON(out, n.Alias)
	case yaml.MappingNode:
		out.WriteByte('{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeValue(out, n.Content[i].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, n.Content[i+1]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	}
	if n.ShortTag() == "!!timestamp" { // JSON has none, and whoever wrote it meant a text
		return writeValue(out, n.Value)
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return writeValue(out, value)
}

func writeValue(out *bytes.Buffer, value any) error {
	data, err := json.Marshal(value)
	out.Write(data)
	return err
}

// updatedCart is the cart that the documents' update page names in its path.
const updatedCart = "65faf57b-0205-47ee-92b3-08dcf233ea73"

// forTrying gives the copy of a contract for the page: its only server is this one. Parameters that may be left out have no
// example, for the page would send it: one request id for all requests would make most of them repetitions.
func forTrying(document []byte, server string) ([]byte, error) {
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	servers := mapping(&yaml.Node{Kind: yaml.MappingNode}, "url", server, "description", "This stub; no order is real.")
	set(root, "servers", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{servers}})
	each(root, func(n *yaml.Node) {
		if in := get(n, "in"); in == nil || get(n, "name") == nil {
			return
		}
		if required := get(n, "required"); required == nil || required.Value != "true" {
			remove(n, "example")
		}
	})
	update := get(get(get(root, "paths"), "/customers/{customer_id}/carts/{cart_id}"), "put")
	if update != nil { // the other example cart can have been checked out
		parameter := mapping(&yaml.Node{Kind: yaml.MappingNode}, "name", "cart_id", "in", "path", "example", updatedCart)
		set(parameter, "required", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
		set(parameter, "schema", mapping(&yaml.Node{Kind: yaml.MappingNode}, "type", "string", "format", "uuid"))
		set(update, "parameters", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{parameter}})
	}
	var out bytes.Buffer
	if err := writeJSON(&out, root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// each visits all nodes.
func each(n *yaml.Node, visit func(*yaml.Node)) {
	visit(n)
	for _, child := range n.Content {
		each(child, visit)
	}
}

// get gives the value of a property; nil where there is none.
func get(n *yaml.Node, name string) *yaml.Node {
	if i := place(n, name); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

// place is where the name of a property stands; -1 where there is none.
func place(n *yaml.Node, name string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return i
		}
	}
	return -1
}

func set(n *yaml.Node, name string, value *yaml.Node) {
	if i := place(n, name); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, text(name), value)
}

func remove(n *yaml.Node, name string) {
	if i := place(n, name); i >= 0 {
		n.Content = append(n.Content[:i], n.Content[i+2:]...)
	}
}

// mapping adds properties with texts as values.
func mapping(n *yaml.Node, words ...string) *yaml.Node {
	for i := 0; i < len(words); i += 2 {
		set(n, words[i], text(words[i+1]))
	}
	return n
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}
