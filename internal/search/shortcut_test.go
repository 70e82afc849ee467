package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/relevance"
	"github.com/comuneprato/service-catalogue/internal/search"
)

// What is done to be fast gives what the slow, obvious way gives.

// edits is how many letters one word has too many, too few, wrong, or swapped with their neighbours beside another.
func edits(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

func TestTheTreeFindsWhatComparingEveryWordFinds(t *testing.T) {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("abcè身")), 1, 9, -1)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(letters).Draw(t, "words")
		slices.Sort(words)
		asked, limit := letters.Draw(t, "asked"), rapid.IntRange(1, 2).Draw(t, "limit")
		prefix := rapid.Bool().Draw(t, "prefix")
		type near struct {
			word     string
			distance int
		}
		var want, got []near
		for _, word := range words {
			letters := []rune(word)
			for n := 1; n <= len(letters); n++ {
				if d := edits([]rune(asked), letters[:n]); d <= limit && (prefix || n == len(letters)) {
					want = append(want, near{word, d})
					break
				}
			}
		}
		search.Near(words, asked, limit, prefix, func(word string, distance int) { got = append(got, near{word, distance}) })
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(near{})); diff != "" {
			t.Fatalf("words near %q (-one by one +by the tree):\n%s", asked, diff)
		}
	})
}

func TestLookingFartherOnlyWhereNothingIsNearMissesNoCorrection(t *testing.T) {
	words := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 8, 9, -1)
	rapid.Check(t, func(t *rapid.T) {
		var docs []search.Document
		for i, word := range rapid.SliceOfN(words, 1, 30).Draw(t, "words") {
			class := rapid.SampledFrom([]search.Class{search.Title, search.Body}).Draw(t, "class")
			docs = append(docs, search.Document{Ordinal: uint32(i), Fields: []search.Field{{Class: class, Lang: lang.Italian, Text: word}}})
		}
		_, x := built(docs)
		for range 20 {
			misspelt := words.Draw(t, "misspelt")
			found, atOnce := search.Corrections(x, misspelt)
			if diff := cmp.Diff(atOnce, found); diff != "" {
				t.Fatalf("%q is corrected to (-at once +step by step):\n%s", misspelt, diff)
			}
		}
	})
}

func TestWhatIsRememberedIsWhatWouldBeFound(t *testing.T) {
	b, remembers := built(theDemo().documents)
	ask := func(x *search.Index, judged relevance.Query) search.Result {
		r := x.Search(search.Query{Text: judged.Query, Lang: judged.Lang, Limit: 10, Explain: true})
		r.Work = 0 // which is what remembering spares
		return r
	}
	all := relevance.Load()
	for _, judged := range all {
		for _, tag := range []lang.Tag{lang.English, judged.Lang} {
			ask(remembers, relevance.Query{Query: judged.Query, Lang: tag})
		}
	}
	for _, judged := range all {
		if diff := cmp.Diff(ask(b.Index(), judged), ask(remembers, judged), cmpopts.IgnoreUnexported(search.Hit{})); diff != "" {
			t.Errorf("%q finds (-anew +from memory):\n%s", judged.Query, diff)
		}
	}
}

func TestNoDocumentIsLeftOutThatAnswers(t *testing.T) {
	same := func(t *rapid.T, x *search.Index, q search.Query) {
		found, all, compromise, ofAll := search.Found(x, q)
		if diff := cmp.Diff(all, found); diff != "" {
			t.Errorf("%q finds (-among all documents +among candidates):\n%s", q.Text, diff)
		}
		if compromise != ofAll {
			t.Errorf("%q: what would do is %v among candidates, %v among all documents", q.Text, compromise, ofAll)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := search.NewBuilder()
		for i := range rapid.IntRange(1, 30).Draw(t, "documents") {
			b.Put(drawDocument(t, uint32(i)))
			if rapid.IntRange(0, 9).Draw(t, "flush") == 0 {
				b.Index()
			}
			if rapid.IntRange(0, 9).Draw(t, "delete") == 0 {
				b.Delete(uint32(i / 2))
			}
		}
		x := b.Index()
		for range 10 {
			words := rapid.SliceOfN(rapid.SampledFrom(modelWords), 1, 4).Draw(t, "query")
			same(t, x, search.Query{Text: strings.Join(words, " ")})
		}
		judged := rapid.SampledFrom(relevance.Load()).Draw(t, "judged")
		same(t, theDemo().index, search.Query{Text: judged.Query, Lang: judged.Lang})
	})
}

func TestMarksAreWhereReadingTheTextFindsThem(t *testing.T) {
	d := theDemo()
	marked := 0
	for _, judged := range relevance.Load() {
		if judged.Complete || judged.Lang == "zh" { // runs without spaces are marked by what begins in them
			continue
		}
		q := search.Query{Text: judged.Query, Lang: judged.Lang, Limit: 20, Marks: true}
		for _, h := range d.index.Search(q).Hits {
			texts := search.MarkedAll(d.index, q, d.documents[h.Ordinal])
			piece := strings.TrimSuffix(strings.TrimPrefix(h.Snippet, "… "), " …")
			if !slices.Contains(texts, h.Title) {
				t.Errorf("%q marks the title %s, want one of %q", judged.Query, h.Title, texts)
			}
			if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, piece) }) {
				t.Errorf("%q marks %s, want a piece of one of %q", judged.Query, piece, texts)
			}
			marked += strings.Count(piece, "<mark>")
		}
	}
	if marked < 1000 {
		t.Errorf("%d words are marked in all, want most of those found", marked)
	}
}
