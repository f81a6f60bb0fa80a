package server

import (
	"cmp"
	"context"

	"github.com/cartwright-dev/cartwright/gen/apiserver"
	"github.com/cartwright-dev/cartwright/server/commerce"
)

// window is the catalogue as a request asks to see it (CATALOG).
func (o *operations) window(country string, segment *string) commerce.Window {
	return commerce.Window{Country: country, Segment: valueOf(segment), Now: o.clock.now()}
}

// customerWindow is the catalogue as a customer sees it: of its country, unless the request names another.
func (o *operations) customerWindow(customerID string, country, segment *string) commerce.Window {
	w := o.window(cmp.Or(valueOf(country), o.customer(customerID).Country, o.rules.Catalog.Country()), segment)
	w.CustomerID = customerID
	return w
}

// ListProducts serves GET /v1/products.
func (o *operations) ListProducts(_ context.Context, r apiserver.ListProductsRequestObject) (apiserver.ListProductsResponseObject, error) {
	found, err := o.rules.Catalog.Products(o.window(r.Params.Country, r.Params.TargetSegment), r.Params.TargetView)
	if err != nil {
		return nil, err
	}
	return apiserver.ListProducts200JSONResponse(found), nil
}

// ListCustomerProducts serves GET /v1/customers/{customer_id}/products.
func (o *operations) ListCustomerProducts(_ context.Context, r apiserver.ListCustomerProductsRequestObject) (apiserver.ListCustomerProductsResponseObject, error) {
	found, err := o.rules.Catalog.Products(o.customerWindow(r.CustomerID, r.Params.Country, r.Params.TargetSegment), r.Params.TargetView)
	if err != nil {
		return nil, err
	}
	return apiserver.ListCustomerProducts200JSONResponse(found), nil
}

// GetProduct serves GET /v1/products/{product_id}.
func (o *operations) GetProduct(_ context.Context, r apiserver.GetProductRequestObject) (apiserver.GetProductResponseObject, error) {
	found, err := o.rules.Catalog.Product(o.window(r.Params.Country, nil), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetProduct200JSONResponse(found), nil
}

// GetCustomerProduct serves GET /v1/customers/{customer_id}/products/{product_id}.
func (o *operations) GetCustomerProduct(_ context.Context, r apiserver.GetCustomerProductRequestObject) (apiserver.GetCustomerProductResponseObject, error) {
	found, err := o.rules.Catalog.Product(o.customerWindow(r.CustomerID, r.Params.Country, nil), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetCustomerProduct200JSONResponse(found), nil
}

// ListSkus serves GET /v1/products/{product_id}/skus.
func (o *operations) ListSkus(_ context.Context, r apiserver.ListSkusRequestObject) (apiserver.ListSkusResponseObject, error) {
	found, err := o.rules.Catalog.SKUs(o.window(r.Params.Country, r.Params.TargetSegment), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apiserver.ListSkus200JSONResponse(found), nil
}

// ListCustomerSkus serves GET /v1/customers/{customer_id}/products/{product_id}/skus.
func (o *operations) ListCustomerSkus(_ context.Context, r apiserver.ListCustomerSkusRequestObject) (apiserver.ListCustomerSkusResponseObject, error) {
	found, err := o.rules.Catalog.SKUs(o.customerWindow(r.CustomerID, r.Params.Country, r.Params.TargetSegment), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apiserver.ListCustomerSkus200JSONResponse(found), nil
}

// GetSKU serves GET /v1/products/{product_id}/skus/{sku_id}.
func (o *operations) GetSKU(_ context.Context, r apiserver.GetSKURequestObject) (apiserver.GetSKUResponseObject, error) {
	found, err := o.rules.Catalog.SKU(o.window(r.Params.Country, nil), r.ProductID, r.SKUID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetSKU200JSONResponse(found), nil
}

// GetCustomerSKU serves GET /v1/customers/{customer_id}/products/{product_id}/skus/{sku_id}.
func (o *operations) GetCustomerSKU(_ context.Context, r apiserver.GetCustomerSKURequestObject) (apiserver.GetCustomerSKUResponseObject, error) {
	found, err := o.rules.Catalog.SKU(o.customerWindow(r.CustomerID, r.Params.Country, nil), r.ProductID, r.SKUID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetCustomerSKU200JSONResponse(found), nil
}

// ListAvailabilities serves GET /v1/products/{product_id}/skus/{sku_id}/availabilities.
func (o *operations) ListAvailabilities(_ context.Context, r apiserver.ListAvailabilitiesRequestObject) (apiserver.ListAvailabilitiesResponseObject, error) {
	found, err := o.rules.Catalog.Availabilities(o.window(r.Params.Country, r.Params.TargetSegment), r.ProductID, r.SKUID)
	if err != nil {
		return nil, err
	}
	return apiserver.ListAvailabilities200JSONResponse(found), nil
}

// ListCustomerAvailabilities serves GET /v1/customers/{customer_id}/products/{product_id}/skus/{sku_id}/availabilities.
func (o *operations) ListCustomerAvailabilities(_ context.Context, r apiserver.ListCustomerAvailabilitiesRequestObject) (apiserver.ListCustomerAvailabilitiesResponseObject, error) {
	found, err := o.rules.Catalog.Availabilities(o.customerWindow(r.CustomerID, r.Params.Country, r.Params.TargetSegment), r.ProductID, r.SKUID)
	if err != nil {
		return nil, err
	}
	return apiserver.ListCustomerAvailabilities200JSONResponse(found), nil
}

// GetAvailability serves GET /v1/products/{product_id}/skus/{sku_id}/availabilities/{availability_id}.
func (o *operations) GetAvailability(_ context.Context, r apiserver.GetAvailabilityRequestObject) (apiserver.GetAvailabilityResponseObject, error) {
	found, err := o.rules.Catalog.Availability(o.window(r.Params.Country, nil), r.ProductID, r.SKUID, r.AvailabilityID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetAvailability200JSONResponse(found), nil
}

// GetCustomerAvailability serves GET /v1/customers/{customer_id}/products/{product_id}/skus/{sku_id}/availabilities/{availability_id}.
func (o *operations) GetCustomerAvailability(_ context.Context, r apiserver.GetCustomerAvailabilityRequestObject) (apiserver.GetCustomerAvailabilityResponseObject, error) {
	found, err := o.rules.Catalog.Availability(o.customerWindow(r.CustomerID, r.Params.Country, nil), r.ProductID, r.SKUID, r.AvailabilityID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetCustomerAvailability200JSONResponse(found), nil
}

// GetOffer serves GET /v1/offers/{offer_id}.
func (o *operations) GetOffer(_ context.Context, r apiserver.GetOfferRequestObject) (apiserver.GetOfferResponseObject, error) {
	found, err := o.rules.Catalog.Offer(o.window(r.Params.Country, nil), r.OfferID)
	if err != nil {
		return nil, err
	}
	return apiserver.GetOffer200JSONResponse(found), nil
}
