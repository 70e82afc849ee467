package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

var (
	modelWords = []string{
		"carta", "identità", "residenza", "cambio", "cambiare", "nido", "asilo", "rifiuti", "TARI", "multa", "la", "di", "via",
		"tessera", "tessere", "nascita", "D.Lgs.", "33/2013", "F24", "acqua", "contatore", "l'acqua", "zona", "ZTL",
	}
	modelQueries = []string{
		"carta identità", "cambiare residenza", "nido", "tari", "multe", "tessrea nascita", "resdienza", "acq", "33/2013",
		"d.lgs 33/2013", "pizza margherita", "la", "垃圾", "垃圾费", "waste", "acqua contatore zebra", "c", "carta multa acqua",
	}
)

func drawDocument(t *rapid.T, ordinal uint32) search.Document {
	d := search.Document{Ordinal: ordinal, ID: fmt.Sprintf("%08d", ordinal), Inactive: rapid.Bool().Draw(t, "inactive"), Online: rapid.Bool().Draw(t, "online")}
	for range rapid.IntRange(0, 5).Draw(t, "fields") {
		f := search.Field{
			Class: search.Class(rapid.IntRange(0, int(search.Body)).Draw(t, "class")),
			Lang:  rapid.SampledFrom([]lang.Tag{"it", "it", "it", "en", "zh"}).Draw(t, "lang"),
		}
		words := modelWords
		if f.Lang == "zh" {
			words = []string{"垃圾费", "身份证", "TARI", "居留", "水"}
		}
		for range rapid.IntRange(1, 6).Draw(t, "length") {
			f.Text += rapid.SampledFrom(words).Draw(t, "word") + " "
		}
		d.Fields = append(d.Fields, f)
	}
	return d
}

// answers is all that an index says to the queries.
func answers(x *search.Index) []any {
	var all []any
	for _, q := range modelQueries {
		for _, tag := range []lang.Tag{"it", "en", "zh"} {
			r := x.Search(search.Query{Text: q, Lang: tag, Limit: 50, Matches: true, Marks: true, Explain: true})
			var matches []uint32
			if r.Matches != nil {
				matches = r.Matches.ToArray()
			}
			r.Matches, r.Work = nil, 0
			all = append(all, q, tag, r, matches, x.Complete(search.Query{Text: q, Lang: tag}))
		}
	}
	return all
}

func TestAnIndexDependsOnItsDocumentsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := search.NewBuilder()
		model := map[uint32]search.Document{}
		var before *search.Index
		var then []any
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			ordinal := uint32(rapid.IntRange(0, 12).Draw(t, "ordinal"))
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				b.Delete(ordinal)
				delete(model, ordinal)
			case 1:
				before = b.Index()
				then = answers(before)
			default:
				d := drawDocument(t, ordinal)
				b.Put(d)
				model[ordinal] = d
			}
		}
		fresh := search.NewBuilder()
		for _, d := range model {
			fresh.Put(d)
		}
		x := b.Index()
		if x.Len() != len(model) {
			t.Fatalf("Len() = %d, want %d", x.Len(), len(model))
		}
		same := cmp.Options{cmpopts.IgnoreUnexported(search.Hit{}), cmpopts.EquateApprox(1e-4, 0)}
		if diff := cmp.Diff(answers(fresh.Index()), answers(x), same); diff != "" {
			t.Fatalf("an index that was built step by step differs from one that was built at once (-at once +by steps):\n%s", diff)
		}
		if before != nil {
			if diff := cmp.Diff(then, answers(before), same); diff != "" {
				t.Fatalf("an index that was handed out changed (-then +now):\n%s", diff)
			}
		}
	})
}

func TestManySmallPublicationsLeaveFewParts(t *testing.T) {
	docs := slices.Clone(theDemo().documents)
	b := search.NewBuilder()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		rng.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		for _, d := range docs {
			b.Put(d)
			if parts := search.Parts(b.Index()); parts > 12 {
				t.Fatalf("%d parts for %d documents", parts, b.Index().Len())
			}
		}
	}
	same := cmp.Options{cmpopts.IgnoreUnexported(search.Hit{}), cmpopts.EquateApprox(1e-4, 0)}
	if diff := cmp.Diff(answers(theDemo().index), answers(b.Index()), same); diff != "" {
		t.Errorf("the demonstration published one by one differs (-at once +one by one):\n%s", diff)
	}
}
