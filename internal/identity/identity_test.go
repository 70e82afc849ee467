package identity_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/audit"
	"github.com/comuneprato/service-catalogue/ent/db/request"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 22, 23, 59, 30, 1000, time.UTC)

// city is an empty store with publishers prato and gida, and a clock that stands still until it is moved.
type city struct {
	now        time.Time
	keys       *identity.Keys
	publishers *identity.Publishers
}

func newCity(t *testing.T, s *store.Store) *city {
	t.Helper()
	c := &city{now: start}
	clock := func() time.Time { return c.now }
	c.keys, c.publishers = identity.NewKeys(s, clock), identity.NewPublishers(s, clock)
	for key, name := range map[string]string{"prato": "Comune di Prato", "gida": "GIDA S.p.A."} {
		if _, err := c.publishers.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewPublisher{Key: key, Name: name, Policy: catalogue.PolicySelf}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *city) key(t *testing.T, want identity.NewKey) (string, identity.Key) {
	t.Helper()
	token, key, err := c.keys.Create(t.Context(), catalogue.Actor{Name: "command line"}, want)
	if err != nil {
		t.Fatal(err)
	}
	return token, key
}

func TestAKeyStandsForItsCaller(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		tests := []struct {
			name string
			key  identity.NewKey
			want identity.Caller
		}{
			{
				"of one publisher",
				identity.NewKey{Name: "portal", Scopes: []identity.Scope{identity.Write, identity.Publish}, Publisher: "gida"},
				identity.Caller{Name: "portal", Scopes: []identity.Scope{identity.Write, identity.Publish}, Publisher: "gida"},
			},
			{
				"of all",
				identity.NewKey{Name: "root", Scopes: []identity.Scope{identity.Admin}, Expires: time.Hour},
				identity.Caller{Name: "root", Scopes: []identity.Scope{identity.Admin}},
			},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				token, key := c.key(t, tt.key)
				if !regexp.MustCompile(`^cat_` + key.Prefix + `_[A-Za-z0-9_-]{43}$`).MatchString(token) {
					t.Errorf("token = %q, want cat_%s_ and 43 characters", token, key.Prefix)
				}
				got, err := c.keys.Authenticate(t.Context(), token)
				if err != nil {
					t.Fatal(err)
				}
				tt.want.Prefix = key.Prefix
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("Caller mismatch (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestATokenThatIsNoGoodIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		want := identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Write}, Publisher: "gida"}
		good, _ := c.key(t, want)
		revoked, key := c.key(t, want)
		if err := c.keys.Revoke(t.Context(), catalogue.Actor{Name: "command line"}, key.Prefix); err != nil {
			t.Fatal(err)
		}
		want.Expires = time.Hour
		expired, _ := c.key(t, want)
		c.now = c.now.Add(time.Hour)
		tests := []struct{ name, token, log string }{
			{"empty", "", "malformed"},
			{"another program's", "ghp_" + strings.Repeat("x", 52), "malformed"},
			{"cut off", good[:len(good)-1], "malformed"},
			{"of an unknown key", "cat_zzzzzzzz" + good[12:], "unknown"},
			{"with another key's secret", revoked[:12] + good[12:], "unknown"},
			{"with one letter wrong", good[:20] + string(good[20]^1) + good[21:], "unknown"},
			{"expired this very moment", expired, "expired"},
			{"revoked", revoked, "revoked"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := c.keys.Authenticate(t.Context(), tt.token)
				if !errors.Is(err, catalogue.ErrUnauthenticated) || !strings.Contains(err.Error(), tt.log) {
					t.Errorf("Authenticate = %v, want %v that says %q", err, catalogue.ErrUnauthenticated, tt.log)
				}
				if len(tt.token) > 20 && strings.Contains(err.Error(), tt.token[13:]) {
					t.Errorf("the error tells the secret: %v", err)
				}
			})
		}
		if _, err := c.keys.Authenticate(t.Context(), good); err != nil {
			t.Errorf("the good key is refused too: %v", err)
		}
	})
}

