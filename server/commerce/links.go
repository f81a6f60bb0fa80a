package commerce

import (
	"net/url"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// link names a resource by the segments of its path, relative to /v1 as the documents print it.
func link(method string, path ...string) model.Link {
	var uri strings.Builder
	for _, segment := range path {
		uri.WriteByte('/')
		uri.WriteString(url.PathEscape(segment))
	}
	return model.Link{Method: method, URI: uri.String(), Headers: []model.KeyValuePair{}}
}

func linkTo(method string, path ...string) *model.Link {
	l := link(method, path...)
	return &l
}

// OrdersLink names a customer's orders.
func OrdersLink(customerID string) model.Link { return link("GET", "customers", customerID, "orders") }

// itemLinks gives the links of an order line into the catalogue. A legacy offer has none there.
func itemLinks(item Item) model.OrderLineItemLinks {
	if item.Product.Legacy() {
		return model.OrderLineItemLinks{}
	}
	inCountry := func(path ...string) *model.Link {
		l := linkTo("GET", path...)
		l.URI += "?country=" + item.Availability.Country
		return l
	}
	product, sku, availability := item.Product.ID, item.SKU.ID, item.Availability.ID
	return model.OrderLineItemLinks{
		Product:      inCountry("products", product),
		SKU:          inCountry("products", product, "skus", sku),
		Availability: inCountry("products", product, "skus", sku, "availabilities", availability),
	}
}
