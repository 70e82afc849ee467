// Package transparency writes procedures as the table that art. 35, comma 1, of D.Lgs. 33/2013 makes an administration publish
// ("Amministrazione trasparente", Attività e procedimenti, Tipologie di procedimento): as CSV, as JSON, and as a piece of
// HTML to be put into a page. The law is Italian, and so is the table.
package transparency

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// Column is a column of the table.
type Column struct {
	Name    string // of the member in JSON, and of the column in CSV
	Letter  string // of art. 35, comma 1; "" for what identifies the procedure
	Heading string
	value   func(r *row) string
}

// Columns are those of the table, in the order of the law.
var Columns = []Column{
	{"id", "", "Codice", func(r *row) string { return r.entry.ID.String() }},
	{"publisher", "", "Ente", func(r *row) string { return r.publisher() }},
	{"title", "", "Procedimento", func(r *row) string { return text(r.Title) }},
	{"description", "a", "Descrizione", func(r *row) string { return cmp.Or(text(r.Description), text(r.Summary)) }},
	{"legalBasis", "a", "Riferimenti normativi", func(r *row) string { return acts(r.LegalBasis) }},
	{"investigatingOffice", "b", "Unità organizzativa che cura l'istruttoria", func(r *row) string { return r.office(r.ResponsibleOffice) }},
	{"responsible", "c", "A capo del procedimento", func(r *row) string { return r.who(r.ResponsiblePerson, r.ResponsibleOffice) }},
	{"decidedBy", "c", "Competente per il provvedimento finale", func(r *row) string { return r.who(r.DecidingPerson, cmp.Or(r.DecidingOffice, r.ResponsibleOffice)) }},
	{"documents", "d", "Atti e documenti da allegare, modulistica", func(r *row) string { return lines(evidence(r.Evidence), attachments(r.Forms)) }},
	{"informationOffices", "d", "Uffici a cui rivolgersi per informazioni", func(r *row) string { return r.offices(r.InformationOffices) }},
	{"information", "e", "Come avere informazioni sul procedimento in corso", func(r *row) string { return lines(text(r.InformationText), r.TrackingURL) }},
	{"term", "f", "Termine di conclusione e altri termini", func(r *row) string { return lines(term(r.Term), deadlines(r.OtherTerms)) }},
	{"silence", "g", "Silenzio assenso o dichiarazione dell'interessato", func(r *row) string { return silence(r.Procedure) }},
	{"remedies", "h", "Strumenti di tutela", func(r *row) string { return text(r.Remedies) }},
	{"onlineService", "i", "Servizio online", func(r *row) string { return lines(r.OnlineURL, prefixed("attivo dal ", r.OnlineFrom)) }},
	{"payments", "l", "Pagamenti", func(r *row) string { return lines(text(r.PaymentText), costs(r.Costs)) }},
	{"substitutePower", "m", "Potere sostitutivo", func(r *row) string { return r.substitute() }},
	{"survey", "n", "Indagini sulla soddisfazione", func(r *row) string { return survey(r.OutcomeSurvey) }},
	{"updatedAt", "", "Aggiornato il", func(r *row) string { return r.entry.UpdatedAt.UTC().Format("2006-01-02") }},
	{"url", "", "Scheda", func(r *row) string { return r.look.URL(r.entry) }},
}

