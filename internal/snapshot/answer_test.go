package snapshot_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

func view(t *testing.T, r *snapshot.Reader, s *snapshot.Snapshot, name string, tag lang.Tag, coding snapshot.Coding) snapshot.Answer {
	t.Helper()
	a, err := r.View(s, catalogue.KindService, name, tag, coding, snapshot.Shown{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCodingsDifferInTagAndNotInContent(t *testing.T) {
	s, r := loaded(t, newFeed(city...)), newReader(1<<20)
	identity := view(t, r, s, "carta", lang.Italian, snapshot.Identity)
	tags := map[string]bool{identity.ETag: true}
	for coding, unpacker := range map[snapshot.Coding]func(io.Reader) (io.Reader, error){
		snapshot.Gzip:   func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		snapshot.Brotli: func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		packed := view(t, r, s, "carta", lang.Italian, coding)
		from, err := unpacker(bytes.NewReader(packed.Body))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(from)
		if err != nil || !bytes.Equal(unpacked, identity.Body) {
			t.Errorf("%s: got %s, %v, want %s", coding, unpacked, err, identity.Body)
		}
		if tags[packed.ETag] || packed.Coding != coding {
			t.Errorf("%s: got the tag %s (%s), want another one", coding, packed.ETag, packed.Coding)
		}
		tags[packed.ETag] = true
	}
	for _, coding := range snapshot.Codings {
		again := view(t, newReader(0), s, "carta", lang.Italian, coding)
		if want := view(t, r, s, "carta", lang.Italian, coding); again.ETag != want.ETag || !bytes.Equal(again.Body, want.Body) {
			t.Errorf("%s made twice: got %s, want %s", coding, again.ETag, want.ETag)
		}
	}
	if all := view(t, r, s, "carta", lang.Any, snapshot.Identity); all.ETag == identity.ETag {
		t.Error("all languages and one have the same tag")
	}
}

func TestAViewIsAsNewAsTheNewestEntryInIt(t *testing.T) {
	f := newFeed(city...)
	follower, r := follow(t, f), newReader(1<<20)
	office := published(id(4), comune, "ufficio", &catalogue.Office{Head: titled("ufficio", "Anagrafe centrale")})
	office.At = start.Add(time.Hour)
	a := view(t, r, await(t, follower, f.append(office)), "carta", lang.Italian, snapshot.Identity)
	if !a.Modified.Equal(office.At) {
		t.Errorf("modified: got %s, want %s", a.Modified, office.At)
	}
}

func TestAnswersAreKeptUnderTheBudget(t *testing.T) {
	f := newFeed()
	for i := range 300 {
		f.append(published(id(i), comune, fmt.Sprint("servizio-", i), &catalogue.Service{
			Head: catalogue.Head{Title: lang.Of("Servizio"), Description: lang.Of(strings.Repeat("a", 1000))},
		}))
	}
	s := loaded(t, f)
	for _, budget := range []int64{-1, 0, 1, 100_000, 1 << 24} {
		t.Run(fmt.Sprint(budget), func(t *testing.T) {
			r := newReader(budget)
			for i := range 300 {
				view(t, r, s, fmt.Sprint("servizio-", i), lang.Italian, snapshot.Identity)
				if _, err := r.List(s, snapshot.Query{
					Kind: catalogue.KindService, Sort: snapshot.SortTitle, Limit: i + 1, Lang: lang.Italian, Coding: snapshot.Gzip,
				}); err != nil {
					t.Fatal(err)
				}
			}
			kept := r.Kept()
			if limit := uint64(max(budget, 0)); kept > limit {
				t.Errorf("kept: got %d bytes, want at most %d", kept, limit)
			}
			if budget > 10_000 && kept < uint64(min(budget, 300_000))/2 {
				t.Errorf("kept: got %d bytes of %d, want the budget used", kept, budget)
			}
		})
	}
}

func TestReadersAtTheSameTimeShareOneAnswer(t *testing.T) {
	s, r := loaded(t, newFeed(city...)), newReader(1<<20)
	const readers = 32
	answers := make([]snapshot.Answer, readers)
	var together, done sync.WaitGroup
	together.Add(readers)
	for i := range readers {
		done.Go(func() {
			together.Done()
			together.Wait()
			answers[i], _ = r.View(s, catalogue.KindService, "carta", lang.Italian, snapshot.Gzip, snapshot.Shown{})
		})
	}
	done.Wait()
	for _, a := range answers {
		if &a.Body[0] != &answers[0].Body[0] {
			t.Error("the same view was made more than once")
		}
	}
}

func TestFindSaysWhatBecameOfAnEntry(t *testing.T) {
	f := newFeed(city...)
	f.append(
		published(id(5), comune, "carta", &catalogue.Service{Head: titled("cie", "Carta d'identità elettronica")}),
		published(id(8), comune, "vecchia", &catalogue.Service{Head: titled("vecchia", "Carta di carta")}))
	gone := f.withdraw(id(8), "non si rilascia più", id(5))
	f.append(gone)
	s, r := loaded(t, f), newReader(1<<20)

	_, err := r.View(s, catalogue.KindService, "carta", lang.Italian, snapshot.Identity, snapshot.Shown{})
	var moved *catalogue.MovedError
	if !errors.As(err, &moved) || moved.Slug != "cie" || !errors.Is(err, catalogue.ErrMoved) {
		t.Errorf("an old slug: got %v, want a move to cie", err)
	}
	_, err = s.Find(catalogue.KindPublisher, comune)
	if !errors.As(err, &moved) || moved.Slug != "comune-di-prato" {
		t.Errorf("a publisher's key: got %v, want a move to comune-di-prato", err)
	}
	for _, name := range []string{"vecchia", id(8).String()} {
		_, err = r.View(s, catalogue.KindService, name, lang.Italian, snapshot.Identity, snapshot.Shown{})
		var g *snapshot.GoneError
		if !errors.As(err, &g) || !errors.Is(err, catalogue.ErrGone) {
			t.Fatalf("a withdrawn entry: got %v, want a GoneError", err)
		}
		if g.Reason != "non si rilascia più" || g.ID != id(8) || g.Replacement == nil || g.Replacement.ID != id(5) || !g.Since.After(start) {
			t.Errorf("a withdrawn entry: got %+v", g)
		}
		if want := "service withdrawn: non si rilascia più"; g.Error() != want {
			t.Errorf("text: got %q, want %q", g, want)
		}
	}
	for name, want := range map[string]struct {
		id  catalogue.EntryID
		err error
	}{
		"cie": {id(5), nil}, "carta": {catalogue.EntryID{}, catalogue.ErrMoved}, "vecchia": {id(8), nil}, "nulla": {catalogue.EntryID{}, catalogue.ErrNotFound},
		id(3).String(): {catalogue.EntryID{}, catalogue.ErrNotFound}, // of another kind
	} {
		if got, err := s.ID(catalogue.KindService, name); got != want.id || !errors.Is(err, want.err) {
			t.Errorf("ID(%q): got %s, %v, want %s, %v", name, got, err, want.id, want.err)
		}
	}
}
