package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/relevance"
)

// found is an answer of the search.
type found struct {
	Items []struct {
		Kind             catalogue.Kind
		Key, Slug, Title string
		Publisher        struct{ Key string }
		Highlights       struct{ Title, Text string }
		Highlight        string
	}
	Total       int
	DidYouMean  string
	Dropped     []string
	Suggestions []string
	Facets      map[string][]struct {
		Value, Label string
		Count        int
	}
}

func (f found) keys() (keys []string) {
	for _, item := range f.Items {
		keys = append(keys, item.Key)
	}
	return keys
}

func search(s *apitest.Server, path string) (f found) {
	s.Get(path).Want(http.StatusOK).Into(&f)
	return f
}

// thresholds are the least nDCG, MRR and precision of each class.
var thresholds = map[string][3]float64{
	"exact": {0.97, 0.98}, "inflected": {0.94, 0.98}, "synonym": {0.88, 0.91}, "accents": {0.98, 0.98}, "typo": {0.98, 0.98},
	"prefix": {0.97, 0.98}, "operator": {0.86, 0.91}, "conversational": {0.9, 0.94}, "place": {0.77, 0.8},
	"english": {0.94, 0.97}, "chinese": {0.96, 0.98}, "complete": {0.98, 0.98}, "no_answer": {0, 0, 1}, "overall": {0.92, 0.94, 1},
}

// The thresholds are what the judged queries of package relevance reach now, less a little: what makes the search worse
// fails here. `task relevance` prints the whole table.
func TestTheSearchIsAsGoodAsItWas(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		report := relevance.Judge(relevance.Load(), func(q relevance.Query) []string { return answers(s, q) })
		t.Logf("\n%s", report)
		for _, score := range append(report.Classes, report.Overall) {
			least, ok := thresholds[score.Class]
			if !ok {
				t.Errorf("class %q has no threshold", score.Class)
			}
			if got := [3]float64{score.NDCG, score.MRR, score.Precision}; got[0] < least[0] || got[1] < least[1] || got[2] < least[2] {
				t.Errorf("%s: nDCG %.3f, MRR %.3f, precision %.3f; want at least %v", score.Class, score.NDCG, score.MRR, score.Precision, least)
			}
		}
	})
}

// answers are the entries that a query finds, as package relevance names them. The publisher of a completion, which does
// not say it, is looked up.
func answers(s *apitest.Server, q relevance.Query) (names []string) {
	values := url.Values{"q": {q.Query}, "lang": {string(q.Lang)}, "limit": {"10"}}
	for _, kind := range q.Kinds {
		values.Add("kind", string(kind))
	}
	path := "/v1/search?"
	if q.Complete {
		path = "/v1/autocomplete?"
	}
	for _, item := range search(s, path+values.Encode()).Items {
		publisher := item.Publisher.Key
		if q.Complete {
			publisher = s.Get("/v1/" + item.Kind.Plural() + "/" + item.Slug + "?fields=publisher").Object()["publisher"].(object)["key"].(string)
		}
		names = append(names, string(item.Kind)+":"+publisher+"/"+item.Key)
	}
	return names
}

func TestSearchSaysHowItUnderstoodTheQuery(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		exact := search(s, "/v1/search?q=carta+d%27identita&kind=service")
		if len(exact.Items) == 0 || exact.Items[0].Key != "prato-s19" || !strings.Contains(exact.Items[0].Highlights.Title, "<mark>") {
			t.Errorf("exact: got %+v", exact)
		}
		if typo := search(s, "/v1/search?q=resiednza&kind=service"); typo.DidYouMean != "residenza" || len(typo.Items) == 0 {
			t.Errorf("a word with two letters swapped: got %+v", typo)
		}
		if nothing := search(s, "/v1/search?q=xyzzyplugh"); nothing.Total != 0 || len(nothing.Items) != 0 {
			t.Errorf("a word that nobody knows: got %v", nothing.keys())
		}
		var titles []string
		for _, item := range search(s, "/v1/services?q=residenza&sort=title&limit=5").Items {
			titles = append(titles, item.Title)
		}
		if len(titles) < 3 || !slices.IsSorted(titles) {
			t.Errorf("by title: got %q", titles)
		}
		completed := search(s, "/v1/autocomplete?q=cart+id&limit=3")
		if len(completed.Items) == 0 || completed.Items[0].Key != "prato-s19" || !strings.HasPrefix(completed.Items[0].Highlight, "<mark>") {
			t.Errorf("completion: got %+v", completed)
		}
	})
}

