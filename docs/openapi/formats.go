package openapi

import (
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
)

// mostText is how many characters a representation may have: they repeat texts, and describe what an entry refers to.
const mostText = 64 << 20

// addFormats tells of the representations that the entries of each kind have beside the view.
func addFormats(doc object) {
	for _, kind := range catalogue.Kinds {
		get := doc["paths"].(object)["/v1/"+kind.Plural()+"/{idOrSlug}"].(object)["get"].(object)
		content := get["responses"].(object)["200"].(object)["content"].(object)
		for _, f := range format.Of(kind) {
			if f == format.View {
				continue
			}
			schema := object{"type": "string", "maxLength": mostText}
			if strings.Contains(f.MediaType, "json") {
				schema = object{"type": "object"}
			}
			content[f.MediaType] = object{"schema": schema}
		}
	}
}
