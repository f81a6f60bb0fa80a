package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/cartwright-dev/cartwright/gen/model"
)

// offer is one way to buy an item of the built-in catalogue.
type offer struct {
	item        string // its catalogue item id
	kind        string
	sku         string // as bases are named: product:sku, or the id of a legacy offer
	term        string
	cycle       model.BillingCycle
	low, high   int32 // quantities
	trial       bool
	attestation bool
	needs       []string // provisioning variables
	bases       []string
	promotions  []string // of the SKU, whether they apply or not
}

func (o offer) legacy() bool { return o.kind == "azure" || o.kind == "offer" }

// offers reads all ways to buy from the file of the built-in catalogue.
var offers = sync.OnceValue(func() []offer {
	var file struct {
		Products []struct {
			ID   string `yaml:"id"`
			Kind string `yaml:"kind"`
			SKUs []struct {
				ID             string   `yaml:"id"`
				Low            int32    `yaml:"minimumQuantity"`
				High           int32    `yaml:"maximumQuantity"`
				Trial          bool     `yaml:"trial"`
				Attestation    bool     `yaml:"enforceAttestation"`
				Needs          []string `yaml:"provisioningVariables"`
				Bases          []string `yaml:"prerequisites"`
				Availabilities []struct {
					ID    string `yaml:"id"`
					Terms []struct {
						Duration     string             `yaml:"duration"`
						BillingCycle model.BillingCycle `yaml:"billingCycle"`
					} `yaml:"terms"`
				} `yaml:"availabilities"`
			} `yaml:"skus"`
		} `yaml:"products"`
		Promotions []struct{ ID, Product, SKU string } `yaml:"promotions"`
	}
	data, err := os.ReadFile(filepath.Join("catalog", "builtin.yaml"))
	if err == nil {
		err = yaml.Unmarshal(data, &file)
	}
	if err != nil {
		panic(err)
	}
	var all []offer
	for _, p := range file.Products {
		for _, s := range p.SKUs {
			o := offer{
				kind: p.Kind, sku: p.ID + ":" + s.ID, low: max(s.Low, 1), high: s.High, trial: s.Trial,
				attestation: s.Attestation, needs: s.Needs, bases: s.Bases,
			}
			if o.high == 0 {
				o.high = 10_000
			}
			for _, promotion := range file.Promotions {
				if promotion.Product == p.ID && promotion.SKU == s.ID {
					o.promotions = append(o.promotions, promotion.ID)
				}
			}
			for _, a := range s.Availabilities {
				o.item = o.sku + ":" + a.ID
				if o.legacy() {
					o.item, o.sku = s.ID, s.ID
				}
				for _, t := range a.Terms {
					o.term, o.cycle = t.Duration, t.BillingCycle
					all = append(all, o)
				}
			}
		}
	}
	return all
})

// offerOf finds an offer of an item.
func offerOf(item string) offer {
	i := slices.IndexFunc(offers(), func(o offer) bool { return strings.EqualFold(o.item, item) })
	if i < 0 {
		return offer{}
	}
	return offers()[i]
}

// anyOffer draws offers, one of four of the items that do something on purpose. A legacy add-on can be a line of its own
// only for a subscription.
func anyOffer(subscriptions []string) *rapid.Generator[offer] {
	usual := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(offers()), func(o offer) bool {
		return o.legacy() && len(o.bases) > 0 && len(subscriptions) == 0
	}))
	magic := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(offers()), func(o offer) bool {
		return !strings.HasPrefix(o.item, "CARTWRIGHT:")
	}))
	return rapid.OneOf(usual, usual, usual, magic)
}

// drawLines draws the lines of a cart, one of four with lines that are wrong on purpose. Each line has a friendly name of its own, by which it is known again in an order.
func drawLines(t *rapid.T, now time.Time, subscriptions []string) []model.CartLineItem {
	names, faulty := 0, rapid.IntRange(0, 3).Draw(t, "faulty") == 3
	line := rapid.Custom(func(t *rapid.T) model.CartLineItem {
		line := drawLine(t, anyOffer(subscriptions).Draw(t, "offer"), now, subscriptions)
		line.AddonItems = drawAddons(t, line, now, faulty)
		if faulty {
			spoil(t, &line)
		}
		return line
	})
	lines := rapid.SliceOfN(line, 1, 6).Draw(t, "lines")
	for line := range allLines(lines) {
		names++
		line.FriendlyName = fmt.Sprintf("%s %d", line.FriendlyName, names)
	}
	return lines
}

