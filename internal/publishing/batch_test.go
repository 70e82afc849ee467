package publishing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/concern"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/jobs"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// rowsThatMeet draws rows that share few titles, slugs and parents, so that they get in each other's way.
func rowsThatMeet(rt *rapid.T, label string) (lines []string, refs []catalogue.Ref) {
	for i := range rapid.IntRange(1, 7).Draw(rt, label) {
		document := map[string]any{"title": map[string]string{"it": rapid.SampledFrom([]string{"Ufficio", "Sede", "Sportello"}).Draw(rt, "title")}}
		if rapid.IntRange(0, 3).Draw(rt, "slugged") == 0 {
			document["slug"] = rapid.SampledFrom([]string{"ufficio", "sede-2", "altro"}).Draw(rt, "slug")
		}
		if rapid.Bool().Draw(rt, "below") {
			document["parent"] = "prato/o" + fmt.Sprint(rapid.IntRange(0, 6).Draw(rt, "parent"))
		}
		if rapid.IntRange(0, 9).Draw(rt, "faulty") == 0 {
			document["titel"] = "x"
		}
		text, err := json.Marshal(document)
		if err != nil {
			rt.Fatal(err)
		}
		ref := office("prato", fmt.Sprint("o", i))
		refs = append(refs, ref)
		lines = append(lines, row(ref.Publisher, ref.Kind, ref.Key, string(text), rapid.Bool().Draw(rt, "publish")))
	}
	order := rapid.Permutation(lines).Draw(rt, "order")
	return order, refs
}

// Property: a dry run reports what the real run does, and stores nothing, however the rows get in each other's way and
// whether they are stored together or in chunks.
func TestADryRunReportsWhatTheRealRunDoes(t *testing.T) {
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				if rounds(t) > 12 {
					return
				}
				r := newRoom(t, storetest.Open(t, database))
				if rapid.Bool().Draw(rt, "chunks") {
					r = r.inChunks(rapid.IntRange(1, 3).Draw(rt, "chunk"))
				}
				for _, label := range []string{"first", "second"} {
					lines, _ := rowsThatMeet(rt, label)
					text := strings.Join(lines, "\n")
					o := publishing.ImportOptions{Actor: me, Replace: rapid.Bool().Draw(rt, "replace"), Confirm: true, DryRun: true}
					before := r.dump(t)
					foreseen, err := r.tryImport(t.Context(), text, o)
					if err != nil {
						rt.Fatal(err)
					}
					if diff := cmp.Diff(before, r.dump(t)); diff != "" {
						rt.Errorf("a dry run changed the database (-before +after):\n%s", diff)
					}
					o.DryRun = false
					got, err := r.tryImport(t.Context(), text, o)
					if err != nil {
						rt.Fatal(err)
					}
					if diff := cmp.Diff(got, foreseen); diff != "" {
						rt.Errorf("the dry run of\n%s\nreports otherwise (-real +dry):\n%s", text, diff)
					}
				}
			})
		})
	}
}

// Property: rows that name no later ones are stored together as Put stores them one by one.
func TestRowsStoredTogetherAreAsIfPutOneByOne(t *testing.T) {
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				if rounds(t) > 12 {
					return
				}
				together, oneByOne := newRoom(t, storetest.Open(t, database)), newRoom(t, storetest.Open(t, database))
				for _, label := range []string{"first", "second", "third"} {
					lines, refs := rowsThatMeet(rt, label)
					var good []string
					for _, line := range lines {
						var read struct {
							Key      string
							Document json.RawMessage
							Publish  bool
						}
						if err := json.Unmarshal([]byte(line), &read); err != nil {
							rt.Fatal(err)
						}
						_, err := oneByOne.Put(t.Context(), office("prato", read.Key), read.Document, publishing.Write{Actor: me, Publish: read.Publish})
						if err == nil {
							good = append(good, line)
						} else if !errors.Is(err, catalogue.ErrInvalid) {
							rt.Fatal(err)
						}
					}
					got, err := together.tryImport(t.Context(), strings.Join(good, "\n"), publishing.ImportOptions{Actor: me})
					if err != nil || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "refused") }) {
						rt.Fatalf("rows that Put takes: %v, %q", err, got)
					}
					for _, ref := range refs {
						want, err := oneByOne.Get(t.Context(), ref)
						state, err2 := together.Get(t.Context(), ref)
						if errors.Is(err, catalogue.ErrNotFound) && errors.Is(err2, catalogue.ErrNotFound) {
							continue
						}
						want.ID, want.UpdatedAt, want.ReviewedAt = state.ID, state.UpdatedAt, state.ReviewedAt
						if diff := cmp.Diff(want, state); diff != "" || err != nil || err2 != nil {
							rt.Errorf("%s mismatch (-one by one +together): %v %v\n%s", ref, err, err2, diff)
						}
						if diff := cmp.Diff(oneByOne.concerns(t, ref), together.concerns(t, ref)); diff != "" {
							rt.Errorf("queues of %s mismatch (-one by one +together):\n%s", ref, diff)
						}
						if diff := cmp.Diff(oneByOne.audited(t, ref), together.audited(t, ref)); diff != "" {
							rt.Errorf("audit of %s mismatch (-one by one +together):\n%s", ref, diff)
						}
					}
				}
			})
		})
	}
}

