package cpsv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	turtle "github.com/knakk/rdf"
	"github.com/piprate/json-gold/ld"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/format/cpsv"
	"github.com/comuneprato/service-catalogue/internal/golden"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

const publicURL = "https://catalogue.example"

var refs = map[catalogue.Kind]catalogue.Ref{
	catalogue.KindPublisher: cataloguetest.PublisherRef, catalogue.KindTimetable: cataloguetest.TimetableRef,
	catalogue.KindPlace: cataloguetest.PlaceRef, catalogue.KindOffice: cataloguetest.OfficeRef, catalogue.KindChannel: cataloguetest.ChannelRef,
	catalogue.KindProcedure: cataloguetest.ProcedureRef, catalogue.KindService: cataloguetest.ServiceRef,
}

func words(entries cataloguetest.Entries) catalogue.Words {
	return catalogue.Words{Lang: lang.Any, PublicURL: publicURL, Resolver: entries, Now: cataloguetest.Epoch.AddDate(0, 1, 0)}
}

func TestAnEntryInFull(t *testing.T) {
	entries := cataloguetest.NewEntries()
	for _, kind := range cpsv.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			e := entries[refs[kind]]
			golden.Check(t, string(kind)+".ttl", cpsv.Turtle(words(entries).Look(e), e))
		})
	}
	t.Run("JSON-LD", func(t *testing.T) {
		e := entries[cataloguetest.ChannelRef]
		golden.CheckJSON(t, "channel.jsonld", cpsv.JSONLD(words(entries).Look(e), e))
	})
	t.Run("context", func(t *testing.T) { golden.CheckJSON(t, "context.jsonld", cpsv.Context()) })
}

// TestAnEntryOfWhichLittleIsKnown has what the profiles require all the same.
func TestAnEntryOfWhichLittleIsKnown(t *testing.T) {
	doc := &catalogue.Service{Head: catalogue.Head{Slug: "anagrafe", Title: lang.Of("Anagrafe")}}
	e := cataloguetest.NewEntry(cataloguetest.ServiceRef, doc, 1)
	golden.Check(t, "bare.ttl", cpsv.Turtle(words(cataloguetest.Entries{}).Look(e), e))
}

// drawn is a random entry among the samples, and those.
func drawn(t *rapid.T) (*catalogue.Entry, cataloguetest.Entries) {
	kind := rapid.SampledFrom(cpsv.Kinds).Draw(t, "kind")
	entries := cataloguetest.NewEntries()
	e := cataloguetest.NewEntryAmong(entries, refs[kind], cataloguetest.Generate(t, kind), 7)
	entries[e.Ref] = e
	return e, entries
}

func TestTurtleAndJSONLDSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, entries := drawn(t)
		same(t, cpsv.Turtle(words(entries).Look(e), e), cpsv.JSONLD(words(entries).Look(e), e))
	})
}

// TestTheWholeCatalogue also is one graph, whichever way it is written, and says of each entry what the entry alone says.
func TestTheWholeCatalogue(t *testing.T) {
	entries := cataloguetest.NewEntries()
	dataset := cpsv.Dataset{
		Owner: entries[cataloguetest.PublisherRef], Changed: cataloguetest.Epoch,
		Distributions: []cpsv.Distribution{{Address: cpsv.DatasetPath + "?format=turtle", FileType: "RDF_TURTLE"}},
	}
	var inTurtle, inJSONLD bytes.Buffer
	if err := cpsv.WriteTurtle(&inTurtle, words(entries), dataset, public(entries)); err != nil {
		t.Fatal(err)
	}
	if err := cpsv.WriteJSONLD(&inJSONLD, words(entries), dataset, public(entries)); err != nil {
		t.Fatal(err)
	}
	whole := same(t, inTurtle.Bytes(), inJSONLD.Bytes())
	for e := range public(entries) {
		for _, line := range triples(t, cpsv.Turtle(words(entries).Look(e), e)) {
			if _, found := slices.BinarySearch(whole, line); !found {
				t.Errorf("%s says, and the whole does not: %s", e.Ref, line)
			}
		}
	}
	head, _, _ := strings.Cut(inTurtle.String(), "\n<"+publicURL+"/v1/publishers/00000000-0000-7000-8000-000000000001> a org:")
	golden.Check(t, "dataset.ttl", []byte(head))

	dataset.Owner = nil
	if err := cpsv.WriteTurtle(&inTurtle, words(entries), dataset, public(cataloguetest.Entries{})); err != nil {
		t.Fatal(err)
	}
	triples(t, inTurtle.Bytes())
}

