package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

const bulkPath = "/v1/publishers/" + apitest.Prato + "/bulk"

// services are the items of a bulk that name services.
func services(keys ...string) []object {
	items := make([]object, len(keys))
	for i, key := range keys {
		items[i] = object{"kind": "service", "key": key}
	}
	return items
}

// outcomes shows each item as `key outcome`, or `key status` with the places and rules of what is wrong.
func outcomes(items []api.BulkOutcome) []string {
	shown := make([]string, len(items))
	for i, item := range items {
		shown[i] = item.Key + " " + item.Outcome
		if item.Problem != nil {
			shown[i] = fmt.Sprint(item.Key, " ", item.Problem.Status)
			for _, e := range item.Problem.Errors {
				shown[i] += " " + e.Pointer + " " + e.Rule
			}
		}
	}
	return shown
}

func wantOutcomes(t *testing.T, items []api.BulkOutcome, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, outcomes(items)); diff != "" {
		t.Errorf("outcomes mismatch (-want +got):\n%s", diff)
	}
}

// bulk asks as the municipality, and returns what became of the entries.
func bulk(t *testing.T, s *apitest.Server, body object) api.BulkResult {
	t.Helper()
	var result api.BulkResult
	answer := post(s, s.Prato, bulkPath, body).Want(http.StatusOK)
	answer.Into(&result)
	if answer.Header.Get("Catalogue-Position") == "" {
		t.Error("the answer tells no position")
	}
	return result
}

// mixed are three services: one to be published, one that is public, and one that cannot be.
func mixed(s *apitest.Server) {
	s.Put(s.Prato, prato("bozza"), service("Bozza")).Want(http.StatusCreated)
	publish(s, "pubblica", service("Pubblica")).Want(http.StatusCreated)
	s.Put(s.Prato, prato("vuota"), object{"title": text("Vuota"), "howTo": text("Andare allo sportello."), "categories": []string{"6"}, "status": "active"}).Want(http.StatusCreated)
}

// actions are the rows of the audit about an entry of the municipality, the latest first.
func actions(s *apitest.Server, key string) []string {
	var page api.AuditPage
	s.Do(apitest.Request{Path: "/v1/audit?publisher=" + apitest.Prato + "&kind=service&key=" + key, Token: s.Admin}).Want(http.StatusOK).Into(&page)
	names := make([]string, len(page.Items))
	for i, row := range page.Items {
		names[i] = row.Action
	}
	return names
}

func TestABulkTellsWhatBecameOfEachEntry(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		mixed(s)
		s.Put(s.Publiacqua, own(apitest.Publiacqua, catalogue.KindService, "altrui"), service("Altrui")).Want(http.StatusCreated)
		s.Put(s.Prato, prato("cambiata"), service("Cambiata")).Want(http.StatusCreated)
		items := append(services("bozza", "pubblica", "vuota", "altrui"), object{"kind": "service", "key": "cambiata", "version": 7})
		result := bulk(t, s, object{"operation": "publish", "items": items})
		wantOutcomes(t, result.Items, "bozza done", "pubblica unchanged", "vuota 422 /summary missing", "altrui 404", "cambiata 412")
		if result.Done != 1 || result.Failed != 3 {
			t.Errorf("%d done and %d failed, want 1 and 3", result.Done, result.Failed)
		}
		if got := result.Items[0].DraftVersion; got != 1 {
			t.Errorf("the draft published has version %d, want 1", got)
		}
		s.Get("/v1/services/bozza").Want(http.StatusOK)
		s.Get("/v1/services/cambiata").Want(http.StatusNotFound)
		if got, want := actions(s, "bozza"), []string{"publish", "create"}; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("the audit has %v, want %v", got, want)
		}

		items[4]["version"] = 1
		wantOutcomes(t, bulk(t, s, object{"operation": "publish", "items": items[4:]}).Items, "cambiata done")
		wantOutcomes(t, bulk(t, s, object{"operation": "confirm", "items": services("bozza", "vuota")}).Items, "bozza done", "vuota 409")
		withdrawal := object{"operation": "withdraw", "reason": "Non serve più.", "items": services("bozza", "vuota")}
		wantOutcomes(t, bulk(t, s, withdrawal).Items, "bozza done", "vuota 409")
		if got := s.Get("/v1/services/bozza").Want(http.StatusGone).Problem().Reason; got != "Non serve più." {
			t.Errorf("readers are told %q", got)
		}
		wantOutcomes(t, bulk(t, s, object{"operation": "archive", "items": services("bozza", "vuota", "pubblica")}).Items,
			"bozza done", "vuota done", "pubblica 409")
	})
}

