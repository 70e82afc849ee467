package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

const forever = "public, max-age=31536000, immutable"

// withHistory publishes a service twice, an hour apart, withdraws it after another and returns the instants between.
func withHistory(s *apitest.Server) (slug string, never, first, second, withdrawn time.Time) {
	then := func() time.Time {
		s.Advance(time.Hour)
		defer s.Advance(time.Hour)
		return s.Now()
	}
	never = then()
	publish(s, "carta", service("Carta", object{"costs": []object{{"amount": "22.21", "currency": "EUR"}}})).Want(http.StatusCreated)
	first = then()
	text := strings.Repeat("Andare allo sportello. ", 5)
	changed := service("Carta", object{"howTo": object{"it": text}, "connections": []object{{
		"inline": object{"type": "02.2", "accessUrl": "https://example.org/"}, "operatorNote": "riservata",
	}}})
	slug = publish(s, "carta", changed).Want(http.StatusOK).Object()["slug"].(string)
	second = then()
	move(s, prato("carta"), object{"transition": "withdraw", "reason": "Era una prova."}).Want(http.StatusOK)
	return slug, never, first, second, then()
}

func asOf(slug string, at time.Time) string {
	return "/v1/services/" + slug + "?lang=it&asOf=" + url.QueryEscape(at.Format(time.RFC3339Nano))
}

func TestAServiceIsShownAsItWasPublic(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		slug, never, first, second, withdrawn := withHistory(s)
		s.Get(asOf(slug, never)).Want(http.StatusNotFound)
		for at, revision := range map[time.Time]float64{first: 1, second: 2} {
			a := s.Get(asOf(slug, at)).Want(http.StatusOK)
			if got := a.Object()["revision"]; got != revision {
				t.Errorf("as of %v: got revision %v, want %v", at, got, revision)
			}
			if got := a.Header.Get("Cache-Control"); got != forever {
				t.Errorf("as of %v: got Cache-Control %q, want %q", at, got, forever)
			}
			again := s.Do(apitest.Request{Path: asOf(slug, at), Header: map[string]string{"If-None-Match": a.Header.Get("ETag")}})
			again.Want(http.StatusNotModified)
		}
		if got := s.Get(asOf(slug, withdrawn)).Want(http.StatusGone).Problem().Reason; got != "Era una prova." {
			t.Errorf("got the reason %q", got)
		}
		for path, want := range map[string]string{
			asOf(slug, s.Now().Add(time.Hour)):           "asOf future",
			"/v1/services/" + slug + "?asOf=ieri":        "asOf instant",
			"/v1/services/" + slug + "?asOf=2026-02-30":  "asOf instant",
			"/v1/services/" + slug + "?asOff=2026-01-01": "asOff unknown_parameter",
		} {
			if got := pointers(s.Get(path).Want(http.StatusBadRequest)); got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
		if a := s.Get("/v1/services/" + slug + "?lang=it&asOf=2020-01-01"); a.Status != http.StatusNotFound {
			t.Errorf("a day long ago: got status %d, want 404", a.Status)
		}
		if got := s.Get(asOf(slug, second) + "&fields=title").Want(http.StatusOK).Object(); len(got) != 1 || got["title"] != "Carta" {
			t.Errorf("with fields: got %v, want the title alone", got)
		}
	})
}

func TestWhatWasJustPublishedMayStillChangeItsPast(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		for _, path := range []string{asOf("carta", s.Now()), "/v1/services/carta/revisions/1"} {
			if got := s.Get(path).Want(http.StatusOK).Header.Get("Cache-Control"); got != "public, no-cache" {
				t.Errorf("%s: got Cache-Control %q, want caches to ask", path, got)
			}
		}
	})
}

