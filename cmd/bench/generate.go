package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// typicalSize is how many bytes a synthetic document has at least, as documents of real catalogues do.
const typicalSize = 6000

// label is the keyword of every synthetic document, so that nobody takes one for real.
const label = "synthetic"

// generator makes synthetic services: those of the demonstration, with a number in the title and more text. The same
// seed gives the same.
type generator struct {
	seed       uint64
	others     [][]byte // the rows of the demonstration that are no services
	templates  []string // documents of services
	words      []string // of the services, in Italian
	categories []string // of the services
}

func newGenerator(seed uint64) (*generator, error) {
	g := &generator{seed: seed}
	words, categories := map[string]bool{}, map[string]bool{}
	err := eachDemoRow(func(row importing.Row) error {
		if row.Kind != catalogue.KindService {
			line, err := json.Marshal(row)
			g.others = append(g.others, line)
			return err
		}
		doc, err := catalogue.Stored(row.Kind, string(row.Document))
		if err != nil {
			return err
		}
		catalogue.Texts(doc, func(text lang.Text, _ catalogue.Pointer) {
			for _, w := range strings.FieldsFunc(strings.ToLower(text[lang.Italian]), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if len(w) > 2 {
					words[w] = true
				}
			}
		})
		s := doc.(*catalogue.Service)
		for _, c := range s.Categories {
			categories[c] = true
		}
		if row.Publisher == demo.Municipality {
			// The services that it names are not there.
			s.RelatedServices, s.RequiredServices, s.FollowedBy, s.PartOf, s.Replaces = nil, nil, nil, nil, nil
			g.templates = append(g.templates, catalogue.Encode(s))
		}
		return nil
	})
	g.words, g.categories = slices.Sorted(maps.Keys(words)), slices.Sorted(maps.Keys(categories))
	g.random(-3).Shuffle(len(g.words), func(i, j int) { g.words[i], g.words[j] = g.words[j], g.words[i] })
	return g, err
}

// eachDemoRow tells the rows of the demonstration.
func eachDemoRow(tell func(importing.Row) error) error {
	rows, err := demo.OpenRows()
	for err == nil {
		var row importing.Row
		if row, err = rows.Next(); err == nil {
			err = tell(row)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (g *generator) random(i int) *rand.Rand {
	return rand.New(rand.NewPCG(g.seed, uint64(i))) //nolint:gosec // no secret: it has to be the same each time
}

func key(i int) string { return fmt.Sprintf("%s-%d", label, i) }

// document is the synthetic service of a number. All of them are different.
func (g *generator) document(i int) []byte {
	doc := catalogue.MustDecode(catalogue.KindService, g.templates[i%len(g.templates)])
	s := doc.(*catalogue.Service)
	for tag, title := range s.Title {
		s.Title[tag] = fmt.Sprintf("%s %d", title, i)
	}
	s.Keywords = append(s.Keywords, lang.Of(label))
	random := g.random(i)
	own := make([]string, ownWords)
	for n := range own {
		own[n] = frequent(g.words, random)
	}
	var text strings.Builder
	for missing := typicalSize - len(catalogue.Encode(doc)); text.Len() < missing; {
		sentence(&text, own, random)
	}
	s.Description = lang.Of(strings.TrimSpace(s.Description[lang.Italian] + " " + text.String()))
	return []byte(catalogue.Encode(doc))
}

// ownWords is how many words a document has beside those that it was made of. It repeats them, as texts do: if each
// drew from all words, each word would be in most documents, which no search is made for.
const ownWords = 60

// sentence writes some of the words.
func sentence(b *strings.Builder, words []string, random *rand.Rand) {
	for n := range 8 + random.IntN(10) {
		word := frequent(words, random)
		if n == 0 {
			_, size := utf8.DecodeRuneInString(word)
			word = strings.ToUpper(word[:size]) + word[size:]
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteString(". ")
}

// frequent is one of the words, those at the beginning more often.
func frequent(words []string, random *rand.Rand) string {
	return words[int(float64(len(words))*random.Float64()*random.Float64())]
}

// marker is what variants replace: the end of the description.
func marker(version int64) string { return fmt.Sprintf("versione %010d", version) }

// variants makes documents of one service that differ in a number.
func (g *generator) variants(i int) func(version int64) []byte {
	doc := catalogue.MustDecode(catalogue.KindService, string(g.document(i))).(*catalogue.Service)
	doc.Description[lang.Italian] += " " + marker(0)
	before, after, _ := bytes.Cut([]byte(catalogue.Encode(doc)), []byte(marker(0)))
	return func(version int64) []byte { return slices.Concat(before, []byte(marker(version)), after) }
}

// write writes the rows of an import: what the services name, then so many services.
func (g *generator) write(w io.Writer, services int) error {
	b := bufio.NewWriter(w)
	for _, line := range g.others {
		if _, err := b.Write(append(slices.Clip(line), '\n')); err != nil {
			return err
		}
	}
	lines := json.NewEncoder(b)
	for i := range services {
		row := importing.Row{Publisher: demo.Municipality, Kind: catalogue.KindService, Key: key(i), Document: g.document(i), Publish: true}
		if err := lines.Encode(row); err != nil {
			return err
		}
	}
	return b.Flush()
}

// distinct makes texts, never the same twice. It may be used by many at once.
type distinct struct {
	mu     sync.Mutex
	random *rand.Rand
	seen   map[string]bool
	make   func(random *rand.Rand) string
}

func (d *distinct) next() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if text := d.make(d.random); !d.seen[text] {
			d.seen[text] = true
			return text
		}
	}
}

// queries are one to three words that documents have; one query in ten is misspelt.
func (g *generator) queries() *distinct {
	return &distinct{random: g.random(-1), seen: map[string]bool{}, make: func(random *rand.Rand) string {
		words := make([]string, 1+random.IntN(3))
		for i := range words {
			words[i] = g.words[random.IntN(len(g.words))]
		}
		if random.IntN(10) == 0 {
			words[0] = misspelt(words[0], random)
		}
		return strings.Join(words, " ")
	}}
}

// misspelt is a word of which two neighbouring letters changed places.
func misspelt(word string, random *rand.Rand) string {
	letters := []rune(word)
	i := random.IntN(max(len(letters)-1, 1))
	if i+1 < len(letters) {
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}
	return string(letters)
}

// prefixes are beginnings of one to three words that documents have.
func (g *generator) prefixes() *distinct {
	return &distinct{random: g.random(-2), seen: map[string]bool{}, make: func(random *rand.Rand) string {
		words := make([]string, 1+random.IntN(3))
		for i := range words {
			letters := []rune(g.words[random.IntN(len(g.words))])
			words[i] = string(letters[:min(len(letters), 2+random.IntN(6))])
		}
		return strings.Join(words, " ")
	}}
}
