package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"gopkg.in/yaml.v3"
)

// first are the members with which a description begins; the others follow by name.
var first = []string{"openapi", "swagger", "info", "externalDocs", "servers", "tags", "security"}

// writeJSON writes a document as JSON, always in the same order.
func writeJSON(name string, doc object) error {
	data, err := ordered(doc)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, data, "", "  "); err != nil {
		return err
	}
	indented.WriteByte('\n')
	return os.WriteFile(name+".json", indented.Bytes(), 0o644) //nolint:gosec // the repository is public
}

// write writes a document as JSON and as YAML, always in the same order.
func write(name string, doc object) error {
	data, err := ordered(doc)
	if err != nil {
		return err
	}
	if err := writeJSON(name, doc); err != nil {
		return err
	}
	var node yaml.Node // JSON is YAML, and a node keeps its order
	if err := yaml.Unmarshal(data, &node); err != nil {
		return err
	}
	plain(&node)
	var text bytes.Buffer
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	if err := e.Encode(&node); err != nil {
		return err
	}
	return os.WriteFile(name+".yaml", text.Bytes(), 0o644) //nolint:gosec // the repository is public
}

func ordered(doc object) ([]byte, error) {
	names := slices.Sorted(maps.Keys(doc))
	for _, name := range slices.Backward(first) {
		if i := slices.Index(names, name); i >= 0 {
			names = slices.Insert(slices.Delete(names, i, i+1), 0, name)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", name)
		if err := e.Encode(doc[name]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plain drops the quotes and braces of JSON wherever YAML can do without.
func plain(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		plain(child)
	}
}
