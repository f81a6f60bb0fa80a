package server

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cartwright-dev/cartwright/server/catalog"
	"github.com/cartwright-dev/cartwright/server/commerce"
	"github.com/cartwright-dev/cartwright/server/store"
	"github.com/cartwright-dev/cartwright/server/store/memory"
)

// Options says how a Server behaves. The zero value is a server in memory with the built-in catalogue.
type Options struct {
	// Store keeps carts and orders. By default a new one in memory. The server does not close it.
	Store store.Store

	// Catalog is what can be bought. By default the built-in one: every item that the source documents name, and some that
	// fail or wait on purpose.
	Catalog *commerce.Catalog

	// Customers are those that the partner has. By default there is every customer whose id is a GUID.
	Customers []commerce.Customer

	// Environment says what can be cancelled, and which limits hold (CART-LINE-ERROR, ORDER-PATCH). By default
	// EnvironmentProduction.
	Environment Environment

	// Rules says how strictly requests are judged. By default RulesLenient.
	Rules Rules

	// Partner says how the partner sells (CART-PARTICIPANTS). By default PartnerIndirectProvider.
	Partner Partner

	// Control keeps a journal of requests and lets faults fire; Server.Control commands them. Off by default.
	Control bool

	// Clock tells the time. By default the system's.
	Clock func() time.Time

	// IDs draws the ids of carts, orders, subscriptions and requests. By default random ones.
	IDs commerce.IDs

	// Auth says which requests may pass (HTTP-AUTH). By default AuthAny.
	Auth Auth

	// Spelling says how requests are read (HTTP-CASE, HTTP-JSON). By default SpellingTolerant.
	Spelling Spelling

	// Repeat says what the checkout of an ordered cart answers (CHECKOUT-REPEAT). By default RepeatAnswer.
	Repeat Repeat

	// ProvisionDelay is how long modern items take to be provisioned (ORDER-SUBSCRIPTION). 0 stands for
	// DefaultProvisionDelay; ProvisionAtOnce for no delay at all.
	ProvisionDelay time.Duration

	// ListDelay is how old an order must be before the list of orders has it (ORDER-LIST). By default no age.
	ListDelay time.Duration

	// MaxInFlight is how many requests are served at once; one more is answered 429. By default DefaultMaxInFlight.
	MaxInFlight int

	// Throttle is how many requests of a customer are served in a minute of the stub's clock; one more is answered 429. By
	// default there is no such limit.
	Throttle int

	// Logger gets one line a request. By default nothing is logged.
	Logger *slog.Logger

	// InvalidAnswer, if set, has every answer checked against the contract, and is told of one that is not as the contract
	// has it: a fault of this server. It costs about a quarter more of the processor's time.
	InvalidAnswer func(error)
}

// Auth is a way to authenticate requests.
type Auth string

// The ways to authenticate.
const (
	AuthAny Auth = "any" // each bearer token passes that is not empty
	AuthOff Auth = "off" // no token is needed

	// AuthBasic lets a JWT pass that has the issuer, audience, times and kind of a token of Microsoft Entra ID for Partner
	// Center. Nobody checks its signature, and its times are those of the machine's clock, not of Options.Clock.
	AuthBasic Auth = "basic"
)

// Spelling is a way to read requests.
type Spelling string

// The ways to read requests.
const (
	SpellingTolerant Spelling = "tolerant" // property names, enum and path words in any case; comments; trailing commas
	SpellingStrict   Spelling = "strict"   // only the contract's own spelling
)

// Repeat is what the checkout of an ordered cart answers.
type Repeat string

// The answers to a repeated checkout.
const (
	RepeatAnswer Repeat = "repeat" // the first answer again
	RepeatReject Repeat = "reject" // 400 / 800065
)

// Environment is an environment of Partner Center.
type Environment string

// The environments.
const (
	EnvironmentProduction Environment = "production"
	EnvironmentSandbox    Environment = "sandbox" // 75 customers, 5 subscriptions a customer, 25 licences a subscription
)

// Rules is a way to judge requests.
type Rules string

// The ways to judge requests.
const (
	RulesLenient Rules = "lenient" // the documents' own examples pass
	RulesStrict  Rules = "strict"  // also the rules that these break: attestation, custom term end dates, resellers by market
)

// Partner is a way in which a partner sells.
type Partner string

// The ways to sell.
const (
	PartnerIndirectProvider Partner = "indirect_provider" // through resellers
	PartnerDirectBill       Partner = "direct_bill"       // without: a line with participants can't be bought
)

// DefaultMaxInFlight is how many requests are served at once.
const DefaultMaxInFlight = 1024

// Values of Options.ProvisionDelay.
const (
	DefaultProvisionDelay               = 5 * time.Second
	ProvisionAtOnce       time.Duration = -1
)

// withDefaults fills in what is not set, and refuses words that are none of those above.
func (o Options) withDefaults() (Options, error) {
	o.Auth = orDefault(o.Auth, AuthAny)
	o.Spelling = orDefault(o.Spelling, SpellingTolerant)
	o.Repeat = orDefault(o.Repeat, RepeatAnswer)
	o.Environment = orDefault(o.Environment, EnvironmentProduction)
	o.Rules = orDefault(o.Rules, RulesLenient)
	o.Partner = orDefault(o.Partner, PartnerIndirectProvider)
	o.ProvisionDelay = orDefault(o.ProvisionDelay, DefaultProvisionDelay)
	o.MaxInFlight = orDefault(o.MaxInFlight, DefaultMaxInFlight)
	if o.ProvisionDelay == ProvisionAtOnce {
		o.ProvisionDelay = 0
	}
	if o.Store == nil {
		o.Store = memory.New()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.IDs == nil {
		o.IDs = randomIDs{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	err := errors.Join(
		oneOf("Auth", o.Auth, AuthAny, AuthOff, AuthBasic),
		oneOf("Spelling", o.Spelling, SpellingTolerant, SpellingStrict),
		oneOf("Repeat", o.Repeat, RepeatAnswer, RepeatReject),
		oneOf("Environment", o.Environment, EnvironmentProduction, EnvironmentSandbox),
		oneOf("Rules", o.Rules, RulesLenient, RulesStrict),
		oneOf("Partner", o.Partner, PartnerIndirectProvider, PartnerDirectBill),
	)
	if o.ProvisionDelay < 0 {
		err = errors.Join(err, fmt.Errorf("ProvisionDelay %v is negative", o.ProvisionDelay))
	}
	if o.Throttle < 0 {
		err = errors.Join(err, fmt.Errorf("the Throttle %d is negative", o.Throttle))
	}
	if o.MaxInFlight < 0 {
		err = errors.Join(err, fmt.Errorf("MaxInFlight %d is negative", o.MaxInFlight))
	}
	if o.ListDelay < 0 {
		err = errors.Join(err, fmt.Errorf("ListDelay %v is negative", o.ListDelay))
	}
	for _, c := range o.Customers {
		if !isGUID(c.ID) {
			err = errors.Join(err, fmt.Errorf("customer %q: the id is no GUID", c.ID))
		}
	}
	if o.Catalog == nil && err == nil {
		o.Catalog, err = catalog.Builtin()
	}
	return o, err
}

func orDefault[T comparable](value, byDefault T) T {
	var zero T
	if value == zero {
		return byDefault
	}
	return value
}

func oneOf[T ~string](name string, value T, words ...T) error {
	for _, w := range words {
		if value == w {
			return nil
		}
	}
	return fmt.Errorf("%s %q is none of %q", name, value, words)
}
