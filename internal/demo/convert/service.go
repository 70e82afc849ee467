package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// services writes the procedures behind services, then the services, which name them.
func (c *converter) services() {
	docs := make([]*catalogue.Service, len(c.source.Services))
	for i, s := range c.source.Services {
		docs[i] = c.service(i, s)
		if behind, ok := c.behind.Procedures[s.ID]; ok {
			procedure := c.procedure(s, behind, docs[i])
			docs[i].Procedures, docs[i].Appeal = []string{ref(s.Provider, procedureKey(s))}, procedure.Remedies
			c.add(s.Provider, procedureKey(s), procedure)
		}
	}
	for i, s := range c.source.Services {
		c.add(s.Provider, s.ID, docs[i])
	}
}

func (c *converter) service(position int, s service) *catalogue.Service {
	class, read := c.class.Services[s.ID], c.facts.Services[s.ID]
	doc := &catalogue.Service{
		Type: class.Type, Flow: class.Flow, OtherCodes: read.OtherCodes,
		MinAge: c.age(s, "/minAge", read.MinAge), MaxAge: c.age(s, "/maxAge", read.MaxAge),
		WhoCanApply:        text(capitalised(c.said(s, "/whoCanApply", read.WhoCanApply))),
		Requirements:       c.requirements(s, "", read.Requirements),
		Evidence:           c.evidence(s),
		Outputs:            c.outputs(s),
		Deadlines:          c.deadlines(s),
		Costs:              c.costs(s, "", read.Costs),
		AdministrativeTerm: c.term(s, "/administrativeTerm", read.Administrative, s.ProcessingTime),
		IfNoReply:          text(capitalised(c.verbatim(s.ID, "/ifNoReply", read.IfNoReply, s.ProcessingTime))),
		FinancialAdvantage: c.advantage(s),
		Acronyms:           class.Acronyms, Topics: class.Topics, Sectors: class.Sectors, Audiences: class.Audiences,
		LifeEvents: class.LifeEvents, BusinessEvents: class.BusinessEvents, Interactivity: class.Interactivity,
		DeliveryLanguages: class.DeliveryLanguages,
		Categories:        c.categories(s),
		AudienceText:      list(s.Audience, bullet),
		HowTo:             list(s.HowTo, numbered),
		OutcomeText:       text(s.Outcome),
		FurtherInfo:       text(s.Notes),
		ProcessingTime:    c.processingTime(s),
		Connections:       c.connections(s),
		Participations:    c.participations(s),
	}
	words := c.words.Services[s.ID]
	doc.Title = c.translate("services[].title", s.Title, words.Title)
	for i, title := range s.AlternativeTitles {
		doc.AlternativeTitles = append(doc.AlternativeTitles,
			c.translate("services[].alternative_titles[]", title, words.AlternativeTitles[i]))
	}
	doc.Keywords = texts([]string{s.CategoryLabel})
	doc.Summary, doc.Description = c.summary(s)
	doc.Status, doc.StatusReason = c.status(s.ID, s.Status)
	doc.Origins = c.origins(s.found, s.ValidAsOf)
	doc.RightsNote = c.rights(s.found)
	if class.HowTo != "" {
		doc.HowTo = text(class.HowTo)
		c.note(s.ID, "the source has no steps, channels or offices; /howTo says so in our words: %q", class.HowTo)
	}
	if s.Language != string(lang.Italian) {
		c.fail(s.ID, "language %q", s.Language)
	}
	for _, code := range read.OtherCodes {
		c.said(s, "/otherCodes", code)
	}
	if len(read.Requirements) == 0 && len(s.Audience) > 0 {
		c.note(s.ID, "audience: text only; it says whom the service is for, or conditions of which one is enough")
	}
	for _, title := range s.LegalReferences {
		doc.LegalBasis = append(doc.LegalBasis, c.legalReference(s, title))
	}
	for _, id := range s.OfficeIDs {
		doc.Offices = append(doc.Offices, c.officeRef(s.ID, id))
	}
	if class.ResponsibleOffice != "" {
		doc.ResponsibleOffice = c.officeRef(s.ID, class.ResponsibleOffice)
	} else if len(s.OfficeIDs) > 0 {
		c.note(s.ID, "no responsible office: %s only takes the requests", strings.Join(s.OfficeIDs, ", "))
	}
	for _, id := range class.RelatedServices {
		i := slices.IndexFunc(c.source.Services[:position], func(x service) bool { return x.ID == id })
		if i < 0 {
			c.fail(s.ID, "related service %q is not an earlier record", id)
			continue
		}
		doc.RelatedServices = append(doc.RelatedServices, ref(c.source.Services[i].Provider, id))
	}
	return doc
}

