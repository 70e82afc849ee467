// Command convert writes the demonstration catalogue of package demo: it reads the records that were found
// (source/real-services.json), the terms chosen by hand for them (classification.json), our translations of their Italian
// (translations.json) and the opening hours that we read from their words (hours.json), and writes the rows of the import (demo.ndjson) and the report of what went where
// (testdata/mapping.golden). It adds no facts.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The files, relative to the folder of package demo, where go generate runs.
const (
	sourceFile         = "source/real-services.json"
	classificationFile = "classification.json"
	translationsFile   = "translations.json"
	hoursFile          = "hours.json"
	rowsFile           = "demo.ndjson"
	reportFile         = "testdata/mapping.golden"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(dir string) error {
	source, err := os.ReadFile(filepath.Join(dir, sourceFile))
	if err != nil {
		return err
	}
	classification, err := os.ReadFile(filepath.Join(dir, classificationFile))
	if err != nil {
		return err
	}
	words, err := os.ReadFile(filepath.Join(dir, translationsFile))
	if err != nil {
		return err
	}
	openings, err := os.ReadFile(filepath.Join(dir, hoursFile))
	if err != nil {
		return err
	}
	rows, report, err := convert(source, classification, words, openings)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, rowsFile), rows, 0o644); err != nil { //nolint:gosec // for everyone to read
		return err
	}
	return os.WriteFile(filepath.Join(dir, reportFile), report, 0o644) //nolint:gosec // for everyone to read
}
