package wordpress_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/importing/portal"
	"github.com/comuneprato/service-catalogue/internal/importing/wordpress"
)

var options = portal.Options{Publisher: "esempio", City: "Esempio"}

func export(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRead(t *testing.T) {
	got, err := wordpress.Read(bytes.NewReader(export(t)), options)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := json.Marshal(got.Rows)
	if err != nil {
		t.Fatal(err)
	}
	report, err := json.Marshal(got.Report)
	if err != nil {
		t.Fatal(err)
	}
	golden.CheckJSON(t, "rows", rows)
	golden.CheckJSON(t, "report", report)
	// What was made can be stored as drafts.
	read := importing.FromRows(got.Rows)
	for {
		row, err := read.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		doc, findings, err := catalogue.Decode(row.Kind, row.Document)
		if err != nil {
			t.Fatal(err)
		}
		if catalogue.Check(doc, catalogue.LevelDraft, &findings); findings.HasErrors() {
			t.Errorf("row %d is no draft: %v", row.Number, findings)
		}
	}
}

func TestReadRefusesWhatIsNoExport(t *testing.T) {
	for _, text := range []string{"", "{", `{"a":1}`, "[1]", `[{"id":1}`, "<html>"} {
		if got, err := wordpress.Read(bytes.NewReader([]byte(text)), options); err == nil {
			t.Errorf("Read(%q) = %v, want an error", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(export(f))
	f.Add([]byte(`[{"type":"servizio","id":1,"cmb2":{"a":{"_dci_servizio_stato":[1],"_dci_servizio_output":{"a":"<p>"},"_dci_servizio_punti_contatto":1}}}]`))
	f.Add([]byte(`[{"type":"luogo","id":{},"title":1,"cmb2":{"a":{"_dci_luogo_posizione_gps":{"lat":"1e999","lng":[]},"_dci_luogo_cap":"\u0000"}},"class_list":{}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := wordpress.Read(bytes.NewReader(text), options)
		if err != nil {
			return
		}
		for _, row := range got.Rows {
			if _, _, err := catalogue.Decode(row.Kind, row.Document); err != nil {
				t.Errorf("row %d cannot be read: %v: %s", row.Number, err, row.Document)
			}
		}
	})
}
