package catalogue_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// declaredRules reads the constants named rule… out of the package.
func declaredRules(t *testing.T) []string {
	t.Helper()
	var rules []string
	file, err := parser.ParseFile(token.NewFileSet(), "rule.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "rule") || len(spec.Values) == 0 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			rule, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			rules = append(rules, rule)
		}
		return true
	})
	return rules
}

// ruleNames are those of the table.
func ruleNames() []string {
	var names []string
	for _, r := range catalogue.GateRules {
		names = append(names, r.Name)
	}
	return names
}

func TestTheTableHasEveryRuleOnce(t *testing.T) {
	names := ruleNames()
	for _, name := range declaredRules(t) {
		if !slices.Contains(names, name) {
			t.Errorf("the rule %q is not in GateRules", name)
		}
	}
	slices.Sort(names)
	if got := len(slices.Compact(slices.Clone(names))); got != len(names) {
		t.Errorf("GateRules name %d rules, want the %d names to differ", got, len(names))
	}
	for _, r := range catalogue.GateRules {
		if r.Severity == "" || r.Level == "" && len(r.Kinds) > 0 || r.Below != "" && r.Severity == catalogue.SeverityAdvice {
			t.Errorf("the row of %q contradicts itself: %+v", r.Name, r)
		}
	}
}

