package catalogue

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

//go:embed labels.json
var labelData []byte

// labels are what people call the fields of documents, by their names.
var labels = func() (all map[string]lang.Text) {
	if err := json.Unmarshal(labelData, &all); err != nil {
		panic(fmt.Errorf("labels.json: %w", err))
	}
	return all
}()

// Label is what people call the place of a field in documents, with what identifies the elements of lists on the way:
// `Quanto costa › Duplicato › Importo`.
func (f FieldChange) Label(tag lang.Tag) string {
	parts := make([]string, 0, len(f.path))
	for _, step := range f.path {
		switch {
		case step.field != "":
			label, _ := labels[step.field].In(tag)
			parts = append(parts, label)
		case step.item != "":
			parts = append(parts, step.item)
		}
	}
	label := strings.Join(parts, " › ")
	if f.Lang != "" {
		label += " (" + string(f.Lang) + ")"
	}
	return label
}
