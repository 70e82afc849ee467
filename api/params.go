package api

import (
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// params are the parameters of a request, with all that is wrong with them.
type params struct {
	values   url.Values
	findings catalogue.Findings
}

// query reads the parameters of a request, of which it knows these.
func query(c echo.Context, known ...string) *params {
	p := &params{}
	if c.Request().URL.RawQuery == "" {
		return p
	}
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		p.refuse("", "query_syntax")
	}
	p.values = values // those that could be read
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case slices.ContainsFunc(values[name], unclean):
			p.refuse(name, "character", "U+FFFD")
		case slices.ContainsFunc(values[name], isEmptyList):
			p.refuse(name, "blank")
		}
		if !slices.Contains(known, name) {
			p.findings.AddParameter(name, "unknown_parameter", catalogue.Suggest(name, known), name)
		}
	}
	return p
}

// unclean reports whether a value has bytes that are no UTF-8, or control characters, which no parameter needs and
// PostgreSQL cannot store.
func unclean(value string) bool {
	return !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl)
}

// isEmptyList reports whether a value says nothing: a filter that is there should filter.
func isEmptyList(value string) bool { return strings.Trim(value, ", ") == "" }

func (p *params) refuse(name, rule string, args ...any) {
	p.findings.AddParameter(name, rule, "", args...)
}

// err is a queryError if anything is wrong.
func (p *params) err() error {
	if len(p.findings) == 0 {
		return nil
	}
	return &queryError{p.findings}
}

func (p *params) has(name string) bool { return p.values.Has(name) }

// one is the value of a parameter that may be given once.
func (p *params) one(name string) string {
	if len(p.values[name]) > 1 {
		p.refuse(name, "once")
	}
	return p.values.Get(name)
}

// note is a text for the history, or for readers.
func (p *params) note(name string) string {
	note := p.one(name)
	if utf8.RuneCountInString(note) > catalogue.MaxNote {
		p.refuse(name, "too_long", catalogue.MaxNote)
	}
	return note
}

// many are the values of a parameter that may be repeated.
func (p *params) many(name string) []string { return p.values[name] }

// commas are the values of a parameter that takes a list with commas.
func (p *params) commas(name string) []string {
	var all []string
	for _, value := range p.values[name] {
		parts := strings.Split(value, ",")
		if slices.Contains(parts, "") && !isEmptyList(value) { // which query has refused
			p.refuse(name, "blank")
		}
		all = append(all, parts...)
	}
	return all
}

// number is a whole number from 1 to most, standard where it is not given.
func (p *params) number(name string, standard, most int) int {
	if !p.has(name) {
		return standard
	}
	n, err := strconv.Atoi(p.one(name))
	if err != nil || n < 1 || n > most {
		p.refuse(name, "number", 1, most)
		return standard
	}
	return n
}

// flag is a parameter that is true or false.
func (p *params) flag(name string) bool {
	switch v := p.one(name); v {
	case "true":
		return true
	case "", "false": // an empty value was refused already
		return false
	default:
		p.refuse(name, "one_of", "true, false")
		return false
	}
}

// position is a place in the feed, standard where it is not given.
func (p *params) position(name string, standard int64) int64 {
	if !p.has(name) {
		return standard
	}
	return p.parsePosition(name, p.one(name))
}

func (p *params) parsePosition(name, value string) int64 {
	position, err := strconv.ParseInt(value, 10, 64)
	if err != nil || position < 0 {
		p.refuse(name, "position")
	}
	return position
}

// instant is a moment (RFC 3339) or a day, which begins at midnight UTC; zero where it is not given.
func (p *params) instant(name string) time.Time {
	if !p.has(name) {
		return time.Time{}
	}
	t, ok := parseInstant(p.one(name))
	if !ok {
		p.refuse(name, "instant")
	}
	return t
}

func parseInstant(value string) (t time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// filters are the values of filters.
func (p *params) filters(names []string) map[string][]string {
	values := map[string][]string{}
	for _, name := range names {
		if !p.has(name) {
			continue
		}
		switch filter, _ := catalogue.FilterNamed(name); {
		case filter.Scheme != "":
			values[name] = p.terms(name, filter.Scheme)
		case filter.Flag:
			values[name] = []string{strconv.FormatBool(p.flag(name))}
		default:
			values[name] = p.many(name)
		}
	}
	return values
}

// maxRadius is half of the way around the Earth, in metres.
const maxRadius = 20_000_000

// near is a point `lat,lon` in degrees with how far around it, in metres; nil where it is not given.
func (p *params) near() *snapshot.Near {
	if !p.has("near") {
		if p.has("radius") {
			p.refuse("radius", "needs", "near")
		}
		return nil
	}
	lat, lon, _ := strings.Cut(p.one("near"), ",")
	n := &snapshot.Near{Point: catalogue.Point{Lat: p.degrees("near", lat, 90), Lon: p.degrees("near", lon, 180)}}
	if p.has("radius") {
		n.Radius = float64(p.number("radius", 0, maxRadius))
	}
	return n
}

func (p *params) degrees(name, value string, most float64) *float64 {
	degrees, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(math.Abs(degrees) <= most) {
		p.refuse(name, "point")
		degrees = 0
	}
	return &degrees
}

// date is a day between the years 1900 and 2999, beyond which nobody keeps hours.
func (p *params) date(name string) hours.Date {
	d, ok := hours.ParseDate(p.one(name))
	if year, _, _ := d.Civil(); !ok || year < 1900 || year > 2999 {
		p.refuse(name, "date")
	}
	return d
}

// oneOf is a value of a list, "" where it is not given.
func (p *params) oneOf(name string, allowed []string) string {
	value := p.one(name)
	if p.has(name) {
		p.known(name, value, allowed)
	}
	return value
}

// What parameters call the kinds, and the languages that problems and sentences are in.
var (
	kindNames   = catalogue.KindNames()
	spokenNames = names(lang.Spoken)
)

// names are the elements of a list as strings.
func names[S ~string](list []S) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = string(s)
	}
	return all
}

// html reports whether texts in CommonMark are wanted as HTML.
func (p *params) html() bool { return p.oneOf("text", textForms) == textForms[1] }

// textForms are the values of the parameter text.
var textForms = []string{"markdown", "html"}

// known refuses a value that is not in a list.
func (p *params) known(name, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		p.findings.AddParameter(name, "one_of", catalogue.Suggest(value, allowed), strings.Join(allowed, ", "))
	}
}

// terms are codes of a vocabulary, given as codes or URIs.
func (p *params) terms(name, scheme string) []string {
	list := vocabulary.MustGet(scheme)
	var codes []string
	for _, value := range p.many(name) {
		term, ok := list.Term(value)
		if !ok {
			nearest, _ := list.Nearest(value)
			p.findings.AddParameter(name, "term", nearest, value, scheme)
			continue
		}
		codes = append(codes, term.Code)
	}
	return codes
}
