package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

func generatorOf(t *testing.T, seed uint64) *generator {
	t.Helper()
	g, err := newGenerator(seed)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTheSameSeedMakesTheSameServices(t *testing.T) {
	var first, second, other bytes.Buffer
	for _, run := range []struct {
		seed uint64
		to   *bytes.Buffer
	}{{1, &first}, {1, &second}, {2, &other}} {
		if err := generatorOf(t, run.seed).write(run.to, 100); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("got different services from the same seed, want the same")
	}
	if bytes.Equal(first.Bytes(), other.Bytes()) {
		t.Error("got the same services from different seeds, want different ones")
	}
}

func TestSyntheticServicesCanBePublished(t *testing.T) {
	g := generatorOf(t, 1)
	titles := map[string]bool{}
	for i := range 200 {
		doc, findings, err := catalogue.Decode(catalogue.KindService, g.document(i))
		if err != nil {
			t.Fatal(err)
		}
		catalogue.Check(doc, catalogue.LevelPublish, &findings)
		if err := findings.Err(); err != nil {
			t.Errorf("service %d: %v", i, err)
		}
		for _, ref := range catalogue.References(doc) {
			if ref.To.Kind == catalogue.KindService {
				t.Errorf("service %d names %s at %s, want no other service", i, ref.To, ref.Pointer)
			}
		}
		title := doc.Common().Title["it"]
		if titles[title] {
			t.Errorf("two services are called %q", title)
		}
		titles[title] = true
		if size := len(catalogue.Encode(doc)); size < typicalSize || size > 2*typicalSize {
			t.Errorf("service %d has %d bytes, want some %d", i, size, typicalSize)
		}
		if !strings.Contains(catalogue.Encode(doc), label) {
			t.Errorf("service %d does not say that it is synthetic", i)
		}
	}
}

func TestVariantsDifferInTheirMarker(t *testing.T) {
	variant := generatorOf(t, 1).variants(7)
	if a, b := variant(1), variant(2); bytes.Equal(a, b) || !bytes.Contains(b, []byte(marker(2))) {
		t.Errorf("got %.100s and %.100s, want two documents, each with its marker", a, b)
	}
}

func TestQueriesAreNeverTheSame(t *testing.T) {
	for _, texts := range []*distinct{generatorOf(t, 1).queries(), generatorOf(t, 1).prefixes()} {
		seen := map[string]bool{}
		for range 10_000 {
			text := texts.next()
			if seen[text] || text == "" {
				t.Fatalf("got %q again, or nothing", text)
			}
			seen[text] = true
		}
	}
}

func TestEveryRowIsMeasured(t *testing.T) {
	var out, progress bytes.Buffer
	if err := run(t.Context(), []string{"--services", "50", "--rounds", "1", "--seconds", "0.05"}, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, want := range []string{
		"import", "ready", "heap in use when ready", "get by id ", "get by id, gzip", "get by id, 304", "get by any id", "list of 20",
		"list with a filter", "list, distinct", "search, distinct", "autocomplete, distinct", "heap in use after the reads",
		"publish to visible, median", "publish to visible, p95", "16 durable publishers",
	} {
		if !strings.Contains(out.String(), "\n50        "+want) {
			t.Errorf("got no row %q in\n%s", want, &out)
		}
	}
}
