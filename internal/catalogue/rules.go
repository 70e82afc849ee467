package catalogue

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// The rules beyond bounds and formats. Names as in validate.go.
const (
	ruleExclusive      = "exclusive"
	ruleOrder          = "order"
	ruleContactValue   = "contact_value"
	rulePlaceholder    = "placeholder"
	ruleHTTPS          = "https"
	ruleTitleLength    = "title_length"
	ruleSummaryLength  = "summary_length"
	ruleMissing        = "missing"
	ruleReachable      = "reachable"
	ruleStatusReason   = "status_reason"
	ruleChannelTarget  = "channel_target"
	ruleDigitalFirst   = "digital_alternative"
	ruleAuthentication = "authentication"
	ruleBooking        = "booking"
)

// checker runs the rules of a level. What a document lacks for a higher level is a warning.
type checker struct {
	level    Level
	findings *Findings
}

func (c *checker) report(at Pointer, rule string, level Level, args ...any) {
	severity := SeverityError
	if level.rank() > c.level.rank() {
		severity = SeverityWarning
	}
	c.findings.add(Finding{Pointer: at, Rule: rule, Level: level, Severity: severity, Args: args})
}

func (c *checker) advise(at Pointer, rule string, args ...any) {
	c.findings.add(Finding{Pointer: at, Rule: rule, Level: LevelPortal, Severity: SeverityAdvice, Args: args})
}

// need reports a field that a level asks for and the document lacks.
func (c *checker) need(level Level, present bool, field string) {
	if !present {
		c.report(Pointer("").Field(field), ruleMissing, level, field)
	}
}

// Modello Comuni: how long the title and the summary of a card may be.
const (
	portalTitle   = 60
	portalSummary = 160
)

func (c *checker) head(h *Head) {
	c.placeholder("/title", h.Title)
	c.placeholder("/summary", h.Summary)
	c.placeholder("/description", h.Description)
	c.portalLength("/title", h.Title, portalTitle, ruleTitleLength)
	c.portalLength("/summary", h.Summary, portalSummary, ruleSummaryLength)
	c.contacts("", h.Contacts)
	for i, l := range h.Links {
		c.https(Pointer("/links").Index(i).Field("url"), l.URL)
	}
}

// portalLength advises against what a portal's card would cut; at the level portal it is an error.
func (c *checker) portalLength(at Pointer, t lang.Text, most int, rule string) {
	if utf8.RuneCountInString(t[lang.Italian]) <= most {
		return
	}
	if c.level == LevelPortal {
		c.report(at.Field(string(lang.Italian)), rule, LevelPortal, most)
		return
	}
	c.advise(at.Field(string(lang.Italian)), rule, most)
}

//nolint:misspell // "compilare" is Italian
var placeholderPattern = regexp.MustCompile(`(?i)lorem ipsum|^\s*(test|prova|xxx+|todo|tbd|n/?[ad]|da (compilare|definire)|\.{3,}|-+)\s*\.?\s*$`)

func (c *checker) placeholder(at Pointer, t lang.Text) {
	for _, tag := range lang.Tags {
		if found := placeholderPattern.FindString(t[tag]); found != "" {
			c.report(at.Field(string(tag)), rulePlaceholder, LevelPublish, strings.TrimSpace(found))
		}
	}
}

func (c *checker) https(at Pointer, url string) {
	if scheme, _, _ := strings.Cut(url, ":"); strings.EqualFold(scheme, "http") {
		c.report(at, ruleHTTPS, LevelPortal)
	}
}

// order reports a period that ends before it begins. Dates in ISO 8601 sort as text.
func (c *checker) order(at Pointer, from, to string) {
	if validDate(from) && validDate(to) && to < from {
		c.report(at, ruleOrder, LevelDraft, from)
	}
}

func (c *checker) contacts(at Pointer, contacts []Contact) {
	for i, contact := range contacts {
		for j, e := range contact.Entries {
			place := at.Field("contacts").Index(i).Field("entries").Index(j).Field("value")
			if valid := contactFormats[e.Type]; valid != nil && e.Value != "" && !valid(e.Value) {
				c.report(place, ruleContactValue, LevelDraft, e.Type)
			}
		}
	}
}

// contactFormats says how the value of a contact is written, by its type; what is not here is free.
var contactFormats = map[string]func(string) bool{
	"phone": phonePattern.MatchString, "mobile": phonePattern.MatchString, "freephone": phonePattern.MatchString,
	"fax": phonePattern.MatchString, "whatsapp": phonePattern.MatchString, "sms": phonePattern.MatchString,
	"email": validEmail, "pec": validEmail,
	"website": validLink, "contact_form": validLink, "booking_page": validLink,
}

