package search_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
)

//go:embed testdata/queries.txt
var expected string

type expectation struct {
	query string
	lang  lang.Tag
	keys  []string
	five  bool
}

func expectations() []expectation {
	var all []expectation
	for line := range strings.Lines(strings.TrimSpace(expected) + "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		query, keys, _ := strings.Cut(line, " =")
		e := expectation{query: query, lang: lang.Italian, keys: strings.Fields(keys)}
		if tag, rest, ok := strings.Cut(query, " "); ok && lang.Known(lang.Tag(tag)) && tag == strings.ToLower(tag) {
			e.lang, e.query = lang.Tag(tag), rest
		}
		if len(e.keys) > 0 && e.keys[0] == "?" {
			e.five, e.keys = true, e.keys[1:]
		}
		all = append(all, e)
	}
	return all
}

func TestTheDemonstrationIsFound(t *testing.T) {
	d := theDemo()
	for _, e := range expectations() {
		t.Run(string(e.lang)+" "+e.query, func(t *testing.T) {
			r := d.index.Search(search.Query{Text: e.query, Lang: e.lang, Limit: 5})
			var found []string
			for _, h := range r.Hits {
				found = append(found, d.rows[h.Ordinal].Key)
			}
			if len(e.keys) == 0 {
				if len(found) > 0 {
					t.Errorf("found %v (didYouMean %q, dropped %q), want nothing", found, r.DidYouMean, r.Dropped)
				}
				return
			}
			first := found
			if !e.five {
				first = found[:min(len(found), len(e.keys))]
			}
			for _, key := range e.keys {
				if !slices.Contains(first, key) {
					t.Errorf("found %v (didYouMean %q, dropped %q), want %v first", found, r.DidYouMean, r.Dropped, e.keys)
					return
				}
			}
		})
	}
}
