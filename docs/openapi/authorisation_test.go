package openapi

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheListOfWhoMayUseWhatIsCurrent(t *testing.T) {
	written, err := os.ReadFile("../authorisation.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), string(authorisation())); diff != "" {
		t.Errorf("docs/authorisation.md is not what Accesses says (-written +said), run go generate ./docs:\n%s", diff)
	}
}
