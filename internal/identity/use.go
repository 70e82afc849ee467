package identity

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/key"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// noteUse remembers that a key was used, without a word to the database: no request waits for that.
func (k *Keys) noteUse(prefix string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used[prefix] = now
}

// withUse is a key as this node knows that it was used last.
func (k *Keys) withUse(known Key) Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at, ok := k.used[known.Prefix]; ok && (known.LastUsedAt == nil || known.LastUsedAt.Before(at)) {
		known.LastUsedAt = &at
	}
	return known
}

// flushEvery is how often at most the use of a key is stored.
const flushEvery = time.Minute

// Run stores every minute when keys were used, and once more when ctx is done.
func (k *Keys) Run(ctx context.Context, log *slog.Logger) {
	every(ctx, flushEvery, func(ctx context.Context) {
		if err := k.Flush(ctx); err != nil {
			log.WarnContext(ctx, "when keys were used could not be stored, trying again in a minute: look at the database", "err", err)
		}
	})
}

// Flush is what Run does every minute. What could not be stored stays until the next time.
func (k *Keys) Flush(ctx context.Context) error {
	k.mu.Lock()
	used := maps.Clone(k.used)
	k.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	err := k.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		// Always in the same order, so that two nodes do not wait for each other.
		for _, prefix := range slices.Sorted(maps.Keys(used)) {
			later := key.Or(key.LastUsedAtIsNil(), key.LastUsedAtLT(used[prefix])) // another node may have seen it since
			if err := tx.Key.Update().Where(key.Prefix(prefix), later).SetLastUsedAt(used[prefix]).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return store.Wrap(err, "storing when keys were used")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.used, func(prefix string, at time.Time) bool { return used[prefix].Equal(at) })
	return nil
}

// every calls do again and again until ctx is done, and then once more.
func every(ctx context.Context, pause time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			do(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	do(last)
}
