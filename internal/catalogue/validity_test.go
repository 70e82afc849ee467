package catalogue_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// change is what a place in a view says from an instant on; nil is nothing at all.
type change struct {
	at   string // RFC 3339
	says any
}

const (
	future, current, past = "future", "current", "past"

	noticeText   = "/notices/0/text"
	nextDeadline = "/deadlines/0/nextTo"
)

// clockTests say what happens to a view when nobody publishes anything.
var clockTests = []struct {
	name    string
	doc     catalogue.Document
	at      string
	first   any
	changes []change
	forever bool // and so on, every year
	items   bool // the summary in lists changes with it
}{
	{
		name: "notice of two days in winter", doc: noticed(catalogue.Notice{From: "2026-01-15", To: "2026-01-16"}), at: noticeText,
		changes: []change{{"2026-01-15T00:00:00+01:00", "Avviso"}, {"2026-01-17T00:00:00+01:00", nil}},
	},
	{
		name: "notice of one day in summer", doc: noticed(catalogue.Notice{From: "2026-07-15", To: "2026-07-15"}), at: noticeText,
		changes: []change{{"2026-07-15T00:00:00+02:00", "Avviso"}, {"2026-07-16T00:00:00+02:00", nil}},
	},
	{
		name: "notice of the day on which summer time begins", doc: noticed(catalogue.Notice{From: "2026-03-29", To: "2026-03-29"}), at: noticeText,
		changes: []change{{"2026-03-29T00:00:00+01:00", "Avviso"}, {"2026-03-30T00:00:00+02:00", nil}},
	},
	{
		name: "notice of the day on which summer time ends", doc: noticed(catalogue.Notice{From: "2026-10-25", To: "2026-10-25"}), at: noticeText,
		changes: []change{{"2026-10-25T00:00:00+02:00", "Avviso"}, {"2026-10-26T00:00:00+01:00", nil}},
	},
	{
		name: "notice between instants", doc: noticed(catalogue.Notice{From: "2026-07-15T06:30:00Z", To: "2026-07-15T14:00:00.5+02:00"}), at: noticeText,
		changes: []change{{"2026-07-15T06:30:00Z", "Avviso"}, {"2026-07-15T12:00:00.5Z", nil}},
	},
	{
		name: "notice until an instant finer than our clock", doc: noticed(catalogue.Notice{To: "2026-07-15T12:00:00.1234567Z"}), at: noticeText, first: "Avviso",
		changes: []change{{"2026-07-15T12:00:00.123456Z", nil}},
	},
	{
		name: "notice without an end", doc: noticed(catalogue.Notice{From: "2026-07-15"}), at: noticeText,
		changes: []change{{"2026-07-15T00:00:00+02:00", "Avviso"}},
	},
	{
		name: "notice without a beginning", doc: noticed(catalogue.Notice{To: "2026-07-15"}), at: noticeText, first: "Avviso",
		changes: []change{{"2026-07-16T00:00:00+02:00", nil}},
	},
	{
		name: "two notices", doc: noticed(catalogue.Notice{From: "2026-01-15", To: "2026-01-20"}, catalogue.Notice{Title: lang.Of("Due"), From: "2026-01-16", To: "2026-01-17"}),
		at: "/notices/1/title", changes: []change{
			{"2026-01-15T00:00:00+01:00", nil}, {"2026-01-16T00:00:00+01:00", "Due"}, {"2026-01-18T00:00:00+01:00", nil}, {"2026-01-21T00:00:00+01:00", nil},
		},
	},
	{
		name: "notice without times", doc: noticed(catalogue.Notice{}), at: noticeText, first: "Avviso",
	},
	{
		name: "price to come, told beforehand", doc: priced(
			catalogue.Cost{Amount: "22.21", Currency: "EUR", ValidTo: "2026-06-30"}, catalogue.Cost{Amount: "23.00", Currency: "EUR", ValidFrom: "2026-07-01"}),
		at: "/costs/1/validity", first: future, items: true, changes: []change{{"2026-07-01T00:00:00+02:00", current}},
	},
	{
		name: "price that ends", doc: priced(
			catalogue.Cost{Amount: "22.21", Currency: "EUR", ValidTo: "2026-06-30"}, catalogue.Cost{Amount: "23.00", Currency: "EUR", ValidFrom: "2026-07-01"}),
		at: "/costs/0/validity", first: current, items: true, changes: []change{{"2026-07-01T00:00:00+02:00", past}},
	},
	{
		name: "free from a day on", doc: priced(catalogue.Cost{Amount: "22.21", Currency: "EUR", ValidTo: "2026-12-31"}, catalogue.Cost{Free: true, ValidFrom: "2027-01-01"}),
		at: "/free", first: false, items: true, changes: []change{{"2027-01-01T00:00:00+01:00", true}},
	},
	{
		name: "not known to be free, then known", doc: priced(catalogue.Cost{Free: true, ValidFrom: "2027-01-01"}), at: "/free", items: true,
		changes: []change{{"2027-01-01T00:00:00+01:00", true}},
	},
	{
		name: "price of a connection", doc: &catalogue.Service{
			Head: catalogue.Head{Title: lang.Of("Servizio")}, Costs: []catalogue.Cost{{Free: true}},
			Connections: []catalogue.Connection{{
				Inline: &catalogue.Inline{Access: catalogue.Access{Type: "01"}},
				Costs:  []catalogue.Cost{{Amount: "1", Currency: "EUR", ValidTo: "2026-07-15"}, {Free: true, ValidFrom: "2026-07-16"}},
			}},
		}, at: "/connections/0/free", first: false, items: true, changes: []change{{"2026-07-16T00:00:00+02:00", true}},
	},
	{
		name: "document", doc: &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Servizio")}, Documents: []catalogue.Attachment{{
			Title: lang.Of("Bando"), ValidFrom: "2026-02-28", ValidTo: "2026-06-30", Files: []catalogue.File{{URL: "https://example.org"}},
		}}}, at: "/documents/0/validity", first: future,
		changes: []change{{"2026-02-28T00:00:00+01:00", current}, {"2026-07-01T00:00:00+02:00", past}},
	},
	{
		name: "form of a procedure", doc: &catalogue.Procedure{Head: catalogue.Head{Title: lang.Of("Rilascio")}, Forms: []catalogue.Attachment{{
			Title: lang.Of("Modulo"), ValidTo: "2026-06-30", Files: []catalogue.File{{URL: "https://example.org"}},
		}}}, at: "/forms/0/validity", first: current, changes: []change{{"2026-07-01T00:00:00+02:00", past}},
	},
	{
		name: "deadline with a window", doc: due(catalogue.Deadline{From: "2026-03-01", To: "2026-03-31"}), at: "/deadlines/0/validity", first: future,
		changes: []change{{"2026-03-01T00:00:00+01:00", current}, {"2026-04-01T00:00:00+02:00", past}},
	},
	{
		name: "deadline on a day", doc: due(catalogue.Deadline{To: "2026-03-31"}), at: "/deadlines/0/validity", first: current,
		changes: []change{{"2026-04-01T00:00:00+02:00", past}},
	},
	{
		name: "deadline after something", doc: due(catalogue.Deadline{Offset: "P30D"}), at: "/deadlines/0/validity",
	},
	{
		name: "window of every year", doc: due(catalogue.Deadline{From: "2026-03-01", To: "2026-03-31", Yearly: true}), at: "/deadlines/0/validity", first: future, forever: true,
		changes: []change{
			{"2026-03-01T00:00:00+01:00", current},
			{"2026-04-01T00:00:00+02:00", future},
			{"2027-03-01T00:00:00+01:00", current},
			{"2027-04-01T00:00:00+02:00", future},
		},
	},
	{
		name: "window of every year, the next one", doc: due(catalogue.Deadline{From: "2026-03-01", To: "2026-03-31", Yearly: true}), at: "/deadlines/0/nextFrom",
		first: "2026-03-01", forever: true,
		changes: []change{
			{"2026-03-01T00:00:00+01:00", "2026-03-01"},
			{"2026-04-01T00:00:00+02:00", "2027-03-01"},
			{"2027-03-01T00:00:00+01:00", "2027-03-01"},
			{"2027-04-01T00:00:00+02:00", "2028-03-01"},
		},
	},
	{
		name: "window of every year over New Year", doc: due(catalogue.Deadline{From: "2026-12-15", To: "2027-01-15", Yearly: true}), at: nextDeadline,
		first: "2027-01-15", forever: true,
		changes: []change{
			{"2026-12-15T00:00:00+01:00", "2027-01-15"},
			{"2027-01-16T00:00:00+01:00", "2028-01-15"},
			{"2027-12-15T00:00:00+01:00", "2028-01-15"},
			{"2028-01-16T00:00:00+01:00", "2029-01-15"},
		},
	},
	{
		name: "day of every year that began long ago", doc: due(catalogue.Deadline{To: "1999-06-16", Yearly: true}), at: nextDeadline,
		first: "2025-06-16", forever: true,
		changes: []change{{"2025-06-17T00:00:00+02:00", "2026-06-16"}, {"2026-06-17T00:00:00+02:00", "2027-06-16"}},
	},
	{
		name: "29 February of every year", doc: due(catalogue.Deadline{To: "2024-02-29", Yearly: true}), at: nextDeadline,
		first: "2025-02-28", forever: true,
		changes: []change{
			{"2025-03-01T00:00:00+01:00", "2026-02-28"},
			{"2026-03-01T00:00:00+01:00", "2027-02-28"},
			{"2027-03-01T00:00:00+01:00", "2028-02-29"},
			{"2028-03-01T00:00:00+01:00", "2029-02-28"},
		},
	},
	{
		name: "window of every year from 29 February", doc: due(catalogue.Deadline{From: "2024-02-29", To: "2024-03-10", Yearly: true}), at: "/deadlines/0/validity",
		first: future, forever: true,
		changes: []change{
			{"2025-02-28T00:00:00+01:00", current},
			{"2025-03-11T00:00:00+01:00", future},
			{"2026-02-28T00:00:00+01:00", current},
			{"2026-03-11T00:00:00+01:00", future},
			{"2027-02-28T00:00:00+01:00", current},
			{"2027-03-11T00:00:00+01:00", future},
			{"2028-02-29T00:00:00+01:00", current},
			{"2028-03-11T00:00:00+01:00", future},
		},
	},
	{
		name: "window of a year that begins where it ends", doc: due(catalogue.Deadline{From: "2026-01-01", To: "2026-12-31", Yearly: true}), at: "/deadlines/0/validity",
		first: future, forever: true,
		changes: []change{{"2026-01-01T00:00:00+01:00", current}, {"2027-01-01T00:00:00+01:00", current}, {"2028-01-01T00:00:00+01:00", current}},
	},
	{
		name: "term of a procedure", doc: &catalogue.Procedure{
			Head: catalogue.Head{Title: lang.Of("Rilascio")}, OtherTerms: []catalogue.Deadline{{Title: lang.Of("Termine"), To: "2026-07-15"}},
		}, at: "/otherTerms/0/validity", first: current, changes: []change{{"2026-07-16T00:00:00+02:00", past}},
	},
	{
		name: "service of a summer", doc: &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Centri estivi")}, ValidFrom: "2026-06-10", ValidTo: "2026-11-15"},
		at: "/validity", first: future, items: true,
		changes: []change{{"2026-06-10T00:00:00+02:00", current}, {"2026-11-16T00:00:00+01:00", past}},
	},
	{
		name: "service from a day on", doc: &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Servizio")}, ValidFrom: "2026-06-10"},
		at: "/validity", first: future, items: true, changes: []change{{"2026-06-10T00:00:00+02:00", current}},
	},
}

