package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

func TestReadersSeeWhenAnEntryWasConfirmed(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		before := s.Get("/v1/services/carta")
		s.Advance(48 * time.Hour)
		confirmed := post(s, s.Prato, prato("carta")+"/confirmations", nil).Want(http.StatusOK)
		after := s.Get("/v1/services/carta")
		if got, want := after.Object()["reviewedAt"], confirmed.Object()["reviewedAt"]; got != want || got == before.Object()["reviewedAt"] {
			t.Errorf("reviewedAt = %v, want %v, later than %v", got, want, before.Object()["reviewedAt"])
		}
		for _, same := range []string{"updatedAt", "revision", "publishedAt"} {
			if got, want := after.Object()[same], before.Object()[same]; got != want {
				t.Errorf("%s = %v, want %v as before", same, got, want)
			}
		}
		if before.Header.Get("ETag") == after.Header.Get("ETag") || before.Header.Get("Last-Modified") == after.Header.Get("Last-Modified") {
			t.Errorf("ETag %s and Last-Modified %s are those of before", after.Header.Get("ETag"), after.Header.Get("Last-Modified"))
		}
		var feed api.ChangePage
		s.Get("/v1/changes?after=1").Want(http.StatusOK).Into(&feed)
		if len(feed.Items) != 1 || feed.Items[0].Change != catalogue.ChangeReviewed || feed.Items[0].Revision != 1 {
			t.Errorf("the feed tells %+v, want a review of revision 1", feed.Items)
		}
		s.Put(s.Prato, prato("bozza"), service("Bozza"))
		problem := post(s, s.Prato, prato("bozza")+"/confirmations", nil).Want(http.StatusConflict).Problem()
		if !strings.Contains(problem.Detail, "Si conferma una scheda pubblicata") {
			t.Errorf("detail = %q", problem.Detail)
		}
		post(s, s.Publiacqua, prato("carta")+"/confirmations", nil).Want(http.StatusForbidden)
	})
}

func TestQueuesSayHowMuchWaitsAndWhatToDo(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Carta", object{"validTo": "2020-01-01"})).Want(http.StatusCreated)
		publish(s, "b", service("Patente")).Want(http.StatusCreated)
		s.Put(s.Publiacqua, own(apitest.Publiacqua, catalogue.KindService, "c")+"?publish=true", service("Acqua")).Want(http.StatusCreated)
		var list api.QueueList
		summary := func(path, token, queue string) api.QueueSummary {
			t.Helper()
			s.Do(apitest.Request{Path: path, Token: token, Header: map[string]string{"Accept-Language": "en"}}).Want(http.StatusOK).Into(&list)
			i := slices.IndexFunc(list.Items, func(x api.QueueSummary) bool { return x.Queue == queue })
			if i < 0 {
				t.Fatalf("no queue %s in %v", queue, list.Items)
			}
			return list.Items[i]
		}
		all := summary("/v1/queues", s.Admin, "no_online_way")
		want := api.QueueSummary{
			Queue: "no_online_way", Title: "No online way", Todo: "Add the online channel, or the reason in noDigitalReason.",
			URL: s.URL + "/v1/queues/no_online_way", Total: 3, ByOffice: []api.OfficeWaiting{},
			ByPublisher: []api.PublisherWaiting{{Publisher: apitest.Prato, Total: 2}, {Publisher: apitest.Publiacqua, Total: 1}},
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("queue mismatch (-want +got):\n%s", diff)
		}
		if len(list.Items) < 12 {
			t.Errorf("%d queues, want at least 12", len(list.Items))
		}
		if mine := summary("/v1/queues", s.Prato, "no_online_way"); mine.Total != 2 {
			t.Errorf("the municipality sees %d, want its own 2", mine.Total)
		}
		report := s.Key(apitest.Prato, identity.Report)
		if mine := summary("/v1/queues", report, "no_online_way"); mine.Total != 2 {
			t.Errorf("a key of the municipality with the scope report sees %d, want its own 2", mine.Total)
		}
		s.Do(apitest.Request{Path: "/v1/queues?publisher=publiacqua", Token: report}).Want(http.StatusForbidden)

		var page api.QueuePage
		first := s.Do(apitest.Request{Path: "/v1/queues/no_online_way?limit=1&lang=it", Token: s.Prato}).Want(http.StatusOK)
		first.Into(&page)
		if page.Total != 2 || len(page.Items) != 1 || page.Items[0].Key != "a" || page.Items[0].Title != "Carta" || !strings.HasPrefix(page.Items[0].Reason, "Il servizio si ottiene solo") {
			t.Errorf("first page = %+v", page)
		}
		follow(t, s, first).Into(&page)
		if len(page.Items) != 1 || page.Items[0].Key != "b" {
			t.Errorf("second page = %+v", page)
		}
		var ended api.QueuePage
		s.Do(apitest.Request{Path: "/v1/queues/ended_validity?kind=service", Token: s.Prato}).Want(http.StatusOK).Into(&ended)
		if ended.Total != 1 || ended.NextCursor != "" || ended.Items[0].URL != s.URL+prato("a") || !slices.Equal(ended.Items[0].Details, []string{"/validTo"}) {
			t.Errorf("ended validity = %+v", ended)
		}
	})
}

