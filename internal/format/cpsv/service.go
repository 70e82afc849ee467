package cpsv

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// service says of a service what the profiles ask for; what the document does not say follows from what it does.
func (w *writer) service(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	n.Is("cpsv:PublicService", "cpsvapit:PublicService")
	w.named(n, e, s.Title)
	described(n, s.Summary, s.Description, s.Title)
	if a := w.competent(e, s); a != nil {
		n.Link(authority, w.public(a))
	} else {
		n.Link(authority, w.nobody(e.Ref.Publisher).Is("cv:PublicOrganisation"))
	}
	w.themes(n, s)
	w.sectors(n, e, s)
	w.state(n, s)
	w.interactivity(n, s)
	w.ways(n, e, s)
	w.parts(n, e, s)
}

// stubService describes a service in short where nothing else in the document does.
func (w *writer) stubService(e *catalogue.Entry) *rdf.Node {
	return w.stub(e, func(n *rdf.Node) { w.service(n, e, e.Document.(*catalogue.Service)) })
}

func (w *writer) services(references []string) []*rdf.Node {
	var nodes []*rdf.Node
	for _, reference := range references {
		if e := w.Public(catalogue.KindService, reference); e != nil {
			nodes = append(nodes, w.stubService(e))
		}
	}
	return nodes
}

// serviceInFull says the rest.
func (w *writer) serviceInFull(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	if len(s.Summary) > 0 {
		described(n, s.Description)
	}
	n.Say(alternative, s.AlternativeTitles...).Say(keyword, s.Keywords...).Say(italianKeyword, s.Keywords...)
	w.otherNumbers(n, append([]string{s.Code}, s.OtherCodes...))
	n.Link(typed, w.term("service-types", s.Type))
	n.Link(isClassifiedBy, w.terms("topics", s.Topics)...).Link(isClassifiedBy, w.term("service-flows", s.Flow))
	n.Link(audience, w.terms("audiences", s.Audiences)...)
	if len(s.AudienceText) > 0 {
		label := said("field.audienceText")
		n.Link(audience, w.part(n, "audience").Is("skos:Concept").Say(prefLabel, label).Say(definition, s.AudienceText))
	}
	w.events(n, "life-events", s.LifeEvents, "cv:LifeEvent", "cpsvapit:LifeEvent")
	w.events(n, "business-events", s.BusinessEvents, "cv:BusinessEvent", "cpsvapit:BusinessEvent")
	languages := w.languages(s.DeliveryLanguages)
	n.Link(languageOf, languages...).Link(italianLanguage, languages...)
	areas := w.areas(n, s.Areas)
	n.Link(spatial, areas...).Link(italianSpatial, areas...)
	n.Link(temporalCoverage, w.interval(n, s.ValidFrom, s.ValidTo))

	requirements, evidence := w.requirements(n, e, s.Requirements, s.Evidence, s.NeededText)
	n.Link(holdsRequirement, requirements...).Link(holdsRequirement, w.conditions(n, e, s)...)
	n.Link(hasInput, evidence...).Link(italianInput, evidence...)
	w.inputTypes(n, s.Evidence)
	outputs := w.outputs(n, e, s.Outputs, s.OutcomeText)
	n.Link(produces, outputs...).Link(italianOutput, outputs...)
	w.processing(n, s)
	w.waysInFull(n, e, s)
	costs := w.costs(n, e, s.Costs, s.CostsText)
	n.Link(hasCost, costs...).Link(italianCost, costs...)
	w.contacts(n, e, s.Contacts, contactPoint)

	rules := w.rules(n, e, s)
	n.Link(follows, rules...).Link(italianRule, rules...)
	n.Link(hasLegalResource, w.legalBasis(n, e, s.LegalBasis)...)
	w.concessions(n, e, s)
	for _, list := range [][]catalogue.Attachment{s.Conditions, s.Documents} {
		w.attachments(n, list)
	}
	n.Link(relatedService, w.services(s.RelatedServices)...).Link(italianRelated, w.services(s.RelatedServices)...)
	n.Link(relatedService, w.services(s.FollowedBy)...).Link(italianRelated, w.services(s.FollowedBy)...)
	n.Link(requires, w.services(s.RequiredServices)...).Link(italianRequires, w.services(s.RequiredServices)...)
	n.Link(replaces, w.services(s.Replaces)...)
	for _, whole := range w.services(s.PartOf) { // dct:isPartOf is for the dataset here
		whole.Link(hasPart, n)
	}
}

