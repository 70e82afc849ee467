package publishing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/concern"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/office"
	"github.com/comuneprato/service-catalogue/ent/db/place"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// A stateQueue is a queue that the columns of entries decide, now. All other queues are of concerns, which were noted when
// the entry was published.
type stateQueue struct {
	queue  catalogue.Queue
	column string // that it is sorted by, the longest wait first
	since  func(column time.Time) time.Time
	waits  func(now time.Time) predicate.Entry
}

// stateQueues are those that the columns of entries decide. A state that the workflow adds is a line more.
var stateQueues = []stateQueue{
	{catalogue.QueueInReview, entry.FieldUpdatedAt, itself, drafted(catalogue.InReview)},
	{catalogue.QueueApproved, entry.FieldUpdatedAt, itself, drafted(catalogue.Approved)},
	{catalogue.QueueScheduled, entry.FieldUpdatedAt, itself, drafted(catalogue.Scheduled)},
	{catalogue.QueueReviewEscalated, entry.FieldReviewBy, func(by time.Time) time.Time { return by.AddDate(0, catalogue.EscalateAfterMonths, 0) }, func(now time.Time) predicate.Entry {
		return entry.And(isPublic, entry.ReviewByLT(escalated(now)))
	}},
	{catalogue.QueueReviewOverdue, entry.FieldReviewBy, itself, func(now time.Time) predicate.Entry {
		return entry.And(isPublic, entry.ReviewByLT(today(now)), entry.ReviewByGTE(escalated(now)))
	}},
	{catalogue.QueueReviewDue, entry.FieldReviewBy, func(by time.Time) time.Time { return by.Add(-catalogue.ReviewWarning) }, func(now time.Time) predicate.Entry {
		return entry.And(isPublic, entry.ReviewByLT(today(now.Add(catalogue.ReviewWarning))), entry.ReviewByGTE(today(now)))
	}},
	{catalogue.QueueStaleDrafts, entry.FieldUpdatedAt, func(changed time.Time) time.Time { return changed.Add(catalogue.StaleDraft) }, func(now time.Time) predicate.Entry {
		return entry.And(entry.DraftEQ(catalogue.Editing), entry.UpdatedAtLT(now.Add(-catalogue.StaleDraft)), isNotArchived)
	}},
	{catalogue.QueueUnavailableReferences, entry.FieldChangedAt, itself, func(time.Time) predicate.Entry {
		return entry.HasReferencesWith(reference.SideEQ(sidePublished), reference.HasToWith(isGone))
	}},
	{catalogue.QueueNoHours, entry.FieldChangedAt, itself, func(time.Time) predicate.Entry {
		return entry.And(isPublic, entry.HasOfficeWith(
			office.TimetableIDIsNil(), office.HasPlaces(), office.Not(office.HasPlacesWith(place.TimetableIDNotNil()))))
	}},
	{catalogue.QueueDuplicates, entry.FieldCreatedAt, itself, func(time.Time) predicate.Entry { return entry.And(isNotPutAway, isDuplicate) }},
}

var (
	isPublic      = entry.PublicationEQ(catalogue.Published)
	isGone        = entry.PublicationIn(catalogue.Withdrawn, catalogue.Archived)
	isNotPutAway  = entry.PublicationIn(catalogue.Never, catalogue.Published)
	isNotArchived = entry.PublicationNEQ(catalogue.Archived)
)

func itself(column time.Time) time.Time { return column }

func drafted(state catalogue.Draft) func(time.Time) predicate.Entry {
	return func(time.Time) predicate.Entry { return entry.And(entry.DraftEQ(state), isNotArchived) }
}

func today(now time.Time) time.Time { return now.Truncate(24 * time.Hour) }

func escalated(now time.Time) time.Time {
	return today(now.AddDate(0, -catalogue.EscalateAfterMonths, 0))
}

// isDuplicate selects entries that have their likeness in common with another one.
func isDuplicate(s *entsql.Selector) {
	others := entsql.Table(entry.Table)
	several := entsql.Dialect(s.Dialect()).Select(others.C(entry.FieldLikeness)).From(others).
		Where(entsql.And(entsql.NEQ(others.C(entry.FieldLikeness), ""), entsql.In(others.C(entry.FieldPublication), string(catalogue.Never), string(catalogue.Published)))).
		GroupBy(others.C(entry.FieldLikeness)).Having(entsql.GT(entsql.Count("*"), 1))
	s.Where(entsql.In(s.C(entry.FieldLikeness), several))
}

func stateQueueOf(queue catalogue.Queue) (stateQueue, bool) {
	i := slices.IndexFunc(stateQueues, func(q stateQueue) bool { return q.queue == queue })
	if i < 0 {
		return stateQueue{}, false
	}
	return stateQueues[i], true
}

// WorkFilter selects what waits in queues.
type WorkFilter struct {
	Publishers []string         // keys; none: all
	Kinds      []catalogue.Kind // none: all
	Offices    []catalogue.Ref  // responsible ones; none: all
}

