package identity_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/audit"
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
		if _, err := c.publishers.Create(t.Context(), "test", identity.NewPublisher{Key: key, Name: name, Policy: catalogue.PolicySelf}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *city) key(t *testing.T, want identity.NewKey) (string, identity.Key) {
	t.Helper()
	token, key, err := c.keys.Create(t.Context(), "command line", want)
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
		if err := c.keys.Revoke(t.Context(), "command line", key.Prefix); err != nil {
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

func TestLastUseIsNotedOnceAMinute(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		token, _ := c.key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
		for _, tt := range []struct{ after, want time.Duration }{
			{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}, {90 * time.Second, time.Minute},
		} {
			c.now = start.Add(tt.after)
			if _, err := c.keys.Authenticate(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			keys, err := c.keys.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := start.Add(tt.want)
			if diff := cmp.Diff(&want, keys[0].LastUsedAt); diff != "" {
				t.Errorf("last use %v after the start mismatch (-want +got):\n%s", tt.after, diff)
			}
		}
	})
}

func TestAKeyWorksWhileNobodyCanWrite(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	c := newCity(t, s)
	token, _ := c.key(t, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Admin}})
	err := s.InTx(t.Context(), func(ctx context.Context, _ *db.Client) error { // holds the only writer
		began := time.Now()
		for range 50 { // only the first waits to note its use
			if _, err := c.keys.Authenticate(ctx, token); err != nil {
				return err
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("50 requests took %v", took)
		}
		return nil
	})
	if err != nil {
		t.Errorf("Authenticate = %v, want the caller", err)
	}
	// Its use is noted as soon as that can be done, a minute on.
	for _, tt := range []struct {
		after time.Duration
		noted bool
	}{{59 * time.Second, false}, {time.Minute, true}} {
		c.now = start.Add(tt.after)
		if _, err := c.keys.Authenticate(t.Context(), token); err != nil {
			t.Error(err)
		}
		keys, err := c.keys.List(t.Context())
		if err != nil || (keys[0].LastUsedAt != nil) != tt.noted {
			t.Errorf("%v after: keys = %v, %v, want its use noted: %t", tt.after, keys, err, tt.noted)
		}
	}
}

func TestKeysThatMakeNoSenseAreRefused(t *testing.T) {
	write := []identity.Scope{identity.Write}
	tests := []struct {
		name string
		key  identity.NewKey
		want string
	}{
		{"no name", identity.NewKey{Scopes: write, Publisher: "gida"}, "needs a name"},
		{"no scopes", identity.NewKey{Name: "x", Publisher: "gida"}, "write,publish,review,report,admin"},
		{"for all but no admin", identity.NewKey{Name: "x", Scopes: write}, "scope admin"},
		{"expired", identity.NewKey{Name: "x", Scopes: write, Publisher: "gida", Expires: -1}, "cannot expire"},
		{"unknown publisher", identity.NewKey{Name: "x", Scopes: write, Publisher: "gidda"}, "there are: gida, prato"},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				token, _, err := c.keys.Create(t.Context(), "test", tt.key)
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
		if err := c.keys.Revoke(t.Context(), "test", "zzzzzzzz"); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("revoking an unknown key = %v, want %v", err, catalogue.ErrNotFound)
		}
		for range 2 {
			if err := c.keys.Revoke(t.Context(), "test", key.Prefix); err != nil {
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

func TestWhatIsDoneToKeysAndPublishersIsAudited(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		clock := func() time.Time { return start }
		keys, publishers := identity.NewKeys(s, clock), identity.NewPublishers(s, clock)
		if _, err := publishers.Create(t.Context(), "command line", identity.NewPublisher{
			Key: "gida", Name: "GIDA S.p.A.", Policy: catalogue.PolicySelf,
		}); err != nil {
			t.Fatal(err)
		}
		_, key, err := keys.Create(t.Context(), "command line", identity.NewKey{
			Name: "portal", Scopes: []identity.Scope{identity.Write, identity.Publish}, Publisher: "gida",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := keys.Revoke(t.Context(), "the demo", key.Prefix); err != nil {
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
			{"command line", "publisher.create", "gida", "GIDA S.p.A."},
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
			{Key: "gida", Name: "GIDA S.p.A.", Policy: catalogue.PolicySelf, CreatedAt: start},
			{Key: "prato", Name: "Comune di Prato", Policy: catalogue.PolicySelf, CreatedAt: start},
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
		{"no name", "a", " ", catalogue.PolicySelf, "needs a name"},
		{"unknown policy", "a", "A", "none", "self or four_eyes"},
	}
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		c := newCity(t, s)
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := c.publishers.Create(t.Context(), "test", identity.NewPublisher{Key: tt.key, Name: tt.fullName, Policy: tt.policy})
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
		if _, err := identity.ParseScopes(s); err == nil || !strings.Contains(err.Error(), "write,publish,review,report,admin") {
			t.Errorf("ParseScopes(%q) = %v, want an error that lists the scopes", s, err)
		}
	}
}
