package snapshot_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// The city of the tests: a service of an office in a place, all of the municipality, and a service of the utility
// that names the first one; a utility's service that has nothing to do with them.
var (
	profile = published(id(1), comune, comune, &catalogue.Publisher{
		Head: titled("comune-di-prato", "Comune di Prato"), Places: []string{comune + "/palazzo"},
	})
	utility = published(id(2), acqua, acqua, &catalogue.Publisher{Head: titled("publiacqua", "Publiacqua")})
	palazzo = published(id(3), comune, "palazzo", &catalogue.Place{Head: titled("palazzo", "Palazzo comunale")})
	ufficio = published(id(4), comune, "ufficio", &catalogue.Office{
		Head: titled("ufficio", "Anagrafe"), Places: []string{comune + "/palazzo"},
	})
	carta = published(id(5), comune, "carta", &catalogue.Service{
		Head: titled("carta", "Carta d'identità"), ResponsibleOffice: comune + "/ufficio",
	})
	voltura = published(id(6), acqua, "voltura", &catalogue.Service{
		Head: titled("voltura", "Voltura"), RelatedServices: []string{comune + "/carta"},
	})
	perdite = published(id(7), acqua, "perdite", &catalogue.Service{Head: titled("perdite", "Perdite d'acqua")})
	city    = []catalogue.Update{profile, utility, palazzo, ufficio, carta, voltura, perdite}
)

