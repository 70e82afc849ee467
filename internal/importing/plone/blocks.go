package plone

import (
	"fmt"
	"html/template"
	"strings"
)

// html writes a text as HTML: the blocks of Volto, rich text, or a string.
func html(value any) (fragment string, lost []string) {
	switch v := value.(type) {
	case string:
		return template.HTMLEscapeString(v), nil
	case map[string]any:
		if data, ok := v["data"].(string); ok { // rich text
			return data, nil
		}
		blocks, ok := v["blocks"].(map[string]any)
		if !ok {
			return "", []string{fmt.Sprint(v)}
		}
		layout, _ := v["blocks_layout"].(map[string]any)
		var b strings.Builder
		for _, id := range list(layout["items"]) {
			block, _ := blocks[text(id)].(map[string]any)
			lost = append(lost, writeBlock(&b, block)...)
		}
		return b.String(), lost
	default:
		return "", []string{fmt.Sprint(v)}
	}
}

func writeBlock(b *strings.Builder, block map[string]any) (lost []string) {
	switch kind := text(block["@type"]); kind {
	case "", "title", "description":
	case "text":
		content, _ := block["text"].(map[string]any)
		writeDraft(b, content)
	case "slate":
		for _, node := range list(block["value"]) {
			writeSlate(b, node)
		}
	case "html":
		b.WriteString(text(block["html"]))
	default:
		return []string{"blocco " + kind}
	}
	return nil
}

// draftTags are the elements of HTML for the types of blocks of Draft.js; items of lists stand in lists of their own.
var draftTags = map[string][2]string{
	"header-two": {"<h2>", "</h2>"}, "header-three": {"<h3>", "</h3>"}, "header-four": {"<h4>", "</h4>"},
	"unordered-list-item": {"<ul><li>", "</li></ul>"}, "ordered-list-item": {"<ol><li>", "</li></ol>"},
	"blockquote": {"<blockquote>", "</blockquote>"},
}

// writeDraft writes the content of Draft.js (convertToRaw): lines with links; emphasis is left out.
func writeDraft(b *strings.Builder, content map[string]any) {
	entities, _ := content["entityMap"].(map[string]any)
	lists := strings.NewReplacer("</ul><ul>", "", "</ol><ol>", "")
	var lines strings.Builder
	for _, element := range list(content["blocks"]) {
		block, _ := element.(map[string]any)
		tags, ok := draftTags[text(block["type"])]
		if !ok {
			tags = [2]string{"<p>", "</p>"}
		}
		lines.WriteString(tags[0])
		writeLinks(&lines, []rune(text(block["text"])), list(block["entityRanges"]), entities)
		lines.WriteString(tags[1])
	}
	b.WriteString(lists.Replace(lines.String()))
}

// writeLinks writes a line of Draft.js, whose ranges come in order and do not overlap. A range that does neither is left
// out.
func writeLinks(b *strings.Builder, line []rune, ranges []any, entities map[string]any) {
	done := 0
	for _, element := range ranges {
		r, _ := element.(map[string]any)
		offset, _ := r["offset"].(float64)
		length, _ := r["length"].(float64)
		from, to := int(offset), int(offset+length)
		entity, _ := entities[fmt.Sprint(r["key"])].(map[string]any)
		data, _ := entity["data"].(map[string]any)
		address := text(data["url"])
		if address == "" {
			address = text(data["href"])
		}
		if from < done || to > len(line) || from >= to || address == "" {
			continue
		}
		b.WriteString(template.HTMLEscapeString(string(line[done:from])))
		writeLink(b, address, template.HTMLEscapeString(string(line[from:to])))
		done = to
	}
	b.WriteString(template.HTMLEscapeString(string(line[done:])))
}

func writeLink(b *strings.Builder, address, inner string) {
	fmt.Fprintf(b, `<a href="%s">%s</a>`, template.HTMLEscapeString(address), inner)
}

// slateTags are the types of nodes of Slate that are elements of HTML.
var slateTags = map[string]bool{
	"p": true, "h2": true, "h3": true, "h4": true, "ul": true, "ol": true, "li": true, "strong": true, "em": true,
	"blockquote": true, "sub": true, "sup": true,
}

// writeSlate writes a node of Slate and those in it. Types that it does not know leave their text.
func writeSlate(b *strings.Builder, node any) {
	n, _ := node.(map[string]any)
	if leaf, ok := n["text"].(string); ok {
		b.WriteString(template.HTMLEscapeString(leaf))
		return
	}
	var inner strings.Builder
	for _, child := range list(n["children"]) {
		writeSlate(&inner, child)
	}
	kind := text(n["type"])
	switch data, _ := n["data"].(map[string]any); {
	case kind == "link" && text(data["url"]) != "":
		writeLink(b, text(data["url"]), inner.String())
	case slateTags[kind]:
		fmt.Fprintf(b, "<%s>%s</%s>", kind, inner.String(), kind)
	default:
		b.WriteString(inner.String())
	}
}
