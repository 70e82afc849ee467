package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agext/levenshtein"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// MaxDepth is how deep arrays and objects of a body may nest.
const MaxDepth = 32

// Decode reads a document of a kind strictly. It returns the document with everything that could be read, and all that
// was wrong: unknown fields, wrong types, duplicate names, unknown languages and terms, malformed references. A null
// member counts as absent. The error is a MalformedError if data is no JSON text at all.
func Decode(kind Kind, data []byte) (Document, Findings, error) {
	root, err := parse(data)
	if err != nil {
		return nil, nil, err
	}
	d := decoder{}
	doc := specOf(kind).zero()
	d.into(reflect.ValueOf(doc).Elem(), root, specOf(kind).shape, "")
	return doc, d.findings, nil
}

// DecodeRequest reads the body of a request of the API itself into a struct as strictly as Decode reads documents.
// Members of type json.RawMessage are taken as they are.
func DecodeRequest(data []byte, into any) (Findings, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	d := decoder{}
	v := reflect.ValueOf(into).Elem()
	d.into(v, root, shapeOf(v.Type(), ""), "")
	return d.findings, nil
}

// Stored reads a document that was stored. It returns an error that names the kind where that cannot be read.
func Stored(kind Kind, stored string) (Document, error) {
	doc := specOf(kind).zero()
	if err := json.Unmarshal([]byte(stored), doc); err != nil {
		return nil, fmt.Errorf("reading a stored %s: %w", kind, err)
	}
	return doc, nil
}

// MustDecode reads a document that was stored, and panics if it cannot.
func MustDecode(kind Kind, stored string) Document {
	doc, err := Stored(kind, stored)
	if err != nil {
		panic(err)
	}
	return doc
}

// Encode writes a document in its canonical form: the fields in the order of its type, absent ones left out, languages
// sorted. Equal documents have equal encodings.
func Encode(doc Document) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		panic(err) // a document holds nothing that JSON cannot
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// node is a JSON value as it stood in the body: unlike a map it keeps the order of the members and the duplicates.
type node struct {
	value any // nil, bool, json.Number, string, []node or []member
}

type member struct {
	name  string
	value node
}

// append writes the value as it was read, duplicates and all.
func (n node) append(b []byte) []byte {
	switch value := n.value.(type) {
	case []member:
		b = append(b, '{')
		for i, m := range value {
			if i > 0 {
				b = append(b, ',')
			}
			b = m.value.append(append(AppendString(b, m.name), ':'))
		}
		return append(b, '}')
	case []node:
		b = append(b, '[')
		for i, e := range value {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.append(b)
		}
		return append(b, ']')
	case string:
		return AppendString(b, value)
	case json.Number:
		return append(b, value...)
	case bool:
		return strconv.AppendBool(b, value)
	default:
		return append(b, "null"...)
	}
}

// at is the value that a pointer leads to, as JSON; nil where there is none.
func (n node) at(p Pointer) []byte {
	if p == "" {
		return n.append(nil)
	}
	rest, ok := strings.CutPrefix(string(p), "/")
	if !ok {
		return nil
	}
	for part := range strings.SplitSeq(rest, "/") {
		switch value := n.value.(type) {
		case []member:
			i := slices.IndexFunc(value, func(m member) bool { return m.name == pointerUnescaper.Replace(part) })
			if i < 0 {
				return nil
			}
			n = value[i].value
		case []node:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(value) || strconv.Itoa(i) != part {
				return nil
			}
			n = value[i]
		default:
			return nil
		}
	}
	return n.append(nil)
}