// drawAddons draws add-ons below a line: those that are made for it, or any.
func drawAddons(t *rapid.T, base model.CartLineItem, now time.Time, anyOf bool) []model.CartLineItem {
	fitting := slices.DeleteFunc(slices.Clone(offers()), func(o offer) bool {
		return !slices.Contains(o.bases, base.CatalogItemID) || o.cycle != base.BillingCycle
	})
	if anyOf && rapid.Bool().Draw(t, "any add-on") {
		fitting = offers()
	}
	if len(fitting) == 0 {
		return nil
	}
	addon := rapid.Custom(func(t *rapid.T) model.CartLineItem {
		return drawLine(t, rapid.SampledFrom(fitting).Draw(t, "add-on"), now, nil)
	})
	return rapid.SliceOfN(addon, 0, 2).Draw(t, "add-on lines")
}

// drawLine draws a line that buys an offer. It may be wrong all the same, with a promotion that has ended, or without what
// an add-on needs.
func drawLine(t *rapid.T, o offer, now time.Time, subscriptions []string) model.CartLineItem {
	line := model.CartLineItem{
		CatalogItemID:       o.item,
		FriendlyName:        rapid.SampledFrom([]string{"Line", "Größe", `"<&>" \`, "行 🛒"}).Draw(t, "name"),
		Quantity:            rapid.Int32Range(o.low, o.high).Draw(t, "quantity"),
		TermDuration:        o.term,
		BillingCycle:        o.cycle,
		ProvisioningContext: map[string]string{},
		Participants:        drawParticipants(t),
	}
	for _, name := range o.needs {
		line.ProvisioningContext[strings.ToLower(name[:1])+name[1:]] = customer
	}
	if o.kind == "savings_plan" {
		line.ProvisioningContext = map[string]string{"scope": "shared", "subscriptionId": customer}
		line.PurchaseCommitment = &model.PurchaseCommitment{Amount: float64(rapid.IntRange(1, 9999).Draw(t, "commitment")) / 1000, Currency: "usd", Grain: "hourly"}
	}
	if o.attestation {
		line.AttestationAccepted = new(true)
	}
	if o.trial && rapid.Bool().Draw(t, "renews") {
		line.RenewsTo = &model.RenewsTo{TermDuration: rapid.SampledFrom([]string{"P1M", "P1Y"}).Draw(t, "renewal")}
	}
	if len(o.promotions) > 0 && rapid.Bool().Draw(t, "promoted") {
		line.PromotionID = rapid.SampledFrom(o.promotions).Draw(t, "promotion")
	}
	if len(o.bases) > 0 && o.legacy() && len(subscriptions) > 0 {
		line.ProvisioningContext["parentSubscriptionId"] = rapid.SampledFrom(subscriptions).Draw(t, "parent")
	}
	if days := rapid.IntRange(-40, 400).Draw(t, "custom term end"); rapid.Bool().Draw(t, "ends early") {
		line.CustomTermEndDate = new(now.AddDate(0, 0, days))
	}
	return line
}

func drawParticipants(t *rapid.T) []model.Participant {
	participant := rapid.Custom(func(t *rapid.T) model.Participant {
		keys := []model.ParticipantKey{model.ParticipantKeyTransactionReseller, model.ParticipantKeyAdditionalTransactionReseller}
		return model.Participant{
			Key:   rapid.SampledFrom(keys).Draw(t, "key"),
			Value: rapid.StringMatching(`[0-9]{1,7}`).Draw(t, "partner"),
		}
	})
	return rapid.SliceOfNDistinct(participant, 0, 2, func(p model.Participant) model.ParticipantKey { return p.Key }).Draw(t, "participants")
}

// spoil makes a line wrong, or leaves it as it is.
func spoil(t *rapid.T, line *model.CartLineItem) {
	switch rapid.IntRange(0, 12).Draw(t, "wrong") {
	case 1:
		line.Quantity = 2_000_000
	case 2:
		line.TermDuration = "P5Y"
	case 3:
		line.BillingCycle = model.BillingCycleBiennial
	case 4:
		line.CurrencyCode = "EUR"
	case 5:
		line.PromotionID = "none"
	case 6:
		line.ProvisioningContext = nil
	case 7:
		reseller := model.Participant{Key: model.ParticipantKeyTransactionReseller, Value: "1"}
		line.Participants = []model.Participant{reseller, reseller}
	case 8:
		line.CatalogItemID += "X"
	}
}