func TestTheTokenIsNotKept(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		token, _ := newCity(t, s).key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
		row, err := s.Reader().Key.Query().Only(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(row.Hash) != 64 || strings.Contains(row.Hash, token[13:]) || strings.Contains(row.String(), row.Hash) {
			t.Errorf("row %v with hash %q, want a hash that is not printed", row, row.Hash)
		}
	})
}

func TestLastUseIsStoredWithoutDelayingAnybody(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		token, key := c.key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
		_, unused := c.key(t, identity.NewKey{Name: "unused", Scopes: []identity.Scope{identity.Admin}})
		stored := func(prefix string) *time.Time {
			t.Helper()
			known, err := identity.NewKeys(s, func() time.Time { return c.now }).Get(t.Context(), prefix) // as another node knows it
			if err != nil {
				t.Fatal(err)
			}
			return known.LastUsedAt
		}
		use := func(at time.Time) {
			t.Helper()
			c.now = at
			// While somebody else writes, which on SQLite nobody else could.
			err := s.InTx(t.Context(), func(ctx context.Context, _ *db.Client) error {
				_, err := c.keys.Authenticate(ctx, token)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		flush := func() {
			t.Helper()
			if err := c.keys.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		use(start)
		use(start.Add(time.Second))
		if got := stored(key.Prefix); got != nil {
			t.Errorf("last use stored before the flush: %v", got)
		}
		if known, err := c.keys.Get(t.Context(), key.Prefix); err != nil || known.LastUsedAt == nil {
			t.Errorf("this node's key = %v, %v, want its last use", known, err)
		}
		flush()
		want := start.Add(time.Second)
		if diff := cmp.Diff(&want, stored(key.Prefix)); diff != "" {
			t.Errorf("last use mismatch (-want +got):\n%s", diff)
		}
		if got := stored(unused.Prefix); got != nil {
			t.Errorf("a key that nobody used was used at %v", got)
		}
		// A node whose clock is behind does not take the use back.
		use(start)
		flush()
		if diff := cmp.Diff(&want, stored(key.Prefix)); diff != "" {
			t.Errorf("last use after an earlier one mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestLastUseIsStoredAtTheEnd(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		token, key := c.key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
		if _, err := c.keys.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		c.keys.Run(ctx, slog.New(slog.DiscardHandler))
		row, err := s.Reader().Key.Query().Only(t.Context())
		if err != nil || row.LastUsedAt == nil || !row.LastUsedAt.Equal(start) {
			t.Errorf("the key %s is %v, %v, want its last use at %v", key.Prefix, row, err, start)
		}
	})
}

func TestKeysThatMakeNoSenseAreRefused(t *testing.T) {
	write := []identity.Scope{identity.Write}
	tests := []struct {
		name string
		key  identity.NewKey
		want string
	}{
		{"no name", identity.NewKey{Scopes: write, Publisher: "gida"}, "needs a name"},
		{"no scopes", identity.NewKey{Name: "x", Publisher: "gida"}, "read,write,publish,review,report,admin"},
		{"for all but no admin", identity.NewKey{Name: "x", Scopes: write}, "scope admin"},
		{"expired", identity.NewKey{Name: "x", Scopes: write, Publisher: "gida", Expires: -1}, "cannot expire"},
		{"unknown publisher", identity.NewKey{Name: "x", Scopes: write, Publisher: "gidda"}, "there are: gida, prato"},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				token, _, err := c.keys.Create(t.Context(), catalogue.Actor{Name: "test"}, tt.key)
				if token != "" || err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Create = %q, %v, want an error that says %q", token, err, tt.want)
				}
			})
		}
	})
}

