package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// stubs publishes what samples and random documents refer to, so that they may be stored.
func stubs(t *testing.T, s *apitest.Server) {
	t.Helper()
	s.CreatePublisher(identity.NewPublisher{Key: "x", Name: "x", Policy: catalogue.PolicySelf})
	wanted := map[catalogue.Ref]bool{}
	for _, kind := range catalogue.Kinds {
		for _, r := range catalogue.References(cataloguetest.Sample(kind)) {
			wanted[r.To] = true
		}
		for _, other := range []string{"prato-comune/prato-comune", cataloguetest.OfficeRef.String(), cataloguetest.PlaceRef.String(), cataloguetest.ChannelRef.String(), "publiacqua/A.b_c~9", "x/y"} {
			ref, _ := catalogue.ParseRef(kind, other)
			wanted[ref] = true
		}
	}
	for ref := range wanted {
		a := s.Put(s.Admin, own(ref.Publisher, ref.Kind, ref.Key)+"?publish=true&note=Prova", bare(ref.Kind))
		if a.Status != http.StatusCreated && a.Status != http.StatusOK {
			t.Fatalf("%s %s: %d %s", ref.Kind, ref, a.Status, a.Body)
		}
	}
}

// Every answer is held against docs/openapi.json, whose schemas allow no members but those described: what passes here is
// described.
func TestEveryFieldOfTheModelIsPublishedAndReadBack(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		stubs(t, s)
		for _, kind := range catalogue.Kinds {
			ref := catalogue.Ref{Kind: kind, Publisher: apitest.Prato, Key: "tutto"}
			if kind == catalogue.KindPublisher {
				ref.Key = apitest.Prato
			}
			document := cataloguetest.Sample(kind)
			document.Common().Slug = "tutto-" + kind.Plural()
			s.Put(s.Admin, own(ref.Publisher, kind, ref.Key)+"?publish=true&note=Prova", document)
			readBack(t, s, ref, document)
			for _, language := range []string{"it", "en", "*"} {
				s.Get("/v1/" + kind.Plural() + "/tutto-" + kind.Plural() + "?lang=" + language).Want(http.StatusOK)
			}
			for _, name := range catalogue.Expandable(kind) {
				s.Get("/v1/" + kind.Plural() + "/tutto-" + kind.Plural() + "?expand=" + name).Want(http.StatusOK)
			}
		}
	})
}

// readBack compares the working document of an entry with what was stored.
func readBack(t testing.TB, s *apitest.Server, ref catalogue.Ref, want catalogue.Document) {
	t.Helper()
	a := s.Do(apitest.Request{Method: http.MethodGet, Path: own(ref.Publisher, ref.Kind, ref.Key), Token: s.Admin})
	if a.Status != http.StatusOK {
		t.Fatalf("%s %s: got %d %s", ref.Kind, ref, a.Status, a.Body)
	}
	var entry struct{ Document json.RawMessage }
	a.Into(&entry)
	got, findings, err := catalogue.Decode(ref.Kind, entry.Document)
	if err != nil || len(findings) > 0 {
		t.Fatalf("reading back %s: %v %v", entry.Document, err, findings)
	}
	got.Common().Slug, want.Common().Slug = "", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: read back (-stored +got):\n%s", ref.Kind, diff)
	}
}

func TestAnyDocumentIsStoredAndReadBack(t *testing.T) {
	t.Parallel()
	const each = 25 // documents of a kind: package catalogue draws more, here every answer is held against the description too
	run(t, func(t *testing.T, s *apitest.Server) {
		stubs(t, s)
		for _, kind := range catalogue.Kinds {
			documents := rapid.Custom(func(rt *rapid.T) catalogue.Document { return cataloguetest.Generate(rt, kind) })
			for seed := range each {
				document := documents.Example(seed)
				document.Common().Slug = ""
				ref := catalogue.Ref{Kind: kind, Publisher: apitest.Prato, Key: "qualunque"}
				if kind == catalogue.KindPublisher {
					ref.Key = apitest.Prato
				}
				a := s.Put(s.Admin, own(ref.Publisher, kind, ref.Key), document)
				if a.Status != http.StatusCreated && a.Status != http.StatusOK {
					t.Fatalf("%s %d: got %d %s", kind, seed, a.Status, a.Body)
				}
				readBack(t, s, ref, document)
			}
		}
	})
}

