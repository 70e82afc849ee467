package catalogue

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// texts judges what a document says in words.
func (c *checker) texts(doc Document) {
	head := doc.Common()
	c.allCaps("/title", head.Title)
	for tag, title := range head.Title {
		if summary, ok := head.Summary[tag]; ok && folded(summary) == folded(title) {
			c.report(Pointer("/summary").Field(string(tag)), ruleRepeatsTitle)
		}
	}
	Texts(doc, func(text lang.Text, at Pointer) {
		if c.findings.full() || notForReaders(at) {
			return
		}
		for _, tag := range lang.Tags {
			written, there := text[tag]
			if !there {
				continue
			}
			place := at.Field(string(tag))
			if found := placeholderIn(written); found != "" {
				c.report(place, rulePlaceholder, found)
				continue
			}
			if tag == lang.Italian {
				c.reading(place, written)
			} else if looksItalian(written) {
				c.report(place, ruleWrongLanguage, string(tag))
			}
		}
	})
}

// notForReaders are the texts on where content comes from, which keep the words of their sources.
func notForReaders(at Pointer) bool {
	return Pointer("/rightsNote").holds(at) || Pointer("/origins").holds(at)
}

// placeholders are whole texts that stand where one is still to be written, by their words alone.
//
//nolint:misspell // Italian words
var placeholders = phraseSet(`test; prova; todo; tbd; tbc; n a; n d; na; nd; asd; asdf; qwerty; foo; bar; placeholder; coming soon;
	to be completed; to be defined; to be written; da completare; da compilare; da definire; da inserire; da scrivere; da aggiornare;
	testo da completare; testo da inserire; testo da definire; in compilazione; in aggiornamento; in allestimento; in fase di compilazione;
	in fase di aggiornamento; in fase di allestimento; testo; titolo; descrizione; sommario; testo di prova; titolo di prova;
	descrizione di prova; testo di esempio; titolo di esempio; descrizione di esempio; descrizione breve; nuovo servizio; nuova scheda;
	nuovo ufficio; nuova pagina; senza titolo; untitled`)

func phraseSet(phrases string) map[string]bool {
	set := map[string]bool{}
	for phrase := range strings.SplitSeq(phrases, ";") {
		set[strings.TrimSpace(phrase)] = true
	}
	return set
}

// longestPlaceholder is how many bytes a text that is one of placeholders may have.
const longestPlaceholder = 60

// placeholderWithin finds what stands for a text inside another one. Orders to write something count only at the beginning,
// since readers are told to insert texts, too. Dots in brackets do not count: quotations leave words out so. Every text in
// which it finds something has one of placeholderSigns: nearly all texts have none, and are spared the slow expression.
//
//nolint:misspell // Italian words
var (
	placeholderWithin = regexp.MustCompile(`(?i:lorem ipsum|dolor sit amet|^\W*(inserire|inserisci|scrivi|scrivere|aggiungere) (qui|il testo|un testo|testo|la descrizione|una descrizione)\b|` +
		`^\W*insert (your )?text( here)?\b|[\[(<{]\s*(da (completare|compilare|definire|inserire|verificare)|todo|tbd|testo)\s*[\])>}])|\bx{3,}\b|\bX{4,}\b|\b(TODO|TBD|FIXME)\b`)
	placeholderSigns = []string{"lorem", "dolor sit", "inser", "scriv", "aggiungere", "[", "(", "<", "{", "xxx", "todo", "tbd", "fixme"}
)

// placeholderIn is what of a text stands for one that is still to be written, "" for nothing. A text without a letter or
// a digit, such as an ellipsis, is nothing else.
func placeholderIn(s string) string {
	if len(s) <= longestPlaceholder {
		words := folded(s)
		signs := strings.ContainsFunc(s, unicode.IsSymbol)
		if placeholders[words] || len(words) > 1 && strings.Trim(words, "x") == "" || words == "" && !signs {
			return strings.TrimSpace(s)
		}
	}
	lower := strings.ToLower(s)
	if !slices.ContainsFunc(placeholderSigns, func(sign string) bool { return strings.Contains(lower, sign) }) {
		return ""
	}
	return placeholderWithin.FindString(s)
}

// longestAcronym is how many letters in capitals may be an acronym.
const longestAcronym = 6

// allCaps advises against a title in capitals, which screen readers spell out and eyes read slower.
func (c *checker) allCaps(at Pointer, title lang.Text) {
	for _, tag := range lang.Tags {
		if s := title[tag]; !strings.ContainsFunc(s, unicode.IsLower) && capitals.MatchString(s) {
			c.report(at.Field(string(tag)), ruleAllCaps, sentenceCase(s))
		}
	}
}

// capitals is a word that is too long for an acronym.
var capitals = regexp.MustCompile(`\p{Lu}{` + strconv.Itoa(longestAcronym+1) + `}`)

// sentenceCase writes a text in small letters after its first.
func sentenceCase(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.ToLower(s[size:])
}

// folded is a text by its words alone, so that texts can be compared.
func folded(s string) string { return strings.Join(wordsOf(s), " ") }

// The words that hold sentences together, of which every text of some length has many and no text of the other language
// has.
var (
	italianWords = wordSet("il lo gli di del della dello dei delle al alla ai alle dal dalla nel nella che per con è sono non un una si anche chi come dove questo questa essere può")
	englishWords = wordSet("the of and to for is are with that this from by be or you your it as at on can which when how")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// fewestWords is how long a text must be for its language to be told.
const fewestWords = 8

// looksItalian reports whether a text that should be in another language is plainly Italian: a quarter of its words are
// Italian ones that English has not, and next to none the other way round. French and Spanish share but a few of them.
func looksItalian(s string) bool {
	words := wordsOf(s)
	if len(words) < fewestWords {
		return false
	}
	italian, english := 0, 0
	for _, w := range words {
		if italianWords[w] {
			italian++
		}
		if englishWords[w] {
			english++
		}
	}
	return italian*4 >= len(words) && english*20 <= len(words)
}

// reserved are the ends of names that lead nowhere: RFC 2606, RFC 6761, RFC 8375 and .local of RFC 6762.
var reserved = []string{"example.com", "example.org", "example.net", "example", "invalid", "test", "localhost", "local", "internal", "lan", "home.arpa"}

// publicHost reports whether a host can be one that everybody reaches: a name with a dot that is not reserved, or an
// address that is neither private nor special (RFC 6890).
func publicHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate() && !ip.IsLoopback()
	}
	return strings.Contains(host, ".") && !slices.ContainsFunc(reserved, func(end string) bool {
		return host == end || strings.HasSuffix(host, "."+end)
	})
}
