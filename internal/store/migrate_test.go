package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/migrate"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMigrationsMatchSchema(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		var missing strings.Builder
		inTx(t, s, func(ctx context.Context, tx *db.Client) error {
			return tx.Schema.WriteTo(ctx, &missing, schema.WithDropColumn(true), schema.WithDropIndex(true))
		})
		if missing.Len() > 0 {
			t.Errorf("the migrations do not lead to ent/schema; run `task migrate:diff NAME=…`. Missing is\n%s", &missing)
		}
	})
}

func TestMigrateAppliesWhatIsPendingOnce(t *testing.T) {
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			s := storetest.OpenDSN(t, storetest.DSN(t, database))
			pending, err := s.Pending(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			applied, err := s.Migrate(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(pending, applied); diff != "" || applied[0] != "00001_initial.sql" {
				t.Errorf("applied %q, want all that were pending from 00001_initial.sql on (-want +got):\n%s", applied, diff)
			}
			if again, err := s.Migrate(t.Context()); len(again) != 0 || err != nil {
				t.Errorf("Migrate of a migrated database = %q, %v, want nothing applied", again, err)
			}
			if pending, err = s.Pending(t.Context()); len(pending) != 0 || err != nil {
				t.Errorf("Pending of a migrated database = %q, %v, want nothing", pending, err)
			}
		})
	}
}

func TestProgramsThatStartTogetherMigrateOnce(t *testing.T) {
	for _, database := range storetest.Databases {
		t.Run(database, func(t *testing.T) {
			dsn := storetest.DSN(t, database)
			var mu sync.Mutex
			times := map[string]int{}
			var all sync.WaitGroup
			for range 4 {
				s := storetest.OpenDSN(t, dsn)
				all.Go(func() {
					applied, err := s.Migrate(t.Context())
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, name := range applied {
						times[name]++
					}
				})
			}
			all.Wait()
			if diff := cmp.Diff(map[string]int{"00001_initial.sql": 1, "00002_timetables.sql": 1, "00003_whole_model.sql": 1, "00004_settings.sql": 1, "00005_search_log.sql": 1, "00006_sketches.sql": 1, "00007_identity.sql": 1, "00008_audit_chain.sql": 1, "00009_river.sql": 1, "00010_workflow.sql": 1, "00011_imports.sql": 1, "00012_stewardship.sql": 1}, times); diff != "" {
				t.Errorf("how often each was applied mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		newer := withFile(t, s, "00099_newer.sql", "CREATE TABLE newer (id int);")
		if _, err := store.MigrateFiles(s, t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		const want = "use the newer program that migrated it"
		if _, err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Migrate = %v, want an error that says %q", err, want)
		}
		if _, err := s.Pending(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Pending = %v, want an error that says %q", err, want)
		}
	})
}

func TestAMigrationThatFailsLeavesNoTrace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		broken := withFile(t, s, "00099_broken.sql", "CREATE TABLE colours (id int);\nINSERT INTO nowhere VALUES (1);")
		if applied, err := store.MigrateFiles(s, t.Context(), broken); err == nil || len(applied) != 0 {
			t.Errorf("applied %q with error %v, want nothing applied and an error", applied, err)
		}
		mended := withFile(t, s, "00099_mended.sql", "CREATE TABLE colours (id int);")
		if _, err := store.MigrateFiles(s, t.Context(), mended); err != nil {
			t.Errorf("migrating after the failure: %v", err)
		}
	})
}

// SQLite changes a table by making a new one and dropping the old one, with which every cascading child would go.
func TestMigratingAFilledDatabaseLosesNoRow(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		fill(t, s)
		before := rows(t, s)
		for table, n := range before {
			if n == 0 {
				t.Errorf("fill puts nothing into %s", table)
			}
		}
		change := "ALTER TABLE entries ADD COLUMN colour text NOT NULL DEFAULT '';"
		if s.Dialect() == dialect.SQLite {
			change = rebuild(t, s, "entries")
		}
		if _, err := store.MigrateFiles(s, t.Context(), withFile(t, s, "00099_colour.sql", change)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, rows(t, s)); diff != "" {
			t.Errorf("rows of each table mismatch (-before +after):\n%s", diff)
		}
	})
}

func TestAMigrationThatLeavesRowsDanglingIsReported(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite) // PostgreSQL checks by itself
	dangling := withFile(t, s, "00099_dangling.sql",
		"INSERT INTO redirects (kind, slug, entry_id, created_at) VALUES ('service', 'x', '018f0000-0000-7000-8000-000000000000', '2026-01-01');")
	_, err := store.MigrateFiles(s, t.Context(), dangling)
	if want := "rows of redirects refer to rows of entries"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Migrate = %v, want an error that says %q", err, want)
	}
}

