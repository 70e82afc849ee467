package catalogue

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// measured is a sentence with the number of its words and letters.
type measured struct {
	text           string
	words, letters int
}

// index is that of a text of this sentence alone, also beyond the scale.
func (m measured) index() int { return 89 + (300-10*m.letters)/m.words }

// measure lists the sentences of a text that have words, and counts what is in all of them.
func measure(text string) (sentences []measured, words, letters int) {
	for _, s := range Sentences(text) {
		if w, l := size(s); w > 0 {
			sentences = append(sentences, measured{s, w, l})
			words, letters = words+w, letters+l
		}
	}
	return sentences, words, letters
}

// gulpease is the index of how easy an Italian text is to read, from 0 to 100 (P. Lucisano, M. E. Piemontese, «GULPEASE:
// una formula per la predizione della difficoltà dei testi in lingua italiana», Scuola e città 3, 1988):
//
//	89 + (300 × sentences − 10 × letters) / words
//
// Its authors found texts below 80 hard for readers who left school after the primary, below 60 after the middle school,
// and below 40 after the high school. A text without words is 100.
func gulpease(sentences, words, letters int) int {
	if words == 0 {
		return 100
	}
	return min(100, max(0, 89+(300*sentences-10*letters)/words))
}

// size counts the words and the letters of a sentence. An elided article is a word of its own.
func size(sentence string) (words, letters int) {
	inWord := false
	for _, r := range sentence {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !inWord {
				words++
			}
			inWord = true
			letters++
		case unicode.Is(unicode.Mn, r): // an accent that stands for itself
		default:
			inWord = false
		}
	}
	return words, letters
}

// A text with an index below these is hard for readers with a diploma of the high school, and for readers who left after
// the middle school: half of the adults of Italy.
const (
	hardForDiploma = 40
	hardForMiddle  = 60
)

// Bounds of the advice on reading: shorter texts say nothing by their index, and so many sentences are named.
const (
	fewestWordsToJudge = 25
	sentencesNamed     = 2
)

// reading advises on a text that is hard to read, and on the words in it that offices alone use.
func (c *checker) reading(at Pointer, text string) {
	sentences, words, letters := measure(text)
	index := gulpease(len(sentences), words, letters)
	if words >= fewestWordsToJudge && index < hardForMiddle {
		slices.SortStableFunc(sentences, func(a, b measured) int {
			return cmp.Or(cmp.Compare(a.index(), b.index()), cmp.Compare(b.words, a.words))
		})
		hardest := make([]string, 0, sentencesNamed)
		for _, s := range sentences[:min(len(sentences), sentencesNamed)] {
			hardest = append(hardest, "«"+shortened(s.text)+"»")
		}
		readers := readersOf(hardForMiddle)
		if index < hardForDiploma {
			readers = hardForDiploma
		}
		c.report(at, ruleReadability, index, readers, strings.Join(hardest, ", "), hardForMiddle)
	}
	c.plainWords(at, text)
}

// readersOf are the readers for whom a text below an index is hard.
type readersOf int

func (r readersOf) in(tag lang.Tag) string {
	if r == hardForDiploma {
		return lang.Message(tag, "readers.diploma")
	}
	return lang.Message(tag, "readers.middle")
}

// quoted is how many characters of a sentence a finding quotes.
const quoted = 100

// shortened is the beginning of a sentence, up to a whole word.
func shortened(s string) string {
	if utf8.RuneCountInString(s) <= quoted {
		return s
	}
	cut := string([]rune(s)[:quoted])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}

// Marks of CommonMark that are no words: images and links but for their texts, addresses, emphasis, code.
var (
	markLinks = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()\s]*(?:\s+"[^"]*")?\)`)
	addresses = regexp.MustCompile(`<?(?:https?://|www\.)[^\s<>]+>?|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	emphasis  = strings.NewReplacer("**", "", "__", "", "*", "", "`", "")
	listMark  = regexp.MustCompile(`^\s*(?:>\s*)*(?:[-*+•–]\s+|\(?(?:\d{1,3}|[a-z])[.)]\s+|#{1,6}\s+)`)
)

// Sentences splits an Italian text, as CommonMark, into its sentences, without marks and addresses. A heading, an item of
// a list and a paragraph end the sentence; a full stop does, unless it belongs to an abbreviation, an initial or a number.
func Sentences(text string) []string {
	var found []string
	for _, b := range blocks(text) {
		found = append(found, split(b)...)
	}
	return found
}

