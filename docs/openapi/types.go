package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/hsds"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// bodies are the types that requests and answers are made of.
var bodies = []reflect.Type{
	reflect.TypeFor[catalogue.Service](), reflect.TypeFor[catalogue.Office](), reflect.TypeFor[catalogue.Place](),
	reflect.TypeFor[catalogue.Timetable](), reflect.TypeFor[catalogue.HolidaySet](), reflect.TypeFor[catalogue.Channel](),
	reflect.TypeFor[catalogue.Procedure](), reflect.TypeFor[catalogue.Way](),
	reflect.TypeFor[catalogue.Publisher](), reflect.TypeFor[api.Entry](), reflect.TypeFor[api.EntryPage](),
	reflect.TypeFor[api.QueueList](), reflect.TypeFor[api.QueuePage](), reflect.TypeFor[catalogue.Custody](), reflect.TypeFor[catalogue.Stewardship](),
	reflect.TypeFor[api.ArchivalReport](), reflect.TypeFor[api.Archivals](), reflect.TypeFor[api.ArchivalOutcomes](),
	reflect.TypeFor[api.Bulk](), reflect.TypeFor[api.BulkResult](),
	reflect.TypeFor[api.RevisionPage](), reflect.TypeFor[api.OwnRevisionPage](), reflect.TypeFor[publishing.OwnRevision](), reflect.TypeFor[api.DocumentDiff](), reflect.TypeFor[api.AuditPage](),
	reflect.TypeFor[api.ChangePage](), reflect.TypeFor[api.Status](),
	reflect.TypeFor[api.Move](), reflect.TypeFor[api.Reviewer](), reflect.TypeFor[api.Comments](), reflect.TypeFor[api.NewComment](), reflect.TypeFor[api.CommentChange](), reflect.TypeFor[api.Validation](), reflect.TypeFor[api.ValidationResult](),
	reflect.TypeFor[api.VocabularyPage](), reflect.TypeFor[api.SearchPage](), reflect.TypeFor[api.FacetItem](), reflect.TypeFor[api.CompletionPage](),
	reflect.TypeFor[api.Synonyms](), reflect.TypeFor[api.SearchReport](), reflect.TypeFor[api.SynonymsInput](), reflect.TypeFor[api.TimetableHours](), reflect.TypeFor[api.Problem](),
	reflect.TypeFor[api.Me](), reflect.TypeFor[api.KeyList](), reflect.TypeFor[api.NewKey](), reflect.TypeFor[api.Rotation](), reflect.TypeFor[api.Token](),
	reflect.TypeFor[api.ManagedPublisherList](), reflect.TypeFor[catalogue.PublisherSettings](),
	reflect.TypeFor[hsds.API](), reflect.TypeFor[hsds.ServicePage](), reflect.TypeFor[hsds.OrganizationPage](), reflect.TypeFor[hsds.ServiceAtLocationPage](),
	reflect.TypeFor[hsds.TaxonomyPage](), reflect.TypeFor[hsds.TaxonomyTermPage](),
	reflect.TypeFor[api.Import](), reflect.TypeFor[api.ImportPage](), reflect.TypeFor[api.ImportReport](), reflect.TypeFor[api.ImportLine](),
}

// tighten adds to the definitions what swag does not read from the Go types: which members are always there, that there
// are no others, bounds of texts and of elements, and formats.
func tighten(definitions object, formats map[string]object) error {
	t := tightener{definitions, formats, map[reflect.Type]bool{}}
	for _, body := range bodies {
		t.structure(body)
	}
	for name, definition := range definitions {
		d := definition.(object)
		delete(d, "x-enum-varnames")
		if d["properties"] != nil && d["additionalProperties"] == nil && name != "Document" {
			return fmt.Errorf("the description has a type %s that bodies in docs/openapi/types.go does not lead to: add it there", name)
		}
	}
	return nil
}

type tightener struct {
	definitions object
	formats     map[string]object
	done        map[reflect.Type]bool
}

