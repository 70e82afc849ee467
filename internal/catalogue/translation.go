package catalogue

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Outdated are the translations in a document that its Italian moved on from: the Italian beside them was changed, and
// they were not. Which they are is told by what they say, since their places change when lists do.
type Outdated map[translation]digest

// translation is a text in another language with the Italian beside it.
type translation struct {
	Lang    lang.Tag `json:"lang"`
	Text    digest   `json:"text"`
	Italian digest   `json:"italian"`
}

// digest tells texts apart.
type digest string

func digestOf(text string) digest {
	sum := sha256.Sum256([]byte(text))
	return digest(hex.EncodeToString(sum[:8]))
}

// outdated is how an element of Outdated is stored.
type outdated struct {
	translation
	For digest `json:"for"` // the Italian that it was written for
}

// ParseOutdated reads what String wrote. It returns an error for anything else.
func ParseOutdated(stored string) (Outdated, error) {
	if stored == "" {
		return nil, nil
	}
	var list []outdated
	if err := json.Unmarshal([]byte(stored), &list); err != nil {
		return nil, fmt.Errorf("reading which translations are outdated: %w", err)
	}
	o := make(Outdated, len(list))
	for _, x := range list {
		o[x.translation] = x.For
	}
	return o, nil
}

// String is the canonical form for storing, empty where nothing is outdated.
func (o Outdated) String() string {
	if len(o) == 0 {
		return ""
	}
	list := make([]outdated, 0, len(o))
	for t, was := range o {
		list = append(list, outdated{t, was})
	}
	slices.SortFunc(list, func(a, b outdated) int {
		return cmp.Or(cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Italian, b.Italian))
	})
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // a list of strings
	}
	return string(text)
}

// Next are the outdated translations after a document was changed from one version to another. One is outdated that
// stayed while its Italian changed; it is no longer when it is changed itself, or the Italian that it was written for
// comes back.
func (o Outdated) Next(from, to Document) Outdated {
	before, after := translations(from), translations(to)
	type written struct {
		lang lang.Tag
		text digest
	}
	left := map[written]digest{} // the Italian that translations were written for and that is beside them no more
	for t := range before {
		if !after[t] {
			left[written{t.Lang, t.Text}] = cmp.Or(o[t], t.Italian)
		}
	}
	next := Outdated{}
	for t := range after {
		was, stayed := left[written{t.Lang, t.Text}]
		switch {
		case before[t]:
			if known, ok := o[t]; ok {
				next[t] = known
			}
		case stayed && was != t.Italian:
			next[t] = was
		}
	}
	return next
}

// has reports whether a text in a language is outdated.
func (o Outdated) has(t lang.Text, tag lang.Tag) bool {
	if len(o) == 0 || tag == lang.Italian {
		return false
	}
	_, found := o[translation{tag, digestOf(t[tag]), digestOf(t[lang.Italian])}]
	return found
}

// Advise adds to the findings of a document which of its translations are outdated.
func (o Outdated) Advise(doc Document, findings *Findings) {
	if len(o) == 0 {
		return
	}
	Texts(doc, func(text lang.Text, at Pointer) {
		for _, tag := range lang.Tags {
			if _, there := text[tag]; there && o.has(text, tag) {
				findings.add(finding(at.Field(string(tag)), ruleOutdated, LevelPortal))
			}
		}
	})
}

// translations are those of a document.
func translations(doc Document) map[translation]bool {
	found := map[translation]bool{}
	Texts(doc, func(text lang.Text, _ Pointer) {
		for tag, s := range text {
			if tag != lang.Italian {
				found[translation{tag, digestOf(s), digestOf(text[lang.Italian])}] = true
			}
		}
	})
	return found
}
