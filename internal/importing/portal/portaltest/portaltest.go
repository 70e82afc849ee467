// Package portaltest holds readers of the exports of municipal sites to what they promise. Each has testdata/export.json and
// goldens beside its test.
package portaltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/importing/portal"
)

// Reader reads the exports of one system.
type Reader func(io.Reader, portal.Options) (portal.Export, error)

var options = portal.Options{Publisher: "esempio", City: "Esempio"}

func export(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Export checks that the export is read as the goldens have it, into documents that can be stored as drafts.
func (read Reader) Export(t *testing.T) {
	t.Helper()
	got, err := read(bytes.NewReader(export(t)), options)
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
	imported := importing.FromRows(got.Rows)
	for {
		row, err := imported.Next()
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

// Refusals checks that what is no export is refused.
func (read Reader) Refusals(t *testing.T) {
	t.Helper()
	for _, text := range []string{"", "{", `{"a":1}`, "[1]", `[{"id":1}`, "<html>"} {
		if got, err := read(strings.NewReader(text), options); err == nil {
			t.Errorf("read %q as %v, want an error", text, got)
		}
	}
}

// Fuzz checks that whatever is read, from some texts on, can be decoded.
func (read Reader) Fuzz(f *testing.F, seeds ...string) {
	f.Helper()
	f.Add(export(f))
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := read(bytes.NewReader(text), options)
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
