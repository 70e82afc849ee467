package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	turtle "github.com/knakk/rdf"
	"github.com/piprate/json-gold/ld"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/comuneprato/service-catalogue/api/apitest"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/format/hsds/hsdstest"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// TestWhateverIsPublishedEveryFormatIsReadByOthers publishes an entry of every kind twice: with every optional field missing, and
// with every field filled, in all languages, with what breaks out of careless formats. Parsers that are not ours read every
// representation. With CATALOGUE_RDF_DOCUMENTS the linked data is kept for validators that are not written in Go.
func TestWhateverIsPublishedEveryFormatIsReadByOthers(t *testing.T) {
	t.Parallel()
	s := once(t)
	refs := []catalogue.Ref{
		cataloguetest.MissingRef, cataloguetest.WithdrawnRef, cataloguetest.ParentRef, cataloguetest.PublisherRef, cataloguetest.HolidaySetRef, cataloguetest.TimetableRef,
		cataloguetest.PlaceRef, cataloguetest.OfficeRef, cataloguetest.ChannelRef, cataloguetest.ProcedureRef, cataloguetest.ServiceRef,
	}
	for _, ref := range refs {
		put(t, s, ref, bare(ref.Kind))
	}
	ids := map[catalogue.Kind]string{}
	for _, ref := range refs {
		ids[ref.Kind] = s.Do(apitest.Request{Path: own(ref.Publisher, ref.Kind, ref.Key), Token: s.Prato}).Want(http.StatusOK).Object()["id"].(string)
	}
	t.Run("nothing filled", func(t *testing.T) { everyFormat(t, s, "bare", ids) })
	for _, ref := range refs[3:] {
		doc := cataloguetest.Sample(ref.Kind)
		if service, ok := doc.(*catalogue.Service); ok {
			service.Status, service.NotOffered = catalogue.StatusActive, nil // which no service is that is not offered
		}
		fill(reflect.ValueOf(doc).Elem())
		put(t, s, ref, doc)
	}
	t.Run("everything filled", func(t *testing.T) { everyFormat(t, s, "full", ids) })
}

// put publishes a document of the municipality.
func put(t *testing.T, s *apitest.Server, ref catalogue.Ref, doc any) {
	t.Helper()
	a := s.Put(s.Prato, own(ref.Publisher, ref.Kind, ref.Key)+"?publish=true&note=Prova", doc)
	if a.Status != http.StatusCreated && a.Status != http.StatusOK {
		t.Fatalf("publishing %s: got status %d: %s", ref, a.Status, a.Body)
	}
}

// bare is the smallest document of a kind that may be public, of a service with the smallest way to get it.
func bare(kind catalogue.Kind) object {
	doc := object{"title": text("Voce " + string(kind))}
	switch kind {
	case catalogue.KindService:
		return object{"title": text("Voce service"), "summary": text("In breve"), "categories": []string{"6"}, "status": "active", "connections": []object{{"inline": object{"type": "05"}}}}
	case catalogue.KindPublisher:
		doc["type"] = "municipality"
	case catalogue.KindChannel:
		doc["type"] = "02"
	case catalogue.KindTimetable:
		doc["alwaysOpen"] = true
	case catalogue.KindProcedure:
		doc["summary"] = text("In breve")
	case catalogue.KindHolidaySet:
		doc["days"] = []object{{"day": "09-08", "name": text("Natività")}}
	default:
	}
	return doc
}

// hostile breaks out of careless JSON, Turtle, HTML, CSV and iCalendar.
const hostile = "\n\r\n\"'\\ ]]></script><!--\u202e\u200f\u2028 \"\"\" ;,: =1+1 &amp; {x} 🏛"

// oddLink is as odd as a link may be.
const oddLink = "HTTPS://città.example.org:8443/è/%20(a)'b'/;c,d?e=[f]&g=$h!*@i#j"

// fill writes every text in all languages, with what is hostile where there is room, and makes every link odd.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field, rules := v.Field(i), strings.Split(v.Type().Field(i).Tag.Get("validate"), ",")
			texts, ok := field.Interface().([]lang.Text)
			if one, alone := field.Interface().(lang.Text); alone {
				texts, ok = []lang.Text{one}, true
			}
			switch {
			case ok:
				for _, text := range texts {
					everyLanguage(text, rules)
				}
			case slices.Contains(rules, "link") && field.Kind() == reflect.String && field.String() != "":
				field.SetString(oddLink)
			default:
				fill(field)
			}
		}
	default:
	}
}

