package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

const asl = "asl"

// fourEyes makes a publisher with that policy, a key of its authors and one of its reviewers.
func fourEyes(s *apitest.Server) (author, reviewer string) {
	s.CreatePublisher(identity.NewPublisher{Key: asl, Name: "ASL", Policy: catalogue.PolicyFourEyes})
	return s.Key(asl, identity.Write, identity.Publish, identity.Review), s.Key(asl, identity.Review)
}

// decide makes a transition with a key, of the version if one is given.
func decide(s *apitest.Server, token, path, version string, body object) apitest.Answer {
	request := apitest.Request{Method: http.MethodPost, Path: path + "/transitions", Token: token, Body: body}
	if version != "" {
		request.Header = map[string]string{"If-Match": version}
	}
	return s.Do(request)
}

func TestADraftUnderFourEyesIsReviewed(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		author, reviewer := fourEyes(s)
		path := own(asl, catalogue.KindService, "visita")
		s.Put(author, path, service("Visita")).Want(http.StatusCreated)
		decide(s, author, path, "", object{"transition": "submit"}).Want(http.StatusAccepted)
		queue := s.Do(apitest.Request{Path: "/v1/reviews", Token: reviewer}).Want(http.StatusOK)
		if got := fmt.Sprintf("%v %s", queue.Object()["total"], keysOf(queue)); got != "1 visita" {
			t.Errorf("the queue has %s, want the draft alone", got)
		}
		approve := object{"transition": "approve"}
		for _, refused := range []struct {
			token, version string
			status         int
			problem        string
		}{
			{author, `"1"`, http.StatusForbidden, "own-draft"},
			{reviewer, "", http.StatusPreconditionRequired, "precondition"},
			{reviewer, "*", http.StatusPreconditionRequired, "precondition"},
			{reviewer, `"7"`, http.StatusPreconditionFailed, "stale"},
			{s.Prato, `"1"`, http.StatusForbidden, "forbidden"},
		} {
			got := decide(s, refused.token, path, refused.version, approve).Want(refused.status).Problem().Type
			if !strings.HasSuffix(got, "#"+refused.problem) {
				t.Errorf("If-Match %s: problem %s, want %s", refused.version, got, refused.problem)
			}
		}
		decide(s, reviewer, path, `"1"`, approve).Want(http.StatusOK)
		decide(s, reviewer, path, `"1"`, approve).Want(http.StatusConflict)
		decide(s, reviewer, path, "", object{"transition": "publish"}).Want(http.StatusForbidden) // that is another scope
		decide(s, author, path, "", object{"transition": "publish"}).Want(http.StatusOK)
		s.Get("/v1/services/visita").Want(http.StatusOK)
	})
}

// Nobody becomes somebody else by rotating a key, before or after the text was written.
func TestARotatedKeyIsTheSameAuthor(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		old, _ := fourEyes(s)
		var made api.Token
		s.Do(apitest.Request{
			Method: http.MethodPost, Path: "/v1/keys/" + prefixOf(old) + "/rotations", Token: old, Body: object{"overlap": "PT1H"},
		}).Want(http.StatusCreated).Into(&made)
		for key, who := range map[string][2]string{"a": {old, made.Token}, "b": {made.Token, old}} {
			path := own(asl, catalogue.KindService, key)
			s.Put(who[0], path, service("Visita "+key)).Want(http.StatusCreated)
			decide(s, who[0], path, "", object{"transition": "submit"}).Want(http.StatusAccepted)
			if got := decide(s, who[1], path, `"1"`, object{"transition": "approve"}).Want(http.StatusForbidden).Problem().Type; !strings.HasSuffix(got, "#own-draft") {
				t.Errorf("%s: problem %s, want own-draft", key, got)
			}
		}
	})
}

func TestTheQueueShowsAKeyItsOwnPublisherOnly(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		author, reviewer := fourEyes(s)
		for _, key := range []string{"a", "b", "c"} {
			s.Put(author, own(asl, catalogue.KindService, key)+"?publish=true", service("Visita "+key)).Want(http.StatusAccepted)
		}
		s.Put(s.Prato, prato("d"), service("Altro")).Want(http.StatusCreated)
		move(s, prato("d"), object{"transition": "submit"}).Want(http.StatusAccepted)
		s.Do(apitest.Request{
			Method: http.MethodPut, Path: own(asl, catalogue.KindService, "b") + "/reviewer", Token: reviewer, Body: object{"reviewer": "Maria Rossi"},
		}).Want(http.StatusOK)
		for _, tt := range []struct {
			token, query string
			status       int
			want         string
		}{
			{reviewer, "", http.StatusOK, "a b c"},
			{reviewer, "?reviewer=Maria+Rossi", http.StatusOK, "b"},
			{reviewer, "?state=returned", http.StatusOK, ""},
			{reviewer, "?publisher=" + apitest.Prato, http.StatusForbidden, ""},
			{s.Admin, "", http.StatusOK, "a b c d"},
			{s.Admin, "?publisher=" + apitest.Prato, http.StatusOK, "d"},
			{s.Prato, "", http.StatusForbidden, ""},
			{"", "", http.StatusUnauthorized, ""},
			{reviewer, "?cursor=x", http.StatusBadRequest, ""},
		} {
			if got := keysOf(s.Do(apitest.Request{Path: "/v1/reviews" + tt.query, Token: tt.token}).Want(tt.status)); got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.query, got, tt.want)
			}
		}
		first := s.Do(apitest.Request{Path: "/v1/reviews?limit=2", Token: reviewer})
		next := first.Object()["nextCursor"].(string)
		if got := keysOf(first) + " | " + keysOf(s.Do(apitest.Request{Path: "/v1/reviews?limit=2&cursor=" + next, Token: reviewer})); got != "a b | c" {
			t.Errorf("page by page: got %q", got)
		}
	})
}

