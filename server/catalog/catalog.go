// Package catalog reads catalogue files into the catalogue that the rules ask (package commerce). It owns the form of the
// files and the built-in one, builtin.yaml; what an item means is decided in commerce.
package catalog

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

//go:embed builtin.yaml
var builtin []byte

// Builtin gives the catalogue of the items that the source documents name.
func Builtin() (*commerce.Catalog, error) {
	c, err := Parse(builtin)
	if err != nil {
		return nil, fmt.Errorf("built-in catalogue: %w", err)
	}
	return c, nil
}

// Parse reads a catalogue file. An unknown key, a wrong type or an item that no rule could work with is an error, and
// nothing is read.
func Parse(data []byte) (*commerce.Catalog, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	return commerce.NewCatalog(f.products())
}

// file is the form of a catalogue file.
type file struct {
	Market   market
	Products []product
}

type market struct {
	Country        string
	Currency       string
	CurrencySymbol string `yaml:"currencySymbol"`
}

type product struct {
	ID             string
	Title          string
	Kind           commerce.Kind
	PurchaseSystem commerce.PurchaseSystem `yaml:"purchaseSystem"`
	Subscription   bool
	SKUs           []sku `yaml:"skus"`
}

type sku struct {
	ID              string
	Title           string
	MinimumQuantity int32 `yaml:"minimumQuantity"` // 1 where it is left out
	MaximumQuantity int32 `yaml:"maximumQuantity"`
	Availabilities  []availability
}

type availability struct {
	ID    string
	Terms []term
}

type term struct {
	Duration     string
	BillingCycle model.BillingCycle `yaml:"billingCycle"`
	ListPrice    *money             `yaml:"listPrice"`
}

// money is a decimal number, read digit by digit as the file has it.
type money struct{ decimal.Decimal }

// UnmarshalYAML reads the number from its text.
func (m *money) UnmarshalYAML(node *yaml.Node) (err error) {
	m.Decimal, err = decimal.NewFromString(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is no amount of money", node.Line, node.Value)
	}
	return nil
}

func (f file) products() []commerce.Product {
	return each(f.Products, func(p product) commerce.Product {
		return commerce.Product{
			ID: p.ID, Title: p.Title, Kind: p.Kind, PurchaseSystem: p.PurchaseSystem, Subscription: p.Subscription,
			SKUs: each(p.SKUs, func(s sku) commerce.SKU {
				return commerce.SKU{
					ID: s.ID, Title: s.Title,
					MinimumQuantity: max(1, s.MinimumQuantity), MaximumQuantity: s.MaximumQuantity,
					Availabilities: each(s.Availabilities, f.Market.availability),
				}
			}),
		}
	})
}

func (m market) availability(a availability) commerce.Availability {
	return commerce.Availability{
		ID: a.ID, Country: m.Country, Currency: m.Currency, CurrencySymbol: m.CurrencySymbol,
		Terms: each(a.Terms, func(t term) commerce.Term {
			out := commerce.Term{Duration: t.Duration, BillingCycle: t.BillingCycle}
			if t.ListPrice != nil {
				out.ListPrice = &t.ListPrice.Decimal
			}
			return out
		}),
	}
}

func each[A, B any](in []A, convert func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = convert(a)
	}
	return out
}
