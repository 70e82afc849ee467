package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// dir is the folder of package demo.
const dir = ".."

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inputs are the files that convert reads, by name.
func inputs(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range append([]string{sourceFile}, madeByHand...) {
		files[name] = read(t, name)
	}
	return files
}

func TestConvertWritesTheCommittedFiles(t *testing.T) {
	if os.Getenv("CATALOGUE_UPDATE_GOLDEN") != "" {
		if err := run(dir); err != nil {
			t.Fatal(err)
		}
	}
	rows, report, err := convert(inputs(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{rowsFile: rows, reportFile: report} {
		if want := read(t, name); !bytes.Equal(want, got) {
			t.Errorf("%s is out of date: run go generate ./internal/demo and read the diff (-want +got):\n%s",
				name, gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
		}
	}
}

func TestEveryFieldIsInTheReport(t *testing.T) {
	counts, err := fieldPaths(read(t, sourceFile))
	if err != nil {
		t.Fatal(err)
	}
	report := string(read(t, reportFile))
	for path, n := range counts {
		if line := fmt.Sprintf("\n| `%s` | %d |", path, n); strings.Count(report, line) != 1 {
			t.Errorf("the report has %d lines %q, want one", strings.Count(report, line), line)
		}
	}
	for _, f := range translatedFields {
		if line := fmt.Sprintf("\n| `%s` | translated (ours) | %s |", f.from, f.to); strings.Count(report, line) != 1 {
			t.Errorf("the report has %d lines %q, want one", strings.Count(report, line), line)
		}
	}
	for _, m := range mappings {
		switch m.how {
		case mapped, restructured, classified:
			if m.to == "" {
				t.Errorf("%s is %s, but the report does not say where", m.from, m.how)
			}
		case dropped:
			if m.remark == "" {
				t.Errorf("%s is dropped, but the report does not say why", m.from)
			}
		default:
			t.Errorf("%s is treated in an unknown way, %q", m.from, m.how)
		}
	}
}

// records are the source's records as they stand, by id.
func records(t *testing.T) map[string]map[string]any {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(read(t, sourceFile), &file); err != nil {
		t.Fatal(err)
	}
	byID := map[string]map[string]any{}
	for _, array := range []string{"services", "organizations", "offices", "places"} {
		for _, r := range file[array].([]any) {
			record := r.(map[string]any)
			byID[record["source_id"].(string)] = record
		}
	}
	return byID
}

// entry is a committed row with what it was made of.
type entry struct {
	row
	values  map[string]any     // the document
	records []map[string]any   // the records that it was made of
	doc     catalogue.Document // the document, typed
	beside  []map[string]any   // of an office: the documents of its places; of a service: of its shared channels
}

func entries(t *testing.T) []*entry {
	t.Helper()
	byID := records(t)
	officeOf := map[string]string{} // by the key of the timetable
	var hours openings
	decodeFile(t, hoursFile, &hours)
	for id := range hours.Offices {
		officeOf[hours.key(id)] = id
	}
	var shared sharedChannels
	decodeFile(t, channelsFile, &shared)
	var all []*entry
	byRef := map[string]*entry{}
	for line := range bytes.Lines(read(t, rowsFile)) {
		e := &entry{}
		if err := json.Unmarshal(line, &e.row); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(e.Document, &e.values); err != nil {
			t.Fatal(err)
		}
		e.doc = catalogue.MustDecode(e.Kind, string(e.Document))
		id := strings.TrimSuffix(strings.TrimSuffix(e.Key, "-sede"), "-procedimento")
		if e.Kind == catalogue.KindTimetable {
			id = officeOf[e.Key]
		}
		if e.Kind != catalogue.KindChannel {
			e.records = append(e.records, byID[id])
		}
		for _, channel := range shared.Channels {
			for service := range channel.Uses {
				if channel.Key == e.Key {
					e.records = append(e.records, byID[service])
				}
			}
		}
		if same, ok := byID[id]["same_as"].([]any); ok {
			e.records = append(e.records, byID[same[0].(string)])
		}
		all = append(all, e)
		byRef[string(e.Kind)+" "+ref(e.Publisher, e.Key)] = e
	}
	for _, e := range all {
		switch doc := e.doc.(type) {
		case *catalogue.Office:
			for _, at := range doc.Places {
				p := byRef["place "+at]
				if p == nil {
					t.Fatalf("%s: no place %s", e.Key, at)
				}
				e.beside = append(e.beside, p.values)
				p.records = append(p.records, e.records...) // what a place is called may come from the office
			}
		case *catalogue.Service:
			for _, way := range doc.Connections {
				if way.Channel != "" {
					e.beside = append(e.beside, byRef["channel "+way.Channel].values)
				}
			}
		}
	}
	return all
}

// leaf is a value of a document or a record that is no list and no object.
type leaf struct {
	path  string // without positions: costs[].label.it
	value any
}

func leaves(v any, at string) []leaf {
	var all []leaf
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, leaves(v[name], strings.TrimPrefix(at+"."+name, "."))...)
		}
	case []any:
		for _, x := range v {
			all = append(all, leaves(x, at+"[]")...)
		}
	default:
		all = append(all, leaf{at, v})
	}
	return all
}

