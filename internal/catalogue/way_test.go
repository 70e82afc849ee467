package catalogue_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// certificate is a service that costs and asks for something else online than at the counter, where it says so first.
func certificate() *catalogue.Service {
	evidence := func(title string) []catalogue.Evidence { return []catalogue.Evidence{{Title: lang.Of(title)}} }
	return &catalogue.Service{
		Head:           catalogue.Head{Title: lang.Of("Stato di famiglia"), Contacts: phone("+39 0574 1836096")},
		HowTo:          lang.Of("Si chiede all'anagrafe."),
		Costs:          []catalogue.Cost{{Amount: "16.52", Currency: "EUR"}},
		Evidence:       evidence("Un documento"),
		ProcessingTime: &catalogue.ProcessingTime{Max: "P5D"},
		Connections: []catalogue.Connection{
			{
				Inline: &catalogue.Inline{
					Title:  lang.Of("Sportello"),
					Access: catalogue.Access{Type: "01.1.1", Offices: []string{cataloguetest.OfficeRef.String()}},
				},
				Costs: []catalogue.Cost{{Amount: "16.52", Currency: "EUR"}, {Amount: "0.52", Currency: "EUR"}},
			},
			{
				Channel:        cataloguetest.ChannelRef.String(),
				Costs:          []catalogue.Cost{{Free: true}},
				Evidence:       evidence("Niente"),
				ProcessingTime: &catalogue.ProcessingTime{Max: "PT1H"},
				OperatorNote:   "Codice 42 nel gestionale.",
			},
		},
	}
}

func phone(number string) []catalogue.Contact {
	return []catalogue.Contact{{Entries: []catalogue.ContactEntry{{Type: "phone", Value: number}}}}
}

// portalOf makes the shared channel of entries an online one with little of its own.
func portalOf(entries cataloguetest.Entries) *catalogue.Channel {
	portal := &catalogue.Channel{
		Head:   catalogue.Head{Slug: "sportello-online", Title: lang.Of("Sportello online"), Contacts: phone("+39 0574 1111111")},
		Access: catalogue.Access{Type: "02.2", AccessURL: "https://servizi.example.org/", Identities: []string{"2FA"}},
	}
	entries[cataloguetest.ChannelRef] = cataloguetest.NewEntry(cataloguetest.ChannelRef, portal, 7)
	return portal
}

func viewOf(t testing.TB, entries cataloguetest.Entries, s *catalogue.Service) map[string]any {
	t.Helper()
	return parsed(t, words(lang.Italian, entries).View(cataloguetest.NewEntry(cataloguetest.ServiceRef, s, 1)).Object)
}

// expect compares places of a view; "" is the absence of anything.
func expect(t testing.TB, view map[string]any, want map[string]any) {
	t.Helper()
	for pointer, want := range want {
		got, ok := at(view, pointer)
		if !ok {
			got = ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", pointer, diff)
		}
	}
}

func TestTheSameCertificateOnlineAndAtTheCounterReadsRightInOneView(t *testing.T) {
	entries := cataloguetest.NewEntries()
	portalOf(entries)
	expect(t, viewOf(t, entries, certificate()), map[string]any{
		"/online": true, "/free": false, // not everywhere
		"/costs/0/amount": "16.52", "/evidence/0/title": "Un documento", "/processingTime/max": "P5D",

		"/connections/0/channel/title":              "Sportello online",
		"/connections/0/title":                      "Sportello online",
		"/connections/0/accessUrl":                  "https://servizi.example.org/",
		"/connections/0/identities/0/code":          "2FA",
		"/connections/0/digital":                    true,
		"/connections/0/costs/0/free":               true,
		"/connections/0/costs/1":                    "",
		"/connections/0/free":                       true,
		"/connections/0/evidence/0/title":           "Niente",
		"/connections/0/processingTime/max":         "PT1H",
		"/connections/0/howTo":                      "Si chiede all'anagrafe.",
		"/connections/0/contacts/0/entries/0/value": "+39 0574 1111111",
		"/connections/0/alternative":                "",
		"/connections/0/sources": map[string]any{
			"costs": "connection", "evidence": "connection", "processingTime": "connection", "howTo": "service", "contacts": "channel",
		},

		"/connections/1/channel":                    "",
		"/connections/1/title":                      "Sportello",
		"/connections/1/digital":                    false,
		"/connections/1/costs/0/amount":             "16.52",
		"/connections/1/costs/1/amount":             "0.52",
		"/connections/1/free":                       false,
		"/connections/1/evidence/0/title":           "Un documento",
		"/connections/1/processingTime/max":         "P5D",
		"/connections/1/contacts/0/entries/0/value": "+39 0574 1836096",
		"/connections/1/offices/0/title":            "Ufficio anagrafe",
		"/connections/1/offices/0/places/0/title":   "Palazzo comunale",
		"/connections/1/openNow":                    true,
		"/connections/1/sources": map[string]any{
			"offices": "channel", "costs": "connection", "evidence": "service", "processingTime": "service", "howTo": "service", "contacts": "service",
		},
		"/connections/1/alternative": map[string]any{"url": "https://servizi.example.org/", "title": "Sportello online"},
		"/connections/2":             "",
	})
}

