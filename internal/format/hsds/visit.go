package hsds

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// Visit is a place where people go for a service, with the offices that serve it there.
type Visit struct {
	Service, Place *catalogue.Entry
	Offices        []*catalogue.Entry
}

// ID is the id of the visit as service_at_location.
func (v Visit) ID() uuid.UUID { return uuid.NewSHA1(v.Service.ID, v.Place.ID[:]) }

// Visits lists where people go for a service: where its offices are, and where the ways to get it lead.
func Visits(l *catalogue.Look, e *catalogue.Entry) []Visit {
	s := e.Document.(*catalogue.Service)
	var all []Visit
	add := func(reference string, office *catalogue.Entry) {
		place := l.Public(catalogue.KindPlace, reference)
		if place == nil {
			return
		}
		i := slices.IndexFunc(all, func(v Visit) bool { return v.Place.ID == place.ID })
		if i < 0 {
			i, all = len(all), append(all, Visit{Service: e, Place: place})
		}
		if office != nil && !slices.Contains(all[i].Offices, office) {
			all[i].Offices = append(all[i].Offices, office)
		}
	}
	offices := append([]string{s.ResponsibleOffice}, s.Offices...)
	ways := l.Ways(s)
	for _, way := range ways {
		offices = append(offices, way.Offices...)
	}
	for _, reference := range offices {
		if office := l.Public(catalogue.KindOffice, reference); office != nil {
			for _, place := range office.Document.(*catalogue.Office).Places {
				add(place, office)
			}
		}
	}
	for _, way := range ways {
		for _, place := range way.Places {
			add(place, nil)
		}
	}
	return all
}

// Visit tells a visit with its service: in lists what stands in each once, else with all that belongs to them.
func (w Writer) Visit(v Visit, full bool) *ServiceAtLocation {
	told := &ServiceAtLocation{ID: v.ID().String(), ServiceID: v.Service.ID.String(), LocationID: v.Place.ID.String(), Description: w.officeNames(v)}
	if full {
		told = w.visit(v)
	} else {
		told.Location = w.location(v.Place, false)
	}
	told.Service = w.service(v.Service, full)
	if organization := OrganizationOf(w.Look, v.Service); organization != nil {
		told.Service.Organization = w.Organization(organization, full)
	}
	return told
}

// visits tells where people go for a service.
func (w Writer) visits(e *catalogue.Entry) []ServiceAtLocation {
	var all []ServiceAtLocation
	for _, v := range Visits(w.Look, e) {
		all = append(all, *w.visit(v))
	}
	return all
}

// visit tells a visit inside its service.
func (w Writer) visit(v Visit) *ServiceAtLocation {
	told := &ServiceAtLocation{
		ID: v.ID().String(), ServiceID: v.Service.ID.String(), LocationID: v.Place.ID.String(), Description: w.officeNames(v), Location: w.location(v.Place, true),
	}
	for _, office := range v.Offices {
		w.At(office)
		told.Contacts = append(told.Contacts, w.contacts(office)...)
		told.Phones = append(told.Phones, w.phones(office)...)
		if office.Document.(*catalogue.Office).Timetable != "" { // else it is open as its first place
			told.Schedules = append(told.Schedules, w.schedules(w.Timetables(office))...)
		}
	}
	return told
}

func (w Writer) officeNames(v Visit) string {
	var names []string
	for _, office := range v.Offices {
		names = append(names, w.say(office.Label))
	}
	return strings.Join(names, ", ")
}
