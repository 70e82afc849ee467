// Package markdown renders the long texts of documents, which are CommonMark, as HTML that is safe in any page, and as
// plain text. Which texts are long is decided in package catalogue, not here.
package markdown

import (
	"bytes"
	"html"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds of nesting. Nobody writes so deep; HTML parsers give up at 512 elements.
const (
	maxBlocks = 16 // quotations and lists in each other; marks of more are text
	maxDepth  = 64 // of all nodes; a text that is deeper is shown as it was written
)

// headingsBelow is by how many levels headings are lowered: the page has the first, the field that a text is of the second.
const headingsBelow = 2

var (
	// plain knows CommonMark alone. Raw HTML and dangerous links are left out by goldmark already.
	plain = goldmark.New(goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(shallow(parser.DefaultBlockParsers())...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)))
	loose = goldmark.New(goldmark.WithParser(plain.Parser()), goldmark.WithRendererOptions(
		renderer.WithNodeRenderers(util.Prioritized(itemParagraphs{}, 100)), //nolint:misspell // goldmark's name
	))
	// policy is the second wall: what may be in the HTML, whatever the renderer writes.
	policy = allowed()
)

func allowed() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href", "title").OnElements("a")
	p.AllowAttrs("src", "alt", "title").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	return p
}

// HTML renders a text in CommonMark: without scripts, styles, raw HTML, or links to anything but pages, mail addresses and
// telephones. Headings begin at the third level.
func HTML(source string) string { return render(plain, source) }

// LooseHTML is HTML with a paragraph in each item of a list, also where CommonMark has none.
func LooseHTML(source string) string { return render(loose, source) }

func render(m goldmark.Markdown, source string) string {
	from := []byte(source)
	doc := m.Parser().Parse(text.NewReader(from))
	if prepare(doc) > maxDepth {
		return "<p>" + html.EscapeString(source) + "</p>"
	}
	var b bytes.Buffer
	if err := m.Renderer().Render(&b, from, doc); err != nil {
		panic(err) // writing to memory
	}
	return strings.TrimSpace(policy.Sanitize(b.String())) //nolint:misspell // bluemonday's name
}

// prepare lowers the headings, and returns how deep the document is.
func prepare(doc ast.Node) (deepest int) {
	depth := 0
	walk(doc, func(n ast.Node, entering bool) {
		if !entering {
			depth--
			return
		}
		depth++
		deepest = max(deepest, depth)
		if h, ok := n.(*ast.Heading); ok {
			h.Level = min(h.Level+headingsBelow, 6)
		}
	})
	return deepest
}

func walk(doc ast.Node, visit func(n ast.Node, entering bool)) {
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		visit(n, entering)
		return ast.WalkContinue, nil
	})
	if err != nil {
		panic(err) // visit returns none
	}
}

// shallow keeps quotations and lists from being nested without end, which costs time and memory out of all proportion.
func shallow(parsers []util.PrioritizedValue) []util.PrioritizedValue {
	for i, p := range parsers {
		parsers[i].Value = bounded{p.Value.(parser.BlockParser)}
	}
	return parsers
}

type bounded struct{ parser.BlockParser }

// Open begins no block where there are enough around it, but paragraphs.
func (b bounded) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > maxBlocks && b.Trigger() != nil { // the parser of paragraphs has none
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// itemParagraphs renders the texts of tight lists as those of loose ones.
type itemParagraphs struct{}

// RegisterFuncs takes the place of goldmark's own.
func (itemParagraphs) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindTextBlock, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		tag := "</p>\n"
		if entering {
			tag = "<p>"
		}
		_, err := w.WriteString(tag)
		return ast.WalkContinue, err
	})
}

// Plain is what a text in CommonMark says, without its marks, in one line.
func Plain(source string) string {
	from := []byte(source)
	var b strings.Builder
	walk(plain.Parser().Parse(text.NewReader(from)), func(n ast.Node, entering bool) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(n.Segment.Value(from)))))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(from))
			}
		default:
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}
