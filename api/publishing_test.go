package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

func TestWhatIsPublishedIsThereWhenTheAnswerIs(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		created := publish(s, "carta", service("Carta d'identità")).Want(http.StatusCreated)
		if got, want := created.Header.Get("Location"), s.URL+prato("carta"); got != want {
			t.Errorf("Location = %q, want %q", got, want)
		}
		if got := created.Header.Get("Catalogue-Position"); got != "1" {
			t.Errorf("Catalogue-Position = %q, want 1", got)
		}
		view := s.Get("/v1/services/carta-d-identita").Want(http.StatusOK).Object()
		if got := view["title"]; got != "Carta d'identità" {
			t.Errorf("title = %q", got)
		}
		list := s.Get("/v1/services").Want(http.StatusOK).Object()
		if got := list["total"]; got != 1.0 {
			t.Errorf("total = %v, want 1", got)
		}
	})
}

func TestAFetchedDocumentCanBePutUnderANewKey(t *testing.T) {
	runDemo(t, func(t *testing.T, s *apitest.Server) {
		before := s.Get("/v1/services").Object()["total"].(float64)
		doc := s.Do(apitest.Request{Path: prato("prato-s19"), Token: s.Prato}).Want(http.StatusOK).Object()["document"].(object)
		doc["title"] = text("Carta d'identità, seconda")
		first := publish(s, "nuova", doc).Want(http.StatusCreated).Object()
		if got := s.Get("/v1/services").Object()["total"]; got != before+1 {
			t.Errorf("total = %v, want %v", got, before+1)
		}
		again := publish(s, "nuova", doc).Want(http.StatusOK)
		for _, member := range []string{"revision", "draftVersion", "updatedAt"} {
			if got, want := again.Object()[member], first[member]; got != want {
				t.Errorf("PUT again: %s = %v, want %v", member, got, want)
			}
		}
		if got := s.Get("/v1/services/nuova-inesistente").Status; got != http.StatusNotFound {
			t.Errorf("status = %d", got)
		}
	})
}

