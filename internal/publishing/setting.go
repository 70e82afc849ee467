package publishing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/setting"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Setting is something that the whole catalogue has one of.
type Setting struct {
	Document  string // canonical JSON
	Version   int    // counts from 1; 0 where it was never set
	UpdatedAt time.Time
}

// Setting returns a setting by its subject, with the version 0 where it was never set.
func (p *Publishing) Setting(ctx context.Context, subject string) (Setting, error) {
	row, err := found(p.store.Reader().Setting.Get(ctx, subject))
	if err != nil || row == nil {
		return Setting{}, store.Wrap(err, "reading the %s", subject)
	}
	return settingOf(row), nil
}

func settingOf(row *db.Setting) Setting { return Setting{row.Document, row.Version, row.UpdatedAt} }

// PutSetting replaces a setting, and tells the read side of it by a change in the feed, whose position it returns; 0 where
// the setting is the same already. It returns ErrStale where the write's condition does not hold. That the document is
// right is the caller's business.
func (p *Publishing) PutSetting(ctx context.Context, subject, document string, w Write) (s Setting, position int64, err error) {
	result, err := p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
		old, err := found(p.store.LockSetting(tx.Setting.Query().Where(setting.ID(subject))).Only(ctx))
		if err != nil {
			return Result{}, err
		}
		version, now := 0, p.clock()
		if old != nil {
			version = old.Version
		}
		if match := w.If.IfMatch; match != nil && !match.has(version) { // one that was never set is there, as version 0
			return Result{}, catalogue.ErrStale
		}
		if old != nil && old.Document == document {
			s = settingOf(old)
			return Result{}, nil
		}
		s = Setting{document, version + 1, now}
		if old == nil {
			err = tx.Setting.Create().SetID(subject).SetDocument(document).SetUpdatedAt(now).Exec(ctx)
		} else {
			err = tx.Setting.UpdateOne(old).SetDocument(document).SetVersion(s.Version).SetUpdatedAt(now).Exec(ctx)
		}
		if err != nil {
			return Result{}, err
		}
		p.auditSetting(ctx, subject, old, s, w.Actor)
		position, err := p.store.NextPosition(ctx, tx)
		if err != nil {
			return Result{}, err
		}
		err = tx.Change.Create().SetID(position).SetAt(now).SetSubject(subject).SetChange(catalogue.ChangeUpdated).SetRevision(s.Version).Exec(ctx)
		if err != nil {
			return Result{}, err
		}
		return Result{Position: position}, p.store.Notify(ctx, tx, position)
	})
	return s, result.Position, store.Wrap(err, "storing the %s", subject)
}

// AuditedSetting is a setting as the audit tells of it, before and after a write.
type AuditedSetting struct {
	Version int    `json:"version" example:"1"`
	Hash    string `json:"hash"` // SHA-256 of the document, in hexadecimal
}

func (p *Publishing) auditSetting(ctx context.Context, subject string, old *db.Setting, now Setting, who Actor) {
	row := audit.By(who, p.clock(), "put", "", "")
	row.Key, row.After = subject, auditedSetting(now)
	if old != nil {
		row.Before = auditedSetting(settingOf(old))
	}
	t := trailOf(ctx)
	t.rows = append(t.rows, row)
}

func auditedSetting(s Setting) string {
	text, err := json.Marshal(AuditedSetting{s.Version, hashOf(s.Document)})
	if err != nil {
		panic(err) // a string and a number
	}
	return string(text)
}
