// Package hsds tells the catalogue in the terms of the Human Services Data Specification 3.0 of Open Referral
// (https://docs.openreferral.org/en/3.0/): services, the organizations that provide them, the places where people go for them
// and the taxonomies that classify them, in one language each. docs/formats/hsds.md has what becomes what. Which entries an
// answer is about, and how it is sent, is decided in package api.
package hsds

import "encoding/json"

// Version is the version of the specification.
const Version = "3.0"

// Service is a service (HSDS service). In lists there is only what stands in it once.
type Service struct {
	ID                     string              `json:"id" format:"uuid" example:"019aa2d1-0000-7000-8000-000000000000"` // that of the entry
	OrganizationID         string              `json:"organization_id,omitempty" format:"uuid"`                         // who provides it, where its profile is public
	Name                   string              `json:"name" example:"Carta d'identità"`                                 //
	AlternateName          string              `json:"alternate_name,omitempty"`                                        // an acronym, or another title
	Description            string              `json:"description,omitempty"`                                           // CommonMark
	URL                    string              `json:"url,omitempty" format:"uri"`                                      // where it is to be had online, else a page about it, else its view in the catalogue
	Email                  string              `json:"email,omitempty" format:"email"`                                  //
	Status                 string              `json:"status" enums:"active,inactive,defunct,temporarily closed"`       //
	ApplicationProcess     string              `json:"application_process,omitempty"`                                   // CommonMark
	FeesDescription        string              `json:"fees_description,omitempty"`                                      // CommonMark
	EligibilityDescription string              `json:"eligibility_description,omitempty"`                               // CommonMark
	MinimumAge             *int                `json:"minimum_age,omitempty"`                                           // in years
	MaximumAge             *int                `json:"maximum_age,omitempty"`                                           // in years
	AssuredDate            string              `json:"assured_date,omitempty" format:"date"`                            // when somebody last made sure that it is right
	Alert                  string              `json:"alert,omitempty"`                                                 // the notices that hold now
	LastModified           string              `json:"last_modified" format:"date-time" example:"2026-01-20T10:30:00.000Z"`
	Phones                 []Phone             `json:"phones,omitempty"`
	Schedules              []Schedule          `json:"schedules,omitempty"` // of all ways to get it
	ServiceAreas           []ServiceArea       `json:"service_areas,omitempty"`
	ServiceAtLocations     []ServiceAtLocation `json:"service_at_locations,omitempty"`
	Languages              []Language          `json:"languages,omitempty"` // in which people are served
	Organization           *Organization       `json:"organization,omitempty"`
	CostOptions            []CostOption        `json:"cost_options,omitempty"`
	RequiredDocuments      []RequiredDocument  `json:"required_documents,omitempty"`
	Contacts               []Contact           `json:"contacts,omitempty"`
	Attributes             []Attribute         `json:"attributes,omitempty"`
}

// ServiceStamp is what a list with `minimal` says of a service.
type ServiceStamp struct {
	ID           string `json:"id" format:"uuid"`
	ModifiedDate string `json:"modified_date" format:"date-time" example:"2026-01-20T10:30:00.000Z"` // the same as its last_modified
}

// Organization is who provides services (HSDS organization): the public profile of a publisher or of another organisation.
type Organization struct {
	ID                      string                   `json:"id" format:"uuid" example:"019aa2d1-0000-7000-8000-000000000000"` // that of the entry
	Name                    string                   `json:"name" example:"Comune di Prato"`                                  //
	AlternateName           string                   `json:"alternate_name,omitempty"`                                        // an acronym, or its legal name
	Description             string                   `json:"description"`                                                     // what is known, at least its name
	Email                   string                   `json:"email,omitempty" format:"email"`                                  //
	Website                 string                   `json:"website,omitempty" format:"uri"`
	LegalStatus             string                   `json:"legal_status,omitempty"` // what sort of organisation it is
	Logo                    string                   `json:"logo,omitempty" format:"uri"`
	URI                     string                   `json:"uri,omitempty" format:"uri"` // its address in the catalogue, which lasts
	Contacts                []Contact                `json:"contacts,omitempty"`
	Phones                  []Phone                  `json:"phones,omitempty"`
	Locations               []Location               `json:"locations,omitempty"`
	OrganizationIdentifiers []OrganizationIdentifier `json:"organization_identifiers,omitempty"`
	Attributes              []Attribute              `json:"attributes,omitempty"`
	Services                []Service                `json:"services,omitempty"` // in lists only with `full`; with `full_service` each with all that belongs to it
}

