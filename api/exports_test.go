package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
)

func TestAnEntryIsLinkedData(t *testing.T) {
	s := withDemo(t, once(t))
	english := s.Get("/v1/services/carta-d-identita?format=turtle&lang=en").Want(http.StatusOK)
	accepted := s.Do(apitest.Request{Path: "/v1/services/carta-d-identita", Header: map[string]string{"Accept": "text/turtle", "Accept-Language": "it"}}).Want(http.StatusOK)
	if string(english.Body) != string(accepted.Body) || english.Header.Get("Etag") != accepted.Header.Get("Etag") {
		t.Error("it depends on the language")
	}
	for _, want := range []string{`dct:title "`, `"@it`, `"@en`, "a cpsv:PublicService, cpsvapit:PublicService"} {
		if !strings.Contains(string(english.Body), want) {
			t.Errorf("no %s in %.2000s", want, english.Body)
		}
	}

	var linked struct {
		Context string `json:"@context"`
	}
	s.Get("/v1/services/carta-d-identita?format=jsonld").Want(http.StatusOK).Into(&linked)
	context := s.Get(strings.TrimPrefix(linked.Context, s.URL)).Want(http.StatusOK)
	if got := context.Header.Get("Content-Type"); got != "application/ld+json" || !strings.Contains(string(context.Body), `"@context"`) {
		t.Errorf("the context is %s: %.300s", got, context.Body)
	}
	s.Get("/v1/contexts/cpsv-ap.jsonld?lang=it").Want(http.StatusBadRequest)
	s.Get("/v1/holiday-sets/santo-patrono-di-prato?format=turtle").Want(http.StatusBadRequest) // the profiles have no class for it
}

func TestTheWholeCatalogueIsLinkedData(t *testing.T) {
	s := withDemo(t, once(t))
	const path = "/v1/exports/catalogue"
	accepting := func(accept string) apitest.Answer {
		return s.Do(apitest.Request{Path: path, Header: map[string]string{"Accept": accept}})
	}
	for _, tt := range []struct {
		name      string
		answer    apitest.Answer
		mediaType string
	}{
		{"JSON-LD where nothing is asked for", s.Get(path), "application/ld+json"},
		{"by the parameter", s.Get(path + "?format=turtle"), "text/turtle"},
		{"by Accept", accepting("text/turtle, application/ld+json;q=0.5"), "text/turtle"},
		{"compressed", s.Do(apitest.Request{Path: path + "?format=jsonld", Header: map[string]string{"Accept-Encoding": "gzip"}}), "application/ld+json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := string(tt.answer.Want(http.StatusOK).Body)
			if got := tt.answer.Header.Get("Content-Type"); got != tt.mediaType {
				t.Errorf("Content-Type = %q, want %q", got, tt.mediaType)
			}
			if tt.answer.Header.Get("Catalogue-Position") == "" {
				t.Error("it does not say of which position it is")
			}
			if tt.mediaType == "application/ld+json" && !json.Valid([]byte(body)) {
				t.Errorf("no JSON: %.300s", body)
			}
		})
	}

	var page struct {
		Items []struct{ ID string }
	}
	s.Get("/v1/services?limit=200").Want(http.StatusOK).Into(&page)
	whole := string(s.Get(path + "?format=turtle").Body)
	for _, item := range page.Items {
		if !strings.Contains(whole, "\n<"+s.URL+"/v1/services/"+item.ID+"> a cpsv:PublicService") {
			t.Errorf("without service %s", item.ID)
		}
	}

	refused := accepting("text/csv").Want(http.StatusNotAcceptable)
	if offered := refused.Problem().Offered; len(offered) != 2 {
		t.Errorf("offered = %v", offered)
	}
	s.Get(path + "?format=csv").Want(http.StatusBadRequest)
	s.Get(path + "?fields=title").Want(http.StatusBadRequest)
	head := s.Do(apitest.Request{Method: http.MethodHead, Path: path}).Want(http.StatusOK)
	if len(head.Body) > 0 || head.Header.Get("Content-Type") != "application/ld+json" {
		t.Errorf("HEAD: %v, %.100s", head.Header, head.Body)
	}
}
