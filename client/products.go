package client

import (
	"context"
	"iter"
	"net/http"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// ProductService reads what can be bought: a product has SKUs, a SKU has availabilities, and an availability has the
// CatalogItemID that a cart line names. Availabilities change over time: read them before each purchase (CATALOG).
type ProductService struct{ client *Client }

// Market says whose catalogue is read: that of a country, or that of a customer, which has only what this customer can buy.
type Market struct {
	Country    string // two letters of ISO 3166: "US"; with a customer only for another country than the customer's
	CustomerID string // a GUID
}

// country gives the country for operations on a customer's catalogue, where it may be left out.
func (m Market) country() *string {
	if m.Country == "" {
		return nil
	}
	return &m.Country
}

// operation names the contract's operation of two that reads something for the market.
func (m Market) operation(verb, what string) string {
	if m.CustomerID != "" {
		return verb + "Customer" + what
	}
	return verb + what
}

// ids gives the ids of a path, the customer's before the others.
func (m Market) ids(others ...string) []string {
	if m.CustomerID == "" {
		return others
	}
	return append([]string{m.CustomerID}, others...)
}

// List goes through the products of a target view: "OnlineServices", "AzureReservations", "Software", … (CATALOG). Segment is
// its option.
//
// It serves GET /products and GET /customers/{customer_id}/products.
func (s *ProductService) List(ctx context.Context, market Market, targetView string, options ...CallOption) iter.Seq2[*Product, error] {
	return list(ctx, s.client, operation[model.ProductCollection]{
		name: market.operation("list", "Products"), ids: market.ids(),
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.ListCustomerProducts(ctx, market.CustomerID, &model.ListCustomerProductsParams{
					TargetView: targetView, TargetSegment: set.segment, Country: market.country(),
				})
			}
			return s.client.api.ListProducts(ctx, &model.ListProductsParams{
				TargetView: targetView, TargetSegment: set.segment, Country: market.Country,
			})
		},
	}, func(l *model.ProductCollection) []Product { return l.Items }, options)
}

// Get reads a product.
//
// It serves GET /products/{product_id} and GET /customers/{customer_id}/products/{product_id}.
func (s *ProductService) Get(ctx context.Context, market Market, productID string, options ...CallOption) (*Product, error) {
	return call(ctx, s.client, operation[Product]{
		name: market.operation("get", "Product"), ids: market.ids(productID), whole: func(p *Product) bool { return p.ID != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.GetCustomerProduct(ctx, market.CustomerID, productID, &model.GetCustomerProductParams{Country: market.country()})
			}
			return s.client.api.GetProduct(ctx, productID, &model.GetProductParams{Country: market.Country})
		},
	}, options)
}

// SKUs goes through the SKUs of a product. Segment is its option.
//
// It serves GET /products/{product_id}/skus, and the same of a customer.
func (s *ProductService) SKUs(ctx context.Context, market Market, productID string, options ...CallOption) iter.Seq2[*SKU, error] {
	return list(ctx, s.client, operation[model.SKUCollection]{
		name: market.operation("list", "Skus"), ids: market.ids(productID),
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.ListCustomerSkus(ctx, market.CustomerID, productID, &model.ListCustomerSkusParams{
					TargetSegment: set.segment, Country: market.country(),
				})
			}
			return s.client.api.ListSkus(ctx, productID, &model.ListSkusParams{TargetSegment: set.segment, Country: market.Country})
		},
	}, func(l *model.SKUCollection) []SKU { return l.Items }, options)
}

// SKU reads a SKU: how many units a line may have, with which terms and prerequisites.
//
// It serves GET /products/{product_id}/skus/{sku_id}, and the same of a customer.
func (s *ProductService) SKU(ctx context.Context, market Market, productID, skuID string, options ...CallOption) (*SKU, error) {
	return call(ctx, s.client, operation[SKU]{
		name: market.operation("get", "Sku"), ids: market.ids(productID, skuID), whole: func(s *SKU) bool { return s.ID != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.GetCustomerSKU(ctx, market.CustomerID, productID, skuID, &model.GetCustomerSKUParams{Country: market.country()})
			}
			return s.client.api.GetSKU(ctx, productID, skuID, &model.GetSKUParams{Country: market.Country})
		},
	}, options)
}

// Availabilities goes through the availabilities of a SKU. Segment is its option.
//
// It serves GET /products/{product_id}/skus/{sku_id}/availabilities, and the same of a customer.
func (s *ProductService) Availabilities(ctx context.Context, market Market, productID, skuID string, options ...CallOption) iter.Seq2[*Availability, error] {
	return list(ctx, s.client, operation[model.AvailabilityCollection]{
		name: market.operation("list", "Availabilities"), ids: market.ids(productID, skuID),
		send: func(ctx context.Context, set callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.ListCustomerAvailabilities(ctx, market.CustomerID, productID, skuID, &model.ListCustomerAvailabilitiesParams{
					TargetSegment: set.segment, Country: market.country(),
				})
			}
			return s.client.api.ListAvailabilities(ctx, productID, skuID, &model.ListAvailabilitiesParams{
				TargetSegment: set.segment, Country: market.Country,
			})
		},
	}, func(l *model.AvailabilityCollection) []Availability { return l.Items }, options)
}

// Availability reads an availability, with its CatalogItemID and terms.
//
// It serves GET /products/{product_id}/skus/{sku_id}/availabilities/{availability_id}, and the same of a customer.
func (s *ProductService) Availability(ctx context.Context, market Market, productID, skuID, availabilityID string, options ...CallOption) (*Availability, error) {
	return call(ctx, s.client, operation[Availability]{
		name: market.operation("get", "Availability"), ids: market.ids(productID, skuID, availabilityID), whole: func(a *Availability) bool { return a.ID != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			if market.CustomerID != "" {
				return s.client.api.GetCustomerAvailability(ctx, market.CustomerID, productID, skuID, availabilityID,
					&model.GetCustomerAvailabilityParams{Country: market.country()})
			}
			return s.client.api.GetAvailability(ctx, productID, skuID, availabilityID, &model.GetAvailabilityParams{Country: market.Country})
		},
	}, options)
}

// Offer reads a legacy offer.
//
// It serves GET /offers/{offer_id}.
func (s *ProductService) Offer(ctx context.Context, country, offerID string, options ...CallOption) (*Offer, error) {
	return call(ctx, s.client, operation[Offer]{
		name: "getOffer", ids: []string{offerID}, whole: func(o *Offer) bool { return o.ID != "" },
		send: func(ctx context.Context, _ callSettings) (*http.Response, error) {
			return s.client.api.GetOffer(ctx, offerID, &model.GetOfferParams{Country: country})
		},
	}, options)
}
