package main

import (
	"cmp"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// places writes the places that were found. All are the municipality's: no record says otherwise.
func (c *converter) places() {
	for _, p := range c.source.Places {
		doc := c.place(p.found, p.Address, c.class.Places[p.ID])
		doc.Title = text(p.Name)
		doc.Summary = text(capitalised(p.Description))
		if address := c.addressOfOfficeAt(p.ID); address != "" {
			doc.Access = text(doc.Access[lang.Italian] + "; " + address)
		}
		if doc.Address != nil {
			c.seats[sameAddress(*doc.Address, doc.District)] = ref(municipality, p.ID)
		}
		c.add(municipality, p.ID, doc)
	}
}

// place makes a document of an address: taken apart where that is safe, else as directions.
func (c *converter) place(f found, address string, class placeClass) *catalogue.Place {
	doc := &catalogue.Place{Type: class.Type, HoursText: text(class.HoursText)}
	doc.Title = text(class.Title)
	doc.Origins = c.origins(f, "")
	doc.RightsNote = c.rights(f)
	for _, feature := range class.Accessibility {
		doc.Accessibility = append(doc.Accessibility, catalogue.Accessibility{Feature: feature, Available: "yes"})
	}
	if class.District != "" {
		doc.District = class.District
		c.note(f.ID, "district %q is read from the name or the address", class.District)
	}
	switch parsed, district, ok := parseAddress(address); {
	case ok:
		doc.Address, doc.District = &parsed, cmp.Or(district, doc.District)
		if district != "" {
			c.note(f.ID, "address %q: the locality is the district, the city is %s", address, parsed.City)
		}
	case address != "":
		doc.Access = text(address)
		c.note(f.ID, "address %q has no street: kept whole as /access", address)
	default:
		c.note(f.ID, "no address in the source")
	}
	return doc
}

// addressOfOfficeAt is what the record of an office calls a place that has a record of its own.
func (c *converter) addressOfOfficeAt(placeID string) string {
	for _, o := range c.source.Offices {
		if c.class.Offices[o.ID].At == placeID {
			return o.Address
		}
	}
	return ""
}

// seatsOfOffices writes the addresses of offices as places of their organisations, each address once.
func (c *converter) seatsOfOffices() {
	for _, o := range c.source.Offices {
		class := c.class.Offices[o.ID]
		switch {
		case class.At != "":
			c.seatOf[o.ID] = ref(municipality, class.At)
			c.note(o.ID, "address %q is the place %s (decided by hand), which keeps these words in /access", o.Address, class.At)
			continue
		case o.Address == "":
			c.note(o.ID, "no address in the source, so no place")
			continue
		}
		doc := c.place(o.found, o.Address, class.Seat)
		if doc.Address == nil {
			c.fail(o.ID, "the address %q cannot be taken apart", o.Address)
			continue
		}
		at := sameAddress(*doc.Address, doc.District)
		if known, ok := c.seats[at]; ok {
			c.seatOf[o.ID] = known
			c.note(o.ID, "address %q is that of the place %s, which is named instead of a second one", o.Address, known)
			continue
		}
		key := o.ID + "-sede"
		c.seats[at] = ref(o.Organisation, key)
		c.seatOf[o.ID] = c.seats[at]
		if doc.Address.Number == "" {
			c.note(o.ID, "address %q has no number", o.Address)
		}
		c.add(o.Organisation, key, doc)
	}
}

// offices writes the offices.
func (c *converter) offices() {
	for _, o := range c.source.Offices {
		class := c.class.Offices[o.ID]
		doc := &catalogue.Office{Type: class.Type, HoursText: c.hours(o), Timetable: c.timetableOf[o.ID]}
		doc.Title = c.translate("offices[].name", o.Name, c.words.Offices[o.ID].Title)
		doc.Status, doc.StatusReason = c.status(o.ID, o.Status)
		doc.Contacts = c.contacts(o.Phones, o.Emails, o.PEC)
		doc.Origins = c.origins(o.found, o.OpeningHoursAsOf)
		doc.RightsNote = c.rights(o.found)
		if class.Parent != "" {
			doc.Parent = c.officeRef(o.ID, class.Parent)
		}
		if at := c.seatOf[o.ID]; at != "" {
			doc.Places = append(doc.Places, at)
		}
		for _, also := range class.AlsoAt {
			doc.Places = append(doc.Places, ref(municipality, also))
			c.note(o.ID, "is also at the place %s, whose record names the same facility (decided by hand)", also)
		}
		c.add(o.Organisation, o.ID, doc)
	}
}

// hours are the opening hours in the source's words, with the year they are of where the words do not say it.
func (c *converter) hours(o office) lang.Text {
	if o.OpeningHoursText == "" {
		return nil
	}
	if o.OpeningHoursAsOf == "" || strings.Contains(o.OpeningHoursText, o.OpeningHoursAsOf) {
		return text(o.OpeningHoursText)
	}
	return text(o.OpeningHoursText + " (dato " + o.OpeningHoursAsOf + ")")
}
