package catalogue

import (
	"slices"
	"strings"
	"time"
)

// Filter is something that lists can be narrowed by.
type Filter struct {
	Name   string
	Scheme string // of the terms that are its values, "" for none
	Kind   Kind   // of the entries that are its values, "" for none
	Flag   bool   // its values are true and false
}

// The names of filters that the program itself speaks of.
const (
	FilterPublisher = "publisher"
	FilterDistrict  = "district"
	FilterFree      = "free"
	FilterOnline    = "online"
	FilterOffered   = "offered"
	FilterOpenNow   = "openNow"
)

var filters = []Filter{
	{Name: FilterPublisher, Kind: KindPublisher},
	{Name: "category", Scheme: "service-categories"},
	{Name: "topic", Scheme: "topics"},
	{Name: "sector", Scheme: "sectors"},
	{Name: "lifeEvent", Scheme: "life-events"},
	{Name: "businessEvent", Scheme: "business-events"},
	{Name: "audience", Scheme: "audiences"},
	{Name: "flow", Scheme: "service-flows"},
	{Name: "interactivity", Scheme: "interactivity-levels"},
	{Name: "status", Scheme: "service-status"},
	{Name: "organisation", Kind: KindPublisher},
	{Name: "office", Kind: KindOffice},
	{Name: "place", Kind: KindPlace},
	{Name: "channel", Kind: KindChannel},
	{Name: "procedure", Kind: KindProcedure},
	{Name: "timetable", Kind: KindTimetable},
	{Name: "channelType", Scheme: "channels"},
	{Name: "identity", Scheme: "authentication-types"},
	{Name: "platform", Scheme: "platforms"},
	{Name: "deliveryLanguage", Scheme: "languages"},
	{Name: "helpType", Scheme: "help-types"},
	{Name: "accessibility", Scheme: "accessibility-features"},
	{Name: FilterDistrict},
	{Name: FilterFree, Flag: true},
	{Name: FilterOnline, Flag: true},
	{Name: FilterOffered, Flag: true},
	{Name: FilterOpenNow, Flag: true},
}

// FilterNamed returns the filter of a name; ok is false if there is none.
func FilterNamed(name string) (f Filter, ok bool) {
	i := slices.IndexFunc(filters, func(f Filter) bool { return f.Name == name })
	if i < 0 {
		return Filter{}, false
	}
	return filters[i], true
}

// kindFilters are the filters that make sense for a kind, but for the publisher, which does for all.
var kindFilters = map[Kind][]string{
	KindService: {
		"category", "topic", "sector", "lifeEvent", "businessEvent", "audience", "flow", "interactivity", "status",
		"organisation", "office", "place", "channel", "procedure", "timetable", "channelType", "identity", "platform",
		"deliveryLanguage", FilterDistrict, FilterFree, FilterOnline, FilterOffered, FilterOpenNow,
	},
	KindOffice:    {"status", "organisation", "office", "place", "timetable", "deliveryLanguage", "helpType", FilterDistrict, FilterOpenNow},
	KindPlace:     {"timetable", "accessibility", FilterDistrict, FilterOpenNow},
	KindChannel:   {"organisation", "office", "place", "timetable", "channelType", "identity", "platform", "deliveryLanguage", FilterDistrict, FilterOpenNow},
	KindProcedure: {"status", "office", "channel"},
	KindPublisher: {"sector", "place"},
}

// Filters lists the names of the filters that make sense for a kind.
func Filters(kind Kind) []string { return append([]string{FilterPublisher}, kindFilters[kind]...) }

// HasPoints reports whether entries of a kind are somewhere, so that lists can be sorted by distance.
func HasPoints(kind Kind) bool {
	return slices.Contains([]Kind{KindService, KindOffice, KindPlace, KindChannel}, kind)
}

// Fact is a value by which lists find an entry.
type Fact struct{ Filter, Value string }

// Facts are what lists find an entry by.
type Facts struct {
	Values []Fact
	Points []Point // where it is, or where people go for it
	Timed  bool    // whether it is free depends on the clock, and is not among the values
}

// FactsOf extracts the facts of a public entry.
func FactsOf(e *Entry, r Resolver) Facts {
	f := factFinder{finder: finder{Resolver: r, saw: func(time.Time) {}}, entry: e, seen: map[Fact]bool{}}
	f.add(FilterPublisher, e.Ref.Publisher)
	e.Document.facts(&f)
	return f.Facts
}

// FreeAt says whether a service is free at an instant, since when and until when that holds; free is nil where that is
// not known.
func (s *Service) FreeAt(now time.Time) (free *bool, since, until time.Time) {
	m := moment{now: now}
	free = isFree(&m, s.allCosts()...)
	return free, m.since, m.until
}

