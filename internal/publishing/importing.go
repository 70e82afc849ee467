package publishing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/entry"
	"github.com/comuneprato/service-catalogue/ent/db/publisher"
	"github.com/comuneprato/service-catalogue/ent/db/revision"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// RowReport says what became of one row, or of an entry that a replacing import took away.
type RowReport struct {
	Number  int // as importing.Row has it; 0 for an entry that is in no row
	Ref     catalogue.Ref
	ID      catalogue.EntryID // of a row that was stored
	Outcome Outcome
	Err     error // where it was refused
}

// Outcome is what became of a row.
type Outcome string

// The outcomes.
const (
	RowCreated   Outcome = "created"
	RowUpdated   Outcome = "updated"
	RowUnchanged Outcome = "unchanged"
	RowRefused   Outcome = "refused"
	RowHeld      Outcome = "held"     // good, but not stored because others of its import were refused
	RowArchived  Outcome = "archived" // not a row: an entry that was in none, of an import that replaces
)

// ImportOptions say how an import works.
type ImportOptions struct {
	Actor   Actor
	Note    string // of the revisions of rows that have none of their own
	Publish bool   // all rows, not only those that ask for it
	DryRun  bool   // report what would become of the rows, and store nothing
	// Replace archives the entries of the publishers and kinds in the input that are in none of its rows. Where that is
	// more than a fifth of them it needs Confirm.
	Replace, Confirm bool
	// Only is the one publisher whose entries the rows may be about; "" for all.
	Only string
	// Drafts refuses rows that are to be public.
	Drafts bool
	// Publisher is called once for a publisher that a row names and the database lacks, to make it; nil refuses the row.
	Publisher func(ctx context.Context, key string) error
}

// importBounds bound the transactions of imports, so that none takes two seconds (docs/adr/0019-imports.md has what they
// take).
type importBounds struct {
	together, chunk           int // rows that are stored together or not at all, and those of a chunk of a longer import
	togetherBytes, chunkBytes int // of their documents
}

var standardBounds = importBounds{together: 5000, chunk: 500, togetherBytes: 64 << 20, chunkBytes: 8 << 20}

// ReplaceError says that a replacing import would archive too much to go without a confirmation, or that it cannot be
// told what it would archive.
type ReplaceError struct {
	Missing, Total int // entries that would be archived, and of how many
	Unnamed        int // the number of the first row that does not say which entry it is about; 0: all do
}

func (e *ReplaceError) Error() string {
	if e.Unnamed > 0 {
		return fmt.Sprintf("row %d does not say which entry it is about, so what is missing cannot be told", e.Unnamed)
	}
	return fmt.Sprintf("%d of %d entries are in no row and would be archived", e.Missing, e.Total)
}

// Import stores the rows that open reads, anew with each call. Up to 5,000 rows, with up to 64 MB of documents, are
// stored in one transaction, and only if none of them is refused. Longer imports are stored in chunks, without the rows
// that are refused. Rows may name each other in any order; one that names a row of a later chunk waits for it. tell is
// called with what became of the rows, once for each. Import returns a ReplaceError, or an error where the input cannot
// be read or the database fails; what was reported as stored before stays stored, and importing the same again does no
// harm.
func (p *Publishing) Import(ctx context.Context, open func() (importing.Reader, error), o ImportOptions, tell func([]RowReport)) error {
	run := newImportRun(p, open, o)
	run.stored = func(reports []RowReport) error { tell(reports); return nil }
	return run.all(ctx)
}

// importRun is an import while it runs.
type importRun struct {
	ImportOptions
	p    *Publishing
	open func() (importing.Reader, error)

	// record, where it is not nil, notes what became of rows in the transaction that stores them.
	record func(ctx context.Context, tx *db.Client, reports []RowReport) error
	stored func(reports []RowReport) error // hears of it afterwards, and may stop the import

	done       map[int]bool    // the rows of which it is settled what became of them
	publishers map[string]bool // those looked for already
	before     *foresight
	missing    []uuid.UUID // entries to archive
}

