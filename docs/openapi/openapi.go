// Package openapi writes the description of the API: it reads the comments beside the handlers, writes the operations out
// for every kind, derives the views from the document types, and applies docs/overlay.yaml. What the API does is decided
// elsewhere; what no comment or type can say stands in the overlay.
package openapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/swaggo/swag"
)

// object is a JSON object.
type object = map[string]any

// Generate writes swagger.{json,yaml}, openapi.{json,yaml}, hsds.json, rules.md, import-columns.md and authorisation.md into the folder docs of the
// repository at root.
func Generate(root string) error {
	docs := filepath.Join(root, "docs")
	o, err := readOverlay(filepath.Join(docs, "overlay.yaml"))
	if err != nil {
		return err
	}
	two, err := swagger(root, o)
	if err != nil {
		return err
	}
	three, err := converted(root, two, o)
	if err != nil {
		return err
	}
	apart, err := split(three, o.HSDS)
	if err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(docs, "hsds"), apart); err != nil {
		return err
	}
	withoutHSDS(two)
	prune(two, "definitions")
	for name, doc := range map[string]object{"swagger": two, "openapi": three} {
		if err := write(filepath.Join(docs, name), doc); err != nil {
			return err
		}
	}
	list, err := rules(filepath.Join(root, "internal", "lang", "messages"))
	if err != nil {
		return err
	}
	for name, page := range map[string][]byte{"rules.md": list, "import-columns.md": importColumns(three), "authorisation.md": authorisation()} {
		if err := os.WriteFile(filepath.Join(docs, name), page, 0o644); err != nil { //nolint:gosec // the repository is public
			return err
		}
	}
	return nil
}

// swagger is the description in Swagger 2.0.
func swagger(root string, o overlay) (object, error) {
	parser := swag.New(
		swag.SetStrict(true), swag.SetParseDependency(int(swag.ParseModels)), swag.ParseUsingGoList(true),
		swag.SetDebugger(log.New(io.Discard, "", 0)),
	)
	parser.ParseInternal = true
	if err := parser.ParseAPI(filepath.Join(root, "api"), "api.go", 100); err != nil {
		return nil, fmt.Errorf("the comments beside the handlers: %w", err)
	}
	doc, err := toObject(parser.GetSwagger())
	if err != nil {
		return nil, err
	}
	if err := shortNames(doc); err != nil {
		return nil, err
	}
	definitions := doc["definitions"].(object)
	if err := describe(definitions, filepath.Join(root, "api"), filepath.Join(root, "internal", "catalogue"), filepath.Join(root, "internal", "publishing"), filepath.Join(root, "internal", "hours"), hsdsFolder(root)); err != nil {
		return nil, err
	}
	if err := tighten(definitions, o.Formats); err != nil {
		return nil, err
	}
	if err := addViews(definitions, o.Formats); err != nil {
		return nil, err
	}
	addIdempotencyKeys(doc)
	expand(doc)
	merge(doc, o.Swagger)
	prune(doc, "definitions")
	return doc, nil
}

// converted is the description in OpenAPI 3.0.3. The error says what of it is no valid OpenAPI.
func converted(root string, swagger object, o overlay) (object, error) {
	var two openapi2.T
	if err := remake(swagger, &two); err != nil {
		return nil, err
	}
	three, err := openapi2conv.ToV3(&two)
	if err != nil {
		return nil, fmt.Errorf("converting to OpenAPI 3: %w", err)
	}
	doc, err := toObject(three)
	if err != nil {
		return nil, err
	}
	for i, action := range o.OpenAPI {
		if action.apply(doc) == 0 {
			return nil, fmt.Errorf("overlay.yaml: action %d, at %v, finds nothing to change", i+1, action.At)
		}
	}
	if err := addFormats(doc, root); err != nil {
		return nil, err
	}
	orParts(doc)
	bound(doc)
	tellOpen(doc)
	prune(doc, "components", "schemas")
	return doc, valid(doc)
}

// valid says what of a description is no valid OpenAPI.
func valid(doc object) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	loaded, err := openapi3.NewLoader().LoadFromData(data)
	if err == nil {
		err = loaded.Validate(context.Background())
	}
	if err != nil {
		return fmt.Errorf("the description is no valid OpenAPI: %w", err)
	}
	return nil
}

// tellOpen says of each operation that asks for no key that it does not, as the Italian guidelines want it said.
func tellOpen(doc object) {
	for _, item := range doc["paths"].(object) {
		for _, operation := range item.(object) {
			absent(operation.(object), "security", []any{object{}})
		}
	}
}

// toObject turns a document of a library into plain JSON.
func toObject(from any) (object, error) {
	var doc object
	return doc, remake(from, &doc)
}

// remake turns a document into another form of it, by way of JSON.
func remake(from, into any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
