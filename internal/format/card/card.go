// Package card writes the card of a service as a municipal portal shows it (Modello Comuni, criterion C.SI.1.3): its
// thirteen parts in their order, as fragments of HTML that the check of the ministry recognises. Which parts there are,
// and which a service lacks, is told by package catalogue; docs/formats/card.md has the mapping.
package card

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/schemaorg"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// MediaType is that of the format.
const MediaType = "application/vnd.comuneprato.service-card+json"

// Kinds are those that have the format.
var Kinds = []catalogue.Kind{catalogue.KindService}

// Card is the card of a service. All HTML in it is safe in any page: no scripts, no styles, no links but to pages, mail
// addresses and telephones.
type Card struct {
	ID         string   `json:"id" format:"uuid"`
	Key        string   `json:"key"`
	Slug       string   `json:"slug"`
	URL        string   `json:"url" format:"uri"`
	Title      string   `json:"title"`
	Lang       lang.Tag `json:"lang" example:"it"` // of all but what says otherwise by its attribute lang
	Notices    []string `json:"notices,omitempty"` // that are in force: HTML
	Parts      []Part   `json:"parts"`             // the thirteen of the criterion, in its order
	Further    []Part   `json:"further,omitempty"` // what else the service tells, such as what it costs
	Missing    []string `json:"missing"`           // codes of the parts that the service lacks, and `costs` of one that costs something and does not say what
	Metatag    Metatag  `json:"metatag"`
	UpdatedAt  string   `json:"updatedAt" format:"date-time"`
	ReviewedAt string   `json:"reviewedAt" format:"date-time"` // when somebody last made sure that it is right
}

// Part is a part of a card.
type Part struct {
	Code     string    `json:"code" example:"how_to"`
	Heading  string    `json:"heading" example:"Come fare"` // as the criterion has it, always in Italian
	Label    string    `json:"label" example:"How to"`      // the heading in the language of the card, where there is one
	Present  bool      `json:"present"`                     // the service says all that the criterion asks for
	Elements []Element `json:"elements"`                    // what there is to show
}

// Element is a piece of a part.
type Element struct {
	Name string `json:"dataElement,omitempty" example:"service-how-to"` // the data-element that it has; none where no check looks for it
	HTML string `json:"html" example:"<div data-element=\"service-how-to\"><p>Prenota.</p></div>"`
}

// Metatag is the structured data of a page.
type Metatag struct {
	JSONLD  string   `json:"jsonLd" example:"{\"@context\":\"https://schema.org\",\"@type\":\"GovernmentService\"}"` // the same as `format=schemaorg`: to be pasted as it is into `<script type="application/ld+json" data-element="metatag">`
	Missing []string `json:"missing"`                                                                                // the parts of R.SI.1.1 that it lacks
}

// Write writes the card of a service as JSON.
func Write(l *catalogue.Look, e *catalogue.Entry) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(New(l, e)); err != nil {
		panic(err) // structs of strings
	}
	return body.Bytes()
}

// Body is an empty card.
func Body(catalogue.Kind) any { return Card{} }

// New makes the card of a service.
func New(l *catalogue.Look, e *catalogue.Entry) *Card {
	s := e.Document.(*catalogue.Service)
	w := writer{l}
	c := &Card{
		ID: e.ID.String(), Key: e.Ref.Key, Slug: e.Slug, URL: l.URL(e), Title: w.text(s.Title).Text, Lang: l.Language(), Notices: w.notices(s),
		Missing: []string{}, Metatag: Metatag{string(schemaorg.Write(l, e)), schemaorg.Object(l, e).(*schemaorg.Service).Missing()},
		UpdatedAt: instant(e.UpdatedAt), ReviewedAt: instant(e.ReviewedAt),
	}
	official := catalogue.Card(s, lang.Italian)
	for i, p := range catalogue.Card(s, l.Language()) {
		part := Part{Code: p.Code, Heading: official[i].Label, Label: p.Label, Elements: w.elements(p.Code, s)}
		// What an entry names and nobody can see any more is missing too.
		if part.Present = p.Present && len(part.Elements) > 0; !part.Present {
			c.Missing = append(c.Missing, p.Code)
		}
		if p.Code != catalogue.CardCosts {
			c.Parts = append(c.Parts, part)
		}
	}
	c.Further = w.further(s)
	return c
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
