package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/comuneprato/service-catalogue/internal/audit"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/importing"
	"github.com/comuneprato/service-catalogue/internal/importing/plone"
	"github.com/comuneprato/service-catalogue/internal/importing/portal"
	"github.com/comuneprato/service-catalogue/internal/importing/wordpress"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
	"github.com/comuneprato/service-catalogue/internal/transfer"
)

type importCommand struct {
	databaseFlag
	CreatePublishers bool   `help:"Make the publishers that the rows name and the database lacks."`
	Mode             string `help:"upsert stores the rows; replace also archives the entries of their publishers and kinds that are in no row." enum:"upsert,replace" default:"upsert"`
	Confirm          bool   `help:"With --mode replace: go on also where that archives more than a fifth of the entries."`
	DryRun           bool   `help:"Report what would become of the rows, and store nothing."`
	Full             bool   `help:"Fill an empty database with what export --full wrote. Nobody else should use it meanwhile: all is stored in one transaction."`
	Publish          bool   `help:"Make all rows public, not only those that say so."`
	Format           string `help:"Format of the file; without it, by the end of its name, else ndjson. wordpress and plone are exports of a municipal site, whose entries become drafts." enum:",ndjson,json,csv,wordpress,plone" default:""`
	Publisher        string `help:"Publisher of rows that name none, and of a site's." placeholder:"KEY"`
	City             string `help:"With --format wordpress or plone: city of addresses that name none." placeholder:"NAME"`
	Report           string `help:"With --format wordpress or plone: write what became of each field and record to this file, as JSON." placeholder:"FILE"`
	Kind             string `help:"Kind of rows that name none." enum:",${kinds}" default:""`
	Note             string `help:"What changed, for the history of entries whose row has no note; without it, import of and the name of the file." placeholder:"TEXT"`
	File             string `arg:"" help:"Rows {publisher, kind, key, document, publish, note} as NDJSON or a JSON array, or a CSV table; - is standard input." placeholder:"FILE"`
}

// Run stores the rows and reports those that were refused. It fails if any was.
func (c *importCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	if alone := (importCommand{databaseFlag: c.databaseFlag, File: c.File, Mode: "upsert", Full: true}); c.Full && *c != alone {
		return errors.New("--full takes --database alone: the file says everything else itself")
	}
	input, err := openRows(c.File, io.in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Close()) }()
	s, err := c.open(ctx, logging.New(all.LogLevel, io.err), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	progress := newProgress(io.err, "rows", input.fraction)
	if c.Full {
		return importFull(ctx, s, input, progress, io.out)
	}
	count := map[publishing.Outcome]int{}
	pub := publishing.New(s, catalogue.SystemClock)
	options := publishing.ImportOptions{
		Actor: actor, Note: cmp.Or(c.Note, "import of "+filepath.Base(c.File)), Replace: c.Mode == "replace", Confirm: c.Confirm, DryRun: c.DryRun, Publish: c.Publish,
	}
	if c.CreatePublishers {
		publishers := identity.NewPublishers(s, catalogue.SystemClock)
		options.Publisher = func(ctx context.Context, key string) error {
			_, err := publishers.Create(ctx, actor, identity.NewPublisher{Key: key, Name: key, Policy: catalogue.PolicySelf})
			return err
		}
	}
	open, err := c.opener(input, io.out)
	if err != nil {
		return err
	}
	err = pub.Import(ctx, open, options, func(reports []publishing.RowReport) {
		progress.clear()
		for _, r := range reports {
			count[r.Outcome]++
			if r.Err != nil {
				printRefusal(io.out, c.unit(), r)
			}
		}
		progress.step(len(reports))
	})
	progress.clear()
	c.printCounts(io.out, count)
	var replace *publishing.ReplaceError
	switch {
	case errors.As(err, &replace) && replace.Unnamed == 0:
		return fmt.Errorf("%w: look at the file, and give --confirm if that is right", err)
	case err == nil && count[publishing.RowRefused] > 0:
		return errSaid
	}
	return err
}

// printCounts says how many rows came to which end.
func (c *importCommand) printCounts(out io.Writer, count map[publishing.Outcome]int) {
	if c.DryRun {
		fmt.Fprint(out, "dry run, nothing was stored: ")
	}
	fmt.Fprintf(out, "created %d, updated %d, unchanged %d, archived %d, refused %d\n", count[publishing.RowCreated],
		count[publishing.RowUpdated], count[publishing.RowUnchanged], count[publishing.RowArchived], count[publishing.RowRefused])
	if held := count[publishing.RowHeld]; held > 0 {
		fmt.Fprintf(out, "%d good rows were not stored either: a file of up to 5000 rows is stored as a whole or not at all\n", held)
	}
}

// importFull carries everything into an empty database, and says whether the audit is as it was written.
func importFull(ctx context.Context, s *store.Store, input *rowsFile, progress *progress, out io.Writer) error {
	open := func() (io.Reader, error) { return input, input.rewind() }
	rows, err := transfer.Import(ctx, s, open, progress.step)
	progress.clear()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "imported %d rows\n", rows)
	report, err := audit.NewLog(s, catalogue.SystemClock).Verify(ctx, nil)
	if err != nil {
		return err
	}
	return printAudit(out, report)
}

