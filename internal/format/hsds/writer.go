package hsds

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Writer tells entries in the terms of HSDS, from a look in one of lang.Tags.
type Writer struct{ *catalogue.Look }

// say is a text in the reader's language, or in another one that there is.
func (w Writer) say(t lang.Text) string {
	s, _ := w.Text(t)
	return s
}

// message is a sentence of the program in the reader's language.
func (w Writer) message(key string, args ...any) string {
	return lang.Message(w.Lang, "hsds."+key, args...)
}

// ID is the id of an entry, "" for none.
func ID(e *catalogue.Entry) string {
	if e == nil {
		return ""
	}
	return e.ID.String()
}

// description is the description of an entry, or else its summary.
func (w Writer) description(head *catalogue.Head) string {
	if len(head.Description) > 0 {
		return w.say(head.Description)
	}
	return w.say(head.Summary)
}

// alternative is the first of some names that is not the name itself.
func alternative(name string, others ...string) string {
	i := slices.IndexFunc(others, func(other string) bool { return other != "" && other != name })
	if i < 0 {
		return ""
	}
	return others[i]
}

// joined joins the texts that there are.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}

// paragraphs makes a paragraph of each of the texts that there are.
func paragraphs(texts ...string) string { return joined("\n\n", texts...) }

// dateTime is an instant with the milliseconds that HSDS wants.
func dateTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// email is an address of mail, "" if s is none.
func email(s string) string {
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return ""
	}
	return s
}

// languages tells the languages, by their codes, in which people are served at a place of a document.
func (w Writer) languages(of catalogue.EntryID, at catalogue.Pointer, codes []string) []Language {
	var all []Language
	for i, code := range codes {
		term, ok := languageTerms.Term(code)
		if !ok {
			continue
		}
		language := Language{ID: partID(of, at.Index(i)).String(), Name: w.say(term.Label)}
		if i := slices.IndexFunc(term.Alternates, func(code string) bool { return len(code) == 2 }); i >= 0 {
			language.Code = term.Alternates[i]
		}
		all = append(all, language)
	}
	return all
}

// attributes classifies an entry by terms of its document.
func (w Writer) attributes(e *catalogue.Entry, entity string) []Attribute {
	var all []Attribute
	for _, c := range classes {
		for _, code := range c.codes(e.Document) {
			term, ok := c.scheme().Term(code)
			if !ok {
				continue
			}
			told := w.Term(c.scheme(), &term)
			told.TaxonomyDetail = nil
			all = append(all, Attribute{
				ID: uuid.NewSHA1(e.ID, []byte(c.linkType+"/"+term.Code)).String(), LinkID: e.ID.String(), TaxonomyTermID: told.ID,
				LinkType: c.linkType, LinkEntity: entity, TaxonomyTerm: told,
			})
		}
	}
	return all
}
