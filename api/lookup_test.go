package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/golden"
)

// walk reads a list page by page and returns the values of one member.
func walk(t *testing.T, s *apitest.Server, path, member string) (values []string, total int) {
	t.Helper()
	for pages := 0; path != ""; pages++ {
		if pages > 200 {
			t.Fatal("the list does not end")
		}
		var page struct {
			Items      []map[string]any
			Total      int
			NextCursor string
		}
		a := s.Get(path).Want(http.StatusOK)
		a.Into(&page)
		for _, item := range page.Items {
			values = append(values, item[member].(string))
		}
		total = page.Total
		next := regexp.MustCompile(`^<([^>]+)>; rel="next"$`).FindStringSubmatch(a.Header.Get("Link"))
		if (page.NextCursor == "") != (next == nil) {
			t.Errorf("nextCursor %q, but Link %q", page.NextCursor, a.Header.Get("Link"))
		}
		path = ""
		if next != nil {
			path = strings.TrimPrefix(next[1], s.URL)
		}
	}
	return values, total
}

func TestLookingUpTheDemonstrationData(t *testing.T) {
	runDemo(t, func(t *testing.T, s *apitest.Server) {
		t.Run("everything is listed once, whatever the page", func(t *testing.T) {
			for _, tt := range []struct {
				path  string
				least int
			}{
				{"/v1/services?limit=7", 97},
				{"/v1/services?limit=7&sort=-title", 97},
				{"/v1/services?limit=200&sort=updatedAt", 97},
				{"/v1/services?limit=10&sort=-publishedAt", 97},
				{"/v1/offices?limit=5", 32},
				{"/v1/places", 27},
				{"/v1/publishers", 14},
			} {
				ids, total := walk(t, s, tt.path, "id")
				if distinct := slices.Compact(slices.Sorted(slices.Values(ids))); len(distinct) != len(ids) || len(ids) != total || total < tt.least {
					t.Errorf("%s: %d entries, %d distinct, total %d, want at least %d", tt.path, len(ids), len(distinct), total, tt.least)
				}
			}
		})
		t.Run("titles sort as Italian does", func(t *testing.T) {
			titles, _ := walk(t, s, "/v1/services?limit=50", "title")
			backwards, _ := walk(t, s, "/v1/services?limit=50&sort=-title", "title")
			slices.Reverse(backwards)
			if diff := cmp.Diff(titles, backwards); diff != "" {
				t.Errorf("-title is not title backwards (-title +-title):\n%s", diff)
			}
		})
		t.Run("filters narrow, and say what the items say", func(t *testing.T) {
			narrower := func(filter string) []string {
				ids, total := walk(t, s, "/v1/services?limit=40&"+filter, "id")
				if total == 0 || total >= 97 || len(ids) != total {
					t.Errorf("%s: total %d of 97, %d listed", filter, total, len(ids))
				}
				return ids
			}
			for _, filter := range []string{
				"publisher=publiacqua", "category=6", "topic=anagrafe", "audience=business", "status=inactive", "online=true", "free=true",
				"office=anagrafe-centrale", "office=prato-comune/prato-anagrafe-centrale", "category=6&category=1", "category=6&status=active",
			} {
				narrower(filter)
			}
			both := narrower("category=6&category=1")
			if want := len(narrower("category=6")) + len(narrower("category=1")); len(both) > want || len(both) < want/2 {
				t.Errorf("either of two categories: %d entries, one by one %d", len(both), want)
			}
			if _, total := walk(t, s, "/v1/services?office=inventato", "id"); total != 0 {
				t.Errorf("of an unknown office: %d services, want none", total)
			}
			uri := url.QueryEscape("https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/public-services-subject-matters/6")
			if diff := cmp.Diff(narrower("category=6"), narrower("category="+uri)); diff != "" {
				t.Errorf("by URI and by code differ:\n%s", diff)
			}
		})
		t.Run("changes since a moment", func(t *testing.T) {
			_, all := walk(t, s, "/v1/services?updatedSince=2020-01-01", "id")
			_, none := walk(t, s, "/v1/services?updatedSince="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "id")
			if all != 97 || none != 0 {
				t.Errorf("since 2020: %d, since the future: %d; want 97 and 0", all, none)
			}
		})
		t.Run("some by id and slug, in the order asked for", func(t *testing.T) {
			ids, _ := walk(t, s, "/v1/services?limit=3", "id")
			list := s.Get("/v1/services?ids=" + ids[2] + ",carta-d-identita,nessuno," + ids[0]).Want(http.StatusOK).Object()
			var got []string
			for _, item := range list["items"].([]any) {
				got = append(got, item.(object)["id"].(string))
			}
			if len(got) != 3 || got[0] != ids[2] || got[2] != ids[0] || mustJSON(t, list["missing"]) != `["nessuno"]` {
				t.Errorf("items %v, missing %v", got, list["missing"])
			}
		})
		t.Run("only the fields asked for", func(t *testing.T) {
			for path, want := range map[string][]string{
				"/v1/services/carta-d-identita?fields=title,howTo":    {"howTo", "title"},
				"/v1/services?ids=carta-d-identita&fields=slug":       {"slug"},
				"/v1/services/carta-d-identita?fields=status&lang=zh": {"fallback", "status"},
			} {
				got := s.Get(path).Want(http.StatusOK).Object()
				if items, ok := got["items"]; ok {
					got = items.([]any)[0].(object)
				}
				var names []string
				for name := range got {
					names = append(names, name)
				}
				slices.Sort(names)
				if diff := cmp.Diff(want, names); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		})
		t.Run("the identity card has all that its page shows", func(t *testing.T) {
			for _, path := range []string{"/v1/services/carta-d-identita", "/v1/services/carta-d-identita?lang=en", "/v1/services/carta-d-identita?lang=*"} {
				golden.Check(t, goldenName(path), steady(s, s.Get(path).Want(http.StatusOK).Body))
			}
		})
		t.Run("a publisher is found by its key too", func(t *testing.T) {
			a := s.Get("/v1/publishers/prato-comune").Want(http.StatusMovedPermanently)
			if got, want := a.Header.Get("Location"), s.URL+"/v1/publishers/comune-di-prato"; got != want {
				t.Errorf("Location = %q, want %q", got, want)
			}
		})
	})
}

func goldenName(path string) string {
	path = strings.ReplaceAll(path, "*", "all")
	return strings.Trim(regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.TrimPrefix(path, "/v1/"), "-"), "-") + ".json"
}