// opener returns what reads the rows of the file, each time from the first.
func (c *importCommand) opener(input *rowsFile, out io.Writer) (func() (importing.Reader, error), error) {
	if c.site() == nil {
		if c.Report != "" || c.City != "" {
			return nil, errors.New("--report and --city belong to --format wordpress or plone")
		}
		return func() (importing.Reader, error) {
			if err := input.rewind(); err != nil {
				return nil, err
			}
			return importing.Open(c.format(), input, importing.Options{Publisher: c.Publisher, Kind: catalogue.Kind(c.Kind)})
		}, nil
	}
	if c.Publisher == "" {
		return nil, fmt.Errorf("whose entries are they? Give --publisher with --format %s", c.Format)
	}
	if err := input.rewind(); err != nil {
		return nil, err
	}
	export, err := c.site()(input, portal.Options{Publisher: c.Publisher, City: c.City})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.File, err)
	}
	fates := map[portal.Fate]int{}
	for _, f := range export.Report.Fields {
		fates[f.Fate] += f.Count
	}
	fmt.Fprintf(out, "values taken %d, dropped %d, not understood %d\n", fates[portal.Taken], fates[portal.Dropped], fates[portal.NotUnderstood])
	if c.Report != "" {
		text, err := json.MarshalIndent(export.Report, "", "  ")
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(c.Report, append(text, '\n'), 0o600); err != nil {
			return nil, err
		}
	}
	return func() (importing.Reader, error) { return importing.FromRows(export.Rows), nil }, nil
}

// site reads the export of a municipal site, nil if the file is none.
func (c *importCommand) site() func(io.Reader, portal.Options) (portal.Export, error) {
	switch c.Format {
	case "wordpress":
		return wordpress.Read
	case "plone":
		return plone.Read
	default:
		return nil
	}
}

// unit is what the numbers of rows count.
func (c *importCommand) unit() string {
	if c.site() != nil {
		return "record"
	}
	return c.format().Unit()
}

// format is the format of the file, unless it is the export of a site.
func (c *importCommand) format() importing.Format {
	if c.Format != "" {
		return importing.Format(c.Format)
	}
	if format, err := importing.FormatOf("", c.File); err == nil {
		return format
	}
	return importing.NDJSON
}

// printRefusal says what is wrong with a row, a line for each finding.
func printRefusal(out io.Writer, unit string, r publishing.RowReport) {
	place := fmt.Sprintf("%s %d", unit, r.Number)
	if _, err := catalogue.ParseKind(string(r.Ref.Kind)); err != nil || r.Ref.Key == "" {
		printFault(out, place, r.Err)
		return
	}
	place += fmt.Sprintf(": %s %s", r.Ref.Kind, r.Ref)
	if errors.Is(r.Err, catalogue.ErrNotFound) {
		fmt.Fprintf(out, "%s: there is no publisher %q: make it with `catalogue publishers create`, or import with --create-publishers\n", place, r.Ref.Publisher)
		return
	}
	printFault(out, place, r.Err)
}

// printFault says why something was refused, a line for each error among the findings.
func printFault(out io.Writer, place string, err error) {
	var malformed *catalogue.MalformedError
	var invalid *catalogue.InvalidError
	switch {
	case errors.As(err, &malformed):
		fmt.Fprintf(out, "%s: %s\n", place, lang.Message(lang.English, malformed.Rule, malformed.Offset))
	case errors.As(err, &invalid):
		for _, f := range invalid.Findings.In(lang.English) {
			if f.Severity == string(catalogue.SeverityError) {
				printFinding(out, place, f)
			}
		}
	default:
		fmt.Fprintf(out, "%s: %v\n", place, err)
	}
}

func printFinding(out io.Writer, place string, f catalogue.FindingView) {
	fmt.Fprintf(out, "%s: %s: %s: %s Expected: %s\n", place, f.Severity, f.Pointer, f.Message, f.Expected)
}

// rowsFile is the file that an import reads, perhaps several times.
type rowsFile struct {
	*os.File
	size      int64
	temporary bool // a copy of standard input
}

// openRows opens a file of rows. Standard input is copied to a temporary file first, since it can be read once only.
func openRows(name string, standard io.Reader) (*rowsFile, error) {
	f := &rowsFile{}
	var err error
	if name != "-" {
		f.File, err = os.Open(name)
	} else if f.File, err = os.CreateTemp("", "catalogue-import-"); err == nil {
		f.temporary = true
		_, err = io.Copy(f.File, standard)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	f.size, err = f.Seek(0, io.SeekEnd)
	return f, err
}

// Close closes the file, and removes it if it was made of standard input.
func (f *rowsFile) Close() error {
	if f.File == nil {
		return nil
	}
	err := f.File.Close()
	if f.temporary {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

func (f *rowsFile) rewind() error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// fraction is how much of the file was read, from 0 to 1.
func (f *rowsFile) fraction() float64 {
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil || f.size == 0 {
		return 0 // it will be said elsewhere
	}
	return float64(at) / float64(f.size)
}
