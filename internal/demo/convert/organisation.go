package main

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// publishers writes the organisations: those that publish first, then the public bodies that the municipality lists.
// A body that was found twice becomes one entry.
func (c *converter) publishers() {
	byID := map[string]organisation{}
	merged := map[string]bool{}
	for _, o := range c.source.Organisations {
		byID[o.ID] = o
		for _, same := range o.SameAs {
			merged[same] = true
		}
	}
	for _, o := range c.source.Organisations {
		if !publishes(o.ID) {
			continue
		}
		doc := c.organisation(o)
		for _, same := range o.SameAs {
			c.merge(o, doc, byID[same])
		}
		c.add(o.ID, o.ID, doc)
	}
	for _, o := range c.source.Organisations {
		if !publishes(o.ID) && !merged[o.ID] {
			c.add(municipality, o.ID, c.organisation(o))
		}
	}
}

func (c *converter) organisation(o organisation) *catalogue.Publisher {
	class, ok := c.class.OrganisationKinds[o.Kind]
	if !ok {
		c.fail(o.ID, "kind %q is not in the classification", o.Kind)
	}
	own := c.class.Organisations[o.ID]
	if own.Type != "" {
		class.Type = own.Type
	}
	if own.Sectors != nil {
		class.Sectors = own.Sectors
	}
	doc := &catalogue.Publisher{
		Acronym: own.Acronym, Type: class.Type, TaxCode: o.TaxCode, Sectors: class.Sectors, Website: website(o.Website),
	}
	doc.Title = c.organisationName(o)
	doc.Summary = text(o.Description)
	if o.Sector != "" {
		doc.Keywords = texts([]string{o.Sector})
	}
	doc.Contacts = c.contacts(o.Phones, o.Emails, o.PEC)
	doc.Origins = c.origins(o.found, "")
	doc.RightsNote = c.rights(o.found)
	if code, ok := strings.CutPrefix(o.ID, ipaPrefix); ok {
		doc.IPACode = code
	}
	if o.Address != "" {
		address, _, ok := parseAddress(o.Address)
		if !ok {
			c.fail(o.ID, "the address %q cannot be taken apart", o.Address)
		}
		doc.Address = &address
	}
	return doc
}

// organisationName is the name of an organisation, translated where it is one that publishes and no proper name.
func (c *converter) organisationName(o organisation) lang.Text {
	words := c.words.Organisations[o.ID].Title
	if words != (translation{}) {
		return c.translate("organizations[].name", o.Name, words)
	}
	if publishes(o.ID) {
		c.note(o.ID, "%q is a proper name: not translated", o.Name)
	}
	return text(o.Name)
}

// merge adds to an organisation what the register has of the same body.
func (c *converter) merge(o organisation, doc *catalogue.Publisher, same organisation) {
	other := c.organisation(same)
	doc.IPACode, doc.TaxCode, doc.Website = other.IPACode, other.TaxCode, other.Website
	if doc.Address != nil && strings.EqualFold(doc.Address.Street, other.Address.Street) {
		other.Address.Street = doc.Address.Street // the register writes capitals that nobody uses
	}
	doc.Address = other.Address
	if o.PEC != same.PEC {
		doc.Contacts = append(doc.Contacts, other.Contacts...)
	}
	if !strings.EqualFold(o.Name, same.Name) {
		doc.AlternativeTitles = texts([]string{same.Name})
	}
	doc.Origins = append(doc.Origins, other.Origins...)
	for _, tag := range []lang.Tag{lang.Italian, lang.English} {
		doc.RightsNote[tag] += "; " + other.RightsNote[tag]
	}
	c.note(o.ID, "merged with %s: IPA code, tax code, website, address, PEC and origin are taken from it; the kind %q of the register gives way to %q",
		same.ID, same.Kind, o.Kind)
}

// website makes a link of what the register writes without a scheme.
func website(s string) string {
	if s == "" || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return s
	}
	return "http://" + s
}
