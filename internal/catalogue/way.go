package catalogue

import (
	"reflect"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Way is a connection as readers see it: what holds for those who get the service that way, be it said of the
// connection itself, of its channel or of the service; `sources` says of which.
type Way struct {
	Channel     string    `json:"channel,omitempty" extensions:"x-reference=channel"` // where it is a shared one
	Title       lang.Text `json:"title,omitempty" validate:"text=255"`                // what the button says
	Description lang.Text `json:"description,omitempty" validate:"text=20000"`
	Notices     []Notice  `json:"notices,omitempty" validate:"max=20,dive"` // of the channel
	Access
	Contacts           []Contact       `json:"contacts,omitempty" validate:"max=50,dive"`
	WhoCanApply        lang.Text       `json:"whoCanApply,omitempty" validate:"text=20000"`
	Requirements       []Requirement   `json:"requirements,omitempty" validate:"max=100,dive"`
	HowTo              lang.Text       `json:"howTo,omitempty" validate:"text=20000"`
	NeededText         lang.Text       `json:"neededText,omitempty" validate:"text=20000"`
	Evidence           []Evidence      `json:"evidence,omitempty" validate:"max=100,dive"`
	ProcessingTime     *ProcessingTime `json:"processingTime,omitempty"`
	CostsText          lang.Text       `json:"costsText,omitempty" validate:"text=20000"`
	Costs              []Cost          `json:"costs,omitempty" validate:"max=100,dive"`
	DigitalAlternative lang.Text       `json:"digitalAlternative,omitempty" validate:"text=1000"` // of a counter: how to do it online
	NoDigitalReason    lang.Text       `json:"noDigitalReason,omitempty" validate:"text=1000"`    // of a counter: why it cannot be done online
	Alternative        *Link           `json:"alternative,omitempty"`                             // of a counter that says neither: the online way of the service
	SkillsNeeded       []string        `json:"skillsNeeded,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=help-types"`
	AssistedBy         []string        `json:"assistedBy,omitempty" validate:"max=50,unique" extensions:"x-reference=office"`
	Sources            Sources         `json:"sources"`

	outdated Outdated // of the shared channel's document
}

// Sources says of each fact of a Way who states it: the connection, its channel or the service.
type Sources struct {
	Offices           string `json:"offices,omitempty" enums:"connection,channel"`
	BookingURL        string `json:"bookingUrl,omitempty" enums:"connection,channel"`
	Accessibility     string `json:"accessibility,omitempty" enums:"connection,channel"`
	DeliveryLanguages string `json:"deliveryLanguages,omitempty" enums:"connection,channel,service"`
	Timetable         string `json:"timetable,omitempty" enums:"connection,channel"`
	HoursText         string `json:"hoursText,omitempty" enums:"connection,channel"`
	Contacts          string `json:"contacts,omitempty" enums:"connection,channel,service"`
	WhoCanApply       string `json:"whoCanApply,omitempty" enums:"connection,service"`
	Requirements      string `json:"requirements,omitempty" enums:"connection,service"`
	HowTo             string `json:"howTo,omitempty" enums:"connection,service"`
	NeededText        string `json:"neededText,omitempty" enums:"connection,service"`
	Evidence          string `json:"evidence,omitempty" enums:"connection,service"`
	ProcessingTime    string `json:"processingTime,omitempty" enums:"connection,service"`
	CostsText         string `json:"costsText,omitempty" enums:"connection,service"`
	Costs             string `json:"costs,omitempty" enums:"connection,service"`
}

// Who states a fact.
const (
	sourceConnection = "connection"
	sourceChannel    = "channel"
	sourceService    = "service"
)

// way merges a connection with its channel and its service. A shared channel that is not public adds nothing.
func (c *Connection) way(s *Service, r finder) *Way {
	w := &Way{
		Channel: c.Channel, DigitalAlternative: c.DigitalAlternative, NoDigitalReason: c.NoDigitalReason,
		SkillsNeeded: c.SkillsNeeded, AssistedBy: c.AssistedBy,
	}
	var contacts []Contact
	switch {
	case c.Inline != nil:
		w.Title, w.Description, w.Access, contacts = c.Inline.Title, c.Inline.Description, c.Inline.Access, c.Inline.Contacts
	case c.Channel != "":
		if e := r.resolve(KindChannel, c.Channel); e != nil {
			shared := e.Document.(*Channel)
			w.Title, w.Description, w.Access, contacts = shared.Title, shared.Description, shared.Access, shared.Contacts
			if len(w.Description) == 0 {
				w.Description = shared.Summary
			}
			w.Notices = shared.Notices
			w.outdated = e.Outdated
		}
	}
	channel, f := w.Access, &w.Sources
	w.Offices, f.Offices = first(c.Offices, channel.Offices, nil)
	if len(c.Offices) > 0 { // who serves this is there, not wherever else the channel is
		w.Places = nil
	}
	w.BookingURL, f.BookingURL = first(c.BookingURL, channel.BookingURL, "")
	w.Accessibility, f.Accessibility = first(c.Accessibility, channel.Accessibility, nil)
	w.DeliveryLanguages, f.DeliveryLanguages = first(c.DeliveryLanguages, channel.DeliveryLanguages, s.DeliveryLanguages)
	w.Timetable, f.Timetable = first(c.Timetable, channel.Timetable, "")
	w.HoursText, f.HoursText = first(c.HoursText, channel.HoursText, nil)
	w.Contacts, f.Contacts = first(c.Contacts, contacts, s.Contacts)
	w.WhoCanApply, f.WhoCanApply = first(c.WhoCanApply, nil, s.WhoCanApply)
	w.Requirements, f.Requirements = first(c.Requirements, nil, s.Requirements)
	w.HowTo, f.HowTo = first(c.HowTo, nil, s.HowTo)
	w.NeededText, f.NeededText = first(c.NeededText, nil, s.NeededText)
	w.Evidence, f.Evidence = first(c.Evidence, nil, s.Evidence)
	w.ProcessingTime, f.ProcessingTime = first(c.ProcessingTime, nil, s.ProcessingTime)
	w.CostsText, f.CostsText = first(c.CostsText, nil, s.CostsText)
	w.Costs, f.Costs = first(c.Costs, nil, s.Costs)
	return w
}

// first is the first of three values that says something, and who says it.
func first[T any](connection, channel, service T) (T, string) {
	for i, value := range []T{connection, channel, service} {
		if v := reflect.ValueOf(&value).Elem(); !v.IsZero() && (v.Kind() != reflect.Slice && v.Kind() != reflect.Map || v.Len() > 0) {
			return value, []string{sourceConnection, sourceChannel, sourceService}[i]
		}
	}
	var nothing T
	return nothing, ""
}

// ways are the connections of a service as readers see them, digital ones first.
func (s *Service) ways(r finder) []*Way {
	ways := make([]*Way, len(s.Connections))
	for i := range s.Connections {
		ways[i] = s.Connections[i].way(s, r)
	}
	slices.SortStableFunc(ways, func(a, b *Way) int { return a.distance() - b.distance() })
	i := slices.IndexFunc(ways, func(w *Way) bool { return w.AppliesOnline() && w.AccessURL != "" })
	if i < 0 {
		return ways
	}
	for _, w := range ways {
		if w.branch() == branchCounter && len(w.DigitalAlternative) == 0 && len(w.NoDigitalReason) == 0 {
			w.Alternative = &Link{URL: ways[i].AccessURL, Title: ways[i].Title}
		}
	}
	return ways
}

// distance orders ways, digital ones first; what is not known comes last.
func (w *Way) distance() int {
	branch := w.branch()
	if w.Type == kiosk {
		branch = branchCounter
	}
	if i := slices.Index(digitalFirst, branch); i >= 0 {
		return i
	}
	return len(digitalFirst)
}

// AppliesOnline reports whether applications are taken over the network on this way.
func (w *Way) AppliesOnline() bool { return w.branch() == branchApplication }

// digital reports whether nobody need go or telephone anywhere.
func (w *Way) digital() bool {
	switch w.branch() {
	case branchApplication, branchMessage:
		return true
	case branchOther:
		return w.Type != kiosk
	default:
		return false
	}
}

// isFree is true where every price that is known and in force is nothing, false where one is not, nil where none is
// known.
func isFree(m *moment, costs ...[]Cost) *bool {
	var free *bool
	for _, list := range costs {
		for i := range list {
			if c := &list[i]; m.during(c.ValidFrom, c.ValidTo) == Current {
				value := c.kind() == costFree && (free == nil || *free)
				free = &value
			}
		}
	}
	return free
}

// allCosts are the prices of every way to get a service.
func (s *Service) allCosts() [][]Cost {
	if len(s.Connections) == 0 {
		return [][]Cost{s.Costs}
	}
	var all [][]Cost
	for i := range s.Connections {
		costs, _ := first(s.Connections[i].Costs, nil, s.Costs)
		all = append(all, costs)
	}
	return all
}

// online reports whether the service can be applied for over the network.
func (s *Service) online(r finder) bool {
	return slices.ContainsFunc(s.ways(r), (*Way).AppliesOnline)
}