// words are all strings and numbers of values, in lower case, one a line.
func words(values ...map[string]any) string {
	var b strings.Builder
	for _, v := range values {
		for _, l := range leaves(v, "") {
			fmt.Fprintln(&b, l.value)
		}
	}
	return strings.ToLower(b.String())
}

// notKept are the fields of the source whose values are not in the document word by word; the report says why.
var notKept = []string{
	"source_id", "record_type", "title_origin", "category", "official_category", "language", "status",
	"provider_organization_id", "owner_organization_id", "text_origin", "costs[].amount", "costs[].currency", "channels[].type",
	"kind", "same_as[]", "organization_id", "address", "source.type", "source.site_kind",
}

func TestNoTextIsLost(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range entries(t) {
		switch e.Kind {
		case catalogue.KindHolidaySet, catalogue.KindTimetable, catalogue.KindChannel, catalogue.KindProcedure:
			continue // made of what another entry keeps
		default:
		}
		if strings.HasSuffix(e.Key, "-sede") {
			continue
		}
		kept := words(append([]map[string]any{e.values}, e.beside...)...)
		own := e.records
		if e.Kind == catalogue.KindPlace {
			own = own[:1]
		}
		for _, record := range own {
			seen[record["source_id"].(string)] = true
			for _, l := range leaves(record, "") {
				if slices.Contains(notKept, l.path) {
					continue
				}
				want := strings.ToLower(fmt.Sprint(l.value))
				if l.path == "deadlines[]" { // may be two
					want = withoutParts(want, e.doc.(*catalogue.Service).Deadlines)
				}
				if !strings.Contains(kept, want) {
					t.Errorf("%s: the document lacks %s %q", e.Key, l.path, l.value)
				}
			}
			checkRestructured(t, e, record, kept)
		}
	}
	for id := range records(t) {
		if !seen[id] {
			t.Errorf("no row was made of the record %s", id)
		}
	}
}

// withoutParts is what is left of a sentence, but for its punctuation, without the titles of deadlines that it is the sum
// of.
func withoutParts(sentence string, deadlines []catalogue.Deadline) string {
	for _, d := range deadlines {
		sentence = strings.Trim(strings.Replace(sentence, strings.ToLower(d.Title[lang.Italian]), "", 1), ";, ")
	}
	return sentence
}

