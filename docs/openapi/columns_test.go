package openapi

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImportColumnsAreCurrent(t *testing.T) {
	text, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc object
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../import-columns.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(importColumns(doc)), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("import-columns.md is out of date: run `go generate ./docs` (-want +got):\n%s", diff)
	}
}
