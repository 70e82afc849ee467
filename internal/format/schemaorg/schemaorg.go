// Package schemaorg writes entries in the words of https://schema.org, as JSON-LD that can be pasted into a page: services
// with the ten parts that the check of Italy's ministry asks for (R.SI.1.1), offices with their hours, places, and who
// publishes. The mapping is told in docs/formats/schema-org.md.
package schemaorg

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/markdown"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// MediaType is that of the format.
const MediaType = `application/ld+json;profile="https://schema.org/"`

// Profile is the address of the vocabulary.
const Profile = "https://schema.org/"

// Kinds are those that have the format.
var Kinds = []catalogue.Kind{catalogue.KindService, catalogue.KindOffice, catalogue.KindPlace, catalogue.KindPublisher}

// Write writes an entry as one JSON object, in which what HTML would take for a mark is escaped.
func Write(l *catalogue.Look, e *catalogue.Entry) []byte {
	body, err := json.Marshal(Object(l, e))
	if err != nil {
		panic(err) // structs of strings and numbers
	}
	return body
}

// Object is what Write writes: a *Service, *Organisation or *Place.
func Object(l *catalogue.Look, e *catalogue.Entry) any {
	w := writer{l}
	switch d := e.Document.(type) {
	case *catalogue.Service:
		return outermost(w.service(e, d))
	case *catalogue.Office:
		return outermost(w.office(e, d))
	case *catalogue.Place:
		return outermost(w.place(e, d))
	case *catalogue.Publisher:
		return outermost(w.organisation(e, d))
	default:
		panic("schema.org has no " + e.Ref.Kind)
	}
}

// Body is an empty object of the type that Object returns for entries of a kind.
func Body(kind catalogue.Kind) any {
	switch kind {
	case catalogue.KindService:
		return Service{}
	case catalogue.KindPlace:
		return Place{}
	default:
		return Organisation{}
	}
}

// outermost says of an object which vocabulary it is in.
func outermost[T interface{ head() *Head }](object T) T {
	object.head().Context = "https://schema.org"
	return object
}

func (h *Head) head() *Head { return h }

// writer writes objects by what it looks at.
type writer struct{ *catalogue.Look }

// head is what is told of an entry that an object stands for.
func (w writer) head(e *catalogue.Entry, as string) Head {
	common := e.Document.Common()
	h := Head{
		Type: as, ID: w.URL(e), URL: w.URL(e), Name: w.text(common.Title), Identifier: e.Ref.Key, Description: w.text(common.Summary),
		AlternateName: w.otherNames(e),
		SubjectOf: &Record{
			Type: "CreativeWork", URL: w.URL(e), InLanguage: string(w.Language()),
			DatePublished: e.PublishedAt.UTC().Format(time.RFC3339), DateModified: e.UpdatedAt.UTC().Format(time.RFC3339),
		},
	}
	if h.Description == "" {
		h.Description = w.plain(common.Description)
	}
	if licence, ok := vocabulary.MustGet("licences").Term(common.Licence); ok {
		h.SubjectOf.License = cmp.Or(licence.Page, licence.URI)
	}
	return h
}

func (w writer) service(e *catalogue.Entry, s *catalogue.Service) *Service {
	way := w.way(s)
	object := &Service{
		Head: w.head(e, "GovernmentService"), ServiceType: w.joined("service-categories", s.Categories), Category: w.labels("topics", s.Topics),
		ServiceOperator: w.operator(e, s), AreaServed: w.areaOf(e, s), Audience: w.audience(s), AvailableChannel: w.channel(s, way),
	}
	if s.Code != "" {
		object.Identifier = s.Code
	}
	for _, output := range s.Outputs {
		object.ServiceOutput = append(object.ServiceOutput, Named{Type: "Thing", Name: w.text(output.Title)})
	}
	for _, c := range s.Conditions {
		if object.TermsOfService == "" && w.During(c.ValidFrom, c.ValidTo) == catalogue.Current {
			object.TermsOfService = c.Files[0].URL
		}
	}
	costs := s.Costs
	if way != nil {
		costs = way.Costs // the same, or what differs on that way
	}
	for i := range costs {
		if offer := w.offer(&costs[i]); offer != nil {
			object.Offers = append(object.Offers, *offer)
		}
	}
	for _, reference := range s.RelatedServices {
		if related := w.named(catalogue.KindService, reference, "GovernmentService"); related != nil {
			object.IsRelatedTo = append(object.IsRelatedTo, *related)
		}
	}
	return object
}

// providers are the roles of who provides a service.
var providers = []string{"provider", "concessionaire", "responsible"}

// operator is who provides a service: by its participations, else who publishes it, else the office that answers for it.
func (w writer) operator(e *catalogue.Entry, s *catalogue.Service) *Organisation {
	for _, role := range providers {
		for _, p := range s.Participations {
			if p.Role != role || w.During(p.From, p.To) != catalogue.Current {
				continue
			}
			if found := w.Public(catalogue.KindPublisher, p.Organisation); found != nil {
				return w.briefly(found)
			}
			if found := w.Public(catalogue.KindOffice, p.Office); found != nil {
				return w.briefly(found)
			}
		}
	}
	if publisher := w.Publisher(e); publisher != nil {
		return w.briefly(publisher)
	}
	if office := w.Public(catalogue.KindOffice, s.ResponsibleOffice); office != nil {
		return w.briefly(office)
	}
	return nil
}

// briefly is an organisation or office by its name and address alone.
func (w writer) briefly(e *catalogue.Entry) *Organisation {
	return &Organisation{Head: Head{Type: typeOf(e), ID: w.URL(e), Name: w.text(e.Label)}}
}

