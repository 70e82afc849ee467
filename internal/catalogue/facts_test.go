package catalogue_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// factsOf are the facts of an entry as filter=value, in order, but for the publisher.
func factsOf(e *catalogue.Entry, r catalogue.Resolver) ([]string, catalogue.Facts) {
	facts := catalogue.FactsOf(e, r)
	var all []string
	for _, f := range facts.Values {
		if f.Filter != catalogue.FilterPublisher {
			all = append(all, f.Filter+"="+f.Value)
		}
	}
	slices.Sort(all)
	return all, facts
}

// city is a small catalogue: two places with timetables, an office in each, one in both, and three channels.
func city() cataloguetest.Entries {
	entries := cataloguetest.Entries{}
	put := func(key string, doc catalogue.Document) {
		ref := catalogue.Ref{Kind: doc.Kind(), Publisher: "p", Key: key}
		entries[ref] = cataloguetest.NewEntryAmong(entries, ref, doc, len(entries))
	}
	at := func(lat, lon float64) *catalogue.Point { return &catalogue.Point{Lat: &lat, Lon: &lon} }
	put("mornings", &catalogue.Timetable{Spec: hours.Spec{AlwaysOpen: true}})
	put("evenings", &catalogue.Timetable{Spec: hours.Spec{AlwaysOpen: true}})
	put("square", &catalogue.Place{District: "Centro ", Point: at(43.88, 11.09), Timetable: "p/mornings"})
	put("suburb", &catalogue.Place{District: "Nord", Point: at(43.92, 11.1)})
	put("nowhere", &catalogue.Place{})
	put("registry", &catalogue.Office{Places: []string{"p/square"}})
	put("library", &catalogue.Office{Places: []string{"p/suburb", "p/square"}, Timetable: "p/evenings"})
	put("portal", &catalogue.Channel{Access: catalogue.Access{
		Type: "02.2", Owner: "p/p", Identities: []string{"SPIDL2", "none"}, DeliveryLanguages: []string{"ENG"},
		Platforms: []catalogue.PlatformUse{{Platform: "spid"}, {Platform: "pagopa", Use: "used"}, {Platform: "app_io", Use: "planned"}, {Platform: "send", Use: "no"}},
	}})
	put("counters", &catalogue.Channel{Access: catalogue.Access{Type: "01.1.1", Offices: []string{"p/library"}}})
	put("stall", &catalogue.Channel{Access: catalogue.Access{Type: "01", Places: []string{"p/suburb"}, Timetable: "p/mornings"}})
	put("closed", &catalogue.Channel{Access: catalogue.Access{Type: "02", Offices: []string{"p/registry"}}})
	entries[catalogue.Ref{Kind: catalogue.KindChannel, Publisher: "p", Key: "closed"}].Document = nil
	return entries
}

func by(channels ...string) []catalogue.Connection {
	var connections []catalogue.Connection
	for _, c := range channels {
		connections = append(connections, catalogue.Connection{Channel: "p/" + c})
	}
	return connections
}

