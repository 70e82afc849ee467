package hsds

import (
	"cmp"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

var accessibilityFeatures = vocabulary.MustGet("accessibility-features")

// location tells a place: in lists what stands in it once, else with all that belongs to it.
func (w Writer) location(e *catalogue.Entry, full bool) *Location {
	w.At(e)
	place := e.Document.(*catalogue.Place)
	told := &Location{
		ID: e.ID.String(), LocationType: "physical", OrganizationID: ID(w.Publisher(e)),
		Name: w.say(place.Title), Description: w.description(&place.Head), Transportation: w.say(place.Access),
	}
	if len(place.AlternativeTitles) > 0 {
		told.AlternateName = w.say(place.AlternativeTitles[0])
	}
	if place.Point != nil {
		told.Latitude, told.Longitude = place.Point.Lat, place.Point.Lon
	}
	address := w.address(e, place.Address, place.District)
	if address == nil && place.Address != nil {
		told.Description = paragraphs(told.Description, incomplete(place.Address))
	}
	if !full {
		return told
	}
	if address != nil {
		told.Addresses = []Address{*address}
	}
	told.Contacts, told.Phones = w.contacts(e), w.phones(e)
	told.Schedules = w.schedules(w.Timetables(e))
	told.Attributes = w.attributes(e, "location")
	for i, a := range place.Accessibility {
		term, ok := accessibilityFeatures.Term(a.Feature)
		if !ok {
			continue
		}
		description := w.say(term.Label)
		if a.Available != "yes" {
			description = w.message("accessibility."+a.Available, description)
		}
		told.Accessibility = append(told.Accessibility, Accessibility{
			ID: partID(e.ID, catalogue.Pointer("/accessibility").Index(i)).String(), Description: description, Details: w.say(a.Note),
		})
	}
	return told
}

// seat tells where an organization has its seat, nil where that is not known.
func (w Writer) seat(e *catalogue.Entry) *Location {
	p := e.Document.(*catalogue.Publisher)
	address := w.address(e, p.Address, "")
	if address == nil {
		return nil
	}
	return &Location{
		ID: partID(e.ID, "/seat").String(), LocationType: "physical", OrganizationID: e.ID.String(), Name: w.say(p.Title), Addresses: []Address{*address},
	}
}

// provinces are those of Tuscany, by how their postal codes begin: most publishers leave out what everybody knows here.
var provinces = map[string]string{
	"50": "FI", "51": "PT", "52": "AR", "53": "SI", "54": "MS", "55": "LU", "56": "PI", "57": "LI", "58": "GR", "59": "PO",
}

// address tells an address, nil where it lacks a street or a postal code, without which HSDS has none. Where a province is
// missing, it is that of the postal code or, outside Tuscany, the city; where the country is, Italy.
func (w Writer) address(e *catalogue.Entry, a *catalogue.Address, district string) *Address {
	if a == nil || a.Street == "" || a.PostalCode == "" {
		return nil
	}
	return &Address{
		ID: partID(e.ID, "/address").String(), Address1: a.StreetAddress(), City: a.City, Region: district,
		StateProvince: cmp.Or(a.Province, provinces[a.PostalCode[:min(2, len(a.PostalCode))]], a.City), PostalCode: a.PostalCode,
		Country: cmp.Or(a.Country, "IT"), AddressType: "physical",
	}
}

// incomplete tells in a line what is known of an address.
func incomplete(a *catalogue.Address) string {
	return joined(", ", a.StreetAddress(), strings.TrimSpace(a.PostalCode+" "+a.City), a.Province)
}
