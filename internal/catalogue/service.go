package catalogue

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Service is a public service (cpsv:PublicService; Modello Comuni, tipologia Servizio).
type Service struct {
	Head
	Acronyms          []string         `json:"acronyms,omitempty" validate:"max=20,dive,min=1,max=30" example:"CIE"`
	Status            string           `json:"status,omitempty" extensions:"x-vocabulary=service-status"`
	StatusReason      lang.Text        `json:"statusReason,omitempty" validate:"text=1000"` // why it is not active
	Categories        []string         `json:"categories,omitempty" validate:"max=15,unique" extensions:"x-vocabulary=service-categories"`
	Topics            []string         `json:"topics,omitempty" validate:"max=64,unique" extensions:"x-vocabulary=topics"`
	Sectors           []string         `json:"sectors,omitempty" validate:"max=50,unique" extensions:"x-vocabulary=sectors"`
	LifeEvents        []string         `json:"lifeEvents,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=life-events"`
	BusinessEvents    []string         `json:"businessEvents,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=business-events"`
	Interactivity     string           `json:"interactivity,omitempty" extensions:"x-vocabulary=interactivity-levels"`
	Audiences         []string         `json:"audiences,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=audiences"`
	AudienceText      lang.Text        `json:"audienceText,omitempty" validate:"text=20000"`    // A chi è rivolto; CommonMark
	WhoCanApply       lang.Text        `json:"whoCanApply,omitempty" validate:"text=20000"`     // delegates, legal representatives
	HowTo             lang.Text        `json:"howTo,omitempty" validate:"text=20000"`           // Come fare; CommonMark
	NeededText        lang.Text        `json:"neededText,omitempty" validate:"text=20000"`      // Cosa serve, the introduction
	Evidence          []Evidence       `json:"evidence,omitempty" validate:"max=100,dive"`      // Cosa serve, one by one (cv:Evidence)
	OutcomeText       lang.Text        `json:"outcomeText,omitempty" validate:"text=20000"`     // Cosa si ottiene
	Outputs           []Output         `json:"outputs,omitempty" validate:"max=50,dive"`        // Cosa si ottiene, one by one (cv:Output)
	TimingText        lang.Text        `json:"timingText,omitempty" validate:"text=20000"`      // Tempi e scadenze
	Deadlines         []Deadline       `json:"deadlines,omitempty" validate:"max=50,dive"`      //
	ProcessingTime    *ProcessingTime  `json:"processingTime,omitempty"`                        // how long it may take (cv:processingTime)
	CostsText         lang.Text        `json:"costsText,omitempty" validate:"text=20000"`       // Quanto costa
	Costs             []Cost           `json:"costs,omitempty" validate:"max=100,dive"`         // Quanto costa, one by one (cv:Cost)
	Connections       []Connection     `json:"connections,omitempty" validate:"max=50,dive"`    // Accedi al servizio
	Conditions        []DocumentLink   `json:"conditions,omitempty" validate:"max=20,dive"`     // Condizioni di servizio
	Restrictions      lang.Text        `json:"restrictions,omitempty" validate:"text=20000"`    // Vincoli
	SpecialCases      lang.Text        `json:"specialCases,omitempty" validate:"text=20000"`    // Casi particolari
	FurtherInfo       lang.Text        `json:"furtherInfo,omitempty" validate:"text=20000"`     // Ulteriori informazioni
	Areas             []lang.Text      `json:"areas,omitempty" validate:"max=50,dive,text=255"` // where it is available (dct:spatial)
	DeliveryLanguages []string         `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	ResponsibleOffice string           `json:"responsibleOffice,omitempty" extensions:"x-reference=office,x-embed" example:"prato-comune/prato-anagrafe-centrale"`
	Offices           []string         `json:"offices,omitempty" validate:"max=100,unique" extensions:"x-reference=office"` // that deliver it
	Participations    []Participation  `json:"participations,omitempty" validate:"max=30,dive"`                             // who is competent, responsible, provider
	LegalBasis        []LegalReference `json:"legalBasis,omitempty" validate:"max=100,dive"`
	Documents         []DocumentLink   `json:"documents,omitempty" validate:"max=100,dive"`
	RelatedServices   []string         `json:"relatedServices,omitempty" validate:"max=100,unique" extensions:"x-reference=service"`
	RequiredServices  []string         `json:"requiredServices,omitempty" validate:"max=100,unique" extensions:"x-reference=service"` // that must be had first
	ValidFrom         string           `json:"validFrom,omitempty" validate:"omitempty,date" format:"date"`
	ValidTo           string           `json:"validTo,omitempty" validate:"omitempty,date" format:"date"`
}

// Evidence is something that an applicant must have (cv:Evidence).
type Evidence struct {
	Title       lang.Text `json:"title" validate:"required,text=500"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type        string    `json:"type,omitempty" extensions:"x-vocabulary=input-output-types"`
	URL         string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"` // a form to fill in
}

