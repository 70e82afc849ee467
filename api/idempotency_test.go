package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/ent/db" //nolint:depguard // a crash is what leaves rows half-done
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

// repeatable is a transition of the service a with an Idempotency-Key.
func repeatable(s *apitest.Server, key string, body any) apitest.Answer {
	return s.Do(apitest.Request{
		Method: http.MethodPost, Path: prato("a") + "/transitions", Token: s.Prato, Body: body, Header: map[string]string{"Idempotency-Key": key},
	})
}

var publishA = object{"transition": "publish", "note": "prima"}

// revisions is how often the service a was published.
func revisions(s *apitest.Server) float64 {
	return s.Do(apitest.Request{Path: prato("a"), Token: s.Prato}).Want(http.StatusOK).Object()["revision"].(float64)
}

func TestARepeatedPOSTHasItsEffectOnce(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		first := repeatable(s, `"8e03978e"`, publishA).Want(http.StatusOK)
		if got := first.Header.Get("Idempotency-Replayed"); got != "" {
			t.Errorf("the first answer says that it is replayed: %q", got)
		}
		s.Put(s.Prato, prato("a"), service("B")).Want(http.StatusOK)
		for _, key := range []string{`"8e03978e"`, "8e03978e"} { // with and without quotes it is the same
			again := repeatable(s, key, publishA).Want(http.StatusOK)
			if got := again.Header.Get("Idempotency-Replayed"); got != "true" {
				t.Errorf("Idempotency-Replayed = %q, want true", got)
			}
			if diff := cmp.Diff(string(first.Body), string(again.Body)); diff != "" {
				t.Errorf("body mismatch (-first +again):\n%s", diff)
			}
			for _, name := range []string{"Content-Type", "ETag", "Cache-Control", "Catalogue-Position"} {
				if first.Header.Get(name) != again.Header.Get(name) || first.Header.Get(name) == "" {
					t.Errorf("%s = %q, then %q", name, first.Header.Get(name), again.Header.Get(name))
				}
			}
			if first.Header.Get("Request-Id") == again.Header.Get("Request-Id") {
				t.Error("the repeated request has the id of the first")
			}
		}
		if got := revisions(s); got != 1 {
			t.Errorf("there are %v revisions, want 1", got)
		}
		// Under another key it is another request, and so it is from another caller, or a day later.
		repeatable(s, "other", publishA).Want(http.StatusOK)
		s.Put(s.Prato, prato("a"), service("C")).Want(http.StatusOK)
		s.Advance(24*time.Hour + time.Minute)
		repeatable(s, "8e03978e", publishA).Want(http.StatusOK)
		if got := revisions(s); got != 3 {
			t.Errorf("there are %v revisions, want 3", got)
		}
	})
}

func TestAnIdempotencyKeyBelongsToOneRequest(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		publish(s, "a", service("A")).Want(http.StatusCreated)
		repeatable(s, "1", publishA).Want(http.StatusOK)
		if got := repeatable(s, "1", object{"transition": "withdraw", "reason": "x"}).Want(http.StatusUnprocessableEntity).Problem().Type; !strings.HasSuffix(got, "#reused") {
			t.Errorf("another body is the problem %s", got)
		}
		elsewhere := s.Do(apitest.Request{
			Method: http.MethodPost, Path: prato("b") + "/transitions", Token: s.Prato, Body: publishA, Header: map[string]string{"Idempotency-Key": "1"},
		}).Want(http.StatusUnprocessableEntity)
		if got := elsewhere.Problem().Type; !strings.HasSuffix(got, "#reused") {
			t.Errorf("another address is the problem %s", got)
		}
		// Another caller's is another's.
		s.Do(apitest.Request{
			Method: http.MethodPost, Path: prato("a") + "/transitions", Token: s.Key(apitest.Prato, identity.Publish),
			Body: object{"transition": "withdraw", "reason": "x"}, Header: map[string]string{"Idempotency-Key": "1"},
		}).Want(http.StatusOK)
		for _, key := range []string{`""`, `"a`, "a b", "é", strings.Repeat("x", 256)} {
			if got := pointers(repeatable(s, key, publishA).Want(http.StatusBadRequest)); got != "Idempotency-Key idempotency_key" {
				t.Errorf("%q: errors = %q", key, got)
			}
		}
	})
}

func TestWhatWasRefusedMayBeCorrectedUnderTheSameKey(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		repeatable(s, "1", object{"transition": "withdraw", "reason": "x"}).Want(http.StatusConflict)
		repeatable(s, "1", object{"transition": "nothing"}).Want(http.StatusUnprocessableEntity)
		repeatable(s, "1", publishA).Want(http.StatusOK)
	})
}

func TestANewTokenCanBeHadAgainWithTheSameRequestOnly(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		old := s.Key(apitest.Prato, identity.Write)
		rotate := func(token string) apitest.Answer {
			return s.Do(apitest.Request{
				Method: http.MethodPost, Path: "/v1/keys/" + prefixOf(old) + "/rotations", Token: token, Body: object{"overlap": "PT1H"},
				Header: map[string]string{"Idempotency-Key": "1"},
			})
		}
		var first, again api.Token
		rotate(old).Want(http.StatusCreated).Into(&first)
		rotate(old).Want(http.StatusCreated).Into(&again)
		if first.Token != again.Token {
			t.Errorf("the token is %q, then %q", first.Token, again.Token)
		}
		s.Advance(2 * time.Hour)
		rotate(old).Want(http.StatusUnauthorized)
	})
}

