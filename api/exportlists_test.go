package api_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestAllOfAKindIsExportedInEveryFormat(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		for _, kind := range catalogue.Kinds {
			path := "/v1/exports/" + kind.Plural()
			total := s.Get("/v1/" + kind.Plural() + "?limit=1").Want(http.StatusOK).Object()["total"].(float64)

			var whole struct {
				Total float64
				Items []struct{ ID string }
			}
			s.Get(path).Want(http.StatusOK).Into(&whole)
			if whole.Total != total || len(whole.Items) != int(total) {
				t.Errorf("%s: %v in all and %d items, want %v", path, whole.Total, len(whole.Items), total)
			}
			var ids []string
			for line := range strings.Lines(string(s.Get(path + "?format=ndjson&lang=it").Want(http.StatusOK).Body)) {
				var view struct{ ID, Title string }
				if err := json.Unmarshal([]byte(line), &view); err != nil {
					t.Fatalf("%s: %v: %.200s", path, err, line)
				}
				ids = append(ids, view.ID)
			}
			table := s.Do(apitest.Request{Path: path, Header: map[string]string{"Accept": "text/csv"}}).Want(http.StatusOK)
			records, err := csv.NewReader(strings.NewReader(string(table.Body))).ReadAll()
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			described(t, kind, records[0])
			var rows []string
			for _, record := range records[1:] {
				rows = append(rows, record[0])
			}
			if len(ids) != int(total) || !slices.Equal(ids, rows) || len(ids) > 0 && ids[0] != whole.Items[0].ID {
				t.Errorf("%s: %d lines and %d rows, want the same %v entries", path, len(ids), len(rows), total)
			}
			if got := table.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv") {
				t.Errorf("%s: Content-Type %q", path, got)
			}
		}
	})
}

// described wants the columns of a table to be those that docs/import-columns.md documents.
func described(t *testing.T, kind catalogue.Kind, header []string) {
	t.Helper()
	var public []string
	for _, c := range api.PublicColumns {
		public = append(public, c.Name)
	}
	if !slices.Equal(public, header[:len(public)]) {
		t.Errorf("the table of %s begins with %v, want %v", kind, header[:len(public)], public)
	}
	known := map[string]bool{}
	for _, c := range importing.Columns(kind) {
		known[c.Name] = true
	}
	number, language := regexp.MustCompile(`\.\d+`), regexp.MustCompile(`\.(`+strings.Join(tagNames(), "|")+`)$`)
	for _, column := range header[len(public):] {
		if name := language.ReplaceAllString(number.ReplaceAllString(column, ".N"), ".LL"); !known[name] {
			t.Errorf("the table of %s has a column %s, which is not documented", kind, column)
		}
	}
}

func tagNames() (names []string) {
	for _, tag := range lang.Tags {
		names = append(names, string(tag))
	}
	return names
}

func TestExportsTakeWhatTheyKnow(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		all := s.Get("/v1/exports/services").Want(http.StatusOK).Object()["total"].(float64)
		own := s.Get("/v1/exports/services?publisher=publiacqua").Want(http.StatusOK).Object()["total"].(float64)
		if own == 0 || own >= all {
			t.Errorf("%v of %v services are of one publisher", own, all)
		}
		if none := s.Get("/v1/exports/services?publisher=nessuno&format=ndjson").Want(http.StatusOK).Body; len(none) != 0 {
			t.Errorf("an unknown publisher has %d bytes of services", len(none))
		}
		for path, status := range map[string]int{
			"/v1/exports/services?format=xml": http.StatusBadRequest, "/v1/exports/services?category=x": http.StatusBadRequest,
			"/v1/exports/deadlines?lang=*": http.StatusBadRequest, "/v1/exports/procedure-types?lang=en": http.StatusBadRequest,
			"/v1/exports/persons": http.StatusNotFound,
		} {
			s.Get(path).Want(status)
		}
		s.Do(apitest.Request{Path: "/v1/exports/services", Header: map[string]string{"Accept": "text/turtle"}}).Want(http.StatusNotAcceptable)
	})
}

func TestProceduresAreExportedAsTheLawWantsThem(t *testing.T) {
	onceDemo(t, func(t *testing.T, s *apitest.Server) {
		total := s.Get("/v1/procedures?limit=1").Want(http.StatusOK).Object()["total"].(float64)
		records, err := csv.NewReader(strings.NewReader(string(s.Get("/v1/exports/procedure-types").Want(http.StatusOK).Body))).ReadAll()
		if err != nil || len(records) != int(total)+1 {
			t.Errorf("%d rows, want %v and a header: %v", len(records), total, err)
		}
		var table struct{ Items []map[string]string }
		s.Get("/v1/exports/procedure-types?format=json").Want(http.StatusOK).Into(&table)
		if len(table.Items) != int(total) {
			t.Errorf("%d items, want %v", len(table.Items), total)
		}
		if page := string(s.Get("/v1/exports/procedure-types?format=html").Want(http.StatusOK).Body); strings.Count(page, "<tr>") != int(total)+1 {
			t.Errorf("%d rows of HTML, want %v and a header", strings.Count(page, "<tr>"), total)
		}
	})
}

func TestDeadlinesAreACalendar(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("Iscrizione al nido", object{"deadlines": []object{{"title": text("Domande"), "from": "2099-03-01", "to": "2099-03-31"}}})).Want(http.StatusCreated)
		for _, path := range []string{"/v1/exports/deadlines", "/v1/services/iscrizione-al-nido?format=ics"} {
			a := s.Get(path).Want(http.StatusOK)
			calendar, err := ics.ParseCalendar(strings.NewReader(string(a.Body)))
			if err != nil || len(calendar.Events()) != 1 {
				t.Errorf("%s: %v: %s", path, err, a.Body)
			}
		}
	})
}
