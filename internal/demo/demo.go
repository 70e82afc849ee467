// Package demo holds a real catalogue to try the program with: the services, offices, places and organisations of
// Prato that were found in public sources, as rows of an import. The rows are written by package convert from
// source/real-services.json (facts, whose README names sources and licences) and from what we made of it by hand:
// classification.json (terms), facts.json (what sentences say that fields can hold), channels.json (ways that services
// share), procedures.json (what is behind services), hours.json (opening hours) and translations.json (our English and
// Chinese); testdata/mapping.golden says what became of every field and which words each reading comes from.
// Loading them is the business of package publishing.
package demo

//go:generate go run ./convert

import (
	"bufio"
	_ "embed" // for the rows
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/comuneprato/service-catalogue/internal/importing"
)

// The publishers that a demonstration acts as.
const (
	Municipality = "prato-comune" // publishes most of the services
	Utility      = "publiacqua"   // the water company, publishes its own
)

//go:embed demo.ndjson
var rows string

// Publisher is an organisation that publishes in the demonstration.
type Publisher struct {
	Key  string
	Name string // in Italian
}

// Publishers lists the publishers, the municipality first. Each has its profile among the rows, under its own key.
func Publishers() []Publisher { return slices.Clone(publishers()) }

// Rows reads the rows of the import, NDJSON in the order of catalogue.Kinds, so that no row names an entry of a later
// kind. No document has a slug.
func Rows() io.Reader { return strings.NewReader(rows) }

// OpenRows reads Rows as an import does.
func OpenRows() (importing.Reader, error) {
	return importing.Open(importing.NDJSON, Rows(), importing.Options{})
}

var publishers = sync.OnceValue(func() []Publisher {
	var found []Publisher
	lines := bufio.NewScanner(Rows())
	lines.Buffer(nil, len(rows)+1)
	for lines.Scan() {
		var row struct {
			Publisher, Kind, Key string
			Document             struct{ Title map[string]string }
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			panic(fmt.Errorf("demo.ndjson: %w", err)) // embedded: a mistake of ours
		}
		if row.Kind == "publisher" && row.Publisher == row.Key {
			found = append(found, Publisher{Key: row.Key, Name: row.Document.Title["it"]})
		}
	}
	return found
})
