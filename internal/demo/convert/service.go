package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

func (c *converter) services() {
	for i, s := range c.source.Services {
		c.add(s.Provider, s.ID, c.service(i, s))
	}
}

func (c *converter) service(position int, s service) *catalogue.Service {
	class := c.class.Services[s.ID]
	doc := &catalogue.Service{
		Acronyms: class.Acronyms, Topics: class.Topics, Sectors: class.Sectors, Audiences: class.Audiences,
		LifeEvents: class.LifeEvents, BusinessEvents: class.BusinessEvents, Interactivity: class.Interactivity,
		DeliveryLanguages: class.DeliveryLanguages,
		Categories:        c.categories(s),
		AudienceText:      list(s.Audience, bullet),
		HowTo:             list(s.HowTo, numbered),
		OutcomeText:       text(s.Outcome),
		FurtherInfo:       text(s.Notes),
		ProcessingTime:    c.processingTime(s),
		Connections:       c.connections(s),
		Participations:    c.participations(s),
	}
	words := c.words.Services[s.ID]
	doc.Title = c.translate("services[].title", s.Title, words.Title)
	for i, title := range s.AlternativeTitles {
		doc.AlternativeTitles = append(doc.AlternativeTitles,
			c.translate("services[].alternative_titles[]", title, words.AlternativeTitles[i]))
	}
	doc.Keywords = texts([]string{s.CategoryLabel})
	doc.Summary, doc.Description = c.summary(s)
	doc.Status, doc.StatusReason = c.status(s.ID, s.Status)
	doc.Origins = c.origins(s.found, s.ValidAsOf)
	doc.RightsNote = c.rights(s.found)
	if class.HowTo != "" {
		doc.HowTo = text(class.HowTo)
		c.note(s.ID, "the source has no steps, channels or offices; /howTo says so in our words: %q", class.HowTo)
	}
	if s.Language != string(lang.Italian) {
		c.fail(s.ID, "language %q", s.Language)
	}
	for _, title := range s.Needed {
		doc.Evidence = append(doc.Evidence, catalogue.Evidence{Title: text(title)})
	}
	for i, title := range s.Deadlines {
		when := class.Deadlines[i]
		doc.Deadlines = append(doc.Deadlines, catalogue.Deadline{Title: text(capitalised(title)), From: when.From, To: when.To})
	}
	for _, x := range s.Costs {
		doc.Costs = append(doc.Costs, c.cost(s, x))
	}
	for _, title := range s.LegalReferences {
		doc.LegalBasis = append(doc.LegalBasis, c.legalReference(s, title))
	}
	for _, id := range s.OfficeIDs {
		doc.Offices = append(doc.Offices, c.officeRef(s.ID, id))
	}
	if class.ResponsibleOffice != "" {
		doc.ResponsibleOffice = c.officeRef(s.ID, class.ResponsibleOffice)
	} else if len(s.OfficeIDs) > 0 {
		c.note(s.ID, "no responsible office: %s only takes the requests", strings.Join(s.OfficeIDs, ", "))
	}
	for _, id := range class.RelatedServices {
		i := slices.IndexFunc(c.source.Services[:position], func(x service) bool { return x.ID == id })
		if i < 0 {
			c.fail(s.ID, "related service %q is not an earlier record", id)
			continue
		}
		doc.RelatedServices = append(doc.RelatedServices, ref(c.source.Services[i].Provider, id))
	}
	return doc
}

// categories are those of the classification, which must keep the category that the source names.
func (c *converter) categories(s service) []string {
	codes := c.class.Services[s.ID].Categories
	for _, term := range vocabulary.MustGet("service-categories").Terms {
		if term.Label[lang.Italian] == s.OfficialCategory {
			if !slices.Contains(codes, term.Code) {
				c.fail(s.ID, "categories: %q (%s) is not kept", s.OfficialCategory, term.Code)
			}
			return codes
		}
	}
	c.note(s.ID, "official_category %q is no label of the vocabulary: classified as %s", s.OfficialCategory, strings.Join(codes, ", "))
	return codes
}

