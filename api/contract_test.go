package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/api"
	"github.com/comuneprato/service-catalogue/api/apitest"
)

func TestEveryRouteIsDescribed(t *testing.T) {
	var routes, described []string
	parameter := regexp.MustCompile(`:[A-Za-z]+|\{[A-Za-z]+\}`)
	for _, route := range api.New(api.Config{}).Routes() {
		if !slices.Contains(apitest.Undescribed, route.Path) && route.Method != http.MethodHead {
			routes = append(routes, route.Method+" "+parameter.ReplaceAllString(route.Path, "{}"))
		}
	}
	for path, item := range apitest.Description(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+parameter.ReplaceAllString(path, "{}"))
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if diff := cmp.Diff(routes, described); diff != "" {
		t.Errorf("docs/openapi.json does not describe the routes (-routes +described), run go generate ./docs:\n%s", diff)
	}
}

func TestEveryGETHasItsHEAD(t *testing.T) {
	methods := map[string][]string{}
	for _, route := range api.New(api.Config{}).Routes() {
		methods[route.Path] = append(methods[route.Path], route.Method)
	}
	for path, m := range methods {
		if slices.Contains(m, http.MethodGet) != slices.Contains(m, http.MethodHead) {
			t.Errorf("%s answers %v, want GET and HEAD or neither", path, m)
		}
	}
}

func TestOperationsAreDescribedForPeople(t *testing.T) {
	doc := apitest.Description(t)
	ids := map[string]string{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			name := method + " " + path
			if operation.Summary == "" || len(operation.Tags) != 1 || doc.Tags.Get(operation.Tags[0]) == nil {
				t.Errorf("%s has the summary %q and the tags %q, want a summary and one tag that is described", name, operation.Summary, operation.Tags)
			}
			if !regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(operation.OperationID) || ids[operation.OperationID] != "" {
				t.Errorf("%s has the id %q, want one in camelCase of its own", name, operation.OperationID)
			}
			ids[operation.OperationID] = name
			for _, p := range operation.Parameters {
				if p.Value.In == "path" && p.Value.Example == nil {
					t.Errorf("%s has no example of %s", name, p.Value.Name)
				}
			}
			if body := operation.RequestBody; body != nil {
				for mediaType, content := range body.Value.Content {
					if content.Example == nil {
						t.Errorf("%s has no example of its body in %s", name, mediaType)
					}
				}
			}
		}
	}
	for name := range doc.Components.Schemas {
		if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`).MatchString(name) {
			t.Errorf("schema %q is not in PascalCase", name)
		}
	}
}
