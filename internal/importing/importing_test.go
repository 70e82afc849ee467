package importing_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// read reads an input and tells of each row its number and names, or what is wrong, and at last what ended it.
func read(format importing.Format, text string, o importing.Options) []string {
	rows, err := importing.Open(format, strings.NewReader(text), o)
	var told []string
	for err == nil {
		var row importing.Row
		row, err = rows.Next()
		var bad *importing.RowError
		if errors.As(err, &bad) {
			told, err = append(told, fmt.Sprintf("%d %s", row.Number, sentence(bad.Err))), nil
		} else if err == nil {
			line := fmt.Sprintf("%d %s %s %s", row.Number, row.Kind, row.Ref(), row.Document)
			if row.Publish {
				line += " publish"
			}
			told = append(told, line)
		}
	}
	if !errors.Is(err, io.EOF) {
		told = append(told, "ends: "+sentence(err))
	}
	return told
}

func sentence(err error) string {
	var invalid *catalogue.InvalidError
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	var all []string
	for _, f := range invalid.Findings.In(lang.English) {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s%s: %s %s", f.Pointer, f.Parameter, f.Message, f.Expected)))
	}
	return strings.Join(all, " / ")
}

func TestJSONArray(t *testing.T) {
	row := func(key string) string {
		return `{"publisher":"prato","kind":"place","key":"` + key + `","document":{"title":{"it":"]} \"x\\"}}}`
	}
	good := func(number int, key string) string {
		return fmt.Sprintf(`%d place prato/%s {"title":{"it":"]} \"x\\"}}`, number, key)
	}
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"two rows", "\ufeff [" + row("a") + "\n,\t" + row("b") + "] \n", []string{good(1, "a"), good(2, "b")}},
		{"no rows", "[ ]", nil},
		{"a row that is no object", `[1,` + row("b") + `]`, []string{"1 : The value has the wrong type. {…}", good(2, "b")}},
		{"a row that is no JSON", `[{"a" 1},` + row("b") + `]`, []string{"1 malformed JSON: json.syntax at byte 5", good(2, "b")}},
		{"a row without a publisher", `[{"kind":"place","key":"b"}]`, []string{`1 publisher "": a key is 1 to 128 of A-Z a-z 0-9 . _ ~ -`}},
		{"the same twice", `[` + row("a") + `,` + row("a") + `]`, []string{good(1, "a"), "2 Row 1 is about the same entry. An import may hold an entry once."}},
		{"broken off in a row", `[` + row("a") + `,{"publisher":"pra`, []string{good(1, "a"), "ends: The JSON array breaks off after element 1."}},
		{"broken off between rows", `[` + row("a"), []string{good(1, "a"), "ends: The JSON array breaks off after element 1."}},
		{"broken off behind a comma", `[` + row("a") + `,`, []string{good(1, "a"), "ends: The JSON array breaks off after element 1."}},
		{"empty", "", []string{"ends: The JSON array breaks off after element 0."}},
		{"something behind it", `[` + row("a") + `] [`, []string{good(1, "a"), "ends: There is something behind the end of the JSON array."}},
		{"rows a line", row("a") + "\n" + row("b"), []string{"ends: This is no JSON array of objects: [ {…}, {…} ] is expected. Rows one a line are NDJSON."}},
		{"no comma", `[` + row("a") + row("b") + `]`, []string{good(1, "a"), "ends: This is no JSON array of objects: [ {…}, {…} ] is expected. Rows one a line are NDJSON."}},
		{"UTF-16", "\xff\xfe[\x00", []string{"ends: The text is UTF-16. Save it as UTF-8; a spreadsheet program calls that “CSV UTF-8”."}},
		{
			"a row that is too long", `[` + row("a") + `,{"x":"` + strings.Repeat("[", importing.MaxRow) + `"},` + row("c") + `]`,
			[]string{good(1, "a"), fmt.Sprintf("2 The row is longer than %d bytes.", importing.MaxRow), good(3, "c")},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, read(importing.JSON, test.text, importing.Options{})); diff != "" {
				t.Errorf("rows mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOptionsSayWhatRowsDoNot(t *testing.T) {
	text := `{"key":"a","document":{}}` + "\n" + `{"key":"a","publisher":"gida","kind":"office","document":{}}`
	want := []string{"1 place prato/a {}", "2 office gida/a {}"}
	if diff := cmp.Diff(want, read(importing.NDJSON, text, importing.Options{Publisher: "prato", Kind: catalogue.KindPlace})); diff != "" {
		t.Errorf("rows mismatch (-want +got):\n%s", diff)
	}
}

func TestFormatOf(t *testing.T) {
	for _, test := range []struct {
		mediaType, file string
		want            importing.Format
	}{
		{"application/x-ndjson", "", importing.NDJSON},
		{"application/json; charset=utf-8", "rows.csv", importing.JSON},
		{"text/csv;header=present", "", importing.CSV},
		{"", "servizi.CSV", importing.CSV},
		{"", "rows.jsonl", importing.NDJSON},
		{"application/octet-stream", "rows.json", importing.JSON},
	} {
		if got, err := importing.FormatOf(test.mediaType, test.file); got != test.want || err != nil {
			t.Errorf("FormatOf(%q, %q) = %q, %v, want %q", test.mediaType, test.file, got, err, test.want)
		}
	}
	if _, err := importing.FormatOf("text/html", "rows.xlsx"); !errors.Is(err, importing.ErrFormat) {
		t.Errorf("FormatOf = %v, want %v", err, importing.ErrFormat)
	}
	if _, err := importing.Open("xml", strings.NewReader(""), importing.Options{}); !errors.Is(err, importing.ErrFormat) {
		t.Errorf("Open = %v, want %v", err, importing.ErrFormat)
	}
}

// endless repeats a text as often as is asked for, and then ends with another.
type endless struct {
	again, last string
	times       int
	rest        string
}

func (e *endless) Read(b []byte) (int, error) {
	if e.rest == "" {
		switch {
		case e.times > 0:
			e.times--
			e.rest = e.again
		case e.last != "":
			e.rest, e.last = e.last, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// A gigabyte in one row, be it a line, a string or a cell that is never closed, is not kept.
func TestMemoryIsBounded(t *testing.T) {
	for _, test := range []struct {
		format importing.Format
		start  string
	}{
		{importing.NDJSON, `{"publisher":"`},
		{importing.JSON, `[{"publisher":"`},
		{importing.CSV, "key;title\na;\""},
	} {
		t.Run(string(test.format), func(t *testing.T) {
			filler := strings.Repeat("x\n", 1<<19)
			if test.format == importing.NDJSON {
				filler = strings.Repeat("x", 1<<20)
			}
			input := io.MultiReader(strings.NewReader(test.start), &endless{again: filler, times: 100})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rows, err := importing.Open(test.format, input, importing.Options{Publisher: "prato", Kind: catalogue.KindPlace})
			faults := 0
			for err == nil {
				_, err = rows.Next()
				var bad *importing.RowError
				if errors.As(err, &bad) {
					faults++
					err = nil
				}
			}
			runtime.ReadMemStats(&after)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 10*importing.MaxRow {
				t.Errorf("%d bytes were allocated, want a few times MaxRow at most", allocated)
			}
			var f *importing.InputError
			if faults == 0 && !errors.As(err, &f) {
				t.Errorf("ends with %v and no fault", err)
			}
		})
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"publisher":"prato","kind":"place","key":"a","document":{"title":{"it":"A"}},"publish":true},{},1,"]"]`))
	f.Add([]byte(`[[[}}},":"\"`))
	f.Add([]byte("\ufeff[ ] x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fault *importing.InputError
		if err := readAll(t, importing.JSON, text); !errors.Is(err, io.EOF) && !errors.As(err, &fault) {
			t.Errorf("the input ends with %v", err)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("publisher;kind;key;title.it\nprato;place;a;A\n;;;\nprato;place;b;\"B\nC\""))
	f.Add([]byte("sep=;\r\nkey;costs.1.amount;costs\r\na;\"1,2\";{}"))
	f.Add([]byte("publisher,kind,key,keywords,keywords.en,point.lat\nprato,place,a,'=a\\||b,x||,\"43,1\"\n\"\xe8"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var (
			fault   *importing.InputError
			invalid *catalogue.InvalidError
		)
		if err := readAll(t, importing.CSV, text); !errors.Is(err, io.EOF) && !errors.As(err, &fault) && !errors.As(err, &invalid) {
			t.Errorf("the input ends with %v", err)
		}
	})
}

// FuzzElements reads what the importers of portals read.
func FuzzElements(f *testing.F) {
	f.Add([]byte(`{"@id":"x","batching":{"a":[1]},"items":[{"a":1},{"b":"]"}],"items_total":2}`))
	f.Add([]byte(`[{"items":[]},[]]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		elements := importing.NewElements(bytes.NewReader(text), "items", 1000)
		for last := 0; ; last++ {
			number, element, err := elements.Next()
			var bad *importing.RowError
			if err != nil && !errors.As(err, &bad) {
				return
			}
			if number != last+1 || len(element) > 1000 {
				t.Fatalf("element %d comes after %d, with %d bytes", number, last, len(element))
			}
		}
	})
}
