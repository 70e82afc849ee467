package importing

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// field is a place in the documents of a kind as tables see it.
type field struct {
	name   string
	form   form
	index  []int    // for reflect.Value.FieldByIndex
	fields []*field // of an object
	elem   *field   // of a list
	tag    reflect.StructTag
}

type form int

const (
	formString form = iota
	formText
	formObject
	formList
	formDate
	formAmount
	formInteger
	formNumber
	formBoolean
)

var documents = sync.OnceValue(func() map[catalogue.Kind]*field {
	all := map[catalogue.Kind]*field{}
	for _, kind := range catalogue.Kinds {
		all[kind] = fieldOf(reflect.TypeOf(catalogue.New(kind)).Elem(), "")
	}
	return all
})

// fieldOf reads a type that catalogue takes in documents.
func fieldOf(t reflect.Type, tag reflect.StructTag) *field {
	f := &field{tag: tag}
	switch {
	case t == reflect.TypeFor[lang.Text]():
		f.form = formText
	case t.Kind() == reflect.Pointer:
		return fieldOf(t.Elem(), tag)
	case t.Kind() == reflect.Slice:
		f.form, f.elem = formList, fieldOf(t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		f.form = formObject
		for _, member := range reflect.VisibleFields(t) {
			if member.Anonymous {
				continue
			}
			m := fieldOf(member.Type, member.Tag)
			m.name, _, _ = strings.Cut(member.Tag.Get("json"), ",")
			m.index = member.Index
			f.fields = append(f.fields, m)
		}
	case t.Kind() == reflect.Int:
		f.form = formInteger
	case t.Kind() == reflect.Float64:
		f.form = formNumber
	case t.Kind() == reflect.Bool:
		f.form = formBoolean
	default:
		f.form = stringForm(tag.Get("validate"))
	}
	return f
}

func stringForm(validate string) form {
	for rule := range strings.SplitSeq(validate, ",") {
		switch rule {
		case "date", "moment":
			return formDate
		case "amount":
			return formAmount
		}
	}
	return formString
}

// ofObjects reports whether a list is one of objects, whose elements have columns of their own.
func (f *field) ofObjects() bool { return f.form == formList && f.elem.form == formObject }

// texts reports whether a field has a column for each language.
func (f *field) texts() bool {
	return f.form == formText || f.form == formList && f.elem.form == formText
}

func (f *field) member(name string) *field {
	i := slices.IndexFunc(f.fields, func(m *field) bool { return strings.EqualFold(m.name, name) })
	if i < 0 {
		return nil
	}
	return f.fields[i]
}

// Column documents a column of the tables that hold documents of a kind.
type Column struct {
	Name       string // N stands for a number from 1, LL for a language
	Form       string // what a cell holds: string, text, date, amount, integer, number, boolean, or "list of" one of these
	Vocabulary string // whose terms it holds, "" for none
	References catalogue.Kind
	Example    string
}

// Columns lists the columns of a kind in the order of its document type.
func Columns(kind catalogue.Kind) []Column {
	var all []Column
	documents()[kind].columns("", &all)
	return all
}

func (f *field) columns(name string, all *[]Column) {
	switch {
	case f.form == formObject:
		for _, m := range f.fields {
			m.columns(strings.TrimPrefix(name+"."+m.name, "."), all)
		}
	case f.ofObjects():
		f.elem.columns(name+".N", all)
	default:
		c := Column{Name: name, Form: f.formName(), Example: f.tag.Get("example")}
		if f.texts() {
			c.Name += ".LL"
		}
		for extension := range strings.SplitSeq(f.tag.Get("extensions"), ",") {
			switch key, value, _ := strings.Cut(extension, "="); key {
			case "x-vocabulary":
				c.Vocabulary = value
			case "x-reference":
				c.References = catalogue.Kind(value)
			}
		}
		*all = append(*all, c)
	}
}

var formNames = map[form]string{
	formString: "string", formText: "text", formDate: "date", formAmount: "amount", formInteger: "integer",
	formNumber: "number", formBoolean: "boolean",
}

func (f *field) formName() string {
	if f.form == formList {
		return "list of " + formNames[f.elem.form]
	}
	return formNames[f.form]
}

// MaxNumbered is the highest number of an element that has columns of its own. Longer lists stand in one cell as JSON.
const MaxNumbered = 50

// cell is what a document says in one column.
type cell struct {
	column, value string
	order         []int // of the column among others
}

// flatten writes a document as cells, in the order of its type, but for fields that are to be left out. What the document
// does not say has no cell; an object that says nothing is `{}` in the column of its name.
func flatten(doc catalogue.Document, without func(*field) bool) []cell {
	var cells []cell
	documents()[doc.Kind()].flatten(reflect.ValueOf(doc), "", nil, without, &cells)
	return cells
}

func (f *field) flatten(v reflect.Value, name string, order []int, without func(*field) bool, cells *[]cell) {
	if v.Kind() != reflect.Struct && v.IsZero() || without != nil && without(f) {
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	emit := func(suffix, value string, more ...int) {
		*cells = append(*cells, cell{name + suffix, value, append(slices.Clone(order), more...)})
	}
	switch f.form {
	case formObject:
		before := len(*cells)
		for i, m := range f.fields {
			m.flatten(v.FieldByIndex(m.index), strings.TrimPrefix(name+"."+m.name, "."), append(slices.Clone(order), i), without, cells)
		}
		if len(*cells) == before && name != "" {
			emit("", "{}")
		}
	case formList:
		f.flattenList(v, name, order, without, cells)
	case formText:
		text := v.Interface().(lang.Text)
		for i, tag := range lang.Tags {
			if s, ok := text[tag]; ok {
				emit("."+string(tag), s, i)
			}
		}
	case formInteger:
		emit("", strconv.FormatInt(v.Int(), 10))
	case formNumber:
		emit("", strconv.FormatFloat(v.Float(), 'f', -1, 64))
	case formBoolean:
		emit("", strconv.FormatBool(v.Bool()))
	default:
		emit("", v.String())
	}
}

func (f *field) flattenList(v reflect.Value, name string, order []int, without func(*field) bool, cells *[]cell) {
	emit := func(suffix, value string, more ...int) {
		*cells = append(*cells, cell{name + suffix, value, append(slices.Clone(order), more...)})
	}
	switch {
	case v.Len() == 0:
	case !f.ofObjects() && f.elem.form != formText:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = v.Index(i).String()
		}
		emit("", Join(parts))
	case f.elem.form == formText:
		for i, tag := range lang.Tags {
			parts, any := make([]string, v.Len()), false
			for n := range parts {
				s, ok := v.Index(n).Interface().(lang.Text)[tag]
				parts[n], any = s, any || ok
			}
			if any {
				emit("."+string(tag), Join(parts), i)
			}
		}
	case v.Len() > MaxNumbered && without == nil: // nobody imports what leaves something out, and JSON would have it all
		emit("", encode(v))
	default:
		for i := range v.Len() {
			f.elem.flatten(v.Index(i), fmt.Sprintf("%s.%d", name, i+1), append(slices.Clone(order), i), without, cells)
		}
	}
}

// WritePublic writes documents as a table for everybody (RFC 4180: commas, CRLF, UTF-8): a column for everything that any of
// them says in public, behind those of names, whose cells come with each document. The documents are gone through twice.
// No cell is such that a spreadsheet program takes it for a formula. It returns an error where out cannot be written.
func WritePublic(out io.Writer, names []string, lines iter.Seq2[[]string, catalogue.Document]) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	return writeTable(w, names, func(yield func(catalogue.Document) bool) {
		for _, doc := range lines {
			if !yield(doc) {
				return
			}
		}
	}, lines, (*field).private)
}

