// Package format has the representations of public entries other than the view: those that the standards of the field
// ask for. A package below it writes one family of them, from catalogue.Look alone, and is named in the table here.
package format

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/elnormous/contenttype"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format/card"
	"github.com/comuneprato/service-catalogue/internal/format/cpsv"
	"github.com/comuneprato/service-catalogue/internal/format/deadlines"
	"github.com/comuneprato/service-catalogue/internal/format/schemaorg"
)

// A Format is a representation of one public entry.
type Format struct {
	Name      string           // the value of the parameter `format`, and part of the key under which bodies are kept
	MediaType string           // what Accept asks for, and Content-Type says, with its parameters
	Profile   string           // the address of what describes the representation; one that begins with a slash is ours
	Kinds     []catalogue.Kind // that have it; none: all
	Languages bool             // it has every language at once, whichever a reader prefers

	// Write writes the body. It returns nil for the view, which the caller writes.
	Write func(l *catalogue.Look, e *catalogue.Entry) []byte
	// Body is an empty value of the Go type of the body that an entry of a kind has, by which the API describes it; nil
	// where no type of ours has it.
	Body func(catalogue.Kind) any
}

// View is the format of who asks for no other: JSON, as the description of the API has it.
var View = &Format{Name: "json", MediaType: "application/json", Profile: "/openapi.json"}

// formats are all of them, those preferred first where a client takes several equally gladly.
var formats = []*Format{
	View,
	{Name: "jsonld", MediaType: "application/ld+json", Profile: cpsvAP, Kinds: cpsv.Kinds, Languages: true, Write: cpsv.JSONLD},
	{Name: "turtle", MediaType: "text/turtle", Profile: cpsvAP, Kinds: cpsv.Kinds, Languages: true, Write: cpsv.Turtle},
	{Name: "schemaorg", MediaType: schemaorg.MediaType, Profile: schemaorg.Profile, Kinds: schemaorg.Kinds, Write: schemaorg.Write, Body: schemaorg.Body},
	{Name: "ics", MediaType: "text/calendar", Profile: iCalendar, Kinds: deadlines.Kinds, Write: deadlines.Calendar},
	{Name: "card", MediaType: card.MediaType, Profile: "/openapi.json", Kinds: card.Kinds, Write: card.Write, Body: card.Body},
}

const (
	cpsvAP    = "https://semiceu.github.io/CPSV-AP/releases/3.2.0/"
	iCalendar = "https://www.rfc-editor.org/rfc/rfc5545"
)

// Of lists the formats that entries of a kind have, the view first.
func Of(kind catalogue.Kind) []*Format { return byKind[kind] }

var byKind = func() map[catalogue.Kind][]*Format {
	all := map[catalogue.Kind][]*Format{}
	for _, kind := range catalogue.Kinds {
		for _, f := range formats {
			if len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind) {
				all[kind] = append(all[kind], f)
			}
		}
	}
	return all
}()

// Names are the values of the parameter `format` for a kind.
func Names(kind catalogue.Kind) (names []string) {
	for _, f := range Of(kind) {
		names = append(names, f.Name)
	}
	return names
}

// Named is the format of a kind with a name; nil if there is none.
func Named(kind catalogue.Kind, name string) *Format {
	for _, f := range Of(kind) {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Acceptable is what the header Accept of a request likes best of what is offered (RFC 9110, section 12.5.1), the first where
// it likes several equally or says nothing; nil if it takes none of it. What cannot be read of the header says nothing.
func Acceptable(accept string, offered []*Format) *Format {
	types := make([]contenttype.MediaType, len(offered))
	for i, f := range offered {
		types[i] = contenttype.NewMediaType(f.MediaType)
	}
	var ranges []string
	for _, r := range element.FindAllString(charset.ReplaceAllString(accept, ""), maxRanges) {
		if _, _, err := contenttype.GetAcceptableMediaTypeFromHeader(r, types); err == nil || errors.Is(err, contenttype.ErrNoAcceptableTypeFound) {
			ranges = append(ranges, r)
		}
	}
	if len(ranges) == 0 {
		return offered[0]
	}
	found, _, err := contenttype.GetAcceptableMediaTypeFromHeader(strings.Join(ranges, ","), types)
	if err != nil { // none of them
		return nil
	}
	return offered[slices.IndexFunc(types, found.Equal)]
}

// maxRanges is how many media ranges of a header are read; nobody has so many wishes.
const maxRanges = 100

// element is one of a list in a header (RFC 9110, section 5.6.1), empty ones left out.
var element = regexp.MustCompile(`(?:"(?:\\.|[^"\\])*"|[^,"])+`)

// charset is a parameter that clients add to media types which have none: everything here is UTF-8.
var charset = regexp.MustCompile(`(?i);\s*charset=("[^"]*"|[^;,\s]*)`)

// Links are the values of the header Link (RFC 8288) of a representation of an entry: where the others are, and what describes
// it.
func Links(l *catalogue.Look, e *catalogue.Entry, shown *Format) string {
	var links []string
	for _, f := range Of(e.Ref.Kind) {
		if f == shown {
			continue
		}
		at := l.URL(e)
		if f != View {
			at += "?format=" + f.Name
		}
		links = append(links, "<"+at+`>; rel="alternate"; type="`+strings.ReplaceAll(f.MediaType, `"`, `\"`)+`"`)
	}
	profile := shown.Profile
	if strings.HasPrefix(profile, "/") {
		profile = l.PublicURL + profile
	}
	return strings.Join(append(links, "<"+profile+`>; rel="describedby"`), ", ")
}
