// Package hsdstest holds objects of HSDS against the schemas of the specification. It is for tests.
package hsdstest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed testdata/*.json
var files embed.FS

// base is where the schemas are taken to be.
const base = "https://example.org/hsds/"

var compiler = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	entries, err := files.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := files.ReadFile("testdata/" + e.Name())
		if err != nil {
			return nil, err
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		tighten(schema)
		if err := c.AddResource(base+e.Name(), schema); err != nil {
			return nil, err
		}
	}
	return c, nil
})

// dated are the formats that the schemas state in a way of their own.
var dated = map[string]string{"date": "date", "datetime": "date-time"}

// tighten lets a schema know no members but its own, no empty strings, and the dates that it states for tables.
func tighten(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if s["properties"] != nil {
			s["additionalProperties"] = false
		}
		if s["type"] == "string" {
			s["minLength"] = json.Number("1")
			if name, ok := s["datapackage_type"].(string); ok && dated[name] != "" {
				s["format"] = dated[name]
			}
		}
		for _, member := range s {
			tighten(member)
		}
	case []any:
		for _, element := range s {
			tighten(element)
		}
	}
}

var schemas sync.Map // by name, once they are compiled

// Validate says what of an encoded object is not as a schema wants it: service, service_list, taxonomy and so on. Members
// that HSDS does not know, empty strings and nulls are mistakes too. What details have beside the schema of their
// table, as the compiled schemas do, is held against the schema of its own: the services of an organization, the service of
// a service_at_location.
func Validate(schema string, object []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
	if err != nil {
		return err
	}
	if err := besides(schema, value); err != nil {
		return err
	}
	if err := ids(value, map[string]string{}); err != nil {
		return err
	}
	return validate(schema, value)
}

func besides(schema string, value any) error {
	o, _ := value.(map[string]any)
	switch schema {
	case "organization":
		services, _ := o["services"].([]any)
		delete(o, "services")
		for _, s := range services {
			if err := validate("service", s); err != nil {
				return err
			}
		}
	case "service_at_location":
		service := o["service"]
		delete(o, "service")
		return validate("service", service)
	}
	return nil
}

func validate(schema string, value any) error {
	compiled, ok := schemas.Load(schema)
	if !ok {
		c, err := compiler()
		if err != nil {
			return err
		}
		if compiled, err = c.Compile(base + schema + ".json"); err != nil {
			return err
		}
		schemas.Store(schema, compiled)
	}
	return compiled.(*jsonschema.Schema).Validate(value)
}

// ids says which objects inside another have the same id and are not the same.
func ids(value any, seen map[string]string) error {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			if err := ids(member, seen); err != nil {
				return err
			}
		}
		id, ok := v["id"].(string)
		if !ok {
			return nil
		}
		data, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if other, ok := seen[id]; ok && !similar(other, string(data)) {
			return fmt.Errorf("%s is the id of two objects:\n%s\n%s", id, other, data)
		}
		seen[id] = string(data)
	case []any:
		for _, element := range v {
			if err := ids(element, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// similar reports whether two objects may be the same, one of them with more of what belongs to it: what both say in a
// word is the same.
func similar(a, b string) bool {
	var one, other map[string]any
	if json.Unmarshal([]byte(a), &one) != nil || json.Unmarshal([]byte(b), &other) != nil {
		return false
	}
	for name, value := range one {
		if _, isText := value.(string); isText && other[name] != nil && other[name] != value {
			return false
		}
	}
	return true
}
