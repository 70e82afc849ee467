package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// settled is how old an instant must be for nothing to be published any more with an earlier date: a transaction takes
// seconds at most.
const settled = time.Minute

// forever is what caches are told of answers that never change.
var forever = []string{"public, max-age=31536000, immutable"}

// pastCache is what caches are told of an answer about an instant.
func pastCache(at, now time.Time) []string {
	if now.Sub(at) < settled {
		return askFirst
	}
	return forever
}

// revision answers the view of a revision.
//
//	@Summary		Get a revision of a published {kind}
//	@Description	The view as it was when the revision was published: references lead to what was public then, and what is computed is as it was at that time. Also of an entry that was withdrawn since. Caches may keep it for ever.
//	@Tags			{kinds}
//	@ID				show{Kind}Revision
//	@Produce		json
//	@Param			idOrSlug				path		string		true	"id or slug"
//	@Param			number					path		int			true	"number of the revision"																			minimum(1)
//	@Param			fields					query		[]string	false	"only these members of the view"																	collectionFormat(csv)
//	@Param			expand					query		[]string	false	"references to be shown as the entries themselves, at most 10"										collectionFormat(csv)
//	@Param			lang					query		string		false	"language of the texts; `*` for all of them"														Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			text					query		string		false	"texts that may have 2,000 characters or more as CommonMark, or as HTML that is safe in any page"	Enums(markdown, html)	default(markdown)
//	@Param			Accept-Language			header		string		false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Param			Catalogue-Min-Position	header		int			false	"wait until this node has reached the position"
//	@Success		200						{object}	View
//	@Success		301						"Moved Permanently"
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		404						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/{kinds}/{idOrSlug}/revisions/{number} [get]
func (k kindHandlers) revision(c echo.Context) error {
	at, err := k.at(c)
	if err != nil {
		return err
	}
	p := query(c, "fields", "expand", "lang", "text")
	show, tag := snapshot.Shown{Fields: k.fields(p), Expand: k.expand(p), HTML: p.html()}, language(c, p)
	if err := p.err(); err != nil {
		return err
	}
	number, err := revisionNumber(c)
	if err != nil {
		return err
	}
	id, err := at.ID(k.kind, c.Param("idOrSlug"))
	if err != nil {
		return err
	}
	return k.replyPast(c, at, tag, show, func(ctx context.Context, show func(publishing.Past) error) error {
		return k.Publishing.ShowRevision(ctx, id, number, show)
	})
}

// revisionNumber is the number in the path; there is no revision of any other name.
func revisionNumber(c echo.Context) (int, error) {
	number, err := strconv.ParseInt(c.Param("number"), 10, 32)
	if err != nil || number < 1 {
		return 0, catalogue.ErrNotFound
	}
	return int(number), nil
}

// asOf answers the view as it was public at an instant.
func (k kindHandlers) asOf(c echo.Context, at *snapshot.Snapshot, when time.Time, tag lang.Tag, show snapshot.Shown) error {
	id, err := at.ID(k.kind, c.Param("idOrSlug"))
	if err != nil {
		return err
	}
	return k.replyPast(c, at, tag, show, func(ctx context.Context, show func(publishing.Past) error) error {
		return k.Publishing.ShowAsOf(ctx, id, when, show)
	})
}

// replyPast writes a view of the past.
func (s *server) replyPast(c echo.Context, at *snapshot.Snapshot, tag lang.Tag, shown snapshot.Shown, find func(context.Context, func(publishing.Past) error) error) error {
	var answer snapshot.Answer
	var when time.Time
	err := s.history.take(c, func(ctx context.Context) error {
		return find(ctx, func(past publishing.Past) error {
			e := past.Entry
			if !e.Available() {
				return &snapshot.GoneError{ID: e.ID, Kind: e.Ref.Kind, Since: e.UpdatedAt, Reason: past.Reason, Replacement: past.Replacement}
			}
			when, answer = past.At, shown.Write(catalogue.Words{Lang: tag, PublicURL: s.PublicURL, Resolver: past.Resolver, Now: past.At}, &e, coding(c))
			answer.ValidUntil, answer.Head.Link = time.Time{}, nil // the clock stands still, and links would lead to the present
			return nil
		})
	})
	if err != nil {
		return err
	}
	return s.replyAs(c, mediaTypes[shown.Format], at, tag, varyByFormat, pastCache(when, s.Clock()), answer)
}

// DocumentDiff says in what two versions of a document differ, for programs and for people.
type DocumentDiff struct {
	From    publishing.ComparedVersion `json:"from"`
	To      publishing.ComparedVersion `json:"to"`
	Patch   []PatchOperation           `json:"patch"`   // makes the later document of the earlier one
	Changes []FieldDiff                `json:"changes"` // elements of lists are compared with their like, wherever they stand
}

// PatchOperation is an operation of a JSON Patch (RFC 6902).
type PatchOperation struct {
	Op    string          `json:"op" enums:"add,remove,replace,move,copy,test" example:"replace"`
	Path  string          `json:"path" example:"/howTo/it"`
	From  string          `json:"from,omitempty"`
	Value json.RawMessage `json:"value,omitempty" swaggertype:"object"`
}

