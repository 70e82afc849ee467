package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// Entry is an entry as its publisher sees it: both states, and the working document.
type Entry struct {
	ID           string                  `json:"id" format:"uuid" example:"019aa2d1-0000-7000-8000-000000000000"`
	Kind         catalogue.Kind          `json:"kind" enums:"publisher,holiday_set,timetable,place,office,channel,procedure,service" example:"service"`
	Publisher    string                  `json:"publisher" example:"prato-comune"`
	Key          string                  `json:"key" example:"prato-s19"`
	Slug         string                  `json:"slug" example:"carta-d-identita"`
	Publication  string                  `json:"publication" enums:"never,published,withdrawn,archived"`
	Draft        string                  `json:"draft" enums:"clean,editing,in_review,approved,scheduled"`
	DraftVersion int                     `json:"draftVersion" example:"1"`                     // counts the changes of the draft; the ETag
	Revision     int                     `json:"revision" example:"1"`                         // the last one that was public, 0 if none was
	ReviewBy     string                  `json:"reviewBy,omitempty" format:"date"`             // by when somebody should look whether it is still right
	ReviewedAt   *time.Time              `json:"reviewedAt,omitempty" format:"date-time"`      // when somebody last did
	SubmittedAt  *time.Time              `json:"submittedAt,omitempty"`                        // since when the draft waits for a review, or last did
	Reviewer     string                  `json:"reviewer,omitempty" example:"Maria Rossi"`     // who is to review it
	Returned     string                  `json:"returned,omitempty" example:"Manca il costo."` // why the draft went back to its author: what the reviewer said, or what a schedule met
	PublishAt    *time.Time              `json:"publishAt,omitempty"`                          // when the draft is to be public
	WithdrawAt   *time.Time              `json:"withdrawAt,omitempty"`                         // when the entry is to be withdrawn
	UpdatedAt    time.Time               `json:"updatedAt" format:"date-time"`
	Document     json.RawMessage         `json:"document,omitempty" swaggertype:"object"`
	Findings     []catalogue.FindingView `json:"findings,omitempty"`  // warnings and advice
	Score        *catalogue.ScoreView    `json:"score,omitempty"`     // how complete the document is; not in lists
	Referrers    []Named                 `json:"referrers,omitempty"` // who still names an entry that is no longer public
}

// EntryPage is a page of a publisher's own entries, by key, without their documents.
type EntryPage struct {
	Items      []Entry `json:"items"`
	Total      int     `json:"total"`
	NextCursor string  `json:"nextCursor,omitempty"`
}

func entryOf(state publishing.State, tag lang.Tag) Entry {
	e := Entry{
		ID: state.ID.String(), Kind: state.Ref.Kind, Publisher: state.Ref.Publisher, Key: state.Ref.Key, Slug: state.Slug,
		Publication: string(state.Publication), Draft: string(state.Draft), DraftVersion: state.DraftVersion,
		Revision: state.Revision, ReviewedAt: state.ReviewedAt, UpdatedAt: state.UpdatedAt, Document: state.Document, SubmittedAt: state.SubmittedAt,
		Reviewer: state.Reviewer, Returned: state.Returned, PublishAt: state.PublishAt, WithdrawAt: state.WithdrawAt,
	}
	if state.ReviewBy != nil {
		e.ReviewBy = state.ReviewBy.Format(time.DateOnly)
	}
	if len(state.Findings) > 0 {
		e.Findings = state.Findings.In(tag)
	}
	if state.Score != nil {
		e.Score = new(state.Score.In(tag))
	}
	return e
}

// ref is the entry that the path of a request names.
func (k kindHandlers) ref(c echo.Context) (catalogue.Ref, error) {
	r := catalogue.Ref{Kind: k.kind, Publisher: c.Param("publisher"), Key: c.Param("key")}
	if !catalogue.ValidKey(r.Key) || !catalogue.ValidKey(r.Publisher) {
		return r, catalogue.ErrBadKey
	}
	return r, nil
}

