package catalogue

import (
	"strconv"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Cost is what an applicant pays (cv:Cost): an amount or a range of them, a percentage, nothing (`free`), or something
// that varies (none of these).
type Cost struct {
	Label          lang.Text       `json:"label,omitempty" validate:"text=255"`
	Type           string          `json:"type,omitempty" extensions:"x-vocabulary=cost-kinds"`                              // follows from the rest where absent
	Amount         string          `json:"amount,omitempty" validate:"omitempty,amount" example:"22.21"`                     // the least, where amountMax is there
	AmountMax      string          `json:"amountMax,omitempty" validate:"omitempty,amount" example:"42.21"`                  // the most
	Currency       string          `json:"currency,omitempty" validate:"omitempty,iso4217" example:"EUR"`                    // ISO 4217
	Percentage     string          `json:"percentage,omitempty" validate:"omitempty,amount" example:"2.5"`                   //
	PercentageOf   lang.Text       `json:"percentageOf,omitempty" validate:"text=255"`                                       // of what
	Free           bool            `json:"free,omitempty"`                                                                   //
	Note           lang.Text       `json:"note,omitempty" validate:"text=1000"`                                              //
	Exemptions     lang.Text       `json:"exemptions,omitempty" validate:"text=5000"`                                        // who does not pay
	Audiences      []string        `json:"audiences,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=audiences"` // who pays it, where not everybody does
	PaymentMethods []string        `json:"paymentMethods,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=payment-methods"`
	DefinedBy      string          `json:"definedBy,omitempty" extensions:"x-reference=publisher"`      // who sets it (cv:isDefinedBy)
	DefinedIn      *LegalReference `json:"definedIn,omitempty"`                                         // the act that sets it
	ValidFrom      string          `json:"validFrom,omitempty" validate:"omitempty,date" format:"date"` // first day; prices to come may be told
	ValidTo        string          `json:"validTo,omitempty" validate:"omitempty,date" format:"date"`   // last day
}

// The kinds of cost that follow from the members of a Cost: codes of the vocabulary cost-kinds.
const (
	costFree       = "free"
	costFixed      = "fixed"
	costVariable   = "variable"
	costRange      = "from_to"
	costPercentage = "percentage"
)

// kind is the stated kind of a cost, or the one that follows.
func (c *Cost) kind() string {
	switch {
	case c.Type != "":
		return c.Type
	case c.Free:
		return costFree
	case c.AmountMax != "":
		return costRange
	case c.Amount != "":
		return costFixed
	case c.Percentage != "":
		return costPercentage
	default:
		return costVariable
	}
}

// costs reports what contradicts itself in costs.
func (c *checker) costs(at Pointer, costs []Cost) {
	for i, cost := range costs {
		c.cost(at.Field("costs").Index(i), cost)
	}
}

func (c *checker) cost(at Pointer, cost Cost) {
	for _, other := range []struct{ name, value string }{
		{"amount", cost.Amount}, {"amountMax", cost.AmountMax}, {"percentage", cost.Percentage},
	} {
		if cost.Free && other.value != "" {
			c.report(at.Field("free"), ruleExclusive, other.name)
			break
		}
	}
	c.amounts(at, cost.Amount, cost.AmountMax, cost.Currency)
	switch needs := map[string]struct {
		field string
		there bool
	}{
		costFree: {"free", cost.Free}, costFixed: {"amount", cost.Amount != ""}, costRange: {"amountMax", cost.AmountMax != ""},
		costPercentage: {"percentage", cost.Percentage != ""},
	}; {
	case cost.Type == "":
	case needs[cost.Type].field != "" && !needs[cost.Type].there:
		c.report(at.Field(needs[cost.Type].field), ruleRequired)
	case cost.Free && cost.Type != costFree:
		c.report(at.Field("type"), ruleExclusive, "free")
	}
	c.order(at.Field("validTo"), cost.ValidFrom, cost.ValidTo)
}

// amounts reports an amount without its currency, a range without its beginning, and one that ends below it.
func (c *checker) amounts(at Pointer, least, most, currency string) {
	if (least != "" || most != "") && currency == "" {
		c.report(at.Field("currency"), ruleRequired)
	}
	if most == "" {
		return
	}
	if least == "" {
		c.report(at.Field("amount"), ruleRequired)
	} else if amountPattern.MatchString(least) && amountPattern.MatchString(most) && cents(most) < cents(least) {
		c.report(at.Field("amountMax"), ruleOrder, least)
	}
}

// cents is an amount without its point, so that amounts can be compared.
func cents(amount string) int {
	whole, fraction, _ := strings.Cut(amount, ".")
	n, err := strconv.Atoi(whole + (fraction + "00")[:2])
	if err != nil {
		panic(err) // amountPattern takes digits alone
	}
	return n
}
