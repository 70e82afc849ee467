package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/comuneprato/service-catalogue/ent/db"
	"github.com/comuneprato/service-catalogue/ent/db/migrate"
	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 3, 29, 0, 59, 0, 123456000, time.UTC)

// logAt is the audit of a database at some time after the rows were written.
func logAt(s *store.Store, later time.Duration) *audit.Log {
	return audit.NewLog(s, func() time.Time { return start.Add(later) })
}

func write(t *testing.T, s *store.Store, rows ...audit.Row) {
	t.Helper()
	err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error { return audit.Append(ctx, tx, rows...) })
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, s *store.Store, statements ...string) {
	t.Helper()
	err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// row is one with a value in every column.
func row(n int) audit.Row {
	id := uuid.MustParse(fmt.Sprintf("018f0000-0000-7000-8000-%012d", n))
	return audit.Row{
		At: start.Add(time.Duration(n) * time.Second), Actor: "portale", KeyPrefix: "abcdefgh", Publisher: "prato", Action: "publish",
		Entry: &id, Kind: catalogue.KindService, Key: fmt.Sprint("s", n), RequestID: "r-1", Address: "192.0.2.1", Detail: "Nota.",
		Before: `{"revision":1}`, After: `{"revision":2}`,
	}
}

// anew writes five rows where there were others.
func anew(t *testing.T, s *store.Store) (end audit.Anchor) {
	t.Helper()
	execute(t, s, "DELETE FROM audits", "UPDATE counters SET n = 0 WHERE id = 'audit'")
	write(t, s, row(1), row(2))
	write(t, s, row(3))
	write(t, s, row(4), row(5))
	report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
	if err != nil || len(report.Faults) > 0 || report.Verified != 5 || report.End.Number != 5 {
		t.Fatalf("before any tampering: %+v, %v", report, err)
	}
	return report.End
}

func TestTamperingIsFound(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		tamperings := map[string]string{
			"a row removed":            "DELETE FROM audits WHERE id = 3",
			"the first row removed":    "DELETE FROM audits WHERE id = 1",
			"the last row removed":     "DELETE FROM audits WHERE id = 5",
			"all rows removed":         "DELETE FROM audits",
			"a row renumbered":         "UPDATE audits SET id = 9 WHERE id = 5",
			"a row without its hash":   "UPDATE audits SET hash = '' WHERE id = 3",
			"the counter put back":     "UPDATE counters SET n = 3 WHERE id = 'audit'",
			"an address erased early":  "UPDATE audits SET address = '', address_salt = '' WHERE id = 3",
			"two rows exchanged":       "UPDATE audits SET id = CASE id WHEN 2 THEN -4 ELSE -2 END WHERE id IN (2, 4); UPDATE audits SET id = -id WHERE id < 0",
			"a row inserted":           "INSERT INTO audits (id, at, actor, action) SELECT 6, at, actor, action FROM audits WHERE id = 5",
			"a row put before all":     "INSERT INTO audits (id, at, actor, action) SELECT 0, at, actor, action FROM audits WHERE id = 5",
			"the entry taken from one": "UPDATE audits SET entry = NULL WHERE id = 3",
			"the chain taken away":     "UPDATE audits SET hash = ''",
		}
		for name, statements := range tamperings {
			anew(t, s)
			execute(t, s, strings.Split(statements, "; ")...)
			report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
			if err != nil || len(report.Faults) == 0 {
				t.Errorf("%s: got %+v, %v, want a fault", name, report, err)
			}
		}
	})
}

