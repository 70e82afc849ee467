package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/importing/portal"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestAnImportReportsEveryRow(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	elsewhere := row("place", "x", place("Altrove"))
	elsewhere["publisher"] = "nessuno"
	file := writeRows(
		t,
		row("place", "piazza", place("Piazza")),
		row("office", "anagrafe", office("Anagrafe", publisher+"/comune")), // which comes later
		"{nonsense",
		row("service", "cie", object{"titel": italian("CIE"), "costs": []object{{"amount": "gratis"}}}),
		row("place", "comune", place("Palazzo comunale")),
		elsewhere,
		row("shop", "x", place("Negozio")),
		"",
		row("office", "protocollo", office("Protocollo", publisher+"/nowhere")),
	)
	r := run(t, "import", "--database", dsn, file)
	r.want(t, 1)
	for _, want := range []string{
		"line 3: The JSON is wrong at byte",
		"line 4: service prato-comune/cie: error: /titel: ",
		"perhaps “title”",
		"line 4: service prato-comune/cie: error: /costs/0/amount: ",
		`line 6: place nessuno/x: there is no publisher "nessuno": make it with`,
		`line 7: kind "shop": not found`,
		"line 9: office prato-comune/protocollo: error: /places/0: ",
		"\ncreated 0, updated 0, unchanged 0, archived 0, refused 5\n3 good rows were not stored either: ",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("got the report\n%swant %q in it", r.out, want)
		}
	}
	for line := range strings.Lines(r.out) {
		if strings.HasPrefix(line, "line 1:") || strings.HasPrefix(line, "line 2:") || strings.HasPrefix(line, "line 5:") {
			t.Errorf("got %q, want nothing about a row that was stored", line)
		}
	}

	must(t, "import", "--database", dsn, writeRows(t, row("place", "piazza", place("Piazza")), row("place", "comune", place("Palazzo comunale"))))
	good := writeRows(t, row("place", "piazza", place("Piazza del Comune")), row("place", "comune", place("Palazzo comunale")))
	if got, want := must(t, "import", "--database", dsn, good), "created 0, updated 1, unchanged 1, archived 0, refused 0\n"; got != want {
		t.Errorf("after a change: got %q, want %q", got, want)
	}
	if got, want := must(t, "import", "--database", dsn, good), "created 0, updated 0, unchanged 2, archived 0, refused 0\n"; got != want {
		t.Errorf("importing again: got %q, want %q", got, want)
	}
}

func TestAnImportReadsStandardInputAndMakesPublishersIfAsked(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	file, err := os.ReadFile(writeRows(t, row("place", "a", place("Piazza")), row("place", "b", place("Via"))))
	if err != nil {
		t.Fatal(err)
	}
	r := runIn(t, setup{input: bytes.NewReader(file)}, "import", "--database", dsn, "-")
	r.want(t, 1)
	r = runIn(t, setup{input: bytes.NewReader(file)}, "import", "--database", dsn, "--create-publishers", "-")
	r.want(t, 0)
	if want := "created 2, updated 0, unchanged 0, archived 0, refused 0\n"; r.out != want {
		t.Errorf("got %q, want %q", r.out, want)
	}
	if list := must(t, "publishers", "list", "--database", dsn); !strings.Contains(list, publisher) {
		t.Errorf("got the publishers\n%swant %s among them", list, publisher)
	}
}

func TestAnImportWithoutItsFileTouchesNoDatabase(t *testing.T) {
	t.Parallel()
	dsn := storetest.DSN(t, storetest.SQLite)
	r := run(t, "import", "--database", dsn, "nothing.ndjson")
	r.want(t, 1)
	r.says(t, "nothing.ndjson", "no such file")
	if _, err := os.Stat(dsn); !os.IsNotExist(err) {
		t.Errorf("the database: got %v, want none", err)
	}
}

func TestWhatWasExportedIsImportedAsItWas(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		first, second := migrated(t, database), migrated(t, database)
		rows := filepath.Join(t.TempDir(), "demo.ndjson")
		content := &bytes.Buffer{}
		if _, err := content.ReadFrom(demo.Rows()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(rows, content.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, "import", "--database", first, "--create-publishers", rows)
		must(t, "import", "--database", first, writeRows(
			t,
			object{"publisher": publisher, "kind": "place", "key": "draft", "document": place("Solo bozza")},
		))

		exported := filepath.Join(t.TempDir(), "first.ndjson")
		must(t, "export", "--database", first, "--output", exported)
		want, err := os.ReadFile(exported)
		if err != nil {
			t.Fatal(err)
		}
		if got := must(t, "export", "--database", first); got != string(want) {
			t.Error("the export to standard output differs from the one to a file")
		}
		if got, want := bytes.Count(want, []byte("\n")), bytes.Count(content.Bytes(), []byte("\n"))+1; got != want {
			t.Errorf("exported %d rows, want %d", got, want)
		}
		must(t, "import", "--database", second, "--create-publishers", exported)
		got := must(t, "export", "--database", second)
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("export of the import mismatch (-want +got):\n%s", diff)
		}
		if report := must(t, "import", "--database", first, exported); !strings.HasPrefix(report, "created 0, updated 0, unchanged ") {
			t.Errorf("importing into the same database: got %q, want all unchanged", report)
		}
	})
}

