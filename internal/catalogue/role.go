package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Participation says which part an organisation, or one of its offices, has in a service (cv:Participation).
type Participation struct {
	Organisation  string `json:"organisation,omitempty" extensions:"x-reference=publisher" example:"prato-comune/prato-comune"`
	Office        string `json:"office,omitempty" extensions:"x-reference=office"` // instead of the organisation
	Role          string `json:"role" validate:"required" extensions:"x-vocabulary=participation-roles"`
	ProvisionType string `json:"provisionType,omitempty" extensions:"x-vocabulary=provision-types"`
	From          string `json:"from,omitempty" validate:"omitempty,date" format:"date"` // first day
	To            string `json:"to,omitempty" validate:"omitempty,date" format:"date"`   // last day
}

// Concession is the contract by which an authority has a company provide a service (cv:ServiceConcessionContract).
type Concession struct {
	Authority string `json:"authority" validate:"required" extensions:"x-reference=publisher"` // cv:hasContractingAuthority
	Operator  string `json:"operator" validate:"required" extensions:"x-reference=publisher"`  // cv:hasEconomicOperator
	Reference string `json:"reference,omitempty" validate:"max=255"`                           // of the contract
	CIG       string `json:"cig,omitempty" validate:"omitempty,cig" example:"Z123456789"`      // the code that the anti-corruption authority gives a tender
	From      string `json:"from,omitempty" validate:"omitempty,date" format:"date"`           // first day
	To        string `json:"to,omitempty" validate:"omitempty,date" format:"date"`             // last day
	URL       string `json:"url,omitempty" validate:"omitempty,link" format:"uri"`             // of the contract
}

// LegalReference is an act that a service rests on (eli:LegalResource).
type LegalReference struct {
	Title lang.Text `json:"title" validate:"required,text=1000"`
	Type  string    `json:"type,omitempty" extensions:"x-vocabulary=legal-act-types"`
	Date  string    `json:"date,omitempty" validate:"omitempty,date" format:"date"`
	URL   string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
}

// Rule is a document that says how a service is provided (cpsv:Rule).
type Rule struct {
	Title       lang.Text        `json:"title" validate:"required,text=500"`
	Description lang.Text        `json:"description,omitempty" validate:"text=5000"`
	URL         string           `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
	Implements  []LegalReference `json:"implements,omitempty" validate:"max=20,dive"` // the acts that it carries out (cpsv:implements)
}

func (c *checker) participations(participations []Participation) {
	for i, p := range participations {
		at := Pointer("/participations").Index(i)
		c.either(at, "organisation", p.Organisation != "", "office", p.Office != "")
		c.order(at.Field("to"), p.From, p.To)
	}
}

func (c *checker) concessions(concessions []Concession) {
	for i, x := range concessions {
		at := Pointer("/concessions").Index(i)
		c.order(at.Field("to"), x.From, x.To)
		c.link(at.Field("url"), x.URL)
	}
}

// either reports where both of two fields are there, or none.
func (c *checker) either(at Pointer, one string, isOne bool, other string, isOther bool) {
	switch {
	case isOne && isOther:
		c.report(at.Field(other), ruleExclusive, one)
	case !isOne && !isOther && !c.findings.unreadIn(at):
		c.report(at.Field(one), ruleRequired)
	}
}