// checkRestructured checks the fields that are kept in another shape.
func checkRestructured(t *testing.T, e *entry, record map[string]any, kept string) {
	t.Helper()
	if address, ok := record["address"].(string); ok {
		for part := range strings.FieldsFuncSeq(strings.ToLower(address), func(r rune) bool { return strings.ContainsRune(" ,()-", r) }) {
			if !strings.Contains(kept, part) {
				t.Errorf("%s: the address lacks %q of %q", e.Key, part, address)
			}
		}
	}
	if status, ok := record["status"].(string); ok {
		want := map[string]string{"published": "active", "historical": "inactive"}[status]
		if got := e.values["status"]; got != want {
			t.Errorf("%s: status %v, want %s", e.Key, got, want)
		}
	}
	s, ok := e.doc.(*catalogue.Service)
	if !ok {
		return
	}
	if e.Publisher != record["provider_organization_id"] {
		t.Errorf("%s: publisher %s, want %s", e.Key, e.Publisher, record["provider_organization_id"])
	}
	if got, want := s.Participations[0].Organisation, record["owner_organization_id"].(string); got != ref(want, want) {
		t.Errorf("%s: owner %s, want %s", e.Key, got, want)
	}
	if len(s.Connections) != len(record["channels"].([]any)) {
		t.Errorf("%s: %d connections, want %d", e.Key, len(s.Connections), len(record["channels"].([]any)))
	}
	for i, x := range record["costs"].([]any) {
		got := s.Costs[i]
		amount, known := x.(map[string]any)["amount"].(float64)
		want := strconv.FormatFloat(amount, 'f', 2, 64)
		if !known || amount == 0 {
			want = ""
		}
		if cmp.Or(got.AmountMax, got.Amount) != want || got.Free != (known && amount == 0) || (got.Currency != "") != (want != "") {
			t.Errorf("%s: cost %+v, want the amount %q", e.Key, got, want)
		}
	}
}

// terms are the fields of documents that hold terms, which the decoder has checked, references, which have a test in
// package demo, codes, hours, which have a test below, or what is true or false.
var terms = []string{
	"type", "purpose", "status", "categories[]", "topics[]", "sectors[]", "audiences[]", "lifeEvents[]", "businessEvents[]",
	"interactivity", "identities[]", "platform", "deliveryLanguages[]", "languages[]", "role", "provisionType", "days",
	"feature", "available", "free", "offices[]", "responsibleOffice", "organisation", "places[]", "parent",
	"relatedServices[]", "timetable", "weekdays[]", "opens", "closes", "flow", "channel", "procedures[]", "office",
	"expectedAnswer", "code", "evidence[]", "sort", "selfCertifiable", "yearly", "paymentMethods[]", "initiative", "actor",
	"tacitConsent", "declarationInLieu",
}

// ours are the texts in our own words, by the path in the document.
var ours = map[string]func(e *entry) bool{
	"title.it":        func(e *entry) bool { return strings.HasSuffix(e.Key, "-sede") || e.isDerived() },
	"title.en":        (*entry).isDerived,
	"title.zh":        (*entry).isDerived,
	"rightsNote.it":   func(*entry) bool { return true },
	"statusReason.it": func(e *entry) bool { return e.values["status"] == "inactive" },
	"howTo.it":        func(e *entry) bool { return e.Key == "centria-allacciamento" },

	"requirements[].question.it":               func(*entry) bool { return true },
	"connections[].requirements[].question.it": func(*entry) bool { return true },
}

// isDerived reports whether an entry is of no record of its own, so that its title is ours.
func (e *entry) isDerived() bool {
	return e.Kind == catalogue.KindHolidaySet || e.Kind == catalogue.KindTimetable || e.Kind == catalogue.KindChannel || e.Kind == catalogue.KindProcedure
}

// translated reports whether a text is one that translations.json gives in English or Chinese for this place of e.
func (t translations) translated(e *entry, l leaf) bool {
	service, office := t.Services[strings.TrimSuffix(e.Key, "-procedimento")], t.Offices[e.Key]
	var known []translation
	switch path, _, _ := strings.Cut(l.path, "."); {
	case e.Kind == catalogue.KindService && path == "title":
		known = []translation{service.Title}
	case e.Kind == catalogue.KindService && path == "alternativeTitles[]":
		known = service.AlternativeTitles
	case (e.Kind == catalogue.KindService || e.Kind == catalogue.KindProcedure) && path == "summary":
		known = []translation{service.Summary}
	case e.Kind == catalogue.KindOffice && path == "title":
		known = []translation{office.Title}
	case e.Kind == catalogue.KindPublisher && path == "title":
		known = []translation{t.Organisations[e.Key].Title}
	}
	return slices.ContainsFunc(known, func(own translation) bool {
		return strings.HasSuffix(l.path, ".en") && l.value == own.English || strings.HasSuffix(l.path, ".zh") && l.value == own.Chinese
	})
}

