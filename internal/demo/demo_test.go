package demo_test

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
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
		catalogue.KindPublisher:  66, // 68 records, two of which are found twice
		catalogue.KindHolidaySet: 1,  // the patron's day, from no record
		catalogue.KindTimetable:  7,  // of the 15 offices with hours in words
		catalogue.KindPlace:      50, // 27 records and 23 addresses of offices
		catalogue.KindOffice:     32,
		catalogue.KindChannel:    4,
		catalogue.KindProcedure:  27,
		catalogue.KindService:    97,
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
		case catalogue.KindProcedure:
			texts = []lang.Text{head.Title, head.Summary}
		case catalogue.KindOffice, catalogue.KindHolidaySet, catalogue.KindTimetable, catalogue.KindChannel:
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
		catalogue.KindPublisher:  8, // the other names are proper ones
		catalogue.KindHolidaySet: 1,
		catalogue.KindTimetable:  7,
		catalogue.KindOffice:     32,
		catalogue.KindChannel:    4,
		catalogue.KindProcedure:  27,
		catalogue.KindService:    97,
	}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("translated titles mismatch (-want +got):\n%s", diff)
	}
}

// services are the documents of kind service, by reference.
func services(t *testing.T) map[string]*catalogue.Service {
	t.Helper()
	all := map[string]*catalogue.Service{}
	for _, r := range rows(t) {
		if s, ok := catalogue.MustDecode(r.Kind, string(r.Document)).(*catalogue.Service); ok {
			all[r.Publisher+"/"+r.Key] = s
		}
	}
	return all
}

func TestEveryServiceIsClassified(t *testing.T) {
	for at, s := range services(t) {
		if len(s.Categories) == 0 || len(s.Topics) == 0 || len(s.Audiences) == 0 || s.Status == "" || s.Type == "" || s.Flow == "" {
			t.Errorf("%s: want a status, a type, a flow, a category, a topic and an audience of %+v", at, s)
		}
	}
}

func TestSharedChannelsAreShared(t *testing.T) {
	users := map[string]int{}
	for at, s := range services(t) {
		for _, way := range s.Connections {
			if way.Channel == "" {
				continue
			}
			users[way.Channel]++
			if by, _, _ := strings.Cut(way.Channel, "/"); !strings.HasPrefix(at, by+"/") {
				t.Errorf("%s uses the channel %s of another publisher", at, way.Channel)
			}
		}
	}
	want := map[string]int{
		"prato-comune/prato-comune-pec": 7, "prato-comune/prato-comune-pua": 3,
		"consiag-servizi-comuni/consiag-servizi-comuni-sportelli": 3, "publiacqua/publiacqua-numero-verde": 5,
	}
	if diff := cmp.Diff(want, users); diff != "" {
		t.Errorf("services that use a shared channel mismatch (-want +got):\n%s", diff)
	}
}

func TestProceduresAreBehindServices(t *testing.T) {
	of := map[string]*catalogue.Service{}
	for _, s := range services(t) {
		for _, name := range s.Procedures {
			of[name] = s
		}
	}
	facts := map[string]int{}
	for _, r := range rows(t) {
		p, ok := catalogue.MustDecode(r.Kind, string(r.Document)).(*catalogue.Procedure)
		if !ok {
			continue
		}
		s := of[r.Publisher+"/"+r.Key]
		if s == nil {
			t.Errorf("no service names the procedure %s", r.Key)
			continue
		}
		if p.ResponsibleOffice != s.ResponsibleOffice || !cmp.Equal(p.Evidence, s.Evidence) || !cmp.Equal(p.Costs, s.Costs) {
			t.Errorf("%s: office, evidence or costs are not the service's", r.Key)
		}
		for fact, there := range map[string]bool{
			"steps": len(p.Steps) > 0, "term": p.Term != nil && p.Term.Max != "", "tacitConsent": p.TacitConsent != nil,
			"declarationInLieu": p.DeclarationInLieu != nil, "remedies": len(p.Remedies) > 0, "onlineUrl": p.OnlineURL != "",
			"substitutePower": p.SubstitutePower != nil,
		} {
			if there {
				facts[fact]++
			}
		}
	}
	want := map[string]int{"steps": 26, "term": 9, "tacitConsent": 3, "declarationInLieu": 1, "remedies": 1, "onlineUrl": 2}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("procedures with a fact mismatch (-want +got):\n%s", diff)
	}
}

func TestFactsOfServices(t *testing.T) {
	facts := map[string]int{}
	for _, s := range services(t) {
		facts["requirements"] += len(s.Requirements)
		for _, r := range s.Requirements {
			if len(r.Question) == 0 || r.ExpectedAnswer == "" {
				t.Errorf("the requirement %v has no question or no answer to it", r.Title)
			}
		}
		for _, d := range s.Deadlines {
			if d.To != "" || d.Offset != "" {
				facts["deadlines"]++
			}
		}
		for _, c := range s.Costs {
			if c.Type != "" || c.AmountMax != "" || c.Percentage != "" || len(c.PaymentMethods) > 0 {
				facts["costs"]++
			}
		}
		for _, e := range s.Evidence {
			if e.Type != "" {
				facts["evidence"]++
			}
		}
		for _, o := range s.Outputs {
			if o.Validity != "" {
				facts["validity"]++
			}
		}
		for fact, there := range map[string]bool{
			"age": s.MinAge != nil || s.MaxAge != nil, "processingTime": s.ProcessingTime != nil && s.ProcessingTime.Max+s.ProcessingTime.Typical != "",
			"administrativeTerm": s.AdministrativeTerm != nil, "ifNoReply": len(s.IfNoReply) > 0, "financialAdvantage": s.FinancialAdvantage != nil,
		} {
			if there {
				facts[fact]++
			}
		}
	}
	want := map[string]int{
		"requirements": 68, "age": 4, "deadlines": 25, "processingTime": 9, "administrativeTerm": 6, "ifNoReply": 3, "costs": 19, "evidence": 31,
		"financialAdvantage": 6, "validity": 10,
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("structured facts mismatch (-want +got):\n%s", diff)
	}
}

func TestPaymentDiffersByWay(t *testing.T) {
	permits := services(t)["consiag-servizi-comuni/ztl-residenti"]
	counter, machine := permits.Connections[0], permits.Connections[1]
	if counter.Channel == "" || len(counter.Costs) != 0 || len(permits.Costs) != 3 || len(machine.Costs) != 3 {
		t.Fatalf("%+v, want the costs at a shared counter and those at the machine", permits)
	}
	for i, c := range machine.Costs {
		if c.Amount != permits.Costs[i].Amount || len(permits.Costs[i].PaymentMethods) != 0 || !slices.Equal(c.PaymentMethods, []string{"payment_machine"}) {
			t.Errorf("at the machine: %+v, want %s by a payment machine", c, permits.Costs[i].Amount)
		}
	}
}

func TestCertificatesDifferByWay(t *testing.T) {
	certificates := services(t)["prato-comune/prato-s298"]
	online, post := certificates.Connections[0], certificates.Connections[5]
	if online.Evidence[0].Title[lang.Italian] != "SPID, CIE o CNS" || len(online.Requirements) != 0 || online.ProcessingTime.Max != "" {
		t.Errorf("online: %+v, want credentials instead of papers, for everybody, at once", online)
	}
	if len(post.Evidence) != 2 || len(post.Requirements) != 1 || post.ProcessingTime.Max != "P30D" {
		t.Errorf("by post: %+v, want a form and a copy of the identity card, a requirement and 30 days", post)
	}
}
