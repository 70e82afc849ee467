package api

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// The operations that every kind has are described once, with {kinds} in the path and these types for what differs.
// docs/gen.go writes them out for each kind: View becomes ServiceView, OfficeView and so on.

// Document stands for the document type of the kind.
type Document struct {
	Service    catalogue.Service
	Procedure  catalogue.Procedure
	Channel    catalogue.Channel
	Office     catalogue.Office
	Place      catalogue.Place
	Timetable  catalogue.Timetable
	HolidaySet catalogue.HolidaySet
	Publisher  catalogue.Publisher
	Way        catalogue.Way // a connection, as readers see it
}

// View stands for the view of the kind, which docs/gen.go derives from its document type.
type View struct{}

// Page stands for a page of the kind's items.
type Page struct{}

// IsFilter reports whether a parameter of lists is a filter that only some kinds may have.
func IsFilter(parameter string) bool {
	return slices.ContainsFunc(catalogue.Kinds, func(kind catalogue.Kind) bool { return Filters(kind, parameter) })
}

// Filters reports whether lists of a kind can be filtered by a parameter.
func Filters(kind catalogue.Kind, parameter string) bool {
	return slices.Contains(catalogue.Filters(kind), parameter) || catalogue.HasPoints(kind) && slices.Contains(nearParameters, parameter)
}