// Output is something that an applicant gets (cv:Output).
type Output struct {
	Title       lang.Text `json:"title" validate:"required,text=500"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type        string    `json:"type,omitempty" extensions:"x-vocabulary=input-output-types"`
}

// Deadline is a term that an applicant must keep.
type Deadline struct {
	Title lang.Text `json:"title" validate:"required,text=500"`
	From  string    `json:"from,omitempty" validate:"omitempty,date" format:"date"`
	To    string    `json:"to,omitempty" validate:"omitempty,date" format:"date"`
}

// ProcessingTime is how long the administration may take.
type ProcessingTime struct {
	Max     string    `json:"max,omitempty" validate:"omitempty,period" example:"P30D"` // ISO 8601 duration
	Typical string    `json:"typical,omitempty" validate:"omitempty,period" example:"P10D"`
	Days    string    `json:"days,omitempty" validate:"omitempty,oneof=calendar working" enums:"calendar,working"`
	Text    lang.Text `json:"text,omitempty" validate:"text=1000"` // as the publisher says it
}

// Cost is what an applicant pays: an amount, nothing (`free`), or one that varies (neither).
type Cost struct {
	Label          lang.Text `json:"label,omitempty" validate:"text=255"`
	Amount         string    `json:"amount,omitempty" validate:"omitempty,amount" example:"22.21"`
	Currency       string    `json:"currency,omitempty" validate:"omitempty,iso4217" example:"EUR"` // ISO 4217
	Free           bool      `json:"free,omitempty"`
	Note           lang.Text `json:"note,omitempty" validate:"text=1000"`
	PaymentMethods []string  `json:"paymentMethods,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=payment-methods"`
	ValidFrom      string    `json:"validFrom,omitempty" validate:"omitempty,date" format:"date"`
	ValidTo        string    `json:"validTo,omitempty" validate:"omitempty,date" format:"date"`
}

// Connection is one way to get the service: a channel, with what differs on it.
type Connection struct {
	Inline             *Channel  `json:"inline" validate:"required"`                        // the channel, described in place
	DigitalAlternative lang.Text `json:"digitalAlternative,omitempty" validate:"text=1000"` // of a counter: how to do it online
	NoDigitalReason    lang.Text `json:"noDigitalReason,omitempty" validate:"text=1000"`    // of a counter: why it cannot be done online
}

// Channel is a way to get services (cv:Channel).
type Channel struct {
	Type              string    `json:"type" validate:"required" extensions:"x-vocabulary=channels"`
	Title             lang.Text `json:"title,omitempty" validate:"text=255"` // what the button says
	Description       lang.Text `json:"description,omitempty" validate:"text=5000"`
	URL               string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
	BookingURL        string    `json:"bookingUrl,omitempty" validate:"omitempty,link" format:"uri"`
	Offices           []string  `json:"offices,omitempty" validate:"max=100,unique" extensions:"x-reference=office,x-embed"`
	Places            []string  `json:"places,omitempty" validate:"max=100,unique" extensions:"x-reference=place,x-embed"`
	Contacts          []Contact `json:"contacts,omitempty" validate:"max=20,dive"`
	Identities        []string  `json:"identities,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=authentication-types"`
	Platforms         []string  `json:"platforms,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=platforms"`
	DeliveryLanguages []string  `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	Timetable         string    `json:"timetable,omitempty" extensions:"x-reference=timetable"` // when it can be used
	HoursText         lang.Text `json:"hoursText,omitempty" validate:"text=2000"`
}

// Participation says which part an organisation has in a service (cv:Participation).
type Participation struct {
	Organisation  string `json:"organisation" validate:"required" extensions:"x-reference=publisher" example:"prato-comune/prato-comune"`
	Role          string `json:"role" validate:"required" extensions:"x-vocabulary=participation-roles"`
	ProvisionType string `json:"provisionType,omitempty" extensions:"x-vocabulary=provision-types"`
	From          string `json:"from,omitempty" validate:"omitempty,date" format:"date"`
	To            string `json:"to,omitempty" validate:"omitempty,date" format:"date"`
}

// LegalReference is an act that a service rests on (eli:LegalResource).
type LegalReference struct {
	Title lang.Text `json:"title" validate:"required,text=1000"`
	Type  string    `json:"type,omitempty" extensions:"x-vocabulary=legal-act-types"`
	Date  string    `json:"date,omitempty" validate:"omitempty,date" format:"date"`
	URL   string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
}

// DocumentLink is a file to read or to fill in.
type DocumentLink struct {
	Title    lang.Text `json:"title" validate:"required,text=500"`
	Type     string    `json:"type,omitempty" extensions:"x-vocabulary=document-kinds"`
	URL      string    `json:"url" validate:"required,link" format:"uri"`
	Format   string    `json:"format,omitempty" validate:"max=100" example:"application/pdf"` // media type
	Language string    `json:"language,omitempty" extensions:"x-vocabulary=languages"`
}

// Kind is KindService.
func (*Service) Kind() Kind { return KindService }

// StatusActive is the status of a service that can be had.
const StatusActive = "active"

// applicationBranch is the part of the national channel list whose channels take an application over the network.
const applicationBranch = "02"

func (s *Service) online() bool {
	for _, c := range s.Connections {
		if c.Inline != nil && (c.Inline.Type == applicationBranch || strings.HasPrefix(c.Inline.Type, applicationBranch+".")) {
			return true
		}
	}
	return false
}

// free is true where every known cost is nothing, false where one is not, nil where none is known.
func (s *Service) free() *bool {
	if len(s.Costs) == 0 {
		return nil
	}
	free := true
	for _, c := range s.Costs {
		free = free && c.Free
	}
	return &free
}

func (s *Service) facts() Facts {
	f := Facts{
		Status: s.Status, Categories: s.Categories, Topics: s.Topics, Audiences: s.Audiences,
		Online: s.online(), Free: s.free(),
	}
	seen := map[Ref]bool{}
	for _, ref := range References(s) {
		if ref.To.Kind == KindOffice && !seen[ref.To] {
			seen[ref.To] = true
			f.Offices = append(f.Offices, ref.To)
		}
	}
	return f
}
