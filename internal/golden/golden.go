// Package golden compares what leaves the program with files that are read in review. Tests alone use it.
package golden

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// variable is the environment variable that makes tests write their golden files.
const variable = "CATALOGUE_UPDATE_GOLDEN"

// Check compares got with the file testdata/<name>.golden of the package under test, byte for byte. With
// CATALOGUE_UPDATE_GOLDEN=1 it writes the file instead. A slash in the name makes a folder.
func Check(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name)+".golden")
	if os.Getenv(variable) != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of the repository
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v: to write it, run `task golden` (or set %s=1)", err, variable)
		return
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is out of date: run `task golden` (or set %s=1) and read the diff as a client would (-want +got):\n%s",
			path, variable, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}

// CheckJSON is Check of a JSON text, indented for those who read the file. It fails if got is no JSON.
func CheckJSON(t testing.TB, name string, got []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Errorf("%s: %v in %q", name, err, got)
		return
	}
	indented.WriteByte('\n')
	Check(t, name, indented.Bytes())
}