// OrganizationIdentifier is a code by which others know an organization (HSDS organization_identifier).
type OrganizationIdentifier struct {
	ID             string `json:"id" format:"uuid"`
	IdentifierType string `json:"identifier_type" example:"Codice IPA"`
	Identifier     string `json:"identifier" example:"c_g999"`
}

// ServiceAtLocation is a service at a place where people go for it (HSDS service_at_location), with what holds there.
type ServiceAtLocation struct {
	ID          string     `json:"id" format:"uuid"`
	ServiceID   string     `json:"service_id" format:"uuid"`
	LocationID  string     `json:"location_id" format:"uuid"`
	Description string     `json:"description,omitempty"` // the offices that serve it there
	Contacts    []Contact  `json:"contacts,omitempty"`    // of those offices
	Phones      []Phone    `json:"phones,omitempty"`      // of those offices
	Schedules   []Schedule `json:"schedules,omitempty"`   // of those offices, where they are not open as the place
	Location    *Location  `json:"location,omitempty"`
	Service     *Service   `json:"service,omitempty"` // not inside a service
}

// Location is a place (HSDS location): an entry of the catalogue, or the seat of an organization.
type Location struct {
	ID             string          `json:"id" format:"uuid"`
	LocationType   string          `json:"location_type" enums:"physical,postal,virtual"`
	OrganizationID string          `json:"organization_id,omitempty" format:"uuid"` // who keeps what is said of it
	Name           string          `json:"name,omitempty"`
	AlternateName  string          `json:"alternate_name,omitempty"`
	Description    string          `json:"description,omitempty"`
	Transportation string          `json:"transportation,omitempty"` // how to get there and in
	Latitude       *float64        `json:"latitude,omitempty"`       // WGS 84, in degrees
	Longitude      *float64        `json:"longitude,omitempty"`      // WGS 84, in degrees
	Addresses      []Address       `json:"addresses,omitempty"`
	Contacts       []Contact       `json:"contacts,omitempty"`
	Accessibility  []Accessibility `json:"accessibility,omitempty"`
	Phones         []Phone         `json:"phones,omitempty"`
	Schedules      []Schedule      `json:"schedules,omitempty"`
	Attributes     []Attribute     `json:"attributes,omitempty"`
}

// Address is a postal address (HSDS address).
type Address struct {
	ID            string `json:"id" format:"uuid"`
	Address1      string `json:"address_1" example:"Piazza del Comune 2"`
	City          string `json:"city" example:"Prato"`
	Region        string `json:"region,omitempty"`            // the quarter
	StateProvince string `json:"state_province" example:"PO"` // the province
	PostalCode    string `json:"postal_code" example:"59100"` //
	Country       string `json:"country" example:"IT"`        // ISO 3166-1 alpha-2
	AddressType   string `json:"address_type" enums:"physical,postal,virtual"`
}

// Accessibility is something that makes a place accessible (HSDS accessibility).
type Accessibility struct {
	ID          string `json:"id" format:"uuid"`
	Description string `json:"description"`
	Details     string `json:"details,omitempty"`
}

// Contact is a point of contact (HSDS contact).
type Contact struct {
	ID         string  `json:"id" format:"uuid"`
	Name       string  `json:"name,omitempty"`
	Department string  `json:"department,omitempty"` // the office
	Email      string  `json:"email,omitempty" format:"email"`
	Phones     []Phone `json:"phones,omitempty"`
}

// Phone is a number to call or to write to (HSDS phone).
type Phone struct {
	ID          string     `json:"id" format:"uuid"`
	Number      string     `json:"number" example:"+39 0574 1836096"`
	Extension   *int       `json:"extension,omitempty"`
	Type        string     `json:"type,omitempty" enums:"voice,cell,fax,text"` // RFC 6350, section 6.4.1
	Description string     `json:"description,omitempty"`
	Languages   []Language `json:"languages,omitempty"`
}