func TestRevoking(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		_, key := c.key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
		if err := c.keys.Revoke(t.Context(), catalogue.Actor{Name: "test"}, "zzzzzzzz"); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("revoking an unknown key = %v, want %v", err, catalogue.ErrNotFound)
		}
		for range 2 {
			if err := c.keys.Revoke(t.Context(), catalogue.Actor{Name: "test"}, key.Prefix); err != nil {
				t.Errorf("Revoke = %v, want nil, the second time too", err)
			}
			c.now = c.now.Add(time.Hour)
		}
		keys, err := c.keys.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key.RevokedAt = &start
		if diff := cmp.Diff([]identity.Key{key}, keys); diff != "" {
			t.Errorf("keys mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestAKeyIsRotatedOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		token, key := c.key(t, identity.NewKey{
			Name: "portal", Scopes: []identity.Scope{identity.Write}, Publisher: "gida", Expires: 48 * time.Hour,
		})
		c.now = start.Add(36 * time.Hour)
		var (
			all  sync.WaitGroup
			mu   sync.Mutex
			made []identity.Key
		)
		for range 4 {
			all.Go(func() {
				_, next, err := c.keys.Rotate(t.Context(), catalogue.Actor{Name: "test"}, key.Prefix, identity.DefaultOverlap)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made = append(made, next)
				} else if !errors.Is(err, identity.ErrRotated) {
					t.Errorf("Rotate = %v, want a key or %v", err, identity.ErrRotated)
				}
			})
		}
		all.Wait()
		if len(made) != 1 {
			t.Fatalf("%d keys were made, want 1", len(made))
		}
		expires := c.now.Add(48 * time.Hour)
		want := identity.Key{
			Prefix: made[0].Prefix, Name: "portal", Scopes: []identity.Scope{identity.Write}, Publisher: "gida",
			CreatedAt: c.now, ExpiresAt: &expires, Replaces: key.Prefix,
		}
		if diff := cmp.Diff(want, made[0]); diff != "" {
			t.Errorf("key mismatch (-want +got):\n%s", diff)
		}
		// The overlap does not make the old one live longer.
		c.now = start.Add(48*time.Hour - time.Second)
		if _, err := c.keys.Authenticate(t.Context(), token); err != nil {
			t.Errorf("in the overlap: %v", err)
		}
		c.now = start.Add(48 * time.Hour)
		_, err := c.keys.Authenticate(t.Context(), token)
		if ended, ok := errors.AsType[*identity.EndedError](err); !ok || ended.Key.ReplacedBy != made[0].Prefix {
			t.Errorf("after its own end: %v, want one that names %s", err, made[0].Prefix)
		}
	})
}

func TestTheOldestRequestsOfAKeyGoFirst(t *testing.T) {
	const kept = 10_000
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		requests := identity.NewRequests(s, func() time.Time { return start })
		err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			for from := 0; from < kept+1; from += 1000 {
				var rows []*db.RequestCreate
				for i := from; i < min(from+1000, kept+1); i++ {
					rows = append(rows, tx.Request.Create().SetKeyPrefix("abcdefgh").SetIdempotencyKey(strconv.Itoa(i)).SetRun("1").SetBegunAt(start))
				}
				if err := tx.Request.CreateBulk(rows...).Exec(ctx); err != nil {
					return err
				}
			}
			return tx.Request.Create().SetKeyPrefix("another0").SetIdempotencyKey("0").SetRun("1").SetBegunAt(start).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := requests.Clean(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := s.Reader().Request.Query()
		if got := left.Clone().CountX(t.Context()); got != kept+1 {
			t.Errorf("%d requests are left, want %d of one key and 1 of the other", got, kept)
		}
		if got := left.Order(request.ByID()).FirstX(t.Context()).IdempotencyKey; got != "1" {
			t.Errorf("the oldest that is left is %s, want 1", got)
		}
	})
}

