package schemaorg

// Service is a public service (https://schema.org/GovernmentService). Where schema.org allows several objects and the
// check of the ministry one, there is one.
type Service struct {
	Head
	ServiceType      string        `json:"serviceType,omitempty"`      // the categories of the service
	Category         []string      `json:"category,omitempty"`         // its topics
	ServiceOperator  *Organisation `json:"serviceOperator,omitempty"`  // who provides it
	AreaServed       *Area         `json:"areaServed,omitempty"`       // of the service, else of who publishes it
	Audience         *Audience     `json:"audience,omitempty"`         //
	AvailableChannel *Channel      `json:"availableChannel,omitempty"` // digital ways first; where to go beside it
	ServiceOutput    []Named       `json:"serviceOutput,omitempty"`    // what one gets
	TermsOfService   string        `json:"termsOfService,omitempty"`   // address of the first file of its conditions
	Offers           []Offer       `json:"offers,omitempty"`           // what it costs now
	IsRelatedTo      []Named       `json:"isRelatedTo,omitempty"`      // other services
}

// Head is what every object has that stands for an entry.
type Head struct {
	Context       string   `json:"@context,omitempty" example:"https://schema.org"` // of the outermost object
	Type          string   `json:"@type" example:"GovernmentService"`
	ID            string   `json:"@id,omitempty" format:"uri"`
	Name          string   `json:"name,omitempty"`
	AlternateName []string `json:"alternateName,omitempty"` // other names, acronyms
	Description   string   `json:"description,omitempty"`   // plain text
	Identifier    string   `json:"identifier,omitempty"`    // the publisher's own
	URL           string   `json:"url,omitempty" format:"uri"`
	SubjectOf     *Record  `json:"subjectOf,omitempty"` // the entry of the catalogue
}

// Record is the entry of the catalogue that an object was written from (https://schema.org/CreativeWork).
type Record struct {
	Type          string `json:"@type" example:"CreativeWork"`
	URL           string `json:"url" format:"uri"`
	InLanguage    string `json:"inLanguage" example:"it"` // of the texts, but for those that have only Italian
	DatePublished string `json:"datePublished" format:"date-time"`
	DateModified  string `json:"dateModified" format:"date-time"`
	License       string `json:"license,omitempty" format:"uri"`
}

// Named is an object of which only the name is told, and where it is an entry, its address.
type Named struct {
	Type string `json:"@type" example:"Thing"`
	ID   string `json:"@id,omitempty" format:"uri"`
	Name string `json:"name"`
}

// Organisation is who publishes (https://schema.org/GovernmentOrganization, or the type above it for companies and associations) or an
// office (https://schema.org/GovernmentOffice).
type Organisation struct {
	Head
	LegalName           string    `json:"legalName,omitempty"`
	TaxID               string    `json:"taxID,omitempty"`
	VATID               string    `json:"vatID,omitempty"`
	Logo                string    `json:"logo,omitempty" format:"uri"`
	AreaServed          *Area     `json:"areaServed,omitempty"`
	ParentOrganisation  *Named    `json:"parentOrganization,omitempty"` // of an office, the office above it or its organisation
	ContactPoint        []Contact `json:"contactPoint,omitempty"`
	KnowsLanguage       []string  `json:"knowsLanguage,omitempty"` // BCP 47
	Address             *Address  `json:"address,omitempty"`
	Geo                 *Geo      `json:"geo,omitempty"`
	Location            []Place   `json:"location,omitempty"` // the places beside the first
	OpeningHours        []Opening `json:"openingHoursSpecification,omitempty"`
	SpecialOpeningHours []Opening `json:"specialOpeningHoursSpecification,omitempty"` // instead of those, on their days
}

// Place is where people go (https://schema.org/CivicStructure).
type Place struct {
	Head
	Address             *Address  `json:"address,omitempty"`
	Geo                 *Geo      `json:"geo,omitempty"`
	Image               string    `json:"image,omitempty" format:"uri"`
	AmenityFeature      []Feature `json:"amenityFeature,omitempty"`
	OpeningHours        []Opening `json:"openingHoursSpecification,omitempty"`
	SpecialOpeningHours []Opening `json:"specialOpeningHoursSpecification,omitempty"` // instead of those, on their days
}

// Area is where a service can be had (https://schema.org/AdministrativeArea).
type Area struct {
	Type string `json:"@type" example:"AdministrativeArea"`
	Name string `json:"name"`
}

