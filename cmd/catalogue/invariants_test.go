package main_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"slices"
	"strings"
	"testing"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// picture is everything in a database that must fit together, at one moment.
type picture struct {
	t          *testing.T
	entries    map[uuid.UUID]*db.Entry
	ids        map[catalogue.Ref]uuid.UUID
	revisions  map[uuid.UUID][]*db.Revision // by number
	changes    map[uuid.UUID][]*db.Change   // by position
	references map[uuid.UUID]map[reference.Side]map[string]uuid.UUID
	audits     map[uuid.UUID]map[string]int // how often an action
	requests   map[string]bool              // that are in the audit
	counter    int64
	feed       []*db.Change
}

// verifyDatabase looks for halves in the rows themselves, and for the answered writes in the history.
func verifyDatabase(t *testing.T, database, dsn string, w *wave) {
	t.Helper()
	// It is closed again before the next server starts: that one has to find what a killed one leaves.
	s, err := store.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	chain, err := audit.NewLog(s, catalogue.SystemClock).Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range chain.Faults {
		t.Errorf("the audit, row %d: %s", fault.Number, fault.What)
	}
	p := &picture{t: t}
	if err := s.ReadTx(t.Context(), p.take); err != nil {
		t.Fatal(err)
	}
	p.verifyFeed()
	for _, e := range p.entries {
		p.verifyLifecycle(e)
		p.verifyReferences(e)
		p.verifyExtension(e)
	}
	p.verifyAnswered(w.book)
	for _, promise := range w.book.promises {
		if promise.request != "" && !p.requests[promise.request] {
			t.Errorf("%s was answered, but the audit has no request %s", promise.what, promise.request)
		}
	}
	p.verifyImported(w)
	if database == storetest.SQLite {
		verifyFile(t, dsn)
	}
}

func (p *picture) take(ctx context.Context, tx *db.Client) error {
	p.entries, p.ids = map[uuid.UUID]*db.Entry{}, map[catalogue.Ref]uuid.UUID{}
	p.revisions = map[uuid.UUID][]*db.Revision{}
	p.changes, p.audits = map[uuid.UUID][]*db.Change{}, map[uuid.UUID]map[string]int{}
	p.references = map[uuid.UUID]map[reference.Side]map[string]uuid.UUID{}
	entries, err := tx.Entry.Query().WithPublisher().WithProfile().WithHolidaySet().WithTimetable().WithPlace().WithChannel().WithProcedure().
		WithOffice(func(q *db.OfficeQuery) { q.WithPlaces() }).
		WithService(func(q *db.ServiceQuery) { q.WithOffices() }).All(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p.entries[e.ID] = e
		p.ids[catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}] = e.ID
		p.audits[e.ID] = map[string]int{}
		p.references[e.ID] = map[reference.Side]map[string]uuid.UUID{reference.SideDraft: {}, reference.SidePublished: {}}
	}
	revisions, err := tx.Revision.Query().Order(revision.ByNumber()).All(ctx)
	if err != nil {
		return err
	}
	for _, r := range revisions {
		p.revisions[r.EntryID] = append(p.revisions[r.EntryID], r)
	}
	if p.feed, err = tx.Change.Query().Order(change.ByID(entsql.OrderAsc())).All(ctx); err != nil {
		return err
	}
	for _, c := range p.feed {
		if c.EntryID != nil { // else of a setting
			p.changes[*c.EntryID] = append(p.changes[*c.EntryID], c)
		}
	}
	references, err := tx.Reference.Query().All(ctx)
	if err != nil {
		return err
	}
	for _, r := range references {
		p.references[r.FromID][r.Side][r.Pointer] = r.ToID
	}
	audits, err := tx.Audit.Query().All(ctx)
	if err != nil {
		return err
	}
	p.requests = map[string]bool{}
	for _, a := range audits {
		p.requests[a.RequestID] = true
		if a.Entry != nil && p.audits[*a.Entry] != nil { // else it was deleted
			p.audits[*a.Entry][a.Action]++
		}
	}
	counter, err := tx.Counter.Get(ctx, "feed")
	if err == nil {
		p.counter = counter.N
	}
	return err
}

