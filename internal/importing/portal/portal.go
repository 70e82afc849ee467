// Package portal turns exports of municipal web sites that follow the Modello Comuni into rows of an import, and reports
// what became of every field. What the records of a publishing system look like is the business of the packages
// wordpress and plone; this one has what they share.
package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gosimple/slug"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// System is a publishing system.
type System struct {
	Member string          // of the object that may stand around the array of records, "" for none
	Types  map[string]Type // by name

	TypeOf   func(Record) string
	KeyOf    func(Record) string         // unique within the export
	URLOf    func(Record) string         // where the record is shown
	FieldsOf func(Record) map[string]any // what there is to map
	// HTML is a text as HTML, with what is in it that cannot be shown so.
	HTML func(value any) (html string, lost []string)
	// Keys are the keys of the records that a value names.
	Keys func(value any) []string
	// Labels are the terms that a value names, by label or by slug.
	Labels func(value any) []string
	// Contacts are the points of contact that a value holds.
	Contacts func(value any) []Contact
}

// Record is one record as it stands in the export.
type Record = map[string]any

// Type says what becomes of the records of a type.
type Type struct {
	Kind   catalogue.Kind  `json:"kind"`
	Fields map[string]Rule `json:"fields"`
}

// Rule says what becomes of a field.
type Rule struct {
	To   string            `json:"to,omitempty"`   // the column (docs/import-columns.md)
	As   string            `json:"as,omitempty"`   // how it is read: a key of readers
	Of   string            `json:"of,omitempty"`   // the vocabulary of terms
	Kind catalogue.Kind    `json:"kind,omitempty"` // of the records that references lead to
	With map[string]string `json:"with,omitempty"` // what other columns hold where there is a value
	Drop string            `json:"drop,omitempty"` // why the field is not taken, in Italian
}

// Contact is a point of contact.
type Contact struct {
	Label   string
	Entries []ContactEntry
}

// ContactEntry is one number or address.
type ContactEntry struct{ Type, Value string }

// Export is what was made of an export.
type Export struct {
	Rows   []importing.Row // drafts; places before offices before services
	Report Report
}

// Report says what became of the records and their fields.
type Report struct {
	Records []Records `json:"records"`
	Fields  []Field   `json:"fields"`
	Rows    []Row     `json:"rows"`
}

// Records counts the records of a type.
type Records struct {
	Type  string         `json:"type"`
	Kind  catalogue.Kind `json:"kind,omitempty"` // absent where records of that type are not taken
	Count int            `json:"count"`
}

// Fate is what became of the values of a field.
type Fate string

// The fates.
const (
	Taken         Fate = "taken"
	Dropped       Fate = "dropped"        // the catalogue does not hold that, or knows it from elsewhere
	NotUnderstood Fate = "not_understood" // somebody has to look
)

// Field counts what became of the values of a field. Empty values do not count.
type Field struct {
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Fate     Fate     `json:"fate"`
	To       string   `json:"to,omitempty"`
	Why      string   `json:"why,omitempty"`
	Count    int      `json:"count"`
	Examples []string `json:"examples,omitempty"` // at most three, the beginning of each
}

// Row says what a record lacks.
type Row struct {
	Record  int       `json:"record"` // its number in the export, from 1
	Kind    string    `json:"kind"`
	Key     string    `json:"key"`
	URL     string    `json:"url,omitempty"`
	Missing []Missing `json:"missing"` // what keeps it from the level portal
}

// Missing is a rule that a document does not meet.
type Missing struct {
	Pointer catalogue.Pointer `json:"pointer"`
	Rule    string            `json:"rule"`
	Level   catalogue.Level   `json:"level"`
}

// maxRecord is how long a record may be, and maxExport how long all their texts together, in bytes: references lead
// forwards and backwards, so that an export is read whole before its first row is known.
const (
	maxRecord = 16 << 20
	maxExport = 256 << 20
)

// ErrTooLarge is returned for an export that is too large to be read whole.
var ErrTooLarge = fmt.Errorf("the export holds more than %d bytes: export one type at a time", maxExport)

