package snapshot_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/hours"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// What random documents are made of: few of each, so that they meet.
var (
	someTitles = []string{
		"Carta d'identità", "Carta d’identità", "carta d'identita", "Cárta", "È aperto", "Eventi", "Zona 2", "Zona 10", "Àgora", "Anagrafe",
	}
	someCategories = []string{"1", "2", "3"}
	someTopics     = []string{"acqua", "anagrafe"}
	someAudiences  = []string{"person", "citizen", "resident", "eu_citizen", "business"}
	someStatuses   = []string{"", "active", "inactive"}
	someKeys       = []string{"a", "b", "c"}
	somePlatforms  = []string{"spid", "pagopa"}
	someDays       = []string{"", "2026-02-01", "2026-06-01"} // before and after the days of the tests
	someSlugs      = []string{"uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"}
	publishers     = []string{comune, acqua}
)

// history makes random changes, as publishing could make them.
type history struct {
	t     *rapid.T
	feed  *feed
	ids   map[catalogue.Ref]catalogue.EntryID
	slugs map[slug]bool // that entries have or had
}

func newHistory(t *rapid.T) *history {
	return &history{t: t, feed: newFeed(), ids: map[catalogue.Ref]catalogue.EntryID{}, slugs: map[slug]bool{}}
}

// step makes some changes, which become public at once.
func (h *history) step() int64 {
	var position int64
	for range rapid.IntRange(1, 8).Draw(h.t, "changes") {
		position = h.feed.append(h.change())
	}
	return position
}

func (h *history) change() catalogue.Update {
	kind := rapid.SampledFrom(catalogue.Kinds).Draw(h.t, "kind")
	ref := h.ref(kind)
	number, known := h.ids[ref]
	if !known {
		number = id(len(h.ids) + 1)
		h.ids[ref] = number
	}
	latest := h.feed.latest[number]
	public := known && latest.Change.Change != catalogue.ChangeWithdrawn
	var u catalogue.Update
	if public && rapid.IntRange(0, 3).Draw(h.t, "withdraw") == 0 {
		var replacement catalogue.EntryID
		if rapid.Bool().Draw(h.t, "replaced") {
			replacement = h.ids[h.ref(kind)]
		}
		u = h.feed.withdraw(number, rapid.SampledFrom([]string{"chiuso", "unito a un altro"}).Draw(h.t, "reason"), replacement)
	} else {
		doc := h.document(kind)
		if !known || rapid.IntRange(0, 3).Draw(h.t, "rename") == 0 {
			doc.Common().Slug = rapid.SampledFrom(h.freeSlugs(kind, number)).Draw(h.t, "slug")
		} else {
			doc.Common().Slug = latest.Slug
		}
		u = published(number, ref.Publisher, ref.Key, doc)
		if public {
			u.Change.Change = catalogue.ChangeUpdated
		}
	}
	u.At = start.Add(time.Duration(len(h.feed.changes)/2) * time.Minute) // two at a time have the same instant
	h.slugs[slug{kind, u.Slug}] = true
	return u
}

// freeSlugs are those that no other entry has.
func (h *history) freeSlugs(kind catalogue.Kind, number catalogue.EntryID) []string {
	return slices.DeleteFunc(slices.Clone(someSlugs), func(name string) bool {
		for other, u := range h.feed.latest {
			if other != number && u.Kind == kind && u.Slug == name {
				return true
			}
		}
		return false
	})
}

// ref names an entry that may be there or not. A publisher has one profile, by its own key.
func (h *history) ref(kind catalogue.Kind) catalogue.Ref {
	publisher := rapid.SampledFrom(publishers).Draw(h.t, "publisher")
	if kind == catalogue.KindPublisher {
		return catalogue.Ref{Kind: kind, Publisher: publisher, Key: publisher}
	}
	return catalogue.Ref{Kind: kind, Publisher: publisher, Key: rapid.SampledFrom(someKeys).Draw(h.t, "key")}
}