// categories are those of the classification, which must keep the category that the source names.
func (c *converter) categories(s service) []string {
	codes := c.class.Services[s.ID].Categories
	for _, term := range vocabulary.MustGet("service-categories").Terms {
		if term.Label[lang.Italian] == s.OfficialCategory {
			if !slices.Contains(codes, term.Code) {
				c.fail(s.ID, "categories: %q (%s) is not kept", s.OfficialCategory, term.Code)
			}
			return codes
		}
	}
	c.note(s.ID, "official_category %q is no label of the vocabulary: classified as %s", s.OfficialCategory, strings.Join(codes, ", "))
	return codes
}

// summary is the short description. One of several sentences is the description, and its first sentence, picked by hand
// because full stops end abbreviations too, the summary.
func (c *converter) summary(s service) (summary, description lang.Text) {
	const field = "services[].short_description"
	words := c.words.Services[s.ID].Summary
	first := c.class.Services[s.ID].Summary
	if first == "" {
		return c.translate(field, s.ShortDescription, words), nil
	}
	if !strings.HasPrefix(s.ShortDescription, first) {
		c.fail(s.ID, "summary: %q does not begin the short description", first)
	}
	c.note(s.ID, "short_description has several sentences: the first is the summary, the whole is the description")
	return c.translate(field, first, words), text(s.ShortDescription)
}

var number = regexp.MustCompile(`[0-9]+`)

// participations says who is competent and who delivers. Where that is one body, it delivers by itself; in which form
// another one does is not in the source. A company's own service has an owner, not an authority.
func (c *converter) participations(s service) []catalogue.Participation {
	i := slices.IndexFunc(c.source.Organisations, func(o organisation) bool { return o.ID == s.Owner })
	if i < 0 {
		c.fail(s.ID, "there is no organisation %q", s.Owner)
		return nil
	}
	owner := catalogue.Participation{Organisation: profile(s.Owner), Role: "competent_authority"}
	switch c.source.Organisations[i].Kind {
	case "utility", "municipal_company", "third_sector":
		owner.Role = "rights_holder"
	}
	provider := catalogue.Participation{Organisation: profile(s.Provider), Role: "provider"}
	if s.Owner == s.Provider {
		provider.ProvisionType = "self_provided"
	} else {
		c.note(s.ID, "%s delivers for %s: in which form (in house, concession, purchase) is not in the source", s.Provider, s.Owner)
	}
	return []catalogue.Participation{owner, provider}
}

// actTypes tells the type of an act by how it is cited. The first that fits counts.
var actTypes = []struct{ prefix, code string }{
	{"D.Lgs. ", "legislative_decree"},
	{"D.L. ", "decree_law"},
	{"DPR ", "presidential_decree"},
	{"L.R. ", "regional_law"},
	{"L. ", "law"},
	{"DCC ", "council_resolution"},
	{"DGC ", "executive_resolution"},
	{"Regolamento comunale ", "municipal_regulation"},
	{"Delibera ARERA ", "authority_decision"},
}

var actDate = regexp.MustCompile(`\bdel ([0-9]{2})/([0-9]{2})/([0-9]{4})$`)

func (c *converter) legalReference(s service, title string) catalogue.LegalReference {
	made := catalogue.LegalReference{Title: text(title)}
	for _, t := range actTypes {
		if strings.HasPrefix(title, t.prefix) {
			made.Type = t.code
			break
		}
	}
	if made.Type == "" {
		c.note(s.ID, "legal reference %q has no known type", title)
	}
	if m := actDate.FindStringSubmatch(title); m != nil {
		made.Date = m[3] + "-" + m[2] + "-" + m[1]
	}
	return made
}
