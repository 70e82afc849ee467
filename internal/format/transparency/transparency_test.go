package transparency_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/format/transparency"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func look(entries cataloguetest.Entries) *catalogue.Look {
	w := catalogue.Words{Lang: lang.Italian, PublicURL: "https://catalogo.example.org", Resolver: entries, Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	return w.Look(entries[cataloguetest.ProcedureRef])
}

func one(e *catalogue.Entry) iter.Seq[*catalogue.Entry] { return slices.Values([]*catalogue.Entry{e}) }

func TestAProcedureThatSaysEverythingFillsTheTable(t *testing.T) {
	entries := cataloguetest.NewEntries()
	e := entries[cataloguetest.ProcedureRef]
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table.csv":  func(b *bytes.Buffer) error { return transparency.WriteCSV(b, look(entries), one(e)) },
		"table.json": func(b *bytes.Buffer) error { return transparency.WriteJSON(b, look(entries), one(e)) },
		"table.html": func(b *bytes.Buffer) error { return transparency.WriteHTML(b, look(entries), one(e)) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, name, b.Bytes())
		})
	}
}

// The letters are those that art. 35, comma 1, has: without j and k, as in the Italian alphabet.
func TestEveryLetterOfTheLawHasAColumn(t *testing.T) {
	var letters []string
	for _, c := range transparency.Columns {
		if c.Letter != "" && !slices.Contains(letters, c.Letter) {
			letters = append(letters, c.Letter)
		}
	}
	if got := strings.Join(letters, ""); got != "abcdefghilmn" {
		t.Errorf("letters %s", got)
	}
}

func TestPaymentsAreWrittenAsItalianDoes(t *testing.T) {
	entries := cataloguetest.NewEntries()
	e := entries[cataloguetest.ProcedureRef]
	e.Document.(*catalogue.Procedure).PaymentText = nil
	e.Document.(*catalogue.Procedure).Costs = []catalogue.Cost{
		{Label: lang.Of("Bollo"), Amount: "16.50", Currency: "EUR"},
		{Amount: "10.00", AmountMax: "20.50"},
		{Percentage: "1.5", PercentageOf: lang.Of("del valore (art. 4)")},
		{Label: lang.Of("Copia"), Free: true},
	}
	var b bytes.Buffer
	if err := transparency.WriteJSON(&b, look(entries), one(e)); err != nil {
		t.Fatal(err)
	}
	const want = `"payments":"Bollo: 16,50 EUR\n10,00–20,50 EUR\n1,5% del valore (art. 4)\nCopia: gratuito"`
	if !strings.Contains(b.String(), want) {
		t.Errorf("want %s in %s", want, b.String())
	}
}

func TestWhateverAProcedureSaysEveryTableIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := cataloguetest.NewEntries()
		doc := cataloguetest.Generate(t, catalogue.KindProcedure).(*catalogue.Procedure)
		nasty := rapid.SampledFrom([]string{`=HYPERLINK("https://evil.example")`, "+1", "</td><script>alert(1)</script>", "a\r\nb\"c,d;e", "]]>", "\u202eevil", "-1\t"})
		doc.Title = lang.Of(nasty.Draw(t, "title"))
		doc.Remedies = lang.Of(nasty.Draw(t, "remedies"))
		e := cataloguetest.NewEntryAmong(entries, cataloguetest.ProcedureRef, doc, -2)

		var table bytes.Buffer
		if err := transparency.WriteCSV(&table, look(entries), one(e)); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&table).ReadAll()
		if err != nil || len(records) != 2 || len(records[1]) != len(transparency.Columns) {
			t.Fatalf("%d records, %v", len(records), err)
		}
		for _, cell := range records[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a spreadsheet program takes %q for a formula", cell)
			}
		}

		var object bytes.Buffer
		if err := transparency.WriteJSON(&object, look(entries), one(e)); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Items []map[string]string `json:"items"`
		}
		if err := json.Unmarshal(object.Bytes(), &read); err != nil || len(read.Items) != 1 || read.Items[0]["id"] != e.ID.String() {
			t.Fatalf("%v: %s", err, object.Bytes())
		}

		var page bytes.Buffer
		if err := transparency.WriteHTML(&page, look(entries), one(e)); err != nil {
			t.Fatal(err)
		}
		nodes, err := html.ParseFragment(&page, &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
		if err != nil {
			t.Fatal(err)
		}
		cells := 0
		for _, n := range nodes {
			for d := range n.Descendants() {
				if d.DataAtom == atom.Script {
					t.Errorf("a script got into the page")
				}
				if d.DataAtom == atom.Td {
					cells++
				}
			}
		}
		if cells != len(transparency.Columns) {
			t.Errorf("%d cells, want %d", cells, len(transparency.Columns))
		}
	})
}
