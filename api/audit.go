package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/format"
	"github.com/comuneprato/service-catalogue/internal/identity"
)

// AuditRow is one accepted write.
type AuditRow struct {
	Number    int64           `json:"number" example:"1"` // its place in the chain, without gaps
	At        time.Time       `json:"at" format:"date-time"`
	Actor     string          `json:"actor" example:"portale"`                                                         // the name of the key, or how else it was done
	KeyPrefix string          `json:"keyPrefix,omitempty" example:"k3v9x2ab"`                                          // of the key
	Address   string          `json:"address,omitempty" example:"192.0.2.1"`                                           // of the client, for 90 days
	RequestID string          `json:"requestId,omitempty"`                                                             // as in the log
	Action    string          `json:"action" example:"publish"`                                                        //
	Publisher string          `json:"publisher,omitempty" example:"prato-comune"`                                      // whose it is
	Kind      catalogue.Kind  `json:"kind,omitempty" example:"service"`                                                // of the entry
	Key       string          `json:"key,omitempty" example:"prato-s19"`                                               // of the entry, or the name of a setting
	ID        string          `json:"id,omitempty" format:"uuid"`                                                      // of the entry
	Detail    string          `json:"detail,omitempty"`                                                                // the note, the reason, or what else it took
	Before    json.RawMessage `json:"before,omitempty" swaggertype:"object"`                                           // what was written to as it was: states, version, revision and hash of the draft
	After     json.RawMessage `json:"after,omitempty" swaggertype:"object"`                                            // and as it became
	Hash      string          `json:"hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"` // SHA-256 of the row and of the hash before it, in hexadecimal
}

// AuditPage is a page of the audit, the latest row first.
type AuditPage struct {
	Items      []AuditRow `json:"items"`
	NextCursor string     `json:"nextCursor,omitempty"`
}

// auditFormats are the formats of a page of the audit, the usual one first.
var auditFormats = []*format.Format{listJSON, listLines}

func auditRowOf(r audit.Row) AuditRow {
	row := AuditRow{
		Number: r.Number, At: r.At, Actor: r.Actor, KeyPrefix: r.KeyPrefix, Address: r.Address, RequestID: r.RequestID, Action: r.Action,
		Publisher: r.Publisher, Kind: r.Kind, Key: r.Key, Detail: r.Detail, Hash: r.Hash,
		Before: json.RawMessage(r.Before), After: json.RawMessage(r.After),
	}
	if r.Entry != nil {
		row.ID = r.Entry.String()
	}
	return row
}

// audit answers who did what.
//
//	@Summary		Read who did what
//	@Description	Accepted writes, the latest first: who, when, from where, what, and what was there before and after. An admin reads everything; keys of a publisher with the scope review or report read its own rows. As NDJSON, one row a line, where `Accept` asks for `application/x-ndjson`; the next page is in `Link` then.
//	@Tags			publishing
//	@ID				listAudit
//	@Security		bearer
//	@Produce		json
//	@Produce		application/x-ndjson
//	@Param			publisher	query		string	false	"key of the publisher whose rows; of keys of a publisher, their own where absent"
//	@Param			kind		query		string	false	"only of entries of this kind"	Enums(publisher, holiday_set, timetable, place, office, channel, procedure, service)
//	@Param			key			query		string	false	"only of entries, or of the setting, with this key"
//	@Param			actor		query		string	false	"only by the key of this name"
//	@Param			action		query		string	false	"only these, such as `publish`"
//	@Param			from		query		string	false	"only at this instant or later (RFC 3339, or a day)"
//	@Param			to			query		string	false	"only before this instant (RFC 3339, or a day)"
//	@Param			limit		query		int		false	"how many rows on a page"	minimum(1)	maximum(1000)	default(100)
//	@Param			cursor		query		string	false	"`nextCursor` of the page before"
//	@Success		200			{object}	AuditPage
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/audit [get]
func (s *server) audit(c echo.Context) error {
	caller, err := s.caller(c)
	if err != nil {
		return err
	}
	p := query(c, "publisher", "kind", "key", "actor", "action", "from", "to", "limit", "cursor")
	f := audit.Filter{
		Publisher: p.one("publisher"), Kind: catalogue.Kind(p.oneOf("kind", kindNames)), Key: p.one("key"), Actor: p.one("actor"), Action: p.one("action"),
		From: p.instant("from"), To: p.instant("to"), Limit: p.number("limit", 100, 1000),
	}
	if p.has("cursor") {
		f.Before = p.parsePosition("cursor", p.one("cursor"))
	}
	if f.Publisher == "" {
		f.Publisher = caller.Publisher
	}
	if err := mayAudit(caller, f.Publisher); err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	limit := f.Limit
	f.Limit++ // to know whether there is another page
	rows, err := s.Audit.List(c.Request().Context(), f)
	if err != nil {
		return err
	}
	page := AuditPage{Items: []AuditRow{}}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = strconv.FormatInt(rows[limit-1].Number, 10)
	}
	s.nextLink(c, "cursor", page.NextCursor)
	for _, r := range rows {
		page.Items = append(page.Items, auditRowOf(r))
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	if acceptedOf(c, auditFormats) != listLines {
		return c.JSON(http.StatusOK, page)
	}
	var lines bytes.Buffer
	out := json.NewEncoder(&lines)
	for _, row := range page.Items {
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	return c.Blob(http.StatusOK, listLines.MediaType, lines.Bytes())
}

// mayAudit returns a ForbiddenError if a caller may not read the rows of a publisher, "" for all.
func mayAudit(caller identity.Caller, publisher string) error {
	if publisher == "" { // what belongs to nobody is for those who act for all
		return caller.Check(identity.Admin, publisher)
	}
	return checkAny(caller, publisher, auditors...)
}
