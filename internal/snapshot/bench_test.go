package snapshot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// sizes are how many services the benchmarks have.
var sizes = []int{100, 10_000}

// words make long texts of the length that real ones have.
const words = "La richiesta si presenta allo sportello o online con SPID, CIE o CNS; l'ufficio risponde entro trenta giorni. "

// benchService is a service of some 5 KB, as real ones are.
func benchService(i int) *catalogue.Service {
	categories, topics := []string{"1", "2", "3", "4", "5"}, []string{"acqua", "agricoltura", "anagrafe"}
	audiences, statuses := []string{"resident", "parent", "business", "elderly"}, []string{"active", "active", "active", "inactive"}
	text := lang.Text{lang.Italian: strings.Repeat(words, 7), lang.English: strings.Repeat("Apply at the counter or online. ", 12)}
	channel := "01.1.1"
	if i%3 == 0 {
		channel = "02"
	}
	return &catalogue.Service{
		Head: catalogue.Head{
			Title:       lang.Text{lang.Italian: fmt.Sprintf("Servizio %d dell'ufficio %c", i, 'a'+i%26), lang.English: fmt.Sprintf("Service %d", i)},
			Summary:     lang.Of("Come chiedere il rilascio, il rinnovo o il duplicato, e quanto tempo ci vuole."),
			Description: text,
			Keywords:    []lang.Text{lang.Of("documento"), lang.Of("rilascio")},
		},
		Status: statuses[i%len(statuses)], Categories: categories[i%len(categories) : i%len(categories)+1],
		Topics: topics[i%len(topics) : i%len(topics)+1], Audiences: audiences[i%len(audiences) : i%len(audiences)+1],
		HowTo: text, NeededText: text, OutcomeText: lang.Of(words),
		Costs:             []catalogue.Cost{{Amount: "22.21", Currency: "EUR"}},
		Connections:       []catalogue.Connection{{Inline: &catalogue.Inline{Access: catalogue.Access{Type: channel, AccessURL: "https://www.comune.example.org/servizio"}}}},
		ResponsibleOffice: fmt.Sprintf("%s/ufficio-%d", comune, i%benchOffices),
	}
}

const benchOffices = 50

// benchFeed has services, each of one of fifty offices in one of ten places.
func benchFeed(services int) *feed {
	f := newFeed(published(id(1), comune, comune, &catalogue.Publisher{
		Head: titled("comune-di-prato", "Comune di Prato"), Places: []string{comune + "/luogo-0"},
	}))
	for i := range 10 {
		f.append(published(id(100+i), comune, fmt.Sprintf("luogo-%d", i), &catalogue.Place{
			Head: titled("", fmt.Sprintf("Palazzo %d", i)), Address: &catalogue.Address{Street: "Piazza del Comune", City: "Prato"},
		}))
	}
	for i := range benchOffices {
		f.append(published(id(200+i), comune, fmt.Sprintf("ufficio-%d", i), &catalogue.Office{
			Head: titled("", fmt.Sprintf("Ufficio %d", i)), Places: []string{fmt.Sprintf("%s/luogo-%d", comune, i%10)},
			HoursText: lang.Of("dal lunedì al venerdì, 9-13"), Competences: lang.Of(strings.Repeat(words, 3)),
		}))
	}
	for i := range services {
		f.append(published(id(1000+i), comune, fmt.Sprintf("servizio-%d", i), benchService(i)))
	}
	return f
}

func benchSizes(b *testing.B, bench func(b *testing.B, f *feed)) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			bench(b, benchFeed(size))
		})
	}
}

const plentyOfCache = 1 << 30

