package catalogue

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/markdown"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Words are what a view is written with: the language that the reader wants (or lang.Any for all of them), the address
// that URLs start with, where references lead, and what time it is.
type Words struct {
	Lang      lang.Tag
	PublicURL string
	Resolver  Resolver
	Now       time.Time
	Expand    []string // of Expandable: references to be shown as the entries themselves
	HTML      bool     // views have texts in CommonMark as HTML that is safe in any page
}

// Rendered is a view, since when it is as it is, and until when it may be shown.
type Rendered struct {
	Object     Object
	Modified   time.Time // when the latest of all that it shows became public, or true without any publication
	ValidUntil time.Time // the next instant at which something in it may change without any publication; zero: none
}

// View is what a reader gets of an entry: its document in one language, with terms and references resolved and what can
// be computed from it. `fallback` lists the places shown in Italian (or, where there is none, another language) instead,
// and `outdated` those of translations whose Italian was changed after they were written.
func (w Words) View(e *Entry) Rendered {
	v := w.viewer()
	return v.finish(v.view(e))
}

// ViewFields is View with the members of the given names only, and `fallback` and `outdated` for those.
func (w Words) ViewFields(e *Entry, names []string) Rendered {
	v := w.viewer()
	o := v.view(e).Pick(names)
	notShown := func(p Pointer) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return Pointer("").Field(name).holds(p) })
	}
	v.fallback, v.outdated = slices.DeleteFunc(v.fallback, notShown), slices.DeleteFunc(v.outdated, notShown)
	r := v.finish(o)
	r.Object = r.Object.Pick(append([]string{"fallback", "outdated"}, names...))
	return r
}

func (v *viewer) view(e *Entry) Object {
	v.newer(e.ReviewedAt)
	o := v.start(e)
	o = append(o, v.document(e, "", isNoSlug)...)
	o = append(o, v.computed(e, "")...)
	return append(o,
		Member{"revision", strconv.AppendInt(nil, int64(e.Revision), 10)},
		Member{"publishedAt", instant(e.PublishedAt)},
		Member{"updatedAt", instant(e.UpdatedAt)},
		Member{"reviewedAt", instant(e.ReviewedAt)})
}

// ItemFields are the fields of a document that lists show, where the kind has them.
var ItemFields = []string{"title", "summary", "type", "status", "categories", "topics", "notOffered"}

// Item is the summary of an entry that lists show.
func (w Words) Item(e *Entry) Rendered {
	v := w.viewer()
	o := v.start(e)
	o = append(o, v.document(e, "", func(name string) bool { return slices.Contains(ItemFields, name) })...)
	o = append(o, v.computed(e, "")...)
	o = append(o, Member{"updatedAt", instant(e.UpdatedAt)})
	return v.finish(o)
}

// ViewFields lists the members that views of a kind may have.
func ViewFields(kind Kind) []string {
	names := []string{"id", "kind", "key", "publisher", "slug", "url"}
	for _, f := range specOf(kind).shape.fields {
		if isNoSlug(f.name) && !f.shape.private {
			names = append(names, f.name)
		}
	}
	if kind == KindService {
		names = append(names, "online", "validity", "free")
	}
	if HasHours(kind) {
		names = append(names, openingFields...)
	}
	return append(names, "revision", "publishedAt", "updatedAt", "reviewedAt", "lang", "fallback", "outdated")
}

// viewer writes one view and remembers what had to be shown in another language than the wanted one.
type viewer struct {
	Look
	fallback []Pointer
	outdated []Pointer
	stale    Outdated // of the document that is being written
	doc      Document // that is being written
	depth    int
}

func (w Words) viewer() viewer { return viewer{Look: w.look()} }

