package importing

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// table reads CSV (RFC 4180) as spreadsheet programs write it.
type table struct {
	input   *bufio.Reader
	options Options
	comma   rune
	columns []column
	number  int
	text    []byte
	lines   int   // of text
	end     error // after the last row
}

var separatorLine = regexp.MustCompile(`(?i)^"?sep=([;,])"?[\r\n]*$`)

// newTable reads the header.
func newTable(input *bufio.Reader, o Options) (*table, error) {
	t := &table{input: input, options: o}
	text, err := t.record()
	if err != nil {
		return nil, err
	}
	if m := separatorLine.FindSubmatch(text); m != nil {
		t.comma = rune(m[1][0])
		t.number = 0 // spreadsheet programs do not show that line
		if text, err = t.record(); errors.Is(err, io.EOF) {
			return nil, fault(faultNoHeader)
		} else if err != nil {
			return nil, err
		}
	} else {
		t.comma = separatorOf(text)
	}
	names, err := t.cells(text)
	if err != nil {
		return nil, err
	}
	kinds := catalogue.Kinds
	if o.Kind != "" && !slices.ContainsFunc(names, func(name string) bool { return newColumn(name, nil).row == columnKind }) {
		kinds = []catalogue.Kind{o.Kind}
	}
	t.columns, err = readHeader(names, kinds)
	return t, err
}

// separatorOf is the one of semicolon and comma that stands more often between the names of a header.
func separatorOf(header []byte) rune {
	semicolons, commas, quoted := 0, 0, false
	for _, c := range header {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			semicolons++
		case c == ',':
			commas++
		}
	}
	if semicolons > commas {
		return ';'
	}
	return ','
}

// record reads up to the end of a line that is not inside quotes. It returns an *InputError where that is too long, and
// io.EOF after the last record.
func (t *table) record() ([]byte, error) {
	if t.end != nil {
		return nil, t.end
	}
	t.number++
	t.text, t.lines = t.text[:0], 1
	tooLong, quoted := false, false
	for {
		part, err := t.input.ReadSlice('\n')
		quoted = quoted != (bytes.Count(part, []byte{'"'})%2 == 1)
		if tooLong = tooLong || len(t.text)+len(part) > MaxRow; !tooLong {
			t.text = append(t.text, part...)
		}
		switch {
		case errors.Is(err, io.EOF):
			t.end = io.EOF
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			t.end = fmt.Errorf("reading row %d: %w", t.number, err)
			return nil, t.end
		case quoted:
			t.lines++
			continue
		}
		switch {
		case tooLong && quoted:
			return nil, fault(faultQuotes, t.lines)
		case tooLong:
			return nil, fault(faultTooLong, MaxRow)
		}
		return t.text, nil
	}
}

// cells splits a record, and takes the apostrophes off that keep cells from being formulas.
func (t *table) cells(text []byte) ([]string, error) {
	if at := invalidUTF8(text); at >= 0 {
		around := text[max(0, at-10):min(len(text), at+10)]
		read, err := charmap.Windows1252.NewDecoder().Bytes(around)
		if err != nil {
			return nil, err
		}
		return nil, fault(faultEncoding, at, strings.TrimSpace(string(read)))
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = t.comma
	r.FieldsPerRecord = -1
	cells, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, fault(faultQuotes, t.lines)
	}
	for i, c := range cells {
		cells[i] = unquoteFormula(c)
	}
	return cells, nil
}

// invalidUTF8 is where a text stops being UTF-8, -1 if nowhere.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func (t *table) Next() (Row, error) {
	for {
		var cells []string
		text, err := t.record()
		if err == nil {
			cells, err = t.cells(text)
		}
		var f *InputError
		switch {
		case errors.As(err, &f):
			return Row{Number: t.number}, &RowError{t.number, err}
		case err != nil:
			return Row{}, err
		case !slices.ContainsFunc(cells, isFilled):
			continue // spreadsheet programs leave empty rows behind
		}
		row, err := t.row(cells)
		row.Number = t.number
		return t.options.complete(row, err)
	}
}

func isFilled(cell string) bool { return strings.TrimSpace(cell) != "" }

// row makes a row of cells, of which at least one says something.
func (t *table) row(cells []string) (Row, error) {
	row := Row{Kind: t.options.Kind}
	var findings catalogue.Findings
	for i, c := range t.columns[:min(len(cells), len(t.columns))] {
		value := strings.TrimSpace(cells[i])
		switch c.row {
		case columnPublisher:
			row.Publisher = value
		case columnKey:
			row.Key = value
		case columnPublish:
			answer := string(booleanJSON(value))
			if row.Publish = answer == "true"; value != "" && answer[0] == '"' {
				findings.AddParameter(columnPublish, "type", "", "true | false")
			}
		case columnKind:
			if value != "" {
				row.Kind = kindNamed(value)
			}
		}
	}
	document := &node{}
	for i, text := range cells {
		if !isFilled(text) {
			continue
		}
		if i >= len(t.columns) || t.columns[i].name == "" {
			return row, fault(faultCells, i+1, len(t.columns))
		}
		c := t.columns[i]
		if c.row != "" {
			continue
		}
		if p := c.of[row.Kind]; p == nil {
			findings.AddParameter(c.name, "unknown_field", "", c.name)
		} else if !document.put(p, text) {
			findings.AddParameter(c.name, "duplicate", "", c.name)
		}
	}
	row.Document = document.encode(nil)
	return row, findings.Err()
}