func TestAnExportBeginsWithWhatOthersReferTo(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	must(t, "import", "--database", dsn, writeRows(
		t,
		row("service", "s", service("Servizio", publisher+"/o")),
		row("office", "o", office("Ufficio", publisher+"/p")),
		row("publisher", publisher, object{"title": italian("Comune di Prato"), "type": "municipality"}),
		row("place", "p", place("Palazzo")),
		object{"publisher": publisher, "kind": "place", "key": "q", "document": place("Bozza")},
	))
	type line struct {
		Kind, Key string
		Publish   bool
	}
	var got []line
	for text := range strings.Lines(must(t, "export", "--database", dsn)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	want := []line{{"publisher", publisher, true}, {"place", "p", true}, {"place", "q", false}, {"office", "o", true}, {"service", "s", true}}
	slices.SortStableFunc(got, func(a, b line) int { // within a kind any order will do
		if a.Kind == b.Kind {
			return strings.Compare(a.Key, b.Key)
		}
		return 0
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("export mismatch (-want +got):\n%s", diff)
	}
}

func TestAnImportIsSeenByARunningServer(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		token := newPublisher(t, dsn)
		s := serve(t, "--database", dsn)
		must(t, "import", "--database", dsn, writeRows(t, row("place", "p", place("Palazzo pretorio"))))
		var own entry
		s.get("/v1/publishers/"+publisher+"/places/p", token, http.StatusOK).into(t, &own)
		await(t, "readers see what was imported", func() bool {
			a, err := s.ask(http.MethodGet, "/v1/places/"+own.ID, "", nil)
			return err == nil && a.status == http.StatusOK
		})
	})
}

func TestValidateSaysWhatIsWrongForALevel(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	must(t, "import", "--database", dsn, writeRows(t, row("office", "anagrafe", office("Anagrafe"))))

	document := func(content any) string {
		data, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		return writeFile(t, string(data))
	}
	good := document(service("Carta d'identità", publisher+"/anagrafe"))
	poor := document(object{"title": italian("Carta d'identità")})
	missing := document(service("Carta d'identità", publisher+"/nessuno"))
	rows := writeRows(
		t,
		row("place", "a", place("Piazza")), row("place", "b", object{"titel": italian("Via")}), "{", row("place", "c", object{"address": object{}}),
	)
	tests := []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"a document good enough to publish", []string{"--kind", "service", good}, 0, []string{"warning: /howTo"}},
		{"the same for a portal", []string{"--kind", "service", "--level", "portal", good}, 1, []string{"error: /howTo", "1 documents are not good enough for level portal"}},
		{"a title alone is a draft", []string{"--kind", "service", "--level", "draft", poor}, 0, []string{"warning: /summary"}},
		{"but cannot be published", []string{"--kind", "service", poor}, 1, []string{"error: /summary"}},
		{"of another kind", []string{"--kind", "place", good}, 1, []string{"error: /responsibleOffice: There is no field"}},
		{"of a kind that came later", []string{"--kind", "timetable", "--level", "draft", document(object{"title": italian("Orario")})}, 0, nil},
		{"references are not looked up", []string{"--kind", "service", missing}, 0, nil},
		{"but in a database", []string{"--kind", "service", "--database", dsn, missing}, 1, []string{"error: /responsibleOffice: "}},
		{"where they are found", []string{"--kind", "service", "--database", dsn, good}, 0, nil},
		{
			"every row of a file, whatever is wrong with others",
			[]string{rows},
			1,
			[]string{rows + ":2: error: /titel: ", rows + ":3: The body breaks off", rows + ":4: error: /address/city: ", "3 documents are not good enough"},
		},
		{"several files", []string{"--kind", "service", good, poor}, 1, []string{poor + ": error: /summary"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, append([]string{"validate"}, tt.args...)...)
			r.want(t, tt.status)
			for _, want := range tt.says {
				if !strings.Contains(r.out, want) {
					t.Errorf("got %q, want %q in it", r.out, want)
				}
			}
		})
	}
}

func TestImportingTheExportOfASite(t *testing.T) {
	for _, system := range []string{"wordpress", "plone"} {
		t.Run(system, func(t *testing.T) {
			dsn, folder := filepath.Join(t.TempDir(), "catalogue.db"), t.TempDir()
			export, err := filepath.Abs(filepath.Join("..", "..", "internal", "importing", system, "testdata", "export.json"))
			if err != nil {
				t.Fatal(err)
			}
			report := filepath.Join(folder, "report.json")
			if r := run(t, "import", "--database", dsn, "--format", system, export); r.status == 0 || !strings.Contains(r.err, "--publisher") {
				t.Errorf("without a publisher: got status %d and %q, want to be asked for one", r.status, r.err)
			}
			said := must(t, "import", "--database", dsn, "--format", system, "--publisher", "prato-comune", "--city", "Prato", "--create-publishers", "--report", report, export)
			if !strings.Contains(said, "values taken ") || !strings.Contains(said, "refused 0") || strings.Contains(said, "created 0") {
				t.Errorf("got %q, want values taken, entries created and none refused", said)
			}
			if again := must(t, "import", "--database", dsn, "--format", system, "--publisher", "prato-comune", "--city", "Prato", export); !strings.Contains(again, "created 0, updated 0") {
				t.Errorf("importing again: got %q, want all unchanged", again)
			}
			var written portal.Report
			text, err := os.ReadFile(report)
			if err == nil {
				err = json.Unmarshal(text, &written)
			}
			if err != nil || len(written.Fields) == 0 || len(written.Rows) == 0 {
				t.Errorf("the report names %d fields and %d rows (%v), want some", len(written.Fields), len(written.Rows), err)
			}
		})
	}
}