// start writes what identifies an entry.
func (v *viewer) start(e *Entry) Object {
	v.newer(e.UpdatedAt)
	publisher := Ref{Kind: KindPublisher, Publisher: e.Ref.Publisher, Key: e.Ref.Publisher}
	return Object{
		{"id", quote(e.ID.String())},
		{"kind", quote(string(e.Ref.Kind))},
		{"key", quote(e.Ref.Key)},
		{"publisher", v.reference(publisher, v.expands("/publisher"), "/publisher")},
		{"slug", quote(e.Slug)},
		{"url", quote(v.url(e))},
	}
}

func (v *viewer) finish(o Object) Rendered {
	o = append(o, Member{"lang", quote(string(v.Lang))})
	for _, list := range []struct {
		name     string
		pointers []Pointer
	}{{"fallback", v.fallback}, {"outdated", v.outdated}} {
		if len(list.pointers) == 0 {
			continue
		}
		slices.Sort(list.pointers)
		pointers, err := json.Marshal(list.pointers)
		if err != nil {
			panic(err) // a list of strings
		}
		o = append(o, Member{list.name, pointers})
	}
	return Rendered{o, v.since, v.until}
}

// computed are the facts that documents imply: of a service, whether it is online and free; of others, whether they are
// open.
func (v *viewer) computed(e *Entry, at Pointer) Object {
	s, ok := e.Document.(*Service)
	if !ok {
		return v.openingOf(e, at)
	}
	o := Object{{"online", strconv.AppendBool(nil, s.online(v.finder()))}}
	if s.ValidFrom != "" || s.ValidTo != "" {
		o = append(o, Member{"validity", quote(string(v.during(s.ValidFrom, s.ValidTo)))})
	}
	return append(o, v.free(s.allCosts()...)...)
}

// free writes whether something costs nothing, where that is known.
func (v *viewer) free(costs ...[]Cost) Object {
	free := isFree(&v.moment, costs...)
	if free == nil {
		return nil
	}
	return Object{{"free", strconv.AppendBool(nil, *free)}}
}

// url is the address of an entry's view.
func (w Words) url(e *Entry) string {
	return w.PublicURL + "/v1/" + e.Ref.Kind.Plural() + "/" + e.Slug
}

// document writes the fields of a document whose names are wanted.
func (v *viewer) document(e *Entry, at Pointer, wanted func(name string) bool) Object {
	doc, stale := v.doc, v.stale
	v.doc, v.stale = e.Document, e.Outdated
	defer func() { v.doc, v.stale = doc, stale }()
	return v.members(reflect.ValueOf(e.Document).Elem(), specOf(e.Ref.Kind).shape, at, wanted)
}

// isNoSlug wants everything of a document but the slug, which start has written.
func isNoSlug(name string) bool { return name != "slug" }

// isEmbedded wants what people need of an entry that is shown inside another, and not where its text comes from.
func isEmbedded(name string) bool {
	return isNoSlug(name) && !slices.Contains([]string{"origins", "licence", "rightsNote", "keywords"}, name)
}

func (v *viewer) members(value reflect.Value, s *shape, at Pointer, wanted func(name string) bool) Object {
	var o Object
	for _, f := range s.fields {
		field := value.FieldByIndex(f.index)
		if f.shape.private || field.IsZero() || f.shape.form == formList && field.Len() == 0 || wanted != nil && !wanted(f.name) {
			continue
		}
		if raw := v.value(field, f.shape, at.Field(f.name)); raw != nil {
			o = append(o, Member{f.name, raw})
		}
	}
	return o
}

// value writes a value; it is nil for a list of which nothing is to be seen now.
func (v *viewer) value(value reflect.Value, s *shape, at Pointer) json.RawMessage {
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	switch s.form {
	case formText:
		if s.markdown && v.HTML {
			return v.textIn(markdown.HTML, value.Interface().(lang.Text), at)
		}
		return v.text(value.Interface().(lang.Text), at)
	case formTerm:
		return v.term(s.scheme, value.String(), at)
	case formReference:
		ref, _ := ParseRef(s.kind, value.String())
		return v.reference(ref, s.embed || v.expands(at), at)
	case formObject:
		return v.object(value, s, at).Append(nil)
	case formList:
		return v.list(value, s, at)
	default:
		return scalar(value)
	}
}