func TestPagesOfASearchAreItsHitsOnce(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		all := search(s, "/v1/search?q=ufficio&limit=200")
		var keys []string
		path := "/v1/search?q=ufficio&limit=7"
		for path != "" {
			var page found
			a := s.Get(path).Want(http.StatusOK)
			a.Into(&page)
			keys = append(keys, page.keys()...)
			if page.Total != all.Total {
				t.Errorf("%s: got total %d, want %d", path, page.Total, all.Total)
			}
			link, _, ok := strings.Cut(a.Header.Get("Link"), ">")
			if path = ""; ok {
				path = strings.TrimPrefix(strings.TrimPrefix(link, "<"), s.URL)
			}
		}
		if diff := cmp.Diff(all.keys(), keys); diff != "" || len(keys) != all.Total || all.Total < 8 {
			t.Errorf("pages mismatch (-at once +page by page), total %d:\n%s", all.Total, diff)
		}
	})
}

// A count is what choosing the value gives, whatever else is chosen.
func TestFacetsCountWhatChoosingAValueGives(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		facets := []string{"category", "topic", "audience", "publisher", "status", "online", "free", "channel", "office", "lifeEvent", "openNow"}
		for _, base := range []string{"", "q=residenza", "category=6&status=active", "q=certificati&online=true", "publisher=prato-comune&audience=person"} {
			given, err := url.ParseQuery(base)
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range search(s, "/v1/services?limit=1&facets="+strings.Join(facets, ",")+"&"+base).Facets {
				for i, v := range values {
					if i > 4 {
						break
					}
					chosen := url.Values{}
					for other, list := range given {
						if other != name {
							chosen[other] = list
						}
					}
					chosen.Set(name, v.Value)
					if got := search(s, "/v1/services?limit=1&"+chosen.Encode()).Total; got != v.Count {
						t.Errorf("%q: %s=%s is said to give %d, gives %d", base, name, v.Value, v.Count, got)
					}
					if v.Label == "" {
						t.Errorf("%s=%s has no label", name, v.Value)
					}
				}
			}
		}
		kinds := search(s, "/v1/search?q=residenza&kind=service&facets=kind").Facets["kind"]
		for _, v := range kinds {
			if got := search(s, "/v1/search?limit=1&q=residenza&kind="+v.Value).Total; got != v.Count {
				t.Errorf("kind %s is said to give %d, gives %d", v.Value, v.Count, got)
			}
		}
		if len(kinds) < 2 {
			t.Errorf("facet kind: got %v, want those besides the chosen one too", kinds)
		}
	})
}

func TestFacetsSpeakTheReadersLanguage(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		for tag, want := range map[string][]string{
			"it": {"kind service Servizi", "online true Si può fare online", "free true Gratuito"},
			"en": {"kind service Services", "online true Can be done online", "free true Free"},
			"zh": {"kind service Servizi", "online true Si può fare online", "free true Gratuito"}, // the program does not speak it
		} {
			var got []string
			for _, path := range []string{"/v1/search?q=carta&facets=kind&lang=", "/v1/services?facets=online,free&lang="} {
				for name, values := range search(s, path+tag).Facets {
					for _, v := range values {
						got = append(got, name+" "+v.Value+" "+v.Label)
					}
				}
			}
			for _, label := range want {
				if !slices.Contains(got, label) {
					t.Errorf("%s: got %q, want %q among them", tag, got, label)
				}
			}
		}
	})
}

