package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/model"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// readPriceList reads a licence-based price list of new commerce. Each line is one price; the lines of a product, SKU,
// availability and term are gathered wherever they stand, and come out in the order of their ids.
//
// The list has no availabilities. A SKU gets one for each market, currency and segment, see availabilityID.
func readPriceList(name string, r io.Reader) (part, error) {
	s, err := newSheet(name, r)
	if err != nil {
		return part{}, err
	}
	var lines []listed
	for {
		l, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return part{}, err
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, listed.compare)
	products, err := gather(name, lines)
	if err != nil {
		return part{}, err
	}
	return part{name: name, isList: true, products: products, places: make([]string, len(products))}, nil
}

// listed is a line of a price list.
type listed struct {
	line int

	product, productTitle      string
	sku, skuTitle, description string
	publisher                  string
	kind                       commerce.Kind
	trial                      bool
	market, currency, segment  string
	duration                   string
	cycle                      model.BillingCycle
	price                      commerce.Price
}

// compare orders lines by product, SKU, availability and term, then by time: of two prices that hold at once the one
// that begins earlier, or else ends earlier, comes first, and counts while it lasts.
func (l listed) compare(o listed) int {
	return cmp.Or(
		strings.Compare(l.product, o.product),
		strings.Compare(l.sku, o.sku),
		strings.Compare(l.market, o.market),
		strings.Compare(l.currency, o.currency),
		strings.Compare(l.segment, o.segment),
		strings.Compare(l.duration, o.duration),
		cmp.Compare(l.cycle, o.cycle),
		l.price.From.Compare(o.price.From),
		compareEnds(l.price.To, o.price.To),
		cmp.Compare(l.price.Min, o.price.Min),
		cmp.Compare(l.price.Max, o.price.Max),
		cmp.Compare(l.line, o.line),
	)
}

// compareEnds compares two instants, of which a zero one is after all others.
func compareEnds(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return b.Compare(a)
	}
	return a.Compare(b)
}

// gather makes products of lines in the order of compare. Titles are those of the first line that has one. Two lines of
// one term and time, with tiers that overlap, are an error, and so is a product of two kinds.
func gather(name string, lines []listed) ([]commerce.Product, error) {
	var (
		products     []commerce.Product
		product      *commerce.Product
		sku          *commerce.SKU
		availability *commerce.Availability
		term         *commerce.Term
		last         listed
	)
	for _, l := range lines {
		differs := l.product != last.product
		if differs {
			products = append(products, commerce.Product{ID: l.product, Kind: l.kind})
			product = &products[len(products)-1]
		}
		if differs = differs || l.sku != last.sku; differs {
			product.SKUs = append(product.SKUs, commerce.SKU{ID: l.sku})
			sku = &product.SKUs[len(product.SKUs)-1]
		}
		if differs = differs || l.market != last.market || l.currency != last.currency || l.segment != last.segment; differs {
			sku.Availabilities = append(sku.Availabilities, l.availability())
			availability = &sku.Availabilities[len(sku.Availabilities)-1]
		}
		if differs = differs || l.duration != last.duration || l.cycle != last.cycle; differs {
			availability.Terms = append(availability.Terms, commerce.Term{Duration: l.duration, BillingCycle: l.cycle})
			term = &availability.Terms[len(availability.Terms)-1]
		}
		switch {
		case product.Kind != l.kind:
			return nil, fmt.Errorf("%s:%d:1: product %s is %s here and %s on line %d", name, l.line, l.product, l.kind, last.kind, last.line)
		case !differs && l.overlaps(last):
			return nil, fmt.Errorf("%s:%d:1: the line is for the same item, term, time and tier as line %d, or for a part of the tier", name, l.line, last.line)
		}
		product.Title = cmp.Or(product.Title, l.productTitle)
		product.Publisher = cmp.Or(product.Publisher, l.publisher)
		sku.Title = cmp.Or(sku.Title, l.skuTitle)
		sku.Description = cmp.Or(sku.Description, l.description)
		if l.trial {
			sku.Trial = &l.trial
		}
		term.Prices = append(term.Prices, l.price)
		last = l
	}
	return products, nil
}

// overlaps reports whether two lines of one term, of which o has the lower tier, are for the same time and for tiers that have
// a quantity in common.
func (l listed) overlaps(o listed) bool {
	a, b := l.price, o.price
	return a.From.Equal(b.From) && a.To.Equal(b.To) && (b.Max == 0 || a.Min <= b.Max)
}

// availability gives the availability of the line, without terms.
func (l listed) availability() commerce.Availability {
	return commerce.Availability{
		ID:      availabilityID(l.product, l.sku, l.market, l.currency, l.segment),
		Country: l.market, Currency: l.currency, Segment: l.segment,
	}
}

// availabilityID makes the id of an availability, which a price list does not have: the first 12 characters of the
// SHA-256 of product:sku:market:currency:segment in lower case, in base 32 with the digits 0-9 and A-V (RFC 4648,
// "extended hex"). It is the same on every machine and for every list of the item.
func availabilityID(key ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(key, ":"))))
	return base32.HexEncoding.EncodeToString(sum[:])[:12]
}
