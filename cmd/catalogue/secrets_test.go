package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tokens are used as they should be, and in every wrong way that people find; then everything that the program wrote is
// searched for them.
func TestSecretsOfKeysAreNowhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	dsn := filepath.Join(folder, "catalogue.db")
	must(t, "migrate", "--database", dsn)
	token := newPublisher(t, dsn)
	admin := strings.TrimSpace(must(t, "keys", "create", "--database", dsn, "--name", "admin", "--scopes", "admin"))
	s := serve(t, "--database", dsn, "--log-level", "debug")

	var said bytes.Buffer // all that was answered, but not the answers that hand a token out
	send := func(method, path, token, body string, headers ...string) answer {
		t.Helper()
		r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		a, err := send(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != http.StatusCreated || !strings.HasPrefix(path, "/v1/keys") {
			fmt.Fprintln(&said, a.status, a.header, string(a.body))
		}
		return a
	}

	var made, next struct{ Token string }
	send(http.MethodPost, "/v1/keys", admin, `{"name": "portal", "scopes": ["write", "publish"], "publisher": "`+publisher+`"}`, "Idempotency-Key", "1").into(t, &made)
	send(http.MethodPost, "/v1/keys/"+made.Token[4:12]+"/rotations", made.Token, `{}`).into(t, &next)
	rotated := strings.TrimSpace(must(t, "keys", "rotate", "--database", dsn, token))
	wrong := token[:len(token)-4] + "AAAA"
	place := "/v1/publishers/" + publisher + "/places/palazzo"
	send(http.MethodPut, place+"?publish=true", token, `{"title": {"it": "Palazzo"}}`)
	send(http.MethodPut, place, rotated, `{"title": {"it": "Palazzo Pretorio"}}`)
	send(http.MethodPut, place, wrong, `{"title": {"it": "Palazzo"}}`)
	send(http.MethodPut, place, next.Token+"x", `{"title": {"it": "Palazzo"}}`)
	send(http.MethodPut, place, "", `{"title": {"it": "Palazzo"}}`, "Authorization", "Basic "+token)
	send(http.MethodPut, "/v1/publishers/altri/places/x", next.Token, `{"title": {"it": "Palazzo"}}`)
	send(http.MethodPatch, place, rotated, `{"title": {"en": "Palace"}}`, "X-Request-ID", rotated, "Content-Type", "application/merge-patch+json")
	send(http.MethodGet, "/v1/places?token="+token, "", "")
	send(http.MethodGet, "/v1/keys/"+token, token, "")
	send(http.MethodPost, "/v1/keys/"+token+"/rotations", admin, `{}`)
	send(http.MethodGet, "/"+wrong, "", "")
	send(http.MethodDelete, "/v1/keys/"+made.Token[4:12], admin, "")
	send(http.MethodGet, "/v1/me", made.Token, "")
	send(http.MethodGet, "/v1/keys", admin, "")
	send(http.MethodGet, "/v1/audit?limit=200", admin, "", "Accept", "application/x-ndjson")
	if !strings.Contains(said.String(), "key.rotate") {
		t.Error("the audit does not tell of the rotation, so this test shows nothing")
	}
	revoked := run(t, "keys", "revoke", "--database", dsn, next.Token)
	again := run(t, "keys", "rotate", "--database", dsn, next.Token)
	places := map[string]string{
		"answers": said.String(), "what keys revoke says": revoked.out + revoked.err, "what keys rotate says": again.out + again.err,
		"the list of keys": must(t, "keys", "list", "--database", dsn), "the export": must(t, "export", "--database", dsn),
	}
	for _, name := range []string{"cmdline", "environ"} {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		places["the process's "+name] = string(content)
	}
	// With the server running, what is not yet in the database is in the file beside it.
	files, err := filepath.Glob(dsn + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("got the files %v (%v), want a database with a file beside it", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		places[filepath.Base(name)] = string(content)
	}
	s.stop()
	places["the log"] = s.err.String()

	for name, secret := range map[string]string{
		"the first key": token, "the admin's key": admin, "a key made over HTTP": made.Token, "its successor": next.Token, "a rotated key": rotated,
		"a wrong key": wrong,
	} {
		for where, content := range places {
			if i := strings.Index(content, secret[13:]); i >= 0 {
				t.Errorf("%s: has the secret of %s behind %q", where, name, content[max(0, i-200):i])
			}
		}
	}
}
