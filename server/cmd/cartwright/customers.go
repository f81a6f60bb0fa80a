package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// customerFile is the form of a file of customers, YAML or JSON:
//
//	customers:
//	  - id: d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d
//	    country: US               # optional: only what is sold there can be bought
//	    agreementAccepted: false  # optional, true if it is left out: without it nothing can be bought
type customerFile struct {
	Customers []customerEntry
}

type customerEntry struct {
	ID                string
	Country           string
	AgreementAccepted *bool `yaml:"agreementAccepted"`
	line              int
}

// UnmarshalYAML reads an entry and keeps its line.
func (e *customerEntry) UnmarshalYAML(node *yaml.Node) error {
	type plain customerEntry // without this method
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		switch key := node.Content[i]; key.Value {
		case "id", "country", "agreementAccepted":
		default:
			return fmt.Errorf("line %d: a customer has id, country and agreementAccepted, not %q", key.Line, key.Value)
		}
	}
	e.line = node.Line
	return node.Decode((*plain)(e))
}

var country = regexp.MustCompile(`^[A-Za-z]{2}$`)

// readCustomers reads the file of all customers; nil where there is no file, which lets every customer be.
func readCustomers(path string) ([]commerce.Customer, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f customerFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: a second document follows the first", path)
	}
	if len(f.Customers) == 0 {
		return nil, fmt.Errorf("%s: there are no customers in it", path)
	}
	customers := make([]commerce.Customer, 0, len(f.Customers))
	seen := make(map[string]int, len(f.Customers))
	for _, e := range f.Customers {
		id := strings.ToLower(e.ID)
		switch {
		case len(id) != 36 || uuid.Validate(id) != nil:
			return nil, fmt.Errorf("%s: line %d: the id %q is no GUID", path, e.line, e.ID)
		case seen[id] != 0:
			return nil, fmt.Errorf("%s: line %d: customer %s is in line %d already", path, e.line, e.ID, seen[id])
		case e.Country != "" && !country.MatchString(e.Country):
			return nil, fmt.Errorf("%s: line %d: the country %q is not two letters", path, e.line, e.Country)
		}
		seen[id] = e.line
		customers = append(customers, commerce.Customer{
			ID:          id,
			Country:     strings.ToUpper(e.Country),
			NoAgreement: e.AgreementAccepted != nil && !*e.AgreementAccepted,
		})
	}
	return customers, nil
}
