package publishing

import (
	"encoding/json"
	"slices"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// without is a document without some of its places, which are given in their order.
func without(document []byte, places []catalogue.Pointer) ([]byte, error) {
	type operation struct {
		Op   string            `json:"op"`
		Path catalogue.Pointer `json:"path"`
	}
	var operations []operation
	for _, at := range slices.Backward(places) { // so that the places in a list stay what they are
		operations = append(operations, operation{"remove", at})
	}
	text, err := json.Marshal(operations)
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.DecodePatch(text)
	if err != nil {
		return nil, err
	}
	return patch.Apply(document)
}
