package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// confirm notes that an entry is still right.
//
//	@Summary		Confirm that a published {kind} is still right
//	@Description	What is public was looked at and needs no change: the day of its next review moves on, and readers see `reviewedAt`. There is no new revision; followers of the feed meet a change `reviewed`.
//	@Tags			stewardship
//	@ID				confirm{Kind}
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			key			path		string	true	"the publisher's key of the entry"
//	@Param			If-Match	header		string	false	"ETag of the draft: 412 if somebody changed it"
//	@Success		200			{object}	Entry
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		428			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/confirmations [post]
func (k kindHandlers) confirm(c echo.Context) error {
	ref, w, err := k.besideDocument(c)
	if err != nil {
		return err
	}
	result, err := k.Publishing.Confirm(c.Request().Context(), ref, w)
	if err != nil {
		return err
	}
	return k.replyWritten(c, result)
}

// besideDocument reads what writes have in common that leave the document as it is.
func (k kindHandlers) besideDocument(c echo.Context) (catalogue.Ref, publishing.Write, error) {
	who, err := k.may(c)
	if err != nil {
		return catalogue.Ref{}, publishing.Write{}, err
	}
	ref, err := k.ref(c)
	if err != nil {
		return ref, publishing.Write{}, err
	}
	p := query(c)
	w := publishing.Write{Actor: who, If: precondition(c, p)}
	return ref, w, p.err()
}

// custody answers who looks after an entry.
//
//	@Summary		Get who looks after a {kind}
//	@Description	Its owner, and which of its fields are locked to the systems that feed them.
//	@Tags			stewardship
//	@ID				show{Kind}Custody
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			key			path		string	true	"the publisher's key of the entry"
//	@Success		200			{object}	catalogue.Custody
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/custody [get]
func (k kindHandlers) custody(c echo.Context) error {
	ref, _, err := k.besideDocument(c)
	if err != nil {
		return err
	}
	custody, err := k.Publishing.Custody(c.Request().Context(), ref)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, custody)
}

// putCustody changes who looks after an entry.
//
//	@Summary		Change who looks after a {kind}
//	@Description	The body replaces what was there. `source` is the name of the key with which a system writes: fields locked to it are refused to everybody else, by 422 with each pointer. A key may lock fields to its own name and free them; the locks of others are for a key with the scope admin.
//	@Tags			stewardship
//	@ID				replace{Kind}Custody
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string				true	"key of the publisher"
//	@Param			key			path		string				true	"the publisher's key of the entry"
//	@Param			If-Match	header		string				false	"ETag of the draft: 412 if somebody changed it"
//	@Param			custody		body		catalogue.Custody	true	"who looks after it"
//	@Success		200			{object}	catalogue.Custody
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		428			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/custody [put]
func (k kindHandlers) putCustody(c echo.Context) error {
	ref, w, err := k.besideDocument(c)
	if err != nil {
		return err
	}
	var want catalogue.Custody
	findings, err := readRequest(c, &want)
	if err != nil {
		return err
	}
	want.Check(k.kind, &findings)
	if err := findings.Err(); err != nil {
		return err
	}
	mayUnlock := k.further(c, askUnlock) == nil
	if _, err := k.Publishing.PutCustody(c.Request().Context(), ref, want, w, mayUnlock); err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, want)
}

// stewardship answers how a publisher keeps its entries true.
//
//	@Summary		Get how a publisher keeps its entries true
//	@Description	After how many months entries of each kind are to be looked at again, and how long after that they may be archived. `reviews` has every kind, with the default where the publisher says nothing else: 6 months for offices, channels and timetables, 12 for the others.
//	@Tags			stewardship
//	@ID				showStewardship
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Success		200			{object}	catalogue.Stewardship
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/publishers/{publisher}/stewardship [get]
func (s *server) stewardship(c echo.Context) error {
	publisher, err := s.publisherParam(c)
	if err != nil {
		return err
	}
	stewardship, err := s.Publishing.Stewardship(c.Request().Context(), publisher)
	if err != nil {
		return err
	}
	return replyStewardship(c, stewardship)
}

// publisherParam is the publisher that the path of a request without parameters names.
func (s *server) publisherParam(c echo.Context) (string, error) {
	if !catalogue.ValidKey(c.Param("publisher")) {
		return "", catalogue.ErrBadKey
	}
	return c.Param("publisher"), query(c).err()
}

// publisherRequest reads who asks for something of a publisher, and the body that says what, with what is wrong in it.
func (s *server) publisherRequest(c echo.Context, body any) (who catalogue.Actor, publisher string, findings catalogue.Findings, err error) {
	if who, err = s.may(c); err != nil {
		return who, "", nil, err
	}
	if publisher, err = s.publisherParam(c); err != nil {
		return who, "", nil, err
	}
	findings, err = readRequest(c, body)
	return who, publisher, findings, err
}

// replyStewardship answers with every kind, so that nobody need know the defaults.
func replyStewardship(c echo.Context, s catalogue.Stewardship) error {
	return replyPrivate(c, http.StatusOK, s.Complete())
}

// putStewardship changes how a publisher keeps its entries true.
//
//	@Summary		Change how a publisher keeps its entries true
//	@Description	Kinds that `reviews` leaves out have the default. The intervals count from the next publication or confirmation of each entry on. The key needs the scope admin and acts for all publishers.
//	@Tags			stewardship
//	@ID				replaceStewardship
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string					true	"key of the publisher"
//	@Param			stewardship	body		catalogue.Stewardship	true	"how it keeps its entries true"
//	@Success		200			{object}	catalogue.Stewardship
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/stewardship [put]
func (s *server) putStewardship(c echo.Context) error {
	var want catalogue.Stewardship
	who, publisher, findings, err := s.publisherRequest(c, &want)
	if err != nil {
		return err
	}
	want.Check(&findings)
	if err := findings.Err(); err != nil {
		return err
	}
	if err := s.Publishing.PutStewardship(c.Request().Context(), publisher, want, who); err != nil {
		return err
	}
	return replyStewardship(c, want)
}

