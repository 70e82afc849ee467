// Package audit keeps what was accepted: who did what, when, from where, and what it made of what was there. Its rows are
// chained by hashes, so that whoever changes, removes or reorders any of them is found out. What the actions mean is
// decided by whoever writes the rows, who may read them by package api.
package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	entaudit "github.com/comuneprato/service-catalogue/ent/db/audit"
	"github.com/comuneprato/service-catalogue/ent/db/predicate"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// Row is one accepted write.
type Row struct {
	Number    int64 // its place, from 1 without gaps; given by Append
	At        time.Time
	Actor     string // the name of the key, or how else it was done
	KeyPrefix string
	Publisher string // the key of the publisher whose it is, "" for what belongs to none
	Action    string
	Entry     *uuid.UUID
	Kind      catalogue.Kind
	Key       string
	RequestID string
	Address   string // of the client, kept for AddressesKept
	Detail    string
	Before    string // what was written to as it was, as JSON; "" where there was nothing
	After     string // and as it became
	Hash      string // of the row and of the hash before it; given by Append

	salt, digest string // of the address
}

// By is a row about what somebody did to something of a publisher, "" for what belongs to none.
func By(who catalogue.Actor, at time.Time, action, publisher, detail string) Row {
	return Row{
		At: at, Actor: who.Name, KeyPrefix: who.Prefix, RequestID: who.RequestID, Address: who.Address,
		Action: action, Publisher: publisher, Detail: detail,
	}
}

// digestOf is what stays of an address when it is erased: nobody can tell it from that once the salt is gone too.
func digestOf(salt, address string) string {
	sum := sha256.Sum256([]byte(salt + address))
	return hex.EncodeToString(sum[:])
}