func TestEveryRuleHasItsSentencesAndNoOther(t *testing.T) {
	want := map[string]bool{}
	for _, rule := range ruleNames() {
		want["rule."+rule+".message"], want["rule."+rule+".expected"] = true, true
	}
	for _, tag := range lang.Spoken {
		data, err := os.ReadFile(filepath.Join("..", "lang", "messages", string(tag)+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]string
		if err := json.Unmarshal(data, &messages); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for key := range messages {
			if strings.HasPrefix(key, "rule.") {
				got[key] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys of messages/%s.json: a rule lacks a sentence, or a sentence its rule (-rules +sentences):\n%s", tag, diff)
		}
	}
}

// severities are what a finding is at each level, "" where there is none.
type severities struct{ draft, publish, portal catalogue.Severity }

var (
	always   = severities{"error", "error", "error"}
	public   = severities{"warning", "error", "error"}
	portal   = severities{"warning", "warning", "error"}
	advice   = severities{"advice", "advice", "error"}
	hint     = severities{"advice", "advice", "advice"}
	none     = severities{}
	longText = func(n int) lang.Text { return lang.Of(strings.Repeat("a", n)) }
)

// ruleTests break the complete samples in one place each.
var ruleTests = []struct {
	name     string
	doc      catalogue.Document
	at, rule string
	want     severities
}{
	{"timetable that says nothing", timetable(func(d *catalogue.Timetable) { d.Periods, d.Exceptions = nil, nil }), "/periods", "missing", public},
	{"always open", timetable(func(d *catalogue.Timetable) { d.Periods, d.AlwaysOpen = nil, true }), "/periods", "", none},
	{"appointments without a place to book", timetable(func(d *catalogue.Timetable) { d.BookingURL = "" }), "/bookingUrl", "booking", hint},
	{"unprotected booking of a timetable", timetable(func(d *catalogue.Timetable) { d.BookingURL = "http://www.comune.prato.it/" }), "/bookingUrl", "https", portal},
	{"order of a period out of range", timetable(func(d *catalogue.Timetable) { d.Periods[0].Order = 1001 }), "/periods/0/order", "range", always},
	{"title missing", service(func(s *catalogue.Service) { s.Title = nil }), "/title", "required", always},
	{"title without Italian", service(func(s *catalogue.Service) { delete(s.Title, lang.Italian) }), "/title", "italian", always},
	{"title of 255", service(func(s *catalogue.Service) { s.Title = longText(255) }), "/title/it", "title_length", advice},
	{"title of 256", service(func(s *catalogue.Service) { s.Title = longText(256) }), "/title/it", "too_long", always},
	{"title of 61", service(func(s *catalogue.Service) { s.Title = longText(61) }), "/title/it", "title_length", advice},
	{"title of 60", service(func(s *catalogue.Service) { s.Title = longText(60) }), "/title/it", "", none},
	{"English title of 61", service(func(s *catalogue.Service) { s.Title["en"] = longText(61)["it"] }), "/title/en", "", none},
	{"title of 60 letters of two bytes", service(func(s *catalogue.Service) { s.Title = lang.Of(strings.Repeat("è", 60)) }), "/title/it", "", none},
	{"summary of 161", service(func(s *catalogue.Service) { s.Summary = longText(161) }), "/summary/it", "summary_length", advice},
	{"summary of 160", service(func(s *catalogue.Service) { s.Summary = longText(160) }), "/summary/it", "", none},
	{"placeholder as title", service(func(s *catalogue.Service) { s.Title = lang.Of(" Da definire. ") }), "/title/it", "placeholder", public},
	{"placeholder in a long title", service(func(s *catalogue.Service) { s.Title = lang.Of("Lorem ipsum " + longText(100)["it"]) }), "/title/it", "placeholder", public},
	{"placeholder in English", service(func(s *catalogue.Service) { s.Summary["en"] = "TODO" }), "/summary/en", "placeholder", public},
	{"placeholder as description", service(func(s *catalogue.Service) { s.Description = lang.Of("...") }), "/description/it", "placeholder", public},
	{"placeholder as how to", service(func(s *catalogue.Service) { s.HowTo = lang.Of("n/a") }), "/howTo/it", "placeholder", public},
	{"title that only begins like a placeholder", service(func(s *catalogue.Service) { s.Title = lang.Of("Prova di italiano") }), "/title/it", "", none},
	{"summary missing", service(func(s *catalogue.Service) { s.Summary = nil }), "/summary", "missing", public},
	{"categories missing", service(func(s *catalogue.Service) { s.Categories = nil }), "/categories", "missing", public},
	{"status missing", service(func(s *catalogue.Service) { s.Status = "" }), "/status", "missing", public},
	{"status without a reason", service(func(s *catalogue.Service) { s.StatusReason = nil }), "/statusReason", "status_reason", public},
	{"active without a reason", service(func(s *catalogue.Service) { s.Status, s.StatusReason = "active", nil }), "/statusReason", "", none},
	{"no way to get it", service(func(s *catalogue.Service) {
		s.Connections, s.Contacts, s.ResponsibleOffice, s.Offices, s.HowTo = nil, nil, "", nil, nil
	}), "/connections", "reachable", public},
	{"no connection, but a contact", service(func(s *catalogue.Service) { s.Connections = nil }), "/connections", "missing", portal},
	{"how to missing", service(func(s *catalogue.Service) { s.HowTo = nil }), "/howTo", "missing", portal},
	{"audience missing", service(func(s *catalogue.Service) { s.Audiences, s.AudienceText = nil, nil }), "/audienceText", "missing", portal},
	{"audience as text alone", service(func(s *catalogue.Service) { s.Audiences = nil }), "/audienceText", "", none},
	{"responsible office missing", service(func(s *catalogue.Service) { s.ResponsibleOffice = "" }), "/responsibleOffice", "missing", portal},
	{"topics missing", service(func(s *catalogue.Service) { s.Topics = nil }), "/topics", "missing", portal},
	{"needed missing", service(func(s *catalogue.Service) { s.NeededText, s.Evidence = nil, nil }), "/neededText", "missing", portal},
	{"outcome missing", service(func(s *catalogue.Service) { s.OutcomeText, s.Outputs = nil, nil }), "/outcomeText", "missing", portal},
	{"timing missing", service(func(s *catalogue.Service) {
		s.TimingText, s.Deadlines, s.ProcessingTime, s.AdministrativeTerm = nil, nil, nil, nil
	}), "/timingText", "missing", portal},
	{"interactivity missing", service(func(s *catalogue.Service) { s.Interactivity = "" }), "/interactivity", "missing", portal},
	{"conditions missing", service(func(s *catalogue.Service) { s.Conditions = nil }), "/conditions", "missing", portal},
	{"contacts missing", service(func(s *catalogue.Service) { s.Contacts, s.ResponsibleOffice = nil, "" }), "/contacts", "missing", portal},
	{"free with an amount", service(func(s *catalogue.Service) { s.Costs[0].Free = true }), "/costs/0/free", "exclusive", always},
	{"amount without a currency", service(func(s *catalogue.Service) { s.Costs[0].Currency = "" }), "/costs/0/currency", "required", always},
	{"cost that varies", service(func(s *catalogue.Service) { s.Costs[1].Free = false }), "/costs/1", "", none},
	{"cost ends before it begins", service(func(s *catalogue.Service) { s.Costs[0].ValidTo = "2025-12-31" }), "/costs/0/validTo", "order", always},
	{"cost of one day", service(func(s *catalogue.Service) { s.Costs[0].ValidTo = s.Costs[0].ValidFrom }), "/costs/0/validTo", "", none},
	{"deadline ends before it begins", service(func(s *catalogue.Service) { s.Deadlines[0].To = "2025-12-31" }), "/deadlines/0/to", "order", always},
	{"participation ends before it begins", service(func(s *catalogue.Service) { s.Participations[0].To = "2017-12-31" }), "/participations/0/to", "order", always},
	{"service ends before it begins", service(func(s *catalogue.Service) { s.ValidTo = "2017-12-31" }), "/validTo", "order", always},
	{"unprotected link", service(func(s *catalogue.Service) { s.Links[0].URL = "http://www.comune.prato.it/" }), "/links/0/url", "https", portal},
	{"unprotected link in capitals", service(func(s *catalogue.Service) { s.Links[0].URL = "HTTP://www.comune.prato.it/" }), "/links/0/url", "https", portal},
	{"unprotected channel", service(func(s *catalogue.Service) { s.Connections[0].Inline.AccessURL = "http://www.comune.prato.it/" }), "/connections/0/inline/accessUrl", "https", portal},
	{"unprotected booking", service(func(s *catalogue.Service) { s.Connections[0].Inline.BookingURL = "http://www.comune.prato.it/" }), "/connections/0/inline/bookingUrl", "https", portal},
	{"channel that leads nowhere", service(func(s *catalogue.Service) {
		s.Connections[1].Inline = &catalogue.Inline{Access: catalogue.Access{Type: "04"}}
	}), "/connections/1/inline", "channel_target", portal},
	{"counter without a digital alternative", service(func(s *catalogue.Service) {
		s.Connections = s.Connections[1:2]
		s.Connections[0].DigitalAlternative, s.Connections[0].NoDigitalReason = nil, nil
	}), "/connections/0/digitalAlternative", "digital_alternative", portal},
	{"counter beside an application", service(func(s *catalogue.Service) {
		s.Connections[1].DigitalAlternative, s.Connections[1].NoDigitalReason = nil, nil
	}), "/connections/1/digitalAlternative", "", none},
	{"counter that says why", service(func(s *catalogue.Service) { s.Connections[1].DigitalAlternative = nil }), "/connections/1/digitalAlternative", "", none},
	{"application without an identity", service(func(s *catalogue.Service) { s.Connections[0].Inline.Identities = nil }), "/connections/0/inline/identities", "authentication", portal},
	{"contact of a connection", service(func(s *catalogue.Service) { s.Connections[1].Inline.Contacts[0].Entries[0].Value = "mai" }), "/connections/1/inline/contacts/0/entries/0/value", "contact_value", always},

	{"channel both shared and inline", service(func(s *catalogue.Service) { s.Connections[0].Channel = "a/b" }), "/connections/0/inline", "exclusive", always},
	{"channel neither shared nor inline", service(func(s *catalogue.Service) { s.Connections[0].Inline = nil }), "/connections/0/channel", "required", always},
	{"amount with a comma", service(func(s *catalogue.Service) { s.Costs[0].Amount = "22,21" }), "/costs/0/amount", "amount", always},
	{"unknown currency", service(func(s *catalogue.Service) { s.Costs[0].Currency = "XXY" }), "/costs/0/currency", "currency", always},
	{"most below the least", service(func(s *catalogue.Service) { s.Costs[0].AmountMax = "22.2" }), "/costs/0/amountMax", "order", always},
	{"most that is the least, written otherwise", service(func(s *catalogue.Service) { s.Costs[0].Amount, s.Costs[0].AmountMax = "22.2", "22.20" }), "/costs/0/amountMax", "", none},
	{"most above the least by a digit", service(func(s *catalogue.Service) { s.Costs[0].Amount, s.Costs[0].AmountMax = "9", "10" }), "/costs/0/amountMax", "", none},
	{"most without the least", service(func(s *catalogue.Service) { s.Costs[0].Amount = "" }), "/costs/0/amount", "required", always},
	{"percentage with a comma", service(func(s *catalogue.Service) { s.Costs[2].Percentage = "2,5" }), "/costs/2/percentage", "amount", always},
	{"free with a percentage", service(func(s *catalogue.Service) { s.Costs[2].Free = true }), "/costs/2/free", "exclusive", always},
	{"free by kind alone", service(func(s *catalogue.Service) { s.Costs[1] = catalogue.Cost{Type: "free"} }), "/costs/1/free", "required", always},
	{"free by kind too", service(func(s *catalogue.Service) { s.Costs[1].Type = "free" }), "/costs/1", "", none},
	{"fixed without an amount", service(func(s *catalogue.Service) { s.Costs[1] = catalogue.Cost{Type: "fixed"} }), "/costs/1/amount", "required", always},
	{"range without an end", service(func(s *catalogue.Service) {
		s.Costs[1] = catalogue.Cost{Type: "from_to", Amount: "1", Currency: "EUR"}
	}), "/costs/1/amountMax", "required", always},
	{"percentage without a figure", service(func(s *catalogue.Service) { s.Costs[1] = catalogue.Cost{Type: "percentage"} }), "/costs/1/percentage", "required", always},
	{"stamp duty that is free", service(func(s *catalogue.Service) { s.Costs[1].Type = "stamp_duty" }), "/costs/1/type", "exclusive", always},
	{"cost of a connection", service(func(s *catalogue.Service) { s.Connections[2].Costs[0].Amount = "1" }), "/connections/2/costs/0/free", "exclusive", always},
	{"advantage without a currency", service(func(s *catalogue.Service) { s.FinancialAdvantage.Currency = "" }), "/financialAdvantage/currency", "required", always},
	{"advantage that shrinks", service(func(s *catalogue.Service) { s.FinancialAdvantage.AmountMax = "4.99" }), "/financialAdvantage/amountMax", "order", always},
	{"deadline of one day", service(func(s *catalogue.Service) { s.Deadlines[0].To = s.Deadlines[0].From }), "/deadlines/0/to", "", none},
	{"yearly deadline without a day", service(func(s *catalogue.Service) { s.Deadlines[1].From, s.Deadlines[1].To = "", "" }), "/deadlines/1/to", "required", always},
	{"deadline with a day and an offset", service(func(s *catalogue.Service) { s.Deadlines[2].To = "2026-01-01" }), "/deadlines/2/offset", "exclusive", always},
	{"deadline from a day and with an offset", service(func(s *catalogue.Service) { s.Deadlines[2].From = "2026-01-01" }), "/deadlines/2/offset", "exclusive", always},
	{"deadline of the 30th of February", service(func(s *catalogue.Service) { s.Deadlines[0].To = "2026-02-30" }), "/deadlines/0/to", "date", always},
	{"notice ends before it begins", service(func(s *catalogue.Service) { s.Notices[0].To = "2026-01-14" }), "/notices/0/to", "order", always},
	{"notice of one day", service(func(s *catalogue.Service) { s.Notices[0].To = "2026-01-15" }), "/notices/0/to", "", none},
	{"notice until an hour of its first day", service(func(s *catalogue.Service) { s.Notices[0].To = "2026-01-15T08:00:00+01:00" }), "/notices/0/to", "", none},
	{"notice until the midnight at which it begins", service(func(s *catalogue.Service) { s.Notices[0].To = "2026-01-14T23:00:00Z" }), "/notices/0/to", "order", always},
	{"notice from a time without a zone", service(func(s *catalogue.Service) { s.Notices[0].From = "2026-01-15T08:00:00" }), "/notices/0/from", "moment", always},
	{"unprotected notice", service(func(s *catalogue.Service) { s.Notices[0].URL = "http://www.comune.prato.it/" }), "/notices/0/url", "https", portal},
	{"evidence code that stands twice", service(func(s *catalogue.Service) { s.Evidence = append(s.Evidence, s.Evidence[0]) }), "/evidence/1/code", "unique", always},
	{"evidence code of a connection that stands twice", service(func(s *catalogue.Service) {
		s.Connections[2].Evidence = append(s.Connections[2].Evidence, s.Connections[2].Evidence[0])
	}), "/connections/2/evidence/1/code", "unique", always},
	{"evidence code of the service that stands twice, where a connection has none of its own", service(func(s *catalogue.Service) {
		s.Connections[2].Evidence, s.Evidence = nil, append(s.Evidence, s.Evidence[0])
	}), "/connections/2/evidence/1/code", "", none},
	{"requirement code that stands twice", service(func(s *catalogue.Service) { s.Requirements = append(s.Requirements, s.Requirements[0]) }), "/requirements/1/code", "unique", always},
	{"requirement whose evidence is unknown", service(func(s *catalogue.Service) { s.Requirements[0].Evidence = []string{"altro"} }), "/requirements/0/evidence/0", "evidence_code", always},
	{"requirement of a connection that names the service's evidence", service(func(s *catalogue.Service) { s.Connections[2].Evidence = nil }), "/connections/2/requirements/0/evidence/0", "", none},
	{"requirement of a connection whose evidence is another", service(func(s *catalogue.Service) { s.Connections[2].Evidence[0].Code = "altro" }), "/connections/2/requirements/0/evidence/0", "evidence_code", always},
	{"negative size of a file", service(func(s *catalogue.Service) { s.Documents[0].Files[0].Size = -1 }), "/documents/0/files/0/size", "range", always},
	{"checksum too short", service(func(s *catalogue.Service) { s.Documents[0].Files[0].Checksum = "e3b0" }), "/documents/0/files/0/checksum", "sha256", always},
	{"document without a file", service(func(s *catalogue.Service) { s.Documents[0].Files = nil }), "/documents/0/files", "too_few", always},
	{"document ends before it begins", service(func(s *catalogue.Service) { s.Documents[0].ValidTo = "2025-12-31" }), "/documents/0/validTo", "order", always},
	{"unprotected file", service(func(s *catalogue.Service) { s.Conditions[0].Files[0].URL = "http://www.comune.prato.it/" }), "/conditions/0/files/0/url", "https", portal},
	{"CIG in small letters", service(func(s *catalogue.Service) { s.Concessions[0].CIG = "z123456789" }), "/concessions/0/cig", "cig", always},
	{"CIG of nine", service(func(s *catalogue.Service) { s.Concessions[0].CIG = "Z12345678" }), "/concessions/0/cig", "cig", always},
	{"concession ends before it begins", service(func(s *catalogue.Service) { s.Concessions[0].To = "2019-12-31" }), "/concessions/0/to", "order", always},
	{"unprotected contract", service(func(s *catalogue.Service) { s.Concessions[0].URL = "http://www.comune.prato.it/" }), "/concessions/0/url", "https", portal},
	{"participation of nobody", service(func(s *catalogue.Service) { s.Participations[1].Office = "" }), "/participations/1/organisation", "required", always},
	{"participation of an organisation and an office", service(func(s *catalogue.Service) { s.Participations[1].Organisation = "a/b" }), "/participations/1/office", "exclusive", always},
	{"oldest below the youngest", service(func(s *catalogue.Service) { *s.MinAge, *s.MaxAge = 18, 17 }), "/maxAge", "order", always},
	{"of one age", service(func(s *catalogue.Service) { *s.MinAge, *s.MaxAge = 18, 18 }), "/maxAge", "", none},
	{"older than anybody", service(func(s *catalogue.Service) { *s.MaxAge = 151 }), "/maxAge", "range", always},
	{"capacity ends before it begins", service(func(s *catalogue.Service) { s.Capacity.To = "2025-12-31" }), "/capacity/to", "order", always},
	{"nothing left of a capacity", service(func(s *catalogue.Service) { *s.Capacity.Available = 0 }), "/capacity/available", "", none},
	{"capacity without a number", service(func(s *catalogue.Service) { s.Capacity.Available = nil }), "/capacity/available", "required", always},
	{"unprotected place to look instead", notOffered(func(s *catalogue.Service) { s.NotOffered.SeeURL = "http://www.comune.prato.it/" }), "/notOffered/seeUrl", "https", portal},
	{"not offered, and nobody who does", notOffered(func(s *catalogue.Service) { s.NotOffered.OfferedBy = "" }), "/notOffered", "not_offered", portal},
	{"not offered, but a service that is", notOffered(func(s *catalogue.Service) { s.NotOffered.OfferedBy, s.NotOffered.SeeService = "", "asl/visita" }), "/notOffered", "", none},
	{"not offered, and how to get it left out", notOffered(func(*catalogue.Service) {}), "/connections", "", none},
	{"not offered and active", notOffered(func(s *catalogue.Service) { s.Status = "active" }), "/status", "exclusive", always},
	{"not offered, without a summary", notOffered(func(s *catalogue.Service) { s.Summary = nil }), "/summary", "missing", public},
	{"signatures without a signature", service(func(s *catalogue.Service) { s.Connections[0].Inline.RequiresSignature = false }), "/connections/0/inline/requiresSignature", "required", always},
	{"unprotected statement", service(func(s *catalogue.Service) {
		s.Connections[0].Inline.Accessibility.StatementURL = "http://www.comune.prato.it/"
	}), "/connections/0/inline/accessibility/statementUrl", "https", portal},
	{"unprotected booking of a connection", service(func(s *catalogue.Service) { s.Connections[2].BookingURL = "http://www.comune.prato.it/" }), "/connections/2/bookingUrl", "https", portal},
	{"channel that leads nowhere, but the connection does", service(func(s *catalogue.Service) {
		s.Connections[1].Inline, s.Connections[1].Offices = &catalogue.Inline{Access: catalogue.Access{Type: "01"}}, []string{"a/b"}
	}), "/connections/1/inline", "", none},
	{"contact of a connection's own", service(func(s *catalogue.Service) { s.Connections[2].Contacts[0].Entries[1].Value = "mai" }), "/connections/2/contacts/0/entries/1/value", "contact_value", always},

	{"phone without its prefix", service(func(s *catalogue.Service) { s.Contacts[0].Entries[0].Value = "0574 1836096" }), "/contacts/0/entries/0/value", "phone_prefix", hint},
	{"phone with brackets and without its prefix", service(func(s *catalogue.Service) { s.Contacts[0].Entries[0].Value = "(0574) 1836096" }), "/contacts/0/entries/0/value", "phone_prefix", hint},
	{"phone of a channel without its prefix", service(func(s *catalogue.Service) { s.Connections[1].Inline.Contacts[0].Entries[0].Value = "0574 1836096" }), "/connections/1/inline/contacts/0/entries/0/value", "phone_prefix", hint},
	{"mobile without its prefix", service(func(s *catalogue.Service) {
		s.Contacts[0].Entries[0].Type, s.Contacts[0].Entries[0].Value = "mobile", "333 1234567"
	}), "/contacts/0/entries/0/value", "phone_prefix", hint},
	{"phone with zeros for a plus", service(func(s *catalogue.Service) { s.Contacts[0].Entries[0].Value = "0039 0574 1836096" }), "/contacts/0/entries/0/value", "", none},
	{"short number", service(func(s *catalogue.Service) { s.Contacts[0].Entries[0].Value = "112" }), "/contacts/0/entries/0/value", "", none},
	{"freephone, which only Italy can dial", service(func(s *catalogue.Service) {
		s.Contacts[0].Entries[0].Type, s.Contacts[0].Entries[0].Value = "freephone", "800 12 34 56"
	}), "/contacts/0/entries/0/value", "", none},
	{"phone that has no number", service(func(s *catalogue.Service) { s.Contacts[0].Entries[0].Value = "" }), "/contacts/0/entries/0/value", "required", always},

	{"channel without a type", channel(func(c *catalogue.Channel) { c.Type = "" }), "/type", "required", always},
	{"shared channel that leads nowhere", channel(func(c *catalogue.Channel) {
		c.AccessURL, c.BookingURL, c.Offices, c.Places, c.Contacts = "", "", nil, nil, nil
	}), "", "channel_target", portal},
	{"shared channel with a contact alone", channel(func(c *catalogue.Channel) { c.AccessURL, c.BookingURL, c.Offices, c.Places = "", "", nil, nil }), "", "", none},
	{"shared application without an identity", channel(func(c *catalogue.Channel) { c.Identities = nil }), "/identities", "authentication", portal},
	{"shared counter without an identity", channel(func(c *catalogue.Channel) { c.Type, c.Identities = "01.1.1", nil }), "/identities", "", none},
	{"shared signatures without a signature", channel(func(c *catalogue.Channel) { c.RequiresSignature = false }), "/requiresSignature", "required", always},
	{"unprotected shared channel", channel(func(c *catalogue.Channel) { c.AccessURL = "http://www.comune.prato.it/" }), "/accessUrl", "https", portal},
	{"unprotected booking of a shared channel", channel(func(c *catalogue.Channel) { c.BookingURL = "http://www.comune.prato.it/" }), "/bookingUrl", "https", portal},
	{"unprotected statement of a shared channel", channel(func(c *catalogue.Channel) { c.Accessibility.StatementURL = "http://www.comune.prato.it/" }), "/accessibility/statementUrl", "https", portal},

	{"procedure without a word", procedure(func(p *catalogue.Procedure) { p.Summary, p.Description = nil, nil }), "/description", "missing", public},
	{"procedure closed without a reason", procedure(func(p *catalogue.Procedure) { p.StatusReason = nil }), "/statusReason", "status_reason", public},
	{"procedure on no act", procedure(func(p *catalogue.Procedure) { p.LegalBasis = nil }), "/legalBasis", "missing", portal},
	{"procedure of no office", procedure(func(p *catalogue.Procedure) { p.ResponsibleOffice = "" }), "/responsibleOffice", "missing", portal},
	{"procedure without a term", procedure(func(p *catalogue.Procedure) { p.Term = nil }), "/term", "missing", portal},
	{"procedure without remedies", procedure(func(p *catalogue.Procedure) { p.Remedies = nil }), "/remedies", "missing", portal},
	{"procedure without a substitute power", procedure(func(p *catalogue.Procedure) { p.SubstitutePower = nil }), "/substitutePower", "missing", portal},
	{"procedure without steps", procedure(func(p *catalogue.Procedure) { p.Steps = nil }), "/steps", "missing", portal},
	{"evidence code of a procedure that stands twice", procedure(func(p *catalogue.Procedure) { p.Evidence = append(p.Evidence, p.Evidence[0]) }), "/evidence/1/code", "unique", always},
	{"form ends before it begins", procedure(func(p *catalogue.Procedure) { p.Forms[0].ValidTo = "2025-12-31" }), "/forms/0/validTo", "order", always},
	{"unprotected document of a procedure", procedure(func(p *catalogue.Procedure) { p.Documents[0].Files[0].URL = "http://www.comune.prato.it/" }), "/documents/0/files/0/url", "https", portal},
	{"cost of a procedure with a comma", procedure(func(p *catalogue.Procedure) { p.Costs[0].Amount = "22,21" }), "/costs/0/amount", "amount", always},
	{"other term ends before it begins", procedure(func(p *catalogue.Procedure) { p.OtherTerms[0].To = "2025-12-31" }), "/otherTerms/0/to", "order", always},
	{"unprotected tracking", procedure(func(p *catalogue.Procedure) { p.TrackingURL = "http://www.comune.prato.it/" }), "/trackingUrl", "https", portal},
	{"unprotected procedure", procedure(func(p *catalogue.Procedure) { p.OnlineURL = "http://www.comune.prato.it/" }), "/onlineUrl", "https", portal},
	{"contact of the substitute power", procedure(func(p *catalogue.Procedure) { p.SubstitutePower.Contacts[0].Entries[1].Value = "mai" }), "/substitutePower/contacts/0/entries/1/value", "contact_value", always},
	{"step without a name", procedure(func(p *catalogue.Procedure) { p.Steps[0].Title = nil }), "/steps/0/title", "required", always},
	{"step that lasts no time", procedure(func(p *catalogue.Procedure) { p.Steps[0].Duration = "P" }), "/steps/0/duration", "period", always},
	{"unprotected step", procedure(func(p *catalogue.Procedure) { p.Steps[0].URL = "http://www.comune.prato.it/" }), "/steps/0/url", "https", portal},

	{"holiday set without days", holidaySet(func(h *catalogue.HolidaySet) { h.Days = nil }), "/days", "missing", public},
	{"holiday on no day", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Day = "settembre" }), "/days/0/day", "holiday_day", always},
	{"holiday on the 30th of February", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Day = "02-30" }), "/days/0/day", "holiday_day", always},
	{"holiday on the 29th of February", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Day = "02-29" }), "/days/0/day", "", none},
	{"holiday after Easter", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Day = "easter+60" }), "/days/0/day", "", none},
	{"holiday too long after Easter", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Day = "easter+71" }), "/days/0/day", "holiday_day", always},
	{"holiday without a name", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Name = nil }), "/days/0/name", "required", always},
	{"holiday ends before it begins", holidaySet(func(h *catalogue.HolidaySet) { h.Days[0].Until = 2019 }), "/days/0/until", "order", always},

	{"own holiday set named twice", timetable(func(d *catalogue.Timetable) { d.OwnHolidaySets = append(d.OwnHolidaySets, d.OwnHolidaySets...) }), "/ownHolidaySets", "unique", always},
	{"own holiday sets without a policy", timetable(func(d *catalogue.Timetable) { d.HolidaySets, d.HolidayPolicy, d.HolidaySlots = nil, "", nil }), "/holidayPolicy", "required", always},
	{"policy for own holiday sets alone", timetable(func(d *catalogue.Timetable) { d.HolidaySets = nil }), "/holidaySets", "", none},
	{"policy for no holidays", timetable(func(d *catalogue.Timetable) { d.HolidaySets, d.OwnHolidaySets = nil, nil }), "/holidaySets", "required", always},
	{"too many exceptions", timetable(func(d *catalogue.Timetable) { d.Exceptions = make([]hours.Exception, 20_001) }), "/exceptions", "too_many", always},

	{"proof of payment without a word on the price", service(func(s *catalogue.Service) {
		s.Evidence[0].Type, s.CostsText, s.Costs, s.Connections = "PAYMENTDEC", nil, nil, s.Connections[1:2]
	}), "/costsText", "missing", portal},
	{"price without how to pay", service(func(s *catalogue.Service) {
		s.CostsText, s.Costs, s.Connections = nil, []catalogue.Cost{{Amount: "5", Currency: "EUR"}}, s.Connections[1:2]
	}), "/costsText", "missing", portal},
	{"free, and nothing more to say", service(func(s *catalogue.Service) {
		s.CostsText, s.Costs, s.Connections = nil, []catalogue.Cost{{Free: true}}, s.Connections[1:2]
	}), "/costsText", "", none},
	{"link to an example", service(func(s *catalogue.Service) { s.Links[0].URL = "https://www.example.com/a" }), "/links/0/url", "public_address", portal},
	{"link to the writer's own machine", service(func(s *catalogue.Service) { s.Links[0].URL = "https://localhost:8080/" }), "/links/0/url", "public_address", portal},
	{"link to a private network", service(func(s *catalogue.Service) { s.Links[0].URL = "https://10.1.2.3/" }), "/links/0/url", "public_address", portal},
	{"link to the loopback of IPv6", service(func(s *catalogue.Service) { s.Links[0].URL = "https://[::1]/" }), "/links/0/url", "public_address", portal},
	{"link to a name without a dot", service(func(s *catalogue.Service) { s.Links[0].URL = "https://intranet/" }), "/links/0/url", "public_address", portal},
	{"link to a public address", service(func(s *catalogue.Service) { s.Links[0].URL = "https://93.184.216.34/" }), "/links/0/url", "", none},
	{"link to a name that only ends like an example", service(func(s *catalogue.Service) { s.Links[0].URL = "https://myexample.com/" }), "/links/0/url", "", none},
	{"placeholder in brackets", service(func(s *catalogue.Service) { s.NeededText = lang.Of("Portare il modulo [da definire] e la foto.") }), "/neededText/it", "placeholder", public},
	{"placeholder in a step that nobody looks at", procedure(func(p *catalogue.Procedure) { p.Steps[0].Text = lang.Of("TODO: chiedere all'ufficio") }), "/steps/0/text/it", "placeholder", public},
	{"placeholder that asks for a text", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Inserire testo qui") }), "/howTo/it", "placeholder", public},
	{"people who are to insert a text", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Nel modulo si può inserire un testo libero.") }), "/howTo/it", "", none},
	{"what a quotation leaves out", service(func(s *catalogue.Service) { s.HowTo = lang.Of("«Il Comune [...] decide entro 30 giorni (…).»") }), "/howTo/it", "", none},
	{"ellipsis", service(func(s *catalogue.Service) { s.HowTo = lang.Of("…") }), "/howTo/it", "placeholder", public},
	{"crosses", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Telefonare allo 0574 xxxx.") }), "/howTo/it", "placeholder", public},
	{"Roman thirty", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Iscriversi alla XXX edizione.") }), "/howTo/it", "", none},
	{"form that must be filled in", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Portare il modulo da definire insieme.") }), "/howTo/it", "", none},
	{"Spanish for all", service(func(s *catalogue.Service) { s.HowTo["es"] = "Reservar todo en línea." }), "/howTo/es", "", none},
	{"title in capitals", service(func(s *catalogue.Service) { s.Title = lang.Of("ISCRIZIONE ALL'ASILO NIDO") }), "/title/it", "all_caps", hint},
	{"title of acronyms", service(func(s *catalogue.Service) { s.Title = lang.Of("ISEE, TARI, IMU") }), "/title/it", "", none},
	{"summary that is the title", service(func(s *catalogue.Service) { s.Summary = lang.Of(" " + s.Title["it"] + ".") }), "/summary/it", "repeats_title", hint},
	{"English that is Italian", service(func(s *catalogue.Service) {
		s.HowTo["en"] = "Per la carta si deve andare allo sportello con una foto e con il documento."
	}), "/howTo/en", "wrong_language", hint},
	{"English with an Italian name in it", service(func(s *catalogue.Service) {
		s.HowTo["en"] = "Go to the Ufficio per le Relazioni con il Pubblico with a photo of yourself and your old card."
	}), "/howTo/en", "", none},
	{"hard to read", service(func(s *catalogue.Service) {
		s.HowTo = lang.Of(strings.Repeat("considerazione straordinariamente particolareggiata ", 9))
	}), "/howTo/it", "readability", hint},
	{"too short to be judged", service(func(s *catalogue.Service) {
		s.HowTo = lang.Of(strings.Repeat("considerazione straordinariamente particolareggiata ", 5))
	}), "/howTo/it", "", none},
	{"words of offices", service(func(s *catalogue.Service) { s.HowTo = lang.Of("Ottemperando alla norma, inviare un'istanza.") }), "/howTo/it", "plain_words", hint},
	{"words of offices where the source is told", service(func(s *catalogue.Service) { s.RightsNote = lang.Of("Ai sensi della legge.") }), "/rightsNote/it", "", none},

	{"office summary missing", office(func(o *catalogue.Office) { o.Summary = nil }), "/summary", "missing", portal},
	{"office type missing", office(func(o *catalogue.Office) { o.Type = "" }), "/type", "missing", portal},
	{"office competences missing", office(func(o *catalogue.Office) { o.Competences = nil }), "/competences", "missing", portal},
	{"office places missing", office(func(o *catalogue.Office) { o.Places = nil }), "/places", "missing", portal},
	{"office contacts missing", office(func(o *catalogue.Office) { o.Contacts = nil }), "/contacts", "missing", portal},
	{"office booking unprotected", office(func(o *catalogue.Office) { o.BookingURL = "http://www.comune.prato.it/" }), "/bookingUrl", "https", portal},
	{"office closed without a reason", office(func(o *catalogue.Office) { o.StatusReason = nil }), "/statusReason", "status_reason", public},
	{"office contact malformed", office(func(o *catalogue.Office) { o.Contacts[0].Entries[1].Value = "nessuno@" }), "/contacts/0/entries/1/value", "contact_value", always},

	{"place summary missing", aPlace(func(p *catalogue.Place) { p.Summary = nil }), "/summary", "missing", portal},
	{"place type missing", aPlace(func(p *catalogue.Place) { p.Type = "" }), "/type", "missing", portal},
	{"place address missing", aPlace(func(p *catalogue.Place) { p.Address = nil }), "/address", "missing", portal},
	{"place point missing", aPlace(func(p *catalogue.Place) { p.Point = nil }), "/point", "missing", portal},
	{"place access missing", aPlace(func(p *catalogue.Place) { p.Access = nil }), "/access", "missing", portal},
	{"place on the equator", aPlace(func(p *catalogue.Place) { *p.Point.Lat = 0 }), "/point/lat", "", none},
	{"place beyond the pole", aPlace(func(p *catalogue.Place) { *p.Point.Lat = 90.1 }), "/point/lat", "range", always},
	{"place without a latitude", aPlace(func(p *catalogue.Place) { p.Point.Lat = nil }), "/point/lat", "required", always},

	{"place with its coordinates swapped", aPlace(func(p *catalogue.Place) { *p.Point.Lat, *p.Point.Lon = 11.09, 43.88 }), "/point", "swapped", always},
	{"place far away, whichever way round", aPlace(func(p *catalogue.Place) { *p.Point.Lat, *p.Point.Lon = 40.7, -74 }), "/point", "", none},
	{"picture of a place unprotected", aPlace(func(p *catalogue.Place) { p.Image.URL = "http://www.comune.prato.it/" }), "/image/url", "https", portal},

	{"publisher summary missing", publisher(func(p *catalogue.Publisher) { p.Summary = nil }), "/summary", "missing", portal},
	{"publisher type missing", publisher(func(p *catalogue.Publisher) { p.Type = "" }), "/type", "missing", public},
	{"publisher contacts missing", publisher(func(p *catalogue.Publisher) { p.Contacts, p.Website = nil, "" }), "/contacts", "missing", portal},
	{"publisher website unprotected", publisher(func(p *catalogue.Publisher) { p.Website = "http://www.comune.prato.it/" }), "/website", "https", portal},
}

// service changes a service that can be had.
func service(change func(*catalogue.Service)) catalogue.Document {
	s := cataloguetest.Service()
	s.NotOffered = nil
	change(s)
	return s
}

// notOffered changes a service that cannot be had here, of which nothing is said but that.
func notOffered(change func(*catalogue.Service)) catalogue.Document {
	s := &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Passaporto"), Summary: lang.Of("Rilascio del passaporto.")}}
	s.NotOffered = &catalogue.NotOffered{Reason: lang.Of("Lo rilascia la questura."), OfferedBy: "questura/questura"}
	change(s)
	return s
}

func channel(change func(*catalogue.Channel)) catalogue.Document {
	c := cataloguetest.Channel()
	change(c)
	return c
}

func procedure(change func(*catalogue.Procedure)) catalogue.Document {
	p := cataloguetest.Procedure()
	change(p)
	return p
}

func holidaySet(change func(*catalogue.HolidaySet)) catalogue.Document {
	h := cataloguetest.HolidaySet()
	change(h)
	return h
}

func timetable(change func(*catalogue.Timetable)) catalogue.Document {
	d := cataloguetest.Timetable()
	change(d)
	return d
}

func office(change func(*catalogue.Office)) catalogue.Document {
	o := cataloguetest.Office()
	change(o)
	return o
}

func aPlace(change func(*catalogue.Place)) catalogue.Document {
	p := cataloguetest.Place()
	change(p)
	return p
}

func publisher(change func(*catalogue.Publisher)) catalogue.Document {
	p := cataloguetest.Publisher()
	change(p)
	return p
}

func TestCheckFindsWhatEachLevelAsksFor(t *testing.T) {
	for _, test := range ruleTests {
		t.Run(test.name, func(t *testing.T) {
			for level, want := range map[catalogue.Level]catalogue.Severity{
				catalogue.LevelDraft: test.want.draft, catalogue.LevelPublish: test.want.publish, catalogue.LevelPortal: test.want.portal,
			} {
				var findings catalogue.Findings
				catalogue.Check(test.doc, level, &findings)
				i := slices.IndexFunc(findings, func(f catalogue.Finding) bool { return string(f.Pointer) == test.at })
				if i < 0 {
					if want != "" {
						t.Errorf("%s: got nothing at %s, want %s %s", level, test.at, want, test.rule)
					}
					continue
				}
				if got := findings[i]; got.Severity != want || got.Rule != test.rule {
					t.Errorf("%s: got %s %s at %s, want %s %s", level, got.Severity, got.Rule, test.at, want, test.rule)
				}
				for _, tag := range lang.Spoken {
					if got := string(wording(findings, tag)); strings.Contains(got, "%!") || strings.Contains(got, "%[") {
						t.Errorf("%s: got a sentence without its arguments: %s", level, got)
					}
				}
			}
		})
	}
}

func TestCompleteSamplesMeetEveryLevel(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		for _, level := range catalogue.Levels {
			var findings catalogue.Findings
			catalogue.Check(cataloguetest.Sample(kind), level, &findings)
			if len(findings) > 0 {
				t.Errorf("%s at level %s: got findings, want none:\n%s", kind, level, wording(findings, lang.English))
			}
		}
	}
}

func TestEachLevelHasItsLeastDocument(t *testing.T) {
	const head = `"title": {"it": "Carta"}`
	for _, test := range []struct {
		kind  catalogue.Kind
		level catalogue.Level
		body  string
	}{
		{catalogue.KindService, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindService, catalogue.LevelPublish, `{` + head + `, "summary": {"it": "Rilascio"}, "categories": ["6"], "status": "active",
			"howTo": {"it": "Prenotare"}}`},
		{catalogue.KindService, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Rilascio"}, "categories": ["6"], "status": "active",
			"howTo": {"it": "Prenotare"}, "topics": ["anagrafe"], "interactivity": "NONE", "audiences": ["citizen"],
			"evidence": [{"title": {"it": "Una foto"}}], "outputs": [{"title": {"it": "La carta"}}], "processingTime": {"max": "P6D"},
			"connections": [{"inline": {"type": "01.1.1", "offices": ["prato-comune/a"]}, "noDigitalReason": {"it": "Impronte"}}],
			"conditions": [{"title": {"it": "Condizioni"}, "files": [{"url": "https://www.comune.prato.it/a"}]}], "responsibleOffice": "prato-comune/a"}`},
		{catalogue.KindOffice, catalogue.LevelPublish, `{` + head + `}`},
		{catalogue.KindOffice, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Anagrafe"}, "type": "office",
			"competences": {"it": "Certificati"}, "places": ["prato-comune/p"],
			"contacts": [{"entries": [{"type": "phone", "value": "0574 1836096"}]}]}`},
		{catalogue.KindTimetable, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindTimetable, catalogue.LevelPortal, `{` + head + `, "alwaysOpen": true}`},
		{catalogue.KindHolidaySet, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindHolidaySet, catalogue.LevelPortal, `{` + head + `, "days": [{"name": {"it": "Fiera"}, "day": "09-08"}]}`},
		{catalogue.KindChannel, catalogue.LevelPublish, `{` + head + `, "type": "02.2"}`},
		{catalogue.KindChannel, catalogue.LevelPortal, `{` + head + `, "type": "02.2", "accessUrl": "https://www.comune.prato.it", "identities": ["2FA"]}`},
		{catalogue.KindProcedure, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindProcedure, catalogue.LevelPublish, `{` + head + `, "summary": {"it": "Come"}}`},
		{catalogue.KindProcedure, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Come"}, "legalBasis": [{"title": {"it": "Legge"}}],
			"responsibleOffice": "prato-comune/a", "term": {"max": "P30D"}, "remedies": {"it": "Ricorso"},
			"substitutePower": {"holder": {"it": "Il segretario"}}, "steps": [{"title": {"it": "Richiesta"}}]}`},
		{catalogue.KindPlace, catalogue.LevelPublish, `{` + head + `}`},
		{catalogue.KindPlace, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "La sede"}, "type": "town_hall",
			"address": {"city": "Prato"}, "point": {"lat": 0, "lon": 0}, "access": {"it": "A piedi"}}`},
		{catalogue.KindPublisher, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindPublisher, catalogue.LevelPublish, `{` + head + `, "type": "municipality"}`},
		{catalogue.KindPublisher, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Il Comune"}, "type": "municipality",
			"website": "https://www.comune.prato.it"}`},
	} {
		_, findings := read(t, test.kind, []byte(test.body), test.level)
		if findings.HasErrors() {
			t.Errorf("%s at level %s: got errors %v, want none", test.kind, test.level, places(findings, catalogue.SeverityError))
		}
	}
}

func TestFormatsTakeWhatPeopleWriteAndNothingElse(t *testing.T) {
	for _, test := range []struct {
		rule      string
		put       func(*catalogue.Service, string)
		good, bad []string
	}{
		{
			"link", func(s *catalogue.Service, v string) { s.Links[0].URL = v },
			[]string{
				"https://example.org", "https://example.org:8443/a?b=c&d=%20#e", "https://www.normattiva.it/uri-res/N2Ls?urn:nir:stato:legge:1990;241",
				"https://è.example.org/città", "https://[2001:db8::1]/", "https://example.org/" + strings.Repeat("a", 1980),
			},
			[]string{
				"example.org", "//example.org", "/a", "mailto:a@example.org", "javascript:alert(1)", "https:", "https:///a", "https://a@example.org",
				"https://a:b@example.org", "https://exa mple.org", "https://example.org/a b", "https://example.org/\"><script>", "https://example.org/%zz",
				"https://example.org:port", "data:text/html,a", "https://example.org/" + strings.Repeat("a", 1981),
			},
		},
		{
			"date", func(s *catalogue.Service, v string) { s.Deadlines[0] = catalogue.Deadline{Title: lang.Of("a"), To: v} },
			[]string{"2026-01-01", "2024-02-29"},
			[]string{"2026-1-1", "2025-02-29", "01/01/2026", "2026", "2026-01-01T00:00:00Z", " 2026-01-01", "20260101", "domani"},
		},
		{
			"period", func(s *catalogue.Service, v string) { s.ProcessingTime.Max = v },
			[]string{"P30D", "P2W", "P1Y6M", "P1Y2M3DT4H5M", "PT48H", "PT30M", "P0D"},
			[]string{"P", "PT", "P1DT", "30D", "P30", "P1W2D", "P1.5D", "P-1D", "p30d", "PT1S", "P12345D", "P1D1Y"},
		},
		{
			"amount", func(s *catalogue.Service, v string) { s.Costs[0].Amount, s.Costs[0].AmountMax = v, "" },
			[]string{"0", "0.5", "22.21", "999999999.99"},
			[]string{"22,21", "-1", "+1", "01", ".5", "1.", "1.234", "1e3", "€ 5", "1 000", "1000000000", "gratis"},
		},
		{
			"currency", func(s *catalogue.Service, v string) { s.Costs[0].Currency = v },
			[]string{"EUR", "CHF"},
			[]string{"eur", "EURO", "€", "XYZ"},
		},
		{
			"slug", func(s *catalogue.Service, v string) { s.Slug = v },
			[]string{"a", "7", "carta-d-identita", strings.Repeat("a", 100), "01890a5d-ac96-774b-bcce-b302099a805"},
			[]string{
				"Carta", "carta_identita", "-a", "a-", "a--b", "città", "a b", "a/b", strings.Repeat("a", 101), "01890a5d-ac96-774b-bcce-b302099a8057",
				"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "a\n",
			},
		},
		{
			"one_of", func(s *catalogue.Service, v string) { s.ProcessingTime.Days = v },
			[]string{"calendar", "working", ""},
			[]string{"Working", "lavorativi"},
		},
		{
			"contact_value", func(s *catalogue.Service, v string) {
				s.Contacts[0].Entries[0].Type, s.Contacts[0].Entries[0].Value, _ = strings.Cut(v, "|")
			},
			[]string{
				"phone|112", "phone|+39 0574 1836096", "freephone|800 732 328", "mobile|(0574) 183-60.96", "fax|0574/183",
				"email|a@example.org", "pec|comune.prato@postacert.toscana.it", "website|https://example.org", "contact_form|http://example.org/a",
			},
			[]string{
				"phone|chiamare", "phone|1", "phone|+39 0574 1836096 interno 5", "email|a@example", "email|A <a@example.org>", "email|a b@example.org",
				"pec|@example.org", "website|www.example.org", "booking_page|prenota",
			},
		},
	} {
		for i, values := range [][]string{test.good, test.bad} {
			for _, v := range values {
				s := cataloguetest.Service()
				test.put(s, v)
				var findings catalogue.Findings
				catalogue.Check(s, catalogue.LevelDraft, &findings)
				got, want := places(findings, catalogue.SeverityError), i == 0
				if len(got) == 0 != want || !want && (len(got) != 1 || got[0].Rule != test.rule) {
					t.Errorf("%s %.60q: got errors %v, want valid %t", test.rule, v, got, want)
				}
			}
		}
	}
}

func TestNumbersWithoutAPrefixAreToldWithTheirs(t *testing.T) {
	for value, want := range map[string]string{
		"0574 1836096": "+39 0574 1836096", "(0574) 183-60.96": "+39 (0574) 183-60.96", "333 1234567": "+39 333 1234567",
	} {
		s := cataloguetest.Service()
		s.Contacts[0].Entries[0].Value = value
		var findings catalogue.Findings
		catalogue.Check(s, catalogue.LevelPortal, &findings)
		if len(findings) != 1 || !strings.Contains(findings.In(lang.English)[0].Expected, want) {
			t.Errorf("%s: got findings\n%swant one that expects %s", value, wording(findings, lang.English), want)
		}
	}
}

func TestGraverFindingsTakeThePlaceOfMilderOnes(t *testing.T) {
	doc, findings := read(t, catalogue.KindService, []byte(`{"title": {"it": "Carta"}}`), catalogue.LevelDraft)
	warnings := len(findings)
	findings.AddMissing("/responsibleOffice", cataloguetest.OfficeRef)
	findings.AddMissing("/responsibleOffice", cataloguetest.OfficeRef)
	catalogue.Check(doc, catalogue.LevelDraft, &findings)
	if got := len(findings); got != warnings {
		t.Errorf("got %d findings, want the %d there were, one of them graver", got, warnings)
	}
	want := []place{{"/responsibleOffice", "exists"}}
	if diff := cmp.Diff(want, places(findings, catalogue.SeverityError)); diff != "" {
		t.Errorf("errors mismatch (-want +got):\n%s", diff)
	}
}

func TestFindingsOfRequestsAndReferences(t *testing.T) {
	var findings catalogue.Findings
	if err := findings.Err(); err != nil {
		t.Errorf("no findings: got error %v, want none", err)
	}
	findings.AddUnpublished("/a", cataloguetest.OfficeRef, catalogue.LevelDraft)
	if err := findings.Err(); err != nil {
		t.Errorf("a warning: got error %v, want none", err)
	}
	findings.AddUnpublished("/b", cataloguetest.OfficeRef, catalogue.LevelPublish)
	findings.AddMissing("/c", cataloguetest.OfficeRef)
	if !findings.OnlyReferences() {
		t.Error("references alone: OnlyReferences is false, want true")
	}
	findings.AddSlugTaken("carta", "carta-2")
	if findings.OnlyReferences() {
		t.Error("references and a slug: OnlyReferences is true, want false")
	}
	findings.AddParameter("limit", "number", "", 1, 200)
	findings.AddParameter("lmit", "unknown_parameter", "limit", "lmit")
	findings.AddCycle("/parent", []string{"a", "b", "a"})
	doc := &catalogue.Place{Head: catalogue.Head{Title: lang.Text{"it": "Palazzo", "en": "Palace"}}}
	was := &catalogue.Place{Head: catalogue.Head{Title: lang.Text{"it": "Palazzi", "en": "Palace"}}}
	catalogue.Outdated(nil).Next(was, doc).Advise(doc, &findings)
	findings.AddCopied("/howTo/it", cataloguetest.ServiceRef, "/description")
	findings.AddRequired("/d")
	findings.AddTooLong("/e", 7)
	findings.AddBadReference("/f", "x")
	findings.AddOneOf("/g", "a, b")
	findings.AddSynonyms("/items/0", "more than 50 terms")
	findings.AddTooMany("/items", 5000)
	findings.AddRepeated("/list/1")
	findings.AddRange("/overlap", "P30D")
	catalogue.PublisherSettings{Name: "GIDA", AllowedOrigins: []string{"https://www.gida.it/"}, PublicShare: "100.01"}.Check(&findings)
	findings = append(findings, catalogue.NoteMissing([]string{"costs", "howTo"}))
	findings.AddMoment("/at")
	findings.AddPast("/until", time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC))
	findings.AddNowhere("/pointer")
	findings.Sort()
	for _, tag := range lang.Spoken {
		golden.Check(t, "findings."+string(tag), wording(findings, tag))
	}
	if got, want := findings.In(lang.English)[0].Parameter, "limit"; got != want {
		t.Errorf("parameter: got %q, want %q", got, want)
	}
	if got, want := findings.In(lang.Italian)[1].Help, catalogue.RulesPage+"#unknown_parameter"; got != want {
		t.Errorf("help: got %q, want %q", got, want)
	}
}

func TestEveryRuleIsTested(t *testing.T) {
	tested := map[string]bool{
		"slug_taken": true, "exists": true, "published": true, "cycle": true, "copied": true, "outdated": true, "synonyms": true, "origin": true, "note": true, "past": true, "nowhere": true, // TestFindingsOfRequestsAndReferences
		"too_short": true, // TestDecodeFindsNoCascade
		"locked":    true, // TestWhatIsLockedOnlyItsSourceMayChange
		"lockable":  true, // TestCustodyThatMakesNoSenseIsRefused
	}
	for _, list := range broken {
		for _, p := range list {
			tested[p.Rule] = true
		}
	}
	for _, test := range ruleTests {
		tested[test.rule] = true
	}
	for _, rule := range catalogue.GateRules {
		if rule.Level != "" && !tested[rule.Name] { // package api tests those of parameters
			t.Errorf("the rule %q is in no table of this package's tests", rule.Name)
		}
		delete(tested, rule.Name)
	}
	delete(tested, "")
	if len(tested) > 0 {
		t.Errorf("the tables name rules that are not declared: %v", slices.Sorted(maps.Keys(tested)))
	}
}
