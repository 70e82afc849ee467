package hsds

import (
	"cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

var organisationTypes = vocabulary.MustGet("organisation-types")

// provider is the role of those who provide a service.
const provider = "provider"

// OrganizationOf is the public profile of who provides a service: of the organisation that takes part in it as the
// provider now, else of its publisher; nil if neither is public.
func OrganizationOf(l *catalogue.Look, e *catalogue.Entry) *catalogue.Entry {
	for _, p := range e.Document.(*catalogue.Service).Participations {
		if p.Role == provider && l.During(p.From, p.To) == catalogue.Current {
			if found := l.Public(catalogue.KindPublisher, p.Organisation); found != nil {
				return found
			}
		}
	}
	return l.Publisher(e)
}

// Organization tells an organisation: in lists what stands in it once, else with all that belongs to it but its services.
func (w Writer) Organization(e *catalogue.Entry, full bool) *Organization {
	w.At(e)
	p := e.Document.(*catalogue.Publisher)
	name := w.say(p.Title)
	legalStatus := ""
	if term, ok := organisationTypes.Term(p.Type); ok {
		legalStatus = w.say(term.Label)
	}
	told := &Organization{
		ID: e.ID.String(), Name: name, AlternateName: alternative(name, p.Acronym, p.LegalName),
		Description: cmp.Or(w.description(&p.Head), legalStatus, name), Email: mailOf(p), Website: rdf.Address(p.Website), LegalStatus: legalStatus,
		URI: w.IRI(e),
	}
	if p.Logo != nil {
		told.Logo = rdf.Address(p.Logo.URL)
	}
	if !full {
		return told
	}
	told.Contacts, told.Phones, told.Attributes = w.contacts(e), w.phones(e), w.attributes(e, "organization")
	if seat := w.seat(e); seat != nil {
		told.Locations = append(told.Locations, *seat)
	}
	for _, reference := range p.Places {
		if place := w.Public(catalogue.KindPlace, reference); place != nil {
			told.Locations = append(told.Locations, *w.location(place, true))
		}
	}
	for _, i := range []struct{ field, name, value string }{
		{"ipaCode", "Codice IPA", p.IPACode}, {"taxCode", "Codice fiscale", p.TaxCode}, {"vatNumber", "Partita IVA", p.VATNumber},
	} {
		if i.value != "" {
			told.OrganizationIdentifiers = append(told.OrganizationIdentifiers, OrganizationIdentifier{
				ID: partID(e.ID, catalogue.Pointer("").Field(i.field)).String(), IdentifierType: i.name, Identifier: i.value,
			})
		}
	}
	return told
}
