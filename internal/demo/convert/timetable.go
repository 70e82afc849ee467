package main

import (
	"cmp"
	"fmt"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// openings is the file of the opening hours that we read from the source's words, by source_id of an office.
type openings struct {
	About   string             `json:"about"`
	Offices map[string]opening `json:"offices"`
}

type opening struct {
	Key   string     `json:"key"`   // of the timetable, where it is not made of the office's
	Title lang.Text  `json:"title"` // likewise
	Spec  hours.Spec `json:"spec"`
}

// check returns an error if the hours are of an office that does not exist or of which the source gives none.
func (h openings) check(src source) error {
	err := sameKeys("hours: offices", h.Offices, ids(src.Offices, func(o office) string { return o.ID }), false)
	if err != nil {
		return err
	}
	for _, o := range src.Offices {
		if _, ok := h.Offices[o.ID]; ok && o.OpeningHoursText == "" {
			return fmt.Errorf("hours: the source has no hours of %q", o.ID)
		}
	}
	return nil
}

// key is the key of the timetable of an office.
func (h openings) key(officeID string) string {
	return cmp.Or(h.Offices[officeID].Key, officeID+"-orari")
}

// timetables writes the opening hours that we read from the source's words.
func (c *converter) timetables() {
	for _, o := range c.source.Offices {
		opening, ok := c.openings.Offices[o.ID]
		if !ok {
			if o.OpeningHoursText != "" {
				c.note(o.ID, "the hours %q are kept as words only", o.OpeningHoursText)
			}
			continue
		}
		doc := &catalogue.Timetable{Spec: opening.Spec}
		doc.Title = opening.Title
		if doc.Title == nil {
			words := c.words.Offices[o.ID].Title
			doc.Title = lang.Text{
				lang.Italian: "Orari di " + o.Name,
				lang.English: "Opening hours of " + words.English,
				lang.Chinese: words.Chinese + "的开放时间",
			}
		}
		doc.Origins = c.origins(o.found, o.OpeningHoursAsOf)
		doc.RightsNote = c.rights(o.found)
		key := c.openings.key(o.ID)
		c.timetableOf[o.ID] = ref(o.Organisation, key)
		c.add(o.Organisation, key, doc)
	}
}

// holidays writes the one local holiday that is certain without any record: the patron's day, which package hours knows.
func (c *converter) holidays() {
	patron := hours.Patron()
	doc := &catalogue.HolidaySet{Days: patron.Days}
	doc.Title = lang.Text{lang.Italian: "Santo patrono di Prato", lang.English: "Patron saint of Prato", lang.Chinese: "普拉托主保圣人日"}
	doc.Summary = lang.Text{
		lang.Italian: "Il giorno del patrono della città.", lang.English: "The day of the city's patron saint.", lang.Chinese: "本市主保圣人的节日。",
	}
	c.add(municipality, "festa-patronale", doc)
	c.note("festa-patronale", "from no record: the patron's day of Prato, which the program knows. No timetable names it, since none says what holds then")
}