func (h *history) refs(kind catalogue.Kind) []string {
	var refs []string
	for range rapid.IntRange(0, 2).Draw(h.t, "references") {
		refs = append(refs, h.ref(kind).String())
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

func (h *history) some(values []string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(values), 0, 2, rapid.ID[string]).Draw(h.t, "terms")
}

func (h *history) maybe(kind catalogue.Kind) string {
	if rapid.Bool().Draw(h.t, "named") {
		return h.ref(kind).String()
	}
	return ""
}

// someHours are contents of timetables: none, always, and the morning of the day on which the tests begin.
var someHours = []hours.Spec{
	{},
	{AlwaysOpen: true},
	{Periods: []hours.Period{{Slots: []hours.Slot{{Weekdays: []string{"sunday"}, Opens: "00:00", Closes: "12:00"}}}}},
}

func (h *history) document(kind catalogue.Kind) catalogue.Document {
	head := catalogue.Head{Title: lang.Of(rapid.SampledFrom(someTitles).Draw(h.t, "title"))}
	if rapid.Bool().Draw(h.t, "english") {
		head.Title[lang.English] = "Something"
	}
	switch kind {
	case catalogue.KindPublisher:
		return &catalogue.Publisher{Head: head, Places: h.refs(catalogue.KindPlace)}
	case catalogue.KindTimetable:
		return &catalogue.Timetable{
			Head: head, Spec: rapid.SampledFrom(someHours).Draw(h.t, "hours"), OwnHolidaySets: h.refs(catalogue.KindHolidaySet),
		}
	case catalogue.KindHolidaySet:
		return &catalogue.HolidaySet{Head: head, Days: []hours.Holiday{{Day: rapid.SampledFrom([]string{"03-01", "03-02"}).Draw(h.t, "day"), Name: lang.Of("Festa")}}}
	case catalogue.KindChannel:
		return &catalogue.Channel{Head: head, Access: h.access()}
	case catalogue.KindProcedure:
		return &catalogue.Procedure{Head: head, Status: rapid.SampledFrom(someStatuses).Draw(h.t, "status"), ResponsibleOffice: h.maybe(catalogue.KindOffice)}
	case catalogue.KindPlace:
		return &catalogue.Place{
			Head: head, District: rapid.SampledFrom(someKeys).Draw(h.t, "district"), Timetable: h.maybe(catalogue.KindTimetable),
		}
	case catalogue.KindOffice:
		return &catalogue.Office{
			Head: head, Status: rapid.SampledFrom(someStatuses).Draw(h.t, "status"), Parent: h.maybe(catalogue.KindOffice),
			Organisation: h.maybe(catalogue.KindPublisher), Places: h.refs(catalogue.KindPlace),
			Timetable: h.maybe(catalogue.KindTimetable),
		}
	default:
		s := &catalogue.Service{
			Head: head, Status: rapid.SampledFrom(someStatuses).Draw(h.t, "status"),
			Categories: h.some(someCategories), Topics: h.some(someTopics), Audiences: h.some(someAudiences),
			ResponsibleOffice: h.maybe(catalogue.KindOffice), Offices: h.refs(catalogue.KindOffice),
			RelatedServices: h.refs(catalogue.KindService),
		}
		if rapid.Bool().Draw(h.t, "channel") {
			s.Connections = append(s.Connections, catalogue.Connection{Inline: &catalogue.Inline{Access: h.access()}})
		}
		if rapid.Bool().Draw(h.t, "shared channel") {
			s.Connections = append(s.Connections, catalogue.Connection{
				Channel: h.ref(catalogue.KindChannel).String(), Timetable: h.maybe(catalogue.KindTimetable), Offices: h.refs(catalogue.KindOffice),
			})
		}
		s.Procedures = h.refs(catalogue.KindProcedure)
		if rapid.Bool().Draw(h.t, "cost") {
			s.Costs = []catalogue.Cost{{Free: rapid.Bool().Draw(h.t, "free"), ValidFrom: rapid.SampledFrom(someDays).Draw(h.t, "from")}}
		}
		if organisation := h.maybe(catalogue.KindPublisher); organisation != "" {
			s.Participations = []catalogue.Participation{{Organisation: organisation, Role: "provider"}}
		}
		return s
	}
}

// access is how a channel leads to something.
func (h *history) access() catalogue.Access {
	return catalogue.Access{
		Type:    rapid.SampledFrom([]string{"01.1.1", "02", "02.1"}).Draw(h.t, "type"),
		Offices: h.refs(catalogue.KindOffice), Places: h.refs(catalogue.KindPlace), Timetable: h.maybe(catalogue.KindTimetable),
		Platforms: []catalogue.PlatformUse{{Platform: rapid.SampledFrom(somePlatforms).Draw(h.t, "platform")}},
	}
}

// names are all ids and slugs that entries of a kind have or had, and some that none has.
func (h *history) names(kind catalogue.Kind) []string {
	names := []string{"nessuno", id(9999).String(), comune, acqua}
	for ref, number := range h.ids {
		if ref.Kind == kind {
			names = append(names, number.String())
		}
	}
	for s := range h.slugs {
		if s.kind == kind {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}

// query is a random query of a kind.
func (h *history) query(kind catalogue.Kind) snapshot.Query {
	q := snapshot.Query{
		Kind: kind, Sort: rapid.SampledFrom(snapshot.Sorts).Draw(h.t, "sort"), Descending: rapid.Bool().Draw(h.t, "descending"),
		Limit: rapid.IntRange(1, 5).Draw(h.t, "limit"), Lang: lang.Italian, Coding: snapshot.Identity, Filters: map[string][]string{},
	}
	values := map[string][]string{
		"publisher": publishers, "category": someCategories, "topic": someTopics, "audience": someAudiences, "status": {"active", "inactive"},
		"online": {"true", "false"}, "free": {"true", "false"}, "platform": somePlatforms, "district": {"A", "b"},
		"channelType": {"02", "01.1.1"},
		"office":      append(h.names(catalogue.KindOffice), comune+"/a", acqua+"/b"),
		"place":       append(h.names(catalogue.KindPlace), comune+"/a", acqua+"/b"),
		"channel":     append(h.names(catalogue.KindChannel), comune+"/a", acqua+"/b"),
		"procedure":   append(h.names(catalogue.KindProcedure), comune+"/a", acqua+"/b"),
	}
	maps.DeleteFunc(values, func(name string, _ []string) bool { return !slices.Contains(catalogue.Filters(kind), name) })
	for _, name := range h.some(sortedKeys(values)) {
		q.Filters[name] = rapid.SliceOfN(rapid.SampledFrom(values[name]), 0, 2).Draw(h.t, name)
	}
	if rapid.IntRange(0, 2).Draw(h.t, "since") == 0 {
		q.UpdatedSince = start.Add(time.Duration(rapid.IntRange(-1, 20).Draw(h.t, "minutes")) * time.Minute)
	}
	if rapid.IntRange(0, 3).Draw(h.t, "ids") == 0 {
		q.IDs = rapid.SliceOfN(rapid.SampledFrom(h.names(kind)), 1, 6).Draw(h.t, "names")
	}
	return q
}

// find is what Find must say of a name, worked out from the changes alone: the entry's id, or the error's text.
func (h *history) find(kind catalogue.Kind, name string) string {
	u, moved := h.named(kind, name)
	switch {
	case u == nil:
		return fmt.Sprintf("%s %q: not found", kind, name)
	case u.Change.Change == catalogue.ChangeWithdrawn:
		gone := "gone " + u.ID.String() + " " + u.Reason
		if by, ok := h.feed.latest[u.ReplacedBy]; ok && by.Change.Change != catalogue.ChangeWithdrawn {
			gone += " for " + by.Slug
		}
		return gone
	case moved:
		return "moved to " + u.Slug
	}
	return u.ID.String()
}

func (h *history) named(kind catalogue.Kind, name string) (found *catalogue.Update, moved bool) {
	for _, u := range h.feed.latest {
		if u.Kind == kind && (u.Slug == name || u.ID.String() == name) {
			return &u, false
		}
	}
	for i := len(h.feed.changes) - 1; i >= 0; i-- {
		if u := h.feed.changes[i]; u.Kind == kind && u.Slug == name {
			u = h.feed.latest[u.ID]
			return &u, true
		}
	}
	if number, ok := h.ids[catalogue.Ref{Kind: kind, Publisher: name, Key: name}]; ok && kind == catalogue.KindPublisher {
		u := h.feed.latest[number]
		return &u, true
	}
	return nil, false
}

// list is what a query must list, worked out from the changes alone.
func (h *history) list(q snapshot.Query) (ids, missing []string) {
	if len(q.IDs) > 0 {
		for _, name := range q.IDs {
			switch u, _ := h.named(q.Kind, name); {
			case u == nil || u.Change.Change == catalogue.ChangeWithdrawn:
				missing = append(missing, name)
			case h.passes(*u, q):
				ids = append(ids, u.ID.String())
			}
		}
		return ids, missing
	}
	var found []catalogue.Update
	for _, u := range h.feed.latest {
		if u.Kind == q.Kind && u.Change.Change != catalogue.ChangeWithdrawn && h.passes(u, q) {
			found = append(found, u)
		}
	}
	italian := collate.New(language.Italian, collate.Numeric)
	title := func(u catalogue.Update) string {
		return strings.ReplaceAll(catalogue.MustDecode(u.Kind, u.Document).Common().Title[lang.Italian], "’", "'")
	}
	slices.SortFunc(found, func(a, b catalogue.Update) int {
		if q.Descending {
			a, b = b, a
		}
		order := italian.CompareString(title(a), title(b))
		switch q.Sort {
		case snapshot.SortUpdatedAt:
			order = a.At.Compare(b.At)
		case snapshot.SortTitle:
		case snapshot.SortPublishedAt:
			order = a.FirstPublishedAt.Compare(b.FirstPublishedAt)
		default: // by distance is tested by itself
		}
		return cmp.Or(order, strings.Compare(a.ID.String(), b.ID.String()))
	})
	for _, u := range found {
		ids = append(ids, u.ID.String())
	}
	return ids, nil
}

func (h *history) passes(u catalogue.Update, q snapshot.Query) bool {
	if !q.UpdatedSince.IsZero() && u.At.Before(q.UpdatedSince) {
		return false
	}
	for name, values := range q.Filters {
		if !slices.ContainsFunc(values, func(value string) bool { return h.has(u, name, value) }) {
			return false
		}
	}
	return true
}

// public is the document of the public entry that a reference in a document names, nil if there is none.
func (h *history) public(kind catalogue.Kind, reference string) catalogue.Document {
	ref, ok := catalogue.ParseRef(kind, reference)
	number, known := h.ids[ref]
	if !ok || !known {
		return nil
	}
	if latest := h.feed.latest[number]; latest.Change.Change != catalogue.ChangeWithdrawn {
		return catalogue.MustDecode(kind, latest.Document)
	}
	return nil
}

// reached is what a document says of itself and of where it leads people.
type reached struct{ types, platforms, channels, offices, places, districts []string }

func (r *reached) at(h *history, offices, places []string) {
	r.offices = append(r.offices, offices...)
	for _, o := range offices {
		if office, ok := h.public(catalogue.KindOffice, o).(*catalogue.Office); ok {
			places = append(places, office.Places...)
		}
	}
	for _, p := range places {
		r.places = append(r.places, p)
		if place, ok := h.public(catalogue.KindPlace, p).(*catalogue.Place); ok {
			r.districts = append(r.districts, place.District)
		}
	}
}

func (r *reached) by(h *history, a catalogue.Access, offices []string) {
	r.types = append(r.types, a.Type)
	for _, p := range a.Platforms {
		r.platforms = append(r.platforms, p.Platform)
	}
	if len(offices) > 0 {
		r.at(h, offices, nil)
	} else {
		r.at(h, slices.Clone(a.Offices), slices.Clone(a.Places))
	}
}

func (h *history) reached(doc catalogue.Document) (r reached) {
	switch d := doc.(type) {
	case *catalogue.Service:
		r.at(h, append(slices.Clone(d.Offices), d.ResponsibleOffice), nil)
		for _, c := range d.Connections {
			if c.Inline != nil {
				r.by(h, c.Inline.Access, c.Offices)
				continue
			}
			r.channels = append(r.channels, c.Channel)
			if shared, ok := h.public(catalogue.KindChannel, c.Channel).(*catalogue.Channel); ok {
				r.by(h, shared.Access, c.Offices)
			} else {
				r.at(h, c.Offices, nil)
			}
		}
	case *catalogue.Channel:
		r.by(h, d.Access, nil)
	case *catalogue.Office:
		r.at(h, nil, slices.Clone(d.Places))
		r.offices = append(r.offices, d.Parent)
	case *catalogue.Place:
		r.districts = []string{d.District}
	case *catalogue.Procedure:
		r.offices = []string{d.ResponsibleOffice}
	case *catalogue.Publisher:
		r.places = d.Places
	}
	return r
}

func (h *history) has(u catalogue.Update, filter, value string) bool {
	doc := catalogue.MustDecode(u.Kind, u.Document)
	s, _ := doc.(*catalogue.Service)
	if s == nil {
		s = new(catalogue.Service)
	}
	r := h.reached(doc)
	within := func(scheme string, has []string) bool {
		return slices.ContainsFunc(vocabulary.MustGet(scheme).Within(value), func(code string) bool { return slices.Contains(has, code) })
	}
	names := func(kind catalogue.Kind, has []string) bool {
		if ref, _ := h.named(kind, value); ref != nil {
			return slices.Contains(has, ref.Publisher+"/"+ref.Key) || slices.Contains(has, value)
		}
		return slices.Contains(has, value)
	}
	switch filter {
	case "publisher":
		profile, _ := h.named(catalogue.KindPublisher, value)
		return u.Publisher == value || profile != nil && u.Publisher == profile.Key
	case "category":
		return within("service-categories", s.Categories)
	case "topic":
		return within("topics", s.Topics)
	case "audience":
		return within("audiences", s.Audiences)
	case "channelType":
		return within("channels", r.types)
	case "platform":
		return slices.Contains(r.platforms, value)
	case "district":
		return slices.ContainsFunc(r.districts, func(d string) bool { return strings.EqualFold(d, value) })
	case "status":
		var status string
		switch d := doc.(type) {
		case *catalogue.Office:
			status = d.Status
		case *catalogue.Procedure:
			status = d.Status
		}
		return s.Status == value || status == value
	case "online":
		online := slices.ContainsFunc(r.types, func(t string) bool { return strings.HasPrefix(t, "02") })
		return u.Kind == catalogue.KindService && fmt.Sprint(online) == value
	case "free":
		return len(s.Costs) > 0 && s.Costs[0].ValidFrom != someDays[2] && fmt.Sprint(s.Costs[0].Free) == value
	case "office":
		return names(catalogue.KindOffice, r.offices)
	case "place":
		return names(catalogue.KindPlace, r.places)
	case "channel":
		return names(catalogue.KindChannel, r.channels)
	case "procedure":
		return names(catalogue.KindProcedure, s.Procedures)
	}
	return false
}

// outcome is what Find says, in the words of history.find.
func outcome(s *snapshot.Snapshot, kind catalogue.Kind, name string) string {
	e, err := s.Find(kind, name)
	var moved *catalogue.MovedError
	var gone *snapshot.GoneError
	switch {
	case errors.As(err, &moved):
		return "moved to " + moved.Slug
	case errors.As(err, &gone):
		text := "gone " + gone.ID.String() + " " + gone.Reason
		if gone.Replacement != nil {
			text += " for " + gone.Replacement.Slug
		}
		return text
	case err != nil:
		return err.Error()
	}
	return e.ID.String()
}

// body is the body of a page of a list.
type body struct {
	Items []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"items"`
	Total      int      `json:"total"`
	NextCursor string   `json:"nextCursor"`
	Missing    []string `json:"missing"`
}

func (b body) ids() (ids []string) {
	for _, item := range b.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

func (b body) titles() (titles []string) {
	for _, item := range b.Items {
		titles = append(titles, item.Title)
	}
	return titles
}

// list reads one page.
func list(t rapid.TB, r *snapshot.Reader, s *snapshot.Snapshot, q snapshot.Query) body {
	t.Helper()
	page, err := r.List(s, q)
	if err != nil {
		t.Fatalf("List(%+v): %v", q, err)
	}
	var b body
	if err := json.Unmarshal(page.Body, &b); err != nil {
		t.Fatalf("the page is no JSON: %v\n%s", err, page.Body)
	}
	if b.NextCursor != page.Next {
		t.Errorf("nextCursor is %q in the body, %q beside it", b.NextCursor, page.Next)
	}
	return b
}

// walk reads all pages, and checks what holds of each.
func walk(t rapid.TB, r *snapshot.Reader, s *snapshot.Snapshot, q snapshot.Query) (ids, missing []string) {
	t.Helper()
	for {
		page := list(t, r, s, q)
		ids, missing = append(ids, page.ids()...), append(missing, page.Missing...)
		last := page.NextCursor == ""
		if len(q.IDs) == 0 && (len(page.Items) > q.Limit || !last && len(page.Items) < q.Limit) {
			t.Errorf("a page of %+v has %d items, want %d", q, len(page.Items), q.Limit)
		}
		if last {
			if page.Total != len(ids) {
				t.Errorf("total of %+v: got %d, want %d", q, page.Total, len(ids))
			}
			return ids, missing
		}
		q.Cursor = page.NextCursor
	}
}

// picture is everything that readers can see of what a history makes: every view, every list, every error.
func picture(r *snapshot.Reader, s *snapshot.Snapshot) map[string]string {
	names := slices.Concat(publishers, someSlugs)
	for n := range 20 {
		names = append(names, id(n+1).String())
	}
	p := map[string]string{}
	note := func(a snapshot.Answer, err error, format string, args ...any) {
		text := fmt.Sprintf("%s %s %s", a.ETag, a.Modified.Format(time.RFC3339Nano), a.Body)
		if err != nil {
			text = err.Error()
		}
		p[fmt.Sprintf(format, args...)] = text
	}
	for _, kind := range catalogue.Kinds {
		for _, name := range names {
			p[fmt.Sprintf("find %s %s", kind, name)] = outcome(s, kind, name)
			a, err := r.View(s, kind, name, lang.English, snapshot.Identity, snapshot.Shown{})
			note(a, err, "view %s %s", kind, name)
		}
		for _, sort := range snapshot.Sorts {
			q := snapshot.Query{Kind: kind, Sort: sort, Limit: 4, Lang: lang.Any, Coding: snapshot.Identity}
			for number := 1; ; number++ {
				page, err := r.List(s, q)
				note(page.Answer, err, "list %s %s %d", kind, sort, number)
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
		}
		for _, filter := range []map[string][]string{
			{"publisher": {comune}},
			{"status": {"active"}},
			{"category": {"1"}},
			{"audience": {"person"}},
			{"office": {comune + "/a"}},
			{"online": {"true"}},
			{"free": {"true"}},
		} {
			page, err := r.List(s, snapshot.Query{
				Kind: kind, Sort: snapshot.SortTitle, Limit: 200, Lang: lang.Italian, Coding: snapshot.Identity, Filters: filter,
			})
			note(page.Answer, err, "list %s %v", kind, filter)
		}
		for _, text := range []string{"carta", "something", "anagrfe", "zona 2"} {
			page, err := r.List(s, snapshot.Query{
				Kind: kind, Sort: snapshot.SortTitle, Limit: 200, Lang: lang.Italian, Coding: snapshot.Identity, Text: text,
				Facets: catalogue.Filters(kind),
			})
			note(page.Answer, err, "search %s %s", kind, text)
		}
		p["count "+string(kind)] = fmt.Sprint(s.Count(kind))
	}
	p["position"] = fmt.Sprint(s.Position())
	return p
}
