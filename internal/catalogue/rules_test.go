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
	for _, name := range []string{"validate.go", "rules.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "rule") {
				return true
			}
			rule, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			rules = append(rules, rule)
			return true
		})
	}
	return rules
}

// apiRules are the rules of the parameters of requests, which package api names.
var apiRules = []string{
	"unknown_parameter", "once", "number", "instant", "days", "position", "query_syntax", "entity_tag", "cursor",
}

// hoursRules are the rules that package hours has and this package has not.
var hoursRules = []string{
	hours.RuleTime, hours.RuleMonthDay, hours.RuleOverlap, hours.RuleAmbiguous, hours.RuleNever, hours.RuleEmptyException,
	hours.RuleHolidaySet,
}

func TestEveryRuleHasItsSentencesAndNoOther(t *testing.T) {
	rules := slices.Concat(declaredRules(t), apiRules, hoursRules, []string{hours.RuleHolidayDay})
	if got, want := len(rules), 40; got < want {
		t.Fatalf("found %d rules in the sources, want at least %d: does this test still read them right?", got, want)
	}
	want := map[string]bool{}
	for _, rule := range rules {
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
	{"appointments without a place to book", timetable(func(d *catalogue.Timetable) { d.BookingURL = "" }), "/bookingUrl", "booking", severities{"advice", "advice", "advice"}},
	{"unprotected booking of a timetable", timetable(func(d *catalogue.Timetable) { d.BookingURL = "http://example.org/" }), "/bookingUrl", "https", portal},
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
	{"timing missing", service(func(s *catalogue.Service) { s.TimingText, s.Deadlines, s.ProcessingTime = nil, nil, nil }), "/timingText", "missing", portal},
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
	{"unprotected link", service(func(s *catalogue.Service) { s.Links[0].URL = "http://example.org/" }), "/links/0/url", "https", portal},
	{"unprotected link in capitals", service(func(s *catalogue.Service) { s.Links[0].URL = "HTTP://example.org/" }), "/links/0/url", "https", portal},
	{"unprotected channel", service(func(s *catalogue.Service) { s.Connections[0].Inline.AccessURL = "http://example.org/" }), "/connections/0/inline/accessUrl", "https", portal},
	{"unprotected booking", service(func(s *catalogue.Service) { s.Connections[0].Inline.BookingURL = "http://example.org/" }), "/connections/0/inline/bookingUrl", "https", portal},
	{"channel that leads nowhere", service(func(s *catalogue.Service) {
		s.Connections[1].Inline = &catalogue.Inline{Access: catalogue.Access{Type: "04"}}
	}), "/connections/1/inline", "channel_target", portal},
	{"counter without a digital alternative", service(func(s *catalogue.Service) {
		s.Connections[1].DigitalAlternative, s.Connections[1].NoDigitalReason = nil, nil
	}), "/connections/1/digitalAlternative", "digital_alternative", portal},
	{"counter that says why", service(func(s *catalogue.Service) { s.Connections[1].DigitalAlternative = nil }), "/connections/1/digitalAlternative", "", none},
	{"application without an identity", service(func(s *catalogue.Service) { s.Connections[0].Inline.Identities = nil }), "/connections/0/inline/identities", "authentication", portal},
	{"contact of a connection", service(func(s *catalogue.Service) { s.Connections[0].Inline.Contacts[0].Entries[0].Value = "mai" }), "/connections/0/inline/contacts/0/entries/0/value", "contact_value", always},

	{"office summary missing", office(func(o *catalogue.Office) { o.Summary = nil }), "/summary", "missing", portal},
	{"office type missing", office(func(o *catalogue.Office) { o.Type = "" }), "/type", "missing", portal},
	{"office competences missing", office(func(o *catalogue.Office) { o.Competences = nil }), "/competences", "missing", portal},
	{"office places missing", office(func(o *catalogue.Office) { o.Places = nil }), "/places", "missing", portal},
	{"office contacts missing", office(func(o *catalogue.Office) { o.Contacts = nil }), "/contacts", "missing", portal},
	{"office booking unprotected", office(func(o *catalogue.Office) { o.BookingURL = "http://example.org/" }), "/bookingUrl", "https", portal},
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

	{"publisher summary missing", publisher(func(p *catalogue.Publisher) { p.Summary = nil }), "/summary", "missing", portal},
	{"publisher type missing", publisher(func(p *catalogue.Publisher) { p.Type = "" }), "/type", "missing", public},
	{"publisher contacts missing", publisher(func(p *catalogue.Publisher) { p.Contacts, p.Website = nil, "" }), "/contacts", "missing", portal},
	{"publisher website unprotected", publisher(func(p *catalogue.Publisher) { p.Website = "http://example.org/" }), "/website", "https", portal},
}

func service(change func(*catalogue.Service)) catalogue.Document {
	s := cataloguetest.Service()
	change(s)
	return s
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
			"conditions": [{"title": {"it": "Condizioni"}, "url": "https://example.org/a"}], "responsibleOffice": "prato-comune/a"}`},
		{catalogue.KindOffice, catalogue.LevelPublish, `{` + head + `}`},
		{catalogue.KindOffice, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Anagrafe"}, "type": "office",
			"competences": {"it": "Certificati"}, "places": ["prato-comune/p"],
			"contacts": [{"entries": [{"type": "phone", "value": "0574 1836096"}]}]}`},
		{catalogue.KindTimetable, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindTimetable, catalogue.LevelPortal, `{` + head + `, "alwaysOpen": true}`},
		{catalogue.KindPlace, catalogue.LevelPublish, `{` + head + `}`},
		{catalogue.KindPlace, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "La sede"}, "type": "town_hall",
			"address": {"city": "Prato"}, "point": {"lat": 0, "lon": 0}, "access": {"it": "A piedi"}}`},
		{catalogue.KindPublisher, catalogue.LevelDraft, `{` + head + `}`},
		{catalogue.KindPublisher, catalogue.LevelPublish, `{` + head + `, "type": "municipality"}`},
		{catalogue.KindPublisher, catalogue.LevelPortal, `{` + head + `, "summary": {"it": "Il Comune"}, "type": "municipality",
			"website": "https://example.org"}`},
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
			"amount", func(s *catalogue.Service, v string) { s.Costs[0].Amount = v },
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
	findings.AddRequired("/d")
	findings.AddTooLong("/e", 7)
	findings.AddBadReference("/f", "x")
	findings.AddOneOf("/g", "a, b")
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
		"slug_taken": true, "exists": true, "published": true, // TestFindingsOfRequestsAndReferences
		"too_short": true, // TestDecodeFindsNoCascade
	}
	for _, list := range [][]place{brokenService, brokenOffice, brokenPlace, brokenTimetable, brokenPublisher} {
		for _, p := range list {
			tested[p.Rule] = true
		}
	}
	for _, test := range ruleTests {
		tested[test.rule] = true
	}
	for _, rule := range append(declaredRules(t), hoursRules...) {
		if !tested[rule] {
			t.Errorf("the rule %q is in no table of this package's tests", rule)
		}
		delete(tested, rule)
	}
	delete(tested, "")
	if len(tested) > 0 {
		t.Errorf("the tables name rules that are not declared: %v", slices.Sorted(maps.Keys(tested)))
	}
}