// listOwn answers the entries of a publisher.
//
//	@Summary	List a publisher's own {kinds}
//	@Tags		publishing
//	@ID			listOwn{Kinds}
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Param		publication	query		string	false	"only these"					Enums(never, published, withdrawn, archived)
//	@Param		draft		query		string	false	"only these"					Enums(clean, editing, in_review, approved, scheduled)
//	@Param		limit		query		int		false	"how many entries on a page"	minimum(1)	maximum(200)	default(20)
//	@Param		cursor		query		string	false	"`nextCursor` of the page before"
//	@Success	200			{object}	EntryPage
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Router		/v1/publishers/{publisher}/{kinds} [get]
func (k kindHandlers) listOwn(c echo.Context) error {
	if !catalogue.ValidKey(c.Param("publisher")) {
		return catalogue.ErrBadKey
	}
	p := query(c, "publication", "draft", "limit", "cursor")
	listing := publishing.Listing{
		Publication: catalogue.Publication(p.oneOf("publication", []string{"never", "published", "withdrawn", "archived"})),
		Draft:       catalogue.Draft(p.oneOf("draft", []string{"clean", "editing", "in_review", "approved", "scheduled"})),
		Limit:       p.number("limit", 20, 200),
	}
	if p.has("cursor") {
		after, err := base64.RawURLEncoding.DecodeString(p.one("cursor"))
		if err != nil || !catalogue.ValidKey(string(after)) {
			p.refuse("cursor", "cursor")
		}
		listing.After = string(after)
	}
	if err := p.err(); err != nil {
		return err
	}
	limit := listing.Limit
	listing.Limit++ // to know whether there is another page
	states, total, err := k.Publishing.List(c.Request().Context(), c.Param("publisher"), k.kind, listing)
	if err != nil {
		return err
	}
	return k.replyEntries(c, states, total, limit, func(last publishing.State) string {
		return base64.RawURLEncoding.EncodeToString([]byte(last.Ref.Key))
	})
}

// replyEntries answers a page of entries without their documents. One more than the limit tells that there is another page;
// its cursor is made of the last that is shown.
func (s *server) replyEntries(c echo.Context, states []publishing.State, total, limit int, cursor func(last publishing.State) string) error {
	page := EntryPage{Total: total}
	if len(states) > limit {
		states = states[:limit]
		page.NextCursor = cursor(states[limit-1])
	}
	s.nextLink(c, "cursor", page.NextCursor)
	page.Items = make([]Entry, len(states))
	for i, state := range states {
		state.Document = nil
		page.Items[i] = entryOf(state, spoken(c))
	}
	return replyPrivate(c, http.StatusOK, page)
}

// getOwn answers an entry with its working document.
//
//	@Summary		Get a publisher's own {kind}
//	@Description	The `document` can be changed and PUT back, or PUT under another key.
//	@Tags			publishing
//	@ID				showOwn{Kind}
//	@Security		bearer
//	@Produce		json
//	@Param			publisher		path		string	true	"key of the publisher"
//	@Param			key				path		string	true	"the publisher's key of the entry"
//	@Param			If-None-Match	header		string	false	"ETag of a copy: answered by 304 if it is still right"
//	@Success		200				{object}	Entry
//	@Success		304				"Not Modified"
//	@Failure		400				{object}	Problem
//	@Failure		401				{object}	Problem
//	@Failure		403				{object}	Problem
//	@Failure		404				{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key} [get]
func (k kindHandlers) getOwn(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	state, err := k.Publishing.Get(c.Request().Context(), ref)
	if err != nil {
		return err
	}
	return k.replyEntry(c, http.StatusOK, publishing.Result{State: state})
}