func TestTheLifeOfAnEntry(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "nuovo", service("Servizio nuovo")).Want(http.StatusCreated)
		draft := s.Put(s.Prato, prato("vecchio"), service("Servizio vecchio")).Want(http.StatusCreated).Object()
		if draft["publication"] != "never" || draft["draft"] != "editing" || draft["revision"] != 0.0 {
			t.Errorf("a new draft is %v", draft)
		}
		s.Get("/v1/services/servizio-vecchio").Want(http.StatusNotFound)

		move(s, prato("vecchio"), object{"transition": "publish", "note": "prima"}).Want(http.StatusOK)
		s.Get("/v1/services/servizio-vecchio").Want(http.StatusOK)

		s.Do(apitest.Request{
			Method: http.MethodPatch, Path: prato("vecchio") + "?publish=true&note=seconda", Token: s.Prato,
			Body: object{"description": text("Di più."), "howTo": nil, "furtherInfo": nil, "contacts": []object{{"entries": []object{{"type": "phone", "value": "0574 18361"}}}}},
		}).Want(http.StatusOK)
		view := s.Get("/v1/services/servizio-vecchio").Object()
		if view["description"] != "Di più." || view["howTo"] != nil {
			t.Errorf("after the patch, the view is %v", view)
		}
		history := s.Get("/v1/services/servizio-vecchio/revisions").Object()
		if got := fmt.Sprint(history["total"]); got != "2" {
			t.Errorf("revisions = %s, want 2", got)
		}
		if got := history["items"].([]any)[0].(object)["note"]; got != "seconda" {
			t.Errorf("the latest note = %v, want seconda", got)
		}

		move(s, prato("vecchio"), object{"transition": "archive"}).Want(http.StatusConflict)
		move(s, prato("vecchio"), object{
			"transition": "withdraw", "reason": "Unito al nuovo", "replacedBy": "prato-comune/nuovo",
		}).Want(http.StatusOK)
		gone := s.Get("/v1/services/servizio-vecchio").Want(http.StatusGone).Problem()
		if gone.Reason != "Unito al nuovo" || gone.Replaced == nil || gone.Replaced.URL != s.URL+"/v1/services/servizio-nuovo" {
			t.Errorf("410 says %+v", gone)
		}
		move(s, prato("vecchio"), object{"transition": "archive"}).Want(http.StatusOK)
		move(s, prato("vecchio"), object{"transition": "restore", "revision": 1}).Want(http.StatusOK)
		move(s, prato("vecchio"), object{"transition": "publish", "note": "Prova"}).Want(http.StatusOK)
		if view := s.Get("/v1/services/servizio-vecchio").Object(); view["description"] != nil || view["revision"] != 3.0 {
			t.Errorf("the restored view is %v", view)
		}
		s.Do(apitest.Request{Method: http.MethodDelete, Path: prato("vecchio"), Token: s.Prato}).Want(http.StatusNoContent)
		s.Get("/v1/services/servizio-vecchio").Want(http.StatusGone)

		var feed struct {
			Items []struct {
				Position int64
				Key      string
				Change   string
			}
		}
		s.Get("/v1/changes").Into(&feed)
		var story []string
		for i, c := range feed.Items {
			if c.Position != int64(i+1) {
				t.Errorf("position %d at place %d of the feed", c.Position, i+1)
			}
			story = append(story, c.Key+" "+c.Change)
		}
		want := []string{
			"nuovo published", "vecchio published", "vecchio updated", "vecchio withdrawn", "vecchio published", "vecchio withdrawn",
		}
		if diff := cmp.Diff(want, story); diff != "" {
			t.Errorf("feed mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestWritesHonourConditions(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		put := func(key, header, value, title string) int {
			return s.Do(apitest.Request{
				Method: http.MethodPut, Path: prato(key), Token: s.Prato, Body: service(title), Header: map[string]string{header: value},
			}).Status
		}
		for _, tt := range []struct {
			name, key, header, value, title string
			want                            int
		}{
			{"If-Match of what does not exist", "a", "If-Match", `"1"`, "A", http.StatusPreconditionFailed},
			{"If-Match * of what does not exist", "a", "If-Match", `*`, "A", http.StatusPreconditionFailed},
			{"If-None-Match * makes it", "a", "If-None-Match", `*`, "A", http.StatusCreated},
			{"If-None-Match * of what exists", "a", "If-None-Match", `*`, "B", http.StatusPreconditionFailed},
			{"If-Match of the version", "a", "If-Match", `"1"`, "B", http.StatusOK},
			{"If-Match of an old version", "a", "If-Match", `"1"`, "C", http.StatusPreconditionFailed},
			{"If-Match of several", "a", "If-Match", `"7", "2"`, "C", http.StatusOK},
			{"If-Match *", "a", "If-Match", `*`, "D", http.StatusOK},
			{"If-Match that a proxy made weak", "a", "If-Match", `W/"4"`, "E", http.StatusOK},
			{"If-Match without the quotes", "a", "If-Match", `5`, "E", http.StatusBadRequest},
			{"If-Match that is nonsense", "a", "If-Match", `x`, "D", http.StatusBadRequest},
			{"If-Match of another's ETag", "a", "If-Match", `"abc"`, "D", http.StatusPreconditionFailed},
		} {
			if got := put(tt.key, tt.header, tt.value, tt.title); got != tt.want {
				t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
			}
		}
	})
}

func TestAPublisherMayAskForIfMatch(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.CreatePublisher(identity.NewPublisher{Key: "gida", Name: "GIDA", Policy: catalogue.PolicySelf, RequireIfMatch: true})
		token, path := s.Key("gida", identity.Write, identity.Publish), own("gida", catalogue.KindService, "a")
		version := s.Put(token, path, service("A")).Want(http.StatusCreated).Header.Get("ETag")
		s.Put(token, path, service("B")).Want(http.StatusPreconditionRequired)
		decide(s, token, path, "", object{"transition": "publish"}).Want(http.StatusPreconditionRequired)
		s.Do(apitest.Request{Method: http.MethodDelete, Path: path, Token: token}).Want(http.StatusPreconditionRequired)
		s.Do(apitest.Request{
			Method: http.MethodPut, Path: path, Token: token, Body: service("B"), Header: map[string]string{"If-Match": version},
		}).Want(http.StatusOK)
	})
}