func TestRevisionsAreShownForEver(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		slug, _, _, _, _ := withHistory(s)
		a := s.Get("/v1/services/" + slug + "/revisions/1?lang=it").Want(http.StatusOK)
		if o := a.Object(); o["revision"] != 1.0 || o["costs"] == nil || a.Header.Get("Cache-Control") != forever {
			t.Errorf("got %v with Cache-Control %q, want revision 1 for ever", o, a.Header.Get("Cache-Control"))
		}
		if body := string(s.Get("/v1/services/" + slug + "/revisions/2").Want(http.StatusOK).Body); strings.Contains(body, "riservata") {
			t.Errorf("a note for staff is public: %s", body)
		}
		for _, path := range []string{"/revisions/3", "/revisions/0", "/revisions/x", "/revisions/99999999999"} {
			s.Get("/v1/services/" + slug + path).Want(http.StatusNotFound)
		}
		s.Get("/v1/services/nessuno/revisions/1").Want(http.StatusNotFound)

		publish(s, "altra", service("Altra", object{"slug": "prima"})).Want(http.StatusCreated)
		publish(s, "altra", service("Altra", object{"slug": "dopo"})).Want(http.StatusOK)
		moved := s.Get("/v1/services/prima/revisions/2?lang=en").Want(http.StatusMovedPermanently)
		if got, want := moved.Header.Get("Location"), s.URL+"/v1/services/dopo/revisions/2?lang=en"; got != want {
			t.Errorf("an old slug leads to %s, want %s", got, want)
		}
	})
}

func TestOwnRevisionsTellWhoPublishedWhat(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		withHistory(s)
		get := func(path string) apitest.Answer {
			return s.Do(apitest.Request{Path: prato("carta") + path, Token: s.Prato})
		}
		var page api.OwnRevisionPage
		list := get("/revisions?limit=1").Want(http.StatusOK)
		list.Into(&page)
		if len(page.Items) != 1 || page.Total != 2 || page.Items[0].Author != "test "+apitest.Prato || page.Items[0].Note != "Prova" || page.Items[0].Document != nil {
			t.Errorf("got %+v, want the second revision with its author and note, and without its document", page)
		}
		follow(t, s, list).Into(&page)
		if len(page.Items) != 1 || page.Items[0].Number != 1 {
			t.Errorf("the next page: got %+v, want the first revision", page.Items)
		}
		if document := get("/revisions/2").Want(http.StatusOK).Object()["document"].(object); mustJSON(t, document["connections"]) == "null" {
			t.Errorf("got %v, want the document", document)
		}
		get("/revisions/3").Want(http.StatusNotFound)
		for _, path := range []string{"/revisions", "/revisions/1", "/revisions/diff?from=1&to=2"} {
			s.Get(prato("carta") + path).Want(http.StatusUnauthorized)
			s.Do(apitest.Request{Path: prato("carta") + path, Token: s.Publiacqua}).Want(http.StatusForbidden)
		}
	})
}

// follow asks for the next page as Link names it.
func follow(t *testing.T, s *apitest.Server, a apitest.Answer) apitest.Answer {
	t.Helper()
	link, ok := strings.CutSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"+s.URL), `>; rel="next"`)
	if !ok {
		t.Fatalf("got the link %q, want one to the next page", a.Header.Get("Link"))
	}
	return s.Do(apitest.Request{Path: link, Token: s.Prato}).Want(http.StatusOK)
}