// TestAReaderWhoLeaves ends the writing.
func TestAReaderWhoLeaves(t *testing.T) {
	gone := errors.New("gone")
	entries := cataloguetest.NewEntries()
	seen := 0
	err := cpsv.WriteTurtle(failing{gone}, words(entries), cpsv.Dataset{}, func(yield func(*catalogue.Entry) bool) {
		for e := range public(entries) {
			seen++
			if !yield(e) {
				return
			}
		}
	})
	if !errors.Is(err, gone) || seen > 0 {
		t.Errorf("got %v after %d entries", err, seen)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func public(entries cataloguetest.Entries) iter.Seq[*catalogue.Entry] {
	return func(yield func(*catalogue.Entry) bool) {
		for _, kind := range cpsv.Kinds {
			for ref, e := range entries {
				if ref.Kind == kind && e.Available() && !yield(e) {
					return
				}
			}
		}
	}
}

// TestMadeUpDocumentsForOthers writes documents for validators that are not written in Go (.ci/conformance/rdf).
func TestMadeUpDocumentsForOthers(t *testing.T) {
	folder := os.Getenv("CATALOGUE_RDF_DOCUMENTS")
	if folder == "" {
		t.Skip("CATALOGUE_RDF_DOCUMENTS names no folder")
	}
	const documents = 300
	type made struct {
		entry   *catalogue.Entry
		entries cataloguetest.Entries
	}
	maker := rapid.Custom(func(t *rapid.T) made { e, entries := drawn(t); return made{e, entries} })
	write := func(name string, e *catalogue.Entry, entries cataloguetest.Entries) {
		for suffix, body := range map[string][]byte{".ttl": cpsv.Turtle(words(entries).Look(e), e), ".jsonld": cpsv.JSONLD(words(entries).Look(e), e)} {
			if err := os.WriteFile(filepath.Join(folder, name+suffix), body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range documents {
		m := maker.Example(i)
		write(fmt.Sprintf("made-up-%s-%d", m.entry.Ref.Kind, i), m.entry, m.entries)
	}
	entries := cataloguetest.NewEntries()
	for _, ref := range refs {
		write("sample-"+string(ref.Kind), entries[ref], entries)
	}
}

// same fails unless a Turtle and a JSON-LD document say the same, and returns what they say.
func same(t rapid.TB, inTurtle, inJSONLD []byte) []string {
	t.Helper()
	a, b := triples(t, inTurtle), expanded(t, inJSONLD)
	for _, line := range a {
		if _, found := slices.BinarySearch(b, line); !found {
			t.Errorf("only in Turtle: %s", line)
		}
	}
	for _, line := range b {
		if _, found := slices.BinarySearch(a, line); !found {
			t.Errorf("only in JSON-LD: %s", line)
		}
	}
	if len(a) == 0 {
		t.Errorf("nothing is said")
	}
	return a
}

// triples are the sorted statements of a Turtle document.
func triples(t rapid.TB, document []byte) []string {
	t.Helper()
	return decoded(t, document, turtle.Turtle)
}

func decoded(t rapid.TB, document []byte, syntax turtle.Format) []string {
	t.Helper()
	all, err := turtle.NewTripleDecoder(bytes.NewReader(document), syntax).DecodeAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	lines := make([]string, len(all))
	for i, triple := range all {
		lines[i] = triple.Serialize(turtle.NTriples) //nolint:misspell // a name of the parser
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// expanded are the sorted statements of a JSON-LD document with our context.
func expanded(t rapid.TB, document []byte) []string {
	t.Helper()
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader, options.Format, options.SafeMode = contexts{}, "application/n-quads", true
	quads, err := ld.NewJsonLdProcessor().ToRDF(value, options)
	if err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	return decoded(t, []byte(quads.(string)), turtle.NTriples)
}

// contexts loads ours, and nothing else.
type contexts struct{}

func (contexts) LoadDocument(address string) (*ld.RemoteDocument, error) {
	if address != publicURL+cpsv.ContextPath {
		return nil, fmt.Errorf("the context is %s", address)
	}
	document, err := ld.DocumentFromReader(bytes.NewReader(cpsv.Context()))
	return &ld.RemoteDocument{DocumentURL: address, Document: document}, err
}