func TestNothingIsInvented(t *testing.T) {
	var own translations
	decodeFile(t, translationsFile, &own)
	for _, e := range entries(t) {
		if e.Kind == catalogue.KindHolidaySet {
			continue // made of no record, as the report says
		}
		known := words(e.records...)
		for _, l := range leaves(e.values, "") {
			if name := l.path[strings.LastIndexByte(l.path, '.')+1:]; slices.Contains(terms, name) {
				continue
			}
			if inOurWords := ours[l.path]; inOurWords != nil && inOurWords(e) {
				continue
			}
			if own.translated(e, l) {
				continue
			}
			for _, fact := range factsOf(l.path, fmt.Sprint(l.value)) {
				if !regexp.MustCompile(fact).MatchString(known) {
					t.Errorf("%s: %s %q is in no record that the entry was made of (looking for %q)", e.Key, l.path, l.value, fact)
				}
			}
		}
	}
}

var months = []string{
	"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
}

// inItalian has the unit of a duration and the numbers that the source writes out.
var (
	inItalian = map[byte]string{'D': "giorni", 'W': "settiman[ae]", 'M': "mes[ei]", 'Y': "ann[oi]"}
	writtenAs = map[string]string{"1": "(?:1|una?)", "5": "(?:5|cinque)", "6": "(?:6|sei)", "10": "(?:10|dieci)"}
)

// factsOf are the patterns of what the source must say for a document to have a value, undoing what the report calls
// restructured.
func factsOf(path, value string) []string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case slices.Contains([]string{"max", "typical", "offset", "validity", "duration"}, name):
		count, unit := strings.Trim(value, "PDWMY"), value[len(value)-1]
		pattern := cmp.Or(writtenAs[count], count) + " " + inItalian[unit]
		if unit == 'D' {
			pattern += "|entro " + count + ";"
		}
		return []string{`\b(?:` + pattern + ")"}
	case name == "minAge", name == "maxAge":
		return []string{`\b` + value + " anni"}
	case strings.HasPrefix(path, "deadlines[].") && (name == "from" || name == "to"),
		strings.HasPrefix(path, "otherTerms[].") && (name == "from" || name == "to"):
		year, rest, _ := strings.Cut(value, "-")
		month, day, _ := strings.Cut(rest, "-")
		m, _ := strconv.Atoi(month)
		return []string{`\b` + strings.TrimPrefix(day, "0") + " " + months[m-1], year}
	case name == "amount", name == "amountMax", name == "percentage":
		amount, _ := strconv.ParseFloat(value, 64)
		whole, decimals, _ := strings.Cut(strconv.FormatFloat(amount, 'f', -1, 64), ".")
		thousands := regexp.MustCompile(`([0-9])([0-9]{3})$`).ReplaceAllString(whole, `$1\.?$2`)
		if decimals != "" {
			decimals = "[.,]" + decimals + "0?"
		}
		return []string{`(?m)(?:^|[^0-9.,])` + thousands + decimals + `(?:$|[^0-9.,])`}
	}
	quoted := literalFacts(path, value)
	for i, words := range quoted {
		quoted[i] = "(?i)" + regexp.QuoteMeta(words)
	}
	return quoted
}

