package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/request"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Bounds of what is kept of requests with an Idempotency-Key.
const (
	keptFor    = 24 * time.Hour
	maxKept    = 10_000          // of one key: the oldest go first
	maxAnswer  = 2 << 20         // bytes; longer ones are not kept
	takenOver  = 2 * time.Minute // a run that began so long ago is dead: requests end before
	cleanEvery = 10 * time.Minute
)

// Why a request with an Idempotency-Key is not run.
var (
	ErrRunning    = errors.New("the same request is running")
	ErrReused     = errors.New("the idempotency key belongs to another request")
	ErrAnswerLost = errors.New("the request had its effect, its answer is lost")
)

// Requests remembers what was done and answered for requests with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header),
// so that a repeated one has its effect once, on whatever node and after whatever crash (ADR 0021).
type Requests struct {
	store *store.Store
	clock catalogue.Clock
}

// NewRequests returns the requests in s.
func NewRequests(s *store.Store, clock catalogue.Clock) *Requests { return &Requests{s, clock} }

// Answer is what was answered to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Run is a request that is being run, or that was answered before.
type Run struct {
	requests *Requests
	token    string
	row      *db.Request
}

// Begin finds a request by the token of the key that it came with and its idempotency key, or notes that it is run now. It
// returns ErrRunning while another run of it goes on, or may, and ErrAnswerLost where its effect is stored, but no answer:
// the program ended between the two, or the answer was too long.
func (r *Requests) Begin(ctx context.Context, token, idempotencyKey string) (*Run, error) {
	prefix, ok := prefixOf(token)
	if !ok {
		return nil, fmt.Errorf("malformed token: %w", catalogue.ErrUnauthenticated)
	}
	run := &Run{requests: r, token: token}
	err := r.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		now, name := r.clock(), rand.Text()
		known, err := tx.Request.Query().Where(request.KeyPrefix(prefix), request.IdempotencyKey(idempotencyKey)).Only(ctx)
		switch {
		case db.IsNotFound(err):
			run.row, err = tx.Request.Create().SetKeyPrefix(prefix).SetIdempotencyKey(idempotencyKey).SetRun(name).SetBegunAt(now).Save(ctx)
			return err
		case err != nil:
			return err
		case known.BegunAt.Before(now.Add(-keptFor)): // Run has not come by yet
			return run.takeOver(ctx, tx, known, name, now)
		case known.Answer != nil:
			run.row = known
			return nil
		case known.Fingerprint != "": // answered, at too great a length
			return ErrAnswerLost
		case now.Sub(known.BegunAt).Abs() < takenOver: // either way: the clock may have been set back since
			return ErrRunning
		case known.Effective:
			return ErrAnswerLost
		default:
			return run.takeOver(ctx, tx, known, name, now)
		}
	})
	if store.IsUnique(err) { // another run began at the same moment
		err = ErrRunning
	}
	if err != nil {
		return nil, store.Wrap(err, "beginning a request with an idempotency key")
	}
	return run, nil
}

// takeOver begins a request anew whose last run is dead, or out of date.
func (r *Run) takeOver(ctx context.Context, tx *db.Client, known *db.Request, name string, now time.Time) error {
	changed, err := tx.Request.Update().Where(request.ID(known.ID), request.Run(known.Run)).
		SetRun(name).SetBegunAt(now).SetEffective(false).SetFingerprint("").ClearAnswer().Save(ctx)
	if err != nil {
		return err
	}
	if changed == 0 {
		return ErrRunning
	}
	r.row, err = tx.Request.Get(ctx, known.ID)
	return err
}

// Answered reports whether the request was answered before; else it is to be run.
func (r *Run) Answered() bool { return r.row.Answer != nil }

// Answer is what the request was answered before. It returns ErrReused where the fingerprint is that of another request.
func (r *Run) Answer(fingerprint string) (Answer, error) {
	if r.row.Fingerprint != fingerprint {
		return Answer{}, ErrReused
	}
	return r.open(r.row.Answer)
}

