package vocabulary

import (
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

//go:embed data/*.csv data/own.json
var files embed.FS

const (
	ccBy = "CC-BY-4.0"
	onto = "https://github.com/italia/daf-ontologie-vocabolari-controllati"
	eu   = "http://publications.europa.eu/resource/authority/"
	w3id = "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/"

	byOntoPiA = "AgID, Team per la Trasformazione Digitale and partners, OntoPiA, " + onto
	byEU      = "© European Union"
)

// official is an authority's list: one file of data/, in the order in which All gives them.
type official struct {
	code, file       string
	italian, english string
	uri              string // only those confirmed by a published standard that names them
	licence, source  string
	attribution      string
}

var officials = []official{
	// The "categorie di servizio" of the Modello Comuni, with their data themes and events.
	{"service-categories", "service-categories", "Categorie di servizio", "Service categories", "", ccBy, onto, byOntoPiA},
	// The "argomenti" of the Modello Comuni, from italia/pa-website-validator: codes and English are ours.
	{"topics", "municipal-topics", "Argomenti", "Topics", "", "BSD-3-Clause", "https://github.com/italia/pa-website-validator", "© 2022 the contributors of italia/pa-website-validator"},
	// Italy's own life and business events, not those of the EU authority tables of the same name.
	{"life-events", "life-events", "Eventi della vita", "Life events", w3id + "life-business-event/life-event", ccBy, onto, byOntoPiA},
	{"business-events", "business-events", "Eventi della vita dell'impresa", "Business events", w3id + "life-business-event/business-event", ccBy, onto, byOntoPiA},
	// Three levels: 01 not electronic, 02 application, 03 telephone, 04 email, 05 other electronic.
	{"channels", "channels", "Canali di erogazione", "Channels", w3id + "channel", ccBy, onto, byOntoPiA},
	{"authentication-types", "authentication-types", "Tipi di autenticazione", "Authentication types", w3id + "authentication-type", ccBy, onto, byOntoPiA},
	{"interactivity-levels", "interactivity-levels", "Livelli di interattività", "Interactivity levels", w3id + "interactivity-level", ccBy, onto, byOntoPiA},
	{"input-output-types", "service-input-output-types", "Tipi di input e output", "Types of inputs and outputs", w3id + "service-input-output", ccBy, onto, byOntoPiA},
	// Italian only.
	{"document-types", "government-document-types", "Tipi di documento", "Document types", "", ccBy, onto, byOntoPiA},
	// Legal forms of organisations, Italian only.
	{"legal-status", "legal-status", "Forme giuridiche", "Legal forms", "", ccBy, onto, byOntoPiA},
	// The functions of government; the English of the ten divisions is ours, the rest Italian only.
	{"cofog", "cofog-2009", "Funzioni di governo (COFOG 2009)", "Functions of government (COFOG 2009)", "", ccBy, onto, byOntoPiA},
	// ATECO 2007 sections and divisions, which are those of NACE Rev. 2; English for the sections only.
	{"sectors", "ateco-2007-sections-divisions", "Settori economici (ATECO 2007)", "Economic sectors (ATECO 2007)", "", ccBy, onto, byOntoPiA},
	{"licences", "licences", "Licenze", "Licences", "", ccBy, onto, byOntoPiA},
	// The authority tables of the Publications Office, filtered by the project ckanext-dcatapit.
	{"data-themes", "eu-data-themes", "Temi dei dati", "Data themes", eu + "data-theme", ccBy, eu + "data-theme", byEU},
	{"frequencies", "eu-frequencies", "Frequenze", "Frequencies", eu + "frequency", ccBy, eu + "frequency", byEU},
	{"languages", "eu-languages", "Lingue", "Languages", eu + "language", ccBy, eu + "language", byEU},
}

// library is everything that is embedded.
type library struct {
	all    []*Scheme
	byCode map[string]*Scheme
}

// load reads the embedded lists. It panics if they contradict themselves: they are part of the program.
func load() *library {
	l := &library{byCode: make(map[string]*Scheme)}
	for _, o := range officials {
		s, err := readOfficial(o)
		if err != nil {
			panic(fmt.Sprintf("vocabulary: %s: %v", o.file, err))
		}
		l.all = append(l.all, s)
	}
	own, err := readOwn()
	if err != nil {
		panic(fmt.Sprintf("vocabulary: own.json: %v", err))
	}
	l.all = append(l.all, own...)
	for _, s := range l.all {
		if _, taken := l.byCode[s.Code]; taken {
			panic("vocabulary: two schemes " + s.Code)
		}
		l.byCode[s.Code] = s
		if err := s.link(); err != nil {
			panic(fmt.Sprintf("vocabulary: %s: %v", s.Code, err))
		}
	}
	return l
}

// readOfficial reads one CSV. The columns of all files are read alike: one that a file has not is empty.
func readOfficial(o official) (*Scheme, error) {
	file, err := files.Open("data/" + o.file + ".csv")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	s := &Scheme{
		Code: o.code, Title: lang.Text{lang.Italian: o.italian, lang.English: o.english}, URI: o.uri,
		Licence: o.licence, Source: o.source, Attribution: o.attribution,
		Terms: make([]Term, 0, len(rows)-1),
	}
	for _, row := range rows[1:] {
		s.Terms = append(s.Terms, term(func(name string) string {
			if i, ok := column[name]; ok {
				return row[i]
			}
			return ""
		}))
	}
	return s, nil
}

// term makes a term of a row. Broader is a URI at first where the source has one; link makes it a code.
func term(field func(column string) string) Term {
	t := Term{
		Code:    field("code"),
		URI:     field("uri"),
		Label:   texts(field("label_it"), field("label_en"), field("label_de")),
		Broader: field("parent_uri") + field("section"),
		Page:    field("licence_text"),
	}
	if ours := field("label_en_ours"); ours != "" {
		t.Label[lang.English], t.Ours = ours, []lang.Tag{lang.English}
	}
	if nace := field("label_en_nace"); nace != "" {
		t.Label[lang.English] = nace
	}
	t.AltLabel = texts(field("alt_label_it"), "", "")
	t.Definition = texts(field("definition_it"), field("definition_en"), "")
	if code := field("iso639_1"); code != "" && !slices.Contains(partOfMacrolanguage, t.Code) {
		t.Alternates = []string{code}
	}
	if uri := field("nace_rev2_uri"); uri != "" {
		t.Exact = append(t.Exact, uri)
	}
	for pair := strings.Fields(field("match")); len(pair) >= 2; pair = pair[2:] {
		if pair[0] == "exactMatch" {
			t.Exact = append(t.Exact, pair[1])
		} else {
			t.Related = append(t.Related, pair[1])
		}
	}
	for _, column := range []string{"data_theme_uri", "life_event_uris", "business_event_uris"} {
		t.Related = append(t.Related, strings.Fields(field(column))...)
	}
	return t
}

// partOfMacrolanguage are the languages (Mandarin, Paraguayan Guarani, Northern Kurdish) that the table gives the same
// ISO 639-1 code as the macrolanguage they belong to: "zh" is Chinese, ZHO.
var partOfMacrolanguage = []string{"CMN", "GUG", "KMR"}

func texts(italian, english, german string) lang.Text {
	t := lang.Text{lang.Italian: italian, lang.English: english, lang.German: german}
	maps.DeleteFunc(t, func(_ lang.Tag, s string) bool { return s == "" })
	if len(t) == 0 {
		return nil
	}
	return t
}

// readOwn reads the lists of our own. Their URIs are those of an authority's term that means the same.
func readOwn() ([]*Scheme, error) {
	data, err := files.ReadFile("data/own.json")
	if err != nil {
		return nil, err
	}
	var lists []struct {
		Code  string
		Title lang.Text
		Terms []struct {
			Code       string
			Label      lang.Text
			Definition lang.Text
			Broader    string
			URI        string
			Deprecated bool
		}
	}
	if err := json.Unmarshal(data, &lists); err != nil {
		return nil, err
	}
	schemes := make([]*Scheme, 0, len(lists))
	for _, list := range lists {
		s := &Scheme{Code: list.Code, Title: list.Title}
		for _, t := range list.Terms {
			s.Terms = append(s.Terms, Term{
				Code: t.Code, URI: t.URI, Label: t.Label, Definition: t.Definition, Broader: t.Broader, Deprecated: t.Deprecated,
			})
		}
		schemes = append(schemes, s)
	}
	return schemes, nil
}

// link indexes the terms and ties each to its broader one.
func (s *Scheme) link() error {
	s.index = make(map[string]int, 2*len(s.Terms))
	for i, t := range s.Terms {
		for _, name := range append([]string{t.Code}, t.Alternates...) {
			if err := s.name(name, i); err != nil {
				return err
			}
		}
		if t.URI != "" {
			if err := s.name(canonical(t.URI), i); err != nil {
				return err
			}
		}
	}
	s.nameOthers()
	for i := range s.Terms {
		t := &s.Terms[i]
		if t.Broader == "" {
			continue
		}
		b, ok := s.index[t.Broader]
		if !ok {
			b, ok = s.index[canonical(t.Broader)]
		}
		if !ok {
			return fmt.Errorf("term %q: no broader term %q", t.Code, t.Broader)
		}
		t.Broader = s.Terms[b].Code
		s.Terms[b].Narrower = append(s.Terms[b].Narrower, t.Code)
	}
	s.clues = sync.OnceValue(s.spellings)
	return nil
}

func (s *Scheme) name(name string, i int) error {
	if other, taken := s.index[name]; taken {
		return fmt.Errorf("%q names both %q and %q", name, s.Terms[other].Code, s.Terms[i].Code)
	}
	s.index[name] = i
	return nil
}

// nameOthers indexes the exact matches and pages, but for those that several terms have.
func (s *Scheme) nameOthers() {
	others := make(map[string]int)
	const several = -1
	for i, t := range s.Terms {
		for _, uri := range append(slices.Clone(t.Exact), t.Page) {
			if uri == "" {
				continue
			}
			key := canonical(uri)
			if j, seen := others[key]; seen && j != i {
				others[key] = several
			} else {
				others[key] = i
			}
		}
	}
	for key, i := range others {
		if _, taken := s.index[key]; !taken && i != several {
			s.index[key] = i
		}
	}
}
