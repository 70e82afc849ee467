package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/snapshot"
)

// reviews answers what waits for a review.
//
//	@Summary		List the drafts that wait for a review
//	@Description	The one that has waited longest first, without documents. With `state=returned` those that went back to their authors, and why: a reviewer rejected them, or they could not be published when they were to be. The key needs the scope review; one of a publisher sees its own entries, an admin's all.
//	@Tags			publishing
//	@ID				listReviews
//	@Security		bearer
//	@Produce		json
//	@Param			publisher	query		string	false	"key of the publisher whose entries they are"
//	@Param			reviewer	query		string	false	"only those of this reviewer"
//	@Param			state		query		string	false	"which drafts"					Enums(in_review, returned)	default(in_review)
//	@Param			limit		query		int		false	"how many entries on a page"	minimum(1)					maximum(200)	default(20)
//	@Param			cursor		query		string	false	"`nextCursor` of the page before"
//	@Success		200			{object}	EntryPage
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/reviews [get]
func (s *server) reviews(c echo.Context) error {
	caller, err := s.caller(c)
	if err != nil {
		return err
	}
	p := query(c, "publisher", "reviewer", "state", "limit", "cursor")
	q := publishing.ReviewQueue{Publisher: p.one("publisher"), Reviewer: p.one("reviewer")}
	if q.Publisher == "" {
		q.Publisher = caller.Publisher
	}
	if err := caller.Check(identity.Review, q.Publisher); err != nil {
		return err
	}
	q.Returned = p.oneOf("state", []string{"in_review", "returned"}) == "returned"
	limit := p.number("limit", 20, 200)
	q.Limit = limit + 1 // to know whether there is another page
	if after := p.waiting("cursor"); after != nil {
		q.After = *after
	}
	if err := p.err(); err != nil {
		return err
	}
	states, total, err := s.Publishing.Reviews(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return s.replyEntries(c, states, total, limit, func(last publishing.State) string {
		return waitingCursor(publishing.Waiting{Since: *last.SubmittedAt, ID: last.ID})
	})
}

// Reviewer says who is to review an entry's drafts.
type Reviewer struct {
	Reviewer string `json:"reviewer" maxLength:"200" example:"Maria Rossi"` // a name; empty: nobody in particular
}

// putReviewer says who is to review.
//
//	@Summary	Say who is to review the drafts of a {kind}
//	@Tags		publishing
//	@ID			replace{Kind}Reviewer
//	@Security	bearer
//	@Accept		json
//	@Produce	json
//	@Param		publisher	path		string		true	"key of the publisher"
//	@Param		key			path		string		true	"the publisher's key of the entry"
//	@Param		reviewer	body		Reviewer	true	"who"
//	@Success	200			{object}	Entry
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Failure	413			{object}	Problem
//	@Failure	415			{object}	Problem
//	@Failure	422			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Failure	507			{object}	Problem
//	@Router		/v1/publishers/{publisher}/{kinds}/{key}/reviewer [put]
func (k kindHandlers) putReviewer(c echo.Context) error {
	who, err := k.may(c)
	if err != nil {
		return err
	}
	var reviewer Reviewer
	ref, err := k.request(c, &reviewer)
	if err != nil {
		return err
	}
	result, err := k.Publishing.Assign(c.Request().Context(), ref, reviewer.Reviewer, who)
	if err != nil {
		return err
	}
	return k.replyEntry(c, http.StatusOK, result)
}

// request reads the entry that a request is about, and its body.
func (k kindHandlers) request(c echo.Context, body any) (catalogue.Ref, error) {
	ref, err := k.ref(c)
	if err != nil {
		return ref, err
	}
	if err := query(c).err(); err != nil {
		return ref, err
	}
	findings, err := readRequest(c, body)
	if err != nil {
		return ref, err
	}
	return ref, findings.Err()
}

// Comments are all comments on the drafts of an entry, the oldest first.
type Comments struct {
	Items []publishing.Comment `json:"items"`
	Open  int                  `json:"open" minimum:"0"` // how many are not resolved
}

// comments answers what was said of the drafts of an entry.
//
//	@Summary	List the comments on the drafts of a {kind}
//	@Tags		publishing
//	@ID			list{Kind}Comments
//	@Security	bearer
//	@Produce	json
//	@Param		publisher	path		string	true	"key of the publisher"
//	@Param		key			path		string	true	"the publisher's key of the entry"
//	@Success	200			{object}	Comments
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Router		/v1/publishers/{publisher}/{kinds}/{key}/comments [get]
func (k kindHandlers) comments(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	all, err := k.Publishing.Comments(c.Request().Context(), ref)
	if err != nil {
		return err
	}
	answer := Comments{Items: append([]publishing.Comment{}, all...)}
	for _, comment := range all {
		if comment.ResolvedAt == nil {
			answer.Open++
		}
	}
	return replyPrivate(c, http.StatusOK, answer)
}

// NewComment is what somebody has to say of a draft.
type NewComment struct {
	Text    string `json:"text" maxLength:"4000" example:"Manca il costo."`
	Pointer string `json:"pointer,omitempty" maxLength:"1000" example:"/title"` // JSON Pointer (RFC 6901) to the part of the draft that it is about; absent: all of it
}

// postComment takes a comment.
//
//	@Summary		Comment on the draft of a {kind}
//	@Description	It is about the draft as it is now, whose version it keeps. Whoever may read the draft may comment on it.
//	@Tags			publishing
//	@ID				comment{Kind}
//	@Security		bearer
//	@Accept			json
//	@Produce		json
//	@Param			publisher	path		string		true	"key of the publisher"
//	@Param			key			path		string		true	"the publisher's key of the entry"
//	@Param			comment		body		NewComment	true	"the comment"
//	@Success		201			{object}	publishing.Comment
//	@Failure		400			{object}	Problem
//	@Failure		401			{object}	Problem
//	@Failure		403			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Failure		507			{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/comments [post]
func (k kindHandlers) postComment(c echo.Context) error {
	who, err := k.may(c)
	if err != nil {
		return err
	}
	var comment NewComment
	ref, err := k.request(c, &comment)
	if err != nil {
		return err
	}
	made, err := k.Publishing.AddComment(c.Request().Context(), ref, comment.Pointer, comment.Text, who)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusCreated, made)
}

