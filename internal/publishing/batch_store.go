package publishing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/change"
	"github.com/comuneprato/service-catalogue/ent/db/channel"
	"github.com/comuneprato/service-catalogue/ent/db/concern"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/holidayset"
	"github.com/comuneprato/service-catalogue/ent/db/office"
	"github.com/comuneprato/service-catalogue/ent/db/place"
	"github.com/comuneprato/service-catalogue/ent/db/procedure"
	"github.com/comuneprato/service-catalogue/ent/db/profile"
	"github.com/comuneprato/service-catalogue/ent/db/redirect"
	"github.com/comuneprato/service-catalogue/ent/db/reference"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/ent/db/service"
	"github.com/comuneprato/service-catalogue/ent/db/sketch"
	"github.com/comuneprato/service-catalogue/ent/db/timetable"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// writes are the rows that a batch adds to each table, collected so that each table takes few statements.
type writes struct {
	tables map[string]*tableWrites
	clear  map[string]*clearing
}

type tableWrites struct {
	store.Table
	rows [][]any
}

// clearing are the rows of a table that give way to new ones.
type clearing struct {
	column string
	ids    []uuid.UUID
}

func newWrites() *writes {
	return &writes{tables: map[string]*tableWrites{}, clear: map[string]*clearing{}}
}

func (w *writes) add(t store.Table, row ...any) {
	if w.tables[t.Name] == nil {
		w.tables[t.Name] = &tableWrites{Table: t}
	}
	w.tables[t.Name].rows = append(w.tables[t.Name].rows, row)
}

// link replaces what a table of links says of an entry.
func (w *writes) link(table string, columns []string, from uuid.UUID, isNew bool, to []uuid.UUID) {
	if !isNew {
		w.free(table, columns[0], from)
	}
	for _, id := range to {
		w.add(store.Table{Name: table, Columns: columns}, from, id)
	}
}

// free has the rows of a table about an entry deleted before new ones are written.
func (w *writes) free(table, column string, id uuid.UUID) {
	if w.clear[table] == nil {
		w.clear[table] = &clearing{column: column}
	}
	w.clear[table].ids = append(w.clear[table].ids, id)
}

// upserted is a table in which a row whose id is there already gets new values, but for its first columns.
func upserted(name string, kept int, columns ...string) store.Table {
	return store.Table{Name: name, Columns: columns, Replace: columns[kept:]}
}