func TestUnderAReviewPolicyPublishingWaits(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.CreatePublisher(identity.NewPublisher{Key: "alia", Name: "Alia S.p.A.", Policy: catalogue.PolicyFourEyes})
		token := s.Key("alia", identity.Write, identity.Publish)
		path := own("alia", catalogue.KindService, "a")
		waiting := s.Put(token, path+"?publish=true&note=Prova", service("Raccolta")).Want(http.StatusAccepted).Object()
		if waiting["draft"] != "in_review" || waiting["publication"] != "never" {
			t.Errorf("state = %v %v, want in_review and never", waiting["draft"], waiting["publication"])
		}
		decide(s, token, path, "", object{"transition": "publish"}).Want(http.StatusConflict)
		s.Get("/v1/services/raccolta").Want(http.StatusNotFound)
	})
}

func TestBadBodiesAreRefusedAndNothingIsStored(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
		for _, tt := range []struct {
			name   string
			body   string
			header map[string]string
			status int
			errors string
		}{
			{name: "empty", status: http.StatusBadRequest},
			{name: "not JSON", body: "ciao", status: http.StatusBadRequest},
			{name: "cut off", body: `{"title":`, status: http.StatusBadRequest},
			{name: "something behind it", body: `{} {}`, status: http.StatusBadRequest},
			{name: "not UTF-8", body: "{\"title\":{\"it\":\"perch\xe9\"}}", status: http.StatusBadRequest},
			{name: "1,000 deep", body: deep, status: http.StatusBadRequest},
			{name: "too big", body: `{"title":{"it":"` + strings.Repeat("a", 1<<20) + `"}}`, status: http.StatusRequestEntityTooLarge},
			{name: "text", body: `{}`, header: map[string]string{"Content-Type": "text/plain"}, status: http.StatusUnsupportedMediaType},
			{name: "Latin-1", body: `{}`, header: map[string]string{"Content-Type": "application/json; charset=iso-8859-1"}, status: http.StatusUnsupportedMediaType},
			{name: "compressed", body: `{}`, header: map[string]string{"Content-Encoding": "gzip"}, status: http.StatusUnsupportedMediaType},
			{name: "a list", body: `[]`, status: http.StatusUnprocessableEntity, errors: " type"},
			{name: "nothing in it", body: `{}`, status: http.StatusUnprocessableEntity, errors: "/title required"},
			{
				name: "a name twice", body: `{"title":{"it":"A"},"title":{"it":"B"}}`, status: http.StatusUnprocessableEntity,
				errors: "/title duplicate",
			},
			{
				name: "unknown and mistyped", body: `{"title":{"it":"A"},"titolo":1,"summry":{"it":"B"},"categories":"6"}`,
				status: http.StatusUnprocessableEntity, errors: "/categories type, /summry unknown_field, /titolo unknown_field",
			},
			{
				name: "references that lead nowhere", status: http.StatusUnprocessableEntity,
				body:   `{"title":{"it":"A"},"responsibleOffice":"prato-comune/x","offices":["publiacqua/y","z"]}`,
				errors: "/offices/0 exists, /offices/1 reference, /responsibleOffice exists",
			},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := s.Do(apitest.Request{Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: tt.body, Header: tt.header})
				if got := pointers(a.Want(tt.status)); got != tt.errors {
					t.Errorf("errors = %q, want %q", got, tt.errors)
				}
			})
		}
		s.Do(apitest.Request{Path: prato("a"), Token: s.Prato}).Want(http.StatusNotFound)
	})
}