func TestFactsAreWhatListsFindAnEntryBy(t *testing.T) {
	inline := func(types ...string) *catalogue.Service {
		s := &catalogue.Service{}
		for _, c := range types {
			s.Connections = append(s.Connections, catalogue.Connection{Inline: &catalogue.Inline{Access: catalogue.Access{Type: c}}})
		}
		return s
	}
	for name, test := range map[string]struct {
		doc  catalogue.Document
		want string
	}{
		"service that says nothing": {&catalogue.Service{}, "offered=true online=false"},
		"service that others offer": {&catalogue.Service{NotOffered: &catalogue.NotOffered{}}, "offered=false online=false"},
		"service with its terms": {
			&catalogue.Service{
				Status: "active", Categories: []string{"6"}, Topics: []string{"acqua"}, Sectors: []string{"84"}, LifeEvents: []string{"11"},
				BusinessEvents: []string{"3"}, Audiences: []string{"citizen"}, Flow: "permits_documents", Interactivity: "LEVEL 3",
				DeliveryLanguages: []string{"ITA"}, Procedures: []string{"p/issue"},
			},
			"audience=citizen businessEvent=3 category=6 deliveryLanguage=ITA flow=permits_documents interactivity=LEVEL 3 lifeEvent=11 offered=true online=false " +
				"procedure=p/issue sector=84 status=active topic=acqua",
		},
		"service of channels of its own": {inline("01.1.1", "02"), "channelType=01.1.1 channelType=02 offered=true online=true"},
		"service of a narrower one":      {inline("02.2"), "channelType=02.2 offered=true online=true"},
		"service of none to apply by": {
			inline("01", "03.1", "04.2", "05.4.1"), "channelType=01 channelType=03.1 channelType=04.2 channelType=05.4.1 offered=true online=false",
		},
		"service by a shared application": {
			&catalogue.Service{Connections: by("portal")},
			"channel=p/portal channelType=02.2 deliveryLanguage=ENG identity=SPIDL2 identity=none offered=true online=true organisation=p/p platform=pagopa platform=spid",
		},
		"service by a shared application that is withdrawn": {&catalogue.Service{Connections: by("closed")}, "channel=p/closed offered=true online=false"},
		"service by a channel that nobody knows":            {&catalogue.Service{Connections: by("none")}, "channel=p/none offered=true online=false"},
		"service by a shared counter, and so where its office is": {
			&catalogue.Service{Connections: by("counters")},
			"channel=p/counters channelType=01.1.1 district=centro district=nord offered=true office=p/library online=false place=p/square place=p/suburb timetable=p/evenings",
		},
		"service by a shared counter, but at another office": {
			&catalogue.Service{Connections: []catalogue.Connection{{Channel: "p/counters", Offices: []string{"p/registry"}}}},
			"channel=p/counters channelType=01.1.1 district=centro offered=true office=p/registry online=false place=p/square timetable=p/mornings",
		},
		"service by a shared stall at its own hours": {
			&catalogue.Service{Connections: []catalogue.Connection{{Channel: "p/stall", Timetable: "p/evenings"}}},
			"channel=p/stall channelType=01 district=nord offered=true online=false place=p/suburb timetable=p/evenings",
		},
		"service in other languages on one way": {
			&catalogue.Service{DeliveryLanguages: []string{"ITA"}, Connections: []catalogue.Connection{{Channel: "p/portal", DeliveryLanguages: []string{"FRA"}}}},
			"channel=p/portal channelType=02.2 deliveryLanguage=FRA deliveryLanguage=ITA identity=SPIDL2 identity=none offered=true online=true organisation=p/p platform=pagopa platform=spid",
		},
		"service of offices in every part": {
			&catalogue.Service{
				ResponsibleOffice: "p/registry", Offices: []string{"p/registry", "q/elsewhere"},
				Participations: []catalogue.Participation{{Organisation: "p/a"}, {Office: "p/library"}},
				Concessions:    []catalogue.Concession{{Authority: "p/a", Operator: "p/b"}},
				Connections:    []catalogue.Connection{{Channel: "p/portal", AssistedBy: []string{"p/helpers"}}},
			},
			"channel=p/portal channelType=02.2 deliveryLanguage=ENG district=centro district=nord identity=SPIDL2 identity=none " +
				"offered=true office=p/helpers office=p/library office=p/registry office=q/elsewhere online=true " +
				"organisation=p/a organisation=p/b organisation=p/p place=p/square place=p/suburb platform=pagopa platform=spid timetable=p/mornings",
		},
		"service that is free":             {&catalogue.Service{Costs: []catalogue.Cost{{Free: true}}}, "free=true offered=true online=false"},
		"service that is free in part":     {&catalogue.Service{Costs: []catalogue.Cost{{Free: true}, {Amount: "1"}}}, "free=false offered=true online=false"},
		"service whose cost varies":        {&catalogue.Service{Costs: []catalogue.Cost{{}}}, "free=false offered=true online=false"},
		"service with a price that begins": {&catalogue.Service{Costs: []catalogue.Cost{{Free: true, ValidFrom: "2026-01-01"}}}, "offered=true online=false"},
		"service with a price that ends":   {&catalogue.Service{Costs: []catalogue.Cost{{Free: true, ValidTo: "2026-01-01"}}}, "offered=true online=false"},
		"service that is free on one of two ways": {
			&catalogue.Service{Costs: []catalogue.Cost{{Amount: "1"}}, Connections: []catalogue.Connection{{Costs: []catalogue.Cost{{Free: true}}}, {}}},
			"free=false offered=true online=false",
		},
		"service that is free on all ways": {
			&catalogue.Service{Costs: []catalogue.Cost{{Amount: "1"}}, Connections: []catalogue.Connection{{Costs: []catalogue.Cost{{Free: true}}}}},
			"free=true offered=true online=false",
		},

		"office": {
			&catalogue.Office{
				Status: "inactive", Parent: "p/registry", Organisation: "p/a", Places: []string{"p/suburb"}, Timetable: "p/evenings",
				DeliveryLanguages: []string{"ITA"}, HelpTypes: []string{"digital_identity_help"},
			},
			"deliveryLanguage=ITA district=nord helpType=digital_identity_help office=p/registry organisation=p/a place=p/suburb status=inactive timetable=p/evenings",
		},
		"office at the top": {&catalogue.Office{}, ""},
		"place": {
			&catalogue.Place{District: "Centro", Timetable: "p/mornings", Accessibility: []catalogue.Accessibility{
				{Feature: "lift", Available: "yes"}, {Feature: "ramp", Available: "partial"}, {Feature: "wheelchair_access", Available: "no"},
			}},
			"accessibility=lift district=centro timetable=p/mornings",
		},
		"channel": {
			&catalogue.Channel{Access: catalogue.Access{Type: "01.1.1", Offices: []string{"p/library"}, Places: []string{"p/nowhere"}, Timetable: "p/mornings"}},
			"channelType=01.1.1 district=centro district=nord office=p/library place=p/nowhere place=p/square place=p/suburb timetable=p/mornings",
		},
		"procedure": {
			&catalogue.Procedure{
				Status: "active", ResponsibleOffice: "p/a", DecidingOffice: "p/b", InformationOffices: []string{"p/c", "p/a"},
				Steps: []catalogue.Step{{Office: "p/d"}, {Channel: "p/portal"}},
			},
			"channel=p/portal office=p/a office=p/b office=p/c office=p/d status=active",
		},
		"publisher":   {&catalogue.Publisher{Sectors: []string{"84"}, Places: []string{"p/square"}}, "place=p/square sector=84"},
		"timetable":   {cataloguetest.Timetable(), ""},
		"holiday set": {cataloguetest.HolidaySet(), ""},
	} {
		entries := city()
		ref := catalogue.Ref{Kind: test.doc.Kind(), Publisher: "p", Key: "it"}
		got, facts := factsOf(cataloguetest.NewEntry(ref, test.doc, 1), entries)
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got facts\n%s\nwant\n%s", name, got, test.want)
		}
		if got, want := facts.Values[0], (catalogue.Fact{Filter: catalogue.FilterPublisher, Value: "p"}); got != want {
			t.Errorf("%s: got %v first, want %v", name, got, want)
		}
		if got, want := facts.Timed, strings.Contains(name, "a price that"); got != want {
			t.Errorf("%s: Timed is %t, want %t", name, got, want)
		}
	}
}

