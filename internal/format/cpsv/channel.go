package cpsv

import (
	"cmp"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/rdf"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Branches of the national list of channels, and the class that CPSV-AP_IT has for each.
const (
	branchOffline = "01"
	branchPhone   = "03"
	branchEmail   = "04"
	branchOther   = "05"
)

// reach is a channel and how people get through by it.
type reach struct {
	catalogue.Access
	title, description lang.Text
	contacts           []catalogue.Contact
}

// ways are the channels of a service, one for each connection, for each has facts of its own; and by them how people prove
// who they are, and where they go. A service that names none has those that its contacts and its offices make.
func (w *writer) ways(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	var all []reach
	for _, way := range w.Ways(s) {
		all = append(all, reach{way.Access, way.Title, way.Description, way.Contacts})
	}
	if !slices.ContainsFunc(all, func(r reach) bool { return r.Type != "" }) {
		all = implied(s)
	}
	identities := []string{}
	for i, r := range all {
		if r.Type == "" { // a shared channel that is no longer public
			continue
		}
		c := w.part(n, "channel", i)
		w.named(c, e)
		n.Link(italianWhere, w.reach(c, e, r)...).Link(hasChannel, c).Link(italianChannel, c)
		identities = append(identities, r.Identities...)
	}
	if len(identities) == 0 {
		identities = []string{"NONE"}
	}
	n.Link(italianAuthentication, w.terms("authentication-types", identities, "cpsvapit:Authentication")...)
}

// waysInFull says of each channel of a service what differs on it.
func (w *writer) waysInFull(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	const differs = "connection"
	for i, way := range w.Ways(s) {
		if way.Type == "" {
			continue
		}
		c := w.part(n, "channel", i)
		if shared := w.Public(catalogue.KindChannel, way.Channel); shared != nil {
			c.See(source, w.IRI(shared))
		}
		c.Link(languageOf, w.languages(way.DeliveryLanguages)...)
		if way.Sources.Contacts != "service" {
			w.contacts(c, e, way.Contacts, contactPoint)
		}
		if t := way.ProcessingTime; t != nil && way.Sources.ProcessingTime == differs {
			c.Set(processingTime, duration(cmp.Or(t.Max, t.Typical)))
		}
		if way.Sources.Requirements == differs || way.Sources.Evidence == differs {
			requirements, evidence := w.requirements(c, e, way.Requirements, way.Evidence, nil)
			n.Link(holdsRequirement, requirements...)
			c.Link(hasInput, evidence...)
		}
		if way.Sources.Costs == differs || way.Sources.CostsText == differs {
			for _, cost := range w.costs(c, e, way.Costs, way.CostsText) {
				cost.Link(costThrough, c)
				n.Link(hasCost, cost)
				c.Link(italianCost, cost)
			}
		}
	}
}

// reach says what a channel is, and returns the addresses to which it leads.
func (w *writer) reach(c *rdf.Node, e *catalogue.Entry, r reach) (addresses []*rdf.Node) {
	c.Is("cv:Channel", "cpsvapit:Channel").Say(title, r.title).Say(italianName, r.title)
	described(c, r.description)
	kind := w.term("channels", r.Type, "cpsvapit:ChannelType")
	c.Link(typed, kind).Link(italianChannelType, kind)
	c.Set(webAddress, rdf.Address(r.AccessURL))
	w.document(c, page, r.AccessURL, r.title)
	if owner := w.Public(catalogue.KindPublisher, r.Owner); owner != nil {
		c.Link(ownedBy, w.agent(owner))
	} else if publisher := w.Publisher(e); publisher != nil {
		c.Link(ownedBy, w.agent(publisher))
	}
	addresses = w.addresses(r.Access)
	switch branch, _, _ := strings.Cut(r.Type, "."); {
	case r.Type == typeWebsite:
		c.Is("cpsvapit:WebSiteChannel")
	case branch == branchOffline && len(addresses) > 0: // which has to be somewhere
		c.Is("cpsvapit:OfflineChannel")
	case branch == branchPhone:
		if number := first(r.contacts, byVoice, "fax"); number != nil {
			c.Is("cpsvapit:PhoneChannel").Set(telephoneNumber, phone(*number))
		}
	case branch == branchEmail:
		means := []string{"email", "pec"}
		if r.Type == typePEC {
			means = []string{"pec", "email"}
		}
		if mail := first(r.contacts, means[:1], means[1]); mail != nil && rdf.Address("mailto:"+mail.Value) != "" {
			c.Is("cpsvapit:EmailChannel").Set(emailAddress, rdf.Address("mailto:"+mail.Value))
		}
	case branch == branchOther:
		c.Is("cpsvapit:OtherElectronicChannel").Set(italianReference, r.AccessURL)
	}
	hours := w.hours(c, r.Timetable)
	if booking := w.booking(c, r.BookingURL); booking != nil { // a channel has one condition of access
		c.Link(accessCondition, booking)
	} else {
		c.Link(accessCondition, hours)
	}
	return addresses
}

// first is the first entry of contacts of one of some types, else one of another.
func first(contacts []catalogue.Contact, types []string, or string) *catalogue.ContactEntry {
	var other *catalogue.ContactEntry
	for _, contact := range contacts {
		for i := range contact.Entries {
			switch entry := &contact.Entries[i]; {
			case slices.Contains(types, entry.Type):
				return entry
			case entry.Type == or && other == nil:
				other = entry
			}
		}
	}
	return other
}

// implied are the channels that follow from the contacts and the offices of a service, at least one.
func implied(s *catalogue.Service) (all []reach) {
	types := map[string]string{"email": typeEmail, "pec": typePEC, "fax": typeFax, "website": typeWebsite, "contact_form": typeWebsite}
	for _, t := range byVoice {
		types[t] = typeVoice
	}
	for _, contact := range s.Contacts {
		for _, entry := range contact.Entries {
			kind := types[entry.Type]
			if kind == "" || slices.ContainsFunc(all, func(r reach) bool { return r.Type == kind }) {
				continue
			}
			r := reach{Access: catalogue.Access{Type: kind}, contacts: s.Contacts}
			if kind == typeWebsite {
				r.AccessURL = entry.Value
			}
			all = append(all, r)
		}
	}
	if offices := s.Offices; s.ResponsibleOffice != "" || len(offices) > 0 {
		if s.ResponsibleOffice != "" {
			offices = append([]string{s.ResponsibleOffice}, offices...)
		}
		all = append(all, reach{Access: catalogue.Access{Type: typeCounter, Offices: offices}})
	}
	switch {
	case len(all) > 0:
	case len(s.Links) > 0:
		all = []reach{{Access: catalogue.Access{Type: typeWebsite, AccessURL: s.Links[0].URL}, title: s.Links[0].Title}}
	default:
		all = []reach{{Access: catalogue.Access{Type: typeAnything}}}
	}
	return all
}

// addresses are those of the places of a channel and of its offices.
func (w *writer) addresses(a catalogue.Access) (addresses []*rdf.Node) {
	places := slices.Clone(a.Places)
	for _, reference := range a.Offices {
		if office := w.Public(catalogue.KindOffice, reference); office != nil {
			places = append(places, office.Document.(*catalogue.Office).Places...)
		}
	}
	for _, reference := range places {
		if place := w.Public(catalogue.KindPlace, reference); place != nil {
			if node := w.addressOf(place); node != nil {
				addresses = append(addresses, node)
			}
		}
	}
	return addresses
}

// booking is the condition that one books before; nil where nobody need.
func (w *writer) booking(of *rdf.Node, address string) *rdf.Node {
	iri := rdf.Address(address)
	if iri == "" {
		return nil
	}
	name := said("cpsv.booking")
	return w.numbered(of, "booking", 0).Is("acapit:Booking", "acapit:AccessCondition").Say(italianName, name).Set(webAddress, iri)
}

// channel says all of a shared channel.
func (w *writer) channel(n *rdf.Node, e *catalogue.Entry, c *catalogue.Channel) {
	w.named(n, e, c.Title)
	w.reach(n, e, reach{c.Access, nil, firstOf(c.Description, c.Summary), c.Contacts})
	n.Link(languageOf, w.languages(c.DeliveryLanguages)...)
	w.contacts(n, e, c.Contacts, contactPoint)
}

// parts say who has which part in a service. Somebody provides every service: who is responsible, else who publishes it.
func (w *writer) parts(n *rdf.Node, e *catalogue.Entry, s *catalogue.Service) {
	provided := false
	for i, p := range s.Participations {
		agent := w.participant(p)
		if agent == nil {
			continue
		}
		provided = provided || p.Role == "provider" || p.Role == "concessionaire"
		w.participation(n, e, i, w.agent(agent), p)
	}
	if provided {
		return
	}
	provider := w.Public(catalogue.KindOffice, s.ResponsibleOffice)
	if provider == nil {
		provider = w.Publisher(e)
	}
	agent := w.nobody(e.Ref.Publisher)
	if provider != nil {
		agent = w.agent(provider)
	}
	w.participation(n, e, len(s.Participations), agent, catalogue.Participation{Role: "provider"})
}

// participation says a part in the words of both profiles. The Italian one counts it from a day: where none is stated, from
// that on which the catalogue said so first.
func (w *writer) participation(n *rdf.Node, e *catalogue.Entry, i int, agent *rdf.Node, p catalogue.Participation) {
	what := w.term("participation-roles", p.Role, "roapit:Role", "cpsvapit:RoleOnService")
	if what == nil {
		return
	}
	part := w.part(n, "participation", i).Is("cv:Participation")
	w.named(part, e)
	described(part, label("participation-roles", p.Role)).Link(role, what).Link(participant, agent).Link(typed, w.term("provision-types", p.ProvisionType))
	agent.Link(participates, part)
	n.Link(hasParticipation, part)

	from := cmp.Or(p.From, e.PublishedAt.UTC().Format("2006-01-02"))
	held := w.part(n, "role", i).Is("roapit:TimeIndexedRole").Say(italianName, label("participation-roles", p.Role))
	held.Link(forEntity, n).Link(roleOf, agent).Link(withRole, what).Link(temporalEntity, w.intervalFrom(held, from, p.To))
	n.Link(italianPart, held)
}
