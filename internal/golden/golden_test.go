package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/golden"
)

// recorder is a test that keeps what it is told instead of failing.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) only(t *testing.T) string {
	t.Helper()
	if len(r.said) != 1 {
		t.Fatalf("got failures %q, want one", r.said)
	}
	return r.said[0]
}

func TestCheckWritesThenCompares(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CATALOGUE_UPDATE_GOLDEN", "1")
	golden.CheckJSON(t, "views/a", []byte(`{"b":1}`))
	got, err := os.ReadFile(filepath.Join("testdata", "views", "a.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"b\": 1\n}\n"; string(got) != want {
		t.Errorf("file: got %q, want %q", got, want)
	}

	t.Setenv("CATALOGUE_UPDATE_GOLDEN", "")
	golden.CheckJSON(t, "views/a", []byte(`{ "b": 1 }`))
	var r recorder
	golden.CheckJSON(&r, "views/a", []byte(`{"b":2}`))
	if got := r.only(t); !strings.Contains(got, "task golden") || !strings.Contains(got, `"b": 2`) {
		t.Errorf("difference: got %q, want the remedy and the diff", got)
	}
}

func TestCheckNamesTheRemedyForAMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CATALOGUE_UPDATE_GOLDEN", "")
	var r recorder
	golden.Check(&r, "a", nil)
	if got := r.only(t); !strings.Contains(got, "task golden") {
		t.Errorf("got %q, want the remedy", got)
	}
}

func TestCheckJSONRefusesWhatIsNoJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CATALOGUE_UPDATE_GOLDEN", "1")
	var r recorder
	golden.CheckJSON(&r, "a", []byte(`{`))
	r.only(t)
	if _, err := os.Stat("testdata"); err == nil {
		t.Error("the file was written")
	}
}
