package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// source is the file of found records. Its README describes the fields.
type source struct {
	Meta          json.RawMessage `json:"meta"`
	Services      []service       `json:"services"`
	Organisations []organisation  `json:"organizations"`
	Offices       []office        `json:"offices"`
	Places        []place         `json:"places"`
}

// found is what records of every type have.
type found struct {
	ID                string   `json:"source_id"`
	RecordType        string   `json:"record_type"`
	Source            origin   `json:"source"`
	AdditionalSources []string `json:"additional_sources"`
	License           string   `json:"license"`
}

type origin struct {
	Type     string `json:"type"`
	SiteKind string `json:"site_kind"`
	URL      string `json:"url"`
	Repo     string `json:"repo"`
	Path     string `json:"path"`
	Key      string `json:"key"`
	Commit   string `json:"commit"`
}

type phone struct {
	Number string `json:"number"`
	Note   string `json:"note"`
}

type service struct {
	found
	Title             string    `json:"title"`
	TitleOrigin       string    `json:"title_origin"`
	AlternativeTitles []string  `json:"alternative_titles"`
	Category          string    `json:"category"`
	CategoryLabel     string    `json:"category_label"`
	OfficialCategory  string    `json:"official_category"`
	Language          string    `json:"language"`
	Status            string    `json:"status"`
	ValidAsOf         string    `json:"valid_as_of"`
	Provider          string    `json:"provider_organization_id"`
	Owner             string    `json:"owner_organization_id"`
	ShortDescription  string    `json:"short_description"`
	Audience          []string  `json:"audience"`
	HowTo             []string  `json:"how_to"`
	Needed            []string  `json:"needed"`
	Outcome           string    `json:"outcome"`
	Costs             []cost    `json:"costs"`
	Deadlines         []string  `json:"deadlines"`
	ProcessingTime    string    `json:"processing_time"`
	Channels          []channel `json:"channels"`
	OfficeIDs         []string  `json:"office_ids"`
	LegalReferences   []string  `json:"legal_references"`
	Notes             string    `json:"notes"`
	TextOrigin        string    `json:"text_origin"`
}

type cost struct {
	Label    string   `json:"label"`
	Amount   *float64 `json:"amount"`
	Currency string   `json:"currency"`
	Note     string   `json:"note"`
}

type channel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	URL   string `json:"url"`
	Note  string `json:"note"`
}

type organisation struct {
	found
	Name        string   `json:"name"`
	Kind        string   `json:"kind"`
	Sector      string   `json:"sector"`
	Description string   `json:"description"`
	Address     string   `json:"address"`
	Phones      []phone  `json:"phones"`
	Emails      []string `json:"emails"`
	PEC         string   `json:"pec"`
	Website     string   `json:"website"`
	TaxCode     string   `json:"tax_code"`
	SameAs      []string `json:"same_as"`
}

type office struct {
	found
	Name             string   `json:"name"`
	Organisation     string   `json:"organization_id"`
	Address          string   `json:"address"`
	Phones           []phone  `json:"phones"`
	Emails           []string `json:"emails"`
	PEC              string   `json:"pec"`
	OpeningHoursText string   `json:"opening_hours_text"`
	OpeningHoursAsOf string   `json:"opening_hours_as_of"`
	Status           string   `json:"status"`
}

type place struct {
	found
	Name        string `json:"name"`
	Address     string `json:"address"`
	Description string `json:"description"`
}

// classification is what was decided by hand: terms of vocabularies above all.
type classification struct {
	About             string                       `json:"about"`
	Services          map[string]serviceClass      `json:"services"`
	Offices           map[string]officeClass       `json:"offices"`
	Places            map[string]placeClass        `json:"places"`
	Organisations     map[string]organisationClass `json:"organisations"`
	OrganisationKinds map[string]organisationClass `json:"organisationKinds"`
	ContactPurposes   map[string]string            `json:"contactPurposes"` // by the note of a phone
	SiteKinds         map[string]string            `json:"siteKinds"`       // what to add to the name of a site, in Italian
	Rights            map[string]string            `json:"rights"`          // the Italian of the English licence notes
}

type serviceClass struct {
	Type              string               `json:"type"`
	Flow              string               `json:"flow"`
	Categories        []string             `json:"categories"`
	Topics            []string             `json:"topics"`
	Sectors           []string             `json:"sectors"`
	Audiences         []string             `json:"audiences"`
	LifeEvents        []string             `json:"lifeEvents"`
	BusinessEvents    []string             `json:"businessEvents"`
	Interactivity     string               `json:"interactivity"`
	Acronyms          []string             `json:"acronyms"`
	Summary           string               `json:"summary"` // the first sentence of a text that is too long or too rich for a summary
	HowTo             string               `json:"howTo"`   // where the source has none and nothing else to reach the service by
	ResponsibleOffice string               `json:"responsibleOffice"`
	DeliveryLanguages []string             `json:"deliveryLanguages"`
	RelatedServices   []string             `json:"relatedServices"` // earlier in the source, so that none waits for another
	Channels          map[int]channelClass `json:"channels"`
}

type channelClass struct {
	Type            string    `json:"type"`
	Identities      []string  `json:"identities"`
	Platforms       []string  `json:"platforms"`
	Purpose         string    `json:"purpose"`
	Languages       []string  `json:"languages"`
	Offices         *[]string `json:"offices"` // instead of those of the service
	NoDigitalReason string    `json:"noDigitalReason"`
}

type officeClass struct {
	Type   string     `json:"type"`
	Parent string     `json:"parent"`
	Seat   placeClass `json:"seat"`   // the place made of the address
	At     string     `json:"at"`     // the place that the address means
	AlsoAt []string   `json:"alsoAt"` // more places
}

type placeClass struct {
	Title         string   `json:"title"`
	Type          string   `json:"type"`
	HoursText     string   `json:"hoursText"` // words of the description that are hours
	Accessibility []string `json:"accessibility"`
	District      string   `json:"district"` // that the name or the address says in brackets or as a quarter
}

type organisationClass struct {
	Type    string   `json:"type"`
	Acronym string   `json:"acronym"`
	Sectors []string `json:"sectors"`
}

// decodeStrict reads JSON and refuses fields that v has no place for: nothing may be overlooked.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// check returns an error if the classification names a record that does not exist, or leaves one out.
func (c classification) check(src source) error {
	if err := sameKeys("classification: services", c.Services, ids(src.Services, func(s service) string { return s.ID }), true); err != nil {
		return err
	}
	if err := sameKeys("classification: offices", c.Offices, ids(src.Offices, func(o office) string { return o.ID }), true); err != nil {
		return err
	}
	if err := sameKeys("classification: places", c.Places, ids(src.Places, func(p place) string { return p.ID }), true); err != nil {
		return err
	}
	return sameKeys("classification: organisations", c.Organisations,
		ids(src.Organisations, func(o organisation) string { return o.ID }), false)
}

func ids[T any](records []T, id func(T) string) []string {
	list := make([]string, len(records))
	for i, r := range records {
		list[i] = id(r)
	}
	return list
}

// sameKeys returns an error if said has a key that is no id or, where all ids must have one, lacks one.
func sameKeys[T any](what string, said map[string]T, ids []string, all bool) error {
	for _, key := range slices.Sorted(maps.Keys(said)) {
		if !slices.Contains(ids, key) {
			return fmt.Errorf("%s: there is no record %q", what, key)
		}
	}
	for _, id := range ids {
		if _, ok := said[id]; all && !ok {
			return fmt.Errorf("%s: nothing is said of %q", what, id)
		}
	}
	return nil
}
