package main

import (
	"fmt"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// procedures is the file of the procedures behind services, by source_id of the service.
type procedures struct {
	About      string               `json:"about"`
	Procedures map[string]procedure `json:"procedures"`
}

type procedure struct {
	Initiative        string   `json:"initiative"`
	Term              termFact `json:"term"` // where the service has none, because it holds for a part of it
	OtherTerms        []string `json:"otherTerms"`
	TacitConsent      bool     `json:"tacitConsent"`
	DeclarationInLieu string   `json:"declarationInLieu"` // the words that say so
	InformationText   string   `json:"informationText"`
	Remedies          string   `json:"remedies"`
	PaymentText       string   `json:"paymentText"`
	OnlineChannel     *int     `json:"onlineChannel"` // whose address it is
	Steps             []step   `json:"steps"`
}

// step is an item of how_to, or words of another sentence.
type step struct {
	HowTo    *int   `json:"howTo"`
	Words    string `json:"words"`
	Actor    string `json:"actor"`
	Office   string `json:"office"`  // id
	Channel  string `json:"channel"` // key of a shared one
	Duration string `json:"duration"`
}

// check returns an error if a procedure is of a service that does not exist or a step of an item that it lacks.
func (p procedures) check(src source) error {
	err := sameKeys("procedures", p.Procedures, ids(src.Services, func(s service) string { return s.ID }), false)
	if err != nil {
		return err
	}
	for _, s := range src.Services {
		for i, x := range p.Procedures[s.ID].Steps {
			if (x.HowTo == nil) == (x.Words == "") || x.HowTo != nil && *x.HowTo >= len(s.HowTo) {
				return fmt.Errorf("procedures: %s: step %d is no item of how_to and no words, or both", s.ID, i)
			}
		}
	}
	return nil
}

// procedureKey is the key of the procedure behind a service.
func procedureKey(s service) string { return s.ID + "-procedimento" }

// procedure makes the procedure behind a service of what its record says. Most is the service's own; the title is ours.
func (c *converter) procedure(s service, behind procedure, of *catalogue.Service) *catalogue.Procedure {
	doc := &catalogue.Procedure{
		Status: of.Status, StatusReason: of.StatusReason, Initiative: behind.Initiative, LegalBasis: of.LegalBasis,
		ResponsibleOffice: of.ResponsibleOffice, Evidence: of.Evidence, Costs: of.Costs, IfNoReply: of.IfNoReply,
		InformationText: text(c.said(s, "procedure /informationText", behind.InformationText)),
		Remedies:        text(c.said(s, "procedure /remedies", behind.Remedies)),
		PaymentText:     text(capitalised(c.said(s, "procedure /paymentText", behind.PaymentText))),
		OtherTerms:      slices.Clone(of.Deadlines), Outputs: of.Outputs,
		Steps: c.steps(s, behind),
	}
	doc.Title = lang.Text{
		lang.Italian: "Procedimento: " + of.Title[lang.Italian],
		lang.English: "Procedure: " + of.Title[lang.English],
		lang.Chinese: "办理程序：" + of.Title[lang.Chinese],
	}
	doc.Summary, doc.Description, doc.Keywords = of.Summary, of.Description, of.Keywords
	doc.Origins, doc.RightsNote = of.Origins, of.RightsNote
	if len(doc.Outputs) == 0 && s.Outcome != "" {
		doc.Outputs = []catalogue.Output{{Title: text(s.Outcome)}}
	}
	switch {
	case behind.Term != termFact{}:
		doc.Term = c.term(s, "procedure /term", behind.Term, s.ProcessingTime)
	case of.AdministrativeTerm != nil:
		doc.Term = of.AdministrativeTerm
	default:
		doc.Term = of.ProcessingTime
	}
	for _, words := range behind.OtherTerms {
		doc.OtherTerms = append(doc.OtherTerms, catalogue.Deadline{Title: text(capitalised(c.said(s, "procedure /otherTerms", words)))})
	}
	if behind.TacitConsent {
		doc.TacitConsent = &behind.TacitConsent
		if len(of.IfNoReply) == 0 {
			c.fail(s.ID, "procedure /tacitConsent: nothing says what silence means")
		}
		c.verbatim(s.ID, "procedure /tacitConsent", of.IfNoReply[lang.Italian], s.ProcessingTime)
	}
	if behind.DeclarationInLieu != "" {
		c.said(s, "procedure /declarationInLieu", behind.DeclarationInLieu)
		yes := true
		doc.DeclarationInLieu = &yes
	}
	if behind.OnlineChannel != nil {
		doc.OnlineURL = s.Channels[*behind.OnlineChannel].URL
	}
	return doc
}

func (c *converter) steps(s service, behind procedure) []catalogue.Step {
	var made []catalogue.Step
	taken := map[int]bool{}
	for i, x := range behind.Steps {
		at := fmt.Sprintf("procedure /steps/%d", i)
		title := x.Words
		if x.HowTo != nil {
			title, taken[*x.HowTo] = s.HowTo[*x.HowTo], true
		} else {
			c.said(s, at+"/title", x.Words)
		}
		c.readings = append(c.readings, reading{s.ID, at + "/actor", x.Actor, title})
		one := catalogue.Step{
			Title: text(capitalised(title)), Actor: x.Actor, Duration: c.durationIn(s, at+"/duration", x.Duration),
		}
		if x.Office != "" {
			one.Office = c.officeRef(s.ID, x.Office)
		}
		if x.Channel != "" {
			one.Channel = ref(s.Provider, x.Channel)
		}
		made = append(made, one)
	}
	for i, item := range s.HowTo {
		if !taken[i] {
			c.note(s.ID, "%q is no step of the procedure", item)
		}
	}
	return made
}
