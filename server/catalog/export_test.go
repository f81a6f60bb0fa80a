package catalog

import (
	"io"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// Read gives what one file says, before it becomes a catalogue, for commerce shows its items only one by one.
func Read(name string, r io.Reader) ([]commerce.Product, []commerce.Promotion, error) {
	p, err := read(name, r)
	return p.products, p.promotions, err
}
