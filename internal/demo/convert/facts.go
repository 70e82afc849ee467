package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// facts is the file of what a reader put into fields, by source_id of a service.
type facts struct {
	About    string                  `json:"about"`
	Services map[string]serviceFacts `json:"services"`
}

// serviceFacts are those of a service. Maps are by position in the record.
type serviceFacts struct {
	OtherCodes     []string               `json:"otherCodes"`
	MinAge         *int                   `json:"minAge"`
	MaxAge         *int                   `json:"maxAge"`
	WhoCanApply    string                 `json:"whoCanApply"`
	Requirements   []requirementFact      `json:"requirements"`
	Evidence       map[int]evidenceFact   `json:"evidence"` // of needed
	Outputs        []outputFact           `json:"outputs"`
	Processing     termFact               `json:"processing"`
	Administrative termFact               `json:"administrative"` // where the sentence binds the administration
	IfNoReply      string                 `json:"ifNoReply"`
	Deadlines      map[int][]deadlineFact `json:"deadlines"` // several where a sentence says several things
	Costs          map[int]costFact       `json:"costs"`
	Advantage      *advantageFact         `json:"advantage"`
	Channels       map[int]wayFact        `json:"channels"`
}

type requirementFact struct {
	Title          string   `json:"title"`
	Type           string   `json:"type"`
	Question       string   `json:"question"`       // in our words
	ExpectedAnswer string   `json:"expectedAnswer"` // yes where absent
	Evidence       []string `json:"evidence"`       // codes
}

type evidenceFact struct {
	Code            string `json:"code"`
	Validity        string `json:"validity"`
	SelfCertifiable bool   `json:"selfCertifiable"`
}

type outputFact struct {
	Title    string `json:"title"`
	Type     string `json:"type"`
	Sort     string `json:"sort"`
	Validity string `json:"validity"`
}

type termFact struct {
	Text       string `json:"text"` // instead of the whole sentence
	Max        string `json:"max"`
	Typical    string `json:"typical"`
	Days       string `json:"days"`
	StartsFrom string `json:"startsFrom"`
}

type deadlineFact struct {
	Words      string `json:"words"` // instead of the whole sentence
	From       string `json:"from"`
	To         string `json:"to"`
	Yearly     bool   `json:"yearly"`
	Offset     string `json:"offset"`
	StartsFrom string `json:"startsFrom"`
}

type costFact struct {
	Type           string   `json:"type"`
	Amount         string   `json:"amount"` // the least of a range, of which the record's amount is the most
	AmountMax      string   `json:"amountMax"`
	Percentage     string   `json:"percentage"`
	PercentageOf   string   `json:"percentageOf"`
	Exemptions     string   `json:"exemptions"`
	PaymentMethods []string `json:"paymentMethods"`
	PaymentWords   string   `json:"paymentWords"` // where another sentence names the methods
}

type advantageFact struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Amount      string `json:"amount"`
}

// wayFact is what differs on one way to a service.
type wayFact struct {
	Requirements []requirementFact `json:"requirements"`
	Needed       []int             `json:"needed"`   // which of the things needed
	Evidence     []string          `json:"evidence"` // others, in the source's words
	Processing   termFact          `json:"processing"`
	Costs        map[int]costFact  `json:"costs"` // all costs of the record, with these facts
}

// check returns an error if the facts are of a service that does not exist or of a sentence that its record lacks.
func (f facts) check(src source) error {
	err := sameKeys("facts: services", f.Services, ids(src.Services, func(s service) string { return s.ID }), false)
	if err != nil {
		return err
	}
	for _, s := range src.Services {
		own := f.Services[s.ID]
		for _, list := range []struct {
			name      string
			positions []int
			length    int
		}{
			{"needed", slices.Collect(maps.Keys(own.Evidence)), len(s.Needed)},
			{"deadlines", slices.Collect(maps.Keys(own.Deadlines)), len(s.Deadlines)},
			{"costs", slices.Collect(maps.Keys(own.Costs)), len(s.Costs)},
			{"channels", slices.Collect(maps.Keys(own.Channels)), len(s.Channels)},
		} {
			if len(list.positions) > 0 && slices.Max(list.positions) >= list.length {
				return fmt.Errorf("facts: %s has no %s[%d]", s.ID, list.name, slices.Max(list.positions))
			}
		}
		if (own.Processing != termFact{} || own.Administrative != termFact{}) && s.ProcessingTime == "" {
			return fmt.Errorf("facts: %s has no processing_time", s.ID)
		}
	}
	return nil
}

