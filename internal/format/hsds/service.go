package hsds

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/hours"
)

// statuses says what the terms of our status are to HSDS.
var statuses = map[string]string{
	catalogue.StatusActive: "active", "inactive": "inactive", "under_development": "inactive", "temporarily_closed": "temporarily closed", "discontinued": "defunct",
}

// Stamp tells when a service was changed.
func (w Writer) Stamp(e *catalogue.Entry) ServiceStamp {
	w.At(e)
	return ServiceStamp{ID: e.ID.String(), ModifiedDate: dateTime(e.UpdatedAt)}
}

// Service tells a service with its organization: in lists what stands in it once, else with all that belongs to it.
func (w Writer) Service(e *catalogue.Entry, full bool) *Service {
	told := w.service(e, full)
	if full {
		told.ServiceAtLocations = w.visits(e)
	}
	if organization := OrganizationOf(w.Look, e); organization != nil {
		told.Organization = w.Organization(organization, full)
	}
	return told
}

// ServiceIn tells a service inside its organization: by its name, or with all that belongs to it.
func (w Writer) ServiceIn(e *catalogue.Entry, full bool) *Service {
	told := w.service(e, full)
	if !full {
		return &Service{ID: told.ID, OrganizationID: told.OrganizationID, Name: told.Name, Status: told.Status, LastModified: told.LastModified}
	}
	told.ServiceAtLocations = w.visits(e)
	return told
}

// service tells a service without its organization and where it is to be had.
func (w Writer) service(e *catalogue.Entry, full bool) *Service {
	w.At(e)
	s := e.Document.(*catalogue.Service)
	ways := w.Ways(s)
	name := w.say(s.Title)
	told := &Service{
		ID: e.ID.String(), OrganizationID: ID(OrganizationOf(w.Look, e)), Name: name, AlternateName: alternative(name, w.otherNames(s)...),
		Description: w.description(&s.Head), URL: w.serviceURL(e, ways), Email: mailOf(s), Status: statuses[s.Status],
		ApplicationProcess: w.say(s.HowTo), FeesDescription: w.fees(s),
		EligibilityDescription: paragraphs(w.say(s.AudienceText), w.say(s.WhoCanApply), w.requirements(s)),
		MinimumAge:             s.MinAge, MaximumAge: s.MaxAge, AssuredDate: hours.DateOf(e.ReviewedAt).String(), Alert: w.alert(s), LastModified: dateTime(e.UpdatedAt),
	}
	if told.Status == "" || s.NotOffered != nil {
		told.Status = "inactive"
	}
	if !full {
		return told
	}
	told.Phones, told.Contacts = w.phones(e), w.serviceContacts(e)
	told.Schedules = w.schedules(w.Timetables(e))
	told.Languages = w.languages(e.ID, "/deliveryLanguages", servedIn(s, ways))
	told.CostOptions, told.RequiredDocuments = w.costOptions(e), w.documents(e)
	told.Attributes = w.attributes(e, "service")
	for i, area := range s.Areas {
		told.ServiceAreas = append(told.ServiceAreas, ServiceArea{ID: partID(e.ID, catalogue.Pointer("/areas").Index(i)).String(), Name: w.say(area)})
	}
	return told
}

func (w Writer) otherNames(s *catalogue.Service) []string {
	names := slices.Clone(s.Acronyms)
	for _, title := range s.AlternativeTitles {
		names = append(names, w.say(title))
	}
	return append(names, w.say(s.Subtitle))
}

// serviceURL is where a service is to be had online, else a page about it, else its view.
func (w Writer) serviceURL(e *catalogue.Entry, ways []*catalogue.Way) string {
	for _, way := range ways {
		if address := rdf.Address(way.AccessURL); address != "" {
			return address
		}
	}
	for _, page := range e.Document.Common().Links {
		if address := rdf.Address(page.URL); address != "" {
			return address
		}
	}
	return w.IRI(e)
}

// fees says in words what a service costs, at least that all its prices are nothing.
func (w Writer) fees(s *catalogue.Service) string {
	if len(s.CostsText) > 0 {
		return w.say(s.CostsText)
	}
	if free := w.Free(s); free != nil && *free {
		return w.message("free")
	}
	return ""
}

