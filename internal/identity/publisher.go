package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Publisher is an organisation that publishes, and the namespace of its entries.
type Publisher struct {
	Key string
	catalogue.PublisherSettings
	Version   int // counts the changes of the settings
	CreatedAt time.Time
}

// NewPublisher says what a publisher is to be.
type NewPublisher struct {
	Key            string
	Name           string
	Policy         catalogue.Policy // who must agree before something becomes public
	RequireIfMatch bool             // every write must say which version it replaces
}

// Publishers makes, changes and finds publishers.
type Publishers struct {
	store *store.Store
	clock catalogue.Clock

	mu      sync.Mutex
	origins origins
}

// NewPublishers returns the publishers in s.
func NewPublishers(s *store.Store, clock catalogue.Clock) *Publishers {
	return &Publishers{store: s, clock: clock}
}

// Create makes a publisher. The actor is who asked for it, for the audit. It returns ErrConflict if the key is
// taken, ErrBadKey if it cannot be one, and an InvalidError if the settings cannot be.
func (p *Publishers) Create(ctx context.Context, actor catalogue.Actor, want NewPublisher) (Publisher, error) {
	made, _, err := p.Change(ctx, actor, want.Key, func(current *Publisher) (catalogue.PublisherSettings, error) {
		if current != nil {
			return catalogue.PublisherSettings{}, catalogue.ErrConflict
		}
		return catalogue.PublisherSettings{Name: want.Name, Policy: want.Policy, RequireIfMatch: want.RequireIfMatch}, nil
	})
	return made, err
}

// Change makes a publisher, or replaces its settings, by those that change makes of the current ones, which are nil where
// there is no such publisher; change may be called again. Settings that are the same change nothing. It returns the error
// of change, ErrBadKey if the key cannot be one, and an InvalidError if the settings cannot be.
func (p *Publishers) Change(
	ctx context.Context, actor catalogue.Actor, key string, change func(current *Publisher) (catalogue.PublisherSettings, error),
) (changed Publisher, created bool, err error) {
	if !catalogue.ValidKey(key) {
		return Publisher{}, false, fmt.Errorf("publisher %q: %w", key, catalogue.ErrBadKey)
	}
	err = p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
		row, err := p.store.LockPublisher(tx.Publisher.Query().Where(publisher.Key(key))).Only(ctx)
		if err != nil && !db.IsNotFound(err) {
			return err
		}
		created = row == nil
		var current *Publisher
		if !created {
			known := publisherOf(row)
			current = &known
		}
		settings, err := change(current)
		if err != nil {
			return err
		}
		settings.Policy = cmp.Or(settings.Policy, catalogue.PolicySelf)
		var findings catalogue.Findings
		settings.Check(&findings)
		findings.Sort()
		if err := findings.Err(); err != nil {
			return err
		}
		action := "publisher.update"
		switch now := p.clock(); {
		case created:
			action = "publisher.create"
			create := tx.Publisher.Create().SetKey(key).SetCreatedAt(now)
			set(create.Mutation(), settings)
			row, err = create.Save(ctx)
		case reflect.DeepEqual(settings, current.PublisherSettings):
			changed = *current
			return nil
		default:
			update := tx.Publisher.UpdateOne(row).AddVersion(1)
			set(update.Mutation(), settings)
			row, err = update.Save(ctx)
		}
		if err != nil {
			return err
		}
		changed = publisherOf(row)
		detail, err := json.Marshal(settings)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.By(actor, p.clock(), action, key, string(detail)))
	})
	if err != nil {
		return Publisher{}, false, store.Wrap(err, "storing publisher %q", key)
	}
	return changed, created, nil
}

// set writes settings to the columns of a new or an old row.
func set(m *db.PublisherMutation, s catalogue.PublisherSettings) {
	m.SetName(s.Name)
	m.SetPolicy(s.Policy)
	m.SetRequireIfMatch(s.RequireIfMatch)
	m.SetAllowedOrigins(strings.Join(s.AllowedOrigins, " "))
	m.SetContact(s.Contact)
	m.SetPublicBody(s.PublicBody)
	m.SetPublicShare(s.PublicShare)
	m.SetPublicShareAsOf(s.PublicShareAsOf)
}

// Get returns a publisher. It returns ErrNotFound if there is none with the key.
func (p *Publishers) Get(ctx context.Context, key string) (Publisher, error) {
	row, err := p.store.Reader().Publisher.Query().Where(publisher.Key(key)).Only(ctx)
	if err != nil {
		return Publisher{}, store.Wrap(err, "reading publisher %q", key)
	}
	return publisherOf(row), nil
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
	p := Publisher{Key: row.Key, Version: row.Version, CreatedAt: row.CreatedAt, PublisherSettings: catalogue.PublisherSettings{
		Name: row.Name, Policy: row.Policy, RequireIfMatch: row.RequireIfMatch, Contact: row.Contact,
		PublicBody: row.PublicBody, PublicShare: row.PublicShare, PublicShareAsOf: row.PublicShareAsOf,
	}}
	if row.AllowedOrigins != "" {
		p.AllowedOrigins = strings.Fields(row.AllowedOrigins)
	}
	return p
}

// originsFor is how long a node goes by the origins that it read last: browsers ask for them before writes, without a key.
const originsFor = 10 * time.Second

// origins are the origins that each publisher allows, as they were at an instant.
type origins struct {
	read time.Time
	of   map[string][]string
}

// Allows reports whether pages of an origin may write for a publisher, or with "" for any. What changed becomes known
// within ten seconds on every node.
func (p *Publishers) Allows(ctx context.Context, key, origin string) (bool, error) {
	p.mu.Lock()
	known := p.origins
	p.mu.Unlock()
	if now := p.clock(); known.of == nil || now.Sub(known.read).Abs() >= originsFor {
		publishers, err := p.List(ctx)
		if err != nil {
			return false, err
		}
		known = origins{now, map[string][]string{}}
		for _, publisher := range publishers {
			known.of[publisher.Key] = publisher.AllowedOrigins
		}
		p.mu.Lock()
		p.origins = known
		p.mu.Unlock()
	}
	if key != "" {
		return slices.Contains(known.of[key], origin), nil
	}
	for _, allowed := range known.of {
		if slices.Contains(allowed, origin) {
			return true, nil
		}
	}
	return false, nil
}