// put stores a whole document.
//
//	@Summary		Create or replace a {kind}
//	@Description	The body is the whole document: what is absent becomes absent. A document equal to the stored one changes nothing. With `publish=true` it becomes public at once, or where the publisher's policy asks for a review, waits for it (202).
//	@Tags			publishing
//	@ID				replace{Kind}
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher		path		string		true	"key of the publisher"
//	@Param			key				path		string		true	"the publisher's key of the entry"
//	@Param			publish			query		boolean		false	"make it public too"																									default(false)
//	@Param			note			query		string		false	"what changed, for the history; required with `publish` where it changes what an entry means that was public before"	maxlength(1000)
//	@Param			If-Match		header		string		false	"ETag of the draft that is replaced: 412 if somebody changed it"
//	@Param			If-None-Match	header		string		false	"`*`: 412 if the entry exists"
//	@Param			document		body		Document	true	"the document"
//	@Success		200				{object}	Entry
//	@Success		201				{object}	Entry
//	@Success		202				{object}	Entry
//	@Failure		400				{object}	Problem
//	@Failure		401				{object}	Problem
//	@Failure		403				{object}	Problem
//	@Failure		404				{object}	Problem
//	@Failure		409				{object}	Problem
//	@Failure		412				{object}	Problem
//	@Failure		413				{object}	Problem
//	@Failure		415				{object}	Problem
//	@Failure		422				{object}	Problem
//	@Failure		428				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Failure		507				{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key} [put]
func (k kindHandlers) put(c echo.Context) error {
	ref, w, body, err := k.write(c, echo.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	result, err := k.Publishing.Put(c.Request().Context(), ref, body, w)
	if err != nil {
		return err
	}
	return k.replyWritten(c, result)
}

// patch changes a document.
//
//	@Summary		Change a {kind}
//	@Description	The body is a JSON Merge Patch (RFC 7396) of the working document: members replace, null removes.
//	@Tags			publishing
//	@ID				update{Kind}
//	@Security		bearer
//	@Accept			application/merge-patch+json
//	@Produce		json
//	@Param			publisher		path		string	true	"key of the publisher"
//	@Param			key				path		string	true	"the publisher's key of the entry"
//	@Param			publish			query		boolean	false	"make it public too"																									default(false)
//	@Param			note			query		string	false	"what changed, for the history; required with `publish` where it changes what an entry means that was public before"	maxlength(1000)
//	@Param			translations	query		string	false	"`checked`: all translations are right as they stand, none is outdated"													Enums(checked)
//	@Param			If-Match		header		string	false	"ETag of the draft that is changed: 412 if somebody changed it"
//	@Param			patch			body		object	true	"the merge patch"
//	@Success		200				{object}	Entry
//	@Success		202				{object}	Entry
//	@Failure		400				{object}	Problem
//	@Failure		401				{object}	Problem
//	@Failure		403				{object}	Problem
//	@Failure		404				{object}	Problem
//	@Failure		409				{object}	Problem
//	@Failure		412				{object}	Problem
//	@Failure		413				{object}	Problem
//	@Failure		415				{object}	Problem
//	@Failure		422				{object}	Problem
//	@Failure		428				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Failure		507				{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key} [patch]
func (k kindHandlers) patch(c echo.Context) error {
	ref, w, body, err := k.write(c, mimeMergePatch, echo.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	result, err := k.Publishing.Patch(c.Request().Context(), ref, body, w)
	if err != nil {
		return err
	}
	return k.replyWritten(c, result)
}

// write reads what PUT and PATCH have in common.
func (k kindHandlers) write(c echo.Context, mediaTypes ...string) (ref catalogue.Ref, w publishing.Write, body []byte, err error) {
	who, err := k.may(c)
	if err != nil {
		return ref, w, nil, err
	}
	if c.QueryParam("publish") == "true" {
		if err := k.further(c, askPublish); err != nil {
			return ref, w, nil, err
		}
	}
	if ref, err = k.ref(c); err != nil {
		return ref, w, nil, err
	}
	p := query(c, "publish", "note", "translations")
	w = publishing.Write{
		Actor: who, Publish: p.flag("publish"), Note: p.note("note"), NoteIsParameter: true, If: precondition(c, p),
		TranslationsChecked: p.oneOf("translations", []string{"checked"}) != "",
	}
	if err := p.err(); err != nil {
		return ref, w, nil, err
	}
	body, err = readBody(c, mediaTypes...)
	return ref, w, body, err
}

// delete removes an entry.
//
//	@Summary		Delete a {kind}
//	@Description	An entry that was never public is gone; one that was is withdrawn and archived.
//	@Tags			publishing
//	@ID				remove{Kind}
//	@Security		bearer
//	@Param			publisher	path	string	true	"key of the publisher"
//	@Param			key			path	string	true	"the publisher's key of the entry"
//	@Param			reason		query	string	false	"what readers are told of an entry that was public"	maxlength(1000)
//	@Param			If-Match	header	string	false	"ETag of the draft: 412 if somebody changed it"
//	@Success		204			"No Content"
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		428			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key} [delete]
func (k kindHandlers) delete(c echo.Context) error {
	who, err := k.may(c)
	if err != nil {
		return err
	}
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	p := query(c, "reason")
	w := publishing.Write{Actor: who, If: precondition(c, p), Reason: p.note("reason")}
	if err := p.err(); err != nil {
		return err
	}
	result, err := k.Publishing.Delete(c.Request().Context(), ref, w)
	if err != nil {
		return err
	}
	k.waitFor(c, result.Position)
	return c.NoContent(http.StatusNoContent)
}

// Move asks for a transition.
type Move struct {
	Transition string `json:"transition" enums:"submit,approve,reject,publish,unschedule,withdraw,archive,restore" example:"publish"`
	Note       string `json:"note,omitempty" maxLength:"1000"`                                        // of publish: what changed, for the history, required where it changes what an entry means that was public before; of reject: what is to be changed, required
	At         string `json:"at,omitempty" format:"date-time" example:"2027-01-01T00:00:00+01:00"`    // of publish and withdraw: when; now where absent
	Reason     string `json:"reason,omitempty" maxLength:"1000" example:"Il servizio è stato unito."` // of withdraw: what readers are told; required
	ReplacedBy string `json:"replacedBy,omitempty" example:"prato-comune/prato-s20"`                  // of withdraw: what to use instead
	Revision   int    `json:"revision,omitempty" minimum:"1"`                                         // of restore: which revision the draft becomes; required
}

// moveScopes says which scope a transition needs.
var moveScopes = map[string]identity.Scope{
	string(catalogue.Submit): identity.Write, string(catalogue.Approve): identity.Review, string(catalogue.Reject): identity.Review,
	string(catalogue.Publish): identity.Publish, string(catalogue.Unschedule): identity.Publish,
	string(catalogue.Withdraw): identity.Publish, string(catalogue.Archive): identity.Publish, string(catalogue.Restore): identity.Write,
}

// transition moves an entry from one state to another.
//
//	@Summary		Review, publish, withdraw, archive or restore a {kind}
//	@Description	`submit` hands the draft to a reviewer (202). `approve` agrees to it: it needs If-Match with the version that was read, and another key than the one that last changed the draft. `reject` gives it back with a note. `publish` makes the draft public, now or `at` a time. `withdraw` takes it back, now or `at` a time: readers get 410 with the reason. `unschedule` gives up what was planned; so does a change of the draft for its publication. `archive` puts away what is not public. `restore` makes the draft what a revision was.
//	@Tags			publishing
//	@ID				move{Kind}
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			key			path		string	true	"the publisher's key of the entry"
//	@Param			If-Match	header		string	false	"ETag of the draft: 412 if somebody changed it"
//	@Param			move		body		Move	true	"the transition"
//	@Success		200			{object}	Entry
//	@Success		202			{object}	Entry
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		428			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/transitions [post]
func (k kindHandlers) transition(c echo.Context) error {
	who, err := k.may(c)
	if err != nil {
		return err
	}
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	p := query(c)
	condition := precondition(c, p)
	if err := p.err(); err != nil {
		return err
	}
	var move Move
	findings, err := readRequest(c, &move)
	if err != nil {
		return err
	}
	at, err := move.check(findings)
	if err != nil {
		return err
	}
	if err := k.further(c, move.Transition); err != nil {
		return err
	}
	result, err := k.Publishing.Transition(c.Request().Context(), ref, publishing.Move{
		Transition: catalogue.Transition(move.Transition), Note: move.Note, At: at, Reason: move.Reason,
		ReplacedBy: move.ReplacedBy, Revision: move.Revision,
	}, publishing.Write{Actor: who, If: condition})
	if err != nil {
		return err
	}
	return k.replyWritten(c, result)
}

// check says what is wrong with the request itself, after what was found while reading it, and returns its time.
func (m Move) check(findings catalogue.Findings) (at time.Time, err error) {
	if _, known := moveScopes[m.Transition]; !known {
		findings.AddOneOf("/transition", strings.Join(names(catalogue.Transitions), ", "))
	}
	if len([]rune(m.Note)) > catalogue.MaxNote {
		findings.AddTooLong("/note", catalogue.MaxNote)
	}
	if m.Transition == string(catalogue.Restore) && m.Revision < 1 {
		findings.AddRequired("/revision")
	}
	if m.At != "" {
		if at, err = time.Parse(time.RFC3339, m.At); err != nil {
			findings.AddMoment("/at")
		}
	}
	return at.UTC().Truncate(time.Microsecond), findings.Err()
}

// precondition reads If-Match and If-None-Match (RFC 9110, section 13.1).
func precondition(c echo.Context, p *params) publishing.Precondition {
	read := func(name string) *publishing.Versions {
		values := c.Request().Header.Values(name)
		if len(values) == 0 {
			return nil
		}
		v := &publishing.Versions{}
		for _, tag := range entityTags(values) {
			// A proxy that compresses makes tags weak; ours number versions, whatever bytes show them.
			quoted, err := strconv.Unquote(strings.TrimPrefix(tag, "W/"))
			switch {
			case tag == "*":
				v.Any = true
			case err != nil:
				p.refuse(name, "entity_tag")
			default:
				number, _, _ := strings.Cut(quoted, ".") // behind the point it tells copies apart, not versions
				if version, err := strconv.Atoi(number); err == nil {
					v.List = append(v.List, version)
				}
			}
		}
		return v
	}
	return publishing.Precondition{IfMatch: read("If-Match"), IfNoneMatch: read("If-None-Match")}
}

// replyWritten answers a write once this node's readers see it.
func (k kindHandlers) replyWritten(c echo.Context, result publishing.Result) error {
	status := http.StatusOK
	switch {
	case result.Submitted:
		status = http.StatusAccepted
	case result.Created:
		status = http.StatusCreated
		ref := result.State.Ref
		c.Response().Header().Set("Location", k.PublicURL+"/v1/publishers/"+ref.Publisher+"/"+ref.Kind.Plural()+"/"+ref.Key)
	}
	k.waitFor(c, result.Position)
	return k.replyEntry(c, status, result)
}

// waitFor waits until this node's snapshot has a change, but not for long, and tells the position.
func (s *server) waitFor(c echo.Context, position int64) {
	if position == 0 {
		if at := s.Reader.Snapshot(); at != nil {
			position = at.Position()
		}
	} else {
		ctx, cancel := context.WithTimeout(c.Request().Context(), visibleWait)
		defer cancel()
		if err := s.Follower.Wait(ctx, position); err != nil {
			s.Log.WarnContext(ctx, "a write was answered before readers see it: the follower is behind",
				"request_id", requestID(c), "position", position)
		}
	}
	c.Response().Header().Set(headerPosition, strconv.FormatInt(position, 10))
}

func (k kindHandlers) replyEntry(c echo.Context, status int, result publishing.Result) error {
	e := entryOf(result.State, spoken(c))
	for _, r := range result.Referrers {
		e.Referrers = append(e.Referrers, k.named(r))
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// The version of the draft for If-Match; the rest tells apart copies of it that say something else, such as its state.
	sum := sha256.Sum256(body)
	answer := snapshot.Answer{ETag: fmt.Sprintf(`"%d.%x"`, e.DraftVersion, sum[:8])}
	h := c.Response().Header()
	h.Set("ETag", answer.ETag)
	h.Set("Cache-Control", "no-store")
	if r := c.Request(); isRead(r.Method) && k.fresh(r.Header, answer) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSONBlob(status, body)
}
