package catalogue_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

func TestKindsAreReadInTheSingular(t *testing.T) {
	for _, kind := range catalogue.Kinds {
		got, err := catalogue.ParseKind(string(kind))
		if got != kind || err != nil {
			t.Errorf("ParseKind(%q): got %q, %v", kind, got, err)
		}
		if got, want := kind.Plural(), strings.ReplaceAll(string(kind), "_", "-")+"s"; got != want {
			t.Errorf("plural: got %q, want %q", got, want)
		}
	}
	for _, s := range []string{"", "services", "Service", "journey", "holiday-set"} {
		if got, err := catalogue.ParseKind(s); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("ParseKind(%q): got %q, %v, want ErrNotFound", s, got, err)
		}
	}
}

func TestParseRefTakesPublisherAndKey(t *testing.T) {
	for s, want := range map[string]catalogue.Ref{
		"a/b":                           {Publisher: "a", Key: "b"},
		"prato-comune/A.b_c~9-":         {Publisher: "prato-comune", Key: "A.b_c~9-"},
		"a/...":                         {Publisher: "a", Key: "..."},
		"a/" + strings.Repeat("k", 128): {Publisher: "a", Key: strings.Repeat("k", 128)},
	} {
		want.Kind = catalogue.KindOffice
		if got, ok := catalogue.ParseRef(catalogue.KindOffice, s); !ok || got != want || got.String() != s {
			t.Errorf("ParseRef(%q): got %+v, %t, want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "/", "a", "a/", "/b", "a/b/c", "a//b", "a/.", "../b", "a/b c", "a/è", "a/b%20", "a/b\n", "https://example.org/a",
		"a/" + strings.Repeat("k", 129),
	} {
		if got, ok := catalogue.ParseRef(catalogue.KindOffice, s); ok {
			t.Errorf("ParseRef(%q): got %+v, want none", s, got)
		}
	}
}

func TestPointersEscapeNames(t *testing.T) {
	got := catalogue.Pointer("").Field("a/b").Index(3).Field("c~d").Field("~1").Field("")
	if want := catalogue.Pointer("/a~1b/3/c~0d/~01/"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPointersLeadToValues(t *testing.T) {
	const stored = `{"costs": [{"amount": "1.00"}, null], "a/b": {"~1": ""}}`
	for p, want := range map[catalogue.Pointer]bool{
		"": true, "/costs": true, "/costs/0/amount": true, "/costs/1": true, "/a~1b/~01": true,
		"/": false, "costs": false, "/costs/2": false, "/costs/-": false, "/costs/00": false, "/costs/+1": false, "/costs/0/amount/": false, "/a/b": false,
	} {
		if got := p.Leads(stored); got != want {
			t.Errorf("%q leads to a value: got %t, want %t", p, got, want)
		}
	}
}

func TestLevelsAreKnown(t *testing.T) {
	for _, l := range catalogue.Levels {
		if !l.Known() {
			t.Errorf("%s is not known", l)
		}
	}
	for _, l := range []catalogue.Level{"", "Draft", "all"} {
		if l.Known() {
			t.Errorf("%q is known", l)
		}
	}
}

func TestErrorsAreWhatTheySay(t *testing.T) {
	ref := catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "p", Key: "k"}
	for _, test := range []struct {
		err   error
		is    error
		reads string
	}{
		{&catalogue.InvalidError{}, catalogue.ErrInvalid, "invalid document"},
		{
			&catalogue.InvalidError{Findings: catalogue.Findings{{Pointer: "/a", Rule: "type"}, {}}}, catalogue.ErrInvalid,
			`invalid document: 2 findings, first type at "/a"`,
		},
		{&catalogue.MalformedError{Rule: "json.syntax", Offset: 7}, catalogue.ErrMalformed, "malformed JSON: json.syntax at byte 7"},
		{&catalogue.MovedError{Kind: catalogue.KindService, Slug: "a"}, catalogue.ErrMoved, `moved to service "a"`},
		{&catalogue.ReferencedError{}, catalogue.ErrReferenced, "still referred to"},
		{&catalogue.ReferencedError{By: []catalogue.Ref{ref, ref}}, catalogue.ErrReferenced, "still referred to by 2 entries, first p/k"},
		{
			&catalogue.StateError{Transition: catalogue.Withdraw, Publication: catalogue.Never, Draft: catalogue.Editing}, catalogue.ErrState,
			"not possible in this state: withdraw of an entry that is never with its draft editing",
		},
	} {
		wrapped := fmt.Errorf("doing: %w", test.err)
		if !errors.Is(wrapped, test.is) || errors.Is(wrapped, catalogue.ErrNotFound) {
			t.Errorf("%T: is not (only) %v", test.err, test.is)
		}
		if got := test.err.Error(); got != test.reads {
			t.Errorf("%T: got %q, want %q", test.err, got, test.reads)
		}
	}
}

func TestSystemClockTellsWholeMicrosecondsInUTC(t *testing.T) {
	now := catalogue.SystemClock()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("got %v, want UTC in whole microseconds", now)
	}
}