// ArchivalReport is what would be archived, or was.
type ArchivalReport struct {
	Items []ArchivalItem `json:"items"`
	Total int            `json:"total" minimum:"0"` // of all, also those beyond the first 200
}

// ArchivalItem is a public entry that nobody looked after.
type ArchivalItem struct {
	Kind     catalogue.Kind `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Key      string         `json:"key" example:"prato-s19"`
	Title    string         `json:"title" example:"Carta d'identità"`
	Owner    string         `json:"owner,omitempty" example:"Ufficio Anagrafe"`
	ReviewBy string         `json:"reviewBy" format:"date"` // when its review was due
}

// Archivals asks for entries to be archived that nobody looked after.
type Archivals struct {
	Items []ArchivalRequest `json:"items"` // as the report listed them
}

// ArchivalRequest names an entry of a publisher.
type ArchivalRequest struct {
	Kind string `json:"kind" example:"service"`
	Key  string `json:"key" example:"prato-s19"`
}

// ArchivalOutcomes is what became of each entry that was to be archived.
type ArchivalOutcomes struct {
	Items []ArchivalOutcome `json:"items"`
}

// ArchivalOutcome is what became of an entry that was to be archived.
type ArchivalOutcome struct {
	Kind    string `json:"kind" example:"service"`
	Key     string `json:"key" example:"prato-s19"`
	Outcome string `json:"outcome" enums:"archived,kept" example:"archived"` // kept: it is not there, not public, or was looked at meanwhile
}

// maxArchivals is how many entries are archived at once.
const maxArchivals = 200

// archivals answers what would be archived.
//
//	@Summary		Report what would be archived since nobody looked after it
//	@Description	The public entries whose review has been due for longer than the publisher's stewardship lets pass: none where it archives nothing. Nothing happens to them until they are named in a POST.
//	@Tags			stewardship
//	@ID				listArchivals
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Success		200			{object}	ArchivalReport
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/publishers/{publisher}/archivals [get]
func (s *server) archivals(c echo.Context) error {
	publisher, err := s.publisherParam(c)
	if err != nil {
		return err
	}
	stale, total, err := s.Publishing.Archivable(c.Request().Context(), publisher, maxArchivals)
	if err != nil {
		return err
	}
	report := ArchivalReport{Items: make([]ArchivalItem, len(stale)), Total: total}
	for i, item := range stale {
		title, _ := item.Title.In(spoken(c))
		report.Items[i] = ArchivalItem{
			Kind: item.Ref.Kind, Key: item.Ref.Key, Title: title, Owner: item.Owner, ReviewBy: item.ReviewBy.Format(time.DateOnly),
		}
	}
	return replyPrivate(c, http.StatusOK, report)
}

// archive takes entries from readers that nobody looked after.
//
//	@Summary		Archive entries that nobody looked after
//	@Description	Those named that the report still lists: their readers get 410. One that was looked at since the report is kept.
//	@Tags			stewardship
//	@ID				createArchivals
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string		true	"key of the publisher"
//	@Param			archivals	body		Archivals	true	"the entries"
//	@Success		200			{object}	ArchivalOutcomes
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/archivals [post]
func (s *server) archive(c echo.Context) error {
	var want Archivals
	who, publisher, findings, err := s.publisherRequest(c, &want)
	if err != nil {
		return err
	}
	refs := want.refs(publisher, &findings)
	if err := findings.Err(); err != nil {
		return err
	}
	done, err := s.Publishing.Archive(c.Request().Context(), refs, who)
	if err != nil {
		return err
	}
	answer := ArchivalOutcomes{Items: make([]ArchivalOutcome, len(done))}
	var position int64
	for i, d := range done {
		answer.Items[i] = ArchivalOutcome{Kind: string(d.Ref.Kind), Key: d.Ref.Key, Outcome: "kept"}
		if d.Archived {
			answer.Items[i].Outcome = "archived"
		}
		position = max(position, d.Position)
	}
	s.waitFor(c, position)
	return replyPrivate(c, http.StatusOK, answer)
}

// refs are the entries that a request names, with what is wrong with their names.
func (a Archivals) refs(publisher string, findings *catalogue.Findings) []catalogue.Ref {
	if !countItems(len(a.Items), maxArchivals, findings) {
		return nil
	}
	refs := make([]catalogue.Ref, len(a.Items))
	for i, item := range a.Items {
		refs[i] = refOf(item.Kind, publisher, item.Key, catalogue.Pointer("/items").Index(i), findings)
	}
	return refs
}

// countItems adds what is wrong with how many entries a request names; false if they are too many to look at.
func countItems(n, most int, findings *catalogue.Findings) bool {
	switch {
	case n == 0:
		findings.AddRequired("/items")
	case n > most:
		findings.AddTooMany("/items", most)
	}
	return n <= most
}

// refOf is the entry that an item of a request names, with what is wrong with its names.
func refOf(kind, publisher, key string, at catalogue.Pointer, findings *catalogue.Findings) catalogue.Ref {
	known, err := catalogue.ParseKind(kind)
	if err != nil {
		findings.AddOneOf(at.Field("kind"), strings.Join(kindNames, ", "))
	}
	if !catalogue.ValidKey(key) {
		findings.AddRequired(at.Field("key"))
	}
	return catalogue.Ref{Kind: known, Publisher: publisher, Key: key}
}