// The tables, each with what it refers to before it.
var (
	entryTable = upserted(entry.Table, 5, entry.FieldID, entry.FieldKind, entry.FieldPublisherID, entry.FieldKey, entry.FieldCreatedAt,
		entry.FieldSlug, entry.FieldPublication, entry.FieldDraft, entry.FieldDocument, entry.FieldOutdated, entry.FieldDraftVersion,
		entry.FieldPublishedRevision, entry.FieldPublishedAt, entry.FieldChangedAt, entry.FieldReviewBy, entry.FieldWithdrawReason,
		entry.FieldReplacedBy, entry.FieldUpdatedAt,
		entry.FieldAuthor, entry.FieldSubmittedAt, entry.FieldReviewer, entry.FieldReturned, entry.FieldPublishAt, entry.FieldPublishNote,
		entry.FieldWithdrawAt, entry.FieldWithdrawLaterReason, entry.FieldWithdrawLaterFor, entry.FieldLikeness, entry.FieldResponsibleOfficeID, entry.FieldReviewedAt)
	profileTable = upserted(profile.Table, 2, profile.FieldID, profile.FieldEntryID, profile.FieldOrganisationType, profile.FieldIpaCode, profile.FieldTaxCode)
	// These have nothing but ids, of which one is overwritten by itself.
	holidaySetTable = upserted(holidayset.Table, 1, holidayset.FieldID, holidayset.FieldEntryID)
	timetableTable  = upserted(timetable.Table, 1, timetable.FieldID, timetable.FieldEntryID)
	placeTable      = upserted(place.Table, 2, place.FieldID, place.FieldEntryID, place.FieldCity, place.FieldDistrict, place.FieldLat, place.FieldLon, place.FieldTimetableID)
	officeTable     = upserted(office.Table, 2, office.FieldID, office.FieldEntryID, office.FieldOfficeType, office.FieldParentID, office.FieldTimetableID)
	channelTable    = upserted(channel.Table, 2, channel.FieldID, channel.FieldEntryID, channel.FieldChannelType, channel.FieldTimetableID)
	procedureTable  = upserted(procedure.Table, 2, procedure.FieldID, procedure.FieldEntryID, procedure.FieldResponsibleOfficeID)
	serviceTable    = upserted(service.Table, 2, service.FieldID, service.FieldEntryID, service.FieldStatus, service.FieldOnline, service.FieldResponsibleOfficeID)

	redirectTable  = store.Table{Name: redirect.Table, Columns: []string{redirect.FieldKind, redirect.FieldSlug, redirect.FieldEntryID, redirect.FieldCreatedAt}}
	referenceTable = store.Table{Name: reference.Table, Columns: []string{reference.FieldFromID, reference.FieldSide, reference.FieldPointer, reference.FieldToID}}
	revisionTable  = store.Table{Name: revision.Table, Columns: []string{
		revision.FieldEntryID, revision.FieldNumber, revision.FieldDocument, revision.FieldOutdated, revision.FieldSlug, revision.FieldHash,
		revision.FieldNote, revision.FieldAuthor, revision.FieldPublishedAt,
	}}
	sketchTable = store.Table{Name: sketch.Table, Columns: []string{sketch.FieldEntryID, sketch.FieldPointer, sketch.FieldBand}}
	changeTable = store.Table{Name: change.Table, Columns: []string{
		change.FieldID, change.FieldAt, change.FieldSubject, change.FieldEntryID, change.FieldKind, change.FieldPublisherKey, change.FieldKey,
		change.FieldChange, change.FieldRevision, change.FieldSlug, change.FieldReason, change.FieldReplacedBy, change.FieldReviewedAt,
	}}
	concernTable = store.Table{Name: concern.Table, Columns: []string{
		concern.FieldEntryID, concern.FieldQueue, concern.FieldSince, concern.FieldDetails, concern.FieldPublisherID,
		concern.FieldResponsibleOfficeID, concern.FieldKind,
	}}
)

// inOrder are the tables in the order in which they are written.
var inOrder = []string{
	entry.Table, profile.Table, holidayset.Table, timetable.Table, place.Table, office.Table, channel.Table, procedure.Table, service.Table,
	timetable.HolidaySetsTable, office.PlacesTable, service.OfficesTable, service.ChannelsTable, service.ProceduresTable,
	redirect.Table, reference.Table, revision.Table, sketch.Table, concern.Table,
}

// storing writes what was decided of a batch.
type storing struct {
	*batch
	at       time.Time
	writes   *writes
	drafts   []uuid.UUID // entries whose draft has new references, or none any more
	publics  []uuid.UUID // entries whose public revision has
	sketches []uuid.UUID // entries whose public text has new sketches
	offices  []*plan
	changes  []feedRow
	digital  map[uuid.UUID]bool // the shared channels that can be used from anywhere
	failed   error
}

// feedRow is a row of the feed that has no position yet.
type feedRow struct {
	e         *db.Entry
	publisher string
	change    catalogue.ChangeType
	slug      string
}

// store writes the rows, and archives the entries that are to be retired. It returns the last position of the
// feed, 0 if nothing changed in public. It must be the last thing that a transaction does, see store.NextPosition.
func (b *batch) store(ctx context.Context, retired []*retiring) (int64, error) {
	s := storing{batch: b, at: b.p.clock(), writes: newWrites()}
	if err := s.findDigital(ctx); err != nil {
		return 0, err
	}
	for _, r := range b.rows {
		if r.err == nil && r.changes() {
			s.row(ctx, r)
		}
	}
	s.parentsFirst()
	for _, r := range retired {
		s.retire(ctx, r)
	}
	if s.failed != nil {
		return 0, s.failed
	}
	if err := s.freeReferences(ctx); err != nil {
		return 0, err
	}
	for _, name := range inOrder {
		if c := s.writes.clear[name]; c != nil {
			if err := b.p.store.DeleteOf(ctx, b.tx, name, c.column, c.ids); err != nil {
				return 0, err
			}
		}
		if t := s.writes.tables[name]; t != nil {
			if err := b.p.store.Insert(ctx, b.tx, t.Table, t.rows); err != nil {
				return 0, err
			}
		}
	}
	return s.feed(ctx)
}