func TestACounterSaysItsOwnDigitalAlternativeOrWhyThereIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*catalogue.Service, *catalogue.Channel)
		want   any
	}{
		"neither, beside an application": {func(*catalogue.Service, *catalogue.Channel) {}, "https://servizi.example.org/"},
		"an alternative": {func(s *catalogue.Service, _ *catalogue.Channel) {
			s.Connections[0].DigitalAlternative = lang.Of("Si prenota online.")
		}, ""},
		"a reason": {func(s *catalogue.Service, _ *catalogue.Channel) {
			s.Connections[0].NoDigitalReason = lang.Of("Servono le impronte.")
		}, ""},
		"neither, beside mail":                              {func(_ *catalogue.Service, c *catalogue.Channel) { c.Type = "04.1" }, ""},
		"neither, beside an application without an address": {func(_ *catalogue.Service, c *catalogue.Channel) { c.AccessURL = "" }, ""},
		"neither, beside two applications, one without an address": {func(s *catalogue.Service, c *catalogue.Channel) {
			s.Connections = append(s.Connections, catalogue.Connection{Inline: &catalogue.Inline{
				Access: catalogue.Access{Type: "02", AccessURL: "https://altro.example.org/"},
			}})
			c.AccessURL = ""
		}, "https://altro.example.org/"},
		"a telephone": {func(s *catalogue.Service, _ *catalogue.Channel) { s.Connections[0].Inline.Type = "03" }, ""},
	} {
		entries := cataloguetest.NewEntries()
		s, portal := certificate(), portalOf(entries)
		test.change(s, portal)
		view := viewOf(t, entries, s)
		ways := view["connections"].([]any)
		got, ok := at(ways[len(ways)-1], "/alternative/url")
		if !ok {
			got = ""
		}
		if got != test.want {
			t.Errorf("%s: got the alternative %v, want %v", name, got, test.want)
		}
	}
}

