package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// run runs a test on an empty catalogue, on every database.
func run(t *testing.T, test func(t *testing.T, s *apitest.Server)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, db *store.Store) { test(t, apitest.Start(t, db)) })
}

// once is an empty catalogue on SQLite alone, for what does not depend on the database.
func once(t testing.TB) *apitest.Server {
	t.Helper()
	return apitest.Start(t, storetest.Open(t, storetest.SQLite))
}

// runDemo runs a test on the demonstration data.
func runDemo(t *testing.T, test func(t *testing.T, s *apitest.Server)) {
	t.Helper()
	run(t, func(t *testing.T, s *apitest.Server) { test(t, withDemo(t, s)) })
}

// onceDemo is runDemo on SQLite alone, for what does not depend on the database.
func onceDemo(t *testing.T, test func(t *testing.T, s *apitest.Server)) {
	t.Helper()
	test(t, withDemo(t, once(t)))
}

// withDemo publishes the demonstration data.
func withDemo(t testing.TB, s *apitest.Server) *apitest.Server {
	t.Helper()
	options := publishing.ImportOptions{
		Actor: publishing.Actor{Name: "test"}, Note: "demonstration data",
		Publisher: func(_ context.Context, key string) error {
			s.CreatePublisher(identity.NewPublisher{Key: key, Name: key, Policy: catalogue.PolicySelf})
			return nil
		},
	}
	err := s.Config.Publishing.Import(t.Context(), demo.OpenRows, options, func(rows []publishing.RowReport) {
		for _, r := range rows {
			if r.Err != nil {
				t.Errorf("row %d was refused: %v", r.Number, r.Err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	position, err := s.Config.Publishing.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Config.Follower.Wait(t.Context(), position); err != nil {
		t.Fatal(err)
	}
	return s
}

// number is what a variable of the environment says, or otherwise another number.
func number(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	text, set := os.LookupEnv(variable)
	if !set {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// object is a JSON object.
type object = map[string]any

func text(italian string) object { return object{"it": italian} }

// service is the smallest document of a service that may be public, with what changes it.
func service(title string, changes ...object) object {
	doc := object{
		"title": text(title), "summary": text("In breve: " + title), "categories": []string{"6"}, "status": "active",
		"howTo": text("Andare allo sportello."),
	}
	for _, change := range changes {
		for name, value := range change {
			doc[name] = value
		}
	}
	return doc
}

func own(publisher string, kind catalogue.Kind, key string) string {
	return "/v1/publishers/" + publisher + "/" + kind.Plural() + "/" + key
}

func prato(key string) string { return own(apitest.Prato, catalogue.KindService, key) }

// ask sends a request with a key.
func ask(s *apitest.Server, token, method, path string, body any) apitest.Answer {
	return s.Do(apitest.Request{Method: method, Path: path, Token: token, Body: body})
}

func post(s *apitest.Server, token, path string, body any) apitest.Answer {
	return ask(s, token, http.MethodPost, path, body)
}

// publish makes a service of the municipality public and returns the answer.
func publish(s *apitest.Server, key string, doc object) apitest.Answer {
	return publishEntry(s, catalogue.KindService, key, doc)
}

// publishEntry is publish for an entry of any kind.
func publishEntry(s *apitest.Server, kind catalogue.Kind, key string, doc any) apitest.Answer {
	return s.Put(s.Prato, own(apitest.Prato, kind, key)+"?publish=true&note=Prova", doc)
}

func move(s *apitest.Server, path string, body any) apitest.Answer {
	return s.Do(apitest.Request{Method: http.MethodPost, Path: path + "/transitions", Token: s.Prato, Body: body})
}

// pointers are the places and rules of a problem's errors, as `/title/it required`.
func pointers(a apitest.Answer) string {
	var found []string
	for _, e := range a.Problem().Errors {
		found = append(found, e.Pointer+e.Parameter+" "+e.Rule)
	}
	return strings.Join(found, ", ")
}

func mustJSON(t testing.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