// reading is a value that a reader found in words of the source.
type reading struct{ id, at, value, words string }

// verbatim takes words of a sentence over into a field.
func (c *converter) verbatim(id, at, value, sentence string) string {
	if value != "" {
		c.readings = append(c.readings, reading{id, at, value, sentence})
		if !strings.Contains(strings.ToLower(sentence), strings.ToLower(value)) {
			c.fail(id, "%s: %q is not in %q", at, value, sentence)
		}
	}
	return value
}

// units are those of ISO 8601 durations, in Italian.
var units = map[byte][]string{'D': {"giorni"}, 'W': {"settimane", "settimana"}, 'M': {"mesi", "mese"}, 'Y': {"anni", "anno"}}

// numerals are the numbers that the source writes out.
var numerals = map[string][]string{"1": {"un", "una"}, "5": {"cinque"}, "6": {"sei"}, "10": {"dieci"}}

// duration takes a duration that a sentence says: "P6M" of "sei mesi". Of days, "entro 90" will do.
func (c *converter) duration(id, at, value, sentence string) string {
	if value != "" {
		c.readings = append(c.readings, reading{id, at, value, sentence})
		if !saysDuration(sentence, value) {
			c.fail(id, "%s: %s is not in %q", at, value, sentence)
		}
	}
	return value
}