// hashAfter is the hash of a row that follows one with the hash before. It covers all that is never erased.
func (r *Row) hashAfter(before string) string {
	entry := ""
	if r.Entry != nil {
		entry = r.Entry.String()
	}
	content, err := json.Marshal([]any{
		before, r.Number, r.At.UTC().Format(time.RFC3339Nano), r.Actor, r.KeyPrefix, r.Publisher, r.Action, entry, r.Kind, r.Key,
		r.RequestID, r.digest, r.Detail, r.Before, r.After,
	})
	if err != nil {
		panic(err) // strings and a number
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// appendChunk is how many rows one statement inserts: databases bound the values of one.
const appendChunk = 500

// Append writes rows to the end of the audit in the transaction that does what they tell of. It locks the counter of the
// audit, so it must be the last thing that the transaction does.
func Append(ctx context.Context, tx *db.Client, rows ...Row) error {
	if len(rows) == 0 {
		return nil
	}
	number, err := store.CountAudit(ctx, tx, len(rows))
	if err != nil {
		return err
	}
	number -= int64(len(rows))
	hash, err := hashOf(ctx, tx, number)
	if err != nil {
		return err
	}
	create := make([]*db.AuditCreate, len(rows))
	for i, r := range rows {
		number++
		r.Number = number
		if r.Address != "" {
			r.salt = rand.Text()
			r.digest = digestOf(r.salt, r.Address)
		}
		hash = r.hashAfter(hash)
		create[i] = tx.Audit.Create().SetID(r.Number).SetAt(r.At).SetActor(r.Actor).SetKeyPrefix(r.KeyPrefix).
			SetPublisherKey(r.Publisher).SetAction(r.Action).SetNillableEntry(r.Entry).SetKind(r.Kind).SetKey(r.Key).
			SetRequestID(r.RequestID).SetAddress(r.Address).SetAddressSalt(r.salt).SetAddressDigest(r.digest).
			SetDetail(r.Detail).SetStateBefore(r.Before).SetStateAfter(r.After).SetHash(hash)
	}
	for chunk := range slices.Chunk(create, appendChunk) {
		if err := tx.Audit.CreateBulk(chunk...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// hashOf is the hash of a row, "" for one that is not there: the first row follows none.
func hashOf(ctx context.Context, tx *db.Client, number int64) (string, error) {
	hashes, err := tx.Audit.Query().Where(entaudit.ID(number)).Select(entaudit.FieldHash).Strings(ctx)
	if err != nil || len(hashes) == 0 {
		return "", err
	}
	return hashes[0], nil
}

func rowOf(r *db.Audit) Row {
	return Row{
		Number: r.ID, At: r.At, Actor: r.Actor, KeyPrefix: r.KeyPrefix, Publisher: r.PublisherKey, Action: r.Action, Entry: r.Entry,
		Kind: r.Kind, Key: r.Key, RequestID: r.RequestID, Address: r.Address, Detail: r.Detail, Before: r.StateBefore,
		After: r.StateAfter, Hash: r.Hash, salt: r.AddressSalt, digest: r.AddressDigest,
	}
}

// Log reads the audit of a database, checks it, and erases the addresses in it when their time is over. All its methods
// may be called at the same time.
type Log struct {
	store *store.Store
	clock catalogue.Clock
}

// NewLog returns the audit in s.
func NewLog(s *store.Store, clock catalogue.Clock) *Log { return &Log{s, clock} }

// Filter selects rows. A member with its zero value does not narrow the selection.
type Filter struct {
	Publisher string
	Kind      catalogue.Kind
	Key       string
	Actor     string
	Action    string
	From, To  time.Time // at From or later, before To
	Before    int64     // the number of the last row of the page before
	Limit     int
}

// List returns the rows that a filter selects, the latest first.
func (l *Log) List(ctx context.Context, f Filter) ([]Row, error) {
	var selected []predicate.Audit
	for _, by := range []struct {
		value  string
		equals func(string) predicate.Audit
	}{
		{f.Publisher, entaudit.PublisherKey},
		{string(f.Kind), func(kind string) predicate.Audit { return entaudit.KindEQ(catalogue.Kind(kind)) }},
		{f.Key, entaudit.Key},
		{f.Actor, entaudit.Actor},
		{f.Action, entaudit.Action},
	} {
		if by.value != "" {
			selected = append(selected, by.equals(by.value))
		}
	}
	if !f.From.IsZero() {
		selected = append(selected, entaudit.AtGTE(f.From))
	}
	if !f.To.IsZero() {
		selected = append(selected, entaudit.AtLT(f.To))
	}
	if f.Before > 0 {
		selected = append(selected, entaudit.IDLT(f.Before))
	}
	found, err := l.store.Reader().Audit.Query().Where(selected...).Order(entaudit.ByID(entsql.OrderDesc())).Limit(f.Limit).All(ctx)
	rows := make([]Row, len(found))
	for i, r := range found {
		rows[i] = rowOf(r)
	}
	return rows, store.Wrap(err, "reading the audit")
}

// Count is how many rows there are.
func (l *Log) Count(ctx context.Context) (int64, error) {
	last, err := l.store.Reader().Audit.Query().Order(entaudit.ByID(entsql.OrderDesc())).FirstID(ctx)
	if db.IsNotFound(err) {
		return 0, nil
	}
	return last, store.Wrap(err, "counting the rows of the audit")
}

// AddressesKept is for how long the audit knows from which address a write came.
const AddressesKept = 90 * 24 * time.Hour

// eraseChunk is how many rows one transaction of EraseAddresses changes: others write in between.
const eraseChunk = 500

// actionErase is the action of rows that tell that addresses are erased: those of rows up to the one that the detail names.
const actionErase = "erase addresses"

// EraseAddresses erases the addresses whose time is over, and notes it in the audit: nobody can tell later by the clock
// whether it was time, which may have been set back since. The chain stays whole.
func (l *Log) EraseAddresses(ctx context.Context) error {
	now := l.clock()
	old := l.store.Reader().Audit.Query().Where(entaudit.AtLTE(now.Add(-AddressesKept)), entaudit.AddressNEQ(""))
	last, err := old.Clone().Order(entaudit.ByID(entsql.OrderDesc())).FirstID(ctx)
	if db.IsNotFound(err) {
		return nil
	}
	if err == nil {
		err = l.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
			return Append(ctx, tx, Row{At: now, Actor: "retention", Action: actionErase, Detail: strconv.FormatInt(last, 10)})
		})
	}
	if err != nil {
		return store.Wrap(err, "noting in the audit that old addresses are erased")
	}
	for {
		ids, err := old.Clone().Where(entaudit.IDLTE(last)).Limit(eraseChunk).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return store.Wrap(err, "looking for old addresses in the audit")
		}
		err = l.store.InTx(ctx, func(ctx context.Context, tx *db.Client) error {
			return tx.Audit.Update().Where(entaudit.IDIn(ids...)).SetAddress("").SetAddressSalt("").Exec(ctx)
		})
		if err != nil {
			return store.Wrap(err, "erasing old addresses from the audit")
		}
	}
}

// Run erases old addresses now and every day until ctx is done.
func (l *Log) Run(ctx context.Context, log *slog.Logger) {
	daily := time.NewTicker(24 * time.Hour)
	defer daily.Stop()
	for {
		if err := l.EraseAddresses(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "old addresses could not be erased from the audit, trying again tomorrow: look at the database", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
		}
	}
}