// ParseTypes reads a mapping. It panics where that is wrong, for mappings are embedded.
func ParseTypes(mapping []byte) map[string]Type {
	var types map[string]Type
	if err := json.Unmarshal(mapping, &types); err != nil {
		panic(fmt.Errorf("mapping: %w", err))
	}
	return types
}

// Options say what an export does not.
type Options struct {
	Publisher string // whom the rows belong to
	City      string // of addresses that name none
}

// Read reads an export. A record that is no JSON object, or too long, ends the reading.
func Read(input io.Reader, system System, o Options) (Export, error) {
	r := reader{system: system, options: o, records: map[string]int{}, fields: map[fieldName]*Field{}, known: map[catalogue.Ref]bool{}}
	elements, total := importing.NewElements(input, system.Member, maxRecord), 0
	for {
		number, text, err := elements.Next()
		if errors.Is(err, io.EOF) {
			return r.finish(), nil
		}
		if err != nil {
			return Export{}, err
		}
		if total += len(text); total > maxExport {
			return Export{}, ErrTooLarge
		}
		var record Record
		if err := json.Unmarshal(text, &record); err != nil {
			return Export{}, fmt.Errorf("record %d: %w", number, err)
		}
		r.read(number, record)
	}
}

type reader struct {
	system  System
	options Options
	records map[string]int
	fields  map[fieldName]*Field
	drafts  []*draft
	known   map[catalogue.Ref]bool
}

type fieldName struct {
	kind, name string
	fate       Fate
}

// draft is a document that comes together.
type draft struct {
	record     int    // its number in the export
	kind       string // the type in the system
	ref        catalogue.Ref
	url        string
	cells      map[string]string
	references []reference
}

type reference struct {
	field string
	rule  Rule
	keys  []string
}

func (r *reader) read(number int, record Record) {
	kind := r.system.TypeOf(record)
	r.records[kind]++
	mapped, ok := r.system.Types[kind]
	if !ok {
		return
	}
	d := &draft{
		record: number, kind: kind, url: r.system.URLOf(record), cells: map[string]string{},
		ref: catalogue.Ref{Kind: mapped.Kind, Publisher: r.options.Publisher, Key: r.system.KeyOf(record)},
	}
	if d.url != "" {
		d.cells["origins.1.source"], d.cells["origins.1.url"] = host(d.url), d.url
		d.cells["origins.1.key"] = d.ref.Key
	}
	values := r.system.FieldsOf(record)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if isEmpty(value) {
			continue
		}
		rule, ok := mapped.Fields[name]
		switch {
		case !ok:
			r.count(d, name, NotUnderstood, Rule{}, value)
		case rule.Drop != "":
			r.count(d, name, Dropped, rule, value)
		default:
			r.take(d, name, rule, value)
		}
	}
	if d.cells["address.street"] != "" && d.cells["address.city"] == "" && r.options.City != "" {
		d.cells["address.city"] = r.options.City
	}
	r.drafts = append(r.drafts, d)
	r.known[d.ref] = true
}

// take reads a value as its rule says.
func (r *reader) take(d *draft, name string, rule Rule, value any) {
	if rule.As == "references" {
		d.references = append(d.references, reference{name, rule, r.system.Keys(value)})
		return
	}
	read, ok := readers[rule.As]
	if !ok {
		panic("no reader " + rule.As) // the mapping is embedded
	}
	taken, lost := read(r.system, d, rule, value)
	if taken {
		r.count(d, name, Taken, rule, nil)
		maps.Copy(d.cells, rule.With)
	}
	for _, part := range lost {
		r.count(d, name, NotUnderstood, rule, part)
	}
}

// count adds a value to the report.
func (r *reader) count(d *draft, name string, fate Fate, rule Rule, example any) {
	key := fieldName{d.kind, name, fate}
	f := r.fields[key]
	if f == nil {
		f = &Field{Type: d.kind, Name: name, Fate: fate, To: rule.To, Why: rule.Drop}
		r.fields[key] = f
	}
	f.Count++
	if fate == NotUnderstood && len(f.Examples) < 3 {
		if text := excerpt(example); !slices.Contains(f.Examples, text) {
			f.Examples = append(f.Examples, text)
		}
	}
}

