//go:build ignore

// Gen writes the description of the API (openapi.json, openapi.yaml, and swagger.json, swagger.yaml in Swagger 2.0) and
// the list of rules (rules.md). Run it by go generate ./docs; package docs/openapi says how it is done.
package main

import (
	"log"

	"github.com/comuneprato/service-catalogue/docs/openapi"
)

func main() {
	log.SetFlags(0)
	if err := openapi.Generate(".."); err != nil {
		log.Fatal("gen: ", err)
	}
}
