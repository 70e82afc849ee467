package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/hsds"
	"github.com/comuneprato/service-catalogue/internal/format/hsds/hsdstest"
)

// hsdsPage is a page of any list of /hsds.
type hsdsPage struct {
	hsds.Paging
	Contents []json.RawMessage `json:"contents"`
}

func pageOf(s *apitest.Server, path string) (p hsdsPage) {
	s.Get("/hsds" + path).Want(http.StatusOK).Into(&p)
	return p
}

// idsOf are the ids of the contents of a page.
func idsOf(t *testing.T, p hsdsPage) (ids []string) {
	t.Helper()
	for _, c := range p.Contents {
		var o struct{ ID string }
		if err := json.Unmarshal(c, &o); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	return ids
}

// hsdsLists are the lists by their path, with the schemas of what stands in them and of what has its id.
var hsdsLists = map[string]struct{ list, detail string }{
	"/services":             {"service_list", "service"},
	"/organizations":        {"organization_list", "organization"},
	"/service_at_locations": {"service_at_location_list", "service_at_location"},
	"/taxonomies":           {"taxonomy", "taxonomy"},
	"/taxonomy_terms":       {"taxonomy_term", "taxonomy_term"},
}

func TestConformanceHSDS(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		t.Run("schemas", func(t *testing.T) { hsdsSchemas(t, s) })
		t.Run("lists", func(t *testing.T) { hsdsFilters(t, s) })
		t.Run("refusals", func(t *testing.T) { hsdsRefusals(t, s) })
		t.Run("examples", func(t *testing.T) { hsdsExamples(t, s) })
	})
}

// hsdsSchemas holds every list page by page, every object by its id and everything that is nested in lists against the
// schemas of HSDS 3.0.
func hsdsSchemas(t *testing.T, s *apitest.Server) {
	counts := map[string]int{}
	valid := func(schema, from string, object []byte) {
		t.Helper()
		if err := hsdstest.Validate(schema, object); err != nil {
			t.Errorf("%s: %v\n%s", from, err, object)
		}
	}
	for path, schemas := range hsdsLists {
		seen := map[string]bool{}
		for number, last := 1, false; !last; number++ {
			page := pageOf(s, fmt.Sprintf("%s?per_page=40&page=%d", path, number))
			if got, _, _ := hsds.PagingOf(page.TotalItems, number, 40); page.Paging != got || page.Size != len(page.Contents) || page.TotalItems == 0 {
				t.Errorf("page %d of %s says %+v of its %d contents, want %+v", number, path, page.Paging, len(page.Contents), got)
			}
			for i, id := range idsOf(t, page) {
				seen[id] = true
				valid(schemas.list, path, page.Contents[i])
				if i == 0 || path != "/taxonomy_terms" { // all of which are as the first
					valid(schemas.detail, path+"/"+id, s.Get("/hsds"+path+"/"+id).Want(http.StatusOK).Body)
				}
			}
			counts[path] = page.TotalItems
			last = page.LastPage
		}
		if len(seen) != counts[path] {
			t.Errorf("the pages of %s have %d different ids, want %d", path, len(seen), counts[path])
		}
	}
	for path, schema := range map[string]string{
		"/services?full=true": "service", "/organizations?full=true": "organization", "/organizations?full_service=true": "organization", "/service_at_locations?full=true": "service_at_location",
	} {
		for _, lang := range []string{"it", "en", "zh"} {
			for _, object := range pageOf(s, path+"&per_page=500&lang="+lang).Contents {
				valid(schema, path, object)
			}
		}
	}
	t.Logf("HSDS 3.0: %d services, %d organizations, %d services at locations, %d taxonomies, %d taxonomy terms: valid",
		counts["/services"], counts["/organizations"], counts["/service_at_locations"], counts["/taxonomies"], counts["/taxonomy_terms"])
}

