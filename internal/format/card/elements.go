package card

import (
	"cmp"
	_ "embed" // for the templates
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/markdown"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

//go:embed elements.tmpl
var source string

var templates = template.Must(template.New("").Parse(source))

// writer writes pieces of HTML by what it looks at. It has no strings of HTML but from the templates and package markdown.
type writer struct{ *catalogue.Look }

// text is a text to be shown.
type text struct {
	Text  string        // as it is
	HTML  template.HTML // where it is CommonMark
	Other lang.Tag      // its language where that is not the card's, else ""
}

// item is an element of a list.
type item struct {
	Title, Text *text
	Href        template.URL
	Notes       []text
	Dates       []day
}

type day struct{ hours.Date }

// Shown is the day as people write it.
func (d day) Shown() string {
	s := d.String()
	return s[8:] + "/" + s[5:7] + "/" + s[:4]
}

// link is a text that leads somewhere.
type link struct {
	Name  string
	Href  template.URL
	Label text
}

// point is a place, a person or a page to turn to.
type point struct {
	Title, Text *text
	Href        template.URL
	Places      []place
	Hours       []text
	Contacts    []contact
}

type place struct {
	Title   *text
	Address string
}

type contact struct {
	Label, Note *text
	Value       string
	Href        template.URL
}

// block is a long text and a list below it.
type block struct {
	Name  string
	Text  *text
	Items []item
}

// element writes one piece by a template, whose name is that of the data-element.
func element(name string, data any) Element { return Element{name, execute(name, data)} }

func linkElement(name string, href template.URL, label text) Element {
	return Element{name, execute("link", link{name, href, label})}
}

// plainElement is an element that no check looks for.
func plainElement(name string, data any) Element { return Element{HTML: execute(name, data)} }

func execute(name string, data any) string {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // our own templates, with data of our own types
	}
	return b.String()
}

// blockElement is a block, unless there is nothing in it.
func blockElement(b block) []Element {
	if b.Text == nil && len(b.Items) == 0 {
		return nil
	}
	return []Element{{b.Name, execute("block", b)}}
}

// elements are the pieces of a part.
func (w writer) elements(code string, s *catalogue.Service) []Element {
	all := w.elementsOf(code, s)
	if all == nil {
		return []Element{}
	}
	return all
}

func (w writer) elementsOf(code string, s *catalogue.Service) []Element {
	switch code {
	case catalogue.CardCategory:
		return w.breadcrumb(s)
	case catalogue.CardTitle:
		return w.said("service-title", s.Title)
	case catalogue.CardStatus:
		return w.status(s)
	case catalogue.CardSummary:
		return w.said("service-description", s.Summary)
	case catalogue.CardAudience:
		return blockElement(block{"service-addressed", w.long(s.AudienceText), w.terms("audiences", s.Audiences)})
	case catalogue.CardHowTo:
		return blockElement(block{"service-how-to", w.long(s.HowTo), nil})
	case catalogue.CardNeeded:
		return blockElement(block{"service-needed", w.long(s.NeededText), w.evidence(s.Evidence)})
	case catalogue.CardObtained:
		return blockElement(block{"service-achieved", w.long(s.OutcomeText), w.outputs(s.Outputs)})
	case catalogue.CardDeadlines:
		return w.timing(s)
	case catalogue.CardAccess:
		return w.access(s)
	case catalogue.CardConditions:
		return w.conditions(s)
	case catalogue.CardContacts:
		return w.contacts(s)
	case catalogue.CardTopics:
		return w.topics(s)
	case catalogue.CardCosts:
		return blockElement(block{"service-cost", w.long(s.CostsText), w.costs(s.Costs)})
	default:
		panic("no such part of the card: " + code)
	}
}

// further are the parts of the model that the criterion does not ask for.
func (w writer) further(s *catalogue.Service) (parts []Part) {
	add := func(code string, elements []Element) {
		if len(elements) > 0 {
			heading, label := lang.Message(lang.Italian, "card."+code), lang.Message(w.Language(), "card."+code)
			parts = append(parts, Part{Code: code, Heading: heading, Label: label, Present: true, Elements: elements})
		}
	}
	add(catalogue.CardCosts, w.elementsOf(catalogue.CardCosts, s))
	add("description", blockElement(block{"", w.long(s.Description), nil}))
	add("restrictions", blockElement(block{"", w.long(s.Restrictions), nil}))
	add("special_cases", blockElement(block{"", w.long(s.SpecialCases), nil}))
	add("more_info", blockElement(block{"service-more-info", w.long(s.FurtherInfo), nil}))
	return parts
}