// areaOf is where a service can be had: as it says, or who publishes it does. A municipality serves its own territory.
func (w writer) areaOf(e *catalogue.Entry, s *catalogue.Service) *Area {
	publisher := w.Publisher(e)
	if len(s.Areas) > 0 || publisher == nil {
		return w.area(s.Areas)
	}
	p := publisher.Document.(*catalogue.Publisher)
	if len(p.Areas) == 0 && p.Type == "municipality" {
		return w.area([]lang.Text{p.Title})
	}
	return w.area(p.Areas)
}

func (w writer) area(areas []lang.Text) *Area {
	if len(areas) == 0 {
		return nil
	}
	return &Area{Type: "AdministrativeArea", Name: strings.Join(w.texts(areas), ", ")}
}

func (w writer) audience(s *catalogue.Service) *Audience {
	said := cmp.Or(w.joined("audiences", s.Audiences), w.plain(s.AudienceText))
	if said == "" {
		return nil
	}
	return &Audience{Type: "Audience", Name: said, AudienceType: said}
}

// way is the way to a service that is told: the first with an address on the web, digital ones before others, else the
// first; nil where there is none.
func (w writer) way(s *catalogue.Service) *catalogue.Way {
	ways := w.Ways(s)
	if len(ways) == 0 {
		return nil
	}
	return ways[max(0, slices.IndexFunc(ways, func(way *catalogue.Way) bool { return webAddress(way) != "" }))]
}

func webAddress(way *catalogue.Way) string { return cmp.Or(way.AccessURL, way.BookingURL) }

// channel joins a way to a service with the place that people can go to: the check wants both in one.
func (w writer) channel(s *catalogue.Service, way *catalogue.Way) *Channel {
	channel := &Channel{Type: "ServiceChannel", ServiceLocation: w.location(s)}
	if way == nil {
		if channel.ServiceLocation == nil {
			return nil
		}
		return channel
	}
	channel.Name, channel.ServiceURL, channel.AvailableLanguage = w.text(way.Title), webAddress(way), languages(way.DeliveryLanguages)
	if way.ProcessingTime != nil {
		channel.ProcessingTime = way.ProcessingTime.Max
	}
	for _, c := range w.contacts(way.Contacts) {
		if len(c.Telephone) > 0 && channel.ServicePhone == nil {
			channel.ServicePhone = &c
		}
	}
	return channel
}

// location is the first place with a whole address of those where a service can be had, else the first place.
func (w writer) location(s *catalogue.Service) *Place {
	var places, offices []string
	for _, way := range w.Ways(s) {
		places, offices = append(places, way.Places...), append(offices, way.Offices...)
	}
	for _, reference := range append(append(offices, s.ResponsibleOffice), s.Offices...) {
		if office := w.Public(catalogue.KindOffice, reference); office != nil {
			places = append(places, office.Document.(*catalogue.Office).Places...)
		}
	}
	var first *Place
	for _, reference := range places {
		e := w.Public(catalogue.KindPlace, reference)
		if e == nil {
			continue
		}
		place := w.place(e, e.Document.(*catalogue.Place))
		place.SubjectOf = nil
		if a := place.Address; a != nil && a.StreetAddress != "" && a.PostalCode != "" {
			return place
		}
		first = cmp.Or(first, place)
	}
	return first
}

// offer is a price in force, nil for one that is not.
func (w writer) offer(c *catalogue.Cost) *Offer {
	if w.During(c.ValidFrom, c.ValidTo) != catalogue.Current {
		return nil
	}
	offer := &Offer{
		Type: "Offer", Name: w.text(c.Label), Description: w.text(c.Note), PriceCurrency: c.Currency, ValidFrom: c.ValidFrom, ValidThrough: c.ValidTo,
	}
	switch {
	case c.Free:
		offer.Price, offer.PriceCurrency = "0", cmp.Or(c.Currency, "EUR")
	case c.AmountMax != "":
		offer.PriceCurrency = ""
		offer.PriceSpecification = &PriceRange{Type: "PriceSpecification", MinPrice: c.Amount, MaxPrice: c.AmountMax, PriceCurrency: c.Currency}
	default:
		offer.Price = c.Amount
	}
	return offer
}

// named is another entry by its name; nil where it is not public.
func (w writer) named(kind catalogue.Kind, reference, as string) *Named {
	e := w.Public(kind, reference)
	if e == nil {
		return nil
	}
	return &Named{Type: as, ID: w.URL(e), Name: w.text(e.Label)}
}

func (w writer) text(t lang.Text) string {
	said, _ := w.Text(t)
	return said
}

func (w writer) texts(texts []lang.Text) (said []string) {
	for _, t := range texts {
		said = append(said, w.text(t))
	}
	return said
}

// otherNames are those besides the title, each once: what many know is given as an acronym and as another title.
func (w writer) otherNames(e *catalogue.Entry) (names []string) {
	for _, name := range append(w.texts(e.Document.Common().AlternativeTitles), catalogue.Acronyms(e.Document)...) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// plain is a text in CommonMark without its marks.
func (w writer) plain(t lang.Text) string { return markdown.Plain(w.text(t)) }

func (w writer) labels(scheme string, codes []string) (labels []string) {
	for _, code := range codes {
		if term, ok := vocabulary.MustGet(scheme).Term(code); ok {
			labels = append(labels, w.text(term.Label))
		}
	}
	return labels
}

func (w writer) joined(scheme string, codes []string) string {
	return strings.Join(w.labels(scheme, codes), ", ")
}

// languages are the tags of languages (BCP 47) where they have short ones, else their codes.
func languages(codes []string) (tags []string) {
	for _, code := range codes {
		if term, ok := vocabulary.MustGet("languages").Term(code); ok && len(term.Alternates) > 0 {
			code = term.Alternates[0]
		}
		tags = append(tags, strings.ToLower(code))
	}
	return tags
}