// competent is the entry of who is competent for a service; nil where nobody's profile is public.
func (w *writer) competent(e *catalogue.Entry, s *catalogue.Service) *catalogue.Entry {
	for _, p := range s.Participations {
		if p.Role == "competent_authority" {
			if agent := w.participant(p); agent != nil {
				return agent
			}
		}
	}
	for _, c := range s.Concessions {
		if agent := w.Public(catalogue.KindPublisher, c.Authority); agent != nil {
			return agent
		}
	}
	if office := w.Public(catalogue.KindOffice, s.ResponsibleOffice); office != nil {
		return office
	}
	return w.Publisher(e)
}

func (w *writer) participant(p catalogue.Participation) *catalogue.Entry {
	if p.Office != "" {
		return w.Public(catalogue.KindOffice, p.Office)
	}
	return w.Public(catalogue.KindPublisher, p.Organisation)
}

// themes say what a service is about. CPSV-AP's sector and CPSV-AP_IT's theme are the EU's data themes, to which the
// categories of the Modello Comuni lead.
func (w *writer) themes(n *rdf.Node, s *catalogue.Service) {
	const government = "GOVE"
	dataThemes := []string{}
	for _, code := range s.Categories {
		n.Link(thematicArea, w.term("service-categories", code))
		if t, ok := vocabulary.MustGet("service-categories").Term(code); ok {
			for _, uri := range t.Related {
				if theme, ok := vocabulary.MustGet("data-themes").Term(uri); ok {
					dataThemes = append(dataThemes, theme.Code)
				}
			}
		}
	}
	if len(dataThemes) == 0 {
		dataThemes = []string{government}
	}
	nodes := w.terms("data-themes", dataThemes, "cpsvapit:ServiceTheme")
	n.Link(sector, nodes...).Link(italianTheme, nodes...)
}

// sectors say of which branch a service is (NACE): its own, else those of who publishes it, else public administration.
func (w *writer) sectors(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	const publicAdministration = "84"
	codes := s.Sectors
	if p := w.Publisher(e); len(codes) == 0 && p != nil {
		codes = p.Document.(*catalogue.Publisher).Sectors
	}
	if len(codes) == 0 {
		codes = []string{publicAdministration}
	}
	for _, code := range codes {
		if t, ok := vocabulary.MustGet("sectors").Term(code); ok {
			n.Link(italianSector, w.nace(t))
		}
	}
}

// state says the status. CPSV-AP_IT knows three: what is closed for a time or for good is not active there.
func (w *writer) state(n *rdf.Node, s *catalogue.Service) {
	current := w.term("service-status", s.Status)
	n.Link(status, current)
	switch s.Status {
	case "active", "inactive", "under_development":
		n.Link(italianStatus, current.Is("cpsvapit:ServiceStatus"))
	default:
		n.Link(italianStatus, w.term("service-status", "inactive", "cpsvapit:ServiceStatus"))
	}
}

// interactivity is the level that the document states, else the least that follows from what can be done online.
func (w *writer) interactivity(n *rdf.Node, s *catalogue.Service) {
	level := s.Interactivity
	switch {
	case level != "":
	case w.Online(s):
		level = "LEVEL 3" // an application can be sent
	case len(s.Documents) > 0:
		level = "LEVEL 2" // there are forms to take away
	default:
		level = "LEVEL 1" // it is described here
	}
	n.Link(italianInteractivity, w.term("interactivity-levels", level, "cpsvapit:InteractivityLevel"))
}

// otherNumbers are the codes of a service that are not the one by which the catalogue knows it. The Italian
// otherServiceCode is a kind of l0:identifier, of which a service has but one.
func (w *writer) otherNumbers(n *rdf.Node, codes []string) {
	for i, code := range codes {
		if code != "" {
			n.Link(otherNumbers, w.part(n, "code", i).Is("adms:Identifier").Set(notation, code))
		}
	}
}

// events are the life or business events of a list, each an event and a term at once.
func (w *writer) events(n *rdf.Node, scheme string, codes []string, classes ...string) {
	for _, event := range w.terms(scheme, codes, append(classes, "cv:Event")...) {
		if event == nil {
			continue
		}
		for _, s := range event.Statements {
			if s.Property == prefLabel {
				event.Say(title, lang.Text{s.Lang: s.Value})
			}
		}
		event.Set(identifier, event.IRI).Link(eventService, n).Link(italianEventService, n)
		n.Link(isGroupedBy, event)
	}
}

