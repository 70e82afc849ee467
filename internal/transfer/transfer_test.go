package transfer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/reports"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
	"github.com/comuneprato/service-catalogue/internal/transfer"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ticks atomic.Int64

// clock goes on by a millisecond with every look.
func clock() time.Time {
	return time.Date(2026, 3, 29, 0, 59, 0, 123456000, time.UTC).Add(time.Duration(ticks.Add(1)) * time.Millisecond)
}

var (
	me    = publishing.Actor{Name: "portale", Prefix: "abcdefgh", Address: "192.0.2.1", RequestID: "r-1"}
	other = publishing.Actor{Name: "revisore", Prefix: "reviewer", Address: "192.0.2.2"}
)

// city is a catalogue in a database, written to as the API does.
type city struct {
	*publishing.Publishing
	store *store.Store
	keys  *identity.Keys
	token string // of a key of prato
}

// open is the catalogue in a database that has one.
func open(s *store.Store) city {
	return city{Publishing: publishing.New(s, clock), store: s, keys: identity.NewKeys(s, clock)}
}

func ref(publisher string, kind catalogue.Kind, key string) catalogue.Ref {
	return catalogue.Ref{Publisher: publisher, Kind: kind, Key: key}
}

// found makes a catalogue with something in every table that is carried.
func found(t testing.TB, s *store.Store) city {
	t.Helper()
	c := open(s)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		var invalid *catalogue.InvalidError
		if errors.As(err, &invalid) {
			t.Fatal(err, invalid.Findings.In(lang.English))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	publishers := identity.NewPublishers(s, clock)
	for key, policy := range map[string]catalogue.Policy{"prato": catalogue.PolicySelf, "asl": catalogue.PolicyFourEyes} {
		_, err := publishers.Create(ctx, me, identity.NewPublisher{Key: key, Name: key, Policy: policy})
		must(err)
	}
	var err error
	c.token, _, err = c.keys.Create(ctx, me, identity.NewKey{Name: "portale", Scopes: []identity.Scope{identity.Write}, Publisher: "prato", Expires: 90 * 24 * time.Hour})
	must(err)
	_, old, err := c.keys.Create(ctx, me, identity.NewKey{Name: "vecchia", Scopes: []identity.Scope{identity.Admin}})
	must(err)
	_, _, err = c.keys.Rotate(ctx, me, old.Prefix, 0)
	must(err)
	put := func(r catalogue.Ref, document string) {
		t.Helper()
		_, err := c.Put(ctx, r, []byte(document), publishing.Write{Actor: me, Publish: r.Publisher == "prato", Note: "Nota «con» \"virgolette\" e <b>."})
		must(err)
	}
	put(ref("prato", catalogue.KindPublisher, "prato"), `{"title":{"it":"Comune"},"type":"municipality"}`)
	put(ref("prato", catalogue.KindHolidaySet, "feste"), `{"title":{"it":"Feste"},"days":[{"day":"09-08","name":{"it":"Fiera"}}]}`)
	put(ref("prato", catalogue.KindTimetable, "orario"), `{"title":{"it":"Orario"},"alwaysOpen":true,"ownHolidaySets":["prato/feste"],"holidayPolicy":"closed"}`)
	put(ref("prato", catalogue.KindPlace, "palazzo"), `{"title":{"it":"Palazzo"},"timetable":"prato/orario","address":{"city":"Prato"},"point":{"lat":43.8805,"lon":11.0969}}`)
	put(ref("prato", catalogue.KindOffice, "comune"), `{"title":{"it":"Comune"}}`)
	put(ref("prato", catalogue.KindOffice, "anagrafe"), `{"title":{"it":"Anagrafe"},"parent":"prato/comune","places":["prato/palazzo"],"timetable":"prato/orario"}`)
	put(ref("prato", catalogue.KindChannel, "online"), `{"title":{"it":"Online"},"type":"02"}`)
	put(ref("prato", catalogue.KindProcedure, "p"), `{"title":{"it":"Procedimento"},"description":{"it":"Che cosa è."},"responsibleOffice":"prato/anagrafe"}`)
	service := `{"title":{"it":"%s"},"summary":{"it":"Che cosa è."},"status":"active","categories":["6"],"howTo":{"it":"` + strings.Repeat("Si va allo sportello con un documento valido e si chiede. ", 5) +
		`"},"responsibleOffice":"prato/anagrafe","offices":["prato/anagrafe"],"procedures":["prato/p"],"connections":[{"channel":"prato/online"}]%s}`
	carta := ref("prato", catalogue.KindService, "carta")
	put(carta, fmt.Sprintf(service, "Carta d’identità", ""))
	put(carta, fmt.Sprintf(service, "Carta d’identità elettronica", `,"slug":"carta-nuova"`)) // the old slug leads here
	put(ref("prato", catalogue.KindService, "cartacea"), fmt.Sprintf(service, "Carta di carta", ""))
	_, err = c.Transition(ctx, ref("prato", catalogue.KindService, "cartacea"), publishing.Move{Transition: catalogue.Withdraw, Reason: "Non c’è più.", ReplacedBy: "prato/carta"}, publishing.Write{Actor: me})
	must(err)
	put(ref("asl", catalogue.KindOffice, "cup"), `{"title":{"it":"CUP"}}`)
	_, err = c.Transition(ctx, ref("asl", catalogue.KindOffice, "cup"), publishing.Move{Transition: catalogue.Submit}, publishing.Write{Actor: me})
	must(err)
	_, err = c.AddComment(ctx, ref("asl", catalogue.KindOffice, "cup"), "/title", "Per esteso.", other)
	must(err)
	_, err = c.PutCustody(ctx, carta, catalogue.Custody{Owner: "Anagrafe", Locks: []catalogue.Lock{{Source: "portale", Pointers: []string{"/title"}}}}, publishing.Write{Actor: me}, false)
	must(err)
	must(c.PutStewardship(ctx, "prato", catalogue.Stewardship{ArchiveAfterMonths: 18}, me))
	_, _, err = c.PutSetting(ctx, catalogue.SubjectSynonyms, `[]`, publishing.Write{Actor: me})
	must(err)
	searches := reports.NewSearches(s, clock, slog.New(slog.DiscardHandler))
	for range 50 {
		searches.Note("carta", lang.Italian, 2)
	}
	must(searches.Flush(ctx))
	return c
}

// act does something by chance. That it is refused is as good as that it is done.
func (c city) act(t *rapid.T) {
	kind := rapid.SampledFrom([]catalogue.Kind{catalogue.KindOffice, catalogue.KindService, catalogue.KindPlace}).Draw(t, "kind")
	r := ref(rapid.SampledFrom([]string{"prato", "asl"}).Draw(t, "publisher"), kind, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"))
	w := publishing.Write{Actor: me, Publish: rapid.Bool().Draw(t, "publish"), Note: "Nota."}
	ctx, at := t.Context(), clock().Add(time.Hour)
	title := rapid.StringMatching(`[a-zàèéìòù"'\\<&  ]{1,12}[a-z]`).Draw(t, "title")
	document, err := json.Marshal(map[string]any{"title": map[string]string{"it": title}, "summary": map[string]string{"it": "Sì."}})
	if err != nil {
		t.Fatal(err)
	}
	if kind == catalogue.KindService {
		document = []byte(strings.TrimSuffix(string(document), "}") + `,"status":"active","categories":["6"],"responsibleOffice":"prato/a","howTo":{"it":"Si chiede."}}`)
	}
	move := func(m publishing.Move) {
		if m.Transition == catalogue.Approve {
			w.Actor = other
			if state, e := c.Get(ctx, r); e == nil {
				w.If.IfMatch = &publishing.Versions{List: []int{state.DraftVersion}}
			}
		}
		_, err = c.Transition(ctx, r, m, w)
	}
	switch rapid.IntRange(0, 11).Draw(t, "action") {
	default:
		_, err = c.Put(ctx, r, document, w)
	case 3:
		move(publishing.Move{Transition: catalogue.Submit})
	case 4:
		move(publishing.Move{Transition: rapid.SampledFrom([]catalogue.Transition{catalogue.Approve, catalogue.Reject}).Draw(t, "decision"), Note: "Da rivedere."})
	case 5:
		move(publishing.Move{Transition: catalogue.Publish, Note: "Ora."})
	case 6:
		move(publishing.Move{Transition: catalogue.Publish, Note: "Poi.", At: at})
	case 7:
		move(publishing.Move{Transition: catalogue.Withdraw, Reason: "Chiuso."})
	case 8:
		move(publishing.Move{Transition: catalogue.Withdraw, Reason: "Chiuderà.", At: at, ReplacedBy: r.Publisher + "/b"})
	case 9:
		move(publishing.Move{Transition: rapid.SampledFrom([]catalogue.Transition{catalogue.Archive, catalogue.Confirm}).Draw(t, "end")})
	case 10:
		move(publishing.Move{Transition: catalogue.Restore, Revision: 1})
	case 11:
		_, err = c.Delete(ctx, r, publishing.Write{Actor: me, Reason: "Errore."})
	}
	for _, refusal := range []error{catalogue.ErrState, catalogue.ErrInvalid, catalogue.ErrNotFound, catalogue.ErrReferenced, catalogue.ErrUnread, catalogue.ErrOwnDraft, catalogue.ErrStale, nil} {
		if errors.Is(err, refusal) {
			return
		}
	}
	t.Fatal(err)
}

// exported is all that is in a database.
func exported(t testing.TB, s *store.Store) string {
	t.Helper()
	var out strings.Builder
	if err := transfer.Export(t.Context(), s, &out, func(int) {}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func imported(ctx context.Context, s *store.Store, file string) (int, error) {
	return transfer.Import(ctx, s, func() (io.Reader, error) { return strings.NewReader(file), nil }, func(int) {})
}

// mustImport fills an empty database.
func mustImport(t testing.TB, s *store.Store, file string) {
	t.Helper()
	rows, err := imported(t.Context(), s, file)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Count(file, `{"line":"row"`); rows != want || want == 0 {
		t.Errorf("%d rows were imported, want %d", rows, want)
	}
}

// Property: whatever was done, the same is there after it was carried to another database, of the same kind or of the other.
// CATALOGUE_TRANSFERS says how many histories are tried on each database.
func TestWhatIsCarriedToAnotherDatabaseIsTheSame(t *testing.T) {
	most := 2
	if text, set := os.LookupEnv("CATALOGUE_TRANSFERS"); set {
		var err error
		if most, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for i, from := range storetest.Databases {
		t.Run("from "+from, func(t *testing.T) {
			histories := 0
			rapid.Check(t, func(rt *rapid.T) {
				if histories++; histories > most {
					return
				}
				c := found(t, storetest.Open(t, from))
				for range rapid.IntRange(0, 40).Draw(rt, "actions") {
					c.act(rt)
				}
				want := exported(t, c.store)
				for _, table := range transfer.Tables() {
					if !strings.Contains(want, `"data":`+table+"}\n"+`{"line":"row"`) {
						t.Errorf("nothing is carried of %s", table)
					}
				}
				// Each of the others at its turn.
				to := storetest.Databases[(i+histories)%2]
				second := open(storetest.Open(t, to))
				mustImport(t, second.store, want)
				if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(exported(t, second.store), "\n")); diff != "" {
					t.Errorf("carried to %s, mismatch (-was +is):\n%s", to, diff)
				}
				c.sameAs(t, second)
			})
		})
	}
}

// sameAs asks two catalogues for the same, and then does the same in both.
func (c city) sameAs(t *testing.T, second city) {
	t.Helper()
	var pictures [2]string
	for i, one := range []city{c, second} {
		var picture strings.Builder
		tell := func(v any, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(v, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			picture.Write(append(text, '\n'))
		}
		ctx := t.Context()
		update := func(u catalogue.Update) {
			tell(fmt.Sprintf("%+v", u), nil) // whose translations are not for JSON
		}
		changes, err := one.Since(ctx, 0, 10000)
		tell(len(changes), err)
		for _, u := range changes {
			update(u)
		}
		position, err := one.Load(ctx, update, func(kind catalogue.Kind, slug string, id catalogue.EntryID) {
			tell([]any{kind, slug, id}, nil)
		})
		tell(position, err)
		for _, publisher := range []string{"prato", "asl"} {
			for _, kind := range catalogue.Kinds {
				list, _, err := one.List(ctx, publisher, kind, publishing.Listing{Limit: 100})
				tell(list, err)
				for _, e := range list {
					revisions, _, err := one.OwnRevisions(ctx, e.Ref, 0, 100)
					tell(revisions, err)
					custody, err := one.Custody(ctx, e.Ref)
					tell(custody, err)
					comments, err := one.Comments(ctx, e.Ref)
					tell(comments, err)
				}
			}
		}
		keys, err := one.keys.List(ctx)
		tell(keys, err)
		caller, err := one.keys.Authenticate(ctx, c.token)
		tell(caller, err)
		report, err := audit.NewLog(one.store, clock).Verify(ctx, nil)
		tell(report, err)
		if len(report.Faults) > 0 {
			t.Errorf("the audit is broken: %+v", report)
		}

		// It goes on from there: ids, positions, revisions, and what was planned.
		later := publishing.New(one.store, func() time.Time { return clock().Add(2 * time.Hour) })
		if err := later.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			result, err := one.Put(ctx, ref("prato", catalogue.KindOffice, fmt.Sprint("nuovo", n)), []byte(`{"title":{"it":"Nuovo"}}`), publishing.Write{Actor: me, Publish: true})
			if err != nil || result.Position <= position {
				t.Errorf("afterwards: position %d after %d, %v", result.Position, position, err)
			}
		}
		if report, err := audit.NewLog(one.store, clock).Verify(ctx, nil); err != nil || len(report.Faults) > 0 {
			t.Errorf("afterwards the audit is broken: %+v, %v", report, err)
		}
		for _, kind := range catalogue.Kinds {
			list, _, err := one.List(ctx, "prato", kind, publishing.Listing{Limit: 100})
			if err != nil || slices.ContainsFunc(list, func(e publishing.State) bool { return e.Draft == catalogue.Scheduled }) {
				t.Errorf("still scheduled: %v, %v", list, err)
			}
		}
		pictures[i] = picture.String()
	}
	if diff := cmp.Diff(strings.Split(pictures[0], "\n"), strings.Split(pictures[1], "\n")); diff != "" {
		t.Errorf("it answers otherwise (-first +second):\n%s", diff)
	}
}

// damage is a way to spoil a file, and what is said of it.
type damage struct {
	name, file, want string
}

// damages spoils a file in many ways.
func damages(file string) (list []damage) {
	lines := strings.SplitAfter(strings.TrimSuffix(file, "\n"), "\n")
	with := func(change func(lines []string) []string) string {
		return strings.Join(change(slices.Clone(lines)), "")
	}
	row := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"row"`) })
	add := func(name string, want string, change func(lines []string) []string) {
		list = append(list, damage{name, with(change), want})
	}
	add("empty", "line 1: the file breaks off here", func([]string) []string { return nil })
	add("cut off before the end", fmt.Sprintf("line %d: the file breaks off here", len(lines)), func(l []string) []string { return l[:len(l)-1] })
	add("cut off in a line", fmt.Sprintf("line %d: no line of a full export", row+1), func(l []string) []string { return append(l[:row], l[row][:20]) })
	add("a row changed", fmt.Sprintf("line %d: not as it was written", row+1), func(l []string) []string {
		l[row] = strings.Replace(l[row], `"data":["`, `"data":["x`, 1)
		if l[row] == lines[row] {
			l[row] = strings.Replace(l[row], `"data":[`, `"data":[1`, 1)
		}
		return l
	})
	add("a row removed", fmt.Sprintf("line %d: not as it was written", row+1), func(l []string) []string { return slices.Delete(l, row, row+1) })
	add("a row twice", fmt.Sprintf("line %d: not as it was written", row+2), func(l []string) []string { return slices.Insert(l, row, l[row]) })
	add("rows exchanged", fmt.Sprintf("line %d: not as it was written", row+1), func(l []string) []string {
		l[row], l[row+1] = l[row+1], l[row]
		return l
	})
	add("more behind the end", fmt.Sprintf("line %d: there is more behind the end", len(lines)+1), func(l []string) []string { return append(l, "\n{}\n") })
	add("rows of an import", "line 1: ", func([]string) []string {
		return []string{`{"publisher":"prato","kind":"place","key":"a","document":{}}` + "\n"}
	})
	return list
}

func TestADamagedFileIsRefusedAndLeavesNothing(t *testing.T) {
	file := exported(t, found(t, storetest.Open(t, storetest.SQLite)).store)
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		before := exported(t, s)
		for _, d := range damages(file) {
			if _, err := imported(t.Context(), s, d.file); err == nil || !strings.Contains(err.Error(), d.want) {
				t.Errorf("%s: got %v, want an error that says %q", d.name, err, d.want)
			}
		}
		if diff := cmp.Diff(before, exported(t, s)); diff != "" {
			t.Errorf("something stayed in the database:\n%s", diff)
		}
		mustImport(t, s, file)
	})
}

// A file of another program is told by its first lines, however well it is made.
func TestAFileOfAnotherProgramIsRefused(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	file := exported(t, s)
	for _, test := range []struct{ name, from, to, want string }{
		{"a newer format", `"version":1`, `"version":2`, "line 1: it has version 2 of the format, and this program reads 1: use the program that wrote it"},
		{"another schema", `"schema":`, `"schema":9`, "line 1: it was written from version 9"},
		{"another thing", "full-export", "greengrocery", "line 1: no full export of a catalogue"},
		{"a table that is not known", `"table":"counters"`, `"table":"colours"`, "not the table counters"},
		{"a column that is not known", `"columns":["id","n"]`, `"columns":["id","m"]`, "not the table counters"},
		{"a column less", `"columns":["id","n"]`, `"columns":["id"]`, "not the table counters"},
		{"a value of another type", `["audit",0]`, `["audit","0"]`, "counters.n: "},
		{"a value too many", `["audit",0]`, `["audit",0,0]`, "a row of counters has 3 values, want 2"},
		{"a row less than it says", `"rows":2`, `"rows":3`, "3 rows were written and 2 read"},
		{"no value where there must be one", `["audit",0]`, `["audit",null]`, "in the 2 rows before: "},
	} {
		if _, err := imported(t.Context(), s, transfer.Rechecked(strings.Replace(file, test.from, test.to, 1))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error that says %q", test.name, err, test.want)
		}
	}
	mustImport(t, s, transfer.Rechecked(file))
}

func TestOnlyAnEmptyDatabaseIsFilled(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		file := exported(t, s)
		found(t, s)
		before := exported(t, s)
		if _, err := imported(t.Context(), s, file); !errors.Is(err, transfer.ErrNotEmpty) {
			t.Errorf("got %v, want %v", err, transfer.ErrNotEmpty)
		}
		if exported(t, s) != before {
			t.Error("the database was changed")
		}
	})
}

func TestAnImportThatIsStoppedLeavesNothing(t *testing.T) {
	file := exported(t, found(t, storetest.Open(t, storetest.SQLite)).store)
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(t.Context())
		before := exported(t, s)
		_, err := transfer.Import(ctx, s, func() (io.Reader, error) { return strings.NewReader(file), nil }, func(int) { stop() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if exported(t, s) != before {
			t.Error("something stayed in the database")
		}
	})
}

// Whoever adds a table or a column decides here whether it is carried; of a table that is not, transfer.go says why. It is a new
// version of the schema, so that files from before are refused.
func TestEveryTableIsCarriedOrLeftOutOnPurpose(t *testing.T) {
	libraries := []string{"goose_db_version", "river_client", "river_client_queue", "river_job", "river_leader", "river_migration", "river_notification", "river_queue", "sqlite_sequence"}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		statement := "SELECT name FROM sqlite_schema WHERE type = 'table'"
		if !s.Embedded() {
			statement = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
		}
		rows, err := s.Reader().QueryContext(t.Context(), statement)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			if !transfer.Knows(name) && !slices.Contains(libraries, name) {
				t.Errorf("table %s is neither carried nor left out on purpose", name)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever a file is, it is refused and leaves nothing, or a catalogue is in the database.
func FuzzImport(f *testing.F) {
	empty := exported(f, storetest.Open(f, storetest.SQLite))
	for _, d := range damages(empty) {
		f.Add(d.file)
	}
	for _, with := range []string{`["audit",0]`, `["audit",-1]`, `["audit",0.5]`, `["audit",null]`, `["audit"]`, `{}`} {
		f.Add(strings.Replace(empty, `["audit",0]`, with, 1))
	}
	f.Fuzz(func(t *testing.T, file string) {
		s := storetest.Open(t, storetest.SQLite)
		if _, err := imported(t.Context(), s, transfer.Rechecked(file)); err != nil {
			if left := exported(t, s); left != empty {
				t.Errorf("after %v there is\n%s", err, left)
			}
			return
		}
		got, second := exported(t, s), storetest.Open(t, storetest.SQLite)
		mustImport(t, second, got)
		if again := exported(t, second); again != got {
			t.Errorf("of\n%s\nthere is\n%s", got, again)
		}
	})
}