func TestQueuesAreForThoseWhoWorkOnThem(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct {
			name, path, token string
			want              int
		}{
			{"nobody", "/v1/queues", "", http.StatusUnauthorized},
			{"a publisher, of its own", "/v1/queues?publisher=prato-comune", s.Prato, http.StatusOK},
			{"a publisher, of another's", "/v1/queues?publisher=publiacqua", s.Prato, http.StatusForbidden},
			{"a publisher, of both", "/v1/queues/no_owner?publisher=prato-comune&publisher=publiacqua", s.Prato, http.StatusForbidden},
			{"a reviewer", "/v1/queues/no_owner", s.Key(apitest.Prato, identity.Review), http.StatusOK},
			{"an admin", "/v1/queues/no_owner?publisher=publiacqua&office=publiacqua/none&kind=office", s.Admin, http.StatusOK},
			{"an unknown queue", "/v1/queues/lunch", s.Admin, http.StatusNotFound},
			{"an unknown parameter", "/v1/queues?publishr=x", s.Admin, http.StatusBadRequest},
			{"an unknown kind", "/v1/queues?kind=journey", s.Admin, http.StatusBadRequest},
			{"no reference", "/v1/queues?office=anagrafe", s.Admin, http.StatusBadRequest},
			{"no cursor", "/v1/queues/no_owner?cursor=x", s.Admin, http.StatusBadRequest},
		} {
			if a := s.Do(apitest.Request{Path: tt.path, Token: tt.token}); a.Status != tt.want {
				t.Errorf("%s: status %d, want %d: %s", tt.name, a.Status, tt.want, a.Body)
			}
		}
	})
}

func TestFieldsAreLockedToTheirSource(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		custody := prato("carta") + "/custody"
		lock := object{"owner": "Anagrafe", "locks": []object{{"source": "crm", "pointers": []string{"/howTo"}}}}
		if got := pointers(s.Put(s.Prato, custody, lock).Want(http.StatusUnprocessableEntity)); got != "/locks locked" {
			t.Errorf("locking to another: %s", got)
		}
		s.Put(s.Admin, custody, lock).Want(http.StatusOK)
		refused := publish(s, "carta", service("Carta", object{"howTo": text("Online.")})).Want(http.StatusUnprocessableEntity)
		if got := pointers(refused); got != "/howTo locked" || !strings.Contains(refused.Problem().Errors[0].Message, "«crm»") {
			t.Errorf("refused at %s: %s", got, refused.Body)
		}
		crm, _, err := s.Config.Keys.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewKey{Name: "crm", Scopes: []identity.Scope{identity.Write}, Publisher: apitest.Prato})
		if err != nil {
			t.Fatal(err)
		}
		s.Put(crm, prato("carta"), service("Carta", object{"howTo": text("Online.")})).Want(http.StatusOK)
		got := s.Do(apitest.Request{Path: custody, Token: s.Prato}).Want(http.StatusOK).Object()
		if diff := cmp.Diff(mustJSON(t, lock), mustJSON(t, got)); diff != "" {
			t.Errorf("custody mismatch (-want +got):\n%s", diff)
		}
		s.Put(s.Prato, custody, object{"locks": []object{{"source": "crm", "pointers": []string{"/howto"}}}}).Want(http.StatusUnprocessableEntity)
		s.Put(crm, custody, object{"owner": "Anagrafe"}).Want(http.StatusOK)
		publish(s, "carta", service("Carta")).Want(http.StatusOK)
		s.Do(apitest.Request{Path: custody}).Want(http.StatusUnauthorized)
		s.Put(s.Publiacqua, custody, object{}).Want(http.StatusForbidden)
		s.Put(s.Prato, prato("nessuna")+"/custody", object{}).Want(http.StatusNotFound)
	})
}

