package search_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/search"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

type row struct {
	Kind, Key string
	Document  map[string]any
}

type demonstration struct {
	rows      []row
	documents []search.Document
	index     *search.Index
}

// theDemo is the demonstration's catalogue as documents, numbered by row.
var theDemo = sync.OnceValue(func() demonstration {
	var d demonstration
	lines := bufio.NewScanner(demo.Rows())
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			panic(err)
		}
		d.rows = append(d.rows, r)
	}
	titles := map[string]any{}
	for _, r := range d.rows {
		titles[r.Kind+"/"+r.Key] = r.Document["title"]
	}
	b := search.NewBuilder()
	for i, r := range d.rows {
		doc := document(r, titles)
		doc.Ordinal, doc.ID = uint32(i), fmt.Sprintf("%08d", i)
		d.documents = append(d.documents, doc)
		b.Put(doc)
	}
	d.index = b.Index()
	return d
})

func document(r row, titles map[string]any) search.Document {
	d := search.Document{Kind: r.Kind, Boost: map[string]float64{"service": 1, "office": 0.9, "place": 0.8, "publisher": 0.75, "timetable": 0.6}[r.Kind]}
	d.Inactive = r.Document["status"] == "inactive"
	add := func(c search.Class, v any) {
		for _, text := range texts(v) {
			for _, tag := range lang.Tags {
				if s, ok := text[string(tag)].(string); ok {
					d.Fields = append(d.Fields, search.Field{Class: c, Lang: tag, Text: s})
				}
			}
		}
	}
	add(search.Title, r.Document["title"])
	add(search.AlternativeTitle, r.Document["alternativeTitles"])
	for _, key := range []string{"acronyms", "acronym"} {
		for _, a := range list(r.Document[key]) {
			d.Fields = append(d.Fields, search.Field{Class: search.Acronym, Lang: lang.Italian, Text: a.(string)})
		}
	}
	add(search.Keyword, r.Document["keywords"])
	for field, scheme := range map[string]string{"categories": "service-categories", "topics": "topics", "lifeEvents": "life-events", "businessEvents": "business-events", "audiences": "audiences"} {
		for _, code := range list(r.Document[field]) {
			if t, ok := vocabulary.MustGet(scheme).Term(code.(string)); ok {
				for _, tag := range lang.Tags {
					if s := t.Label[tag]; s != "" {
						d.Fields = append(d.Fields, search.Field{Class: search.Label, Lang: tag, Text: s})
					}
				}
			}
		}
	}
	for _, o := range list(r.Document["offices"]) {
		_, key, _ := strings.Cut(o.(string), "/")
		add(search.OfficeName, titles["office/"+key])
	}
	add(search.Summary, r.Document["summary"])
	for _, field := range []string{"description", "audienceText", "howTo", "neededText", "evidence", "outcomeText", "outputs", "deadlines", "costs", "furtherInfo", "legalBasis", "processingTime", "address", "hoursText", "access"} {
		add(search.Body, r.Document[field])
	}
	for _, c := range list(r.Document["connections"]) {
		if in, _ := c.(map[string]any)["inline"].(map[string]any); in != nil {
			d.Online = d.Online || strings.HasPrefix(fmt.Sprint(in["type"]), "02")
			add(search.Body, in["title"])
		}
	}
	slices.SortStableFunc(d.Fields, func(x, y search.Field) int { return int(x.Class) - int(y.Class) })
	return d
}

func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case string:
		return []any{v}
	}
	return nil
}

// texts finds the multilingual texts in a value.
func texts(v any) []map[string]any {
	var all []map[string]any
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	case map[string]any:
		if _, ok := v["it"]; ok {
			return []map[string]any{v}
		}
		for _, key := range []string{"title", "description", "label", "note", "text"} {
			all = append(all, texts(v[key])...)
		}
		if s, ok := v["street"].(string); ok {
			all = append(all, map[string]any{"it": s})
		}
	}
	return all
}
