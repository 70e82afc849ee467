package publishing

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/comment"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Comment is what somebody says of a draft, to those who work on it.
type Comment struct {
	Number       int        `json:"number" minimum:"1"`       // among those on the entry
	DraftVersion int        `json:"draftVersion" minimum:"1"` // of the draft that it is about
	Revision     int        `json:"revision" minimum:"0"`     // that was public then, 0 if none was
	Pointer      string     `json:"pointer" example:"/costs"` // JSON Pointer (RFC 6901) to the part of the document that it is about; empty: all of it
	Text         string     `json:"text" example:"Manca il costo."`
	Author       string     `json:"author" example:"redazione"` // the name of the key
	CreatedAt    time.Time  `json:"createdAt"`
	ResolvedAt   *time.Time `json:"resolvedAt,omitempty"` // absent: still open
	ResolvedBy   string     `json:"resolvedBy,omitempty"`
}

const (
	maxComment  = 4000 // characters
	maxComments = 500  // of an entry
)

// AddComment adds a comment on the draft of an entry as it is now. It returns ErrNotFound, or an InvalidError for an empty
// or too long text, for a pointer that leads nowhere in the draft, and where there are too many comments already.
func (p *Publishing) AddComment(ctx context.Context, ref catalogue.Ref, pointer, text string, who Actor) (c Comment, err error) {
	_, err = p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		e, err := p.lock(ctx, tx, ref)
		if err != nil {
			return Result{}, err
		}
		n, err := tx.Comment.Query().Where(comment.EntryID(e.ID)).Count(ctx)
		if err != nil {
			return Result{}, err
		}
		var findings catalogue.Findings
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			findings.AddRequired("/text")
		case utf8.RuneCountInString(text) > maxComment:
			findings.AddTooLong("/text", maxComment)
		case n >= maxComments:
			findings.AddTooMany("", maxComments)
		}
		if !catalogue.Pointer(pointer).Leads(e.Document) {
			findings.AddNowhere("/pointer")
		}
		if err := findings.Err(); err != nil {
			return Result{}, err
		}
		row, err := tx.Comment.Create().SetEntryID(e.ID).SetNumber(n + 1).SetDraftVersion(e.DraftVersion).SetRevision(e.PublishedRevision).
			SetPointer(pointer).SetText(text).SetAuthor(who.Name).SetCreatedAt(p.clock()).Save(ctx)
		if err != nil {
			return Result{}, err
		}
		c = commentOf(row)
		p.audit(ctx, who, "comment", e, ref.Publisher, strconv.Itoa(row.Number))
		return Result{}, nil
	})
	return c, store.Wrap(err, "commenting on %s %q", ref.Kind, ref)
}

// Comments returns the comments on an entry's drafts, the oldest first. It returns ErrNotFound if there is no such entry.
func (p *Publishing) Comments(ctx context.Context, ref catalogue.Ref) (all []Comment, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		id, err := tx.Entry.Query().Where(named(ref)).OnlyID(ctx)
		if err != nil {
			return err
		}
		rows, err := tx.Comment.Query().Where(comment.EntryID(id)).Order(comment.ByNumber()).All(ctx)
		for _, row := range rows {
			all = append(all, commentOf(row))
		}
		return err
	})
	return all, store.Wrap(err, "reading the comments on %s %q", ref.Kind, ref)
}

// ResolveComment says whether a comment is done with. It returns ErrNotFound if the entry has no such comment.
func (p *Publishing) ResolveComment(ctx context.Context, ref catalogue.Ref, number int, resolved bool, who Actor) (c Comment, err error) {
	_, err = p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		e, err := p.lock(ctx, tx, ref)
		if err != nil {
			return Result{}, err
		}
		row, err := tx.Comment.Query().Where(comment.EntryID(e.ID), comment.Number(number)).Only(ctx)
		if err != nil {
			return Result{}, err
		}
		if resolved == (row.ResolvedAt != nil) {
			c = commentOf(row)
			return Result{}, nil
		}
		update, action := tx.Comment.UpdateOne(row).ClearResolvedAt().SetResolvedBy(""), "reopen comment"
		if resolved {
			update, action = tx.Comment.UpdateOne(row).SetResolvedAt(p.clock()).SetResolvedBy(who.Name), "resolve comment"
		}
		if row, err = update.Save(ctx); err != nil {
			return Result{}, err
		}
		c = commentOf(row)
		p.audit(ctx, who, action, e, ref.Publisher, strconv.Itoa(number))
		return Result{}, nil
	})
	return c, store.Wrap(err, "resolving comment %d on %s %q", number, ref.Kind, ref)
}

func commentOf(row *db.Comment) Comment {
	return Comment{
		Number: row.Number, DraftVersion: row.DraftVersion, Revision: row.Revision, Pointer: row.Pointer, Text: row.Text,
		Author: row.Author, CreatedAt: row.CreatedAt, ResolvedAt: row.ResolvedAt, ResolvedBy: row.ResolvedBy,
	}
}
