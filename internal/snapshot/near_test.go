package snapshot_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

func point(lat, lon float64) *catalogue.Point { return &catalogue.Point{Lat: &lat, Lon: &lon} }

func near(lat, lon, radius float64) *snapshot.Near {
	return &snapshot.Near{Point: *point(lat, lon), Radius: radius}
}

// around are places around a square, an office in one of them, a shared channel at the office, and services that people
// get by the channel, at another place, and nowhere.
var around = []catalogue.Update{
	published(id(1), comune, comune, &catalogue.Publisher{Head: titled("comune-di-prato", "Comune di Prato")}),
	published(id(2), comune, "piazza", &catalogue.Place{Head: titled("piazza", "Piazza"), Point: point(43.8800, 11.0960)}),
	published(id(3), comune, "stazione", &catalogue.Place{Head: titled("stazione", "Stazione"), Point: point(43.8800, 11.1085)}),
	published(id(4), comune, "firenze", &catalogue.Place{Head: titled("firenze", "Firenze"), Point: point(43.7696, 11.2558)}),
	published(id(5), comune, "ovunque", &catalogue.Place{Head: titled("ovunque", "Ovunque")}),
	published(id(6), comune, "ufficio", &catalogue.Office{Head: titled("ufficio", "Ufficio"), Places: []string{comune + "/stazione", comune + "/firenze"}}),
	published(id(7), comune, "sportello", &catalogue.Channel{
		Head: titled("sportello", "Sportello"), Access: catalogue.Access{Type: "01.1.1", Offices: []string{comune + "/ufficio"}},
	}),
	published(id(8), comune, "carta", &catalogue.Service{
		Head: titled("carta", "Carta"), Connections: []catalogue.Connection{{Channel: comune + "/sportello"}},
	}),
	published(id(9), comune, "mercato", &catalogue.Service{Head: titled("mercato", "Mercato"), Connections: []catalogue.Connection{
		{Inline: &catalogue.Inline{Access: catalogue.Access{Type: "01", Places: []string{comune + "/piazza"}}}},
	}}),
	published(id(10), comune, "sito", &catalogue.Service{Head: titled("sito", "Sito")}),
}

// distant lists what a query finds with how far it is, in metres.
func distant(t testing.TB, r *snapshot.Reader, s *snapshot.Snapshot, q snapshot.Query) (found []string) {
	t.Helper()
	page, err := r.List(s, q)
	if err != nil {
		t.Fatal(err)
	}
	var b struct {
		Items []struct {
			Slug     string
			Distance *int
		}
	}
	if err := json.Unmarshal(page.Body, &b); err != nil {
		t.Fatalf("%v in %s", err, page.Body)
	}
	for _, item := range b.Items {
		if item.Distance == nil {
			t.Fatalf("%s: got no distance", item.Slug)
		}
		found = append(found, fmt.Sprintf("%s %d", item.Slug, *item.Distance))
	}
	return found
}