func TestAnAtomicBulkIsAllOrNothing(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		mixed(s)
		body := object{"operation": "publish", "atomic": true, "items": services("bozza", "pubblica", "vuota", "nessuna")}
		refused := post(s, s.Prato, bulkPath, body).Want(http.StatusConflict).Problem()
		if !strings.HasSuffix(refused.Type, "#refused") {
			t.Errorf("the problem is %s", refused.Type)
		}
		wantOutcomes(t, refused.Items, "vuota 422 /summary missing", "nessuna 404")
		s.Get("/v1/services/bozza").Want(http.StatusNotFound)
		if got := s.Do(apitest.Request{Path: prato("bozza"), Token: s.Prato}).Object()["publication"]; got != "never" {
			t.Errorf("the draft is %v, want as before", got)
		}
		if got := actions(s, "bozza"); !slices.Equal(got, []string{"create"}) {
			t.Errorf("the audit has %v of what was not done", got)
		}

		s.Put(s.Prato, prato("vuota"), service("Vuota")).Want(http.StatusOK)
		body["items"] = services("bozza", "pubblica", "vuota")
		wantOutcomes(t, bulk(t, s, body).Items, "bozza done", "pubblica unchanged", "vuota done")
		var feed api.ChangePage
		s.Get("/v1/changes?after=1").Want(http.StatusOK).Into(&feed)
		var keys []string
		for _, change := range feed.Items {
			keys = append(keys, fmt.Sprint(change.Position, " ", change.Key, " ", change.Change))
		}
		if want := []string{"2 bozza published", "3 vuota published"}; !slices.Equal(keys, want) {
			t.Errorf("the feed tells %v, want %v", keys, want)
		}
		s.Get("/v1/services/vuota").Want(http.StatusOK) // the answer waited for both
	})
}

func TestEntriesOfABulkMayNameEachOther(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, atomic := range []bool{false, true} {
			name := fmt.Sprint("a-", atomic)
			office := own(apitest.Prato, catalogue.KindOffice, name)
			s.Put(s.Prato, office+"-sopra", object{"title": text("Settore " + name), "hoursText": text("Mai"), "status": "active"}).Want(http.StatusCreated)
			s.Put(s.Prato, office, object{"title": text("Anagrafe " + name), "parent": apitest.Prato + "/" + name + "-sopra", "status": "active"}).Want(http.StatusCreated)
			s.Put(s.Prato, prato(name), service("Carta "+name, object{"responsibleOffice": apitest.Prato + "/" + name})).Want(http.StatusCreated)
			items := []object{{"kind": "service", "key": name}, {"kind": "office", "key": name}, {"kind": "office", "key": name + "-sopra"}}
			alone := bulk(t, s, object{"operation": "publish", "items": items[:1]})
			wantOutcomes(t, alone.Items, name+" 422 /responsibleOffice published")
			together := bulk(t, s, object{"operation": "publish", "atomic": atomic, "items": items})
			wantOutcomes(t, together.Items, name+" done", name+" done", name+"-sopra done")
		}
	})
}

func TestABulkIsCheckedBeforeAnythingIsDone(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		tooMany := make([]string, 501)
		for i := range tooMany {
			tooMany[i] = fmt.Sprint("k", i)
		}
		for _, tt := range []struct {
			name string
			body object
			want string
		}{
			{"too many", object{"operation": "publish", "items": services(tooMany...)}, "/items too_many"},
			{"none", object{"operation": "publish", "items": []object{}}, "/items required"},
			{"one twice", object{"operation": "publish", "items": services("a", "b", "a")}, "/items/2 unique"},
			{"no such operation", object{"operation": "restore", "items": services("a")}, "/operation one_of"},
			{"no such kind", object{"operation": "publish", "items": []object{{"kind": "journey", "key": "a"}}}, "/items/0/kind one_of"},
			{"no key", object{"operation": "publish", "items": services("a/b")}, "/items/0/key required"},
			{"no reason", object{"operation": "withdraw", "items": services("a")}, "/reason required"},
			{"a long note", object{"operation": "publish", "note": strings.Repeat("x", 1001), "items": services("a")}, "/note too_long"},
		} {
			if got := pointers(post(s, s.Prato, bulkPath, tt.body).Want(http.StatusUnprocessableEntity)); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}
		if got := actions(s, "a"); !slices.Equal(got, []string{"create"}) {
			t.Errorf("the audit has %v of what was not done", got)
		}
		post(s, s.Admin, "/v1/publishers/nessuno/bulk", object{"operation": "publish", "items": services("a")}).Want(http.StatusNotFound)
	})
}

func TestABulkNeedsTheScopeOfItsOperation(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		writer := s.Key(apitest.Prato, identity.Write)
		for operation, want := range map[string]int{
			"publish": http.StatusForbidden, "withdraw": http.StatusForbidden, "archive": http.StatusForbidden, "confirm": http.StatusOK,
		} {
			body := object{"operation": operation, "reason": "Chiuso.", "items": services("a")}
			if got := post(s, writer, bulkPath, body).Status; got != want {
				t.Errorf("%s by who may only write: status %d, want %d", operation, got, want)
			}
			post(s, s.Publiacqua, bulkPath, body).Want(http.StatusForbidden)
		}
	})
}

func TestARepeatedBulkIsDoneOnce(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		publish(s, "b", service("B")).Want(http.StatusCreated)
		request := apitest.Request{
			Method: http.MethodPost, Path: bulkPath, Token: s.Prato, Header: map[string]string{"Idempotency-Key": "1"},
			Body: object{"operation": "confirm", "items": services("a", "b")},
		}
		first, second := s.Do(request).Want(http.StatusOK), s.Do(request).Want(http.StatusOK)
		if string(first.Body) != string(second.Body) || second.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("repeated, the answer is %s, want %s", second.Body, first.Body)
		}
		if got := s.Get("/v1/changes?after=2").Object()["items"].([]any); len(got) != 2 {
			t.Errorf("the feed tells of %d confirmations, want 2", len(got))
		}
	})
}