func (s *Service) check(c *checker) {
	c.need(LevelPublish, len(s.Summary) > 0, "summary")
	c.need(LevelPublish, len(s.Categories) > 0, "categories")
	c.need(LevelPublish, s.Status != "", "status")
	if s.Status != "" && s.Status != StatusActive && len(s.StatusReason) == 0 {
		c.report("/statusReason", ruleStatusReason, LevelPublish, s.Status)
	}
	reachable := len(s.Connections) > 0 || len(s.Contacts) > 0 || s.ResponsibleOffice != "" || len(s.Offices) > 0
	if !reachable && len(s.HowTo) == 0 {
		c.report("/connections", ruleReachable, LevelPublish)
	}
	c.need(LevelPortal, len(s.HowTo) > 0, "howTo")
	c.need(LevelPortal, len(s.Connections) > 0, "connections")
	c.need(LevelPortal, len(s.Audiences) > 0 || len(s.AudienceText) > 0, "audienceText")
	c.need(LevelPortal, s.ResponsibleOffice != "", "responsibleOffice")
	c.need(LevelPortal, len(s.Topics) > 0, "topics")
	c.need(LevelPortal, len(s.NeededText) > 0 || len(s.Evidence) > 0, "neededText")
	c.need(LevelPortal, len(s.OutcomeText) > 0 || len(s.Outputs) > 0, "outcomeText")
	c.need(LevelPortal, len(s.TimingText) > 0 || len(s.Deadlines) > 0 || s.ProcessingTime != nil, "timingText")
	c.need(LevelPortal, s.Interactivity != "", "interactivity")
	c.need(LevelPortal, len(s.Conditions) > 0, "conditions")
	c.need(LevelPortal, len(s.Contacts) > 0 || s.ResponsibleOffice != "", "contacts")
	for field, text := range map[string]lang.Text{"howTo": s.HowTo, "audienceText": s.AudienceText, "outcomeText": s.OutcomeText} {
		c.placeholder(Pointer("").Field(field), text)
	}
	for i, cost := range s.Costs {
		at := Pointer("/costs").Index(i)
		if cost.Free && cost.Amount != "" {
			c.report(at.Field("free"), ruleExclusive, LevelDraft, "amount")
		}
		if cost.Amount != "" && cost.Currency == "" {
			c.report(at.Field("currency"), ruleRequired, LevelDraft)
		}
		c.order(at.Field("validTo"), cost.ValidFrom, cost.ValidTo)
	}
	for i, d := range s.Deadlines {
		c.order(Pointer("/deadlines").Index(i).Field("to"), d.From, d.To)
	}
	for i, p := range s.Participations {
		c.order(Pointer("/participations").Index(i).Field("to"), p.From, p.To)
	}
	c.order("/validTo", s.ValidFrom, s.ValidTo)
	for i, connection := range s.Connections {
		c.connection(Pointer("/connections").Index(i), connection)
	}
}

// counterBranch is the part of the national channel list that people walk to.
const counterBranch = "01"

func (c *checker) connection(at Pointer, connection Connection) {
	channel := connection.Inline
	if channel == nil {
		return // the validator says so
	}
	inline := at.Field("inline")
	c.contacts(inline, channel.Contacts)
	c.https(inline.Field("url"), channel.URL)
	c.https(inline.Field("bookingUrl"), channel.BookingURL)
	if channel.URL == "" && channel.BookingURL == "" && len(channel.Offices) == 0 && len(channel.Places) == 0 && len(channel.Contacts) == 0 {
		c.report(inline, ruleChannelTarget, LevelPortal)
	}
	if strings.HasPrefix(channel.Type, counterBranch) && len(connection.DigitalAlternative) == 0 && len(connection.NoDigitalReason) == 0 {
		c.report(at.Field("digitalAlternative"), ruleDigitalFirst, LevelPortal)
	}
	if strings.HasPrefix(channel.Type, applicationBranch) && len(channel.Identities) == 0 {
		c.report(inline.Field("identities"), ruleAuthentication, LevelPortal)
	}
}

func (o *Office) check(c *checker) {
	c.need(LevelPortal, len(o.Summary) > 0, "summary")
	c.need(LevelPortal, o.Type != "", "type")
	c.need(LevelPortal, len(o.Competences) > 0, "competences")
	c.need(LevelPortal, len(o.Places) > 0, "places")
	c.need(LevelPortal, len(o.Contacts) > 0, "contacts")
	c.https("/bookingUrl", o.BookingURL)
	if o.Status != "" && o.Status != StatusActive && len(o.StatusReason) == 0 {
		c.report("/statusReason", ruleStatusReason, LevelPublish, o.Status)
	}
}

func (p *Place) check(c *checker) {
	c.need(LevelPortal, len(p.Summary) > 0, "summary")
	c.need(LevelPortal, p.Type != "", "type")
	c.need(LevelPortal, p.Address != nil, "address")
	c.need(LevelPortal, p.Point != nil, "point")
	c.need(LevelPortal, len(p.Access) > 0, "access")
}

func (p *Publisher) check(c *checker) {
	c.need(LevelPortal, len(p.Summary) > 0, "summary")
	c.need(LevelPublish, p.Type != "", "type")
	c.need(LevelPortal, len(p.Contacts) > 0 || p.Website != "", "contacts")
	c.https("/website", p.Website)
}