func TestVersionsAreCompared(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		slug, _, first, second, _ := withHistory(s)
		public := s.Get("/v1/services/" + slug + "/revisions/diff?from=1&to=2&lang=it").Want(http.StatusOK)
		var diff api.DocumentDiff
		public.Into(&diff)
		var got []string
		for _, c := range diff.Changes {
			got = append(got, c.Change+" "+c.Pointer+" "+c.Label)
		}
		want := []string{"changed /howTo/it Come fare (it)", "removed /costs Quanto costa", "added /connections Accedi al servizio"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", d)
		}
		if words := diff.Changes[0].Words; len(words) == 0 {
			t.Error("the words of a long text are not marked")
		}
		if strings.Contains(string(public.Body), "riservata") {
			t.Errorf("a note for staff is public: %s", public.Body)
		}
		byDate := "/v1/services/" + slug + "/revisions/diff?lang=it&from=" + url.QueryEscape(first.Format(time.RFC3339Nano)) +
			"&to=" + url.QueryEscape(second.Format(time.RFC3339Nano))
		if d := cmp.Diff(string(public.Body), string(s.Get(byDate).Want(http.StatusOK).Body)); d != "" {
			t.Errorf("by date it differs:\n%s", d)
		}
		if got := s.Get("/v1/services/" + slug + "/revisions/diff?from=2&to=2").Want(http.StatusOK).Object(); len(got["patch"].([]any))+len(got["changes"].([]any)) > 0 {
			t.Errorf("one with itself: got %v, want no difference", got)
		}

		own := func(query string) apitest.Answer {
			return s.Do(apitest.Request{Path: prato("carta") + "/revisions/diff?" + query, Token: s.Prato})
		}
		s.Put(s.Prato, prato("carta"), service("Carta nuova")).Want(http.StatusOK)
		var draft struct {
			To    object
			Patch json.RawMessage
		}
		own("from=2&to=draft").Want(http.StatusOK).Into(&draft)
		document := func(path string) []byte {
			a := s.Do(apitest.Request{Path: prato("carta") + path, Token: s.Prato}).Want(http.StatusOK)
			return []byte(mustJSON(t, a.Object()["document"]))
		}
		patch, err := jsonpatch.DecodePatch(draft.Patch)
		if err != nil {
			t.Fatal(err)
		}
		patched, err := patch.Apply(document("/revisions/2"))
		if err != nil || !jsonpatch.Equal(patched, document("")) || draft.To["draft"] != true {
			t.Errorf("the patch makes %s of revision 2, %v, want the draft", patched, err)
		}

		for query, want := range map[string]string{
			"from=1":                   "to required",
			"from=draft&to=1":          "from version",
			"from=0&to=1":              "from version",
			"from=1&to=2999-01-01":     "to future",
			"from=1&to=2&lang=de":      "lang one_of",
			"from=1&from=2&to=x&foo=1": "foo unknown_parameter, from once, to version",
		} {
			if got := pointers(s.Get("/v1/services/" + slug + "/revisions/diff?" + query).Want(http.StatusBadRequest)); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
		s.Get("/v1/services/" + slug + "/revisions/diff?from=1&to=3").Want(http.StatusNotFound)
		s.Get("/v1/services/" + slug + "/revisions/diff?from=2020-01-01&to=1").Want(http.StatusNotFound)
	})
}

func TestAPublicationThatChangesTheMeaningNeedsANote(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("carta")+"?publish=true", service("Carta")).Want(http.StatusCreated)
		changed := service("Carta", object{"minAge": 14})
		if got := pointers(s.Put(s.Prato, prato("carta")+"?publish=true", changed).Want(http.StatusUnprocessableEntity)); got != "note note" {
			t.Errorf("PUT: got %s, want the parameter note", got)
		}
		s.Put(s.Prato, prato("carta"), changed).Want(http.StatusOK)
		refused := move(s, prato("carta"), object{"transition": "publish"}).Want(http.StatusUnprocessableEntity)
		if got := pointers(refused); got != "/note note" || !strings.Contains(string(refused.Body), "minAge") {
			t.Errorf("transition: got %s, want /note, and the field named", refused.Body)
		}
		move(s, prato("carta"), object{"transition": "publish", "note": "Ora da 14 anni."}).Want(http.StatusOK)
	})
}

func TestOldTextsAreRestored(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		slug, _, _, _, _ := withHistory(s)
		move(s, prato("carta"), object{"transition": "restore", "revision": 1}).Want(http.StatusOK)
		move(s, prato("carta"), object{"transition": "publish", "note": "Com'era."}).Want(http.StatusOK)
		diff := s.Get("/v1/services/" + slug + "/revisions/diff?from=1&to=3").Want(http.StatusOK).Object()
		if len(diff["changes"].([]any)) > 0 {
			t.Errorf("got %v, want revision 3 as the first", diff)
		}
	})
}

