package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Stewardship is how a publisher keeps its entries true: when each must be looked at again, and what becomes of those
// that nobody looks at.
type Stewardship struct {
	Reviews            []ReviewInterval `json:"reviews,omitempty"`            // of the kinds that differ from the default
	ArchiveAfterMonths int              `json:"archiveAfterMonths,omitempty"` // how long after its review was due an entry may be archived; 0: never
}

// ReviewInterval says after how many months entries of a kind must be looked at again.
type ReviewInterval struct {
	Kind   string `json:"kind" example:"timetable"`
	Months int    `json:"months" example:"3"`
}

// Bounds of a Stewardship, in months.
const (
	maxReviewMonths  = 60
	maxArchiveMonths = 120
)

// How long it takes until somebody is told.
const (
	ReviewWarning       = 30 * 24 * time.Hour // before a review is due, its entry is in a queue
	EscalateAfterMonths = 3                   // after a review was due, it is no longer its owner's business alone; nothing is archived before
	StaleDraft          = 30 * 24 * time.Hour // after its last change, a draft that is not public is taken for forgotten
)

// perishable are the kinds that go out of date sooner, in six months instead of twelve: hours, contacts, addresses on the
// web.
var perishable = []Kind{KindOffice, KindChannel, KindTimetable}

// ParseStewardship reads what String wrote; nothing means the defaults. It returns an error for anything else.
func ParseStewardship(stored string) (s Stewardship, err error) {
	return s, parseStored(stored, &s, "how entries are kept true")
}

// String is the canonical form for storing.
func (s Stewardship) String() string {
	slices.SortFunc(s.Reviews, func(a, b ReviewInterval) int { return strings.Compare(a.Kind, b.Kind) })
	return mustEncode(s)
}

// Check adds what is wrong with a stewardship that somebody asks for.
func (s Stewardship) Check(findings *Findings) {
	seen := map[string]bool{}
	for i, r := range s.Reviews {
		at := Pointer("/reviews").Index(i)
		if _, err := ParseKind(r.Kind); err != nil {
			findings.AddOneOf(at.Field("kind"), strings.Join(KindNames(), ", "))
		} else if seen[r.Kind] {
			findings.add(finding(at.Field("kind"), ruleDuplicate, LevelDraft, r.Kind))
		}
		seen[r.Kind] = true
		findings.within(at.Field("months"), r.Months, 1, maxReviewMonths)
	}
	if s.ArchiveAfterMonths != 0 {
		findings.within("/archiveAfterMonths", s.ArchiveAfterMonths, EscalateAfterMonths, maxArchiveMonths)
	}
}

// within adds that a number is out of its bounds.
func (f *Findings) within(at Pointer, n, least, most int) {
	switch {
	case n < least:
		f.AddRange(at, strconv.Itoa(least))
	case n > most:
		f.AddRange(at, strconv.Itoa(most))
	}
}

// Complete is the same stewardship with every kind's interval in words.
func (s Stewardship) Complete() Stewardship {
	c := Stewardship{ArchiveAfterMonths: s.ArchiveAfterMonths}
	for _, kind := range Kinds {
		c.Reviews = append(c.Reviews, ReviewInterval{string(kind), s.reviewMonths(kind)})
	}
	return c
}

// reviewMonths is after how many months entries of a kind must be looked at again.
func (s Stewardship) reviewMonths(kind Kind) int {
	i := slices.IndexFunc(s.Reviews, func(r ReviewInterval) bool { return r.Kind == string(kind) })
	switch {
	case i >= 0:
		return s.Reviews[i].Months
	case slices.Contains(perishable, kind):
		return 6
	default:
		return 12
	}
}

// ReviewBy is the day by which somebody should look again whether an entry is right that was right at an instant.
func (s Stewardship) ReviewBy(kind Kind, reviewed time.Time) time.Time {
	return reviewed.AddDate(0, s.reviewMonths(kind), 0).Truncate(24 * time.Hour)
}

