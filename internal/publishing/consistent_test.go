package publishing_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// checkConsistent reports everything in a database that contradicts something else in it.
func checkConsistent(t testing.TB, r room) {
	t.Helper()
	ctx := context.Background()
	if report, err := audit.NewLog(r.store, clock).Verify(ctx, nil); err != nil || len(report.Faults) > 0 || report.Unchained > 0 {
		t.Errorf("the audit is not whole: %+v, %v", report, err)
	}
	c := r.store.Reader()
	entries, err := c.Entry.Query().WithPublisher().WithConcerns().WithRevisions(func(q *db.RevisionQuery) { q.Order(db.Asc("number")) }).
		WithReferences(func(q *db.ReferenceQuery) { q.Order(db.Asc("pointer")) }).WithProfile().WithHolidaySet().WithPlace().
		WithTimetable(func(q *db.TimetableQuery) { q.WithHolidaySets() }).WithChannel().WithProcedure().
		WithOffice(func(q *db.OfficeQuery) { q.WithPlaces() }).WithService(func(q *db.ServiceQuery) { q.WithOffices().WithChannels().WithProcedures() }).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	redirects, err := c.Redirect.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	k := checker{t: t, refs: map[uuid.UUID]catalogue.Ref{}, reserved: map[slugOfKind]uuid.UUID{}}
	for _, e := range entries {
		k.refs[e.ID] = catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}
		k.reserved[slugOfKind{e.Kind, e.Slug}] = e.ID
	}
	for _, old := range redirects {
		name := slugOfKind{old.Kind, old.Slug}
		if has, taken := k.reserved[name]; taken && has != old.EntryID {
			t.Errorf("the old %s slug %q of %s is that of %s", old.Kind, old.Slug, k.refs[old.EntryID], k.refs[has])
		}
		k.reserved[name] = old.EntryID
	}
	for _, e := range entries {
		k.draft(e)
		k.extension(e)
		k.revisions(e)
		k.references(e)
	}
	checkFeed(t, r, entries)
}

type slugOfKind struct {
	kind catalogue.Kind
	slug string
}

type checker struct {
	t        testing.TB
	refs     map[uuid.UUID]catalogue.Ref
	reserved map[slugOfKind]uuid.UUID // whose a slug is
}

func (k checker) errorf(e *db.Entry, format string, args ...any) {
	k.t.Helper()
	k.t.Errorf("%s %s: %s", e.Kind, k.refs[e.ID], fmt.Sprintf(format, args...))
}

func (k checker) draft(e *db.Entry) {
	if again := catalogue.Encode(catalogue.MustDecode(e.Kind, e.Document)); again != e.Document {
		k.errorf(e, "the document is not canonical:\n%s", cmp.Diff(again, e.Document))
	}
	if slug := catalogue.MustDecode(e.Kind, e.Document).Common().Slug; slug != "" {
		k.errorf(e, "the document repeats the slug %q", slug)
	}
	if !catalogue.ValidSlug(e.Slug) {
		k.errorf(e, "bad slug %q", e.Slug)
	}
	if e.ID.Version() != 7 {
		k.errorf(e, "id %s is of version %d, want 7", e.ID, e.ID.Version())
	}
	for _, at := range []*time.Time{&e.CreatedAt, &e.UpdatedAt, e.PublishedAt, e.ChangedAt} {
		if at != nil && (at.Location() != time.UTC || at.Nanosecond()%1000 != 0) {
			k.errorf(e, "time %v is not UTC in microseconds", at)
		}
	}
	was := e.PublishedRevision > 0
	if e.Publication == catalogue.Never && was || e.Publication != catalogue.Never && e.Publication != catalogue.Archived && !was {
		k.errorf(e, "%s with revision %d", e.Publication, e.PublishedRevision)
	}
	if was != (e.PublishedAt != nil) || was != (e.ChangedAt != nil) || was != (e.ReviewBy != nil) || was != (e.ReviewedAt != nil) {
		k.errorf(e, "revision %d, first published %v, changed %v, review by %v, reviewed %v", e.PublishedRevision, e.PublishedAt, e.ChangedAt, e.ReviewBy, e.ReviewedAt)
	}
	if (e.Draft == catalogue.Scheduled) != (e.PublishAt != nil) {
		k.errorf(e, "its draft is %s and to be published at %v", e.Draft, e.PublishAt)
	}
	for _, x := range e.Edges.Concerns {
		if e.Publication != catalogue.Published || x.PublisherID != e.PublisherID || x.Kind != e.Kind || x.Queue == catalogue.QueueNoOwner && e.Owner != "" {
			k.errorf(e, "%s, of %q, waits as %v", e.Publication, e.Owner, x)
		}
	}
	if e.Publication == catalogue.Published && (e.WithdrawReason != "" || e.ReplacedBy != nil) {
		k.errorf(e, "published, but with a reason %q or a replacement %v", e.WithdrawReason, e.ReplacedBy)
	}
}

