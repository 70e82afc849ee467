package catalogue

import (
	"slices"

	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Part is something that a complete entry of a kind says. The parts of a kind are one table, of which the rule `missing`
// and the score of completeness are read.
type Part struct {
	Field   string // its name; where several fields say the same, that of the first
	Level   Level  // that asks for it, "" where only the score does
	Points  int    // of the score; those of a kind make 100
	Card    string // the part of the card of C.SI.1.3 that it belongs to, "" for none
	Present bool   // in the document, or of no matter to it
}

// source is the law or standard that asks for a part.
func (p Part) source() string {
	if p.Card != "" {
		return sourceCard
	}
	return ""
}

// PartsOf lists what a complete entry of a kind says; none of it is present.
func PartsOf(kind Kind) []Part { return specOf(kind).zero().parts() }

// Score says how complete a document is: 100 less the points of what it does not say.
type Score struct {
	Value   int
	Missing []Part
}

// ScoreOf is the score of a document.
func ScoreOf(doc Document) Score {
	score := Score{Value: 100}
	for _, p := range doc.parts() {
		if !p.Present {
			score.Value -= p.Points
			score.Missing = append(score.Missing, p)
		}
	}
	return score
}

// ScoreView is a score in the words of one language.
type ScoreView struct {
	Value   int           `json:"value" minimum:"0" maximum:"100" example:"82"`
	Missing []MissingView `json:"missing"` // what it lacks for 100
}

// MissingView is something that an entry does not say.
type MissingView struct {
	Pointer string `json:"pointer" example:"/howTo"`                     // JSON Pointer (RFC 6901) to the field
	Label   string `json:"label" example:"Come fare"`                    // what people call it
	Points  int    `json:"points" minimum:"1" example:"10"`              // by which the score is lower
	Part    string `json:"part,omitempty" example:"how_to"`              // of the service card (Modello Comuni, C.SI.1.3)
	Level   string `json:"level,omitempty" enums:"draft,publish,portal"` // that asks for it
}

// In puts a score into words.
func (s Score) In(tag lang.Tag) ScoreView {
	view := ScoreView{Value: s.Value, Missing: make([]MissingView, len(s.Missing))}
	for i, p := range s.Missing {
		view.Missing[i] = MissingView{
			Pointer: "/" + p.Field, Label: fieldLabel(p.Field).in(tag), Points: p.Points, Part: p.Card, Level: string(p.Level),
		}
	}
	return view
}

// fieldLabel is what people call a field.
type fieldLabel string

func (f fieldLabel) in(tag lang.Tag) string { return lang.Message(tag, "field."+string(f)) }

// parts reports what the levels ask for and the document does not say.
func (c *checker) parts(doc Document) {
	for _, p := range doc.parts() {
		if p.Present || p.Level == "" {
			continue
		}
		c.findings.add(Finding{
			Pointer: Pointer("").Field(p.Field), Rule: ruleMissing, Level: p.Level, Severity: ruleNamed(ruleMissing).at(p.Level, c.level),
			Args: []any{p.Field, fieldLabel(p.Field)}, Part: p.Card, Source: p.source(),
		})
	}
}

func (s *Service) parts() []Part {
	var costsLevel Level
	if s.paid() {
		costsLevel = LevelPortal
	}
	parts := []Part{
		{"categories", LevelPublish, 5, CardCategory, len(s.Categories) > 0},
		{"title", LevelDraft, 5, CardTitle, len(s.Title) > 0},
		{"status", LevelPublish, 4, CardStatus, s.Status != ""},
		{"summary", LevelPublish, 6, CardSummary, len(s.Summary) > 0},
		{"audienceText", LevelPortal, 7, CardAudience, len(s.AudienceText) > 0 || len(s.Audiences) > 0},
		{"howTo", LevelPortal, 10, CardHowTo, len(s.HowTo) > 0},
		{"neededText", LevelPortal, 7, CardNeeded, len(s.NeededText) > 0 || len(s.Evidence) > 0},
		{"outcomeText", LevelPortal, 6, CardObtained, len(s.OutcomeText) > 0 || len(s.Outputs) > 0},
		{"timingText", LevelPortal, 6, CardDeadlines, len(s.TimingText) > 0 || len(s.Deadlines) > 0 || s.ProcessingTime != nil || s.AdministrativeTerm != nil},
		{"connections", LevelPortal, 10, CardAccess, len(s.Connections) > 0},
		{"conditions", LevelPortal, 4, CardConditions, len(s.Conditions) > 0},
		{"contacts", LevelPortal, 5, CardContacts, len(s.Contacts) > 0 || s.ResponsibleOffice != ""}, // the office's own do
		{"responsibleOffice", LevelPortal, 5, CardContacts, s.ResponsibleOffice != ""},
		{"topics", LevelPortal, 4, CardTopics, len(s.Topics) > 0},
		{"costsText", costsLevel, 5, CardCosts, s.statesCosts()},
		{"interactivity", LevelPortal, 2, "", s.Interactivity != ""},
		{"description", "", 3, "", len(s.Description) > 0},
		{"administrativeTerm", "", 2, "", s.AdministrativeTerm != nil},
		{"lifeEvents", "", 2, "", len(s.LifeEvents) > 0 || len(s.BusinessEvents) > 0},
		{"keywords", "", 2, "", len(s.Keywords) > 0 || len(s.AlternativeTitles) > 0},
	}
	if s.NotOffered == nil {
		return parts
	}
	for i, p := range parts { // how it is had elsewhere is not for this entry to say
		parts[i].Present = p.Present || !slices.Contains([]string{"title", "summary", "description", "keywords"}, p.Field)
	}
	return parts
}

func (o *Office) parts() []Part {
	return []Part{
		{"title", LevelDraft, 10, "", len(o.Title) > 0},
		{"summary", LevelPortal, 15, "", len(o.Summary) > 0},
		{"type", LevelPortal, 10, "", o.Type != ""},
		{"competences", LevelPortal, 20, "", len(o.Competences) > 0},
		{"places", LevelPortal, 15, "", len(o.Places) > 0},
		{"contacts", LevelPortal, 20, "", len(o.Contacts) > 0},
		{"timetable", "", 10, "", o.Timetable != "" || len(o.HoursText) > 0},
	}
}

func (p *Place) parts() []Part {
	return []Part{
		{"title", LevelDraft, 10, "", len(p.Title) > 0},
		{"summary", LevelPortal, 10, "", len(p.Summary) > 0},
		{"type", LevelPortal, 10, "", p.Type != ""},
		{"address", LevelPortal, 25, "", p.Address != nil},
		{"point", LevelPortal, 15, "", p.Point != nil},
		{"access", LevelPortal, 10, "", len(p.Access) > 0},
		{"accessibility", "", 10, "", len(p.Accessibility) > 0},
		{"timetable", "", 10, "", p.Timetable != "" || len(p.HoursText) > 0},
	}
}

func (p *Publisher) parts() []Part {
	return []Part{
		{"title", LevelDraft, 10, "", len(p.Title) > 0},
		{"summary", LevelPortal, 15, "", len(p.Summary) > 0},
		{"type", LevelPublish, 15, "", p.Type != ""},
		{"contacts", LevelPortal, 20, "", len(p.Contacts) > 0 || p.Website != ""},
		{"website", "", 10, "", p.Website != ""},
		{"address", "", 10, "", p.Address != nil || len(p.Places) > 0},
		{"sectors", "", 10, "", len(p.Sectors) > 0},
		{"legalName", "", 5, "", p.LegalName != ""},
		{"taxCode", "", 5, "", p.TaxCode != "" || p.VATNumber != ""},
	}
}

func (ch *Channel) parts() []Part {
	reached := ch.AccessURL != "" || ch.BookingURL != "" || len(ch.Offices) > 0 || len(ch.Places) > 0 || len(ch.Contacts) > 0
	return []Part{
		{"title", LevelDraft, 20, "", len(ch.Title) > 0},
		{"type", LevelDraft, 20, "", ch.Type != ""},
		{"summary", "", 15, "", len(ch.Summary) > 0},
		{"accessUrl", "", 25, "", reached}, // the rule channel_target asks for it
		{"identities", "", 10, "", ch.branch() != branchApplication || len(ch.Identities) > 0},
		{"timetable", "", 10, "", ch.Timetable != "" || len(ch.HoursText) > 0 || ch.branch() == branchApplication},
	}
}

// parts of a procedure are, but for its steps, what D.Lgs. 33/2013, art. 35, makes an administration publish.
func (p *Procedure) parts() []Part {
	return []Part{
		{"title", LevelDraft, 10, "", len(p.Title) > 0},
		{"description", LevelPublish, 10, "", len(p.Description) > 0 || len(p.Summary) > 0},
		{"legalBasis", LevelPortal, 10, "", len(p.LegalBasis) > 0},
		{"responsibleOffice", LevelPortal, 15, "", p.ResponsibleOffice != ""},
		{"term", LevelPortal, 10, "", p.Term != nil},
		{"remedies", LevelPortal, 10, "", len(p.Remedies) > 0},
		{"substitutePower", LevelPortal, 10, "", p.SubstitutePower != nil},
		{"steps", LevelPortal, 10, "", len(p.Steps) > 0},
		{"evidence", "", 5, "", len(p.Evidence) > 0 || len(p.Forms) > 0 || p.Initiative == "ex_officio"},
		{"informationText", "", 5, "", len(p.InformationText) > 0 || len(p.InformationOffices) > 0 || p.TrackingURL != ""},
		{"paymentText", "", 5, "", len(p.PaymentText) > 0 || len(p.Costs) > 0},
	}
}

func (t *Timetable) parts() []Part {
	return []Part{
		{"title", LevelDraft, 30, "", len(t.Title) > 0},
		{"periods", LevelPublish, 70, "", t.AlwaysOpen || len(t.Periods) > 0 || len(t.Exceptions) > 0},
	}
}

func (h *HolidaySet) parts() []Part {
	return []Part{
		{"title", LevelDraft, 30, "", len(h.Title) > 0},
		{"days", LevelPublish, 70, "", len(h.Days) > 0},
	}
}
