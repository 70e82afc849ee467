package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// municipality is the publisher of what belongs to no other one.
const municipality = "prato-comune"

// ipaPrefix begins the ids of records of the index of public administrations, whose code follows.
const ipaPrefix = "ipa-"

// convert makes the rows of the import and the report of the source and what was made of it by hand, which files holds
// by name. The same input gives the same output, byte by byte.
func convert(files map[string][]byte) (rows, report []byte, err error) {
	c := converter{
		counts: map[catalogue.Kind]int{}, translated: map[string]int{}, seats: map[string]string{}, seatOf: map[string]string{},
		timetableOf: map[string]string{}, sharedAs: map[use]string{},
	}
	for name, v := range map[string]any{
		sourceFile: &c.source, classificationFile: &c.class, factsFile: &c.facts, channelsFile: &c.shared,
		proceduresFile: &c.behind, hoursFile: &c.openings, translationsFile: &c.words,
	} {
		if err := decodeStrict(files[name], v); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, check := range []func(source) error{
		c.class.check, c.words.check, c.openings.check, c.facts.check, c.behind.check, c.shared.check,
	} {
		if err := check(c.source); err != nil {
			return nil, nil, err
		}
	}
	c.publishers()
	c.holidays()
	c.timetables()
	c.places()
	c.seatsOfOffices()
	c.offices()
	c.channels()
	c.services()
	report, err = c.report(files[sourceFile])
	return c.out.Bytes(), report, errors.Join(append(c.errs, err)...)
}

type converter struct {
	source      source
	class       classification
	facts       facts
	shared      sharedChannels
	behind      procedures
	openings    openings
	words       translations
	out         bytes.Buffer
	counts      map[catalogue.Kind]int
	translated  map[string]int // how many texts have a translation, by the field of the source
	notes       []note
	readings    []reading
	errs        []error
	seats       map[string]string // reference of a place by its address
	seatOf      map[string]string // reference of the place of an office, by the office's id
	timetableOf map[string]string // likewise of its timetable
	sharedAs    map[use]string    // reference of a shared channel
}

// note is what the report says of one record.
type note struct{ id, text string }

func (c *converter) note(id, format string, args ...any) {
	c.notes = append(c.notes, note{id, fmt.Sprintf(format, args...)})
}

func (c *converter) fail(id, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{id}, args...)...))
}

// row is a line of an import, as package publishing reads it.
type row struct {
	Publisher string          `json:"publisher"`
	Kind      catalogue.Kind  `json:"kind"`
	Key       string          `json:"key"`
	Document  json.RawMessage `json:"document"`
	Publish   bool            `json:"publish"`
}

// add writes a document as a row, after it has been read back and checked as an import will do.
func (c *converter) add(publisher, key string, doc catalogue.Document) {
	kind := doc.Kind()
	read, findings, err := catalogue.Decode(kind, []byte(catalogue.Encode(doc)))
	if err != nil {
		c.fail(key, "%w", err)
		return
	}
	catalogue.Check(read, catalogue.LevelPublish, &findings)
	for _, f := range findings {
		if f.Severity == catalogue.SeverityError {
			c.fail(key, "%s %s: rule %s %v", kind, f.Pointer, f.Rule, f.Args)
		}
	}
	e := json.NewEncoder(&c.out)
	e.SetEscapeHTML(false)
	err = e.Encode(row{publisher, kind, key, json.RawMessage(catalogue.Encode(read)), true})
	if err != nil {
		c.fail(key, "%w", err)
	}
	c.counts[kind]++
}

// ref names an entry of a publisher.
func ref(publisher, key string) string { return publisher + "/" + key }

// profile names the profile of an organisation: its own where it publishes, else one that the municipality keeps.
func profile(id string) string {
	if publishes(id) {
		return ref(id, id)
	}
	return ref(municipality, id)
}

// publishes reports whether an organisation publishes in the demonstration: those of the register do not.
func publishes(id string) bool { return !strings.HasPrefix(id, ipaPrefix) }