func everyLanguage(text lang.Text, rules []string) {
	if len(text) == 0 {
		return
	}
	most := 0
	for _, rule := range rules {
		if said, ok := strings.CutPrefix(rule, "text="); ok {
			most, _ = strconv.Atoi(said)
		}
	}
	for _, tag := range lang.Tags {
		said := text[lang.Italian] + " (" + string(tag) + ")"
		if utf8.RuneCountInString(said+hostile) <= most {
			said += hostile
		}
		if tag != lang.Italian {
			text[tag] = said
		}
	}
	if utf8.RuneCountInString(text[lang.Italian]+hostile) <= most {
		text[lang.Italian] += hostile
	}
}

// everyFormat reads every representation of an entry of every kind, and every export.
func everyFormat(t *testing.T, s *apitest.Server, state string, ids map[catalogue.Kind]string) {
	for _, kind := range catalogue.Kinds {
		path := "/v1/" + kind.Plural() + "/" + ids[kind]
		bodies := map[string][]byte{}
		for _, f := range format.Of(kind) {
			bodies[f.Name] = s.Get(path + "?format=" + f.Name).Want(http.StatusOK).Body
		}
		for _, query := range []string{"?lang=*", "?lang=ar&text=html"} {
			readJSON(t, path+query, s.Get(path+query).Want(http.StatusOK).Body)
		}
		if slices.Contains(format.Names(kind), "turtle") {
			sameGraph(t, s, path, bodies["turtle"], bodies["jsonld"])
			keep(t, "api-"+state+"-"+string(kind), bodies["turtle"], bodies["jsonld"])
		}
		if body := bodies["schemaorg"]; body != nil {
			pastable(t, path, body)
		}
		if body := bodies["ics"]; body != nil {
			readCalendar(t, path, body)
		}
		if body := bodies["card"]; body != nil {
			readCard(t, path, body)
		}
		for _, name := range []string{"json", "ndjson"} {
			for line := range bytes.Lines(s.Get("/v1/exports/" + kind.Plural() + "?format=" + name).Want(http.StatusOK).Body) {
				readJSON(t, "the export "+name+" of "+kind.Plural(), line)
			}
		}
		readTable(t, s.Get("/v1/exports/"+kind.Plural()+"?format=csv").Want(http.StatusOK).Body)
	}
	const whole = "/v1/exports/catalogue?format="
	sameGraph(t, s, whole, s.Get(whole+"turtle").Want(http.StatusOK).Body, s.Get(whole+"jsonld").Want(http.StatusOK).Body)
	keep(t, "api-"+state+"-catalogue", s.Get(whole+"turtle").Body, s.Get(whole+"jsonld").Body)
	readTable(t, s.Get("/v1/exports/procedure-types?format=csv").Want(http.StatusOK).Body)
	readJSON(t, "the table of procedures", s.Get("/v1/exports/procedure-types?format=json").Want(http.StatusOK).Body)
	readHTML(t, "the table of procedures", string(s.Get("/v1/exports/procedure-types?format=html").Want(http.StatusOK).Body))
	readCalendar(t, "the deadlines", s.Get("/v1/exports/deadlines?lang=en").Want(http.StatusOK).Body)
	for path, schemas := range hsdsLists {
		if strings.HasPrefix(path, "/taxonom") { // which no document changes
			continue
		}
		page := pageOf(s, path+"?lang=zh")
		for i, id := range idsOf(t, page) {
			for schema, object := range map[string][]byte{schemas.list: page.Contents[i], schemas.detail: s.Get("/hsds" + path + "/" + id).Want(http.StatusOK).Body} {
				if err := hsdstest.Validate(schema, object); err != nil {
					t.Errorf("/hsds%s/%s: %v\n%s", path, id, err, object)
				}
			}
		}
		if page.TotalItems == 0 && state == "full" {
			t.Errorf("/hsds%s is empty", path)
		}
	}
}

func readJSON(t *testing.T, what string, body []byte) {
	t.Helper()
	if !json.Valid(body) || !utf8.Valid(body) {
		t.Errorf("%s is no JSON: %s", what, body)
	}
}

// readTable wants as many cells in every row, and none that a spreadsheet program takes for a formula.
func readTable(t *testing.T, body []byte) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || len(records) < 2 {
		t.Fatalf("%d records, %v: %s", len(records), err, body)
	}
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
}

