package snapshot_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// letters are places whose titles are letters.
func letters(s string) (changes []catalogue.Update) {
	for _, c := range s {
		changes = append(changes, published(id(int(c)), comune, string(c), &catalogue.Place{Head: titled("", string(c))}))
	}
	return changes
}

func ofPlaces(change func(q *snapshot.Query)) snapshot.Query {
	q := snapshot.Query{Kind: catalogue.KindPlace, Sort: snapshot.SortTitle, Limit: 2, Lang: lang.Italian, Coding: snapshot.Identity}
	if change != nil {
		change(&q)
	}
	return q
}

func TestPagesGoOnWhereTheLastOneEnded(t *testing.T) {
	for _, test := range []struct {
		name       string
		descending bool
		change     func(f *feed)
		want       []string // the second page
	}{
		{"nothing changed", false, func(*feed) {}, []string{"f", "h"}},
		{"descending", true, func(*feed) {}, []string{"d", "b"}},
		{"one came before", false, func(f *feed) { f.append(letters("a")...) }, []string{"f", "h"}},
		{"one came behind", false, func(f *feed) { f.append(letters("e")...) }, []string{"e", "f"}},
		{"the last one went", false, func(f *feed) { f.append(f.withdraw(id('d'), "chiuso", catalogue.EntryID{})) }, []string{"f", "h"}},
		{"the last one went, descending", true, func(f *feed) { f.append(f.withdraw(id('f'), "chiuso", catalogue.EntryID{})) }, []string{"d", "b"}},
		{"the next one went", false, func(f *feed) { f.append(f.withdraw(id('f'), "chiuso", catalogue.EntryID{})) }, []string{"h"}},
		{"the rest went", false, func(f *feed) {
			f.append(f.withdraw(id('f'), "chiuso", catalogue.EntryID{}), f.withdraw(id('h'), "chiuso", catalogue.EntryID{}))
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFeed(letters("bdfh")...)
			follower, r := follow(t, f), newReader(1<<20)
			q := ofPlaces(func(q *snapshot.Query) { q.Descending = test.descending })
			q.Cursor = list(t, r, follower.Snapshot(), q).NextCursor
			test.change(f)
			page := list(t, r, await(t, follower, int64(len(f.changes))), q)
			if diff := cmp.Diff(test.want, page.titles()); diff != "" {
				t.Errorf("second page (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACursorBelongsToItsQuery(t *testing.T) {
	f := newFeed(letters("abcdefgh")...)
	f.append(published(id(1), comune, "ufficio", &catalogue.Office{Head: titled("", "Ufficio")}))
	s, r := loaded(t, f), newReader(1<<20)
	base := ofPlaces(func(q *snapshot.Query) {
		q.Filters = map[string][]string{"publisher": {comune, acqua}}
		q.UpdatedSince = start
	})
	cursor := list(t, r, s, base).NextCursor
	for _, test := range []struct {
		name   string
		change func(q *snapshot.Query)
		want   error
	}{
		{"the same query", func(*snapshot.Query) {}, nil},
		{"another size of page", func(q *snapshot.Query) { q.Limit = 5 }, nil},
		{"another language, coding and fields", func(q *snapshot.Query) {
			q.Lang, q.Coding, q.Fields = lang.English, snapshot.Gzip, []string{"title"}
		}, nil},
		{"values in another order", func(q *snapshot.Query) { q.Filters = map[string][]string{"publisher": {acqua, comune}} }, nil},
		{"the same instant elsewhere", func(q *snapshot.Query) { q.UpdatedSince = start.In(time.FixedZone("CEST", 7200)) }, nil},
		{"another kind", func(q *snapshot.Query) { q.Kind = catalogue.KindOffice }, snapshot.ErrCursor},
		{"another sort", func(q *snapshot.Query) { q.Sort = snapshot.SortUpdatedAt }, snapshot.ErrCursor},
		{"the other direction", func(q *snapshot.Query) { q.Descending = true }, snapshot.ErrCursor},
		{"another filter", func(q *snapshot.Query) { q.Filters = map[string][]string{"office": {comune, acqua}} }, snapshot.ErrCursor},
		{"other values", func(q *snapshot.Query) { q.Filters = map[string][]string{"publisher": {comune}} }, snapshot.ErrCursor},
		{"no filter", func(q *snapshot.Query) { q.Filters = nil }, snapshot.ErrCursor},
		{"another instant", func(q *snapshot.Query) { q.UpdatedSince = start.Add(time.Second) }, snapshot.ErrCursor},
		{"ids, which have one page", func(q *snapshot.Query) { q.IDs = []string{"a"} }, snapshot.ErrCursor},
		{"cut short", func(q *snapshot.Query) { q.Cursor = cursor[:len(cursor)-2] }, snapshot.ErrCursor},
		{"made longer", func(q *snapshot.Query) { q.Cursor = cursor + "AAAA" }, snapshot.ErrCursor},
		{"one letter changed", func(q *snapshot.Query) { q.Cursor = "A" + cursor[1:] }, snapshot.ErrCursor},
		{"not base64", func(q *snapshot.Query) { q.Cursor = "?" }, snapshot.ErrCursor},
		{"nothing but a seal", func(q *snapshot.Query) { q.Cursor = cursor[:8] }, snapshot.ErrCursor},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := base
			q.Cursor = cursor
			test.change(&q)
			if _, err := r.List(s, q); !errors.Is(err, test.want) {
				t.Errorf("error: got %v, want %v", err, test.want)
			}
		})
	}
	if !errors.Is(snapshot.ErrCursor, catalogue.ErrMalformed) {
		t.Error("ErrCursor is no ErrMalformed")
	}
}

func FuzzCursor(f *testing.F) {
	s, r := loaded(f, newFeed(letters("abcdefgh")...)), newReader(0)
	sealed := map[string]bool{}
	q := ofPlaces(nil)
	for q.Limit = range 7 { // every place has a page that ends there
		q.Limit++
		page, err := r.List(s, q)
		if err != nil {
			f.Fatal(err)
		}
		sealed[page.Next] = true
		f.Add(page.Next)
	}
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		q := ofPlaces(func(q *snapshot.Query) { q.Cursor = cursor })
		_, err := r.List(s, q)
		// A line break in it changes nothing: encoding/base64 skips them.
		raw, _ := base64.RawURLEncoding.DecodeString(cursor)
		if good := cursor == "" || sealed[base64.RawURLEncoding.EncodeToString(raw)]; good != (err == nil) {
			t.Errorf("List with the cursor %q: got %v, want it accepted: %t", cursor, err, good)
		}
		if err != nil && !errors.Is(err, snapshot.ErrCursor) {
			t.Errorf("error: got %v, want ErrCursor", err)
		}
	})
}

func TestListsTakeTheFormsThatReadersAskFor(t *testing.T) {
	f := newFeed(city...)
	f.append(
		published(id(3), comune, "palazzo", &catalogue.Place{Head: titled("palazzo-comunale", "Palazzo comunale")}),
		published(id(8), comune, "chiuso", &catalogue.Place{Head: titled("chiuso", "Chiuso")}))
	f.append(f.withdraw(id(8), "chiuso", catalogue.EntryID{}))
	s, r := loaded(t, f), newReader(1<<20)
	services := func(change func(q *snapshot.Query)) snapshot.Query {
		return ofPlaces(func(q *snapshot.Query) {
			q.Kind, q.Limit, q.Fields = catalogue.KindService, 20, []string{"title"}
			change(q)
		})
	}
	const all = `{"items":[{"title":"Carta d'identità"},{"title":"Perdite d'acqua"},{"title":"Voltura"}],"total":3}`
	for _, test := range []struct {
		name string
		q    snapshot.Query
		want string
	}{
		{"all", services(func(*snapshot.Query) {}), all},
		{"members in the order of the view", services(func(q *snapshot.Query) {
			q.IDs, q.Fields = []string{"carta"}, []string{"title", "slug", "key"}
		}), `{"items":[{"key":"carta","slug":"carta","title":"Carta d'identità"}],"total":1}`},
		{"ids in their order, each as often as it is named, however small a page is", services(func(q *snapshot.Query) {
			q.IDs, q.Limit = []string{"voltura", "nulla", "carta", "voltura", id(7).String()}, 1
		}), `{"items":[{"title":"Voltura"},{"title":"Carta d'identità"},{"title":"Voltura"},{"title":"Perdite d'acqua"}],"total":4,"missing":["nulla"]}`},
		{"ids that do not pass a filter are not missing", services(func(q *snapshot.Query) {
			q.IDs, q.Filters = []string{"voltura", "carta"}, map[string][]string{"publisher": {comune}}
		}), `{"items":[{"title":"Carta d'identità"}],"total":1}`},
		{"old slugs and withdrawn ones among ids", services(func(q *snapshot.Query) {
			q.Kind, q.IDs = catalogue.KindPlace, []string{"palazzo", "chiuso", `"`}
		}), `{"items":[{"title":"Palazzo comunale"}],"total":1,"missing":["chiuso","\""]}`},
		{
			"an id of another kind", services(func(q *snapshot.Query) { q.IDs = []string{id(3).String()} }),
			`{"items":[],"total":0,"missing":["` + id(3).String() + `"]}`,
		},
		{"a filter without values", services(func(q *snapshot.Query) { q.Filters = map[string][]string{"publisher": nil} }), `{"items":[],"total":0}`},
		{"a filter that there is not", services(func(q *snapshot.Query) { q.Filters = map[string][]string{"colour": {"blu"}} }), `{"items":[],"total":0}`},
		{
			"an office by its slug", services(func(q *snapshot.Query) { q.Filters = map[string][]string{"office": {"ufficio"}} }),
			`{"items":[{"title":"Carta d'identità"}],"total":1}`,
		},
		{
			"a publisher by the slug of its profile", services(func(q *snapshot.Query) { q.Filters = map[string][]string{"publisher": {"comune-di-prato"}} }),
			`{"items":[{"title":"Carta d'identità"}],"total":1}`,
		},
		{"since before computers kept time", services(func(q *snapshot.Query) { q.UpdatedSince = time.Date(1861, 3, 17, 0, 0, 0, 0, time.UTC) }), all},
		{"since tomorrow", services(func(q *snapshot.Query) { q.UpdatedSince = start.AddDate(0, 0, 1) }), `{"items":[],"total":0}`},
		{
			"nothing at all", services(func(q *snapshot.Query) {
				q.Kind, q.Filters = catalogue.KindOffice, map[string][]string{"status": {"active"}}
			}),
			`{"items":[],"total":0}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := r.List(s, test.q)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(page.Body); got != test.want {
				t.Errorf("body: got %s, want %s", got, test.want)
			}
		})
	}
}

func TestFewMatchesAmongManyArePagedToo(t *testing.T) {
	f := newFeed()
	var want []string
	for i := range 200 {
		office := &catalogue.Office{Head: titled("", fmt.Sprintf("Ufficio %d", i))}
		if i%40 == 7 { // so few that they are sorted and not walked to
			office.Status = "inactive"
			want = append(want, office.Title[lang.Italian])
		}
		f.append(published(id(i), comune, fmt.Sprint(i), office))
	}
	s, r := loaded(t, f), newReader(0)
	for _, descending := range []bool{false, true} {
		q := ofPlaces(func(q *snapshot.Query) {
			q.Kind, q.Filters, q.Descending = catalogue.KindOffice, map[string][]string{"status": {"inactive"}}, descending
		})
		var got []string
		for {
			page := list(t, r, s, q)
			got = append(got, page.titles()...)
			if page.Total != len(want) {
				t.Errorf("total: got %d, want %d", page.Total, len(want))
			}
			if q.Cursor = page.NextCursor; q.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("titles, descending %t (-want +got):\n%s", descending, diff)
		}
		slices.Reverse(want)
	}
}

func TestAListIsModifiedWhenAnEntryGoes(t *testing.T) {
	f := newFeed(letters("ab")...)
	follower, r := follow(t, f), newReader(1<<20)
	before, err := r.List(follower.Snapshot(), ofPlaces(nil))
	if err != nil {
		t.Fatal(err)
	}
	after, err := r.List(await(t, follower, f.append(f.withdraw(id('b'), "chiuso", catalogue.EntryID{}))), ofPlaces(nil))
	if err != nil {
		t.Fatal(err)
	}
	if !after.Modified.After(before.Modified) {
		t.Errorf("modified: got %s, want later than %s", after.Modified, before.Modified)
	}
}

func TestLongTitlesMakeNoLongCursors(t *testing.T) {
	long := strings.Repeat("Denuncia di accumulo temporaneo ", 7)
	var changes []catalogue.Update
	for _, c := range "abcd" {
		changes = append(changes, published(id(int(c)), comune, string(c), &catalogue.Place{Head: titled("", long+string(c))}))
	}
	for _, descending := range []bool{false, true} {
		f := newFeed(changes...)
		follower, r := follow(t, f), newReader(1<<20)
		q := ofPlaces(func(q *snapshot.Query) { q.Descending = descending })
		first := list(t, r, follower.Snapshot(), q)
		if len(first.NextCursor) > 100 {
			t.Errorf("the cursor has %d characters", len(first.NextCursor))
		}
		q.Cursor = first.NextCursor
		second := list(t, r, follower.Snapshot(), q)
		if diff := cmp.Diff(2, len(second.titles())); diff != "" || slices.Contains(second.titles(), first.titles()[1]) {
			t.Errorf("descending %t: pages %v and %v, want each title once", descending, first.titles(), second.titles())
		}
		// The entry that the cursor names goes: the rest of the list must still be shown.
		gone := map[bool]int{false: 'b', true: 'c'}[descending]
		f.append(f.withdraw(id(gone), "chiuso", catalogue.EntryID{}))
		later := list(t, r, await(t, follower, int64(len(f.changes))), q)
		if len(later.titles()) < 2 {
			t.Errorf("descending %t: after the last one went, %v is left", descending, later.titles())
		}
	}
}
