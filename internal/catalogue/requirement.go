package catalogue

import "github.com/comuneprato/service-catalogue/internal/lang"

// Requirement is something that an applicant must be or have (cv:Requirement), as a question that can be answered by yes
// or no.
type Requirement struct {
	Code           string    `json:"code,omitempty" validate:"max=50" example:"residenza"` // within the document
	Title          lang.Text `json:"title" validate:"required,text=500"`
	Description    lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type           string    `json:"type,omitempty" extensions:"x-vocabulary=requirement-types"`
	Question       lang.Text `json:"question,omitempty" validate:"text=500"`                                                   // to ask an applicant
	ExpectedAnswer string    `json:"expectedAnswer,omitempty" validate:"omitempty,oneof=yes no" enums:"yes,no"`                // of one who meets it
	Evidence       []string  `json:"evidence,omitempty" validate:"max=20,unique,dive,min=1,max=50" example:"carta-d-identita"` // codes of the evidence that proves it (cv:hasSupportingEvidence)
}

// Evidence is something that an applicant must have (cv:Evidence).
type Evidence struct {
	Code            string    `json:"code,omitempty" validate:"max=50" example:"carta-d-identita"` // within the document
	Title           lang.Text `json:"title" validate:"required,text=500"`
	Description     lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type            string    `json:"type,omitempty" extensions:"x-vocabulary=input-output-types"`
	URL             string    `json:"url,omitempty" validate:"omitempty,link" format:"uri"`                             // a form to fill in
	SelfCertifiable bool      `json:"selfCertifiable,omitempty"`                                                        // a declaration of the applicant will do (D.P.R. 445/2000, artt. 46-47)
	HeldBy          lang.Text `json:"heldBy,omitempty" validate:"text=255"`                                             // the administration that has it already, so that nobody need bring it (L. 241/1990, art. 18)
	Validity        string    `json:"validity,omitempty" validate:"omitempty,period" example:"P6M"`                     // how old it may be: an ISO 8601 duration
	Languages       []string  `json:"languages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"` // that it may be in
}

// Output is something that an applicant gets (cv:Output).
type Output struct {
	Title       lang.Text `json:"title" validate:"required,text=500"`
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	Type        string    `json:"type,omitempty" extensions:"x-vocabulary=input-output-types"`
	Sort        string    `json:"sort,omitempty" extensions:"x-vocabulary=output-types"`
	Validity    string    `json:"validity,omitempty" validate:"omitempty,period" example:"P10Y"`                          // how long it is good for: an ISO 8601 duration
	Delivery    []string  `json:"delivery,omitempty" validate:"max=10,unique" extensions:"x-vocabulary=delivery-methods"` // how it reaches the applicant
}

// evidenceCodes reports requirements, in what is at a place, that name evidence by a code that none has, and codes that
// stand twice; of is where the evidence is.
func (c *checker) evidenceCodes(at Pointer, requirements []Requirement, of Pointer, evidence []Evidence) {
	codes := map[string]bool{}
	for i, e := range evidence {
		if e.Code != "" && codes[e.Code] {
			c.report(of.Index(i).Field("code"), ruleUnique)
		}
		codes[e.Code] = true
	}
	seen := map[string]bool{}
	for i, r := range requirements {
		place := at.Field("requirements").Index(i)
		if r.Code != "" && seen[r.Code] {
			c.report(place.Field("code"), ruleUnique)
		}
		seen[r.Code] = true
		for j, code := range r.Evidence {
			if !codes[code] && !c.findings.unreadIn(of) {
				c.report(place.Field("evidence").Index(j), ruleEvidenceCode, code)
			}
		}
	}
}