// verifyFeed wants positions 1 to the counter, and behind each the revision that it tells of.
func (p *picture) verifyFeed() {
	p.t.Helper()
	if p.counter != int64(len(p.feed)) {
		p.t.Errorf("the counter is at %d and the feed has %d changes, want as many", p.counter, len(p.feed))
	}
	for i, c := range p.feed {
		if c.ID != int64(i+1) {
			p.t.Fatalf("the feed: got position %d, want %d", c.ID, i+1)
		}
		if c.EntryID == nil {
			continue
		}
		r := p.revisionOf(*c.EntryID, c.Revision)
		if r == nil {
			p.t.Errorf("change %d tells of revision %d of %s, which is not there", c.ID, c.Revision, c.Key)
		} else if r.Slug != c.Slug {
			p.t.Errorf("change %d: got slug %q, want %q", c.ID, c.Slug, r.Slug)
		}
	}
}

func (p *picture) revisionOf(id uuid.UUID, number int) *db.Revision {
	if all := p.revisions[id]; 1 <= number && number <= len(all) {
		return all[number-1]
	}
	return nil
}

// verifyLifecycle wants an entry, its revisions, its changes and its audit to tell the same story.
func (p *picture) verifyLifecycle(e *db.Entry) {
	p.t.Helper()
	name := string(e.Kind) + " " + e.Key
	revisions, changes := p.revisions[e.ID], p.changes[e.ID]
	if len(revisions) != e.PublishedRevision {
		p.t.Errorf("%s is at revision %d and has %d, want as many", name, e.PublishedRevision, len(revisions))
		return
	}
	told := map[int]bool{}
	for _, c := range changes {
		told[c.Revision] = true
	}
	for i, r := range revisions {
		sum := sha256.Sum256([]byte(r.Document))
		if r.Number != i+1 || r.Hash != hex.EncodeToString(sum[:]) || !told[r.Number] {
			p.t.Errorf("%s: revision %d has number %d, hash %s, told in the feed: %v; want its own number and hash, and a change",
				name, i+1, r.Number, r.Hash, told[r.Number])
		}
	}
	a := p.audits[e.ID]
	if audited := a["publish"] + a["withdraw"] + a["confirm"]; audited != len(changes) || a["create"] != 1 {
		p.t.Errorf("%s: audited %v, want create once and %d times publish, withdraw or confirm", name, a, len(changes))
	}
	want := catalogue.Never
	if n := len(changes); n > 0 {
		last := changes[n-1]
		want = catalogue.Published
		if last.Change == catalogue.ChangeWithdrawn {
			want = catalogue.Withdrawn
		}
		at := e.ChangedAt
		if last.Change == catalogue.ChangeReviewed {
			at = e.ReviewedAt
		}
		if last.Revision != e.PublishedRevision || at == nil || !last.At.Equal(*at) || e.PublishedAt == nil {
			p.t.Errorf("%s: got %+v, want what the last change says: %+v", name, e, last)
		}
	}
	if e.Publication != want {
		p.t.Errorf("%s: got %s, want %s as in the feed", name, e.Publication, want)
	}
	if e.Draft != catalogue.Clean {
		return
	}
	if r := p.revisionOf(e.ID, e.PublishedRevision); r == nil || r.Document != e.Document || r.Slug != e.Slug {
		p.t.Errorf("%s: the draft is clean, but differs from revision %d", name, e.PublishedRevision)
	}
}

// verifyReferences wants the rows of what an entry refers to, as the documents have it.
func (p *picture) verifyReferences(e *db.Entry) {
	p.t.Helper()
	want := map[reference.Side]map[string]uuid.UUID{reference.SideDraft: p.targets(e, e.Document), reference.SidePublished: {}}
	if r := p.revisionOf(e.ID, e.PublishedRevision); r != nil && e.Publication == catalogue.Published {
		want[reference.SidePublished] = p.targets(e, r.Document)
	}
	if diff := cmp.Diff(want, p.references[e.ID]); diff != "" {
		p.t.Errorf("references of %s %s mismatch (-want +got):\n%s", e.Kind, e.Key, diff)
	}
}

func (p *picture) targets(e *db.Entry, document string) map[string]uuid.UUID {
	found := map[string]uuid.UUID{}
	for _, r := range catalogue.References(catalogue.MustDecode(e.Kind, document)) {
		found[string(r.Pointer)] = p.ids[r.To]
	}
	return found
}