func TestEveryColumnOfEveryRowIsGuarded(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		anew(t, s)
		execute(t, s, "CREATE TABLE as_written AS SELECT * FROM audits")
		for _, column := range migrate.AuditsColumns {
			for id := 1; id <= 5; id++ {
				change := column.Name + " || 'x'"
				switch column.Name {
				case "id":
					change = "id + 10"
				case "at", "entry":
					change = fmt.Sprintf("(SELECT %s FROM as_written WHERE id = %d)", column.Name, id%5+1)
				}
				execute(t, s, fmt.Sprintf("UPDATE audits SET %s = %s WHERE id = %d", column.Name, change, id))
				report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
				if err != nil || len(report.Faults) == 0 {
					t.Errorf("%s of row %d changed: got %+v, %v, want a fault", column.Name, id, report, err)
				}
				execute(t, s, "DELETE FROM audits", "INSERT INTO audits SELECT * FROM as_written")
			}
		}
		if report, err := logAt(s, time.Hour).Verify(t.Context(), nil); err != nil || len(report.Faults) > 0 {
			t.Errorf("as it was written: got %+v, %v, want no fault", report, err)
		}
	})
}

func TestAChangedRowIsNamedAndNotAllBehindIt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		anew(t, s)
		execute(t, s, "UPDATE audits SET detail = 'Altro.' WHERE id = 2")
		report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
		if err != nil || len(report.Faults) != 1 || report.Faults[0].Number != 2 {
			t.Errorf("got %+v, %v, want a fault of row 2 alone", report, err)
		}
	})
}

// Whoever can write the database can cut the chain off together with the counter, and forge another end.
func TestAnAnchorShowsWhatWasCutOffOrWrittenAnew(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		cut := []string{"DELETE FROM audits WHERE id > 3", "UPDATE counters SET n = 3 WHERE id = 'audit'"}
		for _, forged := range []bool{false, true} {
			end := anew(t, s)
			execute(t, s, cut...)
			if forged {
				write(t, s, row(7), row(8), row(9))
			}
			if report, err := logAt(s, time.Hour).Verify(t.Context(), nil); err != nil || len(report.Faults) > 0 {
				t.Fatalf("without an anchor: got %+v, %v: does the test still cut well?", report, err)
			}
			report, err := logAt(s, time.Hour).Verify(t.Context(), &end)
			if err != nil || len(report.Faults) != 1 || report.Faults[0].Number != 5 {
				t.Errorf("forged %v: got %+v, %v, want a fault of row 5", forged, report, err)
			}
		}
		// As rows are from before there was a chain.
		const unchain = "UPDATE audits SET actor = 'nobody', hash = '', address = '', address_salt = '', address_digest = '', state_before = '', state_after = ''"
		for _, removed := range []string{"", "DELETE FROM audits WHERE id = 4"} {
			end := anew(t, s)
			if execute(t, s, unchain); removed != "" {
				end.Number = 4
				execute(t, s, removed)
			}
			write(t, s, row(7))
			report, err := logAt(s, time.Hour).Verify(t.Context(), &end)
			if err != nil || len(report.Faults) != 1 || report.Faults[0].Number != end.Number {
				t.Errorf("the chain taken away, then %q: got %+v, %v, want a fault of row %d", removed, report, err, end.Number)
			}
		}
		end := anew(t, s)
		write(t, s, row(6))
		if report, err := logAt(s, time.Hour).Verify(t.Context(), &end); err != nil || len(report.Faults) > 0 || report.Verified != 6 {
			t.Errorf("after another write: got %+v, %v, want no fault", report, err)
		}
	})
}

func TestAnchorsAreReadAsTheyAreWritten(t *testing.T) {
	want := audit.Anchor{Number: 12, Hash: strings.Repeat("a", 64)}
	if got, err := audit.ParseAnchor(want.String()); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, s := range []string{"", "12", ":" + want.Hash, "0:" + want.Hash, "x:" + want.Hash, "12:abc"} {
		if _, err := audit.ParseAnchor(s); err == nil {
			t.Errorf("%q was taken for an anchor", s)
		}
	}
}

