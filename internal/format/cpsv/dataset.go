package cpsv

import (
	"cmp"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Dataset is what the description of the catalogue as open data (DCAT-AP_IT) says that no entry does.
type Dataset struct {
	Owner         *catalogue.Entry // the profile of whose catalogue it is; nil where none is public
	Changed       time.Time        // when something in it did last
	Distributions []Distribution
}

// Distribution is a form in which the whole catalogue is to be had.
type Distribution struct {
	Address  string // below the public address
	FileType string // its code in the EU's table of file types
}

// DatasetPath is the address of the dataset, below the public one.
const DatasetPath = "/v1/exports/catalogue"

// dataset describes a catalogue of one dataset: this one.
func (w *writer) dataset(d Dataset) {
	const (
		language  = "ITA"
		updates   = "UPDATE_CONT" // with every publication
		unknown   = "C"           // the licence, where the owner states none
		authority = "http://publications.europa.eu/resource/authority/file-type"
	)
	var owner *rdf.Node
	terms := unknown
	if d.Owner != nil {
		owner = w.agent(d.Owner)
		profile := d.Owner.Document.(*catalogue.Publisher)
		owner.Say(agentName, lang.Of(profile.Title[lang.Italian]))
		terms = cmp.Or(profile.Licence, unknown)
	} else {
		owner = w.nobody("catalogue").Say(agentName, lang.Of("catalogue"))
	}
	owner.Is("dcatapit:Agent")
	name, about := said("cpsv.catalogue"), said("cpsv.catalogueAbout")
	changed := instant(d.Changed)

	data := w.graph.Node(w.PublicURL + DatasetPath)
	data.Is("dcat:Dataset", "dcatapit:Dataset").Set(identifier, w.PublicURL+DatasetPath).Say(title, name).Say(description, about)
	data.Set(modified, changed).Link(publisher, owner).Link(rightsHolder, owner)
	data.Link(theme, w.term("data-themes", "GOVE")).Link(languageOf, w.languages([]string{language})...)
	data.Link(accrualPeriodicity, w.term("frequencies", updates, "dct:Frequency"))
	w.document(data, landingPage, w.PublicURL+"/docs", nil)
	contact := w.graph.Node(data.IRI+"#contact").Is("vcard:Kind", "vcard:Organization", "dcatapit:Organization")
	data.Link(dataContact, contact)
	w.card(contact, d.Owner)

	for _, form := range d.Distributions {
		at := w.PublicURL + form.Address
		types := w.concept(authority+"/"+form.FileType, authority, lang.Text{lang.English: "File types"}, form.FileType, lang.Text{lang.English: form.FileType}, "dct:MediaTypeOrExtent")
		file := w.graph.Node(data.IRI+"#"+form.FileType).Is("dcat:Distribution", "dcatapit:Distribution")
		file.Say(title, name).See(accessURL, at).See(downloadURL, at).Link(format, types).Set(modified, changed)
		file.Link(license, w.term("licences", terms, "dct:LicenseDocument", "dcatapit:LicenseDocument"))
		data.Link(distribution, file)
	}
	list := w.graph.Node(w.PublicURL+"/v1/exports#catalogue").Is("dcat:Catalog", "dcatapit:Catalog")
	list.Say(title, name).Say(description, about).Set(modified, changed).Link(publisher, owner).Link(datasetOf, data)
	list.See(themes, "http://publications.europa.eu/resource/authority/data-theme").Link(languageOf, w.languages([]string{language})...)
	w.document(list, homepage, w.PublicURL+"/docs", nil)
}

// card says how to reach the owner about the data.
func (w *writer) card(contact *rdf.Node, owner *catalogue.Entry) {
	if owner == nil {
		contact.Set(cardName, "catalogue").See(cardURL, w.PublicURL+"/docs")
		return
	}
	profile := owner.Document.(*catalogue.Publisher)
	contact.Set(cardName, profile.Title[lang.Italian])
	if mail := first(profile.Contacts, []string{"email"}, "pec"); mail != nil {
		contact.See(cardEmail, rdf.Address("mailto:"+mail.Value))
	}
	contact.See(cardURL, cmp.Or(rdf.Address(profile.Website), w.PublicURL+"/docs"))
}
