package openapi

import (
	"fmt"
	"os"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// overlay is what docs/overlay.yaml says.
type overlay struct {
	Formats map[string]object `yaml:"formats"` // what rules of `validate` tags and extensions mean for a schema
	Swagger object            `yaml:"swagger"` // merged into the description in Swagger 2.0
	OpenAPI []action          `yaml:"openapi"` // done to the description in OpenAPI 3, one after the other
	HSDS    object            `yaml:"hsds"`    // merged into the description of /hsds
}

// action changes every place that At leads to: each of its names leads one level down, or several ways at once, by `*`
// in it, by `|` between alternatives, or by `{kinds}`, which stands for each of them. The name of a parameter leads to
// it. Merge is a JSON Merge Patch (RFC 7396), Replace the new value.
type action struct {
	At      []string `yaml:"at"`
	Merge   object   `yaml:"merge"`
	Replace any      `yaml:"replace"`
}

func readOverlay(name string) (overlay, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return overlay{}, err
	}
	var o overlay
	d := yaml.NewDecoder(strings.NewReader(string(data)))
	d.KnownFields(true)
	if err := d.Decode(&o); err != nil {
		return overlay{}, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}

// apply returns how many places it changed.
func (a action) apply(doc object) int { return a.down(doc, a.At) }

func (a action) down(value any, at []string) (changed int) {
	if len(at) == 0 {
		merge(value.(object), a.Merge)
		return 1
	}
	switch value := value.(type) {
	case object:
		for name, member := range value {
			switch {
			case !matches(at[0], name):
			case len(at) == 1 && a.Replace != nil:
				value[name] = clone(a.Replace)
				changed++
			default:
				changed += a.down(member, at[1:])
			}
		}
	case []any:
		for _, element := range value {
			if named, ok := element.(object); ok && matches(at[0], fmt.Sprint(named["name"])) {
				changed += a.down(named, at[1:])
			}
		}
	}
	return changed
}

func matches(pattern, name string) bool {
	for alternative := range strings.SplitSeq(pattern, "|") {
		for _, kind := range catalogue.Kinds {
			// A slash is a letter like others here.
			p := strings.ReplaceAll(strings.ReplaceAll(alternative, "{kinds}", kind.Plural()), "/", "\x00")
			if ok, err := path.Match(p, strings.ReplaceAll(name, "/", "\x00")); err != nil {
				panic(fmt.Errorf("overlay.yaml: %q: %w", pattern, err))
			} else if ok {
				return true
			}
		}
	}
	return false
}

// merge applies a JSON Merge Patch.
func merge(into, patch object) {
	for name, value := range patch {
		member, isObject := value.(object)
		switch {
		case value == nil:
			delete(into, name)
		case isObject:
			old, ok := into[name].(object)
			if !ok {
				old = object{}
				into[name] = old
			}
			merge(old, member)
		default:
			into[name] = clone(value)
		}
	}
}
