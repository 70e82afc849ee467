package catalogue

import (
	"regexp"
	"slices"
	"strconv"
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
	ruleEvidenceCode   = "evidence_code"
	ruleSwapped        = "swapped"
	rulePhonePrefix    = "phone_prefix"
	ruleCycle          = "cycle"
	ruleOutdated       = "outdated"
	ruleSynonyms       = "synonyms"
	ruleNotOffered     = "not_offered"
	ruleLocked         = "locked"
	ruleLockable       = "lockable"
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
	c.notices(h.Notices)
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

// status asks why something is not active.
func (c *checker) status(status string, reason lang.Text) {
	if status != "" && status != StatusActive && len(reason) == 0 {
		c.report("/statusReason", ruleStatusReason, LevelPublish, status)
	}
}

func (c *checker) contacts(at Pointer, contacts []Contact) {
	for i, contact := range contacts {
		for j, e := range contact.Entries {
			place := at.Field("contacts").Index(i).Field("entries").Index(j).Field("value")
			if valid := contactFormats[e.Type]; valid != nil && e.Value != "" && !valid(e.Value) {
				c.report(place, ruleContactValue, LevelDraft, e.Type)
			} else if national := nationalNumber(e); national != "" {
				c.advise(place, rulePhonePrefix, national)
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

// internationalTypes are the contacts whose numbers can be dialled from abroad.
var internationalTypes = []string{"phone", "mobile", "fax", "whatsapp", "sms"}

// nationalNumber is a number in its international form (E.164) where it was written without its prefix; "" where it has
// one, or is a short number that only Italy knows.
func nationalNumber(e ContactEntry) string {
	if !slices.Contains(internationalTypes, e.Type) || strings.HasPrefix(e.Value, "+") || strings.HasPrefix(e.Value, "00") {
		return ""
	}
	digits := 0
	for _, r := range e.Value {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	start := strings.TrimLeft(e.Value, "(")
	if landlineOrMobile := strings.HasPrefix(start, "0") || strings.HasPrefix(start, "3"); digits < 8 || !landlineOrMobile {
		return ""
	}
	return "+39 " + e.Value
}

func (s *Service) check(c *checker) {
	c.need(LevelPublish, len(s.Summary) > 0, "summary")
	if s.NotOffered != nil {
		c.notOffered(s)
	} else {
		c.offered(s)
	}
	for field, text := range map[string]lang.Text{"howTo": s.HowTo, "audienceText": s.AudienceText, "outcomeText": s.OutcomeText} {
		c.placeholder(Pointer("").Field(field), text)
	}
	c.status(s.Status, s.StatusReason)
	if s.MinAge != nil && s.MaxAge != nil && *s.MaxAge < *s.MinAge {
		c.report("/maxAge", ruleOrder, LevelDraft, strconv.Itoa(*s.MinAge))
	}
	if a := s.FinancialAdvantage; a != nil {
		c.amounts("/financialAdvantage", a.Amount, a.AmountMax, a.Currency)
	}
	if s.Capacity != nil {
		c.order("/capacity/to", s.Capacity.From, s.Capacity.To)
	}
	c.evidenceCodes("", s.Requirements, "/evidence", s.Evidence)
	c.costs("", s.Costs)
	c.deadlines("/deadlines", s.Deadlines)
	c.participations(s.Participations)
	c.concessions(s.Concessions)
	c.attachments("/conditions", s.Conditions)
	c.attachments("/documents", s.Documents)
	c.order("/validTo", s.ValidFrom, s.ValidTo)
	c.connections(s)
}

// offered asks for what people must know of a service that they can have.
func (c *checker) offered(s *Service) {
	c.need(LevelPublish, len(s.Categories) > 0, "categories")
	c.need(LevelPublish, s.Status != "", "status")
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
}

// notOffered asks of a service that cannot be had here who offers it, and that nothing else says that it can be had.
func (c *checker) notOffered(s *Service) {
	n := s.NotOffered
	if n.OfferedBy == "" && n.SeeService == "" && n.SeeURL == "" && !c.findings.unreadIn("/notOffered") {
		c.report("/notOffered", ruleNotOffered, LevelPortal)
	}
	if s.Status == StatusActive {
		c.report("/status", ruleExclusive, LevelPublish, "notOffered")
	}
	c.https("/notOffered/seeUrl", n.SeeURL)
}

func (o *Office) check(c *checker) {
	c.need(LevelPortal, len(o.Summary) > 0, "summary")
	c.need(LevelPortal, o.Type != "", "type")
	c.need(LevelPortal, len(o.Competences) > 0, "competences")
	c.need(LevelPortal, len(o.Places) > 0, "places")
	c.need(LevelPortal, len(o.Contacts) > 0, "contacts")
	c.https("/bookingUrl", o.BookingURL)
	c.status(o.Status, o.StatusReason)
}

func (p *Place) check(c *checker) {
	c.need(LevelPortal, len(p.Summary) > 0, "summary")
	c.need(LevelPortal, p.Type != "", "type")
	c.need(LevelPortal, p.Address != nil, "address")
	c.need(LevelPortal, p.Point != nil, "point")
	if p.Point != nil && p.Point.Lat != nil && p.Point.Lon != nil {
		if lat, lon := *p.Point.Lat, *p.Point.Lon; !inItaly(lat, lon) && inItaly(lon, lat) {
			c.report("/point", ruleSwapped, LevelDraft, lat, lon)
		}
	}
	if p.Image != nil {
		c.https("/image/url", p.Image.URL)
	}
	c.need(LevelPortal, len(p.Access) > 0, "access")
}

// inItaly reports whether a point is within the box around Italy.
func inItaly(lat, lon float64) bool { return 35 <= lat && lat <= 47.2 && 6.5 <= lon && lon <= 18.6 }

func (p *Publisher) check(c *checker) {
	c.need(LevelPortal, len(p.Summary) > 0, "summary")
	c.need(LevelPublish, p.Type != "", "type")
	c.need(LevelPortal, len(p.Contacts) > 0 || p.Website != "", "contacts")
	c.https("/website", p.Website)
}
