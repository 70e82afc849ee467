package catalogue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestAReviewIsDueAfterTheIntervalOfTheKind(t *testing.T) {
	reviewed := time.Date(2026, 8, 31, 14, 5, 0, 0, time.UTC)
	own := catalogue.Stewardship{Reviews: []catalogue.ReviewInterval{{Kind: "timetable", Months: 3}, {Kind: "service", Months: 24}}}
	for _, test := range []struct {
		name        string
		stewardship catalogue.Stewardship
		kind        catalogue.Kind
		want        string
	}{
		{"a service", catalogue.Stewardship{}, catalogue.KindService, "2027-08-31"},
		{"hours, which change sooner", catalogue.Stewardship{}, catalogue.KindTimetable, "2027-03-03"},
		{"an office, which has contacts", catalogue.Stewardship{}, catalogue.KindOffice, "2027-03-03"},
		{"hours, as the publisher says", own, catalogue.KindTimetable, "2026-12-01"},
		{"a service, as the publisher says", own, catalogue.KindService, "2028-08-31"},
		{"a place, of which the publisher says nothing", own, catalogue.KindPlace, "2027-08-31"},
	} {
		if got := test.stewardship.ReviewBy(test.kind, reviewed); got.Format(time.RFC3339) != test.want+"T00:00:00Z" {
			t.Errorf("%s: got %v, want the day %s", test.name, got, test.want)
		}
	}
}

func TestStewardshipThatMakesNoSenseIsRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		s    catalogue.Stewardship
		want []string
	}{
		{"nothing", catalogue.Stewardship{}, nil},
		{"archiving at the bounds", catalogue.Stewardship{ArchiveAfterMonths: 3, Reviews: []catalogue.ReviewInterval{{Kind: "service", Months: 60}, {Kind: "place", Months: 1}}}, nil},
		{"archiving before anybody was told", catalogue.Stewardship{ArchiveAfterMonths: 2}, []string{"/archiveAfterMonths range"}},
		{"archiving before it is due", catalogue.Stewardship{ArchiveAfterMonths: -1}, []string{"/archiveAfterMonths range"}},
		{"archiving in a lifetime", catalogue.Stewardship{ArchiveAfterMonths: 121}, []string{"/archiveAfterMonths range"}},
		{
			"an unknown kind, a kind twice, never and too late",
			catalogue.Stewardship{Reviews: []catalogue.ReviewInterval{{Kind: "journey", Months: 1}, {Kind: "office", Months: 0}, {Kind: "office", Months: 61}}},
			[]string{"/reviews/0/kind one_of", "/reviews/1/months range", "/reviews/2/kind duplicate", "/reviews/2/months range"},
		},
	} {
		var findings catalogue.Findings
		test.s.Check(&findings)
		if diff := cmp.Diff(test.want, pointersAndRules(findings)); diff != "" {
			t.Errorf("%s: findings mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

// pointersAndRules lists findings in their order, each `/pointer rule`.
func pointersAndRules(findings catalogue.Findings) []string {
	var list []string
	for _, f := range findings {
		list = append(list, string(f.Pointer)+" "+f.Rule)
	}
	return list
}

func TestStewardshipIsReadBackAsItWasStored(t *testing.T) {
	s := catalogue.Stewardship{ArchiveAfterMonths: 6, Reviews: []catalogue.ReviewInterval{{Kind: "office", Months: 1}, {Kind: "service", Months: 2}}}
	got, err := catalogue.ParseStewardship(s.String())
	if diff := cmp.Diff(s, got); err != nil || diff != "" {
		t.Errorf("stewardship: %v, mismatch (-want +got):\n%s", err, diff)
	}
	l := catalogue.Locks{{Source: "crm", Pointers: []string{"/contacts", "/title/it"}}}
	locks, err := catalogue.ParseLocks(l.String())
	if diff := cmp.Diff(l, locks); err != nil || diff != "" {
		t.Errorf("locks: %v, mismatch (-want +got):\n%s", err, diff)
	}
	if got := catalogue.Locks(nil).String(); got != "" {
		t.Errorf("no locks: got %q, want nothing", got)
	}
	for _, stored := range []string{"{", `{"reviews":7}`} {
		if _, err := catalogue.ParseStewardship(stored); err == nil {
			t.Errorf("%s: got no error, want one", stored)
		}
	}
	if _, err := catalogue.ParseLocks("{}"); err == nil {
		t.Error("locks that are none: got no error, want one")
	}
}

func TestWhatIsLockedOnlyItsSourceMayChange(t *testing.T) {
	const before = `{"title": {"it": "Anagrafe", "en": "Registry"}, "contacts": [{"entries": [{"type": "phone", "value": "0574 1"}]}], "keywords": [{"it": "a/b"}]}`
	locks := catalogue.Locks{
		{Source: "crm", Pointers: []string{"/contacts/0/entries", "/title/en"}},
		{Source: "hr", Pointers: []string{"/responsible", "/contacts"}},
	}
	for _, test := range []struct {
		name, after, writer string
		want                []string
	}{
		{"the same", before, "portal", nil},
		{"something else", strings.Replace(before, "Anagrafe", "L'anagrafe", 1), "portal", nil},
		{"a locked text", strings.Replace(before, "Registry", "Office", 1), "portal", []string{"/title/en crm"}},
		{"a locked text, by its source", strings.Replace(before, "Registry", "Office", 1), "crm", nil},
		{"a locked text, taken away", strings.Replace(before, `, "en": "Registry"`, "", 1), "portal", []string{"/title/en crm"}},
		{"a locked field, added", before[:len(before)-1] + `, "responsible": {"it": "Rossi"}}`, "portal", []string{"/responsible hr"}},
		{"a locked field, added by its source", before[:len(before)-1] + `, "responsible": {"it": "Rossi"}}`, "hr", nil},
		{"within what two sources locked", strings.Replace(before, "0574 1", "0574 2", 1), "portal", []string{"/contacts/0/entries crm", "/contacts hr"}},
		{"within what two sources locked, by one", strings.Replace(before, "0574 1", "0574 2", 1), "crm", []string{"/contacts hr"}},
	} {
		from, _ := read(t, catalogue.KindOffice, []byte(before), catalogue.LevelDraft)
		to, _ := read(t, catalogue.KindOffice, []byte(test.after), catalogue.LevelDraft)
		var findings catalogue.Findings
		locks.Guard(from, to, test.writer, &findings)
		var got []string
		for _, f := range findings {
			if f.Rule != "locked" || f.Severity != catalogue.SeverityError {
				t.Errorf("%s: got the finding %v, want an error of the rule locked", test.name, f)
			}
			got = append(got, string(f.Pointer)+" "+f.Args[0].(string))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: refused places mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestCustodyThatMakesNoSenseIsRefused(t *testing.T) {
	lock := func(source string, pointers ...string) catalogue.Custody {
		return catalogue.Custody{Locks: []catalogue.Lock{{Source: source, Pointers: pointers}}}
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = "/contacts"
	}
	for _, test := range []struct {
		name    string
		custody catalogue.Custody
		want    []string
	}{
		{"nothing", catalogue.Custody{}, nil},
		{"an owner and a lock", catalogue.Custody{Owner: "Anagrafe", Locks: []catalogue.Lock{{Source: "crm", Pointers: []string{"/contacts/0", "/title/it"}}}}, nil},
		{"too long a name", catalogue.Custody{Owner: strings.Repeat("è", 256)}, []string{"/owner too_long"}},
		{"nobody's lock", lock(" ", "/contacts"), []string{"/locks/0/source required"}},
		{"a lock of nothing", lock("crm"), []string{"/locks/0/pointers required"}},
		{"what no document has", lock("crm", "/contact", "contacts", "", "/slug"), []string{
			"/locks/0/pointers/0 lockable", "/locks/0/pointers/1 lockable", "/locks/0/pointers/2 lockable", "/locks/0/pointers/3 lockable",
		}},
		{"too many", lock("crm", many...), []string{"/locks too_many"}},
	} {
		var findings catalogue.Findings
		test.custody.Check(catalogue.KindOffice, &findings)
		if diff := cmp.Diff(test.want, pointersAndRules(findings)); diff != "" {
			t.Errorf("%s: findings mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestReadersDoNotGetWhatIsHeldBack(t *testing.T) {
	const stored = `{"title":{"de":"Amt","en":"Office","it":"Ufficio"},"keywords":[{"en":"desk","it":"sportello"}],"heldBack":["en"]}`
	doc, err := catalogue.StoredPublic(catalogue.KindOffice, stored)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := catalogue.Encode(doc), `{"title":{"de":"Amt","it":"Ufficio"},"keywords":[{"it":"sportello"}],"heldBack":["en"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := catalogue.StoredPublic(catalogue.KindOffice, "{"); err == nil {
		t.Error("got no error for what was never stored, want one")
	}
}

func TestConcernsAreWhatAPublicDocumentLacks(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	const service = `"title": {"it": "Carta", "en": "Card"}, "summary": {"it": "Rilascio", "en": "Issue"}`
	finding := func(pointer catalogue.Pointer, rule string, level catalogue.Level, severity catalogue.Severity) catalogue.Findings {
		return catalogue.Findings{{Pointer: pointer, Rule: rule, Level: level, Severity: severity}}
	}
	for _, test := range []struct {
		name     string
		kind     catalogue.Kind
		body     string
		findings catalogue.Findings
		orphan   bool
		digital  bool // by a shared channel
		want     []string
	}{
		{name: "nothing", kind: catalogue.KindOffice, body: service},
		{name: "an owner", kind: catalogue.KindOffice, body: service, orphan: true, want: []string{"no_owner 2026-03-01"}},
		{name: "English", kind: catalogue.KindOffice, body: `"title": {"it": "Ufficio"}`, want: []string{"missing_translations 2026-03-01 en"}},
		{name: "the rest of a language", kind: catalogue.KindOffice, body: `"title": {"it": "Ufficio", "en": "Office", "de": "Amt"}, "summary": {"it": "Qui", "en": "Here"}`, want: []string{"missing_translations 2026-03-01 de"}},
		{name: "no translation of other names", kind: catalogue.KindOffice, body: service + `, "alternativeTitles": [{"it": "CIE"}], "keywords": [{"it": "carta"}]`},
		{
			name: "contacts", kind: catalogue.KindOffice, body: service, findings: finding("/contacts", "missing", "portal", "warning"),
			want: []string{"no_contacts 2026-03-01 /contacts"},
		},
		{
			name: "what a portal shows", kind: catalogue.KindOffice, body: service,
			findings: append(finding("/type", "missing", "portal", "warning"), finding("/links/0/url", "https", "portal", "warning")...),
			want:     []string{"incomplete 2026-03-01 /type /links/0/url"},
		},
		{name: "nothing that anybody must have", kind: catalogue.KindOffice, body: service, findings: finding("/title/it", "title_length", "portal", "advice")},
		{
			name: "a translation that is up to date", kind: catalogue.KindOffice, body: service, findings: finding("/title/en", "outdated", "portal", "advice"),
			want: []string{"outdated_translations 2026-03-01 /title/en"},
		},
		{
			name: "easy words", kind: catalogue.KindOffice, body: service, findings: finding("/summary/it", "readability", "portal", "advice"),
			want: []string{"hard_to_read 2026-03-01 /summary/it"},
		},
		{
			name: "a notice that still holds", kind: catalogue.KindOffice,
			body: service + `, "notices": [{"text": {"it": "Chiuso", "en": "Closed"}, "to": "2026-04-10"}, {"text": {"it": "Lavori", "en": "Works"}, "to": "2025-01-01"}, {"text": {"it": "Sempre", "en": "Always"}}]`,
			want: []string{"ended_notices 2026-03-01 /notices/0 /notices/1"},
		},
		{name: "validity, from the day after its end", kind: catalogue.KindService, body: service + `, "validTo": "2026-06-30"`, digital: true, want: []string{"ended_validity 2026-06-30 /validTo"}},
		{name: "an online way", kind: catalogue.KindService, body: service, want: []string{"no_online_way 2026-03-01"}},
		{name: "an online way of its own", kind: catalogue.KindService, body: service + `, "connections": [{"inline": {"type": "01.1.1"}}]`, want: []string{"no_online_way 2026-03-01"}},
		{name: "no online way: one of its own", kind: catalogue.KindService, body: service + `, "connections": [{"inline": {"type": "01.1.1"}}, {"inline": {"type": "02.2"}}]`},
		{name: "no online way: one that it shares", kind: catalogue.KindService, body: service + `, "connections": [{"channel": "p/c"}]`, digital: true},
		{name: "no online way: the reason why there is none", kind: catalogue.KindService, body: service + `, "connections": [{"inline": {"type": "01.1.1"}, "noDigitalReason": {"it": "Impronte", "en": "Fingerprints"}}]`},
		{name: "no online way: it is not offered", kind: catalogue.KindService, body: service + `, "notOffered": {"reason": {"it": "Altrove", "en": "Elsewhere"}}`},
		{
			name: "a way on", kind: catalogue.KindService, body: service + `, "notOffered": {"reason": {"it": "Altrove", "en": "Elsewhere"}}`,
			findings: finding("/notOffered", "not_offered", "portal", "warning"), want: []string{"not_offered_no_way_on 2026-03-01 /notOffered"},
		},
	} {
		doc, _ := read(t, test.kind, []byte("{"+test.body+"}"), catalogue.LevelDraft)
		var got []string
		for _, c := range catalogue.Concerns(doc, test.findings, at, !test.orphan, test.digital) {
			got = append(got, strings.Join(append([]string{string(c.Queue), c.Since.Format(time.DateOnly)}, c.Details...), " "))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("lacks %s: concerns mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestLikenessIsWhatPeopleWriteTheSame(t *testing.T) {
	likeness := func(title string) string {
		return catalogue.Likeness(&catalogue.Service{Head: catalogue.Head{Title: lang.Of(title)}})
	}
	for _, title := range []string{"Carta d’Identità", "carta d'identita'", "CARTA  D IDENTITÀ."} {
		if got, want := likeness(title), likeness("Carta d'identità"); got != want {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
	if likeness("Carta 2") == likeness("Carta 3") {
		t.Error("two numbers are the same")
	}
	if office := catalogue.Likeness(&catalogue.Office{Head: catalogue.Head{Title: lang.Of("Carta")}}); office == likeness("Carta") {
		t.Error("two kinds are the same")
	}
}

func TestEveryQueueHasItsSentences(t *testing.T) {
	for _, queue := range catalogue.Queues {
		for _, part := range []string{"title", "reason", "todo"} {
			if key := "queue." + string(queue) + "." + part; !lang.HasMessage(key) {
				t.Errorf("there is no message %s", key)
			}
		}
	}
}
