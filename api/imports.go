package api

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// Import is an import in the background.
type Import struct {
	ID         string                 `json:"id" format:"uuid" example:"019aa2d1-0000-7000-8000-000000000000"`
	Publisher  string                 `json:"publisher" example:"prato-comune"`
	State      string                 `json:"state" enums:"uploading,queued,running,done,refused,cancelled" example:"done"` // refused: nothing was stored
	Format     string                 `json:"format" enums:"ndjson,json,csv" example:"ndjson"`
	Mode       string                 `json:"mode" enums:"upsert,replace" example:"upsert"`
	DryRun     bool                   `json:"dryRun"`                             // nothing is stored
	By         string                 `json:"by"`                                 // the name of the key
	Progress   int                    `json:"progress" minimum:"0" maximum:"100"` // how much of the upload was read, in percent; rows that wait for others are read again
	Rows       ImportRows             `json:"rows"`
	Reason     *catalogue.FindingView `json:"reason,omitempty"` // why nothing was stored, where no row is to blame
	CreatedAt  time.Time              `json:"createdAt" format:"date-time"`
	StartedAt  *time.Time             `json:"startedAt,omitempty" format:"date-time"`
	FinishedAt *time.Time             `json:"finishedAt,omitempty" format:"date-time"`
	Report     string                 `json:"report" format:"uri"` // where to read what became of each row
}

// ImportRows counts what became of the rows of an import so far.
type ImportRows struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Archived  int `json:"archived"` // not rows: entries that were in none, of an import that replaces
	Refused   int `json:"refused"`
	Held      int `json:"held"` // good, but not stored because others were refused
}

// ImportPage is a page of the imports of a publisher, the latest first.
type ImportPage struct {
	Items      []Import `json:"items"`
	Total      int      `json:"total"`
	NextCursor string   `json:"nextCursor,omitempty"`
}

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

// Bounds of uploads.
const (
	maxUpload  = 1 << 30          // bytes
	uploadIdle = 30 * time.Second // between two parts of one
)

// The values of the parameters.
var (
	importModes   = []string{"upsert", "replace"}
	reportFormats = []string{"json", "ndjson", "csv"}
)

func (s *server) importOf(job publishing.ImportJob, tag lang.Tag) Import {
	i := Import{
		ID: job.ID.String(), Publisher: job.Request.Publisher, State: string(job.State), Format: string(job.Request.Format), Mode: "upsert",
		DryRun: job.Request.DryRun, By: job.Request.Actor.Name,
		Rows: ImportRows{
			Created: job.Counts[publishing.RowCreated], Updated: job.Counts[publishing.RowUpdated], Unchanged: job.Counts[publishing.RowUnchanged],
			Archived: job.Counts[publishing.RowArchived], Refused: job.Counts[publishing.RowRefused], Held: job.Counts[publishing.RowHeld],
		},
		CreatedAt: job.CreatedAt, StartedAt: job.StartedAt, FinishedAt: job.FinishedAt,
	}
	if job.Request.Replace {
		i.Mode = "replace"
	}
	if job.Size > 0 {
		i.Progress = int(100 * job.Read / job.Size)
	}
	if job.Reason != nil {
		reason := job.Reason.In(tag)
		i.Reason = &reason
	}
	i.Report = s.importURL(job.Request.Publisher, i.ID) + "/report"
	return i
}

func (s *server) importURL(publisher, id string) string {
	return s.PublicURL + "/v1/publishers/" + publisher + "/imports/" + id
}

