package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestOpenSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("not a database, but longer than the head of one"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, dsn, want string
	}{
		{"no name", "", "give the path of a file"},
		{"in memory", ":memory:", "give the path of a file"},
		{"another database", "mysql://localhost/x", "give the path of an SQLite file or a postgres:// URL"},
		{"settings in the URL", "file:" + text + "?mode=ro", "give the path alone"},
		{"a directory", dir, "name a file in it, such as " + filepath.Join(dir, "catalogue.db")},
		{"no directory", filepath.Join(dir, "none", "x.db"), "there is no directory " + filepath.Join(dir, "none") + ": create it"},
		{"a file for a directory", filepath.Join(text, "x.db"), "is not a directory"},
		{"not a database", text, "is not an SQLite database"},
		{"damaged", damaged(t), "restore the last backup"},
		{"a URL with a mistake", "postgres://user:secret@localhost:port/x", "want postgres://user:password@host:5432/database"},
		{"no server", "postgres://user:secret@127.0.0.1:1/x", "start the server"},
		{"none of several servers", "postgres://user:secret@127.0.0.1:1,127.0.0.1:2/x", "start the server"},
	}
	if runtime.GOOS == "linux" {
		tests = append(tests, struct{ name, dsn, want string }{"not writable", "/sys/kernel/x.db", "is not writable"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(t.Context(), tt.dsn, slog.New(slog.DiscardHandler))
			if err == nil {
				s.Close()
				t.Fatalf("Open(%q) succeeded, want an error that says %q", tt.dsn, tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Open(%q) = %v, want an error that says %q and no password", tt.dsn, err, tt.want)
			}
		})
	}
}

// damaged is the path of a database whose content was overwritten behind its first page.
func damaged(t *testing.T) string {
	t.Helper()
	dsn := storetest.DSN(t, storetest.SQLite)
	s, err := store.Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(dsn, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes.Repeat([]byte("garbage "), 4096), 4096); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func TestAFileOfAnyNameIsForItsOwnerOnly(t *testing.T) {
	for _, name := range []string{"catalogue.db", "città 100% #1?.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			s := storetest.OpenDSN(t, path)
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, p := range []string{path, path + "-wal"} {
				info, err := os.Stat(p)
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != 0o600 {
					t.Errorf("mode of %s = %v, want 0600", p, got)
				}
			}
		})
	}
}

func TestAFileURLNamesTheSameDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalogue.db")
	s := storetest.OpenDSN(t, path)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	inTx(t, s, func(ctx context.Context, tx *db.Client) error {
		_, err := addPublisher(ctx, tx, "prato")
		return err
	})
	n, err := storetest.OpenDSN(t, "file://"+path).Reader().Publisher.Query().Count(t.Context())
	if n != 1 || err != nil {
		t.Errorf("found %d publishers, %v, want 1", n, err)
	}
}

func TestTheServerThatTakesWritesIsFoundAmongSeveral(t *testing.T) {
	dsn := strings.Replace(storetest.DSN(t, storetest.Postgres), "@127.0.0.1:", "@127.0.0.1:1,127.0.0.1:", 1)
	s := storetest.OpenDSN(t, dsn+"&target_session_attrs=read-write")
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}