// parse reads exactly one JSON text (RFC 8259), in UTF-8, nested no deeper than MaxDepth.
func parse(data []byte) (node, error) {
	if !utf8.Valid(data) {
		return node{}, &MalformedError{Rule: "json.utf8", Offset: int64(invalidUTF8(data))}
	}
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	mark := int64(len(data) - len(text))
	if len(bytes.TrimSpace(text)) == 0 {
		return node{}, &MalformedError{Rule: "json.empty"}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := parseValue(d, 0)
	switch {
	case errors.Is(err, errTooDeep):
		return node{}, &MalformedError{Rule: "json.depth", Offset: mark + d.InputOffset() - 1}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return node{}, &MalformedError{Rule: "json.truncated", Offset: int64(len(data))}
	case err != nil:
		return node{}, &MalformedError{Rule: "json.syntax", Offset: mark + syntaxOffset(text)}
	}
	if rest := bytes.TrimLeft(text[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return node{}, &MalformedError{Rule: "json.trailing", Offset: int64(len(data) - len(rest))}
	}
	return n, nil
}

var errTooDeep = errors.New("too deep")

// syntaxOffset is where a text stops being JSON. A json.Decoder that is asked for tokens counts from elsewhere.
func syntaxOffset(text []byte) int64 {
	var (
		whole  json.RawMessage
		syntax *json.SyntaxError
	)
	if errors.As(json.Unmarshal(text, &whole), &syntax) {
		return syntax.Offset - 1
	}
	return 0
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func parseValue(d *json.Decoder, depth int) (node, error) {
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return node{value: token}, nil
	}
	if depth == MaxDepth {
		return node{}, errTooDeep
	}
	if delim == '[' {
		elements := []node{}
		for d.More() {
			e, err := parseValue(d, depth+1)
			if err != nil {
				return node{}, err
			}
			elements = append(elements, e)
		}
		_, err = d.Token()
		return node{value: elements}, err
	}
	members := []member{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return node{}, err
		}
		v, err := parseValue(d, depth+1)
		if err != nil {
			return node{}, err
		}
		members = append(members, member{name.(string), v})
	}
	_, err = d.Token()
	return node{value: members}, err
}

// CheckJSON returns a MalformedError if data is no JSON text that Decode would read.
func CheckJSON(data []byte) error {
	_, err := parse(data)
	return err
}

type decoder struct {
	findings Findings
	reports  int // also of what the findings hide
}

// full reports whether enough is wrong: more would cost time and tell nobody anything.
func (d *decoder) full() bool { return d.findings.full() || d.reports >= 2*maxFindings }

func (d *decoder) report(at Pointer, rule string, args ...any) {
	d.reportNear("", at, rule, args...)
}

func (d *decoder) reportNear(near string, at Pointer, rule string, args ...any) {
	if d.reports++; d.full() {
		return
	}
	x := finding(at, rule, LevelDraft, args...)
	x.Near = near
	d.findings.add(x)
}

// into sets v from n, as far as n has the shape s.
func (d *decoder) into(v reflect.Value, n node, s *shape, at Pointer) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if s.form == formRaw {
		v.SetBytes(n.append(nil))
		return
	}
	if d.full() {
		return
	}
	switch value := n.value.(type) {
	case []member:
		switch s.form {
		case formObject:
			d.object(v, value, s, at)
		case formText:
			d.text(v, value, at)
		default:
			d.wrongType(s, at)
		}
	case []node:
		if s.form != formList {
			d.wrongType(s, at)
			return
		}
		list := reflect.MakeSlice(v.Type(), len(value), len(value))
		for i, e := range value {
			d.into(list.Index(i), e, s.elem, at.Index(i))
		}
		v.Set(list)
	case string:
		d.string(v, value, s, at)
	case json.Number:
		d.number(v, value, s, at)
	case bool:
		if s.form != formBoolean {
			d.wrongType(s, at)
			return
		}
		v.SetBool(value)
	default: // null
		d.wrongType(s, at)
	}
}

func (d *decoder) wrongType(s *shape, at Pointer) {
	d.report(at, ruleType, typeNames[s.form])
}

// typeNames are what a place of each sort expects; the messages give them to the caller as they are.
var typeNames = map[form]string{
	formText: `{"it": "…"}`, formTerm: `"…"`, formReference: `"publisher/key"`, formObject: `{…}`, formList: `[…]`,
	formString: `"…"`, formInteger: `1`, formNumber: `1.5`, formBoolean: `true | false`,
}