// kindNamed reads a kind, in the plural or in Italian too.
func kindNamed(name string) catalogue.Kind {
	switch plain(name) {
	case "servizio", "servizi", "services":
		return catalogue.KindService
	case "ufficio", "uffici", "unitàorganizzativa", "offices":
		return catalogue.KindOffice
	case "luogo", "luoghi", "sede", "places":
		return catalogue.KindPlace
	case "ente", "publishers":
		return catalogue.KindPublisher
	case "procedimento", "procedimenti", "procedures":
		return catalogue.KindProcedure
	case "canale", "canali", "channels":
		return catalogue.KindChannel
	case "orario", "orari", "timetables":
		return catalogue.KindTimetable
	case "holidayset", "holidaysets":
		return catalogue.KindHolidaySet
	}
	return catalogue.Kind(strings.ToLower(name))
}

// Document makes a document of cells by the names of their columns, as a row of a table does; a cell of a list is made by
// Join. It returns an InvalidError that names the columns which the kind does not have, or which say the same.
func Document(kind catalogue.Kind, cells map[string]string) (json.RawMessage, error) {
	if len(cells) == 0 {
		return json.RawMessage("{}"), nil
	}
	names := slices.Sorted(maps.Keys(cells))
	columns, err := readHeader(names, []catalogue.Kind{kind})
	if err != nil {
		return nil, err
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = cells[name]
	}
	row, err := (&table{columns: columns, options: Options{Kind: kind}}).row(values)
	return row.Document, err
}

// node is a part of a document that comes together from cells.
type node struct {
	value   json.RawMessage
	members map[string]*node
	items   map[int]*node
}

// put sets a cell in its place; ok is false if another cell has said that already.
func (n *node) put(p *placement, text string) (ok bool) {
	for _, s := range p.path {
		if n = n.at(s); n == nil {
			return false
		}
	}
	value := strings.TrimSpace(text)
	switch {
	case p.field.form == formText:
		return n.at(step{name: string(p.tag)}).set(stringJSON(text))
	case p.field.texts():
		for i, part := range split(text) {
			if part != "" && !n.at(step{index: i}).at(step{name: string(p.tag)}).set(stringJSON(part)) {
				return false
			}
		}
		return true
	case p.field.form == formObject || p.field.ofObjects():
		if !json.Valid([]byte(value)) {
			return n.set(stringJSON(value)) // the decoder says what it expects
		}
		return n.set(json.RawMessage(value))
	case p.field.form == formList:
		for i, part := range split(text) {
			if part != "" && !n.at(step{index: i}).set(p.field.elem.json(part)) {
				return false
			}
		}
		return true
	default:
		return n.set(p.field.json(text))
	}
}

// at is the part that a step leads to, nil if the node is a value.
func (n *node) at(s step) *node {
	if n == nil || n.value != nil {
		return nil
	}
	if s.name == "" {
		if n.items == nil {
			n.items = map[int]*node{}
		}
		if n.items[s.index] == nil {
			n.items[s.index] = &node{}
		}
		return n.items[s.index]
	}
	if n.members == nil {
		n.members = map[string]*node{}
	}
	if n.members[s.name] == nil {
		n.members[s.name] = &node{}
	}
	return n.members[s.name]
}

// set gives a node its value; ok is false if it has one, or parts.
func (n *node) set(value json.RawMessage) (ok bool) {
	if n == nil || n.value != nil || n.members != nil || n.items != nil {
		return false
	}
	n.value = value
	return true
}

// encode writes the node as JSON: lists without the numbers that have no cells, a node without any cell as an object.
func (n *node) encode(b []byte) []byte {
	switch {
	case n.value != nil:
		return append(b, n.value...)
	case n.items != nil:
		b = append(b, '[')
		for i, index := range slices.Sorted(maps.Keys(n.items)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.items[index].encode(b)
		}
		return append(b, ']')
	default:
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(n.members)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(catalogue.AppendString(b, name), ':')
			b = n.members[name].encode(b)
		}
		return append(b, '}')
	}
}

// json reads a cell as the field wants it. What cannot be read stays a string, of which the decoder says what is wrong.
func (f *field) json(text string) json.RawMessage {
	value := strings.TrimSpace(text)
	switch f.form {
	case formInteger:
		if n, err := strconv.Atoi(value); err == nil {
			return strconv.AppendInt(nil, int64(n), 10)
		}
	case formNumber:
		if x, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil && numberPattern.MatchString(value) {
			return strconv.AppendFloat(nil, x, 'f', -1, 64)
		}
	case formBoolean:
		return booleanJSON(value)
	case formDate:
		return stringJSON(isoDate(value))
	case formAmount:
		return stringJSON(amount(value))
	default:
		return stringJSON(text)
	}
	return stringJSON(value)
}

var (
	numberPattern = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)
	dayFirst      = regexp.MustCompile(`^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})$`)
)

// isoDate turns a date with the day first, as spreadsheet programs in Italy write it, into ISO 8601.
func isoDate(text string) string {
	m := dayFirst.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	return fmt.Sprintf("%s-%02s-%02s", m[3], m[2], m[1])
}

// amount takes the currency off an amount and turns a decimal comma into a point. Of a comma and a point, the last is
// the decimal one.
func amount(text string) string {
	text = strings.TrimSpace(strings.NewReplacer("€", "", "EUR", "", "%", "").Replace(text))
	comma, point := strings.LastIndexByte(text, ','), strings.LastIndexByte(text, '.')
	if comma < point {
		return strings.ReplaceAll(text, ",", "")
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
}

func booleanJSON(text string) json.RawMessage {
	switch strings.ToLower(text) {
	case "true", "vero", "sì", "si", "s", "yes", "y", "x", "1":
		return json.RawMessage("true")
	case "false", "falso", "no", "n", "0":
		return json.RawMessage("false")
	}
	return stringJSON(text)
}

func stringJSON(text string) json.RawMessage { return catalogue.AppendString(nil, text) }
