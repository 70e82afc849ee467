package openapi

import (
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
)

// typeName is the name of a kind as types have it: HolidaySet.
func typeName(kind catalogue.Kind) string {
	var b strings.Builder
	for part := range strings.SplitSeq(string(kind), "_") {
		b.WriteString(titled(part))
	}
	return b.String()
}

// words is the kind as sentences have it: holiday set.
func words(kind catalogue.Kind) string { return strings.ReplaceAll(string(kind), "_", " ") }

// titled begins with a capital letter.
func titled(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// article is the kind as sentences have it: an office.
func article(kind catalogue.Kind) string {
	if strings.ContainsAny(string(kind[0]), "aeiou") {
		return "an " + words(kind)
	}
	return "a " + words(kind)
}

// expand writes the operations that every kind has out for each of them, with the schemas of the kind.
func expand(doc object) {
	all := doc["paths"].(object)
	paths := object{}
	for path, item := range all {
		if !strings.Contains(path, "{kinds}") {
			paths[path] = item
			continue
		}
		for _, kind := range catalogue.Kinds {
			words := forKind(kind)
			expanded := eachString(item, words).(object)
			for _, operation := range expanded {
				narrow(operation.(object), kind)
			}
			paths[words(path)] = expanded
		}
	}
	doc["paths"] = paths
}

// forKind puts a kind where a string speaks of {kind}, and its schemas where one refers to those that stand for them.
func forKind(kind catalogue.Kind) func(string) string {
	title := typeName(kind)
	words := strings.NewReplacer(
		"/v1/{kinds}", "/v1/"+kind.Plural(), "{publisher}/{kinds}", "{publisher}/"+kind.Plural(), "exports/{kinds}", "exports/"+kind.Plural(),
		"a {kind}", article(kind), "{kinds}", words(kind)+"s", "{kind}", words(kind), "{Kinds}", title+"s", "{Kind}", title,
	)
	schemas := map[string]string{
		"#/definitions/Document": "#/definitions/" + title,
	}
	for _, name := range []string{"View", "Page", "Entry", "EntryPage"} {
		schemas["#/definitions/"+name] = "#/definitions/" + title + name
	}
	return func(s string) string {
		if to, ok := schemas[s]; ok {
			return to
		}
		return words.Replace(s)
	}
}

// narrow leaves out the filters that make no sense for a kind, and lists the fields that its views have.
func narrow(operation object, kind catalogue.Kind) {
	parameters, _ := operation["parameters"].([]any)
	operation["parameters"] = slices.DeleteFunc(parameters, func(p any) bool {
		parameter := p.(object)
		if parameter["name"] == "fields" {
			parameter["items"].(object)["enum"] = anys(catalogue.ViewFields(kind))
		}
		if parameter["name"] == "facets" {
			parameter["items"].(object)["enum"] = anys(catalogue.Filters(kind))
		}
		if parameter["name"] == "expand" {
			parameter["items"].(object)["enum"] = anys(catalogue.Expandable(kind))
		}
		if parameter["name"] == "format" && operation["operationId"] == "show"+typeName(kind) {
			parameter["enum"] = anys(format.Names(kind))
		}
		if parameter["name"] == "sort" && parameter["enum"] != nil {
			parameter["enum"] = anys(api.Sorts(kind))
		}
		return parameter["in"] == "query" && api.IsFilter(parameter["name"].(string)) && !api.Filters(kind, parameter["name"].(string))
	})
}