// conditions are the requirements that a service states in words or numbers of their own.
func (w *writer) conditions(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) []*rdf.Node {
	var nodes []*rdf.Node
	add := func(name string, heading, text lang.Text) {
		r := w.named(w.part(n, name).Is("cv:Requirement", "cpsvapit:Requirement"), e, heading)
		nodes = append(nodes, described(r, text))
	}
	if len(s.WhoCanApply) > 0 {
		add("who-can-apply", said("cpsv.whoCanApply"), s.WhoCanApply)
	}
	if s.MinAge != nil {
		add("min-age", said("cpsv.minAge", *s.MinAge), nil)
	}
	if s.MaxAge != nil {
		add("max-age", said("cpsv.maxAge", *s.MaxAge), nil)
	}
	if len(s.Restrictions) > 0 {
		add("restrictions", said("cpsv.restrictions"), s.Restrictions)
	}
	return nodes
}

// rules are how a service is had: in its own words, by its rules, and by the procedures that it starts.
func (w *writer) rules(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) []*rdf.Node {
	var nodes []*rdf.Node
	if len(s.HowTo) > 0 {
		rule := w.part(n, "how-to").Is("cpsv:Rule", "cpsvapit:Rule")
		nodes = append(nodes, described(w.named(rule, e, said("field.howTo")), s.HowTo))
	}
	for i, r := range s.Rules {
		rule := w.part(n, "rule", i).Is("cpsv:Rule", "cpsvapit:Rule")
		described(w.named(rule, e, r.Title), r.Description, r.Title).Set(italianDocument, rdf.Address(r.URL))
		for j, act := range r.Implements {
			legal := w.legal(rule, e, act, j)
			rule.Link(implements, legal).Link(italianFramework, legal)
		}
		nodes = append(nodes, rule)
	}
	for _, reference := range s.Procedures {
		if p := w.Public(catalogue.KindProcedure, reference); p != nil {
			nodes = append(nodes, w.stub(p, func(n *rdf.Node) { w.procedure(n, p, p.Document.(*catalogue.Procedure)) }))
		}
	}
	return nodes
}

// processing is how long a service takes: at most, else usually, else by law.
func (w *writer) processing(n *rdf.Node, s *catalogue.Service) {
	for _, t := range []*catalogue.ProcessingTime{s.ProcessingTime, s.AdministrativeTerm} {
		if t == nil {
			continue
		}
		period := t.Max
		if period == "" {
			period = t.Typical
		}
		if period == "" {
			continue
		}
		n.Set(processingTime, duration(period))
		if amount, of := measure(period); of != "" {
			n.Link(italianProcessing, w.part(n, "processing-time").Is("cpsvapit:ServiceProcessingTime", "muapit:Value").
				Set(value, amount).Link(unit, w.graph.Node(names.IRI("cpsvapit:"+of)).Is("muapit:MeasurementUnit")).
				Say(italianDescription, firstOf(t.Text, s.TimingText)))
		}
		return
	}
}

// measure is a span of time as a number of one unit; none where it has several.
func measure(period string) (amount, of string) {
	count, isTime := strings.CutPrefix(strings.TrimPrefix(period, "P"), "T")
	if count == "" {
		return "", ""
	}
	number := count[:len(count)-1]
	if strings.Trim(number, "0123456789") != "" {
		return "", ""
	}
	units := map[byte]string{'Y': "Year", 'M': "Month", 'W': "Week", 'D': "Day"}
	if isTime {
		units = map[byte]string{'H': "Hour"}
	}
	return number, units[count[len(count)-1]]
}

// concessions are the contracts by which a service is provided.
func (w *writer) concessions(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	for i, c := range s.Concessions {
		giver, taker := w.Public(catalogue.KindPublisher, c.Authority), w.Public(catalogue.KindPublisher, c.Operator)
		if giver == nil || taker == nil { // both shapes and readers need them
			continue
		}
		contract := w.part(n, "concession", i).Is("cv:ServiceConcessionContract")
		name := said("cpsv.concession", c.Reference)
		described(w.named(contract, e, name), name).Link(contracting, w.public(giver)).Link(operator, w.agent(taker))
		contract.Link(temporalCoverage, w.interval(contract, c.From, c.To))
		if c.CIG != "" {
			contract.Link(otherNumbers, w.graph.Node(contract.IRI+"-cig").Is("adms:Identifier").Set(notation, c.CIG))
		}
		w.document(contract, page, c.URL, nil)
		n.Link(references, contract)
	}
}

// attachments are the documents of a node.
func (w *writer) attachments(n *rdf.Node, attachments []catalogue.Attachment) {
	for _, a := range attachments {
		for _, f := range a.Files {
			if d := w.document(n, page, f.URL, a.Title); d != nil {
				d.Say(description, a.Description).Link(typed, w.term("document-kinds", a.Type)).Link(license, w.term("licences", a.Licence))
				d.Link(languageOf, w.languages([]string{f.Language})...)
			}
		}
	}
}
