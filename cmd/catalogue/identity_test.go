package main_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestAKeyIsRotatedWhileTheServerRuns(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		old := newPublisher(t, dsn)
		one, other := serve(t, "--database", dsn), serve(t, "--database", dsn)
		const path = "/v1/me"

		next := strings.TrimSpace(must(t, "keys", "rotate", "--database", dsn, "--overlap", "1h", old))
		if !tokenPattern.MatchString(next + "\n") {
			t.Fatalf("keys rotate printed %q, want a token alone", next)
		}
		for _, s := range []*server{one, other} {
			s.get(path, old, http.StatusOK)
			s.get(path, next, http.StatusOK)
		}
		r := run(t, "keys", "rotate", "--database", dsn, old)
		r.want(t, 1)
		r.says(t, "taken the place", "catalogue keys list")

		// By its own holder, over HTTP, without any overlap: at once on both nodes.
		var answer struct{ Token string }
		one.do(http.MethodPost, "/v1/keys/"+prefixOf(next)+"/rotations", next, object{"overlap": "PT0H"}, http.StatusCreated).into(t, &answer)
		other.get(path, next, http.StatusUnauthorized)
		other.get(path, answer.Token, http.StatusOK)
		must(t, "keys", "revoke", "--database", dsn, answer.Token)
		one.get(path, answer.Token, http.StatusUnauthorized)
		other.get(path, answer.Token, http.StatusUnauthorized)

		list := must(t, "keys", "list", "--database", dsn)
		for _, want := range []string{prefixOf(old) + " .* " + prefixOf(next), prefixOf(next) + " .* " + prefixOf(answer.Token)} {
			if !regexp.MustCompile(want).MatchString(list) {
				t.Errorf("keys list: got\n%swant a line like %q", list, want)
			}
		}
		// A node stores at its end when keys were used.
		one.stop()
		other.stop()
		list = must(t, "keys", "list", "--database", dsn)
		if !regexp.MustCompile(prefixOf(old) + ` .* \d{4}-\d\d-\d\d \S+ +- +` + prefixOf(next)).MatchString(list) {
			t.Errorf("keys list: got\n%swant the last use of %s", list, prefixOf(old))
		}
		for _, s := range []*server{one, other} {
			for _, token := range []string{old, next, answer.Token} {
				if strings.Contains(s.err.String(), token[13:]) {
					t.Errorf("the log tells the secret of %s", prefixOf(token))
				}
			}
		}
	})
}

func TestKeysThatCannotBeRotated(t *testing.T) {
	t.Parallel()
	dsn := migrated(t, storetest.SQLite)
	token := newPublisher(t, dsn)
	must(t, "keys", "revoke", "--database", dsn, token)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"zzzzzzzz"}, "catalogue keys list"},
		{[]string{token}, "catalogue keys create"},
		{[]string{token, "--overlap", "soon"}, "such as 90d or 12h"},
	} {
		r := run(t, append([]string{"keys", "rotate", "--database", dsn}, tt.args...)...)
		r.want(t, 1)
		r.says(t, tt.says)
	}
}

func TestSettingsOfAPublisherAreChanged(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		must(t, "publishers", "create", "--database", dsn, "gida", "GIDA")
		must(t, "publishers", "set", "--database", dsn, "gida", "--name", "GIDA S.p.A.", "--policy", "four_eyes", "--require-if-match",
			"--contact", "redazione@gida.it", "--allowed-origins", "https://www.gida.it,https://gida.it", "--public-share", "46.92", "--public-share-as-of", "2026-06-30")
		line := func(want string) {
			t.Helper()
			if list := must(t, "publishers", "list", "--database", dsn); !regexp.MustCompile(`(?m)^` + want + `$`).MatchString(list) {
				t.Errorf("publishers list: got\n%swant a line like %s", list, want)
			}
		}
		line(`gida +GIDA S\.p\.A\. +four_eyes +true +46\.92 +redazione@gida\.it +https://www\.gida\.it https://gida\.it`)
		must(t, "publishers", "set", "--database", dsn, "gida", "--allowed-origins", "", "--no-require-if-match", "--public-body")
		line(`gida +GIDA S\.p\.A\. +four_eyes +false +body +redazione@gida\.it +-`)

		r := run(t, "publishers", "set", "--database", dsn, "gida", "--policy", "none", "--allowed-origins", "www.gida.it")
		r.want(t, 1)
		r.says(t, "/policy", "self, four_eyes", "/allowedOrigins/0", "https://")
		r = run(t, "publishers", "set", "--database", dsn, "nessuno", "--name", "x")
		r.want(t, 1)
		r.says(t, "nessuno", "catalogue publishers list")
	})
}
