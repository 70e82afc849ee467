// Package importing turns an uploaded stream into the rows of an import: NDJSON, a JSON array or CSV. Storing them is the
// business of package publishing. A reader holds one row at a time in memory, and of the rows before only which entries
// they were about.
package importing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Row is one entry of an import or export: its publisher's key for it, its document, and whether it is public.
type Row struct {
	Number    int             `json:"-"` // in the input, from 1; Format.Unit says of what
	Publisher string          `json:"publisher"`
	Kind      catalogue.Kind  `json:"kind"`
	Key       string          `json:"key"`
	Document  json.RawMessage `json:"document"`
	Publish   bool            `json:"publish,omitempty"`
	Note      string          `json:"note,omitempty"` // of the revision, instead of the import's
}

// Ref names the entry that the row is about.
func (r Row) Ref() catalogue.Ref {
	return catalogue.Ref{Kind: r.Kind, Publisher: r.Publisher, Key: r.Key}
}

// checkNames says what is wrong with the names of the entry that the row is about.
func (r Row) checkNames() error {
	_, err := catalogue.ParseKind(string(r.Kind))
	switch {
	case err != nil:
		return err
	case !catalogue.ValidKey(r.Publisher):
		return fmt.Errorf("publisher %q: %w", r.Publisher, catalogue.ErrBadKey)
	case !catalogue.ValidKey(r.Key):
		return fmt.Errorf("key %q: %w", r.Key, catalogue.ErrBadKey)
	}
	return nil
}

// MaxRow is how long a row of an import may be, in bytes.
const MaxRow = 4 << 20

// Format is a way to write rows.
type Format string

// The formats.
const (
	NDJSON Format = "ndjson" // one row as a JSON object on each line; blank lines count
	JSON   Format = "json"   // an array of such objects
	CSV    Format = "csv"    // a table with a header; docs/import-columns.md documents the columns
)

// Unit is what Row.Number counts in a format: lines, elements of an array, or the rows of a table as a spreadsheet
// program numbers them, whose header is row 1.
func (f Format) Unit() string {
	switch f {
	case NDJSON:
		return "line"
	case JSON:
		return "element"
	default:
		return "row"
	}
}

// FormatOf is the format of a media type (RFC 6838, parameters are of no account), or of a file by the end of its name.
// It returns ErrFormat where neither says which.
func FormatOf(mediaType, file string) (Format, error) {
	if parsed, _, err := mime.ParseMediaType(mediaType); err == nil {
		mediaType = parsed
	}
	switch mediaType {
	case "application/x-ndjson", "application/ndjson", "application/jsonl":
		return NDJSON, nil
	case "application/json":
		return JSON, nil
	case "text/csv", "application/vnd.ms-excel": // what browsers on Windows call a .csv
		return CSV, nil
	}
	switch strings.ToLower(path.Ext(file)) {
	case ".ndjson", ".jsonl":
		return NDJSON, nil
	case ".json":
		return JSON, nil
	case ".csv":
		return CSV, nil
	}
	return "", fmt.Errorf("%w: media type %q, file %q", ErrFormat, mediaType, file)
}

// Options say what the rows of an input do not say themselves.
type Options struct {
	Publisher string         // of rows that name none
	Kind      catalogue.Kind // of rows that name none
}

// Reader reads the rows of an input one by one, their numbers ascending.
type Reader interface {
	// Next returns the next row, and io.EOF after the last. A *RowError says that this row is of no use, and that the
	// next can be read; the row then tells its number, and as much of its names as could be read. Any other error ends
	// the input.
	Next() (Row, error)
}

// RowError says why a row cannot be used. Err is a catalogue.InvalidError or a catalogue.MalformedError where its JSON
// is at fault, a *InputError where it cannot be read so far.
type RowError struct {
	Number int // as Row.Number
	Err    error
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Number, e.Err) }

// Unwrap is what is wrong with the row.
func (e *RowError) Unwrap() error { return e.Err }

// ErrFormat is returned for a format that there is not.
var ErrFormat = errors.New("unknown format")

// Open starts to read an input. A row about an entry that a row before was about is a *RowError. Open returns a *InputError
// where the input is none of the formats, or an InvalidError that names the columns of a table which nobody knows.
func Open(format Format, input io.Reader, o Options) (Reader, error) {
	text := bufio.NewReaderSize(input, 64<<10)
	if err := checkStart(text); err != nil {
		return nil, err
	}
	var rows Reader
	switch format {
	case NDJSON:
		rows = &lines{input: text, options: o}
	case JSON:
		rows = &objects{NewElements(text, "", MaxRow), o}
	case CSV:
		table, err := newTable(text, o)
		if err != nil {
			return nil, err
		}
		rows = table
	default:
		return nil, fmt.Errorf("%w %q", ErrFormat, format)
	}
	return newUnique(rows), nil
}

// FromRows reads rows that are there already, as Open reads those of an input.
func FromRows(rows []Row) Reader { return newUnique(&slice{rows}) }

type slice struct{ rows []Row }

func (s *slice) Next() (Row, error) {
	if len(s.rows) == 0 {
		return Row{}, io.EOF
	}
	row := s.rows[0]
	s.rows = s.rows[1:]
	return Options{}.complete(row, nil)
}

// checkStart refuses what is no UTF-8 text by its first bytes, and takes a byte order mark off.
func checkStart(input *bufio.Reader) error {
	start, err := input.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the start: %w", err)
	}
	for _, sign := range []struct{ bytes, rule string }{
		{"\xff\xfe", faultUTF16},
		{"\xfe\xff", faultUTF16},
		{"PK\x03\x04", faultArchive},       // .xlsx, .ods and .zip
		{"\xd0\xcf\x11\xe0", faultArchive}, // .xls
		{"\x1f\x8b", faultArchive},         // .gz
	} {
		if bytes.HasPrefix(start, []byte(sign.bytes)) {
			return fault(sign.rule)
		}
	}
	if bytes.IndexByte(start, 0) >= 0 { // no text in UTF-8 starts like that
		return fault(faultUTF16)
	}
	if bytes.HasPrefix(start, []byte("\ufeff")) {
		_, err = input.Discard(len("\ufeff"))
		return err
	}
	return nil
}

// parseRow reads a row from its JSON as strictly as a document.
func parseRow(number int, text []byte, o Options) (Row, error) {
	row := Row{}
	findings, err := catalogue.DecodeRequest(text, &row)
	if utf8.RuneCountInString(row.Note) > catalogue.MaxNote {
		findings.AddTooLong("/note", catalogue.MaxNote)
	}
	if err == nil {
		err = findings.Err()
	}
	row.Number = number
	return o.complete(row, err)
}

// complete fills in what the row does not say, and checks its names if nothing is wrong yet.
func (o Options) complete(row Row, err error) (Row, error) {
	if row.Publisher == "" {
		row.Publisher = o.Publisher
	}
	if row.Kind == "" {
		row.Kind = o.Kind
	}
	if err == nil {
		err = row.checkNames()
	}
	if err != nil {
		return row, &RowError{Number: row.Number, Err: err}
	}
	return row, nil
}
