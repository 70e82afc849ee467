package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/ent/db/audit" //nolint:depguard // what was done is in rows that no route shows
	"github.com/comuneprato/service-catalogue/internal/identity"
)

func TestAKeyLearnsWhatItIs(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		var made api.Token
		ask(s, s.Admin, http.MethodPost, "/v1/keys", object{
			"name": "portale", "scopes": []string{"write", "publish"}, "publisher": apitest.Publiacqua, "validFor": "P15D",
		}).Want(http.StatusCreated).Into(&made)
		var me api.Me
		ask(s, made.Token, http.MethodGet, "/v1/me", nil).Want(http.StatusOK).Into(&me)
		if me.Name != "portale" || me.Publisher != apitest.Publiacqua || !cmp.Equal(me.Scopes, []string{"write", "publish"}) || me.LastUsedAt == nil {
			t.Errorf("me = %+v, want the key as it was made, just used", me)
		}
		if got := me.ExpiresAt.Sub(me.CreatedAt).Round(time.Minute); got != 15*24*time.Hour {
			t.Errorf("the key works for %v, want 15 days", got)
		}
		if me.Settings == nil || me.Settings.Name != "Publiacqua S.p.A." || me.Settings.Policy != "self" {
			t.Errorf("settings = %+v, want those of the publisher", me.Settings)
		}
		if me.Warning != "" {
			t.Errorf("warning = %q, want none two weeks before", me.Warning)
		}
		s.Advance(2 * 24 * time.Hour)
		for language, want := range map[string]string{"it": "Sostituirla prima: POST /v1/keys/", "en": "Rotate it before: POST /v1/keys/"} {
			s.Do(apitest.Request{Path: "/v1/me", Token: made.Token, Header: map[string]string{"Accept-Language": language}}).Into(&me)
			if !strings.Contains(me.Warning, want+made.Key.Prefix+"/rotations") {
				t.Errorf("warning = %q, want one that says how to rotate", me.Warning)
			}
		}
		var admin api.Me
		ask(s, s.Admin, http.MethodGet, "/v1/me", nil).Into(&admin)
		if admin.Publisher != "" || admin.Settings != nil || admin.ExpiresAt != nil || admin.Warning != "" {
			t.Errorf("an admin is %+v, want no publisher and no expiry", admin)
		}
	})
}

func TestARotatedKeyWorksOnForTheOverlap(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		old := s.Key(apitest.Prato, identity.Write)
		rotations := "/v1/keys/" + prefixOf(old) + "/rotations"
		works := func(token string, want int) {
			t.Helper()
			ask(s, token, http.MethodPut, prato("a"), service("A")).Want(want)
		}
		works(old, http.StatusCreated)
		a := ask(s, old, http.MethodPost, rotations, object{}).Want(http.StatusCreated)
		var next api.Token
		a.Into(&next)
		if got := a.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control of a token = %q, want no-store", got)
		}
		if next.Key.Replaces != prefixOf(old) || next.Key.Name != "test "+apitest.Prato || next.Key.ExpiresAt != nil {
			t.Errorf("the new key is %+v, want one like the old", next.Key)
		}
		works(old, http.StatusOK)
		works(next.Token, http.StatusOK)

		again := ask(s, old, http.MethodPost, rotations, object{}).Want(http.StatusConflict).Problem()
		if !strings.HasSuffix(again.Type, "#rotated") {
			t.Errorf("rotating twice is the problem %s", again.Type)
		}
		s.Advance(24*time.Hour - time.Minute)
		works(old, http.StatusOK)
		s.Advance(time.Minute + time.Second)
		works(next.Token, http.StatusOK)
		refused := s.Do(apitest.Request{Path: "/v1/me", Token: old, Header: map[string]string{"Accept-Language": "en"}}).Want(http.StatusUnauthorized)
		p := refused.Problem()
		for _, want := range []string{"test " + apitest.Prato, prefixOf(old), "expired at 20", prefixOf(next.Token)} {
			if !strings.Contains(p.Detail, want) {
				t.Errorf("the problem says %q, want %q in it", p.Detail, want)
			}
		}
		if got, want := refused.Header.Get("WWW-Authenticate"), `Bearer realm="catalogue", error="invalid_token"`; got != want {
			t.Errorf("WWW-Authenticate = %q, want %q", got, want)
		}
	})
}

func TestAnOverlapIsBounded(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct {
			overlap string
			want    int
			errors  string
		}{
			{"P31D", http.StatusUnprocessableEntity, "/overlap range"},
			{"24h", http.StatusUnprocessableEntity, "/overlap period"},
			{"PT0H", http.StatusCreated, ""},
		} {
			token := s.Key(apitest.Prato, identity.Write)
			a := ask(s, token, http.MethodPost, "/v1/keys/"+prefixOf(token)+"/rotations", object{"overlap": tt.overlap}).Want(tt.want)
			if got := pointers(a); got != tt.errors {
				t.Errorf("overlap %s: errors = %q, want %q", tt.overlap, got, tt.errors)
			}
			wanted := http.StatusOK
			if tt.want == http.StatusCreated { // without any overlap
				wanted = http.StatusUnauthorized
			}
			ask(s, token, http.MethodGet, "/v1/me", nil).Want(wanted)
		}
	})
}