var unsteady = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "00000000-0000-7000-8000-000000000000"},
	{regexp.MustCompile(`urn:request:[0-9a-z-]+`), "urn:request:00000000-0000-4000-8000-000000000000"},
	{regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"`), `"2026-11-22T00:00:00Z"`},
}

// steady replaces what is another on every run.
func steady(s *apitest.Server, body []byte) []byte {
	text := strings.ReplaceAll(string(body), s.URL, "https://example.org")
	for _, u := range unsteady {
		text = u.pattern.ReplaceAllString(text, u.instead)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(text), "", "  "); err != nil {
		return []byte(text)
	}
	return append(indented.Bytes(), '\n')
}

func TestBadParametersAreAllNamedWithSuggestions(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct{ path, want string }{
			{"/v1/services?categry=6&limit=0", "categry unknown_parameter «category», limit number"},
			{"/v1/services?limit=201", "limit number"},
			{"/v1/services?limit=x", "limit number"},
			{"/v1/services?limit=1&limit=2", "limit once"},
			{"/v1/services?sort=titel", "sort one_of «title»"},
			{"/v1/services?lang=xx", "lang one_of"},
			{"/v1/services?fields=titel,nope", "fields one_of «title», fields one_of"},
			{"/v1/services?category=99", "category term"},
			{"/v1/services?topic=anagraffe", "topic term «anagrafe»"},
			{"/v1/services?status=activ", "status term «active»"},
			{"/v1/services?free=si", "free one_of"},
			{"/v1/services?updatedSince=ieri", "updatedSince instant"},
			{"/v1/services?ids=" + strings.Repeat("a,", 200) + "a", "ids too_many"},
			{"/v1/services?ids=a,,b&fields=title,", "ids blank, fields blank, fields one_of"},
			{"/v1/services?limit=%zz", " query_syntax"},
			{"/v1/places?category=6", "category unknown_parameter"},
			{"/v1/services/a?fields=nope", "fields one_of"},
			{"/v1/services/a?field=title", "field unknown_parameter «fields»"},
			{"/v1/services/a/revisions?cursor=x", "cursor number"},
			{"/v1/changes?after=-1", "after position"},
			{"/v1/services?ids=", "ids blank"},
			{"/v1/services?ids=,", "ids blank"},
			{"/v1/services?free=&publisher=", "free blank, publisher blank"},
			{"/v1/services?status=%00", "status character, status term"},
			{"/v1/changes?afer=1", "afer unknown_parameter «after»"},
		} {
			var got []string
			for _, e := range s.Get(tt.path).Want(http.StatusBadRequest).Problem().Errors {
				found := e.Parameter + " " + e.Rule
				if _, near, ok := strings.Cut(e.Expected, "forse "); ok {
					found += " " + near
				}
				got = append(got, found)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.path, diff)
			}
		}
		cursor := s.Get("/v1/services?cursor=abc").Want(http.StatusBadRequest).Problem()
		if !strings.HasSuffix(cursor.Type, "#cursor") {
			t.Errorf("a damaged cursor is %s", cursor.Type)
		}
	})
}

