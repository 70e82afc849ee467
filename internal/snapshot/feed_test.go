package snapshot_test

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

var start = time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.UTC)

const (
	comune = "prato-comune"
	acqua  = "publiacqua"
)

// feed is a feed in memory, which keeps to the rules of publishing: of two entries of a kind only one has a slug, and
// an old slug leads to the entry that had it last.
type feed struct {
	mu      sync.Mutex
	changes []catalogue.Update
	latest  map[catalogue.EntryID]catalogue.Update
	moved   map[slug]catalogue.EntryID
	err     error // of every read
	reads   int
	wakers  map[*func()]bool
}

type slug struct {
	kind catalogue.Kind
	name string
}

var errFeed = errors.New("the database is away")

func newFeed(changes ...catalogue.Update) *feed {
	f := &feed{latest: map[catalogue.EntryID]catalogue.Update{}, moved: map[slug]catalogue.EntryID{}, wakers: map[*func()]bool{}}
	f.append(changes...)
	return f
}

// append makes changes public, all at once. Their positions and, where they have none, their times are given here.
func (f *feed) append(changes ...catalogue.Update) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range changes {
		u.Position = int64(len(f.changes)) + 1
		if u.At.IsZero() {
			u.At = start.Add(time.Duration(u.Position) * time.Minute)
		}
		old, known := f.latest[u.ID]
		u.FirstPublishedAt = u.At
		if known {
			u.FirstPublishedAt = old.FirstPublishedAt
			f.moved[slug{u.Kind, old.Slug}] = u.ID
		}
		delete(f.moved, slug{u.Kind, u.Slug})
		u.Revision = old.Revision
		if u.Change.Change != catalogue.ChangeWithdrawn {
			u.Revision++
		}
		f.changes = append(f.changes, u)
		f.latest[u.ID] = u
	}
	for wake := range f.wakers {
		(*wake)()
	}
	return int64(len(f.changes))
}

// withdraw makes the change that takes an entry back.
func (f *feed) withdraw(id catalogue.EntryID, reason string, replacedBy catalogue.EntryID) catalogue.Update {
	f.mu.Lock()
	defer f.mu.Unlock()
	u := f.latest[id]
	u.At = time.Time{}
	u.Change.Change, u.Reason, u.ReplacedBy = catalogue.ChangeWithdrawn, reason, replacedBy
	return u
}

// fail makes every read fail from now on; nil mends it.
func (f *feed) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// tries is how often the feed was read.
func (f *feed) tries() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

func (f *feed) Load(_ context.Context, tell func(catalogue.Update), moved func(catalogue.Kind, string, catalogue.EntryID)) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reads++; f.err != nil {
		return 0, f.err
	}
	for _, u := range f.latest { // in any order
		u.Position = 0
		if u.Change.Change == catalogue.ChangeUpdated {
			u.Change.Change = catalogue.ChangePublished
		}
		tell(u)
	}
	for s, id := range f.moved {
		moved(s.kind, s.name, id)
	}
	return int64(len(f.changes)), nil
}

func (f *feed) Since(_ context.Context, after int64, limit int) ([]catalogue.Update, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reads++; f.err != nil {
		return nil, f.err
	}
	end := len(f.changes)
	return slices.Clone(f.changes[min(int(after), end):min(int(after)+limit, end)]), nil
}

// restore puts the feed back to what another one has.
func (f *feed) restore(backup *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes, f.latest, f.moved = backup.changes, backup.latest, backup.moved
}

func (f *feed) Listen(ctx context.Context, wake func()) {
	f.mu.Lock()
	f.wakers[&wake] = true
	f.mu.Unlock()
	wake() // for what was missed until now
	<-ctx.Done()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.wakers, &wake)
}

// id is the id of the entry that was made n-th.
func id(n int) catalogue.EntryID {
	id := catalogue.EntryID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(id[:4], 0x019b0000)
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

// published is the change that makes a document public, under its slug.
func published(id catalogue.EntryID, publisher, key string, doc catalogue.Document) catalogue.Update {
	name := doc.Common().Slug
	if name == "" {
		name = key
	}
	doc.Common().Slug = ""
	return catalogue.Update{
		Change: catalogue.Change{
			Subject: catalogue.SubjectEntry, Kind: doc.Kind(), ID: id, Publisher: publisher, Key: key, Change: catalogue.ChangePublished,
		},
		Slug: name, Document: catalogue.Encode(doc),
	}
}

func titled(slug, title string) catalogue.Head {
	return catalogue.Head{Slug: slug, Title: lang.Of(title)}
}

// follow runs a follower of a feed until the test ends, and returns it when it has everything.
func follow(t testing.TB, f snapshot.Feed) *snapshot.Follower {
	t.Helper()
	follower := snapshot.NewFollower(f, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { follower.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	await(t, follower, 0)
	return follower
}

// await waits until a follower has reached a position, and returns its snapshot.
func await(t rapid.TB, f *snapshot.Follower, position int64) *snapshot.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := f.Wait(ctx, position); err != nil {
		t.Fatalf("the follower has not reached position %d: %v", position, err)
	}
	return f.Snapshot()
}

// loaded is a snapshot of everything that a feed has.
func loaded(t testing.TB, f *feed) *snapshot.Snapshot {
	t.Helper()
	return follow(t, f).Snapshot()
}

const publicURL = "https://catalogo.example.org"

// newReader makes a reader of given snapshots.
func newReader(cacheBytes int64) *snapshot.Reader {
	return snapshot.NewReader(snapshot.NewFollower(nil, nil), publicURL, cacheBytes, clock)
}

// clock stands still at start.
func clock() time.Time { return start }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