func TestARevokedKeyIsTold(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		token := s.Key(apitest.Prato, identity.Write)
		revoke := "/v1/keys/" + prefixOf(token)
		ask(s, s.Admin, http.MethodDelete, revoke, nil).Want(http.StatusNoContent)
		ask(s, s.Admin, http.MethodDelete, revoke, nil).Want(http.StatusNoContent)
		ask(s, s.Admin, http.MethodDelete, "/v1/keys/zzzzzzzz", nil).Want(http.StatusNotFound)
		detail := ask(s, token, http.MethodGet, "/v1/me", nil).Want(http.StatusUnauthorized).Problem().Detail
		if !strings.Contains(detail, "revocata") || !strings.Contains(detail, "gestore") {
			t.Errorf("the problem says %q, want what happened and whom to ask", detail)
		}
		// Who has the prefix alone is told nothing of the key.
		guess := token[:13] + strings.Repeat("A", 43)
		if got := ask(s, guess, http.MethodGet, "/v1/me", nil).Want(http.StatusUnauthorized).Problem().Detail; strings.Contains(got, "test "+apitest.Prato) {
			t.Errorf("a guess is told %q", got)
		}
		ask(s, s.Admin, http.MethodPost, revoke+"/rotations", object{}).Want(http.StatusUnauthorized)
	})
}

func TestKeysThatMakeNoSenseAreRefused(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct {
			body   object
			errors string
		}{
			{object{}, "/name required, /publisher required, /scopes required"},
			{object{"name": "x", "scopes": []string{"write"}}, "/publisher required"},
			{object{"name": "x", "scopes": []string{"root"}, "publisher": apitest.Prato}, "/scopes/0 one_of"},
			{object{"name": "x", "scopes": []string{"write", "write"}, "publisher": apitest.Prato}, "/scopes unique"},
			{object{"name": "x", "scopes": []string{"write"}, "publisher": "nessuno", "validFor": "90d"}, "/publisher one_of, /validFor period"},
			{object{"name": "x", "scopes": []string{"admin"}, "token": "mine"}, "/token unknown_field"},
		} {
			a := ask(s, s.Admin, http.MethodPost, "/v1/keys", tt.body).Want(http.StatusUnprocessableEntity)
			if got := pointers(a); got != tt.errors {
				t.Errorf("%v: errors = %q, want %q", tt.body, got, tt.errors)
			}
		}
		var list api.KeyList
		ask(s, s.Admin, http.MethodGet, "/v1/keys", nil).Into(&list)
		if list.Total != 3 || len(list.Items) != 3 {
			t.Errorf("there are %d keys, want the 3 that the server begins with", list.Total)
		}
		ask(s, s.Admin, http.MethodGet, "/v1/keys?publisher="+apitest.Publiacqua, nil).Into(&list)
		if list.Total != 1 || list.Items[0].Publisher != apitest.Publiacqua {
			t.Errorf("the keys of %s are %+v, want its one", apitest.Publiacqua, list)
		}
	})
}