// requirements is a list of those that the text on the audience does not say in the same words.
func (w Writer) requirements(s *catalogue.Service) string {
	var all []string
	for _, r := range s.Requirements {
		if title := w.say(r.Title); !strings.Contains(w.say(s.AudienceText), title) {
			all = append(all, "- "+title)
		}
	}
	return strings.Join(all, "\n")
}

// alert tells the notices that hold now.
func (w Writer) alert(s *catalogue.Service) string {
	var all []string
	for _, n := range s.Notices {
		if w.During(n.From, n.To) == catalogue.Current {
			all = append(all, paragraphs(w.say(n.Title), w.say(n.Text), w.say(n.Alternatives)))
		}
	}
	return paragraphs(all...)
}

// serviceContacts tells the contacts of a service, and those of the offices that have to do with it, by their names.
func (w Writer) serviceContacts(e *catalogue.Entry) []Contact {
	s := e.Document.(*catalogue.Service)
	all := w.contacts(e)
	told := map[catalogue.EntryID]bool{}
	for _, reference := range append([]string{s.ResponsibleOffice}, s.Offices...) {
		if office := w.Public(catalogue.KindOffice, reference); office != nil && !told[office.ID] {
			told[office.ID] = true
			all = append(all, w.contacts(office)...)
		}
	}
	return all
}

// servedIn lists the languages in which people are served on any way.
func servedIn(s *catalogue.Service, ways []*catalogue.Way) []string {
	codes := slices.Clone(s.DeliveryLanguages)
	for _, way := range ways {
		for _, code := range way.DeliveryLanguages {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// eachPart calls visit for the service itself, and for each of its connections with the name of the way.
func (w Writer) eachPart(s *catalogue.Service, visit func(at catalogue.Pointer, way string, costs []catalogue.Cost, evidence []catalogue.Evidence)) {
	visit("", "", s.Costs, s.Evidence)
	for i, c := range s.Connections {
		visit(catalogue.Pointer("/connections").Index(i), w.wayName(&c), c.Costs, c.Evidence)
	}
}

// wayName is what the channel of a connection is called.
func (w Writer) wayName(c *catalogue.Connection) string {
	if c.Inline != nil {
		return w.say(c.Inline.Title)
	}
	if channel := w.Public(catalogue.KindChannel, c.Channel); channel != nil {
		return w.say(channel.Label)
	}
	return ""
}

func (w Writer) costOptions(e *catalogue.Entry) []CostOption {
	var all []CostOption
	w.eachPart(e.Document.(*catalogue.Service), func(at catalogue.Pointer, way string, costs []catalogue.Cost, _ []catalogue.Evidence) {
		for i, c := range costs {
			all = append(all, w.costOption(partID(e.ID, at.Field("costs").Index(i)).String(), way, &c))
		}
	})
	return all
}

func (w Writer) costOption(id, way string, c *catalogue.Cost) CostOption {
	told := CostOption{
		ID: id, ValidFrom: c.ValidFrom, ValidTo: c.ValidTo, Option: paragraphs(way, w.say(c.Label)), Currency: c.Currency,
		Amount: json.Number(c.Amount),
	}
	var price string
	switch {
	case c.Free:
		told.Amount, price = "0", w.message("free")
	case c.AmountMax != "":
		price = w.message("range", c.Amount, c.AmountMax, c.Currency)
	case c.Percentage != "":
		price = strings.TrimSpace(c.Percentage + "% " + w.say(c.PercentageOf))
	}
	told.AmountDescription = paragraphs(price, w.say(c.Note), w.say(c.Exemptions))
	return told
}

func (w Writer) documents(e *catalogue.Entry) []RequiredDocument {
	var all []RequiredDocument
	w.eachPart(e.Document.(*catalogue.Service), func(at catalogue.Pointer, way string, _ []catalogue.Cost, evidence []catalogue.Evidence) {
		for i, x := range evidence {
			all = append(all, RequiredDocument{
				ID:       partID(e.ID, at.Field("evidence").Index(i)).String(),
				Document: paragraphs(way, w.say(x.Title), w.say(x.Description)), URI: rdf.Address(x.URL),
			})
		}
	})
	return all
}
