// Package catalog reads files into the catalogue that the rules ask (package commerce). It owns the forms of the files
// and the built-in catalogue, builtin.yaml; what an item means, and which price holds when, is decided in commerce.
//
// # Forms
//
// The extension of a file says what it has: .yaml, .yml and .json our own form, which can say all that commerce knows
// (file.go; catalog.schema.json describes it), .csv a licence-based price list as Partner Center gives it (sheet.go
// reads its lines, pricelist.go gathers them). Several files make one catalogue: what a later one says of a product,
// SKU, availability or promotion holds.
//
// # Errors
//
// An error begins with FILE:LINE:COLUMN, both counted from 1 and the column in bytes, or with FILE:LINE or FILE where
// no more is known, and then says what is wrong. After an error there is no catalogue: nothing is read in part.
package catalog

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

//go:embed builtin.yaml
var builtin []byte

// Options say of which files a catalogue is made.
type Options struct {
	// Files are paths, read in this order.
	Files []string
	// Builtin tells whether the built-in catalogue is read before the files.
	Builtin bool
	// Progress, where it is not nil, is given each file with its size in bytes, and what it gives back is read instead:
	// a reader that counts, for a progress bar. The built-in catalogue does not pass through it.
	Progress func(path string, size int64, file io.Reader) io.Reader
}

// Builtin gives the catalogue of the items that the source documents name, and of items that fail on purpose. It is read
// once: nothing changes a catalogue.
func Builtin() (*commerce.Catalog, error) { return loadBuiltin() }

var loadBuiltin = sync.OnceValues(func() (*commerce.Catalog, error) { return Load(Options{Builtin: true}) })

// Load reads the files of the options into one catalogue. A catalogue without any item is an error.
func Load(o Options) (*commerce.Catalog, error) {
	parts, err := o.read()
	if err != nil {
		return nil, err
	}
	return merge(parts)
}

// read reads the files of the options, each for itself.
func (o Options) read() (parts []part, err error) {
	if o.Builtin {
		p, err := read("builtin.yaml", bytes.NewReader(builtin))
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	for _, path := range o.Files {
		p, err := o.open(path)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// Parse reads one file, of which only the extension of the name matters, into a catalogue of its own.
func Parse(name string, r io.Reader) (*commerce.Catalog, error) {
	p, err := read(name, r)
	if err != nil {
		return nil, err
	}
	return merge([]part{p})
}

// open reads the file at a path.
func (o Options) open(path string) (part, error) {
	f, err := os.Open(path)
	if err != nil {
		return part{}, err // which names the path
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return part{}, fmt.Errorf("%s: %w", path, err)
	}
	if o.Progress == nil {
		return read(path, f)
	}
	return read(path, o.Progress(path, info.Size(), f))
}

// part is what one file says.
type part struct {
	name       string
	isList     bool // a price list, whose availabilities have ids of ours
	products   []commerce.Product
	places     []string // of the products, where the file may leave something out that an earlier file says
	promotions []commerce.Promotion
}

// read reads one file in the form that its extension names.
func read(name string, r io.Reader) (part, error) {
	extension := strings.ToLower(filepath.Ext(name))
	if extension == ".csv" {
		return readPriceList(name, r)
	}
	parse := parseYAML
	switch extension {
	case ".yaml", ".yml":
	case ".json":
		parse = parseJSON
	default:
		return part{}, fmt.Errorf("%s: the extension %q is none of .csv, .json, .yaml, .yml", name, extension)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return part{}, fmt.Errorf("%s: %w", name, err)
	}
	root, err := parse(name, data)
	if err != nil {
		return part{}, err
	}
	return readFile(name, root)
}

// merge makes one catalogue of what the files say, in their order.
func merge(parts []part) (*commerce.Catalog, error) {
	var (
		names      []string
		products   []commerce.Product
		promotions []commerce.Promotion
		known      = make(map[string]bool)
	)
	for _, p := range parts {
		if err := p.complete(known); err != nil {
			return nil, err
		}
		names = append(names, p.name)
		if p.isList {
			setPrices(products, p.products)
		}
		products = append(products, p.products...)
		promotions = append(promotions, p.promotions...)
	}
	files := strings.Join(names, ", ")
	switch {
	case len(parts) == 0:
		return nil, fmt.Errorf("no catalogue: the built-in one is left out, and there is no file")
	case len(products) == 0:
		return nil, fmt.Errorf("%s: the catalogue is empty, it has no item", files)
	}
	c, err := commerce.NewCatalog(products, promotions)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files, err)
	}
	return c, nil
}

// setPrices lets a price list say what is sold already: a term that an earlier file sells of the same SKU, in the same market
// and to the same segment, gets the list's prices where it stands, so that its availability keeps the id by which the
// documents name it. From the list that term is taken away.
func setPrices(earlier, list []commerce.Product) {
	known := make(map[string][]*commerce.Availability)
	for _, product := range earlier {
		for _, sku := range product.SKUs {
			for i := range sku.Availabilities {
				key := strings.ToLower(product.ID + ":" + sku.ID)
				known[key] = append(known[key], &sku.Availabilities[i])
			}
		}
	}
	for _, product := range list {
		for s := range product.SKUs {
			sku := &product.SKUs[s]
			for a := range sku.Availabilities {
				listed := &sku.Availabilities[a]
				for _, sold := range known[strings.ToLower(product.ID+":"+sku.ID)] {
					if sold.ID != listed.ID && sameMarket(*sold, *listed) {
						listed.Terms = slices.DeleteFunc(listed.Terms, func(t commerce.Term) bool { return setPrice(sold.Terms, t) })
					}
				}
			}
			sku.Availabilities = slices.DeleteFunc(sku.Availabilities, func(a commerce.Availability) bool { return len(a.Terms) == 0 })
		}
	}
}

func sameMarket(a, b commerce.Availability) bool {
	return a.Country == b.Country && a.Currency == b.Currency &&
		cmp.Or(a.Segment, commerce.Segments[0]) == cmp.Or(b.Segment, commerce.Segments[0])
}

// setPrice sets the prices of a term among those that are sold; false where it is none of them.
func setPrice(sold []commerce.Term, listed commerce.Term) bool {
	i := slices.IndexFunc(sold, func(t commerce.Term) bool {
		return t.Duration == listed.Duration && t.BillingCycle == listed.BillingCycle
	})
	if i >= 0 {
		sold[i].Prices = listed.Prices
	}
	return i >= 0
}

// complete tells of which product or SKU of the file nothing could be bought, because what is missing is neither here
// nor in an earlier file. Known are the products and, as product:sku, the SKUs of the earlier ones, in lower case;
// those of this file are added.
func (p part) complete(known map[string]bool) error {
	for i, product := range p.products {
		key := strings.ToLower(product.ID)
		if !known[key] && (product.Kind == "" || len(product.SKUs) == 0) {
			return fmt.Errorf("%s: product %s needs a kind and SKUs, for no earlier file has it", p.places[i], product.ID)
		}
		known[key] = true
		for _, sku := range product.SKUs {
			key := key + ":" + strings.ToLower(sku.ID)
			if !known[key] && len(sku.Availabilities) == 0 {
				return fmt.Errorf("%s: SKU %s of product %s needs availabilities, for no earlier file has it",
					p.places[i], sku.ID, product.ID)
			}
			known[key] = true
		}
	}
	return nil
}

// isID reports whether s can be the id of a product, SKU or availability: 1 to 64 letters, digits, dots, hyphens and
// underscores. A colon would end the id within that of a catalogue item.
func isID(s string) bool {
	for _, r := range s {
		letter := 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
