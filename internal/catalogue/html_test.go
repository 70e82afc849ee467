package catalogue_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/catalogue/cataloguetest"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/markdown"
)

// TestHTMLTakesThePlaceOfLongTextsAndOfNothingElse compares the views of the complete samples, text by text.
func TestHTMLTakesThePlaceOfLongTextsAndOfNothingElse(t *testing.T) {
	entries := cataloguetest.NewEntries()
	rendered := map[string]bool{}
	position := regexp.MustCompile(`/\d+|/(it|en)$`)
	for _, ref := range sampleRefs {
		for _, tag := range []lang.Tag{lang.Italian, lang.Any} {
			plain, w := map[string]string{}, words(tag, entries)
			texts(t, w.View(entries[ref]).Object, plain)
			w.HTML = true
			html := map[string]string{}
			texts(t, w.View(entries[ref]).Object, html)
			if len(plain) != len(html) {
				t.Errorf("the view of %s has %d strings in HTML, %d without", ref, len(html), len(plain))
			}
			for at, text := range plain {
				switch html[at] {
				case text:
				case markdown.HTML(text):
					rendered[position.ReplaceAllString(at, "")] = true
				default:
					t.Errorf("%s of %s is %q, want %q or %q", at, ref, html[at], text, markdown.HTML(text))
				}
			}
		}
	}
	for at, want := range map[string]bool{
		"/description": true, "/howTo": true, "/notices/text": true, "/connections/description": true, "/responsibleOffice/competences": true,
		"/title": false, "/summary": false, "/statusReason": false, "/responsibleOffice/title": false, "/categories/label": false,
	} {
		if rendered[at] != want {
			t.Errorf("%s is HTML: %t, want %t", at, rendered[at], want)
		}
	}
}

// texts adds the strings of a view by their places.
func texts(t *testing.T, view catalogue.Object, all map[string]string) {
	t.Helper()
	var value any
	if err := json.Unmarshal(encoded(t, view), &value); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case string:
			all[at] = value
		case []any:
			for i, element := range value {
				walk(at+"/"+strconv.Itoa(i), element)
			}
		case map[string]any:
			for name, member := range value {
				walk(at+"/"+name, member)
			}
		}
	}
	walk("", value)
}
