package publishing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// exportPage is how many entries Export reads at once.
const exportPage = 200

// Export writes every entry that is public, or never was, as a row that Import can read back: the public revision where
// there is one, else the draft. Places come before offices and offices before services, so that few rows have to wait
// for others. What is left out: what was withdrawn or archived, the drafts of entries that are public, old slugs, and
// the revisions before the last.
func (p *Publishing) Export(ctx context.Context, output io.Writer) error {
	out := json.NewEncoder(output)
	out.SetEscapeHTML(false)
	for _, kind := range catalogue.Kinds {
		after := catalogue.EntryID{}
		for {
			rows, err := p.store.Reader().Entry.Query().
				Where(entry.KindEQ(kind), entry.PublicationIn(catalogue.Never, catalogue.Published), entry.IDGT(after)).
				WithPublisher().WithRevisions(func(q *db.RevisionQuery) { q.Where(isCurrent) }).Order(entry.ByID()).Limit(exportPage).All(ctx)
			if err != nil {
				return store.Wrap(err, "exporting the %s", kind.Plural())
			}
			for _, e := range rows {
				after = e.ID
				row := importing.Row{Publisher: e.Edges.Publisher.Key, Kind: kind, Key: e.Key, Publish: e.Publication == catalogue.Published}
				document, slug := e.Document, e.Slug
				for _, r := range e.Edges.Revisions {
					document, slug = r.Document, r.Slug
				}
				doc, err := catalogue.Stored(kind, document)
				if err != nil {
					return fmt.Errorf("exporting %s %s/%s: %w", kind, row.Publisher, row.Key, err)
				}
				doc.Common().Slug = slug
				row.Document = json.RawMessage(catalogue.Encode(doc))
				if err := out.Encode(row); err != nil {
					return fmt.Errorf("writing the export: %w", err)
				}
			}
			if len(rows) < exportPage {
				break
			}
		}
	}
	return nil
}
