package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// sharedChannels is the file of the ways that several services share.
type sharedChannels struct {
	About    string          `json:"about"`
	Channels []sharedChannel `json:"channels"`
}

type sharedChannel struct {
	Publisher string         `json:"publisher"`
	Key       string         `json:"key"`
	Title     string         `json:"title"`
	Uses      map[string]int `json:"uses"` // position of the channel, by source_id of the service
}

// use is one channel of one service.
type use struct {
	service  string
	position int
}

// fewestUses is how many services must share a channel that is an entry of its own.
const fewestUses = 3

// check returns an error if a channel is shared by few, by services that do not exist or by those of others.
func (f sharedChannels) check(src source) error {
	for _, x := range f.Channels {
		if len(x.Uses) < fewestUses {
			return fmt.Errorf("channels: %s has %d uses", x.Key, len(x.Uses))
		}
		err := sameKeys("channels: "+x.Key, x.Uses, ids(src.Services, func(s service) string { return s.ID }), false)
		if err != nil {
			return err
		}
		for _, s := range src.Services {
			position, ok := x.Uses[s.ID]
			if ok && (s.Provider != x.Publisher || position >= len(s.Channels)) {
				return fmt.Errorf("channels: %s: %s of %s has no channels[%d]", x.Key, s.ID, x.Publisher, position)
			}
		}
	}
	return nil
}

// channels writes the shared channels, each made of the first record that names it.
func (c *converter) channels() {
	keys := ids(c.shared.Channels, func(x sharedChannel) string { return x.Key })
	if err := sameKeys("translations: channels", c.words.Channels, keys, true); err != nil {
		c.fail(channelsFile, "%w", err)
	}
	for _, shared := range c.shared.Channels {
		doc := &catalogue.Channel{}
		if err := complete(shared.Key, c.words.Channels[shared.Key].Title); err != nil {
			c.fail(channelsFile, "%w", err)
		}
		doc.Title = c.translate(channelsFile, shared.Title, c.words.Channels[shared.Key].Title)
		for _, s := range c.source.Services {
			position, ok := shared.Uses[s.ID]
			if !ok {
				continue
			}
			inline := c.inline(s, position)
			for i := range inline.Contacts { // what only this record says is its connection's
				inline.Contacts[i].Entries[0].Note, inline.Contacts[i].Entries[0].Languages = nil, nil
			}
			if doc.Type == "" {
				doc.Access, doc.Contacts, doc.RightsNote = inline.Access, inline.Contacts, c.rights(s.found)
			} else if !sameWay(doc, inline) {
				c.fail(s.ID, "channels[%d] is another channel than %s", position, shared.Key)
			}
			if title := s.Channels[position].Value; len(inline.Contacts) == 0 && !strings.Contains(strings.ToLower(shared.Title), strings.ToLower(title)) {
				c.fail(s.ID, "the title of %s lacks %q", shared.Key, title)
			}
			doc.Origins = append(doc.Origins, c.origins(s.found, s.ValidAsOf)...)
			c.sharedAs[use{s.ID, position}] = ref(shared.Publisher, shared.Key)
			c.note(s.ID, "channels[%d] is the channel %s, which %d services share (the title is ours)", position, ref(shared.Publisher, shared.Key), len(shared.Uses))
		}
		c.add(shared.Publisher, shared.Key, doc)
	}
}

// sameWay reports whether a channel leads where the shared one does: to the same offices in any order, or to the same
// number or address.
func sameWay(doc *catalogue.Channel, inline *catalogue.Inline) bool {
	offices := func(a catalogue.Access) []string { return slices.Sorted(slices.Values(a.Offices)) }
	if doc.Type != inline.Type || doc.AccessURL != inline.AccessURL || !slices.Equal(offices(doc.Access), offices(inline.Access)) {
		return false
	}
	if len(doc.Contacts) == 0 || len(inline.Contacts) == 0 {
		return len(doc.Contacts) == len(inline.Contacts) && len(doc.Offices) > 0
	}
	return doc.Contacts[0].Entries[0].Value == inline.Contacts[0].Entries[0].Value
}

// channelTypes are the national channel types of the source's own; those of online channels are in the classification.
var channelTypes = map[string]string{
	"in_person": "01.1.1", "phone": "03", "sms": "05", "email": "04.2", "pec": "04.1", "post": "01.2.1", "fax": "03.3",
	"kiosk": "05.2",
}

// maxChannelTitle is how long what a button says may be; a longer text is a description.
const maxChannelTitle = 60

// connections are the channels of a service, in the order of the source, which views change.
func (c *converter) connections(s service) []catalogue.Connection {
	var made []catalogue.Connection
	for i, x := range s.Channels {
		made = append(made, c.connection(s, i, x))
	}
	return made
}

func (c *converter) connection(s service, i int, x channel) catalogue.Connection {
	class, f := c.class.Services[s.ID].Channels[i], c.facts.Services[s.ID].Channels[i]
	at := fmt.Sprintf("/connections/%d", i)
	made := catalogue.Connection{
		Channel: c.sharedAs[use{s.ID, i}], NoDigitalReason: text(capitalised(class.NoDigitalReason)),
		Requirements: c.requirements(s, at, f.Requirements), ProcessingTime: c.term(s, at+"/processingTime", f.Processing, s.ProcessingTime),
	}
	for _, position := range f.Needed {
		made.Evidence = append(made.Evidence, catalogue.Evidence{
			Title: text(s.Needed[position]), Type: evidenceType(s.Needed[position]),
		})
	}
	if f.Needed != nil {
		c.note(s.ID, "channels[%d]: which of the things needed go with it is judged from how_to", i)
	}
	for _, words := range f.Evidence {
		made.Evidence = append(made.Evidence, catalogue.Evidence{Title: text(c.said(s, at+"/evidence", words))})
	}
	if f.Costs != nil {
		made.Costs = c.costs(s, at, f.Costs)
	}
	if made.Channel != "" {
		made.HoursText, made.DeliveryLanguages = text(capitalised(x.Note)), class.Languages
		return made
	}
	made.Inline = c.inline(s, i)
	if x.Value == "" && x.URL == "" {
		c.note(s.ID, "channels[%d] (%s) has no address: %s", i, x.Type, addressee(made.Inline.Offices))
	}
	return made
}

// inline describes a channel of a service.
func (c *converter) inline(s service, i int) *catalogue.Inline {
	x, class := s.Channels[i], c.class.Services[s.ID].Channels[i]
	inline := &catalogue.Inline{Access: catalogue.Access{
		Type: cmp.Or(class.Type, channelTypes[x.Type]), AccessURL: x.URL, Identities: class.Identities,
	}}
	for _, platform := range class.Platforms {
		inline.Platforms = append(inline.Platforms, catalogue.PlatformUse{Platform: platform})
	}
	if inline.Type == "" {
		c.fail(s.ID, "channels[%d]: nothing classifies this %s channel", i, x.Type)
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
	return inline
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