// Language is a language in which people are served (HSDS language).
type Language struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name" example:"italiano"`
	Code string `json:"code,omitempty" example:"it"` // ISO 639-1, where it has one
}

// Schedule is a span of hours that repeats every week (HSDS schedule; RFC 5545, section 3.3.10).
type Schedule struct {
	ID            string `json:"id" format:"uuid"`
	ValidFrom     string `json:"valid_from,omitempty" format:"date"`
	ValidTo       string `json:"valid_to,omitempty" format:"date"`
	Timezone      int    `json:"timezone" example:"1"` // hours that Rome is ahead of UTC, now or on its first day
	Wkst          string `json:"wkst" enums:"MO"`
	Freq          string `json:"freq" enums:"WEEKLY"`
	Interval      int    `json:"interval" example:"1"`
	ByDay         string `json:"byday" example:"MO,TU,WE"`
	Description   string `json:"description,omitempty"`           // the name of the period or the reason of the exception
	OpensAt       string `json:"opens_at" example:"09:00+01:00"`  // in Rome
	ClosesAt      string `json:"closes_at" example:"13:00+01:00"` // on the next day where not after opens_at; 23:59 for the end of the day
	ScheduleLink  string `json:"schedule_link,omitempty" format:"uri"`
	AttendingType string `json:"attending_type,omitempty"` // in what way it is open, where not simply so
	Notes         string `json:"notes,omitempty"`          // holidays and closures among them
}

// CostOption is a price (HSDS cost_option).
type CostOption struct {
	ID                string      `json:"id" format:"uuid"`
	ValidFrom         string      `json:"valid_from,omitempty" format:"date"`
	ValidTo           string      `json:"valid_to,omitempty" format:"date"`
	Option            string      `json:"option,omitempty"`
	Currency          string      `json:"currency,omitempty" example:"EUR"`
	Amount            json.Number `json:"amount,omitempty" swaggertype:"number"` // the least of a range, 0 for what costs nothing
	AmountDescription string      `json:"amount_description,omitempty"`
}

// RequiredDocument is something that an applicant must have (HSDS required_document).
type RequiredDocument struct {
	ID       string `json:"id" format:"uuid"`
	Document string `json:"document"`
	URI      string `json:"uri,omitempty" format:"uri"` // a form to fill in
}

// ServiceArea is where a service is available (HSDS service_area).
type ServiceArea struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

// Attribute is a term that classifies something (HSDS attribute).
type Attribute struct {
	ID             string       `json:"id" format:"uuid"`
	LinkID         string       `json:"link_id" format:"uuid"` // what it classifies
	TaxonomyTermID string       `json:"taxonomy_term_id" format:"uuid"`
	LinkType       string       `json:"link_type" example:"topic"` // what the term says of it
	LinkEntity     string       `json:"link_entity" enums:"service,organization,location"`
	TaxonomyTerm   TaxonomyTerm `json:"taxonomy_term"`
}

// Taxonomy is a controlled vocabulary (HSDS taxonomy).
type Taxonomy struct {
	ID          string `json:"id" format:"uuid"`
	Name        string `json:"name" example:"Argomenti"`
	Description string `json:"description"` // with whom to name, and the licence
	URI         string `json:"uri,omitempty" format:"uri"`
}

// TaxonomyTerm is a term of a controlled vocabulary (HSDS taxonomy_term).
type TaxonomyTerm struct {
	ID             string    `json:"id" format:"uuid"`
	Code           string    `json:"code" example:"anagrafe"`
	Name           string    `json:"name" example:"Anagrafe"`
	Description    string    `json:"description"`                       // its name where it has none
	ParentID       string    `json:"parent_id,omitempty" format:"uuid"` // the broader term
	Taxonomy       string    `json:"taxonomy"`                          // the URI or the name of its taxonomy
	TaxonomyDetail *Taxonomy `json:"taxonomy_detail,omitempty"`         // not in attributes
	Language       string    `json:"language" example:"it"`             // of its name
	TaxonomyID     string    `json:"taxonomy_id" format:"uuid"`
	TermURI        string    `json:"term_uri,omitempty" format:"uri"`
}
