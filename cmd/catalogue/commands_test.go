package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

var tokenPattern = regexp.MustCompile(`^cat_([a-z2-7]{8})_([A-Za-z0-9_-]{43})\n$`)

func TestAKeyIsMadeListedAndRevokedWhileTheServerRuns(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		must(t, "publishers", "create", "--database", dsn, publisher, "Comune di Prato")
		s := serve(t, "--database", dsn)

		printed := must(t, "keys", "create", "--database", dsn, "--name", "portale", "--scopes", "write,publish", "--publisher", publisher, "--expires", "90d")
		parts := tokenPattern.FindStringSubmatch(printed)
		if parts == nil {
			t.Fatalf("keys create printed %q, want a token alone", printed)
		}
		token, prefix, secret := strings.TrimSpace(printed), parts[1], parts[2]
		path := "/v1/publishers/" + publisher + "/places/p?publish=true"
		s.do(http.MethodPut, path, token, place("Palazzo pretorio"), http.StatusCreated)

		list := must(t, "keys", "list", "--database", dsn)
		for _, want := range []string{prefix, "portale", publisher, "write,publish"} {
			if !strings.Contains(list, want) {
				t.Errorf("keys list: got\n%swant %q in it", list, want)
			}
		}
		if strings.Contains(list, secret) {
			t.Errorf("keys list shows the token:\n%s", list)
		}

		must(t, "keys", "revoke", "--database", dsn, prefix)
		s.do(http.MethodPut, path, token, place("Palazzo pretorio"), http.StatusUnauthorized)
		other := newKey(t, dsn)
		s.do(http.MethodPut, path, other, place("Palazzo pretorio"), http.StatusOK)
		must(t, "keys", "revoke", "--database", dsn, other) // the whole token will do
		s.do(http.MethodPut, path, other, place("Palazzo pretorio"), http.StatusUnauthorized)
	})
}

func TestAKeyStopsWorkingWhenItExpires(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	s := serve(t, "--database", dsn)
	token := newKey(t, dsn, "--expires", "1s")
	await(t, "an expired key is refused", func() bool {
		a, err := s.ask(http.MethodGet, "/v1/publishers/"+publisher+"/places", token, nil)
		return err == nil && a.status == http.StatusUnauthorized
	})
}

func TestKeysThatCannotBeMadeAreRefused(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	newPublisher(t, dsn)
	tests := []struct {
		name string
		args []string
		says string
	}{
		{"days without a unit", []string{"--scopes", "admin", "--expires", "90"}, "such as 90d or 12h"},
		{"no period", []string{"--scopes", "admin", "--expires", "soon"}, "such as 90d or 12h"},
		{"no time at all", []string{"--scopes", "admin", "--expires", "0d"}, "such as 90d or 12h"},
		{"in the past", []string{"--scopes", "admin", "--expires=-3d"}, "such as 90d or 12h"},
		{"two units", []string{"--scopes", "admin", "--expires", "1h2d"}, "such as 90d or 12h"},
		{"longer than time counts", []string{"--scopes", "admin", "--expires", "213504d"}, "such as 90d or 12h"},
		{"an unknown scope", []string{"--scopes", "root"}, "read,write,publish,review,report,admin"},
		{"for all publishers without being admin", []string{"--scopes", "write"}, "scope admin"},
		{"an unknown publisher", []string{"--scopes", "write", "--publisher", "nessuno"}, publisher},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, append([]string{"keys", "create", "--database", dsn, "--name", "x"}, tt.args...)...)
			r.want(t, 1)
			r.says(t, tt.says)
			if r.out != "" {
				t.Errorf("got %q on standard output, want nothing", r.out)
			}
		})
	}
	r := run(t, "keys", "revoke", "--database", dsn, "zzzzzzzz")
	r.want(t, 1)
	r.says(t, "zzzzzzzz", "catalogue keys list")
}

func TestPublishersAreMadeOnceAndListed(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		if got, want := must(t, "publishers", "create", "--database", dsn, publisher, "Comune di Prato"), publisher+"\n"; got != want {
			t.Errorf("publishers create printed %q, want %q", got, want)
		}
		must(t, "publishers", "create", "--database", dsn, "--policy", "four_eyes", "publiacqua", "Publiacqua S.p.A.")
		r := run(t, "publishers", "create", "--database", dsn, publisher, "Un altro")
		r.want(t, 1)
		r.says(t, publisher, "already", "catalogue publishers list")
		r = run(t, "publishers", "create", "--database", dsn, "a/b", "Con la barra")
		r.want(t, 1)
		r.says(t, "A-Z")

		list := must(t, "publishers", "list", "--database", dsn)
		for _, want := range []string{`(?m)^prato-comune +Comune di Prato +self `, `(?m)^publiacqua +Publiacqua S\.p\.A\. +four_eyes `} {
			if !regexp.MustCompile(want).MatchString(list) {
				t.Errorf("publishers list: got\n%swant a line like %s", list, want)
			}
		}
	})
}