func TestWhatIsDoneToKeysAndPublishersIsAudited(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		clock := func() time.Time { return start }
		keys, publishers := identity.NewKeys(s, clock), identity.NewPublishers(s, clock)
		if _, err := publishers.Create(t.Context(), catalogue.Actor{Name: "command line"}, identity.NewPublisher{
			Key: "gida", Name: "GIDA S.p.A.", Policy: catalogue.PolicySelf,
		}); err != nil {
			t.Fatal(err)
		}
		_, key, err := keys.Create(t.Context(), catalogue.Actor{Name: "command line"}, identity.NewKey{
			Name: "portal", Scopes: []identity.Scope{identity.Write, identity.Publish}, Publisher: "gida",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := keys.Revoke(t.Context(), catalogue.Actor{Name: "the demo"}, key.Prefix); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Reader().Audit.Query().Order(audit.ByID()).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		type line struct{ Actor, Action, Publisher, Detail string }
		var got []line
		for _, r := range rows {
			got = append(got, line{r.Actor, r.Action, r.PublisherKey, r.Detail})
		}
		detail := key.Prefix + ` "portal" write,publish`
		want := []line{
			{"command line", "publisher.create", "gida", `{"name":"GIDA S.p.A.","policy":"self"}`},
			{"command line", "key.create", "gida", detail},
			{"the demo", "key.revoke", "gida", detail},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestPublishers(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		want := []identity.Publisher{
			{Key: "gida", PublisherSettings: catalogue.PublisherSettings{Name: "GIDA S.p.A.", Policy: catalogue.PolicySelf}, Version: 1, CreatedAt: start},
			{Key: "prato", PublisherSettings: catalogue.PublisherSettings{Name: "Comune di Prato", Policy: catalogue.PolicySelf}, Version: 1, CreatedAt: start},
		}
		got, err := c.publishers.List(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("List: %v, mismatch (-want +got):\n%s", err, diff)
		}
	})
}

func TestPublishersThatCannotBeAreRefused(t *testing.T) {
	tests := []struct {
		name, key, fullName string
		policy              catalogue.Policy
		want                string
	}{
		{"the key is taken", "gida", "Another", catalogue.PolicySelf, catalogue.ErrConflict.Error()},
		{"the key has a slash", "a/b", "A", catalogue.PolicySelf, catalogue.ErrBadKey.Error()},
		{"no name", "a", "", catalogue.PolicySelf, `required at "/name"`},
		{"unknown policy", "a", "A", "none", `one_of at "/policy"`},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := c.publishers.Create(t.Context(), catalogue.Actor{Name: "test"}, identity.NewPublisher{Key: tt.key, Name: tt.fullName, Policy: tt.policy})
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Create = %v, want an error that says %q", err, tt.want)
				}
			})
		}
	})
}

func TestACallerMayDoWhatItsScopesSayInItsOwnNamespace(t *testing.T) {
	gida := identity.Caller{Publisher: "gida", Scopes: []identity.Scope{identity.Write, identity.Admin}}
	all := identity.Caller{Scopes: []identity.Scope{identity.Admin}}
	tests := []struct {
		name      string
		caller    identity.Caller
		scope     identity.Scope
		publisher string
		want      error
	}{
		{"own namespace", gida, identity.Write, "gida", nil},
		{"scope missing", gida, identity.Publish, "gida", &identity.ForbiddenError{Publisher: "gida", Missing: identity.Publish}},
		{"another's namespace", gida, identity.Write, "prato", &identity.ForbiddenError{Publisher: "prato"}},
		{"nobody's, with a publisher", gida, identity.Admin, "", &identity.ForbiddenError{Missing: identity.Admin}},
		{"an admin for all, in any namespace", all, identity.Publish, "prato", nil},
		{"an admin for all, in nobody's", all, identity.Admin, "", nil},
		{"nobody", identity.Caller{}, identity.Write, "", &identity.ForbiddenError{Missing: identity.Write}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.caller.Check(tt.scope, tt.publisher)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check mismatch (-want +got):\n%s", diff)
			}
			if got != nil && !errors.Is(got, catalogue.ErrForbidden) {
				t.Errorf("%v is not %v", got, catalogue.ErrForbidden)
			}
		})
	}
}

func TestParseScopes(t *testing.T) {
	got, err := identity.ParseScopes("write, publish,write")
	if diff := cmp.Diff([]identity.Scope{identity.Write, identity.Publish}, got); err != nil || diff != "" {
		t.Errorf("ParseScopes: %v, mismatch (-want +got):\n%s", err, diff)
	}
	for _, s := range []string{"", "write,", "write,delete"} {
		if _, err := identity.ParseScopes(s); err == nil || !strings.Contains(err.Error(), "read,write,publish,review,report,admin") {
			t.Errorf("ParseScopes(%q) = %v, want an error that lists the scopes", s, err)
		}
	}
}
