package main_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// demoDatabase is a database with the demonstration data, and a key.
func demoDatabase(t *testing.T, database string) (dsn, token string) {
	t.Helper()
	dsn = migrated(t, database)
	rows, err := io.ReadAll(demo.Rows())
	if err != nil {
		t.Fatal(err)
	}
	runIn(t, setup{input: bytes.NewReader(rows)}, "import", "--database", dsn, "--create-publishers", "-").want(t, 0)
	return dsn, newKey(t, dsn)
}

func TestABackupIsMadeUnderAServerAndServed(t *testing.T) {
	t.Parallel()
	dsn, token := demoDatabase(t, storetest.SQLite)
	folder := t.TempDir()
	s := serve(t, "--database", dsn, "--public-url", "https://catalogo.example.org")
	s.do(http.MethodPut, "/v1/publishers/"+publisher+"/places/nuovo?publish=true", token, place("Nuovo"), http.StatusCreated)

	file := filepath.Join(folder, "backup.db")
	said := must(t, "backup", "--database", dsn, file)
	anchor := must(t, "audit", "verify", "--database", dsn)
	if !strings.Contains(said, file+": ") || !strings.HasSuffix(said, anchor) {
		t.Errorf("got %q, want the file and %q", said, anchor)
	}
	s.do(http.MethodPut, "/v1/publishers/"+publisher+"/places/dopo?publish=true", token, place("Dopo"), http.StatusCreated)
	r := run(t, "backup", "--database", dsn, file)
	r.want(t, 1)
	r.says(t, file, "never overwritten")
	r = run(t, "restore", "--database", dsn, file)
	r.want(t, 1)
	r.says(t, dsn, "never overwritten")

	restored := filepath.Join(folder, "restored.db")
	must(t, "restore", "--database", restored, file)
	second := serve(t, "--database", restored, "--public-url", "https://catalogo.example.org")
	second.get("/v1/publishers/"+publisher+"/places/nuovo", token, http.StatusOK)
	second.get("/v1/publishers/"+publisher+"/places/dopo", token, http.StatusNotFound)
	second.do(http.MethodPut, "/v1/publishers/"+publisher+"/places/dopo?publish=true", token, place("Dopo"), http.StatusCreated)
	second.stop()
	s.stop()

	t.Run("kill", func(t *testing.T) { killedBackup(t, dsn) })
	t.Run("full disk", func(t *testing.T) { backupOnAFullDisk(t, dsn, file) })
}

// killedBackup kills backups when they have begun to write, and wants none of what they leave to pass for a backup.
func killedBackup(t *testing.T, dsn string) {
	for range 5 {
		folder := t.TempDir()
		file := filepath.Join(folder, "backup.db")
		p := launch(t, setup{}, "backup", "--database", dsn, file)
		var left []string
		await(t, "the backup begins to write", func() bool {
			left, _ = filepath.Glob(filepath.Join(folder, ".*"))
			_, err := os.Stat(file)
			return len(left) > 0 || err == nil
		})
		p.kill()
		if _, err := os.Stat(file); err == nil {
			must(t, "restore", "--database", filepath.Join(folder, "restored.db"), file) // it was faster, so it is whole
			continue
		}
		left, _ = filepath.Glob(filepath.Join(folder, ".*"))
		for _, partial := range left {
			if strings.Contains(filepath.Base(partial), "backup.db.partial-") {
				continue
			}
			t.Errorf("%s could be taken for a backup", partial)
		}
	}
}

// backupOnAFullDisk lets no file grow to the size of the database.
func backupOnAFullDisk(t *testing.T, dsn, file string) {
	full := func(folder string, args ...string) {
		t.Helper()
		cmd := exec.Command("bash", append([]string{"-c", `ulimit -f 200; exec "$0" "$@"`, binary}, args...)...)
		cmd.Dir = folder
		if said, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: got %v, want status 1: %s", args[0], cmd.ProcessState, said)
		}
	}
	folder := t.TempDir()
	full(folder, "backup", "--database", dsn, "new.db")
	full(folder, "restore", "--database", "new.db", file)
	if left := names(t, folder); len(left) > 0 {
		t.Errorf("there is %q, want nothing", left)
	}

	const exported = "exported.ndjson"
	for _, args := range [][]string{{"export", "--full"}, {"export"}} {
		full(folder, append(args, "--database", dsn, "--output", exported)...)
		if left := names(t, folder); len(left) > 0 {
			t.Errorf("%q: there is %q, want nothing", args, left)
		}
		must(t, append(args, "--database", dsn, "--output", filepath.Join(folder, exported))...)
		full(folder, append(args, "--database", dsn, "--output", exported)...)
		whole := must(t, append(args, "--database", dsn)...)
		if kept, err := os.ReadFile(filepath.Join(folder, exported)); err != nil || string(kept) != whole {
			t.Errorf("%q: the export of before has %d bytes, %v, want the %d of then", args, len(kept), err, len(whole))
		}
		if left := names(t, folder); len(left) != 1 {
			t.Errorf("%q: there is %q, want the export of before alone", args, left)
		}
		if err := os.Remove(filepath.Join(folder, exported)); err != nil {
			t.Fatal(err)
		}
	}
}