// FieldDiff is a place in which two versions of a document differ.
type FieldDiff struct {
	Pointer string                 `json:"pointer" example:"/howTo/it"`                                      // in the later version; of what was removed, in the earlier one
	Label   string                 `json:"label" example:"Come fare (it)"`                                   // what people call it, in the caller's language
	Change  string                 `json:"change" enums:"added,removed,changed,reordered" example:"changed"` //
	Before  json.RawMessage        `json:"before,omitempty" swaggertype:"object"`                            // absent where there was nothing
	After   json.RawMessage        `json:"after,omitempty" swaggertype:"object"`                             // absent where there is nothing
	Words   []catalogue.WordChange `json:"words,omitempty"`                                                  // of a long text: which words stayed, went and came
}

// diff answers in what two revisions differ.
//
//	@Summary		Compare two revisions of a published {kind}
//	@Description	A JSON Patch (RFC 6902) that makes the later document of the earlier one, and the changed fields for people. `from` and `to` are numbers of revisions, or a date or instant: what was public then, or last.
//	@Tags			{kinds}
//	@ID				compare{Kind}Revisions
//	@Produce		json
//	@Param			idOrSlug				path		string	true	"id or slug"
//	@Param			from					query		string	true	"the earlier version"
//	@Param			to						query		string	true	"the later version"
//	@Param			lang					query		string	false	"language of the labels"	Enums(it, en)
//	@Param			Accept-Language			header		string	false	"languages of the labels, where `lang` is not given (RFC 9110)"
//	@Param			Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success		200						{object}	DocumentDiff
//	@Success		301						"Moved Permanently"
//	@Success		304						"Not Modified"
//	@Failure		400						{object}	Problem
//	@Failure		404						{object}	Problem
//	@Failure		503						{object}	Problem
//	@Router			/v1/{kinds}/{idOrSlug}/revisions/diff [get]
func (k kindHandlers) diff(c echo.Context) error {
	at, err := k.at(c)
	if err != nil {
		return err
	}
	from, to, tag, err := k.versions(c, false)
	if err != nil {
		return err
	}
	id, err := at.ID(k.kind, c.Param("idOrSlug"))
	if err != nil {
		return err
	}
	diff, err := k.compare(c, tag, func(ctx context.Context) (before, after publishing.ComparedVersion, err error) {
		return k.Publishing.Compare(ctx, id, from, to)
	})
	if err != nil {
		return err
	}
	data, err := json.Marshal(diff)
	if err != nil {
		return err
	}
	return k.replyAs(c, jsonType, at, tag, varyByPosition, publicCache, snapshot.Encode(data, time.Time{}, time.Time{}, coding(c)))
}

// diffOwn answers in what two versions differ, the draft among them.
//
//	@Summary		Compare two versions of a publisher's own {kind}
//	@Description	A JSON Patch (RFC 6902) that makes the later document of the earlier one, and the changed fields for people. `from` and `to` are numbers of revisions, a date or instant (what was public then, or last), or `draft`.
//	@Tags			publishing
//	@ID				compareOwn{Kind}Revisions
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			key			path		string	true	"the publisher's key of the entry"
//	@Param			from		query		string	true	"the earlier version"
//	@Param			to			query		string	true	"the later version"
//	@Param			lang		query		string	false	"language of the labels"	Enums(it, en)
//	@Success		200			{object}	DocumentDiff
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/revisions/diff [get]
func (k kindHandlers) diffOwn(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	from, to, tag, err := k.versions(c, true)
	if err != nil {
		return err
	}
	diff, err := k.compare(c, tag, func(ctx context.Context) (before, after publishing.ComparedVersion, err error) {
		return k.Publishing.CompareOwn(ctx, ref, from, to)
	})
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, diff)
}

// versions are those that a request wants compared, and the language of the labels.
func (k kindHandlers) versions(c echo.Context, draft bool) (from, to publishing.Version, tag lang.Tag, err error) {
	p := query(c, "from", "to", "lang")
	from, to = p.version("from", k.Clock(), draft), p.version("to", k.Clock(), draft)
	if p.has("lang") {
		p.oneOf("lang", spokenNames)
	}
	return from, to, spoken(c), p.err()
}

// version is a version of a document: a number, a day or an instant in the past, or the draft.
func (p *params) version(name string, now time.Time, draft bool) (v publishing.Version) {
	value := p.one(name)
	number, err := strconv.ParseInt(value, 10, 32)
	switch {
	case !p.has(name):
		p.refuse(name, "required")
	case value == "draft" && draft:
		v.Draft = true
	case err == nil && number > 0:
		v.Number = int(number)
	default:
		t, ok := parseInstant(value)
		if !ok {
			p.refuse(name, "version")
		} else if t.After(now) {
			p.refuse(name, "future")
		}
		v.At = t
	}
	return v
}