// hsdsFilters holds what lists find against what stands in everything.
func hsdsFilters(t *testing.T, s *apitest.Server) {
	everything := pageOf(s, "/services?per_page=500&full=true")
	all := idsOf(t, everything)
	var services []hsds.Service
	for _, c := range everything.Contents {
		var service hsds.Service
		if err := json.Unmarshal(c, &service); err != nil {
			t.Fatal(err)
		}
		services = append(services, service)
	}
	// those lists the ids of the services for which something holds.
	those := func(holds func(hsds.Service) bool) (ids []string) {
		for _, service := range services {
			if holds(service) {
				ids = append(ids, service.ID)
			}
		}
		return ids
	}
	has := func(of func(hsds.Attribute) bool) []string {
		return those(func(s hsds.Service) bool { return slices.ContainsFunc(s.Attributes, of) })
	}

	var alia hsds.Organization
	if err := json.Unmarshal(pageOf(s, "/organizations?search=alia&per_page=1").Contents[0], &alia); err != nil {
		t.Fatal(err)
	}
	topic := services[slices.IndexFunc(services, func(s hsds.Service) bool { return s.Name == "Carta d'identità" })].Attributes
	registry := topic[slices.IndexFunc(topic, func(a hsds.Attribute) bool { return a.LinkType == "topic" })]
	for _, tt := range []struct {
		name, query string
		want        []string
	}{
		{"by a term", "taxonomy_term_id=" + registry.TaxonomyTermID, has(func(a hsds.Attribute) bool { return a.TaxonomyTermID == registry.TaxonomyTermID })},
		{"by a taxonomy", "taxonomy_id=" + registry.TaxonomyTerm.TaxonomyID, has(func(a hsds.Attribute) bool { return a.TaxonomyTerm.TaxonomyID == registry.TaxonomyTerm.TaxonomyID })},
		{"by an organization", "organization_id=" + alia.ID, those(func(s hsds.Service) bool { return s.OrganizationID == alia.ID })},
		{"by all of them", "taxonomy_term_id=" + registry.TaxonomyTermID + "&organization_id=" + alia.ID, nil},
		{"by a term that does not exist", "taxonomy_term_id=" + alia.ID, nil},
		{"by a taxonomy that does not exist", "taxonomy_id=nessuna", nil},
		{"by an organization that does not exist", "organization_id=nessuna", nil},
		{"since the beginning", "modified_after=2000-01-01", all},
		{"since a moment to come", "modified_after=" + s.Now().Add(time.Hour).Format(time.RFC3339), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, idsOf(t, pageOf(s, "/services?per_page=500&"+tt.query))); diff != "" {
				t.Errorf("services mismatch (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the services are those of their organizations", func(t *testing.T) {
		var got hsds.Organization
		s.Get("/hsds/organizations/" + alia.ID).Want(http.StatusOK).Into(&got)
		var ids []string
		for _, service := range got.Services {
			ids = append(ids, service.ID)
		}
		if diff := cmp.Diff(those(func(s hsds.Service) bool { return s.OrganizationID == alia.ID }), ids); diff != "" {
			t.Errorf("services mismatch (-want +got):\n%s", diff)
		}
		s.Get("/hsds/organizations/" + alia.ID + "?full_service=true").Want(http.StatusOK).Into(&got)
		if len(got.Services) == 0 || len(got.Services[0].Attributes) == 0 {
			t.Errorf("with full_service, the services are %+v, want them in full", got.Services)
		}
	})
	t.Run("the best hits come first", func(t *testing.T) {
		page := pageOf(s, "/services?search=carta+identita")
		var first hsds.Service
		if err := json.Unmarshal(page.Contents[0], &first); err != nil {
			t.Fatal(err)
		}
		if first.Name != "Carta d'identità" || page.TotalItems < 2 || page.TotalItems == len(all) {
			t.Errorf("the first of %d hits is %q", page.TotalItems, first.Name)
		}
		if found := pageOf(s, "/services?search=xyzzy"); !found.Empty || found.TotalPages != 0 || !found.LastPage || !found.FirstPage {
			t.Errorf("a search without hits says %+v", found.Paging)
		}
	})
	t.Run("minimal has all ids at once", func(t *testing.T) {
		page := pageOf(s, "/services?minimal=true")
		if diff := cmp.Diff(all, idsOf(t, page)); diff != "" || !page.LastPage {
			t.Errorf("ids mismatch (-want +got):\n%s", diff)
		}
		want := fmt.Sprintf(`{"id":%q,"modified_date":%q}`, services[0].ID, services[0].LastModified)
		if got := string(page.Contents[0]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("NDJSON has all of a list", func(t *testing.T) {
		for path := range hsdsLists {
			if path == "/organizations" {
				path += "?full_service=true&"
			} else {
				path += "?"
			}
			a := s.Get("/hsds" + path + "format=ndjson&lang=en").Want(http.StatusOK)
			if got := a.Header.Get("Content-Type"); got != "application/x-ndjson" {
				t.Errorf("%s has the type %q", path, got)
			}
			var want []string
			for number, last := 1, false; !last; number++ {
				page := pageOf(s, fmt.Sprintf("%slang=en&per_page=500&page=%d", path, number))
				for _, c := range page.Contents {
					want = append(want, string(c))
				}
				last = page.LastPage
			}
			var got []string
			lines := bufio.NewScanner(bytes.NewReader(a.Body))
			for lines.Buffer(nil, 1<<20); lines.Scan(); {
				got = append(got, lines.Text())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s mismatch (-pages +lines):\n%s", path, diff)
			}
			s.Do(apitest.Request{Method: http.MethodHead, Path: "/hsds" + path + "format=ndjson"}).Want(http.StatusOK)
		}
	})
	t.Run("places by their postal code", func(t *testing.T) {
		every, there := pageOf(s, "/service_at_locations?full=true&per_page=500"), pageOf(s, "/service_at_locations?postcode=59100&per_page=500")
		var want []string
		for _, c := range every.Contents {
			var visit hsds.ServiceAtLocation
			if err := json.Unmarshal(c, &visit); err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(visit.Location.Addresses, func(a hsds.Address) bool { return a.PostalCode == "59100" }) {
				want = append(want, visit.ID)
			}
		}
		if diff := cmp.Diff(want, idsOf(t, there)); diff != "" || len(want) == 0 || len(want) == every.TotalItems {
			t.Errorf("those with the postal code mismatch (-want +got):\n%s", diff)
		}
	})
	t.Run("terms by their taxonomy, parent and name", func(t *testing.T) {
		var terms []hsds.TaxonomyTerm
		for _, c := range pageOf(s, "/taxonomy_terms?per_page=500").Contents {
			var term hsds.TaxonomyTerm
			if err := json.Unmarshal(c, &term); err != nil {
				t.Fatal(err)
			}
			terms = append(terms, term)
		}
		parent := terms[slices.IndexFunc(terms, func(term hsds.TaxonomyTerm) bool { return term.ParentID != "" })].ParentID
		for query, holds := range map[string]func(hsds.TaxonomyTerm) bool{
			"taxonomy_id=" + registry.TaxonomyTerm.TaxonomyID: func(term hsds.TaxonomyTerm) bool { return term.TaxonomyID == registry.TaxonomyTerm.TaxonomyID },
			"top_only=true":       func(term hsds.TaxonomyTerm) bool { return term.ParentID == "" },
			"search=MOBILITA":     func(term hsds.TaxonomyTerm) bool { return strings.Contains(strings.ToLower(term.Name), "mobilit") },
			"parent_id=" + parent: func(term hsds.TaxonomyTerm) bool { return term.ParentID == parent },
		} {
			var want []string
			for _, term := range terms {
				if holds(term) {
					want = append(want, term.ID)
				}
			}
			if diff := cmp.Diff(want, idsOf(t, pageOf(s, "/taxonomy_terms?per_page=500&"+query))); diff != "" || len(want) == 0 {
				t.Errorf("%s mismatch (-want +got):\n%s", query, diff)
			}
		}
	})
}

// hsdsRefusals asks for what there is not.
func hsdsRefusals(t *testing.T, s *apitest.Server) {
	for path, want := range map[string]string{
		"/services?serch=a":                     "serch unknown_parameter",
		"/services?page=0":                      "page number",
		"/services?per_page=501":                "per_page number",
		"/services?minimal=true&per_page=10001": "per_page number",
		"/services?minimal=true&full=true":      "minimal exclusive",
		"/services?full=yes":                    "full one_of",
		"/services?format=xml":                  "format one_of",
		"/services?lang=*":                      "lang one_of",
		"/services?modified_after=ieri":         "modified_after instant",
		"/services?format=ndjson&page=a":        "page number",
		"/service_at_locations?proximity=100":   "proximity needs",
		"/taxonomies?taxonomy_id=a":             "taxonomy_id unknown_parameter",
		"/?a=b":                                 "a unknown_parameter",
		"/services/x?full=true":                 "full unknown_parameter",
	} {
		if got := pointers(s.Get("/hsds" + path).Want(http.StatusBadRequest)); got != want {
			t.Errorf("%s is refused with %q, want %q", path, got, want)
		}
	}
	for path := range hsdsLists {
		for _, id := range []string{"x", "019aa2d1-0000-7000-8000-000000000000", "019aa2d1-0000-7000-8000-00000000000x"} {
			s.Get("/hsds" + path + "/" + id).Want(http.StatusNotFound)
		}
	}
	s.Do(apitest.Request{Method: http.MethodPost, Path: "/hsds/services"}).Want(http.StatusMethodNotAllowed)
}

func TestHSDSFollowsWhatIsPublished(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for path := range hsdsLists {
			if page := pageOf(s, path); page.Empty == strings.HasPrefix(path, "/taxonom") {
				t.Errorf("%s of an empty catalogue has %d contents", path, page.Size)
			}
		}
		place := func(postalCode string) object {
			return object{
				"title": text("Palazzo"), "summary": text("Un palazzo."), "type": "town_hall", "access": text("Dalla piazza."), "point": object{"lat": 43.88, "lon": 11.09},
				"address": object{"city": "Prato", "street": "Via Nuova", "postalCode": postalCode},
			}
		}
		office := object{
			"title": text("Anagrafe"), "summary": text("Un ufficio."), "competences": text("Anagrafe."), "type": "office", "places": []string{"prato-comune/palazzo"},
			"contacts": []object{{"entries": []object{{"type": "phone", "value": "0574 1836096"}}}},
		}
		publishEntry(s, catalogue.KindPlace, "palazzo", place("59100")).Want(http.StatusCreated)
		publishEntry(s, catalogue.KindOffice, "anagrafe", office).Want(http.StatusCreated)
		responsible := object{"responsibleOffice": "prato-comune/anagrafe"}
		publish(s, "a", service("Carta", responsible)).Want(http.StatusCreated)
		id := idsOf(t, pageOf(s, "/services"))[0]
		visit := idsOf(t, pageOf(s, "/service_at_locations"))[0]
		first := s.Get("/hsds/services/" + id).Want(http.StatusOK)
		if err := hsdstest.Validate("service", first.Body); err != nil {
			t.Error(err)
		}
		again := map[string]string{"If-None-Match": first.Header.Get("ETag")}
		s.Do(apitest.Request{Path: "/hsds/services/" + id, Header: again}).Want(http.StatusNotModified)
		if near := pageOf(s, "/service_at_locations?postcode=59100&proximity=10"); near.Size != 1 {
			t.Errorf("%d services are near their own postal code, want 1", near.Size)
		}

		publish(s, "a", service("Carta nuova", responsible)).Want(http.StatusOK)
		var changed hsds.Service
		s.Do(apitest.Request{Path: "/hsds/services/" + id, Header: again}).Want(http.StatusOK).Into(&changed)
		if changed.Name != "Carta nuova" || changed.ID != id {
			t.Errorf("the service is %q with the id %s, want the new title and the id %s", changed.Name, changed.ID, id)
		}
		if got := idsOf(t, pageOf(s, "/service_at_locations")); !slices.Equal(got, []string{visit}) {
			t.Errorf("the service is at %q, want %q as before", got, visit)
		}

		publishEntry(s, catalogue.KindPlace, "palazzo", place("59013")).Want(http.StatusOK)
		if got := pageOf(s, "/service_at_locations?postcode=59100"); !got.Empty {
			t.Errorf("%d services are at the postal code that the place had before, want none", got.Size)
		}

		move(s, prato("a"), object{"transition": "withdraw", "reason": "Prova"}).Want(http.StatusOK)
		s.Get("/hsds/services/" + id).Want(http.StatusGone)
		s.Get("/hsds/service_at_locations/" + visit).Want(http.StatusNotFound)
		for _, path := range []string{"/services", "/service_at_locations"} {
			if !pageOf(s, path).Empty {
				t.Errorf("%s shows what was withdrawn", path)
			}
		}
	})
}

// hsdsExamples asks what the examples of the description ask.
func hsdsExamples(t *testing.T, s *apitest.Server) {
	for _, o := range operations(apitest.HSDSDescription(t)) {
		request := o.example(t, "")
		if list, isDetail := strings.CutSuffix(o.path, "/{id}"); isDetail { // no id is in every database
			request.Path = strings.Replace(request.Path, "019aa2d1-0000-7000-8000-000000000000", idsOf(t, pageOf(s, list))[0], 1)
		}
		request.Path = apitest.HSDSPath + request.Path
		s.Do(request).Want(http.StatusOK)
	}
	var about hsds.API
	s.Get("/hsds/").Want(http.StatusOK).Into(&about)
	if want := (hsds.API{Version: "3.0", Profile: about.Profile, OpenAPIURL: s.URL + "/hsds/openapi.json"}); about != want {
		t.Errorf("the API says that it is %+v, want %+v", about, want)
	}
	if got := s.Get("/hsds").Want(http.StatusOK); string(got.Body) != string(s.Get("/hsds/").Body) {
		t.Errorf("/hsds answers %s, want what /hsds/ does", got.Body)
	}
}
