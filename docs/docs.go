// Package docs holds the description of the API, which gen.go writes from the comments beside the handlers, and the page
// that shows it.
package docs

import _ "embed"

//go:generate go run gen.go

// OpenAPIJSON and OpenAPIYAML are the description in OpenAPI 3.0.3.
var (
	//go:embed openapi.json
	OpenAPIJSON []byte
	//go:embed openapi.yaml
	OpenAPIYAML []byte
)

// HSDSJSON is the description of what is served under /hsds.
//
//go:embed hsds.json
var HSDSJSON []byte

// Page shows the description in a browser; Script starts the viewer on it.
var (
	//go:embed viewer/index.html
	Page []byte
	//go:embed viewer/start.js
	Script []byte
)