func newImportRun(p *Publishing, open func() (importing.Reader, error), o ImportOptions) *importRun {
	return &importRun{ImportOptions: o, p: p, open: open, done: map[int]bool{}, publishers: map[string]bool{}, before: newForesight()}
}

// reader reads the rows from the beginning.
func (i *importRun) reader() (importing.Reader, error) {
	rows, err := i.open()
	if err != nil {
		return nil, &inputError{err}
	}
	return rows, nil
}

// all imports everything that is not done yet.
func (i *importRun) all(ctx context.Context) error {
	if i.Replace {
		if err := i.survey(ctx); err != nil {
			return err
		}
	}
	bounds := i.p.bounds
	if len(i.done) == 0 && len(i.missing) <= bounds.together {
		rows, err := i.reader()
		if err != nil {
			return err
		}
		candidates, more, err := i.collect(rows, bounds.together+1, bounds.togetherBytes)
		if err != nil {
			return err
		}
		if !more && len(candidates) <= bounds.together {
			return i.together(ctx, candidates)
		}
	}
	return i.inChunks(ctx)
}

// together stores all rows, or none if any is refused.
func (i *importRun) together(ctx context.Context, candidates []candidate) error {
	reports, err := i.try(ctx, candidates, func(b *batch) bool { return !b.refused() }, i.missing, nil)
	if err != nil {
		return err
	}
	return i.settled(reports)
}

// inChunks stores the rows that can be, a chunk at a time. Rows that name what is not there yet are read again as long as
// that helps any of them; those that are left then are tried together, since they may only wait for each other.
func (i *importRun) inChunks(ctx context.Context) error {
	for last := false; ; {
		waiting, progress, err := i.pass(ctx, last)
		if err != nil {
			return err
		}
		if waiting == 0 {
			break
		}
		last = !progress
	}
	for len(i.missing) > 0 {
		n := min(len(i.missing), i.p.bounds.chunk)
		reports, err := i.try(ctx, nil, func(*batch) bool { return true }, i.missing[:n], nil)
		if err != nil {
			return err
		}
		if err := i.settled(reports); err != nil {
			return err
		}
		i.missing = i.missing[n:]
	}
	return nil
}

// pass tries each row once that is not done. The last pass settles all.
func (i *importRun) pass(ctx context.Context, last bool) (waiting int, progress bool, err error) {
	rows, err := i.reader()
	if err != nil {
		return 0, false, err
	}
	limit, size := i.p.bounds.chunk, i.p.bounds.chunkBytes
	wait := func(r *plan) bool { return lacksReferences(r.err) }
	if last {
		limit, size, wait = i.p.bounds.together, i.p.bounds.togetherBytes, nil
	}
	for more := true; more; {
		var candidates []candidate
		if candidates, more, err = i.collect(rows, limit, size); err != nil {
			return 0, false, err
		}
		if len(candidates) == 0 {
			continue
		}
		reports, err := i.try(ctx, candidates, func(*batch) bool { return true }, nil, wait)
		if err != nil {
			return 0, false, err
		}
		waiting += len(candidates) - len(reports)
		for _, r := range reports {
			progress = progress || r.Outcome != RowRefused
		}
		if err := i.settled(reports); err != nil {
			return 0, false, err
		}
	}
	return waiting, progress, nil
}

func (i *importRun) settled(reports []RowReport) error {
	if len(reports) == 0 {
		return nil
	}
	for _, r := range reports {
		if r.Number > 0 {
			i.done[r.Number] = true
		}
	}
	return i.stored(reports)
}