// selection is a WorkFilter by the ids of the database.
type selection struct {
	publishers []int
	kinds      []catalogue.Kind
	offices    []uuid.UUID
	none       bool // nothing can match
}

func (f WorkFilter) resolve(ctx context.Context, tx *db.Client) (s selection, err error) {
	s.kinds = f.Kinds
	if len(f.Publishers) > 0 {
		s.publishers, err = tx.Publisher.Query().Where(publisher.KeyIn(f.Publishers...)).IDs(ctx)
		s.none = len(s.publishers) == 0
	}
	if err != nil || len(f.Offices) == 0 {
		return s, err
	}
	for _, ref := range f.Offices {
		id, err := tx.Entry.Query().Where(named(ref)).OnlyID(ctx)
		if err != nil && !db.IsNotFound(err) {
			return s, err
		}
		if err == nil {
			s.offices = append(s.offices, id)
		}
	}
	s.none = s.none || len(s.offices) == 0
	return s, nil
}

func (s selection) entries() (all []predicate.Entry) {
	if len(s.publishers) > 0 {
		all = append(all, entry.PublisherIDIn(s.publishers...))
	}
	if len(s.kinds) > 0 {
		all = append(all, entry.KindIn(s.kinds...))
	}
	if len(s.offices) > 0 {
		all = append(all, entry.ResponsibleOfficeIDIn(s.offices...))
	}
	return all
}

func (s selection) concerns() (all []predicate.Concern) {
	if len(s.publishers) > 0 {
		all = append(all, concern.PublisherIDIn(s.publishers...))
	}
	if len(s.kinds) > 0 {
		all = append(all, concern.KindIn(s.kinds...))
	}
	if len(s.offices) > 0 {
		all = append(all, concern.ResponsibleOfficeIDIn(s.offices...))
	}
	return all
}

// WorkCount is how many entries of a publisher wait in a queue for the same office.
type WorkCount struct {
	Queue     catalogue.Queue
	Publisher string
	Office    *catalogue.Ref // the responsible one, nil where none is named
	Entries   int
}

// counted is a WorkCount as the database counts it.
type counted struct {
	Queue     catalogue.Queue `json:"queue"`
	Publisher int             `json:"publisher_id"`
	Office    *uuid.UUID      `json:"responsible_office_id"`
	Entries   int             `json:"count"`
}

// Work counts what waits in every queue, by publisher and office, at one moment.
func (p *Publishing) Work(ctx context.Context, f WorkFilter) (counts []WorkCount, err error) {
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		selected, err := f.resolve(ctx, tx)
		if err != nil || selected.none {
			return err
		}
		now := p.clock()
		var all []counted
		err = tx.Concern.Query().Where(concern.SinceLTE(now)).Where(selected.concerns()...).
			GroupBy(concern.FieldQueue, concern.FieldPublisherID, concern.FieldResponsibleOfficeID).Aggregate(db.Count()).Scan(ctx, &all)
		if err != nil {
			return err
		}
		for _, q := range stateQueues {
			var some []counted
			err := tx.Entry.Query().Where(q.waits(now)).Where(selected.entries()...).
				GroupBy(entry.FieldPublisherID, entry.FieldResponsibleOfficeID).Aggregate(db.Count()).Scan(ctx, &some)
			if err != nil {
				return err
			}
			for _, c := range some {
				c.Queue = q.queue
				all = append(all, c)
			}
		}
		counts, err = nameCounts(ctx, tx, all)
		return err
	})
	return counts, store.Wrap(err, "counting what waits")
}

// nameCounts puts names in the place of the ids of publishers and offices.
func nameCounts(ctx context.Context, tx *db.Client, all []counted) ([]WorkCount, error) {
	publishers, err := tx.Publisher.Query().Select(publisher.FieldID, publisher.FieldKey).All(ctx)
	if err != nil {
		return nil, err
	}
	keys := map[int]string{}
	for _, row := range publishers {
		keys[row.ID] = row.Key
	}
	var ids []uuid.UUID
	for _, c := range all {
		if c.Office != nil && !slices.Contains(ids, *c.Office) {
			ids = append(ids, *c.Office)
		}
	}
	offices := map[uuid.UUID]*catalogue.Ref{}
	for chunk := range slices.Chunk(ids, lookUpChunk) {
		rows, err := tx.Entry.Query().Where(entry.IDIn(chunk...)).
			Select(entry.FieldID, entry.FieldKind, entry.FieldPublisherID, entry.FieldKey).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			offices[e.ID] = &catalogue.Ref{Kind: e.Kind, Publisher: keys[e.PublisherID], Key: e.Key}
		}
	}
	counts := make([]WorkCount, len(all))
	for i, c := range all {
		counts[i] = WorkCount{Queue: c.Queue, Publisher: keys[c.Publisher], Entries: c.Entries}
		if c.Office != nil {
			counts[i].Office = offices[*c.Office]
		}
	}
	return counts, nil
}

// WorkItem is an entry that waits in a queue.
type WorkItem struct {
	ID       catalogue.EntryID
	Ref      catalogue.Ref
	Title    lang.Text
	Owner    string
	ReviewBy *time.Time
	Since    time.Time
	Details  []string // what it is about: pointers into the document, languages, or other entries
}