func TestPointsAreWherePeopleGoForIt(t *testing.T) {
	for name, test := range map[string]struct {
		doc  catalogue.Document
		want []float64 // latitudes
	}{
		"place":                                 {&catalogue.Place{Point: city()[catalogue.Ref{Kind: catalogue.KindPlace, Publisher: "p", Key: "suburb"}].Document.(*catalogue.Place).Point}, []float64{43.92}},
		"place without a point":                 {&catalogue.Place{District: "Centro"}, nil},
		"office":                                {&catalogue.Office{Places: []string{"p/suburb", "p/nowhere", "p/square", "p/gone"}}, []float64{43.92, 43.88}},
		"channel through its office":            {&catalogue.Channel{Access: catalogue.Access{Type: "01", Offices: []string{"p/library"}}}, []float64{43.92, 43.88}},
		"service through channel and office":    {&catalogue.Service{Connections: by("counters")}, []float64{43.92, 43.88}},
		"service through channel and place":     {&catalogue.Service{Connections: by("stall", "portal")}, []float64{43.92}},
		"service that leads there in many ways": {&catalogue.Service{ResponsibleOffice: "p/library", Offices: []string{"p/registry"}, Connections: by("counters", "stall")}, []float64{43.92, 43.88}},
		"service that is online alone":          {&catalogue.Service{Connections: by("portal", "closed")}, nil},
		"publisher":                             {&catalogue.Publisher{Places: []string{"p/square"}}, nil},
	} {
		ref := catalogue.Ref{Kind: test.doc.Kind(), Publisher: "p", Key: "it"}
		_, facts := factsOf(cataloguetest.NewEntry(ref, test.doc, 1), city())
		var got []float64
		for _, p := range facts.Points {
			got = append(got, *p.Lat)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: latitudes mismatch (-want +got):\n%s", name, diff)
		}
		if len(got) > 0 && !catalogue.HasPoints(test.doc.Kind()) {
			t.Errorf("%s: got points, but HasPoints says that its kind has none", name)
		}
	}
}

