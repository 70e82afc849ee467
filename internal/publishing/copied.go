package publishing

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/ent/db/sketch"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
)

// maxSketchRows is how many rows of sketches are read to find where texts were copied from. Where hundreds of entries have
// the same text, some of them are enough.
const maxSketchRows = 200

// textPlace is a text of an entry.
type textPlace struct {
	entry uuid.UUID
	at    catalogue.Pointer
}

// findCopies adds advice for each text of a document that is the same, or nearly, as a public text of another entry than
// self. It looks up which texts share bands with the sketches of the document, and reads only those that share most.
func findCopies(ctx context.Context, tx *db.Client, self uuid.UUID, doc catalogue.Document, sketches []catalogue.Sketch, findings *catalogue.Findings) error {
	var bands []int64
	for _, s := range sketches {
		bands = append(bands, s.Bands...)
	}
	if len(bands) == 0 {
		return nil
	}
	rows, err := tx.Sketch.Query().
		Where(sketch.BandIn(bands...), sketch.EntryIDNEQ(self), sketch.HasEntryWith(entry.PublicationEQ(catalogue.Published))).
		Limit(maxSketchRows).All(ctx)
	if err != nil {
		return err
	}
	for _, s := range sketches {
		likest, ok := likestOf(s, rows)
		if !ok {
			continue
		}
		ref, other, err := publicDocument(ctx, tx, likest.entry)
		if err != nil {
			return err
		}
		if catalogue.Alike(catalogue.ItalianAt(doc, s.Pointer), catalogue.ItalianAt(other, likest.at)) {
			findings.AddCopied(s.Pointer.Field(string(lang.Italian)), ref, likest.at)
		}
	}
	return nil
}

// likestOf is the text that has most bands in common with one; ok is false where there is none.
func likestOf(s catalogue.Sketch, rows []*db.Sketch) (likest textPlace, ok bool) {
	common := map[textPlace]int{}
	for _, r := range rows {
		if !slices.Contains(s.Bands, r.Band) {
			continue
		}
		common[textPlace{r.EntryID, catalogue.Pointer(r.Pointer)}]++
	}
	for p, n := range common {
		c := cmp.Or(cmp.Compare(n, common[likest]), slices.Compare(likest.entry[:], p.entry[:]), cmp.Compare(likest.at, p.at))
		if !ok || c > 0 {
			likest, ok = p, true
		}
	}
	return likest, ok
}

// publicDocument reads the public document of an entry.
func publicDocument(ctx context.Context, tx *db.Client, id uuid.UUID) (catalogue.Ref, catalogue.Document, error) {
	e, err := tx.Entry.Query().Where(entry.ID(id)).WithPublisher().Only(ctx)
	if err != nil {
		return catalogue.Ref{}, nil, err
	}
	r, err := tx.Revision.Query().Where(revision.EntryID(id), revision.Number(e.PublishedRevision)).Only(ctx)
	if err != nil {
		return catalogue.Ref{}, nil, err
	}
	doc, err := catalogue.Stored(e.Kind, r.Document)
	return catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}, doc, err
}

// replaceSketches stores the sketches of a public document in the place of those from before.
func replaceSketches(ctx context.Context, tx *db.Client, id uuid.UUID, sketches []catalogue.Sketch) error {
	if _, err := tx.Sketch.Delete().Where(sketch.EntryID(id)).Exec(ctx); err != nil {
		return err
	}
	var rows []*db.SketchCreate
	for _, s := range sketches {
		for _, band := range s.Bands {
			rows = append(rows, tx.Sketch.Create().SetEntryID(id).SetPointer(string(s.Pointer)).SetBand(band))
		}
	}
	return tx.Sketch.CreateBulk(rows...).Exec(ctx)
}
