package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// The schemas that views are made of; the overlay describes LocalisedText, which Swagger 2.0 cannot.
const (
	localisedText = "LocalisedText"
	termView      = "Term"
	reference     = "Reference"
)

// viewer derives what readers get from what publishers write, as catalogue.Words writes it.
type viewer struct {
	definitions object
	formats     map[string]object
}

// addViews adds for each kind its view, its item and its page, its entry and its page of entries, and for those that
// views of others show in full, how they are shown there.
func addViews(definitions object, formats map[string]object) error {
	v := viewer{definitions, formats}
	definitions[localisedText] = object{"description": "A text: a string in the wanted language, or with `lang=*` one string per language."}
	definitions[termView] = closed(object{
		"code":  v.string("x-vocabulary", object{"example": "cittadini"}),
		"uri":   object{"type": "string", "format": "uri", "description": "the official address of the term"},
		"label": ref(localisedText, nil),
	}, "A term of a vocabulary.", "code")
	definitions[reference] = v.named()
	for _, kind := range catalogue.Kinds {
		if err := v.add(kind); err != nil {
			return err
		}
	}
	v.addSearchItem()
	return nil
}

// closed is an object that has these members and no others.
func closed(properties object, description string, required ...string) object {
	s := object{"type": "object", "description": description, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = anys(required)
	}
	return s
}