func (w writer) breadcrumb(s *catalogue.Service) []Element {
	categories := w.terms("service-categories", s.Categories)
	if len(categories) == 0 {
		return nil
	}
	return []Element{element("breadcrumb", struct {
		Section  string
		Category *text
	}{lang.Message(w.Language(), "card.services"), categories[0].Title})}
}

// said is a text alone.
func (w writer) said(name string, t lang.Text) []Element {
	if len(t) == 0 {
		return nil
	}
	return []Element{element(name, w.text(t))}
}

func (w writer) status(s *catalogue.Service) (all []Element) {
	for _, status := range w.terms("service-status", []string{s.Status}) {
		all = append(all, element("service-status", status.Title))
	}
	if len(s.StatusReason) > 0 {
		all = append(all, plainElement("paragraph", w.text(s.StatusReason)))
	}
	return all
}

func (w writer) evidence(list []catalogue.Evidence) (items []item) {
	for _, e := range list {
		items = append(items, item{Title: w.optional(e.Title), Text: w.long(e.Description), Href: page(e.URL)})
	}
	return items
}

func (w writer) outputs(list []catalogue.Output) (items []item) {
	for _, o := range list {
		items = append(items, item{Title: w.optional(o.Title), Text: w.long(o.Description)})
	}
	return items
}

// timing is what a service says of times: its text with how long the office may take, and the days to keep.
func (w writer) timing(s *catalogue.Service) []Element {
	var terms []item
	for _, t := range []struct {
		label string
		time  *catalogue.ProcessingTime
	}{{"card.processing_time", s.ProcessingTime}, {"card.administrative_term", s.AdministrativeTerm}} {
		if t.time == nil {
			continue
		}
		x := item{Title: w.own(lang.Message(w.Language(), t.label))}
		if duration := lang.Duration(w.Language(), t.time.Max, t.time.Days); duration != "" {
			x.Notes = append(x.Notes, *w.own(duration))
		}
		for _, said := range []lang.Text{t.time.Text, t.time.StartsFrom} {
			if len(said) > 0 {
				x.Notes = append(x.Notes, w.text(said))
			}
		}
		terms = append(terms, x)
	}
	all := blockElement(block{"service-calendar-text", w.long(s.TimingText), terms})
	var days []item
	for i := range s.Deadlines {
		days = append(days, w.deadline(&s.Deadlines[i]))
	}
	if len(days) > 0 {
		all = append(all, element("service-calendar-list", days))
	}
	return all
}

func (w writer) deadline(d *catalogue.Deadline) item {
	x := item{Title: w.optional(d.Title), Text: w.long(d.Description)}
	if from, to, ok := w.Window(d); ok {
		for _, date := range []hours.Date{from, to} {
			if date != 0 && (len(x.Dates) == 0 || x.Dates[0].Date != date) {
				x.Dates = append(x.Dates, day{date})
			}
		}
	}
	if duration := lang.Duration(w.Language(), d.Offset, d.Days); duration != "" {
		x.Notes = append(x.Notes, *w.own(duration))
	}
	if len(d.StartsFrom) > 0 {
		x.Notes = append(x.Notes, w.text(d.StartsFrom))
	}
	return x
}