func TestHeldBackLanguagesAreReadInItalian(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		doc := service("Iscrizione al nido", object{"title": object{"it": "Iscrizione al nido", "en": "Daycare enrolment"}, "heldBack": []string{"en"}})
		publish(s, "nido", doc).Want(http.StatusCreated)
		view := s.Get("/v1/services/iscrizione-al-nido?lang=en").Want(http.StatusOK).Object()
		if view["title"] != "Iscrizione al nido" || !slices.Contains(view["fallback"].([]any), any("/title")) || view["heldBack"] != nil {
			t.Errorf("the view is %v, want the Italian as a fallback, and nothing of languages held back", view)
		}
		if got := s.Get("/v1/services/iscrizione-al-nido?lang=*").Object()["title"]; !cmp.Equal(got, any(object{"it": "Iscrizione al nido"})) {
			t.Errorf("title = %v, want the Italian alone", got)
		}
		if got := s.Get("/v1/search?q=daycare&lang=en").Object()["total"]; got != 0.0 {
			t.Errorf("the search finds %v by what is held back, want nothing", got)
		}
		s.Do(apitest.Request{Method: http.MethodPatch, Path: prato("nido") + "?publish=true", Token: s.Prato, Body: object{"heldBack": nil}}).Want(http.StatusOK)
		if got := s.Get("/v1/services/iscrizione-al-nido?lang=en").Object()["title"]; got != "Daycare enrolment" {
			t.Errorf("published later, title = %v", got)
		}
		if got := s.Get("/v1/search?q=daycare&lang=en").Object()["total"]; got != 1.0 {
			t.Errorf("published later, the search finds %v, want 1", got)
		}
		bad := publish(s, "nido", service("Nido", object{"heldBack": []string{"it"}})).Want(http.StatusUnprocessableEntity)
		if got := pointers(bad); got != "/heldBack/0 one_of" {
			t.Errorf("holding back Italian: %s", got)
		}
	})
}

func TestHistoryKeepsToItselfWhatIsHeldBack(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, english := range []string{"Daycare enrolment", "Nursery enrolment"} {
			doc := service("Iscrizione al nido", object{"title": object{"it": "Iscrizione al nido", "en": english}, "heldBack": []string{"en"}})
			publish(s, "nido", doc)
			s.Advance(time.Hour)
		}
		asOf := url.QueryEscape(s.Config.Clock().Add(-90 * time.Minute).Format(time.RFC3339))
		for _, path := range []string{"?lang=*&asOf=" + asOf, "/revisions/1?lang=*", "/revisions/diff?from=1&to=2"} {
			if a := s.Get("/v1/services/iscrizione-al-nido" + path).Want(http.StatusOK); bytes.Contains(a.Body, []byte("enrolment")) {
				t.Errorf("%s shows what is held back: %s", path, a.Body)
			}
		}
		own := s.Do(apitest.Request{Path: prato("nido") + "/revisions/diff?from=1&to=2", Token: s.Prato}).Want(http.StatusOK)
		if !bytes.Contains(own.Body, []byte("Nursery enrolment")) {
			t.Errorf("its publisher does not see what changed: %s", own.Body)
		}
	})
}

