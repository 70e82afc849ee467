package catalogue

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// checker runs the rules of a level. What a document lacks for a higher level is a warning.
type checker struct {
	level    Level
	findings *Findings
}

func (c *checker) report(at Pointer, rule string, args ...any) {
	c.findings.add(finding(at, rule, c.level, args...))
}

// Modello Comuni: how long the title and the summary of a card may be.
const (
	portalTitle   = 60
	portalSummary = 160
)

func (c *checker) head(h *Head) {
	c.portalLength("/title", h.Title, portalTitle, ruleTitleLength)
	c.portalLength("/summary", h.Summary, portalSummary, ruleSummaryLength)
	c.notices(h.Notices)
	c.contacts("", h.Contacts)
	for i, l := range h.Links {
		c.link(Pointer("/links").Index(i).Field("url"), l.URL)
	}
}

// portalLength reports what a portal's card would cut.
func (c *checker) portalLength(at Pointer, t lang.Text, most int, rule string) {
	if utf8.RuneCountInString(t[lang.Italian]) > most {
		c.report(at.Field(string(lang.Italian)), rule, most)
	}
}

// link reports an address that is not protected, or that leads to nobody's public site.
func (c *checker) link(at Pointer, address string) {
	u, err := url.Parse(address)
	switch {
	case address == "" || err != nil:
	case !publicHost(u.Hostname()):
		c.report(at, rulePublicAddress, u.Hostname())
	case strings.EqualFold(u.Scheme, "http"):
		c.report(at, ruleHTTPS)
	}
}

// order reports a period that ends before it begins. Dates in ISO 8601 sort as text.
func (c *checker) order(at Pointer, from, to string) {
	if validDate(from) && validDate(to) && to < from {
		c.report(at, ruleOrder, from)
	}
}

// status asks why something is not active; card is the part of the card of C.SI.1.3 that says so, "" for none.
func (c *checker) status(status string, reason lang.Text, card string) {
	if status != "" && status != StatusActive && len(reason) == 0 {
		x := finding("/statusReason", ruleStatusReason, c.level, status)
		x.Part = card
		c.findings.add(x)
	}
}

func (c *checker) contacts(at Pointer, contacts []Contact) {
	for i, contact := range contacts {
		for j, e := range contact.Entries {
			place := at.Field("contacts").Index(i).Field("entries").Index(j).Field("value")
			if valid := contactFormats[e.Type]; valid != nil && e.Value != "" && !valid(e.Value) {
				c.report(place, ruleContactValue, e.Type)
			} else if national := nationalNumber(e); national != "" {
				c.report(place, rulePhonePrefix, national)
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
	c.status(s.Status, s.StatusReason, CardStatus)
	reachable := len(s.Connections) > 0 || len(s.Contacts) > 0 || s.ResponsibleOffice != "" || len(s.Offices) > 0
	switch {
	case s.NotOffered != nil:
		c.notOffered(s)
	case !reachable && len(s.HowTo) == 0:
		c.report("/connections", ruleReachable)
	}
	if s.MinAge != nil && s.MaxAge != nil && *s.MaxAge < *s.MinAge {
		c.report("/maxAge", ruleOrder, strconv.Itoa(*s.MinAge))
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

// notOffered asks of a service that cannot be had here who offers it, and that nothing else says that it can be had.
func (c *checker) notOffered(s *Service) {
	n := s.NotOffered
	if n.OfferedBy == "" && n.SeeService == "" && n.SeeURL == "" && !c.findings.unreadIn("/notOffered") {
		c.report("/notOffered", ruleNotOffered)
	}
	if s.Status == StatusActive {
		c.report("/status", ruleExclusive, "notOffered")
	}
	c.link("/notOffered/seeUrl", n.SeeURL)
}

func (o *Office) check(c *checker) {
	c.link("/bookingUrl", o.BookingURL)
	c.status(o.Status, o.StatusReason, "")
}

func (p *Place) check(c *checker) {
	if p.Point != nil && p.Point.Lat != nil && p.Point.Lon != nil {
		if lat, lon := *p.Point.Lat, *p.Point.Lon; !inItaly(lat, lon) && inItaly(lon, lat) {
			c.report("/point", ruleSwapped, lat, lon)
		}
	}
	if p.Image != nil {
		c.link("/image/url", p.Image.URL)
	}
}

// inItaly reports whether a point is within the box around Italy.
func inItaly(lat, lon float64) bool { return 35 <= lat && lat <= 47.2 && 6.5 <= lon && lon <= 18.6 }

func (p *Publisher) check(c *checker) {
	c.link("/website", p.Website)
}
