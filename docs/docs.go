// Package docs holds the description of the API, which gen.go writes from the comments beside the handlers, and the page
// that shows it.
package docs

import (
	"bytes"
	_ "embed"
	"strings"
)

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

// placeholder is where the description says that the catalogue is, until somebody serves it.
const placeholder = "https://catalogo.comune.prato.it"

// Served is a description as a catalogue at an address serves it: that is what it names as its server and what examples
// start with. One that is not asked by https is a sandbox (x-sandbox, as the Italian guidelines have it).
func Served(description []byte, publicURL string) []byte {
	description = bytes.ReplaceAll(description, []byte(placeholder), []byte(publicURL))
	if strings.HasPrefix(publicURL, "https://") {
		return description
	}
	for _, mark := range []string{`"x-sandbox": `, `x-sandbox: `} {
		description = bytes.ReplaceAll(description, []byte(mark+"false"), []byte(mark+"true"))
	}
	return description
}
