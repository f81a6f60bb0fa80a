package commerce

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// link names a resource by the segments of its path, relative to /v1 as the documents print it (LINKS-RESOLVE).
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

// inCountry names a resource of the catalogue as it is in a country.
func inCountry(country string, path ...string) model.Link {
	l := link("GET", path...)
	l.URI += "?country=" + url.QueryEscape(country)
	return l
}

// OrdersLink names a customer's orders.
func OrdersLink(customerID string) model.Link { return link("GET", "customers", customerID, "orders") }

// SubscriptionsLink names a customer's subscriptions, or those of one order.
func SubscriptionsLink(customerID, orderID string) model.Link {
	l := link("GET", "customers", customerID, "subscriptions")
	if orderID != "" {
		l.URI += "?order_id=" + url.QueryEscape(orderID)
	}
	return l
}

// itemLinks gives the links of an order line into the catalogue. A legacy offer has no availability there.
func itemLinks(item Item) model.OrderLineItemLinks {
	country, product, sku := item.Availability.Country, item.Product.ID, item.SKU.ID
	skuLink := inCountry(country, "products", product, "skus", sku)
	if item.Product.Kind.Legacy() {
		return model.OrderLineItemLinks{SKU: &skuLink}
	}
	productLink := inCountry(country, "products", product)
	availability := inCountry(country, "products", product, "skus", sku, "availabilities", item.Availability.ID)
	return model.OrderLineItemLinks{Product: &productLink, SKU: &skuLink, Availability: &availability}
}

func activationLinksOf(order model.Order, number int32) *model.Link {
	return linkTo("GET", "customers", order.ReferenceCustomerID, "orders", order.ID, "lineitems", fmt.Sprint(number), "activationlinks")
}
