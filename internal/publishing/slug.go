package publishing

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gosimple/slug"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// chooseSlug returns the slug that an entry will have: the one its document asks for, else the one it has, else one
// made of its Italian title, with a number where that is taken. A slug that is asked for and taken is a finding.
func chooseSlug(ctx context.Context, tx *db.Client, ref catalogue.Ref, doc catalogue.Document, old *db.Entry, findings *catalogue.Findings) (string, error) {
	wanted, base := wantedSlug(ref, doc)
	if wanted == "" && old != nil {
		return old.Slug, nil
	}
	taken, err := slugTaken(ctx, tx, ref, base)
	if err != nil || !taken {
		return base, err
	}
	free, err := numbered(ctx, tx, ref, base)
	if wanted == base {
		findings.AddSlugTaken(wanted, free)
	}
	return free, err
}

// wantedSlug is the slug that a document asks for, and the one to begin with: that, if it can be one, else one made of the
// title.
func wantedSlug(ref catalogue.Ref, doc catalogue.Document) (wanted, base string) {
	wanted = doc.Common().Slug
	if catalogue.ValidSlug(wanted) {
		return wanted, wanted
	}
	return wanted, slugOf(doc.Common().Title[lang.Italian], ref)
}

// numbered is a slug with the lowest number that makes it free.
func numbered(ctx context.Context, tx *db.Client, ref catalogue.Ref, base string) (string, error) {
	stem := stemOf(base)
	taken := map[string]bool{}
	drafts, err := tx.Entry.Query().Where(entry.KindEQ(ref.Kind), entry.SlugHasPrefix(stem), entry.Not(named(ref))).
		Select(entry.FieldSlug).Strings(ctx)
	if err != nil {
		return "", err
	}
	reserved, err := tx.Redirect.Query().
		Where(redirect.KindEQ(ref.Kind), redirect.SlugHasPrefix(stem), redirect.Not(redirect.HasEntryWith(named(ref)))).
		Select(redirect.FieldSlug).Strings(ctx)
	for _, s := range append(drafts, reserved...) {
		taken[s] = true
	}
	for n := 2; ; n++ {
		if free := withNumber(base, n); !taken[free] {
			return free, err
		}
	}
}

// stemOf is what all slugs that withNumber makes of one begin with.
func stemOf(base string) string {
	const room = len("-999999")
	stem := strings.TrimRight(base[:min(len(base), catalogue.MaxSlug-room)], "-")
	if stem == base {
		stem += "-"
	}
	return stem
}

func withNumber(base string, n int) string {
	suffix := "-" + strconv.Itoa(n)
	return strings.TrimRight(base[:min(len(base), catalogue.MaxSlug-len(suffix))], "-") + suffix
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
// redirected once the new one is public. What is reserved stays so, whichever of its old slugs the draft takes up again.
func reserveSlug(ctx context.Context, tx *db.Client, e *db.Entry, next string, now time.Time) error {
	if e.PublishedRevision == 0 || e.Slug == next {
		return nil
	}
	public, err := publicSlug(ctx, tx, e)
	if err != nil || public == next {
		return err
	}
	exists, err := tx.Redirect.Query().Where(redirect.KindEQ(e.Kind), redirect.Slug(public)).Exist(ctx)
	if err != nil || exists {
		return err
	}
	return tx.Redirect.Create().SetKind(e.Kind).SetSlug(public).SetEntryID(e.ID).SetCreatedAt(now).Exec(ctx)
}

// slugTaken reports whether another entry of the kind has the slug, or had it in public. It goes by names: the entry
// itself may have been made by somebody else a moment ago.
func slugTaken(ctx context.Context, tx *db.Client, ref catalogue.Ref, slug string) (bool, error) {
	taken, err := tx.Entry.Query().Where(entry.KindEQ(ref.Kind), entry.Slug(slug), entry.Not(named(ref))).Exist(ctx)
	if err != nil || taken {
		return taken, err
	}
	return tx.Redirect.Query().
		Where(redirect.KindEQ(ref.Kind), redirect.Slug(slug), redirect.Not(redirect.HasEntryWith(named(ref)))).Exist(ctx)
}