func TestProblemsSuggestAndSpeakTheCallersLanguage(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct{ language, title, expected string }{
			{"", "La richiesta contiene errori", "un campo previsto, forse «summary»"},
			{"en-GB", "The request contains errors", "a known field, perhaps “summary”"},
			{"zh", "La richiesta contiene errori", "un campo previsto, forse «summary»"},
		} {
			p := s.Do(apitest.Request{
				Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Header: map[string]string{"Accept-Language": tt.language},
				Body: object{"title": text("A"), "summry": text("B")},
			}).Want(http.StatusUnprocessableEntity).Problem()
			if p.Title != tt.title || len(p.Errors) != 1 || p.Errors[0].Expected != tt.expected {
				t.Errorf("in %q: %+v", tt.language, p)
			}
		}
	})
}

func TestSomebodyElsesDraftReadsAsMissing(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		office := own(apitest.Publiacqua, catalogue.KindOffice, "sportello")
		s.Put(s.Publiacqua, office, object{"title": text("Sportello")}).Want(http.StatusCreated)
		names := func(key string) object { return service("A", object{"offices": []string{"publiacqua/" + key}}) }
		a := s.Put(s.Prato, prato("a"), names("sportello")).Want(http.StatusUnprocessableEntity)
		b := s.Put(s.Prato, prato("a"), names("inventato")).Want(http.StatusUnprocessableEntity)
		if got, want := strings.ReplaceAll(a.Problem().Errors[0].Message, "sportello", "inventato"), b.Problem().Errors[0].Message; got != want {
			t.Errorf("a draft is told from nothing: %q, %q", got, want)
		}
		s.Put(s.Publiacqua, office+"?publish=true&note=Prova", object{"title": text("Sportello")}).Want(http.StatusOK)
		publish(s, "a", names("sportello")).Want(http.StatusCreated)

		withdrawn := decide(s, s.Publiacqua, office, "", object{"transition": "withdraw", "reason": "Chiuso"}).Want(http.StatusOK).Object()
		if got := mustJSON(t, withdrawn["referrers"]); !strings.Contains(got, `"key":"a"`) {
			t.Errorf("referrers = %s, want the service", got)
		}
		shown := s.Get("/v1/services/a").Want(http.StatusOK).Object()["offices"].([]any)[0].(object)
		if shown["available"] != false || shown["title"] != "Sportello" {
			t.Errorf("a withdrawn office is shown as %v", shown)
		}
	})
}

func TestADeletedDraftMustNotBeNamed(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		office := own(apitest.Prato, catalogue.KindOffice, "o")
		s.Put(s.Prato, office, object{"title": text("Ufficio")}).Want(http.StatusCreated)
		s.Put(s.Prato, prato("a"), service("A", object{"offices": []string{"prato-comune/o"}})).Want(http.StatusCreated)
		remove := apitest.Request{Method: http.MethodDelete, Path: office, Token: s.Prato}
		refused := s.Do(remove).Want(http.StatusConflict).Problem()
		if len(refused.Referrers) != 1 || refused.Referrers[0].Key != "a" {
			t.Errorf("referrers = %v, want the service", refused.Referrers)
		}
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusOK)
		s.Do(remove).Want(http.StatusNoContent)
		s.Do(remove).Want(http.StatusNotFound)
	})
}