func TestNearFindsWhatIsWithinTheRadiusTheNearestFirst(t *testing.T) {
	s, r := loaded(t, newFeed(around...)), newReader(1<<20)
	for name, test := range map[string]struct {
		kind   catalogue.Kind
		near   *snapshot.Near
		filter map[string][]string
		want   []string
	}{
		"places, however far":     {catalogue.KindPlace, near(43.8800, 11.0960, 0), nil, []string{"piazza 0", "stazione 1002", "firenze 17749"}},
		"places within a radius":  {catalogue.KindPlace, near(43.8800, 11.0960, 2000), nil, []string{"piazza 0", "stazione 1002"}},
		"just within, not beyond": {catalogue.KindPlace, near(43.8800, 11.0960, 1001), nil, []string{"piazza 0"}},
		"an office at its nearest place": {
			catalogue.KindOffice, near(43.7696, 11.2558, 500), nil, []string{"ufficio 0"},
		},
		"a channel at its office":            {catalogue.KindChannel, near(43.8800, 11.1085, 500), nil, []string{"sportello 0"}},
		"services by channel, office, place": {catalogue.KindService, near(43.8800, 11.0960, 5000), nil, []string{"mercato 0", "carta 1002"}},
		"and a filter": {
			catalogue.KindService, near(43.8800, 11.0960, 5000), map[string][]string{"channel": {"sportello"}}, []string{"carta 1002"},
		},
		"at the pole":                {catalogue.KindPlace, near(90, 0, 100), nil, nil},
		"on the other side":          {catalogue.KindPlace, near(-43.88, -168.904, 19_990_000), nil, nil},
		"over the date line and all": {catalogue.KindPlace, near(43.88, 179.99, 20_000_000), nil, nil},
	} {
		q := snapshot.Query{
			Kind: test.kind, Near: test.near, Filters: test.filter, Sort: snapshot.SortDistance, Limit: 10, Lang: lang.Italian, Coding: snapshot.Identity,
		}
		got := distant(t, r, s, q)
		if name == "over the date line and all" { // how far to the metre is not the point
			for i := range got {
				got[i] = got[i][:4]
			}
			test.want = []string{"staz", "piaz", "fire"} // over the pole
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
		q.Descending = true
		slices.Reverse(got)
		if other := distant(t, r, s, q); name != "over the date line and all" && !slices.Equal(other, got) {
			t.Errorf("%s, the farthest first: got %v, want %v", name, other, got)
		}
	}
}

func TestAPlaceThatMovesTakesAlongWhatIsThere(t *testing.T) {
	f := newFeed(around...)
	follower, r := follow(t, f), newReader(1<<20)
	q := snapshot.Query{
		Kind: catalogue.KindService, Near: near(43.8800, 11.0960, 5000), Sort: snapshot.SortDistance, Limit: 10, Lang: lang.Italian, Coding: snapshot.Identity,
	}
	want := []string{"mercato 0", "carta 1002"}
	if got := distant(t, r, follower.Snapshot(), q); !slices.Equal(got, want) {
		t.Fatalf("before: got %v, want %v", got, want)
	}
	before := follower.Snapshot()
	await(t, follower, f.append(published(id(3), comune, "stazione", &catalogue.Place{Head: titled("stazione", "Stazione"), Point: point(43.8800, 11.0961)})))
	if got, want := distant(t, r, follower.Snapshot(), q), []string{"mercato 0", "carta 8"}; !slices.Equal(got, want) {
		t.Errorf("after: got %v, want %v", got, want)
	}
	if got := distant(t, r, before, q); !slices.Equal(got, want) {
		t.Errorf("the snapshot from before: got %v, want %v", got, want)
	}
	await(t, follower, f.append(f.withdraw(id(3), "chiusa", catalogue.EntryID{})))
	if got, want := distant(t, r, follower.Snapshot(), q), []string{"mercato 0"}; !slices.Equal(got, want) {
		t.Errorf("withdrawn: got %v, want %v", got, want)
	}
}

func TestPagesByDistanceAreTheWholeListOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type spot struct{ lat, lon float64 }
		spots := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) spot {
			return spot{rapid.Float64Range(43.8, 43.9).Draw(t, "lat"), rapid.Float64Range(11, 11.2).Draw(t, "lon")}
		}), 1, 30).Draw(rt, "spots")
		f := newFeed()
		for i, s := range spots {
			f.append(published(id(i+1), comune, fmt.Sprint(i), &catalogue.Place{Head: titled(fmt.Sprint("p", i), "P"), Point: point(s.lat, s.lon)}))
		}
		radius := rapid.Float64Range(1, 20000).Draw(rt, "radius")
		q := snapshot.Query{
			Kind: catalogue.KindPlace, Near: near(43.85, 11.1, radius), Sort: snapshot.SortDistance, Descending: rapid.Bool().Draw(rt, "descending"),
			Limit: rapid.IntRange(1, 7).Draw(rt, "limit"), Lang: lang.Italian, Coding: snapshot.Identity,
		}
		want := 0
		for _, s := range spots {
			// On a few kilometres the Earth is flat to a few per mille.
			x, y := (s.lon-11.1)*math.Cos(43.85*math.Pi/180)*111195, (s.lat-43.85)*111195
			switch flat := math.Hypot(x, y); {
			case flat < radius*0.995:
				want++
			case flat < radius*1.005:
				rt.Skip("too close to the edge for a flat Earth")
			}
		}
		s, r := loaded(t, f), newReader(0)
		seen := map[string]bool{}
		for {
			page, err := r.List(s, q)
			if err != nil {
				rt.Fatal(err)
			}
			for _, item := range list(rt, r, s, q).Items {
				if seen[item.ID] {
					rt.Fatalf("%s came twice", item.ID)
				}
				seen[item.ID] = true
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
		}
		if len(seen) != want {
			rt.Errorf("got %d places, want %d", len(seen), want)
		}
	})
}
