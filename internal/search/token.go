package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// A token is a word of a text: where it stands in it, and how the index knows it.
type token struct {
	start, end int    // bytes in the text
	word       []byte // folded; valid until the next token
	cjk        bool   // a run of characters without spaces, to be cut by its reader
	compound   bool   // a number of parts, such as 33/2013: the parts are words too
}

// tokens reads the words of a text one by one.
type tokens struct {
	text string
	at   int
	word []byte
	norm []byte
}

const maxWordBytes = 64

func newTokens(text string, scratch []byte) tokens { return tokens{text: text, word: scratch[:0]} }

// next reads the next token into t; it is false at the end of the text.
func (s *tokens) next(t *token) bool {
	for s.at < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		switch {
		case isCJK(r):
			s.readCJK(t)
			return true
		case isWordRune(r):
			s.readWord(t)
			if len(t.word) > 0 {
				return true
			}
		default:
			s.at += n
		}
	}
	return false
}

func (s *tokens) readCJK(t *token) {
	start := s.at
	for s.at < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		if !isCJK(r) {
			break
		}
		s.at += n
	}
	*t = token{start: start, end: s.at, cjk: true, word: append(s.word[:0], s.text[start:s.at]...)}
	s.word = t.word
}

func (s *tokens) readWord(t *token) {
	start := s.at
	*t = token{start: start}
	if end := dotted(s.text[start:]); end > 0 { // S.p.A., D.Lgs., SO.RI.
		s.at = start + end
		s.word = s.fold(s.word[:0], strings.ReplaceAll(s.text[start:s.at], ".", ""))
		t.end, t.word = s.at, s.word
		return
	}
	s.word = s.word[:0]
	segment := start
	for s.at < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		if isWordRune(r) && !isCJK(r) {
			s.at += n
			continue
		}
		if s.at == start {
			break
		}
		joined := s.joins(segment, r, n)
		if joined == 0 {
			break
		}
		s.word = s.fold(s.word, s.text[segment:s.at])
		if joined == '/' {
			t.compound = true
			s.word = append(s.word, '/')
		}
		s.at += n
		segment = s.at
	}
	s.word = s.fold(s.word, s.text[segment:s.at])
	if len(s.word) > maxWordBytes {
		cut := maxWordBytes
		for !utf8.RuneStart(s.word[cut]) {
			cut--
		}
		s.word = s.word[:cut]
	}
	t.end, t.word = s.at, s.word
}

// joins reports whether a sign between two pieces makes them one word: the point of thousands (1.854), the stroke of
// acts and years (33/2013, 3/A) and the hyphen after a single letter (F-24, e-mail). It is the sign, 0 if not.
func (s *tokens) joins(segment int, sign rune, size int) byte {
	left, right := s.text[segment:s.at], s.text[s.at+size:]
	next, _ := utf8.DecodeRuneInString(right)
	switch sign {
	case '.':
		if digits(left) && len(right) >= 3 && digits(right[:3]) && (len(right) == 3 || right[3] < '0' || right[3] > '9') {
			return '.'
		}
	case '/':
		if digits(left) && isWordRune(next) && !isCJK(next) {
			return '/'
		}
	case '-', '‐', '‑':
		if len(left) == 1 && left[0] >= 'A' && isWordRune(next) && !isCJK(next) {
			return '-'
		}
	}
	return 0
}

// dotted is the length of an abbreviation with points at the start of a text, such as "S.p.A." or "D.Lgs", 0 if there
// is none: at least two pieces of up to three letters.
func dotted(text string) int {
	pieces, at := 0, 0
	for {
		letters, n := 0, at
		for n < len(text) && letters <= 3 {
			r, size := utf8.DecodeRuneInString(text[n:])
			if !unicode.IsLetter(r) || isCJK(r) {
				break
			}
			letters, n = letters+1, n+size
		}
		if letters == 0 || letters > 3 {
			break
		}
		if n < len(text) { // the piece must end here
			if r, _ := utf8.DecodeRuneInString(text[n:]); isWordRune(r) {
				return 0
			}
		}
		pieces++
		at = n
		if at >= len(text) || text[at] != '.' {
			break
		}
		at++
	}
	if pieces < 2 {
		return 0
	}
	return at
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

func isCJK(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// fold appends a word without case and accents, so that both sides of a comparison are spelt alike.
func (s *tokens) fold(dst []byte, word string) []byte {
	for i := range len(word) {
		c := word[i]
		if c >= utf8.RuneSelf {
			return s.foldUnicode(dst, word[i:])
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func (s *tokens) foldUnicode(dst []byte, word string) []byte {
	s.norm = norm.NFKD.AppendString(s.norm[:0], word)
	for i := 0; i < len(s.norm); {
		r, n := utf8.DecodeRune(s.norm[i:])
		i += n
		if unicode.Is(unicode.Mn, r) || r == utf8.RuneError {
			continue
		}
		switch r = unicode.ToLower(r); r {
		case 'ß':
			dst = append(dst, "ss"...)
		case 'æ':
			dst = append(dst, "ae"...)
		case 'œ':
			dst = append(dst, "oe"...)
		case 'ø':
			dst = append(dst, 'o')
		case 'đ', 'ð':
			dst = append(dst, 'd')
		case 'ł':
			dst = append(dst, 'l')
		case 'ı':
			dst = append(dst, 'i')
		case 'ـ': // tatweel only stretches a word
		default:
			if isWordRune(r) {
				dst = utf8.AppendRune(dst, r)
			}
		}
	}
	return dst
}

// narrow spells full-width forms with their usual characters.
func narrow(text string) string {
	for i := range len(text) {
		if text[i] == 0xEF { // U+FF00 and around
			return width.Fold.String(text)
		}
	}
	return text
}
