package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

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

// Bounds of uploads.
const (
	maxUpload  = 1 << 30          // bytes
	uploadIdle = 30 * time.Second // between two parts of one
)

// importModes are the values of the parameter mode.
var importModes = []string{"upsert", "replace"}

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
		DryRun: p.flag("dryRun"), Publish: p.flag("publish"), Kind: catalogue.Kind(p.oneOf("kind", kindNames)), Note: p.note("note"), Actor: who,
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
	end, err := s.uploads.wait(r.Context(), who.Prefix)
	if err != nil {
		return err
	}
	defer end()
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