func TestWaysComeDigitalFirst(t *testing.T) {
	s := &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Servizio")}}
	for _, channel := range []string{"01.1.1", "03", "01", "04.1", "02", "05", "03.1", "02.2"} {
		s.Connections = append(s.Connections, catalogue.Connection{Inline: &catalogue.Inline{Access: catalogue.Access{Type: channel}}})
	}
	view := viewOf(t, nil, s)
	var got, digital []string
	for _, w := range view["connections"].([]any) {
		code, _ := at(w, "/type/code")
		got = append(got, code.(string))
		if w.(map[string]any)["digital"] == true {
			digital = append(digital, code.(string))
		}
	}
	if diff := cmp.Diff([]string{"02", "02.2", "05", "04.1", "03", "03.1", "01.1.1", "01"}, got); diff != "" {
		t.Errorf("order mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"02", "02.2", "05", "04.1"}, digital); diff != "" {
		t.Errorf("digital ways mismatch (-want +got):\n%s", diff)
	}
	if got, want := s.Connections[0].Inline.Type, "01.1.1"; got != want {
		t.Errorf("the document: got %s first, want %s as it was", got, want)
	}
}

func TestAWithdrawnChannelKeepsItsLabelAndAddsNothing(t *testing.T) {
	entries := cataloguetest.NewEntries()
	portalOf(entries)
	withdrawn := entries[cataloguetest.ChannelRef]
	withdrawn.Document, withdrawn.UpdatedAt = nil, tuesday
	expect(t, viewOf(t, entries, certificate()), map[string]any{
		"/online": false,
		"/connections/1/channel": map[string]any{
			"id": withdrawn.ID.String(), "kind": "channel", "key": "sportello-online", "slug": "sportello-online",
			"title": "Sportello online", "available": false,
		},
		"/connections/1/title": "", "/connections/1/type": "", "/connections/1/accessUrl": "", "/connections/1/identities": "",
		"/connections/1/costs/0/free": true, "/connections/1/free": true,
		"/connections/1/contacts/0/entries/0/value": "+39 0574 1836096",
		"/connections/1/sources": map[string]any{
			"costs": "connection", "evidence": "connection", "processingTime": "connection", "howTo": "service", "contacts": "service",
		},
		"/connections/0/title": "Sportello", "/connections/0/alternative": "",
	})
	r := words(lang.Italian, entries).View(cataloguetest.NewEntry(cataloguetest.ServiceRef, certificate(), 1))
	if !r.Modified.Equal(tuesday) {
		t.Errorf("modified: got %v, want %v, when the channel was withdrawn", r.Modified, tuesday)
	}
	delete(entries, cataloguetest.ChannelRef)
	expect(t, viewOf(t, entries, certificate()), map[string]any{
		"/connections/1/channel": map[string]any{"kind": "channel", "key": "sportello-online", "available": false},
	})
}

func TestTheChannelOfAWayIsSaidOnceForAllServices(t *testing.T) {
	entries := cataloguetest.NewEntries()
	portal := portalOf(entries)
	portal.Summary = lang.Of("Da casa.")
	portal.Offices, portal.Places = []string{cataloguetest.ParentRef.String()}, []string{cataloguetest.PlaceRef.String()}
	portal.Notices = []catalogue.Notice{{Text: lang.Of("Ieri."), To: "2026-01-19"}, {Text: lang.Of("Oggi."), From: "2026-01-20"}}
	expect(t, viewOf(t, entries, certificate()), map[string]any{
		"/connections/0/description":     "Da casa.", // where there is no description
		"/connections/0/notices/0/text":  "Oggi.",
		"/connections/0/notices/1":       "",
		"/connections/0/places/0/title":  "Palazzo comunale",
		"/connections/0/offices/0/title": "Servizi demografici",
		"/connections/0/sources/offices": "channel",
	})
	s := certificate()
	s.Connections[1].Offices = []string{cataloguetest.OfficeRef.String()}
	expect(t, viewOf(t, entries, s), map[string]any{
		"/connections/0/places":          "", // those of whoever else serves there
		"/connections/0/offices/0/title": "Ufficio anagrafe",
		"/connections/0/offices/1":       "",
		"/connections/0/sources/offices": "connection",
	})
}

func TestOperatorNotesAreNeverPublic(t *testing.T) {
	entries := cataloguetest.NewEntries()
	other := catalogue.Ref{Kind: catalogue.KindService, Publisher: "prato-comune", Key: "altro"}
	entries[other] = cataloguetest.NewEntry(other, &catalogue.Service{
		Head: catalogue.Head{Title: lang.Of("Altro")}, RelatedServices: []string{cataloguetest.ServiceRef.String()},
	}, 8)
	for kind := range sampleRefs {
		if slices.Contains(catalogue.ViewFields(kind), "operatorNote") {
			t.Errorf("%s: operatorNote is among the fields of views", kind)
		}
		if slices.ContainsFunc(catalogue.Expandable(kind), func(name string) bool { return strings.Contains(name, "operatorNote") }) {
			t.Errorf("%s: operatorNote is among what can be expanded", kind)
		}
	}
	for _, ref := range []catalogue.Ref{cataloguetest.ServiceRef, other} {
		for _, expand := range [][]string{nil, catalogue.Expandable(catalogue.KindService)} {
			w := words(lang.Any, entries)
			w.Expand = expand
			for name, r := range map[string]catalogue.Rendered{
				"view": w.View(entries[ref]), "item": w.Item(entries[ref]),
				"fields": w.ViewFields(entries[ref], []string{"connections", "operatorNote", "relatedServices"}),
			} {
				for _, secret := range []string{"operatorNote", "Codice 42"} {
					if strings.Contains(string(encoded(t, r.Object)), secret) {
						t.Errorf("%s of %s with expand=%v: got %q in it, want nothing of it", name, ref, expand, secret)
					}
				}
			}
		}
	}
}

// wayFacts are the facts of a way that a connection, a channel or a service may state, by who may.
var wayFacts = map[string]string{
	"offices": "connection channel", "bookingUrl": "connection channel", "accessibility": "connection channel",
	"timetable": "connection channel", "hoursText": "connection channel",
	"deliveryLanguages": "connection channel service", "contacts": "connection channel service",
	"whoCanApply": "connection service", "requirements": "connection service", "howTo": "connection service",
	"neededText": "connection service", "evidence": "connection service", "processingTime": "connection service",
	"costsText": "connection service", "costs": "connection service",
}

// channelFacts are those that a channel alone states.
var channelFacts = []string{
	"title", "notices", "type", "owner", "accessUrl", "places", "identities", "platforms", "requiresSignature", "signatures",
}

// TestWaysSayWhatTheFirstOfConnectionChannelAndServiceSays compares ways with a model that knows nothing of merging: it
// shows what a connection, its channel and its service state as documents of their own, and takes each fact from the
// first that has it.
func TestWaysSayWhatTheFirstOfConnectionChannelAndServiceSays(t *testing.T) {
	samples := cataloguetest.NewEntries()
	rapid.Check(t, func(t *rapid.T) {
		s := cataloguetest.Generate(t, catalogue.KindService).(*catalogue.Service)
		shared := cataloguetest.Generate(t, catalogue.KindChannel).(*catalogue.Channel)
		known := anyone{
			catalogue.KindChannel: cataloguetest.NewEntry(cataloguetest.ChannelRef, shared, 1),
			catalogue.KindOffice:  samples[cataloguetest.OfficeRef], catalogue.KindPlace: samples[cataloguetest.PlaceRef],
		}
		if rapid.Bool().Draw(t, "withdrawn") {
			known[catalogue.KindChannel].Document = nil
		}
		w := catalogue.Words{Lang: lang.Any, PublicURL: publicURL, Resolver: known, Now: tuesday}
		show := func(doc catalogue.Document) map[string]json.RawMessage {
			var v map[string]json.RawMessage
			e := cataloguetest.NewEntry(sampleRefs[doc.Kind()], doc, 1)
			if err := json.Unmarshal(w.View(e).Object.Append(nil), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
		var got, want []map[string]json.RawMessage
		service := show(s)
		if raw := service["connections"]; raw != nil {
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range s.Connections {
			channel := map[string]json.RawMessage{}
			switch {
			case c.Inline != nil:
				channel = show(&catalogue.Channel{
					Head:   catalogue.Head{Title: c.Inline.Title, Description: c.Inline.Description, Contacts: c.Inline.Contacts},
					Access: c.Inline.Access,
				})
			case known[catalogue.KindChannel].Available():
				channel = show(shared)
				if channel["description"] == nil {
					channel["description"] = channel["summary"]
				}
			}
			connection := show(&catalogue.Service{
				Head: catalogue.Head{Contacts: c.Contacts}, DeliveryLanguages: c.DeliveryLanguages, WhoCanApply: c.WhoCanApply,
				Requirements: c.Requirements, HowTo: c.HowTo, NeededText: c.NeededText, Evidence: c.Evidence,
				ProcessingTime: c.ProcessingTime, CostsText: c.CostsText, Costs: c.Costs,
			})
			for name, value := range show(&catalogue.Channel{Access: catalogue.Access{
				Offices: c.Offices, BookingURL: c.BookingURL, Accessibility: c.Accessibility, Timetable: c.Timetable, HoursText: c.HoursText,
			}}) {
				if states := wayFacts[name]; states == "connection channel" {
					connection[name] = value
				}
			}
			way, sources := map[string]json.RawMessage{}, map[string]string{}
			for _, name := range append([]string{"description"}, channelFacts...) {
				if channel[name] != nil && (name != "places" || len(c.Offices) == 0) {
					way[name] = channel[name]
				}
			}
			for name, states := range wayFacts {
				for _, who := range strings.Fields(states) {
					said := map[string]map[string]json.RawMessage{"connection": connection, "channel": channel, "service": service}[who]
					if said[name] != nil {
						way[name], sources[name] = said[name], who
						break
					}
				}
			}
			if len(sources) > 0 {
				way["sources"], _ = json.Marshal(sources)
			}
			want = append(want, way)
		}
		slices.SortStableFunc(want, func(a, b map[string]json.RawMessage) int { return fromDigital(a) - fromDigital(b) })
		if len(got) != len(want) {
			t.Fatalf("got %d ways, want %d", len(got), len(want))
		}
		for i := range want {
			for name := range got[i] {
				if wayFacts[name] == "" && !slices.Contains(channelFacts, name) && name != "description" && name != "sources" {
					delete(got[i], name) // of the connection alone, or computed
				}
			}
			if diff := cmp.Diff(plainly(t, want[i]), plainly(t, got[i])); diff != "" {
				t.Fatalf("way %d mismatch (-want +got):\n%s", i, diff)
			}
		}
	})
}

// fromDigital is how far from digital a way is that the model shows.
func fromDigital(way map[string]json.RawMessage) int {
	_, rest, found := strings.Cut(string(way["type"]), `{"code":"`)
	if !found {
		return 5
	}
	if strings.HasPrefix(rest, "05.2") { // people walk to a kiosk
		rest = "01"
	}
	return slices.Index([]string{"02", "05", "04", "03", "01"}, rest[:2])
}

func plainly(t *rapid.T, o map[string]json.RawMessage) map[string]any {
	plain := map[string]any{}
	for name, raw := range o {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		plain[name] = v
	}
	return plain
}
