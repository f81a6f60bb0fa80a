package commerce

// Kind says what sort of product an item is.
type Kind string

// The kinds of products that the documents sell.
const (
	KindAzure                Kind = "azure"                 // a legacy Azure subscription (MS-AZR-…)
	KindOffer                Kind = "offer"                 // a legacy licence, or an add-on of one, whose id is a GUID
	KindReservation          Kind = "reservation"           // an Azure reservation
	KindSoftware             Kind = "software"              // perpetual software, which has no term
	KindSoftwareSubscription Kind = "software_subscription" // software for one or three years
	KindSaaS                 Kind = "saas"                  // a marketplace SaaS subscription
	KindLicense              Kind = "license"               // a new-commerce licence-based service
	KindSavingsPlan          Kind = "savings_plan"          // an Azure savings plan
	KindAzurePlan            Kind = "azure_plan"            // an Azure plan, which has no term
)

// traits are what follows from the kind of a product.
type traits struct {
	legacy       bool // sold by the legacy purchase system (CART-GROUP, ORDER-ID)
	seats        bool // its quantity is a number of seats, which the sandbox limits (CART-LINE-ERROR)
	productType  string
	subType      string
	targetViews  []string // lower case (CATALOG)
	hasTerm      bool     // it can be sold with a term,
	hasNoTerm    bool     // and without
	subscription *subscriptionTraits
}

// subscriptionTraits are what follows from the kind of a product for its subscription; nil for what makes none
// (ORDER-SUBSCRIPTION).
type subscriptionTraits struct {
	unitType    string
	billingType string
	autoRenew   bool // from the beginning
	endless     bool // it has no term
	// cancelDays and cancelHours are the window in which the purchase can be taken back through the subscription;
	// both 0 for no window (SUBSCRIPTION-PATCH).
	cancelDays, cancelHours int
}

var kinds = map[Kind]traits{
	KindAzure: {
		hasTerm: true, hasNoTerm: true,
		legacy: true, productType: "Azure", subType: "Azure", targetViews: []string{"microsoftazure"},
		subscription: &subscriptionTraits{unitType: "Usage-based", billingType: "usage", endless: true},
	},
	KindOffer: {
		hasTerm: true, hasNoTerm: true,
		legacy: true, seats: true, productType: "OnlineServices", targetViews: []string{"onlineservices"},
		subscription: &subscriptionTraits{unitType: "Licenses", billingType: "license", autoRenew: true},
	},
	KindReservation: {
		hasTerm:     true,
		productType: "Azure", subType: "VirtualMachines", targetViews: []string{"azure", "azurereservations", "azurereservationsvm"},
	},
	KindSoftware: {hasNoTerm: true, productType: "Software", targetViews: []string{"software", "softwareperpetual"}},
	KindSoftwareSubscription: {
		hasTerm:     true,
		productType: "Software", targetViews: []string{"software", "softwaresubscriptions"},
		subscription: &subscriptionTraits{
			unitType: "Licenses", billingType: "license", autoRenew: true, cancelDays: 30,
		},
	},
	KindSaaS: {
		hasTerm: true,
		seats:   true, productType: "Azure", subType: "SaaS", targetViews: []string{"marketplacesaas"},
		subscription: &subscriptionTraits{
			unitType: "License(s)", billingType: "license", autoRenew: true, cancelHours: 24,
		},
	},
	KindLicense: {
		hasTerm: true,
		seats:   true, productType: "OnlineServicesNCE", targetViews: []string{"onlineservices"},
		subscription: &subscriptionTraits{
			unitType: "Licenses", billingType: "license", autoRenew: true, cancelDays: 7,
		},
	},
	KindSavingsPlan: {
		hasTerm:     true,
		productType: "Azure", subType: "SavingsPlan", targetViews: []string{"azure"},
		subscription: &subscriptionTraits{unitType: "Benefit", billingType: "benefit", autoRenew: true},
	},
	KindAzurePlan: {
		hasNoTerm:   true,
		productType: "Azure", subType: "Azure", targetViews: []string{"microsoftazure"},
		subscription: &subscriptionTraits{unitType: "Usage-based", billingType: "usage", endless: true},
	},
}

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool {
	_, ok := kinds[k]
	return ok
}

// Legacy reports whether the legacy purchase system sells what is of this kind (CART-GROUP, ORDER-ID).
func (k Kind) Legacy() bool { return kinds[k].legacy }

// Segments are the segments of customers that availabilities are for.
var Segments = []string{"commercial", "education", "government", "nonprofit"}