func noticed(notices ...catalogue.Notice) catalogue.Document {
	for i := range notices {
		notices[i].Text = lang.Of("Avviso")
	}
	return &catalogue.Place{Head: catalogue.Head{Title: lang.Of("Palazzo"), Notices: notices}}
}

func priced(costs ...catalogue.Cost) catalogue.Document {
	return &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Servizio")}, Costs: costs}
}

func due(d catalogue.Deadline) catalogue.Document {
	d.Title = lang.Of("Termine")
	return &catalogue.Service{Head: catalogue.Head{Title: lang.Of("Servizio")}, Deadlines: []catalogue.Deadline{d}}
}

// longAgo is when the entries of clockTests became as they are.
var longAgo = time.Date(1999, 6, 1, 0, 0, 0, 0, time.UTC)

func instantOf(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestViewsChangeWithTheClockExactlyWhenTheySay(t *testing.T) {
	for _, test := range clockTests {
		t.Run(test.name, func(t *testing.T) {
			e := cataloguetest.NewEntry(sampleRefs[test.doc.Kind()], test.doc, 1)
			e.UpdatedAt, e.ReviewedAt = longAgo, longAgo
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			if len(test.changes) > 0 {
				start = instantOf(t, test.changes[0].at)
			}
			followClock(t, e, catalogue.Words.View, test.at, start.AddDate(0, 0, -20), test.first, test.changes, test.forever)
		})
	}
}

// followClock shows an entry just before and just after each instant at which it is to change, and half way to the next.
func followClock(
	t *testing.T, e *catalogue.Entry, show func(catalogue.Words, *catalogue.Entry) catalogue.Rendered, pointer string, now time.Time, says any,
	changes []change, forever bool,
) {
	t.Helper()
	const instant = time.Microsecond // the smallest step of our clock
	look := func(now time.Time, says any) catalogue.Rendered {
		r := show(catalogue.Words{Lang: lang.Italian, PublicURL: publicURL, Resolver: cataloguetest.Entries{}, Now: now.UTC()}, e)
		if got, _ := at(parsed(t, r.Object), pointer); got != says {
			t.Errorf("at %v, %s: got %v, want %v", now, pointer, got, says)
		}
		return r
	}
	r := look(now, says)
	for i, c := range changes {
		then := instantOf(t, c.at)
		if !r.ValidUntil.Equal(then) {
			t.Errorf("at %v: got it valid until %v, want %v", now, r.ValidUntil, then)
		}
		before := look(then.Add(-instant), says)
		if !bytes.Equal(encoded(t, before.Object), encoded(t, r.Object)) {
			t.Errorf("just before %v: got another view than at %v", then, now)
		}
		if !before.ValidUntil.Equal(then) || i > 0 && !before.Modified.Equal(r.Modified) {
			t.Errorf("just before %v: got it valid from %v until %v, want from %v until then", then, before.Modified, before.ValidUntil, r.Modified)
		}
		now, says = then, c.says
		r = look(now, says)
		if !r.Modified.Equal(then) {
			t.Errorf("at %v: got it modified at %v, want then", then, r.Modified)
		}
		if changed := !bytes.Equal(encoded(t, before.Object), encoded(t, r.Object)); !changed && !forever {
			t.Errorf("at %v: got the view as it was before, want another", then)
		}
	}
	if r.ValidUntil.IsZero() == forever {
		t.Errorf("at %v: got it valid until %v, want for ever %t", now, r.ValidUntil, !forever)
	}
}

func TestItemsChangeWithTheClockExactlyWhenTheySay(t *testing.T) {
	for _, test := range clockTests {
		t.Run(test.name, func(t *testing.T) {
			e := cataloguetest.NewEntry(sampleRefs[test.doc.Kind()], test.doc, 1)
			w := catalogue.Words{Lang: lang.Italian, PublicURL: publicURL, Resolver: cataloguetest.Entries{}}
			if len(test.changes) == 0 {
				return
			}
			then := instantOf(t, test.changes[0].at).UTC()
			w.Now = then.Add(-time.Microsecond)
			before := w.Item(e)
			if !test.items {
				if !before.ValidUntil.IsZero() {
					t.Errorf("got an item that is valid until %v, want for ever", before.ValidUntil)
				}
				return
			}
			w.Now = then
			after := w.Item(e)
			if !before.ValidUntil.Equal(then) || !after.Modified.Equal(then) {
				t.Errorf("got it valid until %v, then modified at %v, want %v", before.ValidUntil, after.Modified, then)
			}
			if s, ok := test.doc.(*catalogue.Service); ok {
				free, since, until := s.FreeAt(then)
				if shown, known := parsed(t, after.Object)["free"]; known != (free != nil) || known && shown != *free {
					t.Errorf("FreeAt: got %v, want what the item says, %v", free, shown)
				}
				if test.at == "/free" && (!since.Equal(then) || !until.IsZero()) {
					t.Errorf("FreeAt: got it true from %v until %v, want from %v for ever", since, until, then)
				}
			}
		})
	}
}

func TestWhatIsShownInsideChangesTheViewAroundIt(t *testing.T) {
	entries := cataloguetest.NewEntries()
	for _, e := range entries {
		e.UpdatedAt, e.ReviewedAt = longAgo, longAgo
	}
	office := &catalogue.Office{Head: catalogue.Head{
		Slug: "anagrafe", Title: lang.Of("Anagrafe"), Notices: []catalogue.Notice{{Text: lang.Of("Chiuso"), From: "2026-07-15", To: "2026-07-16"}},
	}}
	entries[cataloguetest.OfficeRef] = cataloguetest.NewEntry(cataloguetest.OfficeRef, office, 1)
	entries[cataloguetest.OfficeRef].UpdatedAt, entries[cataloguetest.OfficeRef].ReviewedAt = longAgo, longAgo
	portalOf(entries).Notices = []catalogue.Notice{{Text: lang.Of("Fermo"), From: "2026-07-15T10:00:00Z", To: "2026-07-15T11:00:00Z"}}
	entries[cataloguetest.ChannelRef].UpdatedAt, entries[cataloguetest.ChannelRef].ReviewedAt = longAgo, longAgo
	for name, test := range map[string]struct {
		doc        catalogue.Service
		at, begins string
		ends       string
	}{
		"responsible office": {
			catalogue.Service{ResponsibleOffice: cataloguetest.OfficeRef.String()},
			"/responsibleOffice/notices/0/text",
			"2026-07-15T00:00:00+02:00", "2026-07-17T00:00:00+02:00",
		},
		"shared channel": {
			catalogue.Service{Connections: []catalogue.Connection{{Channel: cataloguetest.ChannelRef.String()}}},
			"/connections/0/notices/0/text",
			"2026-07-15T10:00:00Z", "2026-07-15T11:00:00Z",
		},
		"office by name alone": {catalogue.Service{Offices: []string{cataloguetest.OfficeRef.String()}}, "/offices/0/notices", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.doc.Title = lang.Of("Servizio")
			e := cataloguetest.NewEntry(cataloguetest.ServiceRef, &test.doc, 1)
			e.UpdatedAt, e.ReviewedAt = longAgo, longAgo
			var changes []change
			if test.begins != "" {
				text := map[string]string{"responsible office": "Chiuso", "shared channel": "Fermo"}[name]
				changes = []change{{test.begins, text}, {test.ends, nil}}
			}
			show := func(w catalogue.Words, e *catalogue.Entry) catalogue.Rendered {
				w.Resolver = entries
				return w.View(e)
			}
			followClock(t, e, show, test.at, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), nil, changes, false)
		})
	}
}

