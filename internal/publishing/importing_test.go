package publishing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// importText imports rows and returns what was reported of each, `line outcome ref`, sorted.
func (r room) importText(t testing.TB, text string) []string {
	t.Helper()
	got, err := r.tryImport(t.Context(), text, publishing.ImportOptions{Actor: me})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

// inChunks is the room with imports in chunks of some rows.
func (r room) inChunks(rows int) room {
	r.Publishing = r.WithImportBounds(rows, rows)
	return r
}

func (r room) tryImport(ctx context.Context, text string, o publishing.ImportOptions) (got []string, err error) {
	err = r.Import(ctx, rowsOf(text), o, func(rows []publishing.RowReport) {
		for _, row := range rows {
			got = append(got, reported(row))
		}
	})
	return got, err
}

// rowsOf reads NDJSON.
func rowsOf(text string) func() (importing.Reader, error) {
	return func() (importing.Reader, error) {
		return importing.Open(importing.NDJSON, strings.NewReader(text), importing.Options{})
	}
}

func reported(row publishing.RowReport) string {
	line := fmt.Sprintf("%d %s", row.Number, row.Outcome)
	if row.Ref != (catalogue.Ref{}) {
		line += fmt.Sprintf(" %s %s", row.Ref.Kind, row.Ref)
	}
	if list := findingsOf(row.Err); list != nil {
		return line + ": " + strings.Join(list, ", ")
	}
	var malformed *catalogue.MalformedError
	if errors.As(row.Err, &malformed) {
		return line + ": " + malformed.Rule
	}
	if row.Err != nil {
		return line + ": " + row.Err.Error()
	}
	return line
}

func (r room) exported(t testing.TB) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func row(publisher string, kind catalogue.Kind, key, document string, publish bool) string {
	if publish {
		document += `,"publish":true`
	}
	return fmt.Sprintf(`{"publisher":%q,"kind":%q,"key":%q,"document":%s}`, publisher, kind, key, document)
}

func TestImportStoresRowsAndReportsEach(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, office("prato", "anagrafe"), titled("Anagrafe"), public)
		r.put(t, office("prato", "tributi"), titled("Tributi"), public)
		text := strings.Join([]string{
			row("prato", "place", "piazza", titled("Piazza"), true),
			"",
			"  \t ",
			row("prato", "office", "anagrafe", titled("Anagrafe"), true),
			row("prato", "office", "tributi", titled("Tributi nuovi"), true),
			row("gida", "service", "scarico", titled("Scarico"), false) + "  ",
		}, "\n")
		want := []string{"1 created place prato/piazza", "4 unchanged office prato/anagrafe", "5 updated office prato/tributi", "6 created service gida/scarico"}
		if diff := cmp.Diff(want, r.importText(t, text)); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
		wantState(t, r.get(t, place("prato", "piazza")), "published clean 1 1")
		wantState(t, r.get(t, service("gida", "scarico")), "never editing 1 0")
		before := r.dump(t)
		want = []string{"1 unchanged place prato/piazza", "4 unchanged office prato/anagrafe", "5 unchanged office prato/tributi", "6 unchanged service gida/scarico"}
		if diff := cmp.Diff(want, r.importText(t, text)); diff != "" {
			t.Errorf("second report mismatch (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("the second import changed the database (-before +after):\n%s", diff)
		}
		// Windows line ends, and a byte order mark.
		if got := r.importText(t, "\ufeff"+strings.ReplaceAll(text, "\n", "\r\n")); got[0] != want[0] || len(got) != 4 {
			t.Errorf("report = %v", got)
		}
	})
}