// extension compares the columns and links of the extension with the draft.
func (k checker) extension(e *db.Entry) {
	has := map[catalogue.Kind]bool{
		catalogue.KindPublisher: e.Edges.Profile != nil, catalogue.KindPlace: e.Edges.Place != nil,
		catalogue.KindTimetable: e.Edges.Timetable != nil, catalogue.KindHolidaySet: e.Edges.HolidaySet != nil,
		catalogue.KindChannel: e.Edges.Channel != nil, catalogue.KindProcedure: e.Edges.Procedure != nil,
		catalogue.KindOffice: e.Edges.Office != nil, catalogue.KindService: e.Edges.Service != nil,
	}
	for kind, exists := range has {
		if exists != (kind == e.Kind) {
			k.errorf(e, "has an extension of a %s: %v", kind, exists)
			return
		}
	}
	responsible := ""
	switch d := catalogue.MustDecode(e.Kind, e.Document).(type) {
	case *catalogue.Service:
		responsible = d.ResponsibleOffice
	case *catalogue.Procedure:
		responsible = d.ResponsibleOffice
	case *catalogue.Office:
		responsible = k.refs[e.ID].String()
	}
	if likeness := catalogue.Likeness(catalogue.MustDecode(e.Kind, e.Document)); k.name(e.ResponsibleOfficeID) != responsible || e.Likeness != likeness {
		k.errorf(e, "is of the office %s and like %q, want %s and %q", k.name(e.ResponsibleOfficeID), e.Likeness, responsible, likeness)
	}
	var got, want []any
	switch d := catalogue.MustDecode(e.Kind, e.Document).(type) {
	case *catalogue.Service:
		x := e.Edges.Service
		var channels []string
		for _, c := range d.Connections {
			if c.Channel != "" && !slices.Contains(channels, c.Channel) {
				channels = append(channels, c.Channel)
			}
		}
		want = []any{d.Status, d.AppliesOnline(), d.ResponsibleOffice, sorted(d.Offices), sorted(channels), sorted(d.Procedures)}
		got = []any{
			x.Status, x.Online, k.name(x.ResponsibleOfficeID),
			k.names(ids(x.Edges.Offices, func(o *db.Office) uuid.UUID { return o.ID })),
			k.names(ids(x.Edges.Channels, func(c *db.Channel) uuid.UUID { return c.ID })),
			k.names(ids(x.Edges.Procedures, func(p *db.Procedure) uuid.UUID { return p.ID })),
		}
	case *catalogue.Channel:
		want = []any{d.Type, d.Timetable}
		got = []any{e.Edges.Channel.ChannelType, k.name(e.Edges.Channel.TimetableID)}
	case *catalogue.Procedure:
		want = []any{d.ResponsibleOffice}
		got = []any{k.name(e.Edges.Procedure.ResponsibleOfficeID)}
	case *catalogue.Timetable:
		want = []any{sorted(d.OwnHolidaySets)}
		got = []any{k.names(ids(e.Edges.Timetable.Edges.HolidaySets, func(h *db.HolidaySet) uuid.UUID { return h.ID }))}
	case *catalogue.Office:
		x := e.Edges.Office
		want = []any{d.Type, d.Parent, d.Timetable, sorted(d.Places)}
		got = []any{x.OfficeType, k.name(x.ParentID), k.name(x.TimetableID), k.names(ids(x.Edges.Places, func(p *db.Place) uuid.UUID { return p.ID }))}
	case *catalogue.Place:
		x := e.Edges.Place
		city := ""
		if d.Address != nil {
			city = d.Address.City
		}
		point := catalogue.Point{}
		if d.Point != nil {
			point = *d.Point
		}
		want = []any{city, d.District, point, d.Timetable}
		got = []any{x.City, x.District, catalogue.Point{Lat: x.Lat, Lon: x.Lon}, k.name(x.TimetableID)}
	case *catalogue.Publisher:
		x := e.Edges.Profile
		want = []any{d.Type, d.IPACode, d.TaxCode}
		got = []any{x.OrganisationType, x.IpaCode, x.TaxCode}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		k.errorf(e, "extension mismatch (-document +extension):\n%s", diff)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func ids[T any](rows []T, id func(T) uuid.UUID) []uuid.UUID {
	var list []uuid.UUID
	for _, row := range rows {
		list = append(list, id(row))
	}
	return list
}

func (k checker) name(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return k.refs[*id].String()
}

func (k checker) names(list []uuid.UUID) []string {
	var names []string
	for _, id := range list {
		names = append(names, k.refs[id].String())
	}
	return sorted(names)
}

func (k checker) revisions(e *db.Entry) {
	if len(e.Edges.Revisions) != e.PublishedRevision {
		k.errorf(e, "%d revisions, the last one public is %d", len(e.Edges.Revisions), e.PublishedRevision)
	}
	for i, r := range e.Edges.Revisions {
		sum := sha256.Sum256([]byte(r.Document))
		if r.Number != i+1 || r.Hash != hex.EncodeToString(sum[:]) {
			k.errorf(e, "revision %d has the number %d and the hash %s", i+1, r.Number, r.Hash)
		}
		before := e.Edges.Revisions[max(i-1, 0)]
		if i > 0 && r.Hash == before.Hash && r.Slug == before.Slug && r.Outdated == before.Outdated {
			k.errorf(e, "revision %d is the same as the one before", r.Number)
		}
		if k.reserved[slugOfKind{e.Kind, r.Slug}] != e.ID {
			k.errorf(e, "the slug %q of revision %d is not kept for it", r.Slug, r.Number)
		}
	}
	if e.Publication == catalogue.Published && e.Draft == catalogue.Clean {
		if last := e.Edges.Revisions[len(e.Edges.Revisions)-1]; last.Document != e.Document || last.Slug != e.Slug {
			k.errorf(e, "its draft is clean, but another than what is public")
		}
	}
}

// references compares the rows with what the draft and the public revision say.
func (k checker) references(e *db.Entry) {
	want := map[reference.Side]string{reference.SideDraft: e.Document}
	if e.Publication == catalogue.Published {
		want[reference.SidePublished] = e.Edges.Revisions[e.PublishedRevision-1].Document
	}
	for _, side := range []reference.Side{reference.SideDraft, reference.SidePublished} {
		var said, stored []string
		if document, ok := want[side]; ok {
			for _, r := range catalogue.References(catalogue.MustDecode(e.Kind, document)) {
				said = append(said, fmt.Sprintf("%s %s %s", r.Pointer, r.To.Kind, r.To))
			}
		}
		for _, row := range e.Edges.References {
			if row.Side == side {
				stored = append(stored, fmt.Sprintf("%s %s %s", row.Pointer, k.refs[row.ToID].Kind, k.refs[row.ToID]))
			}
		}
		if diff := cmp.Diff(sorted(said), sorted(stored)); diff != "" {
			k.errorf(e, "references of the %s side mismatch (-document +rows):\n%s", side, diff)
		}
	}
}

// fact is what a reader must know of an entry, however it learnt of it.
type fact struct {
	Ref           catalogue.Ref
	Public        bool
	Slug          string
	Document      string
	Outdated      string
	Revision      int
	First, At     time.Time // At: the latest change but for reviews
	Reviewed      time.Time
	Reason        string
	Replacement   uuid.UUID
	SubjectOfLoad string
}

func factOf(u catalogue.Update) fact {
	return fact{
		Ref: catalogue.Ref{Kind: u.Kind, Publisher: u.Publisher, Key: u.Key}, Public: u.Change.Change != catalogue.ChangeWithdrawn,
		Slug: u.Slug, Document: u.Document, Outdated: u.Outdated.String(), Revision: u.Revision, First: u.FirstPublishedAt, At: u.At, Reviewed: u.ReviewedAt,
		Reason: u.Reason, Replacement: u.ReplacedBy, SubjectOfLoad: u.Subject,
	}
}

// loaded is what Load tells, by id, and the old slugs that it tells of, `kind slug`.
func (r room) loaded(t testing.TB) (facts map[uuid.UUID]fact, old map[string]uuid.UUID, position int64) {
	t.Helper()
	facts, old = map[uuid.UUID]fact{}, map[string]uuid.UUID{}
	position, err := r.Load(context.Background(), func(u catalogue.Update) {
		if u.Subject != catalogue.SubjectEntry {
			return
		}
		if _, twice := facts[u.ID]; twice {
			t.Errorf("Load tells twice of %s/%s", u.Publisher, u.Key)
		}
		facts[u.ID] = factOf(u)
	}, func(kind catalogue.Kind, slug string, id catalogue.EntryID) {
		old[string(kind)+" "+slug] = id
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts, old, position
}

// checkFeed compares the feed from its beginning with what Load tells and with the entries.
func checkFeed(t testing.TB, r room, entries []*db.Entry) {
	t.Helper()
	ctx := context.Background()
	followed := map[uuid.UUID]fact{}
	var position int64
	for {
		updates, err := r.Since(ctx, position, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range updates {
			if position++; u.Position != position {
				t.Fatalf("position %d follows %d", u.Position, position-1)
			}
			if u.Subject != catalogue.SubjectEntry {
				continue
			}
			before, known := followed[u.ID]
			want := catalogue.ChangePublished
			if known && before.Public {
				want = catalogue.ChangeUpdated
			}
			if u.Change.Change == catalogue.ChangeReviewed {
				if !before.Public || u.Revision != before.Revision || !u.At.Equal(u.ReviewedAt) {
					t.Errorf("change %d is a review of %s/%s at revision %d at %v, before it was %+v", u.Position, u.Publisher, u.Key, u.Revision, u.ReviewedAt, before)
				}
				before.Reviewed = u.ReviewedAt
				followed[u.ID] = before
				continue
			}
			if u.Change.Change != catalogue.ChangeWithdrawn && u.Change.Change != want || u.Change.Change == catalogue.ChangeWithdrawn && !before.Public {
				t.Errorf("change %d of %s/%s is %s, but before it was %v", u.Position, u.Publisher, u.Key, u.Change.Change, before.Public)
			}
			followed[u.ID] = factOf(u)
		}
		if len(updates) == 0 {
			break
		}
	}
	facts, _, at := r.loaded(t)
	if at != position {
		t.Errorf("Load is at %d, the feed ends at %d", at, position)
	}
	if diff := cmp.Diff(facts, followed); diff != "" {
		t.Errorf("following mismatch (-loaded +followed):\n%s", diff)
	}
	for _, e := range entries {
		f, known := facts[e.ID]
		if known != (e.PublishedRevision > 0) || f.Public != (e.Publication == catalogue.Published) || f.Revision != e.PublishedRevision ||
			known && f.Document != e.Edges.Revisions[e.PublishedRevision-1].Document {
			t.Errorf("%s %q is %s at revision %d, readers see %+v", e.Kind, e.Key, e.Publication, e.PublishedRevision, f)
		}
	}
	rows, err := r.store.Reader().Change.Query().Order(change.ByID()).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if i > 0 && row.At.Before(rows[i-1].At) && !strings.Contains(t.Name(), "AtOnce") {
			t.Errorf("change %d is older than the one before", row.ID)
		}
	}
	counter, err := r.store.Reader().Counter.Get(ctx, "feed")
	if err != nil || counter.N != position {
		t.Errorf("counter = %v, %v, want %d", counter, err, position)
	}
}
