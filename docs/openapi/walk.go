package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// eachString calls change for every string of a document, names of members too, and puts its answer in the place.
func eachString(value any, change func(string) string) any {
	switch value := value.(type) {
	case object:
		changed := make(object, len(value))
		for name, member := range value {
			changed[change(name)] = eachString(member, change)
		}
		return changed
	case []any:
		changed := make([]any, len(value))
		for i, element := range value {
			changed[i] = eachString(element, change)
		}
		return changed
	case string:
		return change(value)
	default:
		return value
	}
}

func clone[T any](value T) T {
	return eachString(value, func(s string) string { return s }).(T)
}

// shortNames takes the packages off the names of the definitions: Service, not catalogue.Service.
func shortNames(doc object) error {
	definitions := doc["definitions"].(object)
	short := map[string]string{}
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(definitions)) {
		pkg, s, _ := strings.Cut(name, ".")
		if pkg == "hsds" {
			s = hsdsPrefix + s
		}
		if taken[s] != "" {
			return fmt.Errorf("two schemas would be called %s: %s and %s", s, taken[s], name)
		}
		taken[s] = name
		short[name], short["#/definitions/"+name] = s, "#/definitions/"+s
	}
	for part, value := range doc {
		doc[part] = eachString(value, func(s string) string {
			if to, ok := short[s]; ok {
				return to
			}
			return s
		})
	}
	return nil
}

// prune drops the schemas that nothing refers to.
func prune(doc object, at ...string) {
	schemas := doc
	for _, name := range at {
		schemas = schemas[name].(object)
	}
	prefix := "#/" + strings.Join(at, "/") + "/"
	used := map[string]bool{}
	var visit func(value any)
	visit = func(value any) {
		eachString(value, func(s string) string {
			if name, ok := strings.CutPrefix(s, prefix); ok && !used[name] {
				used[name] = true
				visit(schemas[name])
			}
			return s
		})
	}
	for part, value := range doc {
		if part == at[0] {
			continue
		}
		visit(value)
	}
	if components, ok := doc["components"].(object); ok {
		visit(components["responses"])
	}
	maps.DeleteFunc(schemas, func(name string, _ any) bool { return !used[name] })
}

// ref refers to a definition, with more to say about it beside, where there is more.
func ref(name string, more object) object {
	target := object{"$ref": "#/definitions/" + name}
	if len(more) == 0 {
		return target
	}
	described := object{"allOf": []any{target}}
	maps.Copy(described, more)
	return described
}

// referred is the name of the definition that a schema refers to, "" if it is another kind of schema.
func referred(schema object) string {
	if all, ok := schema["allOf"].([]any); ok && len(all) == 1 {
		schema = all[0].(object)
	}
	target, _ := schema["$ref"].(string)
	return strings.TrimPrefix(target, "#/definitions/")
}

// described is what a schema says beside the definition it refers to.
func described(schema object) object {
	more := object{}
	if d, ok := schema["description"]; ok {
		more["description"] = d
	}
	return more
}