// excerpt is the beginning of a value.
func excerpt(value any) string {
	text, ok := value.(string)
	if !ok {
		written, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		text = string(written)
	}
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}

// finish makes rows of the drafts once it is known which records there are.
func (r *reader) finish() Export {
	e := Export{Report: Report{Records: []Records{}, Fields: []Field{}, Rows: []Row{}}}
	for _, name := range slices.Sorted(maps.Keys(r.records)) {
		e.Report.Records = append(e.Report.Records, Records{name, r.system.Types[name].Kind, r.records[name]})
	}
	slices.SortStableFunc(r.drafts, func(a, b *draft) int {
		return slices.Index(catalogue.Kinds, a.ref.Kind) - slices.Index(catalogue.Kinds, b.ref.Kind)
	})
	for i, d := range r.drafts {
		r.resolve(d)
		row, missing := r.row(d)
		row.Number = i + 1
		e.Rows = append(e.Rows, row)
		e.Report.Rows = append(e.Report.Rows, Row{d.record, string(d.ref.Kind), d.ref.Key, d.url, missing})
	}
	for _, key := range slices.SortedFunc(maps.Keys(r.fields), func(a, b fieldName) int {
		return slices.Compare([]string{a.kind, a.name, string(a.fate)}, []string{b.kind, b.name, string(b.fate)})
	}) {
		e.Report.Fields = append(e.Report.Fields, *r.fields[key])
	}
	return e
}

// resolve takes the references that lead to records of the export.
func (r *reader) resolve(d *draft) {
	for _, reference := range d.references {
		var found []string
		for _, key := range reference.keys {
			to := catalogue.Ref{Kind: reference.rule.Kind, Publisher: r.options.Publisher, Key: key}
			if !r.known[to] {
				r.count(d, reference.field, NotUnderstood, reference.rule, "non è nell'esportazione: "+key)
			} else if !slices.Contains(found, to.String()) {
				found = append(found, to.String())
			}
		}
		if len(found) == 0 {
			continue
		}
		if reference.rule.Of == "one" {
			found = found[:1]
		}
		if before := d.cells[reference.rule.To]; before != "" {
			found = slices.Insert(found, 0, before)
		}
		d.cells[reference.rule.To] = importing.Join(found)
		maps.Copy(d.cells, reference.rule.With)
		r.count(d, reference.field, Taken, reference.rule, nil)
	}
}

// row makes the row of a draft, and says what keeps it from the level portal.
func (r *reader) row(d *draft) (importing.Row, []Missing) {
	row := importing.Row{Publisher: r.options.Publisher, Kind: d.ref.Kind, Key: d.ref.Key}
	text, err := importing.Document(d.ref.Kind, d.cells)
	if err != nil {
		panic(err) // the mapping is embedded, and tested
	}
	doc, findings, err := catalogue.Decode(d.ref.Kind, text)
	if err != nil {
		panic(err) // Document writes JSON
	}
	row.Document = json.RawMessage(catalogue.Encode(doc))
	catalogue.Check(doc, catalogue.LevelPortal, &findings)
	findings.Sort()
	missing := []Missing{}
	for _, f := range findings {
		if f.Severity == catalogue.SeverityError {
			missing = append(missing, Missing{f.Pointer, f.Rule, f.Level})
		}
	}
	return row, missing
}

var hostPattern = regexp.MustCompile(`^https?://([^/]+)`)

// host is the site of a URL, the whole URL where it has none.
func host(url string) string {
	if m := hostPattern.FindStringSubmatch(url); m != nil {
		return m[1]
	}
	return url
}

// isEmpty reports whether nobody has filled a value in.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !isEmpty(e) })
	case map[string]any:
		for _, e := range v {
			if !isEmpty(e) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// term finds a term by its label or the slug of its label, in Italian or English, or by its code.
func term(scheme *vocabulary.Scheme, name string) (code string, ok bool) {
	if t, ok := scheme.Term(name); ok {
		return t.Code, true
	}
	wanted := slug.Make(name)
	for _, t := range scheme.Terms {
		for _, tag := range []string{"it", "en"} {
			if label := t.Label[lang.Tag(tag)]; label != "" && slug.Make(label) == wanted {
				return t.Code, true
			}
		}
	}
	return "", false
}