func TestACursorBelongsToItsQuery(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, key := range []string{"a", "b", "c"} {
			publish(s, key, service("Servizio "+key)).Want(http.StatusCreated)
		}
		cursor := s.Get("/v1/services?limit=1&status=active").Object()["nextCursor"].(string)
		s.Get("/v1/services?limit=2&status=active&lang=en&cursor=" + cursor).Want(http.StatusOK)
		for _, path := range []string{
			"/v1/services?cursor=", "/v1/offices?status=active&cursor=", "/v1/services?status=active&sort=-title&cursor=",
			"/v1/services?status=active&status=inactive&cursor=",
		} {
			s.Get(path + cursor).Want(http.StatusBadRequest)
		}
	})
}

func TestReadersGetTheirLanguageAndAreToldWhereTheyDoNot(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Anagrafe", object{
			"title": object{"it": "Anagrafe", "en": "Registry"}, "alternativeTitles": []object{{"it": "Uno", "zh": "一"}, {"it": "Due"}},
		})).Want(http.StatusCreated)
		for _, tt := range []struct {
			name, query, accept  string
			language, title, two string
			fallback             string
			vary                 string
		}{
			{"nothing asked", "", "", "it", "Anagrafe", "Due", `null`, "Accept-Encoding, Catalogue-Min-Position, Accept, Accept-Language"},
			{"English", "?lang=en", "it", "en", "Registry", "Due", `["/alternativeTitles/0","/alternativeTitles/1","/howTo","/summary"]`, "Accept-Encoding, Catalogue-Min-Position, Accept"},
			{"English by header", "", "en-GB, fr;q=0.5", "en", "Registry", "Due", `["/alternativeTitles/0","/alternativeTitles/1","/howTo","/summary"]`, "Accept-Encoding, Catalogue-Min-Position, Accept, Accept-Language"},
			{"Chinese by header", "", "zh-CN", "zh", "Anagrafe", "Due", `["/alternativeTitles/1","/categories/0/label","/howTo","/status/label","/summary","/title"]`, "Accept-Encoding, Catalogue-Min-Position, Accept, Accept-Language"},
			{"a language nobody serves", "", "ja", "it", "Anagrafe", "Due", `null`, "Accept-Encoding, Catalogue-Min-Position, Accept, Accept-Language"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := s.Do(apitest.Request{Path: "/v1/services/anagrafe" + tt.query, Header: map[string]string{"Accept-Language": tt.accept}}).Want(http.StatusOK)
				view := a.Object()
				if view["lang"] != tt.language || view["title"] != tt.title || view["alternativeTitles"].([]any)[1] != tt.two {
					t.Errorf("lang %v, title %v, second %v", view["lang"], view["title"], view["alternativeTitles"])
				}
				if got := mustJSON(t, view["fallback"]); got != tt.fallback {
					t.Errorf("fallback = %s, want %s", got, tt.fallback)
				}
				if got := a.Header.Get("Content-Language"); got != tt.language {
					t.Errorf("Content-Language = %q, want %q", got, tt.language)
				}
				if got := a.Header.Get("Vary"); got != tt.vary {
					t.Errorf("Vary = %q, want %q", got, tt.vary)
				}
			})
		}
		all := s.Get("/v1/services/anagrafe?lang=*").Want(http.StatusOK)
		if got := mustJSON(t, all.Object()["title"]); got != `{"en":"Registry","it":"Anagrafe"}` || all.Header.Get("Content-Language") != "" {
			t.Errorf("in all languages: %s, Content-Language %q", got, all.Header.Get("Content-Language"))
		}
	})
}