func TestAShortImportWithBadRowsStoresNothingAndALongOneTheOthers(t *testing.T) {
	good := func(key string) string { return row("prato", "place", key, titled("Luogo "+key), true) }
	text := strings.Join([]string{
		good("a"),
		`{"publisher":`,
		`{"publisher":"prato","kind":"place","key":"x","document":{"title":{"it":"X"}},"publsh":true}`,
		`{"publisher":"prato","kind":"planet","key":"x","document":{"title":{"it":"X"}}}`,
		`{"publisher":"prato","kind":"place","key":"a/b","document":{"title":{"it":"X"}}}`,
		`{"publisher":"","kind":"place","key":"x","document":{"title":{"it":"X"}}}`,
		`{"publisher":"nessuno","kind":"place","key":"x","document":{"title":{"it":"X"}}}`,
		`{"publisher":"prato","kind":"place","key":"x"}`,
		`{"publisher":"prato","kind":"place","key":"y","document":{"titel":1,"title":{"it":"X","xx":"Y"}}}`,
		`{"publisher":"prato","kind":"place","key":"z","document":{"title":{"it":"X"},"title":{"it":"Y"}}}`,
		`{"publisher":"prato","kind":"place","key":"x","key":"y","document":{"title":{"it":"X"}}}`,
		good("b") + good("c"),
		`[1]`, `null`, `"x"`,
		"{\"publisher\":\"prato\xff\"}",
		row("prato", "service", "cie", titled("Carta"), true),
		row("prato", "service", "leva", serviceTitled("Leva", `"offices":["prato/nessuno"]`), true),
		good("d"),
	}, "\n")
	run(t, func(t *testing.T, r room) {
		want := []string{
			"1 created place prato/a",
			"2 refused: json.truncated",
			"3 refused place prato/x: /publsh unknown_field",
			`4 refused planet prato/x: kind "planet": not found`,
			`5 refused place prato/a/b: key "a/b": a key is 1 to 128 of A-Z a-z 0-9 . _ ~ -`,
			`6 refused place /x: publisher "": a key is 1 to 128 of A-Z a-z 0-9 . _ ~ -`,
			`7 refused place nessuno/x: publisher "nessuno": not found`,
			"8 refused place prato/x: json.empty",
			"9 refused place prato/y: /titel unknown_field, /title/xx language",
			"10 refused place prato/z: /title duplicate",
			"11 refused place prato/x: /key duplicate",
			"12 refused: json.trailing",
			"13 refused:  type",
			"14 refused:  type",
			"15 refused:  type",
			"16 refused: json.utf8",
			"17 refused service prato/cie: /categories missing, /connections reachable, /status missing, /summary missing",
			"18 refused service prato/leva: /offices/0 exists",
			"19 created place prato/d",
		}
		slices.Sort(want)
		before := r.dump(t)
		got := strings.ReplaceAll(strings.Join(r.importText(t, text), "\n"), "held", "created")
		if diff := cmp.Diff(want, strings.Split(got, "\n")); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("an import that was refused changed the database (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(want, r.inChunks(4).importText(t, text)); diff != "" {
			t.Errorf("report of chunks mismatch (-want +got):\n%s", diff)
		}
		wantState(t, r.get(t, place("prato", "d")), "published clean 1 1")
	})
}