func (v *viewer) list(value reflect.Value, s *shape, at Pointer) json.RawMessage {
	if value.Type() == connectionsType {
		value, s = reflect.ValueOf(v.doc.(*Service).ways(v.finder())), waysShape
	}
	b := []byte{'['}
	shown := 0
	for i := range value.Len() {
		if n, ok := value.Index(i).Addr().Interface().(*Notice); ok && v.during(n.From, n.To) != Current {
			continue
		}
		if shown > 0 {
			b = append(b, ',')
		}
		b = append(b, v.value(value.Index(i), s.elem, at.Index(shown))...)
		shown++
	}
	if shown == 0 {
		return nil
	}
	return append(b, ']')
}

var (
	connectionsType = reflect.TypeFor[[]Connection]()
	waysShape       = shapeOf(reflect.TypeFor[[]Way](), "")
)

// object writes an object with what can be computed from it.
func (v *viewer) object(value reflect.Value, s *shape, at Pointer) Object {
	if w, ok := value.Addr().Interface().(*Way); ok && len(w.outdated) > 0 {
		own := v.stale
		v.stale = maps.Clone(w.outdated)
		maps.Copy(v.stale, own)
		defer func() { v.stale = own }()
	}
	o := v.members(value, s, at, nil)
	switch x := value.Addr().Interface().(type) {
	case *Cost:
		if x.Type == "" {
			o = append(o, Member{"type", v.term(costKinds, x.kind(), at.Field("type"))})
		}
		return v.validity(o, x.ValidFrom, x.ValidTo)
	case *Attachment:
		return v.validity(o, x.ValidFrom, x.ValidTo)
	case *Deadline:
		return v.deadline(o, x)
	case *Way:
		return v.way(o, x, at)
	}
	return o
}

var costKinds = vocabulary.MustGet("cost-kinds")

// validity adds where now lies from a span, if there is one.
func (v *viewer) validity(o Object, from, to string) Object {
	if from == "" && to == "" {
		return o
	}
	return append(o, Member{"validity", quote(string(v.during(from, to)))})
}

// deadline adds where now lies from a deadline, and which of a yearly one comes next or runs.
func (v *viewer) deadline(o Object, d *Deadline) Object {
	from, to, state, ok := d.window(&v.moment)
	if !ok {
		return o
	}
	if d.Yearly {
		if d.From != "" {
			o = append(o, Member{"nextFrom", quote(from.String())})
		}
		o = append(o, Member{"nextTo", quote(to.String())})
	}
	return append(o, Member{"validity", quote(string(state))})
}

// way adds what can be computed from a way to get a service.
func (v *viewer) way(o Object, w *Way, at Pointer) Object {
	o = append(o, Member{"digital", strconv.AppendBool(nil, w.digital())})
	o = append(o, v.free(w.Costs)...)
	f := v.finder()
	f.way(w)
	if w.Timetable != "" || len(f.found) == 1 {
		for _, timetable := range f.found {
			o = append(o, v.opening(timetable, at)...)
		}
	}
	return o
}

// expands reports whether a reference is to be shown as the entry itself.
func (v *viewer) expands(at Pointer) bool {
	return len(v.Expand) > 0 && slices.Contains(v.Expand, path(at))
}

// path is a place in a document without the positions in lists: participations.organisation.
func path(at Pointer) string {
	var names []string
	for part := range strings.SplitSeq(strings.TrimPrefix(string(at), "/"), "/") {
		if part[0] < '0' || part[0] > '9' {
			names = append(names, part)
		}
	}
	return strings.Join(names, ".")
}