func TestMigrateSaysWhatItDidAndThenHasNothingToDo(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := storetest.DSN(t, database)
		if got := must(t, "migrate", "--database", dsn); !strings.HasPrefix(got, "00001_initial.sql\n") {
			t.Errorf("migrate printed %q, want the names of the migrations", got)
		}
		if got := must(t, "migrate", "--database", dsn); got != "" {
			t.Errorf("migrate printed %q the second time, want nothing", got)
		}
	})
}

func TestAServerLeavesAPostgreSQLSchemaAsItIsUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	dsn := storetest.DSN(t, storetest.Postgres)
	for _, command := range []string{"serve", "export"} {
		r := run(t, command, "--database", dsn)
		r.want(t, 1)
		r.says(t, "catalogue migrate", "--migrate")
	}
	s := serve(t, "--database", dsn, "--migrate")
	s.get("/readyz", "", http.StatusOK)
	s.stop()
	serve(t, "--database", dsn).stop()
}

func TestAHealthcheckFailsUnlessTheServerIsReady(t *testing.T) {
	t.Parallel()
	s := serve(t, "--database", migrated(t, storetest.SQLite))
	if got, want := must(t, "healthcheck", "--url", s.url), "ready\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.stop()
	r := run(t, "healthcheck", "--url", s.url)
	r.want(t, 1)
	r.says(t, "refused")

	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer behind.Close()
	r = run(t, "healthcheck", "--url", behind.URL)
	r.want(t, 1)
	r.says(t, "not ready: 503")

	hanging := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	defer silent.Close()
	defer close(hanging)
	r = run(t, "healthcheck", "--url", silent.URL, "--timeout", "50ms")
	r.want(t, 1)
	r.says(t, "deadline exceeded")
}

// The address that a server refuses shows which of the settings it took.
func TestFlagsGoBeforeTheEnvironmentAndThatBeforeTheFile(t *testing.T) {
	t.Parallel()
	flat, nested := "listen: of-the-file\n", "listen: of-the-top\nserve:\n  listen: of-the-file\n"
	tests := []struct {
		name string
		file string // content
		env  []string
		args []string
		want string
	}{
		{"the file", flat, nil, nil, `"of-the-file"`},
		{"the part of the command in the file", nested, nil, nil, `"of-the-file"`},
		{"the file, with a part in which all is commented out", flat + "serve:\n  # listen: x\n", nil, nil, `"of-the-file"`},
		{"the environment", flat, []string{"CATALOGUE_LISTEN=of-the-environment"}, nil, `"of-the-environment"`},
		{"a flag", flat, []string{"CATALOGUE_LISTEN=of-the-environment"}, []string{"--listen", "of-the-flag"}, `"of-the-flag"`},
		{"a flag before the file", nested, nil, []string{"--listen", "of-the-flag"}, `"of-the-flag"`},
		{"no file", "", []string{"CATALOGUE_LISTEN=of-the-environment"}, nil, `"of-the-environment"`},
	}
	for _, tt := range tests {
		for _, how := range []string{"flag", "environment"} { // to name the file
			t.Run(tt.name+", its file named by "+how, func(t *testing.T) {
				args := append([]string{"serve"}, tt.args...)
				env := tt.env
				if name := writeFile(t, tt.file); tt.file != "" && how == "flag" {
					args = append(args, "--config", name)
				} else if tt.file != "" {
					env = append([]string{"CATALOGUE_CONFIG=" + name}, env...)
				}
				r := runIn(t, setup{env: env}, args...)
				r.want(t, 1)
				r.says(t, "--listen "+tt.want)
			})
		}
	}
}

func TestWhatTheCommandLineGetsWrongIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte("no database at all, but long enough to look like one"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "catalogue.db")
	taken := strings.TrimPrefix(serve(t, "--database", migrated(t, storetest.SQLite)).url, "http://")
	tests := []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"no command", nil, 2, []string{"expected one of", "--help"}},
		{"an unknown command", []string{"server"}, 2, []string{"server", "--help"}},
		{"an unknown flag", []string{"serve", "--databse", db}, 2, []string{"--databse", "--help"}},
		{"a flag without its value", []string{"serve", "--database"}, 2, []string{"--database"}},
		{"an unknown log level", []string{"serve", "--log-level", "loud"}, 2, []string{"--log-level", "loud"}},
		{"no such settings file", []string{"serve", "--config", "nothing.yaml"}, 2, []string{"nothing.yaml"}},
		{"settings that are no YAML", []string{"serve", "--config", writeFile(t, "serve: [")}, 2, []string{"settings", "yaml"}},
		{"a misspelt setting", []string{"serve", "--config", writeFile(t, "databse: x")}, 2, []string{`"databse"`, "--help"}},
		{"a misspelt setting of a command", []string{"serve", "--config", writeFile(t, "serve: {listne: x}")}, 2, []string{`"listne"`, "catalogue serve --help"}},
		{"a setting of every command below one", []string{"serve", "--config", writeFile(t, "serve: {log-level: loud}")}, 2, []string{"--log-level", "loud"}},
		{"settings of an unknown command", []string{"serve", "--config", writeFile(t, "server: {listen: x}")}, 2, []string{`"server"`}},
		{"a public address of another scheme", []string{"serve", "--database", db, "--public-url", "ftp://example.org"}, 1, []string{"--public-url", "https://"}},
		{"a public address without a scheme", []string{"serve", "--database", db, "--public-url", "example.org"}, 1, []string{"--public-url", "https://"}},
		{"a public address without a host", []string{"serve", "--database", db, "--public-url", "https:///v1"}, 1, []string{"--public-url", "https://"}},
		{"a public address with a query", []string{"serve", "--database", db, "--public-url", "https://example.org/?x=1"}, 1, []string{"--public-url", "https://"}},
		{"an address without a port", []string{"serve", "--database", db, "--listen", "127.0.0.1"}, 1, []string{"--listen", "127.0.0.1:8080"}},
		{"an address that is taken", []string{"serve", "--database", db, "--listen", taken}, 1, []string{taken, "in use", "--listen"}},
		{"a demonstration for everybody", []string{"serve", "--demo", "--listen", "0.0.0.0:0"}, 1, []string{"--demo", "loopback"}},
		{"a demonstration on every address", []string{"serve", "--demo", "--listen", ":0"}, 1, []string{"--demo", "loopback"}},
		{"a demonstration's keys without one", []string{"serve", "--database", db, "--keys-file", "keys"}, 1, []string{"--demo", "catalogue keys create"}},
		{"a directory for a database", []string{"serve", "--database", dir}, 1, []string{dir, "directory", filepath.Join(dir, "catalogue.db")}},
		{"another file for a database", []string{"serve", "--database", garbage}, 1, []string{garbage, "not an SQLite database"}},
		{"a database in no directory", []string{"migrate", "--database", filepath.Join(dir, "none", "x.db")}, 1, []string{"create it"}},
		{"a database that is not there", []string{"export", "--database", filepath.Join(dir, "x.db")}, 1, []string{"no such database", "--database"}},
		{"a URL of a database that is not there", []string{"keys", "list", "--database", "file:" + filepath.Join(dir, "x.db")}, 1, []string{"no such database", "--database"}},
		{"an unknown database", []string{"migrate", "--database", "mysql://localhost/x"}, 1, []string{"mysql://", "postgres://"}},
		{
			"a server that is not there, without telling its password",
			[]string{"migrate", "--database", "postgres://catalogue:hush@127.0.0.1:1/x"},
			1,
			[]string{"cannot be reached", "127.0.0.1:1"},
		},
		{"an unknown kind", []string{"validate", "--kind", "shop", garbage}, 2, []string{"--kind"}},
		{"an unknown policy", []string{"publishers", "create", "--policy", "none", "a", "A"}, 2, []string{"--policy", "four_eyes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, tt.args...)
			r.want(t, tt.status)
			r.says(t, tt.says...)
			if r.out != "" {
				t.Errorf("got %q on standard output, want nothing", r.out)
			}
			if strings.Contains(r.err, "hush") {
				t.Errorf("got %q, want no password in it", r.err)
			}
		})
	}
}

func TestHelpListsTheCommandsAndTheirSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"serve", "import", "export", "validate", "publishers create", "publishers set", "keys create", "keys rotate", "keys revoke", "migrate", "healthcheck"}},
		{[]string{"serve", "--help"}, []string{"--database", "$CATALOGUE_DATABASE", "--demo", "--public-url", "127.0.0.1:8080"}},
		{[]string{"keys", "create", "--help"}, []string{"--scopes", "--expires"}},
	}
	for _, tt := range tests {
		out := must(t, tt.args...)
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("catalogue %s: got\n%swant %q in it", strings.Join(tt.args, " "), out, want)
			}
		}
	}
}

func TestADatabaseThatNobodyNamesIsInTheCurrentFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := runIn(t, setup{dir: dir}, "publishers", "create", publisher, "Comune di Prato")
	r.want(t, 0)
	if list := must(t, "publishers", "list", "--database", filepath.Join(dir, "catalogue.db")); !strings.Contains(list, publisher) {
		t.Errorf("got the publishers\n%swant %s among them", list, publisher)
	}
}