// keysOf are the keys of the items of a page, none of a problem.
func keysOf(a apitest.Answer) string {
	items, _ := a.Object()["items"].([]any)
	var keys []string
	for _, item := range items {
		keys = append(keys, item.(object)["key"].(string))
	}
	return strings.Join(keys, " ")
}

func TestCommentsAreMadeReadAndResolved(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("carta"), service("Carta")).Want(http.StatusCreated)
		path := prato("carta") + "/comments"
		post := func(body object) apitest.Answer {
			return s.Do(apitest.Request{Method: http.MethodPost, Path: path, Token: s.Prato, Body: body})
		}
		made := post(object{"text": "Titolo ufficiale?", "pointer": "/title/it"}).Want(http.StatusCreated).Object()
		if got := pointers(post(object{"text": "Quanto costa?", "pointer": "/costs"}).Want(http.StatusUnprocessableEntity)); got != "/pointer nowhere" {
			t.Errorf("errors are %q", got)
		}
		comment := fmt.Sprintf("%s/%v", path, made["number"])
		resolve := func(path string) apitest.Answer {
			return s.Do(apitest.Request{Method: http.MethodPatch, Path: path, Token: s.Prato, Body: object{"resolved": true}})
		}
		if got := s.Do(apitest.Request{Path: path, Token: s.Prato}).Want(http.StatusOK).Object()["open"]; got != 1.0 {
			t.Errorf("open = %v, want 1", got)
		}
		resolve(comment).Want(http.StatusOK)
		if got := s.Do(apitest.Request{Path: path, Token: s.Prato}).Want(http.StatusOK).Object()["open"]; got != 0.0 {
			t.Errorf("open = %v, want 0", got)
		}
		resolve(path + "/999").Want(http.StatusNotFound)
		s.Do(apitest.Request{Path: path, Token: s.Publiacqua}).Want(http.StatusForbidden)
	})
}

func TestAPreviewIsWhatReadersWouldGet(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		office := own(apitest.Prato, catalogue.KindOffice, "anagrafe")
		s.Put(s.Prato, office, object{"title": text("Anagrafe")}).Want(http.StatusCreated)
		doc := service("Carta", object{"responsibleOffice": apitest.Prato + "/anagrafe"})
		s.Put(s.Prato, prato("carta"), doc).Want(http.StatusCreated)
		preview := func() apitest.Answer {
			return s.Do(apitest.Request{Path: prato("carta") + "/preview?lang=it", Token: s.Prato}).Want(http.StatusOK)
		}
		before := preview()
		if got := before.Object()["responsibleOffice"].(object)["title"]; got != "Anagrafe" {
			t.Errorf("the office, a draft too, is %v", before.Object()["responsibleOffice"])
		}
		if got := before.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control = %q, want no-store", got)
		}
		s.Put(s.Prato, office+"?publish=true", object{"title": text("Anagrafe")}).Want(http.StatusOK)
		publish(s, "carta", doc).Want(http.StatusOK)
		if got, want := string(preview().Body), string(s.Get("/v1/services/carta?lang=it").Body); got != want {
			t.Errorf("the preview of what is public is\n%s\nwant\n%s", got, want)
		}
		s.Put(s.Prato, prato("carta"), service("Carta nuova")).Want(http.StatusOK)
		if got := preview().Object()["title"]; got != "Carta nuova" {
			t.Errorf("title = %v", got)
		}
		s.Do(apitest.Request{Path: prato("nessuna") + "/preview", Token: s.Prato}).Want(http.StatusNotFound)
		s.Do(apitest.Request{Path: prato("carta") + "/preview", Token: s.Publiacqua}).Want(http.StatusForbidden)
		s.Get(prato("carta") + "/preview").Want(http.StatusUnauthorized)
	})
}

func TestPlansAreMadeOverHTTP(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("carta"), service("Carta")).Want(http.StatusCreated)
		when := s.Now().Add(time.Hour).Truncate(time.Second)
		planned := move(s, prato("carta"), object{"transition": "publish", "at": when.Format(time.RFC3339)}).Want(http.StatusOK).Object()
		if planned["draft"] != "scheduled" || planned["publishAt"] != when.Format(time.RFC3339) {
			t.Errorf("planned is %v at %v", planned["draft"], planned["publishAt"])
		}
		for body, want := range map[string]string{"domani": "/at moment", "2020-01-01T00:00:00Z": "/at past"} {
			a := move(s, prato("carta"), object{"transition": "publish", "at": body}).Want(http.StatusUnprocessableEntity)
			if got := pointers(a); got != want {
				t.Errorf("at %s: errors %q, want %q", body, got, want)
			}
		}
		s.Advance(2 * time.Hour)
		if err := s.Config.Publishing.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Do(apitest.Request{Path: "/v1/services/carta", Header: map[string]string{"Catalogue-Min-Position": "1"}}).Want(http.StatusOK)
	})
}

func TestReadersAreToldWhyWhatWasDeletedIsGone(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "carta", service("Carta")).Want(http.StatusCreated)
		s.Do(apitest.Request{Method: http.MethodDelete, Path: prato("carta") + "?reason=Sostituita+dalla+CIE.", Token: s.Prato}).Want(http.StatusNoContent)
		if got := s.Get("/v1/services/carta").Want(http.StatusGone).Problem().Reason; got != "Sostituita dalla CIE." {
			t.Errorf("reason = %q", got)
		}
	})
}
