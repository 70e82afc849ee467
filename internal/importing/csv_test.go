package importing_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

var prato = importing.Options{Publisher: "prato", Kind: catalogue.KindService}

func TestCSV(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"commas", "key,title.it\na,A\nb,\"B, b\"", []string{`2 service prato/a {"title":{"it":"A"}}`, `3 service prato/b {"title":{"it":"B, b"}}`}},
		{"semicolons, a byte order mark and Windows line ends", "\ufeffkey;title.it\r\na;A, a\r\n", []string{`2 service prato/a {"title":{"it":"A, a"}}`}},
		{"a line that names the separator", "sep=;\r\nkey;title,it\r\n", []string{`ends: title,it: There is no field “title,it”. a known field, perhaps “title.it”`}},
		{"the separator that is said holds", "\"sep=,\"\nkey,title;x", []string{`ends: title;x: There is no field “title;x”. a known field`}},
		{"separators inside quotes do not count", "key,\"title;;;\"", []string{`ends: title;;;: There is no field “title;;;”. a known field, perhaps “title.it”`}},
		{"lines inside quotes", "key;howTo\na;\"Uno.\n\n\"\"Due\"\".\"\nb;x", []string{`2 service prato/a {"howTo":{"it":"Uno.\n\n\"Due\"."}}`, `3 service prato/b {"howTo":{"it":"x"}}`}},
		{"empty columns and rows that were left behind", "key;title;;\na;A;;\n;;;\n\n ; \u00a0;;\nb;B\n;;", []string{`2 service prato/a {"title":{"it":"A"}}`, `6 service prato/b {"title":{"it":"B"}}`}},
		{"more cells than columns", "key;title\na;A;x\nb;B", []string{"2 The row has 3 cells, the header only 2. A separator in a cell wants quotes around the cell.", `3 service prato/b {"title":{"it":"B"}}`}},
		{"fewer cells than columns", "key;title;summary\na;A", []string{`2 service prato/a {"title":{"it":"A"}}`}},
		{"languages", "key;title;title.en;TITLE.ZH\na;A;B;C", []string{`2 service prato/a {"title":{"en":"B","it":"A","zh":"C"}}`}},
		{"lists", `key;topics;keywords;keywords.en` + "\n" + `a; anagrafe |leva;a\|b|c\\d| e;x||y`, []string{`2 service prato/a {"keywords":[{"en":"x","it":"a|b"},{"it":"c\\d"},{"en":"y","it":"e"}],"topics":["anagrafe","leva"]}`}},
		{"numbered parts", "key;costs.1.amount;costs.3.amount;costs.3.currency\na;\"1.234,50\";€ 22,21;EUR", []string{`2 service prato/a {"costs":[{"amount":"1234.50"},{"amount":"22.21","currency":"EUR"}]}`}},
		{"a whole in one cell", "key;costs.1;capacity\na;{};\"{\"\"available\"\":3}\"", []string{`2 service prato/a {"capacity":{"available":3},"costs":[{}]}`}},
		{"a whole and its part", "key;costs;costs.1.amount\na;[];1\nb;;1", []string{`2 costs.1.amount: The field “costs.1.amount” appears more than once. each field once`, `3 service prato/b {"costs":[{"amount":"1"}]}`}},
		{"days first", "key;validFrom;validTo;notices.1.from\na;1/9/2026;31.12.2026;2026-01-02", []string{`2 service prato/a {"notices":[{"from":"2026-01-02"}],"validFrom":"2026-09-01","validTo":"2026-12-31"}`}},
		{"numbers and answers", "key;kind;point.lat;minAge;inline\n", []string{"ends: inline: There is no field “inline”. a known field"}},
		{"decimal commas", "key;kind;point.lat;point.lon\na;luogo;43,88;-11.1\nb;place;1e3;x", []string{`2 place prato/a {"point":{"lat":43.88,"lon":-11.1}}`, `3 place prato/b {"point":{"lat":"1e3","lon":"x"}}`}},
		{"kinds mixed", "key;tipo di voce;titolo;competences;minAge\na;Ufficio;A;Anagrafe;\nb;servizio;B;;18\nc;servizio;C;x;", []string{`2 office prato/a {"competences":{"it":"Anagrafe"},"title":{"it":"A"}}`, `3 service prato/b {"minAge":18,"title":{"it":"B"}}`, "4 competences.it: There is no field “competences.it”. a known field"}},
		{"no such kind", "key;kind\na;planet", []string{`2 kind "planet": not found`}},
		{"published or not", "key;pubblicato\na;Sì\nb;no\nc;\nd;forse", []string{"2 service prato/a {} publish", "3 service prato/b {}", "4 service prato/c {}", "5 publish: The value has the wrong type. true | false"}},
		{"the words of the Modello Comuni", "Chiave;TITOLO;titolo.en;A chi è rivolto;UFFICI\na;A;B;Tutti;prato/x", []string{`2 service prato/a {"audienceText":{"it":"Tutti"},"offices":["prato/x"],"title":{"en":"B","it":"A"}}`}},
		{"the same column by two names", "key;titolo;title.it", []string{"ends: title.it: The field “title.it” appears more than once. each field once"}},
		{"apostrophes before formulas", "key;title;acronyms\na;'=A1;'+x\nb;''-B;'x", []string{`2 service prato/a {"acronyms":["+x"],"title":{"it":"=A1"}}`, `3 service prato/b {"acronyms":["'x"],"title":{"it":"'-B"}}`}},
		{"Windows-1252", "key;title\na;Et\xe0\nb;B", []string{"2 The row is not UTF-8 at byte 4; as Windows-1252 it would read “a;Età”. Save the table as “CSV UTF-8”.", `3 service prato/b {"title":{"it":"B"}}`}},
		{"Windows-1252 in the header", "key;citt\xe0\n", []string{"ends: The row is not UTF-8 at byte 8; as Windows-1252 it would read “key;città”. Save the table as “CSV UTF-8”."}},
		{"UTF-16", "\xff\xfek\x00", []string{"ends: The text is UTF-16. Save it as UTF-8; a spreadsheet program calls that “CSV UTF-8”."}},
		{"UTF-16 without a byte order mark", "k\x00e\x00y\x00", []string{"ends: The text is UTF-16. Save it as UTF-8; a spreadsheet program calls that “CSV UTF-8”."}},
		{"a workbook", "PK\x03\x04xx", []string{"ends: This is a workbook or an archive, no text. Save the sheet as “CSV UTF-8”."}},
		{"nothing but the separator", "sep=;", []string{"ends: The first row must name the columns; the input has none."}},
		{"nothing", "", []string{"ends: The first row must name the columns; the input has none."}},
		{"NUL bytes are for the decoder", "key;title\na;A\x00", []string{`2 service prato/a {"title":{"it":"A\u0000"}}`}},
		{"a quote that is never closed", "key;title\na;\"A\nb;B", []string{"2 The quotes in the row (lines of the input: 2) do not match. A quote in a cell is written twice, inside quotes around the cell."}},
		{"a quote inside a cell", "key;title\na;tubo da 5\" e 6\"\nb;B", []string{"2 The quotes in the row (lines of the input: 1) do not match. A quote in a cell is written twice, inside quotes around the cell.", `3 service prato/b {"title":{"it":"B"}}`}},
		{"the same twice", "key\na\nb\na", []string{"2 service prato/a {}", "3 service prato/b {}", "4 Row 2 is about the same entry. An import may hold an entry once."}},
		{"a number out of bounds", "key;costs.0.amount;costs.51.amount", []string{"ends: costs.0.amount: There is no field “costs.0.amount”. a known field, perhaps “costs.1.amount” / costs.51.amount: There is no field “costs.51.amount”. a known field, perhaps “costs.1.amount”"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, read(importing.CSV, test.text, prato)); diff != "" {
				t.Errorf("rows mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// demonstration is the rows of the demonstration.
func demonstration(t *testing.T) []importing.Row {
	t.Helper()
	rows, err := importing.Open(importing.NDJSON, demo.Rows(), importing.Options{})
	var all []importing.Row
	for err == nil {
		var row importing.Row
		if row, err = rows.Next(); err == nil {
			all = append(all, row)
		}
	}
	if len(all) < 100 {
		t.Fatalf("the demonstration has %d rows: %v", len(all), err)
	}
	return all
}

// canonical is rows as they compare: without their numbers, their documents in canonical form.
func canonical(t testing.TB, rows []importing.Row) []string {
	t.Helper()
	all := make([]string, len(rows))
	for i, row := range rows {
		doc, findings, err := catalogue.Decode(row.Kind, row.Document)
		if err != nil || findings.HasErrors() {
			t.Fatalf("row %d: %v %v: %s", row.Number, err, findings, row.Document)
		}
		all[i] = fmt.Sprintf("%s %s %v %s", row.Kind, row.Ref(), row.Publish, catalogue.Encode(doc))
	}
	return all
}

// rewritten is rows written in a format and read again.
func rewritten(t testing.TB, format importing.Format, rows []importing.Row) []importing.Row {
	t.Helper()
	var text bytes.Buffer
	switch format {
	case importing.CSV:
		if err := importing.WriteCSV(&text, rows); err != nil {
			t.Fatal(err)
		}
	case importing.JSON:
		if err := json.NewEncoder(&text).Encode(rows); err != nil {
			t.Fatal(err)
		}
	default:
		for _, row := range rows {
			if err := json.NewEncoder(&text).Encode(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	input, err := importing.Open(format, &text, importing.Options{})
	if err != nil {
		t.Fatalf("reading %s back: %s", format, sentence(err))
	}
	var again []importing.Row
	for range rows {
		row, err := input.Next()
		if err != nil {
			t.Fatalf("reading %s back: %s", format, sentence(err))
		}
		again = append(again, row)
	}
	return again
}

var formats = []importing.Format{importing.NDJSON, importing.JSON, importing.CSV}

func TestTheDemonstrationComesBackFromEveryFormat(t *testing.T) {
	rows := demonstration(t)
	want := canonical(t, rows)
	for _, format := range formats {
		if diff := cmp.Diff(want, canonical(t, rewritten(t, format, rows))); diff != "" {
			t.Errorf("%s: rows mismatch (-want +got):\n%s", format, diff)
		}
	}
}

// Documents of all shapes that their types allow come back from every format, whatever is in their texts.
func TestEveryDocumentComesBackFromEveryFormat(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []importing.Row
		for i := range rapid.IntRange(1, 3).Draw(rt, "rows") {
			kind := rapid.SampledFrom(catalogue.Kinds).Draw(rt, "kind")
			doc := catalogue.New(kind)
			fill(rt, reflect.ValueOf(doc).Elem(), "", 3)
			rows = append(rows, importing.Row{
				Publisher: "prato", Kind: kind, Key: fmt.Sprint("k", i), Publish: rapid.Bool().Draw(rt, "publish"),
				Document: json.RawMessage(catalogue.Encode(doc)),
			})
		}
		want := encodings(rows)
		for _, format := range formats {
			again := rewritten(t, format, rows)
			if diff := cmp.Diff(want, encodings(again)); diff != "" {
				rt.Fatalf("%s: rows mismatch (-want +got):\n%s", format, diff)
			}
		}
	})
}

func encodings(rows []importing.Row) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		doc, err := catalogue.Stored(row.Kind, string(row.Document))
		if err != nil {
			return []string{err.Error() + ": " + string(row.Document)}
		}
		all[i] = fmt.Sprintf("%s %s %v %s", row.Kind, row.Ref(), row.Publish, catalogue.Encode(doc))
	}
	return all
}

// word is a text as people and attackers write it, without carriage returns, which CSV does not keep, and not blank,
// which the catalogue refuses.
var word = rapid.Map(rapid.OneOf(
	rapid.SampledFrom([]string{"a", "=1+1", "'", "''=x", "a|b", `\`, `\|`, `a\`, `"q"`, "x;y,z", "sep=;", " a ", "\ta\n", "a\n\nb", "{}", "[1]", "43,88", "1/2/2026", "è", "\u00a0x"}),
	rapid.StringN(1, 8, -1),
), func(s string) string {
	s = strings.ReplaceAll(s, "\r", "")
	if strings.TrimSpace(s) == "" {
		return "z"
	}
	return s
})

// fill sets parts of a document, none of them blank.
func fill(t *rapid.T, v reflect.Value, validate string, depth int) {
	if v.Type() == reflect.TypeFor[lang.Text]() {
		text := lang.Text{lang.Italian: word.Draw(t, "text")}
		if rapid.Bool().Draw(t, "English") {
			text[lang.English] = word.Draw(t, "text")
		}
		v.Set(reflect.ValueOf(text))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			if f.Anonymous || rapid.IntRange(0, 3+depth).Draw(t, f.Name) > 0 {
				continue
			}
			fill(t, v.FieldByIndex(f.Index), f.Tag.Get("validate"), depth-1)
		}
	case reflect.Pointer:
		if depth > 0 || v.Type().Elem().Kind() != reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), validate, depth)
		}
	case reflect.Slice:
		if depth <= 0 && v.Type().Elem().Kind() == reflect.Struct {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(1, 3).Draw(t, "length"), 3))
		for i := range v.Len() {
			fill(t, v.Index(i), validate, depth)
		}
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(-5, 100).Draw(t, "integer")))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-180, 180).Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(true)
	default:
		switch rules := strings.Split(validate, ","); {
		case slices.Contains(rules, "date") || slices.Contains(rules, "moment"):
			v.SetString("2026-09-01")
		case slices.Contains(rules, "amount"):
			v.SetString("1234.50")
		default:
			v.SetString(word.Draw(t, "string"))
		}
	}
}

func TestLongListsStandInOneCell(t *testing.T) {
	doc := catalogue.New(catalogue.KindService).(*catalogue.Service)
	for i := range 51 {
		doc.Costs = append(doc.Costs, catalogue.Cost{Amount: fmt.Sprint(i)})
	}
	rows := []importing.Row{{Publisher: "prato", Kind: catalogue.KindService, Key: "a", Document: json.RawMessage(catalogue.Encode(doc))}}
	var text bytes.Buffer
	if err := importing.WriteCSV(&text, rows); err != nil {
		t.Fatal(err)
	}
	if header, _, _ := strings.Cut(text.String(), "\n"); header != "\ufeffpublisher;kind;key;publish;costs" {
		t.Errorf("header %q", header)
	}
	if diff := cmp.Diff(encodings(rows), encodings(rewritten(t, importing.CSV, rows))); diff != "" {
		t.Errorf("rows mismatch (-want +got):\n%s", diff)
	}
}

func TestAliasesLeadToColumns(t *testing.T) {
	for alias, name := range importing.Aliases() {
		if got := read(importing.CSV, "key;kind;"+alias, importing.Options{}); got != nil && !strings.Contains(got[0], "more than once") {
			t.Errorf("%s stands for %s: %s", alias, name, got)
		}
	}
}

func TestNoDocumentHasAColumnOfTheRow(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		for _, c := range importing.Columns(kind) {
			if slices.Contains([]string{"publisher", "kind", "key", "publish"}, c.Name) {
				t.Errorf("%s has a column %s", kind, c.Name)
			}
		}
	}
}

func TestAPublicTableLeavesOutWhatIsNotPublic(t *testing.T) {
	service := cataloguetest.Service()
	service.Title = lang.Of("=1+1")
	connection := service.Connections[0]
	connection.OperatorNote = "solo per lo sportello"
	service.Connections = slices.Repeat([]catalogue.Connection{connection}, importing.MaxNumbered+1) // as JSON, elsewhere
	place := cataloguetest.Place()

	var b bytes.Buffer
	err := importing.WritePublic(&b, []string{"id", "note"}, func(yield func([]string, catalogue.Document) bool) {
		_ = yield([]string{"1", "@x"}, service) && yield([]string{"2", "due\nrighe"}, place)
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "sportello\"") || strings.Contains(b.String(), "solo per lo sportello") || !strings.HasPrefix(b.String(), "id,note,") {
		t.Errorf("the table begins %.200q", b.String())
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 3 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, private := range []string{"heldBack", "connections.1.operatorNote"} {
		if slices.Contains(records[0], private) {
			t.Errorf("there is a column %s", private)
		}
	}
	title := slices.Index(records[0], "title.it")
	if title < 0 || records[1][title] != "'=1+1" || records[1][1] != "'@x" || records[2][0] != "2" {
		t.Errorf("titles %q, notes %q", records[1][title], records[1][1])
	}
	if !slices.Contains(records[0], fmt.Sprintf("connections.%d.inline.title.it", importing.MaxNumbered+1)) && !slices.Contains(records[0], fmt.Sprintf("connections.%d.channel", importing.MaxNumbered+1)) {
		t.Error("the last connection has no column")
	}
}
