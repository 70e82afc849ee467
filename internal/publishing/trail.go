package publishing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// trail collects what one write has to tell the audit, whose lock is taken when all else is done. It travels in the
// context of the transaction, which ends with it: a transaction that is run again begins with an empty one.
type trail struct {
	rows []audit.Row
	seen map[catalogue.EntryID]string // each entry that was locked or written, as the audit shows it

	holds bool // rows of the feed wait in held until all else is done
	held  []func() (position int64, err error)
}

type trailKey struct{}

func withTrail(ctx context.Context) (context.Context, *trail) {
	t := &trail{seen: map[catalogue.EntryID]string{}}
	return context.WithValue(ctx, trailKey{}, t), t
}

// trailOf is the trail of the write that goes on; inTx began it.
func trailOf(ctx context.Context) *trail { return ctx.Value(trailKey{}).(*trail) }

// AuditedState is an entry as the audit tells of it, before and after a write.
type AuditedState struct {
	Publication  catalogue.Publication `json:"publication" enums:"never,published,withdrawn,archived"`
	Draft        catalogue.Draft       `json:"draft" enums:"clean,editing,in_review,approved,scheduled"`
	DraftVersion int                   `json:"draftVersion" example:"1"`
	Revision     int                   `json:"revision" example:"1"` // the last one that was public, 0 if none was
	Hash         string                `json:"hash"`                 // SHA-256 of the draft, in hexadecimal: that of the revision it became, if it did
}

// auditedState is an AuditedState as JSON.
func auditedState(e *db.Entry) string {
	text, err := json.Marshal(AuditedState{e.Publication, e.Draft, e.DraftVersion, e.PublishedRevision, hashOf(e.Document)})
	if err != nil {
		panic(err) // strings and numbers
	}
	return string(text)
}

func hashOf(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// found notes an entry as it is before it is written to.
func (t *trail) found(e *db.Entry) { t.seen[e.ID] = auditedState(e) }

// actionDelete is the action after which there is no entry.
const actionDelete = "delete"

// audit notes an accepted write, in the transaction that makes it.
func (p *Publishing) audit(ctx context.Context, who Actor, action string, e *db.Entry, publisherKey, detail string) {
	t := trailOf(ctx)
	after := ""
	if action != actionDelete {
		after = auditedState(e)
	}
	row := audit.By(who, p.clock(), action, publisherKey, detail)
	row.Entry, row.Kind, row.Key, row.Before, row.After = &e.ID, e.Kind, e.Key, t.seen[e.ID], after
	t.rows, t.seen[e.ID] = append(t.rows, row), after
}