func readCalendar(t *testing.T, what string, body []byte) {
	t.Helper()
	if _, err := ics.ParseCalendar(bytes.NewReader(body)); err != nil {
		t.Errorf("the calendar of %s: %v: %s", what, err, body)
	}
	for line := range bytes.Lines(body) {
		if !bytes.HasSuffix(line, []byte("\r\n")) || bytes.Count(line, []byte("\r")) > 1 || len(line) > 77 { // RFC 5545, section 3.1
			t.Errorf("the calendar of %s has the line %q", what, line)
		}
	}
}

// readHTML fails where a fragment has what runs.
func readHTML(t *testing.T, what, fragment string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(fragment), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, root := range nodes {
		for n := range root.Descendants() {
			if n.Type == html.CommentNode || n.DataAtom == atom.Script || n.DataAtom == atom.Style {
				t.Errorf("%s has a %s in %s", what, n.Data, fragment)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.Contains(a.Val, ":") {
					t.Errorf("%s has %s=%q in %s", what, a.Key, a.Val, fragment)
				}
			}
		}
	}
}

func readCard(t *testing.T, what string, body []byte) {
	t.Helper()
	var card struct {
		Parts, Further []struct{ Elements []struct{ HTML string } }
		Notices        []string
	}
	if err := json.Unmarshal(body, &card); err != nil {
		t.Fatal(err)
	}
	for _, part := range slices.Concat(card.Parts, card.Further) {
		for _, element := range part.Elements {
			readHTML(t, what, element.HTML)
		}
	}
	for _, notice := range card.Notices {
		readHTML(t, what, notice)
	}
}

// pastable wants a body that a page has as its script, letter by letter.
func pastable(t *testing.T, what string, body []byte) {
	t.Helper()
	readJSON(t, what, body)
	page, err := html.Parse(strings.NewReader(`<script type="application/ld+json">` + string(body) + `</script><p id="end">`))
	if err != nil {
		t.Fatal(err)
	}
	for n := range page.Descendants() {
		if n.DataAtom == atom.Script && n.FirstChild.Data != string(body) {
			t.Errorf("%s: a page takes %q for the script, want %q", what, n.FirstChild.Data, body)
		}
	}
}

// sameGraph wants Turtle and JSON-LD to say the same to parsers that are not ours.
func sameGraph(t *testing.T, s *apitest.Server, what string, inTurtle, inJSONLD []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(inJSONLD, &value); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader, options.Format, options.SafeMode = served{s}, "application/n-quads", true
	quads, err := ld.NewJsonLdProcessor().ToRDF(value, options)
	if err != nil {
		t.Fatalf("%s: %v in\n%s", what, err, inJSONLD)
	}
	a, b := statements(t, what, inTurtle, turtle.Turtle), statements(t, what, []byte(quads.(string)), turtle.NTriples)
	if !slices.Equal(a, b) || len(a) == 0 {
		t.Errorf("%s says %d things in Turtle, %d in JSON-LD, want the same", what, len(a), len(b))
	}
}

func statements(t *testing.T, what string, document []byte, syntax turtle.Format) []string {
	t.Helper()
	all, err := turtle.NewTripleDecoder(bytes.NewReader(document), syntax).DecodeAll()
	if err != nil {
		t.Fatalf("%s: %v in\n%s", what, err, document)
	}
	lines := make([]string, len(all))
	for i, triple := range all {
		lines[i] = triple.Serialize(turtle.NTriples) //nolint:misspell // a name of the parser
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// served loads JSON-LD contexts as the server gives them.
type served struct{ s *apitest.Server }

func (l served) LoadDocument(address string) (*ld.RemoteDocument, error) {
	path, ours := strings.CutPrefix(address, l.s.URL)
	if !ours {
		return nil, fmt.Errorf("the context is %s", address)
	}
	document, err := ld.DocumentFromReader(bytes.NewReader(l.s.Get(path).Want(http.StatusOK).Body))
	return &ld.RemoteDocument{DocumentURL: address, Document: document}, err
}

// keep writes linked data for validators that are not written in Go (.ci/conformance/rdf).
func keep(t *testing.T, name string, inTurtle, inJSONLD []byte) {
	t.Helper()
	folder := os.Getenv("CATALOGUE_RDF_DOCUMENTS")
	if folder == "" {
		return
	}
	for suffix, body := range map[string][]byte{".ttl": inTurtle, ".jsonld": inJSONLD} {
		if err := os.WriteFile(filepath.Join(folder, name+suffix), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