// startImport takes an upload.
//
//	@Summary		Import many entries
//	@Description	The body holds rows: NDJSON or a JSON array of `{kind, key, document, publish}`, or CSV. It is kept, and imported in the background: the answer says where to ask for progress and for a report of every row. Up to 5,000 rows are stored together or not at all; of more rows, those that are good. Rows may name each other in any order. With `mode=replace` the publisher's entries of the kinds in the file that are in no row are archived. An import may be repeated: what is stored already is unchanged.
//	@Tags			imports
//	@ID				startImport
//	@Security		bearer
//	@Accept			json,application/x-ndjson,text/csv
//	@Produce		json
//	@Param			publisher	path		string			true	"key of the publisher"
//	@Param			mode		query		string			false	"what becomes of entries that are in no row"												Enums(upsert, replace)	default(upsert)
//	@Param			confirm		query		boolean			false	"of `replace`: go on also where more than a fifth of the entries would be archived"			default(false)
//	@Param			dryRun		query		boolean			false	"report what would become of each row, and store nothing"									default(false)
//	@Param			publish		query		boolean			false	"make all rows public, not only those that say so"											default(false)
//	@Param			kind		query		string			false	"of rows that name none, as in CSV"															Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			note		query		string			false	"what changed, for the history of rows that have no note; without it, the id of the import"	maxlength(1000)
//	@Param			rows		body		[]ImportLine	true	"the rows, up to 1 GiB"
//	@Success		202			{object}	Import
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/imports [post]
func (s *server) startImport(c echo.Context) error {
	who, err := s.may(c, identity.Write)
	if err != nil {
		return err
	}
	p := query(c, "mode", "confirm", "dryRun", "publish", "kind", "note")
	request := publishing.ImportRequest{
		Publisher: c.Param("publisher"), Replace: p.oneOf("mode", importModes) == "replace", Confirm: p.flag("confirm"),
		DryRun: p.flag("dryRun"), Publish: p.flag("publish"), Kind: catalogue.Kind(p.oneOf("kind", kindNames)), Actor: who,
	}
	if request.Note = p.one("note"); utf8.RuneCountInString(request.Note) > catalogue.MaxNote {
		p.refuse("note", "too_long", catalogue.MaxNote)
	}
	if err := p.err(); err != nil {
		return err
	}
	if _, err := s.may(c, identity.Publish); err != nil {
		if request.Publish || request.Replace {
			return err
		}
		request.Drafts = true
	}
	r := c.Request()
	if request.Format, err = importing.FormatOf(r.Header.Get("Content-Type"), ""); err != nil || r.Header.Get("Content-Encoding") != "" {
		c.Response().Header().Set("Accept", "application/x-ndjson, application/json, text/csv")
		return errMediaType
	}
	if r.ContentLength > maxUpload {
		return errUploadTooLarge
	}
	turns := s.uploads.of(who.Prefix)
	if err := turns.wait(r.Context()); err != nil {
		return err
	}
	defer turns.end()
	// It may take longer than other requests, as long as something comes.
	ctx := context.WithoutCancel(r.Context())
	upload := &upload{body: http.MaxBytesReader(c.Response(), r.Body, maxUpload), control: http.NewResponseController(c.Response()), clock: s.Clock}
	job, err := s.Imports.Start(ctx, request, upload)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errUploadTooLarge
	case errors.Is(upload.err, io.ErrUnexpectedEOF): // not that of a database that is gone
		return &catalogue.MalformedError{Rule: "json.truncated"}
	case err != nil:
		return err
	}
	c.Response().Header().Set("Location", s.importURL(job.Request.Publisher, job.ID.String()))
	return s.replyImport(c, http.StatusAccepted, job)
}

// upload reads a body that may be long: the time that the server gives a request begins anew with each part.
type upload struct {
	body    io.Reader
	control *http.ResponseController
	clock   catalogue.Clock
	err     error // of the body
}

func (u *upload) Read(p []byte) (int, error) {
	deadline := u.clock().Add(uploadIdle)
	if err := errors.Join(u.control.SetReadDeadline(deadline), u.control.SetWriteDeadline(deadline.Add(uploadIdle))); err != nil {
		return 0, err
	}
	n, err := u.body.Read(p)
	u.err = err
	return n, err
}

// ImportLine is a row of an import.
type ImportLine struct {
	Kind     catalogue.Kind  `json:"kind" example:"service"`
	Key      string          `json:"key" example:"prato-s19"`
	Document json.RawMessage `json:"document" swaggertype:"object"`
	Publish  bool            `json:"publish,omitempty"`               // make it public too
	Note     string          `json:"note,omitempty" maxLength:"1000"` // what changed, for the history
}

// getImport answers one import.
//
//	@Summary	Get an import: its progress and counts
//	@Tags		imports
//	@ID			showImport
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Param		import		path		string	true	"id of the import"	format(uuid)
//	@Success	200			{object}	Import
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Router		/v1/publishers/{publisher}/imports/{import} [get]
func (s *server) getImport(c echo.Context) error {
	id, err := importID(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	job, err := s.Imports.Get(c.Request().Context(), c.Param("publisher"), id)
	if err != nil {
		return err
	}
	return s.replyImport(c, http.StatusOK, job)
}

// importID is the import that the path names.
func importID(c echo.Context) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Param("import"))
	if err != nil {
		return uuid.Nil, catalogue.ErrNotFound
	}
	return id, nil
}

func (s *server) replyImport(c echo.Context, status int, job publishing.ImportJob) error {
	return replyPrivate(c, status, s.importOf(job, spoken(c)))
}

