package catalogue

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Place is where people go (clv:Address with poi:PointOfInterest; Modello Comuni, tipologia Luogo).
type Place struct {
	Head
	Type          string          `json:"type,omitempty" extensions:"x-vocabulary=place-types"`
	Address       *Address        `json:"address,omitempty"`
	Point         *Point          `json:"point,omitempty"`
	District      string          `json:"district,omitempty" validate:"max=100"`
	Access        lang.Text       `json:"access,omitempty" validate:"text=5000"` // how to get there and in
	Image         *Image          `json:"image,omitempty"`
	Accessibility []Accessibility `json:"accessibility,omitempty" validate:"max=50,dive"`
	Timetable     string          `json:"timetable,omitempty" extensions:"x-reference=timetable"` // when it is open
	HoursText     lang.Text       `json:"hoursText,omitempty" validate:"text=2000"`               // opening hours as the publisher says them
}

// Address is a postal address (clv:Address).
type Address struct {
	Street     string `json:"street,omitempty" validate:"max=255" example:"Piazza Cardinale Niccolò"`
	Number     string `json:"number,omitempty" validate:"max=30" example:"13"`
	PostalCode string `json:"postalCode,omitempty" validate:"max=12" example:"59100"`
	City       string `json:"city" validate:"required,max=100" example:"Prato"`
	Province   string `json:"province,omitempty" validate:"max=50" example:"PO"`
	Country    string `json:"country,omitempty" validate:"omitempty,iso3166_1_alpha2" example:"IT"` // ISO 3166-1 alpha-2
}

// StreetAddress is the street with the number, "" where the address states neither.
func (a *Address) StreetAddress() string { return strings.TrimSpace(a.Street + " " + a.Number) }

// Line is the address on one line, without the country: Piazza del Comune 2, 59100 Prato (PO).
func (a *Address) Line() string {
	city := strings.TrimSpace(a.PostalCode + " " + a.City)
	if a.Province != "" {
		city += " (" + a.Province + ")"
	}
	if street := a.StreetAddress(); street != "" {
		return street + ", " + city
	}
	return city
}

// Point is a position in WGS 84, in degrees.
type Point struct {
	Lat *float64 `json:"lat" validate:"required,min=-90,max=90" example:"43.8807"`
	Lon *float64 `json:"lon" validate:"required,min=-180,max=180" example:"11.0966"`
}

// Accessibility says whether a place has a feature that makes it accessible.
type Accessibility struct {
	Feature   string    `json:"feature" validate:"required" extensions:"x-vocabulary=accessibility-features"`
	Available string    `json:"available" validate:"required,oneof=yes no partial" enums:"yes,no,partial"`
	Note      lang.Text `json:"note,omitempty" validate:"text=500"`
}

// Kind is KindPlace.
func (*Place) Kind() Kind { return KindPlace }
