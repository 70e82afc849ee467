package catalogue

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Publisher is the public profile of an organisation (cv:PublicOrganisation, foaf:Agent).
type Publisher struct {
	Head
	LegalName       string      `json:"legalName,omitempty" validate:"max=255"`
	Acronym         string      `json:"acronym,omitempty" validate:"max=50"`
	Type            string      `json:"type,omitempty" extensions:"x-vocabulary=organisation-types"`
	IPACode         string      `json:"ipaCode,omitempty" validate:"max=30" example:"c_g999"` // of the index of public administrations
	TaxCode         string      `json:"taxCode,omitempty" validate:"max=30" example:"84006890481"`
	VATNumber       string      `json:"vatNumber,omitempty" validate:"max=30"`
	PublicShare     string      `json:"publicShare,omitempty" validate:"omitempty,amount" example:"46.92"` // percent of its capital that is public
	PublicShareAsOf string      `json:"publicShareAsOf,omitempty" validate:"omitempty,date" format:"date"`
	Sectors         []string    `json:"sectors,omitempty" validate:"max=50,unique" extensions:"x-vocabulary=sectors"`
	Website         string      `json:"website,omitempty" validate:"omitempty,link" format:"uri"`
	Areas           []lang.Text `json:"areas,omitempty" validate:"max=50,dive,text=255"` // that it serves (dct:spatial)
	Logo            *Image      `json:"logo,omitempty"`
	Attribution     lang.Text   `json:"attribution,omitempty" validate:"text=500"` // how to name it where its content is used
	Address         *Address    `json:"address,omitempty"`
	Places          []string    `json:"places,omitempty" validate:"max=50,unique" extensions:"x-reference=place,x-embed"`
}

// publicBodies are the codes of the organisation types that are public bodies.
var publicBodies = vocabulary.MustGet("organisation-types").Within("public_body")

// IsPublicBody reports whether the type of the organisation is that of a public body; one without a type is none.
func (p *Publisher) IsPublicBody() bool { return slices.Contains(publicBodies, p.Type) }

// Kind is KindPublisher.
func (*Publisher) Kind() Kind { return KindPublisher }