func TestImportStoresRowsThatNameLaterOnes(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r = r.inChunks(2)
		text := strings.Join([]string{
			row("prato", "service", "cie", serviceTitled("Carta", `"offices":["prato/figlio"]`, `"relatedServices":["prato/residenza"]`), true),
			row("prato", "office", "figlio", titled("Figlio", `"parent":"prato/base"`), true),
			row("prato", "service", "residenza", serviceTitled("Residenza"), true),
			row("prato", "office", "orfano", titled("Orfano", `"parent":"prato/nessuno"`), true),
			row("prato", "office", "base", titled("Base", `"places":["gida/sede"]`), true),
			row("gida", "place", "sede", titled("Sede"), true),
		}, "\n")
		want := []string{
			"1 created service prato/cie", "2 created office prato/figlio", "3 created service prato/residenza",
			"4 refused office prato/orfano: /parent exists", "5 created office prato/base", "6 created place gida/sede",
		}
		if diff := cmp.Diff(want, r.importText(t, text)); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestImportCanMakePublishers(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		made := map[string]int{}
		options := publishing.ImportOptions{Actor: me, Publisher: func(ctx context.Context, key string) error {
			made[key]++
			err := r.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
				return tx.Publisher.Create().SetKey(key).SetName(key).SetCreatedAt(clock()).Exec(ctx)
			})
			if key == "conteso" { // it was another import that made it
				return errors.Join(err, catalogue.ErrConflict)
			}
			return err
		}}
		text := strings.Join([]string{
			row("nuovo", "place", "a", titled("A"), true), row("nuovo", "place", "b", titled("B"), true),
			row("prato", "place", "a", titled("A"), true), row("conteso", "place", "a", titled("A"), true),
		}, "\n")
		got, err := r.inChunks(2).tryImport(t.Context(), text, options)
		want := []string{"1 created place nuovo/a", "2 created place nuovo/b", "3 created place prato/a", "4 created place conteso/a"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("report mismatch (-want +got): %v\n%s", err, diff)
		}
		if diff := cmp.Diff(map[string]int{"nuovo": 1, "conteso": 1}, made); diff != "" {
			t.Errorf("publishers made mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestImportStopsWhereTheInputOrTheDatabaseFails(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		count := 0
		imported := func(ctx context.Context, text string) error {
			count = 0
			got, err := r.tryImport(ctx, text, publishing.ImportOptions{Actor: me})
			count = len(got)
			return err
		}
		good := row("prato", "place", "a", titled("A"), true)
		broken := errors.New("broken")
		err := r.Import(t.Context(), brokenAfter(good+"\n", broken), publishing.ImportOptions{Actor: me}, func([]publishing.RowReport) {})
		if !errors.Is(err, broken) {
			t.Errorf("a broken input: %v, want %v", err, broken)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := imported(ctx, good); !errors.Is(err, context.Canceled) || count != 0 {
			t.Errorf("a cancelled import: %v after %d rows", err, count)
		}
	})
	for _, database := range storetest.Databases {
		t.Run(database+" closed", func(t *testing.T) {
			s := storetest.Open(t, database)
			p := publishing.New(s, clock)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			err := p.Import(t.Context(), rowsOf("\n"+row("prato", "place", "a", titled("A"), true)), publishing.ImportOptions{}, func(r []publishing.RowReport) {
				t.Errorf("reported %+v", r)
			})
			if err == nil || !strings.HasPrefix(err.Error(), "importing rows 2 to 2: ") {
				t.Errorf("Import = %v, want an error of row 2", err)
			}
			if err := p.Export(t.Context(), new(bytes.Buffer)); err == nil {
				t.Error("Export of a closed database succeeded")
			}
		})
	}
}