// summary is the short description. One of several sentences is the description, and its first sentence, picked by hand
// because full stops end abbreviations too, the summary.
func (c *converter) summary(s service) (summary, description lang.Text) {
	const field = "services[].short_description"
	words := c.words.Services[s.ID].Summary
	first := c.class.Services[s.ID].Summary
	if first == "" {
		return c.translate(field, s.ShortDescription, words), nil
	}
	if !strings.HasPrefix(s.ShortDescription, first) {
		c.fail(s.ID, "summary: %q does not begin the short description", first)
	}
	c.note(s.ID, "short_description has several sentences: the first is the summary, the whole is the description")
	return c.translate(field, first, words), text(s.ShortDescription)
}

var number = regexp.MustCompile(`[0-9]+`)

// processingTime is the source's sentence, with a duration where a reader found a clear one.
func (c *converter) processingTime(s service) *catalogue.ProcessingTime {
	class := c.class.Services[s.ID].Processing
	if s.ProcessingTime == "" {
		return nil
	}
	if class == (processingClass{}) {
		c.note(s.ID, "processing_time %q gives no single duration: text only", s.ProcessingTime)
	}
	for _, n := range number.FindAllString(class.Max+class.Typical, -1) {
		if !slices.Contains(number.FindAllString(s.ProcessingTime, -1), n) {
			c.fail(s.ID, "processing time: %s is not in %q", n, s.ProcessingTime)
		}
	}
	return &catalogue.ProcessingTime{Max: class.Max, Typical: class.Typical, Days: class.Days, Text: text(s.ProcessingTime)}
}

// cost is free where the amount is nothing, and variable where there is none.
func (c *converter) cost(s service, x cost) catalogue.Cost {
	made := catalogue.Cost{Label: text(x.Label), Note: text(x.Note)}
	switch {
	case x.Amount == nil:
		c.note(s.ID, "cost %q has no amount: it varies", x.Label)
	case *x.Amount == 0:
		made.Free = true
	default:
		made.Amount, made.Currency = strconv.FormatFloat(*x.Amount, 'f', 2, 64), x.Currency
	}
	return made
}

// participations says who is competent and who delivers. Where that is one body, it delivers by itself; in which form
// another one does is not in the source. A company's own service has an owner, not an authority.
func (c *converter) participations(s service) []catalogue.Participation {
	i := slices.IndexFunc(c.source.Organisations, func(o organisation) bool { return o.ID == s.Owner })
	if i < 0 {
		c.fail(s.ID, "there is no organisation %q", s.Owner)
		return nil
	}
	owner := catalogue.Participation{Organisation: profile(s.Owner), Role: "competent_authority"}
	switch c.source.Organisations[i].Kind {
	case "utility", "municipal_company", "third_sector":
		owner.Role = "rights_holder"
	}
	provider := catalogue.Participation{Organisation: profile(s.Provider), Role: "provider"}
	if s.Owner == s.Provider {
		provider.ProvisionType = "self_provided"
	} else {
		c.note(s.ID, "%s delivers for %s: in which form (in house, concession, purchase) is not in the source", s.Provider, s.Owner)
	}
	return []catalogue.Participation{owner, provider}
}

// actTypes tells the type of an act by how it is cited. The first that fits counts.
var actTypes = []struct{ prefix, code string }{
	{"D.Lgs. ", "legislative_decree"},
	{"D.L. ", "decree_law"},
	{"DPR ", "presidential_decree"},
	{"L.R. ", "regional_law"},
	{"L. ", "law"},
	{"DCC ", "council_resolution"},
	{"DGC ", "executive_resolution"},
	{"Regolamento comunale ", "municipal_regulation"},
	{"Delibera ARERA ", "authority_decision"},
}

var actDate = regexp.MustCompile(`\bdel ([0-9]{2})/([0-9]{2})/([0-9]{4})$`)