// Audience is whom a service is for (https://schema.org/Audience).
type Audience struct {
	Type         string `json:"@type" example:"Audience"`
	Name         string `json:"name"`
	AudienceType string `json:"audienceType"` // the same: checks of several years ask for one or the other
}

// Channel is how a service can be had (https://schema.org/ServiceChannel).
type Channel struct {
	Type              string   `json:"@type" example:"ServiceChannel"`
	Name              string   `json:"name,omitempty"`
	ServiceURL        string   `json:"serviceUrl,omitempty" format:"uri"`
	ServicePhone      *Contact `json:"servicePhone,omitempty"`
	ServiceLocation   *Place   `json:"serviceLocation,omitempty"`
	AvailableLanguage []string `json:"availableLanguage,omitempty"` // BCP 47
	ProcessingTime    string   `json:"processingTime,omitempty" example:"P30D"`
}

// Offer is a price in force (https://schema.org/Offer).
type Offer struct {
	Type               string      `json:"@type" example:"Offer"`
	Name               string      `json:"name,omitempty"`
	Description        string      `json:"description,omitempty"`
	Price              string      `json:"price,omitempty" example:"22.21"` // "0" for nothing; absent where it is not one amount
	PriceCurrency      string      `json:"priceCurrency,omitempty" example:"EUR"`
	PriceSpecification *PriceRange `json:"priceSpecification,omitempty"`
	ValidFrom          string      `json:"validFrom,omitempty" format:"date"`
	ValidThrough       string      `json:"validThrough,omitempty" format:"date"`
}

// PriceRange is a price from one amount to another (https://schema.org/PriceSpecification).
type PriceRange struct {
	Type          string `json:"@type" example:"PriceSpecification"`
	MinPrice      string `json:"minPrice" example:"22.21"`
	MaxPrice      string `json:"maxPrice" example:"42.21"`
	PriceCurrency string `json:"priceCurrency" example:"EUR"`
}

// Contact is a point of contact (https://schema.org/ContactPoint).
type Contact struct {
	Type              string   `json:"@type" example:"ContactPoint"`
	Name              string   `json:"name,omitempty"`
	ContactType       string   `json:"contactType,omitempty"` // its purpose
	Telephone         []string `json:"telephone,omitempty"`
	FaxNumber         []string `json:"faxNumber,omitempty"`
	Email             []string `json:"email,omitempty"`
	URL               []string `json:"url,omitempty"`
	AvailableLanguage []string `json:"availableLanguage,omitempty"` // BCP 47
}

// Address is a postal address (https://schema.org/PostalAddress).
type Address struct {
	Type            string `json:"@type" example:"PostalAddress"`
	StreetAddress   string `json:"streetAddress,omitempty" example:"Piazza del Comune 2"`
	PostalCode      string `json:"postalCode,omitempty" example:"59100"`
	AddressLocality string `json:"addressLocality,omitempty" example:"Prato"`
	AddressRegion   string `json:"addressRegion,omitempty" example:"PO"`
	AddressCountry  string `json:"addressCountry,omitempty" example:"IT"`
}

// Geo is a point in WGS 84 (https://schema.org/GeoCoordinates).
type Geo struct {
	Type      string  `json:"@type" example:"GeoCoordinates"`
	Latitude  float64 `json:"latitude"`  // degrees
	Longitude float64 `json:"longitude"` // degrees
}

// Feature is something that a place has or has not (https://schema.org/LocationFeatureSpecification).
type Feature struct {
	Type  string `json:"@type" example:"LocationFeatureSpecification"`
	Name  string `json:"name"`
	Value bool   `json:"value"`
}

// Opening is a span of hours on some days (https://schema.org/OpeningHoursSpecification). It ends on the next day where
// it does not close after it opens; both at 00:00 mean closed.
type Opening struct {
	Type         string   `json:"@type" example:"OpeningHoursSpecification"`
	Name         string   `json:"name,omitempty"` // why the days are special
	DayOfWeek    []string `json:"dayOfWeek,omitempty" example:"https://schema.org/Monday"`
	Opens        string   `json:"opens" example:"09:00"`
	Closes       string   `json:"closes" example:"13:00"`
	ValidFrom    string   `json:"validFrom,omitempty" format:"date"`    // first day
	ValidThrough string   `json:"validThrough,omitempty" format:"date"` // last day
}