func TestTheSameCertificateOnlineAndAtTheCounterInOneView(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publishEntry(s, catalogue.KindOffice, "anagrafe", object{"title": text("Anagrafe")}).Want(http.StatusCreated)
		publishEntry(s, catalogue.KindChannel, "online", object{
			"title": text("Certificati online"), "type": "02.2", "accessUrl": "https://www.anpr.example.org/", "identities": []string{"2FA"},
			"contacts": []object{{"entries": []object{{"type": "email", "value": "aiuto@example.org"}}}},
		}).Want(http.StatusCreated)
		publish(s, "estratto", object{
			"title": text("Estratto di nascita"), "summary": text("Chiedere un estratto."), "status": "active", "categories": []string{"6"},
			"costs":          []object{{"label": text("Bollo"), "amount": "16.00", "currency": "EUR"}},
			"evidence":       []object{{"title": text("Documento d'identità")}},
			"processingTime": object{"max": "P5D"},
			"connections": []object{
				{"inline": object{"type": "01.1.1", "title": text("Allo sportello"), "offices": []string{"prato-comune/anagrafe"}}},
				{
					"channel": "prato-comune/online", "costs": []object{{"label": text("Online"), "free": true}},
					"evidence": []object{{"title": text("SPID, CIE o CNS")}}, "operatorNote": "non mostrare",
				},
			},
		}).Want(http.StatusCreated)
		var view struct {
			Free        bool
			Connections []struct {
				Title, ProcessingTime any
				Digital, Free         bool
				Channel               struct{ Slug string }
				Costs                 []struct {
					Label, Amount string
					Free          bool
				}
				Evidence    []struct{ Title string }
				Alternative *struct{ URL string }
				Contacts    []any
				Sources     map[string]string
			}
		}
		a := s.Get("/v1/services/estratto-di-nascita").Want(http.StatusOK)
		if a.Into(&view); len(view.Connections) != 2 {
			t.Fatalf("got %s", a.Body)
		}
		online, counter := view.Connections[0], view.Connections[1]
		if !online.Digital || online.Channel.Slug != "certificati-online" || !online.Free || online.Costs[0].Label != "Online" ||
			online.Evidence[0].Title != "SPID, CIE o CNS" || len(online.Contacts) != 1 {
			t.Errorf("online: got %+v", online)
		}
		if diff := cmp.Diff(map[string]string{
			"costs": "connection", "evidence": "connection", "processingTime": "service", "contacts": "channel",
		}, online.Sources); diff != "" {
			t.Errorf("online: sources (-want +got):\n%s", diff)
		}
		if counter.Digital || counter.Free || counter.Costs[0].Amount != "16.00" || counter.Evidence[0].Title != "Documento d'identità" ||
			counter.Alternative == nil || counter.Alternative.URL != "https://www.anpr.example.org/" {
			t.Errorf("at the counter: got %+v", counter)
		}
		if diff := cmp.Diff(map[string]string{
			"costs": "service", "evidence": "service", "processingTime": "service", "offices": "channel",
		}, counter.Sources); diff != "" {
			t.Errorf("at the counter: sources (-want +got):\n%s", diff)
		}
		if view.Free {
			t.Error("it is free only online, and the view says that it is free")
		}

		for query, want := range map[string]int{
			"channel=certificati-online": 1, "channelType=02": 1, "online=true": 1, "office=anagrafe": 1, "identity=2FA": 1, "free=true": 0,
			"channelType=03": 0, "channel=altro": 0,
		} {
			if items := s.Get("/v1/services?" + query).Want(http.StatusOK).Object()["items"].([]any); len(items) != want {
				t.Errorf("%s: got %d services, want %d", query, len(items), want)
			}
		}
		// A shared channel that goes away keeps its name, and adds nothing.
		move(s, own(apitest.Prato, catalogue.KindChannel, "online"), object{"transition": "withdraw", "reason": "Spento."}).Want(http.StatusOK)
		ways := s.Get("/v1/services/estratto-di-nascita").Want(http.StatusOK).Object()["connections"].([]any)
		last := ways[len(ways)-1].(object)
		if channel := last["channel"].(object); channel["available"] != false || channel["title"] != "Certificati online" || last["accessUrl"] != nil {
			t.Errorf("withdrawn: got %v", last)
		}
		if items := s.Get("/v1/services?online=true").Object()["items"].([]any); len(items) != 0 {
			t.Errorf("withdrawn: got %d services online, want none", len(items))
		}
	})
}

