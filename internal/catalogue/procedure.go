package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Procedure is an administrative procedure: what art. 35, comma 1, of D.Lgs. 33/2013 makes an administration publish of
// it, whose letters stand behind the fields, and its steps in their order. The letter a, what it is and the acts that it
// rests on, is description and legalBasis.
type Procedure struct {
	Head
	Status             string           `json:"status,omitempty" extensions:"x-vocabulary=service-status"`
	StatusReason       lang.Text        `json:"statusReason,omitempty" validate:"text=1000"`
	Initiative         string           `json:"initiative,omitempty" validate:"omitempty,oneof=application ex_officio" enums:"application,ex_officio"` // who starts it
	LegalBasis         []LegalReference `json:"legalBasis,omitempty" validate:"max=100,dive"`
	ResponsibleOffice  string           `json:"responsibleOffice,omitempty" extensions:"x-reference=office,x-embed"`                   // b, c: that prepares the decision
	ResponsiblePerson  lang.Text        `json:"responsiblePerson,omitempty" validate:"text=255"`                                       // c: who is in charge, by office or by name
	DecidingOffice     string           `json:"decidingOffice,omitempty" extensions:"x-reference=office,x-embed"`                      // c: that decides, where it is another one
	DecidingPerson     lang.Text        `json:"decidingPerson,omitempty" validate:"text=255"`                                          // c
	Evidence           []Evidence       `json:"evidence,omitempty" validate:"max=100,dive"`                                            // d: to be handed in with an application
	Forms              []Attachment     `json:"forms,omitempty" validate:"max=50,dive"`                                                // d
	InformationOffices []string         `json:"informationOffices,omitempty" validate:"max=50,unique" extensions:"x-reference=office"` // d: to turn to
	InformationText    lang.Text        `json:"informationText,omitempty" validate:"text=5000"`                                        // e: how to learn how one's case stands
	TrackingURL        string           `json:"trackingUrl,omitempty" validate:"omitempty,link" format:"uri"`                          // e: where to follow it
	Term               *ProcessingTime  `json:"term,omitempty"`                                                                        // f: by when it must be concluded
	OtherTerms         []Deadline       `json:"otherTerms,omitempty" validate:"max=50,dive"`                                           // f: others that matter
	TacitConsent       *bool            `json:"tacitConsent,omitempty"`                                                                // g: silence until the term is consent (L. 241/1990, art. 20)
	DeclarationInLieu  *bool            `json:"declarationInLieu,omitempty"`                                                           // g: a declaration of the applicant does instead of the decision (L. 241/1990, art. 19)
	IfNoReply          lang.Text        `json:"ifNoReply,omitempty" validate:"text=5000"`                                              // what holds when the term has passed
	Remedies           lang.Text        `json:"remedies,omitempty" validate:"text=5000"`                                               // h: before the administration and in court
	OnlineURL          string           `json:"onlineUrl,omitempty" validate:"omitempty,link" format:"uri"`                            // i
	OnlineFrom         string           `json:"onlineFrom,omitempty" validate:"omitempty,date" format:"date"`                          // i: when it can be used, if not yet
	PaymentText        lang.Text        `json:"paymentText,omitempty" validate:"text=5000"`                                            // l: how to pay
	Costs              []Cost           `json:"costs,omitempty" validate:"max=50,dive"`                                                // l
	SubstitutePower    *SubstitutePower `json:"substitutePower,omitempty"`                                                             // m
	OutcomeSurvey      *OutcomeSurvey   `json:"outcomeSurvey,omitempty"`                                                               // n: what users think of it
	Outputs            []Output         `json:"outputs,omitempty" validate:"max=20,dive"`
	Steps              []Step           `json:"steps,omitempty" validate:"max=100,dive"` // in their order
	Documents          []Attachment     `json:"documents,omitempty" validate:"max=50,dive"`
}

// SubstitutePower is who decides where the responsible office does not, and how to have it do so (L. 241/1990, art. 2,
// comma 9-bis).
type SubstitutePower struct {
	Holder   lang.Text `json:"holder" validate:"required,text=255"` // by office or by name
	Office   string    `json:"office,omitempty" extensions:"x-reference=office"`
	HowTo    lang.Text `json:"howTo,omitempty" validate:"text=5000"`
	Contacts []Contact `json:"contacts,omitempty" validate:"max=10,dive"`
}

// OutcomeSurvey is what a survey among those who went through a procedure found.
type OutcomeSurvey struct {
	Text lang.Text `json:"text,omitempty" validate:"text=2000"`
	URL  string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
	Date string    `json:"date,omitempty" validate:"omitempty,date" format:"date"`
}

// Step is one step of a procedure.
type Step struct {
	Title    lang.Text `json:"title" validate:"required,text=500"`
	Text     lang.Text `json:"text,omitempty" validate:"text=5000"`
	Actor    string    `json:"actor,omitempty" extensions:"x-vocabulary=step-actors"`         // who does it
	Office   string    `json:"office,omitempty" extensions:"x-reference=office"`              // which office, where one does it
	Channel  string    `json:"channel,omitempty" extensions:"x-reference=channel"`            // by which way
	Input    lang.Text `json:"input,omitempty" validate:"text=1000"`                          // what it takes
	Output   lang.Text `json:"output,omitempty" validate:"text=1000"`                         // what comes of it
	Duration string    `json:"duration,omitempty" validate:"omitempty,period" example:"P10D"` // ISO 8601 duration, at most
	Days     string    `json:"days,omitempty" validate:"omitempty,oneof=calendar working" enums:"calendar,working"`
	URL      string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`
}

// Kind is KindProcedure.
func (*Procedure) Kind() Kind { return KindProcedure }

func (p *Procedure) check(c *checker) {
	c.status(p.Status, p.StatusReason, "")
	c.evidenceCodes("", nil, "/evidence", p.Evidence)
	c.attachments("/forms", p.Forms)
	c.attachments("/documents", p.Documents)
	c.costs("", p.Costs)
	c.deadlines("/otherTerms", p.OtherTerms)
	c.link("/trackingUrl", p.TrackingURL)
	c.link("/onlineUrl", p.OnlineURL)
	if p.SubstitutePower != nil {
		c.contacts("/substitutePower", p.SubstitutePower.Contacts)
	}
	for i, s := range p.Steps {
		c.link(Pointer("/steps").Index(i).Field("url"), s.URL)
	}
}