func TestImportRefusesALineThatIsTooLongAndGoesOn(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		good := func(key string) string { return row("prato", "place", key, titled("Luogo "+key), true) }
		padded := func(key string, length int) string { return good(key) + strings.Repeat(" ", length-len(good(key))) }
		tooLong := fmt.Sprintf("refused: The row is longer than %d bytes.", importing.MaxRow)
		text := strings.Join([]string{
			good("a"), padded("b", importing.MaxRow-1), padded("c", importing.MaxRow), "", strings.Repeat("x", 3*importing.MaxRow), good("d"), padded("e", importing.MaxRow+1),
		}, "\n")
		want := []string{"1 created place prato/a", "2 created place prato/b", "3 " + tooLong, "5 " + tooLong, "6 created place prato/d", "7 " + tooLong}
		if diff := cmp.Diff(want, r.inChunks(2).importText(t, text)); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestRowsThatNameEachOtherAreStoredTogether(t *testing.T) {
	related := func(key string, to ...string) string {
		return serviceTitled("Servizio "+key, `"relatedServices":["`+strings.Join(to, `","`)+`"]`)
	}
	put := func(t *testing.T, r room, key, document string) {
		t.Helper()
		r.put(t, service("prato", key), serviceTitled("Servizio "+key), public)
		r.put(t, service("prato", key), document, draft)
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		database := storetest.Postgres
		if s.Embedded() {
			database = storetest.SQLite
		}
		for name, documents := range map[string]map[string]string{
			"two": {"a": related("a", "prato/b"), "b": related("b", "prato/a")},
			"three, and one that comes after them": {
				"a": related("a", "prato/b", "prato/a"), "b": related("b", "prato/c", "prato/a"), "c": related("c", "prato/a"), "d": related("d", "prato/b"),
			},
		} {
			from, to := newRoom(t, storetest.Open(t, database)), newRoom(t, storetest.Open(t, database))
			var want []string
			for i, key := range slices.Sorted(maps.Keys(documents)) {
				from.put(t, service("prato", key), serviceTitled("Servizio "+key), public)
				want = append(want, fmt.Sprintf("%d created service prato/%s", i+1, key))
			}
			for key, document := range documents {
				put(t, from, key, document)
			}
			for key := range documents {
				from.move(t, service("prato", key), publishing.Move{Transition: catalogue.Publish})
			}
			text := from.exported(t)
			if diff := cmp.Diff(want, to.importText(t, text)); diff != "" {
				t.Errorf("%s: report mismatch (-want +got):\n%s", name, diff)
			}
			again := strings.SplitAfter(to.exported(t), "\n")
			slices.Sort(again)
			lines := strings.SplitAfter(text, "\n")
			slices.Sort(lines)
			if diff := cmp.Diff(lines, again); diff != "" {
				t.Errorf("%s: export mismatch (-first +second):\n%s", name, diff)
			}
			wantState(t, to.get(t, service("prato", "a")), "published clean 1 1")
			if documents["d"] != "" {
				wantState(t, to.get(t, service("prato", "d")), "published clean 1 1")
			}
			for _, report := range to.importText(t, text) {
				if !strings.Contains(report, " unchanged ") {
					t.Errorf("%s: importing it again: %s", name, report)
				}
			}
		}
	})
}

func TestRowsThatNameEachOtherInVainAreRefusedAndNotStored(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		names := func(publisherKey, key string, publish bool, members ...string) string {
			return row(publisherKey, "service", key, serviceTitled("Servizio "+key, members...), publish)
		}
		needs := func(list ...string) string { return `"relatedServices":["` + strings.Join(list, `","`) + `"]` }
		text := strings.Join([]string{
			// One of them lacks more, and so does who names it.
			names("prato", "a", true, needs("prato/b")),
			names("prato", "b", true, needs("prato/a", "prato/nessuno")),
			names("prato", "c", true, needs("prato/a", "prato/d")),
			names("prato", "d", true, needs("prato/c")),
			// Wrong in another way.
			names("prato", "e", true, `"contributors":[{"role":"01","organisation":"prato/e"}]`, needs("prato/f")),
			names("prato", "f", true, needs("prato/e")),
			// A draft is not for the public, nor for others.
			names("prato", "g", true, needs("prato/h")),
			names("prato", "h", false, needs("prato/g")),
			names("prato", "i", false, needs("gida/i")),
			names("gida", "i", false, needs("prato/i")),
			// Nothing is public before somebody approves.
			names("asl", "k", true, needs("asl/l")),
			names("asl", "l", true, needs("asl/k")),
		}, "\n")
		before := r.dump(t)
		got := r.importText(t, text)
		for _, line := range got {
			if !strings.Contains(line, " refused ") {
				t.Errorf("reported %s", line)
			}
		}
		if len(got) != 12 {
			t.Errorf("%d reports, want 12: %v", len(got), got)
		}
		if diff := cmp.Diff(before, r.dump(t)); diff != "" {
			t.Errorf("the database changed (-before +after):\n%s", diff)
		}
		// Drafts of one publisher may name each other.
		want := []string{"1 created service prato/m", "2 created service prato/n"}
		got = r.importText(t, names("prato", "m", false, needs("prato/n"))+"\n"+names("prato", "n", false, needs("prato/m")))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("report mismatch (-want +got):\n%s", diff)
		}
	})
}

// brokenAfter reads NDJSON until an error ends it.
func brokenAfter(text string, err error) func() (importing.Reader, error) {
	return func() (importing.Reader, error) {
		return importing.Open(importing.NDJSON, &brokenReader{strings.NewReader(text), err}, importing.Options{})
	}
}

