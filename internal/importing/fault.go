package importing

import "github.com/comuneprato/service-catalogue/internal/lang"

// InputError says why an input, or a row of it, cannot be read.
type InputError struct {
	Rule string // a key of the messages, such as "import.too_long"
	Args []any  // for its sentence
}

// The faults.
const (
	faultTooLong   = "import.too_long"
	faultDuplicate = "import.duplicate"
	faultArray     = "import.array"
	faultTruncated = "import.truncated"
	faultTrailing  = "import.trailing"
	faultUTF16     = "import.utf16"
	faultArchive   = "import.archive"
	faultNoHeader  = "import.no_header"
	faultWide      = "import.too_many_columns"
	faultCells     = "import.too_many_cells"
	faultQuotes    = "import.quotes"
	faultEncoding  = "import.encoding"
)

func fault(rule string, args ...any) error { return &InputError{rule, args} }

// In is what is wrong in the words of a language.
func (f *InputError) In(tag lang.Tag) string { return lang.Message(tag, f.Rule, f.Args...) }

func (f *InputError) Error() string { return f.In(lang.English) }