func TestAChangeRenewsWhatShowsTheEntryAndNothingElse(t *testing.T) {
	withdrawn := func(u catalogue.Update) catalogue.Update {
		u.Change.Change = catalogue.ChangeWithdrawn
		return u
	}
	for _, test := range []struct {
		name    string
		change  catalogue.Update
		renewed []string // whose bytes are others
		touched []string // which are made anew, though they may be the same
	}{
		{
			"a place", published(id(3), comune, "palazzo", &catalogue.Place{Head: titled("palazzo", "Palazzo nuovo"), District: "Centro"}),
			[]string{"carta", "comune-di-prato", "palazzo", "ufficio"},
			nil,
		},
		{"a place is withdrawn", withdrawn(palazzo), []string{"carta", "comune-di-prato", "palazzo", "ufficio"}, nil},
		{
			"an office", published(id(4), comune, "ufficio", &catalogue.Office{Head: titled("ufficio", "Anagrafe centrale")}),
			[]string{"carta", "ufficio"},
			nil,
		},
		{"an office is withdrawn", withdrawn(ufficio), []string{"carta", "ufficio"}, nil},
		{
			"a publisher", published(id(2), acqua, acqua, &catalogue.Publisher{Head: titled("publiacqua", "Publiacqua S.p.A.")}),
			[]string{"perdite", "publiacqua", "voltura"},
			nil,
		},
		{"a publisher is withdrawn", withdrawn(utility), []string{"perdite", "publiacqua", "voltura"}, nil},
		{
			"a service that another one names", published(id(5), comune, "carta", &catalogue.Service{Head: titled("carta", "Carta")}),
			[]string{"carta", "voltura"},
			nil,
		},
		{
			"a service that nobody names", published(id(7), acqua, "perdite", &catalogue.Service{Head: titled("perdite", "Perdite")}),
			[]string{"perdite"},
			nil,
		},
		{
			"the slug of an office", published(id(4), comune, "ufficio", &catalogue.Office{
				Head: titled("anagrafe", "Anagrafe"), Places: []string{comune + "/palazzo"},
			}),
			[]string{"carta", "ufficio"},
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFeed(city...)
			follower := follow(t, f)
			before, r := follower.Snapshot(), newReader(1<<20)
			tags := func(s *snapshot.Snapshot) (generations map[string]int64, etags map[string]string) {
				generations, etags = map[string]int64{}, map[string]string{}
				for _, u := range city {
					generations[u.Slug] = s.Generation(u.Kind, u.ID.String())
					a, err := r.View(s, u.Kind, u.ID.String(), lang.Italian, snapshot.Identity, snapshot.Shown{})
					if etags[u.Slug] = a.ETag; err != nil {
						etags[u.Slug] = err.Error()
					}
				}
				return generations, etags
			}
			oldGenerations, oldTags := tags(before)
			generations, etags := tags(await(t, follower, f.append(test.change)))
			var renewed, touched []string
			for _, name := range sortedKeys(etags) {
				switch {
				case etags[name] != oldTags[name]:
					renewed = append(renewed, name)
				case generations[name] != oldGenerations[name]:
					touched = append(touched, name)
				}
			}
			if diff := cmp.Diff(test.renewed, renewed); diff != "" {
				t.Errorf("renewed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.touched, touched, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("made anew without need (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEntryIsShownOnceWhatItNamesIsPublic(t *testing.T) {
	f := newFeed(carta)
	follower := follow(t, f)
	r := newReader(1 << 20)
	view := func() string {
		a, err := r.View(follower.Snapshot(), catalogue.KindService, "carta", lang.Italian, snapshot.Identity, snapshot.Shown{Fields: []string{"responsibleOffice"}})
		if err != nil {
			t.Fatal(err)
		}
		return string(a.Body)
	}
	want := `{"responsibleOffice":{"kind":"office","key":"ufficio","available":false}}`
	if got := view(); got != want {
		t.Errorf("before: got %s, want %s", got, want)
	}
	await(t, follower, f.append(published(id(4), comune, "ufficio", &catalogue.Office{Head: titled("ufficio", "Anagrafe")})))
	want = `{"responsibleOffice":{"id":"` + id(4).String() + `","kind":"office","key":"ufficio","slug":"ufficio","url":"` +
		publicURL + `/v1/offices/ufficio","title":"Anagrafe"}}`
	if got := view(); got != want {
		t.Errorf("after: got %s, want %s", got, want)
	}
}

func TestTitlesAreSortedAsItaliansExpect(t *testing.T) {
	want := []string{
		"10 consigli", // numbers first
		"Acqua",
		"Bonus 2 figli",
		"Bonus 10 figli", // two before ten
		"carta",          // small before capital, plain before accented, where all else is equal
		"Carta",
		"Cartà",
		"Carta d'identità",
		"Carta d’identità elettronica", // whichever apostrophe
		"Carta d'identità: smarrimento",
		"Cartella", // a word ends before it goes on
		"Città",
		"Dell'acqua",
		"Della casa",
		"È gratis", // an accented letter is no other letter
		"Edilizia",
		"Zona",
	}
	f := newFeed()
	for i, title := range want {
		f.append(published(id(100-i), comune, string(rune('a'+i)), &catalogue.Place{Head: titled("", title)}))
	}
	s, r := loaded(t, f), newReader(0)
	q := snapshot.Query{Kind: catalogue.KindPlace, Sort: snapshot.SortTitle, Limit: 50, Lang: lang.Italian, Coding: snapshot.Identity}
	if diff := cmp.Diff(want, list(t, r, s, q).titles()); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	q.Descending = true
	slices.Reverse(want)
	if diff := cmp.Diff(want, list(t, r, s, q).titles()); diff != "" {
		t.Errorf("titles the other way round (-want +got):\n%s", diff)
	}
}

// An index that cannot be built stops the search alone, and says so.
func TestWithoutItsIndexOnlyTheSearchStops(t *testing.T) {
	var log bytes.Buffer
	s := snapshot.Broken(slog.New(slog.NewTextHandler(&log, nil)),
		published(id(1), "prato", "duomo", &catalogue.Place{Head: titled("duomo", "Duomo")}),
		published(id(2), "prato", "castello", &catalogue.Place{Head: titled("castello", "Castello")}))
	if s.Searchable() || !strings.Contains(log.String(), "search is out of order") {
		t.Errorf("searchable %t, log %q: want it out of order, and the operator told", s.Searchable(), log.String())
	}
	r := newReader(1 << 20)
	for _, slug := range []string{"duomo", "castello"} {
		if _, err := r.View(s, catalogue.KindPlace, slug, lang.Italian, snapshot.Identity, snapshot.Shown{}); err != nil {
			t.Errorf("look-up of %s: %v", slug, err)
		}
	}
	q := snapshot.Query{Kind: catalogue.KindPlace, Sort: snapshot.SortTitle, Limit: 20, Lang: lang.Italian, Coding: snapshot.Identity}
	if page, err := r.List(s, q); err != nil || page.Total != 2 {
		t.Errorf("list: got %d places, %v, want 2", page.Total, err)
	}
	q.Text = "duomo"
	if _, err := r.List(s, q); !errors.Is(err, snapshot.ErrNotSearchable) {
		t.Errorf("search: got %v, want that it is out of order", err)
	}
	if _, err := r.Completions(s, "duo", catalogue.Kinds, lang.Italian, 10, snapshot.Identity); !errors.Is(err, snapshot.ErrNotSearchable) {
		t.Errorf("completion: got %v, want that it is out of order", err)
	}
}