// collect reads rows that are not done yet, up to a number and a size in bytes of their documents, and judges them. It
// reports whether there may be more.
func (i *importRun) collect(input importing.Reader, limit, size int) (candidates []candidate, more bool, err error) {
	for more = true; more && len(candidates) < limit && size > 0; {
		row, err := input.Next()
		var bad *importing.RowError
		switch {
		case errors.Is(err, io.EOF):
			more = false
			continue
		case errors.As(err, &bad):
			err = bad.Err
		case err != nil:
			return nil, false, &inputError{err}
		}
		if i.done[row.Number] {
			continue
		}
		row.Publish, row.Note = row.Publish || i.Publish, cmp.Or(row.Note, i.Note)
		if err == nil {
			err = i.allowed(row)
		}
		candidates = append(candidates, newCandidate(row, err))
		size -= len(row.Document)
	}
	var next atomic.Int64
	var judging sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(candidates)) {
		judging.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(candidates); n = int(next.Add(1)) - 1 {
				candidates[n].judge()
			}
		})
	}
	judging.Wait()
	return candidates, more, nil
}

// allowed returns an error for a row that whoever imports may not import.
func (i *importRun) allowed(row importing.Row) error {
	switch {
	case i.Only != "" && row.Publisher != i.Only:
		return &forbiddenError{"problem.forbidden.detail", row.Publisher}
	case i.Drafts && row.Publish:
		return &forbiddenError{"problem.forbidden.scope", "publish"}
	}
	return nil
}

// try settles what becomes of rows, and stores those that are good if wanted says so of all of them, and archives the
// missing entries. It reports each row but those that wait.
func (i *importRun) try(ctx context.Context, candidates []candidate, wanted func(*batch) bool, missing []uuid.UUID, wait func(*plan) bool) (reports []RowReport, err error) {
	if err := i.findPublishers(ctx, candidates); err != nil {
		return nil, err
	}
	attempt := func(ctx context.Context, tx *db.Client) (position int64, err error) {
		b := &batch{p: i.p, tx: tx, actor: i.Actor, dry: i.DryRun, before: i.before}
		if err := b.load(ctx, candidates); err != nil {
			return 0, err
		}
		if err := b.decide(ctx); err != nil {
			return 0, err
		}
		var retired []*retiring
		good := wanted(b)
		if good {
			if retired, err = b.loadRetiring(ctx, missing); err != nil {
				return 0, err
			}
		}
		reports = b.reports(good, retired, wait)
		if i.record != nil && len(reports) > 0 && !i.DryRun {
			if err := i.record(ctx, tx, reports); err != nil {
				return 0, err
			}
		}
		switch {
		case !good:
		case i.DryRun:
			i.before.remember(b)
		default:
			position, err = b.store(ctx, retired)
		}
		return position, err
	}
	if i.DryRun {
		err = i.p.store.ReadTx(ctx, func(ctx context.Context, tx *db.Client) error {
			_, err := attempt(ctx, tx)
			return err
		})
		if err == nil && i.record != nil && len(reports) > 0 {
			err = i.p.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error { return i.record(ctx, tx, reports) })
		}
	} else {
		_, err = i.p.inTx(ctx, func(ctx context.Context, tx *db.Client) (Result, error) {
			position, err := attempt(ctx, tx)
			return Result{Position: position}, err
		})
	}
	if len(candidates) == 0 {
		return reports, store.Wrap(err, "archiving what is in no row")
	}
	return reports, store.Wrap(err, "importing rows %d to %d", candidates[0].number, candidates[len(candidates)-1].number)
}

// reports says what becomes of the rows that do not wait, and of the entries that are retired.
func (b *batch) reports(good bool, retired []*retiring, wait func(*plan) bool) []RowReport {
	reports := make([]RowReport, 0, len(b.rows)+len(retired))
	for _, r := range b.rows {
		report := RowReport{Number: r.number, Ref: r.ref, Outcome: r.outcome(), Err: r.err}
		switch {
		case r.err != nil && wait != nil && wait(r):
			continue
		case r.err != nil:
		case good:
			report.ID = r.now.ID
		default:
			report.Outcome = RowHeld
		}
		reports = append(reports, report)
	}
	for _, r := range retired {
		reports = append(reports, RowReport{Ref: catalogue.Ref{Kind: r.e.Kind, Publisher: r.publisher, Key: r.e.Key}, ID: r.e.ID, Outcome: RowArchived})
	}
	return reports
}