func TestWhatIsNotOfferedHereIsFoundAndSaysSo(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta d'identità")).Want(http.StatusCreated)
		publish(s, "passaporto", object{
			"title": text("Passaporto"), "summary": text("Il passaporto si chiede alla questura."),
			"notOffered": object{"reason": text("Lo rilascia la questura."), "seeService": "prato-comune/carta", "seeUrl": "https://example.org/"},
		}).Want(http.StatusCreated)
		var found struct{ Items []object }
		s.Get("/v1/search?q=passaporto").Want(http.StatusOK).Into(&found)
		if len(found.Items) != 1 || found.Items[0]["notOffered"].(object)["reason"] != "Lo rilascia la questura." {
			t.Errorf("the search finds %v, want the passport, not offered", found.Items)
		}
		for query, want := range map[string]float64{"": 2, "?offered=true": 1, "?offered=false": 1} {
			if got := s.Get("/v1/services" + query).Want(http.StatusOK).Object()["total"]; got != want {
				t.Errorf("services%s: %v, want %v", query, got, want)
			}
		}
		view := s.Get("/v1/services/passaporto").Want(http.StatusOK).Object()
		if got := view["notOffered"].(object)["seeService"].(object)["url"]; got != s.URL+"/v1/services/carta-d-identita" {
			t.Errorf("the way on leads to %v", got)
		}
		publish(s, "visto", object{
			"title": text("Visto"), "summary": text("Non qui."), "notOffered": object{"reason": text("Non qui.")},
		}).Want(http.StatusCreated)
		if got := s.Do(apitest.Request{Path: "/v1/queues/not_offered_no_way_on", Token: s.Prato}).Object()["total"]; got != 1.0 {
			t.Errorf("%v wait without a way on, want 1", got)
		}
	})
}

func TestWhatNobodyLooksAfterIsArchivedAfterAReport(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "vecchia", service("Vecchia")).Want(http.StatusCreated)
		archivals, stewardship := "/v1/publishers/"+apitest.Prato+"/archivals", "/v1/publishers/"+apitest.Prato+"/stewardship"
		s.Put(s.Prato, stewardship, object{}).Want(http.StatusForbidden)
		if got := pointers(s.Put(s.Admin, stewardship, object{"archiveAfterMonths": 1}).Want(http.StatusUnprocessableEntity)); got != "/archiveAfterMonths range" {
			t.Errorf("archiving too soon: %s", got)
		}
		s.Put(s.Admin, stewardship, object{"reviews": []object{{"kind": "service", "months": 2}}, "archiveAfterMonths": 6}).Want(http.StatusOK)
		policy := s.Do(apitest.Request{Path: stewardship, Token: s.Prato}).Want(http.StatusOK).Object()
		if got := len(policy["reviews"].([]any)); got != len(catalogue.Kinds) {
			t.Errorf("%d kinds have an interval, want all %d", got, len(catalogue.Kinds))
		}
		publish(s, "vecchia", service("Vecchia carta")).Want(http.StatusOK)
		publish(s, "curata", service("Curata")).Want(http.StatusCreated)
		s.Advance(300 * 24 * time.Hour)
		var report api.ArchivalReport
		s.Do(apitest.Request{Path: archivals, Token: s.Prato}).Want(http.StatusOK).Into(&report)
		if report.Total != 2 {
			t.Fatalf("the report lists %+v, want both", report)
		}
		s.Get("/v1/services/vecchia").Want(http.StatusOK) // a report does nothing
		post(s, s.Prato, prato("curata")+"/confirmations", nil).Want(http.StatusOK)
		both := object{"items": []object{{"kind": "service", "key": "vecchia"}, {"kind": "service", "key": "curata"}}}
		var done api.ArchivalOutcomes
		post(s, s.Prato, archivals, both).Want(http.StatusOK).Into(&done)
		want := []api.ArchivalOutcome{{Kind: "service", Key: "vecchia", Outcome: "archived"}, {Kind: "service", Key: "curata", Outcome: "kept"}}
		if diff := cmp.Diff(want, done.Items); diff != "" {
			t.Errorf("outcomes mismatch (-want +got):\n%s", diff)
		}
		gone := s.Get("/v1/services/vecchia").Want(http.StatusGone).Problem()
		if gone.Reason != "Nessuno ha più confermato che questa scheda è giusta." {
			t.Errorf("reason = %q", gone.Reason)
		}
		s.Get("/v1/services/curata").Want(http.StatusOK)
		for _, bad := range []object{{}, {"items": []object{{"kind": "journey", "key": "/"}}}} {
			post(s, s.Prato, archivals, bad).Want(http.StatusUnprocessableEntity)
		}
		post(s, s.Key(apitest.Prato, identity.Write), archivals, both).Want(http.StatusForbidden)
	})
}
