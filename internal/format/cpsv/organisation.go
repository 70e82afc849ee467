package cpsv

import (
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// organisation is the class of what publishers and offices are.
const organisation = "org:Organization"

// agent is an organisation or an office that others name.
func (w *writer) agent(e *catalogue.Entry) *rdf.Node {
	return w.stub(e, func(n *rdf.Node) {
		switch doc := e.Document.(type) {
		case *catalogue.Publisher:
			w.publisher(n, e, doc)
		case *catalogue.Office:
			w.office(n, e, doc)
		}
	})
}

// public is an agent that acts with public authority, whatever its legal form.
func (w *writer) public(e *catalogue.Entry) *rdf.Node { return w.agent(e).Is("cv:PublicOrganisation") }

// nobody stands for a publisher whose profile is not public, of which the key alone is known.
func (w *writer) nobody(key string) *rdf.Node {
	n := w.graph.Node(w.PublicURL+"/v1/publishers/"+key).Is(organisation, "foaf:Agent", "l0:Agent").Set(identifier, key)
	return n.Say(title, lang.Of(key)).Say(prefLabel, lang.Of(key)).Link(spatial, w.italy())
}

func (w *writer) publisher(n *rdf.Node, e *catalogue.Entry, p *catalogue.Publisher) {
	n.Is(organisation, "foaf:Agent", "l0:Agent", "covapit:Organization")
	if p.IsPublicBody() {
		n.Is("cv:PublicOrganisation", "covapit:PublicOrganization")
	}
	w.named(n, e, p.Title).Say(prefLabel, p.Title)
	w.located(n, p.Areas)
}

func (w *writer) publisherInFull(n *rdf.Node, e *catalogue.Entry, p *catalogue.Publisher) {
	described(n, p.Summary)
	described(n, p.Description)
	n.Say(altLabel, p.AlternativeTitles...).Link(isClassifiedBy, w.term("organisation-types", p.Type))
	legal := p.Title
	if p.LegalName != "" {
		legal = lang.Of(p.LegalName)
	}
	n.Say(legalName, legal).Set(acronym, p.Acronym).Set(ipaCode, p.IPACode).Set(taxCode, p.TaxCode).Set(vatNumber, p.VATNumber)
	w.document(n, homepage, p.Website, nil)
	w.contacts(n, e, p.Contacts, contactPoint)
	if p.Address != nil {
		n.Link(postalAddress, w.address(w.part(n, "address"), p.Address))
	}
	w.sites(n, p.Places)
}

func (w *writer) office(n *rdf.Node, e *catalogue.Entry, o *catalogue.Office) {
	n.Is(organisation, "org:OrganizationalUnit", "foaf:Agent", "l0:Agent", "covapit:Office")
	w.named(n, e, o.Title).Say(prefLabel, o.Title)
	w.located(n, o.ServedAreas)
}

func (w *writer) officeInFull(n *rdf.Node, e *catalogue.Entry, o *catalogue.Office) {
	described(n, o.Summary)
	described(n, o.Description)
	n.Say(altLabel, o.AlternativeTitles...).Say(mainFunction, o.Competences).Set(officeCode, o.OfficeCode)
	n.Link(isClassifiedBy, w.term("office-types", o.Type)).Link(languageOf, w.languages(o.DeliveryLanguages)...)
	if parent := w.Public(catalogue.KindOffice, o.Parent); parent != nil {
		n.Link(subOf, w.agent(parent))
	}
	body := w.Public(catalogue.KindPublisher, o.Organisation)
	if body == nil {
		body = w.Publisher(e)
	}
	if body != nil {
		n.Link(unitOf, w.agent(body))
	}
	w.contacts(n, e, o.Contacts, contactPoint)
	w.sites(n, o.Places)
	if hours := w.Timetable(e); hours != nil {
		n.Link(accessCondition, w.hoursOf(hours))
	}
	n.Link(accessCondition, w.booking(n, o.BookingURL))
}

// located says where an organisation acts: in its areas, else somewhere in Italy.
func (w *writer) located(n *rdf.Node, areas []lang.Text) {
	where := w.areas(n, areas)
	if len(where) == 0 {
		where = []*rdf.Node{w.italy()}
	}
	n.Link(spatial, where...).Link(italianSpatial, where...)
}

// sites are the places of an organisation.
func (w *writer) sites(n *rdf.Node, references []string) {
	for _, reference := range references {
		if place := w.Public(catalogue.KindPlace, reference); place != nil {
			n.Link(hasSite, w.stub(place, func(n *rdf.Node) { w.place(n, place, place.Document.(*catalogue.Place)) }))
			n.Link(postalAddress, w.addressOf(place))
		}
	}
}

func (w *writer) place(n *rdf.Node, e *catalogue.Entry, p *catalogue.Place) {
	n.Is("dct:Location", "clvapit:Feature")
	w.named(n, e, p.Title).Say(prefLabel, p.Title).Link(postalAddress, w.addressOf(e))
}

func (w *writer) placeInFull(n *rdf.Node, e *catalogue.Entry, p *catalogue.Place) {
	described(n, p.Summary)
	described(n, p.Description)
	n.Say(altLabel, p.AlternativeTitles...).Link(isClassifiedBy, w.term("place-types", p.Type))
	if p.Point != nil {
		n.Set(centroid, wkt(p.Point))
	}
	w.contacts(n, e, p.Contacts, contactPoint)
	if hours := w.Timetable(e); hours != nil {
		n.Link(accessCondition, w.hoursOf(hours))
	}
}

// addressOf is the address of a place; nil if it states none.
func (w *writer) addressOf(e *catalogue.Entry) *rdf.Node {
	p := e.Document.(*catalogue.Place)
	if p.Address == nil {
		return nil
	}
	n := w.graph.Node(w.IRI(e) + "#address")
	if w.alone || w.stubs[w.IRI(e)] {
		w.address(n, p.Address)
		if p.District != "" {
			n.Say(district, lang.Of(p.District))
		}
	}
	return n
}

func (w *writer) address(n *rdf.Node, a *catalogue.Address) *rdf.Node {
	full := a.Line()
	n.Is("locn:Address", "clvapit:Address", "clvapit:Feature")
	n.Say(fullAddress, lang.Of(full)).Say(italianFull, lang.Of(full))
	n.Say(thoroughfare, lang.Of(a.Street)).Set(designator, a.Number).Set(postCode, a.PostalCode).Set(italianCode, a.PostalCode)
	return n.Say(postName, lang.Of(a.City)).Say(province, lang.Of(a.Province)).Say(country, lang.Of(a.Country))
}