var (
	textType = reflect.TypeFor[lang.Text]()
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

func (t tightener) structure(s reflect.Type) {
	for s.Kind() == reflect.Pointer || s.Kind() == reflect.Slice && s != rawType {
		s = s.Elem()
	}
	definition, ok := t.definitions[definitionName(s)].(object)
	if s.Kind() != reflect.Struct || s == timeType || t.done[s] || !ok {
		return
	}
	t.done[s] = true
	properties, _ := definition["properties"].(object)
	var required []any
	for _, f := range reflect.VisibleFields(s) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		property, ok := properties[name].(object)
		if f.Anonymous || !ok {
			continue
		}
		if options == "" {
			required = append(required, name)
		}
		properties[name] = t.property(property, f)
		t.structure(f.Type)
	}
	delete(definition, "required")
	if len(required) > 0 {
		definition["required"] = required
	}
	definition["additionalProperties"] = false
}

// property adds to the schema of a field what its type and its `validate` tag say.
func (t tightener) property(schema object, f reflect.StructField) object {
	tags := strings.Split(f.Tag.Get("validate"), ",")
	list, elements := tags, tags
	if f.Type.Kind() == reflect.Slice && f.Type != rawType {
		i := slices.Index(tags, "dive")
		if i < 0 {
			elements = nil
		} else {
			list, elements = tags[:i], tags[i+1:]
		}
		for _, tag := range list {
			t.bound(schema, tag, "Items")
		}
		items, extensions := schema["items"].(object), f.Tag.Get("extensions")
		schema["items"] = t.value(items, f.Type.Elem(), elements, extensions)
		return schema
	}
	return t.value(schema, f.Type, elements, f.Tag.Get("extensions"))
}

func (t tightener) value(schema object, of reflect.Type, tags []string, extensions string) object {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case of == textType:
		for _, tag := range tags {
			if most, ok := strings.CutPrefix(tag, "text="); ok {
				return ref(t.text(most), described(schema))
			}
		}
		return ref(localisedText, described(schema)) // what readers get
	case of == timeType:
		schema["format"] = "date-time"
	case of.Kind() == reflect.Int64:
		schema["format"] = "int64"
	case of.Kind() == reflect.Int:
		schema["format"] = "int32"
	case of.Kind() == reflect.Float64:
		schema["format"] = "double"
	case of.Kind() == reflect.String && of.PkgPath() == "":
		for _, tag := range tags {
			t.bound(schema, tag, "Length")
		}
		for extension := range strings.SplitSeq(extensions, ",") {
			name, _, _ := strings.Cut(extension, "=")
			maps.Copy(schema, t.formats[name])
		}
	}
	return schema
}

// bound adds what one rule of a `validate` tag says; of is what min and max count, Items or Length.
func (t tightener) bound(schema object, tag, of string) {
	name, value, _ := strings.Cut(tag, "=")
	switch n, err := strconv.Atoi(value); {
	case (name == "min" || name == "max") && err == nil:
		schema[name+of] = n
	default:
		maps.Copy(schema, t.formats[name])
	}
}

// text makes the definition of texts of at most so many characters, and returns its name.
func (t tightener) text(most string) string {
	name := "Text" + most
	n, err := strconv.Atoi(most)
	if err != nil {
		panic(err)
	}
	properties := object{}
	for _, tag := range lang.Tags {
		properties[string(tag)] = object{"type": "string", "minLength": 1, "maxLength": n}
	}
	form := "text"
	if n >= catalogue.MarkdownFrom {
		form = "text in CommonMark"
	}
	t.definitions[name] = object{
		"type": "object", "properties": properties, "required": []any{string(lang.Italian)}, "additionalProperties": false,
		"description": fmt.Sprintf("A %s of at most %s characters, one string per language. Italian is required.", form, most),
		"example":     object{string(lang.Italian): "Anagrafe", string(lang.English): "Registry office"},
	}
	return name
}
