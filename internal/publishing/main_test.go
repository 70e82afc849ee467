package publishing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// room is the write side of an empty database with four publishers: prato and gida publish by themselves, asl needs
// four eyes, and alia wants every write to say which version it replaces.
type room struct {
	*publishing.Publishing
	store *store.Store
}

// run runs a test on both databases, and checks afterwards that the database is consistent.
func run(t *testing.T, test func(t *testing.T, r room)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, s *store.Store) { test(t, newRoom(t, s)) })
}

func newRoom(t testing.TB, s *store.Store) room {
	t.Helper()
	err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		for _, p := range []*db.PublisherCreate{
			tx.Publisher.Create().SetKey("prato"),
			tx.Publisher.Create().SetKey("gida"),
			tx.Publisher.Create().SetKey("asl").SetPolicy(catalogue.PolicyFourEyes),
			tx.Publisher.Create().SetKey("alia").SetRequireIfMatch(true),
		} {
			if err := p.SetName("a publisher").SetCreatedAt(clock()).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r := room{publishing.New(s, clock), s}
	t.Cleanup(func() { checkConsistent(t, r) })
	return r
}

var discard = slog.New(slog.DiscardHandler)

var ticks atomic.Int64

// clock goes on by a millisecond with every look.
func clock() time.Time {
	return time.Date(2026, 3, 29, 0, 59, 0, 123456000, time.UTC).Add(time.Duration(ticks.Add(1)) * time.Millisecond)
}

func place(publisherKey, key string) catalogue.Ref {
	return catalogue.Ref{Kind: catalogue.KindPlace, Publisher: publisherKey, Key: key}
}

func office(publisherKey, key string) catalogue.Ref {
	return catalogue.Ref{Kind: catalogue.KindOffice, Publisher: publisherKey, Key: key}
}

func service(publisherKey, key string) catalogue.Ref {
	return catalogue.Ref{Kind: catalogue.KindService, Publisher: publisherKey, Key: key}
}

// named is an entry of prato.
func named(kind catalogue.Kind, key string) catalogue.Ref {
	return catalogue.Ref{Kind: kind, Publisher: "prato", Key: key}
}

// titled is a document with a title and what else is given, good for an office or a place in public.
func titled(title string, members ...string) string {
	return fmt.Sprintf(`{"title":{"it":%q}%s}`, title, more(members))
}

// serviceTitled is a document good for a service in public.
func serviceTitled(title string, members ...string) string {
	return fmt.Sprintf(`{"title":{"it":%q},"summary":{"it":"Un servizio."},"status":"active","categories":["1"],"howTo":{"it":"Allo sportello."}%s}`,
		title, more(members))
}

func more(members []string) string {
	if len(members) == 0 {
		return ""
	}
	return "," + strings.Join(members, ",")
}

// usual is the note of publications that are about something else; those of meaning need one.
const usual = "Aggiornato."

var (
	me     = publishing.Actor{Name: "test", Prefix: "abcdefgh", Address: "192.0.2.1", RequestID: "r-1"}
	draft  = publishing.Write{Actor: me}
	public = publishing.Write{Actor: me, Publish: true, Note: usual}
)

// ifMatch asks for the writes of a version only.
func ifMatch(w publishing.Write, versions ...int) publishing.Write {
	w.If.IfMatch = &publishing.Versions{List: versions}
	return w
}

// put stores a document, which must succeed.
func (r room) put(t testing.TB, ref catalogue.Ref, document string, w publishing.Write) publishing.Result {
	t.Helper()
	result, err := r.Put(t.Context(), ref, []byte(document), w)
	if err != nil {
		t.Fatalf("Put %s %q: %v\n%s", ref.Kind, ref, err, findingsOf(err))
	}
	return result
}

// move makes a transition, which must succeed.
func (r room) move(t testing.TB, ref catalogue.Ref, move publishing.Move) publishing.Result {
	t.Helper()
	result, err := r.Transition(t.Context(), ref, move, draft)
	if err != nil {
		t.Fatalf("%s of %s %q: %v\n%s", move.Transition, ref.Kind, ref, err, findingsOf(err))
	}
	return result
}

var withdraw = publishing.Move{Transition: catalogue.Withdraw, Reason: "Chiuso."}

func (r room) get(t testing.TB, ref catalogue.Ref) publishing.State {
	t.Helper()
	state, err := r.Get(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// refused reports a write that was not refused with the wanted error, or that left something behind.
func (r room) refused(t testing.TB, want error, write func() (publishing.Result, error)) error {
	t.Helper()
	before := r.dump(t)
	result, err := write()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v\n%s", err, want, findingsOf(err))
	}
	if diff := cmp.Diff(publishing.Result{}, result); diff != "" {
		t.Errorf("a refused write has a result:\n%s", diff)
	}
	if diff := cmp.Diff(before, r.dump(t)); diff != "" {
		t.Errorf("a refused write changed the database (-before +after):\n%s", diff)
	}
	return err
}

// refusedAt is refused for a document that has errors at these pointers and of these rules, each `/pointer rule`.
func (r room) refusedAt(t testing.TB, write func() (publishing.Result, error), want ...string) {
	t.Helper()
	err := r.refused(t, catalogue.ErrInvalid, write)
	if diff := cmp.Diff(want, findingsOf(err)); diff != "" {
		t.Errorf("errors mismatch (-want +got):\n%s", diff)
	}
}

// findingsOf lists the errors that an InvalidError tells of, each `/pointer rule`.
func findingsOf(err error) []string {
	var invalid *catalogue.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	return findings(invalid.Findings, catalogue.SeverityError)
}

func findings(all catalogue.Findings, severity catalogue.Severity) []string {
	var list []string
	for _, f := range all {
		if f.Severity == severity {
			list = append(list, string(f.Pointer)+" "+f.Rule)
		}
	}
	return list
}

// wantState reports a state that is another than `publication draft version revision`.
func wantState(t testing.TB, got publishing.State, want string) {
	t.Helper()
	is := fmt.Sprintf("%s %s %d %d", got.Publication, got.Draft, got.DraftVersion, got.Revision)
	if is != want {
		t.Errorf("state of %s = %s, want %s", got.Ref, is, want)
	}
}

// audited lists what was accepted of an entry, `action` or `action: detail`, without the usual note.
func (r room) audited(t testing.TB, ref catalogue.Ref) []string {
	t.Helper()
	rows, err := r.store.Reader().Audit.Query().
		Where(audit.KindEQ(ref.Kind), audit.PublisherKey(ref.Publisher), audit.Key(ref.Key)).Order(audit.ByID()).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, row := range rows {
		if row.Actor != me.Name || row.KeyPrefix != me.Prefix || row.Address != me.Address || row.RequestID != me.RequestID || row.Entry == nil {
			t.Errorf("audit of %s does not say who: %v", ref, row)
		}
		action := row.Action
		if row.Detail != "" && row.Detail != usual {
			action += ": " + row.Detail
		}
		list = append(list, action)
	}
	return list
}

func (r room) wantAudited(t testing.TB, ref catalogue.Ref, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.audited(t, ref)); diff != "" {
		t.Errorf("audit of %s mismatch (-want +got):\n%s", ref, diff)
	}
}

func (r room) position(t testing.TB) int64 {
	t.Helper()
	position, err := r.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return position
}

// dump is every row that a write can touch.
func (r room) dump(t testing.TB) []string {
	t.Helper()
	ctx := context.Background()
	var lines []string
	add := func(table string, rows any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(rows, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, table)
		lines = append(lines, strings.Split(string(text), "\n")...)
	}
	c := r.store.Reader()
	entries, err := c.Entry.Query().WithProfile().Order(db.Asc("id")).All(ctx)
	add("entries", entries, err)
	revisions, err := c.Revision.Query().Order(db.Asc("id")).All(ctx)
	add("revisions", revisions, err)
	changes, err := c.Change.Query().Order(db.Asc("id")).All(ctx)
	add("changes", changes, err)
	redirects, err := c.Redirect.Query().Order(db.Asc("id")).All(ctx)
	add("redirects", redirects, err)
	references, err := c.Reference.Query().Order(db.Asc("id")).All(ctx)
	add("references", references, err)
	concerns, err := c.Concern.Query().Order(db.Asc("id")).All(ctx)
	add("concerns", concerns, err)
	audits, err := c.Audit.Query().Order(db.Asc("id")).All(ctx)
	add("audits", audits, err)
	counters, err := c.Counter.Query().Order(db.Asc("id")).All(ctx)
	add("counters", counters, err)
	services, err := c.Service.Query().WithOffices().Order(db.Asc("id")).All(ctx)
	add("services", services, err)
	offices, err := c.Office.Query().WithPlaces().Order(db.Asc("id")).All(ctx)
	add("offices", offices, err)
	timetables, err := c.Timetable.Query().Order(db.Asc("id")).All(ctx)
	add("timetables", timetables, err)
	places, err := c.Place.Query().Order(db.Asc("id")).All(ctx)
	add("places", places, err)
	return lines
}
