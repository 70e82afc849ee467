package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Publisher is an organisation that publishes, and the namespace of its entries.
type Publisher struct {
	Key            string
	Name           string
	Policy         catalogue.Policy
	RequireIfMatch bool
	CreatedAt      time.Time
}

// NewPublisher says what a publisher is to be.
type NewPublisher struct {
	Key            string
	Name           string
	Policy         catalogue.Policy // who must agree before something becomes public
	RequireIfMatch bool             // every write must say which version it replaces
}

// Publishers makes and finds publishers.
type Publishers struct {
	store *store.Store
	clock catalogue.Clock
}

// NewPublishers returns the publishers in s.
func NewPublishers(s *store.Store, clock catalogue.Clock) *Publishers { return &Publishers{s, clock} }

// Create makes a publisher. The actor is who asked for it, for the audit. It returns ErrConflict if the key is
// taken and ErrBadKey if it cannot be one.
func (p *Publishers) Create(ctx context.Context, actor string, want NewPublisher) (Publisher, error) {
	switch {
	case !catalogue.ValidKey(want.Key):
		return Publisher{}, fmt.Errorf("making publisher %q: %w", want.Key, catalogue.ErrBadKey)
	case strings.TrimSpace(want.Name) == "":
		return Publisher{}, errors.New("a publisher needs a name, such as Comune di Prato")
	case want.Policy != catalogue.PolicySelf && want.Policy != catalogue.PolicyFourEyes:
		return Publisher{}, fmt.Errorf("no policy is called %q: give %s or %s", want.Policy, catalogue.PolicySelf, catalogue.PolicyFourEyes)
	}
	var made Publisher
	err := p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := tx.Publisher.Create().SetKey(want.Key).SetName(want.Name).SetPolicy(want.Policy).
			SetRequireIfMatch(want.RequireIfMatch).SetCreatedAt(p.clock()).Save(ctx)
		if err != nil {
			return err
		}
		made = publisherOf(row)
		return audit.Append(ctx, tx, audit.Row{At: row.CreatedAt, Actor: actor, Action: "publisher.create", Publisher: want.Key, Detail: want.Name})
	})
	if err != nil {
		return Publisher{}, store.Wrap(err, "making publisher %q", want.Key)
	}
	return made, nil
}

// List returns every publisher, by key.
func (p *Publishers) List(ctx context.Context) ([]Publisher, error) {
	rows, err := p.store.Reader().Publisher.Query().Order(publisher.ByKey()).All(ctx)
	if err != nil {
		return nil, store.Wrap(err, "listing publishers")
	}
	publishers := make([]Publisher, len(rows))
	for i, row := range rows {
		publishers[i] = publisherOf(row)
	}
	return publishers, nil
}

func publisherOf(row *db.Publisher) Publisher {
	return Publisher{
		Key: row.Key, Name: row.Name, Policy: row.Policy, RequireIfMatch: row.RequireIfMatch, CreatedAt: row.CreatedAt,
	}
}
