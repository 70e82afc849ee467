package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/key"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// A token is cat_<prefix>_<secret>: the mark lets scanners of leaked secrets find it, the prefix names the key in lists
// and logs, the secret is 256 random bits.
const (
	Mark         = "cat_"
	prefixLength = 8
	secretLength = 43
)

// Key is what is known of a key; its token is not kept.
type Key struct {
	Prefix     string
	Name       string
	Scopes     []Scope
	Publisher  string // the key of the publisher it acts for, "" for all
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time // to the minute
	RevokedAt  *time.Time
	Replaces   string // prefix of the key whose place it took, "" for none
	ReplacedBy string // prefix of the key that took its place, "" for none
}

// works returns an EndedError if the key works no longer.
func (k Key) works(now time.Time) error {
	if k.RevokedAt != nil || k.ExpiresAt != nil && !now.Before(*k.ExpiresAt) {
		return &EndedError{k}
	}
	return nil
}

// EndedError says that a key has expired or was revoked. It is a catalogue.ErrUnauthenticated.
type EndedError struct{ Key Key }

func (e *EndedError) Error() string {
	if e.Key.RevokedAt != nil {
		return fmt.Sprintf("%v: key %s was revoked", catalogue.ErrUnauthenticated, e.Key.Prefix)
	}
	return fmt.Sprintf("%v: key %s has expired", catalogue.ErrUnauthenticated, e.Key.Prefix)
}

// Is makes errors.Is(err, catalogue.ErrUnauthenticated) hold.
func (e *EndedError) Is(target error) bool { return target == catalogue.ErrUnauthenticated }

// NewKey says what key to make.
type NewKey struct {
	Name      string
	Scopes    []Scope
	Publisher string        // "" for all, which needs the scope admin
	Expires   time.Duration // from now, 0 for never
}

// Keys makes, rotates, revokes and recognises keys.
type Keys struct {
	store *store.Store
	clock catalogue.Clock

	mu   sync.Mutex
	used map[string]time.Time // by prefix, what Flush has to store
}

// NewKeys returns the keys in s.
func NewKeys(s *store.Store, clock catalogue.Clock) *Keys {
	return &Keys{store: s, clock: clock, used: map[string]time.Time{}}
}

// Create makes a key and returns its token, which cannot be had again. The actor is who asked for it, for the audit.
// It returns ErrNotFound if there is no such publisher.
func (k *Keys) Create(ctx context.Context, actor catalogue.Actor, want NewKey) (token string, made Key, err error) {
	if err := want.check(); err != nil {
		return "", Key{}, err
	}
	prefix, token := newToken()
	now := k.clock()
	err = k.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		create := tx.Key.Create().SetPrefix(prefix).SetHash(hash(token)).SetName(want.Name).
			SetScopes(joinScopes(want.Scopes)).SetCreatedAt(now)
		if want.Expires > 0 {
			create.SetExpiresAt(now.Add(want.Expires))
		}
		var owner *db.Publisher
		if want.Publisher != "" {
			if owner, err = findPublisher(ctx, tx, want.Publisher); err != nil {
				return err
			}
			create.SetPublisher(owner)
		}
		row, err := create.Save(ctx)
		if err != nil {
			return err
		}
		row.Edges.Publisher = owner
		made = keyOf(row)
		return audit.Append(ctx, tx, audit.By(actor, now, "key.create", want.Publisher, made.String()))
	})
	if err != nil {
		return "", Key{}, store.Wrap(err, "making key %q", want.Name)
	}
	return token, made, nil
}

// DefaultOverlap is how long a key that was rotated usually works on.
const DefaultOverlap = 24 * time.Hour

// ErrRotated says that another key has taken the place of one already.
var ErrRotated = errors.New("rotated already")

// Rotate makes a key that takes the place of another: with its name, scopes, publisher and time to live. The old one works
// on for the overlap, so that programs can be told one after the other, but not longer than it would have. It returns the
// new token, which cannot be had again; ErrNotFound if there is none with the prefix; an EndedError if the old one works no
// longer; and ErrRotated if it was rotated before, since of two who ask for that one may be a thief.
func (k *Keys) Rotate(ctx context.Context, actor catalogue.Actor, prefix string, overlap time.Duration) (token string, made Key, err error) {
	successor, token := newToken()
	now := k.clock()
	err = k.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := tx.Key.Query().Where(key.Prefix(prefix)).WithPublisher().Only(ctx)
		if err != nil {
			return err
		}
		old := keyOf(row)
		if err := old.works(now); err != nil {
			return err
		}
		end := now.Add(overlap)
		if old.ExpiresAt != nil && old.ExpiresAt.Before(end) {
			end = *old.ExpiresAt
		}
		// Of two who rotate at once, the second finds that it came too late.
		changed, err := tx.Key.Update().Where(key.ID(row.ID), key.ReplacedBy("")).SetReplacedBy(successor).SetExpiresAt(end).Save(ctx)
		if err != nil {
			return err
		}
		if changed == 0 {
			return ErrRotated
		}
		create := tx.Key.Create().SetPrefix(successor).SetHash(hash(token)).SetName(row.Name).SetScopes(row.Scopes).
			SetNillablePublisherID(row.PublisherID).SetReplaces(prefix).SetCreatedAt(now)
		if old.ExpiresAt != nil {
			create.SetExpiresAt(now.Add(old.ExpiresAt.Sub(old.CreatedAt)))
		}
		next, err := create.Save(ctx)
		if err != nil {
			return err
		}
		next.Edges.Publisher = row.Edges.Publisher
		made = keyOf(next)
		return audit.Append(ctx, tx, audit.By(actor, now, "key.rotate", old.Publisher,
			fmt.Sprintf("%s, replaced by %s, works until %s", old, successor, end.Format(time.RFC3339))))
	})
	if err != nil {
		return "", Key{}, store.Wrap(err, "rotating key %q", prefix)
	}
	return token, made, nil
}