// TestViewsStayAsTheyAreUntilTheySay draws documents of every kind, and looks at each again before it says that it may
// change.
func TestViewsStayAsTheyAreUntilTheySay(t *testing.T) {
	samples := cataloguetest.NewEntries()
	everyKind(t, func(t *rapid.T, doc catalogue.Document) {
		known := anyone{}
		for kind, ref := range sampleRefs {
			known[kind] = samples[ref]
		}
		e := catalogue.NewEntry(catalogue.Entry{Ref: sampleRefs[doc.Kind()], UpdatedAt: cataloguetest.Epoch}, doc, known)
		w := catalogue.Words{Lang: lang.Any, PublicURL: publicURL, Resolver: known}
		now := cataloguetest.Epoch.Add(time.Duration(rapid.Int64Range(-9000*24*3600, 9000*24*3600).Draw(t, "now")) * time.Second)
		var before []byte
		for range 5 {
			w.Now = now
			r := w.View(&e)
			body := r.Object.Append(nil)
			if before != nil && !bytes.Equal(before, body) && r.Modified.Before(now) {
				t.Fatalf("at %v: got another view that was modified at %v, want then", now, r.Modified)
			}
			before = body
			if !r.ValidUntil.IsZero() && !r.ValidUntil.After(now) {
				t.Fatalf("at %v: got it valid until %v, want later", now, r.ValidUntil)
			}
			if r.Modified.After(now) && r.Modified.After(newest(samples)) {
				t.Fatalf("at %v: got it modified at %v, which is still to come", now, r.Modified)
			}
			last := now.AddDate(20, 0, 0)
			if !r.ValidUntil.IsZero() {
				last = r.ValidUntil.Add(-time.Microsecond)
			}
			between := now.Add(time.Duration(rapid.Int64Range(0, int64(last.Sub(now))).Draw(t, "later")))
			for _, w.Now = range []time.Time{between, last} {
				again := w.View(&e)
				if got := again.Object.Append(nil); !bytes.Equal(got, body) {
					t.Fatalf("valid from %v until %v, but at %v got\n%s\nwant\n%s", now, r.ValidUntil, w.Now, got, body)
				}
				if !r.ValidUntil.IsZero() && !again.ValidUntil.Equal(r.ValidUntil) {
					t.Fatalf("valid from %v until %v, but at %v until %v", now, r.ValidUntil, w.Now, again.ValidUntil)
				}
			}
			if r.ValidUntil.IsZero() {
				break
			}
			now = r.ValidUntil
		}
	})
}

func newest(entries cataloguetest.Entries) (latest time.Time) {
	for _, e := range entries {
		if e.UpdatedAt.After(latest) {
			latest = e.UpdatedAt
		}
	}
	return latest
}
