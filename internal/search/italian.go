package search

import (
	_ "embed" // for the families
	"iter"
	"strings"
	"sync"
)

// The words of an Italian family that no rule brings together, one family a line, as people write them.
//
//go:embed families.txt
var italianFamilies string

// italianFamily is what a folded Italian word has in common with the verbs and nouns of its root: `cambio`, `cambiare`
// and `cambiamento` are one family. It is only a key; it need not be a word.
func italianFamily(word string) string {
	root := italianRoot(word)
	known := irregular()
	if _, ok := known.alone[word]; ok {
		return word
	}
	if head, ok := known.heads[root]; ok {
		return head
	}
	return root
}

// exceptions are the families that no rule finds, by root, and the words that rules would put into a wrong one.
type exceptions struct {
	heads map[string]string
	alone map[string]struct{}
}

var irregular = sync.OnceValue(func() exceptions {
	heads, alone := map[string]string{}, map[string]struct{}{}
	for line := range strings.Lines(italianFamilies) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] == "!" {
			for _, w := range words[1:] {
				alone[w] = struct{}{}
			}
			continue
		}
		head := italianRoot(words[0])
		for _, w := range words {
			if root := italianRoot(w); heads[root] == "" {
				heads[root] = head
			}
		}
	}
	return exceptions{heads, alone}
})

// A suffix and how many bytes must stay before it.
type suffix struct {
	text string
	stay int
}

// The endings that derive verbs, nouns and adjectives from a root. Of those that fit, the longest goes.
var italianSuffixes = group([]suffix{
	{"azione", 3},
	{"azioni", 3},
	{"izione", 3},
	{"izioni", 3},
	{"amento", 3},
	{"amenti", 3},
	{"imento", 3},
	{"imenti", 3},
	{"are", 3},
	{"ere", 3},
	{"ire", 3},
	{"arsi", 3},
	{"ersi", 3},
	{"irsi", 3},
	{"armi", 4},
	{"arci", 4},
	{"arti", 5},
	{"ermi", 4},
	{"erci", 5},
	{"irmi", 4},
	{"irci", 4},
	{"arlo", 3},
	{"arla", 3},
	{"arli", 3},
	{"arle", 3},
	{"erlo", 4},
	{"erla", 4},
	{"irlo", 4},
	{"irla", 4},
	{"iamo", 4},
	{"ando", 3},
	{"endo", 3},
	{"ante", 5},
	{"anti", 5},
	{"ente", 5},
	{"enti", 5},
	{"anza", 4},
	{"anze", 4},
	{"enza", 4},
	{"enze", 4},
	{"ata", 4},
	{"ato", 4},
	{"ati", 4},
	{"ate", 4},
	{"uta", 4},
	{"uto", 4},
	{"uti", 4},
	{"ute", 4},
	{"ita", 4},
	{"ito", 4},
	{"iti", 4},
	{"ite", 4},
	{"atore", 4},
	{"atori", 4},
	{"atrice", 4},
	{"itore", 4},
	{"itori", 4},
	{"ativo", 4},
	{"ativa", 4},
	{"ativi", 4},
	{"ative", 4},
	{"ivo", 5},
	{"iva", 5},
	{"ivi", 5},
	{"ive", 5},
	{"ico", 5},
	{"ica", 5},
	{"ici", 5},
	{"iche", 5},
	{"ale", 5},
	{"ali", 5},
	{"ario", 5},
	{"aria", 5},
	{"ari", 5},
	{"arie", 5},
	{"ano", 4},
	{"ono", 4},
})

func group(all []suffix) map[byte][]suffix {
	byLast := map[byte][]suffix{}
	for _, s := range all {
		last := s.text[len(s.text)-1]
		byLast[last] = append(byLast[last], s)
	}
	return byLast
}

func italianRoot(word string) string {
	if len(word) < 4 || !letters(word) {
		return word
	}
	longest := 0
	for _, s := range italianSuffixes[word[len(word)-1]] {
		if len(s.text) > longest && len(word) >= len(s.text)+s.stay && strings.HasSuffix(word, s.text) {
			longest = len(s.text)
		}
	}
	root := word[:len(word)-longest]
	if longest == 0 && len(root) > 3 && isVowel(root[len(root)-1]) {
		root = root[:len(root)-1]
	}
	if len(root) > 3 && root[len(root)-1] == 'i' { // cambi-o, cambi-are
		root = root[:len(root)-1]
	}
	if n := len(root); n > 3 && root[n-1] == 'h' && (root[n-2] == 'c' || root[n-2] == 'g') { // pagh-iamo
		root = root[:n-1]
	}
	return root
}

// The endings of a regular verb, by that of its infinitive.
var conjugations = map[string][]string{
	"are": strings.Fields("o i a iamo ate ano avo avi ava avamo avate avano ai o ammo arono ero erai era eremo erete eranno erei erebbe eremmo erebbero ato ata ati ate ando assi asse assero ino"),
	"ere": strings.Fields("o i e iamo ete ono evo evi eva evamo evate evano ero erai era eremo erete eranno erei erebbe eremmo erebbero uto uta uti ute endo essi esse essero a ano"),
	"ire": strings.Fields("o i e iamo ite ono ivo ivi iva ivamo ivate ivano iro irai ira iremo irete iranno irei irebbe iremmo irebbero ito ita iti ite endo issi isse a ano isco isci isce iscono"),
}

// What an Italian infinitive or gerund may have at its end.
var enclitics = strings.Fields("mi ti si ci vi lo la li le ne gli melo mela celo cela selo sela")

// conjugated are the forms of an Italian verb, by the rules, folded: those that it does not have do no harm.
func conjugated(verb string) iter.Seq[string] {
	return func(yield func(string) bool) {
		root, ending := verb[:len(verb)-3], verb[len(verb)-3:]
		bare := verb[:len(verb)-1]
		all := []string{verb, bare}
		for _, e := range enclitics {
			all = append(all, bare+e)
		}
		for _, e := range conjugations[ending] {
			stem := root
			last := root[len(root)-1]
			if front := e[0] == 'e' || e[0] == 'i'; ending == "are" && front && (last == 'c' || last == 'g') {
				stem += "h" // cerc-hi
			}
			if last == 'i' && e[0] == 'i' {
				stem = root[:len(root)-1] // cambi-amo
			}
			all = append(all, stem+e)
		}
		for _, form := range all {
			if !yield(form) {
				return
			}
		}
	}
}

func letters(word string) bool {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return true
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }
