package importing

import (
	_ "embed" // for the aliases
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// The columns of a row that are not of its document.
const (
	columnPublisher = "publisher"
	columnKind      = "kind"
	columnKey       = "key"
	columnPublish   = "publish"
)

var rowColumns = []string{columnPublisher, columnKind, columnKey, columnPublish}

//go:embed aliases.json
var aliasFile []byte

// Aliases returns other names of columns, in the words of the Modello Comuni and of those who keep lists; letter case,
// spaces, hyphens and underscores make no difference. A language may follow: "titolo.en".
var Aliases = sync.OnceValue(func() map[string]string {
	var all map[string]string
	if err := json.Unmarshal(aliasFile, &all); err != nil {
		panic(fmt.Errorf("aliases.json: %w", err)) // embedded: a mistake of ours
	}
	return all
})

var aliases = sync.OnceValue(func() map[string]string {
	all := make(map[string]string, len(Aliases()))
	for alias, name := range Aliases() {
		all[plain(alias)] = name
	}
	return all
})

// plain is a name as it is compared.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// column says where the cells of a table go.
type column struct {
	name string
	row  string                        // one of rowColumns, "" if it is of the document
	of   map[catalogue.Kind]*placement // in documents of each kind that has it
}

// placement is a place in documents.
type placement struct {
	field *field
	path  []step
	tag   lang.Tag // of a text
}

// step goes into a member of an object, or an element of a list.
type step struct {
	name  string
	index int // where there is no name
}

// maxColumns is how many columns a table may have: as many as spreadsheet programs take.
const maxColumns = 16384

// maxSuggestions is how many unknown columns are compared with the known ones, which are many.
const maxSuggestions = 5

// readHeader finds the places of columns in the documents of some kinds. It returns an InvalidError that names those
// which no kind has, and those that come twice.
func readHeader(names []string, kinds []catalogue.Kind) ([]column, error) {
	for len(names) > 0 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1]
	}
	if len(names) == 0 {
		return nil, fault(faultNoHeader)
	}
	if len(names) > maxColumns {
		return nil, fault(faultWide, len(names), maxColumns)
	}
	var findings catalogue.Findings
	known := sync.OnceValue(func() []string { return columnNames(kinds) })
	columns, seen := make([]column, len(names)), map[string]bool{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		c := newColumn(name, kinds)
		columns[i] = c
		switch {
		case c.row == "" && len(c.of) == 0:
			near := ""
			if len(findings) < maxSuggestions {
				near = catalogue.Suggest(name, known())
			}
			findings.AddParameter(name, "unknown_field", near, name)
		case seen[c.name]:
			findings.AddParameter(name, "duplicate", "", c.name)
		}
		seen[c.name] = true
	}
	return columns, findings.Err()
}

func newColumn(name string, kinds []catalogue.Kind) column {
	stem, suffix := name, ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && lang.Known(lang.Tag(plain(name[i+1:]))) {
		stem, suffix = name[:i], plain(name[i:])
	}
	for _, r := range rowColumns {
		if plain(name) == r || aliases()[plain(name)] == r {
			return column{name: r, row: r}
		}
	}
	c := column{name: name, of: map[catalogue.Kind]*placement{}}
	for _, kind := range kinds {
		p := place(stem, kind)
		if p == nil {
			p = place(aliases()[plain(stem)], kind)
		}
		if p == nil || !p.take(suffix) {
			continue
		}
		c.of[kind] = p
		c.name = p.name()
	}
	return c
}

// place follows the name of a column, but for its language, into the documents of a kind; nil if there is no such place.
func place(name string, kind catalogue.Kind) *placement {
	p := &placement{field: documents()[kind]}
	for part := range strings.SplitSeq(name, ".") {
		part = strings.TrimSpace(part)
		if p.field.ofObjects() {
			n, err := strconv.Atoi(part)
			if err != nil || n < 1 || n > MaxNumbered {
				return nil
			}
			p.path = append(p.path, step{index: n})
			p.field = p.field.elem
			continue
		}
		member := p.field.member(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(part))
		if member == nil {
			return nil
		}
		p.path = append(p.path, step{name: member.name})
		p.field = member
	}
	return p
}

// take sets the language of a text, Italian where there is no suffix; it reports whether the field fits the suffix.
func (p *placement) take(suffix string) bool {
	switch {
	case !p.field.texts():
		return suffix == ""
	case suffix == "":
		p.tag = lang.Italian
	default:
		p.tag = lang.Tag(suffix[1:])
	}
	return true
}

// name is the name of the column as documented.
func (p *placement) name() string {
	parts := make([]string, len(p.path))
	for i, s := range p.path {
		if parts[i] = s.name; s.name == "" {
			parts[i] = strconv.Itoa(s.index)
		}
	}
	if p.tag != "" {
		parts = append(parts, string(p.tag))
	}
	return strings.Join(parts, ".")
}

// columnNames lists the columns of some kinds, to suggest one.
func columnNames(kinds []catalogue.Kind) []string {
	names := slices.Clone(rowColumns)
	for _, kind := range kinds {
		for _, c := range Columns(kind) {
			names = append(names, strings.NewReplacer(".N.", ".1.", ".LL", ".it").Replace(c.Name))
		}
	}
	return names
}
