package catalogue

import (
	"reflect"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Document is the full multilingual content of an entry as its publisher wrote it: a *Service, *Office, *Place or
// another of the types in specs.
type Document interface {
	Kind() Kind
	Common() *Head
	facts(*factFinder)
	check(*checker)
	parts() []Part
}

// Head is what documents of every kind have.
type Head struct {
	Slug              string      `json:"slug,omitempty" validate:"omitempty,slug" example:"carta-d-identita"`                                                  // name in URLs; made of the Italian title where absent
	Title             lang.Text   `json:"title" validate:"required,text=255"`                                                                                   // what it is called; advice over 60 characters
	AlternativeTitles []lang.Text `json:"alternativeTitles,omitempty" validate:"max=50,dive,text=255"`                                                          // other names in use
	Summary           lang.Text   `json:"summary,omitempty" validate:"text=255"`                                                                                // one or two sentences; advice over 160 characters
	Description       lang.Text   `json:"description,omitempty" validate:"text=20000"`                                                                          // CommonMark
	Keywords          []lang.Text `json:"keywords,omitempty" validate:"max=50,dive,text=100"`                                                                   // words to be found by that are in no title
	Notices           []Notice    `json:"notices,omitempty" validate:"max=20,dive"`                                                                             // what readers should know for some time
	Contacts          []Contact   `json:"contacts,omitempty" validate:"max=50,dive"`                                                                            // the most useful first
	Links             []Link      `json:"links,omitempty" validate:"max=50,dive"`                                                                               // pages about it
	Origins           []Origin    `json:"origins,omitempty" validate:"max=50,dive"`                                                                             // where the content comes from
	Licence           string      `json:"licence,omitempty" extensions:"x-vocabulary=licences"`                                                                 // of the content
	RightsNote        lang.Text   `json:"rightsNote,omitempty" validate:"text=1000"`                                                                            // what a licence code cannot say
	HeldBack          []string    `json:"heldBack,omitempty" validate:"max=9,unique,dive,oneof=en zh ro sq ur ar fr es de" extensions:"x-private" example:"en"` // languages that readers do not get yet: they get the Italian
}

// Common makes a Head of every document's.
func (h *Head) Common() *Head { return h }

// Contact is a point of contact: one purpose, one or more ways (cv:ContactPoint).
type Contact struct {
	Label     lang.Text      `json:"label,omitempty" validate:"text=255"`
	Purpose   string         `json:"purpose,omitempty" extensions:"x-vocabulary=contact-purposes"`
	Entries   []ContactEntry `json:"entries" validate:"min=1,max=50,dive"`
	Timetable string         `json:"timetable,omitempty" extensions:"x-reference=timetable"` // when it is answered
	HoursText lang.Text      `json:"hoursText,omitempty" validate:"text=2000"`
}

// ContactEntry is one number or address of a contact.
type ContactEntry struct {
	Type      string    `json:"type" validate:"required" extensions:"x-vocabulary=contact-types"`
	Value     string    `json:"value" validate:"required,max=500" example:"+39 0574 1836096"` // a phone number, an address or a URL, by type
	Extension string    `json:"extension,omitempty" validate:"max=20"`                        // of a telephone number
	CostNote  lang.Text `json:"costNote,omitempty" validate:"text=255"`                       // what a call or a message costs
	Note      lang.Text `json:"note,omitempty" validate:"text=500"`                           // when, for what
	Languages []string  `json:"languages,omitempty" validate:"max=30" extensions:"x-vocabulary=languages"`
}

// Link is a page on the web.
type Link struct {
	URL   string    `json:"url" validate:"required,link" format:"uri"`
	Title lang.Text `json:"title,omitempty" validate:"text=255"`
}

// Image is a picture, with what it shows for those who do not see it.
type Image struct {
	URL     string    `json:"url" validate:"required,link" format:"uri"`
	Alt     lang.Text `json:"alt,omitempty" validate:"text=500"`
	Credits string    `json:"credits,omitempty" validate:"max=255"` // whose picture it is, under which licence
}

// Origin says where content comes from.
type Origin struct {
	Source string `json:"source" validate:"required,max=255" example:"www.comune.prato.it"` // system, site or repository
	Key    string `json:"key,omitempty" validate:"max=500"`                                 // its identifier there
	URL    string `json:"url,omitempty" validate:"omitempty,link" format:"uri"`             // where it was read
	SeenAt string `json:"seenAt,omitempty" validate:"omitempty,date" format:"date"`         // the day it was read
	AsOf   string `json:"asOf,omitempty" validate:"max=100" example:"2018"`                 // the date, year or school year that the source states for it
}

// spec is what the package knows of a kind.
type spec struct {
	zero  func() Document
	shape *shape
}

var specs = map[Kind]spec{
	KindPublisher:  newSpec(func() Document { return new(Publisher) }),
	KindHolidaySet: newSpec(func() Document { return new(HolidaySet) }),
	KindTimetable:  newSpec(func() Document { return new(Timetable) }),
	KindPlace:      newSpec(func() Document { return new(Place) }),
	KindOffice:     newSpec(func() Document { return new(Office) }),
	KindChannel:    newSpec(func() Document { return new(Channel) }),
	KindProcedure:  newSpec(func() Document { return new(Procedure) }),
	KindService:    newSpec(func() Document { return new(Service) }),
}

func newSpec(zero func() Document) spec {
	return spec{zero, shapeOf(reflect.TypeOf(zero()).Elem(), "")}
}

// New is an empty document of a kind.
func New(kind Kind) Document { return specOf(kind).zero() }

func specOf(kind Kind) spec {
	s, ok := specs[kind]
	if !ok {
		panic("no document type for kind " + string(kind))
	}
	return s
}

// Reference is one place in a document that names another entry.
type Reference struct {
	Pointer Pointer
	To      Ref
	Acyclic bool // no chain of such references may lead back to the entry
}

// References lists what a document refers to, in the order of the document.
func References(doc Document) []Reference {
	var found []Reference
	walk(reflect.ValueOf(doc).Elem(), specOf(doc.Kind()).shape, "", func(v reflect.Value, s *shape, at Pointer) {
		if s.form != formReference || v.String() == "" {
			return
		}
		if ref, ok := ParseRef(s.kind, v.String()); ok {
			found = append(found, Reference{at, ref, s.acyclic})
		}
	})
	return found
}

// walk calls visit for every place of a document that is no list and no object, and is not empty.
func walk(v reflect.Value, s *shape, at Pointer, visit func(reflect.Value, *shape, Pointer)) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch s.form {
	case formObject:
		for _, f := range s.fields {
			if value := v.FieldByIndex(f.index); !value.IsZero() { // most are
				walk(value, f.shape, at.Field(f.name), visit)
			}
		}
	case formList:
		for i := range v.Len() {
			walk(v.Index(i), s.elem, at.Index(i), visit)
		}
	default:
		visit(v, s, at)
	}
}