// FilterValue is the value of a filter as facts have it, where readers may write it in several ways.
func FilterValue(filter, value string) string {
	if filter == FilterDistrict {
		return strings.ToLower(strings.TrimSpace(value))
	}
	return value
}

type factFinder struct {
	Facts
	finder
	entry *Entry
	seen  map[Fact]bool
}

func (f *factFinder) add(filter string, values ...string) {
	for _, value := range values {
		fact := Fact{filter, FilterValue(filter, value)}
		if value != "" && !f.seen[fact] {
			f.seen[fact] = true
			f.Values = append(f.Values, fact)
		}
	}
}

func (f *factFinder) flag(filter string, value bool) {
	if value {
		f.add(filter, "true")
	} else {
		f.add(filter, "false")
	}
}

func (s *Service) facts(f *factFinder) {
	f.add("category", s.Categories...)
	f.add("topic", s.Topics...)
	f.add("sector", s.Sectors...)
	f.add("lifeEvent", s.LifeEvents...)
	f.add("businessEvent", s.BusinessEvents...)
	f.add("audience", s.Audiences...)
	f.add("flow", s.Flow)
	f.add("interactivity", s.Interactivity)
	f.add("status", s.Status)
	f.add("deliveryLanguage", s.DeliveryLanguages...)
	f.add("procedure", s.Procedures...)
	f.office(append([]string{s.ResponsibleOffice}, s.Offices...)...)
	for _, p := range s.Participations {
		f.add("organisation", p.Organisation)
		f.office(p.Office)
	}
	for _, c := range s.Concessions {
		f.add("organisation", c.Authority, c.Operator)
	}
	online := false
	for _, w := range s.ways(f.finder) {
		f.add("channel", w.Channel)
		f.access(&w.Access)
		f.office(w.AssistedBy...)
		online = online || w.branch() == branchApplication
	}
	f.flag(FilterOnline, online)
	f.flag(FilterOffered, s.NotOffered == nil)
	for _, t := range Timetables(f.entry, f.Resolver) {
		f.add("timetable", t.Ref.String())
	}
	m := moment{}
	free := isFree(&m, s.allCosts()...)
	if f.Timed = !m.since.IsZero() || !m.until.IsZero(); !f.Timed && free != nil {
		f.flag(FilterFree, *free)
	}
}

// access adds what a way to get something says of itself.
func (f *factFinder) access(a *Access) {
	f.add("channelType", a.Type)
	f.add("organisation", a.Owner)
	f.add("identity", a.Identities...)
	f.add("platform", a.uses()...)
	f.add("deliveryLanguage", a.DeliveryLanguages...)
	f.office(a.Offices...)
	f.place(a.Places...)
}

// office adds offices, and where they are.
func (f *factFinder) office(references ...string) {
	for _, reference := range references {
		f.add("office", reference)
		if e := f.resolve(KindOffice, reference); e != nil {
			f.place(e.Document.(*Office).Places...)
		}
	}
}

// place adds places, and where they are.
func (f *factFinder) place(references ...string) {
	for _, reference := range references {
		if f.seen[Fact{"place", reference}] {
			continue
		}
		f.add("place", reference)
		if e := f.resolve(KindPlace, reference); e != nil {
			f.position(e.Document.(*Place))
		}
	}
}

func (f *factFinder) position(p *Place) {
	f.add(FilterDistrict, p.District)
	if p.Point != nil && p.Point.Lat != nil && p.Point.Lon != nil {
		f.Points = append(f.Points, *p.Point)
	}
}

func (o *Office) facts(f *factFinder) {
	f.add("status", o.Status)
	f.add("organisation", o.Organisation)
	f.add("office", o.Parent)
	f.place(o.Places...)
	f.add("timetable", o.Timetable)
	f.add("deliveryLanguage", o.DeliveryLanguages...)
	f.add("helpType", o.HelpTypes...)
}

func (p *Place) facts(f *factFinder) {
	f.add("timetable", p.Timetable)
	f.position(p)
	for _, a := range p.Accessibility {
		if a.Available == "yes" {
			f.add("accessibility", a.Feature)
		}
	}
}

func (ch *Channel) facts(f *factFinder) {
	f.access(&ch.Access)
	f.add("timetable", ch.Timetable)
}

func (p *Procedure) facts(f *factFinder) {
	f.add("status", p.Status)
	f.add("office", append([]string{p.ResponsibleOffice, p.DecidingOffice}, p.InformationOffices...)...)
	for _, s := range p.Steps {
		f.add("office", s.Office)
		f.add("channel", s.Channel)
	}
}

func (p *Publisher) facts(f *factFinder) {
	f.add("sector", p.Sectors...)
	f.add("place", p.Places...)
}

func (*Timetable) facts(*factFinder) {}

func (*HolidaySet) facts(*factFinder) {}
