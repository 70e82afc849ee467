package demo_test

import (
	"bufio"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

type row struct {
	Publisher string          `json:"publisher"`
	Kind      catalogue.Kind  `json:"kind"`
	Key       string          `json:"key"`
	Document  json.RawMessage `json:"document"`
	Publish   bool            `json:"publish"`
}

func rows(t *testing.T) []row {
	t.Helper()
	var all []row
	lines := bufio.NewScanner(demo.Rows())
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDocumentsCanBePublished(t *testing.T) {
	for _, r := range rows(t) {
		doc, findings, err := catalogue.Decode(r.Kind, r.Document)
		if err != nil {
			t.Fatalf("%s %s: %v", r.Kind, r.Key, err)
		}
		catalogue.Check(doc, catalogue.LevelPublish, &findings)
		for _, f := range findings {
			if f.Severity == catalogue.SeverityError {
				t.Errorf("%s %s: %s breaks the rule %s %v", r.Kind, r.Key, f.Pointer, f.Rule, f.Args)
			}
		}
		if got := catalogue.Encode(doc); got != string(r.Document) {
			t.Errorf("%s %s is not canonical (-canonical +row):\n%s", r.Kind, r.Key, cmp.Diff(got, string(r.Document)))
		}
		if doc.Common().Slug != "" {
			t.Errorf("%s %s has the slug %q, want none", r.Kind, r.Key, doc.Common().Slug)
		}
		if !r.Publish || !catalogue.ValidKey(r.Publisher) || !catalogue.ValidKey(r.Key) {
			t.Errorf("%s %s of %s: publish is %t, or the names are no keys", r.Kind, r.Key, r.Publisher, r.Publish)
		}
	}
}

func TestRowsNameEarlierRowsOnly(t *testing.T) {
	seen := map[catalogue.Ref]bool{}
	last := 0
	for _, r := range rows(t) {
		place := slices.Index(catalogue.Kinds, r.Kind)
		if place < last {
			t.Errorf("%s %s comes after a %s", r.Kind, r.Key, catalogue.Kinds[last])
		}
		last = place
		for _, reference := range catalogue.References(catalogue.MustDecode(r.Kind, string(r.Document))) {
			if !seen[reference.To] {
				t.Errorf("%s %s: %s names the %s %s, which is no earlier row", r.Kind, r.Key, reference.Pointer, reference.To.Kind, reference.To)
			}
		}
		self := catalogue.Ref{Kind: r.Kind, Publisher: r.Publisher, Key: r.Key}
		if seen[self] {
			t.Errorf("%s %s comes twice", r.Kind, self)
		}
		seen[self] = true
	}
}

func TestRowsOfEachKind(t *testing.T) {
	got := map[catalogue.Kind]int{}
	for _, r := range rows(t) {
		got[r.Kind]++
	}
	want := map[catalogue.Kind]int{
		catalogue.KindPublisher: 66, // 68 records, two of which are found twice
		catalogue.KindTimetable: 7,  // of the 15 offices with hours in words
		catalogue.KindPlace:     50, // 27 records and 23 addresses of offices
		catalogue.KindOffice:    32,
		catalogue.KindService:   97,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows mismatch (-want +got):\n%s", diff)
	}
}

func TestPublishers(t *testing.T) {
	publishers := demo.Publishers()
	if len(publishers) != 14 || publishers[0] != (demo.Publisher{Key: demo.Municipality, Name: "Comune di Prato"}) {
		t.Errorf("publishers %v, want 14 that begin with the municipality", publishers)
	}
	services := map[string]int{}
	for _, r := range rows(t) {
		if !slices.ContainsFunc(publishers, func(p demo.Publisher) bool { return p.Key == r.Publisher }) {
			t.Errorf("%s %s is of %s, which is no publisher", r.Kind, r.Key, r.Publisher)
		}
		if r.Kind == catalogue.KindService {
			services[r.Publisher]++
		}
	}
	for _, p := range publishers {
		if p.Name == "" || services[p.Key] == 0 {
			t.Errorf("%s has the name %q and %d services, want both", p.Key, p.Name, services[p.Key])
		}
	}
	if services[demo.Municipality] != 64 || services[demo.Utility] != 7 {
		t.Errorf("%d services of %s and %d of %s, want 64 and 7",
			services[demo.Municipality], demo.Municipality, services[demo.Utility], demo.Utility)
	}
}

func TestServicesAndOfficesAreInThreeLanguages(t *testing.T) {
	titles := map[catalogue.Kind]int{} // of those that are translated
	for _, r := range rows(t) {
		head := catalogue.MustDecode(r.Kind, string(r.Document)).Common()
		if head.Title[lang.English] != "" {
			titles[r.Kind]++
		}
		var texts []lang.Text
		switch r.Kind {
		case catalogue.KindService:
			texts = append([]lang.Text{head.Title, head.Summary}, head.AlternativeTitles...)
		case catalogue.KindOffice, catalogue.KindTimetable:
			texts = []lang.Text{head.Title}
		default: // proper names
		}
		for _, text := range texts {
			for _, tag := range []lang.Tag{lang.Italian, lang.English, lang.Chinese} {
				if text[tag] == "" {
					t.Errorf("%s %s: %v lacks %s", r.Kind, r.Key, text, tag)
				}
			}
		}
	}
	want := map[catalogue.Kind]int{
		catalogue.KindPublisher: 8, // the other names are proper ones
		catalogue.KindTimetable: 7,
		catalogue.KindOffice:    32,
		catalogue.KindService:   97,
	}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("translated titles mismatch (-want +got):\n%s", diff)
	}
}

func TestEveryServiceIsClassified(t *testing.T) {
	for _, r := range rows(t) {
		if r.Kind != catalogue.KindService {
			continue
		}
		facts := catalogue.FactsOf(catalogue.MustDecode(r.Kind, string(r.Document)))
		if len(facts.Categories) == 0 || len(facts.Topics) == 0 || len(facts.Audiences) == 0 || facts.Status == "" {
			t.Errorf("%s: %+v, want a status, a category, a topic and an audience", r.Key, facts)
		}
	}
}