func TestFreeFollowsTheClock(t *testing.T) {
	s := &catalogue.Service{
		Costs: []catalogue.Cost{{Free: true, ValidTo: "2026-06-30"}, {Amount: "1", ValidFrom: "2026-07-01", ValidTo: "2026-07-31"}},
	}
	july, august := time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC), time.Date(2026, 7, 31, 22, 0, 0, 0, time.UTC)
	yes, no := true, false
	for _, test := range []struct {
		now          time.Time
		want         *bool
		since, until time.Time
	}{
		{july.Add(-time.Microsecond), &yes, time.Time{}, july},
		{july, &no, july, august},
		{august.Add(-time.Microsecond), &no, july, august},
		{august, nil, august, time.Time{}},
	} {
		free, since, until := s.FreeAt(test.now)
		if diff := cmp.Diff(test.want, free); diff != "" {
			t.Errorf("at %v: free mismatch (-want +got):\n%s", test.now, diff)
		}
		if !since.Equal(test.since) || !until.Equal(test.until) {
			t.Errorf("at %v: got it so from %v until %v, want from %v until %v", test.now, since, until, test.since, test.until)
		}
	}
}

func TestFiltersAreNamedOnce(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		names := catalogue.Filters(kind)
		if len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
			t.Errorf("%s: a filter is named twice in %v", kind, names)
		}
		for _, name := range names {
			if f, ok := catalogue.FilterNamed(name); !ok || f.Name != name {
				t.Errorf("%s: the filter %s is not described", kind, name)
			}
		}
	}
	if _, ok := catalogue.FilterNamed("colour"); ok {
		t.Error("FilterNamed knows a filter colour")
	}
	if got, want := catalogue.FilterValue(catalogue.FilterDistrict, " Centro "), "centro"; got != want {
		t.Errorf("district: got %q, want %q", got, want)
	}
	if got, want := catalogue.FilterValue("platform", "ANPR"), "ANPR"; got != want {
		t.Errorf("platform: got %q, want %q", got, want)
	}
}

// TestEveryFactIsOneThatItsKindCanBeFilteredBy draws documents of every kind.
func TestEveryFactIsOneThatItsKindCanBeFilteredBy(t *testing.T) {
	samples := cataloguetest.NewEntries()
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		e := cataloguetest.NewEntryAmong(samples, sampleRefs[doc.Kind()], doc, 1)
		facts := catalogue.FactsOf(e, samples)
		known := catalogue.Filters(doc.Kind())
		seen := map[catalogue.Fact]bool{}
		for _, f := range facts.Values {
			if !slices.Contains(known, f.Filter) {
				t.Fatalf("got a fact for the filter %s, which lists of this kind lack", f.Filter)
			}
			if f.Value == "" || seen[f] {
				t.Fatalf("got the fact %v empty or twice", f)
			}
			seen[f] = true
		}
		w := catalogue.Words{Lang: lang.Italian, PublicURL: publicURL, Resolver: samples, Now: tuesday}
		if s, ok := doc.(*catalogue.Service); ok {
			online := parsedItem(w, e)["online"]
			if !seen[catalogue.Fact{Filter: catalogue.FilterOnline, Value: online}] {
				t.Fatalf("got no fact that says, as the view does, that online is %s", online)
			}
			if free, _, _ := s.FreeAt(tuesday); !facts.Timed && free != nil && !seen[catalogue.Fact{Filter: catalogue.FilterFree, Value: map[bool]string{true: "true", false: "false"}[*free]}] {
				t.Fatalf("got no fact that says, as the view does, that free is %t", *free)
			}
		}
	})
}

// parsedItem is the summary of an entry, its members as they are written.
func parsedItem(w catalogue.Words, e *catalogue.Entry) map[string]string {
	members := map[string]string{}
	for _, m := range w.Item(e).Object {
		members[m.Name] = string(m.Value)
	}
	return members
}
