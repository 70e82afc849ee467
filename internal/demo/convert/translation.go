package main

import (
	"errors"
	"fmt"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// translations is the file of the texts that we translated from the source's Italian, by source_id.
type translations struct {
	About         string                       `json:"about"`
	Services      map[string]translatedService `json:"services"`
	Offices       map[string]translatedTitle   `json:"offices"`
	Channels      map[string]translatedTitle   `json:"channels"`      // by key
	Organisations map[string]translatedTitle   `json:"organisations"` // those that publish; without a title the proper name stays
}

type translatedService struct {
	Title             translation   `json:"title"`
	AlternativeTitles []translation `json:"alternativeTitles"` // in the order of the source's
	Summary           translation   `json:"summary"`
}

type translatedTitle struct {
	Title translation `json:"title"`
}

// translation is an Italian text in our English and Chinese.
type translation struct {
	English string `json:"en"`
	Chinese string `json:"zh"`
}

// translatedFields lists what is translated, as the report shows it.
//

var translatedFields = []struct{ from, to string }{
	{"services[].title", "/title/en, /title/zh"},
	{"services[].alternative_titles[]", "/alternativeTitles/*/en, /alternativeTitles/*/zh"},
	{"services[].short_description", "/summary/en, /summary/zh"},
	{"organizations[].name", "/title/en, /title/zh"},
	{"offices[].name", "/title/en, /title/zh"},
	{channelsFile, "/title/en, /title/zh"},
}

// check returns an error if the translations name a record that does not exist, or leave out one or a text of one.
func (t translations) check(src source) error {
	var publishing []organisation
	for _, o := range src.Organisations {
		if publishes(o.ID) {
			publishing = append(publishing, o)
		}
	}
	err := errors.Join(
		sameKeys("translations: services", t.Services, ids(src.Services, func(s service) string { return s.ID }), true),
		sameKeys("translations: offices", t.Offices, ids(src.Offices, func(o office) string { return o.ID }), true),
		sameKeys("translations: organisations", t.Organisations, ids(publishing, func(o organisation) string { return o.ID }), true),
	)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range src.Services {
		own := t.Services[s.ID]
		if got, want := len(own.AlternativeTitles), len(s.AlternativeTitles); got != want {
			errs = append(errs, fmt.Errorf("translations: %s: %d alternative titles, but the source has %d", s.ID, got, want))
		}
		errs = append(errs, complete(s.ID, own.Title), complete(s.ID, own.Summary), complete(s.ID, own.AlternativeTitles...))
	}
	for _, o := range src.Offices {
		errs = append(errs, complete(o.ID, t.Offices[o.ID].Title))
	}
	for _, o := range publishing {
		if title := t.Organisations[o.ID].Title; title != (translation{}) {
			errs = append(errs, complete(o.ID, title))
		}
	}
	return errors.Join(errs...)
}

// complete returns an error if a translation lacks a language.
func complete(id string, list ...translation) error {
	for _, t := range list {
		if t.English == "" || t.Chinese == "" {
			return fmt.Errorf("translations: %s: %+v lacks a language", id, t)
		}
	}
	return nil
}

// translate makes a text of what a field of the source says in Italian and of our translation.
func (c *converter) translate(field, italian string, t translation) lang.Text {
	c.translated[field]++
	return lang.Text{lang.Italian: italian, lang.English: t.English, lang.Chinese: t.Chinese}
}
