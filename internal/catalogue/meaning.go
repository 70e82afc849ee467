package catalogue

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// meaningful are the fields of each kind that say what people may do, must do, pay and get, where and when. Who changes one
// of them in public says why. What it is called, found by and told of in passing is not among them, nor are contacts.
var meaningful = map[Kind][]string{
	KindService: {
		"notOffered", "status", "audiences", "audienceText", "whoCanApply", "minAge", "maxAge", "requirements", "howTo", "neededText", "evidence",
		"outcomeText", "outputs", "timingText", "deadlines", "processingTime", "administrativeTerm", "ifNoReply", "costsText", "costs",
		"financialAdvantage", "vouchers", "connections", "conditions", "restrictions", "specialCases", "appeal", "areas", "deliveryLanguages",
		"responsibleOffice", "offices", "procedures", "legalBasis", "requiredServices", "replaces", "validFrom", "validTo",
	},
	KindProcedure: {
		"status", "initiative", "legalBasis", "responsibleOffice", "decidingOffice", "evidence", "forms", "term", "otherTerms", "tacitConsent",
		"declarationInLieu", "ifNoReply", "remedies", "onlineUrl", "onlineFrom", "paymentText", "costs", "substitutePower", "outputs", "steps",
	},
	KindChannel: {
		"type", "owner", "accessUrl", "bookingUrl", "offices", "places", "identities", "platforms", "requiresSignature", "signatures",
		"deliveryLanguages", "timetable",
	},
	KindOffice:     {"status", "competences", "organisation", "places", "timetable", "bookingUrl", "deliveryLanguages", "servedAreas", "helpTypes"},
	KindPlace:      {"address", "accessibility", "timetable"},
	KindTimetable:  {"alwaysOpen", "periods", "holidaySets", "ownHolidaySets", "holidayPolicy", "holidaySlots", "bookingUrl"},
	KindHolidaySet: {"days"},
	KindPublisher:  {"legalName", "type", "taxCode"},
}

// MeaningChanged lists the fields that mean something else in a later version of a document. Translations, spelling,
// punctuation, the order of lists, contacts and what is never shown change no meaning.
func MeaningChanged(before, after Document) (fields []string) {
	was, is := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	s := specOf(after.Kind()).shape
	for _, name := range meaningful[after.Kind()] {
		f, _ := s.field(name)
		if !sameMeaning(was.FieldByIndex(f.index), is.FieldByIndex(f.index), f.shape) {
			fields = append(fields, name)
		}
	}
	return fields
}

func sameMeaning(before, after reflect.Value, s *shape) bool {
	switch {
	case s.private || reflect.DeepEqual(before.Interface(), after.Interface()):
		return true
	case s.form == formText:
		return sameWording(before.Interface().(lang.Text)[lang.Italian], after.Interface().(lang.Text)[lang.Italian])
	case isAbsent(before) || isAbsent(after):
		return isAbsent(before) == isAbsent(after)
	case s.form == formList:
		return sameElements(before, after, s.elem)
	case s.form == formObject:
		was, is := reflect.Indirect(before), reflect.Indirect(after)
		return !slices.ContainsFunc(s.fields, func(f shapeField) bool {
			return f.name != "contacts" && !sameMeaning(was.FieldByIndex(f.index), is.FieldByIndex(f.index), f.shape)
		})
	default:
		return false
	}
}

// sameElements reports whether each element of a list has its like in the other, in any order.
func sameElements(before, after reflect.Value, s *shape) bool {
	if before.Len() != after.Len() {
		return false
	}
	var left []int
	for i := range before.Len() {
		if !sameMeaning(before.Index(i), after.Index(i), s) {
			left = append(left, i)
		}
	}
	free := slices.Clone(left)
	for _, i := range left {
		j := slices.IndexFunc(free, func(j int) bool { return sameMeaning(before.Index(i), after.Index(j), s) })
		if j < 0 {
			return false
		}
		free = slices.Delete(free, j, j+1)
	}
	return true
}

// sameWording reports whether two texts have the same words, spelling aside: case, accents, punctuation, and in long words
// one letter. Figures are never misspelt.
func sameWording(before, after string) bool {
	was, is := foldedWords(before), foldedWords(after)
	return slices.EqualFunc(was, is, func(a, b string) bool {
		return a == b || min(len(a), len(b)) >= longWord && !strings.ContainsFunc(a+b, unicode.IsDigit) && oneLetterApart(a, b)
	})
}

// longWord is from how many letters on a word with one other letter is the same word misspelt, not another one.
const longWord = 6

func foldedWords(text string) []string {
	fold := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	plain, _, err := transform.String(fold, strings.ToLower(text))
	if err != nil {
		plain = text
	}
	words := strings.FieldsFunc(plain, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSymbol(r) && !strings.ContainsRune(inNumbers, r)
	})
	for i, word := range words {
		words[i] = strings.Trim(word, inNumbers[1:])
	}
	return slices.DeleteFunc(words, func(word string) bool { return word == "" })
}

// inNumbers is punctuation that figures, dates and amounts have in them.
const inNumbers = "%,.-/:"

// oneLetterApart reports whether a word becomes another by one letter more, less, or another.
func oneLetterApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return slices.Equal(x[min(i+1, len(x)):], y[min(i+1, len(y)):])
	}
	return slices.Equal(x[i:], y[i+1:])
}