// names are those of the files in a folder.
func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}

func TestAnExportIntoAPipeLeavesItAPipe(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	must(t, "import", "--database", dsn, writeRows(t, row("place", "a", place("Piazza"))))
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		content, _ := os.ReadFile(pipe)
		read <- string(content)
	}()
	must(t, "export", "--database", dsn, "--output", pipe)
	if got, want := <-read, must(t, "export", "--database", dsn); got != want {
		t.Errorf("read %q from the pipe, want %q", got, want)
	}
}

func TestBackupOfPostgresNamesItsOwnTools(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"backup", "restore"} {
		r := run(t, command, "--database", "postgres://catalogue@nowhere.invalid/catalogue", "backup.db")
		r.want(t, 1)
		r.says(t, "pg_dump --format=custom", "pg_restore", "docs/guides/backup.md")
	}
}

// What one database has goes to one of the other kind, and readers and publishers get the same from both.
func TestAFullExportServesTheSameFromAnotherDatabase(t *testing.T) {
	t.Parallel()
	first, token := demoDatabase(t, storetest.SQLite)
	must(t, "import", "--database", first, writeRows(t, object{"publisher": publisher, "kind": "place", "key": "bozza", "document": place("Solo bozza")}))
	file := filepath.Join(t.TempDir(), "full.ndjson")
	must(t, "export", "--full", "--database", first, "--output", file)
	second := migrated(t, storetest.Postgres)
	waiting := serve(t, "--database", second, "--public-url", "https://catalogo.example.org") // a node sees it come
	if got, want := must(t, "import", "--full", "--database", second, file), must(t, "audit", "verify", "--database", first); !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want the audit to be the same: %q", got, want)
	}
	again := must(t, "export", "--full", "--database", second)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(again, "\n")); diff != "" {
		t.Errorf("export of the import mismatch (-want +got):\n%s", diff)
	}
	r := run(t, "import", "--full", "--database", second, file)
	r.want(t, 1)
	r.says(t, "the database is not empty")
	r = run(t, "import", "--full", "--publish", "--database", second, file)
	r.want(t, 1)
	r.says(t, "--full takes --database alone")

	s := serve(t, "--database", first, "--public-url", "https://catalogo.example.org")
	await(t, "the node has everything", func() bool {
		a, err := waiting.ask(http.MethodGet, "/readyz", "", nil)
		return err == nil && a.status == http.StatusOK && bytes.Equal(waiting.get("/status", "", http.StatusOK).body, s.get("/status", "", http.StatusOK).body)
	})
	for _, path := range []string{
		"/v1/services?lang=*&limit=200", "/v1/offices?limit=200", "/v1/places?limit=200", "/v1/publishers?limit=200", "/v1/procedures?limit=200",
		"/v1/timetables", "/v1/channels", "/v1/holiday-sets", "/v1/changes?limit=1000", "/v1/search?q=carta", "/v1/synonyms",
		"/v1/publishers/" + publisher + "/places", "/v1/publishers/" + publisher + "/services?limit=200",
	} {
		if diff := cmp.Diff(string(s.get(path, token, http.StatusOK).body), string(waiting.get(path, token, http.StatusOK).body)); diff != "" {
			t.Errorf("%s mismatch (-first +second):\n%s", path, diff)
		}
	}
	waiting.do(http.MethodPut, "/v1/publishers/"+publisher+"/places/bozza?publish=true", token, place("Pubblico"), http.StatusOK)
}

// The commands are those of docs/guides/backup.md.
func TestThePostgresToolsKeepEverything(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.Postgres)
	newPublisher(t, dsn)
	must(t, "import", "--database", dsn, writeRows(t, row("place", "a", place("Piazza")), row("office", "o", office("Ufficio", publisher+"/a"))))
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(programs) == 0 {
		const missing = "pg_dump and pg_restore are not where Debian has them: apt-get install postgresql"
		if os.Getenv("CATALOGUE_TEST_POSTGRES") == "required" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	tool := func(name string, args ...string) {
		t.Helper()
		if said, err := exec.Command(filepath.Join(programs[len(programs)-1], name), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, said)
		}
	}
	dump, restored := filepath.Join(t.TempDir(), "catalogue.dump"), storetest.DSN(t, storetest.Postgres)
	tool("pg_dump", "--format=custom", "--file="+dump, dsn)
	tool("pg_restore", "--exit-on-error", "--no-owner", "--dbname="+restored, dump)
	if got, want := must(t, "audit", "verify", "--database", restored), must(t, "audit", "verify", "--database", dsn); got != want {
		t.Errorf("the audit: got %q, want %q", got, want)
	}
	if got, want := must(t, "export", "--full", "--database", restored), must(t, "export", "--full", "--database", dsn); got != want {
		t.Errorf("got the export\n%swant\n%s", got, want)
	}
}
