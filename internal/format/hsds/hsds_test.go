package hsds_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/format/hsds"
	"github.com/comuneprato/service-catalogue/internal/format/hsds/hsdstest"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// tuesday is a moment in winter at which the sample timetable is open, and no season of it counts.
var tuesday = time.Date(2026, 1, 20, 10, 15, 0, 0, time.UTC)

func writerAt(now time.Time, tag lang.Tag, entries cataloguetest.Entries) hsds.Writer {
	return hsds.Writer{Look: catalogue.Words{Lang: tag, PublicURL: "https://catalogo.example.org", Resolver: entries, Now: now}.LookAround()}
}

// told are the objects that are made of the samples, by the schema and the name of what it is.
func told(w hsds.Writer, entries cataloguetest.Entries) map[string]map[string]any {
	service, publisher := entries[cataloguetest.ServiceRef], entries[cataloguetest.PublisherRef]
	all := map[string]map[string]any{
		"service":      {"service": w.Service(service, true)},
		"service_list": {"service in a list": w.Service(service, false)},
		"organization": {"organization": w.Organization(publisher, true)}, "organization_list": {"organization in a list": w.Organization(publisher, false)},
		"service_at_location": {}, "service_at_location_list": {}, "taxonomy": {}, "taxonomy_term": {},
	}
	for _, v := range hsds.Visits(w.Look, service) {
		name := "service at location " + v.Place.Ref.Key
		all["service_at_location"][name] = w.Visit(v, true)
		all["service_at_location_list"][name+" in a list"] = w.Visit(v, false)
	}
	return all
}

func encoded(t testing.TB, object any) []byte {
	t.Helper()
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func TestTheSamplesInFull(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Italian, lang.English} {
		t.Run(string(tag), func(t *testing.T) {
			entries := cataloguetest.NewEntries()
			w := writerAt(tuesday, tag, entries)
			organization := w.Organization(entries[cataloguetest.PublisherRef], true)
			organization.Services = []hsds.Service{*w.ServiceIn(entries[cataloguetest.ServiceRef], false)}
			golden.Check(t, "service."+string(tag)+".json", encoded(t, w.Service(entries[cataloguetest.ServiceRef], true)))
			golden.Check(t, "organization."+string(tag)+".json", encoded(t, organization))
			if want := time.Date(2026, 2, 15, 12, 0, 0, 0, time.UTC); !w.Until().Equal(want) {
				t.Errorf("it is true until %v, want %v, when a notice ends", w.Until(), want)
			}
		})
	}
}

func TestAllThatIsToldIsValid(t *testing.T) {
	for name, change := range map[string]func(cataloguetest.Entries){
		"everything filled": func(cataloguetest.Entries) {},
		"nothing filled": func(entries cataloguetest.Entries) {
			for ref, e := range entries {
				bare := catalogue.New(ref.Kind)
				bare.Common().Title = lang.Of("Titolo")
				entries[ref] = cataloguetest.NewEntryAmong(entries, ref, bare, int(e.ID[15]))
			}
			office := entries[cataloguetest.OfficeRef].Document.(*catalogue.Office)
			office.Places = []string{cataloguetest.PlaceRef.String()}
			entries[cataloguetest.ServiceRef].Document.(*catalogue.Service).ResponsibleOffice = cataloguetest.OfficeRef.String()
		},
		"no public profile": func(entries cataloguetest.Entries) { delete(entries, cataloguetest.PublisherRef) },
		"nothing else public": func(entries cataloguetest.Entries) {
			for ref, e := range entries {
				if ref != cataloguetest.ServiceRef && ref != cataloguetest.PublisherRef {
					e.Document = nil
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, tag := range []lang.Tag{lang.Italian, lang.Urdu} {
				entries := cataloguetest.NewEntries()
				change(entries)
				if entries[cataloguetest.PublisherRef] == nil {
					entries[cataloguetest.PublisherRef] = cataloguetest.NewEntry(cataloguetest.PublisherRef, cataloguetest.Publisher(), 1)
					entries[cataloguetest.PublisherRef].Ref.Key = "other"
				}
				check(t, writerAt(tuesday, tag, entries), entries)
			}
		})
	}
}

func TestWhateverMayBePublishedIsToldAsHSDSWantsIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		entries := cataloguetest.NewEntries()
		for ref, e := range entries {
			if e.Available() && rapid.Bool().Draw(rt, "drawn "+ref.Key) {
				entries[ref] = cataloguetest.NewEntryAmong(entries, ref, cataloguetest.Generate(rt, ref.Kind), int(e.ID[15]))
			}
		}
		now := tuesday.AddDate(0, 0, rapid.IntRange(-900, 900).Draw(rt, "day"))
		check(rt, writerAt(now, rapid.SampledFrom(lang.Tags).Draw(rt, "language"), entries), entries)
	})
}

func check(t interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}, w hsds.Writer, entries cataloguetest.Entries,
) {
	t.Helper()
	for schema, objects := range told(w, entries) {
		for name, object := range objects {
			data, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			if err := hsdstest.Validate(schema, data); err != nil {
				t.Errorf("%s: %v\n%s", name, err, data)
			}
		}
	}
}