func anys[T ~string](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// string is a string of a format of the overlay.
func (v viewer) string(format string, more object) object {
	s := object{"type": "string"}
	maps.Copy(s, v.formats[format])
	maps.Copy(s, more)
	return s
}

// names are the members by which every entry is known.
func (v viewer) names(kinds ...catalogue.Kind) object {
	return object{
		"id":   object{"type": "string", "format": "uuid", "description": "for ever the same", "example": "019aa2d1-0000-7000-8000-000000000000"},
		"kind": object{"type": "string", "enum": anys(kinds)},
		"key":  v.string("key", object{"description": "the publisher's own identifier", "example": "prato-s19"}),
		"slug": v.string("slug", object{"description": "the name in URLs", "example": "carta-d-identita"}),
		"url":  object{"type": "string", "format": "uri", "description": "the address of the view"},
	}
}

func (v viewer) reference() object {
	members := v.names(catalogue.Kinds...)
	members["title"] = ref(localisedText, nil)
	members["available"] = object{"type": "boolean", "enum": []any{false}, "description": "there where the entry is not public, or not any more"}
	return members
}

// named is another entry by its names; more of it is there only where a request has it expanded, which is not written out
// again: each kind leads to most of the others, and a description that did would be without end for who resolves it.
func (v viewer) named() object {
	members := v.reference()
	maps.Copy(members, opening())
	members["openNow"].(object)["description"] = "of a timetable: people are received now, even if only those who booked"
	s := closed(members, "Another entry, by its names. With `expand` it has the members of the view of its kind.", "kind", "key")
	s["additionalProperties"] = object{}
	return s
}

// common are the members of every view beside its document's.
func (v viewer) common(kind catalogue.Kind) object {
	members := v.names(kind)
	members["publisher"] = ref(reference, object{"description": "whose entry it is", "x-reference": catalogue.KindPublisher, "x-expand": true})
	members["revision"] = object{"type": "integer", "format": "int32", "minimum": 1, "description": "number of the public revision"}
	members["publishedAt"] = instant("when it first became public")
	members["updatedAt"] = instant("when the public revision became so")
	members["reviewedAt"] = instant("when somebody last made sure that it is right: when it was published, or confirmed since")
	members["lang"] = object{"type": "string", "enum": append(anys(lang.Tags), string(lang.Any)), "description": "the wanted language of the texts"}
	members["fallback"] = object{
		"type": "array", "items": object{"type": "string"}, "example": []any{"/summary"},
		"description": "JSON Pointers (RFC 6901) to the texts in another language, since the wanted one is missing: Italian where there is that",
	}
	members["outdated"] = object{
		"type": "array", "items": object{"type": "string"}, "example": []any{"/summary"},
		"description": "JSON Pointers (RFC 6901) to the texts whose Italian was changed after they were translated",
	}
	maps.Copy(members, implied(kind))
	return members
}

// implied are the members that follow from documents of a kind, now.
func implied(kind catalogue.Kind) object {
	members := object{}
	if kind == catalogue.KindService {
		members["online"] = object{"type": "boolean", "description": "it can be applied for online"}
		members["free"] = free()
		members["validity"] = validity("where now lies from validFrom and validTo; absent where there is neither")
	}
	if catalogue.HasHours(kind) {
		maps.Copy(members, opening())
	}
	return members
}

func free() object {
	return object{"type": "boolean", "description": "it costs nothing now, or something; absent where that is not known"}
}

func validity(description string) object {
	return object{"type": "string", "enum": []any{"future", "current", "past"}, "description": description}
}

// computed are the members that views add to parts of documents.
var computed = map[string]func() object{
	"Cost": func() object {
		return object{"validity": validity("where now lies from validFrom and validTo; absent where there is neither")}
	},
	"Attachment": func() object {
		return object{"validity": validity("where now lies from validFrom and validTo; absent where there is neither")}
	},
	"Deadline": func() object {
		return object{
			"validity": validity("whether it is to come, runs or is over; absent where there is no `to`"),
			"nextFrom": object{"type": "string", "format": "date", "description": "of a yearly one: the first day of the next time, or of now"},
			"nextTo":   object{"type": "string", "format": "date", "description": "of a yearly one: the last day of the next time, or of now"},
		}
	},
	"Way": func() object {
		members := opening()
		members["free"] = free()
		members["digital"] = object{"type": "boolean", "description": "nobody need go or telephone anywhere"}
		return members
	},
}

// opening are the members that say whether something is open.
func opening() object {
	return object{
		"state":    ref(termView, object{"description": "in what way it is open now, or that it is closed; absent where no timetable says", "x-vocabulary": "opening-states"}),
		"openNow":  object{"type": "boolean", "description": "people are received now, even if only those who booked"},
		"opensAt":  instant("when it opens next; absent where that does not come until the end of next year"),
		"closesAt": instant("when it closes next, after opensAt if it is closed; absent where that does not come until the end of next year"),
	}
}

func instant(description string) object {
	return object{"type": "string", "format": "date-time", "description": description}
}

func (v viewer) add(kind catalogue.Kind) error {
	title := typeName(kind)
	members := v.common(kind)
	maps.Copy(members, v.document(title))
	if got, want := slices.Sorted(maps.Keys(members)), slices.Sorted(slices.Values(catalogue.ViewFields(kind))); !slices.Equal(got, want) {
		return fmt.Errorf("views of a %s have %v, the description says %v", kind, want, got)
	}
	always := []string{"id", "kind", "key", "publisher", "slug", "url", "title", "updatedAt", "lang"}
	if kind == catalogue.KindService {
		always = append(always, "online")
	}
	item := object{}
	for name, member := range members {
		if slices.Contains(always, name) || slices.Contains(catalogue.ItemFields, name) || slices.Contains([]string{"free", "validity", "fallback", "outdated"}, name) || opening()[name] != nil {
			item[name] = clone(member)
		}
	}
	if catalogue.HasPoints(kind) {
		item["distance"] = object{"type": "integer", "format": "int32", "minimum": 0, "description": "from `near`, in metres; only where that is given"}
	}
	always = slices.Sorted(slices.Values(always))
	v.definitions[title+"Item"] = closed(item, "The summary of "+article(kind)+" in lists.", always...)
	view := closed(members, "What readers get of "+article(kind)+": texts in one language, terms and references resolved. "+
		"With `fields` there are only the members asked for; without it those listed in `x-always` are there.")
	view["x-always"] = anys(slices.Sorted(slices.Values(append(always, "revision", "publishedAt", "reviewedAt"))))
	v.definitions[title+"View"] = view
	v.page(kind)
	v.entry(title, kind)
	return nil
}

// document are the members of a document as views show them.
func (v viewer) document(name string) object {
	members := clone(v.definitions[name].(object)["properties"].(object))
	delete(members, "slug")
	maps.DeleteFunc(members, func(_ string, schema any) bool { return schema.(object)["x-private"] != nil })
	for member, schema := range members {
		members[member] = v.shown(schema.(object))
	}
	return members
}

// shown is how views show a member.
func (v viewer) shown(schema object) object {
	if items, ok := schema["items"].(object); ok {
		inner := clone(items)
		for name, value := range schema {
			if strings.HasPrefix(name, "x-") {
				inner[name] = value
				delete(schema, name)
			}
		}
		if schema["items"] = v.shown(inner); referred(schema["items"].(object)) != "" {
			delete(schema, "example") // of what publishers write
		}
		return schema
	}
	more := described(schema)
	if scheme, ok := schema["x-vocabulary"]; ok {
		more["x-vocabulary"] = scheme
		return ref(termView, more)
	}
	if kind, ok := schema["x-reference"].(string); ok {
		more["x-reference"] = kind
		if _, embed := schema["x-embed"]; embed {
			return ref(v.embedded(catalogue.Kind(kind)), more)
		}
		more["x-expand"] = true
		return ref(reference, more)
	}
	switch name := referred(schema); {
	case name == "":
		return schema
	case name == "Connection":
		return ref(v.part("Way"), more)
	case strings.HasPrefix(name, "Text"):
		return ref(localisedText, more)
	default:
		return ref(v.part(name), more)
	}
}

// part is the name of how views show a definition: its own, where that is no different.
func (v viewer) part(name string) string {
	if !v.differs(name) {
		return name
	}
	shown := name + "View"
	if _, done := v.definitions[shown]; !done {
		part := clone(v.definitions[name].(object))
		members := v.document(name)
		if more, ok := computed[name]; ok {
			maps.Copy(members, more())
		}
		part["properties"] = members
		if name == "Way" { // a shared channel that is not public says nothing, not even its type; a bare one has no sources
			part["required"] = []any{"digital"}
		}
		v.definitions[shown] = part
	}
	return shown
}

// differs reports whether views show something in a definition otherwise than publishers write it.
func (v viewer) differs(name string) bool {
	properties, _ := v.definitions[name].(object)["properties"].(object)
	for _, property := range properties {
		schema := property.(object)
		if schema["x-vocabulary"] != nil || schema["x-reference"] != nil {
			return true
		}
		if items, ok := schema["items"].(object); ok {
			schema = items
		}
		if name := referred(schema); strings.HasPrefix(name, "Text") || name != "" && v.differs(name) {
			return true
		}
	}
	return false
}

// embedded is the name of how views of others show an entry in full.
func (v viewer) embedded(kind catalogue.Kind) string {
	name := "Embedded" + typeName(kind)
	if _, done := v.definitions[name]; !done {
		v.definitions[name] = object{} // while it is made
		members := v.reference()
		maps.Copy(members, v.document(typeName(kind)))
		maps.Copy(members, implied(kind))
		members["kind"] = object{"type": "string", "enum": []any{string(kind)}}
		v.definitions[name] = closed(members, titled(article(kind))+" inside the view of another entry: its names, and where it is public, its document.", "kind", "key")
	}
	return name
}

// said is how a page says something of a search.
func (v viewer) said(name string) object {
	return clone(v.definitions["SearchPage"].(object)["properties"].(object)[name].(object))
}

// addSearchItem describes the summary of an entry of any kind, with what the search says of it.
func (v viewer) addSearchItem() {
	members := object{}
	for _, kind := range slices.Backward(catalogue.Kinds) {
		for name, schema := range v.definitions[typeName(kind)+"Item"].(object)["properties"].(object) {
			if _, known := members[name]; !known {
				members[name] = clone(schema)
			}
		}
	}
	members["kind"] = object{"type": "string", "enum": anys(catalogue.Kinds)}
	members["highlights"] = closed(object{
		"title": object{"type": "string", "description": "HTML: the title with <mark> around the words found"},
		"text":  object{"type": "string", "description": "HTML: a piece of another text with words found"},
	}, "Where the words were found.", "title")
	members["explanation"] = object{"type": "object", "additionalProperties": true, "description": "with `explain`: the parts of the score"}
	v.definitions["SearchItem"] = closed(members, "The summary of an entry of any kind that was found.", "id", "kind", "key", "publisher", "slug", "url", "title", "updatedAt", "lang")
}

func (v viewer) page(kind catalogue.Kind) {
	title := typeName(kind)
	v.definitions[title+"Page"] = closed(object{
		// Swagger 2.0 has no anyOf: orParts says what these may be besides.
		"items":      object{"type": "array", "maxItems": 200, "items": ref(title+"Item", nil)},
		"total":      object{"type": "integer", "format": "int32", "minimum": 0, "description": "of the entries on all pages"},
		"nextCursor": object{"type": "string", "description": "`cursor` of the next page; absent on the last one"},
		"missing": object{
			"type": "array", "maxItems": 200, "items": object{"type": "string"}, "description": "those of `ids` that are not public",
		},
		"didYouMean":  v.said("didYouMean"),
		"dropped":     v.said("dropped"),
		"suggestions": v.said("suggestions"),
		"facets":      v.said("facets"),
	}, "A page of "+kind.Plural()+".", "items", "total")
}

// orParts says in OpenAPI that lists hold parts of views where a request has `fields`.
func orParts(doc object) {
	schemas := doc["components"].(object)["schemas"].(object)
	for _, kind := range catalogue.Kinds {
		title := typeName(kind)
		items := schemas[title+"Page"].(object)["properties"].(object)["items"].(object)
		items["items"] = object{"anyOf": []any{
			object{"$ref": "#/components/schemas/" + title + "Item"}, object{"$ref": "#/components/schemas/" + title + "View"},
		}}
	}
}

// entry adds the entry of a kind as its publisher sees it, and the page of such entries.
func (v viewer) entry(title string, kind catalogue.Kind) {
	entry := clone(v.definitions["Entry"].(object))
	properties := entry["properties"].(object)
	properties["kind"] = object{"type": "string", "enum": []any{string(kind)}}
	properties["document"] = ref(title, object{"description": "the working document; not in lists"})
	entry["description"] = titled(article(kind)) + " as its publisher sees it: both states, and the working document."
	v.definitions[title+"Entry"] = entry
	page := clone(v.definitions["EntryPage"].(object))
	page["properties"].(object)["items"] = object{"type": "array", "maxItems": 200, "items": ref(title+"Entry", nil)}
	page["description"] = "A page of a publisher's own " + kind.Plural() + ", by key, without their documents."
	v.definitions[title+"EntryPage"] = page
}