// An import that is stopped after any of its steps and begun again ends as if nobody had stopped it.
func TestAnImportThatWasStoppedGoesOnWhereItWas(t *testing.T) {
	var lines []string
	for i := range 9 {
		lines = append(lines, row("prato", "office", fmt.Sprint("o", i), titled(fmt.Sprint("Ufficio ", i), fmt.Sprintf(`"parent":"prato/o%d"`, i+1)), true))
	}
	lines = append(lines, row("prato", "office", "o9", titled("Ufficio 9"), true), row("prato", "office", "orfano", titled("Orfano", `"parent":"prato/nessuno"`), true))
	run(t, func(t *testing.T, r room) {
		for look := 1; ; look++ {
			prefix := fmt.Sprintf("l%d-", look)
			text := strings.NewReplacer(`"o`, `"`+prefix+"o", "prato/o", "prato/"+prefix+"o", "Ufficio", "Ufficio "+prefix).Replace(strings.Join(lines, "\n"))
			text = strings.ReplaceAll(text, `"`+prefix+`office"`, `"office"`)
			imports := r.inChunks(2).imports()
			job, err := imports.Start(t.Context(), publishing.ImportRequest{Publisher: "prato", Format: "ndjson", Actor: me}, strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			looks := 0
			stopped := r.withClock(func() time.Time {
				if looks++; looks == look {
					cancel()
				}
				return clock()
			})
			_ = stopped.inChunks(2).imports().Work(ctx, job.ID)
			cancel()
			ticks.Add(time.Minute.Milliseconds()) // it may have been stopped before it could say that it is free
			if err := r.inChunks(2).imports().Work(t.Context(), job.ID); err != nil {
				t.Errorf("stopped at look %d, going on: %v", look, err)
			}
			got, err := imports.Get(t.Context(), "prato", job.ID)
			if err != nil || got.State != publishing.ImportDone || got.Counts[publishing.RowCreated] != 10 || got.Counts[publishing.RowRefused] != 1 {
				t.Fatalf("stopped at look %d, the import ends as %+v, %v, want 10 created and 1 refused", look, got, err)
			}
			reported := map[int]int{}
			if err := imports.Report(t.Context(), "prato", job.ID, func(row publishing.StoredReport) error { reported[row.Row]++; return nil }); err != nil {
				t.Fatal(err)
			}
			for number := 1; number <= 11; number++ {
				if reported[number] != 1 {
					t.Errorf("stopped at look %d, row %d is reported %d times, want once", look, number, reported[number])
				}
			}
			for i := range 10 {
				wantState(t, r.get(t, office("prato", fmt.Sprint(prefix, "o", i))), "published clean 1 1")
			}
			if looks < look {
				return // nobody stopped this one
			}
		}
	})
}

// concerns are the queues that an entry is in for what it lacks in public, with what they are about.
func (r room) concerns(t *testing.T, ref catalogue.Ref) (all []string) {
	t.Helper()
	rows, err := r.store.Reader().Concern.Query().
		Where(concern.HasEntryWith(entry.KindEQ(ref.Kind), entry.Key(ref.Key))).Order(concern.ByQueue()).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all = append(all, string(row.Queue)+" "+row.Details)
	}
	return all
}

func (r room) imports() *publishing.Imports {
	return publishing.NewImports(r.Publishing, discard)
}

// withClock is the room with another clock.
func (r room) withClock(clock catalogue.Clock) room {
	r.Publishing = publishing.New(r.store, clock)
	return r
}

func (r room) ended(t *testing.T, imports *publishing.Imports, job publishing.ImportJob) bool {
	t.Helper()
	got, err := imports.Get(t.Context(), "prato", job.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got.FinishedAt != nil
}

func TestTwoImportsOfOnePublisherTakeTurns(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		imports := r.imports()
		start := func(key string) publishing.ImportJob {
			job, err := imports.Start(t.Context(), publishing.ImportRequest{Publisher: "prato", Format: "ndjson", Actor: me},
				strings.NewReader(row("prato", "place", key, titled("Luogo"), true)))
			if err != nil {
				t.Fatal(err)
			}
			return job
		}
		first, second := start("a"), start("b")
		if err := imports.Work(t.Context(), second.ID); err == nil || r.ended(t, imports, second) {
			t.Errorf("the second import did not wait for the first: %v", err)
		}
		for _, job := range []publishing.ImportJob{first, second} {
			if err := imports.Work(t.Context(), job.ID); err != nil || !r.ended(t, imports, job) {
				t.Errorf("working the imports in turn: %v", err)
			}
			if err := imports.Work(t.Context(), job.ID); err != nil {
				t.Errorf("working an import again that has ended: %v", err)
			}
		}
		wantState(t, r.get(t, place("prato", "b")), "published clean 1 1")
	})
}

func TestAnImportWhoseNodeDiedBeforeItBeganIsTakenUp(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		job, err := r.imports().Start(t.Context(), publishing.ImportRequest{Publisher: "prato", Format: "ndjson", Actor: me},
			strings.NewReader(row("prato", "place", "a", titled("Luogo"), true)))
		if err != nil {
			t.Fatal(err)
		}
		// A node takes the job and is killed.
		err = r.store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			_, err := tx.ExecContext(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		later := r.withClock(func() time.Time { return catalogue.SystemClock().Add(time.Minute) })
		work := jobs.NewWork()
		later.imports().Handle(work)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- jobs.Run(ctx, r.store, work, discard) }()
		for end := time.Now().Add(time.Minute); !r.ended(t, later.imports(), job); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the import did not end")
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		wantState(t, r.get(t, place("prato", "a")), "published clean 1 1")
	})
}