func TestRequestsAtTheSameTimeHaveOneEffect(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		const callers = 8
		var all sync.WaitGroup
		statuses := make(chan int, callers)
		for range callers {
			all.Go(func() {
				a := s.Do(apitest.Request{
					Method: http.MethodPost, Path: "/v1/keys", Token: s.Admin, Header: map[string]string{"Idempotency-Key": "1"},
					Body: object{"name": "one", "scopes": []string{"admin"}},
				})
				if a.Status == http.StatusConflict && (!strings.HasSuffix(a.Problem().Type, "#running") || a.Header.Get("Retry-After") != "1") {
					t.Errorf("a request beside another is told %s, Retry-After %q", a.Body, a.Header.Get("Retry-After"))
				}
				statuses <- a.Status
			})
		}
		all.Wait()
		close(statuses)
		for status := range statuses {
			if status != http.StatusCreated && status != http.StatusConflict {
				t.Errorf("status = %d, want 201 or 409", status)
			}
		}
		var keys api.KeyList
		ask(s, s.Admin, http.MethodGet, "/v1/keys", nil).Into(&keys)
		if keys.Total != 4 {
			t.Errorf("there are %d keys, want one more than 3", keys.Total)
		}
	})
}

// A crash leaves the row of a request as it was before.
func TestARequestAfterACrash(t *testing.T) {
	for _, tt := range []struct {
		name   string
		crash  func(r *db.RequestUpdate) // after an answered request
		wait   time.Duration
		status int
		names  string
	}{
		{"just now, before the effect", func(r *db.RequestUpdate) { r.SetEffective(false).SetFingerprint("").ClearAnswer() }, 0, http.StatusConflict, "running"},
		{"a while ago, before the effect", func(r *db.RequestUpdate) { r.SetEffective(false).SetFingerprint("").ClearAnswer() }, 3 * time.Minute, http.StatusOK, ""},
		{"just now, between the effect and its answer", func(r *db.RequestUpdate) { r.SetFingerprint("").ClearAnswer() }, 0, http.StatusConflict, "running"},
		{"a while ago, between the two", func(r *db.RequestUpdate) { r.SetFingerprint("").ClearAnswer() }, 3 * time.Minute, http.StatusConflict, "answer-lost"},
		{"after an answer too long to be kept", func(r *db.RequestUpdate) { r.ClearAnswer() }, 0, http.StatusConflict, "answer-lost"},
		{"after both", func(*db.RequestUpdate) {}, 3 * time.Minute, http.StatusOK, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, func(t *testing.T, s *apitest.Server) {
				s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
				repeatable(s, "1", publishA).Want(http.StatusOK)
				err := s.Store.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
					update := tx.Request.Update().SetBegunAt(s.Now())
					tt.crash(update)
					return update.Exec(ctx)
				})
				if err != nil {
					t.Fatal(err)
				}
				s.Advance(tt.wait)
				a := repeatable(s, "1", publishA).Want(tt.status)
				if tt.names != "" && !strings.HasSuffix(a.Problem().Type, "#"+tt.names) {
					t.Errorf("the problem is %s, want %s", a.Problem().Type, tt.names)
				}
			})
		})
	}
}

func TestARequestIsAnsweredAfterARestartAndOnAnotherNode(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.Store) {
		one := apitest.Start(t, db)
		other := one.Node()
		one.Put(one.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		first := repeatable(one, "1", publishA).Want(http.StatusOK)
		again := repeatable(other, "1", publishA).Want(http.StatusOK)
		if again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Catalogue-Position") != first.Header.Get("Catalogue-Position") {
			t.Errorf("the other node answers with %v, want the answer of the first", again.Header)
		}
	})
}

func TestAnEffectThatSomebodyTookOverIsNotStored(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		requests, keys := identity.NewRequests(s, clock), identity.NewKeys(s, clock)
		token := "cat_aaaaaaaa_" + strings.Repeat("A", 43)
		slow, err := requests.Begin(t.Context(), token, "1")
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(3 * time.Minute)
		if _, err := requests.Begin(t.Context(), token, "1"); err != nil {
			t.Fatalf("the run that is dead is not taken over: %v", err)
		}
		ctx := store.WithMark(t.Context(), slow.Mark)
		_, _, err = keys.Create(ctx, catalogue.Actor{Name: "test"}, identity.NewKey{Name: "late", Scopes: []identity.Scope{identity.Admin}})
		if !errors.Is(err, identity.ErrRunning) {
			t.Errorf("the effect of the first run: %v, want %v", err, identity.ErrRunning)
		}
		if list, err := keys.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("keys = %v, %v, want none", list, err)
		}
	})
}

func TestRequestsAreKeptForADay(t *testing.T) {
	run(t, func(t *testing.T, s *apitest.Server) {
		s.Put(s.Prato, prato("a"), service("A")).Want(http.StatusCreated)
		repeatable(s, "1", publishA).Want(http.StatusOK)
		for _, tt := range []struct {
			after time.Duration
			want  int
		}{{23 * time.Hour, 1}, {2 * time.Hour, 0}} {
			s.Advance(tt.after)
			if err := s.Config.Requests.Clean(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.Store.Reader().Request.Query().CountX(t.Context()); got != tt.want {
				t.Errorf("%v later %d requests are kept, want %d", tt.after, got, tt.want)
			}
		}
	})
}
