package catalogue

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Level says for what a document is checked; each level includes the one before.
type Level string

// The levels.
const (
	LevelDraft   Level = "draft"   // may be stored
	LevelPublish Level = "publish" // may be made public
	LevelPortal  Level = "portal"  // is all that a municipal portal must show (Modello Comuni, C.SI.1.3)
)

// Levels lists the levels from the least to the most demanding.
var Levels = []Level{LevelDraft, LevelPublish, LevelPortal}

// Known reports whether l is one of the levels.
func (l Level) Known() bool { return slices.Contains(Levels, l) }

func (l Level) rank() int { return slices.Index(Levels, l) }

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // keeps the document from the level that was checked
	SeverityWarning Severity = "warning" // would keep it from a higher level
	SeverityAdvice  Severity = "advice"  // keeps it from nothing
)

// severities lists the severities, the gravest first.
var severities = []Severity{SeverityError, SeverityWarning, SeverityAdvice}

func (s Severity) graver(than Severity) bool {
	return slices.Index(severities, s) < slices.Index(severities, than)
}

// Finding is one thing that is wrong with a document, or could be better.
type Finding struct {
	Pointer   Pointer
	Parameter string // of the request, instead of a place in a document
	Rule      string
	Level     Level // from which the rule holds; "" for a parameter
	Severity  Severity
	Args      []any  // for the sentences of the rule
	Near      string // what was probably meant, if known
	Part      string // the part of the card of C.SI.1.3 that is missing, as CardParts calls it; "" for none
	Source    string // the law or standard that asks for it, where that is not the rule's
}

// Findings are all that was found in one document.
type Findings []Finding

// FindingView is a finding in the words of one language, as answers show it.
type FindingView struct {
	Pointer   string `json:"pointer,omitempty" example:"/title/it"`                                                                         // JSON Pointer (RFC 6901) into the document
	Parameter string `json:"parameter,omitempty" example:"limit"`                                                                           // instead of a place in a document: the parameter of the request
	Rule      string `json:"rule" example:"required"`                                                                                       // the rule that was broken
	Level     string `json:"level,omitempty" enums:"draft,publish,portal" example:"draft"`                                                  // from which the rule holds; parameters have none
	Severity  string `json:"severity" enums:"error,warning,advice" example:"error"`                                                         // error: refused; warning: a higher level would refuse it
	Message   string `json:"message" example:"Manca un valore obbligatorio."`                                                               // what is wrong
	Expected  string `json:"expected" example:"un valore"`                                                                                  // what would be right
	Part      string `json:"part,omitempty" example:"how_to"`                                                                               // the part of the service card that is missing (Modello Comuni, C.SI.1.3)
	Source    string `json:"source,omitempty" example:"Modello Comuni, C.SI.1.3"`                                                           // the law or standard that the rule comes from
	Help      string `json:"help" format:"uri" example:"https://github.com/comuneprato/service-catalogue/blob/main/docs/rules.md#required"` // where the rule is documented
}

// RulesPage documents every rule under an anchor of its name.
const RulesPage = "https://github.com/comuneprato/service-catalogue/blob/main/docs/rules.md"

// In puts the findings into words.
func (f Findings) In(tag lang.Tag) []FindingView {
	views := make([]FindingView, len(f))
	for i, x := range f {
		args := make([]any, len(x.Args))
		for j, arg := range x.Args {
			args[j] = arg
			if worded, ok := arg.(wording); ok {
				args[j] = worded.in(tag)
			}
		}
		views[i] = FindingView{
			Pointer: string(x.Pointer), Parameter: x.Parameter, Rule: x.Rule, Level: string(x.Level), Severity: string(x.Severity), Part: x.Part,
			Message:  lang.Message(tag, "rule."+x.Rule+".message", args...),
			Expected: lang.Message(tag, "rule."+x.Rule+".expected", args...),
			Source:   cmp.Or(x.Source, ruleNamed(x.Rule).Source),
			Help:     RulesPage + "#" + x.Rule,
		}
		if x.Near != "" {
			views[i].Expected += lang.Message(tag, "near", x.Near)
		}
	}
	return views
}

// MarshalJSON shows the pointer of every finding about a document, the empty one too, and none of one about a parameter.
func (v FindingView) MarshalJSON() ([]byte, error) {
	type members FindingView
	if v.Level == "" {
		return json.Marshal(members(v))
	}
	return json.Marshal(struct {
		Pointer string `json:"pointer"`
		members
	}{v.Pointer, members(v)})
}

// wording is an argument of a sentence that reads differently in each language.
type wording interface{ in(tag lang.Tag) string }

// HasErrors reports whether any finding is an error.
func (f Findings) HasErrors() bool {
	return slices.ContainsFunc(f, func(x Finding) bool { return x.Severity == SeverityError })
}

// Err is an InvalidError of the findings that are errors, nil if none is.
func (f Findings) Err() error {
	if !f.HasErrors() {
		return nil
	}
	return &InvalidError{Findings: slices.DeleteFunc(f.Clone(), func(x Finding) bool { return x.Severity != SeverityError })}
}

// maxFindings bounds an answer about a document that is wrong all over.
const maxFindings = 1000

// full reports whether no more findings are taken.
func (f *Findings) full() bool { return len(*f) >= maxFindings }

