package openapi

import (
	"maps"
	"path/filepath"
	"reflect"
	"strings"
)

// What is served under /hsds has a description of its own, as HSDS wants it: the same comments and types, in a document apart.

const (
	hsdsPath   = "/hsds"
	hsdsPrefix = "HSDS" // of the names of its schemas, which would otherwise be those of the catalogue's own
	components = "#/components/schemas/"
)

func hsdsFolder(root string) string { return filepath.Join(root, "internal", "format", "hsds") }

// definitionName is the name of the definition of a type.
func definitionName(t reflect.Type) string {
	if strings.HasSuffix(t.PkgPath(), "/hsds") {
		return hsdsPrefix + t.Name()
	}
	return t.Name()
}

// withoutHSDS takes the operations of /hsds out of a description, and returns them by their paths below that.
func withoutHSDS(doc object) object {
	paths, apart := doc["paths"].(object), object{}
	for path, item := range paths {
		if below, ok := strings.CutPrefix(path, hsdsPath); ok {
			apart[below] = item
			delete(paths, path)
		}
	}
	return apart
}

// split takes the operations of /hsds out of the description, and makes one of their own, in which overlay says what is
// different.
func split(doc, overlay object) (object, error) {
	apart := clone(doc)
	apart["paths"] = withoutHSDS(doc)
	delete(apart["components"].(object), "securitySchemes")
	merge(apart, overlay)
	for _, part := range []string{"responses", "headers", "schemas"} {
		prune(apart, "components", part)
		prune(doc, "components", part)
	}
	apart = eachString(apart, func(s string) string {
		name, isReference := strings.CutPrefix(s, components)
		if name, ours := strings.CutPrefix(name, hsdsPrefix); ours && isReference {
			return components + name
		}
		return s
	}).(object)
	all := apart["components"].(object)["schemas"].(object)
	for name, schema := range maps.Clone(all) {
		if short, ours := strings.CutPrefix(name, hsdsPrefix); ours {
			delete(all, name)
			all[short] = schema
		}
	}
	return apart, valid(apart)
}
