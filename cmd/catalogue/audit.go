package main

import (
	"context"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Find rows of the audit that were changed, removed or exchanged. Prints the anchor to give the next time."`
}

type auditVerify struct {
	databaseFlag
	Anchor string `help:"What an earlier run printed: the audit must still hold it." placeholder:"NUMBER:HASH"`
}

// Run fails if the audit is not as it was written.
func (c *auditVerify) Run(ctx context.Context, all *commands, io streams) error {
	var anchor *audit.Anchor
	if c.Anchor != "" {
		given, err := audit.ParseAnchor(c.Anchor)
		if err != nil {
			return err
		}
		anchor = &given
	}
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		report, err := audit.NewLog(s, catalogue.SystemClock).Verify(ctx, anchor)
		if err != nil {
			return err
		}
		return printAudit(io.out, report)
	})
}

// printAudit says whether an audit is as it was written, and fails if it is not.
func printAudit(out io.Writer, report audit.Report) error {
	for _, f := range report.Faults {
		fmt.Fprintf(out, "row %d: %s\n", f.Number, f.What)
	}
	fmt.Fprintf(out, "verified %d rows, %d from before the chain, %d faults\n", report.Verified, report.Unchained, len(report.Faults))
	if len(report.Faults) > 0 {
		return errSaid
	}
	if report.Verified > 0 {
		fmt.Fprintf(out, "anchor %s\n", report.End)
	}
	return nil
}
