package catalogue

import (
	"fmt"
	"strings"
)

// Kind is the sort of an entry, in the singular as documents and answers spell it.
type Kind string

// The kinds of entries.
const (
	KindPublisher  Kind = "publisher"
	KindService    Kind = "service"
	KindOffice     Kind = "office"
	KindPlace      Kind = "place"
	KindTimetable  Kind = "timetable"
	KindHolidaySet Kind = "holiday_set"
	KindChannel    Kind = "channel"
	KindProcedure  Kind = "procedure"
)

// Kinds lists every kind in the order in which a catalogue can be loaded without forward references.
var Kinds = []Kind{
	KindPublisher, KindHolidaySet, KindTimetable, KindPlace, KindOffice, KindChannel, KindProcedure, KindService,
}

// KindNames lists the names of the kinds, in the order of Kinds.
func KindNames() []string {
	names := make([]string, len(Kinds))
	for i, kind := range Kinds {
		names[i] = string(kind)
	}
	return names
}

// Plural is the kind as paths spell it: holiday-sets.
func (k Kind) Plural() string { return strings.ReplaceAll(string(k), "_", "-") + "s" }

// ParseKind reads a kind in the singular. It returns ErrNotFound if there is no such kind.
func ParseKind(s string) (Kind, error) {
	for _, k := range Kinds {
		if string(k) == s {
			return k, nil
		}
	}
	return "", fmt.Errorf("kind %q: %w", s, ErrNotFound)
}

// Ref names an entry as its publisher does. In documents it is written `publisherKey/key`; the field that holds it
// says which kind it is of.
type Ref struct {
	Kind      Kind
	Publisher string
	Key       string
}

// String is the reference as documents write it, without the kind.
func (r Ref) String() string { return r.Publisher + "/" + r.Key }

// ParseRef reads a reference `publisherKey/key` to an entry of the given kind; ok is false if s is none.
func ParseRef(kind Kind, s string) (r Ref, ok bool) {
	publisher, key, found := strings.Cut(s, "/")
	if !found || !ValidKey(publisher) || !ValidKey(key) {
		return Ref{}, false
	}
	return Ref{Kind: kind, Publisher: publisher, Key: key}, true
}

// ValidKey reports whether s can be the key of a publisher or of an entry: 1 to 128 of A-Z a-z 0-9 . _ ~ - (the
// unreserved characters of RFC 3986), and neither "." nor "..", which paths would swallow.
func ValidKey(s string) bool {
	if len(s) < 1 || len(s) > 128 || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("._~-", c) >= 0:
		default:
			return false
		}
	}
	return true
}
