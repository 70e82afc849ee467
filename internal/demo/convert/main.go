// Command convert writes the demonstration catalogue of package demo: it reads the records that were found
// (source/real-services.json), what we made of them by hand, and writes the rows of the import (demo.ndjson) and the
// report of what went where (testdata/mapping.golden). It adds no facts.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The files, relative to the folder of package demo, where go generate runs.
const (
	sourceFile         = "source/real-services.json"
	classificationFile = "classification.json" // terms
	factsFile          = "facts.json"          // what sentences say that fields can hold
	channelsFile       = "channels.json"       // ways that several services share
	proceduresFile     = "procedures.json"     // behind services
	hoursFile          = "hours.json"          // opening hours
	translationsFile   = "translations.json"   // English and Chinese
	rowsFile           = "demo.ndjson"
	reportFile         = "testdata/mapping.golden"
)

// madeByHand lists the files beside the source.
var madeByHand = []string{classificationFile, factsFile, channelsFile, proceduresFile, hoursFile, translationsFile}

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(dir string) error {
	files := map[string][]byte{}
	for _, name := range append([]string{sourceFile}, madeByHand...) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		files[name] = data
	}
	rows, report, err := convert(files)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, rowsFile), rows, 0o644); err != nil { //nolint:gosec // for everyone to read
		return err
	}
	return os.WriteFile(filepath.Join(dir, reportFile), report, 0o644) //nolint:gosec // for everyone to read
}