func (c *converter) legalReference(s service, title string) catalogue.LegalReference {
	made := catalogue.LegalReference{Title: text(title)}
	for _, t := range actTypes {
		if strings.HasPrefix(title, t.prefix) {
			made.Type = t.code
			break
		}
	}
	if made.Type == "" {
		c.note(s.ID, "legal reference %q has no known type", title)
	}
	if m := actDate.FindStringSubmatch(title); m != nil {
		made.Date = m[3] + "-" + m[2] + "-" + m[1]
	}
	return made
}

// channelTypes are the national channel types of the source's own; those of online channels are in the classification.
var channelTypes = map[string]string{
	"in_person": "01.1.1", "phone": "03", "sms": "05", "email": "04.2", "pec": "04.1", "post": "01.2.1", "fax": "03.3",
	"kiosk": "05.2",
}

// maxChannelTitle is how long what a button says may be; a longer text is a description.
const maxChannelTitle = 60

// connections are the channels of a service, digital ones first.
func (c *converter) connections(s service) []catalogue.Connection {
	var made []catalogue.Connection
	for i, x := range s.Channels {
		made = append(made, c.connection(s, fmt.Sprintf("channels[%d]", i), x, c.class.Services[s.ID].Channels[i]))
	}
	slices.SortStableFunc(made, func(a, b catalogue.Connection) int {
		return cmp.Compare(distance(a.Inline.Type), distance(b.Inline.Type))
	})
	return made
}

// distance orders channel types: applications, other telematic ways, messages, telephone, counters and post.
func distance(channelType string) int {
	return slices.Index([]string{"02", "05", "04", "03", "01"}, channelType[:2])
}

func (c *converter) connection(s service, at string, x channel, class channelClass) catalogue.Connection {
	inline := &catalogue.Inline{Access: catalogue.Access{
		Type: cmp.Or(class.Type, channelTypes[x.Type]), AccessURL: x.URL, Identities: class.Identities,
	}}
	for _, platform := range class.Platforms {
		inline.Platforms = append(inline.Platforms, catalogue.PlatformUse{Platform: platform})
	}
	if inline.Type == "" {
		c.fail(s.ID, "%s: nothing classifies this %s channel", at, x.Type)
		inline.Type = "05"
	}
	switch contactType := contactTypeOf(x); {
	case contactType != "" && x.Value != "":
		inline.Contacts = []catalogue.Contact{{Purpose: class.Purpose, Entries: []catalogue.ContactEntry{{
			Type: contactType, Value: x.Value, Note: text(x.Note), Languages: class.Languages,
		}}}}
	case utf8.RuneCountInString(x.Value) <= maxChannelTitle:
		inline.Title, inline.Description = text(capitalised(x.Value)), text(capitalised(x.Note))
	default:
		inline.Description = text(capitalised(x.Value))
	}
	switch {
	case class.Offices != nil:
		for _, id := range *class.Offices {
			inline.Offices = append(inline.Offices, c.officeRef(s.ID, id))
		}
	case x.Type == "in_person", contactTypeOf(x) != "" && x.Value == "", x.Type == "post":
		for _, id := range s.OfficeIDs {
			inline.Offices = append(inline.Offices, c.officeRef(s.ID, id))
		}
	}
	if x.Value == "" && x.URL == "" {
		c.note(s.ID, "%s (%s) has no address: %s", at, x.Type, addressee(inline.Offices))
	}
	return catalogue.Connection{Inline: inline, NoDigitalReason: text(capitalised(class.NoDigitalReason))}
}

// addressee says where a channel without an address leads.
func addressee(offices []string) string {
	if len(offices) == 0 {
		return "no office is named, so it leads nowhere"
	}
	return "it leads to " + strings.Join(offices, ", ")
}

// contactTypeOf is the type of the contact that a channel's value is, "" where it is a name or a hint. Of post only an
// address counts, not "raccomandata".
func contactTypeOf(x channel) string {
	switch x.Type {
	case "phone":
		return phoneType(x.Value)
	case "sms", "email", "pec", "fax":
		return x.Type
	case "post":
		if _, _, ok := parseAddress(x.Value); ok {
			return "postal_address"
		}
	}
	return ""
}