func (n NewKey) check() error {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return errors.New("a key needs a name, by which the audit tells who wrote")
	case len(n.Scopes) == 0:
		return fmt.Errorf("a key needs scopes: give one or more of %s", joinScopes(Scopes))
	case n.Publisher == "" && !slices.Contains(n.Scopes, Admin):
		return errors.New("a key without a publisher acts for all: name its publisher, or give it the scope admin")
	case n.Expires < 0:
		return errors.New("a key cannot expire before it is made: give a time from now, such as 90d")
	}
	return nil
}

// findPublisher finds the publisher that a key is for; the error says which ones there are.
func findPublisher(ctx context.Context, tx *db.Client, name string) (*db.Publisher, error) {
	p, err := tx.Publisher.Query().Where(publisher.Key(name)).Only(ctx)
	if !db.IsNotFound(err) {
		return p, err
	}
	known, err := tx.Publisher.Query().Order(publisher.ByKey()).Select(publisher.FieldKey).Strings(ctx)
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("publisher %q: %w: make it first (there are: %s)", name, catalogue.ErrNotFound, strings.Join(known, ", "))
}

// Authenticate returns the caller that a token stands for. It returns ErrUnauthenticated if the token is malformed,
// unknown, expired or revoked: an EndedError for the last two. Nothing is kept from one call to the next, so that a key
// which was revoked works on no node any more.
func (k *Keys) Authenticate(ctx context.Context, token string) (Caller, error) {
	prefix, ok := prefixOf(token)
	if !ok {
		return Caller{}, fmt.Errorf("malformed token: %w", catalogue.ErrUnauthenticated)
	}
	row, err := k.store.Reader().Key.Query().Where(key.Prefix(prefix)).WithPublisher().Only(ctx)
	if err != nil && !db.IsNotFound(err) {
		return Caller{}, store.Wrap(err, "looking up key %s", prefix)
	}
	// The time that a comparison takes must not tell how much of a guess was right.
	if err != nil || subtle.ConstantTimeCompare([]byte(row.Hash), []byte(hash(token))) == 0 {
		return Caller{}, fmt.Errorf("unknown key %s: %w", prefix, catalogue.ErrUnauthenticated)
	}
	now, known := k.clock(), keyOf(row)
	if err := known.works(now); err != nil {
		return Caller{}, err // to somebody who has the whole token, so that it tells nobody else anything
	}
	k.noteUse(prefix, now)
	return Caller{Name: known.Name, Prefix: known.Prefix, Publisher: known.Publisher, Scopes: known.Scopes}, nil
}

// List returns every key, the oldest first, those that no longer work too.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	rows, err := k.store.Reader().Key.Query().WithPublisher().Order(key.ByID()).All(ctx)
	if err != nil {
		return nil, store.Wrap(err, "listing keys")
	}
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = k.withUse(keyOf(row))
	}
	return keys, nil
}

// Get returns a key, also one that no longer works. It returns ErrNotFound if there is none with the prefix.
func (k *Keys) Get(ctx context.Context, prefix string) (Key, error) {
	row, err := k.store.Reader().Key.Query().Where(key.Prefix(prefix)).WithPublisher().Only(ctx)
	if err != nil {
		return Key{}, store.Wrap(err, "looking up key %q", prefix)
	}
	return k.withUse(keyOf(row)), nil
}

// Revoke ends a key at once and for good. Revoking one that is revoked does nothing. It returns ErrNotFound if there
// is none with the prefix.
func (k *Keys) Revoke(ctx context.Context, actor catalogue.Actor, prefix string) error {
	now := k.clock()
	err := k.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := tx.Key.Query().Where(key.Prefix(prefix)).WithPublisher().Only(ctx)
		if err != nil || row.RevokedAt != nil {
			return err
		}
		if err := tx.Key.UpdateOne(row).SetRevokedAt(now).Exec(ctx); err != nil {
			return err
		}
		revoked := keyOf(row)
		return audit.Append(ctx, tx, audit.By(actor, now, "key.revoke", revoked.Publisher, revoked.String()))
	})
	return store.Wrap(err, "revoking key %q", prefix)
}

// String names the key without its token.
func (k Key) String() string { return fmt.Sprintf("%s %q %s", k.Prefix, k.Name, joinScopes(k.Scopes)) }

func keyOf(row *db.Key) Key {
	k := Key{
		Prefix: row.Prefix, Name: row.Name, CreatedAt: row.CreatedAt,
		ExpiresAt: row.ExpiresAt, LastUsedAt: row.LastUsedAt, RevokedAt: row.RevokedAt,
		Replaces: row.Replaces, ReplacedBy: row.ReplacedBy,
	}
	for scope := range strings.SplitSeq(row.Scopes, ",") {
		k.Scopes = append(k.Scopes, Scope(scope))
	}
	if row.Edges.Publisher != nil {
		k.Publisher = row.Edges.Publisher.Key
	}
	return k
}

func newToken() (prefix, token string) {
	random := make([]byte, 5+32)
	rand.Read(random) // it never fails (crypto/rand)
	prefix = strings.ToLower(base32.StdEncoding.EncodeToString(random[:5]))
	return prefix, Mark + prefix + "_" + base64.RawURLEncoding.EncodeToString(random[5:])
}

func prefixOf(token string) (prefix string, ok bool) {
	rest, ok := strings.CutPrefix(token, Mark)
	if !ok || len(rest) != prefixLength+1+secretLength || rest[prefixLength] != '_' {
		return "", false
	}
	return rest[:prefixLength], true
}

// hash needs no salt and no slowness: nobody can guess 256 random bits.
func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