// row collects what is written of one row.
func (s *storing) row(ctx context.Context, r *plan) {
	e := &r.now
	e.UpdatedAt = s.at
	if r.old == nil {
		e.CreatedAt = s.at
	}
	if r.written {
		e.Author, e.Returned, e.PublishAt, e.PublishNote = authorOf(s.actor), "", nil, ""
		e.Likeness, e.ResponsibleOfficeID = catalogue.Likeness(r.doc), draft{id: e.ID, doc: r.doc, targets: r.targets}.responsibleOffice()
		action := "update"
		if r.old == nil {
			action = "create"
		} else if r.old.Slug != e.Slug && r.public != nil && r.public.Slug != e.Slug && !s.slugs.reserved[slugName{e.Kind, r.public.Slug}] {
			s.writes.add(redirectTable, e.Kind, r.public.Slug, e.ID, s.at)
		}
		s.p.audit(ctx, s.actor, action, e, r.ref.Publisher, "")
		s.extend(r)
		if r.old != nil {
			s.drafts = append(s.drafts, e.ID)
		}
		s.refer(e.ID, sideDraft, r.targets)
	}
	switch {
	case r.taken:
		s.p.audit(ctx, s.actor, "restore", e, r.ref.Publisher, fmt.Sprintf("revision %d", e.PublishedRevision))
	case r.submits:
		e.Draft, e.SubmittedAt, e.Returned = catalogue.InReview, &s.at, ""
		s.p.audit(ctx, s.actor, "submit", e, r.ref.Publisher, "")
	}
	if r.publishes {
		s.publish(ctx, r)
	}
	s.entry(e)
}

func (s *storing) entry(e *db.Entry) {
	s.writes.add(entryTable, e.ID, e.Kind, e.PublisherID, e.Key, e.CreatedAt, e.Slug, e.Publication, e.Draft, e.Document, e.Outdated, e.DraftVersion,
		e.PublishedRevision, e.PublishedAt, e.ChangedAt, e.ReviewBy, e.WithdrawReason, e.ReplacedBy, e.UpdatedAt,
		e.Author, e.SubmittedAt, e.Reviewer, e.Returned, e.PublishAt, e.PublishNote,
		e.WithdrawAt, e.WithdrawLaterReason, e.WithdrawLaterFor, e.Likeness, e.ResponsibleOfficeID, e.ReviewedAt)
}

// publish makes a row's draft public, as Publishing.publish does.
func (s *storing) publish(ctx context.Context, r *plan) {
	e := &r.now
	if !r.same {
		e.PublishedRevision++
		s.writes.add(revisionTable, e.ID, e.PublishedRevision, e.Document, e.Outdated, e.Slug, hashOf(e.Document), r.note, s.actor.Name, s.at)
	}
	if r.old != nil {
		s.publics = append(s.publics, e.ID)
	}
	s.refer(e.ID, sidePublished, r.targets)
	if !r.same || e.Publication != catalogue.Published {
		s.sketch(r)
	}
	defer func() { s.p.audit(ctx, s.actor, "publish", e, r.ref.Publisher, r.note) }() // once e is as it will be
	e.Draft, e.Returned, e.Reviewer, e.PublishAt, e.PublishNote = catalogue.Clean, "", "", nil, ""
	what := catalogue.ChangePublished
	if e.Publication == catalogue.Published {
		if r.same {
			return
		}
		what = catalogue.ChangeUpdated
	}
	if e.PublishedAt == nil {
		e.PublishedAt = &s.at
	}
	stewardship, err := catalogue.ParseStewardship(r.owner.Stewardship)
	s.failed = errors.Join(s.failed, err)
	review := stewardship.ReviewBy(e.Kind, s.at)
	e.Publication, e.ChangedAt, e.ReviewedAt, e.ReviewBy, e.WithdrawReason, e.ReplacedBy = catalogue.Published, &s.at, &s.at, &review, "", nil
	s.concern(r)
	s.changes = append(s.changes, feedRow{e, r.ref.Publisher, what, e.Slug})
}

