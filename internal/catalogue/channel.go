package catalogue

import (
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Channel is a way to get services that several of them share (cv:Channel): a counter, a web application, a telephone
// line.
type Channel struct {
	Head
	Access
}

// Access is how people get through by a channel: what a shared one and one described in place both say.
type Access struct {
	Type              string        `json:"type" validate:"required" extensions:"x-vocabulary=channels"`
	Owner             string        `json:"owner,omitempty" extensions:"x-reference=publisher"`         // whose channel it is (cv:ownedBy), where that is not the publisher
	AccessURL         string        `json:"accessUrl,omitempty" validate:"omitempty,link" format:"uri"` // where it is (cpsv accessReference)
	BookingURL        string        `json:"bookingUrl,omitempty" validate:"omitempty,link" format:"uri"`
	Offices           []string      `json:"offices,omitempty" validate:"max=100,unique" extensions:"x-reference=office,x-embed"`
	Places            []string      `json:"places,omitempty" validate:"max=100,unique" extensions:"x-reference=place,x-embed"`
	Identities        []string      `json:"identities,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=authentication-types"`
	Platforms         []PlatformUse `json:"platforms,omitempty" validate:"max=30,dive"`
	RequiresSignature bool          `json:"requiresSignature,omitempty"`
	Signatures        int           `json:"signatures,omitempty" validate:"min=0,max=100"` // how many people must sign
	Accessibility     *Conformance  `json:"accessibility,omitempty"`                       // of a web site or an application
	DeliveryLanguages []string      `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	Timetable         string        `json:"timetable,omitempty" extensions:"x-reference=timetable"` // when it can be used
	HoursText         lang.Text     `json:"hoursText,omitempty" validate:"text=2000"`
}

// PlatformUse says whether a channel uses a national platform.
type PlatformUse struct {
	Platform string `json:"platform" validate:"required" extensions:"x-vocabulary=platforms"`
	Use      string `json:"use,omitempty" validate:"omitempty,oneof=used planned no" enums:"used,planned,no"` // used where absent
}

// Conformance is how accessible a web site or an application is by its own statement (L. 4/2004; WCAG).
type Conformance struct {
	Conformance  string `json:"conformance,omitempty" validate:"omitempty,oneof=full partial none" enums:"full,partial,none"`
	Level        string `json:"level,omitempty" validate:"omitempty,oneof=A AA AAA" enums:"A,AA,AAA"` // of WCAG
	StatementURL string `json:"statementUrl,omitempty" validate:"omitempty,link" format:"uri"`        // dichiarazione di accessibilità
}

// Inline is a channel described in place, which no other service shares.
type Inline struct {
	Title       lang.Text `json:"title,omitempty" validate:"text=255"` // what the button says
	Description lang.Text `json:"description,omitempty" validate:"text=5000"`
	Contacts    []Contact `json:"contacts,omitempty" validate:"max=20,dive"`
	Access
}

// Connection is one way to get the service: a channel, shared or described in place, with what differs on it. What is
// said here replaces what the channel or the service says; where nothing is, theirs holds.
type Connection struct {
	Channel            string          `json:"channel,omitempty" extensions:"x-reference=channel"`                          // a shared one
	Inline             *Inline         `json:"inline,omitempty"`                                                            // instead of a shared one
	HowTo              lang.Text       `json:"howTo,omitempty" validate:"text=20000"`                                       // CommonMark
	WhoCanApply        lang.Text       `json:"whoCanApply,omitempty" validate:"text=20000"`                                 //
	Requirements       []Requirement   `json:"requirements,omitempty" validate:"max=100,dive"`                              //
	NeededText         lang.Text       `json:"neededText,omitempty" validate:"text=20000"`                                  //
	Evidence           []Evidence      `json:"evidence,omitempty" validate:"max=100,dive"`                                  //
	ProcessingTime     *ProcessingTime `json:"processingTime,omitempty"`                                                    //
	CostsText          lang.Text       `json:"costsText,omitempty" validate:"text=20000"`                                   //
	Costs              []Cost          `json:"costs,omitempty" validate:"max=100,dive"`                                     // cv:ifAccessedThrough
	Contacts           []Contact       `json:"contacts,omitempty" validate:"max=20,dive"`                                   //
	Offices            []string        `json:"offices,omitempty" validate:"max=100,unique" extensions:"x-reference=office"` // of the channel's, those that serve this
	BookingURL         string          `json:"bookingUrl,omitempty" validate:"omitempty,link" format:"uri"`
	Timetable          string          `json:"timetable,omitempty" extensions:"x-reference=timetable"` // when it serves this
	HoursText          lang.Text       `json:"hoursText,omitempty" validate:"text=2000"`
	DeliveryLanguages  []string        `json:"deliveryLanguages,omitempty" validate:"max=30,unique" extensions:"x-vocabulary=languages"`
	Accessibility      *Conformance    `json:"accessibility,omitempty"`
	DigitalAlternative lang.Text       `json:"digitalAlternative,omitempty" validate:"text=1000"`                                    // of a counter: how to do it online
	NoDigitalReason    lang.Text       `json:"noDigitalReason,omitempty" validate:"text=1000"`                                       // of a counter: why it cannot be done online
	SkillsNeeded       []string        `json:"skillsNeeded,omitempty" validate:"max=20,unique" extensions:"x-vocabulary=help-types"` // the help that people without those skills need
	AssistedBy         []string        `json:"assistedBy,omitempty" validate:"max=50,unique" extensions:"x-reference=office"`        // the offices that give it
	OperatorNote       string          `json:"operatorNote,omitempty" validate:"max=5000" extensions:"x-private"`                    // for counter staff, never shown in public
}

// Kind is KindChannel.
func (*Channel) Kind() Kind { return KindChannel }

func (ch *Channel) check(c *checker) {
	c.access("", ch.Access, len(ch.Contacts) > 0)
}

// The branches of the national channel list.
const (
	branchCounter     = "01" // people walk or write to
	branchApplication = "02" // takes an application over the network
	branchPhone       = "03"
	branchMessage     = "04" // certified and other mail
	branchOther       = "05" // other telematic ways
)

// kiosk is the type of a channel that is telematic, and that people walk to.
const kiosk = "05.2"

// branch is the branch of the national list that a channel belongs to.
func (a *Access) branch() string {
	branch, _, _ := strings.Cut(a.Type, ".")
	return branch
}

// digitalFirst orders branches as views do.
var digitalFirst = []string{branchApplication, branchOther, branchMessage, branchPhone, branchCounter}

// uses lists the platforms that a channel uses already.
func (a *Access) uses() []string {
	var used []string
	for _, p := range a.Platforms {
		if p.Use == "" || p.Use == "used" {
			used = append(used, p.Platform)
		}
	}
	return used
}

func (c *checker) connections(s *Service) {
	for i, connection := range s.Connections {
		c.connection(Pointer("/connections").Index(i), connection, s)
	}
}

func (c *checker) connection(at Pointer, connection Connection, s *Service) {
	c.either(at, "channel", connection.Channel != "", "inline", connection.Inline != nil)
	c.contacts(at, connection.Contacts)
	c.link(at.Field("bookingUrl"), connection.BookingURL)
	c.costs(at, connection.Costs)
	if len(connection.Requirements) > 0 || len(connection.Evidence) > 0 {
		of, evidence := at.Field("evidence"), connection.Evidence
		if len(evidence) == 0 && !c.findings.unreadIn(of) {
			of, evidence = "/evidence", s.Evidence
		}
		c.evidenceCodes(at, connection.Requirements, of, evidence)
	}
	channel := connection.Inline
	if channel == nil {
		return
	}
	inline := at.Field("inline")
	c.contacts(inline, channel.Contacts)
	c.access(inline, channel.Access, len(channel.Contacts) > 0 || len(connection.Contacts) > 0 || len(connection.Offices) > 0 || connection.BookingURL != "")
	if channel.branch() == branchCounter && len(connection.DigitalAlternative) == 0 && len(connection.NoDigitalReason) == 0 && !s.maybeOnline() {
		c.report(at.Field("digitalAlternative"), ruleDigitalFirst)
	}
}

// AppliesOnline reports whether a channel of the service's own, not one that it shares, takes applications over the
// network.
func (s *Service) AppliesOnline() bool {
	for _, c := range s.Connections {
		if c.Inline != nil && c.Inline.branch() == branchApplication {
			return true
		}
	}
	return false
}

// maybeOnline reports whether the service can be applied for by a channel of its own, or has a shared one, of which the
// document does not say what it is.
func (s *Service) maybeOnline() bool {
	return s.AppliesOnline() || slices.ContainsFunc(s.Connections, func(c Connection) bool { return c.Channel != "" })
}

// access reports a channel that leads nowhere, and an application that nobody can sign in to; reached says that people
// get through otherwise.
func (c *checker) access(at Pointer, a Access, reached bool) {
	c.link(at.Field("accessUrl"), a.AccessURL)
	c.link(at.Field("bookingUrl"), a.BookingURL)
	if a.Accessibility != nil {
		c.link(at.Field("accessibility").Field("statementUrl"), a.Accessibility.StatementURL)
	}
	if a.AccessURL == "" && a.BookingURL == "" && len(a.Offices) == 0 && len(a.Places) == 0 && !reached {
		c.report(at, ruleChannelTarget)
	}
	if a.branch() == branchApplication && len(a.Identities) == 0 {
		c.report(at.Field("identities"), ruleAuthentication)
	}
	if a.Signatures > 0 && !a.RequiresSignature && !c.findings.unreadIn(at.Field("requiresSignature")) {
		c.report(at.Field("requiresSignature"), ruleRequired)
	}
}