func TestPublishersAreManaged(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		const path = "/v1/publisher-settings/gida"
		change := func(method, ifMatch string, body any) apitest.Answer {
			header := map[string]string{}
			if ifMatch != "" {
				header["If-Match"] = ifMatch
			}
			return s.Do(apitest.Request{Method: method, Path: path, Token: s.Admin, Body: body, Header: header})
		}
		change(http.MethodPatch, "", object{"name": "GIDA"}).Want(http.StatusNotFound)
		change(http.MethodPut, `"1"`, object{"name": "GIDA"}).Want(http.StatusPreconditionFailed)
		created := change(http.MethodPut, "", object{"name": "GIDA"}).Want(http.StatusCreated)
		if got, want := created.Header.Get("Location"), s.URL+path; got != want {
			t.Errorf("Location = %q, want %q", got, want)
		}
		change(http.MethodPut, "", object{"name": "GIDA"}).Want(http.StatusOK)
		settings := object{
			"name": "GIDA S.p.A.", "policy": "four_eyes", "requireIfMatch": true, "allowedOrigins": []any{"https://www.gida.it", "https://gida.it:8443"},
			"contact": "redazione@gida.it", "publicShare": "46.92", "publicShareAsOf": "2026-06-30",
		}
		if got := change(http.MethodPut, `"1"`, settings).Want(http.StatusOK).Header.Get("ETag"); got != `"2"` {
			t.Errorf("ETag = %s, want \"2\": what was the same changed nothing", got)
		}
		change(http.MethodPatch, `"1"`, object{"contact": nil}).Want(http.StatusPreconditionFailed)
		change(http.MethodPatch, `"2"`, object{"contact": nil, "policy": "self", "publicBody": true}).Want(http.StatusOK)

		token := s.Key("gida", identity.Read)
		got := ask(s, token, http.MethodGet, path, nil).Want(http.StatusOK).Object()
		want := settings
		delete(want, "contact")
		want["policy"], want["publicBody"], want["publisher"], want["version"] = "self", true, "gida", 3.0
		delete(got, "createdAt")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("settings mismatch (-want +got):\n%s", diff)
		}
		if total := ask(s, s.Admin, http.MethodGet, "/v1/publisher-settings", nil).Object()["total"]; total != 3.0 {
			t.Errorf("%v publishers, want 3", total)
		}
		// They hold from the next write on.
		writer := s.Key("gida", identity.Write)
		draft := "/v1/publishers/gida/services/a"
		ask(s, writer, http.MethodPut, draft, service("A")).Want(http.StatusCreated)
		ask(s, writer, http.MethodPut, draft, service("B")).Want(http.StatusPreconditionRequired)
	})
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		for _, tt := range []struct {
			method string
			body   any
			errors string
		}{
			{http.MethodPut, object{}, "/name required"},
			{http.MethodPut, object{"name": "A", "policy": "none", "publicShare": "101", "publicShareAsOf": "2026"}, "/policy one_of, /publicShare range, /publicShareAsOf date"},
			{http.MethodPut, object{"name": "A", "allowedOrigins": []string{"*", "http://www.gida.it", "https://www.gida.it/", "https://WWW.gida.it", "https://*.gida.it", "http://localhost:3000"}}, "/allowedOrigins/0 origin, /allowedOrigins/1 origin, /allowedOrigins/2 origin, /allowedOrigins/3 origin, /allowedOrigins/4 origin"},
			{http.MethodPatch, object{"name": nil}, "/name required"},
			{http.MethodPatch, object{"colour": nil}, "/colour unknown_field"},
			{http.MethodPatch, `{"name":"A","name":"B"}`, "/name duplicate"},
		} {
			a := ask(s, s.Admin, tt.method, "/v1/publisher-settings/"+apitest.Prato, tt.body).Want(http.StatusUnprocessableEntity)
			if got := pointers(a); got != tt.errors {
				t.Errorf("%v: errors = %q, want %q", tt.body, got, tt.errors)
			}
		}
		ask(s, s.Admin, http.MethodPut, "/v1/publisher-settings/a%20b", object{"name": "A"}).Want(http.StatusBadRequest)
	})
}

func TestWhatIsManagedIsAuditedAndNoSecretIsAnywhere(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		var made, next api.Token
		answers := []apitest.Answer{
			ask(s, s.Admin, http.MethodPut, "/v1/publisher-settings/gida", object{"name": "GIDA"}).Want(http.StatusCreated),
			ask(s, s.Admin, http.MethodPatch, "/v1/publisher-settings/gida", object{"contact": "x@gida.it"}).Want(http.StatusOK),
		}
		key := object{"name": "portale", "scopes": []string{"write"}, "publisher": "gida"}
		s.Do(apitest.Request{
			Method: http.MethodPost, Path: "/v1/keys", Token: s.Admin, Body: key, Header: map[string]string{"Idempotency-Key": "1"},
		}).Want(http.StatusCreated).Into(&made)
		rotations := "/v1/keys/" + made.Key.Prefix + "/rotations"
		ask(s, made.Token, http.MethodPost, rotations, object{}).Want(http.StatusCreated).Into(&next)
		answers = append(answers,
			ask(s, s.Admin, http.MethodDelete, "/v1/keys/"+made.Key.Prefix, nil).Want(http.StatusNoContent),
			ask(s, made.Token, http.MethodGet, "/v1/me", nil).Want(http.StatusUnauthorized),
			ask(s, next.Token, http.MethodGet, "/v1/keys", nil).Want(http.StatusForbidden),
			ask(s, s.Admin, http.MethodGet, "/v1/keys", nil).Want(http.StatusOK),
		)

		rows, err := s.Store.Reader().Audit.Query().Where(audit.ActorNEQ("test")).Order(audit.ByID()).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		admin := prefixOf(s.Admin)
		type line struct{ By, Action, Publisher string }
		want := []line{
			{admin, "publisher.create", "gida"},
			{admin, "publisher.update", "gida"},
			{admin, "key.create", "gida"},
			{made.Key.Prefix, "key.rotate", "gida"},
			{admin, "key.revoke", "gida"},
		}
		var got []line
		var kept strings.Builder
		for _, row := range rows {
			kept.WriteString(row.String())
			if strings.HasPrefix(row.Actor, "test") || row.Actor == "portale" {
				got = append(got, line{row.KeyPrefix, row.Action, row.PublisherKey})
			}
			if row.Address == "" || row.RequestID == "" {
				t.Errorf("the row %v does not say whence", row)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit mismatch (-want +got):\n%s", diff)
		}
		for _, row := range s.Store.Reader().Request.Query().AllX(t.Context()) {
			kept.Write(row.Answer)
		}
		for _, a := range answers {
			kept.Write(a.Body)
		}
		for _, token := range []string{s.Admin, made.Token, next.Token} {
			if secret := token[13:]; strings.Contains(kept.String(), secret) || strings.Contains(s.Logs(), secret) {
				t.Errorf("the secret of the key %s is in the log, the audit, a kept answer or another answer", prefixOf(token))
			}
		}
	})
}