func TestOwnEntriesAreReadAgainOnlyWhenTheyChanged(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("carta"), service("Carta")).Want(http.StatusCreated)
		get := func(tag string) apitest.Answer {
			return s.Do(apitest.Request{Path: prato("carta"), Token: s.Prato, Header: map[string]string{"If-None-Match": tag}})
		}
		tag := get(`"other"`).Want(http.StatusOK).Header.Get("ETag")
		if a := get(tag).Want(http.StatusNotModified); len(a.Sent) > 0 || a.Header.Get("ETag") != tag {
			t.Errorf("got %q with ETag %s, want nothing with %s", a.Sent, a.Header.Get("ETag"), tag)
		}
		// The draft is the same version, but its state is not.
		move(s, prato("carta"), object{"transition": "publish"}).Want(http.StatusOK)
		get(tag).Want(http.StatusOK)
		s.Do(apitest.Request{
			Method: http.MethodPut, Path: prato("carta"), Token: s.Prato, Body: service("Carta"), Header: map[string]string{"If-Match": tag},
		}).Want(http.StatusOK)
	})
}

func TestBehindTheFirstRevisionThereIsNone(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		for _, path := range []string{"/v1/services/carta", prato("carta")} {
			got := s.Do(apitest.Request{Path: path + "/revisions?cursor=1", Token: s.Prato}).Want(http.StatusOK)
			if want := `{"items":[],"total":1}`; strings.TrimSpace(string(got.Body)) != want {
				t.Errorf("%s: got %s, want %s", path, got.Body, want)
			}
		}
	})
}

func TestListsNameTheirNextPage(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, key := range []string{"a", "b"} {
			publish(s, key, service("Servizio "+key)).Want(http.StatusCreated)
		}
		publish(s, "a", service("Servizio A")).Want(http.StatusOK)
		for _, path := range []string{
			"/v1/services?limit=1", "/v1/services/servizio-a/revisions?limit=1", "/v1/publishers/" + apitest.Prato + "/services?limit=1", "/v1/changes?limit=1",
		} {
			var first, second struct{ Items []object }
			a := s.Do(apitest.Request{Path: path, Token: s.Prato}).Want(http.StatusOK)
			a.Into(&first)
			follow(t, s, a).Into(&second)
			if len(first.Items) != 1 || len(second.Items) != 1 || cmp.Equal(first, second) {
				t.Errorf("%s: got %v and then %v, want two pages", path, first, second)
			}
		}
		if link := s.Get("/v1/changes?after=3").Header.Get("Link"); link != "" {
			t.Errorf("the end of the feed has the link %q", link)
		}
	})
}

func TestEveryOperationKnowsItsParameters(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, path := range []string{"/status", "/openapi.json", "/openapi.yaml"} {
			if got := pointers(s.Get(path + "?pretty=1").Want(http.StatusBadRequest)); got != "pretty unknown_parameter" {
				t.Errorf("%s: got %s", path, got)
			}
			s.Get(path).Want(http.StatusOK)
		}
	})
}