// findPublishers looks for the publishers that rows name for the first time, and makes those that are not there if it
// may.
func (i *importRun) findPublishers(ctx context.Context, candidates []candidate) error {
	if i.Publisher == nil {
		return nil
	}
	for _, c := range candidates {
		key := c.ref.Publisher
		if c.err != nil || i.publishers[key] {
			continue
		}
		i.publishers[key] = true
		exists, err := i.p.store.Reader().Publisher.Query().Where(publisher.Key(key)).Exist(ctx)
		switch {
		case err != nil:
			return store.Wrap(err, "looking for publisher %q", key)
		case exists:
		case i.DryRun:
			i.before.publishers[key] = &db.Publisher{ID: -1 - len(i.before.publishers), Key: key, Policy: catalogue.PolicySelf}
		default:
			if err := i.Publisher(ctx, key); err != nil && !errors.Is(err, catalogue.ErrConflict) { // somebody else may have been quicker
				return err
			}
		}
	}
	return nil
}

// surveyPage is how many entries survey reads at once.
const surveyPage = 5000

// survey reads which entries the rows are about, and looks for those that are in none.
func (i *importRun) survey(ctx context.Context) error {
	rows, err := i.reader()
	if err != nil {
		return err
	}
	type scope struct {
		publisher string
		kind      catalogue.Kind
	}
	named := map[scope]map[string]bool{}
	for {
		row, err := rows.Next()
		var bad *importing.RowError
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.As(err, &bad) {
			return &inputError{err}
		}
		if _, unknown := catalogue.ParseKind(string(row.Kind)); unknown != nil || !catalogue.ValidKey(row.Publisher) || !catalogue.ValidKey(row.Key) {
			return &ReplaceError{Unnamed: row.Number}
		}
		if i.Only != "" && row.Publisher != i.Only {
			continue // refused
		}
		s := scope{row.Publisher, row.Kind}
		if named[s] == nil {
			named[s] = map[string]bool{}
		}
		named[s][row.Key] = true
	}
	total := 0
	for s, keys := range named {
		for after := ""; ; {
			page, err := i.p.store.Reader().Entry.Query().
				Where(entry.KindEQ(s.kind), entry.HasPublisherWith(publisher.Key(s.publisher)), entry.PublicationNEQ(catalogue.Archived), entry.KeyGT(after)).
				Order(entry.ByKey()).Limit(surveyPage).Select(entry.FieldID, entry.FieldKey).All(ctx)
			if err != nil {
				return store.Wrap(err, "looking for what is missing")
			}
			for _, e := range page {
				if total++; !keys[e.Key] {
					i.missing = append(i.missing, e.ID)
				}
				after = e.Key
			}
			if len(page) < surveyPage {
				break
			}
		}
	}
	if len(i.missing)*5 > total && !i.Confirm {
		return &ReplaceError{Missing: len(i.missing), Total: total}
	}
	return nil
}

// loadRetiring reads the entries that are to be archived and are not yet.
func (b *batch) loadRetiring(ctx context.Context, missing []uuid.UUID) (list []*retiring, err error) {
	for chunk := range slices.Chunk(missing, lookUpChunk) {
		q := b.tx.Entry.Query().Where(entry.IDIn(chunk...), entry.PublicationNEQ(catalogue.Archived)).Order(entry.ByID())
		if !b.dry {
			q = b.p.store.Lock(q)
		}
		rows, err := q.WithPublisher().WithRevisions(func(q *db.RevisionQuery) {
			q.Where(isCurrent).Select(revision.FieldEntryID, revision.FieldSlug)
		}).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			if !b.dry {
				trailOf(ctx).found(e)
			}
			r := &retiring{e: e, publisher: e.Edges.Publisher.Key}
			for _, public := range e.Edges.Revisions {
				r.slug = public.Slug
			}
			list = append(list, r)
		}
	}
	return list, nil
}