func (k kindHandlers) compare(c echo.Context, tag lang.Tag, read func(context.Context) (before, after publishing.ComparedVersion, err error)) (diff DocumentDiff, err error) {
	err = k.history.take(c, func(ctx context.Context) error {
		before, after, err := read(ctx)
		if err != nil {
			return err
		}
		patch, err := catalogue.Patch(before.Document, after.Document)
		if err != nil {
			return err
		}
		diff = DocumentDiff{From: before, To: after, Changes: []FieldDiff{}}
		for _, f := range catalogue.FieldChanges(before.Document, after.Document) {
			diff.Changes = append(diff.Changes, FieldDiff{string(f.Pointer), f.Label(tag), string(f.Change), f.Before, f.After, f.Words})
		}
		return json.Unmarshal(patch, &diff.Patch)
	})
	return diff, err
}

// RevisionPage is a page of the history of an entry, the latest revision first.
type RevisionPage struct {
	Items      []publishing.Revision `json:"items"`
	Total      int                   `json:"total"`
	NextCursor string                `json:"nextCursor,omitempty"`
}

// revisions answers the history of an entry, also of one that was withdrawn.
//
//	@Summary	List the revisions of a published {kind}
//	@Tags		{kinds}
//	@ID			list{Kind}Revisions
//	@Produce	json
//	@Param		idOrSlug				path		string	true	"id or slug"
//	@Param		limit					query		int		false	"how many revisions on a page"	minimum(1)	maximum(200)	default(20)
//	@Param		cursor					query		string	false	"`nextCursor` of the page before"
//	@Param		Catalogue-Min-Position	header		int		false	"wait until this node has reached the position"
//	@Success	200						{object}	RevisionPage
//	@Success	301						"Moved Permanently"
//	@Success	304						"Not Modified"
//	@Failure	400						{object}	Problem
//	@Failure	404						{object}	Problem
//	@Failure	503						{object}	Problem
//	@Router		/v1/{kinds}/{idOrSlug}/revisions [get]
func (k kindHandlers) revisions(c echo.Context) error {
	at, err := k.at(c)
	if err != nil {
		return err
	}
	p := query(c, "limit", "cursor")
	limit, before := p.revisionPage()
	if err := p.err(); err != nil {
		return err
	}
	id, err := at.ID(k.kind, c.Param("idOrSlug"))
	if err != nil {
		return err
	}
	page := RevisionPage{}
	page.Items, page.Total, err = k.Publishing.Revisions(c.Request().Context(), id, before, limit)
	if err != nil {
		return err
	}
	if n := len(page.Items); n == limit && page.Items[n-1].Number > 1 {
		page.NextCursor = strconv.Itoa(page.Items[n-1].Number)
		k.nextLink(c, "cursor", page.NextCursor)
	}
	return k.replyJSON(c, at, page, publicCache)
}

// OwnRevisionPage is a page of the history of an entry as its publisher sees it, the latest revision first.
type OwnRevisionPage struct {
	Items      []publishing.OwnRevision `json:"items"`
	Total      int                      `json:"total"`
	NextCursor string                   `json:"nextCursor,omitempty"`
}

// revisionsOwn answers the history of an entry with who published what.
//
//	@Summary	List the revisions of a publisher's own {kind}
//	@Tags		publishing
//	@ID			listOwn{Kind}Revisions
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Param		key			path		string	true	"the publisher's key of the entry"
//	@Param		limit		query		int		false	"how many revisions on a page"	minimum(1)	maximum(200)	default(20)
//	@Param		cursor		query		string	false	"`nextCursor` of the page before"
//	@Success	200			{object}	OwnRevisionPage
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Router		/v1/publishers/{publisher}/{kinds}/{key}/revisions [get]
func (k kindHandlers) revisionsOwn(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	p := query(c, "limit", "cursor")
	limit, before := p.revisionPage()
	if err := p.err(); err != nil {
		return err
	}
	page := OwnRevisionPage{}
	page.Items, page.Total, err = k.Publishing.OwnRevisions(c.Request().Context(), ref, before, limit)
	if err != nil {
		return err
	}
	if n := len(page.Items); n == limit && page.Items[n-1].Number > 1 {
		page.NextCursor = strconv.Itoa(page.Items[n-1].Number)
		k.nextLink(c, "cursor", page.NextCursor)
	}
	return replyPrivate(c, http.StatusOK, page)
}

// revisionPage is how many revisions a page has, and below which number.
func (p *params) revisionPage() (limit, before int) {
	limit = p.number("limit", 20, 200)
	if p.has("cursor") {
		before = p.number("cursor", 0, 1<<31-1)
	}
	return limit, before
}

// revisionOwn answers a revision with its document.
//
//	@Summary		Get a revision of a publisher's own {kind}
//	@Description	With its document, who published it and the note. The document can be PUT back; the transition `restore` makes it the draft.
//	@Tags			publishing
//	@ID				showOwn{Kind}Revision
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	path		string	true	"key of the publisher"
//	@Param			key			path		string	true	"the publisher's key of the entry"
//	@Param			number		path		int		true	"number of the revision"	minimum(1)
//	@Success		200			{object}	publishing.OwnRevision
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/revisions/{number} [get]
func (k kindHandlers) revisionOwn(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	number, err := revisionNumber(c)
	if err != nil {
		return err
	}
	r, err := k.Publishing.OwnRevision(c.Request().Context(), ref, number)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, r)
}
