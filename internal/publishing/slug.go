package publishing

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gosimple/slug"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// chooseSlug returns the slug that an entry will have: the one its document asks for, else the one it has, else one
// made of its Italian title, with a number where that is taken. A slug that is asked for and taken is a finding.
func chooseSlug(ctx context.Context, tx *db.Client, ref catalogue.Ref, doc catalogue.Document, old *db.Entry, findings *catalogue.Findings) (string, error) {
	self := uuid.Nil
	if old != nil {
		self = old.ID
	}
	wanted := doc.Common().Slug
	if wanted == "" && old != nil {
		return old.Slug, nil
	}
	base := wanted
	if !catalogue.ValidSlug(base) {
		base = slugOf(doc.Common().Title[lang.Italian], ref)
	}
	free := base
	for n := 2; ; n++ {
		taken, err := slugTaken(ctx, tx, ref.Kind, free, self)
		if err != nil {
			return "", err
		}
		if !taken {
			break
		}
		suffix := "-" + strconv.Itoa(n)
		free = strings.TrimRight(base[:min(len(base), catalogue.MaxSlug-len(suffix))], "-") + suffix
	}
	if wanted != "" && wanted == base && free != base {
		findings.AddSlugTaken(wanted, free)
	}
	return free, nil
}

// apostrophes part words: «carta d'identità» is carta-d-identita.
var apostrophes = strings.NewReplacer("'", " ", "’", " ", "`", " ")

// slugOf makes a slug of a title, or where nothing is left of it, of the key.
func slugOf(title string, ref catalogue.Ref) string {
	for _, from := range []string{title, ref.Key} {
		s := slug.MakeLang(apostrophes.Replace(from), "it")
		s = strings.ReplaceAll(s, "_", "-")
		s = strings.Trim(s[:min(len(s), catalogue.MaxSlug)], "-")
		if catalogue.ValidSlug(s) {
			return s
		}
	}
	return string(ref.Kind)
}

// reserveSlug keeps the public slug of an entry for it when its draft gets another one: readers go on using it, and are
// redirected once the new one is public.
func reserveSlug(ctx context.Context, tx *db.Client, e *db.Entry, next string, now time.Time) error {
	if e.PublishedRevision == 0 || e.Slug == next {
		return nil
	}
	public, err := tx.Revision.Query().
		Where(revision.EntryID(e.ID), revision.Number(e.PublishedRevision)).Select(revision.FieldSlug).String(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.Redirect.Delete().Where(redirect.KindEQ(e.Kind), redirect.Slug(next), redirect.EntryID(e.ID)).Exec(ctx); err != nil {
		return err
	}
	if public == next {
		return nil
	}
	exists, err := tx.Redirect.Query().Where(redirect.KindEQ(e.Kind), redirect.Slug(public)).Exist(ctx)
	if err != nil || exists {
		return err
	}
	return tx.Redirect.Create().SetKind(e.Kind).SetSlug(public).SetEntryID(e.ID).SetCreatedAt(now).Exec(ctx)
}

// slugTaken reports whether another entry of the kind has the slug, or had it in public.
func slugTaken(ctx context.Context, tx *db.Client, kind catalogue.Kind, slug string, self uuid.UUID) (bool, error) {
	taken, err := tx.Entry.Query().Where(entry.KindEQ(kind), entry.Slug(slug), entry.IDNEQ(self)).Exist(ctx)
	if err != nil || taken {
		return taken, err
	}
	return tx.Redirect.Query().Where(redirect.KindEQ(kind), redirect.Slug(slug), redirect.EntryIDNEQ(self)).Exist(ctx)
}
