package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Service is a public service (cpsv:PublicService; Modello Comuni, tipologia Servizio).
type Service struct {
	Head
	Subtitle           lang.Text        `json:"subtitle,omitempty" validate:"text=255"`
	Acronyms           []string         `json:"acronyms,omitempty" validate:"max=20,dive,min=1,max=30" example:"CIE"`
	Code               string           `json:"code,omitempty" validate:"max=100"`                                // by which its provider knows it
	OtherCodes         []string         `json:"otherCodes,omitempty" validate:"max=20,unique,dive,min=1,max=100"` // by which others do
	Type               string           `json:"type,omitempty" extensions:"x-vocabulary=service-types"`           // what sort of service it is (dct:type)
	Flow               string           `json:"flow,omitempty" extensions:"x-vocabulary=service-flows"`           // how it runs online (Modello Comuni, flussi di servizio)
	Template           string           `json:"template,omitempty" validate:"max=255"`                            // the general description that it follows, as its editor names it
	TemplateVersion    string           `json:"templateVersion,omitempty" validate:"max=50"`                      //
	NotOffered         *NotOffered      `json:"notOffered,omitempty"`                                             // it is not to be had here
	Status             string           `json:"status,omitempty" extensions:"x-vocabulary=service-status"`        //
	StatusReason       lang.Text        `json:"statusReason,omitempty" validate:"text=1000"`                      // why it is not active
	Categories         []string         `json:"categories,omitempty" validate:"max=15,unique" extensions:"x-vocabulary=service-categories"`
	Topics             []string         `json:"topics,omitempty" validate:"max=64,unique" extensions:"x-vocabulary=topics"`
	Sectors            []string         `json:"sectors,omitempty" validate:"max=50,unique" extensions:"x-vocabulary=sectors"`
	LifeEvents         []string         `json:"lifeEvents,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=life-events"`
	BusinessEvents     []string         `json:"businessEvents,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=business-events"`
	Interactivity      string           `json:"interactivity,omitempty" extensions:"x-vocabulary=interactivity-levels"`
	Audiences          []string         `json:"audiences,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=audiences"`
	AudienceText       lang.Text        `json:"audienceText,omitempty" validate:"text=20000"`        // A chi è rivolto; CommonMark
	WhoCanApply        lang.Text        `json:"whoCanApply,omitempty" validate:"text=20000"`         // delegates, legal representatives
	MinAge             *int             `json:"minAge,omitempty" validate:"omitempty,min=0,max=150"` // in years
	MaxAge             *int             `json:"maxAge,omitempty" validate:"omitempty,min=0,max=150"` // in years
	Requirements       []Requirement    `json:"requirements,omitempty" validate:"max=100,dive"`      // who can have it, one by one (cv:Requirement)
	HowTo              lang.Text        `json:"howTo,omitempty" validate:"text=20000"`               // Come fare; CommonMark
	NeededText         lang.Text        `json:"neededText,omitempty" validate:"text=20000"`          // Cosa serve, the introduction
	Evidence           []Evidence       `json:"evidence,omitempty" validate:"max=100,dive"`          // Cosa serve, one by one (cv:Evidence)
	OutcomeText        lang.Text        `json:"outcomeText,omitempty" validate:"text=20000"`         // Cosa si ottiene
	Outputs            []Output         `json:"outputs,omitempty" validate:"max=50,dive"`            // Cosa si ottiene, one by one (cv:Output)
	OutcomeProcedures  lang.Text        `json:"outcomeProcedures,omitempty" validate:"text=20000"`   // Procedure collegate all'esito
	TimingText         lang.Text        `json:"timingText,omitempty" validate:"text=20000"`          // Tempi e scadenze
	Deadlines          []Deadline       `json:"deadlines,omitempty" validate:"max=50,dive"`          //
	ProcessingTime     *ProcessingTime  `json:"processingTime,omitempty"`                            // how long it may take (cv:processingTime)
	AdministrativeTerm *ProcessingTime  `json:"administrativeTerm,omitempty"`                        // by when the administration must answer (L. 241/1990, art. 2)
	IfNoReply          lang.Text        `json:"ifNoReply,omitempty" validate:"text=5000"`            // what holds when that term has passed
	CostsText          lang.Text        `json:"costsText,omitempty" validate:"text=20000"`           // Quanto costa
	Costs              []Cost           `json:"costs,omitempty" validate:"max=100,dive"`             // Quanto costa, one by one (cv:Cost)
	FinancialAdvantage *Advantage       `json:"financialAdvantage,omitempty"`                        // what an applicant gets in money
	Vouchers           []Voucher        `json:"vouchers,omitempty" validate:"max=20,dive"`           // that pay for it
	Connections        []Connection     `json:"connections,omitempty" validate:"max=50,dive"`        // Accedi al servizio
	Conditions         []Attachment     `json:"conditions,omitempty" validate:"max=20,dive"`         // Condizioni di servizio
	Restrictions       lang.Text        `json:"restrictions,omitempty" validate:"text=20000"`        // Vincoli
	SpecialCases       lang.Text        `json:"specialCases,omitempty" validate:"text=20000"`        // Casi particolari
	FurtherInfo        lang.Text        `json:"furtherInfo,omitempty" validate:"text=20000"`         // Ulteriori informazioni
	Appeal             lang.Text        `json:"appeal,omitempty" validate:"text=20000"`              // what can be done against a decision
	PlainTexts         *PlainTexts      `json:"plainTexts,omitempty"`                                // the main texts in easy words
	Areas              []lang.Text      `json:"areas,omitempty" validate:"max=50,dive,text=255"`     // where it is available (dct:spatial)
	DeliveryLanguages  []string         `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	Capacity           *Capacity        `json:"capacity,omitempty"` // how many can have it
	ResponsibleOffice  string           `json:"responsibleOffice,omitempty" extensions:"x-reference=office,x-embed" example:"prato-comune/prato-anagrafe-centrale"`
	Offices            []string         `json:"offices,omitempty" validate:"max=100,unique" extensions:"x-reference=office"` // that deliver it
	Participations     []Participation  `json:"participations,omitempty" validate:"max=30,dive"`                             // who is competent, responsible, provider
	Concessions        []Concession     `json:"concessions,omitempty" validate:"max=20,dive"`                                // by which a company provides it
	Procedures         []string         `json:"procedures,omitempty" validate:"max=50,unique" extensions:"x-reference=procedure"`
	LegalBasis         []LegalReference `json:"legalBasis,omitempty" validate:"max=100,dive"`
	Rules              []Rule           `json:"rules,omitempty" validate:"max=50,dive"` // how it is provided (cpsv:Rule)
	Documents          []Attachment     `json:"documents,omitempty" validate:"max=100,dive"`
	RelatedServices    []string         `json:"relatedServices,omitempty" validate:"max=100,unique" extensions:"x-reference=service"`
	RequiredServices   []string         `json:"requiredServices,omitempty" validate:"max=100,unique" extensions:"x-reference=service,x-acyclic"` // that must be had first
	FollowedBy         []string         `json:"followedBy,omitempty" validate:"max=100,unique" extensions:"x-reference=service"`                 // that come next
	PartOf             []string         `json:"partOf,omitempty" validate:"max=20,unique" extensions:"x-reference=service,x-acyclic"`            // of which it is a part
	Replaces           []string         `json:"replaces,omitempty" validate:"max=20,unique" extensions:"x-reference=service,x-acyclic"`          // whose place it took
	ValidFrom          string           `json:"validFrom,omitempty" validate:"omitempty,date" format:"date"`
	ValidTo            string           `json:"validTo,omitempty" validate:"omitempty,date" format:"date"`
}

// NotOffered says why people look in vain for a service here, and who offers it instead.
type NotOffered struct {
	Reason     lang.Text `json:"reason" validate:"required,text=1000"`
	OfferedBy  string    `json:"offeredBy,omitempty" extensions:"x-reference=publisher"`  // who does offer it
	SeeService string    `json:"seeService,omitempty" extensions:"x-reference=service"`   // the service to be had instead
	SeeURL     string    `json:"seeUrl,omitempty" validate:"omitempty,link" format:"uri"` // where to read on, outside the catalogue
}

// PlainTexts are the main texts of a service in words that are easy to read.
type PlainTexts struct {
	Summary      lang.Text `json:"summary,omitempty" validate:"text=255"`
	Description  lang.Text `json:"description,omitempty" validate:"text=20000"`
	AudienceText lang.Text `json:"audienceText,omitempty" validate:"text=20000"`
	HowTo        lang.Text `json:"howTo,omitempty" validate:"text=20000"`
	NeededText   lang.Text `json:"neededText,omitempty" validate:"text=20000"`
	OutcomeText  lang.Text `json:"outcomeText,omitempty" validate:"text=20000"`
	TimingText   lang.Text `json:"timingText,omitempty" validate:"text=20000"`
	CostsText    lang.Text `json:"costsText,omitempty" validate:"text=20000"`
}

// Advantage is what an applicant gets in money, or need not pay.
type Advantage struct {
	Type        string    `json:"type" validate:"required,oneof=allowance loan guarantee tax_relief discount exemption other" enums:"allowance,loan,guarantee,tax_relief,discount,exemption,other"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	Amount      string    `json:"amount,omitempty" validate:"omitempty,amount" example:"500.00"`    // the least, where amountMax is there
	AmountMax   string    `json:"amountMax,omitempty" validate:"omitempty,amount" example:"900.00"` //
	Currency    string    `json:"currency,omitempty" validate:"omitempty,iso4217" example:"EUR"`    // ISO 4217
}

// Voucher is a card or coupon that pays for a service, whole or in part.
type Voucher struct {
	Title       lang.Text `json:"title" validate:"required,text=255"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	URL         string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
}

// Capacity is how many can have a service at the same time or in a period, and how many still can.
type Capacity struct {
	Available *int      `json:"available" validate:"required,min=0,max=10000000" example:"12"`
	Total     int       `json:"total,omitempty" validate:"min=0,max=10000000" example:"60"`
	Unit      lang.Text `json:"unit,omitempty" validate:"text=100"` // of what
	From      string    `json:"from,omitempty" validate:"omitempty,date" format:"date"`
	To        string    `json:"to,omitempty" validate:"omitempty,date" format:"date"`
	UpdatedAt string    `json:"updatedAt,omitempty" validate:"omitempty,date" format:"date"` // when it was counted
}

// Kind is KindService.
func (*Service) Kind() Kind { return KindService }

// StatusActive is the status of a service that can be had.
const StatusActive = "active"