// durationIn takes a duration from whichever sentence of a record says it.
func (c *converter) durationIn(s service, at, value string) string {
	lines := strings.Split(s.words(), "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return value != "" && saysDuration(line, value) })
	return c.duration(s.ID, at, value, lines[max(i, 0)])
}

func saysDuration(sentence, value string) bool {
	count, unit := strings.Trim(value, "PDWMY"), value[len(value)-1]
	for _, n := range append(numerals[count], count) {
		for _, u := range units[unit] {
			if regexp.MustCompile(`(?i)\b` + n + ` ` + u + `\b`).MatchString(sentence) {
				return true
			}
		}
	}
	return unit == 'D' && regexp.MustCompile(`\bentro `+count+`\b`).MatchString(sentence)
}

// amount takes a number that a sentence says: "2020.85" of "2.020,85 euro".
func (c *converter) amount(id, at, value, sentence string) string {
	if value != "" {
		c.readings = append(c.readings, reading{id, at, value, sentence})
		if !slices.Contains(amounts(sentence), strings.TrimSuffix(value, ".00")) {
			c.fail(id, "%s: %s is not in %q", at, value, sentence)
		}
	}
	return value
}

var (
	italianNumber = regexp.MustCompile(`[0-9]+(?:\.[0-9]{3})*(?:,[0-9]+)?`)
	italianPoints = strings.NewReplacer(".", "", ",", ".")
)

// amounts are the numbers of an Italian text, with a decimal point.
func amounts(text string) []string {
	var list []string
	for _, n := range italianNumber.FindAllString(text, -1) {
		list = append(list, strings.TrimSuffix(italianPoints.Replace(n), ".00"))
	}
	return list
}

// age takes an age in years that the record says.
func (c *converter) age(s service, at string, years *int) *int {
	if years != nil {
		c.durationIn(s, at, "P"+strconv.Itoa(*years)+"Y")
		c.readings[len(c.readings)-1].value = strconv.Itoa(*years)
	}
	return years
}

// words are the sentences of a record.
func (s service) words() string {
	lines := slices.Concat([]string{s.ShortDescription}, s.Audience, s.HowTo, s.Needed, s.Deadlines,
		[]string{s.Outcome, s.ProcessingTime, s.Notes})
	for _, x := range s.Costs {
		lines = append(lines, x.Label, x.Note)
	}
	for _, x := range s.Channels {
		lines = append(lines, x.Value, x.Note)
	}
	return strings.Join(lines, "\n")
}

// sentence is the sentence of a record that has these words.
func (c *converter) sentence(s service, words string) string {
	for line := range strings.SplitSeq(s.words(), "\n") {
		if strings.Contains(strings.ToLower(line), strings.ToLower(words)) {
			return line
		}
	}
	c.fail(s.ID, "no sentence has %q", words)
	return ""
}

// said takes words over from whichever sentence of a record has them.
func (c *converter) said(s service, at, words string) string {
	if words == "" {
		return ""
	}
	return c.verbatim(s.ID, at, words, c.sentence(s, words))
}

func (c *converter) requirements(s service, at string, list []requirementFact) []catalogue.Requirement {
	var made []catalogue.Requirement
	for i, f := range list {
		place := fmt.Sprintf("%s/requirements/%d", at, i)
		for _, n := range amounts(f.Question) {
			if !slices.Contains(amounts(s.words()), n) {
				c.fail(s.ID, "%s: the record does not say %s", place, n)
			}
		}
		made = append(made, catalogue.Requirement{
			Title: text(capitalised(c.said(s, place+"/title", f.Title))), Type: f.Type, Question: text(f.Question),
			ExpectedAnswer: cmp.Or(f.ExpectedAnswer, "yes"), Evidence: f.Evidence,
		})
		c.note(s.ID, "%s/question is in our words: %q", place, f.Question)
	}
	return made
}

// evidenceTypes tells what sort of evidence is needed by how it is called. The first that fits counts.
var evidenceTypes = []struct {
	pattern *regexp.Regexp
	code    string
}{
	{regexp.MustCompile(`^(Domanda|Richiesta|Mod(ulo|ello) (di |per )?(domanda|richiesta))\b`), "REQ"},
	{regexp.MustCompile(`^(Ricevuta|Attestazione) d(i|ella|el) (pagamento|quota|versamento)\b`), "PAYMENTDEC"},
	{regexp.MustCompile(`(?i)^((foto)?copia del )?documento (d'|di )(identità|riconoscimento)`), "IDDEC"},
}

// evidenceType is "" where the words leave it open.
func evidenceType(title string) string {
	for _, t := range evidenceTypes {
		if t.pattern.MatchString(title) {
			return t.code
		}
	}
	return ""
}

func (c *converter) evidence(s service) []catalogue.Evidence {
	var made []catalogue.Evidence
	for i, title := range s.Needed {
		f, at := c.facts.Services[s.ID].Evidence[i], fmt.Sprintf("/evidence/%d", i)
		if f.SelfCertifiable {
			c.verbatim(s.ID, at+"/selfCertifiable", "autocertificazione", title)
		}
		made = append(made, catalogue.Evidence{
			Title: text(title), Code: f.Code, Type: evidenceType(title), SelfCertifiable: f.SelfCertifiable,
			Validity: c.duration(s.ID, at+"/validity", f.Validity, title),
		})
	}
	return made
}

func (c *converter) outputs(s service) []catalogue.Output {
	var made []catalogue.Output
	for i, f := range c.facts.Services[s.ID].Outputs {
		at := fmt.Sprintf("/outputs/%d", i)
		made = append(made, catalogue.Output{
			Title: text(capitalised(c.said(s, at+"/title", f.Title))), Type: f.Type, Sort: f.Sort,
			Validity: c.durationIn(s, at+"/validity", f.Validity),
		})
	}
	return made
}

// term is a sentence about a duration, with what a reader found in it; nil where there is nothing.
func (c *converter) term(s service, at string, f termFact, sentence string) *catalogue.ProcessingTime {
	if f == (termFact{}) {
		return nil
	}
	words := cmp.Or(c.verbatim(s.ID, at+"/text", f.Text, sentence), sentence)
	return &catalogue.ProcessingTime{
		Max: c.duration(s.ID, at+"/max", f.Max, words), Typical: c.duration(s.ID, at+"/typical", f.Typical, words), Days: f.Days,
		StartsFrom: text(c.verbatim(s.ID, at+"/startsFrom", f.StartsFrom, words)), Text: text(capitalised(words)),
	}
}

// processingTime is the source's sentence, with a duration where a reader found a clear one.
func (c *converter) processingTime(s service) *catalogue.ProcessingTime {
	if s.ProcessingTime == "" {
		return nil
	}
	f := c.facts.Services[s.ID].Processing
	if f == (termFact{}) {
		c.note(s.ID, "processing_time %q gives no single duration: /processingTime is text only", s.ProcessingTime)
		return &catalogue.ProcessingTime{Text: text(s.ProcessingTime)}
	}
	return c.term(s, "/processingTime", f, s.ProcessingTime)
}

// deadlines are the source's sentences, with dates or terms where a reader found clear ones.
func (c *converter) deadlines(s service) []catalogue.Deadline {
	var made []catalogue.Deadline
	for i, sentence := range s.Deadlines {
		list := c.facts.Services[s.ID].Deadlines[i]
		if list == nil {
			c.note(s.ID, "deadline %q gives no whole date and no term after something that it names: text only", sentence)
			list = []deadlineFact{{}}
		}
		for _, f := range list {
			at := fmt.Sprintf("/deadlines/%d", len(made))
			words := cmp.Or(c.verbatim(s.ID, at+"/title", f.Words, sentence), sentence)
			if f.Yearly {
				c.verbatim(s.ID, at+"/yearly", "annuale", words)
				c.note(s.ID, "deadline %q comes every year; the first year is that of valid_as_of, %s", words, s.ValidAsOf)
			}
			for _, day := range []string{f.From, f.To} {
				c.day(s, at, day, words)
			}
			made = append(made, catalogue.Deadline{
				Title: text(capitalised(words)), From: f.From, To: f.To, Yearly: f.Yearly,
				Offset:     c.duration(s.ID, at+"/offset", f.Offset, sentence),
				StartsFrom: text(c.verbatim(s.ID, at+"/startsFrom", f.StartsFrom, sentence)),
			})
		}
	}
	return made
}

// day notes a date and fails where the words do not name its day.
func (c *converter) day(s service, at, date, words string) {
	if date == "" {
		return
	}
	c.readings = append(c.readings, reading{s.ID, at, date, words})
	if day := strings.TrimPrefix(date[strings.LastIndexByte(date, '-')+1:], "0"); !slices.Contains(number.FindAllString(words, -1), day) {
		c.fail(s.ID, "%s: %s is not in %q", at, date, words)
	}
}

// paymentNames are what the source calls the methods of payment.
var paymentNames = map[string]string{"pagopa": "pagopa", "revenue_stamp": "da bollo", "payment_machine": "t-serve"}

// costs are those of a record, each with what a reader found in its words.
func (c *converter) costs(s service, at string, found map[int]costFact) []catalogue.Cost {
	var made []catalogue.Cost
	for i, x := range s.Costs {
		made = append(made, c.cost(s, fmt.Sprintf("%s/costs/%d", at, i), x, found[i]))
	}
	return made
}

// cost is free where the amount is nothing; where there is none it varies, or is a percentage.
func (c *converter) cost(s service, at string, x cost, f costFact) catalogue.Cost {
	words := strings.TrimSpace(x.Label + " " + x.Note)
	made := catalogue.Cost{
		Label: text(x.Label), Note: text(x.Note), Type: f.Type, AmountMax: c.amount(s.ID, at+"/amountMax", f.AmountMax, words),
		Percentage:     c.amount(s.ID, at+"/percentage", f.Percentage, words),
		PercentageOf:   text(c.verbatim(s.ID, at+"/percentageOf", f.PercentageOf, words)),
		Exemptions:     text(c.verbatim(s.ID, at+"/exemptions", f.Exemptions, words)),
		PaymentMethods: f.PaymentMethods,
	}
	if f.Type != "" {
		c.readings = append(c.readings, reading{s.ID, at + "/type", f.Type, words})
	}
	for _, method := range f.PaymentMethods {
		named := words
		if f.PaymentWords != "" {
			named = c.sentence(s, f.PaymentWords)
		}
		c.readings = append(c.readings, reading{s.ID, at + "/paymentMethods", method, named})
		if name := paymentNames[method]; name == "" || !strings.Contains(strings.ToLower(named), name) {
			c.fail(s.ID, "%s: %q does not name %s", at, named, method)
		}
	}
	switch {
	case x.Amount == nil && f.Percentage == "":
		c.note(s.ID, "cost %q has no amount: it varies", x.Label)
	case x.Amount == nil:
	case *x.Amount == 0:
		made.Free = true
	default:
		made.Amount, made.Currency = strconv.FormatFloat(*x.Amount, 'f', 2, 64), x.Currency
	}
	if f.AmountMax != "" {
		if f.AmountMax != made.Amount {
			c.fail(s.ID, "%s: the most is %s, but the amount %s", at, f.AmountMax, made.Amount)
		}
		made.Amount = c.amount(s.ID, at+"/amount", f.Amount, words)
	}
	return made
}

func (c *converter) advantage(s service) *catalogue.Advantage {
	f := c.facts.Services[s.ID].Advantage
	if f == nil {
		return nil
	}
	const at = "/financialAdvantage"
	made := &catalogue.Advantage{
		Type: f.Type, Description: text(c.verbatim(s.ID, at+"/description", f.Description, s.Outcome)),
		Amount: c.amount(s.ID, at+"/amount", f.Amount, s.Outcome),
	}
	if made.Amount != "" {
		made.Currency = "EUR"
		c.verbatim(s.ID, at+"/currency", "euro", s.Outcome)
	}
	return made
}
