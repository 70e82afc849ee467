package api

import (
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/format/deadlines"
	"github.com/comuneprato/service-catalogue/internal/format/transparency"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// The formats of lists, the usual one first.
var (
	listJSON   = &format.Format{Name: "json", MediaType: echo.MIMEApplicationJSON}
	listLines  = &format.Format{Name: "ndjson", MediaType: "application/x-ndjson"}
	listTable  = &format.Format{Name: "csv", MediaType: "text/csv; charset=utf-8; header=present"} // RFC 4180
	listPage   = &format.Format{Name: "html", MediaType: echo.MIMETextHTMLCharsetUTF8}
	listEvents = &format.Format{Name: "ics", MediaType: calendarType[0]}

	exportFormats       = []*format.Format{listJSON, listLines, listTable}
	transparencyFormats = []*format.Format{listTable, listJSON, listPage}
	deadlineFormats     = []*format.Format{listEvents}
)

// export answers all public entries of a kind.
//
//	@Summary		Get all published {kinds}
//	@Description	Everything that is public of the kind, by title, written while it is sent: the views as `{items: […], total}` or as NDJSON, or a table (RFC 4180: commas, CRLF, UTF-8) with the columns of docs/import-columns.md behind `id`, `url`, `publisher`, `key`, `publishedAt`, `updatedAt` and `reviewedAt`. A cell that a spreadsheet program would take for a formula has an apostrophe before it.
//	@Tags			exports
//	@ID				export{Kinds}
//	@Produce		json,application/x-ndjson,text/csv
//	@Param			format					query		string		false	"the representation, where Accept does not choose it"				Enums(json, ndjson, csv)
//	@Param			publisher				query		[]string	false	"only what these publish: keys, ids or slugs"						collectionFormat(multi)
//	@Param			lang					query		string		false	"language of the texts in views; all of them where it is not given"	Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)	default(*)
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	object
//	@Failure		400						{object}	Problem
//	@Failure		406						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/exports/{kinds} [get]
func (k kindHandlers) export(c echo.Context) error {
	p, tag := query(c, "format", "publisher", "lang"), lang.Any
	if p.has("lang") {
		tag = language(c, p)
	}
	want, err := k.readExport(c, p, exportFormats, k.kind)
	if err != nil {
		return err
	}
	words := k.Reader.Words(want.at, tag)
	return k.streamExport(c, want, func(out io.Writer) error {
		switch want.format {
		case listTable:
			return writeTable(out, words, want.entries)
		case listLines:
			return writeViews(out, words, want.entries, "", "\n", "\n")
		default:
			total := 0
			for range want.entries {
				total++
			}
			return writeViews(out, words, want.entries, `{"total":`+strconv.Itoa(total)+`,"items":[`, ",", "]}")
		}
	})
}

// writeViews writes the views of entries with something before, between and behind them.
func writeViews(out io.Writer, words catalogue.Words, entries iter.Seq[*catalogue.Entry], before, between, behind string) error {
	text := []byte(before)
	first := true
	for e := range entries {
		if !first {
			text = append(text, between...)
		}
		first = false
		if _, err := out.Write(words.View(e).Object.Append(text)); err != nil {
			return err
		}
		text = text[:0]
	}
	if first && before == "" { // no line at all
		return nil
	}
	_, err := out.Write(append(text, behind...))
	return err
}

// Column is a column of a table.
type Column struct{ Name, Holds string }

// PublicColumns are the first columns of every public table, before those that come from documents.
var PublicColumns = []Column{
	{"id", "della voce, per sempre lo stesso · of the entry, for ever the same"},
	{"url", "indirizzo della scheda · address of the view"},
	{"publisher", "chiave dell'ente · key of the publisher"},
	{"key", "chiave della voce presso l'ente · key of the entry with its publisher"},
	{"publishedAt", "prima pubblicazione (RFC 3339) · when it first became public"},
	{"updatedAt", "ultima revisione pubblica · when the public revision became so"},
	{"reviewedAt", "ultima verifica · when somebody last made sure that it is right"},
}

func writeTable(out io.Writer, words catalogue.Words, entries iter.Seq[*catalogue.Entry]) error {
	names := make([]string, len(PublicColumns))
	for i, c := range PublicColumns {
		names[i] = c.Name
	}
	return importing.WritePublic(out, names, func(yield func([]string, catalogue.Document) bool) {
		for e := range entries {
			cells := []string{
				e.ID.String(), words.Look(e).URL(e), e.Ref.Publisher, e.Ref.Key,
				e.PublishedAt.UTC().Format(time.RFC3339), e.UpdatedAt.UTC().Format(time.RFC3339), e.ReviewedAt.UTC().Format(time.RFC3339),
			}
			if !yield(cells, e.Document) {
				return
			}
		}
	})
}

// exportProcedureTypes answers the procedures as the law wants them published.
//
//	@Summary		Get the procedures as the table of art. 35 of D.Lgs. 33/2013
//	@Description	For "Amministrazione trasparente", Attività e procedimenti, Tipologie di procedimento: a column for each thing that comma 1 wants published, in the order of its letters, in Italian. CSV (RFC 4180), JSON, or a table in HTML to be put into a page.
//	@Tags			exports
//	@ID				exportProcedureTypes
//	@Produce		text/csv,json,text/html
//	@Param			format					query		string		false	"the representation, where Accept does not choose it"	Enums(csv, json, html)
//	@Param			publisher				query		[]string	false	"only the procedures of these: keys, ids or slugs"		collectionFormat(multi)
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	object
//	@Failure		400						{object}	Problem
//	@Failure		406						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/exports/procedure-types [get]
func (s *server) exportProcedureTypes(c echo.Context) error {
	want, err := s.readExport(c, query(c, "format", "publisher"), transparencyFormats, catalogue.KindProcedure)
	if err != nil {
		return err
	}
	write := transparency.WriteCSV
	switch want.format {
	case listJSON:
		write = transparency.WriteJSON
	case listPage:
		write = transparency.WriteHTML
	}
	look := s.Reader.Words(want.at, lang.Italian).LookAround()
	return s.streamExport(c, want, func(out io.Writer) error { return write(out, look, want.entries) })
}

// exportDeadlines answers the deadlines of everything as one calendar.
//
//	@Summary		Get all deadlines as a calendar
//	@Description	An event of whole days for each deadline of services and procedures that is a day or a window and not over, for calendar programs to subscribe to (RFC 5545). One entry has its own calendar at its address, with `format=ics`.
//	@Tags			exports
//	@ID				exportDeadlines
//	@Produce		text/calendar
//	@Param			publisher				query		[]string	false	"only what these publish: keys, ids or slugs"	collectionFormat(multi)
//	@Param			lang					query		string		false	"language of the texts"							Enums(it, en, zh, ro, sq, ur, ar, fr, es, de)	default(it)
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{string}	string		"iCalendar (RFC 5545)"
//	@Failure		400						{object}	Problem
//	@Failure		406						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/exports/deadlines [get]
func (s *server) exportDeadlines(c echo.Context) error {
	p, tag := query(c, "format", "publisher", "lang"), lang.Italian
	if p.has("lang") {
		tag = oneLanguage(c, p)
	}
	want, err := s.readExport(c, p, deadlineFormats, deadlines.Kinds...)
	if err != nil {
		return err
	}
	look := s.Reader.Words(want.at, tag).LookAround()
	return s.streamExport(c, want, func(out io.Writer) error {
		return deadlines.Write(out, look, lang.Message(tag, "deadlines.calendar"), want.entries)
	})
}