// CommentChange says what becomes of a comment.
type CommentChange struct {
	Resolved bool `json:"resolved" example:"true"` // done with, or open again
}

// patchComment resolves a comment, or opens it again.
//
//	@Summary	Resolve a comment on the draft of a {kind}, or open it again
//	@Tags		publishing
//	@ID			resolve{Kind}Comment
//	@Security	bearer
//	@Accept		application/merge-patch+json
//	@Produce	json
//	@Param		publisher	path		string			true	"key of the publisher"
//	@Param		key			path		string			true	"the publisher's key of the entry"
//	@Param		comment		path		int				true	"number of the comment"	minimum(1)
//	@Param		change		body		CommentChange	true	"what becomes of it"
//	@Success	200			{object}	publishing.Comment
//	@Failure	400			{object}	Problem
//	@Failure	401			{object}	Problem
//	@Failure	403			{object}	Problem
//	@Failure	404			{object}	Problem
//	@Failure	413			{object}	Problem
//	@Failure	415			{object}	Problem
//	@Failure	422			{object}	Problem
//	@Failure	503			{object}	Problem
//	@Failure	507			{object}	Problem
//	@Router		/v1/publishers/{publisher}/{kinds}/{key}/comments/{comment} [patch]
func (k kindHandlers) patchComment(c echo.Context) error {
	who, err := k.may(c)
	if err != nil {
		return err
	}
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	if err := query(c).err(); err != nil {
		return err
	}
	number, err := strconv.Atoi(c.Param("comment"))
	if err != nil {
		return catalogue.ErrNotFound
	}
	body, err := readBody(c, mimeMergePatch, echo.MIMEApplicationJSON)
	if err != nil {
		return err
	}
	var change CommentChange
	findings, err := catalogue.DecodeRequest(body, &change)
	if err != nil {
		return err
	}
	if err := findings.Err(); err != nil {
		return err
	}
	comment, err := k.Publishing.ResolveComment(c.Request().Context(), ref, number, change.Resolved, who)
	if err != nil {
		return err
	}
	return replyPrivate(c, http.StatusOK, comment)
}

// preview answers a draft as readers would get it.
//
//	@Summary		Preview the draft of a {kind}
//	@Description	The view that readers would get if the draft were public now, and with it the drafts of the same publisher that it refers to.
//	@Tags			publishing
//	@ID				preview{Kind}
//	@Security		bearer
//	@Produce		json
//	@Param			publisher		path		string	true	"key of the publisher"
//	@Param			key				path		string	true	"the publisher's key of the entry"
//	@Param			lang			query		string	false	"language of the texts; `*` for all of them"														Enums(it, en, zh, ro, sq, ur, ar, fr, es, de, *)
//	@Param			text			query		string	false	"texts that may have 2,000 characters or more as CommonMark, or as HTML that is safe in any page"	Enums(markdown, html)	default(markdown)
//	@Param			Accept-Language	header		string	false	"languages of the texts, where `lang` is not given (RFC 9110)"
//	@Success		200				{object}	View
//	@Failure		400				{object}	Problem
//	@Failure		401				{object}	Problem
//	@Failure		403				{object}	Problem
//	@Failure		404				{object}	Problem
//	@Failure		503				{object}	Problem
//	@Router			/v1/publishers/{publisher}/{kinds}/{key}/preview [get]
func (k kindHandlers) preview(c echo.Context) error {
	ref, err := k.ref(c)
	if err != nil {
		return err
	}
	p := query(c, "lang", "text")
	show, tag := snapshot.Shown{HTML: p.html()}, language(c, p)
	if err := p.err(); err != nil {
		return err
	}
	at, err := k.at(c)
	if err != nil {
		return err
	}
	drafts, err := k.Publishing.Drafts(c.Request().Context(), ref)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSONBlob(http.StatusOK, k.Reader.Preview(at, drafts, tag, show).Body)
}