// Texts calls visit for every text of a document, in the order of the document.
func Texts(doc Document, visit func(lang.Text, Pointer)) {
	walk(reflect.ValueOf(doc).Elem(), specOf(doc.Kind()).shape, "", func(v reflect.Value, s *shape, at Pointer) {
		if s.form == formText {
			visit(v.Interface().(lang.Text), at)
		}
	})
}

// Labels lists the labels of the terms in some fields of a document.
func Labels(doc Document, fields ...string) []lang.Text {
	var labels []lang.Text
	value, s := reflect.ValueOf(doc).Elem(), specOf(doc.Kind()).shape
	for _, name := range fields {
		f, ok := s.field(name)
		if !ok {
			continue
		}
		walk(value.FieldByIndex(f.index), f.shape, "", func(v reflect.Value, s *shape, _ Pointer) {
			if term, ok := s.scheme.Term(v.String()); ok {
				labels = append(labels, term.Label)
			}
		})
	}
	return labels
}

// Acronyms lists those by which a document is known.
func Acronyms(doc Document) []string {
	switch d := doc.(type) {
	case *Service:
		return d.Acronyms
	case *Publisher:
		if d.Acronym != "" {
			return []string{d.Acronym}
		}
	}
	return nil
}

// Street is the street and number at which something is, "" where it is nowhere.
func Street(doc Document) string {
	var a *Address
	switch d := doc.(type) {
	case *Place:
		a = d.Address
	case *Publisher:
		a = d.Address
	}
	if a == nil {
		return ""
	}
	return a.StreetAddress()
}