func (d *decoder) object(v reflect.Value, members []member, s *shape, at Pointer) {
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		if d.full() {
			return
		}
		place := at.Field(m.name)
		if seen[m.name] {
			d.report(place, ruleDuplicate, m.name)
			continue
		}
		seen[m.name] = true
		f, ok := s.field(m.name)
		switch {
		case !ok:
			d.reportNear(Suggest(m.name, s.names()), place, ruleUnknownField, m.name)
		case m.value.value != nil:
			d.into(v.FieldByIndex(f.index), m.value, f.shape, place)
		}
	}
}

func (d *decoder) text(v reflect.Value, members []member, at Pointer) {
	text := make(lang.Text, len(members))
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		place := at.Field(m.name)
		if seen[m.name] {
			d.report(place, ruleDuplicate, m.name)
			continue
		}
		seen[m.name] = true
		s, isString := m.value.value.(string)
		switch {
		case !lang.Known(lang.Tag(m.name)):
			d.report(place, ruleLanguage, m.name, knownLanguages())
		case m.value.value == nil:
		case !isString:
			d.wrongType(&shape{form: formString}, place)
		case d.clean(s, true, place):
			if strings.TrimSpace(s) == "" {
				d.report(place, ruleBlank)
				continue
			}
			text[lang.Tag(m.name)] = s
		}
	}
	v.Set(reflect.ValueOf(text))
}

func knownLanguages() string {
	names := make([]string, len(lang.Tags))
	for i, t := range lang.Tags {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

func (d *decoder) string(v reflect.Value, value string, s *shape, at Pointer) {
	switch s.form {
	case formString:
		switch {
		case !d.clean(value, false, at):
		case value != "" && strings.TrimSpace(value) == "":
			d.report(at, ruleBlank)
		default:
			v.SetString(value)
		}
	case formTerm:
		term, ok := s.scheme.Term(value)
		if !ok {
			nearest, _ := s.scheme.Nearest(value)
			d.reportNear(nearest, at, ruleTerm, value, s.scheme.Code)
			return
		}
		v.SetString(term.Code)
	case formReference:
		if _, ok := ParseRef(s.kind, value); !ok {
			d.report(at, ruleReference, value)
			return
		}
		v.SetString(value)
	default:
		d.wrongType(s, at)
	}
}

// clean refuses characters that no text needs: controls (but line breaks and tabs in texts) and U+FFFD, which stands
// where a broken encoding lost something.
func (d *decoder) clean(s string, lines bool, at Pointer) bool {
	for _, r := range s {
		allowed := lines && strings.ContainsRune("\n\r\t", r)
		if r == utf8.RuneError || unicode.IsControl(r) && !allowed {
			d.report(at, ruleCharacter, fmt.Sprintf("U+%04X", r))
			return false
		}
	}
	return true
}

func (d *decoder) number(v reflect.Value, value json.Number, s *shape, at Pointer) {
	switch s.form {
	case formInteger:
		n, err := strconv.ParseInt(value.String(), 10, 32)
		if err != nil {
			d.wrongType(s, at)
			return
		}
		v.SetInt(n)
	case formNumber:
		x, err := value.Float64()
		if err != nil || math.IsInf(x, 0) {
			d.wrongType(s, at)
			return
		}
		v.SetFloat(x)
	default:
		d.wrongType(s, at)
	}
}

// longestName is the longest unknown name worth comparing with the known ones, in bytes.
const longestName = 100

// Suggest is the known name nearest to an unknown one, or "" if none is within one edit of three letters.
func Suggest(name string, known []string) string {
	if len(name) > longestName {
		return ""
	}
	best, nearest := (utf8.RuneCountInString(name)+1)/3+1, ""
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil); d < best {
			best, nearest = d, k
		}
	}
	return nearest
}