func TestWhoMayWhat(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		revoked := s.Key(apitest.Prato, identity.Write, identity.Publish)
		if err := s.Config.Keys.Revoke(t.Context(), catalogue.Actor{Name: "test"}, prefixOf(revoked)); err != nil {
			t.Fatal(err)
		}
		expired, _, err := s.Config.Keys.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewKey{
			Name: "old", Publisher: apitest.Prato, Scopes: identity.Scopes, Expires: time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Advance(2 * time.Minute)
		keys := []struct{ name, token string }{
			{"none", ""},
			{"nonsense", "cat_nonsense"},
			{"revoked", revoked},
			{"expired", expired},
			{"another publisher's", s.Publiacqua},
			{"report only", s.Key(apitest.Prato, identity.Report)},
			{"write only", s.Key(apitest.Prato, identity.Write)},
			{"publish only", s.Key(apitest.Prato, identity.Publish)},
			{"write and publish", s.Prato},
			{"admin of one publisher", s.Key(apitest.Prato, identity.Admin)},
			{"admin", s.Admin},
		}
		routes := []struct {
			name    string
			request apitest.Request
			want    string // the statuses, in the order of keys
		}{
			{"list", apitest.Request{Path: "/v1/publishers/prato-comune/services"}, "401 401 401 401 403 403 200 200 200 403 200"},
			{"get", apitest.Request{Path: prato("a")}, "401 401 401 401 403 403 200 200 200 403 200"},
			{"put", apitest.Request{Method: http.MethodPut, Path: prato("a"), Body: service("A")}, "401 401 401 401 403 403 200 403 200 403 200"},
			{"put and publish", apitest.Request{Method: http.MethodPut, Path: prato("a") + "?publish=true&note=Prova", Body: service("A")}, "401 401 401 401 403 403 403 403 200 403 200"},
			{"patch", apitest.Request{Method: http.MethodPatch, Path: prato("a"), Body: object{}}, "401 401 401 401 403 403 200 403 200 403 200"},
			{"publish", apitest.Request{Method: http.MethodPost, Path: prato("a") + "/transitions", Body: object{"transition": "publish"}}, "401 401 401 401 403 403 403 200 200 403 200"},
			{"restore", apitest.Request{Method: http.MethodPost, Path: prato("a") + "/transitions", Body: object{"transition": "restore", "revision": 1}}, "401 401 401 401 403 403 200 403 200 403 200"},
			{"delete", apitest.Request{Method: http.MethodDelete, Path: prato("a")}, "401 401 401 401 403 403 403 204 204 403 204"},
			{"look up", apitest.Request{Path: "/v1/services"}, "200 200 200 200 200 200 200 200 200 200 200"},
		}
		for _, route := range routes {
			var got []string
			for _, key := range keys {
				route.request.Token = key.token
				got = append(got, strconv.Itoa(s.Do(route.request).Status))
			}
			if diff := cmp.Diff(strings.Fields(route.want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", route.name, diff)
			}
		}
		if !strings.Contains(s.Logs(), `"problem":"forbidden","reason":"not allowed: the key does not act for publisher \"prato-comune\""`) {
			t.Error("the log does not say why a key was refused")
		}
		challenge := s.Put("", prato("a"), service("A")).Header.Get("WWW-Authenticate")
		if challenge != `Bearer realm="catalogue"` {
			t.Errorf("WWW-Authenticate = %q", challenge)
		}
		for _, token := range []string{s.Prato, s.Admin} {
			if strings.Contains(s.Logs(), token) {
				t.Error("the log tells a token")
			}
		}
	})
}

func TestANamespaceThatDoesNotExist(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		path := own("nessuno", catalogue.KindService, "a")
		s.Put(s.Prato, path, service("A")).Want(http.StatusForbidden)
		s.Put(s.Admin, path, service("A")).Want(http.StatusNotFound)
		s.Do(apitest.Request{Path: "/v1/publishers/nessuno/services", Token: s.Admin}).Want(http.StatusNotFound)
		s.Put(s.Prato, prato("a%20b"), service("A")).Want(http.StatusBadRequest)
		s.Put(s.Prato, prato(strings.Repeat("a", 129)), service("A")).Want(http.StatusBadRequest)
	})
}

func TestAPublisherSeesItsOwnEntries(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for i := range 5 {
			key := fmt.Sprintf("s%d", i)
			if i%2 == 0 {
				publish(s, key, service("Servizio "+key)).Want(http.StatusCreated)
			} else {
				s.Put(s.Prato, prato(key), service("Servizio "+key)).Want(http.StatusCreated)
			}
		}
		var keys []string
		path := "/v1/publishers/prato-comune/services?limit=2"
		for pages := 0; pages < 5; pages++ {
			var page struct {
				Items []struct {
					Key, Publication string
					Document         any
				}
				Total      int
				NextCursor string
			}
			s.Do(apitest.Request{Path: path, Token: s.Prato}).Want(http.StatusOK).Into(&page)
			for _, item := range page.Items {
				keys = append(keys, item.Key+" "+item.Publication)
			}
			if page.Total != 5 {
				t.Errorf("total = %d, want 5", page.Total)
			}
			if page.NextCursor == "" {
				break
			}
			path = "/v1/publishers/prato-comune/services?limit=2&cursor=" + page.NextCursor
		}
		want := []string{"s0 published", "s1 never", "s2 published", "s3 never", "s4 published"}
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("own entries mismatch (-want +got):\n%s", diff)
		}
		only := s.Do(apitest.Request{Path: "/v1/publishers/prato-comune/services?publication=never", Token: s.Prato}).Object()
		if only["total"] != 2.0 {
			t.Errorf("never published: total = %v, want 2", only["total"])
		}
		s.Do(apitest.Request{Path: "/v1/publishers/prato-comune/services?publication=nope", Token: s.Prato}).Want(http.StatusBadRequest)
	})
}