// verifyExtension wants the columns and links of the entry's kind, as the draft has them.
func (p *picture) verifyExtension(e *db.Entry) {
	p.t.Helper()
	extensions := 0
	for _, there := range []bool{
		e.Edges.Profile != nil, e.Edges.HolidaySet != nil, e.Edges.Timetable != nil, e.Edges.Place != nil, e.Edges.Office != nil,
		e.Edges.Channel != nil, e.Edges.Procedure != nil, e.Edges.Service != nil,
	} {
		if there {
			extensions++
		}
	}
	var got, want []uuid.UUID
	draft := p.references[e.ID][reference.SideDraft]
	switch {
	case extensions != 1:
	case e.Kind == catalogue.KindPlace && e.Edges.Place != nil, e.Kind == catalogue.KindTimetable && e.Edges.Timetable != nil,
		e.Kind == catalogue.KindHolidaySet && e.Edges.HolidaySet != nil, e.Kind == catalogue.KindChannel && e.Edges.Channel != nil,
		e.Kind == catalogue.KindProcedure && e.Edges.Procedure != nil, e.Kind == catalogue.KindPublisher && e.Edges.Profile != nil:
		return
	case e.Kind == catalogue.KindOffice && e.Edges.Office != nil:
		for _, o := range e.Edges.Office.Edges.Places {
			got = append(got, o.ID)
		}
		for pointer, id := range draft {
			if strings.HasPrefix(pointer, "/places/") {
				want = append(want, id)
			}
		}
	case e.Kind == catalogue.KindService && e.Edges.Service != nil:
		if id := e.Edges.Service.ResponsibleOfficeID; id != nil {
			got = append(got, *id)
		}
		if id, ok := draft["/responsibleOffice"]; ok {
			want = append(want, id)
		}
	default:
		extensions = 0
	}
	if extensions != 1 {
		p.t.Errorf("%s %s has %d extensions of its kind, want one", e.Kind, e.Key, extensions)
		return
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the extension of %s %s links to %v, want %v", e.Kind, e.Key, got, want)
	}
}

// verifyAnswered wants every answered publication in the history, with the text that was answered.
func (p *picture) verifyAnswered(b *book) {
	p.t.Helper()
	for _, h := range b.entries {
		for _, a := range h.answered {
			if a.Draft != "clean" {
				continue // no revision has this text yet
			}
			r := p.revisionOf(uuid.MustParse(a.ID), a.Revision)
			if r == nil {
				p.t.Errorf("%s %s: revision %d was answered and is not there", h.kind, h.key, a.Revision)
				continue
			}
			title := catalogue.MustDecode(catalogue.Kind(h.kind), r.Document).Common().Title["it"]
			if want := a.Document.Title["it"]; title != want {
				p.t.Errorf("%s %s: revision %d has the title %q, but %q was answered", h.kind, h.key, a.Revision, title, want)
			}
		}
	}
}

// verifyImported wants every row of the import in public, at its first revision.
func (p *picture) verifyImported(w *wave) {
	p.t.Helper()
	found := 0
	for _, e := range p.entries {
		if strings.HasPrefix(e.Key, w.importPrefix()) && e.Publication == catalogue.Published && e.PublishedRevision == 1 {
			found++
		}
	}
	if found != w.rows {
		p.t.Errorf("got %d entries of the import in public at revision 1, want %d", found, w.rows)
	}
}

// verifyFile asks SQLite itself.
func verifyFile(t *testing.T, path string) {
	t.Helper()
	d, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var integrity, orphans string
	if err := d.QueryRowContext(t.Context(), "SELECT group_concat(integrity_check, '; ') FROM pragma_integrity_check").Scan(&integrity); err != nil {
		t.Fatal(err)
	}
	if integrity != "ok" {
		t.Errorf("PRAGMA integrity_check: got %q, want ok", integrity)
	}
	err = d.QueryRowContext(t.Context(), `SELECT coalesce(group_concat("table" || ' to ' || "parent", '; '), '') FROM pragma_foreign_key_check`).Scan(&orphans)
	if err != nil {
		t.Fatal(err)
	}
	if orphans != "" {
		t.Errorf("PRAGMA foreign_key_check: got %q, want nothing", orphans)
	}
}
