package plone_test

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
	"github.com/comuneprato/service-catalogue/internal/importing/plone"
	"github.com/comuneprato/service-catalogue/internal/importing/portal"
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
	got, err := plone.Read(bytes.NewReader(export(t)), options)
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
		if got, err := plone.Read(bytes.NewReader([]byte(text)), options); err == nil {
			t.Errorf("Read(%q) = %v, want an error", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(export(f))
	f.Add([]byte(`{"items":[{"@type":"Servizio","@id":"%zz","costi":{"blocks":{"a":{"@type":"slate","value":[{"children":{"type":"p"}}]}},"blocks_layout":{"items":["a","b"]}}}]}`))
	f.Add([]byte(`[{"@type":"Venue","@id":1,"geolocation":[],"contact_info":[1,{"@type":"PuntoDiContatto","value_punto_contatto":[null]}],"stato_servizio":{}}]`))
	f.Add([]byte(`[{"@type":"Servizio","@id":"/a","come_si_fa":{"blocks":{"a":{"@type":"text","text":{"blocks":[{"text":"abc","entityRanges":[{"offset":-1,"length":99,"key":0}]}],"entityMap":{"0":{"data":{"url":"x"}}}}}},"blocks_layout":{"items":["a"]}}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := plone.Read(bytes.NewReader(text), options)
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
