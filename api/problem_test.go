package api_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/ent/db" //nolint:depguard // rows that vanish are what a restored backup is
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

func TestEveryProblemIsWordedAndDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range api.ProblemNames() {
		for _, part := range []string{"title", "detail"} {
			if key := "problem." + name + "." + part; !lang.HasMessage(key) {
				t.Errorf("there is no message %s", key)
			}
		}
		if !regexp.MustCompile(`(?m)^#+ ` + name + `$`).Match(page) {
			t.Errorf("docs/errors.md has no heading %q", name)
		}
	}
}

func TestProblemsReadAsTheyAlwaysDid(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "ritirato", service("Ritirato")).Want(http.StatusCreated)
		move(s, prato("ritirato"), object{"transition": "withdraw", "reason": "Non serve più"}).Want(http.StatusOK)
		for name, request := range map[string]apitest.Request{
			"not-found":       {Path: "/v1/services/nessuno"},
			"no-route":        {Path: "/v1/nessuno"},
			"method":          {Method: http.MethodPost, Path: "/v1/services"},
			"gone":            {Path: "/v1/services/ritirato"},
			"query":           {Path: "/v1/services?limit=0&categry=6"},
			"cursor":          {Path: "/v1/services?cursor=x"},
			"unauthenticated": {Path: prato("a")},
			"forbidden":       {Path: prato("a"), Token: s.Publiacqua},
			"malformed":       {Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: `{"title"`},
			"invalid":         {Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: `{"titel":{"it":"A"}}`},
			"media-type":      {Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: `{}`, Header: map[string]string{"Content-Type": "text/csv"}},
			"state":           {Method: http.MethodPost, Path: prato("ritirato") + "/transitions", Token: s.Prato, Body: object{"transition": "withdraw", "reason": "x"}},
			"stale":           {Method: http.MethodPut, Path: prato("a"), Token: s.Prato, Body: service("A"), Header: map[string]string{"If-Match": `"9"`}},
			"key":             {Path: prato("a%2Fb"), Token: s.Prato},
		} {
			for _, tag := range lang.Spoken {
				if request.Header == nil {
					request.Header = map[string]string{}
				}
				request.Header["Accept-Language"] = string(tag)
				a := s.Do(request)
				if got := a.Problem().Type; !strings.HasSuffix(got, "#"+name) {
					t.Errorf("%s: the problem is %s", name, got)
					continue
				}
				golden.Check(t, "problem-"+name+"-"+string(tag)+".json", steady(s, a.Body))
			}
		}
	})
}

func TestAFaultOfOursIsLoggedAndNotTold(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		if err := s.Store.Close(); err != nil {
			t.Fatal(err)
		}
		a := s.Put(s.Prato, prato("a"), service("B"))
		if a.Status != http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable {
			t.Errorf("status = %d, want a server error", a.Status)
		}
		if strings.Contains(string(a.Body), "sql") || !strings.Contains(s.Logs(), "sql: database is closed") {
			t.Errorf("the answer is %s, the log %s", a.Body, s.Logs())
		}
		if id := a.Header.Get("Request-Id"); !strings.Contains(a.Problem().Instance, id) || !strings.Contains(s.Logs(), id) {
			t.Errorf("the request %s is not named in the problem %s and the log", id, a.Problem().Instance)
		}
		s.Get("/v1/services/a").Want(http.StatusOK) // look-up needs no database
		s.Get("/livez").Want(http.StatusOK)
		if got := s.Get("/readyz").Status; got == http.StatusOK {
			t.Error("the server is ready without a database")
		}
	})
}

func TestReadersSeeABackupThatWasRestoredUnderTheServer(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		publish(s, "b", service("B")).Want(http.StatusCreated)
		s.Get("/v1/services?sort=title").Want(http.StatusOK)
		err := s.Store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			for _, statement := range []string{ // all but the first entry was written after the backup
				"DELETE FROM changes WHERE id > 1", "UPDATE counters SET n = 1 WHERE id = 'feed'", "DELETE FROM entries WHERE key = 'b'",
			} {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// The next write has the position that another one had, which is all that the follower can go by.
		publish(s, "c", service("C")).Want(http.StatusCreated)
		for end := time.Now().Add(10 * time.Second); s.Get("/readyz").Status != http.StatusOK || s.Get("/v1/services/b").Status != http.StatusNotFound; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("readers still see what was there before: %s", s.Logs())
			}
		}
		var list struct{ Items []struct{ Key string } }
		s.Get("/v1/services?sort=title").Want(http.StatusOK).Into(&list)
		if len(list.Items) != 2 || list.Items[0].Key != "a" || list.Items[1].Key != "c" {
			t.Errorf("got %v, want a and c", list.Items)
		}
		if !strings.Contains(s.Logs(), "a backup was restored") {
			t.Errorf("the log does not tell of it: %s", s.Logs())
		}
	})
}
