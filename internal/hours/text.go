package hours

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// words are those of a language that hours are told in.
type words struct {
	days     [7]string // Monday first
	everyDay string
	allDay   string
	and      string
	also     string
	closed   string
}

var wordsIn = map[lang.Tag]words{
	lang.Italian: {
		days:     [7]string{"lun", "mar", "mer", "gio", "ven", "sab", "dom"},
		everyDay: "tutti i giorni", allDay: "24 ore su 24", and: "e", also: "anche", closed: "chiuso",
	},
	lang.English: {
		days:     [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		everyDay: "every day", allDay: "24 hours", and: "and", also: "also", closed: "closed",
	},
}

// Text tells the week of a period as people write it, in each of the languages that the program speaks:
// "lun–ven 9:00–13:00; mar e gio anche 15:00–17:00". Notes are not in it.
func (p Period) Text() lang.Text {
	t := make(lang.Text, len(wordsIn))
	for tag, w := range wordsIn {
		t[tag] = p.in(tag, w)
	}
	return t
}

// hoursSaid are hours in words, on the same days of the week.
type hoursSaid struct {
	days uint8 // Monday is the lowest bit
	said []string
}

func (p Period) in(tag lang.Tag, w words) string {
	if len(p.Slots) == 0 {
		return w.closed
	}
	slots := slices.Clone(p.Slots)
	slices.SortStableFunc(slots, func(a, b Slot) int { return cmp.Compare(a.Opens, b.Opens) })
	var told []hoursSaid // one for each of the hours
	for _, slot := range slots {
		var days uint8
		for _, name := range slot.Weekdays {
			if day := slices.Index(weekdays, name); day >= 0 {
				days |= 1 << day
			}
		}
		said := w.hours(tag, slot)
		if i := slices.IndexFunc(told, func(x hoursSaid) bool { return x.said[0] == said }); i >= 0 {
			told[i].days |= days
		} else {
			told = append(told, hoursSaid{days, []string{said}})
		}
	}
	var groups []hoursSaid // one for each of the sets of days
	for _, x := range told {
		if i := slices.IndexFunc(groups, func(y hoursSaid) bool { return y.days == x.days }); i >= 0 {
			groups[i].said = append(groups[i].said, x.said...)
		} else {
			groups = append(groups, x)
		}
	}
	slices.SortStableFunc(groups, func(a, b hoursSaid) int {
		return cmp.Or(
			cmp.Compare(bits.TrailingZeros8(a.days), bits.TrailingZeros8(b.days)),
			cmp.Compare(bits.OnesCount8(b.days), bits.OnesCount8(a.days)))
	})
	// What holds on days that have been named already comes after all that names new ones, as an addition.
	var first, added []string
	var named uint8
	for _, g := range groups {
		days, hours := w.list(g.days), enumerate(g.said, w.and)
		if g.days&^named == 0 {
			added = append(added, days+" "+w.also+" "+hours)
		} else {
			first = append(first, days+" "+hours)
		}
		named |= g.days
	}
	return strings.Join(append(first, added...), "; ")
}

// hours tells the hours of a slot, and the state where they are not simply open.
func (w words) hours(tag lang.Tag, s Slot) string {
	said := strings.TrimPrefix(s.Opens, "0") + "–" + strings.TrimPrefix(s.Closes, "0")
	if s.Opens == "00:00" && (s.Closes == "24:00" || s.Closes == "00:00") {
		said = w.allDay
	}
	if state := State(cmp.Or(s.State, string(StateOpen))); state != StateOpen {
		said += " (" + uncapitalised(stateLabel(state, tag)) + ")"
	}
	return said
}

// list tells days of the week, three or more in a row as a range.
func (w words) list(days uint8) string {
	if days == 1<<7-1 {
		return w.everyDay
	}
	var said []string
	for d := 0; d < 7; d++ {
		length := bits.TrailingZeros8(^(days >> d))
		switch {
		case length == 0:
		case length < 3:
			said = append(said, w.days[d])
		default:
			said = append(said, w.days[d]+"–"+w.days[d+length-1])
			d += length - 1
		}
	}
	return enumerate(said, w.and)
}

// enumerate joins with commas, and before the last with "and".
func enumerate(said []string, and string) string {
	last := len(said) - 1
	if last <= 0 {
		return strings.Join(said, "")
	}
	return strings.Join(said[:last], ", ") + " " + and + " " + said[last]
}

func stateLabel(s State, tag lang.Tag) string {
	term, _ := vocabulary.MustGet("opening-states").Term(string(s))
	label, _ := term.Label.In(tag)
	return label
}

func uncapitalised(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
