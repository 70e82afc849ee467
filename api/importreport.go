package api

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// ImportReport says what became of the rows of an import so far.
type ImportReport struct {
	Items []ImportRow `json:"items"`
}

// ImportRow says what became of one row.
type ImportRow struct {
	Row     int                     `json:"row,omitempty" minimum:"1"`        // absent for an entry that was in none, and was archived
	Kind    string                  `json:"kind,omitempty" example:"service"` // as the row has it, right or not; so the key
	Key     string                  `json:"key,omitempty" example:"prato-s19"`
	Outcome string                  `json:"outcome" enums:"created,updated,unchanged,refused,held,archived" example:"created"`
	Errors  []catalogue.FindingView `json:"errors,omitempty"` // of the first 1,000 rows that were refused
}

// importReport answers what became of each row.
//
//	@Summary		Get the report of an import
//	@Description	What became of each row so far, in the order in which that was settled. All refused rows are there; what is wrong with them is told of the first 1,000.
//	@Tags			imports
//	@ID				showImportReport
//	@Security		bearer
//	@Produce		json,application/x-ndjson,text/csv
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			import		path		string	true	"id of the import"													format(uuid)
//	@Param			format		query		string	false	"NDJSON has an ImportRow on each line, CSV a line for each error"	Enums(json, ndjson, csv)	default(json)
//	@Param			lang		query		string	false	"of what is said of rows; otherwise that of Accept-Language"		Enums(it, en)
//	@Success		200			{object}	ImportReport
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Router			/v1/publishers/{publisher}/imports/{import}/report [get]
func (s *server) importReport(c echo.Context) error {
	id, err := importID(c)
	if err != nil {
		return err
	}
	p := query(c, "format", "lang")
	format := p.oneOf("format", []string{listJSON.Name, listLines.Name, listTable.Name})
	p.oneOf("lang", spokenNames)
	if err := p.err(); err != nil {
		return err
	}
	if _, err := s.Imports.Get(c.Request().Context(), c.Param("publisher"), id); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	tag := spoken(c)
	var write rowWriter
	switch format {
	case listLines.Name:
		h.Set("Content-Type", listLines.MediaType)
		write = &objectWriter{out: c.Response()}
	case listTable.Name:
		h.Set("Content-Type", listTable.MediaType)
		write = newTableWriter(c.Response())
	default:
		h.Set("Content-Type", listJSON.MediaType)
		write = &objectWriter{out: c.Response(), before: `{"items":[`, between: ",", behind: "]}\n"}
	}
	if err := write.begin(); err != nil {
		return err
	}
	err = s.Imports.Report(c.Request().Context(), c.Param("publisher"), id, func(row publishing.StoredReport) error {
		view := ImportRow{Row: row.Row, Kind: string(row.Kind), Key: row.Key, Outcome: string(row.Outcome)}
		for _, fault := range row.Faults {
			view.Errors = append(view.Errors, fault.In(tag))
		}
		return write.row(view)
	})
	if err != nil {
		return err
	}
	return write.end()
}

// rowWriter writes a report row by row, without holding it in memory.
type rowWriter interface {
	begin() error
	row(ImportRow) error
	end() error
}

// objectWriter writes rows as JSON objects, each on a line, with something before, between and behind them.
type objectWriter struct {
	out                     io.Writer
	before, between, behind string
	begun                   bool
}

func (w *objectWriter) begin() error { return w.write(w.before) }

func (w *objectWriter) row(row ImportRow) error {
	if w.begun {
		if err := w.write(w.between); err != nil {
			return err
		}
	}
	w.begun = true
	return json.NewEncoder(w.out).Encode(row)
}

func (w *objectWriter) end() error { return w.write(w.behind) }

func (w *objectWriter) write(text string) error {
	_, err := io.WriteString(w.out, text)
	return err
}

// tableWriter writes a table (RFC 4180), with a line for each finding of a row. No cell is such that a spreadsheet program
// takes it for a formula.
type tableWriter struct{ table *csv.Writer }

func newTableWriter(out io.Writer) *tableWriter {
	table := csv.NewWriter(out)
	table.UseCRLF = true
	return &tableWriter{table}
}

func (w *tableWriter) begin() error {
	return w.table.Write([]string{"row", "kind", "key", "outcome", "pointer", "rule", "message", "expected"})
}

func (w *tableWriter) row(row ImportRow) error {
	number := ""
	if row.Row > 0 {
		number = strconv.Itoa(row.Row)
	}
	findings := row.Errors
	if len(findings) == 0 {
		findings = []catalogue.FindingView{{}}
	}
	for _, f := range findings {
		cells := []string{number, row.Kind, row.Key, row.Outcome, f.Pointer, f.Rule, f.Message, f.Expected}
		for i, cell := range cells {
			cells[i] = importing.QuoteFormula(cell)
		}
		if err := w.table.Write(cells); err != nil {
			return err
		}
	}
	return nil
}

func (w *tableWriter) end() error {
	w.table.Flush()
	return w.table.Error()
}