// sketch collects the sketches of the public text, as replaceSketches stores them.
func (s *storing) sketch(r *plan) {
	if r.old != nil {
		s.sketches = append(s.sketches, r.now.ID)
	}
	for _, sketch := range r.sketches {
		for _, band := range sketch.Bands {
			s.writes.add(sketchTable, r.now.ID, string(sketch.Pointer), band)
		}
	}
}

// findDigital looks up which shared channels of the rows can be used from anywhere.
func (s *storing) findDigital(ctx context.Context) error {
	s.digital = map[uuid.UUID]bool{}
	asked := map[uuid.UUID]bool{}
	for _, r := range s.rows {
		if r.err == nil && r.publishes {
			for _, id := range channelsOf(r.targets) {
				asked[id] = true
			}
		}
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(asked)), lookUpChunk) {
		rows, err := s.tx.Channel.Query().Where(channel.IDIn(chunk...)).Select(channel.FieldID, channel.FieldChannelType).All(ctx)
		if err != nil {
			return err
		}
		for _, c := range rows {
			s.digital[c.ID] = catalogue.IsDigital(c.ChannelType)
		}
	}
	for _, r := range s.rows {
		if c, ok := r.doc.(*catalogue.Channel); ok && r.err == nil {
			s.digital[r.now.ID] = catalogue.IsDigital(c.Type)
		}
	}
	return nil
}

// concern collects in which queues the public text is for what it lacks, as noteConcerns stores it.
func (s *storing) concern(r *plan) {
	e := &r.now
	if r.old != nil {
		s.writes.free(concern.Table, concern.FieldEntryID, e.ID)
	}
	online := slices.ContainsFunc(channelsOf(r.targets), func(id uuid.UUID) bool { return s.digital[id] })
	for _, c := range catalogue.Concerns(r.doc, r.found, s.at, e.Owner != "", online) {
		s.writes.add(concernTable, e.ID, c.Queue, c.Since, strings.Join(c.Details, ","), e.PublisherID, e.ResponsibleOfficeID, e.Kind)
	}
}

func (s *storing) refer(from uuid.UUID, side reference.Side, targets []target) {
	for _, t := range targets {
		s.writes.add(referenceTable, from, side, string(t.Pointer), t.id)
	}
}

// extend collects the extension of a draft, as the function of that name stores it.
func (s *storing) extend(r *plan) {
	id, isNew, targets := r.now.ID, r.old == nil, r.targets
	switch d := r.doc.(type) {
	case *catalogue.Service:
		s.writes.add(serviceTable, id, id, d.Status, d.AppliesOnline(), one(targets, "/responsibleOffice"))
		s.writes.link(service.OfficesTable, service.OfficesPrimaryKey, id, isNew, under(targets, "/offices/"))
		s.writes.link(service.ChannelsTable, service.ChannelsPrimaryKey, id, isNew, channelsOf(targets))
		s.writes.link(service.ProceduresTable, service.ProceduresPrimaryKey, id, isNew, under(targets, "/procedures/"))
	case *catalogue.Office:
		s.offices = append(s.offices, r)
		s.writes.link(office.PlacesTable, office.PlacesPrimaryKey, id, isNew, under(targets, "/places/"))
	case *catalogue.Place:
		city, lat, lon := whereabouts(d)
		s.writes.add(placeTable, id, id, city, d.District, lat, lon, one(targets, "/timetable"))
	case *catalogue.HolidaySet:
		s.writes.add(holidaySetTable, id, id)
	case *catalogue.Timetable:
		s.writes.add(timetableTable, id, id)
		s.writes.link(timetable.HolidaySetsTable, timetable.HolidaySetsPrimaryKey, id, isNew, under(targets, "/ownHolidaySets/"))
	case *catalogue.Channel:
		s.writes.add(channelTable, id, id, d.Type, one(targets, "/timetable"))
	case *catalogue.Procedure:
		s.writes.add(procedureTable, id, id, one(targets, "/responsibleOffice"))
	case *catalogue.Publisher:
		s.writes.add(profileTable, id, id, d.Type, d.IPACode, d.TaxCode)
	default:
		panic(fmt.Sprintf("no extension for a %s", d.Kind()))
	}
}

