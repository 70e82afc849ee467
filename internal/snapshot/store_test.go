package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestWhatIsPublishedIsReadAndReadAgainAfterARestart(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite)
	write := publishing.New(s, catalogue.SystemClock)
	owner := identity.NewPublisher{Key: comune, Name: "Comune di Prato", Policy: catalogue.PolicySelf}
	if _, err := identity.NewPublishers(s, catalogue.SystemClock).Create(t.Context(), catalogue.Actor{Name: "test"}, owner); err != nil {
		t.Fatal(err)
	}
	follower := follow(t, write)
	public := publishing.Write{Publish: true}
	put := func(kind catalogue.Kind, key, body string) publishing.Result {
		t.Helper()
		result, err := write.Put(t.Context(), catalogue.Ref{Kind: kind, Publisher: comune, Key: key}, []byte(body), public)
		if err != nil {
			t.Fatal(err)
		}
		await(t, follower, result.Position)
		return result
	}
	withdraw := func(kind catalogue.Kind, key, replacedBy string) {
		t.Helper()
		move := publishing.Move{Transition: catalogue.Withdraw, Reason: "chiuso", ReplacedBy: replacedBy}
		result, err := write.Transition(t.Context(), catalogue.Ref{Kind: kind, Publisher: comune, Key: key}, move, publishing.Write{})
		if err != nil {
			t.Fatal(err)
		}
		await(t, follower, result.Position)
	}
	const carta = `"title": {"it": "Carta d'identità", "en": "Identity card"}, "summary": {"it": "Come averla."},
		"status": "active", "categories": ["1"], "responsibleOffice": "prato-comune/anagrafe"`

	put(catalogue.KindPublisher, comune, `{"title": {"it": "Comune di Prato"}, "type": "municipality"}`)
	put(catalogue.KindPlace, "palazzo", `{"title": {"it": "Palazzo comunale"}}`)
	put(catalogue.KindPlace, "vecchio", `{"title": {"it": "Palazzo vecchio"}}`)
	put(catalogue.KindOffice, "anagrafe", `{"title": {"it": "Anagrafe"}, "places": ["prato-comune/palazzo"]}`)
	put(catalogue.KindService, "carta", `{`+carta+`}`)
	put(catalogue.KindService, "carta", `{"slug": "cie", `+carta+`}`)
	put(catalogue.KindPlace, "palazzo", `{"title": {"it": "Palazzo nuovo"}}`)
	withdraw(catalogue.KindPlace, "vecchio", comune+"/palazzo")

	look := func(f *snapshot.Follower) map[string]string {
		s, r := f.Snapshot(), newReader(1<<20)
		seen := map[string]string{}
		for kind, names := range map[catalogue.Kind][]string{
			catalogue.KindPublisher: {comune, "comune-di-prato"},
			catalogue.KindPlace:     {"palazzo-comunale", "palazzo-vecchio"},
			catalogue.KindOffice:    {"anagrafe"},
			catalogue.KindService:   {"cie", "carta-d-identita"},
		} {
			for _, name := range names {
				a, err := r.View(s, kind, name, "en", snapshot.Identity, snapshot.Shown{Fields: []string{"title", "responsibleOffice", "fallback"}})
				if seen[name] = string(a.Body); err != nil {
					seen[name] = err.Error()
				}
			}
			page, err := r.List(s, snapshot.Query{Kind: kind, Sort: snapshot.SortUpdatedAt, Limit: 20, Lang: "it", Coding: snapshot.Identity})
			if err != nil {
				t.Fatal(err)
			}
			seen["list of "+kind.Plural()] = page.ETag + " " + string(page.Body)
		}
		return seen
	}
	seen := look(follower)
	if diff := cmp.Diff(seen, look(follow(t, write))); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
	for name, want := range map[string]string{
		comune:             `moved to publisher "comune-di-prato"`,
		"palazzo-comunale": `{"title":"Palazzo nuovo","fallback":["/title"]}`,
		"palazzo-vecchio":  "place withdrawn: chiuso",
		"carta-d-identita": `moved to service "cie"`,
	} {
		if seen[name] != want {
			t.Errorf("%s: got %s, want %s", name, seen[name], want)
		}
	}
}
