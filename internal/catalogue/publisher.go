package catalogue

// Publisher is the public profile of an organisation (cv:PublicOrganisation, foaf:Agent).
type Publisher struct {
	Head
	LegalName       string   `json:"legalName,omitempty" validate:"max=255"`
	Acronym         string   `json:"acronym,omitempty" validate:"max=50"`
	Type            string   `json:"type,omitempty" extensions:"x-vocabulary=organisation-types"`
	IPACode         string   `json:"ipaCode,omitempty" validate:"max=30" example:"c_g999"` // of the index of public administrations
	TaxCode         string   `json:"taxCode,omitempty" validate:"max=30" example:"84006890481"`
	VATNumber       string   `json:"vatNumber,omitempty" validate:"max=30"`
	PublicShare     string   `json:"publicShare,omitempty" validate:"omitempty,amount" example:"46.92"` // percent of its capital that is public
	PublicShareAsOf string   `json:"publicShareAsOf,omitempty" validate:"omitempty,date" format:"date"`
	Sectors         []string `json:"sectors,omitempty" validate:"max=50,unique" extensions:"x-vocabulary=sectors"`
	Website         string   `json:"website,omitempty" validate:"omitempty,link" format:"uri"`
	Address         *Address `json:"address,omitempty"`
	Places          []string `json:"places,omitempty" validate:"max=50,unique" extensions:"x-reference=place,x-embed"`
}

// Kind is KindPublisher.
func (*Publisher) Kind() Kind { return KindPublisher }

func (p *Publisher) facts() Facts { return Facts{} }
