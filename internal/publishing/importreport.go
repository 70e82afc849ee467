package publishing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db/importreport"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// StoredReport is what became of a row of an import in the background.
type StoredReport struct {
	Row       int            `json:"row,omitempty"` // 0 for an entry that was in none, and was archived
	Publisher string         `json:"publisher,omitempty"`
	Kind      catalogue.Kind `json:"kind,omitempty"`
	Key       string         `json:"key,omitempty"`
	Outcome   Outcome        `json:"outcome"`
	Faults    []Fault        `json:"faults,omitempty"` // of the first 1,000 refused rows
}

// Fault is one thing that is wrong with a row or an import, in no language yet.
type Fault struct {
	Finding *catalogue.Finding `json:"finding,omitempty"`

	// Else:
	Problem string `json:"problem,omitempty"` // its name in docs/errors.md
	Message string `json:"message,omitempty"` // a key of the messages
	Args    []any  `json:"args,omitempty"`
}

// ErrorsPage documents every problem under an anchor of its name.
const ErrorsPage = "https://github.com/comuneprato/service-catalogue/blob/main/docs/errors.md"

// In is the fault in the words of a language.
func (f Fault) In(tag lang.Tag) catalogue.FindingView {
	if f.Finding != nil {
		return catalogue.Findings{*f.Finding}.In(tag)[0]
	}
	return catalogue.FindingView{
		Rule: f.Problem, Level: string(catalogue.LevelDraft), Severity: string(catalogue.SeverityError),
		Message: lang.Message(tag, f.Message, f.Args...), Help: ErrorsPage + "#" + f.Problem,
	}
}

// faultsOf says what an error is about.
func faultsOf(ref catalogue.Ref, err error) []Fault {
	var (
		invalid   *catalogue.InvalidError
		malformed *catalogue.MalformedError
		state     *catalogue.StateError
		forbidden *forbiddenError
		replace   *ReplaceError
		unread    *importing.InputError
	)
	_, unknown := catalogue.ParseKind(string(ref.Kind))
	switch {
	case errors.As(err, &invalid):
		faults := make([]Fault, len(invalid.Findings))
		for i := range invalid.Findings {
			faults[i].Finding = &invalid.Findings[i]
		}
		return faults
	case errors.As(err, &malformed):
		return []Fault{{Problem: "malformed", Message: malformed.Rule, Args: []any{malformed.Offset}}}
	case errors.As(err, &unread):
		return []Fault{{Problem: "import", Message: unread.Rule, Args: unread.Args}}
	case errors.As(err, &state):
		return []Fault{{Problem: "state", Message: "problem.state.detail", Args: []any{state.Transition, state.Publication, state.Draft}}}
	case errors.As(err, &forbidden):
		return []Fault{{Problem: "forbidden", Message: forbidden.message, Args: []any{forbidden.arg}}}
	case errors.As(err, &replace) && replace.Unnamed > 0:
		return []Fault{{Problem: "import", Message: "import.replace.unnamed", Args: []any{replace.Unnamed}}}
	case errors.As(err, &replace):
		return []Fault{{Problem: "import", Message: "import.replace.missing", Args: []any{replace.Missing, replace.Total}}}
	case errors.Is(err, catalogue.ErrPrecondition):
		return []Fault{{Problem: "precondition", Message: "problem.precondition.detail"}}
	case errors.Is(err, catalogue.ErrBadKey):
		return []Fault{{Problem: "key", Message: "problem.key.detail"}}
	case errors.Is(err, catalogue.ErrNotFound) && unknown != nil:
		var findings catalogue.Findings
		findings.AddOneOf("/kind", strings.Join(catalogue.KindNames(), ", "))
		return []Fault{{Finding: &findings[0]}}
	case errors.Is(err, catalogue.ErrNotFound):
		return []Fault{{Problem: "not-found", Message: "problem.not-found.own", Args: []any{ref.Publisher}}}
	default:
		return []Fault{{Problem: "import", Message: err.Error()}}
	}
}

// forbiddenError says what whoever imports may not do to a row. It is an ErrForbidden.
type forbiddenError struct{ message, arg string }

func (e *forbiddenError) Error() string { return lang.Message(lang.English, e.message, e.arg) }

// Is makes errors.Is(err, ErrForbidden) hold.
func (e *forbiddenError) Is(target error) bool { return target == catalogue.ErrForbidden }

// inputError is an input of which no more rows can be read.
type inputError struct{ err error }

func (e *inputError) Error() string { return "reading the rows: " + e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

// encodeReason encodes why an import stored nothing.
func encodeReason(err error) (string, error) {
	var input *inputError
	if errors.As(err, &input) {
		err = input.err
	}
	text, failed := json.Marshal(faultsOf(catalogue.Ref{Kind: catalogue.KindService}, err)[0])
	return string(text), failed
}

func parseFault(text string) *Fault {
	fault := &Fault{}
	if err := decodeNumbers([]byte(text), fault); err != nil {
		return &Fault{Problem: "import", Message: text}
	}
	fault.restore()
	return fault
}

// encodeReports encodes reports, a line each, with what is wrong for so many of those that were refused.
func encodeReports(reports []RowReport, detailed int) (string, error) {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for _, r := range reports {
		stored := StoredReport{Row: r.Number, Publisher: r.Ref.Publisher, Kind: r.Ref.Kind, Key: r.Ref.Key, Outcome: r.Outcome}
		if r.Err != nil && detailed > 0 {
			detailed--
			stored.Faults = faultsOf(r.Ref, r.Err)
		}
		if err := lines.Encode(stored); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// Report tells what became of each row of an import so far, in the order in which that was settled, until tell returns an
// error. It returns ErrNotFound if the publisher has no such import.
func (i *Imports) Report(ctx context.Context, publisherKey string, id uuid.UUID, tell func(StoredReport) error) error {
	if _, err := i.Get(ctx, publisherKey, id); err != nil {
		return err
	}
	return i.eachReport(ctx, id, tell)
}

func (i *Imports) eachReport(ctx context.Context, id uuid.UUID, tell func(StoredReport) error) error {
	for number := 0; ; number++ {
		part, err := found(i.p.store.Reader().ImportReport.Query().Where(importreport.JobID(id), importreport.Number(number)).Only(ctx))
		if err != nil || part == nil {
			return store.Wrap(err, "reading the report of import %s", id)
		}
		for line := range strings.Lines(part.Rows) {
			var row StoredReport
			if err := decodeNumbers([]byte(line), &row); err != nil {
				return err
			}
			for n := range row.Faults {
				row.Faults[n].restore()
			}
			if err := tell(row); err != nil {
				return err
			}
		}
	}
}

// decodeNumbers decodes JSON and keeps numbers as they were written.
func decodeNumbers(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// restore gives numbers among the arguments the type that sentences ask for.
func (f *Fault) restore() {
	args := f.Args
	if f.Finding != nil {
		args = f.Finding.Args
	}
	for i, arg := range args {
		if number, ok := arg.(json.Number); ok {
			if n, err := number.Int64(); err == nil {
				args[i] = n
			}
		}
	}
}
