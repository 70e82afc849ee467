package format_test

import (
	"testing"

	"github.com/comuneprato/service-catalogue/internal/format"
)

func TestAcceptNamesWhatIsAnswered(t *testing.T) {
	turtle := &format.Format{Name: "turtle", MediaType: "text/turtle"}
	plain := &format.Format{Name: "jsonld", MediaType: "application/ld+json"}
	profiled := &format.Format{Name: "schemaorg", MediaType: `application/ld+json;profile="https://schema.org/"`}
	offered := []*format.Format{format.View, plain, profiled, turtle}
	for _, test := range []struct {
		accept string
		want   *format.Format // nil: nothing is acceptable
	}{
		{"", format.View},
		{"*/*", format.View},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", format.View}, // a browser
		{"application/json", format.View},
		{"application/json; charset=utf-8", format.View},
		{`Application/JSON;Charset="UTF-8"`, format.View},
		{"application/*", format.View},
		{"text/*", turtle},
		{"text/turtle", turtle},
		{"text/turtle;q=0.5, application/ld+json;q=0.9", plain},
		{"text/turtle, application/json;q=0.9", turtle},
		{"*/*;q=0.1, text/turtle;q=0.2", turtle},
		{"*/*, application/json;q=0", plain},
		{`application/ld+json;profile="https://schema.org/"`, profiled},
		{`application/ld+json;profile="https://example.org/"`, nil},
		{"text/html", nil},
		{"application/json;q=0", nil},
		{"text/turtle;q=0, application/json;q=0", nil},
		{"no media type", format.View},
		{"text/turtle,", turtle},
		{" , text/turtle, ,application/json;q=0.5", turtle},
		{"no media type, text/turtle", turtle},
		{"text/html, *; q=.2, text/turtle", turtle}, // old Java
		{`application/ld+json;profile=https://schema.org/, text/turtle;q=0.5`, turtle},
		{`text/html;title="a, b\", c", text/turtle`, turtle},
		{"application/json;q=2", format.View},
		{",,,", format.View},
	} {
		t.Run(test.accept, func(t *testing.T) {
			if got := format.Acceptable(test.accept, offered); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func FuzzAcceptable(f *testing.F) {
	for _, accept := range []string{"*/*", "text/turtle;q=0.5, application/ld+json", `a/b;c="d\"`, ";;,", "text/*;q=0.000"} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if best := format.Acceptable(accept, []*format.Format{format.View}); best != nil && best != format.View {
			t.Errorf("%q: %+v is not offered", accept, best)
		}
	})
}
