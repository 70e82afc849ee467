package publishing

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/channel"
	"github.com/comuneprato/service-catalogue/ent/db/concern"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
)

// noteConcerns puts a document that becomes public into the queues of what it lacks, and takes it out of all others.
func noteConcerns(ctx context.Context, tx *db.Client, e *db.Entry, d draft, at time.Time) error {
	if err := forgetConcerns(ctx, tx, e.ID); err != nil {
		return err
	}
	digital, err := digitalByChannel(ctx, tx, channelsOf(d.targets))
	if err != nil {
		return err
	}
	concerns := catalogue.Concerns(d.doc, d.findings, at, e.Owner != "", digital)
	rows := make([]*db.ConcernCreate, len(concerns))
	for i, c := range concerns {
		rows[i] = createConcern(tx, e, c)
	}
	return tx.Concern.CreateBulk(rows...).Exec(ctx)
}

func createConcern(tx *db.Client, e *db.Entry, c catalogue.Concern) *db.ConcernCreate {
	return tx.Concern.Create().SetEntryID(e.ID).SetQueue(c.Queue).SetSince(c.Since).SetDetails(strings.Join(c.Details, ",")).
		SetPublisherID(e.PublisherID).SetNillableResponsibleOfficeID(e.ResponsibleOfficeID).SetKind(e.Kind)
}

// forgetConcerns takes an entry out of the queues of what public documents lack.
func forgetConcerns(ctx context.Context, tx *db.Client, id uuid.UUID) error {
	_, err := tx.Concern.Delete().Where(concern.EntryID(id)).Exec(ctx)
	return err
}

// digitalByChannel reports whether one of some shared channels can be used from anywhere.
func digitalByChannel(ctx context.Context, tx *db.Client, channels []uuid.UUID) (bool, error) {
	if len(channels) == 0 {
		return false, nil
	}
	types, err := tx.Channel.Query().Where(channel.IDIn(channels...)).Select(channel.FieldChannelType).Strings(ctx)
	for _, t := range types {
		if catalogue.IsDigital(t) {
			return true, err
		}
	}
	return false, err
}