func TestTaxonomiesAndTermsAreValidAndFoundByTheirIDs(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Italian, lang.English} {
		w := writerAt(tuesday, tag, cataloguetest.Entries{})
		for _, scheme := range hsds.Taxonomies() {
			taxonomy := w.Taxonomy(scheme)
			if err := hsdstest.Validate("taxonomy", encoded(t, taxonomy)); err != nil {
				t.Errorf("%s: %v", scheme.Code, err)
			}
			if hsds.FindTaxonomy(taxonomy.ID) != scheme {
				t.Errorf("%s is not found by its id", scheme.Code)
			}
			for i := range scheme.Terms {
				term := w.Term(scheme, &scheme.Terms[i])
				if err := hsdstest.Validate("taxonomy_term", encoded(t, term)); err != nil {
					t.Errorf("%s %s: %v", scheme.Code, term.Code, err)
				}
				if of, found := hsds.FindTerm(term.ID); of != scheme || found != &scheme.Terms[i] {
					t.Errorf("%s %s is not found by its id", scheme.Code, term.Code)
				}
				if _, parent := hsds.FindTerm(term.ParentID); term.ParentID != "" && parent == nil {
					t.Errorf("%s %s has the parent %s, which does not exist", scheme.Code, term.Code, term.ParentID)
				}
			}
		}
	}
}

func TestAddressesAreToldWhereTheyAreWhole(t *testing.T) {
	for _, tt := range []struct {
		name        string
		address     *catalogue.Address
		want        []hsds.Address
		description string
	}{
		{"none", nil, nil, ""},
		{
			"whole", &catalogue.Address{Street: "Via Rossi", Number: "1/a", PostalCode: "00100", City: "Roma", Province: "RM", Country: "IT"},
			[]hsds.Address{{Address1: "Via Rossi 1/a", City: "Roma", StateProvince: "RM", PostalCode: "00100", Country: "IT", AddressType: "physical"}},
			"",
		},
		{
			"no province, in Tuscany", &catalogue.Address{Street: "Via Rossi", PostalCode: "59100", City: "Prato"},
			[]hsds.Address{{Address1: "Via Rossi", City: "Prato", StateProvince: "PO", PostalCode: "59100", Country: "IT", AddressType: "physical"}},
			"",
		},
		{
			"no province, elsewhere", &catalogue.Address{Street: "Via Rossi", PostalCode: "2", City: "Milano"},
			[]hsds.Address{{Address1: "Via Rossi", City: "Milano", StateProvince: "Milano", PostalCode: "2", Country: "IT", AddressType: "physical"}},
			"",
		},
		{"no postal code", &catalogue.Address{Street: "Via Rossi", Number: "1", City: "Prato"}, nil, "Via Rossi 1, Prato"},
		{"no street", &catalogue.Address{PostalCode: "59100", City: "Prato", Province: "PO"}, nil, "59100 Prato, PO"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries := cataloguetest.NewEntries()
			place := entries[cataloguetest.PlaceRef].Document.(*catalogue.Place)
			place.Address, place.Summary, place.Description, place.District = tt.address, nil, nil, ""
			w := writerAt(tuesday, lang.Italian, entries)
			got := w.Visit(hsds.Visits(w.Look, entries[cataloguetest.ServiceRef])[0], true).Location
			for i := range got.Addresses {
				got.Addresses[i].ID = ""
			}
			if diff := cmp.Diff(tt.want, got.Addresses); diff != "" || got.Description != tt.description {
				t.Errorf("address mismatch (-want +got):\n%s, description %q, want %q", diff, got.Description, tt.description)
			}
		})
	}
}

func TestLinksAreAddressesThatEveryParserTakes(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.org/a?b=c&d='e'#f": "https://example.org/a?b=c&d='e'#f",
		"https://example.org/città/%20":     "https://example.org/citt%C3%A0/%20",
		"https://example.org/100%":          "https://example.org/100%25",
		"https://example.org/%zz":           "https://example.org/%25zz",
		"https://example.org/?a[]=1#b#c":    "https://example.org/?a%5B%5D=1#b%23c",
	} {
		entries := cataloguetest.NewEntries()
		entries[cataloguetest.PublisherRef].Document.(*catalogue.Publisher).Website = address
		if got := writerAt(tuesday, lang.Italian, entries).Organization(entries[cataloguetest.PublisherRef], false).Website; got != want {
			t.Errorf("%q is told as %q, want %q", address, got, want)
		}
	}
}

func TestPagesSayWhereTheyAre(t *testing.T) {
	for _, tt := range []struct {
		total, number, perPage int
		want                   hsds.Paging
	}{
		{0, 1, 50, hsds.Paging{PageNumber: 1, FirstPage: true, LastPage: true, Empty: true}},
		{1, 1, 50, hsds.Paging{TotalItems: 1, TotalPages: 1, PageNumber: 1, Size: 1, FirstPage: true, LastPage: true}},
		{100, 1, 50, hsds.Paging{TotalItems: 100, TotalPages: 2, PageNumber: 1, Size: 50, FirstPage: true}},
		{100, 2, 50, hsds.Paging{TotalItems: 100, TotalPages: 2, PageNumber: 2, Size: 50, LastPage: true}},
		{101, 3, 50, hsds.Paging{TotalItems: 101, TotalPages: 3, PageNumber: 3, Size: 1, LastPage: true}},
		{101, 4, 50, hsds.Paging{TotalItems: 101, TotalPages: 3, PageNumber: 4, LastPage: true, Empty: true}},
		{101, 1<<31 - 1, 500, hsds.Paging{TotalItems: 101, TotalPages: 1, PageNumber: 1<<31 - 1, LastPage: true, Empty: true}},
	} {
		got, from, to := hsds.PagingOf(tt.total, tt.number, tt.perPage)
		if diff := cmp.Diff(tt.want, got); diff != "" || to-from != tt.want.Size {
			t.Errorf("page %d of %d by %d, from %d to %d, mismatch (-want +got):\n%s", tt.number, tt.total, tt.perPage, from, to, diff)
		}
	}
}