// WriteCSV writes the table of procedures (RFC 4180: commas, CRLF, UTF-8), without a cell that a spreadsheet program takes for
// a formula.
func WriteCSV(out io.Writer, l *catalogue.Look, procedures iter.Seq[*catalogue.Entry]) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	record := make([]string, len(Columns))
	for i, c := range Columns {
		record[i] = c.Name
	}
	if err := w.Write(record); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	for e := range procedures {
		r := rowOf(l, e)
		for i, c := range Columns {
			record[i] = importing.QuoteFormula(c.value(r))
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("writing a table: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

// WriteJSON writes `{"columns": [{name, letter, heading}], "items": [{…}]}`; an item has the columns that say something.
func WriteJSON(out io.Writer, l *catalogue.Look, procedures iter.Seq[*catalogue.Entry]) error {
	type heading struct {
		Name    string `json:"name"`
		Letter  string `json:"letter,omitempty"`
		Heading string `json:"heading"`
	}
	headings := make([]heading, len(Columns))
	for i, c := range Columns {
		headings[i] = heading{c.Name, c.Letter, c.Heading}
	}
	columns, err := json.Marshal(headings)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, `{"columns":%s,"items":[`, columns); err != nil {
		return err
	}
	separator := ""
	for e := range procedures {
		r := rowOf(l, e)
		var o catalogue.Object
		for _, c := range Columns {
			if value := c.value(r); value != "" {
				o = append(o, catalogue.Member{Name: c.Name, Value: catalogue.AppendString(nil, value)})
			}
		}
		if _, err := out.Write(o.Append([]byte(separator))); err != nil {
			return err
		}
		separator = ","
	}
	_, err = io.WriteString(out, "]}")
	return err
}

// WriteHTML writes a piece of HTML: a `table` with headings, a `tr` for each procedure. It has no styles and no scripts.
func WriteHTML(out io.Writer, l *catalogue.Look, procedures iter.Seq[*catalogue.Entry]) error {
	if err := page.ExecuteTemplate(out, "head", Columns); err != nil {
		return err
	}
	for e := range procedures {
		r := rowOf(l, e)
		cells := make([]cell, len(Columns))
		for i, c := range Columns {
			cells[i] = cell{c, strings.Split(c.value(r), "\n")}
		}
		if err := page.ExecuteTemplate(out, "row", cells); err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, "</tbody>\n</table>\n")
	return err
}

type cell struct {
	Column

	Lines []string
}

var page = template.Must(template.New("").Funcs(template.FuncMap{"isLink": isLink}).Parse(`
{{- define "head"}}<table lang="it" data-element="procedure-types">
<caption>Tipologie di procedimento (art. 35, comma 1, D.Lgs. 33/2013)</caption>
<thead><tr>{{range .}}<th scope="col"{{with .Letter}} data-letter="{{.}}"{{end}}>{{.Heading}}{{with .Letter}} (lett. {{.}}){{end}}</th>{{end}}</tr></thead>
<tbody>
{{end}}
{{- define "row"}}<tr>{{range .}}<td data-element="{{.Name}}">{{range $i, $line := .Lines}}{{if $i}}<br>{{end}}{{if isLink $line}}<a href="{{$line}}">{{$line}}</a>{{else}}{{$line}}{{end}}{{end}}</td>{{end}}</tr>
{{end}}`))

func isLink(line string) bool {
	return !strings.ContainsAny(line, " \t") && (strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "http://"))
}

// row is a procedure that is written.
type row struct {
	*catalogue.Procedure

	look  *catalogue.Look
	entry *catalogue.Entry
}

func rowOf(l *catalogue.Look, e *catalogue.Entry) *row {
	return &row{e.Document.(*catalogue.Procedure), l, e}
}

func (r *row) publisher() string {
	if p := r.look.Publisher(r.entry); p != nil {
		return text(p.Label)
	}
	return r.entry.Ref.Publisher
}

// office is an office with its numbers and addresses.
func (r *row) office(reference string) string {
	e := r.look.Public(catalogue.KindOffice, reference)
	if e == nil {
		return ""
	}
	return lines(text(e.Label), contacts(e.Document.Common().Contacts))
}

func (r *row) offices(references []string) string {
	var all []string
	for _, reference := range references {
		office := r.office(reference)
		if e := r.look.Public(catalogue.KindOffice, reference); e != nil {
			office = lines(office, text(e.Document.(*catalogue.Office).HoursText))
		}
		all = append(all, office)
	}
	return lines(all...)
}

func (r *row) who(person lang.Text, office string) string {
	return lines(text(person), r.office(office))
}

func (r *row) substitute() string {
	s := r.SubstitutePower
	if s == nil {
		return ""
	}
	return lines(text(s.Holder), r.office(s.Office), text(s.HowTo), contacts(s.Contacts))
}

// text is a text in Italian, where there is any.
func text(t lang.Text) string {
	s, _ := t.In(lang.Italian)
	return strings.TrimSpace(s)
}

// lines are those parts that say something, each on a line of its own.
func lines(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(part string) bool { return part == "" }), "\n")
}

// prefixed is a value behind some words, nothing where there is no value.
func prefixed(words, value string) string {
	if value == "" {
		return ""
	}
	return words + value
}

func acts(acts []catalogue.LegalReference) string {
	var all []string
	for _, act := range acts {
		all = append(all, text(act.Title), act.URL)
	}
	return lines(all...)
}

func evidence(evidence []catalogue.Evidence) string {
	var all []string
	for _, e := range evidence {
		all = append(all, text(e.Title), e.URL)
	}
	return lines(all...)
}

func attachments(attachments []catalogue.Attachment) string {
	var all []string
	for _, a := range attachments {
		all = append(all, text(a.Title))
		for _, f := range a.Files {
			all = append(all, f.URL)
		}
	}
	return lines(all...)
}

func contacts(contacts []catalogue.Contact) string {
	var all []string
	for _, c := range contacts {
		for _, e := range c.Entries {
			all = append(all, e.Value)
		}
	}
	return lines(all...)
}

func deadlines(deadlines []catalogue.Deadline) string {
	var all []string
	for _, d := range deadlines {
		all = append(all, text(d.Title)+prefixed(": ", cmp.Or(lang.Duration(lang.Italian, d.Offset, d.Days), strings.TrimSpace(prefixed("dal ", d.From)+prefixed(" al ", d.To)))))
	}
	return lines(all...)
}

func term(t *catalogue.ProcessingTime) string {
	if t == nil {
		return ""
	}
	return lines(lang.Duration(lang.Italian, t.Max, t.Days)+prefixed(", ", text(t.StartsFrom)), text(t.Text))
}

func silence(p *catalogue.Procedure) string {
	var all []string
	if p.TacitConsent != nil {
		all = append(all, map[bool]string{true: "Silenzio assenso: sì", false: "Silenzio assenso: no"}[*p.TacitConsent])
	}
	if p.DeclarationInLieu != nil {
		all = append(all, map[bool]string{true: "Dichiarazione dell'interessato (SCIA): sì", false: "Dichiarazione dell'interessato (SCIA): no"}[*p.DeclarationInLieu])
	}
	return lines(append(all, text(p.IfNoReply))...)
}

func costs(costs []catalogue.Cost) string {
	var all []string
	for _, c := range costs {
		amount := ""
		switch {
		case c.Free:
			amount = "gratuito"
		case c.AmountMax != "":
			amount = decimal(c.Amount) + "–" + decimal(c.AmountMax) + " " + currency(c)
		case c.Amount != "":
			amount = decimal(c.Amount) + " " + currency(c)
		case c.Percentage != "":
			amount = decimal(c.Percentage) + "% " + text(c.PercentageOf)
		}
		all = append(all, strings.TrimPrefix(text(c.Label)+prefixed(": ", amount), ": "))
	}
	return lines(all...)
}

// decimal is a number as Italian writes it.
func decimal(number string) string { return strings.ReplaceAll(number, ".", ",") }

func currency(c catalogue.Cost) string { return cmp.Or(c.Currency, "EUR") }

func survey(s *catalogue.OutcomeSurvey) string {
	if s == nil {
		return ""
	}
	return lines(text(s.Text), s.URL, s.Date)
}
