package schemaorg

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// typeOf is what schema.org calls an office, or an organisation: companies, associations and the like are no part of any
// government.
func typeOf(e *catalogue.Entry) string {
	p, ok := e.Document.(*catalogue.Publisher)
	switch {
	case !ok:
		return "GovernmentOffice"
	case p.Type == "" || p.IsPublicBody():
		return "GovernmentOrganization"
	default:
		return "Organization"
	}
}

func (w writer) organisation(e *catalogue.Entry, p *catalogue.Publisher) *Organisation {
	o := &Organisation{
		Head: w.head(e, typeOf(e)), LegalName: p.LegalName, TaxID: p.TaxCode, VATID: p.VATNumber, AreaServed: w.area(p.Areas),
		ContactPoint: w.contacts(p.Contacts), Address: address(p.Address),
	}
	if p.IPACode != "" {
		o.Identifier = p.IPACode
	}
	if p.Website != "" {
		o.URL = p.Website
	}
	if p.Logo != nil {
		o.Logo = p.Logo.URL
	}
	w.locate(o, p.Places)
	return o
}

func (w writer) office(e *catalogue.Entry, d *catalogue.Office) *Organisation {
	o := &Organisation{
		Head: w.head(e, typeOf(e)), ContactPoint: w.contacts(d.Contacts), KnowsLanguage: languages(d.DeliveryLanguages), AreaServed: w.area(d.ServedAreas),
	}
	if o.Description == "" {
		o.Description = w.plain(d.Competences)
	}
	if d.OfficeCode != "" {
		o.Identifier = d.OfficeCode
	}
	organisation := d.Organisation
	if organisation == "" {
		organisation = e.Ref.Publisher + "/" + e.Ref.Publisher
	}
	if o.ParentOrganisation = w.named(catalogue.KindOffice, d.Parent, "GovernmentOffice"); o.ParentOrganisation == nil {
		if parent := w.Public(catalogue.KindPublisher, organisation); parent != nil {
			o.ParentOrganisation = w.named(catalogue.KindPublisher, organisation, typeOf(parent))
		}
	}
	w.locate(o, d.Places)
	o.OpeningHours, o.SpecialOpeningHours = w.opening(e)
	return o
}

// locate gives an organisation the address of its first place, unless it has one of its own, and lists the others.
func (w writer) locate(o *Organisation, places []string) {
	for _, reference := range places {
		e := w.Public(catalogue.KindPlace, reference)
		if e == nil {
			continue
		}
		place := w.place(e, e.Document.(*catalogue.Place))
		place.SubjectOf = nil
		if o.Address == nil && place.Address != nil {
			o.Address, o.Geo = place.Address, place.Geo
		} else {
			o.Location = append(o.Location, *place)
		}
	}
}

func (w writer) place(e *catalogue.Entry, p *catalogue.Place) *Place {
	place := &Place{Head: w.head(e, "CivicStructure"), Address: address(p.Address)}
	if p.Point != nil {
		place.Geo = &Geo{Type: "GeoCoordinates", Latitude: *p.Point.Lat, Longitude: *p.Point.Lon}
	}
	if p.Image != nil {
		place.Image = p.Image.URL
	}
	for _, a := range p.Accessibility {
		if a.Available != "partial" { // neither true nor false
			name := w.joined("accessibility-features", []string{a.Feature})
			place.AmenityFeature = append(place.AmenityFeature, Feature{Type: "LocationFeatureSpecification", Name: name, Value: a.Available == "yes"})
		}
	}
	place.OpeningHours, place.SpecialOpeningHours = w.opening(e)
	return place
}

func address(a *catalogue.Address) *Address {
	if a == nil {
		return nil
	}
	return &Address{
		Type: "PostalAddress", StreetAddress: a.StreetAddress(), PostalCode: a.PostalCode,
		AddressLocality: a.City, AddressRegion: a.Province, AddressCountry: a.Country,
	}
}

// contacts are those that can be reached by telephone, mail or a page.
func (w writer) contacts(contacts []catalogue.Contact) (points []Contact) {
	for _, c := range contacts {
		point := Contact{Type: "ContactPoint", Name: w.text(c.Label), ContactType: w.joined("contact-purposes", []string{c.Purpose})}
		reached := false
		for _, entry := range c.Entries {
			var ways *[]string
			switch entry.Type {
			case "phone", "freephone", "mobile", "sms", "whatsapp":
				ways = &point.Telephone
			case "fax":
				ways = &point.FaxNumber
			case "email", "pec":
				ways = &point.Email
			case "website", "contact_form", "booking_page":
				ways = &point.URL
			default:
				continue
			}
			*ways, reached = append(*ways, entry.Value), true
			for _, tag := range languages(entry.Languages) {
				if !slices.Contains(point.AvailableLanguage, tag) {
					point.AvailableLanguage = append(point.AvailableLanguage, tag)
				}
			}
		}
		if reached {
			points = append(points, point)
		}
	}
	return points
}