// writeTable writes a header and a line for each document, without the fields that are to be left out.
func writeTable(w *csv.Writer, names []string, documents iter.Seq[catalogue.Document], lines iter.Seq2[[]string, catalogue.Document], without func(*field) bool) error {
	orders := map[string][]int{}
	for doc := range documents {
		for _, c := range flatten(doc, without) {
			if _, known := orders[c.column]; !known {
				orders[c.column] = c.order
			}
		}
	}
	columns := slices.SortedFunc(maps.Keys(orders), func(a, b string) int {
		return cmp.Or(slices.Compare(orders[a], orders[b]), strings.Compare(a, b))
	})
	at := make(map[string]int, len(columns))
	for i, column := range columns {
		at[column] = len(names) + i
	}
	if err := w.Write(slices.Concat(names, columns)); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	record := make([]string, len(names)+len(columns))
	for first, doc := range lines {
		clear(record)
		copy(record, first)
		for _, c := range flatten(doc, without) {
			record[at[c.column]] = c.value
		}
		for n := range record {
			record[n] = QuoteFormula(record[n])
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("writing a table: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	return nil
}

// private reports whether a field is never shown in public.
func (f *field) private() bool { return strings.Contains(f.tag.Get("extensions"), "x-private") }

// encode writes a part of a document as JSON.
func encode(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		panic(err) // a document holds nothing that JSON cannot
	}
	return string(text)
}

// separator stands between the elements of a list in a cell.
const separator = '|'

var escaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// Join writes a list into a cell: separators and backslashes in an element, and white space around it, stand behind a
// backslash.
func Join(parts []string) string {
	written := make([]string, len(parts))
	for i, part := range parts {
		inner := strings.TrimSpace(part)
		if inner == "" {
			continue
		}
		before, after, _ := strings.Cut(part, inner)
		written[i] = guard(before) + escaper.Replace(inner) + guard(after)
	}
	return strings.Join(written, string(separator))
}

// guard puts a backslash before each rune.
func guard(space string) string {
	var b strings.Builder
	for _, r := range space {
		b.WriteByte('\\')
		b.WriteRune(r)
	}
	return b.String()
}

// split reads what Join has written. A backslash before anything else stands for itself.
func split(text string) []string {
	var (
		parts []string
		part  []rune
		keep  int // how much of part is not to be trimmed
	)
	runes := []rune(text)
	end := func() {
		for len(part) > keep && unicode.IsSpace(part[len(part)-1]) {
			part = part[:len(part)-1]
		}
		parts, part, keep = append(parts, string(part)), nil, 0
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == separator:
			end()
		case r == '\\' && i+1 < len(runes) && (unicode.IsSpace(runes[i+1]) || strings.ContainsRune(`\|`, runes[i+1])):
			i++
			part = append(part, runes[i])
			keep = len(part)
		case len(part) > 0 || !unicode.IsSpace(r):
			part = append(part, r)
		}
	}
	end()
	return parts
}

// formulaStarts are what a cell begins with that spreadsheet programs take for a formula (OWASP, CSV injection).
const formulaStarts = "=+-@\t\r\n"

// QuoteFormula writes a cell so that no spreadsheet program takes it for a formula: with an apostrophe before it where it
// begins like one, or with apostrophes and then like one. Reading a table takes that apostrophe off.
func QuoteFormula(value string) string {
	if isFormula(value) {
		return "'" + value
	}
	return value
}

// unquoteFormula takes the apostrophe off that QuoteFormula puts before a cell.
func unquoteFormula(value string) string {
	if strings.HasPrefix(value, "'") && isFormula(value) {
		return value[1:]
	}
	return value
}

func isFormula(value string) bool {
	rest := strings.TrimLeft(value, "'")
	return rest != "" && strings.ContainsRune(formulaStarts, rune(rest[0]))
}
