package catalogue

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// A shape is what a place in a document holds. It is read once from the document type, and serves the strict decoder,
// the references, the views and the description of the views in OpenAPI alike.
type shape struct {
	form   form
	fields []shapeField       // of an object, in the order of the type
	elem   *shape             // of a list
	scheme *vocabulary.Scheme // of a term
	kind   Kind               // of a reference
	embed  bool               // of a reference: views show the entry itself, not only its name

	markdown bool // of a text: it is CommonMark
	acyclic  bool // of a reference: no chain of such references may lead back
	private  bool // of a string, or a list of them: never shown in public
}

type shapeField struct {
	name  string
	index []int // for reflect.Value.FieldByIndex
	shape *shape
}

type form int

const (
	formText form = iota
	formTerm
	formReference
	formObject
	formList
	formString
	formInteger
	formNumber
	formBoolean
	formRaw // any value, kept as JSON
)

var (
	textType = reflect.TypeFor[lang.Text]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// shapeOf reads the shape of a document type. A string is a term or a reference where its `extensions` tag says
// `x-vocabulary=scheme` or `x-reference=kind` (which OpenAPI shows too); `x-embed` makes views show the entry itself, and
// `x-private` keeps a string out of them.
// It panics on a type that no document may have.
func shapeOf(t reflect.Type, tag reflect.StructTag) *shape {
	switch {
	case t == textType:
		return &shape{form: formText, markdown: isMarkdown(tag)}
	case t == rawType:
		return &shape{form: formRaw}
	case t.Kind() == reflect.Slice:
		elem := shapeOf(t.Elem(), tag)
		return &shape{form: formList, elem: elem, private: elem.private}
	case t.Kind() == reflect.Pointer:
		return shapeOf(t.Elem(), tag)
	}
	switch t.Kind() {
	case reflect.Struct:
		s := &shape{form: formObject}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || !f.IsExported() || name == "-" {
				continue
			}
			s.fields = append(s.fields, shapeField{name, f.Index, shapeOf(f.Type, f.Tag)})
		}
		return s
	case reflect.String:
		return stringShape(tag)
	case reflect.Int:
		return &shape{form: formInteger}
	case reflect.Float64:
		return &shape{form: formNumber}
	case reflect.Bool:
		return &shape{form: formBoolean}
	default:
		panic(fmt.Sprintf("a document cannot have a %v", t))
	}
}

// MarkdownFrom is how many characters a text may have, by its `validate` tag, that is CommonMark. Shorter ones are plain.
const MarkdownFrom = 2000

func isMarkdown(tag reflect.StructTag) bool {
	for rule := range strings.SplitSeq(tag.Get("validate"), ",") {
		if most, ok := strings.CutPrefix(rule, "text="); ok {
			n, err := strconv.Atoi(most)
			return err == nil && n >= MarkdownFrom
		}
	}
	return false
}

func stringShape(tag reflect.StructTag) *shape {
	s := &shape{form: formString}
	for extension := range strings.SplitSeq(tag.Get("extensions"), ",") {
		name, value, _ := strings.Cut(extension, "=")
		switch name {
		case "x-vocabulary":
			s.form, s.scheme = formTerm, vocabulary.MustGet(value)
		case "x-reference":
			s.form, s.kind = formReference, Kind(value)
		case "x-embed":
			s.embed = true
		case "x-acyclic":
			s.acyclic = true
		case "x-private":
			s.private = true
		}
	}
	return s
}

func (s *shape) field(name string) (shapeField, bool) {
	for _, f := range s.fields {
		if f.name == name {
			return f, true
		}
	}
	return shapeField{}, false
}

// names lists the names that an object may have.
func (s *shape) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}
