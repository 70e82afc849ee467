package snapshot

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// classes says what texts of documents are to the search, by the field that they are in; what is not here is not found by.
var classes = map[string]search.Class{
	"title": search.Title, "subtitle": search.Keyword, "alternativeTitles": search.AlternativeTitle, "keywords": search.Keyword,
	"summary": search.Summary,

	"description": search.Body, "audienceText": search.Body, "whoCanApply": search.Body, "howTo": search.Body, "neededText": search.Body,
	"evidence": search.Body, "outcomeText": search.Body, "outputs": search.Body, "timingText": search.Body, "deadlines": search.Body,
	"processingTime": search.Body, "costsText": search.Body, "costs": search.Body, "furtherInfo": search.Body,
	"specialCases": search.Body, "restrictions": search.Body, "legalBasis": search.Body, "hoursText": search.Body,
	"access": search.Body, "competences": search.Body, "steps": search.Body, "days": search.Body,
}

// labelled are the fields whose terms documents are found by.
var labelled = []string{"categories", "topics", "lifeEvents", "businessEvents", "audiences"}

// importance of a kind beside an equal entry of another one: people mostly mean services.
var importance = map[catalogue.Kind]float64{
	catalogue.KindService: 1, catalogue.KindOffice: 0.9, catalogue.KindPlace: 0.8, catalogue.KindPublisher: 0.75,
	catalogue.KindProcedure: 0.7, catalogue.KindChannel: 0.7, catalogue.KindTimetable: 0.6, catalogue.KindHolidaySet: 0.5,
}

// wordsOf is what the search knows of a public entry.
func (n *node) wordsOf(r catalogue.Resolver) search.Document {
	d := search.Document{Ordinal: n.ordinal, ID: string(n.ID[:]), Kind: string(n.Ref.Kind), Boost: importance[n.Ref.Kind]}
	add := func(class search.Class, text lang.Text) {
		for _, tag := range lang.Tags {
			if s := text[tag]; s != "" {
				d.Fields = append(d.Fields, search.Field{Class: class, Lang: tag, Text: s})
			}
		}
	}
	catalogue.Texts(n.Document, func(text lang.Text, at catalogue.Pointer) {
		field, rest, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
		if class, ok := classes[field]; ok {
			add(class, text)
		} else if field == "connections" && strings.HasSuffix(rest, "/inline/title") {
			add(search.Body, text)
		}
	})
	for _, label := range catalogue.Labels(n.Document, labelled...) {
		add(search.Label, label)
	}
	street := func(doc catalogue.Document) {
		if s := catalogue.Street(doc); s != "" {
			d.Fields = append(d.Fields, search.Field{Class: search.Body, Lang: lang.Italian, Text: s})
		}
	}
	street(n.Document)
	for _, acronym := range catalogue.Acronyms(n.Document) {
		d.Fields = append(d.Fields, search.Field{Class: search.Acronym, Lang: lang.Italian, Text: acronym})
	}
	for _, f := range n.facts.Values {
		switch {
		case f.Filter == "status":
			d.Inactive = d.Inactive || f.Value != catalogue.StatusActive
		case f.Filter == catalogue.FilterOffered:
			d.Inactive = d.Inactive || f.Value == "false"
		case f.Filter == catalogue.FilterOnline:
			d.Online = f.Value == "true"
		case f.Filter == "place" && n.Ref.Kind != catalogue.KindService:
			if ref, ok := catalogue.ParseRef(catalogue.KindPlace, f.Value); ok {
				if place := r.Resolve(ref); place != nil && place.Available() {
					street(place.Document)
				}
			}
		case f.Filter == "office" && n.Ref.Kind == catalogue.KindService:
			if ref, ok := catalogue.ParseRef(catalogue.KindOffice, f.Value); ok {
				if office := r.Resolve(ref); office != nil && office.Available() {
					add(search.OfficeName, office.Label)
				}
			}
		}
	}
	return d
}