// officeRef names an office by its id.
func (c *converter) officeRef(by, id string) string {
	i := slices.IndexFunc(c.source.Offices, func(o office) bool { return o.ID == id })
	if i < 0 {
		c.fail(by, "there is no office %q", id)
		return ""
	}
	return ref(c.source.Offices[i].Organisation, id)
}

// text makes a text of an optional Italian string.
func text(s string) lang.Text {
	if s == "" {
		return nil
	}
	return lang.Of(s)
}

func texts(list []string) []lang.Text {
	var made []lang.Text
	for _, s := range list {
		made = append(made, lang.Of(s))
	}
	return made
}

// list writes items as a CommonMark list, one item as a paragraph. The source has no characters that CommonMark would
// read as markup; a test holds it to that.
func list(items []string, marker func(i int) string) lang.Text {
	if len(items) < 2 {
		return text(strings.Join(items, ""))
	}
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = marker(i) + item
	}
	return text(strings.Join(lines, "\n"))
}

func bullet(int) string { return "- " }

func numbered(i int) string { return fmt.Sprintf("%d. ", i+1) }

// capitalised begins a text with a capital letter, unless its first word is an address on the web.
func capitalised(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.Contains(first, ".") {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// origins says where a record comes from: what it was found in first, with the date that the source states.
func (c *converter) origins(f found, asOf string) []catalogue.Origin {
	list := []catalogue.Origin{{Source: f.Source.Repo, URL: f.Source.URL, AsOf: asOf}}
	switch f.Source.Type {
	case "web_page":
		list[0].Source = host(f.Source.URL)
		words, ok := c.class.SiteKinds[f.Source.SiteKind]
		if !ok {
			c.fail(f.ID, "site_kind %q is not in the classification", f.Source.SiteKind)
		}
		if words != "" {
			list[0].Source += " (" + words + ")"
		}
	case "repository":
		list[0].Key = f.Source.Path
		if f.Source.Key != "" {
			list[0].Key += "#" + f.Source.Key
		}
		list[0].Key += "@" + f.Source.Commit
	default:
		c.fail(f.ID, "source.type %q", f.Source.Type)
	}
	for _, address := range f.AdditionalSources {
		list = append(list, catalogue.Origin{Source: host(address), URL: address})
	}
	return list
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// rights tells what may be done with the texts: the note of the record in English, and its Italian.
func (c *converter) rights(f found) lang.Text {
	italian, ok := c.class.Rights[f.License]
	if !ok {
		c.fail(f.ID, "license %q is not in the classification", f.License)
	}
	return lang.Text{lang.Italian: italian, lang.English: f.License}
}

// contacts groups numbers and addresses by their purpose: those without one stand together, where the first of them is.
func (c *converter) contacts(phones []phone, emails []string, pec string) []catalogue.Contact {
	var made []catalogue.Contact
	add := func(purpose string, e catalogue.ContactEntry) {
		i := slices.IndexFunc(made, func(x catalogue.Contact) bool { return x.Purpose == purpose })
		if i < 0 {
			i = len(made)
			made = append(made, catalogue.Contact{Purpose: purpose})
		}
		made[i].Entries = append(made[i].Entries, e)
	}
	for _, p := range phones {
		e := catalogue.ContactEntry{Type: phoneType(p.Number), Value: p.Number, Note: text(p.Note)}
		add(c.class.ContactPurposes[p.Note], e)
	}
	for _, address := range emails {
		add("", catalogue.ContactEntry{Type: "email", Value: address})
	}
	if pec != "" {
		add("", catalogue.ContactEntry{Type: "pec", Value: pec})
	}
	return made
}

// phoneType tells Italian freephone numbers, which begin with 800, from others.
func phoneType(number string) string {
	if strings.HasPrefix(number, "800") {
		return "freephone"
	}
	return "phone"
}

// status maps the state of a record to the status of its entry.
func (c *converter) status(id, found string) (status string, reason lang.Text) {
	switch found {
	case "published":
		return catalogue.StatusActive, nil
	case "historical":
		return "inactive", text("scheda storica")
	}
	c.fail(id, "status %q", found)
	return "", nil
}