func BenchmarkView(b *testing.B) {
	for _, bench := range []struct {
		name   string
		cold   bool
		coding snapshot.Coding
	}{
		{"hot/identity", false, snapshot.Identity},
		{"hot/gzip", false, snapshot.Gzip},
		{"cold/identity", true, snapshot.Identity},
		{"cold/gzip", true, snapshot.Gzip},
	} {
		b.Run(bench.name, func(b *testing.B) {
			benchSizes(b, func(b *testing.B, f *feed) {
				s, r := loaded(b, f), newReader(plentyOfCache)
				for b.Loop() {
					if bench.cold {
						r.Forget()
					}
					if _, err := r.View(s, catalogue.KindService, "servizio-42", lang.Italian, bench.coding, snapshot.Shown{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkList(b *testing.B) {
	usual := snapshot.Query{Kind: catalogue.KindService, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity}
	with := func(change func(q *snapshot.Query)) snapshot.Query {
		q := usual
		change(&q)
		return q
	}
	for _, bench := range []struct {
		name string
		cold bool
		q    snapshot.Query
	}{
		{"hot/default", false, usual},
		{"hot/gzip", false, with(func(q *snapshot.Query) { q.Coding = snapshot.Gzip })},
		{"cold/default", true, usual},
		{"cold/gzip", true, with(func(q *snapshot.Query) { q.Coding = snapshot.Gzip })},
		{"cold/three_filters", true, with(func(q *snapshot.Query) {
			q.Filters = map[string][]string{"category": {"2", "3"}, "audience": {"person"}, "status": {"active"}}
		})},
		{"cold/few_match", true, with(func(q *snapshot.Query) { q.Filters = map[string][]string{"office": {comune + "/ufficio-7"}} })},
		{"cold/updated_since", true, with(func(q *snapshot.Query) { q.UpdatedSince, q.Sort = start, snapshot.SortUpdatedAt })},
	} {
		b.Run(bench.name, func(b *testing.B) {
			benchSizes(b, func(b *testing.B, f *feed) {
				s, r := loaded(b, f), newReader(plentyOfCache)
				for b.Loop() {
					if bench.cold {
						r.ForgetPages()
					}
					if _, err := r.List(s, bench.q); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkPublication is the time from the commit of a change until readers see it.
func BenchmarkPublication(b *testing.B) {
	place := func() catalogue.Document {
		return &catalogue.Place{Head: titled("luogo-0", "Palazzo 0"), District: "Centro"}
	}
	for _, bench := range []struct {
		name string
		key  string
		id   catalogue.EntryID
		doc  func() catalogue.Document
	}{
		{"service", "servizio-42", id(1042), func() catalogue.Document { return benchService(42) }},
		{"place_of_the_profile", "luogo-0", id(100), place},
	} {
		b.Run(bench.name, func(b *testing.B) {
			benchSizes(b, func(b *testing.B, f *feed) {
				follower := follow(b, f)
				for b.Loop() {
					u := published(bench.id, comune, bench.key, bench.doc())
					u.At = start.Add(time.Hour)
					await(b, follower, f.append(u))
				}
			})
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	benchSizes(b, func(b *testing.B, f *feed) {
		for b.Loop() {
			loaded(b, f)
		}
	})
}

// BenchmarkOpenNow lists the services that are open now, a page that is not kept, where five offices share each of ten
// timetables and each service names two offices.
func BenchmarkOpenNow(b *testing.B) {
	f := newFeed()
	for i := range 10 {
		f.append(published(id(100+i), comune, fmt.Sprintf("orario-%d", i), &catalogue.Timetable{
			Head: titled("", fmt.Sprintf("Orario %d", i)), Spec: mornings("2026-03-30"),
		}))
	}
	for i := range benchOffices {
		f.append(published(id(200+i), comune, fmt.Sprintf("ufficio-%d", i), &catalogue.Office{
			Head: titled("", fmt.Sprintf("Ufficio %d", i)), Timetable: fmt.Sprintf("%s/orario-%d", comune, i%10),
		}))
	}
	for i := range 10_000 {
		f.append(published(id(1000+i), comune, fmt.Sprintf("servizio-%d", i), &catalogue.Service{
			Head: titled("", fmt.Sprintf("Servizio %d", i)), ResponsibleOffice: fmt.Sprintf("%s/ufficio-%d", comune, i%benchOffices),
			Offices: []string{fmt.Sprintf("%s/ufficio-%d", comune, (i+1)%benchOffices)},
		}))
	}
	s, r := loaded(b, f), newReader(1<<20)
	q := snapshot.Query{
		Kind: catalogue.KindService, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity,
		Filters: map[string][]string{catalogue.FilterOpenNow: {"false"}},
	}
	for b.Loop() {
		r.ForgetPages()
		if _, err := r.List(s, q); err != nil {
			b.Fatal(err)
		}
	}
}