func TestAClientThatHasTheAnswerIsNotSentItAgain(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Anagrafe")).Want(http.StatusCreated)
		// In the very second of a change another one may follow: its date must not make a copy pass for fresh.
		early := s.Get("/v1/services/anagrafe").Header.Get("Last-Modified")
		publish(s, "a", service("Anagrafe", object{"furtherInfo": text("Di più.")})).Want(http.StatusOK)
		s.Advance(2 * time.Second)
		s.Do(apitest.Request{Path: "/v1/services/anagrafe", Header: map[string]string{"If-Modified-Since": early}}).Want(http.StatusOK)
		for _, path := range []string{"/v1/services/anagrafe", "/v1/services", "/v1/services/anagrafe/revisions", "/v1/changes", "/openapi.json", "/openapi.yaml"} {
			get := func(header map[string]string) apitest.Answer {
				return s.Do(apitest.Request{Path: path, Header: header})
			}
			plain := get(nil).Want(http.StatusOK)
			tag := plain.Header.Get("ETag")
			tags := map[string]string{"": tag}
			for accept, want := range map[string]string{
				"br;q=0.4, gzip;q=0.5": "gzip", "gzip": "gzip", "gzip, br": "br", "br": "br", "*": "br", "deflate, gzip;q=1.0, *;q=0.5": "gzip",
				"gzip;q=0": "", "identity": "", "br;q=0, gzip;q=0": "", "identity;q=0.9, gzip;q=0.1": "", "*;q=0": "", "br;q=x": "", "BR": "br",
			} {
				packed := get(map[string]string{"Accept-Encoding": accept}).Want(http.StatusOK)
				coding := packed.Header.Get("Content-Encoding")
				if known, ok := tags[coding]; ok && known != packed.Header.Get("ETag") || coding != want || string(packed.Body) != string(plain.Body) {
					t.Errorf("%s, %q: got encoding %q with ETag %q, want %q", path, accept, coding, packed.Header.Get("ETag"), want)
				}
				tags[coding] = packed.Header.Get("ETag")
			}
			if tags["gzip"] == tag || tags["br"] == tag || tags["br"] == tags["gzip"] {
				t.Errorf("%s: got ETags %v, want another one for each coding", path, tags)
			}
			for _, match := range []string{tag, `"x", ` + tag, "W/" + tag, "*"} {
				if got := get(map[string]string{"If-None-Match": match}); got.Status != http.StatusNotModified || len(got.Sent) > 0 || got.Header.Get("ETag") != tag {
					t.Errorf("%s: If-None-Match %s: status %d", path, match, got.Status)
				}
			}
			get(map[string]string{"If-None-Match": `"x"`}).Want(http.StatusOK)
			if modified := plain.Header.Get("Last-Modified"); modified != "" {
				get(map[string]string{"If-Modified-Since": modified}).Want(http.StatusNotModified)
				get(map[string]string{"If-Modified-Since": modified, "If-None-Match": `"x"`}).Want(http.StatusOK)
				get(map[string]string{"If-Modified-Since": "Mon, 02 Jan 2006 15:04:05 GMT"}).Want(http.StatusOK)
			}
			head := s.Do(apitest.Request{Method: http.MethodHead, Path: path}).Want(http.StatusOK)
			for _, name := range []string{"ETag", "Content-Type", "Content-Length", "Cache-Control", "Last-Modified", "Vary"} {
				if got, want := head.Header.Get(name), plain.Header.Get(name); got != want {
					t.Errorf("%s: HEAD says %s %q, GET %q", path, name, got, want)
				}
			}
			if len(head.Sent) > 0 {
				t.Errorf("%s: HEAD has a body", path)
			}
		}
	})
}