// withFile is the store's own migrations and one more.
func withFile(t *testing.T, s *store.Store, name, statements string) fs.FS {
	t.Helper()
	own, err := fs.Sub(store.Migrations, "migrations/"+s.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{name: {Data: []byte("-- +goose Up\n" + statements + "\n")}}
	names, err := fs.Glob(own, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		data, err := fs.ReadFile(own, n)
		if err != nil {
			t.Fatal(err)
		}
		all[n] = &fstest.MapFile{Data: data}
	}
	return all
}

// rebuild is how Atlas changes a table of SQLite.
func rebuild(t *testing.T, s *store.Store, table string) string {
	t.Helper()
	var all []string
	query(t, s, "SELECT sql FROM sqlite_schema WHERE tbl_name = '"+table+"' AND sql IS NOT NULL ORDER BY type DESC", func(scan func(...any) error) error {
		var sql string
		err := scan(&sql)
		all = append(all, sql)
		return err
	})
	_, columns, _ := strings.Cut(all[0], "(")
	indexes := all[1:]
	return strings.Join(append([]string{
		"PRAGMA foreign_keys = off",
		"CREATE TABLE new_" + table + " (" + columns,
		"INSERT INTO new_" + table + " SELECT * FROM " + table,
		"DROP TABLE " + table,
		"ALTER TABLE new_" + table + " RENAME TO " + table,
		"PRAGMA foreign_keys = on",
	}, indexes...), ";\n") + ";"
}

// rows counts the rows of every table.
func rows(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range migrate.Tables {
		query(t, s, fmt.Sprintf("SELECT count(*) FROM %q", table.Name), func(scan func(...any) error) error {
			var n int
			err := scan(&n)
			counts[table.Name] = n
			return err
		})
	}
	return counts
}

func query(t *testing.T, s *store.Store, statement string, each func(scan func(...any) error) error) {
	t.Helper()
	rows, err := s.Reader().QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// fill puts at least one row into every table.
func fill(t *testing.T, s *store.Store) {
	t.Helper()
	inTx(t, s, func(ctx context.Context, tx *db.Client) error {
		p, err := addPublisher(ctx, tx, "prato")
		if err != nil {
			return err
		}
		entries := map[catalogue.Kind]*db.Entry{}
		for _, kind := range catalogue.Kinds {
			if entries[kind], err = addEntry(ctx, tx, p, kind, string(kind)); err != nil {
				return err
			}
		}
		publisher, place := entries[catalogue.KindPublisher], entries[catalogue.KindPlace]
		timetable, holidays := entries[catalogue.KindTimetable], entries[catalogue.KindHolidaySet]
		channel, procedure := entries[catalogue.KindChannel], entries[catalogue.KindProcedure]
		office, service := entries[catalogue.KindOffice], entries[catalogue.KindService]
		if err := service.Update().SetReplacementID(office.ID).Exec(ctx); err != nil {
			return err
		}
		if _, err := appendChange(ctx, s, tx, service); err != nil {
			return err
		}
		for _, create := range []interface{ Exec(context.Context) error }{
			tx.Profile.Create().SetID(publisher.ID).SetEntry(publisher),
			tx.HolidaySet.Create().SetID(holidays.ID).SetEntry(holidays),
			tx.Timetable.Create().SetID(timetable.ID).SetEntry(timetable).AddHolidaySetIDs(holidays.ID),
			tx.Place.Create().SetID(place.ID).SetEntry(place).SetTimetableID(timetable.ID).SetLat(43.88).SetLon(11.1),
			tx.Office.Create().SetID(office.ID).SetEntry(office).SetTimetableID(timetable.ID).AddPlaceIDs(place.ID),
			tx.Channel.Create().SetID(channel.ID).SetEntry(channel).SetTimetableID(timetable.ID),
			tx.Procedure.Create().SetID(procedure.ID).SetEntry(procedure).SetResponsibleOfficeID(office.ID),
			tx.Service.Create().SetID(service.ID).SetEntry(service).SetResponsibleOfficeID(office.ID).AddOfficeIDs(office.ID).
				AddChannelIDs(channel.ID).AddProcedureIDs(procedure.ID),
			tx.Revision.Create().SetEntry(service).SetNumber(1).SetDocument("{}").SetSlug("carta").SetHash("0").SetAuthor("test").SetPublishedAt(now),
			tx.Comment.Create().SetEntry(service).SetNumber(1).SetDraftVersion(1).SetRevision(1).SetText("Manca il costo.").SetAuthor("test").SetCreatedAt(now),
			tx.Redirect.Create().SetEntry(service).SetKind(service.Kind).SetSlug("old").SetCreatedAt(now),
			tx.Reference.Create().SetFrom(service).SetTo(office).SetSide(reference.SideDraft).SetPointer("/responsibleOffice"),
			tx.Sketch.Create().SetEntry(service).SetPointer("/howTo").SetBand(1),
			tx.Concern.Create().SetEntry(service).SetQueue("no_owner").SetSince(now).SetPublisherID(p.ID).SetKind(service.Kind),
			tx.Audit.Create().SetAt(now).SetActor("test").SetAction("put").SetEntry(service.ID).SetKind(service.Kind).SetHash("0"),
			tx.SearchLog.Create().SetQuery("carta").SetLang("it").SetDay(now).SetCount(5).SetResults(1),
			tx.ImportJob.Create().SetID(service.ID).SetPublisherKey("prato").SetState("running").SetFormat("ndjson").SetActor("test").SetCreatedAt(now),
			tx.ImportChunk.Create().SetJobID(service.ID).SetNumber(0).SetData([]byte("{}")),
			tx.ImportReport.Create().SetJobID(service.ID).SetNumber(0).SetRows("{}"),
			tx.Setting.Create().SetID("synonyms").SetDocument("[]").SetUpdatedAt(now),
			tx.Request.Create().SetKeyPrefix("abcdefgh").SetIdempotencyKey("1").SetRun("1").SetBegunAt(now),
			tx.Key.Create().SetPrefix("abcdefgh").SetHash("0").SetName("test").SetScopes("write").SetPublisher(p).SetCreatedAt(now),
		} {
			if err := create.Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