func TestAddressesAreErasedWhenTheirTimeIsOver(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		late := row(3)
		late.At = late.At.Add(24 * time.Hour)
		write(t, s, row(1), row(2), late)
		later := logAt(s, audit.AddressesKept+time.Hour)
		if err := later.EraseAddresses(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := later.List(t.Context(), audit.Filter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Address)
		}
		if diff := cmp.Diff([]string{"", "192.0.2.1", "", ""}, got); diff != "" {
			t.Errorf("addresses mismatch, the latest first (-want +got):\n%s", diff)
		}
		if got := rows[0].Action + " " + rows[0].Detail; got != "erase addresses 2" {
			t.Errorf("the last row tells %q, want of the addresses up to row 2", got)
		}
		if err := later.EraseAddresses(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Also by a clock that was set back since.
		if report, err := logAt(s, 0).Verify(t.Context(), nil); err != nil || len(report.Faults) > 0 || report.Verified != 4 {
			t.Errorf("got %+v, %v, want a whole chain of 4 rows", report, err)
		}
		execute(t, s, "UPDATE audits SET address = '', address_salt = '' WHERE id = 3")
		if report, err := later.Verify(t.Context(), nil); err != nil || len(report.Faults) != 1 || report.Faults[0].Number != 3 {
			t.Errorf("got %+v, %v, want a fault of row 3, whose address no row tells of", report, err)
		}
	})
}

func TestManyRowsAreWrittenAtOnceOrNot(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		rows := make([]audit.Row, 1201)
		for i := range rows {
			rows[i] = row(i)
		}
		undone := errors.New("undone")
		err := s.InTx(t.Context(), func(ctx context.Context, tx *db.Client) error {
			return errors.Join(audit.Append(ctx, tx, rows...), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		write(t, s, rows...)
		write(t, s)
		report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
		if err != nil || len(report.Faults) > 0 || report.Verified != 1201 || report.End.Number != 1201 {
			t.Errorf("got %+v, %v, want 1201 rows", report, err)
		}
	})
}

func TestRowsFromBeforeTheChainStayAndItGoesOnBehindThem(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		execute(t, s,
			"INSERT INTO audits (id, at, actor, action) VALUES (1, '2026-01-01 00:00:00+00:00', 'test', 'put'), (4, '2026-01-01 00:00:00+00:00', 'test', 'put')",
			"UPDATE counters SET n = 4 WHERE id = 'audit'")
		write(t, s, row(5))
		report, err := logAt(s, time.Hour).Verify(t.Context(), nil)
		if err != nil || len(report.Faults) > 0 || report.Unchained != 2 || report.Verified != 1 {
			t.Errorf("got %+v, %v, want one row behind two", report, err)
		}
	})
}

func TestListSelects(t *testing.T) {
	storetest.Run(t, func(t *testing.T, s *store.Store) {
		other := row(3)
		other.Publisher, other.Kind, other.Actor, other.Action = "gida", catalogue.KindOffice, "demo", "create"
		write(t, s, row(1), row(2), other)
		for _, test := range []struct {
			name   string
			filter audit.Filter
			want   []int64
		}{
			{"everything", audit.Filter{}, []int64{3, 2, 1}},
			{"of a publisher", audit.Filter{Publisher: "prato"}, []int64{2, 1}},
			{"of a kind", audit.Filter{Kind: catalogue.KindOffice}, []int64{3}},
			{"of a key", audit.Filter{Key: "s2"}, []int64{2}},
			{"by an actor", audit.Filter{Actor: "portale"}, []int64{2, 1}},
			{"an action", audit.Filter{Action: "create"}, []int64{3}},
			{"from an instant", audit.Filter{From: row(2).At}, []int64{3, 2}},
			{"before an instant", audit.Filter{To: row(2).At}, []int64{1}},
			{"a page behind another", audit.Filter{Before: 3, Limit: 1}, []int64{2}},
			{"several at once", audit.Filter{Publisher: "prato", Key: "s3"}, nil},
		} {
			if test.filter.Limit == 0 {
				test.filter.Limit = 10
			}
			rows, err := logAt(s, 0).List(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range rows {
				got = append(got, r.Number)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: rows mismatch (-want +got):\n%s", test.name, diff)
			}
		}
	})
}