// literalFacts are those that the source must say in these words.
func literalFacts(path, value string) []string {
	switch path {
	case "audienceText.it", "howTo.it":
		var items []string
		for line := range strings.SplitSeq(value, "\n") {
			line = strings.TrimPrefix(line, "- ")
			if marker, item, ok := strings.Cut(line, ". "); ok && len(marker) < 3 {
				line = item
			}
			items = append(items, line)
		}
		return items
	case "legalBasis[].date":
		parts := strings.Split(value, "-")
		return []string{parts[2] + "/" + parts[1] + "/" + parts[0]}
	case "origins[].source":
		site, _, _ := strings.Cut(value, " (")
		return []string{site}
	case "origins[].key":
		return strings.FieldsFunc(value, func(r rune) bool { return r == '#' || r == '@' })
	case "hoursText.it":
		hours, year, _ := strings.Cut(value, " (dato ")
		return []string{hours, strings.TrimSuffix(year, ")")}
	case "access.it":
		return strings.Split(value, "; ")
	case "website":
		return []string{strings.TrimPrefix(value, "http://")}
	case "ipaCode":
		return []string{"\n" + ipaPrefix + value + "\n"}
	case "rightsNote.en":
		return strings.Split(value, "; MIT (")[:1]
	}
	return []string{value}
}

// decodeFile reads one of the files made by hand.
func decodeFile(t *testing.T, name string, v any) {
	t.Helper()
	if err := decodeStrict(read(t, name), v); err != nil {
		t.Fatal(err)
	}
}

// figures are the numbers of a text in order of size, without what separates thousands and, of Chinese, the months,
// which are words in Italian.
func figures(text string) []string {
	text = regexp.MustCompile(`[0-9]+月`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`([0-9])[.,]([0-9]{3})`).ReplaceAllString(text, "$1$2")
	return slices.Sorted(slices.Values(number.FindAllString(text, -1)))
}

