package hours

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// HolidaySet is a list of holidays that timetables name by its code. It is data: besides National and Patron there may
// be lists of the city's own.
type HolidaySet struct {
	Code  string    `json:"code" validate:"required,max=64" example:"local"`
	Title lang.Text `json:"title" validate:"required,text=255"`
	Days  []Holiday `json:"days,omitempty" validate:"max=1000,dive"`
}

// Holiday is a day that is kept every year, or once.
type Holiday struct {
	Name  lang.Text `json:"name" validate:"required,text=255"`
	Day   string    `json:"day" validate:"required,max=10" example:"09-08"`           // "09-08" every year, "2026-09-08" once, "easter+1" for Easter Monday
	Since int       `json:"since,omitempty" validate:"min=0,max=9999" example:"2026"` // the first year
	Until int       `json:"until,omitempty" validate:"min=0,max=9999"`                // the last year
}

// Codes of the sets that are always there.
const (
	SetNational = "national"
	SetPatron   = "patron"
)

// National is the set of the Italian national holidays: art. 2 of L. 27 maggio 1949, n. 260 (Sundays apart, which
// weeks take care of), as it stands after
//   - L. 5 marzo 1977, n. 54, which took Epiphany and 2 June away,
//   - D.P.R. 28 dicembre 1985, n. 792, which gave Epiphany back,
//   - L. 20 novembre 2000, n. 336, which gave 2 June back,
//   - L. 8 ottobre 2025, n. 151, which makes 4 October, San Francesco, a national holiday from 2026.
//
// Holidays that were abolished by 1977 are not in it.
func National() HolidaySet {
	return HolidaySet{
		Code:  SetNational,
		Title: lang.Text{lang.Italian: "Festività nazionali", lang.English: "National holidays"},
		Days: []Holiday{
			{Day: "01-01", Name: lang.Text{lang.Italian: "Capodanno", lang.English: "New Year's Day"}},
			{Day: "01-06", Name: lang.Text{lang.Italian: "Epifania", lang.English: "Epiphany"}, Since: 1986},
			{Day: "easter", Name: lang.Text{lang.Italian: "Pasqua", lang.English: "Easter Sunday"}},
			{Day: "easter+1", Name: lang.Text{lang.Italian: "Lunedì dell'Angelo", lang.English: "Easter Monday"}},
			{Day: "04-25", Name: lang.Text{lang.Italian: "Festa della Liberazione", lang.English: "Liberation Day"}},
			{Day: "05-01", Name: lang.Text{lang.Italian: "Festa dei lavoratori", lang.English: "Labour Day"}},
			{Day: "06-02", Name: lang.Text{lang.Italian: "Festa della Repubblica", lang.English: "Republic Day"}, Since: 2001},
			{Day: "08-15", Name: lang.Text{lang.Italian: "Ferragosto", lang.English: "Assumption Day"}},
			{Day: "10-04", Name: lang.Text{lang.Italian: "San Francesco d'Assisi", lang.English: "Saint Francis of Assisi"}, Since: 2026},
			{Day: "11-01", Name: lang.Text{lang.Italian: "Ognissanti", lang.English: "All Saints' Day"}},
			{Day: "12-08", Name: lang.Text{lang.Italian: "Immacolata Concezione", lang.English: "Immaculate Conception"}},
			{Day: "12-25", Name: lang.Text{lang.Italian: "Natale", lang.English: "Christmas Day"}},
			{Day: "12-26", Name: lang.Text{lang.Italian: "Santo Stefano", lang.English: "Saint Stephen's Day"}},
		},
	}
}

// Patron is the set of Prato's own holiday: Saint Stephen's, on a day that is a national holiday too.
func Patron() HolidaySet {
	return HolidaySet{
		Code:  SetPatron,
		Title: lang.Text{lang.Italian: "Santo patrono di Prato", lang.English: "Patron saint of Prato"},
		Days: []Holiday{
			{Day: "12-26", Name: lang.Text{lang.Italian: "Santo Stefano, patrono di Prato", lang.English: "Saint Stephen, patron of Prato"}},
		},
	}
}

// Holidays are sets of holidays ready to be looked up. They are immutable and may be shared; nil has no set.
type Holidays struct{ sets map[string]*holidaySet }

