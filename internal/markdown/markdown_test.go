package markdown_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/comuneprato/service-catalogue/internal/markdown"
)

func TestHTML(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"paragraphs", "Uno\ndue\n\ntre", "<p>Uno\ndue</p>\n<p>tre</p>"},
		{"emphasis", "**Subito** e *bene*", "<p><strong>Subito</strong> e <em>bene</em></p>"},
		{"a tight list", "- uno\n- due", "<ul>\n<li>uno</li>\n<li>due</li>\n</ul>"},
		{"a list that begins later", "3. tre", "<ol start=\"3\">\n<li>tre</li>\n</ol>"},
		{"headings below those of the page", "# Uno\n\n## Due\n\n##### Cinque", "<h3>Uno</h3>\n<h4>Due</h4>\n<h6>Cinque</h6>"},
		{"links", "[sito](https://example.org/a?b=c&d \"titolo\") <mailto:a@example.org>", `<p><a href="https://example.org/a?b=c&amp;d" title="titolo">sito</a> <a href="mailto:a@example.org">mailto:a@example.org</a></p>`},
		{"odd characters in links", "[è](<https://example.org/è \"'<>>)", `<p>[è](&lt;https://example.org/è &#34;&#39;&lt;&gt;&gt;)</p>`},
		{"no scripts in links", "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](data:text/html,x) [d](vbscript:x)", `<p>a b c d</p>`},
		{"nor in references", "[a]\n\n[a]: javascript:alert(1)", `<p>a</p>`},
		{"no links within the portal, whose pages nobody knows", "[a](/b)", `<p>a</p>`},
		{"no raw HTML", "<script>alert(1)</script>\n\na <b onclick=\"x\">b</b> <img src=x onerror=y>", `<p>a b </p>`},
		{"text that looks like the end of a script", "`</script>` ]]> &lt;script&gt;", `<p><code>&lt;/script&gt;</code> ]]&gt; &lt;script&gt;</p>`},
		{"images", "![Una mappa](https://example.org/a.png) ![x](data:image/png;base64,AA)", `<p><img src="https://example.org/a.png" alt="Una mappa"> <img alt="x"></p>`},
		{"marks of the writing direction", "\u200fمرحبا\u202e x", "<p>\u200fمرحبا\u202e x</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := markdown.HTML(test.source); got != test.want {
				t.Errorf("HTML(%q)\n got %s\nwant %s", test.source, got, test.want)
			}
		})
	}
}

func TestLooseHTMLHasParagraphsInLists(t *testing.T) {
	want := "<ol>\n<li><p>Prenota</p>\n</li>\n<li><p>Vieni</p>\n</li>\n</ol>"
	if got := markdown.LooseHTML("1. Prenota\n2. Vieni"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestPlain(t *testing.T) {
	for source, want := range map[string]string{
		"":                                    "",
		"# Titolo\n\n- uno\n- **due**\n\ntre": "Titolo uno due tre",
		"riga\nnuova [sito](https://example.org) <https://example.org>": "riga nuova sito https://example.org",
		"`codice` &egrave; \\*": "codice è *",
		"<b>a</b>":              "a",
	} {
		if got := markdown.Plain(source); got != want {
			t.Errorf("Plain(%q): got %q, want %q", source, got, want)
		}
	}
}

// hostile are texts as long as documents may have them that are nested as deep as that allows.
var hostile = map[string]string{
	"quotations": strings.Repeat(">", 20_000),
	"lists":      strings.Repeat("- ", 10_000) + "a",
	"emphasis":   strings.Repeat("*", 10_000) + "a" + strings.Repeat("*", 10_000),
	"brackets":   strings.Repeat("[a](", 1_000),
	"images":     strings.Repeat("![", 3_000) + "a" + strings.Repeat("](b)", 3_000),
}

func TestDeepNestingStaysSmallAndSafe(t *testing.T) {
	for name, source := range hostile {
		got := markdown.HTML(source)
		if len(got) > 8*len(source) {
			t.Errorf("%s: %d characters became %d", name, len(source), len(got))
		}
		safe(t, source, got)
	}
}

func FuzzHTML(f *testing.F) {
	for _, source := range hostile {
		f.Add(source)
	}
	for _, source := range []string{
		"<script>x</script>", "[a](javascript:x)", "![a](x \"onerror=y\")", "<a href='x' onclick='y'>", "&#106;avascript:", "```\n</code>\n```", "\x00\xff",
		"[a]: <javascript:x>\n[a]", "<svg/onload=x>", "a  \nb\\\n", "1) a\n   - b\n\n     c", "<!-- --><![CDATA[x]]>",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 20_000 || !utf8.ValidString(source) {
			return
		}
		safe(t, source, markdown.HTML(source))
		safe(t, source, markdown.LooseHTML(source))
		markdown.Plain(source)
	})
}

// safe fails where a fragment is no HTML, or has what could run or load anything but pages and pictures.
func safe(t *testing.T, source, fragment string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(fragment), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatalf("%q became %q: %v", source, fragment, err)
	}
	known := strings.Fields("p br hr strong em code pre blockquote ul ol li h3 h4 h5 h6 a img")
	for _, root := range nodes {
		for n := range all(root) {
			if n.Type == html.TextNode {
				continue
			}
			if n.Type != html.ElementNode || !slices.Contains(known, n.Data) {
				t.Errorf("%q has a <%s> in %q", source, n.Data, fragment)
			}
			for _, a := range n.Attr {
				address := a.Key == "href" || a.Key == "src"
				scheme, _, _ := strings.Cut(a.Val, ":")
				if address && !slices.Contains([]string{"http", "https", "mailto", "tel"}, strings.ToLower(scheme)) ||
					!address && !slices.Contains([]string{"title", "alt", "start"}, a.Key) {
					t.Errorf("%q has %s=%q in %q", source, a.Key, a.Val, fragment)
				}
			}
		}
	}
}

func all(root *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if !yield(root) {
			return
		}
		for n := range root.Descendants() {
			if !yield(n) {
				return
			}
		}
	}
}