func TestEveryOriginMayReadAndNoneMayWrite(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		asked := func(method, path, want string) apitest.Answer {
			return s.Do(apitest.Request{Method: method, Path: path, Header: map[string]string{
				"Origin": "https://www.publiacqua.it", "Access-Control-Request-Method": want,
			}})
		}
		if got := asked(http.MethodGet, "/v1/services", "").Header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("Access-Control-Allow-Origin = %q, want *", got)
		}
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodPost} {
			allowed := asked(http.MethodOptions, prato("a"), method).Header.Get("Access-Control-Allow-Methods")
			if strings.Contains(allowed, method) {
				t.Errorf("%s from another origin is allowed: %q", method, allowed)
			}
		}
	})
}

func TestAnOldSlugLeadsToTheNewOne(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Anagrafe", object{"slug": "vecchio"})).Want(http.StatusCreated)
		s.Put(s.Prato, prato("a"), service("Anagrafe", object{"slug": "nuovo"})).Want(http.StatusOK)
		s.Get("/v1/services/vecchio").Want(http.StatusOK)
		s.Get("/v1/services/nuovo").Want(http.StatusNotFound)
		move(s, prato("a"), object{"transition": "publish"}).Want(http.StatusOK)
		for path, want := range map[string]string{
			"/v1/services/vecchio?lang=en":   "/v1/services/nuovo?lang=en",
			"/v1/services/vecchio/revisions": "/v1/services/nuovo/revisions",
		} {
			if got := s.Get(path).Want(http.StatusMovedPermanently).Header.Get("Location"); got != s.URL+want {
				t.Errorf("%s leads to %q, want %q", path, got, s.URL+want)
			}
		}
		taken := s.Put(s.Prato, prato("b"), service("B", object{"slug": "vecchio"})).Want(http.StatusUnprocessableEntity)
		if got, want := taken.Problem().Errors[0].Expected, "un nome libero, come vecchio-2"; got != want {
			t.Errorf("expected = %q, want %q", got, want)
		}
	})
}

func TestAReaderMayWaitForAPosition(t *testing.T) {
	t.Parallel() // it waits
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		at := func(position string) apitest.Answer {
			return s.Do(apitest.Request{Path: "/v1/services", Header: map[string]string{"Catalogue-Min-Position": position}})
		}
		if got := at("1").Want(http.StatusOK).Header.Get("Catalogue-Position"); got != "1" {
			t.Errorf("Catalogue-Position = %q, want 1", got)
		}
		later := make(chan int)
		go func() { later <- at("2").Status }()
		publish(s, "b", service("B")).Want(http.StatusCreated)
		if got := <-later; got != http.StatusOK {
			t.Errorf("status = %d, want 200", got)
		}
		at("-1").Want(http.StatusBadRequest)
		at("x").Want(http.StatusBadRequest)
		never := at("1000").Want(http.StatusBadRequest) // after a while
		if found := never.Problem().Errors; len(found) != 1 || found[0].Rule != "position" {
			t.Errorf("a position that the feed never had: %+v", found)
		}
	})
}

func TestAServiceShowsItsOfficeAsItIsNow(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		place := func(street string) apitest.Answer {
			return publishEntry(s, catalogue.KindPlace, "p", object{"title": text("Palazzo"), "address": object{"street": street, "city": "Prato"}})
		}
		place("Piazza del Comune").Want(http.StatusCreated)
		publishEntry(s, catalogue.KindOffice, "o", object{
			"title": text("Anagrafe"), "places": []string{"prato-comune/p"},
			"contacts": []object{{"entries": []object{{"type": "phone", "value": "0574 18361"}}}},
		}).Want(http.StatusCreated)
		publish(s, "s", service("Carta", object{"responsibleOffice": "prato-comune/o"})).Want(http.StatusCreated)
		before := s.Get("/v1/services/carta").Want(http.StatusOK)
		office := before.Object()["responsibleOffice"].(object)
		if got := mustJSON(t, office["places"]); !strings.Contains(got, "Piazza del Comune") || !strings.Contains(mustJSON(t, office), "0574 18361") {
			t.Errorf("the office is shown as %s", mustJSON(t, office))
		}
		place("Via Nuova").Want(http.StatusOK)
		after := s.Get("/v1/services/carta").Want(http.StatusOK)
		if !strings.Contains(string(after.Body), "Via Nuova") || after.Header.Get("ETag") == before.Header.Get("ETag") {
			t.Errorf("after the place moved, the service shows %s", after.Body)
		}
	})
}