// Mark notes, in the transaction of the request's effect, that it had one. It returns ErrRunning, so that there is no
// effect, where another run took this one for dead.
func (r *Run) Mark(ctx context.Context, tx *db.Client) error {
	changed, err := tx.Request.Update().Where(request.ID(r.row.ID), request.Run(r.row.Run)).SetEffective(true).Save(ctx)
	if err == nil && changed == 0 {
		err = ErrRunning
	}
	return err
}

// Keep stores what the request was answered, and of an answer that is too long only that there was one.
func (r *Run) Keep(ctx context.Context, fingerprint string, answer Answer) error {
	var sealed []byte
	if len(answer.Body) <= maxAnswer {
		var err error
		if sealed, err = r.seal(answer); err != nil {
			return err
		}
	}
	err := r.requests.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		return tx.Request.Update().Where(request.ID(r.row.ID), request.Run(r.row.Run)).
			SetEffective(true).SetFingerprint(fingerprint).SetAnswer(sealed).Exec(ctx)
	})
	return store.Wrap(err, "keeping the answer to a request with an idempotency key")
}

// Forget lets a request that was refused, and had no effect, be made again.
func (r *Run) Forget(ctx context.Context) error {
	err := r.requests.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		_, err := tx.Request.Delete().Where(request.ID(r.row.ID), request.Run(r.row.Run), request.Effective(false)).Exec(ctx)
		return err
	})
	return store.Wrap(err, "forgetting a request with an idempotency key")
}

// seal encrypts an answer with the caller's own token, which is kept nowhere: answers hold drafts, and the tokens of new
// keys.
func (r *Run) seal(answer Answer) ([]byte, error) {
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return r.aead().Seal(nil, nil, text, r.name()), nil //nolint:gosec // it makes a random nonce by itself
}

func (r *Run) open(sealed []byte) (answer Answer, err error) {
	text, err := r.aead().Open(nil, nil, sealed, r.name())
	if err != nil {
		return Answer{}, fmt.Errorf("opening a kept answer: %w", err)
	}
	return answer, json.Unmarshal(text, &answer)
}

// name is what a sealed answer belongs to.
func (r *Run) name() []byte { return []byte(r.row.KeyPrefix + " " + r.row.IdempotencyKey) }

func (r *Run) aead() cipher.AEAD {
	secret, err := hkdf.Key(sha256.New, []byte(r.token), nil, "catalogue: answer to a request with an idempotency key", 32)
	if err != nil {
		panic(err) // 32 bytes are never too many
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // 32 bytes are a key of AES-256
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return aead
}

// Run removes what is kept no longer, until ctx is done.
func (r *Requests) Run(ctx context.Context, log *slog.Logger) {
	every(ctx, cleanEvery, func(ctx context.Context) {
		if err := r.Clean(ctx); err != nil {
			log.WarnContext(ctx, "old requests with an idempotency key could not be removed, trying again later: look at the database", "err", err)
		}
	})
}

// Clean is what Run does every ten minutes: it removes requests after a day, and the oldest of a key that has too many.
func (r *Requests) Clean(ctx context.Context) error {
	err := r.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		if _, err := tx.Request.Delete().Where(request.BegunAtLT(r.clock().Add(-keptFor))).Exec(ctx); err != nil {
			return err
		}
		var counts []struct {
			Prefix string `json:"key_prefix"`
			Count  int
		}
		if err := tx.Request.Query().GroupBy(request.FieldKeyPrefix).Aggregate(db.Count()).Scan(ctx, &counts); err != nil {
			return err
		}
		for _, of := range counts {
			if of.Count <= maxKept {
				continue
			}
			last, err := tx.Request.Query().Where(request.KeyPrefix(of.Prefix)).Order(request.ByID(sql.OrderDesc())).Offset(maxKept).FirstID(ctx)
			if err != nil {
				return err
			}
			if _, err := tx.Request.Delete().Where(request.KeyPrefix(of.Prefix), request.IDLTE(last)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return store.Wrap(err, "removing old requests")
}
