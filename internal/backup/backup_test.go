package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/backup"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

var me = catalogue.Actor{Name: "test"}

// city is a catalogue in a file, with a publisher.
func city(t *testing.T) (s *store.Store, pub *publishing.Publishing) {
	t.Helper()
	s = storetest.Open(t, storetest.SQLite)
	_, err := identity.NewPublishers(s, catalogue.SystemClock).Create(t.Context(), me, identity.NewPublisher{Key: "prato", Name: "Prato", Policy: catalogue.PolicySelf})
	if err != nil {
		t.Fatal(err)
	}
	return s, publishing.New(s, catalogue.SystemClock)
}

// publish makes an office public.
func publish(ctx context.Context, pub *publishing.Publishing, key string) error {
	document := fmt.Sprintf(`{"title":{"it":"Ufficio %s"},"summary":{"it":"%s"}}`, key, strings.Repeat("Come e quando. ", 10))
	ref := catalogue.Ref{Kind: catalogue.KindOffice, Publisher: "prato", Key: key}
	_, err := pub.Put(ctx, ref, []byte(document), publishing.Write{Actor: me, Publish: true})
	return err
}

// files are the names in a directory.
func files(t *testing.T, directory string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func silent(int, int) {}

// made is a backup of a small catalogue.
func made(t *testing.T) string {
	t.Helper()
	s, pub := city(t)
	for _, key := range []string{"a", "b"} {
		if err := publish(t.Context(), pub, key); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	report, err := backup.Make(t.Context(), s, file, catalogue.SystemClock, silent)
	if err != nil || report.Audit.Verified == 0 || len(report.Audit.Faults) > 0 {
		t.Fatalf("got %+v, %v, want a backup with its audit", report, err)
	}
	return file
}

// What was answered before the backup began is in it; of what is written meanwhile, all that came before what is.
func TestABackupIsOneMomentWhileOthersWrite(t *testing.T) {
	s, pub := city(t)
	for i := range 300 { // several steps of copying
		if err := publish(t.Context(), pub, fmt.Sprint("before-", i)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := pub.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	for w := range 4 {
		writing.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := publish(ctx, pub, fmt.Sprintf("w%d-%d", w, i)); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	directory := t.TempDir()
	steps := 0
	for round := range 5 {
		file := filepath.Join(directory, fmt.Sprint("backup-", round))
		if _, err := backup.Make(t.Context(), s, file, catalogue.SystemClock, func(int, int) {
			steps++
			// Nobody waits for the copy: a write from here succeeds in the middle of it.
			if err := publish(t.Context(), pub, fmt.Sprint("step-", steps)); err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	writing.Wait()
	for round := range 5 {
		restored := filepath.Join(directory, fmt.Sprint("restored-", round))
		if _, err := backup.Restore(t.Context(), filepath.Join(directory, fmt.Sprint("backup-", round)), restored, catalogue.SystemClock, silent); err != nil {
			t.Fatal(err)
		}
		copied := storetest.OpenDSN(t, restored)
		position, err := publishing.New(copied, catalogue.SystemClock).Position(t.Context())
		if err != nil || position < before {
			t.Errorf("round %d: at %d, %v, want %d at least", round, position, err, before)
		}
		counter, err := copied.Reader().Counter.Get(t.Context(), "feed")
		if err != nil || counter.N != position {
			t.Errorf("round %d: counted %v, %v, want %d", round, counter, err, position)
		}
		published, err := copied.Reader().Revision.Query().Count(t.Context())
		if err != nil || int64(published) != position {
			t.Errorf("round %d: %d revisions, %v, want %d", round, published, err, position)
		}
		before = position
	}
}

func TestABackupNeverOverwrites(t *testing.T) {
	s, _ := city(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Make(t.Context(), s, file, catalogue.SystemClock, silent); err == nil || !strings.Contains(err.Error(), "never overwritten") {
		t.Errorf("got %v, want a refusal", err)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "precious" {
		t.Errorf("got %q, %v, want what was there", content, err)
	}
}

func TestWhatBreaksOffLeavesNothing(t *testing.T) {
	s, _ := city(t)
	directory := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := backup.Make(ctx, s, filepath.Join(directory, "backup.db"), catalogue.SystemClock, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("Make: got %v, want %v", err, context.Canceled)
	}
	file := made(t)
	if _, err := backup.Restore(ctx, file, filepath.Join(directory, "catalogue.db"), catalogue.SystemClock, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("Restore: got %v, want %v", err, context.Canceled)
	}
	if left := files(t, directory); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestARestoreTellsHowFarItIs(t *testing.T) {
	file := made(t)
	last, size := 0, 0
	report, err := backup.Restore(t.Context(), file, filepath.Join(t.TempDir(), "catalogue.db"), catalogue.SystemClock, func(done, all int) {
		if done < last || done > all {
			t.Errorf("told %d of %d after %d", done, all, last)
		}
		last, size = done, all
	})
	if info, failed := os.Stat(file); err != nil || failed != nil || last != size || int64(size) != info.Size() {
		t.Errorf("got %+v, %v, told %d of %d bytes at the end, want all of the file", report, err, last, size)
	}
}

func TestRestoreOverwritesNothingOfADatabase(t *testing.T) {
	file := made(t)
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		database := filepath.Join(t.TempDir(), "catalogue.db")
		if err := os.WriteFile(database+end, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), file, database, catalogue.SystemClock, silent); err == nil || !strings.Contains(err.Error(), database+end+" is there already") {
			t.Errorf("with catalogue.db%s: got %v, want a refusal that names it", end, err)
		}
		if left := files(t, filepath.Dir(database)); len(left) != 1 {
			t.Errorf("with catalogue.db%s: there is %q now", end, left)
		}
	}
}

func TestWhatIsNoWholeBackupIsRefused(t *testing.T) {
	good, err := os.ReadFile(made(t))
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	changed := func(change func(content []byte)) []byte {
		content := bytes.Clone(good)
		change(content)
		return content
	}
	altered := func(statement string) []byte {
		file := filepath.Join(t.TempDir(), "altered.db")
		if err := os.WriteFile(file, good, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), file, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		err = s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"nothing", nil, "it holds no catalogue"},
		{"another thing", []byte("PGDMP and much more of that"), "is not an SQLite database"},
		{"the first half", good[:len(good)/2], "malformed"},
		{"all but the last page", good[:len(good)-page], "malformed"},
		{"the first page alone", good[:page], "malformed"},
		{"all but its first page", changed(func(c []byte) { clear(c[:page]) }), "is not an SQLite database"},
		{"a page in the middle lost", changed(func(c []byte) { clear(c[len(c)/page/2*page:][:page]) }), "is damaged"},
		{"another database", altered("DROP TABLE goose_db_version"), "it holds no catalogue"},
		{"a newer schema", altered("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)"), "use the newer program"},
	} {
		directory := t.TempDir()
		file, database := filepath.Join(directory, "backup.db"), filepath.Join(directory, "catalogue.db")
		if err := os.WriteFile(file, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), file, database, catalogue.SystemClock, silent); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error that says %q", test.name, err, test.want)
		}
		if left := files(t, directory); len(left) != 1 {
			t.Errorf("%s: there is %q now", test.name, left)
		}
	}
}

// A file that was copied while it was in use lacks what is in the one beside it.
func TestACopyOfAFileInUseIsNoBackup(t *testing.T) {
	file := made(t)
	if err := os.WriteFile(file+"-wal", []byte("writes"), 0o600); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "catalogue.db")
	if _, err := backup.Restore(t.Context(), file, database, catalogue.SystemClock, silent); err == nil || !strings.Contains(err.Error(), "has writes that are not in") {
		t.Errorf("got %v, want a refusal", err)
	}
}

// Who tampers with the audit must not keep the city from having backups: they are made, and say so.
func TestATamperedAuditIsCopiedAndTold(t *testing.T) {
	s, pub := city(t)
	if err := publish(t.Context(), pub, "a"); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		_, err := tx.ExecContext(ctx, "UPDATE audits SET actor = 'altri' WHERE id = 2")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	file, database := filepath.Join(directory, "backup.db"), filepath.Join(directory, "catalogue.db")
	report, err := backup.Make(t.Context(), s, file, catalogue.SystemClock, silent)
	if err != nil || len(report.Audit.Faults) != 1 || report.Audit.Faults[0].Number != 2 {
		t.Errorf("Make: got %+v, %v, want a fault of row 2", report, err)
	}
	report, err = backup.Restore(t.Context(), file, database, catalogue.SystemClock, silent)
	if err != nil || len(report.Audit.Faults) != 1 || report.Audit.Faults[0].Number != 2 {
		t.Errorf("Restore: got %+v, %v, want a fault of row 2", report, err)
	}
	if verified, err := audit.NewLog(storetest.OpenDSN(t, database), time.Now).Verify(t.Context(), nil); err != nil || verified.Verified != report.Audit.Verified {
		t.Errorf("the database has %+v, %v, want %+v", verified, err, report.Audit)
	}
}