type brokenReader struct {
	r   *strings.Reader
	err error
}

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.r.Len() == 0 {
		return 0, b.err
	}
	return b.r.Read(p)
}

func TestExportTellsWhatIsPublicElseTheDraft(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.put(t, service("prato", "cie"), serviceTitled("Carta & <altro>"), public)
		r.put(t, service("prato", "cie"), serviceTitled("Carta nuova", `"slug":"nuova"`), draft)
		r.put(t, office("prato", "bozza"), titled("Bozza"), draft)
		for _, key := range []string{"ritirato", "archiviato"} {
			r.put(t, office("prato", key), titled(key), public)
			r.move(t, office("prato", key), withdraw)
		}
		r.move(t, office("prato", "archiviato"), publishing.Move{Transition: catalogue.Archive})
		r.put(t, place("prato", "p"), titled("P"), public)
		want := row("prato", "place", "p", `{"slug":"p","title":{"it":"P"}}`, true) + "\n" +
			row("prato", "office", "bozza", `{"slug":"bozza","title":{"it":"Bozza"}}`, false) + "\n" +
			row("prato", "service", "cie", strings.Replace(canonical(serviceTitled("Carta & <altro>")), "{", `{"slug":"carta-e-altro",`, 1), true) + "\n"
		if diff := cmp.Diff(want, r.exported(t)); diff != "" {
			t.Errorf("export mismatch (-want +got):\n%s", diff)
		}
	})
}

// canonical is a service as it is stored.
func canonical(document string) string {
	doc, _, err := catalogue.Decode(catalogue.KindService, []byte(document))
	if err != nil {
		panic(err)
	}
	return catalogue.Encode(doc)
}

func TestImportingAnExportGivesTheSameCatalogue(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		database := storetest.Postgres
		if s.Embedded() {
			database = storetest.SQLite
		}
		rapid.Check(t, func(rt *rapid.T) {
			if n := rounds(t); n > 8 { // each takes two databases
				return
			}
			from, to := newRoom(t, storetest.Open(t, database)), newRoom(t, storetest.Open(t, database))
			var offices []string
			for i := range rapid.IntRange(0, 8).Draw(rt, "entries") {
				document := documents.Draw(rt, "document")
				if rapid.Bool().Draw(rt, "slug") {
					document["slug"] = fmt.Sprint("s", i)
				}
				if len(offices) > 0 && rapid.Bool().Draw(rt, "refers") {
					document["parent"] = rapid.SampledFrom(offices).Draw(rt, "parent")
				}
				if status := document["status"]; status == "inactive" {
					document["statusReason"] = map[string]any{"it": "Chiuso."}
				}
				ref := office("prato", fmt.Sprint("o", i))
				w := rapid.SampledFrom([]publishing.Write{public, public, draft}).Draw(rt, "how")
				_, err := from.Put(t.Context(), ref, encode(rt, document), w)
				if errors.Is(err, catalogue.ErrInvalid) {
					continue // it names a draft
				}
				if err != nil {
					rt.Fatal(err)
				}
				offices = append(offices, ref.String())
			}
			text := from.exported(t)
			lines := strings.SplitAfter(text, "\n")
			lines = lines[:len(lines)-1]
			shuffled := rapid.Permutation(lines).Draw(rt, "order")
			for _, report := range to.importText(t, strings.Join(shuffled, "")) {
				if !strings.Contains(report, " created ") {
					rt.Errorf("reported %s", report)
				}
			}
			again := strings.SplitAfter(to.exported(t), "\n")
			again = again[:len(again)-1]
			slices.Sort(lines)
			slices.Sort(again)
			if diff := cmp.Diff(lines, again); diff != "" {
				rt.Errorf("export mismatch (-first +second):\n%s", diff)
			}
			for _, report := range from.importText(t, text) {
				if !strings.Contains(report, " unchanged ") {
					rt.Errorf("importing it where it comes from: %s", report)
				}
			}
		})
	})
}

var counted = map[string]int{}

// rounds counts how often a test has called it.
func rounds(t *testing.T) int {
	counted[t.Name()]++
	return counted[t.Name()]
}