// parentsFirst collects the extensions of offices, each after that of its parent: different statements may write them, and
// the database wants the parent to be there.
func (s *storing) parentsFirst() {
	depth := map[uuid.UUID]int{}
	byID := map[uuid.UUID]*plan{}
	for _, r := range s.offices {
		byID[r.now.ID] = r
	}
	var depthOf func(r *plan) int
	depthOf = func(r *plan) int {
		if known, ok := depth[r.now.ID]; ok {
			return known
		}
		d := 0
		if parent := one(r.targets, "/parent"); parent != nil && byID[*parent] != nil {
			d = depthOf(byID[*parent]) + 1
		}
		depth[r.now.ID] = d
		return d
	}
	slices.SortStableFunc(s.offices, func(a, b *plan) int { return cmp.Compare(depthOf(a), depthOf(b)) })
	for _, r := range s.offices {
		d := r.doc.(*catalogue.Office)
		s.writes.add(officeTable, r.now.ID, r.now.ID, d.Type, one(r.targets, "/parent"), one(r.targets, "/timetable"))
	}
}

// freeReferences deletes the references and sketches that new drafts and revisions take the place of.
func (s *storing) freeReferences(ctx context.Context) error {
	for side, ids := range map[reference.Side][]uuid.UUID{sideDraft: s.drafts, sidePublished: s.publics} {
		for chunk := range slices.Chunk(ids, lookUpChunk) {
			if _, err := s.tx.Reference.Delete().Where(reference.FromIDIn(chunk...), reference.SideEQ(side)).Exec(ctx); err != nil {
				return err
			}
		}
	}
	for chunk := range slices.Chunk(s.sketches, lookUpChunk) {
		if _, err := s.tx.Sketch.Delete().Where(sketch.EntryIDIn(chunk...)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// feed gives the changes their positions.
func (s *storing) feed(ctx context.Context) (int64, error) {
	if len(s.changes) == 0 {
		return 0, nil
	}
	last, err := s.p.store.NextPositions(ctx, s.tx, len(s.changes))
	if err != nil {
		return 0, err
	}
	rows := make([][]any, len(s.changes))
	for i, c := range s.changes {
		position := last - int64(len(s.changes)-1-i)
		rows[i] = []any{
			position, s.at, catalogue.SubjectEntry, c.e.ID, c.e.Kind, c.publisher, c.e.Key, c.change, c.e.PublishedRevision, c.slug,
			c.e.WithdrawReason, "", c.e.ReviewedAt,
		}
	}
	if err := s.p.store.Insert(ctx, s.tx, changeTable, rows); err != nil {
		return 0, err
	}
	return last, s.p.store.Notify(ctx, s.tx, last)
}

// retiring is an entry that is to be archived, with the slug that it had in public.
type retiring struct {
	e         *db.Entry
	publisher string
	slug      string
}

// retire collects what is written of an entry that goes to the archive, as mover.retire does.
func (s *storing) retire(ctx context.Context, r *retiring) {
	e := r.e
	if e.Publication == catalogue.Published {
		s.publics = append(s.publics, e.ID) // what is not public refers to nothing in public
		s.writes.free(concern.Table, concern.FieldEntryID, e.ID)
		e.ChangedAt = &s.at
		s.changes = append(s.changes, feedRow{e, r.publisher, catalogue.ChangeWithdrawn, r.slug})
	}
	if e.Draft == catalogue.Scheduled {
		e.Draft, e.PublishAt, e.PublishNote = catalogue.Editing, nil, ""
	}
	e.WithdrawAt, e.WithdrawLaterReason, e.WithdrawLaterFor = nil, "", ""
	e.Publication, e.UpdatedAt = catalogue.Archived, s.at
	s.p.audit(ctx, s.actor, "archive", e, r.publisher, "")
	s.entry(e)
}
