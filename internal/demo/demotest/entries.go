// Package demotest has the demonstration data as published entries, without any database, for tests of what is made of
// public entries.
package demotest

import (
	"bufio"
	"encoding/json"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/demo"
)

// Entries are all entries of the demonstration, and their names in its order. Each has its key as its slug.
func Entries(t testing.TB) (cataloguetest.Entries, []catalogue.Ref) {
	t.Helper()
	entries, order := cataloguetest.Entries{}, []catalogue.Ref{}
	lines := bufio.NewScanner(demo.Rows())
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Publisher, Key string
			Kind           catalogue.Kind
			Document       json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		doc, findings, err := catalogue.Decode(row.Kind, row.Document)
		if err != nil || len(findings) > 0 {
			t.Fatalf("%s %s: %v %v", row.Kind, row.Key, err, findings)
		}
		doc.Common().Slug = row.Key
		ref := catalogue.Ref{Kind: row.Kind, Publisher: row.Publisher, Key: row.Key}
		order = append(order, ref)
		entries[ref] = cataloguetest.NewEntryAmong(entries, ref, doc, len(order))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return entries, order
}