// listImports answers the imports of a publisher.
//
//	@Summary	List a publisher's imports, the latest first
//	@Tags		imports
//	@ID			listImports
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Param		limit		query		int		false	"how many imports on a page"	minimum(1)	maximum(200)	default(20)
//	@Param		cursor		query		string	false	"`nextCursor` of the page before"
//	@Success	200			{object}	ImportPage
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Router		/v1/publishers/{publisher}/imports [get]
func (s *server) listImports(c echo.Context) error {
	p := query(c, "limit", "cursor")
	limit := p.number("limit", 20, 200)
	var before uuid.UUID
	if p.has("cursor") {
		raw, err := base64.RawURLEncoding.DecodeString(p.one("cursor"))
		if err == nil {
			before, err = uuid.FromBytes(raw)
		}
		if err != nil {
			p.refuse("cursor", "cursor")
		}
	}
	if err := p.err(); err != nil {
		return err
	}
	rows, total, err := s.Imports.List(c.Request().Context(), c.Param("publisher"), before, limit+1) // to know whether there is another page
	if err != nil {
		return err
	}
	page := ImportPage{Total: total, Items: []Import{}}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = base64.RawURLEncoding.EncodeToString(rows[limit-1].ID[:])
	}
	s.nextLink(c, "cursor", page.NextCursor)
	for _, row := range rows {
		page.Items = append(page.Items, s.importOf(row, spoken(c)))
	}
	return replyPrivate(c, http.StatusOK, page)
}

// cancelImport stops an import.
//
//	@Summary		Cancel an import
//	@Description	What it has stored stays; of up to 5,000 rows that is nothing.
//	@Tags			imports
//	@ID				cancelImport
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			import		path		string	true	"id of the import"	format(uuid)
//	@Success		200			{object}	Import
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/imports/{import}/cancel [post]
func (s *server) cancelImport(c echo.Context) error {
	id, err := importID(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	job, err := s.Imports.Cancel(c.Request().Context(), c.Param("publisher"), id)
	if err != nil {
		return err
	}
	return s.replyImport(c, http.StatusOK, job)
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
	format := p.oneOf("format", reportFormats)
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
	case "ndjson":
		h.Set("Content-Type", "application/x-ndjson")
		write = &lineWriter{json.NewEncoder(c.Response())}
	case "csv":
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		write = &tableWriter{csv.NewWriter(c.Response())}
	default:
		h.Set("Content-Type", echo.MIMEApplicationJSON)
		write = &itemsWriter{out: c.Response(), lines: json.NewEncoder(c.Response())}
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
	return errors.Join(err, write.end())
}

// rowWriter writes a report row by row.
type rowWriter interface {
	begin() error
	row(ImportRow) error
	end() error
}

type lineWriter struct{ lines *json.Encoder }

func (w *lineWriter) begin() error            { return nil }
func (w *lineWriter) row(row ImportRow) error { return w.lines.Encode(row) }
func (w *lineWriter) end() error              { return nil }

// itemsWriter writes an ImportReport without holding it in memory.
type itemsWriter struct {
	out   io.Writer
	lines *json.Encoder
	begun bool
}

func (w *itemsWriter) begin() error {
	_, err := io.WriteString(w.out, `{"items":[`)
	return err
}

func (w *itemsWriter) row(row ImportRow) error {
	if w.begun {
		if _, err := io.WriteString(w.out, ","); err != nil {
			return err
		}
	}
	w.begun = true
	return w.lines.Encode(row)
}

func (w *itemsWriter) end() error {
	_, err := io.WriteString(w.out, "]}\n")
	return err
}

// tableWriter writes CSV (RFC 4180).
type tableWriter struct{ table *csv.Writer }

func (w *tableWriter) begin() error {
	return w.table.Write([]string{"row", "kind", "key", "outcome", "pointer", "rule", "message", "expected"})
}

func (w *tableWriter) row(row ImportRow) error {
	names := []string{"", row.Kind, row.Key, row.Outcome}
	if row.Row > 0 {
		names[0] = strconv.Itoa(row.Row)
	}
	if len(row.Errors) == 0 {
		return w.write(append(names, "", "", "", ""))
	}
	for _, e := range row.Errors {
		if err := w.write(append(names[:4:4], e.Pointer, e.Rule, e.Message, e.Expected)); err != nil {
			return err
		}
	}
	return nil
}

// write writes a line whose cells no spreadsheet program takes for formulas.
func (w *tableWriter) write(cells []string) error {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return w.table.Write(cells)
}

func (w *tableWriter) end() error {
	w.table.Flush()
	return w.table.Error()
}