// Lock keeps fields of an entry for the system that feeds them.
type Lock struct {
	Source   string   `json:"source" example:"anagrafe"` // the name of the key with which that system writes
	Pointers []string `json:"pointers"`                  // JSON Pointers (RFC 6901) into the document
}

// Locks are all locks of an entry.
type Locks []Lock

// Custody says who looks after an entry, and which of its fields belong to the systems that feed them. It is for those who
// publish, not for readers, and stays as it is whatever becomes of the document.
type Custody struct {
	Owner string `json:"owner,omitempty" example:"Ufficio Anagrafe"` // a person or an office, as the publisher names them
	Locks []Lock `json:"locks,omitempty"`
}

// maxOwner is how long the name of an owner may be, in characters.
const maxOwner = 255

// Check adds what is wrong with a custody that somebody asks for, of an entry of a kind.
func (c Custody) Check(kind Kind, findings *Findings) {
	if utf8.RuneCountInString(c.Owner) > maxOwner {
		findings.AddTooLong("/owner", maxOwner)
	}
	Locks(c.Locks).check(kind, "/locks", findings)
}

// maxLocks bounds how many places of an entry may be locked.
const maxLocks = 100

// ParseLocks reads what String wrote. It returns an error for anything else.
func ParseLocks(stored string) (l Locks, err error) {
	return l, parseStored(stored, &l, "which fields are locked")
}

// String is the canonical form for storing, empty where nothing is locked.
func (l Locks) String() string {
	if len(l) == 0 {
		return ""
	}
	return mustEncode(l)
}

// check adds what is wrong with locks on an entry of a kind; at is the place of their list in the request.
func (l Locks) check(kind Kind, at Pointer, findings *Findings) {
	known := slices.DeleteFunc(specOf(kind).shape.names(), func(name string) bool { return name == "slug" })
	n := 0
	for i, lock := range l {
		if strings.TrimSpace(lock.Source) == "" {
			findings.AddRequired(at.Index(i).Field("source"))
		}
		if len(lock.Pointers) == 0 {
			findings.AddRequired(at.Index(i).Field("pointers"))
		}
		for j, p := range lock.Pointers {
			name, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
			if !strings.HasPrefix(p, "/") || !slices.Contains(known, name) {
				x := finding(at.Index(i).Field("pointers").Index(j), ruleLockable, LevelDraft, p)
				x.Near = Suggest(name, known)
				findings.add(x)
			}
		}
		n += len(lock.Pointers)
	}
	if n > maxLocks {
		findings.AddTooMany(at, maxLocks)
	}
}

// NotOf are the locks of all sources but one.
func (l Locks) NotOf(source string) Locks {
	return slices.DeleteFunc(slices.Clone(l), func(lock Lock) bool { return lock.Source == source })
}

// Guard adds the locked fields that a writer would change by putting one document in the place of another, unless they are
// locked to the writer itself.
func (l Locks) Guard(from, to Document, writer string, findings *Findings) {
	others := l.NotOf(writer)
	if len(others) == 0 {
		return
	}
	before, after := treeOf(from), treeOf(to)
	for _, lock := range others {
		for _, p := range lock.Pointers {
			if at := Pointer(p); !bytes.Equal(before.at(at), after.at(at)) {
				findings.AddLocked(at, lock.Source)
			}
		}
	}
}

// AddLocked adds that a place is locked to a source that the writer is not.
func (f *Findings) AddLocked(at Pointer, source string) {
	f.add(finding(at, ruleLocked, LevelDraft, source))
}

// treeOf is a document as JSON values.
func treeOf(doc Document) node {
	n, err := parse([]byte(Encode(doc)))
	if err != nil {
		panic(err) // it was encoded by us
	}
	return n
}

// parseStored reads JSON that was stored beside documents; nothing leaves the value as it is.
func parseStored(stored string, into any, what string) error {
	if stored == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored), into); err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}

func mustEncode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // lists of strings and numbers
	}
	return string(text)
}
