package openapi

// addIdempotencyKeys adds to every POST that needs a key the header that lets it be repeated.
func addIdempotencyKeys(doc object) {
	for _, item := range doc["paths"].(object) {
		operation, ok := item.(object)["post"].(object)
		if !ok || operation["security"] == nil {
			continue
		}
		parameters, _ := operation["parameters"].([]any)
		operation["parameters"] = append(parameters, object{
			"name": "Idempotency-Key", "in": "header", "type": "string", "minLength": 1, "maxLength": 257,
			"description": "names this request, such as a UUID: repeated within 24 hours it has no further effect and gets the same answer",
		})
		responses := operation["responses"].(object)
		for _, status := range []string{"409", "422"} {
			responses[status] = object{"description": "", "schema": object{"$ref": "#/definitions/Problem"}}
		}
	}
}
