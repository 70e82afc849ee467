package catalogue

import (
	"time"

	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Entry is a published entry as the read side knows it.
type Entry struct {
	ID          EntryID
	Ref         Ref
	Slug        string
	Revision    int
	PublishedAt time.Time // first
	UpdatedAt   time.Time // the latest revision, or when it was withdrawn
	ReviewedAt  time.Time // when somebody last made sure that it is right
	Label       lang.Text // the title, kept when the entry is no longer public
	Document    Document  // nil where the entry is no longer public
	Outdated    Outdated  // of its document

	Schedule      *hours.Schedule // of a public timetable, else nil
	ScheduleSince time.Time       // when the timetable or one of the holiday sets that it names last changed
}

// NewEntry completes an entry by what its document, nil where it is no longer public, implies, and what that refers to.
func NewEntry(e Entry, doc Document, r Resolver) Entry {
	if e.Document = doc; doc != nil {
		e.Label = doc.Common().Title
	}
	if timetable, ok := doc.(*Timetable); ok {
		f := finder{Resolver: r, saw: func(t time.Time) {
			if t.After(e.ScheduleSince) {
				e.ScheduleSince = t
			}
		}}
		f.saw(e.UpdatedAt)
		e.Schedule, _ = timetable.compile(f)
	}
	return e
}

// Available reports whether the entry is public.
func (e *Entry) Available() bool { return e.Document != nil }

// Resolver finds what a reference names; nil if there is no such entry.
type Resolver interface{ Resolve(Ref) *Entry }