func TestTheAuditIsReadByThoseWhoMay(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		s.Put(s.Publiacqua, own(apitest.Publiacqua, catalogue.KindPlace, "p"), object{"title": text("Vasca")}).Want(http.StatusCreated)
		reviewer := s.Key(apitest.Prato, identity.Review)
		get := func(token, query string) apitest.Answer {
			return s.Do(apitest.Request{Path: "/v1/audit" + query, Token: token})
		}

		get("", "").Want(http.StatusUnauthorized)
		get(s.Prato, "").Want(http.StatusForbidden)
		get(reviewer, "?publisher="+apitest.Publiacqua).Want(http.StatusForbidden)
		s.Do(apitest.Request{Path: "/v1/audit", Token: s.Key(apitest.Prato, identity.Report)}).Want(http.StatusOK)

		var page api.AuditPage
		get(reviewer, "?kind=service").Want(http.StatusOK).Into(&page)
		if len(page.Items) != 2 || page.Items[0].Action != "publish" || page.Items[1].Action != "create" {
			t.Fatalf("got %+v, want the two rows of the municipality's service", page.Items)
		}
		row := page.Items[0]
		if row.Actor != "test "+apitest.Prato || row.KeyPrefix == "" || row.Address != "127.0.0.1" || row.Detail != "Prova" || row.Key != "carta" || row.Publisher != apitest.Prato {
			t.Errorf("got %+v, want who did what, from where", row)
		}
		if !strings.Contains(string(row.Before), `"revision":0`) || !strings.Contains(string(row.After), `"revision":1`) {
			t.Errorf("got %s and %s, want the revisions before and after", row.Before, row.After)
		}
		page = api.AuditPage{}
		get(s.Admin, "?limit=1000").Want(http.StatusOK).Into(&page)
		for i, row := range page.Items {
			if want := int64(len(page.Items) - i); row.Number != want || row.Hash == "" {
				t.Errorf("row %d: got number %d with hash %q, want %d", i, row.Number, row.Hash, want)
			}
		}

		all := page.Items
		numbers := func(query string) (list []int64) {
			page = api.AuditPage{}
			get(s.Admin, query).Want(http.StatusOK).Into(&page)
			for _, row := range page.Items {
				list = append(list, row.Number)
			}
			return list
		}
		for query, wanted := range map[string]func(api.AuditRow) bool{
			"?publisher=" + apitest.Publiacqua: func(r api.AuditRow) bool { return r.Publisher == apitest.Publiacqua },
			"?key=carta":                       func(r api.AuditRow) bool { return r.Key == "carta" },
			"?kind=place":                      func(r api.AuditRow) bool { return r.Kind == catalogue.KindPlace },
			"?action=publish":                  func(r api.AuditRow) bool { return r.Action == "publish" },
			"?actor=" + url.QueryEscape(row.Actor) + "&key=carta": func(r api.AuditRow) bool { return r.Actor == row.Actor && r.Key == "carta" },
			"?from=" + row.At.Format(time.RFC3339Nano):            func(r api.AuditRow) bool { return !r.At.Before(row.At) },
			"?to=" + row.At.Format(time.RFC3339Nano):              func(r api.AuditRow) bool { return r.At.Before(row.At) },
			"?from=2999-01-01":                                    func(api.AuditRow) bool { return false },
		} {
			var want []int64
			for _, r := range all {
				if wanted(r) {
					want = append(want, r.Number)
				}
			}
			if diff := cmp.Diff(want, numbers(query)); diff != "" {
				t.Errorf("%s mismatch (-want +got):\n%s", query, diff)
			}
		}
		var paged []int64
		for query := "?limit=2"; ; query = "?limit=2&cursor=" + page.NextCursor {
			if paged = append(paged, numbers(query)...); page.NextCursor == "" {
				break
			}
		}
		if len(paged) != len(all) || !slices.IsSortedFunc(paged, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("page by page: got %v, want %d rows, the latest first", paged, len(all))
		}

		lines := s.Do(apitest.Request{
			Path: "/v1/audit?limit=2&action=create", Token: s.Admin, Header: map[string]string{"Accept": "application/x-ndjson"},
		}).Want(http.StatusOK)
		if got := lines.Header.Get("Content-Type"); got != "application/x-ndjson" {
			t.Errorf("got the media type %q", got)
		}
		if got := strings.Count(string(lines.Body), "\n"); got != 2 {
			t.Errorf("got %d lines, want 2: %s", got, lines.Body)
		}
		for accept, want := range map[string]string{
			"application/x-ndjson;q=0, */*": "application/json", "application/json, application/x-ndjson;q=0.5": "application/json",
			"application/json;q=0.5, application/x-ndjson": "application/x-ndjson", "text/html": "application/json",
		} {
			a := s.Do(apitest.Request{Path: "/v1/audit?limit=1", Token: s.Admin, Header: map[string]string{"Accept": accept}}).Want(http.StatusOK)
			if got := a.Header.Get("Content-Type"); got != want {
				t.Errorf("Accept %s: got the media type %q, want %q", accept, got, want)
			}
		}
		for query, want := range map[string]string{
			"?kind=servizio":   "kind one_of",
			"?from=ieri":       "from instant",
			"?cursor=x":        "cursor position",
			"?limit=0&actr=me": "actr unknown_parameter, limit number",
		} {
			if got := pointers(get(s.Admin, query).Want(http.StatusBadRequest)); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
	})
}