// Expandable lists the references in views of a kind that can be shown as the entries themselves: names of members, with
// points between those of objects in objects. Some are shown so in any case.
func Expandable(kind Kind) []string {
	names := []string{"publisher"}
	var find func(s *shape, prefix string)
	find = func(s *shape, prefix string) {
		switch s.form {
		case formList:
			find(s.elem, prefix)
		case formReference:
			if !s.embed {
				names = append(names, prefix)
			}
		case formObject:
			for _, f := range s.fields {
				shape, name := f.shape, f.name
				if name == "connections" {
					shape = waysShape
				}
				if prefix != "" {
					name = prefix + "." + name
				}
				find(shape, name)
			}
		default:
		}
	}
	find(specOf(kind).shape, "")
	slices.Sort(names)
	return names
}

func scalar(value reflect.Value) json.RawMessage {
	switch value.Kind() {
	case reflect.String:
		return quote(value.String())
	case reflect.Bool:
		return strconv.AppendBool(nil, value.Bool())
	case reflect.Int:
		return strconv.AppendInt(nil, value.Int(), 10)
	default:
		return strconv.AppendFloat(nil, value.Float(), 'f', -1, 64)
	}
}

// text writes one string in the wanted language, or all of them.
func (v *viewer) text(t lang.Text, at Pointer) json.RawMessage { return v.textIn(asWritten, t, at) }

func asWritten(s string) string { return s }

// textIn is text, with what a function makes of each string.
func (v *viewer) textIn(made func(string) string, t lang.Text, at Pointer) json.RawMessage {
	if v.Lang != lang.Any {
		s, used := t.In(v.Lang)
		if used != v.Lang {
			v.fallback = append(v.fallback, at)
		} else if v.stale.has(t, used) {
			v.outdated = append(v.outdated, at)
		}
		return quote(made(s))
	}
	b := []byte{'{'}
	for i, tag := range slices.Sorted(maps.Keys(t)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, string(tag)), ':')
		b = AppendString(b, made(t[tag]))
		if v.stale.has(t, tag) {
			v.outdated = append(v.outdated, at.Field(string(tag)))
		}
	}
	return append(b, '}')
}

// term writes a term with its official address and its label.
func (v *viewer) term(scheme *vocabulary.Scheme, code string, at Pointer) json.RawMessage {
	o := Object{{"code", quote(code)}}
	if term, ok := scheme.Term(code); ok {
		if term.URI != "" {
			o = append(o, Member{"uri", quote(term.URI)})
		}
		o = append(o, Member{"label", v.text(term.Label, at.Field("label"))})
	}
	return o.Append(nil)
}

// maxEmbedding keeps entries that name each other from being shown inside each other without end: a service shows its
// office, and the office its places.
const maxEmbedding = 2

// reference writes what a reference leads to: its name and address, or the whole entry. What is not public keeps its
// label, with `"available": false`.
func (v *viewer) reference(ref Ref, embed bool, at Pointer) json.RawMessage {
	e := v.Resolver.Resolve(ref)
	if e == nil {
		return Object{{"kind", quote(string(ref.Kind))}, {"key", quote(ref.Key)}, {"available", []byte("false")}}.Append(nil)
	}
	v.newer(e.UpdatedAt)
	o := Object{
		{"id", quote(e.ID.String())},
		{"kind", quote(string(ref.Kind))},
		{"key", quote(ref.Key)},
		{"slug", quote(e.Slug)},
	}
	switch {
	case !e.Available():
		o = append(o, Member{"title", v.text(e.Label, at.Field("title"))}, Member{"available", []byte("false")})
	case embed && v.depth < maxEmbedding:
		v.depth++
		o = append(o, Member{"url", quote(v.url(e))})
		o = append(o, v.document(e, at, isEmbedded)...)
		o = append(o, v.computed(e, at)...)
		v.depth--
	default:
		o = append(o, Member{"title", v.text(e.Label, at.Field("title"))}, Member{"url", quote(v.url(e))})
		if ref.Kind == KindTimetable {
			o = append(o, v.opening(e, at)...)
		}
	}
	return o.Append(nil)
}