// add appends a finding, unless what is known already says as much: one broken value gives one finding, not a cascade.
// It takes the place of a milder one about the same value.
func (f *Findings) add(x Finding) {
	for i, known := range *f {
		switch {
		case known.Parameter != "":
		case known.hides(x):
			(*f)[i].Part = cmp.Or(known.Part, x.Part)
			return
		case known.Pointer == x.Pointer && x.Severity.graver(known.Severity):
			(*f)[i] = x
			return
		}
	}
	if !f.full() {
		*f = append(*f, x)
	}
}

// hides reports whether nobody needs to hear y who has heard x.
func (x Finding) hides(y Finding) bool {
	switch {
	case y.Severity.graver(x.Severity):
		return false
	case x.Severity == SeverityAdvice: // each says something of its own
		return x.Rule == y.Rule && x.Pointer == y.Pointer
	case x.Pointer.holds(y.Pointer):
		return true
	case !x.unread():
		return false
	case y.Pointer.holds(x.Pointer): // a whole is judged without the part that could not be read
		return y.Rule != ruleTooMany
	default: // a value is missing because its name was misspelt
		return x.Rule == ruleUnknownField && x.Near != "" && y.absence() && y.Pointer == x.Pointer.sibling(x.Near)
	}
}

// unread reports whether the decoder had to leave a part out: the document that the rules see lacks it.
func (x Finding) unread() bool {
	switch x.Rule {
	case ruleUnknownField, ruleType, ruleDuplicate, ruleLanguage, ruleBlank, ruleCharacter, ruleTerm, ruleReference:
		return true
	}
	return false
}

// unreadIn reports whether any part of a value could not be read.
func (f Findings) unreadIn(whole Pointer) bool {
	return slices.ContainsFunc(f, func(x Finding) bool { return x.unread() && whole.holds(x.Pointer) })
}

// absence reports whether the finding may be about a value that is not there.
func (x Finding) absence() bool {
	switch x.Rule {
	case ruleRequired, ruleTooFew, ruleMissing:
		return true
	}
	return false
}

// Clone copies the findings.
func (f Findings) Clone() Findings { return slices.Clone(f) }

// OnlyReferences reports whether all the errors are references that lead nowhere yet.
func (f Findings) OnlyReferences() bool {
	return !slices.ContainsFunc(f, func(x Finding) bool {
		return x.Severity == SeverityError && x.Rule != ruleExists && x.Rule != rulePublished
	})
}

// AddRequired adds that a value is missing from a request.
func (f *Findings) AddRequired(at Pointer) {
	f.add(finding(at, ruleRequired, LevelDraft))
}

// AddTooLong adds that a text of a request is longer than it may be, in characters.
func (f *Findings) AddTooLong(at Pointer, most int) {
	f.add(finding(at, ruleTooLong, LevelDraft, most))
}

// AddBadReference adds that a value of a request is no reference.
func (f *Findings) AddBadReference(at Pointer, value string) {
	f.add(finding(at, ruleReference, LevelDraft, value))
}

// AddSynonyms adds that a set of synonyms is wrong, and what is.
func (f *Findings) AddSynonyms(at Pointer, wrong string) {
	f.add(finding(at, ruleSynonyms, LevelDraft, wrong))
}

// NoteMissing is the finding that a publication needs a note, since these fields mean something else than before.
func NoteMissing(fields []string) Finding {
	return finding("", ruleNote, LevelPublish, strings.Join(fields, ", "))
}

// AddTooMany adds that a list of a request has more elements than it may have.
func (f *Findings) AddTooMany(at Pointer, most int) {
	f.add(finding(at, ruleTooMany, LevelDraft, strconv.Itoa(most)))
}

// AddRepeated adds that an element of a list of a request stands there before.
func (f *Findings) AddRepeated(at Pointer) { f.add(finding(at, ruleUnique, LevelDraft)) }

// AddOneOf adds that a value of a request is none of those allowed.
func (f *Findings) AddOneOf(at Pointer, allowed string) {
	f.add(finding(at, ruleOneOf, LevelDraft, allowed))
}

// AddMoment adds that a value of a request is no instant.
func (f *Findings) AddMoment(at Pointer) { f.add(finding(at, ruleMoment, LevelDraft)) }

// AddPast adds that an instant of a request lies before the time that it is now.
func (f *Findings) AddPast(at Pointer, now time.Time) {
	f.add(finding(at, rulePast, LevelDraft, now.Format(time.RFC3339)))
}

// AddNowhere adds that a JSON Pointer in a request leads to no value of the document.
func (f *Findings) AddNowhere(at Pointer) { f.add(finding(at, ruleNowhere, LevelDraft)) }

// AddRange adds that a quantity of a request is beyond a bound.
func (f *Findings) AddRange(at Pointer, bound string) {
	f.add(finding(at, ruleRange, LevelDraft, bound))
}

// AddParameter adds that a parameter of a request breaks a rule of Rules; near is what was probably meant, "" if unknown.
// An empty name is the whole query.
func (f *Findings) AddParameter(name, rule, near string, args ...any) {
	*f = append(*f, Finding{Parameter: name, Rule: ruleNamed(rule).Name, Severity: SeverityError, Args: args, Near: near})
}

// Sort orders the findings: errors first, then by pointer.
func (f Findings) Sort() {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(a.Pointer, b.Pointer))
	})
}