func TestADocumentThatIsWrongAThousandTimesCostsLittle(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		var publishers, keys, unknown []string
		for i := range 40_000 {
			publishers = append(publishers, fmt.Sprintf("p%d/a", i))
			keys = append(keys, fmt.Sprintf("prato-comune/%d", i))
			unknown = append(unknown, `"x":1`)
		}
		for name, body := range map[string]string{
			"references to many publishers": mustJSON(t, service("A", object{"offices": publishers})),
			"references to one publisher":   mustJSON(t, service("A", object{"offices": keys})),
			"one name again and again":      "{" + strings.Join(unknown, ",") + "}",
		} {
			t.Run(name, func(t *testing.T) {
				s.Put(s.Prato, prato("a"), body).Want(http.StatusUnprocessableEntity)
				s.Do(apitest.Request{
					Method: http.MethodPost, Path: "/v1/validations", Body: `{"kind":"service","level":"draft","document":` + body + `}`,
				}).Want(http.StatusOK)
			})
		}
	})
}

func TestValidationStoresNothingAndNeedsNoKey(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		check := func(body any) apitest.Answer {
			return s.Do(apitest.Request{Method: http.MethodPost, Path: "/v1/validations", Body: body})
		}
		for _, tt := range []struct {
			name  string
			level string
			doc   object
			valid bool
		}{
			{"a draft may lack much", "draft", object{"title": text("A")}, true},
			{"a public one may not", "publish", object{"title": text("A")}, false},
			{"a public one that may", "publish", service("A"), true},
			{"a portal asks for more", "portal", service("A"), false},
		} {
			got := check(object{"kind": "service", "level": tt.level, "document": tt.doc}).Want(http.StatusOK).Object()
			if got["valid"] != tt.valid || got["level"] != tt.level {
				t.Errorf("%s: %v", tt.name, got)
			}
			if card := got["card"].([]any); len(card) != 13 || got["score"].(object)["value"].(float64) >= 100 {
				t.Errorf("%s: got card %v and score %v, want 13 parts and less than 100", tt.name, card, got["score"])
			}
		}
		if got := check(object{"kind": "place", "document": object{"title": text("A")}}).Want(http.StatusOK).Object(); got["card"] != nil {
			t.Errorf("a place has the card %v, want none", got["card"])
		}
		below := object{"kind": "office", "publisher": "prato-comune", "key": "a", "document": object{"title": text("A"), "parent": "prato-comune/a"}}
		if got := check(below).Want(http.StatusOK).Object(); got["valid"] != false {
			t.Errorf("an office below itself: got %v, want it invalid", got)
		}
		below["key"] = "a/b"
		if got := pointers(check(below).Want(http.StatusUnprocessableEntity)); got != "/key reference" {
			t.Errorf("a bad key: errors = %q", got)
		}
		refused := check(object{"kind": "servizio", "level": "x", "doc": 1}).Want(http.StatusUnprocessableEntity)
		if got, want := pointers(refused), "/doc unknown_field, /kind one_of, /level one_of, /document required"; got != want {
			t.Errorf("errors = %q, want %q", got, want)
		}
		if got := s.Get("/v1/changes").Object()["position"]; got != 0.0 {
			t.Errorf("position = %v, want 0", got)
		}
	})
}
