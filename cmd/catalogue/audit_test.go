package main_test

import (
	"strings"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/store/storetest"
)

func TestTheAuditIsVerified(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		dsn := migrated(t, database)
		newPublisher(t, dsn)
		must(t, "import", "--database", dsn, writeRows(t, row("place", "a", place("Piazza"))))
		said := must(t, "audit", "verify", "--database", dsn)
		first, anchor, _ := strings.Cut(strings.TrimSpace(said), "\nanchor ")
		if want := "verified 4 rows, 0 from before the chain, 0 faults"; first != want || anchor == "" {
			t.Fatalf("got %q, want %q and an anchor", said, want)
		}
		must(t, "import", "--database", dsn, writeRows(t, row("place", "b", place("Via"))))
		must(t, "audit", "verify", "--database", dsn, "--anchor", anchor)

		storetest.Exec(t, storetest.OpenDSN(t, dsn), "UPDATE audits SET actor = 'nobody' WHERE id = 3")
		r := run(t, "audit", "verify", "--database", dsn)
		r.want(t, 1)
		if !strings.Contains(r.out, "row 3: changed") || strings.Contains(r.out, "anchor") {
			t.Errorf("got %q, want row 3 named and no anchor", r.out)
		}
		bad := run(t, "audit", "verify", "--database", dsn, "--anchor", "5:abc")
		bad.want(t, 1)
		bad.says(t, "is no anchor")
	})
}