func TestAHolidaySetOfAPublishersOwnClosesWhatNamesIt(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		closed := func(day, name string) apitest.Answer {
			return publishEntry(s, catalogue.KindHolidaySet, "chiusure", object{"title": text("Chiusure"), "days": []object{{"day": day, "name": text(name)}}})
		}
		closed("2026-09-08", "Fiera").Want(http.StatusCreated)
		publishTimetable(s, timetable(object{"ownHolidaySets": []string{"prato-comune/chiusure"}})).Want(http.StatusCreated)
		holidays := func() (names []any) {
			for _, day := range s.Get("/v1/timetables/orari/hours?from=2026-09-07&to=2026-09-10").Want(http.StatusOK).Object()["days"].([]any) {
				names = append(names, day.(object)["holiday"])
			}
			return names
		}
		if diff := cmp.Diff([]any{nil, "Fiera", nil, nil}, holidays()); diff != "" {
			t.Errorf("holidays (-want +got):\n%s", diff)
		}
		before := s.Get("/v1/timetables/orari/hours?from=2026-09-07&to=2026-09-10").Header.Get("ETag")
		closed("09-09", "Ponte").Want(http.StatusOK)
		if diff := cmp.Diff([]any{nil, nil, "Ponte", nil}, holidays()); diff != "" {
			t.Errorf("holidays after the change (-want +got):\n%s", diff)
		}
		if after := s.Get("/v1/timetables/orari/hours?from=2026-09-07&to=2026-09-10").Header.Get("ETag"); after == before {
			t.Error("the hours have the same ETag as before")
		}
		s.Put(s.Prato, own(apitest.Prato, catalogue.KindTimetable, "altro"), timetable(object{"ownHolidaySets": []string{"prato-comune/nessuno"}})).
			Want(http.StatusUnprocessableEntity)
	})
}

func TestReadersAreToldWhichTranslationsAreOutdated(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		path := own(apitest.Prato, catalogue.KindPlace, "biblioteca") + "?publish=true&note=Prova"
		place := func(italian string) object {
			return object{"title": object{"it": italian, "en": "Library"}, "summary": text("Libri."), "slug": "biblioteca"}
		}
		s.Put(s.Prato, path, place("Biblioteca")).Want(http.StatusCreated)
		s.Put(s.Prato, path, place("Biblioteca nuova")).Want(http.StatusOK)
		for query, want := range map[string]any{"?lang=en": []any{"/title"}, "?lang=it": nil, "?lang=*": []any{"/title/en"}, "?lang=en&fields=summary": nil} {
			if diff := cmp.Diff(want, s.Get("/v1/places/biblioteca" + query).Want(http.StatusOK).Object()["outdated"]); diff != "" {
				t.Errorf("%s: outdated (-want +got):\n%s", query, diff)
			}
		}
		s.Put(s.Prato, path+"&translations=checked", place("Biblioteca nuova")).Want(http.StatusOK)
		if got := s.Get("/v1/places/biblioteca?lang=en").Object()["outdated"]; got != nil {
			t.Errorf("checked: got outdated %v, want none", got)
		}
		s.Put(s.Prato, path+"&translations=maybe", place("Biblioteca")).Want(http.StatusBadRequest)
	})
}

func TestParametersOfNearAndExpandAreChecked(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for query, parameter := range map[string]string{
			"near=43.88": "near", "near=43.88,200": "near", "near=nord,est": "near", "near=NaN,11": "near", "near=43.88,11&radius=0": "radius",
			"near=43.88,11&radius=mille": "radius", "radius=100": "radius", "sort=distance": "sort", "near=1,1&near=2,2": "near",
			"expand=ofices": "expand", "district=": "district", "platform=spit": "platform",
		} {
			problem := s.Get("/v1/services?" + query).Want(http.StatusBadRequest).Problem()
			if len(problem.Errors) == 0 || problem.Errors[0].Parameter != parameter {
				t.Errorf("%s: got %+v, want an error of %s", query, problem.Errors, parameter)
			}
		}
		s.Get("/v1/procedures?near=43.88,11").Want(http.StatusBadRequest)
		s.Get("/v1/services?near=43.88,%2011.09&radius=500&sort=-distance").Want(http.StatusOK)
	})
}