// access is how to get a service: what leads to applications and bookings, and for each way what else there is to know.
func (w writer) access(s *catalogue.Service) (all []Element) {
	for _, way := range w.Ways(s) {
		title := w.optional(way.Title)
		if title == nil {
			for _, channel := range w.terms("channels", []string{way.Type}) {
				title = channel.Title
			}
		}
		if title == nil { // of a channel that is not public any more
			continue
		}
		name := "service-generic-access"
		if way.AppliesOnline() {
			name = "service-online-access"
		}
		if href := page(way.AccessURL); href != "" {
			all = append(all, linkElement(name, href, *title))
		}
		if href := page(way.BookingURL); href != "" {
			all = append(all, linkElement("service-booking-access", href, *w.own(lang.Message(w.Language(), "card.book"))))
		}
		p := point{Title: title, Text: w.long(way.Description), Hours: w.hours(way.Timetable, way.HoursText)}
		where := way.Places
		for _, reference := range way.Offices {
			if office := w.Public(catalogue.KindOffice, reference); office != nil {
				p.Places = append(p.Places, place{Title: w.optional(office.Label)})
				where = slices.Concat(where, office.Document.(*catalogue.Office).Places)
			}
		}
		p.Places = append(p.Places, w.places(where)...)
		if way.Sources.Contacts != "service" { // those are a part of their own
			p.Contacts = w.entries(way.Contacts)
		}
		if p.Text != nil || len(p.Hours)+len(p.Places)+len(p.Contacts) > 0 || page(way.AccessURL)+page(way.BookingURL) == "" {
			all = append(all, element("service-generic-access", p))
		}
	}
	return all
}

func (w writer) conditions(s *catalogue.Service) (all []Element) {
	for _, a := range s.Conditions {
		if w.During(a.ValidFrom, a.ValidTo) != catalogue.Current {
			continue
		}
		for _, file := range a.Files {
			if href := page(file.URL); href != "" {
				all = append(all, linkElement("service-file", href, w.text(a.Title)))
			}
		}
	}
	return all
}

// contacts are the office that answers for a service, and the contacts of the service itself.
func (w writer) contacts(s *catalogue.Service) (all []Element) {
	if office := w.Public(catalogue.KindOffice, s.ResponsibleOffice); office != nil {
		d := office.Document.(*catalogue.Office)
		all = append(all, element("service-area", point{
			Title: w.optional(office.Label), Places: w.places(d.Places), Hours: w.openingHours(office, d.HoursText), Contacts: w.entries(d.Contacts),
		}))
	}
	if entries := w.entries(s.Contacts); len(entries) > 0 {
		all = append(all, plainElement("contacts", point{Contacts: entries}))
	}
	return all
}

func (w writer) topics(s *catalogue.Service) (all []Element) {
	for i, topic := range w.terms("topics", s.Topics) {
		href := page(w.PublicURL + "/v1/services?topic=" + url.QueryEscape(s.Topics[i]))
		all = append(all, linkElement("service-topic", href, *topic.Title))
	}
	return all
}

func (w writer) costs(costs []catalogue.Cost) (items []item) {
	for _, c := range costs {
		if w.During(c.ValidFrom, c.ValidTo) != catalogue.Current {
			continue
		}
		x := item{Title: w.optional(c.Label), Text: w.long(c.Exemptions)}
		if amount := w.amount(c); amount != "" {
			x.Notes = append(x.Notes, *w.own(amount))
		}
		if len(c.Note) > 0 {
			x.Notes = append(x.Notes, w.text(c.Note))
		}
		for _, method := range w.terms("payment-methods", c.PaymentMethods) {
			x.Notes = append(x.Notes, *method.Title)
		}
		items = append(items, x)
	}
	return items
}

// amount is what a cost comes to, as it is written: money, a percentage, or the kind of cost.
func (w writer) amount(c catalogue.Cost) string {
	switch {
	case c.Free:
		return w.label("cost-kinds", "free")
	case c.AmountMax != "":
		return w.number(c.Amount) + "–" + w.number(c.AmountMax) + " " + c.Currency
	case c.Amount != "":
		return w.number(c.Amount) + " " + c.Currency
	case c.Percentage != "":
		return strings.TrimSpace(w.number(c.Percentage) + " % " + w.text(c.PercentageOf).Text)
	default:
		return w.label("cost-kinds", cmp.Or(c.Type, "variable"))
	}
}

// number is a decimal number as the language of the card writes it.
func (w writer) number(decimal string) string {
	value, err := strconv.ParseFloat(decimal, 64)
	if err != nil {
		return decimal
	}
	_, fraction, _ := strings.Cut(decimal, ".")
	return message.NewPrinter(language.Make(string(w.Language()))).Sprint(number.Decimal(value, number.Scale(len(fraction))))
}