// Waiting is the place of an entry in a queue.
type Waiting struct {
	Since time.Time
	ID    catalogue.EntryID
}

// WorkPage selects a page of a queue.
type WorkPage struct {
	Queue  catalogue.Queue
	Filter WorkFilter
	After  *Waiting // the place of the last entry of the page before
	Limit  int
}

// WorkItems returns a page of what waits in a queue, the longest wait first, the place of its last entry where another page
// follows, and how many wait in all. It returns ErrNotFound for an unknown queue.
func (p *Publishing) WorkItems(ctx context.Context, page WorkPage) (items []WorkItem, next *Waiting, total int, err error) {
	if !slices.Contains(catalogue.Queues, page.Queue) {
		return nil, nil, 0, fmt.Errorf("queue %q: %w", page.Queue, catalogue.ErrNotFound)
	}
	err = p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
		selected, err := page.Filter.resolve(ctx, tx)
		if err != nil || selected.none {
			return err
		}
		r := queueReader{tx, selected, page.After, page.Limit + 1, p.clock()}
		var at []Waiting
		if q, ok := stateQueueOf(page.Queue); ok {
			items, at, total, err = r.states(ctx, q)
		} else {
			items, at, total, err = r.concerns(ctx, page.Queue)
		}
		if len(items) > page.Limit {
			items, next = items[:page.Limit], &at[page.Limit-1]
		}
		return err
	})
	return items, next, total, store.Wrap(err, "reading the queue %q", page.Queue)
}

// queueReader reads a page of a queue.
type queueReader struct {
	tx       *db.Client
	selected selection
	after    *Waiting
	limit    int
	now      time.Time
}

// behind is what comes after the last page, by the columns of a place in the queue.
func (r queueReader) behind(since, id string) func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		if r.after != nil {
			s.Where(entsql.Or(
				entsql.GT(s.C(since), r.after.Since),
				entsql.And(entsql.EQ(s.C(since), r.after.Since), entsql.GT(s.C(id), r.after.ID))))
		}
	}
}

func (r queueReader) states(ctx context.Context, q stateQueue) (items []WorkItem, at []Waiting, total int, err error) {
	all := r.tx.Entry.Query().Where(q.waits(r.now)).Where(r.selected.entries()...)
	if total, err = all.Clone().Count(ctx); err != nil {
		return nil, nil, 0, err
	}
	rows, err := all.Where(r.behind(q.column, entry.FieldID)).Order(db.Asc(q.column, entry.FieldID)).Limit(r.limit).
		WithPublisher().WithReferences(func(q *db.ReferenceQuery) { q.Where(reference.SideEQ(sidePublished), reference.HasToWith(isGone)) }).All(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	for _, e := range rows {
		place := Waiting{ID: e.ID}
		switch q.column {
		case entry.FieldReviewBy:
			place.Since = *e.ReviewBy
		case entry.FieldChangedAt:
			place.Since = *e.ChangedAt
		case entry.FieldCreatedAt:
			place.Since = e.CreatedAt
		default:
			place.Since = e.UpdatedAt
		}
		var details []string
		if q.queue == catalogue.QueueUnavailableReferences {
			for _, r := range e.Edges.References {
				details = append(details, r.Pointer)
			}
		}
		item, err := workItem(e, q.since(place.Since), details)
		if err != nil {
			return nil, nil, 0, err
		}
		items, at = append(items, item), append(at, place)
	}
	return items, at, total, nil
}

func (r queueReader) concerns(ctx context.Context, queue catalogue.Queue) (items []WorkItem, at []Waiting, total int, err error) {
	all := r.tx.Concern.Query().Where(concern.QueueEQ(queue), concern.SinceLTE(r.now)).Where(r.selected.concerns()...)
	if total, err = all.Clone().Count(ctx); err != nil {
		return nil, nil, 0, err
	}
	rows, err := all.Where(r.behind(concern.FieldSince, concern.FieldEntryID)).Order(db.Asc(concern.FieldSince, concern.FieldEntryID)).Limit(r.limit).
		WithEntry(func(q *db.EntryQuery) { q.WithPublisher() }).All(ctx)
	for _, row := range rows {
		var details []string
		if row.Details != "" {
			details = strings.Split(row.Details, ",")
		}
		item, err := workItem(row.Edges.Entry, row.Since, details)
		if err != nil {
			return nil, nil, 0, err
		}
		items, at = append(items, item), append(at, Waiting{row.Since, row.EntryID})
	}
	return items, at, total, err
}

func workItem(e *db.Entry, since time.Time, details []string) (WorkItem, error) {
	doc, err := catalogue.Stored(e.Kind, e.Document)
	if err != nil {
		return WorkItem{}, err
	}
	return WorkItem{
		ID: e.ID, Ref: catalogue.Ref{Kind: e.Kind, Publisher: e.Edges.Publisher.Key, Key: e.Key}, Title: doc.Common().Title,
		Owner: e.Owner, ReviewBy: e.ReviewBy, Since: since, Details: details,
	}, nil
}