func TestCompletionsOfTheSameTitleNameTheirPublishers(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "acqua", service("Acqua")).Want(http.StatusCreated)
		publish(s, "tari", service("Acquisti")).Want(http.StatusCreated)
		s.Put(s.Publiacqua, "/v1/publishers/"+apitest.Publiacqua+"/services/acqua?publish=true", service("Acqua")).Want(http.StatusCreated)
		var completed struct {
			Items []struct{ Title, Publisher string }
		}
		s.Get("/v1/autocomplete?q=acq").Want(http.StatusOK).Into(&completed)
		var got []string
		for _, item := range completed.Items {
			got = append(got, item.Title+" "+item.Publisher)
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"Acqua prato-comune", "Acqua publiacqua", "Acquisti "}, got); diff != "" {
			t.Errorf("completions with their publishers (-want +got):\n%s", diff)
		}
	})
}

func TestSynonymsAreInForceAtOnce(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "rifiuti", service("Ritiro degli ingombranti")).Want(http.StatusCreated)
		before := s.Get("/v1/synonyms").Want(http.StatusOK)
		if got := before.Object(); got["version"] != 0.0 || len(got["items"].([]any)) < 100 {
			t.Errorf("at first: got version %v and %d sets, want those of the program", got["version"], len(got["items"].([]any)))
		}
		if got := search(s, "/v1/search?q=carabattole").keys(); len(got) != 0 {
			t.Errorf("before: got %v", got)
		}
		put := func(token string, sets []object, headers map[string]string) apitest.Answer {
			return s.Do(apitest.Request{Method: http.MethodPut, Path: "/v1/synonyms", Token: token, Body: object{"items": sets}, Header: headers})
		}
		sets := []object{{"lang": "it", "from": []string{"carabattole"}, "to": []string{"ingombranti"}}}
		put("", sets, nil).Want(http.StatusUnauthorized)
		put(s.Prato, sets, nil).Want(http.StatusForbidden)
		put(s.Admin, sets, map[string]string{"If-Match": `"5"`}).Want(http.StatusPreconditionFailed)
		put(s.Admin, sets, map[string]string{"If-Match": before.Header.Get("ETag")}).Want(http.StatusOK)
		if got := search(s, "/v1/search?q=carabattole").keys(); !slices.Equal(got, []string{"rifiuti"}) {
			t.Errorf("after: got %v, want the service", got)
		}
		put(s.Admin, []object{}, map[string]string{"If-Match": `"1"`}).Want(http.StatusOK)
		if got := search(s, "/v1/search?q=carabattole").keys(); len(got) != 0 {
			t.Errorf("taken away: got %v", got)
		}
		var wrong []string
		for _, e := range put(s.Admin, []object{
			{"lang": "it", "terms": []string{"una"}}, {"lang": "xx", "terms": []string{"a", "b"}}, {"lang": "it", "from": []string{"x"}}, sets[0],
		}, nil).Want(http.StatusUnprocessableEntity).Problem().Errors {
			wrong = append(wrong, e.Pointer)
		}
		slices.Sort(wrong)
		if diff := cmp.Diff([]string{"/items/0", "/items/1", "/items/2"}, wrong); diff != "" {
			t.Errorf("errors (-want +got):\n%s", diff)
		}
		var feed struct {
			Items []struct{ Subject, Change string }
		}
		s.Get("/v1/changes").Want(http.StatusOK).Into(&feed)
		if got := fmt.Sprint(feed.Items); got != "[{entry published} {synonyms updated} {synonyms updated}]" {
			t.Errorf("the feed: got %s", got)
		}
	})
}

