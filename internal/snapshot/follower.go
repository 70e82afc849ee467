package snapshot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Feed is where changes come from. Package publishing has one.
type Feed interface {
	// Load tells of everything that is or was public, and of old slugs, as of the position that it returns.
	Load(ctx context.Context, tell func(catalogue.Update), moved func(catalogue.Kind, string, catalogue.EntryID)) (int64, error)
	// Since returns at most limit changes after a position.
	Since(ctx context.Context, after int64, limit int) ([]catalogue.Update, error)
	// Listen calls wake whenever there may be changes, the first time when it begins to listen, until ctx is done.
	Listen(ctx context.Context, wake func())
}

// batch is how many changes the follower takes into one snapshot.
const batch = 200

// poll is how long the follower sleeps if nobody wakes it.
const poll = 5 * time.Second

// How long the follower waits for the feed: a database, or what is between it and us, may hang without a word.
const (
	loadTime  = 5 * time.Minute // for everything published
	sinceTime = 30 * time.Second
)

// Follower keeps the snapshot up to date with the feed.
type Follower struct {
	feed    Feed
	log     *slog.Logger
	current atomic.Pointer[Snapshot]
	behind  atomic.Bool // the last try to follow failed
	pace    pace

	mu      sync.Mutex
	swapped chan struct{} // closed when the next snapshot is in place
}

// NewFollower makes a follower that has nothing yet.
func NewFollower(feed Feed, log *slog.Logger) *Follower {
	f := &Follower{feed: feed, log: log, swapped: make(chan struct{}), pace: newPace()}
	f.behind.Store(true)
	return f
}

// Run loads everything published and follows the feed until ctx is done. Where the database fails it goes on with what
// it has, and tries again.
func (f *Follower) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	var listening sync.WaitGroup
	listening.Go(func() {
		f.feed.Listen(ctx, func() {
			select {
			case wake <- struct{}{}:
			default: // it will look anyway
			}
		})
	})
	defer listening.Wait()
	b := f.load(ctx, 0)
	timer := time.NewTicker(poll)
	defer timer.Stop()
	for ctx.Err() == nil {
		err := f.follow(ctx, b)
		f.behind.Store(err != nil)
		if errors.Is(err, errOtherFeed) {
			f.log.WarnContext(ctx, "the database is not the one that readers see, a backup was restored: loading everything published anew",
				"position", f.Snapshot().position)
			b = f.load(ctx, b.generation)
			continue
		}
		if err != nil {
			if ctx.Err() == nil {
				f.pace.failures.Inc()
				f.log.ErrorContext(ctx, "following the feed failed, readers see an older state: look at the database", "err", err)
			}
			pause(ctx, time.Second)
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
	}
}

// load reads everything, again and again until that succeeds or ctx is done. Generations go on after the given one.
func (f *Follower) load(ctx context.Context, generation int64) *builder {
	for {
		b, position, err := loaded(ctx, f.feed, f.log, generation)
		if err == nil {
			f.swap(b.snapshot(position))
			return b
		}
		if ctx.Err() != nil {
			return newBuilder(f.log, generation)
		}
		f.pace.failures.Inc()
		f.log.ErrorContext(ctx, "loading everything published failed, trying again: look at the database", "err", err)
		pause(ctx, time.Second)
	}
}

func loaded(ctx context.Context, feed Feed, log *slog.Logger, generation int64) (*builder, int64, error) {
	b := newBuilder(log, generation)
	type old struct {
		kind catalogue.Kind
		slug string
		id   catalogue.EntryID
	}
	var moved []old
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	position, err := feed.Load(ctx, func(u catalogue.Update) {
		if u.Subject == catalogue.SubjectEntry {
			b.place(u)
		} else {
			b.set(u)
		}
	}, func(kind catalogue.Kind, slug string, id catalogue.EntryID) {
		moved = append(moved, old{kind, slug, id})
	})
	b.indexAll()
	for _, m := range moved {
		b.moved(m.kind, m.slug, m.id)
	}
	return b, position, err
}

// errOtherFeed means that what readers see did not come from the feed as it is now.
var errOtherFeed = errors.New("the feed does not have the change that was taken in last")

// follow takes in everything that the feed has. It returns errOtherFeed where that leads away from the snapshot.
func (f *Follower) follow(ctx context.Context, b *builder) error {
	for {
		position := f.Snapshot().position
		updates, err := f.since(ctx, b, position)
		if err != nil || len(updates) == 0 {
			return err
		}
		for _, u := range updates {
			if position++; u.Position != position {
				return fmt.Errorf("the feed has no change %d", position)
			}
		}
		end := f.pace.batch(ctx, len(updates))
		for _, u := range updates {
			b.apply(u)
			b.last = u.Change
		}
		f.swap(b.snapshot(position))
		end()
	}
}

// since reads what the feed has after a position. It reads the change at the position too, and compares it with the one
// that was taken in: an older backup that was restored has fewer changes, or others at the same positions.
func (f *Follower) since(ctx context.Context, b *builder, position int64) ([]catalogue.Update, error) {
	ctx, cancel := context.WithTimeout(ctx, sinceTime)
	defer cancel()
	if position == 0 {
		return f.feed.Since(ctx, 0, batch)
	}
	updates, err := f.feed.Since(ctx, position-1, batch+1)
	if err != nil {
		return nil, err
	}
	if len(updates) == 0 || b.last.Position != 0 && !sameChange(b.last, updates[0].Change) {
		return nil, errOtherFeed
	}
	b.last = updates[0].Change
	return updates[1:], nil
}

func sameChange(a, b catalogue.Change) bool {
	sameTime := a.At.Equal(b.At)
	a.At = b.At
	return sameTime && a == b
}

func (f *Follower) swap(s *Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current.Store(s)
	close(f.swapped)
	f.swapped = make(chan struct{})
}

// Snapshot is the newest picture, nil before the first one.
func (f *Follower) Snapshot() *Snapshot { return f.current.Load() }

// Ready reports whether there is a snapshot and the last look at the feed succeeded.
func (f *Follower) Ready() bool { return f.Snapshot() != nil && !f.behind.Load() }

// Wait returns when the snapshot has reached a position. It returns ctx's error if that comes first.
func (f *Follower) Wait(ctx context.Context, position int64) error {
	for {
		f.mu.Lock()
		s, swapped := f.Snapshot(), f.swapped
		f.mu.Unlock()
		if s != nil && s.position >= position {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-swapped:
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