func TestTranslationsKeepToTheItalian(t *testing.T) {
	for _, e := range entries(t) {
		head := e.doc.Common()
		for i, text := range append([]lang.Text{head.Title, head.Summary}, head.AlternativeTitles...) {
			english, chinese := text[lang.English], text[lang.Chinese]
			if english == "" && chinese == "" {
				continue
			}
			for _, words := range []string{english, chinese} {
				if got, want := figures(words), figures(text[lang.Italian]); !slices.Equal(got, want) {
					t.Errorf("%s: %q has the figures %v, but %q has %v", e.Key, words, got, text[lang.Italian], want)
				}
				if words != strings.TrimSpace(words) || strings.ContainsAny(words, "\n*_`[]<>\\") {
					t.Errorf("%s: %q has space around it or would be read as markup", e.Key, words)
				}
			}
			if strings.ContainsFunc(english, isHan) {
				t.Errorf("%s: the English %q has Chinese characters", e.Key, english)
			}
			// Acronyms, as other names of a service, are the same in every language.
			if acronym := i > 1 && chinese == text[lang.Italian] && english == chinese; !strings.ContainsFunc(chinese, isHan) && !acronym {
				t.Errorf("%s: %q is not Chinese", e.Key, chinese)
			}
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func TestClassificationKeepsToTheWords(t *testing.T) {
	var class classification
	decodeFile(t, classificationFile, &class)
	byID := records(t)
	credentials := map[string]string{"CIE": "CIE", "CNS": "CNS", "spid": "SPID", "cie": "CIE", "cns": "CNS", "anpr": "ANPR", "pagopa": "pagoPA"}
	for id, s := range class.Services {
		if len(s.Categories) == 0 || len(s.Topics) == 0 || len(s.Audiences) == 0 {
			t.Errorf("%s: wants a category, a topic and an audience at least", id)
		}
		names := words(map[string]any{"title": byID[id]["title"], "alternative_titles": byID[id]["alternative_titles"]})
		for _, acronym := range s.Acronyms {
			if !strings.Contains(names, strings.ToLower(acronym)) {
				t.Errorf("%s: the acronym %s is in no title", id, acronym)
			}
		}
		for i, channel := range s.Channels {
			for _, code := range append(channel.Identities, channel.Platforms...) {
				if name := strings.ToLower(credentials[code]); name == "" || !strings.Contains(words(byID[id]), name) {
					t.Errorf("%s: channels[%d]: the source does not name %s", id, i, code)
				}
			}
		}
	}
}

func TestTextsAreNoMarkup(t *testing.T) {
	var src source
	if err := decodeStrict(read(t, sourceFile), &src); err != nil {
		t.Fatal(err)
	}
	for _, s := range src.Services {
		texts := slices.Concat(s.Audience, s.HowTo, []string{s.Outcome, s.Notes})
		for _, text := range texts {
			if strings.ContainsAny(text, "*_`[]<>#\\|\n") || strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "+") {
				t.Errorf("%s: %q would be read as CommonMark markup", s.ID, text)
			}
		}
	}
}

func TestAddress(t *testing.T) {
	for _, test := range []struct {
		in       string
		want     catalogue.Address
		district string
		ok       bool
	}{
		{"Via Firenze 83, Prato", catalogue.Address{Street: "Via Firenze", Number: "83", City: "Prato"}, "", true},
		{"Piazza Del Comune, 20, 59024, Vernio", catalogue.Address{Street: "Piazza Del Comune", Number: "20", PostalCode: "59024", City: "Vernio"}, "", true},
		{"Via del Cantone 135 - 50019 Sesto Fiorentino (FI)", catalogue.Address{Street: "Via del Cantone", Number: "135", PostalCode: "50019", City: "Sesto Fiorentino", Province: "FI"}, "", true},
		{"Via VII Marzo 1944 15/1, Prato", catalogue.Address{Street: "Via VII Marzo 1944", Number: "15/1", City: "Prato"}, "", true},
		{"Via F. Ferrucci, 195 T, 59100, Prato", catalogue.Address{Street: "Via F. Ferrucci", Number: "195 T", PostalCode: "59100", City: "Prato"}, "", true},
		{"Via dell'Alloro 14, Paperino (Prato)", catalogue.Address{Street: "Via dell'Alloro", Number: "14", City: "Prato"}, "Paperino", true},
		{"Via di Cantagallo 250, Figline di Prato", catalogue.Address{Street: "Via di Cantagallo", Number: "250", City: "Prato"}, "Figline di Prato", true},
		{"Piazza Cardinale Niccolò, Prato", catalogue.Address{Street: "Piazza Cardinale Niccolò", City: "Prato"}, "", true},
		{"Quartiere Santa Chiara, centro storico di Prato", catalogue.Address{}, "", false},
		{"ex Fabbrica Campolmi, quartiere Santa Chiara, Prato", catalogue.Address{}, "", false},
		{"raccomandata", catalogue.Address{}, "", false},
		{"", catalogue.Address{}, "", false},
	} {
		got, district, ok := parseAddress(test.in)
		if got != test.want || district != test.district || ok != test.ok {
			t.Errorf("parseAddress(%q) = %+v, %q, %t, want %+v, %q, %t", test.in, got, district, ok, test.want, test.district, test.ok)
		}
	}
}

var (
	italianDays = []string{"lun", "mar", "mer", "gio", "ven", "sab", "dom"}
	englishDays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	// What plain hours in words are made of, and the shape of a clause of them: D for days, S for spans.
	daysPattern   = regexp.MustCompile(`(lun|mar|mer|gio|ven|sab|dom)(?:v?edì)?(?:-(lun|mar|mer|gio|ven|sab|dom))?`)
	spanPattern   = regexp.MustCompile(`([0-9]+)(?:\.([0-9]{2}))?-([0-9]+)(?:\.([0-9]{2}))?`)
	clausePattern = regexp.MustCompile(`^ *D(?: e D)* S(?: e S)*(?:, senza appuntamento)?$`)
)

// span is a weekday and the time at which it opens and closes.
type span struct{ day, opens, closes string }

// inWords reads the simplest opening hours: clauses of weekdays and times. ok is false of all others.
func inWords(text string) (spans map[span]bool, ok bool) {
	spans = map[span]bool{}
	clock := func(hour, minute string) string {
		if minute == "" {
			minute = "00"
		}
		return fmt.Sprintf("%02s:%s", hour, minute)
	}
	for clause := range strings.SplitSeq(strings.ToLower(text), ";") {
		shape := spanPattern.ReplaceAllString(daysPattern.ReplaceAllString(clause, "D"), "S")
		if !clausePattern.MatchString(shape) {
			return nil, false
		}
		for _, days := range daysPattern.FindAllStringSubmatch(clause, -1) {
			first, last := slices.Index(italianDays, days[1]), slices.Index(italianDays, days[1])
			if days[2] != "" {
				last = slices.Index(italianDays, days[2])
			}
			for _, day := range englishDays[first : last+1] {
				for _, m := range spanPattern.FindAllStringSubmatch(clause, -1) {
					spans[span{day, clock(m[1], m[2]), clock(m[3], m[4])}] = true
				}
			}
		}
	}
	return spans, true
}

func TestHoursAreTheSourcesWords(t *testing.T) {
	var hours openings
	decodeFile(t, hoursFile, &hours)
	for id, record := range records(t) {
		text, _ := record["opening_hours_text"].(string)
		want, plain := inWords(text)
		opening, given := hours.Offices[id]
		if given != (plain && record["status"] != "historical") {
			t.Errorf("%s: hours are given: %t, but the words are %q", id, given, text)
		}
		if !given {
			continue
		}
		got := map[span]bool{}
		for _, slot := range opening.Spec.Periods[0].Slots {
			for _, day := range slot.Weekdays {
				got[span{day, slot.Opens, slot.Closes}] = true
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(opening.Spec.Periods) != 1 {
			t.Errorf("%s: %q says other hours in %d periods (-words +hours):\n%s", id, text, len(opening.Spec.Periods), diff)
		}
	}
}

func TestConvertRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, test := range []struct{ name, file, old, change, want string }{
		{"an unknown field", sourceFile, `"title_origin"`, `"subtitle"`, "subtitle"},
		{"an unclassified record", sourceFile, `"prato-s19"`, `"prato-s20000"`, "prato-s19"},
		{"an unknown term", classificationFile, `"topics": ["anagrafe"]`, `"topics": ["anagrafi"]`, "rule term"},
		{"an unknown office", classificationFile, `"responsibleOffice": "prato-anagrafe-centrale"`, `"responsibleOffice": "prato-x"`, `no office "prato-x"`},
		{"an untranslated service", translationsFile, `"prato-s19": {`, `"prato-s67": {`, `nothing is said of "prato-s19"`},
		{"the translation of an unknown service", translationsFile, `"services": {`, `"services": {"prato-x": {},`, `no record "prato-x"`},
		{"the translation of an unknown office", translationsFile, `"offices": {`, `"offices": {"prato-x": {},`, `no record "prato-x"`},
		{"the translation of an unknown channel", translationsFile, `"channels": {`, `"channels": {"prato-x": {},`, `no record "prato-x"`},
		{"the translation of a name of the register", translationsFile, `"organisations": {`, `"organisations": {"ipa-c_g999": {},`, `no record "ipa-c_g999"`},
		{"a third language", translationsFile, `{"en":`, `{"fr": "Carte d'identité", "en":`, `"fr"`},
		{"a title in one language", translationsFile, `"zh": "身份证"`, `"zh": ""`, "prato-s19: {English:Identity card Chinese:} lacks a language"},
		{"a channel in one language", translationsFile, `"zh": "普拉托市政府认证电子邮箱（PEC）"`, `"zh": ""`, "prato-comune-pec"},
		{"a summary too many", translationsFile, `"prato-sport": {`, `"prato-sport": {"summary": {"en": "Sport", "zh": "体育"}, `, `"summary"`},
		{"an alternative title too few", translationsFile, `"alternativeTitles": [{"en": "CIE", "zh": "CIE"}]`, `"alternativeTitles": []`, "prato-s19: 0 alternative titles, but the source has 1"},
		{"hours of an unknown office", hoursFile, `"prato-urp"`, `"prato-x"`, `no record "prato-x"`},
		{"hours of an office without", hoursFile, `"prato-urp"`, `"prato-elettorale"`, `no hours of "prato-elettorale"`},
		{"hours after midnight", hoursFile, `"closes": "23:00"`, `"closes": "25:00"`, "biblioteca-lazzerini-orari: timetable /periods/0/slots/1/closes"},
		{"facts of an unknown service", factsFile, `"prato-s67"`, `"prato-x"`, `no record "prato-x"`},
		{"facts of a cost too many", factsFile, `"costs": {"0": {"type": "administrative_fee"}, "1"`, `"costs": {"0": {"type": "administrative_fee"}, "9"`, "prato-s102 has no costs[9]"},
		{"another term", factsFile, `"max": "P45D"`, `"max": "P46D"`, `P46D is not in "La richiesta si intende accolta trascorsi 45 giorni"`},
		{"a term where the source has none", factsFile, `"prato-s232": {`, `"prato-s232": {"processing": {"max": "P30D"},`, "prato-s232 has no processing_time"},
		{"another beginning of a term", factsFile, `"startsFrom": "domanda"`, `"startsFrom": "istanza"`, `"istanza" is not in`},
		{"another date", factsFile, `"2025-10-10"`, `"2025-10-11"`, `2025-10-11 is not in "Entro il 10 ottobre 2025"`},
		{"another year", factsFile, `"yearly": true`, `"yearly": true, "words": "entro il 30 luglio"`, `"annuale" is not in`},
		{"another age", factsFile, `"minAge": 65`, `"minAge": 64`, "P64Y"},
		{"another validity", factsFile, `"validity": "P5Y"`, `"validity": "P4Y"`, "P4Y"},
		{"another range", factsFile, `"amount": "53.00"`, `"amount": "52.00"`, "52.00 is not in"},
		{"another end of a range", factsFile, `"amountMax": "68.00"`, `"amountMax": "53.00"`, "the most is 53.00, but the amount 68.00"},
		{"another percentage", factsFile, `"percentage": "25"`, `"percentage": "20"`, "20 is not in"},
		{"another sum", factsFile, `"2020.85"`, `"2020.86"`, "2020.86 is not in"},
		{"a method of payment that is not named", factsFile, `"paymentMethods": ["pagopa"]`, `"paymentMethods": ["cash"]`, "does not name cash"},
		{"a question with another number", factsFile, `ISEE è pari o inferiore a 16.500 euro?`, `ISEE è pari o inferiore a 16.000 euro?`, "the record does not say 16000"},
		{"a requirement in other words", factsFile, `"title": "almeno 65 anni"`, `"title": "almeno 65 primavere"`, `no sentence has "almeno 65 primavere"`},
		{"a procedure of an unknown service", proceduresFile, `"prato-s67"`, `"prato-x"`, `no record "prato-x"`},
		{"a step too many", proceduresFile, `"howTo": 3`, `"howTo": 9`, "is no item of how_to"},
		{"a step of another length", proceduresFile, `"P1W"`, `"P2W"`, "P2W is not in"},
		{"tacit consent that is not stated", proceduresFile, `"initiative": "application", "paymentText"`, `"tacitConsent": true, "paymentText"`, "nothing says what silence means"},
		{"a remedy in other words", proceduresFile, `"remedies": "Ricorsi entro 30`, `"remedies": "Ricorsi entro 60`, "no sentence has"},
		{"a channel that few share", channelsFile, `"prato-s361": 0, `, ``, "prato-comune-pua has 2 uses"},
		{"a channel of another publisher", channelsFile, `"publiacqua-voltura": 0`, `"prato-s111": 0`, "prato-s111 of publiacqua has no channels[0]"},
		{"two channels in one", channelsFile, `"prato-s588": 1`, `"prato-s588": 0`, "channels[0] is another channel than prato-comune-pec"},
	} {
		files := inputs(t)
		changed := strings.Replace(string(files[test.file]), test.old, test.change, 1)
		if changed == string(files[test.file]) {
			t.Errorf("%s: there is no %q in %s", test.name, test.old, test.file)
		}
		files[test.file] = []byte(changed)
		if _, _, err := convert(files); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("convert of %s: error %v, want one about %q", test.name, err, test.want)
		}
	}
}