func TestNoQueryBreaksTheSearch(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		for name, q := range map[string]string{
			"200 words": strings.Repeat("carta ", 160), "stop words": "il la di da in con", "Lucene": `title:carta^4 AND (NOT "x") ~2 *`, "regex": `.*(a|b)+$[`,
			"right to left": "بطاقة الهوية", "emoji": "😀🏠", "combining accents": "e\u0301 a\u0300 citta\u0300", "one letter": "a", "Chinese": "身份证", "SQL": "'; DROP TABLE entries; --",
		} {
			for _, path := range []string{"/v1/search?q=", "/v1/autocomplete?q=", "/v1/services?q="} {
				if a := s.Get(path + url.QueryEscape(q)); a.Status != http.StatusOK {
					t.Errorf("%s %s: got %d %s", path, name, a.Status, a.Body)
				}
			}
		}
		for query, parameter := range map[string]string{
			"q=" + strings.Repeat("a", 1001): "q", "": "q", "q=": "q", "q=a&q=b": "q", "q=%00": "q", "q=carta&kind=servizio": "kind",
			"q=carta&facets=colore": "facets", "q=carta&cursor=abc": "",
		} {
			problem := s.Get("/v1/search?" + query).Want(http.StatusBadRequest).Problem()
			if parameter != "" && (len(problem.Errors) == 0 || problem.Errors[0].Parameter != parameter) {
				t.Errorf("%.40s: got %+v, want an error of %s", query, problem, parameter)
			}
		}
		s.Get("/v1/search?q=carta&explain=true").Want(http.StatusUnauthorized)
		a := s.Do(apitest.Request{Method: http.MethodGet, Path: "/v1/search?q=carta&explain=true&limit=1", Token: s.Admin}).Want(http.StatusOK)
		if item := a.Object()["items"].([]any)[0].(object); item["explanation"] == nil {
			t.Errorf("explained: got %v", item)
		}
	})
}

func TestWhatManySearchForIsReportedAndNotWhatFewDo(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta d'identità")).Want(http.StatusCreated)
		for i := range 6 {
			search(s, "/v1/search?q="+[]string{"carta", "CARTA++", "Carta"}[i%3])
			search(s, "/v1/services?q=monopattino&lang=en")
			if i < 4 {
				search(s, "/v1/search?q=mario+rossi+malato")
			}
		}
		get := func(token, query string) apitest.Answer {
			return s.Do(apitest.Request{Method: http.MethodGet, Path: "/v1/reports/searches" + query, Token: token})
		}
		report := func(query string) (got []string) {
			if err := s.Config.Searches.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			var body struct {
				Items []struct {
					Query, Lang, Day string
					Count, Results   int
				}
			}
			get(s.Admin, query).Want(http.StatusOK).Into(&body)
			for _, item := range body.Items {
				got = append(got, fmt.Sprintf("%s %s %d %d", item.Query, item.Lang, item.Count, item.Results))
			}
			return got
		}
		if diff := cmp.Diff([]string{"carta it 6 1", "monopattino en 6 0"}, report("")); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		search(s, "/v1/search?q=carta")
		if diff := cmp.Diff([]string{"carta it 7 1", "monopattino en 6 0"}, report("")); diff != "" {
			t.Errorf("after one more (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"monopattino en 6 0"}, report("?results=none")); diff != "" {
			t.Errorf("without success (-want +got):\n%s", diff)
		}
		s.Advance(48 * time.Hour)
		for range 5 {
			search(s, "/v1/search?q=carta")
		}
		if diff := cmp.Diff([]string{"carta it 5 1", "carta it 7 1", "monopattino en 6 0"}, report("")); diff != "" {
			t.Errorf("two days later (-want +got):\n%s", diff)
		}
		today := s.Now().Format(time.DateOnly)
		if diff := cmp.Diff([]string{"carta it 5 1"}, report("?from="+today+"&to="+today)); diff != "" {
			t.Errorf("of today (-want +got):\n%s", diff)
		}
		get("", "").Want(http.StatusUnauthorized)
		get(s.Prato, "").Want(http.StatusForbidden)
		get(s.Key(apitest.Prato, identity.Report), "").Want(http.StatusOK)
		get(s.Admin, "?from=2026-02-01&to=2026-01-01").Want(http.StatusBadRequest)
		get(s.Admin, "?results=all").Want(http.StatusBadRequest)
	})
}
