package portal

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/vocabulary"
)

// Where a mapping names a column that a kind does not have, or a reader or a list that there is not, Read panics.
func TestMappingsNameWhatThereIs(t *testing.T) {
	for _, system := range []string{"wordpress", "plone"} {
		mapping, err := os.ReadFile("../" + system + "/mapping.json")
		if err != nil {
			t.Fatal(err)
		}
		for name, mapped := range ParseTypes(mapping) {
			for field, rule := range mapped.Fields {
				place := fmt.Sprintf("%s: %s.%s", system, name, field)
				if (rule.Drop == "") == (rule.To == "") {
					t.Errorf("%s has neither a column nor a reason to drop it, or both", place)
				}
				if rule.Drop != "" {
					continue
				}
				if _, ok := readers[rule.As]; !ok && rule.As != "references" {
					t.Errorf("%s is read as %q", place, rule.As)
				}
				if _, ok := vocabulary.Get(rule.Of); !ok && rule.As == "terms" {
					t.Errorf("%s has terms of %q", place, rule.Of)
				}
				column := strings.Replace(rule.To, "%d", "1", 1)
				switch rule.As {
				case "contacts":
					column += ".1.entries.1.value"
				case "point":
					column += ".lat"
				case "deadlines":
					column += ".1.title.it"
				}
				cells := map[string]string{column: "1"}
				for other, value := range rule.With {
					cells[other] = value
				}
				if _, err := importing.Document(mapped.Kind, cells); err != nil {
					t.Errorf("%s: %v", place, err)
				}
			}
		}
	}
}

func TestCommonMark(t *testing.T) {
	for _, test := range []struct{ html, want string }{
		{"", ""},
		{"<p>Uno<br>due</p><p>tre &amp; <b>quattro</b></p>", "Uno  \ndue\n\ntre & **quattro**"},
		{`<ul><li><a href="https://a.it/?b=1&amp;c">qui</a></li></ul>`, "- [qui](https://a.it/?b=1&c)"},
		{"<script>alert(1)</script><h2>Titolo</h2>", "## Titolo"},
		{"2 * 3 * 4 _x_ # 1. testo", `2 * 3 * 4 \_x_ # 1. testo`},
		{"<p>aperto", "aperto"},
	} {
		got, err := CommonMark(test.html)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("CommonMark(%q) mismatch (-want +got):\n%s", test.html, diff)
		}
	}
}

func TestManyPartsAreReportedNotLostInSilence(t *testing.T) {
	list := make([]any, importing.MaxNumbered+1)
	for i := range list {
		list[i] = fmt.Sprint("documento ", i)
	}
	d := &draft{cells: map[string]string{}}
	s := System{HTML: func(value any) (string, []string) { return value.(string), nil }}
	taken, lost := readLines(s, d, Rule{To: "evidence.%d.title.it"}, list)
	if diff := cmp.Diff([]string{"documento 50"}, lost); !taken || diff != "" || len(d.cells) != importing.MaxNumbered {
		t.Errorf("taken %v, %d cells; lost (-want +got):\n%s", taken, len(d.cells), diff)
	}
}