// blocks are the paragraphs, headings and items of a text, each on one line.
func blocks(text string) []string {
	text = strings.ToValidUTF8(text, "")
	if strings.Contains(text, "](") {
		text = markLinks.ReplaceAllString(text, "$1")
	}
	if strings.Contains(text, "://") || strings.Contains(text, "www.") || strings.Contains(text, "@") {
		text = addresses.ReplaceAllStringFunc(text, func(s string) string {
			return s[len(strings.TrimRight(s, ".,;:!?)>")):] // the full stop after an address is the sentence's
		})
	}
	var found []string
	var open []string
	end := func() {
		if len(open) > 0 {
			found = append(found, strings.Join(open, " "))
		}
		open = nil
	}
	for line := range strings.Lines(text) {
		mark := ""
		if mayBeMarked(line) {
			mark = listMark.FindString(line)
		}
		line = strings.TrimSpace(emphasis.Replace(line[len(mark):]))
		if strings.Trim(line, "-_=|: ") == "" { // a divider, or nothing
			line = ""
		}
		if mark != "" || line == "" {
			end()
		}
		if line != "" {
			open = append(open, line)
		}
		if strings.Contains(mark, "#") {
			end()
		}
	}
	end()
	return found
}

// mayBeMarked reports whether a line can begin with the mark of an item or a heading: most begin with a word.
func mayBeMarked(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return line != "" && (!unicode.IsLetter(firstOf(line)) || len(line) > 1 && (line[1] == '.' || line[1] == ')'))
}

// abbreviations are those after which a full stop ends no sentence, or seldom does.
var abbreviations = wordSet(`art artt lett n nn nr num c co cc p pp pag pagg par cap capp cfr vd v vol all alleg es ecc etc d l lgs dlgs dl dpr dpcm dm dgr
	dir reg del delib det prot rep sig sigg sigra dott dottssa ssa dr drssa prof proff ing arch avv geom rag on sen mons don ten cap col gen
	tel cell fax int loc fraz p.za pzza pza c.so vle prov com min max ca circa sec a.c a.m p.m
	gen feb mar apr mag giu lug ago set sett ott nov dic lun mar mer gio ven sab dom ss s spa srl s.p.a s.r.l u.s i.e op cit ibid segg seg ss
	succ mod modif integr agg rif ed trad cod civ pen proc amm fisc p.iva c.f t.u reg ue ce suppl ord gu g.u`)

// endings are the abbreviations that may end a sentence too: a capital after them begins another.
var endings = wordSet("ecc etc spa srl s.p.a s.r.l a.c p.m a.m")

// split splits a block at its full stops, question and exclamation marks.
func split(block string) []string {
	var found []string
	start := 0
	for i, r := range block {
		if !strings.ContainsRune(".!?…", r) {
			continue
		}
		after := i + utf8.RuneLen(r)
		rest := strings.TrimLeft(block[after:], "\"'”’»)]")
		if rest != "" && strings.ContainsRune(".!?…", firstOf(rest)) {
			continue // the last of several ends it
		}
		next := strings.TrimLeft(rest, " \t\u00a0\"'“‘«([")
		if next != "" && (len(next) == len(rest) || r == '.' && !endsSentence(block[start:i], firstOf(next))) {
			continue
		}
		end := len(block) - len(rest)
		if s := strings.TrimSpace(block[start:end]); s != "" {
			found = append(found, s)
		}
		start = end
	}
	if s := strings.TrimSpace(block[start:]); s != "" {
		found = append(found, s)
	}
	return found
}

func firstOf(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// endsSentence reports whether a full stop ends a sentence, by what stands before it and the character after it.
func endsSentence(before string, next rune) bool {
	last := before[strings.LastIndexAny(before, " \t\u00a0'’(")+1:]
	last = strings.ToLower(strings.TrimLeft(last, "\u00a0«“\"(["))
	switch {
	case unicode.IsLower(next):
		return false
	case endings[last]:
		return true
	case abbreviations[last], strings.HasSuffix(last, ".lgs"), utf8.RuneCountInString(last) == 1 && unicode.IsLetter(firstOf(last)):
		return false
	case strings.Contains(last, "."): // D.P.R. and the like; 8.30 is none
		return strings.ContainsFunc(last, unicode.IsNumber) || !shortParts(last)
	default:
		return true
	}
}

// shortParts reports whether what stands between full stops are initials or abbreviations, as in d.p.r.
func shortParts(s string) bool {
	return !slices.ContainsFunc(strings.Split(s, "."), func(part string) bool { return utf8.RuneCountInString(part) > 3 })
}
