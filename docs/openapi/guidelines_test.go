package openapi_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/comuneprato/service-catalogue/docs"
)

// The rules of the Italian interoperability guidelines (Modello di interoperabilità, api-oas-checker-rules) that Spectral
// never applies as they are published: their expressions select nothing.
func TestTheDescriptionKeepsTheItalianRulesThatSpectralPassesOver(t *testing.T) {
	doc := description(t)
	kebab := regexp.MustCompile(`^(\{[A-Za-z]+\}|[a-z][a-z0-9]*(-[a-z0-9]+)*(\.(json|yaml|jsonld))?)$`)
	verb := regexp.MustCompile(`^(get|post|put|delete|patch|create|remove|list)`)
	trainCase := regexp.MustCompile(`^([A-Z][A-Za-z]*)(-[A-Z][A-Za-z]*)*$`)

	t.Run("paths are in kebab-case, without verbs", func(t *testing.T) {
		for path := range doc.Paths.Map() {
			for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
				if !kebab.MatchString(segment) || verb.MatchString(segment) {
					t.Errorf("%s: %q", path, segment)
				}
			}
		}
	})
	t.Run("schemas are in PascalCase", func(t *testing.T) {
		for name := range doc.Components.Schemas {
			if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(name) {
				t.Errorf("schema %q", name)
			}
		}
	})
	operations(doc, func(name string, o *openapi3.Operation) {
		t.Run(name, func(t *testing.T) {
			if regexp.MustCompile(`(?i)^(get|post|put|delete|patch|head)`).MatchString(o.OperationID) {
				t.Errorf("the operationId %q begins with a method", o.OperationID)
			}
			for _, p := range o.Parameters {
				if p.Value.In == openapi3.ParameterInHeader && !trainCase.MatchString(p.Value.Name) {
					t.Errorf("header %q is not in Train-Case", p.Value.Name)
				}
			}
			for status, response := range o.Responses.Map() {
				for header := range response.Value.Headers {
					if !trainCase.MatchString(header) {
						t.Errorf("%s: header %q is not in Train-Case", status, header)
					}
				}
				if status < "400" {
					continue
				}
				problem := response.Value.Content["application/problem+json"]
				if problem == nil || len(response.Value.Content) != 1 {
					t.Errorf("%s is not application/problem+json alone", status)
					continue
				}
				for _, member := range []string{"type", "title", "status", "detail"} {
					if problem.Schema.Value.Properties[member] == nil {
						t.Errorf("%s: the problem has no %s", status, member)
					}
				}
			}
		})
	})
}

func TestExamplesAreAsTheirSchemas(t *testing.T) {
	if err := description(t).Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// What has no bounds is refused by the security profile of the guidelines; that it is right is for the contract tests.
func TestEverySchemaHasBounds(t *testing.T) {
	var doc any
	if err := json.Unmarshal(docs.OpenAPIJSON, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, node any)
	walk = func(at string, node any) {
		switch node := node.(type) {
		case map[string]any:
			kind, _ := node["type"].(string) // or a member of that name
			needs := map[string][]string{"array": {"minItems", "maxItems"}, "integer": {"format", "minimum", "maximum"}, "number": {"format", "minimum", "maximum"}, "object": {"additionalProperties"}}[kind]
			if kind == "string" && node["enum"] == nil && node["format"] == nil {
				needs = []string{"maxLength"}
			}
			if more, ok := node["additionalProperties"].(map[string]any); ok && more != nil {
				needs = append(needs, "maxProperties")
			}
			for _, name := range needs {
				if _, ok := node[name]; !ok {
					t.Errorf("%s has no %s", at, name)
				}
			}
			for name, value := range node {
				if !slices.Contains([]string{"example", "examples", "default", "enum"}, name) {
					walk(at+"/"+name, value)
				}
			}
		case []any:
			for _, value := range node {
				walk(at+"/…", value)
			}
		}
	}
	walk("", doc)
}

func TestOfWhatAClientHasAlreadyNoHeaderOfItsCopyIsDescribed(t *testing.T) {
	for _, description := range [][]byte{docs.OpenAPIJSON, docs.HSDSJSON} {
		doc, err := openapi3.NewLoader().LoadFromData(description)
		if err != nil {
			t.Fatal(err)
		}
		operations(doc, func(name string, o *openapi3.Operation) {
			unchanged := o.Responses.Value("304")
			for _, header := range []string{"Content-Language", "Content-Type", "Last-Modified"} {
				if unchanged != nil && unchanged.Value.Headers[header] != nil {
					t.Errorf("%s: 304 has %s, which is never sent", name, header)
				}
			}
		})
	}
}

func TestTheServedDescriptionNamesItsServer(t *testing.T) {
	for _, test := range []struct {
		url     string
		sandbox bool
	}{{"https://servizi.example.org/catalogo", false}, {"http://127.0.0.1:8080", true}} {
		var doc struct {
			Servers []struct {
				URL     string `json:"url"`
				Sandbox bool   `json:"x-sandbox"`
			} `json:"servers"`
		}
		if err := json.Unmarshal(docs.Served(docs.OpenAPIJSON, test.url), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Servers) != 1 || doc.Servers[0].URL != test.url || doc.Servers[0].Sandbox != test.sandbox {
			t.Errorf("%s: servers are %+v", test.url, doc.Servers)
		}
		if yaml := string(docs.Served(docs.OpenAPIYAML, test.url)); !strings.Contains(yaml, "url: "+test.url) || strings.Contains(yaml, "x-sandbox: true") != test.sandbox {
			t.Errorf("%s: the YAML says otherwise", test.url)
		}
	}
}

func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(docs.OpenAPIJSON)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func operations(doc *openapi3.T, do func(name string, o *openapi3.Operation)) {
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			do(method+" "+path, o)
		}
	}
}