// holidaySet finds the holidays of a set by day.
type holidaySet struct {
	days   []Holiday
	yearly map[int][]int  // by month and day, positions in days
	once   map[Date][]int //
	easter map[int][]int  // by days after Easter
}

// maxEaster is how far from Easter a holiday may be, in days.
const maxEaster = 70

// NewHolidays reads sets of holidays. Findings point into the list of sets; if there are any, there are no Holidays.
func NewHolidays(sets ...HolidaySet) (*Holidays, []Finding) {
	var c compiler
	h := &Holidays{make(map[string]*holidaySet, len(sets))}
	for i, set := range sets {
		at := pointer("").index(i)
		if set.Code == "" {
			c.report(at.field("code"), RuleRequired)
		} else if h.sets[set.Code] != nil {
			c.report(at.field("code"), RuleUnique)
		}
		h.sets[set.Code] = c.holidaySet(at, set)
	}
	if len(c.findings) > 0 {
		return nil, c.findings
	}
	return h, nil
}

// Standard are the sets National and Patron.
func Standard() *Holidays {
	h, findings := NewHolidays(National(), Patron())
	if len(findings) > 0 {
		panic(findings) // they are written above
	}
	return h
}

func (c *compiler) holidaySet(at pointer, set HolidaySet) *holidaySet {
	s := &holidaySet{slices.Clone(set.Days), map[int][]int{}, map[Date][]int{}, map[int][]int{}}
	for i, day := range set.Days {
		at := at.field("days").index(i)
		if len(day.Name) == 0 {
			c.report(at.field("name"), RuleRequired)
		}
		if day.Until != 0 && day.Until < day.Since {
			c.report(at.field("until"), RuleOrder, strconv.Itoa(day.Since))
		}
		if after, ok := parseEaster(day.Day); ok {
			s.easter[after] = append(s.easter[after], i)
		} else if monthDay, ok := parseMonthDay(day.Day); ok {
			s.yearly[monthDay] = append(s.yearly[monthDay], i)
		} else if date, ok := ParseDate(day.Day); ok {
			s.once[date] = append(s.once[date], i)
		} else if day.Day == "" {
			c.report(at.field("day"), RuleRequired)
		} else {
			c.report(at.field("day"), RuleHolidayDay, day.Day)
		}
	}
	return s
}

// parseEaster reads "easter", "easter+1" or "easter-47" as days after Easter.
func parseEaster(s string) (after int, ok bool) {
	rest, ok := strings.CutPrefix(s, "easter")
	if !ok || rest == "" {
		return 0, ok
	}
	after, err := strconv.Atoi(rest)
	return after, err == nil && (rest[0] == '+' || rest[0] == '-') && -maxEaster <= after && after <= maxEaster
}

// name returns the name of the holiday that a day is, the first of the set if it is several; nil if it is none.
func (s *holidaySet) name(d Date) *lang.Text {
	year, month, day := d.Civil()
	first := -1
	pick := func(positions []int) {
		for _, i := range positions {
			h := s.days[i]
			if (first < 0 || i < first) && h.Since <= year && (h.Until == 0 || year <= h.Until) {
				first = i
			}
		}
	}
	pick(s.yearly[int(month)*100+day])
	if len(s.once) > 0 {
		pick(s.once[d])
	}
	if len(s.easter) > 0 && month <= time.July { // the latest Easter is 25 April, and maxEaster days later it is July
		pick(s.easter[int(d-Easter(year))])
	}
	if first < 0 {
		return nil
	}
	return &s.days[first].Name
}

func (h *Holidays) set(code string) *holidaySet {
	if h == nil {
		return nil
	}
	return h.sets[code]
}

// Easter is Easter Sunday of a year, by the computus of the Gregorian calendar (Butcher's form, as in J. Meeus,
// Astronomical Algorithms, chapter 8).
func Easter(year int) Date {
	golden := year % 19
	century, ofCentury := year/100, year%100
	correction := (century + 8) / 25
	epact := (19*golden + century - century/4 - (century-correction+1)/3 + 15) % 30
	weekday := (32 + 2*(century%4) + 2*(ofCentury/4) - epact - ofCentury%4) % 7
	late := (golden + 11*epact + 22*weekday) / 451
	n := epact + weekday - 7*late + 114
	return NewDate(year, time.Month(n/31), n%31+1)
}