func (w writer) notices(s *catalogue.Service) (all []string) {
	for _, n := range s.Notices {
		if w.During(n.From, n.To) == catalogue.Current {
			all = append(all, execute("notice", struct {
				Severity                  string
				Title, Text, Alternatives *text
				Href                      template.URL
			}{n.Severity, w.optional(n.Title), w.long(n.Text), w.long(n.Alternatives), page(n.URL)}))
		}
	}
	return all
}

func (w writer) places(references []string) (all []place) {
	for i, reference := range references {
		if e := w.Public(catalogue.KindPlace, reference); e != nil && !slices.Contains(references[:i], reference) {
			shown := place{Title: w.optional(e.Label)}
			if address := e.Document.(*catalogue.Place).Address; address != nil {
				shown.Address = address.Line()
			}
			all = append(all, shown)
		}
	}
	return all
}

// hours are those of a timetable, else as they are said.
func (w writer) hours(timetable string, said lang.Text) []text {
	return w.periods(w.Public(catalogue.KindTimetable, timetable), said)
}

func (w writer) openingHours(e *catalogue.Entry, said lang.Text) []text {
	return w.periods(w.Timetable(e), said)
}

func (w writer) periods(timetable *catalogue.Entry, said lang.Text) (all []text) {
	if timetable != nil {
		for _, p := range timetable.Document.(*catalogue.Timetable).Periods {
			told := w.text(p.Text())
			if len(p.Label) > 0 {
				told.Text = w.text(p.Label).Text + ": " + told.Text
			}
			all = append(all, told)
		}
	}
	if len(all) == 0 && len(said) > 0 {
		all = append(all, w.text(said))
	}
	return all
}

func (w writer) entries(contacts []catalogue.Contact) (all []contact) {
	for _, c := range contacts {
		for _, e := range c.Entries {
			x := contact{Label: w.optional(c.Label), Value: e.Value, Href: address(e.Type, e.Value), Note: w.optional(e.Note)}
			if x.Label == nil {
				x.Label = w.own(w.label("contact-types", e.Type))
			}
			if e.Extension != "" {
				x.Value += " (" + e.Extension + ")"
			}
			all = append(all, x)
		}
	}
	return all
}

// address is where a contact leads, "" for nowhere.
func address(kind, value string) template.URL {
	switch kind {
	case "phone", "freephone", "mobile", "sms", "whatsapp":
		return template.URL("tel:" + notDialled.ReplaceAllString(value, "")) //nolint:gosec // digits
	case "email", "pec":
		return template.URL("mailto:" + url.PathEscape(value)) //nolint:gosec // escaped
	default:
		return page(value)
	}
}

// notDialled is what telephone numbers are written with, and not dialled.
var notDialled = regexp.MustCompile(`[^+0-9]`)

// page is the address of a page on the web, "" for anything else.
func page(value string) template.URL {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return template.URL(u.String()) //nolint:gosec // of those schemes alone, and escaped by the template
}

// text is a short text.
func (w writer) text(t lang.Text) text {
	said, tag := w.Text(t)
	return text{Text: said, Other: w.other(tag)}
}

// optional is a short text, nil where there is none.
func (w writer) optional(t lang.Text) *text {
	if len(t) == 0 {
		return nil
	}
	shown := w.text(t)
	return &shown
}

// own is a text of the program's own.
func (w writer) own(said string) *text {
	tag := w.Language()
	if !slices.Contains(lang.Spoken, tag) {
		tag = lang.Spoken[0]
	}
	return &text{Text: said, Other: w.other(tag)}
}

// long is a text in CommonMark, nil where there is none.
func (w writer) long(t lang.Text) *text {
	said, tag := w.Text(t)
	if said == "" {
		return nil
	}
	return &text{HTML: template.HTML(markdown.LooseHTML(said)), Other: w.other(tag)} //nolint:gosec // sanitised there
}

func (w writer) other(tag lang.Tag) lang.Tag {
	if tag == w.Language() {
		return ""
	}
	return tag
}

// terms are items of the labels of those codes that the vocabulary has.
func (w writer) terms(scheme string, codes []string) (items []item) {
	for _, code := range codes {
		if term, ok := vocabulary.MustGet(scheme).Term(code); ok {
			items = append(items, item{Title: w.optional(term.Label)})
		}
	}
	return items
}

func (w writer) label(scheme, code string) string {
	for _, x := range w.terms(scheme, []string{code}) {
		return x.Title.Text
	}
	return code
}
